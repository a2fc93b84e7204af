//! Files on disk, through the binary: what is looked at, in every encoding, and how it is counted.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

use support::{command, credentials, finish, gatepost, git, made, places, write};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_key_is_found_masked_and_counted() {
    let dir = scratch();
    write(dir.path(), "conf/aws.ini", credentials(1));
    write(dir.path(), "readme.txt", "nothing\n");
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    assert_eq!(run.code, 1);
    let report = run.json();
    assert_eq!(places(&report), ["aws-access-key conf/aws.ini:2:21"]);
    let (id, secret) = (made("aws-key-id", 1), made("aws-secret", 1));
    let human = gatepost(dir.path(), &["scan"]);
    for output in [&run.stdout, &run.stderr, &human.stdout, &human.stderr] {
        assert!(!output.contains(&id) && !output.contains(&secret));
    }
    assert!(human.stdout.contains(&id[..4]) && human.stdout.contains(&id[16..]), "{}", human.stdout);
    let counts = &report["counts"];
    assert_eq!((counts["inputs"].as_u64(), counts["scanned"].as_u64(), counts["failed"].as_u64()), (Some(2), Some(2), Some(0)));
    assert_eq!(report["findings"][0]["related"].as_array().map(Vec::len), Some(1), "the secret, in the same finding");
}

#[test]
fn clean_is_zero_and_a_folder_that_is_not_there_is_usage() {
    let dir = scratch();
    assert_eq!(gatepost(dir.path(), &["scan"]).code, 0);
    let run = gatepost(dir.path(), &["scan", "nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere") && run.stderr.contains("help:"), "{}", run.stderr);
}

#[test]
fn hidden_files_are_scanned_and_a_git_database_is_not() {
    let dir = scratch();
    write(dir.path(), ".hidden/.config", credentials(2));
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), ".git/leak.ini", credentials(3));
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    assert_eq!(places(&report), ["aws-access-key .hidden/.config:2:21"]);
}

#[test]
fn a_tracked_file_is_scanned_though_an_ignore_rule_names_it() {
    let dir = scratch();
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), ".gitignore", "*.ini\nbuild/\n");
    write(dir.path(), "tracked.ini", credentials(4));
    write(dir.path(), "build/deep/tracked.txt", credentials(5));
    git(dir.path(), &["add", "-f", "."]);
    write(dir.path(), "untracked.ini", credentials(6));
    write(dir.path(), "build/other.txt", credentials(7));
    write(dir.path(), "sub/.gitignore", "!kept.ini\n");
    write(dir.path(), "sub/kept.ini", credentials(8));
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    let wanted = ["build/deep/tracked.txt", "sub/kept.ini", "tracked.ini"].map(|p| format!("aws-access-key {p}:2:21"));
    assert_eq!(places(&report), wanted);
    assert_eq!(report["counts"]["skipped"]["ignored"], 2, "{}", report["counts"]);
    let all = gatepost(dir.path(), &["scan", "--no-ignore", "--format", "json"]).json();
    assert_eq!(places(&all).len(), 5);
    let below = gatepost(&dir.path().join("build"), &["scan", "--format", "json"]).json();
    assert_eq!(places(&below), ["aws-access-key deep/tracked.txt:2:21"], "from a folder below the top");
}

#[test]
fn ignore_files_of_others_do_not_count() {
    let dir = scratch();
    write(dir.path(), ".gitignore", "*\n");
    let repo = dir.path().join("repo");
    fs::create_dir(&repo).expect("made");
    git(&repo, &["init", "-q"]);
    write(&repo, "leak.ini", credentials(9));
    assert_eq!(gatepost(&repo, &["scan"]).code, 1, "a parent's");
    assert_eq!(gatepost(dir.path(), &["scan"]).code, 1, "outside of a repository");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_special_files_are_not_opened() {
    let dir = scratch();
    let outside = scratch();
    write(outside.path(), "leak.ini", credentials(10));
    std::os::unix::fs::symlink(outside.path(), dir.path().join("folder")).expect("linked");
    std::os::unix::fs::symlink(outside.path().join("leak.ini"), dir.path().join("file.ini")).expect("linked");
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).expect("linked");
    assert!(std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status().expect("mkfifo").success());
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let counts = &run.json()["counts"];
    assert_eq!((run.code, counts["inputs"].as_u64()), (0, Some(4)));
    assert_eq!((&counts["skipped"]["link"], &counts["skipped"]["special"]), (&3.into(), &1.into()));
}

#[test]
fn excluded_files_are_counted() {
    let dir = scratch();
    write(dir.path(), "vendor/x/leak.ini", credentials(11));
    write(dir.path(), "a.min.js", credentials(12));
    let run = gatepost(dir.path(), &["scan", "--exclude", "vendor/**", "--exclude", "*.min.js", "--format", "json"]);
    assert_eq!((run.code, places(&run.json()).len()), (0, 0));
    assert!(run.json()["counts"]["skipped"]["excluded"].as_u64() >= Some(2));
}

/// Twelve encodings, three positions: the same leak at the same line and column.
#[test]
fn every_encoding_and_position_shows_the_same_leak() {
    type Encode = fn(&str) -> Vec<u8>;
    let dir = scratch();
    let encodings: [(&str, Encode); 12] = [
        ("utf8", |t| t.as_bytes().to_vec()),
        ("utf8-bom", |t| [b"\xEF\xBB\xBF", t.as_bytes()].concat()),
        ("utf8-crlf", |t| t.replace('\n', "\r\n").into_bytes()),
        ("utf16le-bom", |t| std::iter::once(0xFEFF).chain(t.encode_utf16()).flat_map(u16::to_le_bytes).collect()),
        ("utf16be-bom", |t| std::iter::once(0xFEFF).chain(t.encode_utf16()).flat_map(u16::to_be_bytes).collect()),
        ("utf16le", |t| t.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf16be", |t| t.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("utf32le-bom", |t| std::iter::once('\u{FEFF}').chain(t.chars()).flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        ("utf32be-bom", |t| std::iter::once('\u{FEFF}').chain(t.chars()).flat_map(|c| u32::from(c).to_be_bytes()).collect()),
        ("utf32le", |t| t.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        ("latin1", |t| [b"\xE9\xE8 = \xFF\n".as_slice(), t.as_bytes()].concat()),
        ("nul", |t| [b"# \0\0\0 binary \0\n".as_slice(), t.as_bytes()].concat()),
    ];
    let filler = "# an ordinary line of settings, and a few more words\n".repeat(400);
    let leak = credentials(13);
    for (name, encode) in encodings {
        for (place, text) in [
            ("start", format!("{leak}{filler}")),
            ("middle", format!("{filler}{leak}{filler}")),
            ("end", format!("{filler}{}", leak.trim_end())),
        ] {
            write(dir.path(), &format!("{name}-{place}.ini"), encode(&text));
        }
    }
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    let mut missing = Vec::new();
    for (name, _) in encodings {
        let before = u32::from(matches!(name, "latin1" | "nul"));
        for (place, line) in [("start", 2 + before), ("middle", 402 + before), ("end", 402 + before)] {
            let wanted = format!("aws-access-key {name}-{place}.ini:{line}:21");
            if !places(&report).contains(&wanted) {
                missing.push(wanted);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}\n{:#?}", places(&report));
}

#[test]
fn a_long_line_is_streamed_and_its_key_found_at_every_seam() {
    let dir = scratch();
    let (id, step) = (made("aws-key-id", 14), 4 << 20);
    let file = write(dir.path(), "one-line.txt", "");
    let mut out = std::io::BufWriter::new(fs::File::create(&file).expect("made"));
    let mut written = 0usize;
    let mut columns = Vec::new();
    for target in [step - 10, step + (128 << 10) - 5, 2 * step, 4 * step + 7, 18 << 20] {
        let pad = target - written;
        std::io::copy(&mut std::io::repeat(b' ').take(pad as u64), &mut out).expect("written");
        columns.push(target + 1);
        out.write_all(id.as_bytes()).expect("written");
        written = target + id.len();
    }
    out.flush().expect("written");
    drop(out);
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    let finding = &report["findings"][0];
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "one secret in one input");
    assert_eq!((finding["start"]["line"].as_u64(), finding["start"]["column"].as_u64()), (Some(1), Some(columns[0] as u64)));
    assert_eq!(report["counts"]["bytes"].as_u64(), Some(written as u64));
    assert!(finding["excerpt"].to_string().len() < 10_000, "an excerpt is bounded");
}

/// A token, an encoded token and a pair around each seam of a file that is read in windows; each seam is somewhere else in them.
#[test]
fn what_a_seam_of_a_large_file_cuts_is_found_once_at_its_line() {
    const SEAM: usize = 4 << 20;
    let dir = scratch();
    let (mut text, mut wanted, mut secrets) = (String::with_capacity(21 << 20), Vec::new(), Vec::new());
    let fill = |text: &mut String, until: usize| {
        let line = "nothing to see on this line either, nor on the next one of them\n";
        text.push_str(&line.repeat((until - text.len()) / line.len()));
        text.push_str(&"-".repeat(until - text.len()));
    };
    for seam in 1..=5u64 {
        let encoded = data_encoding::BASE64.encode(format!("export GITHUB_TOKEN={}\n", made("github-token", seam + 100)).as_bytes());
        let (id, secret) = (made("aws-key-id", seam), made("aws-secret", seam));
        let block =
            format!("\nt = {}\ndata: {encoded}\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n", made("github-token", seam));
        // Where the seam is: in the token, in what is encoded, in the id, in its secret, and between the two.
        let number = usize::try_from(seam).expect("small");
        let cuts = [&block[10..20], &encoded[20..40], &id[5..15], &secret[15..25], "\naws_secret_access_key"];
        let cut = cuts[number - 1];
        let begins = number * SEAM - block.find(cut).expect("there") - cut.len() / 2;
        fill(&mut text, begins);
        let line = text.matches('\n').count() + 2;
        let column = "data: ".len() + 1 + 24; // where what reads as the token begins
        wanted.push(format!("github-token large.txt:{line}:5"));
        wanted.push(format!("github-token large.txt:{}:{column}", line + 1));
        wanted.push(format!("aws-access-key large.txt:{}:21", line + 2));
        text.push_str(&block);
        secrets.push(secret);
    }
    fill(&mut text, 21 << 20);
    write(dir.path(), "large.txt", &text);
    let run = gatepost(dir.path(), &["scan", "--isolated", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, places(&report)), (1, wanted));
    let findings = report["findings"].as_array().expect("a list");
    for finding in findings.iter().filter(|f| f["rule"] == "aws-access-key") {
        let (id, secret) = (&finding["start"]["line"], &finding["related"][0]["start"]["line"]);
        assert_eq!(secret.as_u64(), id.as_u64().map(|line| line + 1), "{finding}");
    }
    assert_eq!(report["counts"]["scanned"].as_u64(), Some(1));
    let shown = secrets.iter().find(|secret| run.stdout.contains(&secret[..20]) || run.stdout.contains(&secret[20..]));
    assert_eq!(shown, None, "no half of a secret is shown");
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let dir = scratch();
    let mut child = command(dir.path(), &["scan", "-", "--stdin-filename", "a/b.ini", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    child.stdin.take().expect("piped").write_all(credentials(15).as_bytes()).expect("written");
    let run = finish(child.wait_with_output().expect("ends"));
    assert_eq!((run.code, places(&run.json())), (1, vec!["aws-access-key a/b.ini:2:21".to_owned()]));
}

#[test]
fn one_thread_or_many_the_same_bytes_in_every_format() {
    let dir = scratch();
    for n in 0..60 {
        write(dir.path(), &format!("d{}/f{n}.ini", n % 7), credentials(n / 2));
    }
    for format in ["human", "concise", "json"] {
        let one = gatepost(dir.path(), &["scan", "--threads", "1", "--format", format]);
        for threads in ["2", "8"] {
            assert_eq!(one.stdout, gatepost(dir.path(), &["scan", "--threads", threads, "--format", format]).stdout);
        }
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    let dir = scratch();
    for n in 0..50 {
        write(dir.path(), &format!("f{n}.ini"), credentials(n));
    }
    let mut child = command(dir.path(), &["scan"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()), (Some(1), String::new()));
}

#[test]
fn an_unreadable_file_makes_the_scan_incomplete() {
    let dir = scratch();
    let file = write(dir.path(), "huge.bin", "");
    // Sparse: five gigabytes that take no room, over what a span can hold.
    fs::OpenOptions::new().write(true).open(&file).expect("opened").set_len(0).expect("set");
    write(dir.path(), "broken.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \n");
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, &report["complete"]), (3, &false.into()), "{report:#}");
    assert_eq!(report["troubles"][0]["path"], "broken.tf");
    let counts = &report["counts"];
    assert_eq!((counts["inputs"].as_u64(), counts["scanned"].as_u64(), counts["failed"].as_u64()), (Some(2), Some(1), Some(1)));
    assert_eq!(gatepost(dir.path(), &["scan", "--incomplete", "warn"]).code, 0);
}

#[test]
fn severity_and_selection_decide_what_fails() {
    let dir = scratch();
    write(dir.path(), "aws.ini", credentials(16));
    assert_eq!(gatepost(dir.path(), &["scan", "--ignore", "aws"]).code, 0);
    assert_eq!(gatepost(dir.path(), &["scan", "--select", "github-token"]).code, 0);
    assert_eq!(gatepost(dir.path(), &["scan", "--select", "aws-access-key", "--fail-on", "critical"]).code, 1);
    let run = gatepost(dir.path(), &["scan", "--select", "aws-acces-key"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `aws-access-key`?"), "{}", run.stderr);
    let run = gatepost(dir.path(), &["scan", "--fail-on", "hgih"]);
    assert!(run.code == 2 && run.stderr.contains("`high`"), "{}", run.stderr);
}

#[test]
fn a_report_in_a_file_is_whole_and_one_that_cannot_be_written_is_told() {
    let dir = scratch();
    write(dir.path(), "aws.ini", credentials(17));
    let run = gatepost(dir.path(), &["scan", "--output", "json=out.json", "--output", "concise=out.txt"]);
    assert_eq!(run.code, 1);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(dir.path().join("out.json")).expect("there")).expect("JSON");
    assert_eq!(json["schema_version"], 1);
    assert!(fs::read_to_string(dir.path().join("out.txt")).expect("there").starts_with("aws.ini:2:21: critical aws-access-key "));
    assert_eq!(gatepost(dir.path(), &["scan", "--output", "json=no/such/folder/out.json"]).code, 4);
}

#[cfg(unix)]
#[test]
fn neither_a_name_nor_a_content_can_repaint_a_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let dir = scratch();
    let names: [&[u8]; 4] = [b"a\x1b[2J\xe2\x80\xae.ini", b"::error::forged\n::warning::x.ini", b"not-utf8-\xff.ini", b"-rf.ini"];
    for name in names {
        let text = format!("x = \"\x1b]0;owned\x07 {}\" \x1b[31m \u{202e}\r::error::y\n", made("aws-key-id", 20));
        fs::write(dir.path().join(std::ffi::OsStr::from_bytes(name)), text).expect("written");
    }
    for args in [["scan", "--color", "always"].as_slice(), &["scan", "--color", "never"], &["scan", "--format=concise"]] {
        let run = gatepost(dir.path(), args);
        assert_eq!(run.code, 1);
        // Our own colours are `ESC [ digits m`; nothing else may begin with ESC.
        let foreign = run.stdout.split('\x1b').skip(1).any(|rest| {
            let rest = rest.trim_start_matches(|c: char| c == '[' || c == ';' || c.is_ascii_digit());
            !args.contains(&"always") || !rest.starts_with('m')
        });
        assert!(!foreign, "{}", run.stdout.escape_debug());
        assert!(!run.stdout.contains(['\u{202e}', '\x07', '\r']), "{}", run.stdout.escape_debug());
        assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", run.stdout.escape_debug());
    }
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    let paths: Vec<_> =
        report["findings"].as_array().expect("a list").iter().map(|f| f["path"].as_str().expect("text").to_owned()).collect();
    assert!(paths.iter().any(|p| p.contains("::error::forged\n")), "JSON carries the name as it is: {paths:?}");
}

#[test]
fn a_rule_that_pairs_does_so_when_it_is_selected_alone() {
    let dir = scratch();
    let far = format!(
        "[p]\naws_access_key_id = {}\n{}aws_secret_access_key = {}\n",
        made("aws-key-id", 30),
        "a = b\n".repeat(30),
        made("aws-secret", 30)
    );
    write(dir.path(), "credentials", far);
    let report = gatepost(dir.path(), &["scan", "--select", "aws-access-key", "--format", "json"]).json();
    assert_eq!((places(&report).len(), &report["findings"][0]["severity"]), (1, &"critical".into()), "{report:#}");
}

#[test]
fn a_file_made_of_keys_is_told_in_part_and_masked_in_whole() {
    let dir = scratch();
    let ids: Vec<String> = (0..1500).map(|seed| made("aws-key-id", 100 + seed)).collect();
    write(dir.path(), "keys.txt", ids.join("\n"));
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let report = run.json();
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1000));
    assert!(report["troubles"][0]["message"].as_str().is_some_and(|m| m.starts_with("500 more")), "{}", report["troubles"]);
    let human = gatepost(dir.path(), &["scan"]).stdout;
    for id in ids {
        assert!(!run.stdout.contains(&id) && !human.contains(&id));
    }
}

const PUBLIC: &str = "resource \"aws_s3_bucket_acl\" \"b\" {\n  bucket = \"b\"\n  acl    = \"public-read\"\n}\n";

#[test]
fn a_terraform_file_is_judged_by_itself_in_a_folder_and_piped() {
    let dir = scratch();
    write(dir.path(), "a/main.tf", PUBLIC);
    write(dir.path(), "a/other.tf", PUBLIC.replace("\"b\" {", "\"c\" {"));
    let found = |args: &[&str]| places(&gatepost(dir.path(), args).json());
    assert_eq!(found(&["scan", "a/main.tf", "--format", "json"]), ["s3-public-acl a/main.tf:3:12"], "and not its neighbour's");
    assert_eq!(found(&["scan", "a", "--format", "json"]).len(), 2);
    assert_eq!(places(&gatepost(&dir.path().join("a"), &["scan", "main.tf", "--format", "json"]).json()), ["s3-public-acl main.tf:3:12"]);
    let mut child = command(dir.path(), &["scan", "-", "--stdin-filename", "x/main.tf", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    child.stdin.take().expect("piped").write_all(PUBLIC.as_bytes()).expect("written");
    assert_eq!(places(&finish(child.wait_with_output().expect("ends")).json()), ["s3-public-acl x/main.tf:3:12"]);
}

#[test]
fn an_excluded_neighbour_fails_nothing_and_counts_add_up() {
    let dir = scratch();
    write(dir.path(), "main.tf", PUBLIC.replace("public-read", "private"));
    write(dir.path(), "broken.tf", format!("{PUBLIC}resource \"aws_s3_bucket\" {{{{{{"));
    let run = gatepost(dir.path(), &["scan", "--exclude", "broken.tf", "--format", "json"]);
    let counts = &run.json()["counts"];
    assert_eq!((run.code, &counts["scanned"], &counts["failed"], &counts["inputs"]), (0, &1.into(), &0.into(), &2.into()), "{counts}");
    let whole = gatepost(dir.path(), &["scan", "--format", "json"]);
    let report = whole.json();
    assert_eq!((whole.code, &report["troubles"][0]["path"]), (1, &"broken.tf".into()), "what parsed of it is judged, and the rest told");
}

#[test]
fn what_is_too_large_to_be_judged_as_a_whole_is_told() {
    let dir = scratch();
    write(dir.path(), ".npmrc", "# a comment\n".repeat(5_700_000));
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, report["troubles"][0]["path"].as_str()), (3, Some(".npmrc")), "{report:#}");
    assert_eq!((&report["counts"]["scanned"], &report["counts"]["failed"]), (&0.into(), &1.into()));
}

#[test]
fn a_large_credential_file_is_judged() {
    let dir = scratch();
    let password = made("alnum-20", 7);
    let row = |number: u32| format!("INSERT INTO users (id, name, password) VALUES ({number}, 'joe', '{password}');\n");
    write(dir.path(), "dump.sql", (0..250_000).map(row).collect::<String>());
    write(dir.path(), ".npmrc", format!("{}//npm.acme.io/:_password={}\n", "# a comment\n".repeat(1_500_000), made("base64-key-32", 8)));
    let run = gatepost(dir.path(), &["scan", "--select", "sql-dump-file,npmrc-file", "--format", "json"]);
    assert_eq!(places(&run.json()), ["npmrc-file .npmrc:1500001:26", "sql-dump-file dump.sql:1:59"], "in one piece, and in windows");
    assert_eq!(run.code, 1);
}

#[test]
fn a_flag_that_would_do_nothing_is_refused() {
    let dir = scratch();
    for args in [["scan", "--staged", "--max-file-size", "1"], ["scan", "--history", "--no-ignore", "x"]] {
        let run = gatepost(dir.path(), &args);
        assert!(run.code == 2 && run.stderr.contains("cannot be used with"), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn an_ignore_speaks_for_its_own_line_only() {
    let dir = scratch();
    let id = made("aws-key-id", 40);
    write(dir.path(), "a.txt", format!("{id} # gatepost: ignore[aws-access-key] a test\n\n\n\nprod = \"{id}\"\n"));
    let env =
        format!("A_TOKEN={} # gatepost: ignore[dotenv-file] a test\nDB_PASSWORD={}\n", made("aws-secret", 41), made("aws-secret", 42));
    write(dir.path(), ".env", env);
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let states: Vec<_> = run.json()["findings"].as_array().expect("a list").iter().map(|f| f["state"].to_string()).collect();
    assert_eq!((run.code, states.as_slice()), (1, ["\"active\"".to_owned(), "\"active\"".to_owned()].as_slice()));
}

#[test]
fn what_nobody_asked_for_is_masked_all_the_same() {
    let dir = scratch();
    let (id, one, two) = (made("aws-key-id", 43), made("aws-secret", 44), made("aws-secret", 45));
    write(dir.path(), "a.ini", format!("aws_secret_access_key = {one}\nx={id}\naws_secret_access_key = {two}\n"));
    let percent = |text: &str| text.replace('/', "%2F").replace('+', "%2B");
    write(dir.path(), "b.ini", format!("aws_secret_access_key = {one}\n# {} {}\n", percent(&one), one.replace('/', "\\/")));
    for select in ["aws-access-key", "aws-secret-access-key", "aws"] {
        for format in ["human", "json"] {
            let out = gatepost(dir.path(), &["scan", "--select", select, "--format", format]).stdout;
            for secret in [id.clone(), one.clone(), two.clone(), percent(&one), one.replace('/', "\\/")] {
                assert!(!out.contains(&secret), "--select {select}, {format}");
            }
        }
    }
}

#[test]
fn a_module_that_calls_itself_has_an_end() {
    let dir = scratch();
    let call = |n: u32| format!("module \"m{n}\" {{\n  source = \"./\"\n}}\n");
    write(dir.path(), "main.tf", format!("{}{}{}{PUBLIC}", call(1), call(2), call(3)));
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    assert_eq!(places(&report), ["s3-public-acl main.tf:12:12"]);
}
