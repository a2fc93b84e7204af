//! Blocks: how many instances `count` and `for_each` make, and what a body holds, `dynamic` blocks included.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::Terraform;
use super::elements::{self, Elements};
use super::expr::{Bound, Scope};
use super::instance::Instance;
use super::logic::equal;
use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::truth::Assumption;
use crate::iac::value::{Entry, in_order};
use crate::iac::{MAX_INSTANCES, Node, Reason, Value};
use crate::syntax::hcl::{Block, Body};

/// Which instance of a block.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// The only one.
    None,
    Index(usize),
    Name(Arc<str>, Value),
    /// One that stands for an unknown number of instances.
    Any(Rc<Standing>),
}

/// What is bound in an instance that stands for all that there may be.
#[derive(Debug)]
pub(super) struct Standing {
    value: Value,
    key: UnknownId,
    number: UnknownId,
}

/// Takes the elements of one side, each with its key, and on what they depend.
type Tell<'t> = &'t mut dyn FnMut(Vec<(Value, Value)>, &Assumption);

/// Conditions that the existence of one instance may hang on: each doubles what is looked at.
const MAX_CONDITIONS: usize = 8;

/// An instance of a block, and on what its existence depends.
pub(super) struct Keyed {
    pub key: Key,
    pub when: Assumption,
}

/// What a block says to Terraform itself.
pub(super) fn is_meta(name: &str) -> bool {
    matches!(name, "count" | "for_each" | "provider" | "providers" | "depends_on" | "lifecycle" | "provisioner" | "connection")
}

impl Key {
    /// As an address ends: `["k"]`.
    pub fn suffix(&self) -> String {
        match self {
            Key::None | Key::Any(_) => String::new(),
            Key::Index(index) => format!("[{index}]"),
            Key::Name(name, _) => format!("[\"{name}\"]"),
        }
    }

    /// Where a key of `for_each` is written, with its value.
    pub fn place(&self) -> Option<Span> {
        match self {
            Key::Name(_, value) => Some(value.place),
            Key::None | Key::Index(_) | Key::Any(_) => None,
        }
    }

    /// What `count` and `each` are inside of it.
    pub fn bind(&self, place: Span) -> Bound {
        let entry = |key: &str, value: Value| Entry { key: key.into(), key_place: place, value };
        let map = |entries| Value::map(entries, false, place);
        match self {
            Key::None => Vec::new(),
            Key::Index(index) => vec![("count".into(), map(vec![entry("index", elements::index(*index, place))]))],
            Key::Name(name, value) => {
                let key = elements::text(name, value.place);
                vec![("each".into(), map(vec![entry("key", key), entry("value", value.clone())]))]
            }
            Key::Any(element) => {
                let number = Value::unknown(element.number, place);
                let key = Value::unknown(element.key, place);
                let each = map(vec![entry("key", key), entry("value", element.value.clone())]);
                vec![("each".into(), each), ("count".into(), map(vec![entry("index", number)]))]
            }
        }
    }

    /// Whether the same stands behind it as behind another key of the same name.
    fn holds_the_same(&self, other: &Key) -> bool {
        match (self, other) {
            (Key::Name(_, one), Key::Name(_, other)) => equal(one, other) == Some(true),
            (Key::Index(one), Key::Index(other)) => one == other,
            _ => false,
        }
    }

    /// Whether it is the instance of an index as it is written, in text.
    pub fn is(&self, index: &str) -> bool {
        match self {
            Key::None => false,
            Key::Index(number) => number.to_string() == index,
            Key::Name(name, _) => **name == *index,
            Key::Any(_) => true,
        }
    }
}

impl Terraform<'_> {
    /// The instances that `count` or `for_each` make of a block.
    pub(super) fn instances(&self, body: &Body, scope: &Scope) -> Vec<Keyed> {
        let Some((value, is_count)) = self.repeated(body, scope) else {
            return self.enabled(body, scope).map(|when| Keyed { key: Key::None, when }).into_iter().collect();
        };
        let mut all = Vec::new();
        self.keyed(&value, is_count, &Assumption::default(), &mut all);
        all
    }

    /// On what the only instance of a block hangs; None where OpenTofu's `enabled` says that it is not there.
    fn enabled(&self, body: &Body, scope: &Scope) -> Option<Assumption> {
        let enabled = body.blocks("lifecycle").find_map(|lifecycle| lifecycle.body.attribute("enabled"));
        let Some(enabled) = enabled else { return Some(Assumption::default()) };
        let value = self.eval(&enabled.value, scope);
        if let Node::Choice { cond, then, else_ } = &value.node {
            return match (then.as_bool(), else_.as_bool()) {
                (Some(false), Some(false)) => None,
                (Some(false), _) => Some(Assumption::default().with(cond, false)),
                (_, Some(false)) => Some(Assumption::default().with(cond, true)),
                _ => Some(Assumption::default()),
            };
        }
        (value.as_bool() != Some(false)).then(Assumption::default)
    }

    /// What `count` or `for_each` says, and whether it is `count`.
    fn repeated(&self, body: &Body, scope: &Scope) -> Option<(Value, bool)> {
        let (meta, is_count) =
            body.attribute("count").map(|count| (count, true)).or(body.attribute("for_each").map(|each| (each, false)))?;
        Some((self.eval(&meta.value, scope), is_count))
    }

    /// The instances of a block as the value of a reference to it has them: one, a list, a map, or a choice of these.
    pub(super) fn collected(&self, block: &Block, instance: &Rc<Instance>, one: &dyn Fn(&Key) -> Value) -> Value {
        match self.repeated(&block.body, &Scope::of(instance)) {
            None => one(&Key::None),
            Some((value, is_count)) => self.gathered(&value, is_count, block.header, one),
        }
    }

    fn gathered(&self, value: &Value, is_count: bool, place: Span, one: &dyn Fn(&Key) -> Value) -> Value {
        if let Node::Choice { cond, then, else_ } = &value.node {
            let sides = self.enter(|| [then, else_].map(|side| self.gathered(side, is_count, place, one)));
            return match sides {
                Some([then, otherwise]) => Value::choice(cond.clone(), then, otherwise, place),
                None => Self::budget(place),
            };
        }
        let keys = self.keys(value, is_count);
        // One that stands for all is asked as if it were the only one.
        if let [any @ Key::Any(_)] = keys.as_slice() {
            return one(any);
        }
        let open = keys.iter().any(|key| matches!(key, Key::Any(_)));
        let made = keys.iter().filter(|key| !matches!(key, Key::Any(_)) && self.step());
        if is_count {
            return Value::list(made.map(one).collect(), open, place);
        }
        let entry = |key: &Key| match key {
            Key::Name(name, value) => Some(Entry { key: name.clone(), key_place: value.place, value: one(key) }),
            _ => None,
        };
        Value::map(made.filter_map(entry).collect(), open, place)
    }

    /// How many of so many instances are looked at.
    fn some_of(&self, instances: usize) -> usize {
        if instances > MAX_INSTANCES {
            self.cut.set(true);
        }
        instances.min(MAX_INSTANCES)
    }

    /// The question whether there is an instance at all: `var.n > 0`.
    fn is_any(&self, value: &Value, is_count: bool) -> String {
        match (&value.node, is_count) {
            (Node::Unknown(_), true) => format!("{} > 0", self.collection_name(value)),
            (Node::Unknown(_), false) => format!("{} is not empty", self.collection_name(value)),
            _ => self.rest_of(value).to_string().replace("what else ", "anything else in ").replace(" holds", ""),
        }
    }

    /// The instances of a value that may be a choice, each with the side on which it is there.
    fn keyed(&self, value: &Value, is_count: bool, when: &Assumption, all: &mut Vec<Keyed>) {
        let Node::Choice { cond, then, else_ } = &value.node else {
            if !self.steps_for(value.weight() as usize) {
                return;
            }
            let keyed = |key: Key| {
                // What stands for all that there may be is there only if there is any.
                let when = if matches!(key, Key::Any(_)) { when.with(&self.is_any(value, is_count), true) } else { when.clone() };
                Keyed { key, when }
            };
            all.extend(self.keys(value, is_count).into_iter().map(keyed));
            return;
        };
        if when.0.len() >= MAX_CONDITIONS {
            self.cut.set(true);
            return;
        }
        let (mut sides, mut lists) = (vec![(then, true), (else_, false)], Vec::new());
        // Of a condition that was met before, one side is left.
        sides.retain(|(_, holds)| when.get(cond).is_none_or(|known| known == *holds));
        for (side, holds) in sides {
            let when = if when.get(cond).is_some() { when.clone() } else { when.with(cond, holds) };
            let mut list = Vec::new();
            if self.enter(|| self.keyed(side, is_count, &when, &mut list)).is_none() {
                self.cut.set(true);
            }
            lists.push(list);
        }
        // What is there on both sides hangs on nothing.
        if let [first, second] = lists.as_mut_slice() {
            let others: HashMap<String, usize> = second.iter().enumerate().map(|(at, keyed)| (keyed.key.suffix(), at)).collect();
            let mut twice = BTreeSet::new();
            for keyed in first.iter_mut() {
                let twin = others.get(&keyed.key.suffix()).and_then(|at| Some((*at, second.get(*at)?)));
                if let Some((at, twin)) = twin
                    && keyed.when.0.len() == when.0.len() + 1
                    && twin.when.0.len() == when.0.len() + 1
                    && keyed.key.holds_the_same(&twin.key)
                {
                    keyed.when = when.clone();
                    twice.insert(at);
                }
            }
            let rest = std::mem::take(second).into_iter().enumerate().filter(|(at, _)| !twice.contains(at));
            *second = rest.map(|(_, keyed)| keyed).collect();
        }
        all.extend(lists.into_iter().flatten());
    }

    /// The keys that a value makes that is no choice. Of one that is not known, one stands for all that there may be.
    fn keys(&self, value: &Value, is_count: bool) -> Vec<Key> {
        let any = |element: Value| {
            let named = |what: String| self.unknowns.intern(Reason::Expression(what.into()));
            let key = named(format!("each.key of {}", self.collection_name(value)));
            Key::Any(Rc::new(Standing { value: element, key, number: named("count.index".to_owned()) }))
        };
        let some = || any(self.standing(value));
        if is_count {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast goes to the nearest")]
            return match value.as_number() {
                Some(number) => (0..self.some_of(number as usize)).map(Key::Index).collect(),
                None => vec![some()],
            };
        }
        let carried = |item: &Value| item.clone().carried(value.via.as_ref());
        let (mut keys, open): (Vec<Key>, bool) = match &value.node {
            Node::Map { entries, open } => {
                let all = in_order(entries);
                let looked_at = self.some_of(all.len());
                (all.into_iter().take(looked_at).map(|entry| Key::Name(entry.key.clone(), carried(&entry.value))).collect(), *open)
            }
            Node::List { items, open } => {
                let (mut known, mut seen, mut is_open) = (Vec::new(), HashSet::new(), *open);
                for item in items.iter().take(self.some_of(items.len())) {
                    match item.as_text() {
                        Some(name) if seen.insert(name.to_string()) => known.push(Key::Name(name.into(), carried(item))),
                        Some(_) => {}
                        None => is_open = true,
                    }
                }
                (known, is_open)
            }
            Node::Null => (Vec::new(), false),
            _ => return vec![some()],
        };
        if open {
            keys.push(some());
        }
        keys
    }

    /// The attributes of a resource, without those that speak to Terraform itself.
    pub(super) fn resource_body(&self, body: &Body, header: Span, scope: &Scope) -> Value {
        self.filtered(body, header, scope, &|name| !is_meta(name))
    }

    /// What a body holds: attributes, and blocks as lists.
    pub(super) fn body(&self, body: &Body, header: Span, scope: &Scope) -> Value {
        self.filtered(body, header, scope, &|_| true)
    }

    /// The blocks of one name that a body holds, as a list in a map.
    pub(super) fn blocks_of(&self, body: &Body, header: Span, name: &str, scope: &Scope) -> Value {
        self.filtered(body, header, scope, &|kind| kind == name)
    }

    fn nested(&self, block: &Block, body: &Body, scope: &Scope) -> Value {
        self.enter(|| self.body(body, block.header, scope)).unwrap_or_else(|| Self::budget(block.header))
    }

    fn filtered(&self, body: &Body, header: Span, scope: &Scope, keep: &dyn Fn(&str) -> bool) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        for attribute in body.attributes.iter().filter(|attribute| keep(&attribute.name)) {
            let value = self.eval(&attribute.value, scope);
            entries.push(Entry { key: (&*attribute.name).into(), key_place: attribute.name_span, value });
        }
        let mut lists: Vec<(&str, Span, Vec<Value>, bool)> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for block in &body.blocks {
            let dynamic = if &*block.kind == "dynamic" { block.labels.first() } else { None };
            let kind = dynamic.map_or(&*block.kind, |label| &**label);
            if !keep(kind) || !self.step() {
                continue;
            }
            let (items, open) = match dynamic {
                Some(label) => self.dynamic(block, label, scope),
                None => (vec![self.nested(block, &block.body, scope)], false),
            };
            if let Some((_, _, all, is_open)) = known.get(kind).and_then(|at| lists.get_mut(*at)) {
                all.extend(items);
                *is_open |= open;
            } else {
                known.insert(kind, lists.len());
                lists.push((kind, block.header, items, open));
            }
        }
        for (kind, place, items, open) in lists {
            // An attribute of the same name cannot be; where it is, both are kept apart by order.
            entries.push(Entry { key: kind.into(), key_place: place, value: Value::list(items, open, place) });
        }
        Value::map(entries, false, header)
    }

    /// The blocks that a `dynamic` block makes, and whether there may be more.
    fn dynamic(&self, block: &Block, label: &str, scope: &Scope) -> (Vec<Value>, bool) {
        let (Some(each), Some(content)) = (block.body.attribute("for_each"), block.body.blocks("content").next()) else {
            return (Vec::new(), true);
        };
        let iterator = match block.body.attribute("iterator").map(|iterator| &iterator.value.kind) {
            Some(crate::syntax::hcl::ExprKind::Reference(name, _)) => name.clone(),
            _ => label.into(),
        };
        let place = each.value.span;
        let value = self.eval(&each.value, scope);
        let mut made = Vec::new();
        let open = self.sides(&value, &Assumption::default(), &mut |elements, when| {
            let looked_at = self.some_of(elements.len());
            for (key, value) in elements.into_iter().take(looked_at) {
                if !self.step() {
                    return;
                }
                let entry = |key: &str, value| Entry { key: key.into(), key_place: place, value };
                let bound = Value::map(vec![entry("key", key), entry("value", value)], false, place);
                let body = self.nested(block, &content.body, &scope.bind(vec![(iterator.clone(), bound)]));
                made.push(when.0.iter().rev().fold(body, |body, assumed| {
                    let none = Value::null(place);
                    let (then, otherwise) = if assumed.holds { (body, none) } else { (none, body) };
                    Value::choice((&*assumed.condition).into(), then, otherwise, block.header)
                }));
            }
        });
        (made, open)
    }

    /// The elements of every side of a value that may be a choice; whether there may be more on one of them.
    fn sides(&self, value: &Value, when: &Assumption, tell: Tell<'_>) -> bool {
        if let Node::Choice { cond, then, else_ } = &value.node {
            if when.0.len() >= MAX_CONDITIONS {
                self.cut.set(true);
                return true;
            }
            let mut open = false;
            for (side, holds) in [(then, true), (else_, false)] {
                if when.get(cond).is_some_and(|known| known != holds) {
                    continue;
                }
                let inner = if when.get(cond).is_some() { when.clone() } else { when.with(cond, holds) };
                let side = side.as_ref().clone().carried(value.via.as_ref());
                open |= self.enter(|| self.sides(&side, &inner, tell)).unwrap_or_else(|| {
                    self.cut.set(true);
                    true
                });
            }
            return open;
        }
        match self.elements(value) {
            Some(Elements { all, open }) => {
                tell(all, when);
                open
            }
            None => true,
        }
    }
}
