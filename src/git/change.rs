//! What differs between two sets of files: the index against a commit, or a commit against another. Not renames: one is
//! seen as what went and what came.
//!
//! A walk over both sides at once that leaves alone every folder with the same id on both; for the index, its TREE
//! extension knows those ids. Building all of one side first would cost many times as much as the whole question.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use gix::index::extension::Tree as Cache;

use super::entry::{Mode, TreeEntries, compare};
use super::error::GitError;
use super::id_of;
use super::index::Index;
use super::repository::{Repository, read_object};
use crate::input::{InputPath, ObjectId, ReadError};

/// A blob on one side of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedBlob {
    /// [`Mode::File`] or [`Mode::Link`].
    pub mode: Mode,
    pub id: ObjectId,
}

/// What stands at a path now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    Gone,
    Blob(ChangedBlob),
    Submodule,
    /// A merge left several versions.
    Conflict,
}

/// A path that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: InputPath,
    /// The blob that stood there.
    pub was: Option<ChangedBlob>,
    pub now: Now,
}

/// Sorted by path; a file that became a folder is one that went and others that came.
pub type Changes = Vec<Change>;

/// More changed paths than any review has: a tree made to explode.
const MAX_CHANGES: usize = 4_000_000;
/// Nested folders.
const MAX_DEPTH: usize = 2048;

/// The index against a tree (None: nothing was committed yet).
///
/// # Errors
/// Where a tree is missing or damaged.
pub fn staged(repository: &Repository, index: &Index, head: Option<ObjectId>) -> Result<Changes, GitError> {
    let new = Side::Entries(0..index.len(), index.cache());
    Walk::new(repository, Some(index)).run(head.map_or(Side::Nothing, Side::Tree), new)
}

/// One tree against another.
///
/// # Errors
/// Where a tree is missing or damaged.
pub fn between(repository: &Repository, old: ObjectId, new: ObjectId) -> Result<Changes, GitError> {
    Walk::new(repository, None).run(Side::Tree(old), Side::Tree(new))
}

/// A tree against nothing: all that it has.
///
/// # Errors
/// As [`between`].
pub fn all_of(repository: &Repository, new: ObjectId) -> Result<Changes, GitError> {
    Walk::new(repository, None).run(Side::Nothing, Side::Tree(new))
}

/// All that a side has in one folder.
#[derive(Clone)]
enum Side<'i> {
    Nothing,
    Tree(ObjectId),
    /// Entries of the index, and what the TREE extension says of their folder.
    Entries(Range<usize>, Option<&'i Cache>),
}

impl Side<'_> {
    /// The tree that this folder is known to be.
    fn tree(&self) -> Option<ObjectId> {
        match self {
            Side::Nothing => None,
            Side::Tree(id) => Some(*id),
            Side::Entries(range, cache) => {
                let cache = cache.filter(|c| c.num_entries.is_some_and(|n| n as usize == range.len()))?;
                Some(id_of(&cache.id))
            }
        }
    }
}

/// A name in a folder of a side.
struct Item<'i> {
    name: Vec<u8>,
    what: What<'i>,
}

enum What<'i> {
    Blob(ChangedBlob),
    Submodule(ObjectId),
    Conflict,
    Folder(Side<'i>),
}

impl Item<'_> {
    fn is_folder(&self) -> bool {
        matches!(self.what, What::Folder(_))
    }
}

/// A folder to compare.
struct Pair<'i> {
    prefix: Vec<u8>,
    depth: usize,
    old: Side<'i>,
    new: Side<'i>,
}

struct Walk<'i> {
    local: gix::Repository,
    shallow: bool,
    index: Option<&'i Index>,
    found: Changes,
    todo: Vec<Pair<'i>>,
}

impl<'i> Walk<'i> {
    fn new(repository: &Repository, index: Option<&'i Index>) -> Self {
        Walk { local: repository.local(), shallow: repository.is_shallow(), index, found: Vec::new(), todo: Vec::new() }
    }

    fn run(mut self, old: Side<'i>, new: Side<'i>) -> Result<Changes, GitError> {
        self.todo.push(Pair { prefix: Vec::new(), depth: 0, old, new });
        while let Some(pair) = self.todo.pop() {
            if pair.old.tree().is_some_and(|old| Some(old) == pair.new.tree()) {
                continue;
            }
            if pair.depth > MAX_DEPTH || self.found.len() > MAX_CHANGES {
                return Err(GitError::Unsupported { what: "a tree that is nested too deeply or too large".into() });
            }
            self.folder(&pair)?;
        }
        self.found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self.found)
    }

    /// Compares two folders name by name, both in git's order.
    fn folder(&mut self, pair: &Pair<'i>) -> Result<(), GitError> {
        let mut old = self.items(&pair.old, &pair.prefix)?.into_iter().peekable();
        let mut new = self.items(&pair.new, &pair.prefix)?.into_iter().peekable();
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => compare(&a.name, a.is_folder(), &b.name, b.is_folder()),
            };
            let was = old.next_if(|_| order.is_le());
            let now = new.next_if(|_| order.is_ge());
            self.name(pair, was, now);
        }
    }

    fn name(&mut self, pair: &Pair<'i>, was: Option<Item<'i>>, now: Option<Item<'i>>) {
        let Some(name) = was.as_ref().or(now.as_ref()).map(|item| &item.name) else { return };
        let path = [&pair.prefix, &name[..]].concat();
        let (was, now) = (was.map(|item| item.what), now.map(|item| item.what));
        let folder = |what: Option<&What<'i>>| match what {
            Some(What::Folder(side)) => Some(side.clone()),
            _ => None,
        };
        let (old_folder, new_folder) = (folder(was.as_ref()), folder(now.as_ref()));
        if old_folder.is_some() || new_folder.is_some() {
            let (old, new) = (old_folder.unwrap_or(Side::Nothing), new_folder.unwrap_or(Side::Nothing));
            self.todo.push(Pair { prefix: [&path[..], b"/"].concat(), depth: pair.depth + 1, old, new });
            return;
        }
        let before = match was {
            Some(What::Blob(blob)) => Some(blob),
            _ => None,
        };
        let now = match (&was, now) {
            (_, None | Some(What::Folder(_))) => Now::Gone,
            (_, Some(What::Conflict)) => Now::Conflict,
            (Some(What::Submodule(a)), Some(What::Submodule(b))) if *a == b => return,
            (_, Some(What::Submodule(_))) => Now::Submodule,
            (_, Some(What::Blob(blob))) if before == Some(blob) => return,
            (_, Some(What::Blob(blob))) => Now::Blob(blob),
        };
        // A submodule that went leaves nothing to look at.
        if before.is_some() || now != Now::Gone {
            self.found.push(Change { path: InputPath::new(&path), was: before, now });
        }
    }

    fn items(&self, side: &Side<'i>, prefix: &[u8]) -> Result<Vec<Item<'i>>, GitError> {
        match side {
            Side::Nothing => Ok(Vec::new()),
            Side::Tree(id) => self.tree_items(*id, prefix),
            Side::Entries(range, cache) => Ok(self.index.map(|index| entry_items(index, range, *cache, prefix)).unwrap_or_default()),
        }
    }

    fn tree_items(&self, id: ObjectId, prefix: &[u8]) -> Result<Vec<Item<'i>>, GitError> {
        let what = || format!("the folder `{}` (tree {id})", InputPath::new(prefix));
        let bytes = read_object(&self.local, id, gix::objs::Kind::Tree).map_err(|e| match e {
            ReadError::Missing => GitError::Missing { what: what(), shallow: self.shallow },
            other => GitError::unreadable(what(), other),
        })?;
        let mut items = Vec::new();
        for entry in TreeEntries::new(&bytes, id.bytes().len()) {
            let damaged = || GitError::unreadable(what(), "it is damaged");
            let entry = entry.map_err(|_| damaged())?;
            let child = ObjectId::new(entry.id).ok_or_else(damaged)?;
            let what = match entry.mode {
                Mode::Tree => What::Folder(Side::Tree(child)),
                Mode::Submodule => What::Submodule(child),
                mode => What::Blob(ChangedBlob { mode, id: child }),
            };
            items.push(Item { name: entry.name.to_vec(), what });
        }
        // Git writes them so; a tree that was made by hand must not hide a name.
        items.sort_by(|a, b| compare(&a.name, a.is_folder(), &b.name, b.is_folder()));
        Ok(items)
    }
}

/// The names that the index has in a folder.
fn entry_items<'i>(index: &'i Index, range: &Range<usize>, cache: Option<&'i Cache>, prefix: &[u8]) -> Vec<Item<'i>> {
    let caches: HashMap<&[u8], &'i Cache> =
        cache.map(|c| c.children.iter().map(|child| (child.name.as_slice(), child)).collect()).unwrap_or_default();
    let mut items: Vec<Item<'i>> = Vec::new();
    let mut at = range.start;
    while let Some(line) = index.line(at).filter(|_| at < range.end) {
        let name = line.path.get(prefix.len()..).unwrap_or_default();
        if let Some(slash) = memchr::memchr(b'/', name) {
            let (name, inside) = name.split_at(slash);
            let below = index.under(line.path.get(..=prefix.len() + slash).unwrap_or_default(), at..range.end);
            // A sparse index has one entry for a whole folder.
            let side = match line.mode {
                Mode::Tree if inside.len() == 1 => Side::Tree(line.id),
                _ => Side::Entries(below.clone(), caches.get(name).copied()),
            };
            items.push(Item { name: name.to_vec(), what: What::Folder(side) });
            at = below.end.max(at + 1);
            continue;
        }
        at += 1;
        if line.intent_only {
            continue;
        }
        let what = match line.mode {
            _ if line.conflicted => What::Conflict,
            Mode::Submodule => What::Submodule(line.id),
            Mode::Link => What::Blob(ChangedBlob { mode: Mode::Link, id: line.id }),
            Mode::File | Mode::Tree => What::Blob(ChangedBlob { mode: Mode::File, id: line.id }),
        };
        // The stages of a conflict have one name.
        if items.last().is_none_or(|last| last.name != name || last.is_folder()) {
            items.push(Item { name: name.to_vec(), what });
        }
    }
    items
}
