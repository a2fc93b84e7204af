//! `gatepost hook`, and what hooks call, run by git for real. The hooks that managers make are tried by scripts/test-hooks.sh.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{command, credentials, finish, gatepost, git, made, places, write};

struct Work {
    dir: tempfile::TempDir,
}

impl Work {
    fn new() -> Work {
        let work = Work { dir: tempfile::tempdir().expect("a folder") };
        fs::create_dir(work.top()).expect("made");
        git(&work.top(), &["init", "-q"]);
        write(&work.top(), "README", "x\n");
        git(&work.top(), &["add", "-A"]);
        git(&work.top(), &["commit", "-q", "-m", "first"]);
        work
    }

    fn top(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.top().join(".git/hooks").join(name)
    }

    /// Git as a person runs it, with gatepost on PATH or not.
    fn git(&self, args: &[&str], with: bool) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_gatepost")).parent().expect("a folder");
        let system = "/usr/local/bin:/usr/bin:/bin";
        let path = if with { format!("{}:{system}", bin.display()) } else { system.to_owned() };
        Command::new("git")
            .current_dir(self.top())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"])
            .args(args)
            .env("PATH", path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .output()
            .expect("git runs")
    }

    fn install(&self, args: &[&str]) -> support::Run {
        self.run(&[&["hook", "install"], args].concat())
    }

    fn run(&self, args: &[&str]) -> support::Run {
        finish(command(&self.top(), args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().expect("runs"))
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_commit_with_a_key_is_stopped() {
    let work = Work::new();
    let run = work.install(&[]);
    assert_eq!((run.code, run.stdout.lines().next()), (0, Some(".git/hooks/pre-commit: installed")), "{}", run.stderr);
    write(&work.top(), "conf.ini", credentials(1));
    assert!(work.git(&["add", "-A"], true).status.success());
    let stopped = work.git(&["commit", "-m", "oops"], true);
    assert!(!stopped.status.success() && said(&stopped).contains("aws-access-key"), "{}", said(&stopped));
    // -a and a path make git use an index of their own, which it names to the hook.
    write(&work.top(), "README", credentials(2));
    assert!(work.git(&["reset", "-q"], true).status.success());
    for args in [&["commit", "-a", "-m", "all"][..], &["commit", "-m", "one", "README"]] {
        let stopped = work.git(args, true);
        assert!(!stopped.status.success() && said(&stopped).contains("README:2:21"), "{args:?}: {}", said(&stopped));
    }
    // -p asks for each change, and keeps the others out of the index.
    let patch = Command::new("sh")
        .args(["-c", "printf 'y\\n' | git commit -p -m part README"])
        .current_dir(work.top())
        .env(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", Path::new(env!("CARGO_BIN_EXE_gatepost")).parent().expect("a folder").display()),
        )
        .envs([("GIT_AUTHOR_NAME", "t"), ("GIT_AUTHOR_EMAIL", "t@example.invalid"), ("GIT_COMMITTER_NAME", "t")])
        .envs([("GIT_COMMITTER_EMAIL", "t@example.invalid"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .output()
        .expect("a shell");
    assert!(!patch.status.success() && said(&patch).contains("README:2:21"), "{}", said(&patch));
    write(&work.top(), "README", "clean\n");
    fs::remove_file(work.top().join("conf.ini")).expect("removed");
    assert!(work.git(&["commit", "-q", "-a", "-m", "clean"], true).status.success());
    // A hook that cannot look lets nothing through.
    write(&work.top(), "README", "more\n");
    let blind = work.git(&["commit", "-q", "-a", "-m", "blind"], false);
    assert!(!blind.status.success() && said(&blind).contains("gatepost: not found on PATH"), "{}", said(&blind));
    assert!(work.git(&["commit", "-q", "-a", "--no-verify", "-m", "blind"], false).status.success());
}

#[test]
fn hooks_that_were_there_run_after_ours_and_come_back_byte_for_byte() {
    let work = Work::new();
    let theirs = "#!/bin/sh\nread -r line\necho \"theirs got: $line\" >&2\nexec true\n";
    fs::write(work.hook("pre-push"), theirs).expect("written");
    fs::set_permissions(work.hook("pre-push"), fs::Permissions::from_mode(0o750)).expect("made executable");
    assert_eq!(work.install(&["--all"]).code, 0);
    assert_eq!(work.run(&["hook", "status"]).code, 0);
    let remote = work.dir.path().join("remote");
    git(work.dir.path(), &["init", "-q", "--bare", "remote"]);
    let url = remote.display().to_string();
    assert!(work.git(&["remote", "add", "origin", &url], true).status.success());
    let pushed = work.git(&["push", "origin", "HEAD:refs/heads/main"], true);
    assert!(pushed.status.success() && said(&pushed).contains("theirs got: HEAD"), "{}", said(&pushed));
    // What one pushed commit adds and the next takes away.
    write(&work.top(), "conf.ini", credentials(1));
    for message in ["oops", "gone"] {
        git(&work.top(), &["add", "-A"]);
        git(&work.top(), &["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", message]);
        fs::remove_file(work.top().join("conf.ini")).unwrap_or_default();
    }
    let stopped = work.git(&["push", "origin", "HEAD:refs/heads/main"], true);
    assert!(!stopped.status.success() && said(&stopped).contains("aws-access-key"), "{}", said(&stopped));
    assert!(!said(&stopped).contains("theirs got"), "nothing of theirs runs after a refusal");
    let run = work.run(&["hook", "uninstall", "--all"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(fs::read_to_string(work.hook("pre-push")).expect("there"), theirs);
    assert_eq!(fs::metadata(work.hook("pre-push")).expect("there").permissions().mode() & 0o777, 0o750);
    assert!(!work.hook("pre-commit").exists() && !work.hook("commit-msg").exists());
    assert_eq!(work.run(&["hook", "status"]).code, 1, "no hook runs it any more");
}

#[test]
fn a_message_with_a_key_is_stopped() {
    let work = Work::new();
    assert_eq!(work.install(&["--type", "commit-msg"]).code, 0);
    let key = made("aws-key-id", 5);
    let stopped = work.git(&["commit", "--allow-empty", "-m", &format!("subject\n\nwith {key}")], true);
    let text = said(&stopped);
    assert!(!stopped.status.success() && text.contains("COMMIT_EDITMSG:3:6") && text.contains("nothing has leaked"), "{text}");
    assert!(!text.contains(&key), "{text}");
    // A line that begins as a comment is kept where nobody wrote it in an editor.
    let stopped = work.git(&["commit", "--allow-empty", "-m", &format!("subject\n\n# with {key}")], true);
    assert!(!stopped.status.success(), "{}", said(&stopped));
    // In an editor it is taken out, and so is what `-v` shows below.
    let editor = work.dir.path().join("editor.sh");
    fs::write(&editor, format!("#!/bin/sh\nprintf 'subject\\n\\n# with {key}\\n' | cat - \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"\n"))
        .expect("written");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("made executable");
    write(&work.top(), "conf.ini", credentials(3));
    git(&work.top(), &["add", "-A"]);
    let setting = format!("core.editor={}", editor.display());
    let done = work.git(&["-c", &setting, "commit", "-v"], true);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(work.run(&["scan", "--commit-msg", "none"]).code, 2);
}

#[test]
fn what_is_in_the_way_is_left_as_it_is() {
    let work = Work::new();
    let cases: [(&str, u32, &str); 3] = [
        ("#!/usr/bin/env python3\nprint()\n", 0o755, "no shell script"),
        ("#!/bin/sh\nexit 0\n", 0o644, "not executable"),
        ("#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n", 0o755, "pre-commit or prek has made it"),
    ];
    for (hook, mode, why) in cases {
        fs::write(work.hook("pre-commit"), hook).expect("written");
        fs::set_permissions(work.hook("pre-commit"), fs::Permissions::from_mode(mode)).expect("set");
        let run = work.install(&[]);
        assert_eq!(run.code, 2, "{why}");
        assert!(run.stderr.contains(why) && run.stderr.contains("gatepost scan --staged"), "{why}: {}", run.stderr);
        assert_eq!(fs::read_to_string(work.hook("pre-commit")).expect("there"), hook);
    }
    fs::remove_file(work.hook("pre-commit")).expect("removed");
    std::os::unix::fs::symlink("../../README", work.hook("pre-commit")).expect("linked");
    assert_eq!(work.install(&[]).code, 2);
    assert_eq!(fs::read_to_string(work.top().join("README")).expect("there"), "x\n");
    assert_eq!(gatepost(Path::new("/"), &["hook", "install"]).code, 2, "no repository");
}

#[test]
fn hooks_lie_where_git_looks_for_them() {
    let work = Work::new();
    // A folder of the work tree.
    git(&work.top(), &["config", "core.hooksPath", "tools/hooks"]);
    let run = work.install(&[]);
    assert!(
        run.code == 0 && run.stdout.contains("tools/hooks/pre-commit: installed") && run.stdout.contains("everybody's"),
        "{}",
        run.stdout
    );
    write(&work.top(), "conf.ini", credentials(1));
    git(&work.top(), &["add", "conf.ini"]);
    assert!(!work.git(&["commit", "-m", "oops"], true).status.success());
    git(&work.top(), &["config", "--unset", "core.hooksPath"]);

    // A folder for every repository of a person.
    let global = work.dir.path().join("gitconfig");
    fs::write(&global, format!("[core]\n\thooksPath = {}\n", work.dir.path().join("all").display())).expect("written");
    let run = |args: &[&str]| {
        finish(command(&work.top(), args).env("GIT_CONFIG_GLOBAL", &global).env("GIT_CONFIG_NOSYSTEM", "1").output().expect("runs"))
    };
    let refused = run(&["hook", "install"]);
    assert!(
        refused.code == 2 && refused.stderr.contains("for every repository") && refused.stderr.contains("--global"),
        "{}",
        refused.stderr
    );
    assert_eq!(run(&["hook", "install", "--global"]).code, 0);
    assert!(work.dir.path().join("all/pre-commit").is_file());

    // A linked work tree has the hooks of its repository.
    git(&work.top(), &["worktree", "add", "-q", "../linked"]);
    let linked = finish(
        command(&work.dir.path().join("linked"), &["hook", "install"])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("runs"),
    );
    assert_eq!(linked.code, 0, "{}", linked.stderr);
    assert!(work.hook("pre-commit").is_file());
}

#[test]
fn managers_are_known_and_told_what_to_write() {
    for (file, text, word) in [
        (".husky/pre-commit", "npm test\n", ".husky/pre-commit"),
        ("lefthook.yml", "pre-commit:\n", "run: gatepost scan --staged"),
        (".pre-commit-config.yaml", "repos: []\n", "- id: gatepost"),
        ("prek.toml", "", "hooks = [{ id = \"gatepost\" }]"),
    ] {
        let work = Work::new();
        write(&work.top(), file, text);
        let run = work.install(&[]);
        assert!(run.code == 2 && run.stdout.contains(word) && run.stdout.contains("Nothing was written"), "{file}: {}", run.stdout);
        assert!(!work.hook("pre-commit").exists());
        assert_eq!(work.run(&["hook", "status"]).code, 1);
        assert_eq!(work.install(&["--plain"]).code, 0);
        assert!(work.hook("pre-commit").is_file());
    }
    let work = Work::new();
    write(&work.top(), "lefthook.yml", "pre-commit:\n  commands:\n    gatepost:\n      run: gatepost scan --staged\n");
    let run = work.run(&["hook", "status"]);
    assert_eq!(work.install(&[]).code, 0, "it is in place");
    let more = work.install(&["--all"]);
    assert!(more.code == 2 && more.stdout.contains("pre-commit: lefthook runs gatepost"), "{}", more.stdout);
    assert!(more.stdout.contains("    commit-msg:") && !more.stdout.contains("    pre-commit:"), "only what is missing: {}", more.stdout);
    assert!(run.code == 0 && run.stdout.contains("lefthook (lefthook.yml), which runs gatepost at pre-commit"), "{}", run.stdout);
    // What newer versions of git take from the configuration.
    let work = Work::new();
    git(&work.top(), &["config", "hook.secrets.command", "gatepost scan --staged"]);
    git(&work.top(), &["config", "hook.secrets.event", "pre-commit"]);
    let run = work.run(&["hook", "status"]);
    assert!(run.code == 0 && run.stdout.contains("gatepost by hook.secrets.command"), "{}", run.stdout);
    git(&work.top(), &["config", "hook.secrets.enabled", "false"]);
    assert_eq!(work.run(&["hook", "status"]).code, 1, "it is switched off");
}

#[test]
fn files_may_be_named_as_managers_do() {
    let work = Work::new();
    let top = work.top();
    for (name, seed) in [("a.ini", 1), ("sub/b.ini", 2), ("skipped.ini", 3)] {
        write(&top, name, credentials(seed));
    }
    write(&top, ".gatepost.yml", "exclude: [skipped.ini]\n");
    write(&top, ".gitignore", "local.ini\n");
    write(&top, "local.ini", credentials(4));
    git(&top, &["add", "-A"]);
    let found = |folder: &Path, args: &[&str]| {
        let all = places(&gatepost(folder, &[&["scan", "--format", "json", "--select", "aws-access-key"], args].concat()).json());
        let mut paths: Vec<_> = all.into_iter().map(|place| place.split([' ', ':']).nth(1).unwrap_or_default().to_owned()).collect();
        paths.sort();
        paths
    };
    assert_eq!(found(&top, &["--staged"]), ["a.ini", "sub/b.ini"]);
    assert_eq!(found(&top, &["--staged", "a.ini"]), ["a.ini"]);
    assert_eq!(found(&top.join("sub"), &["--staged", "b.ini", "../README"]), ["sub/b.ini"]);
    assert_eq!(found(&top, &["--staged", "README", "none"]), Vec::<String>::new());
    // What only the work tree has is not staged.
    fs::remove_file(top.join("a.ini")).expect("removed");
    assert_eq!(found(&top, &["--staged", "a.ini", "sub"]), ["a.ini", "sub/b.ini"]);
    // Named files of the disk are looked at, but for what is excluded where that is asked for.
    assert_eq!(
        found(&top, &["skipped.ini", "local.ini", "sub/b.ini"]),
        ["local.ini", "sub/b.ini"],
        "what the configuration excludes stays out"
    );
    assert_eq!(found(&top, &["--force-exclude", "skipped.ini", "local.ini", "sub/b.ini"]), ["sub/b.ini"]);
    assert_eq!(found(&top, &["--force-exclude", "--exclude", "b.*", "sub/b.ini", "local.ini"]), Vec::<String>::new());
}

#[test]
fn settings_that_others_include_are_seen() {
    let work = Work::new();
    let home = work.dir.path().join("home");
    write(&home, ".gitconfig", "[include]\n\tpath = more/hooks\n");
    write(&home, "more/hooks", "[core]\n\thooksPath = ~/all hooks\n");
    let run = |args: &[&str]| {
        let mut command = command(&work.top(), args);
        command.env("HOME", &home).env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_CONFIG_GLOBAL").env_remove("XDG_CONFIG_HOME");
        finish(command.output().expect("runs"))
    };
    let refused = run(&["hook", "install"]);
    assert!(refused.code == 2 && refused.stderr.contains("~/all hooks for every repository"), "{}", refused.stderr);
    assert_eq!(run(&["hook", "install", "--global"]).code, 0);
    assert!(home.join("all hooks/pre-commit").is_file());
    // What the repository says comes last.
    git(&work.top(), &["config", "core.hooksPath", "own"]);
    assert_eq!(run(&["hook", "install"]).code, 0);
    assert!(work.top().join("own/pre-commit").is_file());
    git(&work.top(), &["config", "core.hooksPath", "/dev/null"]);
    let none = run(&["hook", "install"]);
    assert!(none.code == 2 && none.stderr.contains("git runs no hooks here"), "{}", none.stderr);
}

#[test]
fn all_hooks_are_written_or_none() {
    let work = Work::new();
    write(&work.top(), ".git/hooks/pre-push", "#!/usr/bin/env python3\n");
    fs::set_permissions(work.hook("pre-push"), fs::Permissions::from_mode(0o755)).expect("set");
    assert_eq!(work.install(&["--all"]).code, 2);
    assert!(!work.hook("pre-commit").exists() && !work.hook("commit-msg").exists());
    let run = work.install(&["--type", "pre-commit"]);
    assert!(
        run.code == 0 && run.stdout.contains("2.47 does not") && run.stdout.contains("hook.gatepost-pre-commit.event"),
        "{}",
        run.stdout
    );
}

/// Git itself says which part of a message it stores.
#[test]
fn what_is_stored_of_a_message_is_found_and_nothing_else() {
    let work = Work::new();
    let (top, id) = (work.top(), made("aws-key-id", 8));
    assert_eq!(work.install(&["--type", "commit-msg"]).code, 0);
    let cut = "# ------------------------ >8 ------------------------\n";
    let gits = format!("{cut}# Do not modify\n");
    for (text, setting, edited) in [
        (format!("fix\n# {id}\n"), None, false),
        (format!("fix\n# {id}\n"), None, true),
        (format!("fix\n; {id}\n"), None, true),
        (format!("fix\n; {id}\n"), Some(("core.commentChar", ";")), true),
        (format!("fix\n# {id}\n"), Some(("core.commentChar", ";")), true),
        (format!("fix\n// {id}\n"), Some(("core.commentString", "//")), true),
        (format!("fix\n# {id}\n"), Some(("commit.cleanup", "strip")), false),
        (format!("fix\n# {id}\n"), Some(("commit.cleanup", "whitespace")), true),
        (format!("fix\n{gits}{id}\n"), Some(("commit.cleanup", "scissors")), true),
        (format!("fix\n{gits}{id}\n"), Some(("commit.cleanup", "scissors")), false),
        (format!("fix\n{cut}{id}\n"), None, true),
        (format!("fix\n{cut}{id}\n"), None, false),
        (format!("#1 fix\n{id}\n"), Some(("core.commentChar", "auto")), true),
    ] {
        if let Some((key, value)) = setting {
            git(&top, &["config", key, value]);
        }
        write(work.dir.path(), "typed", &text);
        let commit = |hooks: &str| {
            let args = ["-c", hooks, "-c", "core.editor=true", "commit", "--allow-empty", "-F", "../typed"];
            work.git(&[&args[..], if edited { &["-e"] } else { &[] }].concat(), true)
        };
        let with = commit("core.hooksPath=.git/hooks");
        assert!(commit("core.hooksPath=/dev/null").status.success(), "{text}: without a hook");
        let stored = git(&top, &["log", "-1", "--format=%B"]).contains(&id);
        if let Some((key, _)) = setting {
            git(&top, &["config", "--unset", key]);
        }
        assert_eq!(with.status.success(), !stored, "{text:?} {setting:?} {edited}: {}", said(&with));
    }
}

#[test]
fn a_first_push_is_looked_at_where_the_framework_names_no_ends() {
    let work = Work::new();
    let top = work.top();
    for text in [credentials(9), "[gone]\n".to_owned()] {
        write(&top, "key.ini", text);
        git(&top, &["add", "-A"]);
        git(&top, &["commit", "-q", "-m", "x"]);
    }
    let scan = |variables: &[(&str, &str)]| {
        let mut command = command(&top, &["scan", "--pre-push", "origin"]);
        command.stdin(std::process::Stdio::null()).envs(variables.iter().copied());
        finish(command.output().expect("runs")).code
    };
    let (first, last) = (git(&top, &["rev-parse", "HEAD~2"]), git(&top, &["rev-parse", "HEAD"]));
    let branch = git(&top, &["symbolic-ref", "HEAD"]);
    assert_eq!(scan(&[("PRE_COMMIT_FROM_REF", &first), ("PRE_COMMIT_TO_REF", &last)]), 1);
    assert_eq!(scan(&[("PRE_COMMIT_FROM_REF", &last), ("PRE_COMMIT_TO_REF", &last)]), 0);
    assert_eq!(scan(&[("PRE_COMMIT_LOCAL_BRANCH", &branch), ("PRE_COMMIT_REMOTE_NAME", "origin")]), 1);
    assert!(scan(&[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/none")]) > 1, "what is not here is not clean");
}

#[test]
fn staged_files_may_be_named_by_any_way_to_them() {
    let work = Work::new();
    let top = work.top();
    write(&top, "a.ini", credentials(1));
    git(&top, &["add", "-A"]);
    std::os::unix::fs::symlink(&top, work.dir.path().join("link")).expect("linked");
    let scan = |folder: &Path, path: &Path| gatepost(folder, &["scan", "--staged", "--format", "json", path.to_str().expect("text")]);
    for (folder, path) in
        [(top.clone(), top.join("a.ini")), (top.clone(), work.dir.path().join("link/a.ini")), (work.dir.path().into(), "work/a.ini".into())]
    {
        assert_eq!(scan(&folder, &path).code, 1, "{}", path.display());
    }
    assert_eq!(scan(&top, Path::new("gone/away")).code, 0, "what is not staged is no error");
    let outside = write(work.dir.path(), "outside", "x");
    assert_eq!(scan(&top, &outside).code, 2, "what cannot be staged is one");
    // It stood in a file that is not named.
    git(&top, &["commit", "-q", "-m", "x"]);
    git(&top, &["mv", "a.ini", "moved.ini"]);
    assert_eq!(scan(&top, Path::new("moved.ini")).json()["findings"][0]["change"], "existing");
}

#[test]
fn a_folder_that_is_excluded_has_no_named_file() {
    let work = Work::new();
    let top = work.top();
    write(&top, "sub/vendor/e.ini", credentials(2));
    let found = |folder: &str, args: &[&str]| gatepost(&top.join(folder), &[&["scan", "--force-exclude"], args].concat()).code;
    assert_eq!(found("", &["sub/vendor/e.ini"]), 1);
    for glob in ["vendor", "vendor/", "sub/**", "/sub", "*.ini"] {
        assert_eq!(found("", &["--exclude", glob, "sub/vendor/e.ini"]), 0, "{glob}");
        assert_eq!(found("", &["--exclude", glob, "./sub/vendor/e.ini"]), 0, "{glob}");
    }
    assert_eq!(found("sub", &["--exclude", "/sub/vendor", "vendor/e.ini"]), 0, "from the top");
    assert_eq!(found("", &["--exclude", "/vendor", "sub/vendor/e.ini"]), 1);
}
