//! Tests of values: equality as both dialects have it, patterns, numbers, ranges.

use std::collections::BTreeMap;

use super::cover::{self, Range};
use super::eval::Way;
use super::glob::{equals, glob};
use super::predicate::{Comparison, Literal, Test};
use super::verdict::{Answer, Leaf};
use super::walk::{End, Ends, Walked};
use crate::base::text_map::Text;
use crate::base::truth::{Truth, Why};
use crate::iac::value::Entry;
use crate::iac::{Node, Value};

/// Whether what stands at the end of a path passes a test: some of it, if there are several.
pub(super) fn tested(test: &Test, walked: Walked, at: Way<'_>) -> Answer {
    let unknown = walked.unknown.map(Truth::Unknown);
    let leaf = |value: Value| Leaf { path: at.to_string(), value };
    // A list of nothing is nothing: nobody is named, nothing attached.
    let there = |value: &Value| !matches!(&value.node, Node::List { items, open: false } if items.is_empty());
    match test {
        Test::Set if walked.found.iter().any(there) => {
            return Answer { truth: Truth::TRUE, leaves: walked.found.into_iter().filter(there).map(leaf).collect() };
        }
        Test::Set => return Answer::of(unknown.unwrap_or(Truth::False)),
        Test::Unset if walked.found.iter().any(there) => return Answer::of(Truth::False),
        Test::Unset => return Answer::of(unknown.unwrap_or(Truth::TRUE)),
        Test::Covers(wanted) => return covered(wanted, walked, at),
        Test::Contains(Literal { number: Some(number), .. }) if let Some(ends) = &walked.ends => return within(*number, ends, at),
        _ => {}
    }
    let mut any = Answer::of(Truth::False);
    for value in walked.found {
        let value = single(value);
        let truth = holds(test, &value);
        let leaves = if truth.is_true() { vec![leaf(value)] } else { Vec::new() };
        any = any.or(Answer { truth, leaves });
        if any.truth.is_true() {
            return any;
        }
    }
    any.or(Answer::of(unknown.unwrap_or(Truth::False)))
}

/// Whether what stands at the end of a path compares with some number at the end of another.
pub(super) fn compared(comparison: Comparison, walked: Walked, with: Walked, at: Way<'_>) -> Answer {
    let numbers: Vec<f64> = with.found.into_iter().filter_map(|value| single(value).as_number()).collect();
    // Of several, the nearest is the easiest to pass.
    let limit = match comparison {
        Comparison::Less | Comparison::LessOrEqual => numbers.iter().copied().reduce(f64::max),
        _ => numbers.iter().copied().reduce(f64::min),
    };
    let there = walked.unknown.is_some() || !walked.found.is_empty();
    let answer = limit.map_or(Answer::of(Truth::False), |limit| tested(&Test::Compare(comparison, limit), walked, at));
    // Where nothing stands, nothing is compared.
    answer.or(Answer::of(with.unknown.filter(|_| there).map_or(Truth::False, Truth::Unknown)))
}

/// A list of one is as good as its item.
fn single(value: Value) -> Value {
    match &value.node {
        Node::List { items, open: false } if items.len() == 1 => items[0].clone().carried(value.via.as_ref()),
        _ => value,
    }
}

fn holds(test: &Test, value: &Value) -> Truth {
    if let Node::Unknown(id) = value.node {
        return Truth::Unknown(Why::Value(id));
    }
    match test {
        Test::In(literals) => literals.iter().map(|literal| is(value, literal)).fold(Truth::False, Truth::or),
        Test::NotIn(literals) => !literals.iter().map(|literal| is(value, literal)).fold(Truth::False, Truth::or),
        Test::Glob(pattern) => match &value.node {
            Node::Text(text) => glob(pattern, text),
            _ => value.as_text().map_or(Truth::False, |printed| glob(pattern, &Text::within(printed.as_bytes(), value.place))),
        },
        Test::Regex(pattern) => match &value.node {
            Node::Text(text) => pattern.found_in(text),
            _ => value.as_text().map_or(Truth::False, |printed| pattern.found_in(&Text::within(printed.as_bytes(), value.place))),
        },
        Test::Older(names) => names.iter().map(|name| holds(&Test::Glob(name.clone()), value)).fold(Truth::False, Truth::or),
        Test::Compare(comparison, limit) => match (value.as_number(), comparison) {
            (None, _) => Truth::False,
            (Some(number), Comparison::Equal) => ((number - *limit).abs() < f64::EPSILON).into(),
            (Some(number), Comparison::Less) => (number < *limit).into(),
            (Some(number), Comparison::LessOrEqual) => (number <= *limit).into(),
            (Some(number), Comparison::Greater) => (number > *limit).into(),
            (Some(number), Comparison::GreaterOrEqual) => (number >= *limit).into(),
        },
        Test::Contains(literal) => match &value.node {
            Node::List { items, open } => {
                let known = items.iter().map(|item| holds(&Test::In(vec![literal.clone()]), item)).fold(Truth::False, Truth::or);
                if *open { known.or(Truth::Unknown(Why::Open)) } else { known }
            }
            Node::Map { entries, .. } => entries.iter().any(|Entry { key, .. }| **key == *literal.text).into(),
            Node::Text(text) => {
                let there = memchr::memmem::find(text.bytes(), literal.text.as_bytes()).is_some();
                hole(text).filter(|_| !there).map_or(there.into(), Truth::Unknown)
            }
            _ => is(value, literal),
        },
        Test::Set | Test::Unset | Test::Covers(_) | Test::Secret(_) | Test::Ref(_) | Test::CompareWith(..) => Truth::False,
    }
}

fn hole(text: &Text) -> Option<Why> {
    text.holes().next().map(Why::Value)
}

/// Equal as both dialects say: `true` and `"true"`, 22 and `"22"`.
fn is(value: &Value, literal: &Literal) -> Truth {
    if let Node::Text(text) = &value.node
        && let Some(why) = hole(text)
    {
        return if equals(&literal.text, text) { Truth::Unknown(why) } else { Truth::False };
    }
    if let (Some(number), Some(wanted)) = (value.as_number(), literal.number) {
        return ((number - wanted).abs() < f64::EPSILON).into();
    }
    value.as_text().is_some_and(|text| *text == *literal.text).into()
}

/// Whether a number lies in one of some ranges. Without an end there is none.
fn within(number: f64, ends: &Ends, at: Way<'_>) -> Answer {
    let end = |end: &End, fits: &dyn Fn(f64) -> bool| match end {
        End::Known(value) => match (value.as_number(), &value.node) {
            (Some(end), _) => fits(end).into(),
            (None, Node::Text(text)) => hole(text).map_or(Truth::False, Truth::Unknown),
            _ => Truth::False,
        },
        End::Unknown(why) => Truth::Unknown(*why),
        End::Absent => Truth::False,
    };
    let mut any = Answer::of(Truth::False);
    for (from, to) in &ends.pairs {
        let truth = end(from, &|from| from <= number).and(end(to, &|to| number <= to));
        let known = [from, to].into_iter().filter_map(|end| if let End::Known(value) = end { Some(value) } else { None });
        let leaves = known.map(|value| Leaf { path: at.to_string(), value: value.clone() }).collect();
        any = any.or(if truth.is_true() { Answer { truth, leaves } } else { Answer::of(truth) });
    }
    any.or(Answer::of(ends.unclear.map_or(Truth::False, Truth::Unknown)))
}

/// Whether the union of all ranges there holds one of those wanted.
fn covered(wanted: &[Range], walked: Walked, at: Way<'_>) -> Answer {
    let mut parts: BTreeMap<usize, (Range, Value)> = BTreeMap::new();
    let mut unknown = walked.unknown;
    let items = walked.found.into_iter().flat_map(|value| match &value.node {
        Node::List { items, open } => {
            if *open {
                unknown = unknown.or(Some(Why::Open));
            }
            items.iter().map(|item| item.clone().carried(value.via.as_ref())).collect()
        }
        _ => vec![value],
    });
    for (number, item) in items.collect::<Vec<_>>().into_iter().enumerate() {
        match (&item.node, item.as_text().and_then(|text| Range::parse(&text))) {
            (_, Some(range)) => drop(parts.insert(number, (range, item))),
            (Node::Unknown(id), _) => unknown = unknown.or(Some(Why::Value(*id))),
            (Node::Text(text), None) => unknown = unknown.or(hole(text)),
            (Node::Choice { .. }, _) => unknown = unknown.or(Some(Why::Open)),
            _ => {}
        }
    }
    let ranges: Vec<Range> = parts.values().map(|(range, _)| *range).collect();
    match wanted.iter().find(|whole| cover::covers(&ranges, whole)) {
        Some(whole) => {
            let touching = parts.into_values().filter(|(range, _)| range.touches(whole));
            let mut leaves: Vec<(Range, Leaf)> = touching.map(|(range, value)| (range, Leaf { path: at.to_string(), value })).collect();
            // The one that does it alone, if one does.
            if let Some(alone) = leaves.iter().position(|(range, _)| cover::covers(&[*range], whole)) {
                leaves = vec![leaves.swap_remove(alone)];
            }
            Answer { truth: Truth::TRUE, leaves: leaves.into_iter().map(|(_, leaf)| leaf).collect() }
        }
        None => Answer::of(unknown.map_or(Truth::False, Truth::Unknown)),
    }
}
