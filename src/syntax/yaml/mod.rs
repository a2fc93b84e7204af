//! YAML with places: parser events become the spanned tree, without recursion and with caps.
//!
//! Tags, duplicate keys, aliases and merge keys keep the lines they are written on. Not a loader: `yes` stays text,
//! as the core schema of YAML 1.2 has it.

mod repair;
mod scalar;

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::document::{Document, MAX_ALIASES, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node, NodeKind, SyntaxError, offset, text};
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;

/// Reads all documents of an input.
///
/// # Errors
/// Where it is no YAML, or over a limit.
pub fn parse(file: FileId, bytes: &[u8]) -> Result<Vec<Document>, SyntaxError> {
    let text = text(file, bytes)?;
    let whole = text.span(0..text.len()).unwrap_or(Span::new(file, 0..0));
    parse_text(&text, whole)
}

/// Reads all documents of a text, for instance of a decoded string, with the places that the text knows. `whole` is where
/// the text stands as a whole: the place of what has none of its own. Unknown parts stay holes.
///
/// # Errors
/// Where it is no YAML, or over a limit.
pub fn parse_text(text: &Text, whole: Span) -> Result<Vec<Document>, SyntaxError> {
    let first = match read(text, whole) {
        Ok(documents) => return Ok(documents),
        Err(refused) => refused,
    };
    let error = first.error.clone();
    repair::retried(text, first, &|text| read(text, whole)).ok_or(error)
}

/// Where the parser stopped, and why.
struct Refused {
    /// A byte of the text.
    at: usize,
    error: SyntaxError,
}

impl From<SyntaxError> for Refused {
    fn from(error: SyntaxError) -> Self {
        Refused { at: 0, error }
    }
}

fn read(text: &Text, whole: Span) -> Result<Vec<Document>, Refused> {
    if text.len() > MAX_BYTES {
        return Err(SyntaxError::limit(whole, format!("{} bytes; at most {MAX_BYTES} are parsed", text.len())).into());
    }
    let body = std::str::from_utf8(text.bytes()).map_err(|error| {
        let at = error.valid_up_to();
        SyntaxError::new(text.span(at..at).unwrap_or(whole), "not UTF-8")
    })?;
    let source = Source { text, whole, body, offsets: offsets(body) };
    let mut builder = Builder { source: &source, stack: Vec::new(), root: None, anchors: HashMap::new(), nodes: 0, aliases: 0 };
    let mut documents = Vec::new();
    // The iterator repeats an error for ever: the first one ends the loop.
    for event in Parser::new_from_str(body) {
        let (event, mark) = event.map_err(|error| {
            let at = source.at(error.marker().index());
            let (place, message) = (source.span(at, at), format!("not YAML: {}", error.info()));
            let limit = error.info().contains("recursion limit");
            Refused { at, error: SyntaxError { at: place, message, limit } }
        })?;
        let (start, end) = (source.at(mark.start.index()), source.at(mark.end.index()));
        match event {
            Event::DocumentEnd => {
                builder.anchors.clear();
                if let Some(root) = builder.root.take() {
                    documents.push(Document { input: whole.file, root });
                }
            }
            Event::Alias(id) => builder.alias(id, start..end)?,
            Event::Scalar(value, style, anchor, tag) => {
                let (node, end) = builder.scalar(&value, style, tag.as_deref(), start..end);
                builder.add(node, anchor, end)?;
            }
            Event::SequenceStart(anchor, tag) => builder.open(false, start, anchor, tag.as_deref())?,
            Event::MappingStart(anchor, tag) => builder.open(true, start, anchor, tag.as_deref())?,
            Event::SequenceEnd | Event::MappingEnd => builder.close(end)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }
    Ok(documents)
}

struct Source<'a> {
    text: &'a Text,
    /// Where the text stands as a whole: the place of what has none of its own.
    whole: Span,
    body: &'a str,
    /// Byte offsets of characters; empty where all are ASCII and numbers agree.
    offsets: Vec<u32>,
}

fn offsets(body: &str) -> Vec<u32> {
    if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(at, _)| offset(at)).collect() }
}

impl Source<'_> {
    /// The byte offset in `body` of a character's number: the parser's markers count characters.
    fn at(&self, character: usize) -> usize {
        if self.offsets.is_empty() {
            return character.min(self.body.len());
        }
        self.offsets.get(character).map_or(self.body.len(), |at| *at as usize)
    }

    /// The place of a range, from its first byte to its last: what lies between is not looked through.
    fn span(&self, start: usize, end: usize) -> Span {
        let here = |range: Range<usize>| self.text.span(range).unwrap_or(self.whole);
        if end <= start {
            return here(start..start);
        }
        let (first, last) = (here(start..start + 1), here(end - 1..end));
        if first.file == last.file && first.start <= last.start { first.cover(last) } else { first }
    }
}

/// A list or a map that is not closed yet.
struct Frame {
    /// Keys and values in turn, for a map.
    nodes: Vec<Node>,
    map: bool,
    start: usize,
    /// Where the last of the nodes ends.
    end: usize,
    anchor: usize,
    tag: Option<Box<str>>,
}

/// A node under an anchor: what an alias repeats, and what that costs.
struct Anchored {
    node: Node,
    nodes: usize,
    depth: usize,
}

struct Builder<'a> {
    source: &'a Source<'a>,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    aliases: usize,
}

impl Builder<'_> {
    fn open(&mut self, map: bool, start: usize, anchor: usize, tag: Option<&Tag>) -> Result<(), SyntaxError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(SyntaxError::limit(self.source.span(start, start), format!("nested deeper than {MAX_DEPTH}")));
        }
        self.stack.push(Frame { nodes: Vec::new(), map, start, end: start, anchor, tag: tag.map(written) });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), SyntaxError> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        // A block ends at the next token: what is blank or a comment before it is not part of it.
        let brackets = self.source.body[..end].ends_with(['}', ']']);
        let end = if brackets { end } else { frame.end.clamp(frame.start, end.max(frame.start)) };
        let kind = if frame.map {
            let mut entries = Vec::with_capacity(frame.nodes.len() / 2);
            let mut nodes = frame.nodes.into_iter();
            while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                entries.push((key, value));
            }
            NodeKind::Map(merged(entries))
        } else {
            NodeKind::List(frame.nodes)
        };
        let node = Node { kind, span: self.source.span(frame.start, end), tag: frame.tag };
        self.add(node, frame.anchor, end)
    }

    fn add(&mut self, node: Node, anchor: usize, end: usize) -> Result<(), SyntaxError> {
        self.count(1, node.span)?;
        if anchor > 0 {
            let (nodes, depth) = size(&node);
            // The copy costs memory too.
            self.count(nodes, node.span)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, depth });
        }
        self.put(node, end);
        Ok(())
    }

    fn put(&mut self, node: Node, end: usize) {
        match self.stack.last_mut() {
            Some(frame) => {
                frame.nodes.push(node);
                frame.end = end;
            }
            None => self.root = Some(node),
        }
    }

    fn alias(&mut self, id: usize, range: Range<usize>) -> Result<(), SyntaxError> {
        let at = self.source.span(range.start, range.end);
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return Err(SyntaxError::limit(at, format!("more than {MAX_ALIASES} aliases")));
        }
        let Some(anchored) = self.anchors.get(&id) else {
            return Err(SyntaxError::new(at, "an alias inside of what it names"));
        };
        let (nodes, depth) = (anchored.nodes, anchored.depth);
        self.count(nodes, at)?;
        if self.stack.len() + depth > MAX_DEPTH {
            return Err(SyntaxError::limit(at, format!("nested deeper than {MAX_DEPTH}")));
        }
        let Some(node) = self.anchors.get(&id).map(|anchored| anchored.node.clone()) else { return Ok(()) };
        self.put(node, range.end);
        Ok(())
    }

    fn count(&mut self, nodes: usize, at: Span) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(SyntaxError::limit(at, format!("more than {MAX_NODES} values")));
        }
        Ok(())
    }

    /// A scalar, and where it ends.
    fn scalar(&self, value: &str, style: ScalarStyle, tag: Option<&Tag>, range: Range<usize>) -> (Node, usize) {
        let body = self.source.body;
        let range = range.start.min(body.len())..range.end.clamp(range.start.min(body.len()), body.len());
        let tag = tag.map(written);
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let raw = &body[range.clone()];
        let skipped = match (block, &tag) {
            (false, _) => scalar::properties(raw),
            (true, Some(_)) => scalar::block_header(raw),
            (true, None) => 0,
        };
        let text = scalar::text(value, style, self.source, range.start + skipped..range.end);
        let kind = if style == ScalarStyle::Plain && tag.is_none() { scalar::resolve(value, text) } else { NodeKind::Text(text) };
        (Node { kind, span: self.source.span(range.start, range.end), tag }, range.end)
    }
}

/// A tag as it is written: `!Sub`, `!!str`.
fn written(tag: &Tag) -> Box<str> {
    if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix).into() } else { format!("{}{}", tag.handle, tag.suffix).into() }
}

/// Nodes and depth of a tree; [`MAX_DEPTH`] bounds the recursion.
fn size(node: &Node) -> (usize, usize) {
    let mut children: Box<dyn Iterator<Item = &Node>> = match &node.kind {
        NodeKind::List(items) => Box::new(items.iter()),
        NodeKind::Map(entries) => Box::new(entries.iter().flat_map(|(key, value)| [key, value])),
        _ => return (1, 0),
    };
    children.by_ref().map(size).fold((1, 1), |(nodes, depth), (n, d)| (nodes + n, depth.max(d + 1)))
}

/// Merge keys: entries of `<<` stand where it stood, unless the map has the key itself.
fn merged(entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let is_merge = |key: &Node| key.tag.is_none() && matches!(&key.kind, NodeKind::Text(text) if text.bytes() == b"<<");
    if !entries.iter().any(|(key, _)| is_merge(key)) {
        return entries;
    }
    let bytes = |key: &Node| match &key.kind {
        NodeKind::Text(text) => text.bytes().to_vec(),
        _ => Vec::new(),
    };
    let mut known: std::collections::HashSet<Vec<u8>> = entries.iter().map(|(key, _)| bytes(key)).collect();
    let mut out = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if !is_merge(&key) {
            out.push((key, value));
            continue;
        }
        let maps = match value.kind {
            NodeKind::Map(entries) => vec![entries],
            NodeKind::List(items) => {
                items.into_iter().filter_map(|item| if let NodeKind::Map(entries) = item.kind { Some(entries) } else { None }).collect()
            }
            _ => Vec::new(),
        };
        out.extend(maps.into_iter().flatten().filter(|(key, _)| known.insert(bytes(key))));
    }
    out
}

#[cfg(test)]
mod tests;
