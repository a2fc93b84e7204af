//! What each thread of a walk does with an object: the first look at everything, and the second at what has a name by then.

use std::collections::{BTreeMap, HashMap};

use crate::finding::Skip;
use crate::git::Holder;
use crate::git::commit::message_start;
use crate::git::object::{Found, Kind, Step, Visitor};
use crate::input::{Carry, Content, ContentId, Focus, Input, InputPath, ObjectId, Origin};
use crate::source::changed::is_lfs_pointer;
use crate::source::{Bytes, Item, Sink, Worker};

/// A number, its object and what is wrong with it.
pub type Broken = (u32, ObjectId, String);

/// What a first look brings home.
#[derive(Default)]
pub struct Harvest {
    /// Blobs that need a name.
    pub chosen: Vec<u32>,
    pub failed: Vec<Broken>,
    /// Commits and tags whose messages were handed over.
    pub said: Vec<ObjectId>,
    /// What holds nothing, with its length, where anybody keeps that.
    pub clean: Vec<(ObjectId, u32)>,
}

/// Looks at every blob and message; remembers those that need a name.
pub struct Scanner<'a> {
    worker: Box<dyn Worker + 'a>,
    sink: &'a dyn Sink,
    named: &'a BTreeMap<u32, Vec<Vec<u8>>>,
    checked_out: &'a HashMap<u32, Vec<Input>>,
    keeps_clean: bool,
    /// What versions of a file have in common is looked at once.
    by_delta: bool,
    carry: Option<Carry>,
    harvest: Harvest,
}

impl<'a> Scanner<'a> {
    pub fn new(
        sink: &'a dyn Sink,
        named: &'a BTreeMap<u32, Vec<Vec<u8>>>,
        checked_out: &'a HashMap<u32, Vec<Input>>,
        (keeps_clean, by_delta): (bool, bool),
    ) -> Self {
        let (worker, harvest) = (sink.worker(), Harvest::default());
        Scanner { worker, sink, named, checked_out, keeps_clean, by_delta, carry: None, harvest }
    }

    /// A content that nobody needs to judge.
    fn clean(&mut self, id: ObjectId, bytes: &[u8]) {
        self.sink.count_scanned(bytes.len() as u64);
        if self.keeps_clean {
            self.harvest.clean.extend(u32::try_from(bytes.len()).ok().map(|length| (id, length)));
        }
    }

    fn blob(&mut self, found: &Found<'_>) {
        if is_lfs_pointer(found.bytes) {
            return self.worker.take(Item::Skipped { skip: Skip::LfsPointer, input: None });
        }
        for input in self.checked_out.get(&found.number).into_iter().flatten() {
            self.worker.resource(input, found.bytes);
        }
        // A name is wanted, so it is judged by that, whatever is in it.
        let is_named = self.named.contains_key(&found.number);
        let content = Content::whole(ContentId::Object(found.id), found.bytes);
        if is_named || self.holds_anything(&content, found) {
            self.harvest.chosen.push(found.number);
        } else {
            self.clean(found.id, found.bytes);
        }
    }

    fn holds_anything(&mut self, content: &Content<'_>, found: &Found<'_>) -> bool {
        if !self.by_delta {
            return self.worker.scan(content);
        }
        let (holds, carry) = self.worker.scan_made(content, found.made);
        self.carry = carry;
        holds
    }

    fn message(&mut self, found: &Found<'_>) {
        let text = found.bytes.get(message_start(found.bytes)..).unwrap_or_default();
        let id = ContentId::Object(found.id);
        if self.worker.scan(&Content::whole(id, text)) {
            let input = said_by(found.kind, found.id);
            self.worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(text), focus: &Focus::Whole });
            self.harvest.said.push(found.id);
        } else {
            self.clean(found.id, text);
        }
    }
}

impl Visitor for Scanner<'_> {
    type Harvest = Harvest;

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Object(found) if found.kind == Kind::Blob => self.blob(&found),
            Step::Object(found) => self.message(&found),
            // A commit or a tag that cannot be read was told of with the skeleton.
            Step::Failed { kind: Some(Kind::Commit | Kind::Tag | Kind::Tree), .. } => {}
            Step::Failed { number, id, message, .. } => self.harvest.failed.push((number, id, message)),
        }
    }

    fn carry(&mut self) -> Option<Carry> {
        self.carry.take()
    }

    fn finish(self) -> Harvest {
        self.harvest
    }
}

/// Hands over the blobs that have a name now.
pub struct Taker<'a> {
    pub worker: Box<dyn Worker + 'a>,
    pub holders: &'a BTreeMap<u32, Vec<Holder>>,
    pub failed: Vec<Broken>,
}

impl Visitor for Taker<'_> {
    type Harvest = Vec<Broken>;

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Object(found) => {
                let id = ContentId::Object(found.id);
                let input = name(self.holders, found.number, found.id);
                self.worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(found.bytes), focus: &Focus::Whole });
                for other in self.holders.get(&found.number).into_iter().flatten().skip(1) {
                    self.worker.also(&Content::whole(id, found.bytes), &other.input(found.id));
                }
            }
            Step::Failed { number, id, message, .. } => self.failed.push((number, id, message)),
        }
    }

    fn finish(self) -> Vec<Broken> {
        self.failed
    }
}

/// How a blob stands in a report: by its first name.
pub fn name(holders: &BTreeMap<u32, Vec<Holder>>, number: u32, id: ObjectId) -> Input {
    let unknown = || Input { path: InputPath::new(id.to_string().as_bytes()), origin: Origin::Unreachable { id } };
    holders.get(&number).and_then(|holders| holders.first()).map_or_else(unknown, |holder| holder.input(id))
}

/// The message of a commit or a tag as an input.
pub fn said_by(kind: Kind, id: ObjectId) -> Input {
    crate::source::said_by(if kind == Kind::Tag { "tag" } else { "commit" }, id)
}
