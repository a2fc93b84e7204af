//! Where a key can lie in a repository: one is planted in each place, and `--history` finds every one.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{gatepost, git, made, write};

/// A repository in which keys are hidden, and where each finding is expected: (what it is, the path in the report).
struct Warren {
    folder: tempfile::TempDir,
    planted: Vec<(&'static str, String)>,
    next: u64,
}

impl Warren {
    fn new() -> Warren {
        let warren = Warren { folder: tempfile::tempdir().expect("a folder"), planted: Vec::new(), next: 1 };
        fs::create_dir(warren.top()).expect("made");
        git(&warren.top(), &["init", "-q"]);
        warren
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// A line with a key that nothing else holds.
    fn line(&mut self) -> String {
        self.next += 1;
        format!("aws_access_key_id = {}\n", made("aws-key-id", self.next))
    }

    fn git(&self, args: &[&str]) -> String {
        git(&self.top(), args)
    }

    /// Git with something on its standard input.
    fn piped(&self, args: &[&str], input: &[u8]) -> String {
        let mut child = Command::new("git")
            .current_dir(self.top())
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git runs");
        child.stdin.take().expect("piped").write_all(input).expect("written");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "git {args:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        write(&self.top(), name, bytes);
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn expect(&mut self, what: &'static str, path: impl Into<String>) {
        self.planted.push((what, path.into()));
    }

    /// A file with a key, to be found by its name.
    fn file(&mut self, what: &'static str, name: &str) {
        let line = self.line();
        self.write(name, line);
        self.expect(what, name);
    }

    fn check(&self, more: &[&str]) {
        let run = gatepost(&self.top(), &[&["scan", "--history", "--isolated", "--format", "json"], more].concat());
        let report: Value = run.json();
        let found: BTreeSet<&str> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|finding| finding["rule"] == "aws-access-key")
            .map(|finding| finding["path"].as_str().expect("a path"))
            .collect();
        let missed: Vec<_> = self.planted.iter().filter(|(_, path)| !found.contains(path.as_str())).collect();
        assert!(missed.is_empty(), "not found: {missed:#?}\nfound: {found:#?}\n{}", report["troubles"]);
        assert_eq!(run.code, 1);
        // None is a copy of another: each place stands for itself.
        assert_eq!(self.planted.iter().map(|(_, path)| path).collect::<BTreeSet<_>>().len(), self.planted.len());
    }
}

fn wide(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn message_of(id: &str, kind: &str) -> String {
    format!("{kind} {} message", &id[..12])
}

/// Files of commits that branches lead to.
fn in_branches(warren: &mut Warren) {
    warren.file("a file of HEAD", "head.txt");
    warren.commit("first");
    warren.file("a file that was removed", "removed.txt");
    warren.commit("second");
    fs::remove_file(warren.top().join("removed.txt")).expect("removed");
    warren.file("a line that was edited away", "edited.txt");
    warren.commit("third");
    warren.write("edited.txt", "clean\n");
    let line = warren.line();
    warren.write("binary.bin", [b"\0\x01\x02\xff".repeat(50), line.into_bytes(), b"\0\xfe".repeat(50)].concat());
    warren.expect("a binary file", "binary.bin");
    let line = warren.line();
    warren.write("wide.txt", wide(&line));
    warren.expect("UTF-16", "wide.txt");
    let line = warren.line();
    warren.write("encoded.txt", format!("data: {}\n", data_encoding::BASE64.encode(line.as_bytes())));
    warren.expect("base64", "encoded.txt");
    warren.write(".gitattributes", "quiet.txt -diff -text binary linguist-generated export-ignore\n*.lock -diff\n");
    warren.file("a file whose changes no diff shows", "quiet.txt");
    warren.file("a long way down", "a/b/c/d/e/f/g/h/deep.txt");
    warren.file("a name with a line end", "odd\nname.txt");
    let line = warren.line();
    std::os::unix::fs::symlink(line.trim_end(), warren.top().join("link")).expect("linked");
    warren.expect("the target of a link", "link");
    let line = warren.line();
    warren.write("long.txt", format!("{}\n{line}", "x".repeat(2_000_000)));
    warren.expect("behind a very long line", "long.txt");
    warren.commit("more");
    warren.git(&["checkout", "-q", "-b", "side"]);
    warren.file("another branch", "side.txt");
    warren.commit("side");
    warren.git(&["checkout", "-q", "main"]);
}

fn in_packed_files(warren: &mut Warren) {
    let line = warren.line();
    let mut bytes = Vec::new();
    let mut zip = rawzip::ZipArchiveWriter::new(&mut bytes);
    let (mut entry, config) =
        zip.new_file("inner/config.ini").compression_method(rawzip::CompressionMethod::DEFLATE).start().expect("begun");
    let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default()));
    writer.write_all(line.as_bytes()).expect("packed");
    let (encoder, descriptor) = writer.finish().expect("packed");
    encoder.finish().expect("packed");
    entry.finish(descriptor).expect("packed");
    zip.finish().expect("closed");
    warren.write("old.zip", bytes);
    warren.expect("in a zip file", "old.zip!inner/config.ini");
    let line = warren.line();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(line.as_bytes()).expect("written");
    warren.write("log.gz", gzip.finish().expect("ended"));
    warren.expect("in a gzip file", "log.gz!log");
    warren.commit("packed");
    fs::remove_file(warren.top().join("old.zip")).expect("removed");
    fs::remove_file(warren.top().join("log.gz")).expect("removed");
    warren.commit("and gone");
}

/// What merges bring that none of their parents has.
fn in_merges(warren: &mut Warren) {
    for (branch, message) in [("m1", "one"), ("m2", "two")] {
        warren.git(&["checkout", "-q", "-b", branch, "main"]);
        warren.write(&format!("{branch}.txt"), "clean\n");
        warren.commit(message);
    }
    warren.git(&["checkout", "-q", "main"]);
    warren.write("mine.txt", "clean\n");
    warren.commit("mine");
    warren.git(&["merge", "-q", "--no-commit", "--no-ff", "m1"]);
    warren.file("only in a merge", "merged.txt");
    warren.commit("evil");
    fs::remove_file(warren.top().join("merged.txt")).expect("removed");
    warren.commit("gone");
    warren.git(&["checkout", "-q", "-b", "octopus", "main~2"]);
    warren.write("octopus.txt", "clean\n");
    warren.commit("octopus");
    let line = warren.line();
    let blob = warren.piped(&["hash-object", "-w", "--stdin"], line.as_bytes());
    let tree = warren.piped(&["mktree"], format!("100644 blob {blob}\tarms.txt\n").as_bytes());
    let merge = warren.git(&["commit-tree", &tree, "-p", "main", "-p", "m1", "-p", "m2", "-m", "many arms"]);
    warren.git(&["update-ref", "refs/heads/octopus", &merge]);
    warren.expect("only in a merge of three", "arms.txt");
    warren.git(&["checkout", "-q", "-f", "main"]);
}

/// What people said.
fn in_messages(warren: &mut Warren) {
    let line = warren.line();
    let id = warren.commit(&format!("subject\n\nI used {line}"));
    warren.expect("the message of a commit", message_of(&id, "commit"));
    let line = warren.line();
    warren.git(&["tag", "-a", "v1", "-m", &line]);
    let id = warren.git(&["rev-parse", "v1"]);
    warren.expect("the message of a tag", message_of(&id, "tag"));
    let line = warren.line();
    warren.git(&["notes", "add", "-m", &line]);
    let id = warren.git(&["rev-parse", "HEAD"]);
    warren.expect("a note", id);
    let line = warren.line();
    let tree = warren.git(&["rev-parse", "HEAD^{tree}"]);
    let id = warren.git(&["-c", "i18n.commitEncoding=ISO-8859-1", "commit-tree", &tree, "-m", &format!("caf\u{e9} {line}")]);
    warren.git(&["update-ref", "refs/heads/latin", &id]);
    warren.expect("a message in another encoding", message_of(&id, "commit"));
}

/// What no branch leads to.
fn left_behind(warren: &mut Warren) {
    warren.file("a stash", "stashed.txt");
    warren.git(&["add", "-A"]);
    warren.git(&["stash", "-q"]);
    warren.file("a file that git did not know, in a stash", "untracked.txt");
    warren.git(&["stash", "-q", "--include-untracked"]);
    warren.git(&["stash", "drop", "-q"]);
    warren.file("a commit that was taken back", "reset.txt");
    warren.commit("reset");
    warren.git(&["reset", "-q", "--hard", "HEAD~1"]);
    warren.file("a commit that was amended", "amended.txt");
    warren.commit("amended");
    fs::remove_file(warren.top().join("amended.txt")).expect("removed");
    warren.git(&["add", "-A"]);
    warren.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "clean"]);
    let line = warren.line();
    let id = warren.piped(&["hash-object", "-w", "--stdin"], line.as_bytes());
    warren.expect("a blob that nothing holds", id);
    let line = warren.line();
    let blob = warren.piped(&["hash-object", "-w", "--stdin"], line.as_bytes());
    warren.piped(&["mktree"], format!("100644 blob {blob}\tin-tree.txt\n").as_bytes());
    warren.expect("a tree that nothing holds", "in-tree.txt");
    let line = warren.line();
    let blob = warren.piped(&["hash-object", "-w", "--stdin"], line.as_bytes());
    warren.git(&["tag", "-a", "-m", "a blob", "blob", &blob]);
    warren.expect("a blob that a tag holds", blob);
    let line = warren.line();
    let blob = warren.piped(&["hash-object", "-w", "--stdin"], line.as_bytes());
    warren.git(&["update-ref", "refs/secret/blob", &blob]);
    warren.expect("a blob that a ref holds", blob);
    warren.file("a ref that no clone asks for", "pulled.txt");
    let id = warren.commit("pull");
    warren.git(&["update-ref", "refs/pull/7/head", &id]);
    warren.git(&["reset", "-q", "--hard", "HEAD~1"]);
    warren.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = warren.folder.path().join("linked");
    let line = warren.line();
    write(&linked, "linked.txt", line);
    git(&linked, &["add", "-A"]);
    git(&linked, &["commit", "-q", "-m", "in a linked work tree"]);
    warren.expect("a linked work tree", "linked.txt");
    let line = warren.line();
    write(&linked, "staged-there.txt", line);
    git(&linked, &["add", "-A"]);
    let id = git(&linked, &["rev-parse", ":staged-there.txt"]);
    warren.expect("the index of a linked work tree", id);
}

/// What a repository was told to show in another's place.
fn behind_covers(warren: &mut Warren) {
    warren.file("a commit that is replaced", "replaced.txt");
    let bad = warren.commit("bad");
    warren.git(&["rm", "-q", "-f", "replaced.txt"]);
    let clean = warren.commit("clean");
    warren.git(&["replace", &bad, &clean]);
    let line = warren.line();
    warren.write("swapped.txt", &line);
    warren.commit("swapped");
    let blob = warren.git(&["rev-parse", "HEAD:swapped.txt"]);
    let harmless = warren.piped(&["hash-object", "-w", "--stdin"], b"clean\n");
    warren.git(&["replace", &blob, &harmless]);
    warren.expect("a blob that is replaced", "swapped.txt");
    warren.file("a commit behind a graft", "grafted.txt");
    warren.commit("to be cut off");
    warren.git(&["--no-replace-objects", "rm", "-q", "-f", "grafted.txt"]);
    let tip = warren.commit("tip");
    warren.write(".git/info/grafts", format!("{tip}\n"));
    let other = warren.folder.path().join("other");
    fs::create_dir(&other).expect("made");
    git(&other, &["init", "-q"]);
    let line = warren.line();
    write(&other, "borrowed.txt", line);
    git(&other, &["add", "-A"]);
    git(&other, &["commit", "-q", "-m", "elsewhere"]);
    let objects = other.join(".git/objects");
    warren.write(".git/objects/info/alternates", format!("{}\n", objects.display()));
    warren.expect("a database that is borrowed", "borrowed.txt");
}

/// What git keeps beside its objects.
fn beside_objects(warren: &mut Warren) {
    warren.file("what is staged", "staged.txt");
    warren.git(&["add", "staged.txt"]);
    let id = warren.git(&["rev-parse", ":staged.txt"]);
    warren.planted.pop();
    warren.expect("what is staged", id);
    let key = made("aws-key-id", 9_001);
    let head = "ref: refs/heads/main\n";
    assert_eq!(fs::read_to_string(warren.top().join(".git/HEAD")).expect("there"), head);
    let files: [(&'static str, &str); 10] = [
        ("FETCH_HEAD", ".git/FETCH_HEAD"),
        ("a hook", ".git/hooks/post-checkout"),
        ("a reflog", ".git/logs/refs/heads/gone"),
        ("a message that was begun", ".git/COMMIT_EDITMSG"),
        ("a merge that was begun", ".git/MERGE_MSG"),
        ("a rebase that was begun", ".git/rebase-merge/patch"),
        ("a conflict that git remembers", ".git/rr-cache/ab/preimage"),
        ("an object of Git LFS", ".git/lfs/objects/12/34/1234"),
        ("what is excluded", ".git/info/exclude"),
        ("the description", ".git/description"),
    ];
    for (what, name) in files {
        warren.file(what, name);
    }
    warren.git(&["config", "http.extraHeader", &format!("X-Key: {key}")]);
    warren.expect("the configuration", ".git/config");
    let key = made("aws-key-id", 9_002);
    let file = warren.top().join(".git/worktrees/linked/config.worktree");
    fs::write(file, format!("[http]\n\textraHeader = X-Key: {key}\n")).expect("written");
    warren.expect("the configuration of a linked work tree", ".git/worktrees/linked/config.worktree");
}

fn dug() -> Warren {
    let mut warren = Warren::new();
    in_branches(&mut warren);
    in_packed_files(&mut warren);
    in_merges(&mut warren);
    in_messages(&mut warren);
    left_behind(&mut warren);
    behind_covers(&mut warren);
    beside_objects(&mut warren);
    warren
}

#[test]
fn a_key_is_found_wherever_it_lies() {
    let warren = dug();
    assert!(warren.planted.len() >= 45, "{} places", warren.planted.len());
    warren.check(&[]);
    warren.check(&["--no-delta", "--threads", "1"]);
    // Packed with long chains, what nothing holds in a pack of its own, and once more by names instead of offsets.
    warren.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-d", "-f", "--depth=250", "--window=250"]);
    warren.check(&[]);
    // Loose and packed at once, in several packs.
    warren.write("later.txt", "clean\n");
    warren.git(&["--no-replace-objects", "add", "later.txt"]);
    warren.git(&["-c", "gc.cruftPacks=true", "repack", "-q", "-d", "-l"]);
    warren.check(&["--no-delta"]);
    warren.check(&[]);
}

/// The folder of a repository by itself, without its work tree.
#[test]
fn the_git_folder_alone_is_enough() {
    let warren = dug();
    let (from, to) = (warren.top().join(".git"), warren.folder.path().join("kept/.git"));
    copy(&from, &to);
    let run = gatepost(&to, &["scan", "--history", "--isolated", "--format", "json", "."]);
    let paths: BTreeSet<String> =
        run.json()["findings"].as_array().expect("a list").iter().map(|f| f["path"].as_str().expect("a path").to_owned()).collect();
    for (what, path) in &warren.planted {
        assert!(paths.contains(path), "{what}: {path} is not among {paths:#?}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("copied");
        }
    }
}
