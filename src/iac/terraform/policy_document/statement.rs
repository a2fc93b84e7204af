//! One `statement` block as a statement of a policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::terraform::Terraform;
use crate::iac::value::Entry;
use crate::iac::{Lookup, Node, Reason, Value};

/// Values under a name: principals of a type, a variable's values. `true`: there may be more.
type Group = (Vec<Value>, bool);
type Groups = BTreeMap<Arc<str>, Group>;

/// The arguments that are lists, what they are called in a policy, and whether `&{…}` stands for `${…}` in them.
const LISTS: [(&str, &str, bool); 4] = [
    ("actions", "Action", false),
    ("not_actions", "NotAction", false),
    ("resources", "Resource", true),
    ("not_resources", "NotResource", true),
];

impl Terraform<'_> {
    /// The statement that a block makes; null where the block is not there, None where nothing is known of it.
    pub(super) fn statement(&self, block: &Value) -> Option<Value> {
        if matches!(block.node, Node::Null) {
            return Some(block.clone());
        }
        let Node::Map { open, .. } = &block.node else { return None };
        let place = block.place;
        let mut entries: Vec<Entry> = Vec::new();
        let mut add = |key: &str, value: Value| entries.push(Entry { key: key.into(), key_place: value.place, value });
        if let Lookup::Found(sid) = block.lookup("sid") {
            add("Sid", sid.clone());
        }
        match block.lookup("effect") {
            Lookup::Found(effect) => add("Effect", effect.clone()),
            // What the provider adds.
            _ => add("Effect", Value::text(Text::within(b"Allow", place), place)),
        }
        for (argument, name, substituted) in LISTS {
            if let Lookup::Found(value) = block.lookup(argument) {
                let value = if substituted { with_variables(value) } else { value.clone() };
                if let Some(value) = short(value) {
                    add(name, value);
                }
            }
        }
        for (argument, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            if let Lookup::Found(blocks) = block.lookup(argument) {
                Some(self.principals(blocks)).filter(says_something).into_iter().for_each(|value| add(name, value));
            }
        }
        if let Lookup::Found(blocks) = block.lookup("condition") {
            Some(self.conditions(blocks)).filter(says_something).into_iter().for_each(|value| add("Condition", value));
        }
        Some(Value::map(entries, *open, place))
    }

    /// `principals` blocks: `"*"`, or identifiers by their type.
    fn principals(&self, blocks: &Value) -> Value {
        let Node::List { items, open } = &blocks.node else { return self.not_told(blocks) };
        if let ([only], false) = (&**items, open)
            && let (Some("*"), Lookup::Found(identifiers)) = (text_of(only, "type").as_deref(), only.lookup("identifiers"))
            && let Some(star) = short(identifiers.clone())
            && star.as_text().as_deref() == Some("*")
        {
            return star;
        }
        let (mut open, mut groups) = (*open, BTreeMap::new());
        for block in items.iter().filter(|block| !matches!(block.node, Node::Null)) {
            match (text_of(block, "type"), block.lookup("identifiers")) {
                (Some(kind), Lookup::Found(identifiers)) => gather(&mut groups, &kind, &with_variables(identifiers)),
                (Some(_), Lookup::Absent(_)) if matches!(block.node, Node::Map { .. }) => {}
                _ => open = true,
            }
        }
        grouped(groups, open, blocks.place)
    }

    /// `condition` blocks: values by variable, by test.
    fn conditions(&self, blocks: &Value) -> Value {
        let Node::List { items, open } = &blocks.node else { return self.not_told(blocks) };
        let (mut open, mut tests): (bool, BTreeMap<Arc<str>, Groups>) = (*open, BTreeMap::new());
        for block in items.iter().filter(|block| !matches!(block.node, Node::Null)) {
            match (text_of(block, "test"), text_of(block, "variable"), block.lookup("values")) {
                (Some(test), Some(variable), Lookup::Found(values)) => {
                    gather(tests.entry(test).or_default(), &variable, &with_variables(values));
                }
                _ => open = true,
            }
        }
        let place = blocks.place;
        let entry = |(test, groups)| Entry { key: test, key_place: place, value: grouped(groups, false, place) };
        Value::map(tests.into_iter().map(entry).collect(), open, place)
    }

    /// What stands there is not known: its reason, or the expression.
    fn not_told(&self, value: &Value) -> Value {
        match value.node {
            Node::Unknown(_) => value.clone(),
            _ => self.unknown(Reason::Expression(self.written(value.place).into()), value.place),
        }
    }
}

/// What no block is written for is left out.
fn says_something(value: &Value) -> bool {
    !matches!(&value.node, Node::Map { entries, open: false } if entries.is_empty())
}

fn text_of(block: &Value, name: &str) -> Option<Arc<str>> {
    match block.lookup(name) {
        Lookup::Found(value) => value.as_text().map(|text| Arc::from(&*text)),
        _ => None,
    }
}

fn gather(groups: &mut Groups, name: &str, values: &Value) {
    let (all, open) = groups.entry(name.into()).or_default();
    match &values.node {
        Node::List { items, open: more } => {
            all.extend(items.iter().cloned());
            *open |= more;
        }
        _ => all.push(values.clone()),
    }
}

fn grouped(groups: Groups, open: bool, place: Span) -> Value {
    let entry = |(name, (items, more)): (Arc<str>, Group)| {
        let at = items.first().map_or(place, |item| item.place);
        let value = short(Value::list(items, more, at)).unwrap_or_else(|| Value::list(Vec::new(), more, at));
        Entry { key: name, key_place: at, value }
    };
    Value::map(groups.into_iter().map(entry).collect(), open, place)
}

/// A list as the provider writes it: one of one item as that item, an empty one not at all.
fn short(value: Value) -> Option<Value> {
    match &value.node {
        Node::List { items, open: false } => match &**items {
            [] => None,
            [only] => Some(only.clone()),
            _ => Some(value),
        },
        _ => Some(value),
    }
}

/// `&{aws:username}` is what a policy writes as `${aws:username}`, which Terraform keeps for itself.
fn with_variables(value: &Value) -> Value {
    match &value.node {
        Node::Text(text) if memchr::memmem::find(text.bytes(), b"&{").is_some() => {
            let (mut out, mut run) = (Text::new(), 0);
            for at in memchr::memmem::find_iter(text.bytes(), b"&{") {
                out.push_slice(text, run..at);
                out.push_within(b"$", text.span(at..at + 1).unwrap_or(value.place));
                run = at + 1;
            }
            out.push_slice(text, run..text.len());
            Value::text(out, value.place).carried(value.via.as_ref())
        }
        Node::List { items, open } => {
            Value::list(items.iter().map(with_variables).collect(), *open, value.place).carried(value.via.as_ref())
        }
        _ => value.clone(),
    }
}
