//! How a history hangs together: which folder is in which, and under which paths; which commit has which top folder. Not
//! the files: those are asked about once it is known which matter.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::bones::{Bones, Edge, FreshFile, Hole};
use super::entry::TreeEntries;
use super::object::{Kind, Numbers, Objects, Step, Visitor};
use super::pack::NONE;
use crate::input::{InputPath, ObjectId};

/// A commit, by age: the committer's time, then the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit {
    pub when: i64,
    pub id: ObjectId,
    /// The number of its top folder, where that is here.
    pub(super) root: Option<u32>,
}

/// An object that another one names and that is not here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    pub id: ObjectId,
    /// The path of a file or a folder; None for a commit and what a tag points at.
    pub path: Option<InputPath>,
}

/// An object that is here and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failed {
    pub id: ObjectId,
    pub kind: Kind,
    pub message: String,
}

/// A folder's path: the folder that it is in, and its name there. The first is the top.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    parent: u32,
    name: u32,
}

/// Paths that are kept for one folder; a tree that is made to have millions gets no more.
const MAX_PLACES: usize = 64;
/// Folders in folders.
const MAX_DEPTH: u32 = 1024;
/// Tags that point at tags.
const MAX_TAGS: usize = 64;

pub struct Skeleton {
    /// From the oldest; the place here is a commit's *rank*.
    pub(super) commits: Vec<Commit>,
    /// Of each commit: its number, and the ranks of its parents.
    pub(super) lineage: Vec<(u32, Box<[u32]>)>,
    ranks: HashMap<u32, u32>,
    /// Each tag with what it points at, by number.
    pub(super) tags: Vec<(u32, u32)>,
    /// The folders in each folder, those of one beside each other: `down[range]` with the range of `inside`, by number.
    down: Vec<Edge>,
    inside: Vec<Range<u32>>,
    /// The folders that hold each folder: `up[above[n]..above[n + 1]]`.
    up: Vec<u32>,
    above: Vec<u32>,
    names: Vec<Box<[u8]>>,
    files: Vec<FreshFile>,
    /// What each tree is stored as a difference from, by number.
    bases: Vec<u32>,
    places: Vec<Place>,
    /// The first place of each tree, by number.
    first_place: Vec<u32>,
    more_places: HashMap<u32, Vec<u32>>,
    /// Folders of which not every path is known.
    pub cut_short: usize,
    pub missing: Vec<Missing>,
    pub failed: Vec<Failed>,
}

impl std::fmt::Debug for Skeleton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Skeleton of {} commits, {} folder entries, {} folders", self.commits.len(), self.down.len(), self.places.len())
    }
}

impl Skeleton {
    /// Reads every tree, commit and tag once. `cuts` are commits whose parents are known not to be here.
    #[must_use]
    pub fn read(objects: &Objects, cuts: &[ObjectId], threads: usize, stop: &(dyn Fn() -> bool + Sync)) -> Self {
        let make = || Bones::new(objects, cuts);
        let harvests = objects.walk(&[Kind::Tree, Kind::Commit, Kind::Tag], None, threads, stop, &make);
        let mut skeleton = Skeleton {
            commits: Vec::new(),
            lineage: Vec::new(),
            ranks: HashMap::new(),
            tags: Vec::new(),
            down: Vec::new(),
            inside: vec![0..0; objects.len()],
            up: Vec::new(),
            above: Vec::new(),
            names: Vec::new(),
            files: Vec::new(),
            bases: vec![NONE; objects.len()],
            places: Vec::new(),
            first_place: vec![NONE; objects.len()],
            more_places: HashMap::new(),
            cut_short: 0,
            missing: Vec::new(),
            failed: Vec::new(),
        };
        let (mut trees, mut holes, mut known) = (Vec::new(), Vec::new(), HashMap::<Box<[u8]>, u32>::new());
        let mut commits = Vec::new();
        for bones in harvests {
            // Each thread numbered the names that it met.
            let renumbered: Vec<u32> = bones
                .names
                .into_iter()
                .map(|name| {
                    let next = u32::try_from(skeleton.names.len()).unwrap_or(NONE);
                    *known.entry(name).or_insert_with_key(|name| {
                        skeleton.names.push(name.clone());
                        next
                    })
                })
                .collect();
            let offset = u32::try_from(skeleton.down.len()).unwrap_or(NONE);
            let renamed = |edge: Edge| Edge { name: renumbered.get(edge.name as usize).copied().unwrap_or(NONE), ..edge };
            skeleton.down.extend(bones.edges.into_iter().map(renamed));
            let renamed = |file: FreshFile| FreshFile { name: renumbered.get(file.name as usize).copied().unwrap_or(NONE), ..file };
            skeleton.files.extend(bones.files.into_iter().map(renamed));
            for (tree, base) in bones.bases {
                if let Some(slot) = skeleton.bases.get_mut(tree as usize) {
                    *slot = base;
                }
            }
            for (tree, range) in &bones.trees {
                if let Some(slot) = skeleton.inside.get_mut(*tree as usize) {
                    *slot = range.start.saturating_add(offset)..range.end.saturating_add(offset);
                }
            }
            commits.extend(bones.commits);
            skeleton.tags.extend(bones.tags);
            skeleton.failed.extend(bones.failed);
            skeleton.missing.extend(bones.lost.into_iter().map(|id| Missing { id, path: None }));
            trees.extend(bones.trees.into_iter().map(|(tree, _)| tree));
            holes.extend(bones.holes);
        }
        skeleton.line_up(commits);
        skeleton.tags.sort_unstable();
        skeleton.failed.sort();
        trees.sort_unstable();
        skeleton.turn_over(&trees);
        skeleton.find_places(&trees);
        skeleton.name_holes(holes);
        skeleton
    }

    /// Sorts the commits by age, and tells each who its parents are.
    fn line_up(&mut self, mut commits: Vec<(Commit, u32, Vec<u32>)>) {
        commits.sort_unstable();
        self.ranks = (0u32..).zip(&commits).map(|(rank, (_, number, _))| (*number, rank)).collect();
        for (commit, number, parents) in commits {
            self.commits.push(commit);
            self.lineage.push((number, parents.iter().filter_map(|parent| self.ranks.get(parent).copied()).collect()));
        }
    }

    /// The rank of a commit, by its number. None for another object.
    pub(super) fn rank(&self, number: u32) -> Option<u32> {
        self.ranks.get(&number).copied()
    }

    /// What a tag points at in the end; another object itself.
    pub(super) fn peeled(&self, number: u32) -> u32 {
        let mut here = number;
        // Tags of tags; a circle takes a broken hash.
        for _ in 0..MAX_TAGS {
            match self.tags.binary_search_by_key(&here, |(tag, _)| *tag) {
                Ok(at) => here = self.tags.get(at).map_or(here, |(_, target)| *target),
                Err(_) => break,
            }
        }
        here
    }

    /// The folders that a folder stands in.
    pub(super) fn parents(&self, tree: u32) -> &[u32] {
        let at = |n: usize| self.above.get(n).map_or(0, |at| *at as usize);
        self.up.get(at(tree as usize)..at(tree as usize + 1)).unwrap_or_default()
    }

    /// The folders in a folder.
    pub(super) fn folders(&self, tree: u32) -> impl Iterator<Item = u32> + '_ {
        self.down.get(as_usize(self.children(tree))).unwrap_or_default().iter().map(|edge| edge.child)
    }

    /// Those of [`Skeleton::parents`] in which a folder has this name.
    pub(super) fn parents_by_name<'s>(&'s self, tree: u32, name: &'s [u8]) -> impl Iterator<Item = u32> + 's {
        let is_called = move |edge: &Edge| edge.child == tree && self.names.get(edge.name as usize).is_some_and(|known| **known == *name);
        let holds = move |parent: &u32| self.down.get(as_usize(self.children(*parent))).unwrap_or_default().iter().any(is_called);
        self.parents(tree).iter().copied().filter(holds)
    }

    fn children(&self, tree: u32) -> Range<u32> {
        self.inside.get(tree as usize).cloned().unwrap_or_default()
    }

    /// Builds the way up from the way down.
    fn turn_over(&mut self, trees: &[u32]) {
        let mut above = vec![0u32; self.inside.len() + 1];
        for edge in &self.down {
            above[edge.child as usize] += 1;
        }
        let mut sum = 0;
        for slot in &mut above {
            sum += std::mem::replace(slot, sum);
        }
        let mut fill = above.clone();
        self.up = vec![NONE; sum as usize];
        for tree in trees {
            for at in self.children(*tree) {
                let Some(edge) = self.down.get(at as usize) else { break };
                let slot = &mut fill[edge.child as usize];
                self.up[*slot as usize] = *tree;
                *slot += 1;
            }
        }
        self.above = above;
    }

    /// Every path at which a tree stands, as far as is known, without a slash at the end.
    pub(super) fn paths(&self, tree: u32) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.places_of(tree).map(|place| self.path(place))
    }

    fn places_of(&self, tree: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.first_place.get(tree as usize).copied().filter(|place| *place != NONE);
        first.into_iter().chain(self.more_places.get(&tree).into_iter().flatten().copied())
    }

    /// Those of [`Skeleton::paths`] at which `other` does not stand.
    fn paths_without(&self, tree: u32, other: u32) -> impl Iterator<Item = Vec<u8>> + '_ {
        let differs = move |place: &u32| self.places_of(other).all(|known| known != *place);
        self.places_of(tree).filter(differs).map(|place| self.path(place))
    }

    fn path(&self, place: u32) -> Vec<u8> {
        let (mut parts, mut at) = (Vec::new(), place);
        while at != 0 {
            let Some(here) = self.places.get(at as usize) else { break };
            parts.push(self.names.get(here.name as usize).map(|name| &**name).unwrap_or_default());
            at = here.parent;
        }
        parts.reverse();
        parts.join(&b'/')
    }

    /// Goes down from the top folders of commits, then from folders that stand in none.
    fn find_places(&mut self, trees: &[u32]) {
        self.places.push(Place { parent: 0, name: NONE });
        let mut finder = Finder { depth: vec![0], known: HashMap::new() };
        let tops: Vec<u32> = self.commits.iter().filter_map(|commit| commit.root).collect();
        finder.go(self, tops);
        let loose_ends: Vec<u32> = trees
            .iter()
            .copied()
            .filter(|tree| self.first_place.get(*tree as usize) == Some(&NONE) && self.parents(*tree).is_empty())
            .collect();
        finder.go(self, loose_ends);
    }

    /// Adds a place to a tree. False where it had it, or has enough.
    fn add_place(&mut self, tree: u32, place: u32) -> bool {
        let Some(first) = self.first_place.get_mut(tree as usize) else { return false };
        if *first == NONE {
            *first = place;
            return true;
        }
        if *first == place {
            return false;
        }
        let more = self.more_places.entry(tree).or_default();
        if more.contains(&place) {
            return false;
        }
        if more.len() + 1 >= MAX_PLACES {
            self.cut_short += 1;
            return false;
        }
        more.push(place);
        true
    }

    /// Gives each missing object its smallest path.
    fn name_holes(&mut self, holes: Vec<Hole>) {
        let mut named: HashMap<ObjectId, Option<Vec<u8>>> = HashMap::new();
        for hole in holes {
            let smallest = self.paths(hole.tree).min().map(|folder| join(&folder, &hole.name));
            let path = named.entry(hole.id).or_default();
            if path.is_none() || (smallest.is_some() && smallest < *path) {
                *path = smallest;
            }
        }
        self.missing.extend(named.into_iter().map(|(id, path)| Missing { id, path: path.map(|p| InputPath::new(&p)) }));
        self.missing.sort();
        self.missing.dedup_by_key(|missing| missing.id);
    }

    /// The blobs whose path is wanted somewhere, each with the paths that are, from the smallest.
    #[must_use]
    pub fn wanted_names(
        &self,
        objects: &Objects,
        wants: &(dyn Fn(&[u8]) -> bool + Sync),
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> BTreeMap<u32, Vec<Vec<u8>>> {
        let mut known: HashMap<Place, bool> = HashMap::new();
        let mut found: BTreeMap<u32, Vec<Vec<u8>>> = BTreeMap::new();
        for file in &self.files {
            for parent in self.places_of(file.tree) {
                let name = self.names.get(file.name as usize).map(|name| &**name).unwrap_or_default();
                let path = || join(&self.path(parent), name);
                if *known.entry(Place { parent, name: file.name }).or_insert_with(|| wants(&path())) {
                    found.entry(file.blob).or_default().push(path());
                }
            }
        }
        // A folder may stand where its base does not; then what it has in common with that has new paths too.
        let moved = |(tree, base): &(u32, &u32)| **base != NONE && self.paths_without(*tree, **base).next().is_some();
        let moved: Numbers = (0u32..).zip(&self.bases).filter(moved).map(|(tree, _)| tree).collect();
        let make = || Names { skeleton: self, objects, wants, found: Vec::new() };
        for (number, path) in objects.walk(&[Kind::Tree], Some(&moved), threads, stop, &make).into_iter().flatten() {
            found.entry(number).or_default().push(path);
        }
        for paths in found.values_mut() {
            paths.sort_unstable();
            paths.dedup();
        }
        found
    }
}

fn as_usize(range: Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// A folder's path and a name in it.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

struct Finder {
    depth: Vec<u32>,
    known: HashMap<Place, u32>,
}

impl Finder {
    fn go(&mut self, skeleton: &mut Skeleton, tops: Vec<u32>) {
        for top in tops {
            let mut todo = Vec::new();
            if skeleton.add_place(top, 0) {
                todo.push((top, 0u32));
            }
            while let Some((tree, place)) = todo.pop() {
                let depth = self.depth.get(place as usize).copied().unwrap_or(0);
                for at in skeleton.children(tree) {
                    let Some(edge) = skeleton.down.get(at as usize).copied() else { break };
                    if depth >= MAX_DEPTH {
                        skeleton.cut_short += 1;
                        break;
                    }
                    let below = Place { parent: place, name: edge.name };
                    let number = *self.known.entry(below).or_insert_with(|| {
                        skeleton.places.push(below);
                        self.depth.push(depth + 1);
                        u32::try_from(skeleton.places.len() - 1).unwrap_or(NONE)
                    });
                    if skeleton.add_place(edge.child, number) {
                        todo.push((edge.child, number));
                    }
                }
            }
        }
    }
}

/// Asks about the path of every file in some folders, at the places where their bases do not stand.
struct Names<'a> {
    skeleton: &'a Skeleton,
    objects: &'a Objects,
    wants: &'a (dyn Fn(&[u8]) -> bool + Sync),
    found: Vec<(u32, Vec<u8>)>,
}

impl Visitor for Names<'_> {
    type Harvest = Vec<(u32, Vec<u8>)>;

    fn step(&mut self, step: Step<'_>) {
        let Step::Object(tree) = step else { return };
        let base = self.skeleton.bases.get(tree.number as usize).copied().unwrap_or(NONE);
        let folders: Vec<Vec<u8>> = self.skeleton.paths_without(tree.number, base).collect();
        for entry in TreeEntries::new(tree.bytes, self.objects.id_len()).map_while(Result::ok).filter(|entry| entry.mode.is_blob()) {
            let Some(number) = self.objects.number(entry.id) else { continue };
            let paths = folders.iter().map(|folder| join(folder, entry.name)).filter(|path| (self.wants)(path));
            self.found.extend(paths.map(|path| (number, path)));
        }
    }

    fn finish(self) -> Self::Harvest {
        self.found
    }
}
