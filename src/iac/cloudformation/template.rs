//! A template's sections, and its resources.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::logic::Logic;
use super::sam;
use crate::base::span::Span;
use crate::base::truth::Assumption;
use crate::iac::value::{Entry, Value, key_of};
use crate::iac::{Conditions, Evaluated, Node, Reason, Resource, Unknowns};
use crate::syntax::document::{self, NodeKind};

/// Whether a document has resources of AWS.
pub(super) fn is_template(root: &document::Node) -> bool {
    let known = |kind: &str| ["AWS::", "Custom::", "Alexa::"].iter().any(|vendor| kind.starts_with(vendor));
    let resources = root.get("Resources").map(document::Node::entries).unwrap_or_default();
    resources.iter().any(|(_, resource)| resource.get("Type").and_then(document::Node::as_str).is_some_and(|kind| known(&kind)))
}

/// Steps of evaluation for one template: entries looked through, bytes put together.
const MAX_STEPS: usize = 64 << 20;
/// Values in values, those of conditions that they ask for included: more than a document nests.
const MAX_NESTING: usize = document::MAX_DEPTH * 2;

pub(super) struct Template<'a> {
    pub root: &'a document::Node,
    /// Sections by name, and in them what they declare.
    sections: HashMap<Box<str>, HashMap<Arc<str>, &'a document::Node>>,
    steps: Cell<usize>,
    /// Nested values; each costs stack.
    nesting: Cell<usize>,
    /// Conditions that are being taken apart.
    pub depth: Cell<usize>,
    /// Some value nested too deep.
    cut: Cell<bool>,
    pub unknowns: Unknowns,
    pub conditions: RefCell<Conditions>,
    pub logic: RefCell<BTreeMap<String, Logic>>,
}

impl<'a> Template<'a> {
    pub fn new(root: &'a document::Node) -> Self {
        let section = |name: &str| {
            let entries = root.get(name).map(document::Node::entries).unwrap_or_default();
            (name.into(), entries.iter().map(|(key, value)| (key_of(key), value)).collect())
        };
        Template {
            root,
            sections: ["Parameters", "Mappings", "Conditions", "Resources"].into_iter().map(section).collect(),
            steps: Cell::new(0),
            nesting: Cell::new(0),
            depth: Cell::new(0),
            cut: Cell::new(false),
            unknowns: Unknowns::default(),
            conditions: RefCell::default(),
            logic: RefCell::default(),
        }
    }

    pub fn section(&self, section: &str, name: &str) -> Option<&'a document::Node> {
        self.sections.get(section)?.get(name).copied()
    }

    /// Counts work that is about to be done; None where it is too much.
    pub fn spend(&self, cost: usize) -> Option<()> {
        let steps = self.steps.get().saturating_add(cost);
        self.steps.set(steps);
        (steps < MAX_STEPS).then_some(())
    }

    fn is_exhausted(&self) -> bool {
        self.cut.get() || self.steps.get() >= MAX_STEPS
    }

    pub fn unknown(&self, reason: Reason, place: Span) -> Value {
        Value::unknown(self.unknowns.intern(reason), place)
    }

    pub fn evaluate(self, wanted: &dyn Fn(&str) -> bool) -> Evaluated {
        let resources = self.root.get("Resources").map(document::Node::entries).unwrap_or_default();
        let resources =
            resources.iter().filter_map(|(key, node)| self.resource(key, node, &|kind| wanted(kind) || sam::is_source(kind))).collect();
        let resources = sam::expand(&self, resources, wanted);
        Evaluated {
            resources,
            exhausted: self.is_exhausted(),
            unknowns: self.unknowns.into(),
            conditions: self.conditions.into_inner(),
            ..Evaluated::default()
        }
    }

    fn resource(&self, key: &document::Node, node: &document::Node, wanted: &dyn Fn(&str) -> bool) -> Option<Resource> {
        let kind = node.get("Type")?.as_str()?;
        if !wanted(&kind) {
            return None;
        }
        let (address, header): (Box<str>, Span) = (key_of(key).as_ref().into(), key.span);
        let attrs = match node.get("Properties") {
            Some(properties) => self.properties(properties, header),
            None => Value::map(Vec::new(), false, header),
        };
        let when = match node.get("Condition").and_then(document::Node::as_str) {
            Some(condition) => match self.named(&condition) {
                Logic::Known(true) => Assumption::default(),
                Logic::Known(false) => return None,
                Logic::Atom(atom) => match self.conditions.borrow().decide(&Assumption::default(), &atom) {
                    Some(false) => return None,
                    _ => Assumption::default().with(&atom, true),
                },
                // Of a condition made of others, its own name is enough.
                _ => Assumption::default().with(&condition, true),
            },
            None => Assumption::default(),
        };
        Some(Resource { plain_address: address.clone(), address, kind: kind.into_owned().into(), attrs, header, trace: Vec::new(), when })
    }

    /// The properties as a map whose place is the header, however they were written.
    fn properties(&self, node: &document::Node, header: Span) -> Value {
        let value = self.value(node);
        match value.node {
            Node::Map { entries, open } => Value::map(entries.to_vec(), open, header),
            _ => value,
        }
    }

    /// A node as a value, intrinsic functions applied.
    pub fn value(&self, node: &document::Node) -> Value {
        let nesting = self.nesting.get();
        if nesting >= MAX_NESTING {
            self.cut.set(true);
            return Value::unknown(Unknowns::BUDGET, node.span);
        }
        self.nesting.set(nesting + 1);
        let value = self.nested(node);
        self.nesting.set(nesting);
        value
    }

    fn nested(&self, node: &document::Node) -> Value {
        if let Some(value) = self.intrinsic(node) {
            return value;
        }
        let place = node.span;
        match &node.kind {
            NodeKind::Null => Value::null(place),
            NodeKind::Bool(value) => Value::bool(*value, place),
            NodeKind::Number(number, digits) => Value::from_number(*number, digits, place),
            NodeKind::Text(text) => Value::text(text.clone(), place),
            NodeKind::List(items) => {
                // What has no value is not in the list.
                let items = items.iter().map(|item| self.value(item)).filter(|item| !matches!(item.node, Node::Null));
                Value::list(items.collect(), false, place)
            }
            NodeKind::Map(entries) => {
                let entry = |(key, value): &(document::Node, document::Node)| Entry {
                    key: key_of(key),
                    key_place: key.span,
                    value: self.value(value),
                };
                let open =
                    entries.iter().any(|(key, _)| key.as_str().is_some_and(|key| key == "Fn::Transform" || key.starts_with("Fn::ForEach")));
                Value::map(entries.iter().map(entry).collect(), open, place)
            }
        }
    }
}
