//! What the author is told at the hook of a secret that is committed already: since when, who has it, how to undo it.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{credentials, gatepost, git, write};

fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

/// Changes the lines of the key, stages that, and returns what is said: the text and the command.
fn asked(folder: &Path) -> (String, String) {
    write(folder, "conf.ini", credentials(1).replace('\n', " # again\n"));
    git(folder, &["add", "-A"]);
    let run = gatepost(folder, &["scan", "--staged", "--format", "json"]);
    let report: Value = run.json();
    let finding = &report["findings"][0];
    assert_eq!((run.code, &finding["rule"], &finding["change"]), (1, &"aws-access-key".into(), &"existing".into()), "{report}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&finding["fix"]["text"]), text(&finding["fix"]["commands"][0]))
}

/// Runs what was said, takes the key out, commits: no commit that HEAD leads to has it any more.
fn obey(folder: &Path, command: &str) {
    let done = Command::new("sh").args(["-c", command]).current_dir(folder).status().expect("a shell");
    assert!(done.success(), "{command}");
    write(folder, "conf.ini", "[default]\n");
    commit(folder, "clean");
    let log = git(folder, &["log", "-p", "--format=%H"]);
    assert!(!log.contains("aws_secret_access_key"), "{command}: {log}");
    assert_eq!(gatepost(folder, &["scan", "--history", "--reachable-only"]).code, 0);
}

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    dir
}

#[test]
fn the_last_commit_is_taken_back() {
    let dir = repository();
    write(dir.path(), "README", "x\n");
    commit(dir.path(), "first");
    write(dir.path(), "conf.ini", credentials(1));
    let bad = commit(dir.path(), "oops");
    let (text, command) = asked(dir.path());
    assert!(text.contains(&format!("in one commit since {} (2023-", &bad[..10])) && text.contains("in no branch of a remote"), "{text}");
    assert_eq!(command, "git reset --soft HEAD^");
    obey(dir.path(), &command);
}

#[test]
fn older_commits_are_taken_back_up_to_the_first_that_has_it() {
    let dir = repository();
    write(dir.path(), "README", "x\n");
    commit(dir.path(), "first");
    write(dir.path(), "conf.ini", credentials(1));
    let bad = commit(dir.path(), "oops");
    write(dir.path(), "more", "y\n");
    commit(dir.path(), "more");
    let (text, command) = asked(dir.path());
    assert!(text.contains("in 2 commits since"), "{text}");
    assert_eq!(command, format!("git reset --soft {}^", &bad[..10]));
    obey(dir.path(), &command);
}

#[test]
fn where_the_first_commit_of_all_has_it_nothing_is_left() {
    let dir = repository();
    write(dir.path(), "conf.ini", credentials(1));
    commit(dir.path(), "first");
    let (_, command) = asked(dir.path());
    assert_eq!(command, "git update-ref -d HEAD");
    obey(dir.path(), &command);
}

#[test]
fn what_a_remote_has_is_to_be_rotated() {
    let origin = repository();
    write(origin.path(), "README", "x\n");
    commit(origin.path(), "first");
    write(origin.path(), "conf.ini", credentials(1));
    let bad = commit(origin.path(), "oops");
    let clone = tempfile::tempdir().expect("a folder");
    git(clone.path(), &["clone", "-q", &format!("file://{}", origin.path().display()), "work"]);
    let work = clone.path().join("work");
    write(&work, "mine", "x\n");
    commit(&work, "mine");
    let (text, command) = asked(&work);
    let expected = format!("in 2 commits since {} (2023-", &bad[..10]);
    assert!(text.contains(&expected) && text.contains("and origin/") && text.contains("it has leaked. Rotate it first"), "{text}");
    assert!(command.starts_with("git filter-repo"), "{command}");
    // Of a clone that is cut, nobody knows the beginning.
    git(clone.path(), &["clone", "-q", "--depth=1", &format!("file://{}", origin.path().display()), "cut"]);
    let (text, _) = asked(&clone.path().join("cut"));
    assert!(text.contains("in at least one commit since"), "{text}");
}

/// A hook ends in time: of many, the first few are asked about, and which these are is the same each time.
#[test]
fn of_many_only_the_first_are_followed_back() {
    let dir = repository();
    write(dir.path(), "README", "x\n");
    commit(dir.path(), "first");
    for n in 0..12 {
        write(dir.path(), &format!("f{n:02}.ini"), credentials(n));
    }
    commit(dir.path(), "oops");
    for n in 0..12 {
        write(dir.path(), &format!("f{n:02}.ini"), credentials(n).replace('\n', " # again\n"));
    }
    git(dir.path(), &["add", "-A"]);
    let run = || gatepost(dir.path(), &["scan", "--staged", "--format", "json"]);
    let (first, second) = (run(), run());
    assert_eq!(first.stdout, second.stdout);
    let report = first.json();
    let told = |f: &Value| f["fix"]["text"].as_str().is_some_and(|text| text.contains("in one commit since"));
    let told: Vec<bool> = report["findings"].as_array().expect("a list").iter().map(told).collect();
    assert_eq!(told, [[true; 8].as_slice(), &[false; 4]].concat());
}

#[test]
fn what_came_and_went_and_was_pushed_has_leaked() {
    let dir = repository();
    write(dir.path(), "README", "x\n");
    commit(dir.path(), "first");
    git(dir.path(), &["checkout", "-q", "-b", "topic"]);
    write(dir.path(), "conf.ini", credentials(1));
    let bad = commit(dir.path(), "oops");
    write(dir.path(), "conf.ini", "[default]\n");
    commit(dir.path(), "gone");
    let fix = || {
        let report = gatepost(dir.path(), &["scan", "--diff", "main", "--format", "json"]).json();
        report["findings"][0]["fix"]["text"].as_str().unwrap_or_default().to_owned()
    };
    assert!(fix().contains("Where they were pushed, it has leaked"), "{}", fix());
    git(dir.path(), &["update-ref", "refs/remotes/origin/topic", &bad]);
    assert!(fix().contains("but origin/topic has the commit"), "{}", fix());
}
