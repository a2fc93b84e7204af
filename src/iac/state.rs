//! A state of Terraform (`terraform.tfstate`, version 4): what is deployed. Its resources are judged as those of sources
//! are. A state beside its own sources is told of twice: that the source is wrong and that the wrong thing is there are
//! two facts, in two files. What is secret in it is no concern of this file; values marked as sensitive are not known
//! here, and their texts are named, so that a report can mask them.

use super::document::Source;
use super::evaluated::{Evaluated, Sensitive};
use super::plan::{hide, plain};
use super::value::Entry;
use super::{Node as Kind, Resource, Unknowns, Value};
use crate::base::truth::Assumption;
use crate::finding::{Failure, Place, Trouble};
use crate::syntax::document::{Document, Node, NodeKind};

/// Steps of a path to a sensitive value.
const MAX_STEPS: usize = 32;
/// Sensitive values of one resource.
const MAX_PATHS: usize = 256;

/// Whether a document is a state.
pub(super) fn is_state(root: &Node) -> bool {
    let versioned = matches!(root.get("version").map(|version| &version.kind), Some(NodeKind::Number(..)));
    versioned && root.get("serial").is_some() && (root.get("resources").is_some() || root.get("modules").is_some())
}

/// Evaluates a state.
pub(super) fn evaluate(_: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    let mut evaluated = Evaluated::default();
    let version = match document.root.get("version").map(|version| &version.kind) {
        Some(NodeKind::Number(_, digits)) => digits.to_str().into_owned(),
        _ => String::new(),
    };
    if version != "4" {
        evaluated.troubles.push(Trouble {
            place: Some(Place::whole(document.input)),
            kind: Failure::Unparsed,
            message: format!("a state of version {version}"),
            help: Some("version 4 is read, which Terraform has written since 0.12".to_owned()),
        });
        return vec![evaluated];
    }
    let mut sensitive = Vec::new();
    for resource in document.root.get("resources").map(Node::items).unwrap_or_default() {
        let text = |name: &str| resource.get(name).and_then(Node::as_str);
        let (Some(kind), Some(name)) = (text("type"), text("name")) else { continue };
        if text("mode").as_deref() == Some("data") || !wanted(&kind) {
            continue;
        }
        let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
        let header = resource.get("name").map_or(resource.span, |name| name.span);
        for instance in resource.get("instances").map(Node::items).unwrap_or_default() {
            if instance.get("deposed").is_some() {
                continue;
            }
            let address = format!("{module}{kind}.{name}{}", key(instance));
            let attrs = attributes(&evaluated.unknowns, &address, instance, &mut sensitive);
            let attrs = match attrs.node {
                Kind::Map { entries, open } => Value::map(entries.to_vec(), open, header),
                // What is not shown is not known; nothing at all is nothing.
                Kind::Null => Value::map(Vec::new(), false, header),
                _ => attrs,
            };
            evaluated.resources.push(Resource {
                plain_address: plain(&address).into(),
                address: address.into(),
                kind: (*kind).into(),
                attrs,
                header,
                key: None,
                trace: Vec::new(),
                when: Assumption::default(),
            });
        }
    }
    sensitive.sort_by_key(|sensitive: &Sensitive| sensitive.place);
    evaluated.sensitive = sensitive;
    vec![evaluated]
}

/// How the address of an instance ends.
fn key(instance: &Node) -> String {
    match instance.get("index_key").map(|key| &key.kind) {
        Some(NodeKind::Text(key)) => format!("[\"{}\"]", key.to_str()),
        Some(NodeKind::Number(_, digits)) => format!("[{}]", digits.to_str()),
        _ => String::new(),
    }
}

fn attributes(unknowns: &Unknowns, address: &str, instance: &Node, sensitive: &mut Vec<Sensitive>) -> Value {
    let Some(written) = instance.get("attributes") else { return Value::null(instance.span) };
    let mut value = Value::from_node(written);
    let paths = instance.get("sensitive_attributes").map(Node::items).unwrap_or_default();
    for path in paths.iter().take(MAX_PATHS) {
        let Some(steps) = path.items().iter().take(MAX_STEPS).map(step).collect::<Option<Vec<String>>>() else {
            // A path that nobody can follow may lead anywhere.
            return hide(unknowns, address, &value, sensitive);
        };
        if !steps.is_empty() {
            value = without(unknowns, address, value, &steps, sensitive);
        }
    }
    // Of more than are looked at, none is shown.
    if paths.len() > MAX_PATHS { hide(unknowns, address, &value, sensitive) } else { value }
}

/// A step of a path: a name, or an index with its type.
fn step(node: &Node) -> Option<String> {
    let value = node.get("value")?;
    let value = value.get("value").unwrap_or(value);
    match &value.kind {
        NodeKind::Text(text) | NodeKind::Number(_, text) => Some(text.to_str().into_owned()),
        _ => None,
    }
}

fn without(unknowns: &Unknowns, address: &str, value: Value, steps: &[String], sensitive: &mut Vec<Sensitive>) -> Value {
    let Some((first, rest)) = steps.split_first() else { return hide(unknowns, address, &value, sensitive) };
    match &value.node {
        Kind::Map { entries, open } => {
            let entry = |entry: &Entry| {
                if *entry.key == **first && !matches!(entry.value.node, Kind::Null | Kind::Unknown(_)) {
                    Entry { value: without(unknowns, address, entry.value.clone(), rest, sensitive), ..entry.clone() }
                } else {
                    entry.clone()
                }
            };
            Value::map(entries.iter().map(entry).collect(), *open, value.place)
        }
        Kind::List { items, open } => {
            let at = first.parse::<usize>().ok();
            let item = |(number, item): (usize, &Value)| {
                if Some(number) == at { without(unknowns, address, item.clone(), rest, sensitive) } else { item.clone() }
            };
            Value::list(items.iter().enumerate().map(item).collect(), *open, value.place)
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests;
