//! What evaluation gives: the same shape from every dialect.

use std::rc::Rc;

use super::{Conditions, Resource, Unknowns};
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
    /// Parts that could not be read.
    pub troubles: Vec<Trouble>,
    /// What is left open on purpose and worth a word: a macro, a stack that is not here.
    pub notes: Vec<String>,
}
