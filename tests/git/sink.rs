//! A sink that writes down what it was handed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gatepost::finding::{Failure, Skip};
use gatepost::input::{Content, Focus, Input, Origin};
use gatepost::source::{Bytes, Item, Sink, Source, SourceError, Worker};

/// The word that stands for a secret in these tests.
pub const LEAK: &str = "LEAK";

#[derive(Default)]
pub struct Notes {
    taken: Mutex<Vec<Taken>>,
    /// Files that git keeps beside its objects.
    own: Mutex<Vec<Taken>>,
    /// Names that a content was shown under besides.
    also: Mutex<Vec<Input>>,
    skipped: Mutex<Vec<Skip>>,
    failed: Mutex<Vec<(Input, Failure, String)>>,
    pub scanned: AtomicU64,
    pub counted: AtomicU64,
    wanted: Option<fn(&[u8]) -> bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub input: Input,
    pub text: Vec<u8>,
    pub focus: Focus,
}

impl Taken {
    pub fn path(&self) -> String {
        self.input.path.to_str().into_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// The text in focus.
    pub fn new_text(&self) -> String {
        match &self.focus {
            Focus::Whole => self.text(),
            Focus::Ranges(ranges) => {
                let part = |r: &std::ops::Range<u32>| String::from_utf8_lossy(&self.text[r.start as usize..r.end as usize]).into_owned();
                ranges.iter().map(part).collect()
            }
        }
    }

    /// The commit that holds it, in hex.
    pub fn commit(&self) -> Option<String> {
        match &self.input.origin {
            Origin::Commit { id, .. } => Some(id.to_string()),
            _ => None,
        }
    }
}

struct Hand<'a>(&'a Notes);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Worker for Hand<'_> {
    fn take(&mut self, item: Item<'_>) {
        match item {
            Item::Content { input, bytes, focus, .. } => {
                let text = match bytes {
                    Bytes::Whole(bytes) => bytes.to_vec(),
                    Bytes::File(_) => panic!("git has no files"),
                    Bytes::Stream(stream) => {
                        let mut all = Vec::new();
                        stream.read_to_end(&mut all).expect("readable");
                        all
                    }
                };
                // Git's own files are asked for where a test is about them.
                let list = if input.origin == Origin::File { &self.0.own } else { &self.0.taken };
                lock(list).push(Taken { input: input.clone(), text, focus: focus.clone() });
            }
            Item::Skipped { skip, .. } => lock(&self.0.skipped).push(skip),
            Item::Failed { input, kind, message, .. } => lock(&self.0.failed).push((input.clone(), kind, message)),
        }
    }

    fn also(&mut self, _: &Content<'_>, input: &Input) {
        lock(&self.0.also).push(input.clone());
    }

    fn scan(&mut self, content: &Content<'_>) -> bool {
        self.0.scanned.fetch_add(1, Ordering::Relaxed);
        memchr::memmem::find(content.bytes, LEAK.as_bytes()).is_some()
    }
}

impl Sink for Notes {
    fn worker(&self) -> Box<dyn Worker + Send + '_> {
        Box::new(Hand(self))
    }

    fn wants_name(&self, path: &[u8]) -> bool {
        self.wanted.is_some_and(|wanted| wanted(path))
    }

    fn count_scanned(&self, _bytes: u64) {
        self.counted.fetch_add(1, Ordering::Relaxed);
    }

    fn is_interrupted(&self) -> bool {
        false
    }
}

impl Notes {
    pub fn wanting(wanted: fn(&[u8]) -> bool) -> Self {
        Notes { wanted: Some(wanted), ..Notes::default() }
    }

    /// Visits a source with two threads.
    pub fn of(source: &dyn Source) -> (Self, Result<(), SourceError>) {
        let notes = Notes::default();
        let end = source.visit(&notes, 2);
        (notes, end)
    }

    /// What was taken, by path and origin.
    pub fn taken(&self) -> Vec<Taken> {
        let mut all = lock(&self.taken).clone();
        all.sort_by(|a, b| a.input.cmp(&b.input));
        all
    }

    /// Git's own files, by path.
    pub fn own(&self) -> Vec<Taken> {
        let mut all = lock(&self.own).clone();
        all.sort_by(|a, b| a.input.cmp(&b.input));
        all
    }

    /// The other names of contents that were taken.
    pub fn also(&self) -> Vec<Input> {
        let mut all = lock(&self.also).clone();
        all.sort();
        all
    }

    pub fn paths(&self) -> Vec<String> {
        self.taken().iter().map(Taken::path).collect()
    }

    /// The only thing taken.
    pub fn one(&self) -> Taken {
        let all = self.taken();
        assert_eq!(all.len(), 1, "{:?}", self.paths());
        all[0].clone()
    }

    pub fn skipped(&self) -> Vec<Skip> {
        lock(&self.skipped).clone()
    }

    pub fn failed(&self) -> Vec<(Input, Failure, String)> {
        let mut all = lock(&self.failed).clone();
        all.sort();
        all
    }
}
