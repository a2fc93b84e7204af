//! What evaluation gives: the same shape from every dialect.

use std::rc::Rc;

use super::{Conditions, Resource, Unknowns};
use crate::base::secret::Secret;
use crate::base::span::Span;
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
    /// Parts that could not be read.
    pub troubles: Vec<Trouble>,
    /// What is left open on purpose and worth a word: a macro, a stack that is not here.
    pub notes: Vec<String>,
    /// Texts that must not be shown though they stand in what is judged, by their places.
    pub sensitive: Vec<Sensitive>,
}

/// A text that a plan or a state marks as sensitive.
#[derive(Clone, Debug)]
pub struct Sensitive {
    pub place: Span,
    pub masked: Masked,
}

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

    /// Which of them, by number, stand so near to a place that an excerpt of it may show them. They are in the order of
    /// their places. Shorter texts than four bytes are words like any other.
    pub fn near(all: &[Sensitive], place: Span) -> impl Iterator<Item = usize> {
        const AROUND: u32 = 8 << 10;
        let before = (place.file, place.start.saturating_sub(AROUND));
        let first = all.partition_point(|sensitive| (sensitive.place.file, sensitive.place.end) < before);
        let last = (place.file, place.end.saturating_add(AROUND));
        let near = all.iter().enumerate().skip(first).take_while(move |(_, one)| (one.place.file, one.place.start) <= last);
        near.filter(|(_, one)| one.masked.value.expose().len() >= 4).map(|(number, _)| number)
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
