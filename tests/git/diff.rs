//! `--diff`: tree against tree, and never an empty answer to a question that cannot be answered.

use gatepost::finding::Failure;
use gatepost::git::Environment;
use gatepost::source::diff::Diff;
use gatepost::source::{Source, SourceError};

use crate::scratch::Scratch;
use crate::sink::{LEAK, Notes};

fn open(scratch: &Scratch, range: &str) -> Result<Diff, SourceError> {
    Diff::open_in(&scratch.path, range, &Environment::default())
}

fn notes(scratch: &Scratch, range: &str) -> Notes {
    let (notes, end) = Notes::of(&open(scratch, range).expect("opens"));
    assert_eq!(end, Ok(()));
    notes
}

fn incomplete(scratch: &Scratch, range: &str) -> (String, String) {
    match open(scratch, range).expect_err(range) {
        SourceError::Incomplete { message, help } => (message, help),
        other @ SourceError::Usage { .. } => panic!("{range}: {other:?}"),
    }
}

/// main: a, then b. side (from the first): c.
fn forked() -> (Scratch, String) {
    let scratch = Scratch::new();
    scratch.commit("a", "one\ntwo\n");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("a", &format!("one\n{LEAK}\ntwo\n"));
    let head = scratch.commit("c", LEAK);
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("b", "on main\n");
    scratch.git(&["checkout", "-q", "side"]);
    (scratch, head)
}

#[test]
fn three_dots_begin_at_the_merge_base_and_two_do_not() {
    let (scratch, head) = forked();
    for range in ["main", "main...HEAD", "main...side", "main..."] {
        let notes = notes(&scratch, range);
        assert_eq!(notes.paths(), ["a", "c"], "{range}");
        assert_eq!(notes.taken()[0].new_text(), format!("{LEAK}\n"));
        assert_eq!(notes.taken()[1].commit(), Some(head.clone()));
    }
    assert_eq!(notes(&scratch, "side..main").paths(), ["a", "b"]);
    assert_eq!(notes(&scratch, "main~1..main").paths(), ["b"]);
}

#[test]
fn both_sides_and_what_was_there() {
    let (scratch, _) = forked();
    let diff = open(&scratch, "main").expect("opens");
    assert_eq!(diff.base().expect("base").read(b"a").expect("there"), b"one\ntwo\n");
    assert_eq!(diff.head().expect("head").read(b"c").expect("there"), LEAK.as_bytes());
    assert_eq!((diff.was_there(b"two"), diff.was_there(LEAK.as_bytes())), (Some(true), Some(false)));
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let (scratch, _) = forked();
    let (message, help) = incomplete(&scratch, "origin/mian");
    assert!(message.contains("origin/mian") && help.contains("spelling"), "{message} {help}");
    incomplete(&scratch, "0123456789012345678901234567890123456789");
    incomplete(&scratch, "main...nowhere");
    assert!(matches!(open(&scratch, ""), Err(SourceError::Usage { .. })));
    scratch.git(&["checkout", "-q", "--orphan", "alone"]);
    scratch.commit("z", "z\n");
    let (message, help) = incomplete(&scratch, "main");
    assert!(message.contains("no common ancestor") && help.contains(".."), "{message} {help}");
    assert_eq!(notes(&scratch, "main..").paths(), ["a", "c", "z"], "a direct comparison still works");
}

#[test]
fn a_shallow_clone_says_how_to_fetch_more() {
    let (scratch, _) = forked();
    scratch.commit("d", "more\n");
    let clone = Scratch::clone_of(&scratch.path, &["--depth=1", "--no-single-branch", "-b", "side"]);
    for range in ["origin/main", "HEAD~1", "origin/main...HEAD"] {
        let (message, help) = incomplete(&clone, range);
        assert!(help.contains("fetch-depth: 0") && help.contains("--deepen"), "{range}: {message} {help}");
    }
    assert_eq!(notes(&clone, "origin/main..HEAD").paths(), ["a", "c", "d"], "two dots need no history");
}

#[test]
fn a_partial_clone_names_each_missing_blob() {
    let (scratch, _) = forked();
    let clone = Scratch::clone_of(&scratch.path, &["--filter=blob:none", "--no-checkout", "-b", "side"]);
    let notes = notes(&clone, "origin/main");
    assert!(notes.taken().is_empty());
    let failed = notes.failed();
    assert_eq!(failed.iter().map(|f| f.0.path.to_string()).collect::<Vec<_>>(), ["a", "c"]);
    assert!(failed.iter().all(|f| f.1 == Failure::Missing));
    assert_eq!(open(&clone, "origin/main").expect("opens").was_there(b"x"), None, "it cannot be told");
}

#[test]
fn a_merge_brings_what_it_brings() {
    let (scratch, _) = forked();
    scratch.git(&["checkout", "-q", "main"]);
    scratch.git(&["merge", "-q", "--no-commit", "side"]);
    scratch.write("evil", LEAK);
    scratch.add();
    scratch.commit_staged("merge");
    assert_eq!(notes(&scratch, "HEAD^1..HEAD").paths(), ["a", "c", "evil"]);
    assert_eq!(notes(&scratch, "HEAD^2..HEAD").paths(), ["b", "evil"]);
}
