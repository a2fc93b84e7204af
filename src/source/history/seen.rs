//! Since when and until when each thing stood in the history, for whoever asks once it is known what matters.

use std::collections::HashMap;

use crate::finding::{Exposure, Sighting};
use crate::git::refs::Tip;
use crate::git::{Authors, CommitTree, Holder, Objects, Skeleton};
use crate::input::{Input, InputPath, ObjectId, Origin};

/// Answers by input.
#[derive(Default)]
pub struct Seen {
    inputs: HashMap<Input, Exposure>,
}

/// The same while it is put together.
pub struct Seeing<'a> {
    authors: Authors<'a>,
    known: HashMap<ObjectId, Option<String>>,
    seen: Seen,
}

impl Seen {
    #[expect(clippy::new_ret_no_self, reason = "it is finished by what this returns")]
    pub fn new<'a>(objects: &'a Objects, tip: Option<&CommitTree>) -> Seeing<'a> {
        Seeing { authors: Authors::new(objects, tip), known: HashMap::new(), seen: Seen::default() }
    }

    /// What lies in a container stood there as long as that.
    pub fn of(&self, input: &Input) -> Option<Exposure> {
        let Some(outer) = input.path.outermost() else { return self.inputs.get(input).cloned() };
        self.inputs.get(&Input { path: InputPath::new(outer), origin: input.origin.clone() }).cloned()
    }
}

impl Seeing<'_> {
    pub fn held(&mut self, holder: &Holder, id: ObjectId) {
        let (Some(first), Some(last)) = (holder.commit, holder.last) else { return };
        let exposure = Exposure { first: self.sighting(first), last: self.sighting(last), still_in: holder.tip.clone(), until: last.1 };
        self.seen.inputs.insert(holder.input(id), exposure);
    }

    /// What a commit says stands there as long as the commit is reached.
    pub fn said(&mut self, skeleton: &Skeleton, objects: &Objects, id: ObjectId, tip: Option<&Tip>) {
        let Some(when) = skeleton.time_of(objects, id) else { return };
        let sighting = self.sighting((id, when));
        let exposure = Exposure { last: sighting.clone(), first: sighting, still_in: tip.map(|tip| tip.name.clone()), until: when };
        let input = super::hands::said_by(crate::git::object::Kind::Commit, id);
        debug_assert!(matches!(input.origin, Origin::Message { .. }));
        self.seen.inputs.insert(input, exposure);
    }

    pub fn finish(self) -> Seen {
        self.seen
    }

    fn sighting(&mut self, (commit, when): (ObjectId, i64)) -> Sighting {
        let authors = &self.authors;
        let author = self.known.entry(commit).or_insert_with(|| authors.of(commit)).clone();
        Sighting { commit, when, author }
    }
}
