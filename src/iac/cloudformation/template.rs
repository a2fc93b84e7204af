//! A template's sections, and its resources.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::foreach::{Scope, is_loop};
use super::intrinsics::{has_macro, holds_macro, is_foreign};
use super::logic::Logic;
use super::nested::Nested;
use super::project::Project;
use super::sam;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::base::truth::Assumption;
use crate::iac::resource::{Call, PARAMETER};
use crate::iac::value::{Entry, Value};
use crate::iac::{Node, Reason, Resource, Unknowns};
use crate::syntax::document::{self, NodeKind, SyntaxError};

/// Whether a document has resources of AWS.
pub(super) fn is_template(root: &document::Node) -> bool {
    let known = |kind: &str| ["AWS::", "Custom::", "Alexa::"].iter().any(|vendor| kind.starts_with(vendor));
    let typed = |node: &document::Node| node.get("Type").and_then(document::Node::as_str).is_some_and(|kind| known(&kind));
    let resources = root.get("Resources").map(document::Node::entries).unwrap_or_default();
    let macros = |(key, resource): &(document::Node, document::Node)| {
        key.as_str().as_deref() == Some("Fn::Transform") || has_macro(resource) || resource.tag.as_deref() == Some("!Transform")
    };
    if resources.iter().any(macros) {
        return true;
    }
    // Loops in loops: the document nests no deeper than its parser lets it.
    let mut open: Vec<_> = resources.iter().collect();
    while let Some((key, resource)) = open.pop() {
        if typed(resource) {
            return true;
        }
        if key.as_str().is_some_and(|key| is_loop(&key)) {
            open.extend(resource.items().get(2).map(document::Node::entries).unwrap_or_default());
        }
    }
    false
}

/// Values in values, those of conditions that they ask for included: more than a document nests.
const MAX_NESTING: usize = document::MAX_DEPTH * 2;

/// Something that a section declares.
pub(super) struct Declared<'a> {
    pub name: Box<str>,
    /// The same for all instances of a loop.
    pub plain: Box<str>,
    pub key: Span,
    pub node: &'a document::Node,
    pub scope: Scope,
}

/// What a section declares, in order and by name: of two by one name, the last.
#[derive(Default)]
pub(super) struct Section<'a> {
    pub all: Vec<Declared<'a>>,
    by_name: HashMap<Box<str>, usize>,
    /// There may be more: a macro, a loop over what is not known.
    pub open: bool,
}

/// A resource and one of its attributes.
type Attribute = (Box<str>, Box<str>);

pub(super) struct Template<'a> {
    pub project: &'a Project<'a>,
    pub root: &'a document::Node,
    pub path: &'a [u8],
    /// What names of this template begin with, as the caller knows them: empty, or `Stack.`.
    pub prefix: Box<str>,
    /// The calls that lead to it.
    pub trace: Vec<Call>,
    /// Values of parameters that the caller gives.
    pub given: HashMap<Box<str>, Value>,
    sections: HashMap<&'static str, Section<'a>>,
    pub scope: RefCell<Scope>,
    pub logic: RefCell<BTreeMap<String, Logic>>,
    /// Conditions that are being taken apart, and those that asked for themselves by then.
    pub asking: RefCell<BTreeSet<String>>,
    pub circles: RefCell<BTreeSet<Arc<str>>>,
    pub parameters: RefCell<HashMap<Box<str>, Value>>,
    pub attributes: RefCell<HashMap<Attribute, Option<Value>>>,
    pub nested: RefCell<HashMap<Box<str>, Option<Rc<Nested>>>>,
}

impl<'a> Template<'a> {
    pub fn new(project: &'a Project<'a>, root: &'a document::Node, path: &'a [u8]) -> Self {
        Template {
            project,
            root,
            path,
            prefix: "".into(),
            trace: Vec::new(),
            given: HashMap::new(),
            sections: HashMap::new(),
            scope: RefCell::default(),
            logic: RefCell::default(),
            asking: RefCell::default(),
            circles: RefCell::default(),
            parameters: RefCell::default(),
            attributes: RefCell::default(),
            nested: RefCell::default(),
        }
    }

    /// Reads the sections: those that loops look into first.
    pub fn declared(mut self) -> Self {
        for name in ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"] {
            let mut section = Section::default();
            if let Some(node) = self.root.get(name) {
                self.declare(node, &mut section);
            }
            self.sections.insert(name, section);
        }
        self
    }

    fn declare(&self, node: &'a document::Node, section: &mut Section<'a>) {
        for (key, node) in node.entries() {
            let (name, plain) = self.key(key);
            if is_loop(&plain) {
                let Some(each) = self.each(node) else { continue };
                section.open |= each.open;
                for scope in &each.scopes {
                    self.within(scope, || self.declare(each.body, section));
                }
            } else if *plain == *"Fn::Transform" {
                section.open = true;
            } else {
                section.by_name.insert(name.clone(), section.all.len());
                section.all.push(Declared { name, plain, key: key.span, node, scope: self.scope.borrow().clone() });
            }
        }
    }

    pub fn all(&self, section: &str) -> &[Declared<'a>] {
        self.sections.get(section).map_or(&[], |section| &section.all)
    }

    pub fn is_open(&self, section: &str) -> bool {
        self.sections.get(section).is_some_and(|section| section.open)
    }

    pub fn section(&self, section: &str, name: &str) -> Option<&Declared<'a>> {
        let section = self.sections.get(section)?;
        section.by_name.get(name).and_then(|number| section.all.get(*number))
    }

    pub fn spend(&self, cost: usize) -> Option<()> {
        self.project.spend(cost)
    }

    pub fn unknown(&self, reason: Reason, place: Span) -> Value {
        Value::unknown(self.project.unknowns.intern(reason), place)
    }

    /// A name of this template as the project knows it.
    pub fn own(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Its resources and those of the stacks that it calls.
    pub fn resources(&self, out: &mut Vec<Resource>) {
        let mut own = Vec::new();
        for declared in self.all("Resources") {
            self.within(&declared.scope, || self.resource(declared, out, &mut own));
        }
        out.extend(sam::expand(self, own, self.project.wanted));
        if (self.project.wanted)(PARAMETER) {
            out.extend(self.all("Parameters").iter().map(|declared| self.within(&declared.scope, || self.declared_parameter(declared))));
        }
    }

    /// A parameter, as it is declared; under `named` its default by its name.
    fn declared_parameter(&self, declared: &Declared<'_>) -> Resource {
        let header = declared.key;
        // What it hides is known to be hidden from here on.
        self.parameter(declared);
        let entry = |key: &str, place, value| Entry { key: key.into(), key_place: place, value };
        let mut entries = vec![entry("Name", header, Value::text(Text::within(declared.name.as_bytes(), header), header))];
        let said = declared.node.entries().iter().map(|(key, node)| (crate::iac::value::key_of(key), key.span, node));
        entries.extend(said.map(|(key, place, node)| entry(&key, place, self.plain(node))));
        if let Some(default) = declared.node.get("Default").map(|default| self.plain(default)) {
            entries.push(entry("named", header, Value::map(vec![entry(&declared.name, header, default)], false, header)));
        }
        Resource {
            address: self.own(&declared.name).into(),
            plain_address: self.own(&declared.plain).into(),
            kind: PARAMETER.into(),
            attrs: Value::map(last_of_each(entries), false, header),
            header,
            key: None,
            trace: self.trace.clone(),
            when: Assumption::default(),
        }
    }

    /// A resource, and what it calls for.
    fn resource(&self, declared: &Declared<'_>, called: &mut Vec<Resource>, own: &mut Vec<Resource>) {
        let kind = declared.node.get("Type").filter(|kind| !kind.tag.as_deref().is_some_and(is_foreign));
        let Some(kind) = kind.and_then(|kind| self.name(kind)) else { return self.tell_untyped(declared) };
        let nested = super::nested::is_stack(&kind);
        let wanted = (self.project.wanted)(&kind) || sam::is_source(&kind);
        if !nested && !wanted {
            return;
        }
        let Some(when) = self.exists(declared) else { return };
        match nested.then(|| self.nested(declared)) {
            Some(Some(nested)) => called.extend(nested.resources.iter().map(|resource| {
                let when = Assumption(when.0.iter().chain(&resource.when.0).cloned().collect());
                Resource { when, ..resource.clone() }
            })),
            Some(None) => self.project.may_be_more(Reason::Macro(format!("the stack {}", self.own(&declared.name)).into())),
            None => {}
        }
        if !wanted {
            return;
        }
        let header = declared.key;
        let attrs = match declared.node.get("Properties") {
            Some(properties) => headed(self.value(properties), header),
            None => Value::map(Vec::new(), false, header),
        };
        own.push(Resource {
            address: self.own(&declared.name).into(),
            plain_address: self.own(&declared.plain).into(),
            kind: kind.into(),
            attrs: if declared.node.get("Fn::Transform").is_some() { opened(attrs) } else { attrs },
            header,
            key: None,
            trace: self.trace.clone(),
            when,
        });
    }

    /// Of an entry without a type nothing can be judged. A macro may make a resource of it.
    fn tell_untyped(&self, declared: &Declared<'_>) {
        if self.may_have_more("Resources") || holds_macro(declared.node) {
            return;
        }
        // Another tool makes a template of this one: `Type: !Rain::Module vpc.yml`.
        if declared.node.get("Type").is_some_and(|kind| kind.tag.is_some() || !kind.entries().is_empty()) {
            let path = String::from_utf8_lossy(self.path);
            self.project.note(format!("{path} does not say of what type {} is: it was not judged", declared.plain));
            return;
        }
        let error = SyntaxError::new(declared.key, format!("{} is no resource: it has no Type", declared.plain));
        self.project.trouble(&error, "CloudFormation refuses this; nothing of it was judged");
    }

    /// Under what a resource exists; None where it does not.
    fn exists(&self, declared: &Declared<'_>) -> Option<Assumption> {
        let none = Assumption::default();
        let Some(condition) = declared.node.get("Condition").and_then(|condition| self.name(condition)) else { return Some(none) };
        let logic = self.named(&condition);
        if let Some(all) = logic.all() {
            let mut when = none.clone();
            for (atom, holds) in all {
                let known = self.project.conditions.borrow().decide(&when, &atom);
                if known == Some(!holds) {
                    return None;
                }
                if when.get(&atom).is_none() {
                    when = when.with(&atom, holds);
                }
            }
            return Some(when);
        }
        if self.known(&logic) == Some(false) {
            return None;
        }
        let name = self.own(&condition);
        if let Some(parts) = logic.any() {
            self.project.conditions.borrow_mut().any(&name, parts);
        }
        Some(none.with(&name, true))
    }

    /// A node as a value, intrinsic functions applied.
    pub fn value(&self, node: &document::Node) -> Value {
        let nesting = self.project.nesting.get();
        if nesting >= MAX_NESTING {
            self.project.cut();
            return Value::unknown(Unknowns::BUDGET, node.span);
        }
        self.project.nesting.set(nesting + 1);
        let value = self.intrinsic(node).unwrap_or_else(|| self.plain(node));
        self.project.nesting.set(nesting);
        value
    }

    /// The value of a node, whatever its tag is.
    pub fn plain(&self, node: &document::Node) -> Value {
        let place = node.span;
        match &node.kind {
            NodeKind::Null => Value::null(place),
            NodeKind::Bool(value) => Value::bool(*value, place),
            NodeKind::Number(number, digits) => Value::from_number(*number, digits, place),
            NodeKind::Text(text) => self.text(node, text),
            NodeKind::List(items) => {
                // What has no value is not in the list.
                let items = items.iter().map(|item| self.value(item)).filter(|item| !matches!(item.node, Node::Null));
                Value::list(items.collect(), false, place)
            }
            NodeKind::Map(entries) => {
                let (mut all, mut open) = (Vec::with_capacity(entries.len()), false);
                self.entries(entries, &mut all, &mut open);
                Value::map(last_of_each(all), open, place)
            }
        }
    }

    fn entries(&self, entries: &[(document::Node, document::Node)], out: &mut Vec<Entry>, open: &mut bool) {
        for (key, node) in entries {
            let (name, plain) = self.key(key);
            if is_loop(&plain) {
                let each = self.each(node);
                *open |= each.as_ref().is_none_or(|each| each.open);
                if let Some(each) = &each {
                    for scope in &each.scopes {
                        self.within(scope, || self.entries(each.body.entries(), out, open));
                    }
                }
            } else if *plain == *"Fn::Transform" {
                *open = true;
            } else {
                out.push(Entry { key: name.as_ref().into(), key_place: key.span, value: self.value(node) });
            }
        }
    }

    fn text(&self, node: &document::Node, text: &Text) -> Value {
        if let Some(value) = switch(node, text) {
            return Value::bool(value, node.span);
        }
        let written = self.written(text);
        match self.dynamic(&written) {
            Some(text) => Value::text(text, node.span),
            None => Value::text(written.into_owned(), node.span),
        }
    }
}

/// Entries without those whose key stands once more behind them.
fn last_of_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut known = HashSet::with_capacity(entries.len());
    let last: Vec<bool> = entries.iter().rev().map(|entry| known.insert(entry.key.clone())).collect();
    if known.len() == entries.len() {
        return entries;
    }
    entries.into_iter().zip(last.into_iter().rev()).filter_map(|(entry, last)| last.then_some(entry)).collect()
}

/// A plain `yes` or `off`: templates are YAML 1.1, where these are booleans. Quoted, they are texts.
fn switch(node: &document::Node, text: &Text) -> Option<bool> {
    if text.len() > 3 || text.len() < 2 || node.tag.is_some() || text.span(0..text.len()) != Some(node.span) {
        return None;
    }
    match text.bytes() {
        b"yes" | b"Yes" | b"YES" | b"on" | b"On" | b"ON" => Some(true),
        b"no" | b"No" | b"NO" | b"off" | b"Off" | b"OFF" => Some(false),
        _ => None,
    }
}

/// Properties as maps whose place is the header, however they were written.
fn headed(value: Value, header: Span) -> Value {
    let via = value.via.clone();
    match value.node {
        Node::Map { entries, open } => Value::map(entries.to_vec(), open, header).carried(via.as_ref()),
        Node::Null => Value::map(Vec::new(), false, header),
        Node::Choice { cond, then, else_ } => {
            let side = |side: &Value| headed(side.clone(), header);
            Value::choice(cond, side(&then), side(&else_), value.place).carried(via.as_ref())
        }
        _ => value,
    }
}

/// A map that may have more entries than it says.
fn opened(value: Value) -> Value {
    match value.node {
        Node::Map { entries, .. } => Value::map(entries.to_vec(), true, value.place),
        Node::Choice { cond, then, else_ } => Value::choice(cond, opened((*then).clone()), opened((*else_).clone()), value.place),
        _ => value,
    }
}
