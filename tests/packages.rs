//! What packages are made of: pages for man(1), completions, and one version in every file that names it.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use support::{command, finish, gatepost, write};

/// The commands under one, as `--help` lists them.
fn commands(words: &[&str]) -> Vec<String> {
    let help = gatepost(Path::new("."), &[words, &["--help"]].concat()).stdout;
    let list = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap_or_default());
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn titles(words: &[&str], all: &mut BTreeSet<String>) {
    all.insert(format!("{}.1", [&["gatepost"], words].concat().join("-")));
    for name in commands(words) {
        titles(&[words, &[name.as_str()]].concat(), all);
    }
}

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("pages").map(|e| e.expect("an entry").path());
    entries.map(|p| (p.file_name().expect("a name").to_string_lossy().into_owned(), fs::read_to_string(&p).expect("text"))).collect()
}

#[test]
fn every_command_has_a_page_for_man() {
    let dir = tempfile::tempdir().expect("a folder");
    let run =
        finish(command(dir.path(), &["generate", "man", "--to", "dated"]).env("SOURCE_DATE_EPOCH", "1700000000").output().expect("runs"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = finish(command(dir.path(), &["generate", "man"]).env_remove("SOURCE_DATE_EPOCH").output().expect("runs"));
    assert_eq!(run.code, 0, "{}", run.stderr);

    let mut wanted = BTreeSet::new();
    titles(&[], &mut wanted);
    assert!(wanted.len() > 25 && wanted.contains("gatepost-hook-install.1"), "{wanted:?}");
    let (plain, dated) = (pages(&dir.path().join("man")), pages(&dir.path().join("dated")));
    assert_eq!(plain.keys().cloned().collect::<BTreeSet<_>>(), wanted);
    for (name, text) in &plain {
        let title = name.trim_end_matches(".1").to_uppercase();
        let head = |date: &str| format!(".TH {title} 1 \"{date}\" \"gatepost {}\" \"gatepost\"\n", env!("CARGO_PKG_VERSION"));
        assert!(text.starts_with(&head("")), "{name}: {text}");
        // The date is all that the time changes.
        assert_eq!(dated[name], text.replacen(&head(""), &head("2023-11-14"), 1), "{name}");
    }
    let scan = &plain["gatepost-scan.1"];
    assert!(scan.contains("\n\\fB\\-\\-staged\\fR\n"), "{scan}");
    let top = &plain["gatepost.1"];
    assert!(top.contains("\n\\fBgatepost\\-scan\\fR(1),\n"), "{top}");
}

#[test]
fn every_shell_gets_a_script() {
    for (shell, has) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef gatepost"),
        ("fish", "complete -c gatepost"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let run = gatepost(Path::new("."), &["generate", "completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {}", run.stderr);
        assert!(run.stdout.contains(has) && run.stdout.contains("--staged"), "{shell}");
    }
    assert_eq!(gatepost(Path::new("."), &["generate", "completions", "tcsh"]).code, 2);
}

/// A real bash reads the script and completes with it.
#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "gatepost.bash", &gatepost(dir.path(), &["generate", "completions", "bash"]).stdout);
    let ask = |words: &[&str]| -> Vec<String> {
        let script = r#"source ./gatepost.bash
            complete -p gatepost | grep -q -- '-F _gatepost ' || exit 9
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _gatepost gatepost "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}""#;
        let output =
            Command::new("bash").current_dir(dir.path()).args(["--norc", "-c", script, "bash"]).args(words).output().expect("bash");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
    };
    assert_eq!(ask(&["gatepost", "sc"]), ["scan"]);
    assert_eq!(ask(&["gatepost", "scan", "--stag"]), ["--staged"]);
    assert_eq!(ask(&["gatepost", "hook", "ins"]), ["install"]);
    assert_eq!(ask(&["gatepost", "--color", "ne"]), ["never"]);
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn toml(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_file_names_the_same_version() {
    let version = env!("CARGO_PKG_VERSION");
    // pre-commit installs the repository: its package has no code, and asks for the wheel of this version.
    let hooks = toml("pyproject.toml");
    assert_eq!(hooks["project"]["version"].as_str(), Some(version));
    assert_eq!(hooks["project"]["dependencies"].as_array(), Some(&vec![format!("gatepost=={version}").into()]));
    // The wheel has the version of Cargo.toml, and none of its own beside it.
    let wheel = toml("packaging/pypi/pyproject.toml");
    assert_eq!(wheel["project"]["dynamic"].as_array(), Some(&vec!["version".into(), "readme".into()]));
    assert!(wheel["project"].get("version").is_none());
    assert_eq!(wheel["tool"]["maturin"]["manifest-path"].as_str(), Some("../../Cargo.toml"));
    for (key, value) in [("description", env!("CARGO_PKG_DESCRIPTION")), ("license", env!("CARGO_PKG_LICENSE"))] {
        assert_eq!(wheel["project"][key].as_str(), Some(value), "{key}");
    }
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        assert!(read(license) == read(&format!("packaging/pypi/{license}")), "{license} of the wheel is another");
    }
    // Programs that the action may download are of the version that it is.
    for row in read("action/checksums.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (digest, name) = row.split_once("  ").unwrap_or_else(|| panic!("{row}"));
        assert!(digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{row}");
        let target = name.strip_prefix(&format!("gatepost-{version}-")).and_then(|rest| rest.strip_suffix(".tar.gz"));
        assert!(target.is_some_and(|target| read(".github/workflows/release.yml").contains(target)), "no release of this version: {row}");
    }
}

#[test]
fn every_file_names_the_same_owner() {
    let repository = env!("CARGO_PKG_REPOSITORY");
    assert_eq!(env!("CARGO_PKG_HOMEPAGE"), repository);
    let owner = repository.strip_prefix("https://github.com/").and_then(|rest| rest.strip_suffix("/gatepost")).expect("OWNER/gatepost");
    let mut files: Vec<String> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "pyproject.toml", "packaging/pypi/pyproject.toml"].map(str::to_owned).into();
    let docs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).expect("docs").map(|e| e.expect("an entry").path());
    let docs = docs.filter(|path| path.extension().is_some_and(|e| e == "md"));
    files.extend(docs.map(|path| format!("docs/{}", path.file_name().expect("a name").to_string_lossy())));
    let mut named = 0;
    for file in files {
        let text = read(&file);
        for before in ["github.com/", "uses: ", "--repo "] {
            for rest in text.split(before).skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-/_.".contains(c)).unwrap_or(rest.len());
                if let Some((whose, name)) = rest.get(..end).and_then(|path| path.split_once('/'))
                    && name.split('/').next() == Some("gatepost")
                {
                    assert_eq!(whose, owner, "{file}: Cargo.toml says whose the repository is");
                    named += 1;
                }
            }
        }
    }
    assert!(named > 2, "they are named where this test looks: {named}");
}

#[test]
fn a_hook_for_each_way_to_install_it() {
    let hooks = read(".pre-commit-hooks.yaml");
    let all: Vec<(&str, &str)> = hooks
        .split("- id: ")
        .skip(1)
        .map(|hook| {
            let line = |key: &str| hook.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap_or_default();
            (hook.lines().next().unwrap_or_default(), line("language: "))
        })
        .collect();
    let wanted = [
        ("gatepost", "python"),
        ("gatepost-src", "rust"),
        ("gatepost-system", "system"),
        ("gatepost-commit-msg", "system"),
        ("gatepost-push", "system"),
    ];
    assert_eq!(all, wanted);
    let described = read("docs/hooks.md");
    for (id, _) in wanted {
        assert!(described.contains(&format!("`{id}`")), "docs/hooks.md does not tell of {id}");
    }
}
