//! Rule data with a fault taken out, so that what else is wrong with it can be told in the same run.
//!
//! Not a correction: what comes out is only looked at for further faults, and never used as a rule.

use super::raw::{Raw, RawError, RawKey, RawKind, nearest};

/// Takes what a fault is about out of an item, or puts in what it misses. False where nothing can be done.
#[must_use]
pub fn item(raw: &mut Raw, error: &RawError) -> bool {
    if let Some(name) = error.missing {
        let Some(holder) = map_with(raw, error.at) else { return false };
        if let Some((key, _)) =
            holder.iter_mut().find(|(key, _)| key.at == error.at && key.name != name && nearest(&key.name, [name]).is_some())
        {
            name.clone_into(&mut key.name);
            return true;
        }
        let Some(kind) = stand_in(name) else { return false };
        holder.push((RawKey { at: u32::MAX, name: name.to_owned() }, Raw { at: u32::MAX, kind }));
        return true;
    }
    take_out(raw, error.at)
}

/// Takes the entry or the element that stands at an offset out of a piece of rule data. What is empty then goes too.
#[must_use]
pub fn take_out(raw: &mut Raw, at: u32) -> bool {
    match &mut raw.kind {
        RawKind::List(items) => {
            if let Some(index) = items.iter_mut().position(|item| take_out(item, at)) {
                if is_empty(&items[index]) {
                    items.remove(index);
                }
                return true;
            }
            let index = items.iter().position(|item| item.at == at);
            index.is_some_and(|index| {
                items.remove(index);
                true
            })
        }
        RawKind::Map(entries) => {
            // What is deepest is what is meant.
            let index = entries.iter_mut().position(|(_, value)| take_out(value, at));
            let (index, whole) = match index {
                Some(index) => (index, is_empty(&entries[index].1)),
                None => match entries.iter().position(|(key, value)| key.at == at || value.at == at) {
                    Some(index) => (index, true),
                    None => return false,
                },
            };
            if whole {
                match stand_in(&entries[index].0.name) {
                    Some(kind) => entries[index].1 = Raw { at: u32::MAX, kind },
                    None => drop(entries.remove(index)),
                }
            }
            true
        }
        _ => false,
    }
}

fn is_empty(raw: &Raw) -> bool {
    match &raw.kind {
        RawKind::List(items) => items.is_empty(),
        RawKind::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

/// The entries of the map that begins at an offset, or that has a key there.
fn map_with(raw: &mut Raw, at: u32) -> Option<&mut Vec<(RawKey, Raw)>> {
    let begins = raw.at == at;
    match &mut raw.kind {
        RawKind::Map(entries) => {
            if begins || entries.iter().any(|(key, _)| key.at == at) {
                return Some(entries);
            }
            entries.iter_mut().find_map(|(_, value)| map_with(value, at))
        }
        RawKind::List(items) => items.iter_mut().find_map(|item| map_with(item, at)),
        _ => None,
    }
}

/// Fields that must be there, and something that reads as one.
const STAND_INS: [(&str, &str); 14] = [
    ("id", "stand-in"),
    ("title", "stand-in"),
    ("severity", "low"),
    ("why", "stand-in"),
    ("fix", "stand-in"),
    ("message", "stand-in"),
    ("pattern", "stand-in"),
    ("keywords", "stand-in"),
    ("names", "stand-in"),
    ("reader", "dotenv"),
    ("judge", "values"),
    ("as-of", "1970-01-01"),
    ("action", "*"),
    ("on", "*"),
];

fn stand_in(name: &str) -> Option<RawKind> {
    if name == "where" {
        return Some(nothing().kind);
    }
    STAND_INS.iter().find(|(field, _)| *field == name).map(|(_, text)| RawKind::Text((*text).to_owned()))
}

/// A predicate that names nothing and holds of everything.
#[must_use]
pub fn nothing() -> Raw {
    let all = RawKey { at: u32::MAX, name: "all".to_owned() };
    Raw { at: u32::MAX, kind: RawKind::Map(vec![(all, Raw { at: u32::MAX, kind: RawKind::List(Vec::new()) })]) }
}
