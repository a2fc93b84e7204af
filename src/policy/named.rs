//! Named predicates: algorithms of the domain, three-valued like all others. `allows`, `public`, `serves`.

use super::eval::{Env, World};
use super::names::Names;
use super::verdict::{Asked, Case};
use crate::rule::raw::{Raw, RawError, RawKey};

/// The words that such predicates begin with. An attribute of the same name is written `["public"]`.
pub(super) const WORDS: [&str; 3] = ["allows", "public", "serves"];

/// One of them with what it is given.
#[derive(Clone, Debug)]
pub(super) enum Named {}

/// # Errors
/// Where what it is given is not what it takes.
pub(super) fn parse(word: &RawKey, _given: &Raw, _names: &Names<'_>) -> Result<Named, RawError> {
    Err(RawError::new(word.at, format!("`{}` is not part of the language yet", word.name)))
}

pub(super) fn ask<'w>(_world: &World<'w>, _case: &mut Case<'_>, named: &'w Named, _env: &Env<'_, 'w>) -> Asked {
    match *named {}
}
