//! Living with it: configuration, ignores, allow list and baseline, through the binary.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use support::{command, finish, gatepost, git, made, places, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    dir
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
}

fn key(seed: u64) -> String {
    format!("key = '{}'\n", made("aws-key-id", seed))
}

fn scan(folder: &Path, more: &[&str]) -> (i32, Value) {
    let run = gatepost(folder, &[&["scan", "--format", "json"], more].concat());
    (run.code, run.json())
}

fn states(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|f| format!("{} {}", f["path"].as_str().expect("a path"), f["state"].as_str().expect("a state"))).collect()
}

const BUCKETS: &str = r#"
# gatepost: ignore[s3-public-acl] a website
resource "aws_s3_bucket_acl" "site" {
  bucket = "site"
  acl    = "public-read"
}
resource "aws_s3_bucket_acl" "each" {
  for_each = {
    web  = "public-read" # gatepost: ignore[s3-public-acl] a website
    data = "public-read"
  }
  bucket = each.key
  acl    = each.value
}
resource "aws_s3_bucket_acl" "set" {
  for_each = toset([
    "a", # gatepost: ignore[s3-public-acl] a website
    "b",
  ])
  bucket = each.key
  acl    = "public-read"
}
# gatepost: ignore[s3-public-acl] a website
module "one" {
  source = "./m"
}
module "two" {
  source = "./m"
}
"#;

const MODULE: &str = "resource \"aws_s3_bucket_acl\" \"m\" {\n  bucket = \"m\"\n  acl    = \"public-read\"\n}\n";

#[test]
fn an_ignore_speaks_of_a_resource_a_call_or_one_key() {
    let dir = repository();
    write(dir.path(), "main.tf", BUCKETS);
    write(dir.path(), "m/main.tf", MODULE);
    let (_, report) = scan(dir.path(), &["--select", "s3-public-acl"]);
    let findings = report["findings"].as_array().expect("a list").iter();
    let mut found: Vec<String> =
        findings.map(|f| format!("{} {}", f["resource"].as_str().expect("one"), f["state"].as_str().expect("one"))).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "aws_s3_bucket_acl.each[\"data\"] active",
            "aws_s3_bucket_acl.each[\"web\"] suppressed",
            "aws_s3_bucket_acl.set[\"b\"] active",
            "aws_s3_bucket_acl.site suppressed",
            "module.one.aws_s3_bucket_acl.m suppressed",
            "module.two.aws_s3_bucket_acl.m active",
        ]
    );
}

#[test]
fn a_resource_of_a_json_template_is_spoken_of_by_its_metadata() {
    let dir = repository();
    let template = r#"{"Resources": {
      "Site": {"Type": "AWS::S3::Bucket", "Metadata": {"why": "gatepost: ignore[s3-public-acl] a website"}, "Properties": {"AccessControl": "PublicRead"}},
      "Data": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}}
    }}"#;
    write(dir.path(), "t.json", template);
    let (_, report) = scan(dir.path(), &["--select", "s3-public-acl"]);
    let findings = report["findings"].as_array().expect("a list").iter();
    let found: BTreeMap<&str, &str> = findings.map(|f| (f["resource"].as_str().expect("one"), f["state"].as_str().expect("one"))).collect();
    assert_eq!(found, BTreeMap::from([("Data", "active"), ("Site", "suppressed")]));
}

#[test]
fn what_ended_and_what_nothing_needs_is_told_and_counted() {
    let dir = repository();
    let text = format!(
        "{}# gatepost: ignore[aws-access-key] nothing here\nx = 1\n{}",
        key(1).replace('\n', " # gatepost: ignore[aws-access-key] a test\n"),
        key(2).replace('\n', " # gatepost: ignore[aws-access-key] we move until=2020-01-31\n"),
    );
    write(dir.path(), "a.py", text);
    write(dir.path(), "b.tf", "# gatepost: ignore[s3-public-acl] not there\nvariable \"x\" {}\n");
    let (code, report) = scan(dir.path(), &[]);
    assert_eq!(
        places(&report),
        [
            "aws-access-key a.py:1:8",
            "suppression-unused a.py:2:3",
            "aws-access-key a.py:4:8",
            "suppression-expired a.py:4:32",
            "suppression-unused b.tf:1:3"
        ]
    );
    assert_eq!((code, report["findings"][0]["suppressed_by"].as_str()), (1, Some("inline")));
    let human = gatepost(dir.path(), &["scan"]).stdout;
    assert!(human.contains("1 suppressed"), "{human}");
}

#[test]
fn an_entry_of_the_allow_list_has_an_end() {
    let dir = repository();
    write(dir.path(), "tests/a.py", key(1));
    write(dir.path(), ".gatepost.yml", "allow:\n  - {path: tests/, reason: made up, until: 2031-05-31}\n  - {path: no/, reason: gone}\n");
    let on = |day: &str| {
        let run = finish(command(dir.path(), &["scan", "--format", "json"]).env("SOURCE_DATE_EPOCH", day).output().expect("runs"));
        (run.code, places(&run.json()))
    };
    let unused = "suppression-unused .gatepost.yml:3:3".to_owned();
    assert_eq!(on("1937865600"), (0, vec![unused.clone(), "aws-access-key tests/a.py:1:8".to_owned()]), "its last day");
    let ended = "suppression-expired .gatepost.yml:2:3".to_owned();
    assert_eq!(on("1938038400"), (1, vec![ended, unused, "aws-access-key tests/a.py:1:8".to_owned()]));
}

#[test]
fn allow_writes_what_then_holds() {
    let dir = repository();
    write(dir.path(), "a.py", key(1));
    write(dir.path(), "sub/b.tf", format!("locals {{\n  {}}}\n", key(2).replace('\'', "\"")));
    let (_, report) = scan(dir.path(), &[]);
    let print = |number: usize| report["findings"][number]["fingerprint"].as_str().expect("one")[..12].to_owned();
    let run = gatepost(dir.path(), &["allow", &print(0), "--reason", "it's a test: made up", "--until", "2031-05-31"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = gatepost(&dir.path().join("sub"), &["allow", &print(1), "--reason", "made up", "--inline"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (code, after) = scan(dir.path(), &[]);
    assert_eq!((code, states(&after)), (0, vec!["a.py suppressed".to_owned(), "sub/b.tf suppressed".to_owned()]));
    assert_eq!(
        (after["findings"][0]["suppressed_by"].as_str(), after["findings"][1]["suppressed_by"].as_str()),
        (Some("configuration"), Some("inline"))
    );
    // Another value at the same place is told, in the allow list and beside a comment alike.
    write(dir.path(), "a.py", key(3));
    let text = fs::read_to_string(dir.path().join("sub/b.tf")).expect("there");
    write(dir.path(), "sub/b.tf", text.replace(&made("aws-key-id", 2), &made("aws-key-id", 4)));
    let (code, after) = scan(dir.path(), &["--ignore", "suppression"]);
    assert_eq!((code, states(&after)), (1, vec!["a.py active".to_owned(), "sub/b.tf active".to_owned()]));
    for (words, said) in [
        (["allow", "0123456789ab", "--reason", "x"], "nothing that is found here is known by"),
        (["allow", "xyz", "--reason", "x"], "is no fingerprint"),
        (["allow", "0123456789ab", "--reason", ".."], "--reason says nothing"),
    ] {
        let run = gatepost(dir.path(), &words);
        assert!(run.code == 2 && run.stderr.contains(said), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn settings_come_in_layers_and_say_where_from() {
    let dir = repository();
    write(dir.path(), ".gatepost.yml", "fail-on: high\nexclude: [vendor/]\nseverities:\n  aws-access-key: low\n");
    write(dir.path(), "vendor/a.py", key(1));
    write(dir.path(), "a.py", key(2));
    let run = finish(
        command(dir.path(), &["config", "show", "--format", "json", "--exclude", "b"])
            .env("GATEPOST_FAIL_ON", "low")
            .output()
            .expect("runs"),
    );
    let shown = run.json();
    assert_eq!(shown["fail-on"], serde_json::json!([{"value": "low", "from": "$GATEPOST_FAIL_ON"}]));
    assert_eq!(
        shown["exclude"],
        serde_json::json!([{"value": "vendor/", "from": ".gatepost.yml:2:11"}, {"value": "b", "from": "command line"}])
    );
    let (code, report) = scan(dir.path(), &[]);
    assert_eq!(
        (code, places(&report), report["findings"][0]["severity"].as_str()),
        (0, vec!["aws-access-key a.py:1:8".to_owned()], Some("low"))
    );
    let (code, report) = scan(&dir.path().join("vendor"), &[]);
    assert_eq!((code, places(&report)), (0, vec![]), "from the top of the repository, wherever one stands");
    assert_eq!(scan(dir.path(), &["--fail-on", "low"]).0, 1);
    assert_eq!(gatepost(dir.path(), &["config", "check"]).code, 0);
    write(dir.path(), ".gatepost.yml", "fail-onn: high\nextend-select: [plattform]\n");
    let run = gatepost(dir.path(), &["config", "check"]);
    assert!(run.code == 1 && run.stderr.contains(".gatepost.yml:1:1") && run.stderr.contains("did you mean `fail-on`?"), "{}", run.stderr);
    write(dir.path(), ".gatepost.yml", "extend-select: [plattform]\n");
    let run = gatepost(dir.path(), &["scan"]);
    assert!(run.code == 2 && run.stderr.contains(".gatepost.yml:1:17") && run.stderr.contains("`platform`"), "{}", run.stderr);
}

#[test]
fn a_repository_brings_its_rules() {
    let dir = repository();
    write(dir.path(), ".gatepost.yml", "rules: [policy]\n");
    let rule = "- id: acme-token\n  title: Acme token\n  severity: high\n  why: w\n  fix: f\n  secret: {keywords: [acme_], pattern: '\\bacme_[a-z]{12}\\b'}\n";
    write(dir.path(), "policy/acme.yml", rule);
    write(dir.path(), "a.py", "t = 'acme_abcdefghijkl'\n");
    assert_eq!(places(&scan(dir.path(), &["a.py"]).1), ["acme-token a.py:1:6"]);
    // A rule without a family is believed wherever it matches, in code without quotes and in a test too.
    write(dir.path(), "tests/b.py", "call(acme_abcdefghijkl)\n");
    assert_eq!(places(&scan(dir.path(), &["tests"]).1), ["acme-token tests/b.py:1:6"]);
    git(dir.path(), &["add", "-A"]);
    fs::remove_dir_all(dir.path().join("policy")).expect("gone");
    assert_eq!(
        places(&scan(dir.path(), &["--staged", "--ignore", "policy-changed"]).1),
        ["acme-token a.py:1:6", "acme-token tests/b.py:1:6"],
        "from the index"
    );
    let run = gatepost(dir.path(), &["scan"]);
    assert!(run.code == 2 && run.stderr.contains(".gatepost.yml:1:9: policy"), "{}", run.stderr);
}

/// A number from a seed, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("small") % most
    }
}

/// Files with a finding each, of secrets and of resources.
fn files(folder: &Path) {
    for number in 0..6 {
        write(folder, &format!("src/m{number}.py"), format!("import os\n\n{}\nprint(key)\n", key(100 + number)));
        let bucket = format!("resource \"aws_s3_bucket_acl\" \"b{number}\" {{\n  bucket = \"b\"\n  acl    = \"public-read\"\n}}\n");
        write(folder, &format!("infra{number}/main.tf"), bucket);
    }
}

#[test]
fn what_is_not_told_of_ignores_is_said() {
    let dir = repository();
    write(dir.path(), "a.py", "x = 1 # gatepost: ignore[no-such-rule] a slip\n".repeat(150));
    let (_, report) = scan(dir.path(), &[]);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(100));
    let notes = report["notes"].as_array().expect("a list");
    assert!(notes.iter().any(|note| note == "a.py: of what there is to say of its ignores, 100 things are told"), "{notes:?}");
}

/// A file over 16 MiB is read in parts; a block may begin in one and end in another.
#[test]
fn a_block_holds_over_the_parts_of_a_long_file() {
    let dir = repository();
    let rows = "a line of nothing much to see here\n".repeat(130_000);
    let parts: Vec<String> = (1..5).map(|seed| format!("{rows}{}", key(seed))).collect();
    let text = format!("# gatepost: ignore-start[aws-access-key] made up\n{}# gatepost: ignore-end\n{}", parts.concat(), key(5));
    assert!(text.len() > 16 << 20);
    write(dir.path(), "long.txt", text);
    let (code, report) = scan(dir.path(), &[]);
    assert_eq!((code, states(&report).iter().filter(|state| state.ends_with("suppressed")).count()), (1, 4), "{report}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(5), "and nothing is said of the ignore");
}

/// A `!` in a name is no container's.
#[test]
fn a_copy_is_told_though_the_name_of_its_folder_looks_like_a_container_s() {
    let dir = repository();
    write(dir.path(), "we!rd/a.py", key(1));
    assert_eq!(gatepost(dir.path(), &["baseline", "create"]).code, 0);
    write(dir.path(), "copy.py", key(1));
    fs::write(dir.path().join("we!rd/a.py"), "gone = 1\n").expect("written");
    assert_eq!(states(&scan(dir.path(), &[]).1), ["copy.py active"], "the file that it was in is still there");
    fs::remove_file(dir.path().join("we!rd/a.py")).expect("gone");
    assert_eq!(states(&scan(dir.path(), &[]).1), ["copy.py baselined"], "it moved");
}

/// Moves lines of every kind of file without touching what is found.
fn shift(folder: &Path, dice: &mut Dice) {
    for file in git(folder, &["ls-files", "src", "infra*"]).lines().map(str::to_owned).collect::<Vec<_>>() {
        let path = folder.join(&file);
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let comment = format!("# {}\n", dice.below(1000));
        fs::write(&path, comment.repeat(dice.below(4)) + &text + &comment.repeat(dice.below(3))).expect("written");
    }
}

fn rename(folder: &Path, dice: &mut Dice) {
    let files: Vec<String> = git(folder, &["ls-files", "src"]).lines().map(str::to_owned).collect();
    let old = &files[dice.below(files.len())];
    git(folder, &["mv", old, &format!("src/moved{}_{}.py", dice.below(1_000_000), files.len())]);
    let modules: Vec<String> = git(folder, &["ls-files", "infra*"]).lines().map(str::to_owned).collect();
    let old = modules[dice.below(modules.len())].split('/').next().expect("a folder").to_owned();
    git(folder, &["mv", &old, &format!("infra_{}_{}", dice.below(1_000_000), modules.len())]);
}

#[test]
fn a_hundred_shifts_renames_and_merges_disturb_no_baseline() {
    let dir = repository();
    let folder = dir.path();
    files(folder);
    let run = gatepost(folder, &["baseline", "create"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    commit(folder, "base");
    let baseline = || fs::read_to_string(folder.join(".gatepost-baseline")).expect("there");
    assert_eq!(baseline().lines().count(), 13, "{}", baseline());
    let clean = |what: &str| {
        let (code, report) = scan(folder, &[]);
        assert_eq!(code, 0, "{what}: {}", report["findings"]);
        assert!(states(&report).iter().all(|state| state.ends_with("baselined")), "{what}: {report}");
    };
    let mut dice = Dice(7);
    for round in 0..100 {
        match round % 4 {
            0 | 1 => {
                let before = baseline();
                shift(folder, &mut dice);
                clean("a shift");
                assert_eq!(gatepost(folder, &["baseline", "update"]).code, 0);
                assert_eq!(baseline(), before, "lines that move leave the file as it is");
            }
            2 => {
                let before = baseline();
                rename(folder, &mut dice);
                git(folder, &["add", "-A"]);
                assert_eq!(gatepost(folder, &["scan", "--staged"]).code, 0, "a rename is no news to a hook");
                clean("a rename, with the baseline as it was");
                assert_eq!(gatepost(folder, &["baseline", "update"]).code, 0);
                let changed = baseline().lines().filter(|line| !before.contains(*line)).count();
                assert_eq!((changed, baseline().lines().count()), (2, before.lines().count()), "only what was renamed");
            }
            _ => merge(folder, round),
        }
        commit(folder, "round");
        clean("a round");
        assert_eq!(gatepost(folder, &["scan", "--diff", "HEAD~1"]).code, 0, "round {round}");
    }
}

/// Two branches that each add a finding and a line of the baseline.
fn merge(folder: &Path, round: u64) {
    for (side, seed) in [("left", 2 * round), ("right", 2 * round + 1)] {
        git(folder, &["checkout", "-q", "-b", side, "main"]);
        write(folder, &format!("src/{side}{round}.py"), key(1_000 + seed));
        assert_eq!(gatepost(folder, &["baseline", "update", "--add"]).code, 0);
        commit(folder, side);
        git(folder, &["checkout", "-q", "main"]);
    }
    git(folder, &["merge", "-q", "--no-edit", "left"]);
    // Fails where there is a conflict.
    git(folder, &["merge", "-q", "--no-edit", "right"]);
    git(folder, &["branch", "-q", "-D", "left", "right"]);
}

#[test]
fn a_swapped_secret_is_told_wherever_the_old_one_was_known() {
    let ignored = |seed: u64| format!("# gatepost: ignore[aws-access-key] a test account\n{}", key(seed));
    for round in 0..10 {
        // In a baseline, in an allow list: in a tree, at the hook and in a range.
        for known in ["baseline", "allow", "inline"] {
            let dir = repository();
            let folder = dir.path();
            let text = |seed: u64| if known == "inline" { ignored(seed) } else { key(seed) };
            write(folder, "a.py", text(10 + round));
            match known {
                "baseline" => assert_eq!(gatepost(folder, &["baseline", "create"]).code, 0),
                "allow" => {
                    let print = scan(folder, &[]).1["findings"][0]["fingerprint"].as_str().expect("one").to_owned();
                    assert_eq!(gatepost(folder, &["allow", &print, "--reason", "a test account"]).code, 0);
                }
                _ => {}
            }
            commit(folder, "known");
            assert_eq!(scan(folder, &[]).0, 0, "{known}");
            write(folder, "a.py", text(50 + round));
            git(folder, &["add", "-A"]);
            let run = gatepost(folder, &["scan", "--staged"]);
            assert_eq!(run.code, 1, "{known} at the hook: {}", run.stdout);
            commit(folder, "swapped");
            assert_eq!(gatepost(folder, &["scan", "--diff", "HEAD~1"]).code, 1, "{known} in a range");
            if known != "inline" {
                assert_eq!(scan(folder, &[]).0, 1, "{known} in a tree");
            }
        }
    }
}

#[test]
fn an_audit_writes_what_was_answered() {
    let dir = repository();
    write(dir.path(), "a.py", key(1));
    write(dir.path(), "b.py", key(2));
    assert_eq!(gatepost(dir.path(), &["baseline", "create"]).code, 0);
    assert_eq!(gatepost(dir.path(), &["baseline", "create"]).code, 2, "there is one already");
    let answer = |words: &[&str], answers: &str| {
        let mut child =
            command(dir.path(), words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
        child.stdin.take().expect("piped").write_all(answers.as_bytes()).expect("written");
        finish(child.wait_with_output().expect("ends"))
    };
    let run = answer(&["baseline", "audit"], "what\nr\nb\na\nf\n");
    assert!(
        run.code == 0 && run.stdout.contains("2 of 2") && run.stdout.ends_with("0 open, 0 real, 1 false, 1 accepted\n"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains(&made("aws-key-id", 1)), "a key is masked");
    let run = answer(&["baseline", "audit"], "");
    assert!(!run.stdout.contains("1 of"), "nothing is open: {}", run.stdout);
    write(dir.path(), "b.py", format!("\n\n{}", key(2)));
    assert_eq!(gatepost(dir.path(), &["baseline", "update"]).code, 0);
    let kept = fs::read_to_string(dir.path().join(".gatepost-baseline")).expect("there");
    assert!(kept.contains(" accepted a.py") && kept.contains(" false b.py"), "{kept}");
}
