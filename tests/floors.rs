//! The house as `lib.rs` draws it: rooms import from lower floors only, and some crates live in one room.

use std::fs;
use std::path::{Path, PathBuf};

use gatepost::FLOORS;

/// Crates that appear in exactly one room (or file).
const AT_HOME: &[(&str, &[&str])] = &[
    ("miette", &["render/human.rs", "render/human/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("gix", &["git/"]),
    ("saphyr_parser", &["syntax/yaml.rs", "syntax/yaml/"]),
    ("jsonc_parser", &["syntax/json.rs", "syntax/json/"]),
    ("hcl_edit", &["syntax/hcl.rs", "syntax/hcl/"]),
    ("ignore", &["source/walk.rs", "source/walk/", "settings/paths.rs"]),
    // Patterns from rules, those that Terraform's functions are given, and those of web servers: each with its own limits.
    (
        "regex_automata",
        &[
            "secret/pattern.rs",
            "iac/terraform/functions/regex.rs",
            "policy/path_glob.rs",
            "policy/pattern.rs",
            "policy/serves/pattern.rs",
            "settings/pattern.rs",
        ],
    ),
    ("rawzip", &["container/zip.rs", "container/tests.rs"]),
    ("tar", &["container/tarball.rs", "container/tests.rs"]),
    ("bzip2", &["container/compressed.rs", "container/tests.rs"]),
    ("lzma_rust2", &["container/compressed.rs"]),
    ("ruzstd", &["container/compressed.rs", "container/tests.rs"]),
    ("jiff", &["iac/terraform/functions/time.rs"]),
];

fn sources(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

#[test]
fn rooms_import_from_lower_floors_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 10, "the sources are where this test looks");
    let mut wrong = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).expect("under src").to_string_lossy().replace('\\', "/");
        let room = path.split('/').next().expect("a part").trim_end_matches(".rs");
        let text = fs::read_to_string(&file).expect("UTF-8");
        // A link in a comment is no import.
        let text: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
        for (krate, homes) in AT_HOME {
            if text.contains(&format!("{krate}::")) && !homes.iter().any(|home| path.starts_with(home)) {
                wrong.push(format!("{path} uses {krate}, which lives in {homes:?}"));
            }
        }
        let Some(own) = floor(room) else {
            assert!(matches!(room, "main" | "lib"), "{path}: `{room}` is on no floor of lib.rs");
            continue;
        };
        for used in text.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let Some(theirs) = floor(&used) else { continue };
            if used != room && theirs >= own {
                wrong.push(format!("{path} (floor {own}) uses {used} (floor {theirs})"));
            }
        }
    }
    for (room, _) in FLOORS {
        assert!(root.join(room).is_dir() || root.join(format!("{room}.rs")).is_file(), "`{room}` is drawn, and nobody lives there");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
