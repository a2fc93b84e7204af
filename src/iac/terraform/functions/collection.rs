//! Lists and maps. What goes through keeps its place; what an open list may hold besides stays open.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::set::{same, unified};
use super::{Call, Failure, Outcome, Table, refused, text};
use crate::base::text_map::Text;
use crate::iac::terraform::elements::index;
use crate::iac::text::hole;
use crate::iac::value::{Entry, in_order};
use crate::iac::{Node, Value};

pub(super) const TABLE: Table = &[
    ("alltrue", |call| quantified(call, true)),
    ("anytrue", |call| quantified(call, false)),
    ("chunklist", |call| {
        let (items, size) = (call.whole_list(0)?, call.integer(1)?);
        let size = usize::try_from(size).map_err(|_| Failure::Failed)?;
        // In chunks of none stands all of it.
        let size = if size == 0 { items.len().max(1) } else { size };
        call.make(items.len().saturating_mul(2))?;
        call.items(items.chunks(size).map(|chunk| Value::list(chunk.to_vec(), false, call.place)).collect(), false)
    }),
    ("coalesce", coalesce),
    ("coalescelist", coalescelist),
    ("compact", |call| {
        if let Some(same) = call.unknown(0) {
            return Ok(same);
        }
        let (items, mut open) = call.list(0)?;
        let kept = items.into_iter().filter(|item| !matches!(item.node, Node::Null) && item.as_text().as_deref() != Some(""));
        // What is not known may be empty, and is not there then.
        let kept: Vec<Value> = kept.inspect(|item| open |= matches!(item.node, Node::Unknown(_))).collect();
        call.items(kept, open)
    }),
    ("concat", concat),
    ("contains", |call| {
        let (items, open) = call.list(0)?;
        let wanted = call.argument(1)?;
        let mut unsure = open;
        for item in &items {
            match compared(call, item, wanted)? {
                Some(true) => return call.truth(true),
                None => unsure = true,
                Some(false) => {}
            }
        }
        if unsure { Err(Failure::Unknown) } else { call.truth(false) }
    }),
    ("element", |call| {
        let (whole, at) = (call.argument(0)?, call.argument(1)?);
        let single = matches!(&whole.node, Node::List { items, open: false } if items.len() == 1);
        if matches!(whole.node, Node::Unknown(_)) || matches!(at.node, Node::Unknown(_)) && !single {
            // Whichever it is, it is one of these.
            return match whole.node {
                Node::Unknown(_) => Ok(call.terraform.index(whole, at, call.place)),
                _ => Err(Failure::Unknown),
            };
        }
        let (items, open) = call.list(0)?;
        // Of one, every turn is the same.
        let at = if single { 0 } else { call.integer(1)? };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if open {
            // Only one that needs no turn is certain.
            let certain = usize::try_from(at).ok().and_then(|at| items.get(at)).cloned();
            return Ok(certain.unwrap_or_else(|| call.terraform.one_more(whole)));
        }
        let at = if length == 0 { None } else { usize::try_from(at.rem_euclid(length)).ok() };
        at.and_then(|at| items.get(at)).cloned().ok_or(Failure::Failed)
    }),
    ("flatten", |call| {
        let (items, mut open) = call.list(0)?;
        let mut flat = Vec::new();
        for item in items {
            // What is not known at the top is a list, most likely.
            open |= matches!(item.node, Node::Unknown(_));
            flatten(call, item, &mut flat, &mut open)?;
        }
        call.items(flat, open)
    }),
    ("index", |call| {
        let (items, _) = call.list(0)?;
        let wanted = call.argument(1)?;
        for (at, item) in items.iter().enumerate() {
            match compared(call, item, wanted)? {
                Some(true) => return call.count(at),
                // It may be this one.
                None => return Err(Failure::Unknown),
                Some(false) => {}
            }
        }
        if call.list(0)?.1 { Err(Failure::Unknown) } else { Err(Failure::Failed) }
    }),
    ("keys", |call| {
        let (entries, open) = call.map(0)?;
        let key = |e: Entry| Value::text(Text::within(e.key.as_bytes(), e.key_place), e.key_place);
        call.items(entries.into_iter().map(key).collect(), open)
    }),
    ("length", |call| {
        let value = call.argument(0)?;
        match &value.node {
            Node::List { open: true, .. } | Node::Map { open: true, .. } => Err(Failure::Unknown),
            Node::List { items, .. } => call.count(items.len()),
            Node::Map { entries, .. } => call.count(in_order(entries).len()),
            _ => {
                let text = call.known(0)?;
                call.room(text.len().saturating_mul(size_of::<usize>() * 2))?;
                call.count(text::characters(text::str(&text)?)?.len())
            }
        }
    }),
    ("lookup", |call| {
        let (map, key) = (call.argument(0)?, call.word(1)?);
        if matches!(map.node, Node::Unknown(_)) && call.arguments.len() == 2 {
            return Ok(call.terraform.index(map, call.argument(1)?, call.place));
        }
        let Node::Map { entries, open } = &map.node else { return Err(refused(map)) };
        match entries.named(&key) {
            Some(found) => Ok(found.value.clone().carried(map.via.as_ref())),
            None if *open => Err(Failure::Unknown),
            None => call.argument(2).cloned(),
        }
    }),
    ("matchkeys", |call| {
        let (values, keys, wanted) = (call.whole_list(0)?, call.whole_list(1)?, call.whole_list(2)?);
        if values.len() != keys.len() {
            return Err(Failure::Failed);
        }
        let mut kept = Vec::new();
        for (value, key) in values.into_iter().zip(&keys) {
            let mut found = Some(false);
            for wanted in &wanted {
                // Keys of mixed types become text before they are compared.
                let same = match (key.as_text(), wanted.as_text()) {
                    (Some(key), Some(wanted)) => Some(key == wanted),
                    _ => compared(call, key, wanted)?,
                };
                match same {
                    Some(false) => {}
                    other => found = other.and(Some(true)),
                }
                if found != Some(false) {
                    break;
                }
            }
            if found.ok_or(Failure::Unknown)? {
                kept.push(value);
            }
        }
        call.items(kept, false)
    }),
    ("merge", merge),
    ("one", |call| {
        let (items, open) = call.list(0)?;
        match items.as_slice() {
            // There may be none: what is not known says no more than that.
            [item] if !open || matches!(item.node, Node::Unknown(_)) => Ok(item.clone()),
            [] | [_] if open => Err(Failure::Unknown),
            [] => Ok(Value::null(call.place)),
            _ => Err(Failure::Failed),
        }
    }),
    ("reverse", |call| {
        if let Some(same) = call.unknown(0) {
            return Ok(same);
        }
        let (mut items, open) = call.list(0)?;
        items.reverse();
        call.items(items, open)
    }),
    ("slice", |call| {
        let at = |at: usize| call.integer(at).and_then(|at| usize::try_from(at).map_err(|_| Failure::Failed));
        let range = at(1)?..at(2)?;
        if range.start > range.end {
            return Err(Failure::Failed);
        }
        call.make(range.len())?;
        let whole = call.argument(0)?;
        // Terraform takes no slice that is longer than the list: so many there are.
        let known: Vec<Value> = match &whole.node {
            Node::Unknown(_) => range.map(|at| call.terraform.index(whole, &index(at, call.place), call.place)).collect(),
            Node::List { open: true, .. } => {
                let (items, _) = call.list(0)?;
                range.map(|at| items.get(at).cloned().unwrap_or_else(|| call.terraform.one_more(whole))).collect()
            }
            _ => call.whole_list(0)?.get(range).ok_or(Failure::Failed)?.to_vec(),
        };
        call.items(known, false)
    }),
    ("transpose", transpose),
    ("values", |call| {
        let (entries, open) = call.map(0)?;
        call.items(entries.into_iter().map(|entry| entry.value).collect(), open)
    }),
    ("zipmap", |call| {
        let (keys, values) = (call.whole_list(0)?, call.whole_list(1)?);
        if keys.len() != values.len() {
            return Err(Failure::Failed);
        }
        call.make(keys.len().saturating_mul(2))?;
        let (mut entries, mut open) = (Vec::with_capacity(keys.len()), false);
        for (key, value) in keys.iter().zip(values) {
            match key.as_text() {
                Some(name) => entries.push(Entry { key: name.into(), key_place: key.place, value }),
                None if matches!(refused(key), Failure::Unknown) => open = true,
                None => return Err(Failure::Failed),
            }
        }
        Ok(Value::map(entries, open, call.place))
    }),
];

/// Whether two values are the same, which costs what the smaller one is large.
fn compared(call: &Call<'_>, left: &Value, right: &Value) -> Outcome<Option<bool>> {
    let deep = left.weight().min(right.weight()) as usize;
    if deep > 1 && !call.terraform.steps_for(deep) {
        return Err(Failure::Budget);
    }
    Ok(same(left, right))
}

/// Whether all items are true, or any is.
fn quantified(call: &Call<'_>, all: bool) -> Outcome {
    let (items, open) = call.list(0)?;
    let mut unsure = open;
    for item in &items {
        match (item.as_bool(), &item.node) {
            (Some(truth), _) if truth != all => return call.truth(!all),
            (None, Node::Null) if all => return call.truth(false),
            (Some(_), _) | (None, Node::Null) => {}
            (None, _) if matches!(refused(item), Failure::Unknown) => unsure = true,
            _ => return Err(Failure::Failed),
        }
    }
    if unsure { Err(Failure::Unknown) } else { call.truth(all) }
}

/// The first that is neither null nor empty, as the most general of the types of all.
fn coalesce(call: &Call<'_>) -> Outcome {
    for (at, value) in call.arguments.iter().enumerate() {
        match &value.node {
            Node::Unknown(_) => return only(&call.arguments[at..]),
            _ if is_nothing(value) => {}
            _ => {
                let mut all = call.arguments.to_vec();
                all.swap(0, at);
                return unified(all).into_iter().next().ok_or(Failure::Failed);
            }
        }
    }
    Err(Failure::Failed)
}

/// The first list that is not empty.
fn coalescelist(call: &Call<'_>) -> Outcome {
    for (at, value) in call.arguments.iter().enumerate() {
        match &value.node {
            Node::List { items, .. } if !items.is_empty() => return Ok(value.clone()),
            Node::Unknown(_) | Node::List { open: true, .. } => return only(&call.arguments[at..]),
            _ if is_nothing(value) => {}
            _ => return Err(refused(value)),
        }
    }
    Err(Failure::Failed)
}

/// A value that is not known, where nothing comes behind it: Terraform refuses the call unless it is something.
fn only(rest: &[Value]) -> Outcome {
    match rest {
        [value, behind @ ..] if behind.iter().all(is_nothing) => Ok(value.clone()),
        _ => Err(Failure::Unknown),
    }
}

fn is_nothing(value: &Value) -> bool {
    match &value.node {
        Node::Null => true,
        Node::Text(text) => text.is_empty(),
        Node::List { items, open } => items.is_empty() && !open,
        _ => false,
    }
}

fn concat(call: &Call<'_>) -> Outcome {
    let (all, open) = together(call)?;
    call.items(all, open)
}

/// The items of all arguments one after the other, and whether there may be more.
pub(super) fn together(call: &Call<'_>) -> Outcome<(Vec<Value>, bool)> {
    let (mut all, mut open) = (Vec::new(), false);
    for at in 0..call.arguments.len() {
        match call.list(at) {
            Ok((items, more)) => {
                all.extend(items);
                open |= more;
            }
            Err(Failure::Unknown) => open = true,
            Err(other) => return Err(other),
        }
    }
    Ok((all, open))
}

fn flatten(call: &Call<'_>, item: Value, flat: &mut Vec<Value>, open: &mut bool) -> Outcome<()> {
    let Node::List { items, open: more } = &item.node else {
        flat.push(item);
        return Ok(());
    };
    *open |= more;
    // A value is no deeper than values may be.
    call.items_of(items, &item)?.into_iter().try_for_each(|inner| flatten(call, inner, flat, open))
}

fn merge(call: &Call<'_>) -> Outcome {
    let (mut all, mut open): (Vec<Entry>, bool) = (Vec::new(), false);
    let mut known: HashMap<Arc<str>, usize> = HashMap::new();
    for argument in call.arguments {
        match &argument.node {
            Node::Map { entries, open: more } => {
                call.make(entries.len())?;
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
            Node::Unknown(_) | Node::Choice { .. } => {
                all.clear();
                known.clear();
                open = true;
            }
            _ => return Err(Failure::Failed),
        }
    }
    Ok(Value::map(all, open, call.place))
}

/// From keys with lists of words to words with the lists of keys that have them.
fn transpose(call: &Call<'_>) -> Outcome {
    let (entries, open) = call.map(0)?;
    let mut all: BTreeMap<String, (Value, Vec<Value>)> = BTreeMap::new();
    for entry in &entries {
        let Node::List { items, open: false } = &entry.value.node else { return Err(refused(&entry.value)) };
        for item in call.items_of(items, &entry.value)? {
            let word = text::of(&item)?;
            if hole(&word).is_some() {
                return Err(Failure::Unknown);
            }
            let word = word.to_str().into_owned();
            let key = Value::text(Text::within(entry.key.as_bytes(), entry.key_place), entry.key_place);
            all.entry(word).or_insert_with(|| (item, Vec::new())).1.push(key);
        }
    }
    let entry = |(key, (word, keys)): (String, (Value, Vec<Value>))| Entry {
        key: key.into(),
        key_place: word.place,
        value: Value::list(keys, false, call.place),
    };
    Ok(Value::map(all.into_iter().map(entry).collect(), open, call.place))
}
