//! How a history hangs together: which folder is in which, and under which paths; which commit has which top folder. Not
//! the files: those are asked about once it is known which matter.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use super::commit::{Header, message_start};
use super::entry::{Mode, TreeEntries, TreeEntry, compare};
use super::object::{Found, Kind, Numbers, Objects, Step, Visitor};
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

/// A folder in a folder.
#[derive(Clone, Copy)]
struct Edge {
    child: u32,
    name: u32,
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

pub struct Skeleton {
    /// From the oldest.
    pub(super) commits: Vec<Commit>,
    /// The folders in each folder, those of one beside each other: `down[range]` with the range of `inside`, by number.
    down: Vec<Edge>,
    inside: Vec<Range<u32>>,
    /// The folders that hold each folder: `up[above[n]..above[n + 1]]`.
    up: Vec<u32>,
    above: Vec<u32>,
    names: Vec<Box<[u8]>>,
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
            down: Vec::new(),
            inside: vec![0..0; objects.len()],
            up: Vec::new(),
            above: Vec::new(),
            names: Vec::new(),
            places: Vec::new(),
            first_place: vec![NONE; objects.len()],
            more_places: HashMap::new(),
            cut_short: 0,
            missing: Vec::new(),
            failed: Vec::new(),
        };
        let (mut trees, mut holes, mut known) = (Vec::new(), Vec::new(), HashMap::<Box<[u8]>, u32>::new());
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
            for (tree, range) in &bones.trees {
                if let Some(slot) = skeleton.inside.get_mut(*tree as usize) {
                    *slot = range.start.saturating_add(offset)..range.end.saturating_add(offset);
                }
            }
            skeleton.commits.extend(bones.commits);
            skeleton.failed.extend(bones.failed);
            skeleton.missing.extend(bones.lost.into_iter().map(|id| Missing { id, path: None }));
            trees.extend(bones.trees.into_iter().map(|(tree, _)| tree));
            holes.extend(bones.holes);
        }
        skeleton.commits.sort_unstable();
        skeleton.failed.sort();
        trees.sort_unstable();
        skeleton.turn_over(&trees);
        skeleton.find_places(&trees);
        skeleton.name_holes(holes);
        skeleton
    }

    /// The folders that a folder stands in.
    pub(super) fn parents(&self, tree: u32) -> &[u32] {
        let at = |n: usize| self.above.get(n).map_or(0, |at| *at as usize);
        self.up.get(at(tree as usize)..at(tree as usize + 1)).unwrap_or_default()
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

    /// The blobs whose path is wanted somewhere.
    #[must_use]
    pub fn wanted_names(
        &self,
        objects: &Objects,
        wants: &(dyn Fn(&[u8]) -> bool + Sync),
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Numbers {
        let make = || Names { skeleton: self, objects, wants, found: Vec::new() };
        objects.walk(&[Kind::Tree], None, threads, stop, &make).into_iter().flatten().collect()
    }
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

/// An entry of a tree whose object is not here.
struct Hole {
    id: ObjectId,
    tree: u32,
    name: Box<[u8]>,
}

/// Folders that a thread remembers.
const RECENT: usize = 8192;

/// What one thread gathers.
struct Bones<'a> {
    objects: &'a Objects,
    cuts: &'a [ObjectId],
    names: Vec<Box<[u8]>>,
    known_names: HashMap<Box<[u8]>, u32>,
    /// Folders that were met a moment ago, by the first bits of their ids: the next tree has almost all of them again.
    recent: Vec<Option<(ObjectId, Edge)>>,
    edges: Vec<Edge>,
    /// Each tree with its part of `edges`.
    trees: Vec<(u32, Range<u32>)>,
    commits: Vec<Commit>,
    holes: Vec<Hole>,
    lost: Vec<ObjectId>,
    failed: Vec<Failed>,
}

impl<'a> Bones<'a> {
    fn new(objects: &'a Objects, cuts: &'a [ObjectId]) -> Self {
        Bones {
            objects,
            cuts,
            names: Vec::new(),
            known_names: HashMap::new(),
            recent: vec![None; RECENT],
            edges: Vec::new(),
            trees: Vec::new(),
            commits: Vec::new(),
            holes: Vec::new(),
            lost: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn tree(&mut self, found: &Found<'_>) {
        let start = self.edges.len();
        let mut damaged = false;
        for line in Lines::new(found, self.objects.id_len()) {
            let Ok((entry, fresh)) = line else {
                damaged = true;
                break;
            };
            let here = match entry.mode {
                Mode::Tree => self.edge(&entry).map(|edge| self.edges.push(edge)).is_some(),
                Mode::Submodule => true,
                Mode::File | Mode::Link => !fresh || self.objects.number(entry.id).is_some(),
            };
            if !here {
                let id = ObjectId::new(entry.id);
                self.holes.extend(id.map(|id| Hole { id, tree: found.number, name: entry.name.into() }));
            }
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(NONE);
        self.trees.push((found.number, number(start)..number(self.edges.len())));
        if damaged {
            self.failed.push(Failed {
                id: found.id,
                kind: Kind::Tree,
                message: "this tree is damaged, so files may be hidden in it".into(),
            });
        }
    }

    /// None where the folder is not here.
    fn edge(&mut self, entry: &TreeEntry<'_>) -> Option<Edge> {
        let slot = entry.id.iter().take(2).fold(0, |bits, byte| bits << 8 | usize::from(*byte)) % RECENT;
        if let Some(Some((id, edge))) = self.recent.get(slot)
            && id.bytes() == entry.id
            && self.names.get(edge.name as usize).is_some_and(|name| **name == *entry.name)
        {
            return Some(*edge);
        }
        let child = self.objects.number(entry.id)?;
        let edge = Edge { child, name: self.name(entry.name) };
        if let (Some(slot), Some(id)) = (self.recent.get_mut(slot), ObjectId::new(entry.id)) {
            *slot = Some((id, edge));
        }
        Some(edge)
    }

    fn name(&mut self, name: &[u8]) -> u32 {
        if let Some(known) = self.known_names.get(name) {
            return *known;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(NONE);
        self.names.push(name.into());
        self.known_names.insert(name.into(), number);
        number
    }

    fn commit(&mut self, found: &Found<'_>) {
        let Some(header) = Header::parse(found.bytes) else {
            let message = "this commit names no tree".into();
            return self.failed.push(Failed { id: found.id, kind: Kind::Commit, message });
        };
        let root = self.number_or_lost(header.tree);
        if !self.cuts.contains(&found.id) {
            for parent in header.parents {
                self.number_or_lost(parent);
            }
        }
        self.commits.push(Commit { when: header.when, id: found.id, root });
    }

    fn tag(&mut self, bytes: &[u8]) {
        let head = bytes.get(..message_start(bytes)).unwrap_or(bytes);
        let target = head.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"object "));
        if let Some(id) = target.and_then(|hex| gix::ObjectId::from_hex(hex).ok()) {
            self.number_or_lost(super::id_of(&id));
        }
    }

    fn number_or_lost(&mut self, id: ObjectId) -> Option<u32> {
        let number = self.objects.number(id.bytes());
        if number.is_none() {
            self.lost.push(id);
        }
        number
    }
}

impl Visitor for Bones<'_> {
    type Harvest = Self;

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Object(found) => match found.kind {
                Kind::Tree => self.tree(&found),
                Kind::Commit => self.commit(&found),
                Kind::Tag => self.tag(found.bytes),
                Kind::Blob => {}
            },
            Step::Failed { id, kind: Some(kind), message, .. } => self.failed.push(Failed { id, kind, message }),
            Step::Failed { kind: None, .. } => {}
        }
    }

    fn finish(self) -> Self {
        self
    }
}

/// The entries of a tree, each with whether it is *fresh*: not in the tree that this one is stored as a difference from.
/// Most trees of a history differ from another by one line.
struct Lines<'a> {
    own: TreeEntries<'a>,
    base: TreeEntries<'a>,
}

impl<'a> Lines<'a> {
    fn new(found: &Found<'a>, id_len: usize) -> Self {
        let base = TreeEntries::new(found.base.map_or(&[], |(_, bytes)| bytes), id_len);
        Lines { own: TreeEntries::new(found.bytes, id_len), base }
    }

    /// Whether the base has this line; it is looked for from where the last one was found, so a name out of order is taken
    /// for fresh: more is looked at, not less.
    fn base_has(&mut self, line: &[u8], entry: &TreeEntry<'_>) -> bool {
        loop {
            if self.base.skip_same(line) {
                return true;
            }
            let mut ahead = self.base.clone();
            let Some(Ok(base)) = ahead.next() else { return false };
            match compare(base.name, base.mode == Mode::Tree, entry.name, entry.mode == Mode::Tree) {
                Ordering::Less => self.base = ahead,
                Ordering::Equal => {
                    self.base = ahead;
                    return false;
                }
                Ordering::Greater => return false,
            }
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<(TreeEntry<'a>, bool), super::entry::Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let before = self.own.rest();
        let entry = match self.own.next()? {
            Ok(entry) => entry,
            Err(damage) => return Some(Err(damage)),
        };
        let line = before.get(..before.len() - self.own.rest().len()).unwrap_or_default();
        let fresh = !self.base_has(line, &entry);
        Some(Ok((entry, fresh)))
    }
}

/// Asks about the path of every file, once for each path.
struct Names<'a> {
    skeleton: &'a Skeleton,
    objects: &'a Objects,
    wants: &'a (dyn Fn(&[u8]) -> bool + Sync),
    found: Vec<u32>,
}

impl Visitor for Names<'_> {
    type Harvest = Vec<u32>;

    fn step(&mut self, step: Step<'_>) {
        let Step::Object(found) = step else { return };
        // What the base has at the same paths was asked about there.
        let folders: Vec<Vec<u8>> = self.skeleton.paths(found.number).collect();
        let elsewhere: Vec<Vec<u8>> = match found.base {
            Some((base, _)) => self.skeleton.paths_without(found.number, base).collect(),
            None => folders.clone(),
        };
        let mut path = Vec::new();
        for (entry, fresh) in Lines::new(&found, self.objects.id_len()).map_while(Result::ok) {
            if !entry.mode.is_blob() {
                continue;
            }
            let asked = if fresh { &folders } else { &elsewhere };
            let wanted = asked.iter().any(|folder| {
                path.clear();
                path.extend_from_slice(folder);
                if !folder.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(entry.name);
                (self.wants)(&path)
            });
            if wanted {
                self.found.extend(self.objects.number(entry.id));
            }
        }
    }

    fn finish(self) -> Vec<u32> {
        self.found
    }
}
