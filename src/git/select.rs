//! Which part of a history is looked at, where not all of it is.

use super::entry::TreeEntries;
use super::object::{Kind, Numbers, Objects, Step, Visitor};
use super::pack::NONE;
use super::refs::Tip;
use super::skeleton::Skeleton;
use crate::input::ObjectId;

/// What a person asked for. All of a database where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Only what refs lead to: nothing that was left behind.
    pub reachable_only: bool,
    /// Only what commits since then brought, in seconds since 1970.
    pub since: Option<i64>,
    /// Only what the newest commits brought.
    pub max_commits: Option<usize>,
}

impl Limits {
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Limits::default()
    }
}

impl Skeleton {
    /// The place in `tips` of the first one that leads to each commit, by rank; `u32::MAX` where none does.
    #[must_use]
    pub fn reached(&self, objects: &Objects, tips: &[Tip]) -> Vec<u32> {
        let mut first = vec![NONE; self.commits.len()];
        for (at, tip) in (0u32..).zip(tips) {
            let commit = objects.number(tip.id.bytes()).and_then(|number| self.rank(self.peeled(number)));
            let mut todo: Vec<u32> = commit.into_iter().collect();
            while let Some(rank) = todo.pop() {
                let Some(slot) = first.get_mut(rank as usize).filter(|slot| **slot == NONE) else { continue };
                *slot = at;
                todo.extend(self.lineage.get(rank as usize).into_iter().flat_map(|(_, parents)| parents.iter().copied()));
            }
        }
        first
    }

    /// The rank of a commit that is here.
    #[must_use]
    pub fn rank_of(&self, objects: &Objects, id: ObjectId) -> Option<u32> {
        self.rank(objects.number(id.bytes())?)
    }

    /// The committer's time of a commit that is here.
    #[must_use]
    pub fn time_of(&self, objects: &Objects, id: ObjectId) -> Option<i64> {
        self.commits.get(self.rank_of(objects, id)? as usize).map(|commit| commit.when)
    }

    /// The blobs, commits and tags that limits leave, by number; None where there are no limits.
    #[must_use]
    pub fn within(
        &self,
        objects: &Objects,
        tips: &[Tip],
        limits: Limits,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Numbers> {
        if limits.is_none() {
            return None;
        }
        let reached = if limits.reachable_only { self.reached(objects, tips) } else { Vec::new() };
        let is_reached = |rank: usize| !limits.reachable_only || reached.get(rank).is_some_and(|tip| *tip != NONE);
        let all: Vec<usize> = (0..self.commits.len()).filter(|rank| is_reached(*rank)).collect();
        let newest = all.len() - limits.max_commits.map_or(all.len(), |most| most.min(all.len()));
        // Commits are in the order of age, so what is too old comes first.
        let young = |rank: &usize| limits.since.is_none_or(|since| self.commits.get(*rank).is_some_and(|commit| commit.when >= since));
        let begin = all.partition_point(|rank| !young(rank)).max(newest);
        let (before, chosen) = all.split_at(begin);
        let everything = before.is_empty() && limits.reachable_only;
        let (old, new) = (self.trees_of(before), self.trees_of(chosen));
        let blobs = |trees: &Numbers| -> Numbers {
            let make = || Blobs { objects, found: Numbers::default() };
            let harvests = objects.walk(&[Kind::Tree], Some(trees), threads, stop, &make);
            harvests.iter().flat_map(Numbers::iter).collect()
        };
        let fresh: Numbers = new.iter().filter(|tree| !old.contains(*tree)).collect();
        let known = blobs(&old);
        let mut within: Numbers = blobs(&fresh).iter().filter(|blob| !known.contains(*blob)).collect();
        for rank in chosen {
            within.extend(self.lineage.get(*rank).map(|(number, _)| *number));
        }
        // A tag goes with what it points at; a ref may stand for a blob or a tree itself.
        let chosen_numbers: Numbers = within.iter().collect();
        let held: Numbers =
            tips.iter().filter_map(|tip| objects.number(tip.id.bytes())).flat_map(|number| self.tag_chain(number)).collect();
        for (tag, _) in &self.tags {
            let leads = chosen_numbers.contains(self.peeled(*tag));
            if (leads || everything) && (!limits.reachable_only || held.contains(*tag)) {
                within.insert(*tag);
            }
        }
        if everything {
            within.extend(held.iter());
            let tops: Numbers = self.trees_below(held.iter());
            within.extend(blobs(&tops).iter());
        }
        Some(within)
    }

    /// A tag, and what it leads to.
    fn tag_chain(&self, number: u32) -> Vec<u32> {
        let mut chain = vec![number];
        while let Some(Ok(at)) = chain.last().map(|here| self.tags.binary_search_by_key(here, |(tag, _)| *tag)) {
            match self.tags.get(at) {
                Some((_, target)) if !chain.contains(target) => chain.push(*target),
                _ => break,
            }
        }
        chain
    }

    /// The folders of some commits.
    fn trees_of(&self, ranks: &[usize]) -> Numbers {
        self.trees_below(ranks.iter().filter_map(|rank| self.commits.get(*rank)?.root))
    }

    fn trees_below(&self, tops: impl Iterator<Item = u32>) -> Numbers {
        let (mut trees, mut todo) = (Numbers::default(), Vec::new());
        for top in tops {
            todo.push(top);
            while let Some(tree) = todo.pop() {
                if !trees.contains(tree) {
                    trees.insert(tree);
                    todo.extend(self.folders(tree));
                }
            }
        }
        trees
    }
}

/// Collects the files of folders.
struct Blobs<'a> {
    objects: &'a Objects,
    found: Numbers,
}

impl Visitor for Blobs<'_> {
    type Harvest = Numbers;

    fn step(&mut self, step: Step<'_>) {
        let Step::Object(tree) = step else { return };
        let files = TreeEntries::new(tree.bytes, self.objects.id_len()).map_while(Result::ok).filter(|entry| entry.mode.is_blob());
        for entry in files {
            self.found.extend(self.objects.number(entry.id));
        }
    }

    fn finish(self) -> Numbers {
        self.found
    }
}
