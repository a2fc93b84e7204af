//! `--history`: every object once, and a name that holds for each that matters.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::Ordering;

use gatepost::finding::{Failure, Skip};
use gatepost::git::{Environment, Limits};
use gatepost::input::Origin;
use gatepost::source::history::History;
use gatepost::source::{Source, SourceError};

use crate::scratch::Scratch;
use crate::sink::{LEAK, Notes, Taken};

fn visit(scratch: &Scratch, notes: &Notes, threads: usize) -> Result<(), SourceError> {
    History::open_in(&scratch.path, Limits::default(), &Environment::default())?.visit(notes, threads)
}

fn notes(scratch: &Scratch) -> Notes {
    let notes = Notes::default();
    assert_eq!(visit(scratch, &notes, 2), Ok(()));
    assert_eq!(notes.failed(), [], "nothing is damaged here");
    check_counts(scratch, &notes);
    notes
}

/// The oracle: git's own list of the database.
fn check_counts(scratch: &Scratch, notes: &Notes) {
    let listed = scratch.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]);
    let expected = listed.lines().filter(|kind| *kind != "tree").count();
    let handed = notes.counted.load(Ordering::Relaxed) + notes.taken().len() as u64 + notes.skipped().len() as u64;
    assert_eq!(handed, expected as u64, "every blob, commit and tag once");
}

fn leaks(notes: &Notes) -> Vec<Taken> {
    notes.taken()
}

#[test]
fn a_leak_that_was_removed_is_found_where_it_came_in() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    let first = scratch.commit("d/key", LEAK);
    scratch.git(&["mv", "d/key", "b"]);
    scratch.commit_staged("moved");
    fs::remove_file(scratch.path.join("b")).expect("removed");
    scratch.add();
    scratch.commit_staged("removed");
    let taken = notes(&scratch).one();
    assert_eq!((taken.path().as_str(), taken.commit()), ("d/key", Some(first)));
    assert_eq!(taken.input.origin, Origin::Commit { id: commit_id(&taken), when: 1_700_000_120 });
}

fn commit_id(taken: &Taken) -> gatepost::input::ObjectId {
    match taken.input.origin {
        Origin::Commit { id, .. } => id,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn of_several_paths_the_smallest_is_named() {
    let scratch = Scratch::new();
    for name in ["z", "m/b/c", "m/b.c", "m-1"] {
        scratch.write(name, LEAK);
    }
    scratch.add();
    scratch.commit_staged("all");
    // An older commit has it elsewhere: age comes first.
    assert_eq!(notes(&scratch).one().path(), "m-1");
}

#[test]
fn messages_of_commits_and_tags_are_inputs() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    let id = scratch.commit_staged(&format!("subject\n\nbody {LEAK}"));
    scratch.git(&["tag", "-a", "v1", "-m", &format!("tag {LEAK}")]);
    let taken = notes(&scratch).taken();
    assert_eq!(taken.len(), 2);
    let commit = taken.iter().find(|t| t.path().starts_with("commit ")).expect("the commit");
    assert_eq!(commit.path(), format!("commit {} message", &id[..12]));
    assert_eq!(commit.text(), format!("subject\n\nbody {LEAK}\n"));
    assert!(matches!(commit.input.origin, Origin::Message { .. }));
    assert!(taken.iter().any(|t| t.path().starts_with("tag ") && t.text().contains(LEAK)));
}

#[test]
fn what_no_branch_holds_is_found_all_the_same() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    // A stash.
    scratch.write("a", &format!("stash {LEAK}"));
    scratch.tick();
    scratch.git(&["stash", "-q"]);
    // A commit that only the reflog knows.
    let amended = scratch.commit("r", &format!("reflog {LEAK}"));
    scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // A blob that nobody holds, one that a dangling tree holds, and one that a tag holds.
    scratch.write("loose", &format!("dangling {LEAK}"));
    let dangling = scratch.git(&["hash-object", "-w", "loose"]);
    scratch.write("d/in-tree", &format!("tree {LEAK}"));
    scratch.git_with(&["add", "d/in-tree"], &[("GIT_INDEX_FILE", ".git/tmp.index")]);
    scratch.git_with(&["write-tree"], &[("GIT_INDEX_FILE", ".git/tmp.index")]);
    scratch.write("loose", &format!("tagged {LEAK}"));
    let tagged = scratch.git(&["hash-object", "-w", "loose"]);
    scratch.git(&["tag", "-a", "-m", "a blob", "blob", &tagged]);
    let all: BTreeMap<String, Taken> = notes(&scratch).taken().into_iter().map(|t| (t.text(), t)).collect();
    let get = |word: &str| &all[&format!("{word} {LEAK}")];
    assert_eq!(get("stash").path(), "a");
    assert!(get("stash").commit().is_some());
    assert_eq!((get("reflog").path().as_str(), get("reflog").commit()), ("r", Some(amended)));
    assert_eq!((get("dangling").path(), get("dangling").commit()), (dangling, None));
    assert_eq!((get("tree").path().as_str(), get("tree").commit()), ("d/in-tree", None));
    assert_eq!(get("tagged").path(), tagged);
    assert!(matches!(get("tagged").input.origin, Origin::Unreachable { .. }));
    assert_eq!(all.len(), 5);
}

#[test]
fn a_merge_that_brings_its_own_is_the_holder() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.commit("b", "y\n");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("c", "z\n");
    scratch.tick();
    scratch.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    scratch.write("evil", LEAK);
    scratch.add();
    let merge = scratch.commit_staged("merge");
    let taken = notes(&scratch).one();
    assert_eq!((taken.path().as_str(), taken.commit()), ("evil", Some(merge)));
}

#[test]
fn replace_refs_hide_nothing() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    let bad = scratch.commit("key", LEAK);
    scratch.git(&["checkout", "-q", "--orphan", "clean"]);
    scratch.git(&["rm", "-q", "-f", "key"]);
    let clean = scratch.commit_staged("clean");
    scratch.git(&["replace", &bad, &clean]);
    let blob = scratch.git(&["--no-replace-objects", "rev-parse", &format!("{bad}:key")]);
    scratch.git(&["replace", "-f", &blob, &scratch.git(&["rev-parse", "HEAD:a"])]);
    scratch.git(&["checkout", "-q", "main"]);
    let taken = notes(&scratch).one();
    assert_eq!((taken.text().as_str(), taken.commit()), (LEAK, Some(bad.clone())));
    scratch.git(&["--no-replace-objects", "reset", "-q", "--hard", &bad]);
    let diff = gatepost::source::diff::Diff::open_in(&scratch.path, "HEAD~1..HEAD", &Environment::default()).expect("opens");
    assert_eq!(Notes::of(&diff).0.one().text(), LEAK);
}

#[test]
fn names_are_wanted_by_whole_path_in_every_commit() {
    let scratch = Scratch::new();
    let first = scratch.commit(".aws/credentials", "plain\n");
    scratch.commit("credentials", "other plain\n");
    scratch.commit(".aws/credentials", "second\n");
    scratch.git(&["mv", ".aws", "deep"]);
    scratch.commit("deep/.aws/credentials", "third\n");
    for repack in [false, true] {
        if repack {
            scratch.git(&["repack", "-adfq", "--depth=50"]);
        }
        let notes = Notes::wanting(|path| path.ends_with(b".aws/credentials"));
        assert_eq!(visit(&scratch, &notes, 2), Ok(()));
        let texts: BTreeSet<String> = notes.taken().iter().map(Taken::text).collect();
        assert_eq!(texts, ["plain\n", "second\n", "third\n"].map(String::from).into());
        let plain = notes.taken().into_iter().find(|t| t.text() == "plain\n").expect("there");
        assert_eq!((plain.path().as_str(), plain.commit()), (".aws/credentials", Some(first.clone())));
        check_counts(&scratch, &notes);
    }
}

/// A folder that is stored as a difference from another one has most of its files from there, under other paths.
#[test]
fn names_are_wanted_where_a_folder_was_copied() {
    let scratch = Scratch::new();
    for n in 0..60 {
        scratch.write(&format!("one/f{n}"), &format!("text {n}\n"));
    }
    scratch.add();
    scratch.commit_staged("one");
    for n in 0..60 {
        scratch.write(&format!("two/f{n}"), &format!("text {}\n", if n == 7 { 1000 } else { n }));
    }
    scratch.add();
    scratch.commit_staged("two");
    scratch.git(&["repack", "-adfq"]);
    for wanted in [|path: &[u8]| path == b"one/f30", |path: &[u8]| path == b"two/f30"] {
        let notes = Notes::wanting(wanted);
        assert_eq!(visit(&scratch, &notes, 2), Ok(()));
        assert_eq!(notes.one().text(), "text 30\n");
    }
}

/// Many commits, files that are edited in place and moved about, packed in several ways: git's list of objects and git's
/// own search for each blob are the oracle.
#[test]
fn objects_and_holders_agree_with_git() {
    let scratch = Scratch::new();
    for round in 0..30 {
        let body: String = (0..40).map(|n| if n == round { format!("{LEAK} {round}\n") } else { format!("line {n}\n") }).collect();
        scratch.write(&format!("d{}/f{}", round % 3, round % 5), &body);
        if round % 7 == 0 {
            scratch.git(&["checkout", "-q", "-b", &format!("b{round}")]);
        }
        if round % 11 == 10 {
            scratch.git(&["checkout", "-q", "b0"]);
            scratch.write(&format!("back{round}"), &body);
        }
        scratch.add();
        scratch.commit_staged(&format!("round {round}"));
        match round {
            10 => drop(scratch.git(&["repack", "-dq"])),
            20 => drop(scratch.git(&["repack", "-q"])),
            _ => {}
        }
    }
    // Twice packed, and loose besides.
    scratch.git(&["config", "repack.usedeltabaseoffset", "false"]);
    for stage in 0..3 {
        let notes = notes(&scratch);
        assert!(leaks(&notes).len() >= 30);
        for taken in leaks(&notes) {
            let id = git_blob_id(&scratch, &taken);
            let commit = taken.commit().expect("a commit holds it");
            // The oldest commit that holds it, by git: of those that add it, the first.
            let adds =
                scratch.git(&["log", "--all", "--reflog", "--diff-merges=separate", "--root", "--format=%ct %H", "--find-object", &id]);
            let holders = adds.lines().filter(|line| {
                let Some(commit) = line.split(' ').nth(1).filter(|id| id.len() == 40 && !line.starts_with(':')) else { return false };
                scratch.git(&["ls-tree", "-r", commit]).contains(&id)
            });
            let oldest = holders.min().expect("git finds it").split(' ').nth(1).expect("an id").to_owned();
            assert_eq!(commit, oldest, "{id}");
            let listing = scratch.git(&["ls-tree", "-r", "--format=%(objectname) %(path)", &commit]);
            let path = listing.lines().filter_map(|line| line.strip_prefix(&format!("{id} "))).min().expect("there");
            assert_eq!(taken.path(), path);
        }
        match stage {
            0 => drop(scratch.git(&["repack", "-aq"])),
            _ => drop(scratch.git(&["repack", "-adfq", "--depth=250", "--window=50"])),
        }
    }
}

fn git_blob_id(scratch: &Scratch, taken: &Taken) -> String {
    scratch.write("../blob", &taken.text());
    scratch.git(&["hash-object", "../blob"])
}

#[test]
fn one_thread_or_many_say_the_same() {
    let scratch = Scratch::new();
    for n in 0..30 {
        scratch.commit(&format!("f{}", n % 6), &format!("{LEAK} {n}\n{}", "same\n".repeat(30)));
    }
    scratch.git(&["repack", "-adfq"]);
    let said: Vec<_> = [1, 2, 7]
        .map(|threads| {
            let notes = Notes::default();
            assert_eq!(visit(&scratch, &notes, threads), Ok(()));
            notes.taken()
        })
        .into();
    assert!(said[0].len() == 30 && said[0] == said[1] && said[1] == said[2]);
}

#[test]
fn layouts_of_all_kinds_are_read() {
    let origin = Scratch::new();
    let id = origin.commit("key", LEAK);
    let bare = Scratch::clone_of(&origin.path, &["--bare"]);
    let shared = Scratch::empty();
    shared.git(&["clone", "-q", "--shared", &origin.path.to_string_lossy(), "."]);
    shared.commit("own", &format!("{LEAK} own"));
    origin.git(&["worktree", "add", "-q", "../linked"]);
    let sha256 = Scratch::with(&["--object-format=sha256"]);
    let id256 = sha256.commit("key", LEAK);
    sha256.git(&["repack", "-adq"]);
    for (scratch, paths, commit) in
        [(&origin, vec!["key"], &id), (&bare, vec!["key"], &id), (&shared, vec!["key", "own"], &id), (&sha256, vec!["key"], &id256)]
    {
        let notes = notes(scratch);
        assert_eq!(notes.paths(), paths);
        assert_eq!(notes.taken()[0].commit().as_ref(), Some(commit));
    }
    let linked = History::open_in(&origin.path.parent().expect("a parent").join("linked"), Limits::default(), &Environment::default())
        .expect("opens");
    assert_eq!(Notes::of(&linked).0.paths(), ["key"]);
}

#[test]
fn a_shallow_history_is_incomplete_after_all_of_it_was_looked_at() {
    let origin = Scratch::new();
    origin.commit("old", "x\n");
    origin.commit("key", LEAK);
    let clone = Scratch::clone_of(&origin.path, &["--depth=1"]);
    let notes = Notes::default();
    let end = visit(&clone, &notes, 2);
    assert_eq!(notes.one().path(), "key");
    assert_eq!(notes.failed(), [], "what was cut off on purpose is said once");
    let Err(SourceError::Incomplete { message, help }) = end else { panic!("{end:?}") };
    assert!(message.contains("cut at 1 commit") && help.contains("--unshallow"), "{message} {help}");
}

#[test]
fn each_blob_that_a_partial_clone_lacks_is_named() {
    let origin = Scratch::new();
    origin.write("d/two", "two\n");
    origin.commit("one", "one\n");
    let clone = Scratch::clone_of(&origin.path, &["--filter=blob:none", "--no-checkout"]);
    let notes = Notes::default();
    assert_eq!(visit(&clone, &notes, 2), Ok(()));
    let failed: Vec<_> =
        notes.failed().into_iter().map(|(input, kind, message)| (input.path.to_string(), kind, message.contains("partial"))).collect();
    assert_eq!(failed, [("d/two".to_owned(), Failure::Missing, true), ("one".to_owned(), Failure::Missing, true)]);
}

#[test]
fn damage_is_told_and_the_rest_is_read() {
    let scratch = Scratch::new();
    for n in 0..12 {
        let text: String = (0..50).flat_map(|line| [(n * line * 7919 % 1_000_003).to_string(), format!(" {line}\n")]).collect();
        scratch.write(&format!("f{n}"), &format!("{text}{LEAK}"));
    }
    scratch.add();
    scratch.commit_staged("all");
    // A loose object full of rubbish.
    let id = scratch.git(&["rev-parse", "HEAD:f3"]);
    let loose = scratch.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let whole = fs::read(&loose).expect("there");
    overwrite(&loose, b"rubbish");
    let notes = Notes::default();
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    assert_eq!(notes.taken().len(), 11);
    let failed = notes.failed();
    assert_eq!((failed.len(), failed[0].0.path.to_string().as_str(), failed[0].1), (1, "f3", Failure::Unreadable));
    assert!(matches!(failed[0].0.origin, Origin::Commit { .. }));
    // A pack with a few bytes turned over in the middle: each object is read or told of.
    overwrite(&loose, &whole);
    scratch.git(&["repack", "-adfq"]);
    let pack = fs::read_dir(scratch.path.join(".git/objects/pack")).expect("a folder").flatten().map(|e| e.path());
    let pack = pack.into_iter().find(|p| p.extension().is_some_and(|e| e == "pack")).expect("a pack");
    let sound = fs::read(&pack).expect("there");
    for at in (100..sound.len() - 40).step_by(sound.len() / 23) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x55;
        damaged[at + 1] ^= 0xAA;
        overwrite(&pack, &damaged);
        let notes = Notes::default();
        let _ = visit(&scratch, &notes, 2);
        assert!(!notes.failed().is_empty(), "damage at {at} is told");
        assert!(notes.taken().len() + notes.failed().len() >= 10, "at {at}");
    }
    // A cut pack, and one without an index.
    overwrite(&pack, &sound[..sound.len() / 2]);
    let notes = Notes::default();
    let _ = visit(&scratch, &notes, 2);
    assert!(!notes.failed().is_empty());
    overwrite(&pack, &sound);
    fs::remove_file(pack.with_extension("idx")).expect("removed");
    let notes = Notes::default();
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    assert!(notes.failed().iter().any(|f| f.2.contains("no index")), "{:?}", notes.failed());
}

fn overwrite(path: &std::path::Path, bytes: &[u8]) {
    // Git writes objects read-only.
    fs::remove_file(path).expect("there");
    fs::write(path, bytes).expect("written");
}

#[test]
fn a_copy_elsewhere_stands_in_for_a_damaged_one() {
    let scratch = Scratch::new();
    scratch.commit("key", &format!("{LEAK}\n{}", "line\n".repeat(50)));
    scratch.git(&["repack", "-q"]);
    // Loose and packed; the pack's copy comes first and is damaged.
    let folder = scratch.path.join(".git/objects/pack");
    let pack = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| e == "pack"))
        .expect("a pack");
    let mut bytes = fs::read(&pack).expect("there");
    let streams: Vec<usize> = memchr::memmem::find_iter(&bytes, b"\x78\x9c").collect();
    assert!(streams.len() >= 3, "a commit, a tree and a blob");
    for at in streams {
        bytes[at] ^= 0xFF;
    }
    overwrite(&pack, &bytes);
    let notes = Notes::default();
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    assert_eq!(notes.paths(), ["key"]);
    assert_eq!(notes.failed(), []);
}

#[test]
fn pointers_and_empty_repositories() {
    let scratch = Scratch::new();
    assert!(notes(&scratch).taken().is_empty());
    scratch.commit("big", &format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n", "0".repeat(64)));
    assert_eq!(notes(&scratch).skipped(), [Skip::LfsPointer]);
}

/// A tree that stands under 2^30 paths.
#[test]
fn a_tree_made_to_explode_does_not() {
    let scratch = Scratch::new();
    scratch.write("x", LEAK);
    let mut entry = format!("100644 blob {}\ta", scratch.git(&["hash-object", "-w", "x"]));
    for _ in 0..30 {
        let lines = format!("{entry}\n{}\n", entry.replace("\ta", "\tb"));
        fs::write(scratch.path.join("lines"), lines).expect("written");
        let tree = scratch.shell("git mktree < lines");
        entry = format!("040000 tree {tree}\ta");
    }
    let tree = entry.split(' ').nth(2).and_then(|rest| rest.split('\t').next()).expect("an id").to_owned();
    let commit = scratch.git(&["commit-tree", "-m", "bomb", &tree]);
    let notes = Notes::wanting(|path| path.ends_with(b"a/a"));
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    let taken = notes.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].path(), taken[0].commit()), (vec!["a"; 30].join("/"), Some(commit)));
    assert!(notes.failed().iter().all(|f| f.1 == Failure::Limit) && !notes.failed().is_empty());
}

/// Where it is still, who brought it, and from when to when.
#[test]
fn how_long_it_stood_there_is_told() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.write("key", LEAK);
    scratch.add();
    scratch.tick();
    scratch.git(&["-c", "user.name=ignored", "commit", "-q", "-m", "by somebody", "--author=Old Name <old@example.com>"]);
    let first = scratch.git(&["rev-parse", "HEAD"]);
    let last = scratch.commit("b", "y\n");
    scratch.git(&["branch", "side"]);
    scratch.git(&["rm", "-q", "key"]);
    scratch.write(".mailmap", "New Name <new@example.com> <old@example.com>\n");
    scratch.add();
    scratch.commit_staged("removed");
    let told = |scratch: &Scratch| {
        let history = History::open_in(&scratch.path, Limits::default(), &Environment::default()).expect("opens");
        let (notes, end) = Notes::of(&history);
        assert_eq!(end, Ok(()));
        history.exposure(&notes.one().input).expect("a commit has it")
    };
    let exposure = told(&scratch);
    assert_eq!((exposure.first.commit.to_string(), exposure.last.commit.to_string()), (first, last));
    assert_eq!(exposure.first.author.as_deref(), Some("New Name <new@example.com>"));
    assert_eq!(exposure.still_in.as_deref(), Some("refs/heads/side"));
    scratch.git(&["branch", "-q", "-D", "side"]);
    assert_eq!(told(&scratch).still_in, None);
    scratch.git(&["tag", "-a", "-m", "m", "v1", "HEAD~1"]);
    assert_eq!(told(&scratch).still_in.as_deref(), Some("refs/tags/v1"));
    scratch.git(&["checkout", "-q", "HEAD~1"]);
    assert_eq!(told(&scratch).still_in.as_deref(), Some("HEAD"));
}

/// A file's first name says nothing; what it was called later does.
#[test]
fn a_blob_is_shown_under_every_name_that_matters() {
    let scratch = Scratch::new();
    scratch.commit("notes.txt", "plain\n");
    scratch.git(&["mv", "notes.txt", ".env"]);
    let second = scratch.commit_staged("renamed");
    scratch.write("deep/down/.env", "plain\n");
    scratch.add();
    let third = scratch.commit_staged("copied");
    let notes = Notes::wanting(|path| path.ends_with(b".env"));
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    assert_eq!(notes.one().path(), "notes.txt");
    let also: Vec<_> = notes
        .also()
        .iter()
        .map(|input| match &input.origin {
            Origin::Commit { id, .. } => (input.path.to_string(), id.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(also, [(".env".to_owned(), second), ("deep/down/.env".to_owned(), third)]);
}

#[test]
fn what_git_keeps_beside_its_objects_is_an_input() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.git(&["remote", "add", "origin", &format!("https://user:{LEAK}@example.com/r.git")]);
    scratch.write(".git/hooks/post-commit", "#!/bin/sh\n");
    scratch.write(".git/lfs/objects/ab/cd/abcd", LEAK);
    scratch.write(".git/FETCH_HEAD", "\n");
    let notes = notes(&scratch);
    let own: BTreeSet<String> = notes.own().iter().map(Taken::path).collect();
    for path in [".git/config", ".git/hooks/post-commit", ".git/lfs/objects/ab/cd/abcd", ".git/FETCH_HEAD", ".git/logs/HEAD", ".git/HEAD"] {
        assert!(own.contains(path), "{path} is not among {own:?}");
    }
    assert!(own.iter().all(|path| !path.ends_with(".sample") && !path.contains("objects/pack") && path != ".git/index"), "{own:?}");
    assert!(notes.own().iter().any(|taken| taken.text().contains(LEAK)));
}

#[test]
fn limits_leave_what_was_asked_for() {
    let scratch = Scratch::new();
    scratch.commit("old", &format!("old {LEAK}"));
    scratch.commit("middle", &format!("middle {LEAK}"));
    let gone = scratch.commit("gone", &format!("gone {LEAK}"));
    scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let last = scratch.commit("last", &format!("last {LEAK}"));
    scratch.git(&["mv", "old", "moved"]);
    scratch.commit_staged("moved");
    let when = |id: &str| scratch.git(&["show", "-s", "--format=%ct", id]).parse::<i64>().expect("a time");
    let found = |limits: Limits| {
        let history = History::open_in(&scratch.path, limits, &Environment::default()).expect("opens");
        let (notes, end) = Notes::of(&history);
        assert_eq!(end, Ok(()));
        notes.taken().iter().map(|taken| taken.text().replace(LEAK, "").trim().to_owned()).collect::<BTreeSet<_>>()
    };
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let none = Limits::default();
    assert_eq!(found(none), set(&["old", "middle", "gone", "last"]));
    assert_eq!(found(Limits { reachable_only: true, ..none }), set(&["old", "middle", "last"]));
    assert_eq!(found(Limits { since: Some(when(&gone)), ..none }), set(&["gone", "last"]), "a file that moved is not new");
    assert_eq!(found(Limits { since: Some(when(&gone)), reachable_only: true, ..none }), set(&["last"]));
    assert_eq!(found(Limits { max_commits: Some(2), ..none }), set(&["last"]));
    assert_eq!(found(Limits { since: Some(when(&last) + 1_000_000), ..none }), set(&[]));
    assert_eq!(found(Limits { max_commits: Some(100), reachable_only: true, ..none }), set(&["old", "middle", "last"]));
}

/// Refs that are not read hide no object.
#[test]
fn a_reftable_hides_no_object() {
    let scratch = Scratch::empty();
    let (_, knows) = scratch.try_git(&["init", "-q", "--ref-format=reftable"], &[]);
    if !knows {
        // This git has no such format, so no repository of it can be made here.
        return;
    }
    scratch.commit("key", LEAK);
    let notes = Notes::default();
    assert_eq!(visit(&scratch, &notes, 2), Ok(()));
    assert_eq!(notes.one().path(), "key");
    assert!(notes.failed().iter().any(|(_, _, message)| message.contains("reftable")), "what is not known is said");
}
