//! CloudFormation: a template, evaluated with its parameters' defaults. Conditions that nothing settles stay open.

mod intrinsics;
mod logic;
mod sam;
mod template;

use super::document::Source;
use crate::iac::Evaluated;
use crate::syntax::document::{Document, Node};

use template::Template;

/// Whether a document is a template.
pub(super) fn is_template(root: &Node) -> bool {
    template::is_template(root)
}

/// Evaluates a template.
pub(super) fn evaluate(_: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    vec![Template::new(&document.root).evaluate(wanted)]
}

#[cfg(test)]
mod tests;
