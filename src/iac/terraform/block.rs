//! Blocks: how many instances `count` and `for_each` make, and what a body holds, `dynamic` blocks included.

use std::sync::Arc;

use super::Terraform;
use super::expr::{Bound, Scope};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::base::truth::Assumption;
use crate::iac::value::Entry;
use crate::iac::{MAX_INSTANCES, Node, Reason, Value};
use crate::syntax::hcl::{Block, Body};

/// Which instance of a block.
#[derive(Clone, Debug)]
pub(super) enum Key {
    /// The only one.
    None,
    Index(usize),
    Name(Arc<str>, Value),
    /// Some instance of an unknown number.
    Any(Value),
}

/// The instances of a block, and on what their existence depends.
pub(super) struct Instances {
    pub all: Vec<Key>,
    pub when: Assumption,
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

    /// What `count` and `each` are inside of it.
    pub fn bind(&self, place: Span) -> Bound {
        let entry = |key: &str, value: Value| Entry { key: key.into(), key_place: place, value };
        let map = |entries| Value::map(entries, false, place);
        match self {
            Key::None => Vec::new(),
            #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
            Key::Index(index) => vec![("count".into(), map(vec![entry("index", Value::number(*index as f64, place))]))],
            Key::Name(name, value) => {
                let key = Value::text(Text::within(name.as_bytes(), value.place), value.place);
                vec![("each".into(), map(vec![entry("key", key), entry("value", value.clone())]))]
            }
            Key::Any(unknown) => vec![("each".into(), unknown.clone()), ("count".into(), unknown.clone())],
        }
    }
}

impl Terraform<'_> {
    /// The instances that `count` or `for_each` make of a block.
    pub(super) fn instances(&self, body: &Body, scope: &Scope) -> Instances {
        let always = |all| Instances { all, when: Assumption::default() };
        if let Some(count) = body.attribute("count") {
            let value = self.eval(&count.value, scope);
            return self.either(&value, &|value| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast goes to the nearest")]
                let number = value.as_number()? as usize;
                Some((0..self.some_of(number)).map(Key::Index).collect())
            });
        }
        if let Some(each) = body.attribute("for_each") {
            let value = self.eval(&each.value, scope);
            return self.either(&value, &|value| self.keys(value, scope));
        }
        always(vec![Key::None])
    }

    /// How many of so many instances are looked at.
    fn some_of(&self, instances: usize) -> usize {
        if instances > MAX_INSTANCES {
            self.cut.set(true);
        }
        instances.min(MAX_INSTANCES)
    }

    /// Keys for a value that may be a choice between some and none.
    fn either(&self, value: &Value, keys: &dyn Fn(&Value) -> Option<Vec<Key>>) -> Instances {
        let any = || vec![Key::Any(self.unknown(Reason::Expression("each".into()), value.place))];
        if let Node::Choice { cond, then, else_ } = &value.node {
            let (then, otherwise) = (keys(then), keys(else_));
            let side =
                |all: Option<Vec<Key>>, holds| Instances { all: all.unwrap_or_else(any), when: Assumption::default().with(cond, holds) };
            let none = |keys: &Option<Vec<Key>>| keys.as_ref().is_some_and(Vec::is_empty);
            return match (none(&then), none(&otherwise)) {
                (true, true) => Instances { all: Vec::new(), when: Assumption::default() },
                (false, true) => side(then, true),
                (true, false) => side(otherwise, false),
                (false, false) => Instances { all: any(), when: Assumption::default() },
            };
        }
        Instances { all: keys(value).unwrap_or_else(any), when: Assumption::default() }
    }

    fn keys(&self, value: &Value, scope: &Scope) -> Option<Vec<Key>> {
        match &value.node {
            Node::Map { entries, .. } => Some(
                entries
                    .iter()
                    .take(self.some_of(entries.len()))
                    .map(|e| Key::Name(e.key.clone(), e.value.clone().carried(value.via.as_ref())))
                    .collect(),
            ),
            Node::List { items, .. } => Some(
                items
                    .iter()
                    .take(self.some_of(items.len()))
                    .filter_map(|item| Some(Key::Name(item.as_text()?.into(), item.clone().carried(value.via.as_ref()))))
                    .collect(),
            ),
            Node::Null => Some(Vec::new()),
            Node::Unknown(id) => self.keys_of_resource(*id, value.place, scope),
            _ => None,
        }
    }

    /// `for_each = aws_s3_bucket.b`: the instances of another resource of this module.
    fn keys_of_resource(&self, id: crate::base::ids::UnknownId, place: Span, scope: &Scope) -> Option<Vec<Key>> {
        let Reason::Reference { address, attribute } = self.unknowns.reason(id) else { return None };
        let (kind, name) = address.strip_prefix(&*scope.instance.prefix)?.split_once('.')?;
        if !attribute.is_empty() {
            return None;
        }
        let block = scope.instance.module.resource(kind, name)?;
        let for_each = block.body.attribute("for_each")?;
        let value = self.eval(&for_each.value, &Scope::of(&scope.instance));
        // One step only: a chain of such references is rare, and a circle is not.
        let keys = if matches!(value.node, Node::Unknown(_)) { None } else { self.keys(&value, scope) }?;
        let reference = |key: &Key| Reason::Reference { address: format!("{address}{}", key.suffix()).into(), attribute: "".into() };
        let named = keys.iter().filter_map(|key| match key {
            Key::Name(name, _) => Some(Key::Name(name.clone(), self.unknown(reference(key), place))),
            _ => None,
        });
        Some(named.collect())
    }

    /// The attributes of a resource, without those that speak to Terraform itself.
    pub(super) fn resource_body(&self, body: &Body, header: Span, scope: &Scope) -> Value {
        const META: [&str; 7] = ["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"];
        self.filtered(body, header, scope, &|name| !META.contains(&name))
    }

    /// What a body holds: attributes, and blocks as lists.
    pub(super) fn body(&self, body: &Body, header: Span, scope: &Scope) -> Value {
        self.filtered(body, header, scope, &|_| true)
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
        for block in &body.blocks {
            let dynamic = if &*block.kind == "dynamic" { block.labels.first() } else { None };
            let kind = dynamic.map_or(&*block.kind, |label| &**label);
            // Looked for among the kinds that are there already.
            if !keep(kind) || !self.steps_for(lists.len()) {
                continue;
            }
            let (items, open) = match dynamic {
                Some(label) => self.dynamic(block, label, scope),
                None => (vec![self.nested(block, &block.body, scope)], false),
            };
            match lists.iter_mut().find(|(name, ..)| *name == kind) {
                Some((_, _, all, is_open)) => {
                    all.extend(items);
                    *is_open |= open;
                }
                None => lists.push((kind, block.header, items, open)),
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
        let (elements, open) = Self::elements(&value);
        let looked_at = self.some_of(elements.len());
        let made = elements.into_iter().take(looked_at).filter(|_| self.step()).map(|element| {
            let entry = |key: &str, value| Entry { key: key.into(), key_place: place, value };
            let bound = Value::map(vec![entry("key", element.key), entry("value", element.value)], false, place);
            let inner = scope.bind(vec![(iterator.clone(), bound)]);
            let body = self.nested(block, &content.body, &inner);
            match element.when {
                None => body,
                Some((cond, true)) => Value::choice(cond, body, Value::null(place), block.header),
                Some((cond, false)) => Value::choice(cond, Value::null(place), body, block.header),
            }
        });
        (made.collect(), open)
    }

    /// What a collection holds, and whether there may be more.
    fn elements(value: &Value) -> (Vec<Element>, bool) {
        let carried = |item: &Value| item.clone().carried(value.via.as_ref());
        let text = |key: &str, place| Value::text(Text::within(key.as_bytes(), place), place);
        match &value.node {
            #[expect(clippy::cast_precision_loss, reason = "an index of a list")]
            Node::List { items, open } => (
                items
                    .iter()
                    .enumerate()
                    .map(|(n, item)| Element { key: Value::number(n as f64, item.place), value: carried(item), when: None })
                    .collect(),
                *open,
            ),
            Node::Map { entries, open } => {
                (entries.iter().map(|e| Element { key: text(&e.key, e.key_place), value: carried(&e.value), when: None }).collect(), *open)
            }
            Node::Choice { cond, then, else_ } => {
                let mut all = Vec::new();
                let mut open = false;
                for (side, holds) in [(then, true), (else_, false)] {
                    let (elements, more) = Self::elements(&side.clone().as_ref().clone().carried(value.via.as_ref()));
                    open |= more;
                    // Of a choice in a choice, the outer condition is told; the inner one is not resolved.
                    open |= elements.iter().any(|element| element.when.is_some());
                    all.extend(
                        elements.into_iter().filter(|e| e.when.is_none()).map(|e| Element { when: Some((cond.clone(), holds)), ..e }),
                    );
                }
                (all, open)
            }
            Node::Null => (Vec::new(), false),
            _ => (Vec::new(), true),
        }
    }
}

struct Element {
    key: Value,
    value: Value,
    /// It is there only on this side of a condition.
    when: Option<(Arc<str>, bool)>,
}
