//! A commit, and the files that it holds.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::entry::{Mode, TreeEntries};
use super::error::GitError;
use super::id_of;
use super::repository::Repository;
use crate::input::{Entry, EntryKind, Input, InputPath, ObjectId, Origin, ReadError, Tree};

/// What a commit's header says, read by hand: a damaged signature line must not hide the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// The committer's time in seconds since 1970; 0 where the line makes no sense.
    pub when: i64,
    /// Where the message begins in the object.
    pub message: usize,
}

impl Header {
    /// None where no tree is named.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let message = message_start(bytes);
        let (mut tree, mut parents, mut when) = (None, Vec::new(), 0);
        for line in bytes.get(..message).unwrap_or(bytes).split(|b| *b == b'\n') {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                tree = tree.or_else(|| from_hex(hex));
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                parents.extend(from_hex(hex));
            } else if let Some(rest) = line.strip_prefix(b"committer ") {
                when = seconds(rest);
                break;
            }
        }
        Some(Header { tree: tree?, parents, when, message })
    }
}

/// Where the message of a commit or a tag begins: after the first empty line.
#[must_use]
pub fn message_start(bytes: &[u8]) -> usize {
    memchr::memmem::find(bytes, b"\n\n").map_or(bytes.len(), |at| at + 2)
}

fn from_hex(hex: &[u8]) -> Option<ObjectId> {
    gix::ObjectId::from_hex(hex).ok().map(|id| id_of(&id))
}

/// The seconds of `Name <mail> 1700000000 +0000`.
fn seconds(line: &[u8]) -> i64 {
    let after = memchr::memrchr(b'>', line).map_or(line, |at| line.get(at + 1..).unwrap_or_default());
    let text = String::from_utf8_lossy(after);
    text.split_ascii_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn header(repository: &Repository, id: ObjectId) -> Result<Header, GitError> {
    let what = || format!("commit {id}");
    let bytes = repository.object(id, gix::objs::Kind::Commit).map_err(|e| match e {
        ReadError::Missing => GitError::Missing { what: what(), shallow: repository.is_shallow() },
        other => GitError::unreadable(what(), other),
    })?;
    Header::parse(&bytes).ok_or_else(|| GitError::unreadable(what(), "it names no tree"))
}

/// The files of a commit.
pub struct CommitTree {
    id: ObjectId,
    header: Header,
    folders: Folders,
}

impl fmt::Debug for CommitTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitTree({})", self.id)
    }
}

impl CommitTree {
    /// # Errors
    /// Where the commit is not there or not readable.
    pub fn open(repository: &Arc<Repository>, id: ObjectId) -> Result<Self, GitError> {
        Ok(CommitTree { id, header: header(repository, id)?, folders: Folders::new(Arc::clone(repository)) })
    }

    /// The top folder of a commit.
    ///
    /// # Errors
    /// As [`CommitTree::open`].
    pub fn root_of(repository: &Repository, id: ObjectId) -> Result<ObjectId, GitError> {
        Ok(header(repository, id)?.tree)
    }

    /// What stands at a path. None where that is no file or link, or cannot be read.
    #[must_use]
    pub fn blob_at(&self, path: &[u8]) -> Option<ObjectId> {
        self.folders.find(self.header.tree, path).ok().filter(|(mode, _)| mode.is_blob()).map(|(_, id)| id)
    }

    #[must_use]
    pub fn id(&self) -> ObjectId {
        self.id
    }

    #[must_use]
    pub fn parents(&self) -> &[ObjectId] {
        &self.header.parents
    }

    /// The committer's time in seconds since 1970.
    #[must_use]
    pub fn when(&self) -> i64 {
        self.header.when
    }

    /// The id of the top folder.
    #[must_use]
    pub fn root(&self) -> ObjectId {
        self.header.tree
    }

    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::Commit { id: self.id, when: self.header.when }
    }

    /// As [`Tree::list`], each with its object.
    ///
    /// # Errors
    /// As [`Tree::list`].
    pub fn entries(&self, folder: &[u8]) -> Result<Vec<(Entry, ObjectId)>, ReadError> {
        self.folders.entries(self.header.tree, folder, folder)
    }
}

impl Tree for CommitTree {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        self.folders.list(self.header.tree, folder, folder)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.folders.read(self.header.tree, path)
    }

    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        self.folders.size(self.header.tree, path)
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: self.origin() }
    }
}

type Listing = Arc<[(Box<[u8]>, Mode, ObjectId)]>;

/// Looks up paths below tree objects. Remembers the folders that it read.
pub(super) struct Folders {
    repository: Arc<Repository>,
    seen: Mutex<HashMap<ObjectId, Listing>>,
}

/// Folders that are remembered before they are all forgotten.
const REMEMBERED: usize = 4096;

impl Folders {
    pub fn new(repository: Arc<Repository>) -> Self {
        Folders { repository, seen: Mutex::new(HashMap::new()) }
    }

    fn listing(&self, id: ObjectId) -> Result<Listing, ReadError> {
        if let Some(listing) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(listing));
        }
        let bytes = self.repository.object(id, gix::objs::Kind::Tree)?;
        let mut lines = Vec::new();
        for entry in TreeEntries::new(&bytes, id.bytes().len()) {
            let entry = entry.map_err(|_| ReadError::Unreadable(format!("tree {id} is damaged")))?;
            let child = ObjectId::new(entry.id).ok_or(ReadError::Missing)?;
            lines.push((entry.name.into(), entry.mode, child));
        }
        let listing: Listing = lines.into();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        seen.insert(id, Arc::clone(&listing));
        Ok(listing)
    }

    /// What stands at `path` below the tree `root`.
    fn find(&self, root: ObjectId, path: &[u8]) -> Result<(Mode, ObjectId), ReadError> {
        let mut here = (Mode::Tree, root);
        for part in path.split(|b| *b == b'/').filter(|part| !part.is_empty()) {
            if here.0 != Mode::Tree {
                return Err(ReadError::Missing);
            }
            let listing = self.listing(here.1)?;
            here = listing.iter().find(|(name, ..)| **name == *part).map(|(_, mode, id)| (*mode, *id)).ok_or(ReadError::Missing)?;
        }
        Ok(here)
    }

    /// What the folder `below` of `root` holds; paths are given as inside `folder`.
    pub fn list(&self, root: ObjectId, below: &[u8], folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        Ok(self.entries(root, below, folder)?.into_iter().map(|(entry, _)| entry).collect())
    }

    /// The same, each with its object.
    pub fn entries(&self, root: ObjectId, below: &[u8], folder: &[u8]) -> Result<Vec<(Entry, ObjectId)>, ReadError> {
        let (Mode::Tree, id) = self.find(root, below)? else { return Err(ReadError::Outside) };
        let prefix = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        let listing = self.listing(id)?;
        let mut entries: Vec<(Entry, ObjectId)> = listing
            .iter()
            .map(|(name, mode, id)| {
                let kind = match mode {
                    Mode::File => EntryKind::File,
                    Mode::Tree => EntryKind::Folder,
                    Mode::Link | Mode::Submodule => EntryKind::Other,
                };
                (Entry { path: InputPath::new(&[&prefix, &name[..]].concat()), kind }, *id)
            })
            .collect();
        entries.sort();
        Ok(entries)
    }

    pub fn read(&self, root: ObjectId, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        match self.find(root, path)? {
            (Mode::File, id) => self.repository.blob(id),
            _ => Err(ReadError::Outside),
        }
    }

    pub fn size(&self, root: ObjectId, path: &[u8]) -> Result<u64, ReadError> {
        match self.find(root, path)? {
            (Mode::File, id) => self.repository.size(id),
            _ => Err(ReadError::Outside),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_a_message_cannot_forge_it() {
        let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let text = format!("tree {tree}\nparent {tree}\nauthor A <a@x> 1 +0000\ncommitter B > <b@x> 1700000001 +0100\n\ntree 00\n");
        let header = Header::parse(text.as_bytes()).expect("a commit");
        assert_eq!(header.tree.to_string(), tree);
        assert_eq!((header.parents.len(), header.when), (1, 1_700_000_001));
        assert_eq!(&text.as_bytes()[header.message..], b"tree 00\n");
        assert_eq!(Header::parse(b"committer x\n\ntree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"), None);
    }
}
