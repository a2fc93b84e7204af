//! `--diff` and `--pre-push` through the binary: commit by commit, not the ends alone.

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use support::{Run, command, credentials, finish, gatepost, git, made, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "README", "one\n");
    commit(dir.path(), "first");
    dir
}

fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

fn told(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list");
    findings
        .iter()
        .filter(|f| f["state"] == "active" && f["change"] != "fixed")
        .map(|f| (text(&f["path"]), text(&f["origin"]["commit"])))
        .collect()
}

fn diff(folder: &Path, range: &str) -> (i32, Value) {
    let run = gatepost(folder, &["scan", "--diff", range, "--format", "json"]);
    (run.code, run.json())
}

#[test]
fn what_came_and_went_inside_of_the_range_is_found() {
    let dir = repository();
    let path = dir.path();
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "conf.ini", credentials(1));
    let bad = commit(path, "oops");
    write(path, "conf.ini", "[default]\n");
    commit(path, "gone");
    let (code, report) = diff(path, "main");
    assert_eq!((code, told(&report)), (1, vec![("conf.ini".to_owned(), bad.clone())]));
    let finding = &report["findings"][0];
    assert_eq!(finding["change"], "new");
    let fix = finding["fix"]["text"].as_str().expect("a text");
    assert!(fix.contains("gone at the end of the range"), "{fix}");
    assert_eq!(finding["fix"]["commands"][0], format!("git rebase -i {}^", &bad[..10]));
    // What two ends show alone is clean.
    assert_eq!(diff(path, "HEAD..HEAD"), (0, diff(path, "HEAD..HEAD").1));
    assert_eq!(told(&diff(path, "HEAD~1..HEAD").1), Vec::new());
}

#[test]
fn what_the_end_has_is_told_there_and_once() {
    let dir = repository();
    let path = dir.path();
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "old.ini", credentials(1));
    commit(path, "one");
    write(path, "old.ini", format!("# a line\n{}", credentials(1)));
    commit(path, "two");
    git(path, &["mv", "old.ini", "new.ini"]);
    let head = commit(path, "three");
    let (code, report) = diff(path, "main");
    assert_eq!((code, told(&report)), (1, vec![("new.ini".to_owned(), head)]));
    assert!(!report["findings"][0]["message"].as_str().expect("a text").contains("version"), "{report}");
}

#[test]
fn what_the_base_had_is_not_blamed() {
    let dir = repository();
    let path = dir.path();
    write(path, "base.ini", credentials(1));
    commit(path, "in the base");
    git(path, &["checkout", "-q", "-b", "topic"]);
    // Moved about, changed beside, and put back.
    git(path, &["mv", "base.ini", "moved.ini"]);
    commit(path, "there");
    write(path, "moved.ini", format!("{}# more\n", credentials(1)));
    commit(path, "more");
    git(path, &["mv", "moved.ini", "base.ini"]);
    write(path, "base.ini", credentials(1));
    commit(path, "and back");
    // The base goes on, with a key of its own, and is merged.
    git(path, &["checkout", "-q", "main"]);
    write(path, "later.ini", credentials(2));
    commit(path, "later in the base");
    git(path, &["checkout", "-q", "topic"]);
    git(path, &["merge", "-q", "--no-ff", "-m", "take the base", "main"]);
    let (code, report) = diff(path, "main");
    assert_eq!((code, told(&report)), (0, Vec::new()), "{report}");
}

#[test]
fn a_merge_answers_for_what_none_of_its_parents_has() {
    let dir = repository();
    let path = dir.path();
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "mine", "x\n");
    commit(path, "mine");
    git(path, &["checkout", "-q", "main"]);
    write(path, "theirs.ini", credentials(3));
    commit(path, "theirs");
    git(path, &["checkout", "-q", "topic"]);
    git(path, &["merge", "-q", "--no-commit", "--no-ff", "main"]);
    write(path, "evil.ini", credentials(4));
    // A line of its own in a file that one parent has, beside that parent's key.
    write(path, "theirs.ini", format!("{}other = {}\n", credentials(3), made("aws-key-id", 5)));
    let evil = commit(path, "merge");
    fs::remove_file(path.join("evil.ini")).expect("removed");
    write(path, "theirs.ini", credentials(3));
    commit(path, "clean again");
    let (code, report) = diff(path, "main");
    assert_eq!((code, told(&report)), (1, vec![("evil.ini".to_owned(), evil.clone()), ("theirs.ini".to_owned(), evil)]), "{report}");
    let second = &report["findings"][1];
    assert_eq!(second["start"]["line"], 4, "the parent's own key is not blamed: {second}");
}

#[test]
fn messages_of_the_range_are_read() {
    let dir = repository();
    let path = dir.path();
    commit(path, &format!("in the base: {}", made("aws-key-id", 1)));
    git(path, &["checkout", "-q", "-b", "topic"]);
    let bad = commit(path, &format!("see {}", made("aws-key-id", 2)));
    commit(path, "more");
    let report = diff(path, "main").1;
    assert_eq!(told(&report), [(format!("commit {} message", &bad[..12]), String::new())], "{report}");
}

/// As a workflow sees a pull request: a merge commit with two commits fetched. The ends are all there is.
#[test]
fn a_shallow_merge_compares_its_ends_and_says_what_is_not_there() {
    let dir = repository();
    let path = dir.path();
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "gone.ini", credentials(1));
    commit(path, "one");
    fs::remove_file(path.join("gone.ini")).expect("removed");
    write(path, "kept.txt", "x\n");
    commit(path, "two");
    git(path, &["checkout", "-q", "main"]);
    write(path, "other", "y\n");
    commit(path, "main goes on");
    git(path, &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    let clone = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", path.display());
    git(clone.path(), &["clone", "-q", "--depth=2", &url, "shallow"]);
    let shallow = clone.path().join("shallow");
    let run = gatepost(&shallow, &["scan", "--diff", "HEAD^1..HEAD", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.code, told(&report)), (0, Vec::new()), "{} {report}", run.stderr);
    let notes = report["notes"].to_string();
    assert!(notes.contains("the clone is shallow: what came and went before"), "{notes}");
    git(&shallow, &["fetch", "-q", "--unshallow"]);
    let (code, report) = diff(&shallow, "HEAD^1..HEAD");
    assert_eq!((code, told(&report).len()), (1, 1), "all of it is here now: {report}");
}

/// A credential file, a template and an ignore of a commit on the way: the first is told, the second is judged at the end
/// only, and the third, which came with the change, does not hold.
#[test]
fn rules_on_files_see_the_way_and_rules_on_resources_the_end() {
    let dir = repository();
    let path = dir.path();
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, ".env", "DB_PASSWORD=hunter2x9Q\n");
    write(path, "main.tf", "resource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = \"b\"\n  acl    = \"public-read\"\n}\n");
    write(path, "said.ini", format!("# gatepost: ignore[aws-access-key] a test\nkey = {}\n", made("aws-key-id", 7)));
    commit(path, "one");
    for name in [".env", "main.tf", "said.ini"] {
        fs::remove_file(path.join(name)).expect("removed");
    }
    commit(path, "two");
    let (code, report) = diff(path, "main");
    let rules: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| (f["rule"].as_str().expect("a rule"), f["suppressed_here"] == true))
        .collect();
    // The ignore is told of for itself: it would have hidden the key.
    let expected = vec![("dotenv-file", false), ("policy-changed", false), ("aws-access-key", true)];
    assert_eq!((code, rules), (1, expected), "{report}");
}

/// A remote, a clone of it, and a way to ask what a push of some refs hands on.
struct Pushing {
    _dirs: (tempfile::TempDir, tempfile::TempDir),
    top: std::path::PathBuf,
}

const ZERO: &str = "0000000000000000000000000000000000000000";

impl Pushing {
    fn new() -> Pushing {
        let (origin, clone) = (repository(), tempfile::tempdir().expect("a folder"));
        git(clone.path(), &["clone", "-q", &format!("file://{}", origin.path().display()), "work"]);
        let top = clone.path().join("work");
        Pushing { _dirs: (origin, clone), top }
    }

    fn push(&self, lines: &str, environment: &[(&str, &str)]) -> Run {
        let mut command = command(&self.top, &["scan", "--pre-push", "origin", "--format", "json"]);
        command.env_remove("PRE_COMMIT_TO_REF").envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        child.stdin.take().expect("piped").write_all(lines.as_bytes()).expect("written");
        finish(child.wait_with_output().expect("it ends"))
    }

    fn id(&self, name: &str) -> String {
        git(&self.top, &["rev-parse", name])
    }
}

#[test]
fn a_push_is_what_the_other_side_does_not_have() {
    let pushing = Pushing::new();
    let top = &pushing.top;
    write(top, "conf.ini", credentials(1));
    let bad = commit(top, "oops");
    fs::remove_file(top.join("conf.ini")).expect("removed");
    commit(top, "gone");
    let (head, old) = (pushing.id("HEAD"), pushing.id("origin/main"));
    let expected = vec![("conf.ini".to_owned(), bad.clone())];

    let run = pushing.push(&format!("refs/heads/main {head} refs/heads/main {old}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, expected.clone()), "an update: {}", run.stderr);
    let run = pushing.push(&format!("refs/heads/main {head} refs/heads/new {ZERO}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, expected.clone()), "a new branch");
    let unknown = "1f".repeat(20);
    let run = pushing.push(&format!("refs/heads/main {head} refs/heads/main {unknown}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, expected.clone()), "the other side has moved on");
    let run = pushing.push("", &[("PRE_COMMIT_FROM_REF", &old), ("PRE_COMMIT_TO_REF", &head)]);
    assert_eq!((run.code, told(&run.json())), (1, expected.clone()), "as pre-commit tells it");

    // Of two refs, the second has it.
    git(top, &["branch", "side", &bad]);
    git(top, &["reset", "-q", "--hard", "origin/main"]);
    write(top, "clean", "x\n");
    let clean = commit(top, "clean");
    let line = format!("refs/heads/main {clean} refs/heads/main {old}\n");
    let run = pushing.push(&format!("{line}refs/heads/side {bad} refs/heads/side {ZERO}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, expected));
    assert_eq!(pushing.push(&line, &[]).code, 0, "only what is pushed");
    assert_eq!(pushing.push(&format!("(delete) {ZERO} refs/heads/side {bad}\n"), &[]).code, 0, "what is deleted hands nothing on");
    assert_eq!(pushing.push(&format!("refs/heads/main {old} refs/heads/main {old}\n"), &[]).code, 0, "nothing new");
    assert_eq!(pushing.push("", &[]).code, 0, "nothing at all");
    let run = pushing.push("no line of git\n", &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("line 1 of standard input"), "{}", run.stderr);
}

#[test]
fn a_pushed_tag_has_a_message() {
    let pushing = Pushing::new();
    let top = &pushing.top;
    git(top, &["tag", "-a", "v1", "-m", &format!("with {}", made("aws-key-id", 9))]);
    let tag = pushing.id("v1");
    let run = pushing.push(&format!("refs/tags/v1 {tag} refs/tags/v1 {ZERO}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, vec![(format!("tag {} message", &tag[..12]), String::new())]), "{}", run.stderr);
    // The first push of all: nobody has anything yet.
    git(top, &["remote", "rename", "origin", "elsewhere"]);
    write(top, "conf.ini", credentials(4));
    let head = commit(top, "all of it");
    let run = pushing.push(&format!("refs/heads/main {head} refs/heads/main {ZERO}\n"), &[]);
    assert_eq!((run.code, told(&run.json())), (1, vec![("conf.ini".to_owned(), head)]), "{}", run.stderr);
}

/// What the base has and the head has no more is told, and fails nothing; what only moved is neither new nor fixed.
#[test]
fn what_a_change_fixes_is_told() {
    let dir = repository();
    let path = dir.path();
    let bucket = |acl: &str| format!("resource \"aws_s3_bucket_acl\" \"a\" {{\n  bucket = \"b\"\n  acl    = \"{acl}\"\n}}\n");
    write(path, "infra/main.tf", bucket("public-read"));
    write(path, "infra/vars.tf", "variable \"x\" {}\n");
    write(path, "goes.ini", credentials(1));
    write(path, "moves.ini", credentials(2));
    write(path, "stays.ini", credentials(3));
    write(path, "said.ini", format!("# gatepost: ignore[aws-access-key] a test\nkey = {}\n", made("aws-key-id", 9)));
    commit(path, "before");
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "infra/main.tf", bucket("private"));
    for name in ["goes.ini", "said.ini"] {
        fs::remove_file(path.join(name)).expect("removed");
    }
    git(path, &["mv", "moves.ini", "moved.ini"]);
    write(path, "stays.ini", format!("# above\n{}", credentials(3)));
    commit(path, "mended");
    let (code, report) = diff(path, "main");
    let changes: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| (f["path"].as_str().expect("a path"), f["change"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!((code, changes), (0, vec![("goes.ini", "fixed"), ("infra/main.tf", "fixed")]), "{report}");
    let human = gatepost(path, &["scan", "--diff", "main"]).stdout;
    assert!(human.contains("fixed: critical[aws-access-key] goes.ini:2:21"), "{human}");
    assert!(human.contains("no findings; 2 fixed"), "{human}");
    assert!(!human.contains(&made("aws-key-id", 1)), "{human}");
    // The other way about, the same two are what the change brings.
    assert_eq!(told(&diff(path, "HEAD..main").1).len(), 2 + 2, "and the key whose ignore does not hold there, and that ignore");
}

/// A value that a change sets makes a resource bad that it does not touch: what is told of is the line that changed.
#[test]
fn the_changed_line_is_the_place_of_what_it_makes_bad() {
    let dir = repository();
    let path = dir.path();
    let module = |default: &str| {
        format!(
            "variable \"acl\" {{\n  default = \"{default}\"\n}}\nresource \"aws_s3_bucket_acl\" \"b\" {{\n  bucket = \"x\"\n  acl = var.acl\n}}\n"
        )
    };
    write(path, "main.tf", format!("{}module \"m\" {{\n  source = \"./m\"\n}}\n", module("private")));
    write(path, "m/main.tf", module("private"));
    write(path, "terraform.tfvars", "acl = \"private\"\n");
    commit(path, "before");
    git(path, &["checkout", "-q", "-b", "topic"]);
    write(path, "terraform.tfvars", "acl = \"public-read\"\n");
    write(path, "m/main.tf", module("public-read"));
    commit(path, "opened");
    let (code, report) = diff(path, "main");
    assert_eq!(
        (code, support::places(&report)),
        (1, ["s3-public-acl m/main.tf:2:13", "s3-public-acl terraform.tfvars:1:7"].map(str::to_owned).into())
    );
}

/// Of a second ref that is pushed from a shallow clone, nobody knows what came before: all that it has is looked at.
#[test]
fn a_second_head_that_is_cut_off_is_looked_at_as_a_whole() {
    let origin = repository();
    git(origin.path(), &["checkout", "-q", "-b", "side"]);
    write(origin.path(), "conf.ini", credentials(1));
    commit(origin.path(), "on the side");
    git(origin.path(), &["checkout", "-q", "main"]);
    let clone = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", origin.path().display());
    git(clone.path(), &["clone", "-q", "--depth=1", "--no-single-branch", "--origin", "elsewhere", &url, "work"]);
    let top = clone.path().join("work");
    let pushing = Pushing { _dirs: (origin, clone), top };
    let (main, side) = (pushing.id("elsewhere/main"), pushing.id("elsewhere/side"));
    let lines = format!("refs/heads/main {main} refs/heads/main {ZERO}\nrefs/heads/side {side} refs/heads/side {ZERO}\n");
    let run = pushing.push(&lines, &[]);
    assert_eq!((run.code, told(&run.json())), (1, vec![("conf.ini".to_owned(), side)]), "{}", run.stderr);
}
