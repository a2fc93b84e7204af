//! `Globals`: what every function, API or table of a SAM template has, unless it says otherwise. Maps merge, lists
//! append, everything else gives way to what the resource says itself.

use std::collections::{HashMap, HashSet};

use crate::base::span::Span;
use crate::iac::cloudformation::template::Template;
use crate::iac::value::Entry;
use crate::iac::{Node, Unknowns, Value};
use crate::syntax::document;

/// Maps in maps that are merged.
const MAX_DEPTH: usize = 32;

/// The section of a template, evaluated.
pub(super) struct Globals<'t> {
    template: &'t Template<'t>,
    sections: HashMap<Box<str>, Value>,
    /// What resources do not take from it, by their names: `IgnoreGlobals`.
    ignored: HashMap<Box<str>, Ignored>,
}

enum Ignored {
    All,
    Some(HashSet<String>),
}

impl<'t> Globals<'t> {
    pub fn new(template: &'t Template<'t>) -> Self {
        let section = |(key, node): &(document::Node, document::Node)| Some((key.as_str()?.into(), template.value(node)));
        let sections = template.root.get("Globals").map(document::Node::entries).unwrap_or_default().iter().filter_map(section).collect();
        let ignored = |(key, node): &(document::Node, document::Node)| {
            let ignored = node.get("IgnoreGlobals")?;
            let names = ignored.items().iter().filter_map(|name| name.as_str().map(std::borrow::Cow::into_owned)).collect();
            let ignored = if ignored.as_str().as_deref() == Some("*") { Ignored::All } else { Ignored::Some(names) };
            Some((key.as_str()?.into(), ignored))
        };
        let resources = template.root.get("Resources").map(document::Node::entries).unwrap_or_default();
        Globals { template, sections, ignored: resources.iter().filter_map(ignored).collect() }
    }

    /// What a resource has, with what it takes from the section of its kind.
    pub fn apply(&self, kind: &str, address: &str, own: Value) -> Value {
        let Some(section) = self.sections.get(kind) else { return own };
        let all = match self.ignored.get(address) {
            None => section.clone(),
            Some(Ignored::All) => return own,
            Some(Ignored::Some(names)) => match &section.node {
                Node::Map { entries, open } => {
                    let left = entries.iter().filter(|entry| !names.contains(&*entry.key)).cloned().collect();
                    Value::map(left, *open, section.place)
                }
                _ => section.clone(),
            },
        };
        let step = format!("Globals.{kind} applies to {address}");
        self.merge(&all, own, &|value, header| value.through(header, &step), 0)
    }

    fn merge(&self, all: &Value, own: Value, step: &dyn Fn(Value, Span) -> Value, depth: usize) -> Value {
        let header = own.place;
        match (&all.node, &own.node) {
            (Node::Map { entries: theirs, open }, Node::Map { entries: ours, open: more }) if depth < MAX_DEPTH => {
                if self.template.spend(theirs.len() + ours.len()).is_none() {
                    return Value::unknown(Unknowns::BUDGET, header);
                }
                let of = |entries: &[Entry]| -> HashMap<std::sync::Arc<str>, Value> {
                    entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
                };
                let shared = of(theirs);
                let named: HashSet<&str> = ours.iter().map(|entry| &*entry.key).collect();
                let taken = theirs
                    .iter()
                    .filter(|entry| !named.contains(&*entry.key))
                    .map(|entry| Entry { value: step(entry.value.clone(), entry.key_place), ..entry.clone() });
                let merged = ours.iter().map(|entry| match shared.get(&entry.key) {
                    Some(theirs) => Entry { value: self.merge(theirs, entry.value.clone(), step, depth + 1), ..entry.clone() },
                    None => entry.clone(),
                });
                Value::map(taken.chain(merged).collect(), *open || *more, header).carried(own.via.as_ref())
            }
            (Node::List { items: theirs, open }, Node::List { items: ours, open: more }) => {
                if self.template.spend(theirs.len() + ours.len()).is_none() {
                    return Value::unknown(Unknowns::BUDGET, header);
                }
                let theirs = theirs.iter().map(|item| step(item.clone(), all.place));
                Value::list(theirs.chain(ours.iter().cloned()).collect(), *open || *more, header).carried(own.via.as_ref())
            }
            // All properties under a condition: `Properties: !If`.
            (Node::Map { .. }, Node::Choice { cond, then, else_ }) if depth == 0 => {
                let side = |own: &Value| self.merge(all, own.clone(), step, 1);
                Value::choice(cond.clone(), side(then), side(else_), header)
            }
            _ => own,
        }
    }
}
