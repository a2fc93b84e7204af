//! Reading trees, commits and tags for the skeleton: what one thread gathers on its walk. Not yet paths: a tree does not
//! know where it stands.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use super::commit::{Header, message_start};
use super::entry::{Malformed, Mode, TreeEntries, TreeEntry, compare};
use super::object::{Found, Kind, Objects, Step, Visitor};
use super::pack::NONE;
use super::skeleton::{Commit, Failed};
use crate::input::ObjectId;

/// A folder in a folder.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub child: u32,
    pub name: u32,
}

/// A file in a folder whose base does not have it.
#[derive(Clone, Copy)]
pub(super) struct FreshFile {
    pub blob: u32,
    pub tree: u32,
    pub name: u32,
}

/// An entry of a tree whose object is not here.
pub(super) struct Hole {
    pub id: ObjectId,
    pub tree: u32,
    pub name: Box<[u8]>,
}

/// Folders that a thread remembers.
const RECENT: usize = 8192;

/// What one thread gathers.
pub(super) struct Bones<'a> {
    objects: &'a Objects,
    cuts: &'a [ObjectId],
    pub names: Vec<Box<[u8]>>,
    known_names: HashMap<Box<[u8]>, u32>,
    /// Folders that were met a moment ago, by the first bits of their ids: the next tree has almost all of them again.
    recent: Vec<Option<(ObjectId, Edge)>>,
    pub edges: Vec<Edge>,
    pub files: Vec<FreshFile>,
    /// Each tree with what it is a difference from.
    pub bases: Vec<(u32, u32)>,
    /// Each tree with its part of `edges`.
    pub trees: Vec<(u32, Range<u32>)>,
    /// Each with its own number and those of its parents that are here.
    pub commits: Vec<(Commit, u32, Vec<u32>)>,
    /// Each tag with what it points at.
    pub tags: Vec<(u32, u32)>,
    pub holes: Vec<Hole>,
    pub lost: Vec<ObjectId>,
    pub failed: Vec<Failed>,
}

impl<'a> Bones<'a> {
    pub fn new(objects: &'a Objects, cuts: &'a [ObjectId]) -> Self {
        Bones {
            objects,
            cuts,
            names: Vec::new(),
            known_names: HashMap::new(),
            recent: vec![None; RECENT],
            edges: Vec::new(),
            files: Vec::new(),
            bases: Vec::new(),
            trees: Vec::new(),
            commits: Vec::new(),
            tags: Vec::new(),
            holes: Vec::new(),
            lost: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn tree(&mut self, found: &Found<'_>) {
        self.bases.extend(found.base.map(|(base, _)| (found.number, base)));
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
                Mode::File | Mode::Link if !fresh => true,
                Mode::File | Mode::Link => self.file(&entry, found.number),
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

    /// False where the file is not here.
    fn file(&mut self, entry: &TreeEntry<'_>, tree: u32) -> bool {
        let Some(blob) = self.objects.number(entry.id) else { return false };
        let name = self.name(entry.name);
        self.files.push(FreshFile { blob, tree, name });
        true
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
        let is_cut = self.cuts.contains(&found.id);
        let parents = if is_cut { Vec::new() } else { header.parents.into_iter().filter_map(|id| self.number_or_lost(id)).collect() };
        self.commits.push((Commit { when: header.when, id: found.id, root }, found.number, parents));
    }

    fn tag(&mut self, found: &Found<'_>) {
        let head = found.bytes.get(..message_start(found.bytes)).unwrap_or(found.bytes);
        let target = head.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"object "));
        if let Some(id) = target.and_then(|hex| gix::ObjectId::from_hex(hex).ok()) {
            let target = self.number_or_lost(super::id_of(&id));
            self.tags.extend(target.map(|target| (found.number, target)));
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
                Kind::Tag => self.tag(&found),
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
    type Item = Result<(TreeEntry<'a>, bool), Malformed>;

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
