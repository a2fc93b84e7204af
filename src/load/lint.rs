//! A rule file looked at for all of its faults, where `rules` stops at what cannot be used.

use super::{Holds, raw};
use crate::rule::def::{Item, read_file};
use crate::rule::raw::{Raw, RawError, RawKind};
use crate::rule::repair;

/// What a file holds, as far as it can be read.
pub struct Reading {
    pub items: Vec<Read>,
    /// What is wrong with the file itself.
    pub error: Option<RawError>,
}

/// One item of a file.
pub struct Read {
    /// As it stands.
    pub raw: Raw,
    /// All that is wrong with its shape.
    pub errors: Vec<RawError>,
    /// What is left without what is wrong: to be looked at further, not to be used.
    pub item: Option<Item>,
}

/// Faults of one item that are told.
const MOST_FAULTS: usize = 50;

/// Reads a file for all of its faults.
#[must_use]
pub fn read(bytes: &[u8], group: &str) -> Reading {
    let raw = match raw(bytes, Holds::Rules) {
        Ok(Some(raw)) => raw,
        Ok(None) => return Reading { items: Vec::new(), error: None },
        Err(error) => return Reading { items: Vec::new(), error: Some(error) },
    };
    let items = match raw.kind {
        RawKind::List(items) => items,
        RawKind::Map(_) => vec![raw],
        _ => return Reading { items: Vec::new(), error: Some(raw.expected("a list of rules")) },
    };
    Reading { items: items.into_iter().map(|raw| one(raw, group)).collect(), error: None }
}

fn one(raw: Raw, group: &str) -> Read {
    let mut errors: Vec<RawError> = Vec::new();
    // One item is one list.
    let mut left = Raw { at: u32::MAX, kind: RawKind::List(vec![raw.clone()]) };
    while errors.len() < MOST_FAULTS {
        let error = match read_file(&left, group) {
            Ok(mut items) => return Read { raw, errors, item: items.pop() },
            Err(found) => found.into_iter().next(),
        };
        let Some(error) = error else { break };
        // What stands in for something else is no fault of the author's.
        let again = error.at == u32::MAX || errors.contains(&error);
        if !again {
            errors.push(error.clone());
        }
        if again || !repair::item(&mut left, &error) {
            break;
        }
    }
    Read { raw, errors, item: None }
}

/// The name that an item goes by.
#[must_use]
pub fn name(raw: &Raw) -> Option<&str> {
    let RawKind::Map(entries) = &raw.kind else { return None };
    let named = entries.iter().find(|(key, _)| matches!(key.name.as_str(), "id" | "view" | "module" | "table"));
    named.and_then(|(_, value)| value.text().ok())
}

/// Where a part of the item of a name stands in a file.
#[must_use]
pub fn place_of(bytes: &[u8], item: &str, part: &str) -> Option<u32> {
    let raw = raw(bytes, Holds::Rules).ok()??;
    let items = if let RawKind::List(items) = &raw.kind { items.as_slice() } else { std::slice::from_ref(&raw) };
    items.iter().find(|raw| name(raw) == Some(item)).map(|raw| find(raw, part))
}

/// Where a part of an item stands: `families.1`, `lower.message`, `bad.0.at`. Where it has no such part, where the last
/// step that is there does.
#[must_use]
pub fn find(raw: &Raw, part: &str) -> u32 {
    let mut here = raw;
    for step in part.split('.').filter(|step| !step.is_empty()) {
        let next = match (&here.kind, step.parse::<usize>()) {
            (RawKind::List(items), Ok(index)) => items.get(index),
            // A field that takes one or several.
            (RawKind::Text(_), Ok(_)) => Some(here),
            (RawKind::Map(entries), _) => entries.iter().find(|(key, _)| key.name == step).map(|(_, value)| value),
            _ => None,
        };
        let Some(next) = next else { break };
        here = next;
    }
    here.at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        read(text.as_bytes(), "g").items.into_iter().flat_map(|read| read.errors).map(|error| error.message).collect()
    }

    #[test]
    fn every_fault_of_every_item_is_told() {
        let file = "- id: A b\n  severty: hgh\n  familes: [x]\n  why: {}\n  fix: f\n  for: k_x\n  where: {a: 1}\n  message: [m]\n- id: y\n";
        assert_eq!(
            faults(file),
            [
                "`A b` is no id: lower-case letters, digits and `-`",
                "`title` is missing",
                "unknown field `severty`",
                "`hgh` is none of info, low, medium, high, critical",
                "expected text, got a map",
                "expected text, got a list",
                "unknown field `familes`",
                "`title` is missing",
                "`severity` is missing",
                "`fix` is missing",
                "`why` is missing",
                "a rule needs a body"
            ]
        );
    }

    #[test]
    fn a_part_is_found_or_what_holds_it() {
        let raw = raw(b"id: a\nlower: {message: m}\nbad: [x, {at: y}]\nfor: z\n", Holds::Rules).expect("YAML").expect("something");
        assert_eq!(["lower.message", "bad.1.at", "bad.1.no", "for.0", "no"].map(|part| find(&raw, part)), [23, 40, 35, 49, 0]);
    }
}
