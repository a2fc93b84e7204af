//! Lists, sets and maps.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Call, Function};
use crate::base::text_map::Text;
use crate::iac::terraform::logic::equal;
use crate::iac::value::Entry;
use crate::iac::{Lookup, Node, Value};

pub(super) const TABLE: &[(&str, Function)] = &[
    ("coalesce", |call| first(call, false)),
    ("coalescelist", |call| first(call, true)),
    ("compact", |call| {
        let (items, open) = call.list(0)?;
        let kept = items.into_iter().filter(|item| !matches!(item.node, Node::Null) && item.as_text().as_deref() != Some(""));
        Some(Value::list(kept.collect(), open, call.place))
    }),
    ("concat", |call| Some(concat(call))),
    ("contains", |call| {
        let (items, open) = call.list(0)?;
        let wanted = call.argument(1)?;
        let same: Vec<_> = items.iter().map(|item| equal(item, wanted)).collect();
        if same.contains(&Some(true)) {
            return Some(Value::bool(true, call.place));
        }
        (!open && !same.contains(&None)).then(|| Value::bool(false, call.place))
    }),
    ("distinct", |call| set(call)),
    ("element", |call| {
        let (items, open) = call.list(0)?;
        if open || items.is_empty() {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let at = call.argument(1)?.as_number().filter(|n| *n >= 0.0)? as usize;
        items.get(at % items.len()).cloned()
    }),
    ("flatten", |call| {
        let (items, open) = call.list(0)?;
        let (mut flat, mut is_open) = (Vec::new(), open);
        flatten(items, &mut flat, &mut is_open, 0);
        Some(Value::list(flat, is_open, call.place))
    }),
    ("keys", |call| match &call.argument(0)?.node {
        Node::Map { entries, open } => {
            let text = |e: &Entry| Value::text(Text::within(e.key.as_bytes(), e.key_place), e.key_place);
            Some(Value::list(entries.iter().map(text).collect(), *open, call.place))
        }
        _ => None,
    }),
    ("length", |call| {
        let length = match &call.argument(0)?.node {
            Node::List { items, open: false } => items.len(),
            Node::Map { entries, open: false } => entries.len(),
            Node::Text(text) if text.holes().next().is_none() => text.to_str().chars().count(),
            _ => return None,
        };
        #[expect(clippy::cast_precision_loss, reason = "a length")]
        Some(Value::number(length as f64, call.place))
    }),
    ("lookup", |call| {
        let map = call.argument(0)?;
        if !call.terraform.steps_for(super::items(map)) {
            return None;
        }
        match map.lookup(&call.text(1)?) {
            Lookup::Found(value) => Some(value.clone().carried(map.via.as_ref())),
            Lookup::Absent(_) if matches!(map.node, Node::Map { .. }) => call.argument(2).cloned(),
            _ => None,
        }
    }),
    ("merge", |call| Some(merge(call))),
    ("one", |call| {
        let (items, open) = call.list(0)?;
        match items.as_slice() {
            [] if !open => Some(Value::null(call.place)),
            [item] if !open => Some(item.clone()),
            _ => None,
        }
    }),
    ("reverse", |call| {
        let (mut items, open) = call.list(0)?;
        items.reverse();
        Some(Value::list(items, open, call.place))
    }),
    ("setunion", |call| {
        let joined = concat(call);
        let inner = Call { arguments: &[joined], ..*call };
        set(&inner)
    }),
    ("sort", |call| {
        let (mut items, open) = call.list(0)?;
        items.sort_by_key(|item| item.as_text().map(std::borrow::Cow::into_owned));
        Some(Value::list(items, open, call.place))
    }),
    ("tolist", |call| {
        let (items, open) = call.list(0)?;
        Some(Value::list(items, open, call.place))
    }),
    ("tomap", |call| call.argument(0).cloned().filter(|value| matches!(value.node, Node::Map { .. }))),
    ("toset", |call| set(call)),
    ("can", |call| {
        let tried = call.argument(0)?;
        match &tried.node {
            Node::Unknown(_) if !call.terraform.fails(tried) => None,
            _ => Some(Value::bool(!call.terraform.fails(tried), call.place)),
        }
    }),
    // The first argument that is no error; an unknown one might be, and then the next would count.
    ("try", |call| {
        let tried = call.arguments.iter().find(|tried| !call.terraform.fails(tried))?;
        (!matches!(tried.node, Node::Unknown(_))).then(|| tried.clone())
    }),
    ("values", |call| {
        let map = call.argument(0)?;
        match &map.node {
            Node::Map { entries, open } => {
                Some(Value::list(entries.iter().map(|e| e.value.clone().carried(map.via.as_ref())).collect(), *open, call.place))
            }
            _ => None,
        }
    }),
];

fn concat(call: &Call<'_>) -> Value {
    let (mut all, mut open) = (Vec::new(), false);
    for at in 0..call.arguments.len() {
        match call.list(at) {
            Some((items, more)) => {
                all.extend(items);
                open |= more;
            }
            None => open = true,
        }
    }
    Value::list(all, open, call.place)
}

fn merge(call: &Call<'_>) -> Value {
    let (mut all, mut open): (Vec<Entry>, bool) = (Vec::new(), false);
    let mut known: HashMap<Arc<str>, usize> = HashMap::new();
    for argument in call.arguments {
        match &argument.node {
            Node::Map { entries, open: more } => {
                for entry in entries.iter() {
                    let entry = Entry { value: entry.value.clone().carried(argument.via.as_ref()), ..entry.clone() };
                    // A later map's entry stands where the earlier one's stood.
                    if let Some(at) = known.get(&entry.key) {
                        all[*at] = entry;
                    } else {
                        known.insert(entry.key.clone(), all.len());
                        all.push(entry);
                    }
                }
                open |= more;
            }
            Node::Null => {}
            // What is not known may say otherwise of every key so far.
            _ => {
                all.clear();
                known.clear();
                open = true;
            }
        }
    }
    Value::map(all, open, call.place)
}

/// Each item once. Items that are not known stay.
fn set(call: &Call<'_>) -> Option<Value> {
    let (items, open) = call.list(0)?;
    let mut seen = std::collections::HashSet::new();
    let kept = items.into_iter().filter(|item| item.as_text().is_none_or(|text| seen.insert(text.into_owned())));
    Some(Value::list(kept.collect(), open, call.place))
}

fn flatten(items: Vec<Value>, flat: &mut Vec<Value>, open: &mut bool, depth: usize) {
    for item in items {
        match &item.node {
            Node::List { items, open: more } if depth < 16 => {
                *open |= more;
                flatten(items.iter().map(|inner| inner.clone().carried(item.via.as_ref())).collect(), flat, open, depth + 1);
            }
            _ => flat.push(item),
        }
    }
}

fn first(call: &Call<'_>, list: bool) -> Option<Value> {
    for argument in call.arguments {
        match &argument.node {
            Node::Null => {}
            Node::Unknown(_) => return None,
            Node::List { items, open } if list && items.is_empty() => {
                if *open {
                    return None;
                }
            }
            _ if !list && argument.as_text().as_deref() == Some("") => {}
            _ => return Some(argument.clone()),
        }
    }
    None
}
