//! Who holds a blob: the oldest commit, and the smallest path in it. Asked about few blobs of a history with many.
//!
//! Upwards from a blob: the folders that hold it, the folders that hold those, the commits whose top folder one of them is.
//! What was found for a folder is remembered.

use std::collections::{HashMap, HashSet};

use super::entry::{Mode, TreeEntries, compare};
use super::object::{Kind, Numbers, Objects, Step, Visitor};
use super::pack::NONE;
use super::skeleton::{Commit, Skeleton, join};
use crate::input::{Input, InputPath, ObjectId, Origin};

/// A name for a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub path: InputPath,
    /// None where no commit of the database holds it.
    pub commit: Option<(ObjectId, i64)>,
}

impl Holder {
    /// How a blob of this name stands in a report.
    #[must_use]
    pub fn input(&self, id: ObjectId) -> Input {
        let origin = self.commit.map_or(Origin::Unreachable { id }, |(id, when)| Origin::Commit { id, when });
        Input { path: self.path.clone(), origin }
    }
}

/// Names blobs, by number. A blob that no tree holds gets its id for a path.
#[must_use]
pub fn attribute(
    objects: &Objects,
    skeleton: &Skeleton,
    blobs: &Numbers,
    threads: usize,
    stop: &(dyn Fn() -> bool + Sync),
) -> HashMap<u32, Holder> {
    let ids: HashMap<ObjectId, u32> = blobs.iter().filter_map(|number| Some((objects.id(number)?, number))).collect();
    if ids.is_empty() {
        return HashMap::new();
    }
    let sieve: Numbers = ids.keys().map(|id| first_bits(id.bytes())).collect();
    let make = || Seeker { objects, ids: &ids, sieve: &sieve, found: Vec::new() };
    let mut held: Vec<(u32, u32)> = objects.walk(&[Kind::Tree], None, threads, stop, &make).into_iter().flatten().collect();
    held.sort_unstable();
    held.dedup();
    let mut ages = Ages::new(objects, skeleton);
    let mut holders = HashMap::new();
    let mut by_commit: HashMap<u32, Vec<(u32, ObjectId)>> = HashMap::new();
    for number in blobs.iter() {
        let Some(id) = objects.id(number) else { continue };
        let from = held.partition_point(|(blob, _)| *blob < number);
        let trees = held.get(from..).unwrap_or_default().iter().take_while(|(blob, _)| *blob == number).map(|(_, tree)| *tree);
        let rank = trees.clone().map(|tree| ages.oldest(tree)).min().unwrap_or(NONE);
        let path = if rank == NONE { path_without_commit(objects, skeleton, id, trees) } else { None };
        let path = path.unwrap_or_else(|| id.to_string().into_bytes());
        let commit = skeleton.commits.get(rank as usize).map(|commit| (commit.id, commit.when));
        holders.insert(number, Holder { path: InputPath::new(&path), commit });
        if rank != NONE {
            by_commit.entry(rank).or_default().push((number, id));
        }
    }
    let mut ranks: Vec<(u32, Vec<(u32, ObjectId)>)> = by_commit.into_iter().collect();
    ranks.sort_unstable();
    for (rank, blobs) in ranks {
        if stop() {
            break;
        }
        let Some(commit) = skeleton.commits.get(rank as usize) else { continue };
        for (number, path) in paths_in(objects, &mut ages, *commit, rank, blobs) {
            if let Some(holder) = holders.get_mut(&number) {
                holder.path = InputPath::new(&path);
            }
        }
    }
    holders
}

/// The first sixteen bits of an id: a quick no for almost every file.
fn first_bits(id: &[u8]) -> u32 {
    id.iter().take(2).fold(0, |bits, byte| bits << 8 | u32::from(*byte))
}

/// Finds the trees that hold one of the blobs: (blob, tree).
struct Seeker<'a> {
    objects: &'a Objects,
    ids: &'a HashMap<ObjectId, u32>,
    sieve: &'a Numbers,
    found: Vec<(u32, u32)>,
}

impl Visitor for Seeker<'_> {
    type Harvest = Vec<(u32, u32)>;

    fn step(&mut self, step: Step<'_>) {
        let Step::Object(tree) = step else { return };
        for entry in TreeEntries::new(tree.bytes, self.objects.id_len()).map_while(Result::ok) {
            if entry.mode.is_blob() && self.sieve.contains(first_bits(entry.id)) {
                let blob = ObjectId::new(entry.id).and_then(|id| self.ids.get(&id));
                self.found.extend(blob.map(|blob| (*blob, tree.number)));
            }
        }
    }

    fn finish(self) -> Self::Harvest {
        self.found
    }
}

/// The rank (place in the order of age) of the oldest commit that holds a tree.
struct Ages<'a> {
    skeleton: &'a Skeleton,
    /// By number of the tree: of the commits whose top folder it is; then of all that hold it.
    rank: Vec<u32>,
    done: Numbers,
}

impl<'a> Ages<'a> {
    fn new(objects: &Objects, skeleton: &'a Skeleton) -> Self {
        let mut rank = vec![NONE; objects.len()];
        for (at, commit) in (0u32..).zip(&skeleton.commits) {
            if let Some(slot) = commit.root.and_then(|root| rank.get_mut(root as usize)) {
                *slot = at.min(*slot);
            }
        }
        Ages { skeleton, rank, done: Numbers::default() }
    }

    fn get(&self, tree: u32) -> u32 {
        self.rank.get(tree as usize).copied().unwrap_or(NONE)
    }

    /// [`NONE`] where no commit holds it. The stack is a list of its own: folders may be nested without end.
    fn oldest(&mut self, tree: u32) -> u32 {
        // Each with how many of its parents were asked.
        let mut stack: Vec<(u32, usize)> = Vec::new();
        self.begin(tree, &mut stack);
        while let Some((here, asked)) = stack.last_mut() {
            let here = *here;
            if let Some(parent) = self.skeleton.parents(here).get(*asked).copied() {
                *asked += 1;
                self.lower(here, self.get(parent));
                self.begin(parent, &mut stack);
                continue;
            }
            stack.pop();
            if let Some((below, _)) = stack.last() {
                self.lower(*below, self.get(here));
            }
        }
        self.get(tree)
    }

    /// Puts a tree on the stack, once in a lifetime: a circle (which takes a broken hash) ends here.
    fn begin(&mut self, tree: u32, stack: &mut Vec<(u32, usize)>) {
        if !self.done.contains(tree) {
            self.done.insert(tree);
            stack.push((tree, 0));
        }
    }

    fn lower(&mut self, tree: u32, rank: u32) {
        if let Some(slot) = self.rank.get_mut(tree as usize) {
            *slot = rank.min(*slot);
        }
    }
}

/// The smallest path of a blob in trees that no commit holds.
fn path_without_commit(objects: &Objects, skeleton: &Skeleton, id: ObjectId, trees: impl Iterator<Item = u32>) -> Option<Vec<u8>> {
    trees
        .filter_map(|tree| {
            let folder = skeleton.paths(tree).min()?;
            let (_, bytes) = objects.read(objects.id(tree)?).ok()?;
            let names = TreeEntries::new(&bytes, objects.id_len()).map_while(Result::ok).filter(|entry| entry.id == id.bytes());
            names.map(|entry| join(&folder, entry.name)).min()
        })
        .min()
}

/// A folder on the way down.
struct Level {
    entries: std::vec::IntoIter<(Vec<u8>, bool, ObjectId)>,
    prefix: usize,
}

/// The smallest path of each blob in a commit that is the oldest to hold it. Only folders that came with this commit can
/// lead there: an older one would make its files older. Each such folder is entered once, in the order of paths.
fn paths_in(objects: &Objects, ages: &mut Ages<'_>, commit: Commit, rank: u32, blobs: Vec<(u32, ObjectId)>) -> Vec<(u32, Vec<u8>)> {
    let mut wanted: HashMap<ObjectId, u32> = blobs.into_iter().map(|(number, id)| (id, number)).collect();
    let mut found = Vec::new();
    let mut entered: HashSet<ObjectId> = HashSet::new();
    let mut path: Vec<u8> = Vec::new();
    let mut stack: Vec<Level> = commit.root.and_then(|root| objects.id(root)).and_then(|id| level(objects, id, 0)).into_iter().collect();
    while let Some(level_here) = stack.last_mut().filter(|_| !wanted.is_empty()) {
        path.truncate(level_here.prefix);
        let Some((name, is_folder, id)) = level_here.entries.next() else {
            stack.pop();
            continue;
        };
        path.extend_from_slice(&name);
        if !is_folder {
            if let Some(number) = wanted.remove(&id) {
                found.push((number, path.clone()));
            }
            continue;
        }
        let leads_there = objects.number(id.bytes()).is_some_and(|tree| ages.oldest(tree) == rank);
        if leads_there && entered.insert(id) {
            path.push(b'/');
            stack.extend(level(objects, id, path.len()));
        }
    }
    found
}

fn level(objects: &Objects, id: ObjectId, prefix: usize) -> Option<Level> {
    let (_, bytes) = objects.read(id).ok()?;
    let mut entries: Vec<(Vec<u8>, bool, ObjectId)> = TreeEntries::new(&bytes, objects.id_len())
        .map_while(Result::ok)
        .filter(|entry| entry.mode != Mode::Submodule)
        .filter_map(|entry| Some((entry.name.to_vec(), entry.mode == Mode::Tree, ObjectId::new(entry.id)?)))
        .collect();
    entries.sort_by(|a, b| compare(&a.0, a.1, &b.0, b.1));
    Some(Level { entries: entries.into_iter(), prefix })
}
