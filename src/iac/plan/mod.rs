//! A plan of Terraform, as `terraform show -json` prints it: what will be there once it is applied. What is deleted is
//! not there, what is only read is no resource. A state that is printed so is read too.
//!
//! What is known after the apply only is a reference: to what the configuration takes it from, where that is one
//! resource, so that resources stay linked; else to itself. Sensitive values are not known here, and their texts are
//! named, so that a report can mask them. A plan is judged beside the sources that it was made of: both findings are
//! right, of different inputs.

mod configuration;
mod sources;

use std::collections::HashMap;

use super::document::Source;
use super::evaluated::{Evaluated, Sensitive};
use super::value::Entry;
use super::{Node as Kind, Reason, Resource, Unknowns, Value};
use crate::base::span::Span;
use crate::base::truth::Assumption;
use crate::finding::{Failure, Place, Trouble};
use crate::syntax::document::{Document, Node, NodeKind};

use configuration::Configuration;

/// Values of an attribute in values of it that are looked through for what is not known.
const MAX_DEPTH: usize = 64;

/// Whether a document is a plan, or a state, as Terraform prints it.
pub(super) fn is_plan(root: &Node) -> bool {
    root.get("format_version").is_some() && root.get("terraform_version").is_some() && modules(root).is_some()
}

/// The root module of what will be, or of what is.
fn modules(root: &Node) -> Option<&Node> {
    root.get("planned_values").or_else(|| root.get("values")).map(|values| values.get("root_module").unwrap_or(values))
}

/// Evaluates a plan.
pub(super) fn evaluate(source: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    let root = &document.root;
    let mut evaluated = Evaluated::default();
    if let Some(version) = root.get("format_version").filter(|version| !is_read(version)) {
        evaluated.troubles.push(Trouble {
            place: Some(Place::whole(document.input)),
            kind: Failure::Unparsed,
            message: format!("a plan of format {}", version.as_str().unwrap_or_default()),
            help: Some("formats 0 and 1 are read".to_owned()),
        });
        return vec![evaluated];
    }
    let mut planned = Vec::new();
    let mut left: Vec<&Node> = modules(root).into_iter().collect();
    while let Some(module) = left.pop() {
        planned.extend(module.get("resources").map(Node::items).unwrap_or_default().iter().filter_map(Planned::read));
        left.extend(module.get("child_modules").map(Node::items).unwrap_or_default());
    }
    // As they stand in the file, whatever module they are of.
    planned.sort_by_key(|planned| planned.header.start);
    let changes = changes(root);
    let configuration = Configuration::read(root, planned.iter().map(|planned| &*planned.address));
    let mut sensitive = Vec::new();
    for planned in planned.iter().filter(|planned| wanted(&planned.kind)) {
        let reader = Reader { planned, configuration: &configuration, unknowns: &evaluated.unknowns };
        let change = changes.get(&*planned.address);
        evaluated.resources.push(reader.resource(change.copied(), &mut sensitive));
    }
    if let Some(folder) = source.files.plan_root() {
        sources::place(source.files, folder, &mut evaluated.resources);
    }
    sensitive.sort_by_key(|sensitive| sensitive.place);
    evaluated.sensitive = sensitive;
    vec![evaluated]
}

fn is_read(version: &Node) -> bool {
    version.as_str().is_some_and(|version| version.starts_with("0.") || version.starts_with("1."))
}

/// What is to be done to each resource, by its address; of one that is replaced, what comes after.
fn changes(root: &Node) -> HashMap<String, &Node> {
    let all = root.get("resource_changes").map(Node::items).unwrap_or_default();
    let of = |node: &Node| node.get("address").and_then(Node::as_str).map(std::borrow::Cow::into_owned);
    all.iter().filter(|node| node.get("deposed").is_none()).filter_map(|node| Some((of(node)?, node.get("change")?))).collect()
}

/// A resource as it is planned.
struct Planned<'n> {
    address: Box<str>,
    kind: Box<str>,
    header: Span,
    values: Option<&'n Node>,
    sensitive: Option<&'n Node>,
}

impl<'n> Planned<'n> {
    fn read(node: &'n Node) -> Option<Self> {
        let text = |name: &str| node.get(name).and_then(Node::as_str).map(|text| Box::from(&*text));
        if text("mode").as_deref() == Some("data") {
            return None;
        }
        let address = node.get("address")?;
        Some(Planned {
            address: address.as_str()?.into(),
            kind: text("type")?,
            header: address.span,
            values: node.get("values"),
            sensitive: node.get("sensitive_values"),
        })
    }
}

/// One resource, read.
struct Reader<'r> {
    planned: &'r Planned<'r>,
    configuration: &'r Configuration<'r>,
    unknowns: &'r Unknowns,
}

impl Reader<'_> {
    fn resource(&self, change: Option<&Node>, sensitive: &mut Vec<Sensitive>) -> Resource {
        let (header, address) = (self.planned.header, &self.planned.address);
        let mut attrs = self.planned.values.map_or_else(|| Value::map(Vec::new(), false, header), Value::from_node);
        if let Some(unknown) = change.and_then(|change| change.get("after_unknown")) {
            attrs = self.unknown(attrs, unknown, "", 0);
        }
        for marks in [self.planned.sensitive, change.and_then(|change| change.get("after_sensitive"))].into_iter().flatten() {
            attrs = hidden(self.unknowns, address, attrs, marks, sensitive, 0);
        }
        let attrs = match attrs.node {
            Kind::Map { entries, open } => Value::map(entries.to_vec(), open, header),
            _ => attrs,
        };
        Resource {
            address: address.clone(),
            plain_address: plain(address).into(),
            kind: self.planned.kind.clone(),
            attrs,
            header,
            key: None,
            trace: Vec::new(),
            when: Assumption::default(),
        }
    }

    /// A value with what `after_unknown` marks in it.
    fn unknown(&self, value: Value, marks: &Node, path: &str, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::unknown(Unknowns::BUDGET, value.place);
        }
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match (&marks.kind, &value.node) {
            (NodeKind::Bool(true), _) => Value::unknown(self.unknowns.intern(self.reason(path)), value.place),
            (NodeKind::Map(marks), Kind::Map { entries, open }) => {
                let marks: HashMap<_, _> = marks.iter().filter_map(|(key, mark)| Some((key.as_str()?, (key, mark)))).collect();
                let mut all: Vec<Entry> = entries
                    .iter()
                    .map(|entry| match marks.get(&*entry.key) {
                        Some((_, mark)) => {
                            Entry { value: self.unknown(entry.value.clone(), mark, &below(&entry.key), depth + 1), ..entry.clone() }
                        }
                        None => entry.clone(),
                    })
                    .collect();
                let there: std::collections::HashSet<&str> = entries.iter().map(|entry| &*entry.key).collect();
                let mut missing: Vec<_> = marks.iter().filter(|(name, _)| !there.contains(&***name)).collect();
                missing.sort_by_key(|(_, (key, _))| key.span.start);
                for (name, (key, mark)) in missing {
                    let value = self.unknown(Value::null(key.span), mark, &below(name), depth + 1);
                    if !matches!(value.node, Kind::Null) {
                        all.push(Entry { key: (**name).into(), key_place: key.span, value });
                    }
                }
                Value::map(all, *open, value.place)
            }
            (NodeKind::List(marks), Kind::List { items, open }) => {
                let item = |(number, item): (usize, &Value)| match marks.get(number) {
                    Some(mark) => self.unknown(item.clone(), mark, path, depth + 1),
                    None => item.clone(),
                };
                Value::list(items.iter().enumerate().map(item).collect(), *open, value.place)
            }
            // A block of which nothing is known but what is not.
            (NodeKind::Map(_), Kind::Null) => {
                let made = self.unknown(Value::map(Vec::new(), false, value.place), marks, path, depth + 1);
                if matches!(&made.node, Kind::Map { entries, .. } if entries.is_empty()) { value } else { made }
            }
            _ => value,
        }
    }

    /// Why an attribute is not known.
    fn reason(&self, path: &str) -> Reason {
        self.configuration.target(&self.planned.address, path).map_or_else(
            || Reason::Reference { address: self.planned.address.clone(), attribute: path.into() },
            |(address, attribute)| Reason::Reference { address: address.into(), attribute: attribute.into() },
        )
    }
}

/// A value without what is marked as sensitive in it; the texts of that are named.
fn hidden(unknowns: &Unknowns, address: &str, value: Value, marks: &Node, sensitive: &mut Vec<Sensitive>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::unknown(Unknowns::BUDGET, value.place);
    }
    match (&marks.kind, &value.node) {
        (NodeKind::Bool(true), Kind::Null | Kind::Unknown(_)) => value,
        (NodeKind::Bool(true), _) => hide(unknowns, address, &value, sensitive),
        (NodeKind::Map(marks), Kind::Map { entries, open }) => {
            let marks: HashMap<_, _> = marks.iter().filter_map(|(key, mark)| Some((key.as_str()?, mark))).collect();
            let entry = |entry: &Entry| match marks.get(&*entry.key) {
                Some(mark) => Entry { value: hidden(unknowns, address, entry.value.clone(), mark, sensitive, depth + 1), ..entry.clone() },
                None => entry.clone(),
            };
            Value::map(entries.iter().map(entry).collect(), *open, value.place)
        }
        (NodeKind::List(marks), Kind::List { items, open }) => {
            let item = |(number, item): (usize, &Value)| match marks.get(number) {
                Some(mark) => hidden(unknowns, address, item.clone(), mark, sensitive, depth + 1),
                None => item.clone(),
            };
            Value::list(items.iter().enumerate().map(item).collect(), *open, value.place)
        }
        _ => value,
    }
}

/// The unknown that stands for a sensitive value, whose texts are named.
pub(super) fn hide(unknowns: &Unknowns, address: &str, value: &Value, sensitive: &mut Vec<Sensitive>) -> Value {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match &value.node {
            Kind::Text(text) => sensitive.extend(Sensitive::of(text.bytes(), value.place)),
            Kind::List { items, .. } => left.extend(items.iter()),
            Kind::Map { entries, .. } => left.extend(entries.iter().map(|entry| &entry.value)),
            _ => {}
        }
    }
    Value::unknown(unknowns.intern(Reason::Expression(format!("a sensitive value of {address}").into())), value.place)
}

/// An address without instance keys: `module.m.aws_s3_bucket.b`.
pub(super) fn plain(address: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::with_capacity(address.len()), 0_usize, false, false);
    for letter in address.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
