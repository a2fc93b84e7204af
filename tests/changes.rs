//! The index, a range and a whole history, through the binary.

mod support;

use std::fs;

use serde_json::Value;
use support::{Run, credentials, gatepost, git, made, places, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "readme.md", "one\n");
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    dir
}

fn commit(dir: &tempfile::TempDir, message: &str) -> String {
    git(dir.path(), &["add", "-A"]);
    git(dir.path(), &["commit", "-q", "-m", message]);
    git(dir.path(), &["rev-parse", "HEAD"])
}

fn staged(dir: &tempfile::TempDir) -> (Run, Value) {
    let run = gatepost(dir.path(), &["scan", "--staged", "--format", "json"]);
    let report = run.json();
    (run, report)
}

#[test]
fn the_index_counts_whatever_lies_in_the_work_tree() {
    let dir = repository();
    write(dir.path(), "aws.ini", credentials(1));
    assert_eq!(staged(&dir).0.code, 0, "in the work tree only");
    git(dir.path(), &["add", "aws.ini"]);
    fs::remove_file(dir.path().join("aws.ini")).expect("removed");
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report)), (1, vec!["aws-access-key aws.ini:2:21".to_owned()]));
    assert_eq!(report["findings"][0]["change"], "new");
    let human = gatepost(dir.path(), &["scan", "--staged"]).stdout;
    assert!(human.contains("nothing has leaked") && human.contains("git restore --staged"), "{human}");
}

#[test]
fn a_first_commit_is_compared_with_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "aws.ini", credentials(2));
    git(dir.path(), &["add", "."]);
    let (run, _) = staged(&dir);
    assert_eq!(run.code, 1);
    assert!(gatepost(dir.path(), &["scan", "--staged"]).stdout.contains("git rm --cached"));
}

#[test]
fn a_key_that_head_has_is_to_be_rotated() {
    let dir = repository();
    write(dir.path(), "old.ini", credentials(3));
    commit(&dir, "leak");
    git(dir.path(), &["mv", "old.ini", "new.ini"]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, &report["findings"][0]["change"]), (1, &"existing".into()), "{report:#}");
    let human = gatepost(dir.path(), &["scan", "--staged"]).stdout;
    assert!(human.contains("rotate"), "{human}");
}

#[test]
fn only_added_lines_are_blamed_and_they_pair_with_what_is_around() {
    let dir = repository();
    let text = credentials(4);
    let (id_line, secret_line) = (text.lines().nth(1).expect("the id"), text.lines().nth(2).expect("the secret"));
    write(dir.path(), "aws.ini", format!("[default]\n{id_line}\n"));
    commit(&dir, "an id");
    write(dir.path(), "aws.ini", format!("[default]\n{id_line}\nregion = x\n"));
    git(dir.path(), &["add", "."]);
    assert_eq!(staged(&dir).0.code, 0, "the id was there before");
    write(dir.path(), "aws.ini", format!("[default]\n{id_line}\n{secret_line}\n"));
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report)), (1, vec!["aws-access-key aws.ini:2:21".to_owned()]));
    assert_eq!(report["findings"][0]["severity"], "critical", "the pair is complete now");
}

const BUCKET: &str = "variable \"acl\" {\n  default = \"private\"\n}\n\nresource \"aws_s3_bucket_acl\" \"site\" {\n  bucket = \"site\"\n  acl    = var.acl\n}\n";

#[test]
fn a_module_is_judged_as_the_index_has_it() {
    let dir = repository();
    write(dir.path(), "main.tf", BUCKET);
    commit(&dir, "private");
    write(dir.path(), "terraform.tfvars", "acl = \"public-read\"\n");
    git(dir.path(), &["add", "."]);
    fs::remove_file(dir.path().join("main.tf")).expect("removed");
    let (run, report) = staged(&dir);
    assert_eq!(run.code, 1, "{report:#}");
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["resource"], &finding["change"]),
        (&"s3-public-acl".into(), &"aws_s3_bucket_acl.site".into(), &"new".into())
    );
}

#[test]
fn what_a_module_had_before_is_not_blamed_on_the_change() {
    let dir = repository();
    write(dir.path(), "main.tf", BUCKET.replace("private", "public-read"));
    commit(&dir, "public");
    write(dir.path(), "other.tf", "resource \"aws_s3_bucket_acl\" \"fine\" {\n  bucket = \"x\"\n  acl    = \"private\"\n}\n");
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report).len()), (0, 0), "{report:#}");
}

/// What is added beside something that was wrong before is a finding of its own.
#[test]
fn a_change_hides_nothing_beside_what_was_there() {
    let dir = repository();
    let function = |more: &str| {
        format!(
            "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          DB_PASSWORD: {}\n{more}",
            made("alnum-16", 1)
        )
    };
    let policy = |actions: &str| {
        format!(
            "resource \"aws_iam_policy\" \"p\" {{\n  policy = jsonencode({{\n    Statement = [{{\n      Effect   = \"Allow\"\n      Action   = [{actions}]\n      Resource = \"*\"\n    }}]\n  }})\n}}\n"
        )
    };
    write(dir.path(), "t.yml", function(""));
    write(dir.path(), "main.tf", policy("\"s3:*\""));
    commit(&dir, "before");
    write(dir.path(), "t.yml", function(&format!("          STRIPE_SECRET: {}\n", made("alnum-24", 2))));
    write(dir.path(), "main.tf", policy("\"s3:*\", \"rds:*\""));
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let places = places(&report);
    assert!(places.contains(&"secret-lambda-env t.yml:8:26".to_owned()), "{places:?}");
    assert!(!places.contains(&"secret-lambda-env t.yml:7:24".to_owned()), "it was there before: {places:?}");
    assert!(places.iter().any(|place| place.starts_with("iam-service-wildcard main.tf:5")), "{places:?}");
}

#[test]
fn inline_ignores_hold_on_staged_and_not_on_a_range() {
    let dir = repository();
    let base = git(dir.path(), &["rev-parse", "HEAD"]);
    write(dir.path(), "aws.ini", format!("# gatepost: ignore[aws-access-key] made for a test\nkey = {}\n", made("aws-key-id", 5)));
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, &report["findings"][0]["state"]), (0, &"suppressed".into()));
    commit(&dir, "two");
    assert_eq!(gatepost(dir.path(), &["scan"]).code, 0);
    assert_eq!(gatepost(dir.path(), &["scan", "--diff", &base]).code, 1);
}

#[test]
fn a_range_is_what_the_change_adds() {
    let dir = repository();
    write(dir.path(), "old.ini", credentials(6));
    let base = commit(&dir, "old leak");
    git(dir.path(), &["checkout", "-q", "-b", "topic"]);
    write(dir.path(), "new.ini", credentials(7));
    commit(&dir, "new leak");
    git(dir.path(), &["checkout", "-q", "main"]);
    write(dir.path(), "main.ini", credentials(8));
    commit(&dir, "main moved on");
    git(dir.path(), &["checkout", "-q", "topic"]);
    for range in ["main", "main...topic", "main...HEAD", base.as_str()] {
        let report = gatepost(dir.path(), &["scan", "--diff", range, "--format", "json"]).json();
        assert_eq!(places(&report), ["aws-access-key new.ini:2:21"], "{range}");
    }
    assert_eq!(gatepost(dir.path(), &["scan", "--diff", "HEAD"]).code, 0);
}

#[test]
fn a_base_that_is_not_there_is_incomplete_never_clean() {
    let dir = repository();
    for range in ["0123456789012345678901234567890123456789", "nowhere...HEAD"] {
        let run = gatepost(dir.path(), &["scan", "--diff", range]);
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("fetch"), "{}{}", run.stdout, run.stderr);
    }
    write(dir.path(), "two.txt", "2");
    commit(&dir, "two");
    let clone = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", dir.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let run = gatepost(&clone.path().join("shallow"), &["scan", "--diff", "HEAD^"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    let run = gatepost(&clone.path().join("shallow"), &["scan", "--history"]);
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
}

#[test]
fn not_a_repository_is_usage() {
    let dir = tempfile::tempdir().expect("a folder");
    for args in [["scan", "--staged"].as_slice(), &["scan", "--diff", "main"], &["scan", "--history"]] {
        let run = gatepost(dir.path(), args);
        assert!(run.code == 2 && run.stderr.contains("help:"), "{args:?}: {} {}", run.code, run.stderr);
    }
}

#[test]
fn history_shows_what_was_removed_years_ago_and_what_no_commit_reaches() {
    let dir = repository();
    write(dir.path(), "conf/aws.ini", credentials(9));
    let leak = commit(&dir, "leak");
    write(dir.path(), "conf/aws.ini", format!("{}region = eu-west-1\n", credentials(9)));
    commit(&dir, "still there");
    fs::remove_file(dir.path().join("conf/aws.ini")).expect("removed");
    commit(&dir, "removed");
    write(dir.path(), "amended.ini", credentials(10));
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["reset", "-q", "--hard"]);
    assert_eq!(gatepost(dir.path(), &["scan"]).code, 0, "the tree is clean");
    for repack in [false, true] {
        if repack {
            git(dir.path(), &["repack", "-q", "-a", "-d", "--keep-unreachable"]);
        }
        let run = gatepost(dir.path(), &["scan", "--history", "--format", "json"]);
        let report = run.json();
        assert_eq!(run.code, 1);
        let findings = report["findings"].as_array().expect("a list");
        assert_eq!(findings.len(), 2, "two versions of one file are one finding: {report:#}");
        let of = |path: &str| findings.iter().find(|f| f["path"].as_str().is_some_and(|p| p.contains(path)));
        let reachable = of("conf/aws.ini").expect("the file");
        assert_eq!(reachable["origin"]["commit"].as_str(), Some(leak.as_str()), "the oldest commit that holds it");
        assert!(findings.iter().any(|f| f["origin"]["kind"] == "unreachable"), "{report:#}");
        let counts = &report["counts"];
        assert_eq!(counts["inputs"], counts["scanned"], "every object was looked at: {counts}");
    }
}

#[test]
fn a_committed_dotenv_is_found_in_history_by_its_name() {
    let dir = repository();
    write(dir.path(), ".env", format!("DB_PASSWORD={}\n", made("aws-secret", 11)));
    commit(&dir, "env");
    fs::remove_file(dir.path().join(".env")).expect("removed");
    commit(&dir, "gone");
    let report = gatepost(dir.path(), &["scan", "--history", "--format", "json"]).json();
    assert_eq!(places(&report), ["dotenv-file .env:1:13"], "{report:#}");
}

#[test]
fn configuration_of_a_repository_runs_nothing() {
    let dir = repository();
    let marker = dir.path().join("marker");
    let script = write(dir.path(), "evil.sh", format!("#!/bin/sh\ntouch {}\n", marker.display()));
    #[cfg(unix)]
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    commit(&dir, "evil");
    let evil = script.display();
    let config = format!(
        "[core]\n\tfsmonitor = {evil}\n\tsshCommand = {evil}\n\tpager = {evil}\n\thooksPath = .\n\teditor = {evil}\n[diff]\n\texternal = {evil}\n[filter \"x\"]\n\tclean = {evil}\n\tsmudge = {evil}\n[credential]\n\thelper = {evil}\n[gpg]\n\tprogram = {evil}\n[include]\n\tpath = evil.sh\n"
    );
    let file = dir.path().join(".git/config");
    fs::write(&file, fs::read_to_string(&file).expect("read") + &config).expect("written");
    write(dir.path(), ".gitattributes", "* filter=x diff=x\n");
    for args in [["scan"].as_slice(), &["scan", "--staged"], &["scan", "--diff", "HEAD"], &["scan", "--history"]] {
        gatepost(dir.path(), args);
        assert!(!marker.exists(), "{args:?} ran something");
    }
}

#[test]
fn a_changed_module_is_judged_with_what_its_callers_give() {
    let dir = repository();
    let module = "variable \"acl\" {}\n\nresource \"aws_s3_bucket_acl\" \"b\" {\n  bucket = \"b\"\n  acl    = var.acl\n}\n";
    write(dir.path(), "modules/bucket/main.tf", module.replace("acl    = var.acl", "acl    = \"private\""));
    write(dir.path(), "envs/prod/main.tf", "module \"site\" {\n  source = \"../../modules/bucket\"\n  acl    = \"public-read\"\n}\n");
    write(dir.path(), "modules/bucket/examples/main.tf", "module \"x\" {\n  source = \"../\"\n  acl    = \"private\"\n}\n");
    commit(&dir, "private");
    write(dir.path(), "modules/bucket/main.tf", module);
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report)), (1, vec!["s3-public-acl envs/prod/main.tf:3:12".to_owned()]), "{report:#}");
    assert_eq!(report["findings"][0]["resource"], "module.site.aws_s3_bucket_acl.b");
}

#[test]
fn an_ignore_in_one_version_does_not_speak_for_another() {
    let dir = repository();
    let id = made("aws-key-id", 50);
    write(dir.path(), "a.txt", format!("{id} # gatepost: ignore[aws-access-key] a test\n"));
    commit(&dir, "ignored");
    write(dir.path(), "a.txt", format!("prod {id}\n"));
    let second = commit(&dir, "not ignored");
    let run = gatepost(dir.path(), &["scan", "--history", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, report["findings"][0]["origin"]["commit"].as_str()), (1, Some(second.as_str())), "{report:#}");
}

#[test]
fn a_base_that_somebody_forgot_to_set_is_no_clean_range() {
    let dir = repository();
    for range in ["...HEAD", "..HEAD", ".."] {
        assert_eq!(gatepost(dir.path(), &["scan", "--diff", range]).code, 2, "{range}");
    }
    write(dir.path(), "a.txt", "x");
    assert_eq!(gatepost(dir.path(), &["scan", "--diff", "HEAD", "a.txt"]).code, 2, "a file is no repository");
}

#[test]
fn a_file_that_goes_is_a_change_of_its_module() {
    let dir = repository();
    write(dir.path(), "infra/main.tf", BUCKET.replace("\"private\"", "\"public-read\""));
    write(dir.path(), "infra/terraform.tfvars", "acl = \"private\"\n");
    commit(&dir, "private by its var file");
    assert_eq!(gatepost(dir.path(), &["scan", "."]).code, 0);
    git(dir.path(), &["rm", "-q", "infra/terraform.tfvars"]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report)), (1, vec!["s3-public-acl infra/main.tf:2:13".to_owned()]), "{report:#}");
    assert_eq!(report["findings"][0]["change"], "new");
}

#[test]
fn a_call_that_goes_lets_the_module_be_judged_alone_and_anew() {
    let dir = repository();
    write(dir.path(), "mod/main.tf", BUCKET.replace("\"private\"", "\"public-read\""));
    write(dir.path(), "env/main.tf", "locals {}\n");
    write(dir.path(), "env/mod.tf", "module \"m\" {\n  source = \"../mod\"\n  acl    = \"private\"\n}\n");
    commit(&dir, "private by its caller");
    git(dir.path(), &["rm", "-q", "env/mod.tf"]);
    write(dir.path(), "mod/other.tf", "locals {\n  x = 1\n}\n");
    git(dir.path(), &["add", "."]);
    let (run, report) = staged(&dir);
    assert_eq!((run.code, places(&report)), (1, vec!["s3-public-acl mod/main.tf:2:13".to_owned()]), "{report:#}");
}
