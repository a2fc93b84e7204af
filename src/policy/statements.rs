//! The statements of policy documents, as instances of a view: `document: PATH`.

use super::path::Path;
use super::verdict::{Case, Stop};
use crate::base::truth::Why;
use crate::iac::{Resource, Value};
use crate::rule::raw::{Raw, RawError};

/// Where a kind of resource holds its policy documents.
#[derive(Debug)]
pub(super) enum Documents {}

/// # Errors
/// Where it is no path to documents.
pub(super) fn parse(raw: &Raw) -> Result<Documents, RawError> {
    let path = Path::parse(raw.text()?, raw.at)?;
    Err(RawError::new(raw.at, format!("`document: {path}` is not part of the language yet")))
}

/// The statements of a resource's documents, each as a map of the names that views give them; and why there may be more.
pub(super) fn of(_case: &mut Case<'_>, documents: &Documents, _resource: &Resource) -> Result<(Vec<Value>, Option<Why>), Stop> {
    match *documents {}
}
