//! `.gatepost.yml` and what goes by it: every fault with its place, nothing of a secret in any, and entries told where they stand.

#[path = "support/as_json.rs"]
mod as_json;
#[path = "support/keeps.rs"]
mod keeps;
#[path = "support/others.rs"]
mod others;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;

use as_json::value;
use gatepost::load::config::config;
use gatepost::load::{self, Holds};
use keeps::{assert_fresh, keeps, schema};
use others::secrets_baseline;
use serde_json::Value;
use support::{gatepost, git, made, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    dir
}

fn key(seed: u64) -> String {
    format!("key = '{}'\n", made("aws-key-id", seed))
}

/// What `config check` says of a text, and how it ends.
fn checked(text: &str) -> (i32, String) {
    let dir = repository();
    write(dir.path(), ".gatepost.yml", text);
    let run = gatepost(dir.path(), &["config", "check"]);
    (run.code, run.stderr)
}

#[test]
fn every_fault_is_told_at_once_those_that_need_the_rules_too() {
    let text = "\
max-file-size: big
fail-on: hihg
exclude: ['a[z-a]', 'b[z-a]', c]
honor: [gitleak, tfsec]
select: [no-such-rule, aws]
ignore: [nothing-such]
severities: {no-such-rule: low, aws-access-key: hihg, other-such: low}
rules: [nowhere]
baseline: not-there
allow:
  - {path: 'x[z-a]', value: '(', until: soon, reason: r}
  - {fingerprint: [0123456789ab, xyz], reason: '--'}
";
    let (code, said) = checked(text);
    assert_eq!(code, 1);
    let wanted = [
        "1:16: `big` is no size",
        "2:10: `hihg` is no severity",
        "3:11: `a[z-a]` is no glob",
        "3:21: `b[z-a]` is no glob",
        "4:9: `gitleak` is no tool",
        "7:49: `hihg` is no severity",
        "8:9: nowhere: not there",
        "11:12: `x[z-a]` is no glob",
        "11:29: `value` is no regular expression: unclosed group",
        "11:41: `soon` is no day",
        "12:34: `xyz` is no fingerprint",
        "12:5: `reason` is missing",
        "9:11: not-there: not there",
    ];
    for wanted in wanted {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(said.contains(".gatepost.yml: 13 faults"), "{said}");
    // Names of rules are known once all rules are.
    let (_, said) = checked(&text.replace("rules: [nowhere]\n", ""));
    for wanted in
        ["5:10: `no-such-rule` is no rule", "6:10: `nothing-such` is no rule", "7:14: `no-such-rule` is no rule", "7:55: `other-such`"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert_eq!(checked("max-file-size: 20M\n"), (0, String::new()));
}

#[test]
fn a_fault_of_a_configuration_does_not_speak_of_rules() {
    let (_, said) = checked("select: !all aws\n");
    assert!(said.contains("a configuration has no tags, and here is `!all`"), "{said}");
    let (_, said) = checked("select: aws\n---\nignore: aws\n");
    assert!(said.contains("one file holds one configuration"), "{said}");
}

/// Whoever reads the log of a build is not who may read the configuration.
#[test]
fn no_fault_prints_a_secret() {
    let secret = made("aws-secret", 1);
    let other = made("github-token", 2);
    for text in [
        format!("fail-on: {secret}\n"),
        format!("max-file-size: {other}\n"),
        format!("{other}: x\n"),
        format!("exclude: ['{secret}[z-a]']\n"),
        format!("select: ['{other}']\nsomething: x\n"),
        format!("select: ['{other}']\n"),
        format!("severities: {{'{other}': low}}\n"),
        format!("honor: ['{other}']\n"),
        format!("baseline: !{other} x\n"),
        format!("allow: [{{value: '({secret}', reason: r}}]\n"),
        format!("allow: [{{value: '{secret}(a{{1,900}}){{1,900}}', reason: r}}]\n"),
        format!("allow: [{{fingerprint: '{secret}', reason: r}}]\n"),
        format!("allow: [{{path: a, until: '{secret}', reason: r}}]\n"),
        format!("allow: [{{path: '{secret}[z-a]', reason: r}}]\n"),
        format!("allow: [{{path: a, '{other}': 1, reason: r}}]\n"),
        format!("allow: [{{path: a, reason: r, '{other}': 1, '{other}': 2}}]\n"),
    ] {
        let dir = repository();
        write(dir.path(), ".gatepost.yml", &text);
        for words in [["config", "check"], ["scan", "."]] {
            let run = gatepost(dir.path(), &words);
            let said = run.stdout + &run.stderr;
            assert!(run.code == 1 || run.code == 2, "{text}: {said}");
            assert!(!said.contains(&secret[8..24]) && !said.contains(&other[8..24]), "{text}: {said}");
        }
    }
}

#[test]
fn a_pattern_that_is_too_large_has_its_place_and_a_hint() {
    let dir = repository();
    let group = "(ab|b[0-9]|k[0-9][a-c]|m[0-9][a-d]|c[a-z][a-e]|[dx-z]f|[g-m][a-h][x-z][0-4]|q[a-c][d-f][g-i])";
    let rule = format!(
        "- id: acme-token\n  title: t\n  severity: high\n  why: w\n  fix: f\n  secret: {{keywords: [acme_], pattern: 'acme_({group}{{1,110}}){{1,70}}b'}}\n  bad: [acme_ab]\n"
    );
    write(dir.path(), "rules/x.yml", rule);
    let run = gatepost(dir.path(), &["scan", "--rules", "rules", "."]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("rules/x.yml:6:40: rule acme-token: the pattern does not compile: it takes more than 8 MiB"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("help: write a smaller pattern"), "{}", run.stderr);
    let (_, said) = checked("allow: [{value: '(a{1,900}){1,900}', reason: r}]\n");
    assert!(said.contains("1:17: `value` is a pattern that is too large\n  help: fewer repetitions"), "{said}");
}

/// An entry is told in the file that it is in.
#[test]
fn entries_of_a_configuration_that_was_named_are_told_there() {
    let dir = repository();
    write(dir.path(), "a.py", "x = 1\n");
    write(
        dir.path(),
        "conf/other.yml",
        "\nallow:\n  - {path: gone.py, reason: it was}\n  - {path: b.py, reason: for a while, until: 2020-01-01}\n",
    );
    for (folder, config) in [("", "conf/other.yml"), ("conf", "other.yml")] {
        let run = gatepost(&dir.path().join(folder), &["scan", "--format", "json", "--config", config, &dir.path().display().to_string()]);
        let report = run.json();
        let mut told: Vec<(String, u64)> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|f| (f["path"].as_str().expect("one").to_owned(), f["start"]["line"].as_u64().expect("one")))
            .collect();
        told.sort();
        assert!(told.len() == 2 && told.iter().all(|(path, _)| path.ends_with("conf/other.yml")), "{folder}: {report}");
        assert_eq!((told[0].1, told[1].1), (3, 4), "{folder}");
    }
}

/// A list that lies below the top is the one that is read.
#[test]
fn a_list_of_findings_is_read_where_it_lies() {
    for path in ["a.py", "sub/a.py"] {
        let dir = repository();
        write(dir.path(), "sub/a.py", key(1));
        write(dir.path(), "top.py", key(2));
        write(dir.path(), ".secrets.baseline", secrets_baseline("top.py", 2));
        write(dir.path(), "sub/.secrets.baseline", secrets_baseline(path, 1));
        let run = gatepost(dir.path(), &["import", "sub/.secrets.baseline"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let baseline = fs::read_to_string(dir.path().join(".gatepost-baseline")).unwrap_or_default();
        let entries: Vec<&str> = baseline.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(entries.len() == 1 && entries[0].ends_with(" sub/a.py"), "{path}: {baseline}{}", run.stderr);
    }
}

/// What could not be read may still hold what it held; what was read and is clean does not.
#[test]
fn an_update_that_is_incomplete_keeps_what_was_not_looked_at() {
    let dir = repository();
    for (name, seed) in [("a.py", 1), ("b.py", 1), ("c.py", 2)] {
        write(dir.path(), name, key(seed));
    }
    assert_eq!(gatepost(dir.path(), &["baseline", "create"]).code, 0);
    let paths = || {
        let text = fs::read_to_string(dir.path().join(".gatepost-baseline")).expect("there");
        let mut paths: Vec<String> = text.lines().skip(1).map(|line| line.rsplit(' ').next().expect("a path").to_owned()).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(), ["a.py", "b.py", "c.py"]);
    // An encrypted zip file ends as incomplete; so does a file that is longer than a rule's reader takes.
    write(dir.path(), "a.py", "x = 1\n");
    write(dir.path(), "c.py", "x = 1\n");
    fs::remove_file(dir.path().join("c.py")).expect("gone");
    let broken = [&b"PK\x03\x04\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x05\0\0\0"[..], b"x.env", &[0; 16]].concat();
    fs::write(dir.path().join("b.py"), broken).expect("written");
    let run = gatepost(dir.path(), &["baseline", "update"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert_eq!(paths(), ["b.py"], "what is clean goes, though the same key stood in both");
}

/// A baseline is of all of the repository, whichever folder somebody stands in.
#[test]
fn an_update_in_a_folder_is_of_the_repository() {
    let dir = repository();
    write(dir.path(), "a.py", key(1));
    write(dir.path(), "sub/b.py", key(2));
    let sub = dir.path().join("sub");
    assert_eq!(gatepost(&sub, &["baseline", "create"]).code, 0);
    let baseline = || fs::read_to_string(dir.path().join(".gatepost-baseline")).expect("there");
    let created = baseline();
    assert!(created.contains(" a.py\n") && created.contains(" sub/b.py\n"), "{created}");
    assert_eq!(gatepost(&sub, &["baseline", "update"]).code, 0);
    assert_eq!(baseline(), created);
    for words in [&["baseline", "update", "."][..], &["baseline", "create", "--force", "--staged"]] {
        assert_eq!(gatepost(dir.path(), words).code, 2, "{words:?}");
    }
}

/// The schema for editors and the reader are of one mind.
#[test]
fn the_schema_takes_what_the_reader_takes() {
    assert_fresh("config-schema", "docs/config.schema.json");
    let schema = schema("config-schema");
    let sound = [
        "honor: all\n",
        "honor: [gitleaks, all]\n",
        "honor: null\n",
        "fail-on: null\n",
        "incomplete: warn\nmax-file-size: 500k\n",
        "max-file-size: 12\n",
        "max-file-size:\nbaseline:\nexclude:\n",
        "exclude: [a, 12]\n",
        "select: aws\n",
        "allow:\n",
        "allow: []\n",
        "severities: {aws-access-key: low}\n",
        "allow: [{value: 123, path-matches: 4, reason: r}]\n",
        "allow: [{fingerprint: [0123456789ab], rule: [a, b], path: a, reason: r, until: 2031-05-31}]\n",
        "allow: [{resource: 'a.*', reason: 12}]\n",
    ];
    let faulty = [
        "honor: [al]\n",
        "honor: ALL\n",
        "fail-on: hihg\n",
        "fail-on: [high]\n",
        "incomplete: maybe\n",
        "max-file-size: big\n",
        "max-file-size: 1x\n",
        "exclude: {a: b}\n",
        "exclude: [[a]]\n",
        "selct: aws\n",
        "severities: {a: hihg}\n",
        "severities: [a]\n",
        "allow: {path: a, reason: r}\n",
        "allow: [{path: a}]\n",
        "allow: [{reason: r}]\n",
        "allow: [{fingerprint: xyz, reason: r}]\n",
        "allow: [{fingerprint: [], reason: r}]\n",
        "allow: [{path: a, reason: null}]\n",
        "allow: [{path: a, resaon: r}]\n",
        "allow: [{value: [a], reason: r}]\n",
        "- a\n",
    ];
    for (texts, is_sound) in [(&sound[..], true), (&faulty[..], false)] {
        for text in texts {
            let value = load::raw(text.as_bytes(), Holds::Configuration).expect("YAML").map_or(Value::Null, |raw| value(&raw));
            let kept = keeps(&schema, &schema, &value, "");
            let read = config("c.yml", text.as_bytes()).map(drop);
            assert_eq!((kept.is_ok(), read.is_ok()), (is_sound, is_sound), "{text}: {kept:?} {read:?}");
        }
    }
}
