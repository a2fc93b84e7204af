//! Terraform's language: bytes to a tree of our own, every part with its place. Nothing is evaluated.
//!
//! Chains of attributes are lists and not nests, and both readers cap nesting (at 64, and at 128), so that a walk may
//! recurse.

pub mod json;
mod lenient;
mod places;
mod read;
mod template;

use std::collections::BTreeSet;

use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::syntax::document::{self, SyntaxError};
use crate::syntax::encoding;

use places::Places;

/// Bytes that are no UTF-8 and are kept in mind one by one.
const MAX_BAD: usize = 10_000;

/// Keys, attributes and colons of a source that the strict parser is given: some milliseconds, were all in one object.
const MAX_KEYS: usize = 1_000;

/// Reads a `.tf` or `.tfvars` file, as far as it can be read.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> Parsed {
    if let Some(refused) = wide(file, bytes) {
        return refused;
    }
    match document::utf8(file, bytes) {
        Ok((source, base)) => whole(source, Places::File(file, base)),
        Err(error) if error.limit => Parsed { body: Body::default(), broken: vec![error] },
        Err(_) => {
            let (source, base, bad) = legible(bytes);
            lenient::body(&source, Places::File(file, base), &bad)
        }
    }
}

/// What there is to say of a file that is stored in wide characters, as some editors save text: Terraform refuses it, and
/// an error for each of its bytes would say nothing.
fn wide(file: FileId, bytes: &[u8]) -> Option<Parsed> {
    encoding::detect(bytes)?;
    let message = "not UTF-8 but wide characters (UTF-16 or UTF-32), which Terraform does not read: save it as UTF-8";
    Some(Parsed { body: Body::default(), broken: vec![SyntaxError::new(Span::new(file, 0..0), message)] })
}

/// Reads a source that stands nowhere in the tree: every part of it is placed at `place`.
#[must_use]
pub fn parse_at(source: &str, place: Span) -> Parsed {
    whole(source, Places::One(place))
}

/// Reads a template, as `templatefile` and strings in JSON hold it: backslashes are literal.
///
/// # Errors
/// Where it is no template, or over a limit. `place` is that of the whole.
pub fn parse_template(text: &Text, place: Span) -> Result<Vec<Part>, SyntaxError> {
    let source = std::str::from_utf8(text.bytes()).map_err(|_| SyntaxError::new(place, "not UTF-8"))?;
    let places = Places::Text(text, place);
    if has_many_keys(source) {
        return lenient::template(source, places);
    }
    read::template(source, places).or_else(|error| lenient::template(source, places).map_err(|_| error))
}

/// The strict parser reads nearly everything; what it refuses is read item by item.
fn whole(source: &str, places: Places<'_>) -> Parsed {
    if has_many_keys(source) {
        return lenient::body(source, places, &BTreeSet::new());
    }
    match read::body(source, places) {
        Ok(body) => Parsed { body, broken: Vec::new() },
        Err(_) => lenient::body(source, places, &BTreeSet::new()),
    }
}

/// Whether an object may have more keys than the strict parser, which compares each with all before it, can take.
fn has_many_keys(source: &str) -> bool {
    source.bytes().filter(|byte| matches!(byte, b'=' | b':')).count() > MAX_KEYS
}

/// Bytes that are no UTF-8, with a `?` for each one that is not, so that places hold; the offset of the first byte behind
/// a byte order mark; and which bytes those were.
fn legible(bytes: &[u8]) -> (String, u32, BTreeSet<usize>) {
    let (body, base) = bytes.strip_prefix(b"\xef\xbb\xbf").map_or((bytes, 0), |body| (body, 3));
    let (mut source, mut bad) = (String::with_capacity(body.len()), BTreeSet::new());
    for chunk in body.utf8_chunks() {
        source.push_str(chunk.valid());
        for _ in chunk.invalid() {
            if bad.len() < MAX_BAD {
                bad.insert(source.len());
            }
            source.push('?');
        }
    }
    if bad.len() >= MAX_BAD {
        // Stands in no comment.
        bad.insert(source.len());
    }
    (source, base, bad)
}

/// What a file holds, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub body: Body,
    /// What could not be read; empty where all of it could.
    pub broken: Vec<SyntaxError>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: Box<str>,
    pub name_span: Span,
    pub value: Expr,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub kind: Box<str>,
    pub labels: Vec<Box<str>>,
    /// `resource "aws_s3_bucket" "b"`.
    pub header: Span,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    /// Quotes and heredoc markers included.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    /// A quoted string or a heredoc. One without unknown parts has at most one part.
    Template(Vec<Part>),
    List(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    /// A name and what is taken from it: `var.a["k"][0].b[*].c`.
    Reference(Box<str>, Vec<Step>),
    /// The same, from any other expression.
    Traversal(Box<Expr>, Vec<Step>),
    Conditional(Box<[Expr; 3]>),
    Call {
        name: Box<str>,
        arguments: Vec<Expr>,
        expand: bool,
    },
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<[Expr; 2]>),
    For(Box<For>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Attribute(Box<str>),
    Index(Expr),
    /// `[*]`: what follows is taken from each element.
    Splat,
    /// `.*`: the attributes that follow are taken from each element, an index is one of the list.
    AttributeSplat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq)]
pub struct For {
    pub key: Option<Box<str>>,
    pub value: Box<str>,
    pub collection: Expr,
    /// Given for an object.
    pub key_of: Option<Expr>,
    pub value_of: Expr,
    pub condition: Option<Expr>,
    pub grouping: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Escapes decoded, indent of a `<<-` heredoc taken off.
    Literal(Text),
    Interpolation(Expr),
    If {
        condition: Expr,
        then: Vec<Part>,
        otherwise: Vec<Part>,
    },
    For {
        key: Option<Box<str>>,
        value: Box<str>,
        collection: Expr,
        body: Vec<Part>,
    },
}

impl Body {
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

impl Expr {
    /// The text of a string without any interpolation.
    #[must_use]
    pub fn literal(&self) -> Option<&Text> {
        match &self.kind {
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
