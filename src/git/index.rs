//! The index: what is staged, and which files git tracks. Not the work tree: nothing here looks at a file on disk but the
//! index itself.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Stage};

use super::commit::Folders;
use super::entry::Mode;
use super::error::GitError;
use super::id_of;
use super::repository::Repository;
use crate::input::{Entry, EntryKind, Input, InputPath, ObjectId, Origin, ReadError, Tree};

/// The index as it was when it was read.
pub struct Index {
    file: gix::index::File,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index of {} entries", self.file.entries().len())
    }
}

/// An entry of the index, without its place on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub path: &'a [u8],
    pub mode: Mode,
    pub id: ObjectId,
    pub conflicted: bool,
    /// `git add -N`: promised, but nothing is staged yet.
    pub intent_only: bool,
}

impl Index {
    /// Reads the index once. No index is an empty one.
    ///
    /// # Errors
    /// Where it is damaged, or half of a split index is missing.
    pub fn read(repository: &Repository) -> Result<Self, GitError> {
        let options = gix::index::decode::Options {
            alloc_limit_bytes: usize::try_from(super::repository::MAX_OBJECT).ok(),
            ..gix::index::decode::Options::default()
        };
        // Git itself does not check the hash of the whole file when it reads it; that would double the time.
        gix::index::File::at_or_default(repository.index_path(), repository.hash(), true, options)
            .map(|file| Index { file })
            .map_err(|e| GitError::unreadable("the index", e))
    }

    pub(super) fn len(&self) -> usize {
        self.file.entries().len()
    }

    pub(super) fn cache(&self) -> Option<&gix::index::extension::Tree> {
        self.file.tree()
    }

    pub(super) fn line(&self, at: usize) -> Option<Line<'_>> {
        let entry = self.file.entries().get(at)?;
        Some(Line {
            path: entry.path(&self.file).as_bytes(),
            mode: Mode::from_bits(entry.mode.bits()),
            id: id_of(&entry.id),
            conflicted: entry.flags.stage() != Stage::Unconflicted,
            intent_only: entry.flags.contains(Flags::INTENT_TO_ADD),
        })
    }

    fn path(&self, at: usize) -> &[u8] {
        self.file.entries().get(at).map_or(&[], |entry| entry.path(&self.file).as_bytes())
    }

    /// The entries of `range` (sorted by path) whose paths begin with `prefix`.
    pub(super) fn under(&self, prefix: &[u8], range: Range<usize>) -> Range<usize> {
        let from = self.partition(range.clone(), |path| path < prefix);
        let to = self.partition(from..range.end, |path| path.starts_with(prefix));
        from..to
    }

    fn partition(&self, range: Range<usize>, before: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.path(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The entry of a path, or the folder entry of a sparse index that stands for it.
    fn find(&self, path: &[u8]) -> Option<Line<'_>> {
        let at = self.partition(0..self.len(), |p| p < path);
        if let Some(line) = self.line(at).filter(|line| line.path == path) {
            return Some(line);
        }
        self.line(at.checked_sub(1)?).filter(|line| line.mode == Mode::Tree && path.starts_with(line.path))
    }
}

/// The files that git tracks, by path from the top of the work tree.
#[derive(Debug)]
pub struct Tracked(Index);

impl Tracked {
    /// # Errors
    /// Where the index cannot be read.
    pub fn of(repository: &Repository) -> Result<Self, GitError> {
        Index::read(repository).map(Tracked)
    }

    /// Whether git tracks a file of this path.
    #[must_use]
    pub fn contains(&self, path: &[u8]) -> bool {
        self.0.find(path).is_some()
    }

    /// Whether another repository is mounted at this path.
    #[must_use]
    pub fn is_submodule(&self, path: &[u8]) -> bool {
        self.0.find(path).is_some_and(|line| line.mode == Mode::Submodule)
    }

    /// Whether git tracks anything inside a folder (`""` is the top).
    #[must_use]
    pub fn any_under(&self, folder: &[u8]) -> bool {
        let prefix = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        !self.0.under(&prefix, 0..self.0.len()).is_empty() || self.0.find(&prefix).is_some()
    }

    /// How many entries the index has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The files as the next commit would have them.
pub struct IndexTree {
    repository: Arc<Repository>,
    index: Arc<Index>,
    folders: Folders,
}

impl fmt::Debug for IndexTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.index, f)
    }
}

impl IndexTree {
    #[must_use]
    pub fn new(repository: Arc<Repository>, index: Arc<Index>) -> Self {
        let folders = Folders::new(Arc::clone(&repository));
        IndexTree { repository, index, folders }
    }
}

impl Tree for IndexTree {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let prefix = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        if let Some(sparse) = self.index.find(&prefix).filter(|line| line.mode == Mode::Tree) {
            let below = prefix.get(sparse.path.len()..).unwrap_or_default().trim_end_with(|c| c == '/');
            return self.folders.list(sparse.id, below, folder);
        }
        let range = self.index.under(&prefix, 0..self.index.len());
        if range.is_empty() && !folder.is_empty() {
            return Err(ReadError::Missing);
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut at = range.start;
        while let Some(line) = self.index.line(at).filter(|_| at < range.end) {
            at += 1;
            let name = line.path.get(prefix.len()..).unwrap_or_default();
            if let Some(slash) = memchr::memchr(b'/', name) {
                let path = line.path.get(..prefix.len() + slash).unwrap_or_default();
                entries.push(Entry { path: InputPath::new(path), kind: EntryKind::Folder });
                at = self.index.under(&[path, b"/"].concat(), at..range.end).end.max(at);
            } else if !line.intent_only && entries.last().is_none_or(|last| last.path.bytes() != line.path) {
                let kind = if line.mode == Mode::File { EntryKind::File } else { EntryKind::Other };
                entries.push(Entry { path: InputPath::new(line.path), kind });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        let line = self.index.find(path).ok_or(ReadError::Missing)?;
        if line.conflicted {
            return Err(ReadError::Unreadable("it has an unresolved merge conflict".into()));
        }
        match line.mode {
            Mode::File if line.intent_only => Err(ReadError::Missing),
            Mode::File => self.repository.blob(line.id),
            Mode::Tree => self.folders.read(line.id, path.get(line.path.len()..).unwrap_or_default()),
            Mode::Link | Mode::Submodule => Err(ReadError::Outside),
        }
    }

    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        match self.index.find(path).ok_or(ReadError::Missing)? {
            line if line.mode == Mode::File && !line.conflicted && !line.intent_only => self.repository.size(line.id),
            _ => self.read(path).map(|bytes| bytes.len() as u64),
        }
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::Staged }
    }
}
