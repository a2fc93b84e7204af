//! What a name stands for: parameters with their defaults and allowed values, pseudo parameters, resources.

use super::foreach::Scope;
use super::intrinsics::call;
use super::template::{Declared, Template};
use crate::base::span::Span;
use crate::iac::evaluated::Sensitive;
use crate::iac::value::Value;
use crate::iac::{Node, Reason, Unknowns, text};
use crate::syntax::document;

/// How the way of a value begins that is written into a template though its parameter hides it.
pub const NO_ECHO: &str = "default of the NoEcho parameter";

/// Allowed values that a parameter without a default is tried with.
const MAX_ALLOWED: usize = 16;
/// Allowed values that conditions know of.
const MAX_KNOWN: usize = 200;

impl Template<'_> {
    /// What `Ref` gives for a name.
    pub fn refer(&self, name: &str, place: Span) -> Value {
        if name == "AWS::NoValue" {
            return Value::null(place);
        }
        let used = |value: Value| value.through(place, &format!("used here as {name}"));
        if let Some(value) = self.bound(name) {
            return used(value);
        }
        if let Some(declared) = self.section("Parameters", name) {
            return match self.parameter(declared) {
                // What is not known is asked for here.
                Value { node: Node::Unknown(id), .. } => Value::unknown(id, place),
                value => used(value),
            };
        }
        if self.section("Resources", name).is_some() {
            return self.unknown(Reason::Reference { address: self.own(name).into(), attribute: "Ref".into() }, place);
        }
        // What a transform makes has names that nobody wrote.
        let whole = self.root.get("Transform").is_none();
        if whole && !name.starts_with("AWS::") && !["Resources", "Parameters"].iter().any(|section| self.may_have_more(section)) {
            return self.unknown(Reason::Refused(format!("nothing is called {}", self.own(name)).into()), place);
        }
        // Names of AWS's own are the same in every template.
        let name = if name.starts_with("AWS::") { name.to_owned() } else { self.own(name) };
        self.unknown(Reason::Unset(name.into()), place)
    }

    /// The value of a parameter: what the caller gives, or its default.
    pub fn parameter(&self, declared: &Declared<'_>) -> Value {
        if let Some(known) = self.parameters.borrow().get(&declared.name) {
            return known.clone();
        }
        let value = self.within(&Scope::None, || self.parameter_value(declared));
        self.parameters.borrow_mut().insert(declared.name.clone(), value.clone());
        value
    }

    fn parameter_value(&self, declared: &Declared<'_>) -> Value {
        let (name, node) = (&*declared.name, declared.node);
        let is = |key: &str| node.get(key).and_then(document::Node::as_str).unwrap_or_default();
        let unset = || self.unknown(Reason::Unset(self.own(name).into()), declared.key);
        let list = is("Type").contains("List");
        let hidden = || node.get("NoEcho").is_some_and(|hidden| self.plain(hidden).as_bool() == Some(true));
        if let Some(given) = self.given.get(name) {
            if hidden() {
                Sensitive::marked(given, &mut self.project.hidden.borrow_mut());
            }
            return if list { self.listed(given.clone()) } else { given.clone() };
        }
        // The default is the name of a parameter that is kept elsewhere.
        if is("Type").starts_with("AWS::SSM::Parameter::Value") {
            let kept = node.get("Default").and_then(document::Node::as_str);
            let kept = kept.map(|kept| Reason::Dynamic(format!("the value of the SSM parameter {kept}").into()));
            return kept.map_or_else(unset, |reason| self.unknown(reason, declared.key));
        }
        let Some(default) = node.get("Default") else {
            return if list { unset() } else { self.allowed(declared).unwrap_or_else(unset) };
        };
        if self.spend((default.span.end - default.span.start) as usize).is_none() {
            return Value::unknown(Unknowns::BUDGET, declared.key);
        }
        let value = self.plain(default);
        let hidden = hidden();
        if hidden {
            Sensitive::marked(&value, &mut self.project.hidden.borrow_mut());
        }
        let value = if list { self.listed(value) } else { value };
        if hidden { value.through(declared.key, &format!("{NO_ECHO} {name}")) } else { value }
    }

    /// A list that is written as one text: `a, b`.
    fn listed(&self, value: Value) -> Value {
        let place = value.place;
        self.spread(&[value], place, &|values| {
            let items = text::split(&values[0], b",", true, place, &|bytes| self.spend(bytes).is_some());
            items.map_or_else(|| values[0].clone(), |items| items.carried(values[0].via.as_ref()))
        })
    }

    /// One of the allowed values, where nothing says which.
    fn allowed(&self, declared: &Declared<'_>) -> Option<Value> {
        self.known_values(declared);
        let allowed = declared.node.get("AllowedValues")?.items();
        let (last, others) = allowed.split_last()?;
        if others.len() >= MAX_ALLOWED {
            return None;
        }
        let name = self.own(&declared.name);
        Some(others.iter().rev().fold(self.plain(last), |rest, node| {
            let value = self.plain(node);
            let question = self.question(&name, &value.print());
            Value::choice(question.into(), value, rest, declared.key)
        }))
    }

    /// Tells conditions what values a parameter may have.
    fn known_values(&self, declared: &Declared<'_>) {
        let Some(allowed) = declared.node.get("AllowedValues").map(document::Node::items) else { return };
        if allowed.is_empty() || allowed.len() > MAX_KNOWN {
            return;
        }
        let values: Option<Vec<Box<str>>> =
            allowed.iter().map(|node| self.plain(node).as_text().map(|text| text.as_ref().into())).collect();
        if let Some(values) = values {
            self.project.conditions.borrow_mut().allow(&self.own(&declared.name), values);
        }
    }

    /// The name of a parameter whose value nothing tells, if that is what a node asks for.
    pub fn open_parameter(&self, node: &document::Node) -> Option<String> {
        let (function, argument) = call(node)?;
        if function != "Ref" {
            return None;
        }
        let name = self.name(argument)?;
        let declared = if self.bound(&name).is_some() { None } else { self.section("Parameters", &name) }?;
        let set = self.given.contains_key(&declared.name) || declared.node.get("Default").is_some();
        let list = declared.node.get("Type").and_then(document::Node::as_str).is_some_and(|kind| kind.contains("List"));
        if set || list {
            return None;
        }
        // What it may be is known from here on.
        self.parameter(declared);
        Some(self.own(&name))
    }

    /// The name of a condition that says that a parameter has a value.
    pub fn question(&self, parameter: &str, value: &str) -> String {
        let question = format!("{parameter} == {value}");
        self.project.conditions.borrow_mut().equate(&question, parameter, value);
        question
    }
}
