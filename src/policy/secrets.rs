//! Whether an evaluated value holds a secret: `{secret: [FAMILY..]}`.

use super::eval::World;
use super::verdict::{Asked, Case};
use super::walk::Walked;
use crate::rule::raw::{Raw, RawError};

/// The families that are looked for.
#[derive(Clone, Debug)]
pub(super) enum Families {}

/// # Errors
/// Where it is no list of families.
pub(super) fn parse(raw: &Raw) -> Result<Families, RawError> {
    Err(RawError::new(raw.at, "`secret` is not part of the language yet"))
}

/// Whether what stands at the end of a path holds a secret of these families.
pub(super) fn tested(_world: &World<'_>, _case: &mut Case<'_>, families: &Families, _walked: Walked, _at: &str) -> Asked {
    match *families {}
}
