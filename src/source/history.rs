//! Everything that a repository remembers: every blob of its database, reachable or not, each once, what commits and tags
//! say, and what git keeps beside its objects. Not a walk from branch to branch: what was stashed, rewritten or left behind
//! is in the database too.
//!
//! First the skeleton and the names, then one look at every blob, then names for the few that matter, then those again.

mod beside;
mod clean;
mod hands;
mod seen;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Item, Sink, Source, SourceError, Worker};
use crate::finding::{Exposure, Failure};
use crate::git::object::{Kind, Numbers};
use crate::git::{CommitTree, Environment, Holder, Limits, Objects, Question, Refs, Repository, Skeleton, attribute};
use crate::input::{EntryKind, Input, InputPath, ObjectId, Origin, Tree};

use clean::Clean;
use hands::{Scanner, Taker};
use seen::Seen;

pub struct History {
    repository: Arc<Repository>,
    objects: Objects,
    refs: Refs,
    limits: Limits,
    /// What versions of a file have in common is looked at once.
    by_delta: bool,
    /// Where it is kept what earlier scans found nothing in.
    cache: Option<PathBuf>,
    /// What HEAD is, if it is anything.
    tip: Option<CommitTree>,
    cuts: Vec<ObjectId>,
    /// How long what was handed over stood there.
    seen: Mutex<Seen>,
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
    /// Where there is no repository, it cannot be read at all, or limits ask for refs that cannot be read.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        Self::open_in(path, limits, &Environment::of_process())
    }

    /// # Errors
    /// As [`History::open`].
    pub fn open_in(path: &Path, limits: Limits, environment: &Environment) -> Result<Self, SourceError> {
        let repository = if limits.reachable_only {
            Arc::new(Repository::open(path, environment)?)
        } else {
            Arc::new(Repository::open_for_objects(path, environment)?)
        };
        let cuts = repository.cuts()?;
        let (refs, tip) = if let Some(store) = repository.other_refs() {
            let unread =
                format!("the ref storage `{store}` is not read, so nothing is known of branches and tags; every object was looked at");
            (Refs { unreadable: vec![("refs".to_owned(), unread)], ..Refs::default() }, None)
        } else {
            // A policy that cannot be read is none: more is told, not less.
            let head = repository.head().ok().flatten();
            (repository.refs()?, head.and_then(|id| CommitTree::open(&repository, id).ok()))
        };
        let objects = Objects::open(&repository)?;
        Ok(History { repository, objects, refs, limits, by_delta: true, cache: None, tip, cuts, seen: Mutex::default() })
    }

    /// The same with every object read in full: slower, and the same answer.
    #[must_use]
    pub fn without_delta(self, every: bool) -> Self {
        History { by_delta: !every, ..self }
    }

    /// The same with a bound on the memory for what objects are made of, in bytes.
    #[must_use]
    pub fn holding(self, bytes: Option<u64>) -> Self {
        match bytes.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)) {
            Some(bytes) => History { objects: self.objects.holding(bytes), ..self },
            None => self,
        }
    }

    /// The same with a folder that keeps what was looked at and holds nothing, for the next scan.
    #[must_use]
    pub fn with_cache(self, folder: Option<PathBuf>) -> Self {
        History { cache: folder, ..self }
    }
}

impl Source for History {
    fn policy(&self, _own: bool) -> Option<&dyn Tree> {
        self.tip.as_ref().map(|tip| tip as &dyn Tree)
    }

    fn resources(&self) -> Option<&dyn Tree> {
        self.policy(true)
    }

    /// What HEAD has is shown apart.
    fn is_evaluated(&self, input: &Input) -> bool {
        input.path.container().is_some() || input.origin == Origin::File
    }

    fn exposure(&self, input: &Input) -> Option<Exposure> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).of(input)
    }

    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        let stop = || sink.is_interrupted();
        let skeleton = Skeleton::read(&self.objects, &self.cuts, threads, &stop);
        let only = skeleton.within(&self.objects, &self.refs.tips, self.limits, threads, &stop);
        let names = skeleton.wanted_names(&self.objects, &|path| sink.wants_name(path), threads, &stop);
        let checked_out = if sink.asks_resources() { self.checked_out() } else { HashMap::new() };
        let mut clean = self.clean(sink);
        let must_be_seen = |number: u32| names.contains_key(&number) || checked_out.contains_key(&number);
        let only = self.pass_over_clean(sink, clean.as_ref(), only, &must_be_seen);
        let make = || Scanner::new(sink, &names, &checked_out, (clean.is_some(), self.by_delta));
        let kinds = [Kind::Blob, Kind::Commit, Kind::Tag];
        let (mut chosen, mut failed, mut said, mut fresh) = (Numbers::default(), Vec::new(), Vec::new(), Vec::new());
        for harvest in self.objects.walk(&kinds, only.as_ref(), threads, &stop, &make) {
            chosen.extend(harvest.chosen);
            failed.extend(harvest.failed);
            said.extend(harvest.said);
            fresh.extend(harvest.clean);
        }
        if let Some(clean) = clean.as_mut().filter(|_| !stop()) {
            clean.extend(fresh);
            if let Err(error) = clean.save() {
                sink.note(format!("what was looked at could not be kept for the next scan: {error}"));
            }
        }
        failed.sort_unstable();
        let to_name: Numbers = chosen.iter().chain(failed.iter().map(|(number, ..)| *number)).collect();
        let question = Question { blobs: &to_name, names: &names, avoids: &|path| sink.avoids(path) };
        let holders = attribute(&self.objects, &skeleton, &self.refs.tips, question, threads, &stop);
        self.see(&skeleton, &holders, &said);
        let make = || Taker { worker: sink.worker(), holders: &holders, failed: Vec::new() };
        for broken in self.objects.walk(&[Kind::Blob], Some(&chosen), threads, &stop, &make) {
            failed.extend(broken);
        }
        failed.sort_unstable();
        if self.limits.is_none() {
            beside::visit(&self.repository, sink, threads);
        }
        let mut worker = sink.worker();
        for (number, id, message) in failed {
            fail(&mut *worker, &hands::name(&holders, number, id), Failure::Unreadable, message);
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
    fn clean(&self, sink: &dyn Sink) -> Option<Clean> {
        let (folder, key) = self.cache.as_deref().zip(sink.key())?;
        Some(Clean::open(folder, &self.repository.common_dir(), key))
    }

    /// Counts what an earlier scan found nothing in, and leaves the rest. `only` is all there is where it is None.
    fn pass_over_clean(
        &self,
        sink: &dyn Sink,
        clean: Option<&Clean>,
        only: Option<Numbers>,
        must_be_seen: &dyn Fn(u32) -> bool,
    ) -> Option<Numbers> {
        let mut known = Numbers::default();
        for (id, length) in clean.into_iter().flat_map(Clean::iter) {
            let number = self.objects.number(id.bytes()).filter(|number| !must_be_seen(*number));
            if let Some(number) = number.filter(|number| only.as_ref().is_none_or(|only| only.contains(*number))) {
                known.insert(number);
                sink.count_scanned(u64::from(length));
            }
        }
        if known.is_empty() {
            return only;
        }
        let all = || (0..u32::try_from(self.objects.len()).unwrap_or(u32::MAX)).collect();
        Some(only.unwrap_or_else(all).iter().filter(|number| !known.contains(*number)).collect())
    }

    /// The files of HEAD, each blob by number with its paths: rules on resources are asked of these.
    fn checked_out(&self) -> HashMap<u32, Vec<Input>> {
        let mut files: HashMap<u32, Vec<Input>> = HashMap::new();
        let Some(tip) = &self.tip else { return files };
        let mut folders = vec![InputPath::new(b"")];
        while let Some(folder) = folders.pop() {
            // A folder that cannot be read is told of with the skeleton.
            for (entry, id) in tip.entries(folder.bytes()).unwrap_or_default() {
                match entry.kind {
                    EntryKind::Folder => folders.push(entry.path),
                    EntryKind::File => {
                        let Some(number) = self.objects.number(id.bytes()) else { continue };
                        files.entry(number).or_default().push(Input { path: entry.path, origin: tip.origin() });
                    }
                    EntryKind::Other => {}
                }
            }
        }
        files
    }

    /// Keeps how long everything stood there that somebody may ask about.
    fn see(&self, skeleton: &Skeleton, holders: &BTreeMap<u32, Vec<Holder>>, said: &[ObjectId]) {
        let mut seen = Seen::new(&self.objects, self.tip.as_ref());
        for (number, holders) in holders {
            let Some(id) = self.objects.id(*number) else { continue };
            for holder in holders {
                seen.held(holder, id);
            }
        }
        if !said.is_empty() {
            let reached = skeleton.reached(&self.objects, &self.refs.tips);
            for id in said {
                let tip = skeleton.rank_of(&self.objects, *id).and_then(|rank| reached.get(rank as usize));
                seen.said(skeleton, &self.objects, *id, tip.and_then(|at| self.refs.tips.get(*at as usize)));
            }
        }
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen.finish();
    }

    fn tell_what_is_not_there(&self, skeleton: &Skeleton, worker: &mut dyn Worker) {
        for fault in self.objects.faults() {
            let input = Input { path: InputPath::new(fault.path.as_bytes()), origin: Origin::Root };
            fail(worker, &input, Failure::Unreadable, fault.message.clone());
        }
        for (name, message) in &self.refs.unreadable {
            let name = if name.is_empty() { "a ref" } else { name };
            let input = Input { path: InputPath::new(name.as_bytes()), origin: Origin::Root };
            fail(worker, &input, Failure::Unreadable, message.clone());
        }
        for failed in &skeleton.failed {
            let id = failed.id;
            let input = match failed.kind {
                Kind::Commit | Kind::Tag => hands::said_by(failed.kind, id),
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
            let why = if self.repository.is_partial() { ": this is a partial clone, and gatepost never fetches" } else { "" };
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
