//! What lies in a container: judged as files are, by the path that it has in there.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::sync::atomic::AtomicBool;

use super::gather::Hand;
use super::resources::{self, Candidates};
use super::windows::Stop;
use crate::container::{self, Budget, Event, Kind, Packed, Unpacked, Why};
use crate::finding::{Failure, Finding};
use crate::iac::gate::Candidate;
use crate::input::{ContentId, Focus, Input, InputPath};
use crate::source::memory::MemoryTree;

/// Members of one input that are told as not looked at.
const MAX_LEFT: usize = 20;

impl Hand<'_> {
    /// Opens an input that is a container; its findings so far begin at `mark`. What a container's own bytes show is left
    /// out where something in it shows the same.
    pub(super) fn inside(&mut self, input: &Input, mut packed: Packed<'_>, mark: usize) {
        if let Some((kind, size)) = known(&mut packed) {
            self.unpack(kind, input, packed, size);
            self.only_innermost(mark);
        }
    }

    fn only_innermost(&mut self, mark: usize) {
        let mut own = self.found.findings.split_off(mark);
        let path = |finding: &Finding| self.gather.inputs.get(finding.primary.file).map(|input| input.path);
        let mut shown = HashSet::new();
        for finding in &own {
            let mut outer = path(finding).and_then(|path| path.container().map(<[u8]>::to_vec));
            while let Some(container) = outer {
                outer = memchr::memrchr(b'!', &container).map(|end| container[..end].to_vec());
                shown.insert((finding.group, container));
            }
        }
        if !shown.is_empty() {
            own.retain(|finding| path(finding).is_none_or(|path| !shown.contains(&(finding.group, path.bytes().to_vec()))));
        }
        self.found.findings.append(&mut own);
    }

    /// An input that can be read once only: what is a container is opened, and its own bytes are not looked at.
    pub(super) fn stream(&mut self, id: ContentId, input: &Input, stream: &mut dyn Read, focus: &Focus) -> Result<u64, Stop> {
        let mut start = Vec::new();
        stream.take(container::PEEK as u64).read_to_end(&mut start).map_err(Stop::Io)?;
        let kind = container::kind(&start);
        let mut all = start.chain(stream);
        match kind {
            Some(kind) => {
                let mark = self.found.findings.len();
                self.unpack(kind, input, Packed::Stream(&mut all), None);
                self.only_innermost(mark);
                Ok(0)
            }
            None => self.windows(id, input, &mut all, focus),
        }
    }

    fn unpack(&mut self, kind: Kind, input: &Input, packed: Packed<'_>, size: Option<u64>) {
        let was = self.members_before(input);
        let (stop, mut left, mut more) = (self.gather.stop, HashSet::new(), 0_u64);
        let budget = Budget::new(size, stop);
        container::open(kind, &input.path, packed, &budget, &mut |event| match event {
            Event::Member { path, bytes: Unpacked::Held(bytes) } => {
                if !was.contains(path, bytes) {
                    let member = Input { path: path.clone(), origin: input.origin.clone() };
                    self.whole(ContentId::Number(0), &member, bytes, &Focus::Whole);
                }
            }
            Event::Member { path, bytes: Unpacked::Stream(reader) } => {
                let member = Input { path: path.clone(), origin: input.origin.clone() };
                match self.windows(ContentId::Number(0), &member, reader, &Focus::Whole) {
                    // What ends the budget is told by the container.
                    Ok(_) | Err(Stop::Interrupted) => {}
                    Err(Stop::Io(_)) if budget.spent().is_some() => {}
                    Err(Stop::Io(error)) => self.leave(&member, &Why::of(&error)),
                    Err(Stop::TooLong) => self.leave(&member, &Why::Limit("longer than 4 GiB".to_owned())),
                }
            }
            Event::Left { path, why } => {
                if left.len() == MAX_LEFT {
                    more += u64::from(!left.contains(path));
                } else if left.insert(path.clone()) {
                    self.leave(&Input { path: path.clone(), origin: input.origin.clone() }, &why);
                }
            }
        });
        if more > 0 {
            self.leave(input, &Why::Unknown(format!("{more} more things in it")));
        }
        let packed = std::mem::take(&mut self.packed);
        for (container, (mut tree, candidates)) in packed.trees {
            tree.container = Some(Input { path: InputPath::new(&container), origin: input.origin.clone() });
            let gather = self.gather;
            self.limited |= !resources::judge_packed(gather.engine, &tree, &candidates, &gather.inputs, &mut self.found);
        }
    }

    fn leave(&mut self, member: &Input, why: &Why) {
        let file = self.gather.inputs.intern(member);
        let help = match why {
            Why::Encrypted => "look at what was packed, or leave the container out with --exclude",
            _ => "unpack it and scan what was in it, or leave it out with --exclude",
        };
        self.incomplete(file, why.failure(), why.message(), help);
    }

    /// The members that a container had before the change: what is in it unchanged is not new.
    fn members_before(&self, input: &Input) -> Members {
        let mut members = Members { state: RandomState::new(), seen: HashSet::new() };
        let Some(bytes) = self.gather.source.base().and_then(|base| base.read(input.path.bytes()).ok()) else { return members };
        if let Some((kind, size)) = known(&mut Packed::Held(&bytes)) {
            let stop = AtomicBool::new(false);
            container::open(kind, &input.path, Packed::Held(&bytes), &Budget::new(size, &stop), &mut |event| {
                if let Event::Member { path, bytes: Unpacked::Held(bytes) } = event {
                    members.seen.insert(members.state.hash_one((path, bytes)));
                }
            });
        }
        members
    }

    /// Remembers what holds resources: a member's bytes are gone once its container is closed.
    pub(super) fn candidate(&mut self, input: &Input, bytes: &[u8], candidate: Candidate) {
        if input.path.container().is_none() {
            self.found.candidates.insert(input.path.clone(), candidate);
        } else if !self.packed.keep(&input.path, bytes, candidate) {
            let file = self.gather.inputs.intern(input);
            let message = format!("more than {} MiB of templates in containers: only secrets were looked for", Resources::MOST >> 20);
            self.incomplete(file, Failure::Limit, message, "unpack it and scan what was in it");
        }
    }
}

/// What a container, and each in it, holds for rules on resources.
#[derive(Default)]
pub(super) struct Resources {
    /// By the path of the container.
    trees: BTreeMap<Vec<u8>, (MemoryTree, Candidates)>,
    held: usize,
}

impl Resources {
    const MOST: usize = 32 << 20;

    /// False where there is no room.
    fn keep(&mut self, path: &InputPath, bytes: &[u8], candidate: Candidate) -> bool {
        let Some(container) = path.container().filter(|_| self.held + bytes.len() <= Self::MOST) else { return false };
        self.held += bytes.len();
        let (tree, candidates) = self.trees.entry(container.to_vec()).or_default();
        let inner = InputPath::new(path.inner());
        tree.files.insert(inner.clone(), bytes.to_vec());
        candidates.insert(inner, candidate);
        true
    }
}

/// The members of a container, as digests that nobody can foresee.
struct Members {
    state: RandomState,
    seen: HashSet<u64>,
}

impl Members {
    fn contains(&self, path: &InputPath, bytes: &[u8]) -> bool {
        !self.seen.is_empty() && self.seen.contains(&self.state.hash_one((path, bytes)))
    }
}

/// The kind and the size of what is a container. A file is rewound.
fn known(packed: &mut Packed<'_>) -> Option<(Kind, Option<u64>)> {
    match packed {
        Packed::Held(bytes) => Some((container::kind(bytes).or_else(|| container::kind_at_end(bytes))?, Some(bytes.len() as u64))),
        Packed::File(file) => {
            use std::io::SeekFrom;
            let size = file.seek(SeekFrom::End(0)).ok()?;
            let mut end = Vec::new();
            file.seek(SeekFrom::End(-22)).ok()?;
            file.take(22).read_to_end(&mut end).ok()?;
            file.seek(SeekFrom::Start(0)).ok()?;
            let mut start = Vec::new();
            file.take(container::PEEK as u64).read_to_end(&mut start).ok()?;
            file.seek(SeekFrom::Start(0)).ok()?;
            Some((container::kind(&start).or_else(|| container::kind_at_end(&end))?, Some(size)))
        }
        Packed::Stream(_) => None,
    }
}
