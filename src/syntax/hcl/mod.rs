//! Terraform's language: bytes to a tree of our own, every part with its place. Nothing is evaluated.
//!
//! Chains of attributes are lists and not nests, and the reader caps nesting at 64, so that a walk may recurse.

mod places;
mod read;
mod template;

use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::syntax::document::SyntaxError;

pub use read::{parse, parse_at, parse_template};

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
