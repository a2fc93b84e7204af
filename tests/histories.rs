//! `--history` through the binary: what a finding says of its time, the inventory, limits, several repositories, what is kept
//! between scans.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{command, credentials, finish, gatepost, git, made, write};

fn repository(folder: &Path) {
    fs::create_dir_all(folder).expect("made");
    git(folder, &["init", "-q"]);
}

fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

fn scan(folder: &Path, more: &[&str]) -> Value {
    let run = gatepost(folder, &[&["scan", "--history", "--format", "json"], more].concat());
    assert!(run.code <= 1, "{} {}", run.code, run.stderr);
    run.json()
}

fn paths(report: &Value) -> Vec<&str> {
    report["findings"].as_array().expect("a list").iter().map(|f| f["path"].as_str().expect("a path")).collect()
}

#[test]
fn versions_of_a_file_are_one_finding_with_all_of_its_time() {
    let dir = tempfile::tempdir().expect("a folder");
    repository(dir.path());
    write(dir.path(), "conf.ini", credentials(1));
    let first = commit(dir.path(), "one");
    write(dir.path(), "conf.ini", format!("# more\n{}", credentials(1)));
    commit(dir.path(), "two");
    write(dir.path(), "other.txt", "x\n");
    let last = commit(dir.path(), "three");
    fs::remove_file(dir.path().join("conf.ini")).expect("removed");
    commit(dir.path(), "gone");
    let report = scan(dir.path(), &[]);
    assert_eq!(paths(&report), ["conf.ini"]);
    let finding = &report["findings"][0];
    assert!(finding["message"].as_str().expect("a text").ends_with("(and in 1 other version of the file)"), "{finding}");
    let exposure = &finding["exposure"];
    assert_eq!((&exposure["first"]["commit"], &exposure["last"]["commit"]), (&json!(first), &json!(last)));
    assert_eq!((&exposure["first"]["author"], &exposure["still_in"]), (&json!("t <t@example.invalid>"), &Value::Null));
    let row = &report["inventory"][0];
    assert_eq!((&row["kind"], &row["places"], &row["in_head"]), (&json!("AWS access key"), &json!(["conf.ini"]), &json!(false)));
    assert_eq!(row["account"].as_str().map(str::len), Some(12), "{row}");
    let human = gatepost(dir.path(), &["scan", "--history"]).stdout;
    assert!(human.contains("1 credential to rotate, 0 of them still in HEAD: `--format inventory` lists them"), "{human}");
    assert!(human.contains("in no ref any more"), "{human}");
}

/// Counted once each: the same key in three files and a message is one credential.
#[test]
fn the_inventory_has_each_credential_once() {
    let dir = tempfile::tempdir().expect("a folder");
    repository(dir.path());
    for name in ["a.ini", "b/c.ini", "d.ini"] {
        // The same bytes would be one blob, which is told by its first name.
        write(dir.path(), name, format!("# {name}\n{}", credentials(3)));
    }
    write(dir.path(), "e.ini", credentials(4));
    commit(dir.path(), &format!("with {}", made("aws-key-id", 3)));
    let report = scan(dir.path(), &[]);
    let rows = report["inventory"].as_array().expect("a list");
    assert_eq!(rows.len(), 2, "{rows:#?}");
    let mut places: Vec<usize> = rows.iter().map(|row| row["places"].as_array().expect("a list").len()).collect();
    places.sort_unstable();
    // Three files, a message, and what git keeps of that: the message that was begun, and two reflogs.
    assert_eq!(places, [1, 7], "{rows:#?}");
    assert!(rows.iter().all(|row| row["in_head"] == true && row["exposure"]["still_in"] == "HEAD"), "{rows:#?}");
    let text = gatepost(dir.path(), &["scan", "--history", "--format", "inventory"]).stdout;
    assert!(text.contains("2 credentials to rotate, 2 of them still in HEAD\n"), "{text}");
    for seed in [3, 4] {
        assert!(!text.contains(&made("aws-key-id", seed)) && !text.contains(&made("aws-secret", seed)));
    }
}

/// Infrastructure code is judged as HEAD has it, with its ignores; what was repaired is not told.
#[test]
fn infrastructure_is_asked_of_head() {
    let dir = tempfile::tempdir().expect("a folder");
    repository(dir.path());
    let bucket = |name: &str, acl: &str| format!("resource \"aws_s3_bucket_acl\" \"{name}\" {{\n  bucket = \"b\"\n  acl = \"{acl}\"\n}}\n");
    write(dir.path(), "old.tf", bucket("old", "public-read"));
    write(dir.path(), "kept.tf", bucket("kept", "public-read"));
    write(dir.path(), "said.tf", format!("# gatepost: ignore[s3-public-acl] a website\n{}", bucket("said", "public-read")));
    commit(dir.path(), "one");
    write(dir.path(), "old.tf", bucket("old", "private"));
    let head = commit(dir.path(), "two");
    let report = scan(dir.path(), &["--select", "s3-public-acl"]);
    let told: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| (f["path"].as_str().expect("a path"), f["state"].as_str().expect("a state"), f["origin"]["commit"].as_str()))
        .collect();
    assert_eq!(told, [("kept.tf", "active", Some(head.as_str())), ("said.tf", "suppressed", Some(head.as_str()))]);
}

#[test]
fn an_excluded_name_hides_no_other() {
    let dir = tempfile::tempdir().expect("a folder");
    repository(dir.path());
    write(dir.path(), "vendor/a.ini", credentials(1));
    write(dir.path(), "vendor/b.ini", credentials(2));
    commit(dir.path(), "one");
    git(dir.path(), &["mv", "vendor/a.ini", "mine.ini"]);
    let moved = commit(dir.path(), "two");
    let report = scan(dir.path(), &["--exclude", "vendor/**"]);
    assert_eq!(paths(&report), ["mine.ini"]);
    assert_eq!(report["findings"][0]["origin"]["commit"], json!(moved));
    assert_eq!(report["counts"]["skipped"], json!({"excluded": 1}));
}

#[test]
fn limits_are_taken_and_wrong_ones_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    repository(dir.path());
    write(dir.path(), "old.ini", credentials(1));
    commit(dir.path(), "one");
    write(dir.path(), "new.ini", credentials(2));
    commit(dir.path(), "two");
    assert_eq!(paths(&scan(dir.path(), &["--max-commits", "1"])), ["new.ini"]);
    assert_eq!(paths(&scan(dir.path(), &["--since", "2000-01-01", "--reachable-only"])), ["new.ini", "old.ini"]);
    assert_eq!(paths(&scan(dir.path(), &["--since", "2099-01-01"])), Vec::<&str>::new());
    for wrong in [&["--since", "soon"][..], &["--max-commits", "-1"]] {
        assert_eq!(gatepost(dir.path(), &[&["scan", "--history"], wrong].concat()).code, 2, "{wrong:?}");
    }
    assert_eq!(gatepost(dir.path(), &["scan", "--reachable-only"]).code, 2, "a limit of --history");
}

#[test]
fn several_repositories_make_one_report_each_by_its_own_policy() {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, seed) in [("one", 1), ("two", 2), ("three", 1)] {
        repository(&dir.path().join(name));
        write(&dir.path().join(name), "key.ini", credentials(seed));
        if name == "two" {
            write(&dir.path().join(name), ".gatepost.yml", "exclude: [key.ini]\n");
        }
        commit(&dir.path().join(name), "all");
    }
    let report = scan(dir.path(), &["one", "two/", "./three", "one"]);
    assert_eq!(paths(&report), ["one/key.ini", "three/key.ini"]);
    assert_eq!(report["inventory"].as_array().map(Vec::len), Some(1), "one credential in two repositories");
    let alone = scan(&dir.path().join("one"), &[]);
    assert_eq!(report["findings"][0]["fingerprint"], alone["findings"][0]["fingerprint"]);

    write(dir.path(), "list", "# ours\none\n\nnone-such\n");
    let run = gatepost(dir.path(), &["scan", "--history", "--repos-from", "list", "two", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, paths(&report), &report["complete"]), (1, vec!["one/key.ini"], &json!(false)));
    let said = report["troubles"][0]["message"].as_str().expect("a text");
    assert!(said.starts_with("none-such: ") && said.contains("takes a repository's folder"), "{said}");
    // Without a finding, what could not be looked at decides.
    assert_eq!(gatepost(dir.path(), &["scan", "--history", "two", "none-such"]).code, 3);
    assert_eq!(gatepost(dir.path(), &["scan", "--history", "none-such", "nor-this"]).code, 2);
    assert_eq!(gatepost(dir.path(), &["scan", "--history", "--repos-from", "no-list"]).code, 2);
    let mut piped = command(dir.path(), &["scan", "--history", "--repos-from", "-", "--format", "json"]);
    let mut child = piped.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), b"one\nthree\n").expect("written");
    assert_eq!(paths(&finish(child.wait_with_output().expect("it ends")).json()).len(), 2);
}

/// Versions of files with keys that come, go, move to the edges and are cut in two, in every kind of pack: what versions have in
/// common is looked at once, and the report is the same to the byte.
#[test]
fn differences_change_no_byte_of_the_report() {
    let dir = tempfile::tempdir().expect("a folder");
    let top = dir.path();
    repository(top);
    let words: Vec<String> = (0..400).map(|n| format!("line {n} token_{} password secret_key api\n", n * 7919 % 1009)).collect();
    let key = |seed| made("aws-key-id", seed);
    for round in 0..40_usize {
        let (file, at) = (round % 4, round * 37 % words.len());
        let mut lines = words.clone();
        match round % 8 {
            0 => lines[at] = format!("aws_access_key_id = {}\n", key(round as u64)),
            1 => lines.insert(0, key(round as u64)),
            2 => lines.push(key(round as u64)),
            3 => lines[at] = format!("{}\n", &key(round as u64)[..9]),
            4 => lines[at] = data_encoding::BASE64.encode(format!("key {}", key(round as u64)).as_bytes()) + "\n",
            5 => drop(lines.drain(at / 2..at)),
            6 => lines.rotate_left(at),
            _ => lines[at] = format!("github = {}\n", made("github-token", round as u64)),
        }
        write(top, &format!("f{file}.txt"), lines.concat());
        commit(top, &format!("round {round}"));
    }
    let same = |what: &str| {
        let report = |more: &[&str]| {
            let run = gatepost(top, &[&["scan", "--history", "--isolated", "--format", "json"], more].concat());
            assert_eq!(run.code, 1, "{what}: {}", run.stderr);
            run.stdout
        };
        let by_difference = report(&[]);
        assert!(by_difference == report(&["--no-delta"]), "{what}");
        assert!(by_difference == report(&["--threads", "1"]), "{what}: one thread");
        assert!(by_difference == report(&["--max-memory", "1k"]), "{what}: nothing is held");
        // Repacking leaves files of git's own, which are counted; what is found stays.
        serde_json::from_str::<Value>(&by_difference).expect("JSON")["findings"].clone()
    };
    let loose = same("loose");
    assert!(loose.to_string().matches("\"aws-access-key\"").count() >= 12, "{loose}");
    for options in [
        &["repack", "-q", "-a", "-d", "-f", "--depth=250", "--window=250"][..],
        &["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f", "--depth=50"],
        &["-c", "pack.packSizeLimit=40k", "repack", "-q", "-a", "-d", "-f", "--window=50"],
    ] {
        git(top, options);
        assert!(same(&options.join(" ")) == loose, "{options:?}");
    }
}

/// What was looked at and holds nothing is not read again: damage to it is no longer seen, and the report is the same.
#[test]
fn a_second_scan_looks_at_new_objects() {
    let dir = tempfile::tempdir().expect("a folder");
    let top = dir.path().join("repo");
    repository(&top);
    write(&top, "clean.txt", "nothing here\n");
    write(&top, "key.ini", credentials(1));
    write(&top, ".env", "PORT=80\n");
    commit(&top, "one");
    // What HEAD has is asked for resources each time.
    git(&top, &["rm", "-q", "clean.txt"]);
    commit(&top, "gone");
    let cached = |more: &[&str]| gatepost(&top, &[&["scan", "--history", "--format", "json", "--cache", "../cache"], more].concat());
    let plain = gatepost(&top, &["scan", "--history", "--format", "json"]);
    let (first, second) = (cached(&[]), cached(&[]));
    assert_eq!((&plain.stdout, &first.stdout), (&first.stdout, &second.stdout));
    let kept = fs::read_dir(dir.path().join("cache")).expect("a folder").flatten().map(|e| e.path()).collect::<Vec<_>>();
    assert_eq!(kept.len(), 1);
    let bytes = fs::read(&kept[0]).expect("a file");
    assert!(memchr::memmem::find(&bytes, b"nothing here").is_none());

    let id = git(&top, &["rev-parse", "HEAD~1:clean.txt"]);
    let object = top.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let whole = fs::read(&object).expect("loose");
    fs::remove_file(&object).expect("removed");
    fs::write(&object, b"rubbish").expect("written");
    assert_eq!(cached(&[]).stdout, first.stdout, "it was not read");
    assert_eq!(gatepost(&top, &["scan", "--history", "--format", "json"]).json()["counts"]["failed"], 1, "without the cache it is");
    fs::write(&object, whole).expect("written");

    write(&top, "more.ini", credentials(2));
    commit(&top, "two");
    let (plain, third) = (gatepost(&top, &["scan", "--history", "--format", "json"]), cached(&[]));
    assert_eq!(third.stdout, plain.stdout);
    assert_eq!(paths(&third.json()), ["key.ini", "more.ini"]);
    // Other rules see it all again.
    write(
        dir.path(),
        "rules/x.yml",
        "- id: acme-word\n  title: A word\n  severity: high\n  why: It is.\n  fix: Do.\n  secret: {keywords: [nothing here], pattern: 'nothing here'}\n",
    );
    let ruled = cached(&["--rules", "../rules", "--select", "acme-word"]);
    assert_eq!(paths(&ruled.json()), ["clean.txt"], "{} {}", ruled.stdout, ruled.stderr);
}
