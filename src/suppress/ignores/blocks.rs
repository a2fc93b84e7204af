//! Blocks of lines, from an `ignore-start` to its `ignore-end`: over all parts of an input, since the end may lie in another one.

use std::collections::{BTreeMap, HashMap};

use crate::base::span::offset;
use crate::suppress::pragma::{self, Pragma, Reach};

/// Where a block of lines begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bound {
    /// In bytes of the input.
    pub at: u32,
    pub line: u32,
    pub ends: bool,
    rules: Vec<String>,
}

/// The last line of each block, by where it begins. An end belongs to the nearest start before it that names the same rules,
/// or to the nearest of all where it names none. `bounds` are in order.
pub(super) fn blocks(bounds: &[Bound]) -> BTreeMap<u32, u32> {
    let mut blocks = BTreeMap::new();
    // The ends that are still open, by what they name, each with its number: the nearest last.
    let mut open: HashMap<&[String], Vec<(usize, u32)>> = HashMap::new();
    for (number, bound) in bounds.iter().rev().enumerate() {
        if bound.ends {
            open.entry(&bound.rules).or_default().push((number, bound.line));
            continue;
        }
        let nearest = |rules: &[String]| open.get(rules).and_then(|ends| ends.last().copied());
        let rules = if nearest(&bound.rules) > nearest(&[]) { &bound.rules[..] } else { &[] };
        if let Some((_, line)) = open.get_mut(rules).and_then(Vec::pop) {
            blocks.insert(bound.at, line);
        }
    }
    blocks
}

/// The blocks of a text: what each names, its first line and its last.
#[must_use]
pub fn blocks_of(text: &[u8]) -> Vec<(Vec<String>, u32, u32)> {
    let bounds: Vec<Bound> = pragma::find(text, 1).iter().filter_map(|pragma| bound(pragma, offset(pragma.offset))).collect();
    let mut ends = blocks(&bounds);
    bounds.into_iter().filter_map(|start| Some((start.rules, start.line, ends.remove(&start.at)?))).collect()
}

pub(super) fn bound(pragma: &Pragma, at: u32) -> Option<Bound> {
    (pragma.reach != Reach::Line).then(|| Bound { at, line: pragma.line, ends: pragma.reach == Reach::End, rules: pragma.rules.clone() })
}
