//! Templates from files and texts, rendered with the values that they are given and nothing else.

use std::rc::Rc;

use super::{Call, Failure, Outcome, Table, filesystem};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::terraform::expr::Scope;
use crate::iac::terraform::instance::Instance;
use crate::iac::terraform::module::Module;
use crate::iac::terraform::variables::Settings;
use crate::iac::{Node, Value};
use crate::syntax::hcl;

pub(super) const TABLE: Table = &[
    ("templatefile", |call| {
        let (text, whole) = filesystem::contents(call, 0)?;
        rendered(call, &text, whole)
    }),
    ("templatestring", |call| {
        let place = call.argument(0)?.place;
        rendered(call, &*call.known(0)?, place)
    }),
];

/// Bytes that a byte of a template takes as a tree.
const TREE: usize = 16;
/// What is bound within a template: no name that can be written.
const WITHIN: &str = "templatefile()";

fn rendered(call: &Call<'_>, text: &Text, place: Span) -> Outcome {
    // Terraform has no templates in templates either.
    if call.scope.get(WITHIN).is_some() {
        return Err(Failure::Failed);
    }
    let values = call.argument(1)?;
    if !matches!(values.node, Node::Map { .. }) {
        return Err(super::refused(values));
    }
    call.room(text.len().saturating_mul(TREE))?;
    let parts = hcl::parse_template(text, place).map_err(|error| if error.limit { Failure::Budget } else { Failure::Failed })?;
    let (entries, _) = call.map(1)?;
    let mut names: Vec<(Box<str>, Value)> = entries.into_iter().map(|entry| (Box::from(&*entry.key), entry.value)).collect();
    names.push((WITHIN.into(), Value::null(place)));
    let scope = alone(call).bind(names);
    let made = call.terraform.enter(|| call.terraform.template(&parts, place, &scope)).ok_or(Failure::Budget)?;
    Ok(made.carried(values.via.as_ref()))
}

/// A scope that knows no names, and whose paths are relative to the same folder.
pub(super) fn alone(call: &Call<'_>) -> Scope {
    let mut nothing = Module::default();
    nothing.folder = call.scope.instance.root_folder().to_vec();
    Scope::of(&Instance::root(Rc::new(nothing), Settings::default()))
}
