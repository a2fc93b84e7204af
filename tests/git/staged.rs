//! `--staged`: the index decides, not the work tree.

use std::fs;
use std::path::PathBuf;

use gatepost::finding::{Failure, Skip};
use gatepost::git::{Environment, Repository, Tracked};
use gatepost::input::{EntryKind, Origin, ReadError};
use gatepost::source::staged::Staged;
use gatepost::source::{Source, SourceError};

use crate::scratch::Scratch;
use crate::sink::{LEAK, Notes};

fn open(scratch: &Scratch) -> Staged {
    Staged::open_in(&scratch.path, &Environment::default()).expect("opens")
}

fn notes(scratch: &Scratch) -> Notes {
    let (notes, end) = Notes::of(&open(scratch));
    assert_eq!(end, Ok(()));
    notes
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let scratch = Scratch::new();
    scratch.write("a/key", LEAK);
    scratch.add();
    let staged = open(&scratch);
    let (notes, _) = Notes::of(&staged);
    let taken = notes.one();
    assert_eq!((taken.path().as_str(), taken.new_text().as_str()), ("a/key", LEAK));
    assert_eq!(taken.input.origin, Origin::Staged);
    assert!(staged.base().is_none());
    assert_eq!(staged.was_there(LEAK.as_bytes()), Some(false));
}

#[test]
fn a_staged_leak_stays_one_when_the_work_tree_is_cleaned() {
    let scratch = Scratch::new();
    scratch.commit("a", "one\n");
    scratch.write("a", &format!("one\n{LEAK}\n"));
    scratch.write("b", LEAK);
    scratch.add();
    scratch.write("a", "one\n");
    fs::remove_file(scratch.path.join("b")).expect("removed");
    let notes = notes(&scratch);
    assert_eq!(notes.paths(), ["a", "b"]);
    assert_eq!(notes.taken()[0].new_text(), format!("{LEAK}\n"));
}

#[test]
fn a_leak_that_is_only_in_the_work_tree_is_not_staged() {
    let scratch = Scratch::new();
    scratch.commit("a", "one\n");
    scratch.write("a", LEAK);
    scratch.write("new", LEAK);
    assert!(notes(&scratch).taken().is_empty());
}

#[test]
fn the_set_of_changes_is_what_git_says() {
    let scratch = Scratch::new();
    for name in ["keep", "gone", "mode", "d/x", "d/y", "d.txt", "e/deep/er/z", "whole/p", "whole/q", "to-folder", "to-file/f"] {
        scratch.write(name, &format!("{name}\n"));
    }
    scratch.add();
    scratch.commit_staged("first");
    for name in ["gone", "whole/p", "whole/q", "to-folder", "to-file/f"] {
        fs::remove_file(scratch.path.join(name)).expect("removed");
    }
    fs::remove_dir(scratch.path.join("to-file")).expect("removed");
    scratch.write("to-folder/now", "x\n");
    scratch.write("to-file", "x\n");
    scratch.write("d/y", "changed\n");
    scratch.write("d-new/n", "new\n");
    scratch.write("e/deep/er/z", "changed\n");
    scratch.add();
    scratch.git(&["update-index", "--chmod=+x", "mode"]);
    let names = scratch.git(&["diff", "--cached", "--name-only", "--no-renames", "--diff-filter=AM"]);
    let expected: Vec<&str> = names.lines().filter(|name| *name != "mode").collect();
    assert_eq!(notes(&scratch).paths(), expected, "all but the mode change, which adds no byte");
    assert!(expected.len() == 5, "{expected:?}");
}

#[test]
fn what_was_there_before_is_known_through_renames_and_removals() {
    let scratch = Scratch::new();
    scratch.write("old", &format!("x\ny\n{LEAK}\n"));
    scratch.commit("other", "FIRST\n");
    scratch.git(&["mv", "old", "new"]);
    scratch.write("new", &format!("x\ny\n{LEAK}\nFRESH\n"));
    scratch.add();
    let staged = open(&scratch);
    let (notes, _) = Notes::of(&staged);
    assert_eq!(notes.paths(), ["new"]);
    assert_eq!(staged.was_there(LEAK.as_bytes()), Some(true));
    assert_eq!(staged.was_there(b"FRESH"), Some(false));
    assert_eq!(staged.was_there(b"FIRST"), Some(false), "a file that the change leaves alone is not asked");
}

#[cfg(unix)]
#[test]
fn a_link_is_the_text_of_its_target() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    std::os::unix::fs::symlink(format!("/nowhere/{LEAK}"), scratch.path.join("link")).expect("a link");
    scratch.add();
    let staged = open(&scratch);
    let (notes, _) = Notes::of(&staged);
    assert_eq!(notes.one().text(), format!("/nowhere/{LEAK}"));
    let tree = staged.head().expect("the index");
    assert_eq!(tree.read(b"link"), Err(ReadError::Outside), "but a tree never follows it");
}

#[test]
fn submodules_promises_and_pointers_are_not_content() {
    let scratch = Scratch::new();
    let id = scratch.commit("a", "x\n");
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    scratch.write("promised", LEAK);
    scratch.git(&["add", "-N", "promised"]);
    scratch.write("big", &format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 9\n", "0".repeat(64)));
    scratch.git(&["add", "big"]);
    let notes = notes(&scratch);
    assert!(notes.taken().is_empty(), "{:?}", notes.paths());
    let mut skipped = notes.skipped();
    skipped.sort();
    assert_eq!(skipped, [Skip::Submodule, Skip::LfsPointer]);
}

#[test]
fn the_index_that_git_names_is_read() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.write("b", LEAK);
    scratch.git_with(&["read-tree", "HEAD"], &[("GIT_INDEX_FILE", "other.index")]);
    scratch.git_with(&["add", "b"], &[("GIT_INDEX_FILE", "other.index")]);
    assert!(notes(&scratch).taken().is_empty());
    for file in [PathBuf::from("other.index"), scratch.path.join("other.index")] {
        let environment = Environment { index_file: Some(file), ..Environment::default() };
        let staged = Staged::open_in(&scratch.path, &environment).expect("opens");
        assert_eq!(Notes::of(&staged).0.paths(), ["b"]);
    }
}

#[test]
fn the_repository_that_git_names_holds_for_its_own_work_tree_only() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    for repository in [&scratch, &other] {
        repository.commit("a", "x\n");
    }
    scratch.write("b", LEAK);
    scratch.add();
    let environment = Environment {
        git_dir: Some(scratch.path.join(".git")),
        work_tree: Some(scratch.path.clone()),
        index_file: Some(".git/index".into()),
    };
    let here = Staged::open_in(&scratch.path, &environment).expect("opens");
    assert_eq!(Notes::of(&here).0.paths(), ["b"]);
    let there = Staged::open_in(&other.path, &environment).expect("opens");
    assert!(Notes::of(&there).0.taken().is_empty());
}

#[test]
fn a_merge_conflict_is_trouble_and_not_silence() {
    let scratch = Scratch::new();
    scratch.commit("a", "base\n");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.commit("a", "side\n");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("a", "main\n");
    let (_, merged) = scratch.try_git(&["merge", "side"], &[]);
    assert!(!merged);
    let notes = notes(&scratch);
    let failed = notes.failed();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].0.path.to_string().as_str(), failed[0].1), ("a", Failure::Unreadable));
    assert!(failed[0].2.contains("merge conflict"));
}

#[test]
fn a_sparse_index_is_read() {
    let scratch = Scratch::new();
    for name in ["in/a", "out/b", "out/deep/c", "top"] {
        scratch.write(name, "x\n");
    }
    scratch.add();
    let first = scratch.commit_staged("first");
    scratch.commit("out/deep/c", "y\n");
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(scratch.git(&["ls-files", "--sparse"]).contains("out/\n"), "the index is sparse");
    scratch.write("in/a", LEAK);
    scratch.git(&["add", "in/a"]);
    let staged = open(&scratch);
    assert_eq!(Notes::of(&staged).0.paths(), ["in/a"]);
    let tree = staged.head().expect("the index");
    assert_eq!(tree.read(b"out/deep/c").expect("there"), b"y\n");
    let listed: Vec<_> = tree.list(b"out").expect("a folder").into_iter().map(|e| (e.path.to_string(), e.kind)).collect();
    assert_eq!(listed, [("out/b".to_owned(), EntryKind::File), ("out/deep".to_owned(), EntryKind::Folder)]);
    // What the sparse folder stands for differs from the commit before.
    scratch.git(&["reset", "-q", "--soft", &first]);
    assert_eq!(Notes::of(&open(&scratch)).0.paths(), ["in/a", "out/deep/c"]);
}

#[test]
fn a_split_index_is_read() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.git(&["update-index", "--split-index"]);
    scratch.write("a", LEAK);
    scratch.write("b", "new\n");
    scratch.add();
    let git_dir = fs::read_dir(scratch.path.join(".git")).expect("a folder").flatten();
    assert!(git_dir.filter(|e| e.file_name().to_string_lossy().starts_with("sharedindex")).count() > 0);
    let index = fs::read(scratch.path.join(".git/index")).expect("there");
    assert!(memchr::memmem::find(&index, b"link").is_some(), "it is still split");
    assert_eq!(Notes::of(&open(&scratch)).0.paths(), ["a", "b"]);
}

#[test]
fn a_lost_half_of_a_split_index_is_no_empty_index() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.git(&["update-index", "--split-index"]);
    for entry in fs::read_dir(scratch.path.join(".git")).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("sharedindex") {
            fs::remove_file(entry.path()).expect("removed");
        }
    }
    let error = Staged::open_in(&scratch.path, &Environment::default()).expect_err("half an index");
    assert!(matches!(error, SourceError::Incomplete { .. }), "{error}");
}

#[test]
fn trees_of_both_sides_list_and_read() {
    let scratch = Scratch::new();
    scratch.write("m/b.tf", "old");
    scratch.commit("m/a.tf", "same");
    scratch.write("m/b.tf", "new");
    scratch.write("m/sub/c.tf", "more");
    scratch.add();
    let staged = open(&scratch);
    let (head, base) = (staged.head().expect("index"), staged.base().expect("HEAD"));
    assert_eq!(head.read(b"m/b.tf").expect("there"), b"new");
    assert_eq!(base.read(b"m/b.tf").expect("there"), b"old");
    assert_eq!(base.read(b"m/sub/c.tf"), Err(ReadError::Missing));
    assert_eq!(base.list(b"m/sub"), Err(ReadError::Missing));
    let names = |tree: &dyn gatepost::input::Tree, folder: &[u8]| -> Vec<String> {
        tree.list(folder).expect("a folder").iter().map(|e| e.path.to_string()).collect()
    };
    assert_eq!(names(head, b"m"), ["m/a.tf", "m/b.tf", "m/sub"]);
    assert_eq!(names(base, b"m"), ["m/a.tf", "m/b.tf"]);
    assert_eq!(names(head, b""), ["m"]);
    assert_eq!(head.input(b"m/b.tf").origin, Origin::Staged);
    assert_eq!(head.read(b"../outside"), Err(ReadError::Missing));
}

#[test]
fn tracked_files_are_those_of_the_index() {
    let scratch = Scratch::new();
    let id = scratch.commit("a/b", "x\n");
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    let repository = Repository::open(&scratch.path.join("a"), &Environment::default()).expect("opens from below");
    assert_eq!(repository.work_tree(), Some(scratch.path.as_path()));
    let tracked = Tracked::of(&repository).expect("an index");
    assert!(tracked.contains(b"a/b") && !tracked.contains(b"a") && !tracked.contains(b"a/bc"));
    assert!(tracked.any_under(b"a") && tracked.any_under(b"") && !tracked.any_under(b"b"));
    assert!(tracked.is_submodule(b"sub") && !tracked.is_submodule(b"a/b"));
}

#[test]
fn a_linked_work_tree_has_its_own_index() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.git(&["worktree", "add", "-q", "../linked", "-b", "side"]);
    let linked = scratch.path.parent().expect("a parent").join("linked");
    fs::write(linked.join("b"), LEAK).expect("a file");
    scratch.git(&["-C", &linked.to_string_lossy(), "add", "b"]);
    assert!(notes(&scratch).taken().is_empty());
    let staged = Staged::open_in(&linked, &Environment::default()).expect("opens");
    assert_eq!(Notes::of(&staged).0.paths(), ["b"]);
    // As git calls a hook there.
    let git_dir = scratch.path.join(".git/worktrees/linked");
    let environment = Environment { index_file: Some(git_dir.join("index")), git_dir: Some(git_dir), work_tree: Some(linked.clone()) };
    let staged = Staged::open_in(&linked, &environment).expect("opens");
    assert_eq!(Notes::of(&staged).0.paths(), ["b"]);
}

#[test]
fn no_repository_and_a_bare_one_are_the_users_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Staged::open_in(folder.path(), &Environment::default()).expect_err("no repository");
    assert!(matches!(error, SourceError::Usage { .. }), "{error}");
    let bare = Scratch::with(&["--bare"]);
    let error = Staged::open_in(&bare.path, &Environment::default()).expect_err("bare");
    assert!(matches!(error, SourceError::Usage { .. }), "{error}");
}

#[test]
fn one_thread_or_many_hand_over_the_same() {
    let scratch = Scratch::new();
    for n in 0..40 {
        scratch.write(&format!("d{}/f{n}", n % 7), &format!("{n}\n"));
    }
    scratch.add();
    let staged = open(&scratch);
    let taken: Vec<_> = [1, 2, 16]
        .map(|threads| {
            let notes = Notes::default();
            staged.visit(&notes, threads).expect("visits");
            notes.taken()
        })
        .into();
    assert_eq!(taken[0].len(), 40);
    assert!(taken[0] == taken[1] && taken[1] == taken[2]);
}

#[test]
fn settings_of_a_hostile_repository_start_nothing() {
    let scratch = Scratch::new();
    scratch.commit("a", "x\n");
    scratch.write(".gitattributes", "* diff=evil filter=evil\n");
    scratch.write("b", LEAK);
    scratch.add();
    let marker = scratch.path.join("marker");
    let run = format!("touch {}", marker.display());
    let mut config = fs::read_to_string(scratch.path.join(".git/config")).expect("there");
    for (section, key) in [
        ("core", "fsmonitor"),
        ("core", "sshCommand"),
        ("core", "pager"),
        ("core", "editor"),
        ("core", "gitProxy"),
        ("core", "alternateRefsCommand"),
        ("diff", "external"),
        ("diff \"evil\"", "textconv"),
        ("diff \"evil\"", "command"),
        ("filter \"evil\"", "smudge"),
        ("filter \"evil\"", "clean"),
        ("filter \"evil\"", "process"),
        ("gpg", "program"),
        ("credential", "helper"),
        ("alias", "status"),
        ("alias", "diff"),
    ] {
        config.extend(["[", section, "]\n\t", key, " = \"", &run, "\"\n"]);
    }
    config.extend(["[core]\n\thooksPath = \"", &scratch.path.to_string_lossy(), "\"\n[include]\n\tpath = /dev/zero\n"]);
    fs::write(scratch.path.join(".git/config"), config).expect("written");
    assert_eq!(notes(&scratch).paths(), [".gitattributes", "b"]);
    assert!(!marker.exists());
}

#[test]
fn a_repository_that_would_look_empty_is_refused() {
    let scratch = Scratch::new();
    scratch.commit("a", LEAK);
    let config = fs::read_to_string(scratch.path.join(".git/config")).expect("there");
    let config = config.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    for extension in ["RefStorage = reftable", "unheardOf = true"] {
        fs::write(scratch.path.join(".git/config"), format!("{config}[extensions]\n\t{extension}\n")).expect("written");
        let error = Staged::open_in(&scratch.path, &Environment::default()).expect_err("refused");
        let SourceError::Incomplete { message, help } = error else { panic!("{error}") };
        assert!(message.contains("does not read") && help.contains("files"), "{message} {help}");
    }
    let real = Scratch::empty();
    if real.try_git(&["init", "-q", "--ref-format=reftable"], &[]).1 {
        real.commit("a", LEAK);
        let error = Staged::open_in(&real.path, &Environment::default()).expect_err("refused");
        assert!(error.to_string().contains("reftable"), "{error}");
    }
}

#[test]
fn sha256_repositories_are_read() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.commit("d/a", "one\n");
    scratch.write("d/a", &format!("one\n{LEAK}\n"));
    scratch.add();
    let taken = notes(&scratch).one();
    assert_eq!(taken.new_text(), format!("{LEAK}\n"));
}

/// A bit of a file's mode is nothing to look at; a file that becomes a link is new as a whole; a name may be any bytes.
#[test]
fn modes_kinds_and_names_change_too() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    let scratch = Scratch::new();
    for name in ["bit", "kind"] {
        scratch.write(name, LEAK);
    }
    scratch.add();
    scratch.commit_staged("both");
    fs::set_permissions(scratch.path.join("bit"), fs::Permissions::from_mode(0o755)).expect("set");
    fs::remove_file(scratch.path.join("kind")).expect("removed");
    symlink(LEAK, scratch.path.join("kind")).expect("linked");
    let odd = std::ffi::OsStr::from_bytes(b"caf\xe9\n");
    fs::write(scratch.path.join(odd), LEAK).expect("written");
    scratch.add();
    let notes = notes(&scratch);
    let taken: Vec<_> = notes.taken().iter().map(|taken| (taken.input.path.bytes().to_vec(), taken.new_text())).collect();
    assert_eq!(taken, [(b"caf\xe9\n".to_vec(), LEAK.to_owned()), (b"kind".to_vec(), LEAK.to_owned())]);
}
