//! Who holds a blob: the oldest commit, the newest, a ref that still has it, and the smallest path in the oldest. Asked about
//! few blobs of a history with many.
//!
//! Upwards from a blob: the folders that hold it, the folders that hold those, the commits whose top folder one of them is.
//! What was found for a folder is remembered.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::entry::{Mode, TreeEntries, compare};
use super::object::{Kind, Numbers, Objects, Step, Visitor};
use super::pack::NONE;
use super::reach::{Held, Reach};
use super::refs::Tip;
use super::skeleton::{Commit, Skeleton, join};
use crate::input::{Input, InputPath, ObjectId, Origin};

/// A name for a blob, and since when and until when it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub path: InputPath,
    /// The oldest commit; None where no commit of the database holds it.
    pub commit: Option<(ObjectId, i64)>,
    /// The newest.
    pub last: Option<(ObjectId, i64)>,
    /// The first of the refs whose commit holds it.
    pub tip: Option<String>,
}

impl Holder {
    /// How a blob of this name stands in a report.
    #[must_use]
    pub fn input(&self, id: ObjectId) -> Input {
        let origin = self.commit.map_or(Origin::Unreachable { id }, |(id, when)| Origin::Commit { id, when });
        Input { path: self.path.clone(), origin }
    }
}

/// What is asked about blobs, by number.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub blobs: &'a Numbers,
    /// Other names that each is asked about, as [`Skeleton::wanted_names`] tells them.
    pub names: &'a BTreeMap<u32, Vec<Vec<u8>>>,
    /// A path that is named only where a blob has no other.
    pub avoids: &'a (dyn Fn(&[u8]) -> bool + Sync),
}

/// Names of a blob that are looked at.
const MAX_NAMES: usize = 64;

/// Names blobs: the name that it is told by, then the others that were asked about. One that no tree holds gets its id for
/// a path.
#[must_use]
pub fn attribute(
    objects: &Objects,
    skeleton: &Skeleton,
    tips: &[Tip],
    question: Question<'_>,
    threads: usize,
    stop: &(dyn Fn() -> bool + Sync),
) -> BTreeMap<u32, Vec<Holder>> {
    let ids: HashMap<ObjectId, u32> = question.blobs.iter().filter_map(|number| Some((objects.id(number)?, number))).collect();
    if ids.is_empty() {
        return BTreeMap::new();
    }
    let sieve: Numbers = ids.keys().map(|id| first_bits(id.bytes())).collect();
    let make = || Seeker { objects, ids: &ids, sieve: &sieve, found: Vec::new() };
    let mut held: Vec<(u32, u32)> = objects.walk(&[Kind::Tree], None, threads, stop, &make).into_iter().flatten().collect();
    held.sort_unstable();
    held.dedup();
    let mut finder = Finder { objects, skeleton, tips, held, reach: Reach::new(objects, skeleton, tips) };
    let mut holders: BTreeMap<u32, Vec<Holder>> = BTreeMap::new();
    let mut by_commit: HashMap<u32, Vec<(u32, ObjectId)>> = HashMap::new();
    for number in question.blobs.iter() {
        let Some(id) = objects.id(number) else { continue };
        let mut all = Held::NOBODY;
        for tree in finder.trees(number) {
            all.merge(finder.reach.of(tree));
        }
        let path = if all.oldest == NONE { finder.names(number, id).into_iter().min() } else { None };
        let path = path.unwrap_or_else(|| id.to_string().into_bytes());
        holders.insert(number, vec![finder.holder(&path, all)]);
        if all.oldest != NONE {
            by_commit.entry(all.oldest).or_default().push((number, id));
        }
    }
    let mut ranks: Vec<(u32, Vec<(u32, ObjectId)>)> = by_commit.into_iter().collect();
    ranks.sort_unstable();
    for (rank, blobs) in ranks {
        if stop() {
            break;
        }
        let Some(commit) = skeleton.commits.get(rank as usize) else { continue };
        for (number, path) in paths_in(objects, &mut finder.reach, *commit, rank, blobs) {
            if let Some(holder) = holders.get_mut(&number).and_then(|holders| holders.first_mut()) {
                holder.path = InputPath::new(&path);
            }
        }
    }
    for (number, holders) in &mut holders {
        if stop() {
            break;
        }
        finder.other_names(question, *number, holders);
    }
    holders
}

/// Finds names in trees that are known to hold a blob.
struct Finder<'a> {
    objects: &'a Objects,
    skeleton: &'a Skeleton,
    tips: &'a [Tip],
    /// (blob, tree), sorted.
    held: Vec<(u32, u32)>,
    reach: Reach<'a>,
}

impl Finder<'_> {
    /// The trees that hold a blob.
    fn trees(&self, blob: u32) -> Vec<u32> {
        let from = self.held.partition_point(|(known, _)| *known < blob);
        self.held.get(from..).unwrap_or_default().iter().take_while(|(known, _)| *known == blob).map(|(_, tree)| *tree).collect()
    }

    /// The names of a blob in a tree.
    fn names_in(&self, tree: u32, id: ObjectId) -> Vec<Vec<u8>> {
        let Some(Ok((_, bytes))) = self.objects.id(tree).map(|id| self.objects.read(id)) else { return Vec::new() };
        let entries = TreeEntries::new(&bytes, self.objects.id_len()).map_while(Result::ok);
        entries.filter(|entry| entry.id == id.bytes()).map(|entry| entry.name.to_vec()).collect()
    }

    /// Every path of a blob, as far as is known.
    fn names(&self, blob: u32, id: ObjectId) -> HashSet<Vec<u8>> {
        let mut paths = HashSet::new();
        for tree in self.trees(blob) {
            let names = self.names_in(tree, id);
            let below = |folder: Vec<u8>| names.iter().map(move |name| join(&folder, name)).collect::<Vec<_>>();
            paths.extend(self.skeleton.paths(tree).flat_map(below));
        }
        paths
    }

    /// Who holds a blob under a path.
    fn held_at(&self, blob: u32, id: ObjectId, path: &[u8]) -> Held {
        let split = memchr::memrchr(b'/', path);
        let (folder, name) = split.map_or((&b""[..], path), |at| (&path[..at], &path[at + 1..]));
        let mut held = Held::NOBODY;
        for tree in self.trees(blob) {
            let stands_there = self.skeleton.paths(tree).any(|known| known == folder);
            if stands_there && self.names_in(tree, id).iter().any(|known| known == name) {
                held.merge(self.reach.at(tree, folder));
            }
        }
        held
    }

    fn holder(&self, path: &[u8], held: Held) -> Holder {
        let commit = |rank: u32| self.skeleton.commits.get(rank as usize).map(|commit| (commit.id, commit.when));
        Holder {
            path: InputPath::new(path),
            commit: commit(held.oldest),
            last: held.after_newest.checked_sub(1).and_then(commit),
            tip: self.tips.get(held.tip as usize).map(|tip| tip.name.clone()),
        }
    }

    /// Puts a name that is not avoided in front, and those that were asked about behind it.
    fn other_names(&self, question: Question<'_>, blob: u32, holders: &mut Vec<Holder>) {
        let (Some(id), Some(first)) = (self.objects.id(blob), holders.first()) else { return };
        if (question.avoids)(first.path.bytes()) {
            let better = self.names(blob, id).into_iter().filter(|path| !(question.avoids)(path)).min();
            if let Some(path) = better {
                holders.insert(0, self.holder(&path, self.held_at(blob, id, &path)));
                holders.truncate(1);
            }
        }
        let told = holders.first().map(|holder| holder.path.bytes().to_vec()).unwrap_or_default();
        for path in question.names.get(&blob).into_iter().flatten().filter(|path| **path != told).take(MAX_NAMES) {
            holders.push(self.holder(path, self.held_at(blob, id, path)));
        }
    }
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

/// A folder on the way down.
struct Level {
    entries: std::vec::IntoIter<(Vec<u8>, bool, ObjectId)>,
    prefix: usize,
}

/// The smallest path of each blob in a commit that is the oldest to hold it. Only folders that came with this commit can
/// lead there: an older one would make its files older. Each such folder is entered once, in the order of paths.
fn paths_in(objects: &Objects, reach: &mut Reach<'_>, commit: Commit, rank: u32, blobs: Vec<(u32, ObjectId)>) -> Vec<(u32, Vec<u8>)> {
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
        let leads_there = objects.number(id.bytes()).is_some_and(|tree| reach.of(tree).oldest == rank);
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
