//! CloudFormation: a template, evaluated with its parameters' defaults. Conditions that nothing settles stay open.

mod intrinsics;
mod logic;
mod template;

use crate::base::span::FileId;
use crate::iac::{Conditions, Resource, Unknowns};
use crate::syntax::document::{Document, SyntaxError};
use crate::syntax::{json, yaml};

use template::Template;

/// What a template holds.
#[derive(Debug, Default)]
pub struct Evaluated {
    pub resources: Vec<Resource>,
    pub unknowns: Unknowns,
    pub conditions: Conditions,
    /// It takes too much to evaluate: some of the values are unknown for that alone.
    pub exhausted: bool,
}

/// Evaluates a file. Empty where it holds no template; a file may hold several.
///
/// # Errors
/// Where it cannot be parsed.
pub fn evaluate(file: FileId, bytes: &[u8], wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Evaluated>, SyntaxError> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let documents: Vec<Document> = if body.starts_with(b"{") {
        // What YAML's flow style allows and JSON does not is a template all the same.
        json::parse(file, bytes).map(|document| vec![document]).or_else(|error| yaml::parse(file, bytes).map_err(|_| error))?
    } else {
        yaml::parse(file, bytes)?
    };
    Ok(documents
        .iter()
        .filter(|document| template::is_template(&document.root))
        .map(|document| Template::new(&document.root).evaluate(wanted))
        .collect())
}

#[cfg(test)]
mod tests;
