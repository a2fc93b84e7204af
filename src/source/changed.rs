//! What `staged` and `diff` have in common: changed blobs, each with the lines that are new, and the blobs as they were.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::{Bytes, Item, Sink, SourceError, Worker};
use crate::base::escape;
use crate::finding::{Failure, Skip};
use crate::git::change::{Change, ChangedBlob, Changes, Now};
use crate::git::{GitError, Repository, added_lines};
use crate::input::{ContentId, Focus, Input, InputPath, ObjectId, Origin, ReadError};

impl From<GitError> for SourceError {
    fn from(error: GitError) -> Self {
        let (message, help) = (error.to_string(), error.help().to_owned());
        if error.is_usage() { SourceError::Usage { message, help } } else { SourceError::Incomplete { message, help } }
    }
}

/// Old blobs that are held in memory, in bytes; what is over is read again for each question.
const HELD: usize = 64 << 20;

pub(super) struct Changed {
    repository: Arc<Repository>,
    changes: Changes,
    origin: Origin,
    /// Blobs of the base beside those of the changes.
    more: Vec<ObjectId>,
    old: OnceLock<Old>,
}

/// The changed files as they were.
#[derive(Default)]
struct Old {
    texts: Vec<Vec<u8>>,
    not_held: Vec<ObjectId>,
    unreadable: bool,
}

impl Changed {
    pub fn new(repository: Arc<Repository>, changes: Changes, origin: Origin) -> Self {
        Changed { repository, changes, origin, more: Vec::new(), old: OnceLock::new() }
    }

    /// The same with more blobs of the base: what stands in them was there too.
    pub fn beside(self, more: Vec<ObjectId>) -> Self {
        Changed { more, ..self }
    }

    /// Leaves out the changes of other paths. What those had was there all the same.
    pub fn keep(&mut self, wanted: &dyn Fn(&InputPath) -> bool) {
        let (kept, others) = std::mem::take(&mut self.changes).into_iter().partition(|change| wanted(&change.path));
        self.changes = kept;
        self.more.extend(Changes::into_iter(others).filter_map(|change| change.was).map(|blob| blob.id));
    }

    pub fn touched(&self) -> Vec<&InputPath> {
        self.changes.iter().map(|change| &change.path).collect()
    }

    /// The paths where nothing stands any more.
    pub fn gone(&self) -> Vec<InputPath> {
        self.changes.iter().filter(|change| change.now == Now::Gone).map(|change| change.path.clone()).collect()
    }

    pub fn visit(&self, sink: &dyn Sink, threads: usize) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut worker = sink.worker();
            while let Some(change) = self.changes.get(next.fetch_add(1, Ordering::Relaxed)) {
                if sink.is_interrupted() {
                    return;
                }
                if change.now == Now::Submodule {
                    sink.note(format!("{} is a submodule: the repository that it points at is not looked at", change.path));
                }
                self.hand_over(change, &mut *worker);
            }
        };
        // Starting a thread costs more than a few small blobs.
        let threads = threads.min(self.changes.len() / 4).max(1);
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }

    fn hand_over(&self, change: &Change, worker: &mut dyn Worker) {
        let input = Input { path: change.path.clone(), origin: self.origin.clone() };
        let blob = match change.now {
            Now::Gone => return,
            Now::Blob(blob) => blob,
            Now::Submodule => return worker.take(Item::Skipped { skip: Skip::Submodule, input: None }),
            Now::Conflict => {
                let message = "it has an unresolved merge conflict, so there is no one version of it".to_owned();
                let help = Some(format!("resolve it, then `git add -- {}`", escape::word(change.path.bytes())));
                return worker.take(Item::Failed { input: &input, kind: Failure::Unreadable, message, help });
            }
        };
        let bytes = match self.repository.blob(blob.id) {
            Ok(bytes) => bytes,
            Err(error) => return worker.take(failed(&input, blob.id, &error)),
        };
        if is_lfs_pointer(&bytes) {
            return worker.take(Item::Skipped { skip: Skip::LfsPointer, input: None });
        }
        let focus = self.focus(change.was, blob, &bytes);
        worker.take(Item::Content { id: ContentId::Object(blob.id), input: &input, bytes: Bytes::Whole(&bytes), focus: &focus });
    }

    fn focus(&self, was: Option<ChangedBlob>, now: ChangedBlob, bytes: &[u8]) -> Focus {
        // An old blob that cannot be read makes everything new: more is looked at, not less.
        match was.filter(|was| was.mode == now.mode).map(|was| self.repository.blob(was.id)) {
            Some(Ok(old)) => Focus::Ranges(added_lines(&old, bytes)),
            Some(Err(_)) | None => Focus::Whole,
        }
    }

    /// Whether a value stands in what the change touches, as it was. None where that cannot be told.
    pub fn was_there(&self, value: &[u8]) -> Option<bool> {
        let old = self.old.get_or_init(|| self.read_old());
        let finder = memchr::memmem::Finder::new(value);
        if old.texts.iter().any(|text| finder.find(text).is_some()) {
            return Some(true);
        }
        let mut unreadable = old.unreadable;
        for id in &old.not_held {
            match self.repository.blob(*id) {
                Ok(text) if finder.find(&text).is_some() => return Some(true),
                Ok(_) => {}
                Err(_) => unreadable = true,
            }
        }
        (!unreadable).then_some(false)
    }

    pub fn repository(&self) -> &Arc<Repository> {
        &self.repository
    }

    /// Whether a value stands in no more of the changed files than before: it moved, if anything.
    pub fn only_moved(&self, value: &[u8]) -> bool {
        let finder = memchr::memmem::Finder::new(value);
        let holds = |id: ObjectId| self.repository.blob(id).is_ok_and(|text| finder.find(&text).is_some());
        let (mut before, mut now) = (0, 0);
        for change in &self.changes {
            before += usize::from(change.was.is_some_and(|was| holds(was.id)));
            now += usize::from(matches!(change.now, Now::Blob(blob) if holds(blob.id)));
        }
        before > 0 && now <= before
    }

    /// A changed file that had one of some values as it was, and the value.
    pub fn where_it_was(&self, values: &[&[u8]]) -> Option<(&InputPath, Vec<u8>)> {
        self.changes.iter().find_map(|change| {
            let text = self.repository.blob(change.was?.id).ok()?;
            let value = values.iter().find(|value| memchr::memmem::find(&text, value).is_some())?;
            Some((&change.path, value.to_vec()))
        })
    }

    /// Whether a text stood in a file that is gone.
    pub fn went(&self, text: &[u8]) -> bool {
        let gone = self.changes.iter().filter(|change| change.now == Now::Gone).filter_map(|change| change.was);
        gone.filter_map(|blob| self.repository.blob(blob.id).ok()).any(|old| ends_a_line(&old, text))
    }

    fn read_old(&self) -> Old {
        let mut ids: Vec<ObjectId> = self.changes.iter().filter_map(|change| change.was).map(|blob| blob.id).collect();
        ids.extend(&self.more);
        ids.sort_unstable();
        ids.dedup();
        let (mut old, mut held) = (Old::default(), 0);
        for id in ids {
            if held > HELD {
                old.not_held.push(id);
                continue;
            }
            match self.repository.blob(id) {
                Ok(text) => {
                    held += text.len();
                    old.texts.push(text);
                }
                Err(_) => old.unreadable = true,
            }
        }
        old
    }
}

/// Whether a line of a text ends with this, whole: an ignore that lost its last day is another one.
#[must_use]
pub fn ends_a_line(text: &[u8], end: &[u8]) -> bool {
    memchr::memmem::find_iter(text, end).any(|at| {
        let rest = &text[at + end.len()..];
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        matches!(rest.get(blank), None | Some(b'\n'))
    })
}

/// The trouble of a blob that could not be read.
pub(super) fn failed<'a>(input: &'a Input, id: ObjectId, error: &ReadError) -> Item<'a> {
    match error {
        ReadError::Missing => Item::Failed {
            input,
            kind: Failure::Missing,
            message: format!("object {id} is not in this repository"),
            help: Some("gatepost never fetches; clone without --filter, or `git fetch --refetch`".to_owned()),
        },
        other => {
            Item::Failed { input, kind: Failure::Unreadable, message: other.to_string(), help: Some("`git fsck` tells more".to_owned()) }
        }
    }
}

/// Whether a blob is all of an LFS pointer and nothing else: a line of text behind it is looked at.
pub(super) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"version https://git-lfs.github.com/spec/v1\noid sha256:") else { return false };
    let Some((oid, size)) = rest.split_at_checked(64) else { return false };
    let Some(digits) = size.strip_prefix(b"\nsize ").map(|d| d.strip_suffix(b"\n").unwrap_or(d)) else { return false };
    oid.iter().all(u8::is_ascii_hexdigit) && (1..=19).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_pointer_is_one() {
        let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "0a".repeat(32));
        assert!(is_lfs_pointer(pointer.as_bytes()));
        assert!(!is_lfs_pointer(format!("{pointer}key = value\n").as_bytes()), "nothing hides behind a pointer");
        assert!(!is_lfs_pointer(pointer.replace("0a", "zz").as_bytes()));
        assert!(!is_lfs_pointer(b"version https://git-lfs.github.com/spec/v1\n"));
    }
}
