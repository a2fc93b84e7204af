//! The files of one project, read once each: for the evaluator, and for pinning what a finding points at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::base::excerpt::Lines;
use crate::base::span::{self, FileId, Span};
use crate::finding::Place;
use crate::input::{Entry, Input, Inputs, ReadError, Tree};
use crate::syntax::encoding::{self, Encoding};

/// A [`Tree`] with a memory. For one thread.
pub struct Files<'a> {
    tree: &'a dyn Tree,
    inputs: &'a Inputs,
    read: RefCell<BTreeMap<Vec<u8>, Read>>,
    bytes: RefCell<HashMap<FileId, Arc<[u8]>>>,
    plan_root: Option<Vec<u8>>,
}

type Read = Result<(FileId, Arc<[u8]>), ReadError>;

impl<'a> Files<'a> {
    #[must_use]
    pub fn new(tree: &'a dyn Tree, inputs: &'a Inputs) -> Self {
        Files { tree, inputs, read: RefCell::default(), bytes: RefCell::default(), plan_root: None }
    }

    /// The folder of the root module that plans among these files were made of.
    #[must_use]
    pub fn with_plan_root(mut self, root: Option<&[u8]>) -> Self {
        self.plan_root = root.map(<[u8]>::to_vec);
        self
    }

    #[must_use]
    pub fn plan_root(&self) -> Option<&[u8]> {
        self.plan_root.as_deref()
    }

    /// # Errors
    /// As the tree says.
    pub fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        self.tree.list(folder)
    }

    /// The number and the bytes of a file.
    ///
    /// # Errors
    /// As the tree says.
    pub fn read(&self, path: &[u8]) -> Read {
        if let Some(known) = self.read.borrow().get(path) {
            return known.clone();
        }
        let read = self.tree.read(path).map(|bytes| {
            let file = self.file(path);
            let bytes: Arc<[u8]> = bytes.into();
            self.bytes.borrow_mut().insert(file, bytes.clone());
            (file, bytes)
        });
        self.read.borrow_mut().insert(path.to_vec(), read.clone());
        read
    }

    /// The number of a file, which is then named in the run's table.
    #[must_use]
    pub fn file(&self, path: &[u8]) -> FileId {
        self.inputs.intern(&self.tree.input(path))
    }

    /// What a file is called in a report.
    #[must_use]
    pub fn input(&self, file: FileId) -> Option<Input> {
        self.inputs.get(file)
    }

    /// The bytes of a file that was read.
    #[must_use]
    pub fn bytes(&self, file: FileId) -> Option<Arc<[u8]>> {
        self.bytes.borrow().get(&file).cloned()
    }

    /// The files that were read, by their numbers.
    #[must_use]
    pub fn known(&self) -> BTreeSet<FileId> {
        self.bytes.borrow().keys().copied().collect()
    }

    /// What stands at a span of a file that was read.
    #[must_use]
    pub fn slice(&self, span: Span) -> String {
        let bytes = self.bytes.borrow();
        bytes
            .get(&span.file)
            .and_then(|bytes| bytes.get(span.range()))
            .map(|cut| String::from_utf8_lossy(cut).into_owned())
            .unwrap_or_default()
    }

    /// Places with their lines pinned, each file's lines counted once.
    #[must_use]
    pub fn pin(&self, spans: &BTreeSet<Span>) -> BTreeMap<Span, Place> {
        let bytes = self.bytes.borrow();
        let all: Vec<Span> = spans.iter().copied().collect();
        let mut pinned = BTreeMap::new();
        for own in all.chunk_by(|a, b| a.file == b.file) {
            let stored = own.first().and_then(|span| bytes.get(&span.file));
            let wide = stored.and_then(|stored| encoding::detect(stored).map(|encoding| Wide { encoding, stored, at: 0, length: 0 }));
            let decoded = wide.as_ref().map(Wide::text);
            let lines = stored.map(|stored| Lines::new(decoded.as_deref().unwrap_or(stored)));
            let mut wide = wide;
            for span in own {
                let range = wide.as_mut().map_or_else(|| span.range(), |wide| wide.range(*span));
                let place = match &lines {
                    Some(lines) => Place::pinned(*span, lines.excerpt(range)),
                    None => Place { span: Some(*span), ..Place::whole(span.file) },
                };
                pinned.insert(*span, place);
            }
        }
        pinned
    }
}

/// A file as text, and where its stored bytes stand in that.
pub struct Characters {
    text: Arc<[u8]>,
    /// Of a file in wide characters: where each begins, stored and in the text.
    wide: Option<Vec<(u32, u32)>>,
}

impl Characters {
    #[must_use]
    pub fn of(stored: &Arc<[u8]>) -> Self {
        let Some(encoding) = encoding::detect(stored) else { return Characters { text: stored.clone(), wide: None } };
        let text = encoding::decode_as(encoding, stored, FileId(0));
        let is_start = |at: &usize| text.bytes()[*at] & 0xC0 != 0x80;
        let wide = (0..text.len()).filter(is_start).filter_map(|at| Some((text.span(at..at + 1)?.start, span::offset(at))));
        Characters { wide: Some(wide.collect()), text: text.bytes().into() }
    }

    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where a stored byte stands in the text.
    #[must_use]
    pub fn offset(&self, stored: u32) -> usize {
        let Some(wide) = &self.wide else { return stored as usize };
        wide.get(wide.partition_point(|(start, _)| *start < stored)).map_or(self.text.len(), |(_, at)| *at as usize)
    }
}

/// A file in an encoding of wide characters, read from place to place: lines are counted in its text.
struct Wide<'b> {
    encoding: Encoding,
    stored: &'b [u8],
    /// How far it was read, and how much text that was.
    at: usize,
    length: usize,
}

impl Wide<'_> {
    fn text(&self) -> Vec<u8> {
        encoding::decode_as(self.encoding, self.stored, FileId(0)).into_bytes()
    }

    /// Where a place stands in the text. Places are asked for in order.
    fn range(&mut self, span: Span) -> Range<usize> {
        let length = |range: Range<usize>| {
            let part = self.stored.get(range).unwrap_or_default();
            encoding::decode_as(self.encoding, part, FileId(0)).len()
        };
        let (start, end) = (span.range().start.max(self.at), span.range().end);
        self.length += length(self.at..start);
        self.at = start;
        self.length..self.length + length(start..end.max(start))
    }
}

/// Where a local source leads from a folder; None where it is none (it says where to go: `./`, `../`), or leads out.
#[must_use]
pub fn local(folder: &[u8], source: &[u8]) -> Option<Vec<u8>> {
    let says = source.starts_with(b"./") || source.starts_with(b"../") || source == b"." || source == b"..";
    says.then(|| beside(folder, source)).flatten()
}

/// A path that a file in a folder names, from the root of the tree; None where it leads out of the tree.
#[must_use]
pub fn beside(folder: &[u8], named: &[u8]) -> Option<Vec<u8>> {
    if named.starts_with(b"/") || named.starts_with(b"~") {
        return None;
    }
    let mut parts: Vec<&[u8]> = folder.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect();
    for part in named.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            // A tree that lies above where the run stands begins with these: none of them can be taken back.
            b".." => drop(parts.pop().filter(|last| *last != b"..")?),
            part => parts.push(part),
        }
    }
    let absolute: &[u8] = if folder.starts_with(b"/") { b"/" } else { b"" };
    Some([absolute, &parts.join(&b'/')].concat())
}
