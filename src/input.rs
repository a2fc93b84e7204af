//! What is looked at, and where it came from: the vocabulary between sources and the engine.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Seek};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::escape;
use crate::base::excerpt::Position;
use crate::base::span::FileId;

/// A path as the source spells it: bytes, `/` between its parts, relative to the scanned root where there is one. What
/// lies in a container has the container's path, `!`, and the path in there: `backup.zip!etc/app/.env`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputPath {
    bytes: Arc<[u8]>,
    /// Where the path in the innermost container begins.
    inner: usize,
    /// Where the path of the outermost one ends.
    outer: usize,
}

impl InputPath {
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        InputPath { bytes: bytes.into(), inner: 0, outer: 0 }
    }

    /// The path of what lies in this container.
    #[must_use]
    pub fn member(&self, inner: &[u8]) -> Self {
        let outer = if self.inner == 0 { self.bytes.len() } else { self.outer };
        InputPath { bytes: [self.bytes(), b"!", inner].concat().into(), inner: self.bytes.len() + 1, outer }
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The path in the innermost container; all of it where there is none.
    #[must_use]
    pub fn inner(&self) -> &[u8] {
        &self.bytes[self.inner..]
    }

    /// The path of the innermost container. None for what lies in none.
    #[must_use]
    pub fn container(&self) -> Option<&[u8]> {
        self.inner.checked_sub(1).map(|end| &self.bytes[..end])
    }

    /// The same path in other bytes, as many.
    #[must_use]
    pub fn spelt(&self, bytes: &[u8]) -> Self {
        let is_mark = |at: usize| bytes.get(at) == Some(&b'!');
        match self.inner.checked_sub(1) {
            Some(mark) if is_mark(mark) && is_mark(self.outer) => InputPath { bytes: bytes.into(), ..*self },
            _ => InputPath::new(bytes),
        }
    }

    /// The path of the outermost container, which is a file of the source. None for what lies in none.
    #[must_use]
    pub fn outermost(&self) -> Option<&[u8]> {
        (self.inner > 0).then(|| &self.bytes[..self.outer])
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        let inner = self.inner();
        memchr::memrchr(b'/', inner).map_or(inner, |at| &inner[at + 1..])
    }

    /// What the path is in, in the innermost container; empty at the top.
    #[must_use]
    pub fn parent(&self) -> &[u8] {
        let inner = self.inner();
        memchr::memrchr(b'/', inner).map_or(&[], |at| &inner[..at])
    }

    /// The same path below a folder.
    #[must_use]
    pub fn below(&self, folder: &[u8]) -> Self {
        let more = if self.inner == 0 { 0 } else { folder.len() + 1 };
        InputPath { bytes: [folder, b"/", self.bytes()].concat().into(), inner: self.inner + more, outer: self.outer + more }
    }

    /// As text, bytes that are no UTF-8 replaced. Not safe to print: see [`fmt::Display`].
    #[must_use]
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl fmt::Display for InputPath {
    /// Harmless on a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escape::name(&self.to_str()))
    }
}

impl fmt::Debug for InputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Bytes that can be read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// A git object's name: 20 bytes of SHA-1 or 32 of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// None where `bytes` is longer than 32.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut id = [0; 32];
        id.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(ObjectId { bytes: id, len: u8::try_from(bytes.len()).ok()? })
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Where an input came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file on disk.
    File,
    /// A blob in the index.
    Staged,
    /// A blob that a commit holds. `when` is the committer's time in seconds since 1970.
    Commit { id: ObjectId, when: i64 },
    /// An object that no commit of the database holds.
    Unreachable { id: ObjectId },
    /// What was piped in.
    Stdin,
    /// The message of a commit or a tag.
    Message { id: ObjectId },
    /// Not a file at all: the root of what was scanned, for a control that is missing.
    Root,
}

/// A named input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Input {
    pub path: InputPath,
    pub origin: Origin,
}

/// The inputs that a run talks about: those with findings or troubles, and those that an evaluation read.
#[derive(Default)]
pub struct Inputs(Mutex<Table>);

#[derive(Default)]
struct Table {
    ids: HashMap<Input, FileId>,
    all: Vec<Input>,
}

impl Inputs {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of an input; the same one for the same path and origin.
    pub fn intern(&self, input: &Input) -> FileId {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = table.ids.get(input) {
            return *id;
        }
        let id = FileId(u32::try_from(table.all.len()).unwrap_or(u32::MAX));
        table.all.push(input.clone());
        table.ids.insert(input.clone(), id);
        id
    }

    /// The input of a number.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<Input> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.get(id.0 as usize).cloned()
    }

    /// All inputs, in the order of their numbers.
    #[must_use]
    pub fn into_table(self) -> Vec<Input> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).all
    }
}

/// What names a content, so that it is looked at once: an object's id in git, a plain number elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentId {
    Number(u64),
    Object(ObjectId),
}

/// Bytes to look at: all of an input, or one window of a streamed one.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    pub id: ContentId,
    pub bytes: &'a [u8],
    pub window: Window,
}

impl<'a> Content<'a> {
    /// All of an input.
    #[must_use]
    pub fn whole(id: ContentId, bytes: &'a [u8]) -> Self {
        Content { id, bytes, window: Window::WHOLE }
    }
}

/// A run of bytes that a content has from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins here, and where it began there.
    pub to: u32,
    pub from: u32,
    pub length: u32,
}

/// What a look at a content leaves for the contents that were made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    /// Where words stood that are looked for, and which, in order.
    pub hits: Vec<(u32, u32)>,
    /// Nothing came of any of them.
    pub is_clean: bool,
    /// What was looked at for it in vain, in bytes, at most.
    pub in_vain: u64,
}

impl Carry {
    /// Bytes of memory.
    #[must_use]
    pub fn size(&self) -> usize {
        self.hits.capacity() * size_of::<(u32, u32)>()
    }
}

/// What a content was made of: another one that was looked at, and what is from there, in the order of the content.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    pub of: &'a Carry,
    /// The length of the other, in bytes.
    pub of_length: usize,
    pub copies: &'a [Copied],
}

/// Which part of an input a content is. Windows overlap, so that nothing is cut in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The offset of the first byte in the input.
    pub offset: u32,
    /// Its line and column there.
    pub position: Position,
    /// Bytes at the start that the window before has judged already: a match that ends inside them is not new.
    pub overlap: u32,
    /// False where more follows.
    pub last: bool,
}

impl Window {
    pub const WHOLE: Window = Window { offset: 0, position: Position::START, overlap: 0, last: true };
}

/// The part of an input that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Focus {
    /// All of it.
    Whole,
    /// These byte ranges (sorted, disjoint): the lines that a change adds.
    Ranges(Vec<Range<u32>>),
}

impl Focus {
    /// Whether a range touches what is asked about.
    #[must_use]
    pub fn touches(&self, range: Range<u32>) -> bool {
        match self {
            Focus::Whole => true,
            Focus::Ranges(ranges) => {
                let next = ranges.partition_point(|r| r.end <= range.start);
                ranges.get(next).is_some_and(|r| r.start < range.end.max(range.start + 1))
            }
        }
    }
}

/// A name in a folder of a [`Tree`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub path: InputPath,
    pub kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    File,
    Folder,
    /// A link, a submodule, a device: never read.
    Other,
}

/// Why a tree could not show something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("not there")]
    Missing,
    #[error("not a regular file inside the scanned root")]
    Outside,
    #[error("{0}")]
    Unreadable(String),
}

/// Every file of a folder of a tree and below it, sorted.
///
/// # Errors
/// Where a folder cannot be listed, or more than `most` are there.
pub fn files_below(tree: &dyn Tree, folder: &[u8], most: usize) -> Result<Vec<InputPath>, ReadError> {
    let (mut folders, mut files, mut looked) = (vec![folder.to_vec()], Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        looked += 1;
        if looked > most {
            return Err(ReadError::Unreadable(format!("more than {most} folders")));
        }
        for entry in tree.list(&folder)? {
            match entry.kind {
                EntryKind::Folder => folders.push(entry.path.bytes().to_vec()),
                EntryKind::File => files.push(entry.path),
                EntryKind::Other => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Files by path: a folder on disk, the index, a commit. Rooted; never follows a link out.
pub trait Tree: Send + Sync {
    /// What a folder holds (`""` is the root), sorted by path.
    ///
    /// # Errors
    /// Where it is not there, not a folder or not readable.
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// Where it is not there, not a regular file inside the root, or not readable.
    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError>;

    /// The length of a file in bytes, where that can be told without reading it.
    ///
    /// # Errors
    /// As [`Tree::read`].
    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        self.read(path).map(|bytes| bytes.len() as u64)
    }

    /// How an input of this tree is named in a report.
    fn input(&self, path: &[u8]) -> Input;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn focus_touches_half_open_ranges() {
        let focus = Focus::Ranges(vec![10..20, 30..40]);
        assert!(focus.touches(19..25) && focus.touches(5..11) && focus.touches(30..30));
        assert!(!focus.touches(20..30) && !focus.touches(40..50) && !focus.touches(0..10));
    }

    #[test]
    fn a_path_prints_harmlessly() {
        let path = InputPath::new(b"a/\x1b[31m\nb.tf");
        assert_eq!(path.to_string(), "a/\\u{1b}[31m\\nb.tf");
        assert_eq!(path.parent(), b"a");
    }

    #[test]
    fn what_lies_in_a_container_has_a_path_in_there() {
        let outer = InputPath::new(b"a/b.zip");
        let top = outer.member(b".env");
        assert_eq!(
            (top.to_string().as_str(), top.inner(), top.name(), top.parent()),
            ("a/b.zip!.env", &b".env"[..], &b".env"[..], &b""[..])
        );
        let below = top.below(b"repo");
        assert_eq!(
            (below.to_string().as_str(), below.inner(), below.container()),
            ("repo/a/b.zip!.env", &b".env"[..], Some(&b"repo/a/b.zip"[..]))
        );
        let deep = outer.member(b"c.tgz").member(b"d/e.tf");
        assert_eq!((deep.to_string().as_str(), deep.name(), deep.parent()), ("a/b.zip!c.tgz!d/e.tf", &b"e.tf"[..], &b"d"[..]));
        assert_eq!((deep.container(), deep.outermost()), (Some(&b"a/b.zip!c.tgz"[..]), Some(&b"a/b.zip"[..])));
        let odd = InputPath::new(b"a!b/c.zip").member(b"d!e");
        assert_eq!((odd.outermost(), odd.inner()), (Some(&b"a!b/c.zip"[..]), &b"d!e"[..]));
    }
}
