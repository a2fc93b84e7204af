//! The first minute, through the binary: `init`, `doctor`, help that teaches, errors that say what to type.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Run, command, credentials, finish, gatepost, git, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("made");
    git(dir.path(), &["init", "-q"]);
    dir
}

/// With a PATH on which hooks find the program.
fn on_path(folder: &Path, args: &[&str]) -> Run {
    finish(command(folder, args).env("PATH", path()).output().expect("the binary runs"))
}

fn path() -> std::ffi::OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_gatepost")).parent().expect("a folder").to_path_buf();
    let all = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([own].into_iter().chain(std::env::split_paths(&all))).expect("a path")
}

#[test]
fn a_repository_is_set_up_by_what_was_shown_before() {
    let dir = repository();
    let top = dir.path();
    write(top, "old.ini", credentials(1));
    fs::create_dir(top.join(".github")).expect("made");
    let shown = on_path(top, &["init"]);
    assert_eq!(shown.code, 1, "{}", shown.stderr);
    for part in
        ["+++ b/.gatepost.yml\n", "+++ b/.git/hooks/pre-commit\n", "+++ b/.github/workflows/gatepost.yml\n", "+++ b/.gatepost-baseline\n"]
    {
        assert!(shown.stdout.contains(part), "{part} in {}", shown.stdout);
    }
    assert!(shown.stdout.contains("`gatepost init --yes` writes it"), "{}", shown.stdout);
    assert!(!top.join(".gatepost.yml").exists() && !top.join(".gatepost-baseline").exists(), "nothing is written yet");

    let written = on_path(top, &["init", "--yes"]);
    assert_eq!((written.code, written.stdout.matches("written: ").count()), (0, 4), "{}", written.stdout);
    let again = on_path(top, &["init", "--yes"]);
    assert_eq!((again.code, again.stdout.contains("nothing to write")), (0, true), "{}", again.stdout);

    // What it wrote does what it is for: the old key is known, a new one is stopped.
    assert_eq!(gatepost(top, &["config", "check"]).code, 0);
    let scan = gatepost(top, &["scan"]);
    assert!(scan.code == 0 && scan.stdout.contains("1 in the baseline"), "{}", scan.stdout);
    let commit = |message: &str| {
        git(top, &["add", "-A"]);
        let run =
            Command::new("git").current_dir(top).args(["commit", "-q", "-m", message]).env("PATH", path()).output().expect("git runs");
        run.status.success()
    };
    assert!(commit("known"));
    write(top, "new.ini", credentials(2));
    assert!(!commit("new"), "the hook lets a key through");
}

#[test]
fn what_is_there_is_left_and_no_link_is_followed() {
    let dir = repository();
    let top = dir.path();
    let elsewhere = tempfile::tempdir().expect("made");
    write(top, ".gatepost.yml", "fail-on: high\n");
    write(top, ".pre-commit-config.yaml", "repos: []\n");
    let run = gatepost(top, &["init", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(fs::read_to_string(top.join(".gatepost.yml")).expect("there"), "fail-on: high\n");
    assert!(run.stdout.contains("pre-commit or prek manages the hooks here; add in .pre-commit-config.yaml"), "{}", run.stdout);
    assert!(!top.join(".git/hooks/pre-commit").exists());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(elsewhere.path(), top.join(".github")).expect("linked");
        let run = gatepost(top, &["init", "--yes"]);
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains(".github is a link") && run.stderr.contains("`--without`"), "{}", run.stderr);
        std::os::unix::fs::symlink(elsewhere.path().join("baseline"), top.join(".gatepost-baseline")).expect("linked");
        write(top, "old.ini", credentials(1));
        assert_eq!(gatepost(top, &["init", "--yes", "--without", "workflow"]).code, 0);
    }
    assert_eq!(fs::read_dir(elsewhere.path()).expect("read").count(), 0);
}

/// Neither a pipe nor a device has an end.
#[cfg(unix)]
#[test]
fn what_has_no_end_is_not_waited_for() {
    let dir = repository();
    let top = dir.path();
    fs::create_dir_all(top.join(".github/workflows")).expect("made");
    let pipe = |name: &str| assert!(Command::new("mkfifo").arg(top.join(name)).status().expect("runs").success());
    for name in [".github/workflows/a.yml", ".gitlab-ci.yml", "lefthook.yml"] {
        pipe(name);
    }
    std::os::unix::fs::symlink("/dev/zero", top.join(".github/workflows/b.yml")).expect("linked");
    assert_eq!(on_path(top, &["doctor"]).code, 1);
    assert_eq!(on_path(top, &["hook", "status"]).code, 1);
    let run = on_path(top, &["init"]);
    assert!(run.code == 1 && run.stdout.contains("+++ b/.github/workflows/gatepost.yml"), "{} {}", run.stdout, run.stderr);
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_type() {
    let dir = repository();
    let top = dir.path();
    let sick = on_path(top, &["doctor"]);
    assert_eq!(sick.code, 1, "{}", sick.stdout);
    let line = |run: &Run, what: &str| run.stdout.lines().find(|line| line.contains(what)).map(str::to_owned).expect("a line");
    assert!(line(&sick, "pre-commit").starts_with("problem ") && line(&sick, "pre-commit").ends_with("`gatepost hook install`"));
    assert!(line(&sick, " config ").starts_with("note "), "{}", sick.stdout);
    assert_eq!(on_path(top, &["hook", "install"]).code, 0);
    let healthy = on_path(top, &["doctor"]);
    assert_eq!(healthy.code, 0, "{}", healthy.stdout);
    assert!(
        line(&healthy, "repository").contains("its whole history") && line(&healthy, " path ").starts_with("ok "),
        "{}",
        healthy.stdout
    );
    write(top, ".gatepost.yml", "fail-on: urgent\n");
    let broken = on_path(top, &["doctor", "--format", "json"]).json();
    assert_eq!(broken["healthy"], false);
    let policy = broken["checks"].as_array().expect("a list").iter().find(|check| check["what"] == "policy").expect("told").clone();
    assert_eq!((policy["health"].as_str(), policy["next"].as_str()), (Some("problem"), Some("`gatepost config check`")), "{policy}");
    let nowhere = tempfile::tempdir().expect("made");
    assert!(line(&on_path(nowhere.path(), &["doctor"]), "repository").starts_with("problem "));
}

/// Whoever made a mistake reads what to type, in the last line.
#[test]
fn every_error_ends_with_a_command() {
    let dir = repository();
    let top = dir.path();
    write(top, "no-report.json", "{}");
    write(top, "wrong.yml", "fail-on: urgent\n");
    let plain = tempfile::tempdir().expect("made");
    for args in [
        &["secnarios"][..],
        &["scan", "--formt", "json"],
        &["scan", "nothere"],
        &["scan", "--select", "nope"],
        &["scan", "--fail-on", "urgent"],
        &["scan", "--config", "wrong.yml"],
        &["scan", "--config", "none.yml"],
        &["scan", "--var-file", "none.tfvars"],
        &["scan", "--rules", "none"],
        &["scan", "--baseline", "none"],
        &["scan", "--output", "json=/nonexistent/r.json"],
        &["explain", "nope"],
        &["report", "no-report.json"],
        &["report", "none.json"],
        &["diff", "none.json", "none.json"],
        &["baseline", "update"],
        &["allow", "0101", "--reason", "x"],
        &["config", "check", "none.yml"],
        &["import", "none"],
        &["rules", "test", "nope"],
        &["rules", "views", "nope"],
        &["iac", "show", "nope.x"],
        &["generate", "completions", "tcsh"],
    ] {
        let run = gatepost(top, args);
        assert!(run.code >= 2 && run.stdout.is_empty(), "{args:?}: {} {}", run.code, run.stdout);
        let lines: Vec<&str> = run.stderr.trim_end().lines().collect();
        assert!(lines[0].starts_with("error: "), "{args:?}: {}", run.stderr);
        let last = lines.last().expect("lines");
        assert!(last.contains("`gatepost ") || last.contains("`git "), "{args:?}: {}", run.stderr);
    }
    for args in [&["scan", "--staged"][..], &["hook", "install"], &["init"]] {
        let run = gatepost(plain.path(), args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.stdout);
        assert!(run.stderr.contains("`gatepost scan") && run.stderr.contains("is not inside a git repository"), "{args:?}: {}", run.stderr);
    }
    // A range that is not there is no usage error, and no clean scan.
    let run = gatepost(top, &["scan", "--diff", "nope"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("`git fetch origin`"), "{}", run.stdout);
}

#[test]
fn help_teaches_by_example() {
    let dir = tempfile::tempdir().expect("made");
    let nothing = gatepost(dir.path(), &[]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("Examples:\n  gatepost scan "), "{}", nothing.stderr);
    for args in [&["--help"][..], &["scan", "--help"], &["hook", "install", "-h"], &["help", "baseline", "create"]] {
        let run = gatepost(dir.path(), args);
        assert_eq!(run.code, 0, "{args:?}");
        assert!(run.stdout.contains("Examples:\n  gatepost "), "{args:?}: {}", run.stdout);
    }
}
