//! CloudFormation: a template, evaluated with its parameters' defaults. Conditions that nothing settles stay open.

mod intrinsics;
mod logic;
mod sam;
mod template;

use super::document::Source;
use crate::iac::{Evaluated, Unknowns};
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

/// Evaluates a template that another dialect made, which knows why some of its texts have holes.
pub(super) fn evaluate_made(root: &Node, unknowns: Unknowns, wanted: &dyn Fn(&str) -> bool) -> Evaluated {
    let mut template = Template::new(root);
    template.unknowns = unknowns;
    template.evaluate(wanted)
}

/// Whether a node calls an intrinsic function.
pub(super) fn is_call(node: &Node) -> bool {
    intrinsics::call(node).is_some()
}

#[cfg(test)]
mod tests;
