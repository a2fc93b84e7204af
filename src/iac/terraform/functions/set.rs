//! Sets, and what treats lists like them. A set is a list here, its items each once and in order.

use std::collections::HashSet;

use super::collection::together;
use super::{Call, Failure, Outcome, Table, text};
use crate::iac::terraform::logic::equal;
use crate::iac::{Node, Value};

pub(super) const TABLE: Table = &[
    ("distinct", |call| {
        if let Some(same) = call.unknown(0) {
            return Ok(same);
        }
        let (items, open) = call.list(0)?;
        call.items(once(call, items)?, open)
    }),
    ("setintersection", |call| {
        let (mut kept, mut open) = call.list(0)?;
        for at in 1..call.arguments.len() {
            let (others, more) = call.list(at)?;
            // What is in an open set may be in both.
            if more || open {
                return Err(Failure::Unknown);
            }
            open |= more;
            kept = sifted(call, kept, &others, true)?;
        }
        set(call, kept, open)
    }),
    ("setproduct", setproduct),
    ("setsubtract", |call| {
        let (items, open) = call.list(0)?;
        let kept = sifted(call, items, &call.whole_list(1)?, false)?;
        set(call, kept, open)
    }),
    ("setunion", |call| {
        let (all, open) = together(call)?;
        set(call, all, open)
    }),
    ("sort", |call| {
        if let Some(same) = call.unknown(0) {
            return Ok(same);
        }
        let (items, open) = call.list(0)?;
        // Where an unknown one stands is not known.
        let mut texts = items.iter().map(|item| Ok((text::of(item)?.to_str().into_owned(), item.clone()))).collect::<Outcome<Vec<_>>>()?;
        texts.sort_by(|(left, _), (right, _)| left.cmp(right));
        call.items(texts.into_iter().map(|(_, item)| item).collect(), open)
    }),
    ("toset", |call| {
        if matches!(call.argument(0)?.node, Node::Null | Node::Unknown(_)) {
            return Ok(call.argument(0)?.clone());
        }
        let (items, open) = call.list(0)?;
        set(call, items, open)
    }),
];

/// A set of these items.
pub(super) fn set(call: &Call<'_>, items: Vec<Value>, open: bool) -> Outcome {
    let mut items = once(call, unified(items))?;
    // Texts and numbers are in their own order; what else there may be is in the order of the source.
    items.sort_by(|left, right| match (&left.node, &right.node) {
        (Node::Number(left), Node::Number(right)) => left.total_cmp(right),
        (Node::Text(left), Node::Text(right)) => left.bytes().cmp(right.bytes()),
        (Node::Bool(left), Node::Bool(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)),
    });
    call.items(items, open)
}

fn rank(value: &Value) -> u8 {
    match value.node {
        Node::Null => 0,
        Node::Bool(_) => 1,
        Node::Number(_) => 2,
        Node::Text(_) => 3,
        _ => 4,
    }
}

/// Items of one type: where one is text, numbers and booleans are too.
pub(super) fn unified(items: Vec<Value>) -> Vec<Value> {
    if !items.iter().any(|item| matches!(item.node, Node::Text(_))) {
        return items;
    }
    let convert = |item: Value| match text::of(&item) {
        Ok(std::borrow::Cow::Owned(text)) => Value::text(text, item.place).carried(item.via.as_ref()),
        _ => item,
    };
    items.into_iter().map(convert).collect()
}

/// Each item once; one that is not known in full stays. Lists and maps are compared with each other.
fn once(call: &Call<'_>, items: Vec<Value>) -> Outcome<Vec<Value>> {
    let mut seen: HashSet<(u8, String)> = HashSet::new();
    let mut others: Vec<Value> = Vec::new();
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let fresh = match (&item.node, item.as_text()) {
            (_, Some(word)) => seen.insert((rank(&item), word.into_owned())),
            (Node::Null, _) => seen.insert((0, String::new())),
            (Node::List { .. } | Node::Map { .. }, _) => {
                let fresh = !any_equal(call, &others, &item)?;
                if fresh {
                    others.push(item.clone());
                }
                fresh
            }
            _ => true,
        };
        if fresh {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn any_equal(call: &Call<'_>, others: &[Value], item: &Value) -> Outcome<bool> {
    for other in others {
        if !call.terraform.steps_for(item.weight().min(other.weight()) as usize) {
            return Err(Failure::Budget);
        }
        if same(other, item) == Some(true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether two values are the same, maps and lists by what is in them. None where that is not known.
pub(super) fn same(left: &Value, right: &Value) -> Option<bool> {
    let all = |pairs: &mut dyn Iterator<Item = Option<bool>>| {
        let mut known = Some(true);
        for pair in pairs {
            match pair {
                Some(false) => return Some(false),
                None => known = None,
                Some(true) => {}
            }
        }
        known
    };
    match (&left.node, &right.node) {
        (Node::Map { entries: l, open: false }, Node::Map { entries: r, open: false }) => {
            let (l, r) = (crate::iac::value::in_order(l), crate::iac::value::in_order(r));
            if l.len() != r.len() || l.iter().zip(&r).any(|(l, r)| l.key != r.key) {
                return Some(false);
            }
            all(&mut l.iter().zip(&r).map(|(l, r)| same(&l.value, &r.value)))
        }
        (Node::List { items: l, open: false }, Node::List { items: r, open: false }) => {
            if l.len() != r.len() {
                return Some(false);
            }
            all(&mut l.iter().zip(r.iter()).map(|(l, r)| same(l, r)))
        }
        (Node::Map { .. } | Node::List { .. }, Node::Text(_) | Node::Number(_) | Node::Bool(_))
        | (Node::Text(_) | Node::Number(_) | Node::Bool(_), Node::Map { .. } | Node::List { .. }) => Some(false),
        _ => equal(left, right),
    }
}

/// The items that are among the others, or those that are not.
fn sifted(call: &Call<'_>, items: Vec<Value>, others: &[Value], among: bool) -> Outcome<Vec<Value>> {
    let words: HashSet<String> = others.iter().filter_map(|other| other.as_text().map(std::borrow::Cow::into_owned)).collect();
    let plain = !words.is_empty() && others.iter().all(|other| other.as_text().is_some());
    let mut kept = Vec::new();
    for item in items {
        let found = match item.as_text() {
            Some(word) if plain || words.contains(&*word) => words.contains(&*word),
            _ => {
                let mut found = Some(false);
                for other in others {
                    if !call.terraform.steps_for(item.weight().min(other.weight()) as usize) {
                        return Err(Failure::Budget);
                    }
                    match same(other, &item) {
                        Some(true) => {
                            found = Some(true);
                            break;
                        }
                        None => found = None,
                        Some(false) => {}
                    }
                }
                found.ok_or(Failure::Unknown)?
            }
        };
        if found == among {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Every combination of an item of each, those of the last changing fastest.
fn setproduct(call: &Call<'_>) -> Outcome {
    if call.arguments.len() < 2 {
        return Err(Failure::Failed);
    }
    let lists = (0..call.arguments.len()).map(|at| call.whole_list(at).map(unified)).collect::<Outcome<Vec<_>>>()?;
    let total = lists.iter().map(Vec::len).fold(1, usize::saturating_mul);
    call.make(total.saturating_mul(lists.len() + 1))?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    if total == 0 {
        rows.clear();
    }
    for list in lists.iter().filter(|_| total > 0) {
        let longer = |row: &Vec<Value>| list.iter().map(|item| row.iter().cloned().chain([item.clone()]).collect()).collect::<Vec<_>>();
        rows = rows.iter().flat_map(longer).collect();
    }
    call.items(rows.into_iter().map(|row| Value::list(row, false, call.place)).collect(), false)
}
