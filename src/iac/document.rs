//! JSON and YAML files that hold resources: read once, then evaluated by the dialect that they are of.

use super::evaluated::Evaluated;
use super::{Files, cloudformation, plan, serverless, state};
use crate::base::span::FileId;
use crate::syntax::document::{Document, Node, SyntaxError};
use crate::syntax::{json, yaml};

/// A dialect: whether a document is of it, by its root; and its evaluation.
struct Dialect {
    is: fn(&Node) -> bool,
    evaluate: fn(&Source<'_>, &Document, &dyn Fn(&str) -> bool) -> Vec<Evaluated>,
}

/// Where a document comes from: for what it names beside itself.
pub(super) struct Source<'a> {
    pub files: &'a Files<'a>,
    pub path: &'a [u8],
}

/// The dialects, the first that fits is it.
const DIALECTS: &[Dialect] = &[
    Dialect { is: cloudformation::is_template, evaluate: cloudformation::evaluate },
    Dialect { is: serverless::is_service, evaluate: serverless::evaluate },
    Dialect { is: plan::is_plan, evaluate: plan::evaluate },
    Dialect { is: state::is_state, evaluate: state::evaluate },
];

/// Evaluates a file that was read, its resources of the kinds that are wanted. Empty where it holds none of any dialect;
/// a file may hold several projects.
///
/// # Errors
/// Where it cannot be parsed.
pub fn evaluate(
    files: &Files<'_>,
    path: &[u8],
    (file, bytes): (FileId, &[u8]),
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Evaluated>, SyntaxError> {
    let source = Source { files, path };
    let documents = parse(file, bytes)?;
    let of = |document: &Document| {
        let dialect = DIALECTS.iter().find(|dialect| (dialect.is)(&document.root));
        dialect.map(|dialect| (dialect.evaluate)(&source, document, wanted)).unwrap_or_default()
    };
    Ok(documents.iter().flat_map(of).collect())
}

/// The documents of a JSON or YAML file.
///
/// # Errors
/// Where it is neither.
pub(super) fn parse(file: FileId, bytes: &[u8]) -> Result<Vec<Document>, SyntaxError> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if body.starts_with(b"{") {
        // What YAML's flow style allows and JSON does not is a template all the same.
        json::parse(file, bytes).map(|document| vec![document]).or_else(|error| yaml::parse(file, bytes).map_err(|_| error))
    } else {
        yaml::parse(file, bytes)
    }
}
