//! What the commits of a range had that neither of its ends shows, and what they say.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::changed::{failed, is_lfs_pointer};
use super::{Bytes, Item, Sink, Worker, answer};
use crate::finding::{Failure, Fix, Skip};
use crate::git::passed::{Passed, Step, Steps, Way};
use crate::git::trail::upstream_of;
use crate::git::{CommitTree, GitError, Repository, added_lines};
use crate::input::{Content, ContentId, Focus, Input, InputPath, ObjectId, Origin};

pub(super) struct OnTheWay {
    repository: Arc<Repository>,
    steps: Steps,
    way: Way,
    /// Tags that go along, each with what it says.
    pub tags: Vec<(ObjectId, Vec<u8>)>,
    /// Branches of remotes that have a commit, once that was asked.
    upstreams: Mutex<HashMap<ObjectId, Option<String>>>,
}

/// Commits of which it is asked whether a remote has them.
const MOST_ASKED: usize = 64;

impl OnTheWay {
    /// `base` and `head` are looked at as a whole: what they have at the same path is not looked at again.
    pub fn new(repository: &Arc<Repository>, steps: Steps, base: Option<&CommitTree>, head: &CommitTree) -> Result<Self, GitError> {
        let known = |path: &InputPath, blob: ObjectId| {
            let stands = |tree: &CommitTree| tree.blob_at(path.bytes()) == Some(blob);
            stands(head) || base.is_some_and(stands)
        };
        let way = steps.passed(repository, &|path, blob| known(path, blob.id))?;
        Ok(OnTheWay { repository: Arc::clone(repository), steps, way, tags: Vec::new(), upstreams: Mutex::default() })
    }

    /// The blobs of the base at the paths that were touched on the way: what stands in them is not new.
    pub fn stood_before(&self, base: Option<&CommitTree>) -> Vec<ObjectId> {
        let blobs = |base: &CommitTree| self.way.left.iter().filter_map(|path| base.blob_at(path.bytes())).collect::<BTreeSet<_>>();
        base.map(blobs).unwrap_or_default().into_iter().collect()
    }

    pub fn visit(&self, sink: &dyn Sink, threads: usize) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut worker = sink.worker();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if sink.is_interrupted() {
                    return;
                }
                if let Some(passed) = self.way.passed.get(at) {
                    self.blob(passed, &mut *worker);
                } else if let Some(step) = self.steps.all.get(at - self.way.passed.len()) {
                    message("commit", step.id, &step.message, sink, &mut *worker);
                } else if let Some((id, text)) = self.tags.get(at - self.way.passed.len() - self.steps.all.len()) {
                    message("tag", *id, text, sink, &mut *worker);
                } else {
                    return;
                }
            }
        };
        let threads = threads.min((self.way.passed.len() + self.steps.all.len()) / 8).max(1);
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        self.tell(sink);
    }

    /// What was not looked at.
    fn tell(&self, sink: &dyn Sink) {
        let cut: Vec<String> = self.steps.all.iter().filter(|step| step.is_cut).map(|step| answer::short(step.id)).collect();
        if !cut.is_empty() {
            sink.note(format!(
                "the clone is shallow: what came and went before {} inside of the range is not here; the ends were compared in full",
                cut.join(", ")
            ));
        }
        if self.steps.more {
            let input = Input { path: InputPath::new(b""), origin: Origin::Root };
            sink.worker().take(Item::Failed {
                input: &input,
                kind: Failure::Limit,
                message: format!("the range has more commits than are looked at one by one ({})", self.steps.all.len()),
                help: Some("compare a shorter range, or scan all of it with --history".to_owned()),
            });
        }
    }

    fn blob(&self, passed: &Passed, worker: &mut dyn Worker) {
        let Some(step) = self.steps.all.get(passed.step) else { return };
        let input = Input { path: passed.path.clone(), origin: origin(step) };
        let bytes = match self.repository.blob(passed.blob.id) {
            Ok(bytes) => bytes,
            Err(error) => return worker.take(failed(&input, passed.blob.id, &error)),
        };
        if is_lfs_pointer(&bytes) {
            return worker.take(Item::Skipped { skip: Skip::LfsPointer, input: None });
        }
        let focus = self.focus(passed, &bytes);
        worker.take(Item::Content { id: ContentId::Object(passed.blob.id), input: &input, bytes: Bytes::Whole(&bytes), focus: &focus });
    }

    /// The lines that no parent has.
    fn focus(&self, passed: &Passed, bytes: &[u8]) -> Focus {
        let mut focus: Option<Vec<std::ops::Range<u32>>> = None;
        for was in passed.was.iter().flatten().filter(|was| was.mode == passed.blob.mode) {
            // A blob that cannot be read makes everything new: more is looked at, not less.
            let Ok(old) = self.repository.blob(was.id) else { continue };
            let added = added_lines(&old, bytes);
            focus = Some(match focus {
                Some(known) => both(&known, &added),
                None => added,
            });
        }
        focus.map_or(Focus::Whole, Focus::Ranges)
    }

    /// What to do about a value that is in a commit of the range, and not in its end.
    pub fn advice(&self, input: &Input) -> Option<Fix> {
        let Origin::Commit { id, .. } = input.origin else { return None };
        let step = self.steps.all.iter().find(|step| step.id == id)?;
        Some(answer::on_the_way(step.id, step.parents.is_empty(), self.upstream(id).as_deref()))
    }

    /// A branch of a remote that has a commit. None, too, where that was asked of too many already.
    fn upstream(&self, id: ObjectId) -> Option<String> {
        let mut known = self.upstreams.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ASKED && !known.contains_key(&id) {
            return None;
        }
        known.entry(id).or_insert_with(|| upstream_of(&self.repository, id).ok().flatten()).clone()
    }
}

fn origin(step: &Step) -> Origin {
    Origin::Commit { id: step.id, when: step.when }
}

/// What a commit or a tag says, handed over where it says anything that matters.
fn message(kind: &str, object: ObjectId, text: &[u8], sink: &dyn Sink, worker: &mut dyn Worker) {
    let id = ContentId::Object(object);
    if worker.scan(&Content::whole(id, text)) {
        worker.take(Item::Content { id, input: &super::said_by(kind, object), bytes: Bytes::Whole(text), focus: &Focus::Whole });
    } else {
        sink.count_scanned(text.len() as u64);
    }
}

/// What lies in both of two lists of ranges, each sorted and disjoint.
fn both(one: &[std::ops::Range<u32>], two: &[std::ops::Range<u32>]) -> Vec<std::ops::Range<u32>> {
    let (mut all, mut rest) = (Vec::new(), two.iter().peekable());
    for range in one {
        while let Some(other) = rest.peek() {
            let (start, end) = (range.start.max(other.start), range.end.min(other.end));
            if start < end {
                all.push(start..end);
            }
            if other.end > range.end {
                break;
            }
            rest.next();
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn both_is_what_lies_in_each(one in proptest::collection::vec(0u32..40, 0..8), two in proptest::collection::vec(0u32..40, 0..8)) {
            let ranges = |mut ends: Vec<u32>| {
                ends.sort_unstable();
                ends.dedup();
                ends.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect::<Vec<_>>()
            };
            let (one, two) = (ranges(one), ranges(two));
            let all = both(&one, &two);
            let holds = |ranges: &[std::ops::Range<u32>], at: u32| ranges.iter().any(|range| range.contains(&at));
            for at in 0..40 {
                proptest::prop_assert_eq!(holds(&all, at), holds(&one, at) && holds(&two, at));
            }
        }
    }
}
