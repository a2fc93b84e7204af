//! From folders up to the commits and refs that hold them: the oldest, the newest, and a ref that still does.

use super::object::{Numbers, Objects};
use super::pack::NONE;
use super::refs::Tip;
use super::skeleton::Skeleton;

/// Which commits hold a folder, by rank, and the first of the tips that does; [`NONE`] where none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub oldest: u32,
    /// One more than the rank of the newest, 0 for none: so that both merge from nothing.
    pub after_newest: u32,
    pub tip: u32,
}

impl Held {
    pub const NOBODY: Held = Held { oldest: NONE, after_newest: 0, tip: NONE };

    pub fn merge(&mut self, other: Held) {
        self.oldest = self.oldest.min(other.oldest);
        self.after_newest = self.after_newest.max(other.after_newest);
        self.tip = self.tip.min(other.tip);
    }
}

/// Answers for folders, each worked out once.
pub(super) struct Reach<'a> {
    skeleton: &'a Skeleton,
    /// By number of the folder: of the commits whose top folder it is.
    own: Vec<Held>,
    /// Of all that hold it, as far as is known.
    all: Vec<Held>,
    done: Numbers,
}

impl<'a> Reach<'a> {
    pub fn new(objects: &Objects, skeleton: &'a Skeleton, tips: &[Tip]) -> Self {
        let mut own = vec![Held::NOBODY; objects.len()];
        for (rank, commit) in (0u32..).zip(&skeleton.commits) {
            if let Some(slot) = commit.root.and_then(|root| own.get_mut(root as usize)) {
                slot.merge(Held { oldest: rank, after_newest: rank + 1, tip: NONE });
            }
        }
        for (at, tip) in (0u32..).zip(tips) {
            let commit = objects.number(tip.id.bytes()).and_then(|number| skeleton.rank(skeleton.peeled(number)));
            let root = commit.and_then(|rank| skeleton.commits.get(rank as usize)?.root);
            if let Some(slot) = root.and_then(|root| own.get_mut(root as usize)) {
                slot.tip = slot.tip.min(at);
            }
        }
        Reach { skeleton, all: own.clone(), own, done: Numbers::default() }
    }

    fn get(&self, tree: u32) -> Held {
        self.all.get(tree as usize).copied().unwrap_or(Held::NOBODY)
    }

    /// Who holds a folder, wherever it stands. The stack is a list of its own: folders may be nested without end.
    pub fn of(&mut self, tree: u32) -> Held {
        // Each with how many of its parents were asked.
        let mut stack: Vec<(u32, usize)> = Vec::new();
        self.begin(tree, &mut stack);
        while let Some((here, asked)) = stack.last_mut() {
            let here = *here;
            if let Some(parent) = self.skeleton.parents(here).get(*asked).copied() {
                *asked += 1;
                self.merge(here, self.get(parent));
                self.begin(parent, &mut stack);
                continue;
            }
            stack.pop();
            if let Some((below, _)) = stack.last() {
                self.merge(*below, self.get(here));
            }
        }
        self.get(tree)
    }

    /// Who holds a folder at this path. Goes up through the folders that have the right name at each step.
    pub fn at(&self, tree: u32, folder: &[u8]) -> Held {
        let mut level: Numbers = std::iter::once(tree).collect();
        for name in folder.rsplit(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            level = level.iter().flat_map(|tree| self.skeleton.parents_by_name(tree, name)).collect();
        }
        let mut held = Held::NOBODY;
        for top in level.iter() {
            held.merge(self.own.get(top as usize).copied().unwrap_or(Held::NOBODY));
        }
        held
    }

    /// Puts a tree on the stack, once in a lifetime: a circle (which takes a broken hash) ends here.
    fn begin(&mut self, tree: u32, stack: &mut Vec<(u32, usize)>) {
        if !self.done.contains(tree) {
            self.done.insert(tree);
            stack.push((tree, 0));
        }
    }

    fn merge(&mut self, tree: u32, held: Held) {
        if let Some(slot) = self.all.get_mut(tree as usize) {
            slot.merge(held);
        }
    }
}
