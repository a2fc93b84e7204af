//! Rules on the files of a repository, through the binary: in a tree, in the index, in a range.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use support::{command, finish, gatepost, git, places, write};

const RULES: &str = r"
- id: owners
  title: Owners
  severity: low
  why: w
  fix: f
  for: project
  where: {none: 'files:{.github/,docs/,}CODEOWNERS'}
  message: 'nobody owns this'
- id: large
  title: Large
  severity: low
  why: w
  fix: f
  for: files
  where: {size: {gt: 1000}}
  message: '{path} has {size} bytes'
- id: todo
  title: Work that is left
  severity: low
  why: w
  fix: f
  for: files
  where: {name: {glob: '*.md'}, content: {contains: TODO}}
  at: content
  message: '{name} has work left'
- id: untracked-note
  title: A note that git does not know
  severity: low
  why: w
  fix: f
  for: files
  where: {path: {glob: 'notes/*'}, tracked: false}
  message: '{path} is not tracked'
- id: alone
  title: A module without a readme
  severity: low
  why: w
  fix: f
  for: files
  when: {name: main.tf}
  where: {none: 'files:**/readme.md', where: {content: {contains: module}}}
  message: '{path} is told nowhere'
";

/// The findings of these rules alone, as `rule path:line:column`.
fn found(folder: &Path, rules: &str, args: &[&str]) -> Vec<String> {
    places(&report(folder, rules, args))
}

fn report(folder: &Path, rules: &str, args: &[&str]) -> Value {
    let own = rules_of(RULES);
    let path = own.path().to_str().expect("UTF-8");
    gatepost(folder, &[&["scan", "--rules", path, "--select", rules, "--format", "json"], args].concat()).json()
}

/// A folder of one rule file.
fn rules_of(text: &str) -> tempfile::TempDir {
    let dir = scratch();
    write(dir.path(), "own.yml", text);
    dir
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_tree_is_asked_for_its_files_and_each_of_them() {
    let dir = scratch();
    write(dir.path(), "a.md", "one\nand TODO two\n");
    write(dir.path(), "b.bin", [0_u8; 1001]);
    write(dir.path(), "image.md", b"TODO\0\0binary");
    write(dir.path(), "deep/CODEOWNERS", "* @x\n");
    let all = "owners,large,todo";
    assert_eq!(found(dir.path(), all, &[]), ["owners .:1:1", "todo a.md:2:5", "large b.bin:1:1"]);
    write(dir.path(), "docs/CODEOWNERS", "* @x\n");
    assert_eq!(found(dir.path(), "owners", &[]), [""; 0]);
    // What is scanned is the project: a folder of it has no owners of its own.
    write(dir.path(), "other/a.txt", "");
    assert_eq!(found(dir.path(), "owners,todo", &["other", "docs/CODEOWNERS"]), ["owners other:1:1"]);
    assert_eq!(found(&dir.path().join("deep"), "owners", &["."]), [""; 0]);
    assert_eq!(report(dir.path(), "large", &[])["findings"][0]["message"], "b.bin has 1001 bytes");
}

#[test]
fn a_set_of_files_is_asked_for_what_is_in_them() {
    let dir = scratch();
    write(dir.path(), "m/main.tf", "");
    write(dir.path(), "readme.md", "nothing of it");
    assert_eq!(found(dir.path(), "alone", &[]), ["alone m/main.tf:1:1"]);
    write(dir.path(), "m/readme.md", "this module");
    assert_eq!(found(dir.path(), "alone", &[]), [""; 0]);
    // Of a file alone nobody knows what lies beside it.
    fs::remove_file(dir.path().join("m/readme.md")).expect("removed");
    let report = report(dir.path(), "alone", &["m/main.tf"]);
    assert_eq!((places(&report).len(), report["unanswered"].as_array().map(Vec::len)), (0, Some(1)), "{report}");
}

#[test]
fn what_git_tracks_is_known_where_there_is_git() {
    let dir = scratch();
    write(dir.path(), "notes/a.txt", "");
    let of = |args: &[&str]| report(dir.path(), "untracked-note", args);
    assert_eq!(of(&[])["unanswered"].as_array().map(Vec::len), Some(1), "nobody knows");
    git(dir.path(), &["init", "-q"]);
    assert_eq!(places(&of(&[])), ["untracked-note notes/a.txt:1:1"]);
    assert_eq!(places(&of(&["notes"])), [""; 0], "the path begins at the scanned folder");
    git(dir.path(), &["add", "."]);
    for args in [&[][..], &["."], &["./"]] {
        assert_eq!(places(&of(args)), [""; 0], "{args:?}");
    }
}

#[test]
fn a_change_is_blamed_for_the_files_that_it_touches_and_no_others() {
    let dir = scratch();
    let path = dir.path();
    git(path, &["init", "-q"]);
    write(path, ".github/CODEOWNERS", "* @x\n");
    write(path, "old.md", "TODO\n");
    write(path, "old.bin", [b'x'; 1001]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    let all = "owners,large,todo";
    write(path, "new.md", "fine\nTODO\n");
    write(path, "new.bin", [b'y'; 1002]);
    git(path, &["add", "."]);
    let wanted = ["large new.bin:1:1", "todo new.md:2:1"];
    let staged = report(path, all, &["--staged"]);
    assert_eq!(places(&staged), wanted, "the owners are in the index, though no change touches them");
    assert_eq!(staged["findings"][0]["change"], "new");
    // What was so before is not the change's.
    write(path, "old.md", "TODO\nmore\n");
    git(path, &["add", "."]);
    let staged = report(path, all, &["--staged"]);
    assert_eq!(places(&staged), wanted);
    assert!(staged["notes"].to_string().contains("was there before the change"), "{}", staged["notes"]);
    git(path, &["rm", "-q", ".github/CODEOWNERS"]);
    let with_owners = ["owners .:1:1", "large new.bin:1:1", "todo new.md:2:1"];
    assert_eq!(found(path, all, &["--staged"]), with_owners);
    git(path, &["commit", "-q", "-m", "two"]);
    assert_eq!(found(path, all, &["--diff", "HEAD~1..HEAD"]), with_owners);
    // From here on, that there are none is known.
    write(path, "more.txt", "x");
    git(path, &["add", "."]);
    assert_eq!(found(path, all, &["--staged"]), [""; 0]);
}

#[test]
fn a_history_and_what_is_piped_in_have_no_files_side_by_side() {
    let dir = scratch();
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), "a.md", "TODO\n");
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    let history = report(dir.path(), "owners,todo", &["--history"]);
    assert_eq!(places(&history), [""; 0]);
    assert_eq!(history["notes"].to_string().matches("are not asked of a history").count(), 1, "{}", history["notes"]);
    let own = rules_of(RULES);
    let args = ["scan", "-", "--stdin-filename", "x.md", "--select", "owners,todo", "--format", "json", "--rules"];
    let mut child = command(dir.path(), &[&args[..], &[own.path().to_str().expect("UTF-8")]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), b"a\n TODO\n").expect("written");
    let run = finish(child.wait_with_output().expect("ended"));
    assert_eq!(places(&run.json()), ["todo x.md:2:2"]);
}

#[test]
fn a_file_is_not_read_for_its_size() {
    let dir = scratch();
    let file = File::create(dir.path().join("disk.img")).expect("made");
    file.set_len(1 << 40).expect("sparse");
    // A terabyte is not read in the time of a test.
    let report = report(dir.path(), "large", &["--max-file-size", "1000000"]);
    assert_eq!(report["findings"][0]["message"], "disk.img has 1099511627776 bytes");
    assert_eq!((report["counts"]["bytes"].as_u64(), report["complete"].as_bool()), (Some(0), Some(true)));
}

#[test]
fn a_wrong_rule_on_files_is_explained() {
    let dir = scratch();
    for (rule, said) in [
        ("for: [files, aws_s3_bucket]\n  where: {name: x}", "stands alone"),
        ("for: files\n  where: {sise: {gt: 1}}", "did you mean `size`"),
        ("for: project\n  where: {none: 'files:/CODEOWNERS'}", "leave out the `/`"),
        ("for: project\n  where: {none: 'files:{a'}", "not closed"),
        ("for: aws_s3_bucket\n  where: {none: 'files:a'}", "asks for no files"),
        ("for: files\n  where: {none: 'files:a', where: {nmae: x}}", "did you mean `name`"),
    ] {
        let text = format!("- id: wrong\n  title: t\n  severity: low\n  why: w\n  fix: f\n  {rule}\n  message: m\n");
        let own = rules_of(&text);
        let run = gatepost(dir.path(), &["scan", "--rules", own.path().to_str().expect("UTF-8")]);
        assert_eq!(run.code, 2, "{rule}");
        assert!(run.stderr.contains(said), "{rule}: {}", run.stderr);
    }
}
