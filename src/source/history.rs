//! Everything that a repository remembers: every blob of its database, reachable or not, each once, and what commits and
//! tags say. Not a walk from branch to branch: what was stashed, rewritten or left behind is in the database too.
//!
//! First the skeleton and the names, then one look at every blob, then names for the few that matter, then those again.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::changed::is_lfs_pointer;
use super::{Bytes, Item, Sink, Source, SourceError, Worker};
use crate::finding::{Failure, Skip};
use crate::git::commit::message_start;
use crate::git::object::{Found, Kind, Numbers, Step, Visitor};
use crate::git::{CommitTree, Environment, Holder, Objects, Repository, Skeleton, attribute};
use crate::input::{Content, ContentId, Focus, Input, InputPath, ObjectId, Origin, Tree};

pub struct History {
    objects: Objects,
    /// What HEAD is, if it is anything.
    tip: Option<CommitTree>,
    cuts: Vec<ObjectId>,
    partial: bool,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "History({:?})", self.objects)
    }
}

impl History {
    /// Opens the database of the repository around `path`.
    ///
    /// # Errors
    /// Where there is no repository, or it cannot be read at all.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        Self::open_in(path, &Environment::of_process())
    }

    /// # Errors
    /// As [`History::open`].
    pub fn open_in(path: &Path, environment: &Environment) -> Result<Self, SourceError> {
        let repository = Arc::new(Repository::open(path, environment)?);
        let (cuts, partial) = (repository.cuts()?, repository.is_partial());
        // A policy that cannot be read is none: more is told, not less.
        let tip = repository.head().ok().flatten().and_then(|id| CommitTree::open(&repository, id).ok());
        Ok(History { objects: Objects::open(&repository)?, tip, cuts, partial })
    }
}

impl Source for History {
    fn policy(&self, _own: bool) -> Option<&dyn Tree> {
        self.tip.as_ref().map(|tip| tip as &dyn Tree)
    }

    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        let stop = || sink.is_interrupted();
        let skeleton = Skeleton::read(&self.objects, &self.cuts, threads, &stop);
        let named = skeleton.wanted_names(&self.objects, &|path| sink.wants_name(path), threads, &stop);
        let make = || Scanner { worker: sink.worker(), sink, named: &named, chosen: Vec::new(), failed: Vec::new() };
        let kinds = [Kind::Blob, Kind::Commit, Kind::Tag];
        let (mut chosen, mut failed) = (Numbers::default(), Vec::new());
        for (interesting, broken) in self.objects.walk(&kinds, None, threads, &stop, &make) {
            for number in interesting {
                chosen.insert(number);
            }
            failed.extend(broken);
        }
        failed.sort_unstable();
        let to_name: Numbers = chosen.iter().chain(failed.iter().map(|(number, ..)| *number)).collect();
        let holders = attribute(&self.objects, &skeleton, &to_name, threads, &stop);
        let make = || Taker { worker: sink.worker(), holders: &holders, failed: Vec::new() };
        for broken in self.objects.walk(&[Kind::Blob], Some(&chosen), threads, &stop, &make) {
            failed.extend(broken);
        }
        failed.sort_unstable();
        let mut worker = sink.worker();
        for (number, id, message) in failed {
            fail(&mut *worker, &name(&holders, number, id), Failure::Unreadable, message);
        }
        self.tell_what_is_not_there(&skeleton, &mut *worker);
        if self.cuts.is_empty() {
            return Ok(());
        }
        Err(SourceError::Incomplete {
            message: format!("the history is cut at {} commits: what came before them was not looked at", self.cuts.len()),
            help: "fetch the rest (`fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`)".into(),
        })
    }
}

impl History {
    fn tell_what_is_not_there(&self, skeleton: &Skeleton, worker: &mut dyn Worker) {
        for fault in self.objects.faults() {
            let input = Input { path: InputPath::new(fault.path.as_bytes()), origin: Origin::Root };
            fail(worker, &input, Failure::Unreadable, fault.message.clone());
        }
        for failed in &skeleton.failed {
            let id = failed.id;
            let input = match failed.kind {
                Kind::Commit | Kind::Tag => said_by(failed.kind, id),
                Kind::Tree | Kind::Blob => {
                    Input { path: InputPath::new(format!("tree {id}").as_bytes()), origin: Origin::Unreachable { id } }
                }
            };
            fail(worker, &input, Failure::Unreadable, failed.message.clone());
        }
        for missing in &skeleton.missing {
            let id = missing.id;
            let path = missing.path.clone().unwrap_or_else(|| InputPath::new(id.to_string().as_bytes()));
            let input = Input { path, origin: Origin::Unreachable { id } };
            let why = if self.partial { ": this is a partial clone, and gatepost never fetches" } else { "" };
            fail(worker, &input, Failure::Missing, format!("object {id} is not in this repository{why}"));
        }
        if skeleton.cut_short > 0 {
            let input = Input { path: InputPath::new(b""), origin: Origin::Root };
            let message = format!(
                "{} folders stand under more paths than are looked at, so a rule about names may have missed some",
                skeleton.cut_short
            );
            fail(worker, &input, Failure::Limit, message);
        }
    }
}

fn fail(worker: &mut dyn Worker, input: &Input, kind: Failure, message: String) {
    let help = match kind {
        Failure::Missing => Some("clone without --filter, or `git fetch --refetch`".to_owned()),
        Failure::Unreadable => Some("`git fsck --full` tells more".to_owned()),
        _ => None,
    };
    worker.take(Item::Failed { input, kind, message, help });
}

fn name(holders: &HashMap<u32, Holder>, number: u32, id: ObjectId) -> Input {
    let unknown = || Input { path: InputPath::new(id.to_string().as_bytes()), origin: Origin::Unreachable { id } };
    holders.get(&number).map_or_else(unknown, |holder| holder.input(id))
}

/// The message of a commit or a tag as an input.
fn said_by(kind: Kind, id: ObjectId) -> Input {
    let hex = id.to_string();
    let what = if kind == Kind::Tag { "tag" } else { "commit" };
    let path = format!("{what} {} message", hex.get(..12).unwrap_or(&hex));
    Input { path: InputPath::new(path.as_bytes()), origin: Origin::Message { id } }
}

/// A number, its object and what is wrong with it.
type Broken = (u32, ObjectId, String);

/// Looks at every blob and message; remembers those that need a name.
struct Scanner<'a> {
    worker: Box<dyn Worker + 'a>,
    sink: &'a dyn Sink,
    named: &'a Numbers,
    chosen: Vec<u32>,
    failed: Vec<Broken>,
}

impl Scanner<'_> {
    fn blob(&mut self, found: &Found<'_>) {
        if is_lfs_pointer(found.bytes) {
            self.worker.take(Item::Skipped { skip: Skip::LfsPointer, input: None });
        } else if self.named.contains(found.number) || self.worker.scan(&Content::whole(ContentId::Object(found.id), found.bytes)) {
            self.chosen.push(found.number);
        } else {
            self.sink.count_scanned(found.bytes.len() as u64);
        }
    }

    fn message(&mut self, found: &Found<'_>) {
        let text = found.bytes.get(message_start(found.bytes)..).unwrap_or_default();
        let id = ContentId::Object(found.id);
        if self.worker.scan(&Content::whole(id, text)) {
            let input = said_by(found.kind, found.id);
            self.worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(text), focus: &Focus::Whole });
        } else {
            self.sink.count_scanned(text.len() as u64);
        }
    }
}

impl Visitor for Scanner<'_> {
    type Harvest = (Vec<u32>, Vec<Broken>);

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Object(found) if found.kind == Kind::Blob => self.blob(&found),
            Step::Object(found) => self.message(&found),
            // A commit or a tag that cannot be read was told of with the skeleton.
            Step::Failed { kind: Some(Kind::Commit | Kind::Tag | Kind::Tree), .. } => {}
            Step::Failed { number, id, message, .. } => self.failed.push((number, id, message)),
        }
    }

    fn finish(self) -> Self::Harvest {
        (self.chosen, self.failed)
    }
}

/// Hands over the blobs that have a name now.
struct Taker<'a> {
    worker: Box<dyn Worker + 'a>,
    holders: &'a HashMap<u32, Holder>,
    failed: Vec<Broken>,
}

impl Visitor for Taker<'_> {
    type Harvest = Vec<Broken>;

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Object(found) => {
                let input = name(self.holders, found.number, found.id);
                let bytes = Bytes::Whole(found.bytes);
                self.worker.take(Item::Content { id: ContentId::Object(found.id), input: &input, bytes, focus: &Focus::Whole });
            }
            Step::Failed { number, id, message, .. } => self.failed.push((number, id, message)),
        }
    }

    fn finish(self) -> Vec<Broken> {
        self.failed
    }
}
