//! What evaluation gives: the same shape from every dialect.

use std::rc::Rc;

use super::{Conditions, Resource, Unknowns};
use crate::base::span::Span;
use crate::finding::Trouble;

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
