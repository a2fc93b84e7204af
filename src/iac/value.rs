//! Evaluated values: what is known, where it stands, and how it came here. Not JSON: a list can be open, a value can
//! depend on a condition, and "unknown" has a reason.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::text_map::{HOLE, Text};
use crate::base::truth::Why;
use crate::syntax::document;

use super::unknown::Unknowns;

/// A value with its places. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Value {
    pub node: Node,
    /// What to point at: the literal itself, wherever it was written.
    pub place: Span,
    /// How it came here, the last step first.
    pub via: Option<Arc<Via>>,
    /// The attribute of a resource that this is, where it is one whose value is known: what links resources.
    pub of: Option<UnknownId>,
    shape: Shape,
}

#[derive(Clone, Debug)]
pub enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(Arc<Text>),
    /// `open`: there may be more items than these.
    List {
        items: Arc<[Value]>,
        open: bool,
    },
    /// In source order; of a key that is there twice, the last one holds. `open`: there may be more entries.
    Map {
        entries: Arc<Entries>,
        open: bool,
    },
    /// One or the other, as a condition goes that the source leaves open.
    Choice {
        cond: Arc<str>,
        then: Arc<Value>,
        else_: Arc<Value>,
    },
    Unknown(UnknownId),
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Arc<str>,
    pub key_place: Span,
    pub value: Value,
}

/// The entries of a map. A large one is found by name through an index, which is made when it is first asked.
#[derive(Debug)]
pub struct Entries {
    all: Box<[Entry]>,
    index: OnceLock<HashMap<Arc<str>, usize>>,
}

/// Entries of a map that is looked through from end to end.
const FEW: usize = 16;

impl Entries {
    /// The last entry of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Entry> {
        if self.all.len() <= FEW {
            return self.all.iter().rev().find(|entry| &*entry.key == name);
        }
        let index = || self.all.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        self.index.get_or_init(index).get(name).and_then(|at| self.all.get(*at))
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(all: Vec<Entry>) -> Self {
        Entries { all: all.into(), index: OnceLock::new() }
    }
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.all
    }
}

/// A step on a value's way: a reference to a variable, an argument of a module call.
#[derive(Debug)]
pub struct Via {
    pub place: Span,
    pub text: Box<str>,
    /// The steps before.
    pub before: Option<Arc<Via>>,
    length: u8,
}

/// How deep and how large a value is, shared parts counted each time: what a walk over it costs.
#[derive(Clone, Copy, Debug)]
struct Shape {
    depth: u8,
    weight: u32,
}

/// What a map says of a name.
#[derive(Debug)]
pub enum Lookup<'a> {
    Found(&'a Value),
    /// Not there, for certain; with the header of what it is missing from.
    Absent(Span),
    Unknown(Why),
}

/// The deepest value; what is deeper is unknown.
pub const MAX_DEPTH: u8 = 150;
/// The heaviest value, in items and in 16 bytes of text.
pub const MAX_WEIGHT: u32 = 1 << 20;
const MAX_VIA: u8 = 16;
/// Bytes after which a value is printed no further.
const MAX_PRINTED: usize = 64 << 10;
const LEAF: Shape = Shape { depth: 0, weight: 1 };

impl Value {
    #[must_use]
    pub fn null(place: Span) -> Self {
        Value { node: Node::Null, place, via: None, of: None, shape: LEAF }
    }

    #[must_use]
    pub fn bool(value: bool, place: Span) -> Self {
        Value { node: Node::Bool(value), place, via: None, of: None, shape: LEAF }
    }

    #[must_use]
    pub fn number(value: f64, place: Span) -> Self {
        Value { node: Node::Number(value), place, via: None, of: None, shape: LEAF }
    }

    #[must_use]
    pub fn unknown(id: UnknownId, place: Span) -> Self {
        Value { node: Node::Unknown(id), place, via: None, of: None, shape: LEAF }
    }

    /// Text; one that is a hole and nothing else is unknown.
    #[must_use]
    pub fn text(text: Text, place: Span) -> Self {
        if text.len() == HOLE.len()
            && let Some(id) = text.holes().next()
        {
            return Value::unknown(id, place);
        }
        let weight = u32::try_from(text.len() / 16).unwrap_or(u32::MAX).saturating_add(1);
        Value { node: Node::Text(Arc::new(text)), place, via: None, of: None, shape: Shape { depth: 0, weight } }.checked()
    }

    #[must_use]
    pub fn list(items: Vec<Value>, open: bool, place: Span) -> Self {
        let shape = around(items.iter().map(|item| item.shape));
        Value { node: Node::List { items: items.into(), open }, place, via: None, of: None, shape }.checked()
    }

    #[must_use]
    pub fn map(entries: Vec<Entry>, open: bool, place: Span) -> Self {
        let shape = around(entries.iter().map(|entry| entry.value.shape));
        Value { node: Node::Map { entries: Arc::new(entries.into()), open }, place, via: None, of: None, shape }.checked()
    }

    #[must_use]
    pub fn choice(cond: Arc<str>, then: Value, else_: Value, place: Span) -> Self {
        let shape = around([then.shape, else_.shape].into_iter());
        Value { node: Node::Choice { cond, then: Arc::new(then), else_: Arc::new(else_) }, place, via: None, of: None, shape }.checked()
    }

    fn checked(self) -> Self {
        if self.shape.depth > MAX_DEPTH || self.shape.weight > MAX_WEIGHT { Value::unknown(Unknowns::BUDGET, self.place) } else { self }
    }

    /// Items and text that a walk over it meets.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.shape.weight
    }

    /// The same value, one step further on its way.
    #[must_use]
    pub fn through(mut self, place: Span, text: &str) -> Self {
        // Of two steps at one place, the later says more: an argument of a call, not the variable that it names.
        if self.via.as_ref().is_some_and(|via| via.place == place) {
            self.via = self.via.and_then(|via| via.before.clone());
        }
        let length = self.via.as_ref().map_or(0, |via| via.length);
        if length < MAX_VIA {
            self.via = Some(Arc::new(Via { place, text: text.into(), before: self.via.take(), length: length + 1 }));
        }
        self
    }

    /// The same value, known as an attribute of a resource; of a choice, each side is.
    #[must_use]
    pub fn known_as(mut self, reference: UnknownId) -> Self {
        if let Node::Choice { then, else_, .. } = &mut self.node {
            for side in [then, else_] {
                *side = Arc::new(side.as_ref().clone().known_as(reference));
            }
        }
        self.of = Some(reference);
        self
    }

    /// The same value, to be pointed at elsewhere.
    #[must_use]
    pub fn at(self, place: Span) -> Self {
        Value { place, ..self }
    }

    /// The same value as another, made anew: it came the same way.
    #[must_use]
    pub fn like(self, other: &Value) -> Self {
        Value { of: other.of, ..self.carried(other.via.as_ref()) }
    }

    /// A part of a value that came some way has come that way too.
    #[must_use]
    pub fn carried(mut self, outer: Option<&Arc<Via>>) -> Self {
        let Some(whole) = outer else { return self };
        match &self.via {
            None => {
                self.via = Some(whole.clone());
                return self;
            }
            Some(own) if Arc::ptr_eq(own, whole) => return self,
            Some(_) => {}
        }
        let mut steps = Vec::new();
        let mut next = outer;
        while let Some(via) = next {
            steps.push(via);
            next = via.before.as_ref();
        }
        steps.into_iter().rev().fold(self, |value, via| value.through(via.place, &via.text))
    }

    /// The steps from the literal to here.
    #[must_use]
    pub fn way(&self) -> Vec<&Via> {
        let mut steps = Vec::new();
        let mut next = self.via.as_deref();
        while let Some(via) = next {
            steps.push(via);
            next = via.before.as_deref();
        }
        steps.reverse();
        steps
    }

    /// The entry of a name, if this is a map.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Lookup<'_> {
        match &self.node {
            Node::Map { entries, open } => match entries.named(name) {
                Some(entry) if matches!(entry.value.node, Node::Null) => Lookup::Absent(self.place),
                Some(entry) => Lookup::Found(&entry.value),
                None if *open => Lookup::Unknown(Why::Open),
                None => Lookup::Absent(self.place),
            },
            Node::Unknown(id) => Lookup::Unknown(Why::Value(*id)),
            Node::Choice { .. } => Lookup::Unknown(Why::Open),
            _ => Lookup::Absent(self.place),
        }
    }

    /// Text that is known in full; numbers and booleans as both dialects print them.
    #[must_use]
    pub fn as_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        match &self.node {
            Node::Text(text) if text.holes().next().is_none() => Some(text.to_str()),
            Node::Number(number) => Some(number.to_string().into()),
            Node::Bool(value) => Some(if *value { "true".into() } else { "false".into() }),
            _ => None,
        }
    }

    /// A boolean, or text that says one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.node {
            Node::Bool(value) => Some(*value),
            Node::Text(text) => match text.bytes() {
                b"true" => Some(true),
                b"false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number, or text that says one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match &self.node {
            Node::Number(number) => Some(*number),
            Node::Text(text) => std::str::from_utf8(text.bytes()).ok()?.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// The first condition that this value depends on, however deep.
    #[must_use]
    pub fn condition(&self) -> Option<Arc<str>> {
        match &self.node {
            Node::Choice { cond, .. } => Some(cond.clone()),
            Node::List { items, .. } => items.iter().find_map(Value::condition),
            Node::Map { entries, .. } => entries.iter().find_map(|entry| entry.value.condition()),
            _ => None,
        }
    }

    /// The value with one side of a condition taken, everywhere in it.
    #[must_use]
    pub fn assume(&self, condition: &str, holds: bool) -> Value {
        let value = match &self.node {
            Node::Choice { cond, then, else_ } if **cond == *condition => (if holds { then } else { else_ }).assume(condition, holds),
            Node::Choice { cond, then, else_ } => {
                Value::choice(cond.clone(), then.assume(condition, holds), else_.assume(condition, holds), self.place)
            }
            Node::List { items, open } => Value::list(items.iter().map(|item| item.assume(condition, holds)).collect(), *open, self.place),
            Node::Map { entries, open } => {
                let entries = entries.iter().map(|e| Entry { value: e.value.assume(condition, holds), ..e.clone() }).collect();
                Value::map(entries, *open, self.place)
            }
            _ => return self.clone(),
        };
        value.carried(self.via.as_ref())
    }

    /// A value as a person reads it, without places and not without end: also what a fingerprint is made of.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.print_into(&mut out);
        out
    }

    fn print_into(&self, out: &mut String) {
        if out.len() > MAX_PRINTED {
            return;
        }
        let join = |out: &mut String, n: usize| {
            if n > 0 {
                out.push_str(", ");
            }
        };
        match &self.node {
            Node::Null => out.push_str("null"),
            Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Node::Number(number) => out.push_str(&number.to_string()),
            Node::Text(text) => out.push_str(&text.to_str().replace(HOLE, "…")),
            Node::List { items, .. } => items.iter().enumerate().for_each(|(n, item)| {
                join(out, n);
                item.print_into(out);
            }),
            Node::Map { entries, .. } => entries.iter().enumerate().for_each(|(n, entry)| {
                join(out, n);
                out.push_str(&entry.key);
                out.push_str(": ");
                entry.value.print_into(out);
            }),
            Node::Choice { then, else_, .. } => {
                then.print_into(out);
                out.push_str(" or ");
                else_.print_into(out);
            }
            Node::Unknown(_) => out.push('…'),
        }
    }

    /// A document's node as a value. Tags are not looked at.
    #[must_use]
    pub fn from_node(node: &document::Node) -> Value {
        let place = node.span;
        match &node.kind {
            document::NodeKind::Null => Value::null(place),
            document::NodeKind::Bool(value) => Value::bool(*value, place),
            document::NodeKind::Number(number, digits) => Value::from_number(*number, digits, place),
            document::NodeKind::Text(text) => Value::text(text.clone(), place),
            document::NodeKind::List(items) => Value::list(items.iter().map(Value::from_node).collect(), false, place),
            document::NodeKind::Map(entries) => {
                // A key that is not known may be any.
                let known = |key: &document::Node| !matches!(&key.kind, document::NodeKind::Text(text) if text.len() == HOLE.len() && text.holes().next().is_some());
                let open = !entries.iter().all(|(key, _)| known(key));
                let entry = |(key, value): &(_, _)| Entry { key: key_of(key), key_place: key.span, value: Value::from_node(value) };
                Value::map(entries.iter().filter(|(key, _)| known(key)).map(entry).collect(), open, place)
            }
        }
    }

    /// A number, unless its digits say more than it does: `0123`.
    #[must_use]
    pub fn from_number(number: f64, digits: &Text, place: Span) -> Value {
        if number.to_string().as_bytes() == digits.bytes() || digits.bytes().contains(&b'.') {
            return Value::number(number, place);
        }
        Value::text(digits.clone(), place)
    }
}

/// Conditions that the arguments of a function may depend on before its result is unknown: each doubles the work.
const MAX_CONDITIONS: u8 = 4;

/// Applies a function to values that may be choices: the result is a choice then.
pub fn distribute(values: &[Value], place: Span, apply: &dyn Fn(&[Value]) -> Value) -> Value {
    let top = |value: &Value| if let Node::Choice { cond, .. } = &value.node { Some(cond.clone()) } else { None };
    spread(values, MAX_CONDITIONS, place, &top, apply)
}

/// The same for functions that look at some parts of their arguments: `find` names the first condition there.
pub fn distribute_by(values: &[Value], place: Span, find: &dyn Fn(&Value) -> Option<Arc<str>>, apply: &dyn Fn(&[Value]) -> Value) -> Value {
    spread(values, MAX_CONDITIONS, place, find, apply)
}

/// The entries of a map in the order of their keys, as Terraform goes through them, each key once.
#[must_use]
pub fn in_order(entries: &[Entry]) -> Vec<&Entry> {
    let last: std::collections::BTreeMap<&str, &Entry> = entries.iter().map(|entry| (&*entry.key, entry)).collect();
    last.into_values().collect()
}

fn spread(values: &[Value], left: u8, place: Span, find: &dyn Fn(&Value) -> Option<Arc<str>>, apply: &dyn Fn(&[Value]) -> Value) -> Value {
    let Some(cond) = values.iter().find_map(find) else { return apply(values) };
    if left == 0 {
        return Value::unknown(Unknowns::BUDGET, place);
    }
    let side = |holds| {
        let values: Vec<Value> = values.iter().map(|value| value.assume(&cond, holds)).collect();
        spread(&values, left - 1, place, find, apply)
    };
    Value::choice(cond.clone(), side(true), side(false), place)
}

/// A map's key as text, whatever it was written as.
#[must_use]
pub fn key_of(node: &document::Node) -> Arc<str> {
    match &node.kind {
        document::NodeKind::Text(text) | document::NodeKind::Number(_, text) => text.to_str().into(),
        document::NodeKind::Bool(value) => value.to_string().into(),
        _ => "".into(),
    }
}

fn around(parts: impl Iterator<Item = Shape>) -> Shape {
    parts.fold(LEAF, |all, part| Shape {
        depth: all.depth.max(part.depth.saturating_add(1)),
        weight: all.weight.saturating_add(part.weight),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;

    fn at(start: u32) -> Span {
        Span::new(FileId(0), start..start + 1)
    }

    fn word(word: &str) -> Value {
        Value::text(Text::within(word.as_bytes(), at(1)), at(1))
    }

    #[test]
    fn a_value_that_doubles_itself_is_unknown_before_it_is_large() {
        let mut value = word("x");
        for _ in 0..200 {
            value = Value::list(vec![value.clone(), value], false, at(0));
        }
        assert!(matches!(value.node, Node::Unknown(Unknowns::BUDGET)) || value.weight() <= MAX_WEIGHT);
        let mut deep = word("x");
        for _ in 0..100_000 {
            deep = Value::list(vec![deep], false, at(0));
            assert!(deep.shape.depth <= MAX_DEPTH);
        }
    }

    #[test]
    fn lookups_tell_absent_from_unknown() {
        let entry = |key: &str, value| Entry { key: key.into(), key_place: at(5), value };
        let map = |open| Value::map(vec![entry("a", word("1")), entry("n", Value::null(at(2))), entry("a", word("2"))], open, at(9));
        assert!(matches!(map(false).lookup("a"), Lookup::Found(value) if value.as_text().as_deref() == Some("2")));
        assert!(matches!(map(true).lookup("n"), Lookup::Absent(place) if place == at(9)));
        assert!(matches!(map(false).lookup("z"), Lookup::Absent(_)));
        assert!(matches!(map(true).lookup("z"), Lookup::Unknown(Why::Open)));
    }

    #[test]
    fn assuming_a_condition_takes_one_side_everywhere_and_keeps_the_way() {
        let choice = Value::choice("c".into(), word("yes"), word("no"), at(3)).through(at(7), "used here");
        let list = Value::list(vec![choice.clone(), choice], false, at(0));
        assert_eq!(list.condition().as_deref(), Some("c"));
        let taken = list.assume("c", false);
        assert_eq!((taken.print().as_str(), taken.condition()), ("no, no", None));
        let Node::List { items, .. } = &taken.node else { panic!("list") };
        assert_eq!(items[0].way().iter().map(|via| via.place).collect::<Vec<_>>(), [at(7)]);
    }

    #[test]
    fn digits_that_say_more_than_their_number_stay_text() {
        let number = |digits: &str| Value::from_number(digits.parse().expect("a number"), &Text::within(digits.as_bytes(), at(1)), at(1));
        assert_eq!(number("012345678901").as_text().as_deref(), Some("012345678901"));
        assert!(matches!(number("22").node, Node::Number(_)));
        assert_eq!(word("22").as_number(), Some(22.0));
    }
}
