//! HCL that the strict parser refuses, read item by item: what cannot be read is told and passed over, and nothing sound
//! around it is lost. Also what is sound and more than the strict parser takes: keys that are there twice, deep nests,
//! long sums, and the spelling from before Terraform 0.12.
//!
//! A reader of its own and not a recovering grammar, because what recovers here are items and lines, which a grammar
//! does not know. On what both accept it agrees with the strict one to the byte. Every byte is looked at a few times at
//! most, and nothing nests deeper than [`MAX_DEPTH`].

mod expr;
mod lex;
mod repair;
mod template;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::places::Places;
use super::template::Raw;
use super::{Attribute, Block, Body, Parsed, Part};
use crate::base::span::Span;
use crate::syntax::document::{MAX_NODES, SyntaxError};

/// Blocks in blocks and expressions in expressions, together.
const MAX_DEPTH: u32 = 128;
/// Regions of a file that are told one by one.
const MAX_ERRORS: usize = 20;

/// Why an item is not read.
struct Fault {
    at: usize,
    what: &'static str,
    limit: bool,
}

type Read<T> = Result<T, Fault>;

struct Reader<'a> {
    source: &'a str,
    places: Places<'a>,
    at: usize,
    /// Newlines mean nothing: inside of brackets.
    multiline: bool,
    /// There is no other line end than a carriage return.
    old_lines: bool,
    /// A line that begins a block of the top level ends all that is open before it.
    anchored: bool,
    depth: u32,
    nodes: usize,
    /// Bytes that may still be looked at again.
    again: usize,
    /// Where each line that may end a heredoc stands last, by what it says.
    markers: OnceCell<HashMap<&'a str, usize>>,
    /// Where the last comment of several lines ends.
    last_comment: OnceCell<usize>,
    /// Bytes that are no UTF-8 and stand in no comment.
    bad: BTreeSet<usize>,
    errors: Vec<SyntaxError>,
    /// Where the region ends that the last error is about.
    region: usize,
    more: usize,
    /// Something does not end where it should: worth a second look, by the lines that begin blocks.
    torn: bool,
}

/// Reads what can be read. `bad` are bytes that stand for others, which are no UTF-8.
pub(super) fn body(source: &str, places: Places<'_>, bad: &BTreeSet<usize>) -> Parsed {
    let mut reader = Reader::new(source, places, bad);
    let mut body = reader.file();
    if reader.torn {
        reader = Reader { anchored: true, ..Reader::new(source, places, bad) };
        body = reader.file();
    }
    Parsed { body, broken: reader.told() }
}

/// Reads a template that the strict parser refuses.
pub(super) fn template(source: &str, places: Places<'_>) -> Result<Vec<Part>, SyntaxError> {
    let mut reader = Reader::new(source, places, &BTreeSet::new());
    reader.bare().map_err(|fault| reader.error(&fault, fault.at..fault.at))
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, places: Places<'a>, bad: &BTreeSet<usize>) -> Reader<'a> {
        Reader {
            source,
            places,
            at: 0,
            multiline: false,
            old_lines: memchr::memchr(b'\n', source.as_bytes()).is_none(),
            anchored: false,
            depth: 0,
            nodes: 0,
            again: source.len().saturating_mul(4),
            markers: OnceCell::new(),
            last_comment: OnceCell::new(),
            bad: bad.clone(),
            errors: Vec::new(),
            region: 0,
            more: 0,
            torn: false,
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.places.span(range)
    }

    fn raw(&self, range: Range<usize>) -> Raw<'a> {
        Raw { bytes: self.source.get(range.clone()).unwrap_or_default(), start: range.start, places: self.places }
    }

    fn fault<T>(&self, what: &'static str) -> Read<T> {
        Err(Fault { at: self.at, what, limit: false })
    }

    /// Runs what nests.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault { at: self.at, what: "nested too deep to be evaluated", limit: true });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Counts a part.
    fn node(&mut self) -> Read<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Fault { at: self.at, what: "more expressions than are evaluated", limit: true });
        }
        Ok(())
    }

    fn file(&mut self) -> Body {
        self.items(None)
    }

    /// The items of a file, or of a block with its closing brace. `header` is where the block begins.
    fn items(&mut self, header: Option<usize>) -> Body {
        let mut body = Body::default();
        let multiline = std::mem::replace(&mut self.multiline, false);
        let told = self.errors.len();
        loop {
            self.space();
            let start = self.at;
            match (self.peek(), header) {
                (None, None) => break,
                (Some(b'}'), Some(_)) => {
                    self.at += 1;
                    break;
                }
                (None, Some(header)) => {
                    self.not_closed(header, told);
                    break;
                }
                (Some(_), Some(header)) if self.anchored && self.at_anchor() => {
                    self.not_closed(header, told);
                    break;
                }
                (Some(b'}'), None) => {
                    self.at += 1;
                    self.torn = true;
                    let fault = Fault { at: start, what: "not HCL: this brace closes nothing", limit: false };
                    self.tell(&fault, start..self.at);
                    continue;
                }
                _ => {}
            }
            if let Err(fault) = self.item(&mut body) {
                self.pass_over(&fault, start);
            }
        }
        self.multiline = multiline;
        self.tell_twice(&body);
        body
    }

    /// The block at `header` has no end. What was told of its inside since it began says why.
    fn not_closed(&mut self, header: usize, told: usize) {
        self.torn = true;
        if self.errors.len() > told {
            return;
        }
        let fault = Fault { at: header, what: "not HCL: this block is not closed", limit: false };
        self.tell(&fault, header..self.line_end(header));
    }

    /// An attribute or a block.
    fn item(&mut self, body: &mut Body) -> Read<()> {
        let start = self.at;
        let (name, name_range) = self.item_name()?;
        self.node()?;
        self.blanks();
        if self.peek() == Some(b'=') && self.peek_at(1) != Some(b'=') {
            self.at += 1;
            self.blanks();
            let value = self.expr()?.expr;
            body.attributes.push(Attribute { name, name_span: self.span(name_range), value });
            return self.end_of_item();
        }
        let (mut labels, mut end) = (Vec::new(), name_range.end);
        while self.peek() != Some(b'{') {
            labels.push(self.item_name()?.0);
            self.node()?;
            end = self.at;
            self.blanks();
        }
        let inner = self.nested(|reader| {
            reader.at += 1;
            Ok(reader.items(Some(start)))
        })?;
        body.blocks.push(Block { kind: name, labels, header: self.span(start..end), body: inner });
        // Where the next block cuts it off, there is no line to end.
        if self.anchored && self.at_anchor() { Ok(()) } else { self.end_of_item() }
    }

    /// A name, or text in quotes without any template.
    fn item_name(&mut self) -> Read<(Box<str>, Range<usize>)> {
        let start = self.at;
        if let Some(name) = self.ident() {
            return Ok((name.into(), start..self.at));
        }
        if self.peek() != Some(b'"') {
            return self.fault("not HCL: expected a name, an attribute or a block");
        }
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                Some(b'\n') | None => return self.fault("not HCL: these quotes are not closed"),
                Some(_) => self.at += 1,
            }
        }
        let name = self.raw(start + 1..self.at).quoted().to_str().into();
        self.at += 1;
        Ok((name, start..self.at))
    }

    /// A line end; or a comma, as it could be before Terraform 0.12.
    fn end_of_item(&mut self) -> Read<()> {
        self.blanks();
        match self.peek() {
            None | Some(b'\n' | b'}') => Ok(()),
            Some(b'\r') if self.at_newline() => Ok(()),
            Some(b',') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.fault("not HCL: expected a new line"),
        }
    }

    /// An attribute that is there twice: which of the two holds is not for us to say.
    fn tell_twice(&mut self, body: &Body) {
        if body.attributes.len() < 2 {
            return;
        }
        let mut seen = BTreeSet::new();
        let twice: Vec<(Span, String)> = body
            .attributes
            .iter()
            .filter(|attribute| !seen.insert(&*attribute.name))
            .map(|attribute| (attribute.name_span, format!("`{}` is set twice here; one of the two was judged", attribute.name)))
            .collect();
        for (at, message) in twice {
            if self.errors.len() < MAX_ERRORS {
                self.errors.push(SyntaxError::new(at, message));
            } else {
                self.more += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
