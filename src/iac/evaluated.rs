//! What evaluation gives: the same shape from every dialect.

use std::rc::Rc;

use super::{Conditions, Node, Resource, Unknowns, Value};
use crate::base::ids::UnknownId;
use crate::base::secret::Secret;
use crate::base::span::Span;
use crate::base::text_map::HOLE;
use crate::finding::{Masked, Trouble};

/// The resources of one project under one setting of its variables.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    pub resources: Vec<Resource>,
    /// Why values are not known.
    pub unknowns: Rc<Unknowns>,
    pub conditions: Conditions,
    /// It takes too much to evaluate: some of the values are unknown for that alone.
    pub exhausted: bool,
    /// What is special about it among several of one project: `with prod.tfvars`.
    pub variant: Option<Box<str>>,
    /// Modules that are not in the tree: there may be resources in them that are not here.
    pub unresolved: Vec<Unresolved>,
    /// Why there may be resources that are not here, beside those of modules: a macro, a stack elsewhere, a file that could
    /// not be read.
    pub more: Option<UnknownId>,
    /// Where a template begins to speak of its resources.
    pub header: Option<Span>,
    /// Parts that could not be read.
    pub troubles: Vec<Trouble>,
    /// What is left open on purpose and worth a word: a macro, a stack that is not here.
    pub notes: Vec<String>,
    /// Texts that must not be shown though they stand in what is judged, by their places.
    pub sensitive: Vec<Sensitive>,
}

/// A text that is marked as sensitive: by a plan, a state, a variable, a NoEcho parameter, `sensitive()`. Empty where only
/// its place is, for a number or a word as short as any.
#[derive(Clone, Debug)]
pub struct Sensitive {
    pub place: Span,
    pub masked: Masked,
}

/// Shorter texts are words like any other.
const SHORTEST: usize = 4;
/// Digits of a number that is no number like any other.
const LONG_NUMBER: usize = 8;
/// Shorter texts of small letters alone are words like any other: `admin`, `private`.
const LONG_WORD: usize = 8;
/// Texts of one project that are marked in its source.
const MAX_MARKED: usize = 10_000;
/// Texts that are looked for in what is printed.
const MAX_NAMED: usize = 1000;

impl Sensitive {
    /// A text, and how Terraform writes it in JSON.
    pub(super) fn of(text: &[u8], place: Span) -> impl Iterator<Item = Sensitive> {
        let mut written = Vec::with_capacity(text.len());
        for byte in text {
            match byte {
                b'"' | b'\\' => written.extend([b'\\', *byte]),
                b'\n' => written.extend(b"\\n"),
                b'\r' => written.extend(b"\\r"),
                b'\t' => written.extend(b"\\t"),
                b'<' | b'>' | b'&' => written.extend(format!("\\u{byte:04x}").into_bytes()),
                _ => written.push(*byte),
            }
        }
        let escaped = (written != text).then_some(written);
        let all = [Some(text.to_vec()), escaped].into_iter().flatten();
        all.map(move |bytes| Sensitive { place, masked: Masked { value: Secret::new(&bytes), keep: (0, 0) } })
    }

    /// What of a value that is marked must not be shown: its texts wherever they stand, the rest where it stands. Texts
    /// that only say where a secret is kept are none. What is made of unknown parts is known by the others.
    pub(super) fn marked(value: &Value, out: &mut Vec<Sensitive>) {
        let mut left = vec![value];
        while let Some(value) = left.pop() {
            if out.len() >= MAX_MARKED || left.len() >= MAX_MARKED {
                return;
            }
            let mut add = |bytes: &[u8]| out.extend(Sensitive::of(bytes, value.place));
            match &value.node {
                Node::Text(text) if text.bytes().starts_with(b"{{resolve:") || text.is_empty() => {}
                Node::Text(text) => {
                    let text = text.to_str();
                    let is_word =
                        |part: &str| part.len() < SHORTEST || part.len() < LONG_WORD && part.bytes().all(|b| b.is_ascii_lowercase());
                    add(b"");
                    text.split(HOLE).filter(|part| !is_word(part)).for_each(|part| add(part.as_bytes()));
                }
                Node::Bool(_) => add(b""),
                Node::Number(number) => {
                    let digits = number.to_string();
                    add(if digits.len() >= LONG_NUMBER { digits.as_bytes() } else { b"" });
                }
                Node::List { items, .. } => left.extend(items.iter()),
                Node::Map { entries, .. } => left.extend(entries.iter().map(|entry| &entry.value)),
                Node::Choice { then, else_, .. } => left.extend([&**then, &**else_]),
                Node::Null | Node::Unknown(_) => {}
            }
        }
    }

    /// In the order of their places, each once.
    #[must_use]
    pub fn in_order(mut all: Vec<Sensitive>) -> Vec<Sensitive> {
        all.sort_by(|a, b| (a.place, a.masked.value.expose()).cmp(&(b.place, b.masked.value.expose())));
        all.dedup_by(|a, b| (a.place, a.masked.value.expose()) == (b.place, b.masked.value.expose()));
        all
    }

    /// Which of them, by number, a printed text holds; of very many, none is looked for.
    pub fn named<'s>(all: &'s [Sensitive], text: &'s str) -> impl Iterator<Item = usize> + 's {
        let all = if all.len() <= MAX_NAMED { all } else { &[] };
        let held = |one: &Sensitive| {
            let value = one.masked.value.expose();
            value.len() >= SHORTEST && memchr::memmem::find(text.as_bytes(), value).is_some()
        };
        all.iter().enumerate().filter(move |(_, one)| held(one)).map(|(number, _)| number)
    }

    /// Which of them, by number, stand so near to a place that an excerpt of it may show them. They are in the order of
    /// their places. Shorter texts than four bytes are words like any other.
    pub fn near(all: &[Sensitive], place: Span) -> impl Iterator<Item = usize> {
        const AROUND: u32 = 8 << 10;
        let before = (place.file, place.start.saturating_sub(AROUND));
        let first = all.partition_point(|sensitive| (sensitive.place.file, sensitive.place.end) < before);
        let last = (place.file, place.end.saturating_add(AROUND));
        let near = all.iter().enumerate().skip(first).take_while(move |(_, one)| (one.place.file, one.place.start) <= last);
        near.filter(|(_, one)| one.masked.value.expose().len() >= SHORTEST).map(|(number, _)| number)
    }
}

/// A module call that leads out of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// As it is written: `terraform-aws-modules/s3-bucket/aws`.
    pub source: Box<str>,
    /// The call.
    pub place: Span,
    /// `module.bucket`.
    pub address: Box<str>,
    /// What it makes is known in part: its resources are there, but perhaps not all of them.
    pub mapped: bool,
}
