//! Values counted: what is known, and why the rest is not.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::folded;
use crate::base::excerpt::{Lines, Position};
use crate::base::span::{FileId, Span};
use crate::base::truth::{Assumed, Assumption};
use crate::iac::files::Characters;
use crate::iac::{Evaluated, Files, Node, Reason, Resource, Value};
use crate::input::InputPath;
use crate::report::shown::{ReasonCount, ShownModule, Spot, Summary, ValueCounts};

/// Values that are counted. Shared ones count each time, so that a small file can hold very many.
const MAX_VALUES: u64 = 50_000_000;
/// Reasons that are kept apart.
const MAX_REASONS: usize = 100_000;
/// Reasons that are told.
const MOST: usize = 10;

#[derive(Default)]
pub(super) struct Tally {
    resources: u64,
    values: ValueCounts,
    visited: u64,
    kinds: BTreeMap<&'static str, u64>,
    reasons: BTreeMap<Key, Seen>,
    /// Reasons that are new in the project at hand.
    new: Vec<Key>,
    notes: BTreeSet<String>,
    modules: BTreeSet<(Spot, String, bool)>,
    /// What holds where a value stands.
    assumed: Assumption,
}

type Key = (String, &'static str);

/// How often a reason was met, and where first.
struct Seen {
    count: u64,
    first: Span,
    /// Once the project at hand is done.
    place: Option<Spot>,
}

impl Tally {
    /// A resource, by its attributes or what was asked for of them.
    pub fn resource(&mut self, resource: &Resource, attributes: &Value, evaluated: &Evaluated) {
        self.resources += 1;
        self.assumed.clone_from(&resource.when);
        self.value(attributes, evaluated);
    }

    /// How often a variable that nobody sets was met.
    pub fn unset(&self) -> u64 {
        self.kinds.get("unset").copied().unwrap_or(0)
    }

    /// What a project leaves open; of one that has several settings, once.
    pub fn left_open(&mut self, notes: &[String], modules: &[ShownModule]) {
        self.notes.extend(notes.iter().cloned());
        self.modules.extend(modules.iter().map(|module| (module.call.clone(), module.address.clone(), module.mapped)));
    }

    /// Whether there were more values than are counted.
    pub fn is_spent(&self) -> bool {
        self.visited >= MAX_VALUES
    }

    fn value(&mut self, value: &Value, evaluated: &Evaluated) {
        self.visited += 1;
        if self.is_spent() {
            return;
        }
        if let Some(value) = folded(value, &evaluated.conditions, &self.assumed) {
            return self.value(&value, evaluated);
        }
        match &value.node {
            Node::Null | Node::Bool(_) | Node::Number(_) => self.values.known += 1,
            Node::Text(text) => {
                let holes: Vec<_> = text.holes().collect();
                if holes.is_empty() {
                    self.values.known += 1;
                } else {
                    self.values.partial += 1;
                }
                for id in holes {
                    self.reason(&evaluated.unknowns.reason(id), value.place);
                }
            }
            Node::List { items, open } => {
                self.values.open += u64::from(*open);
                self.values.known += u64::from(items.is_empty());
                items.iter().for_each(|item| self.value(item, evaluated));
            }
            Node::Map { entries, open } => {
                self.values.open += u64::from(*open);
                self.values.known += u64::from(entries.is_empty());
                entries.iter().for_each(|entry| self.value(&entry.value, evaluated));
            }
            Node::Choice { cond, then, else_ } => {
                self.values.choices += 1;
                for (side, holds) in [(then, true), (else_, false)] {
                    self.assumed.0.push(Assumed { condition: (**cond).into(), holds });
                    self.value(side, evaluated);
                    self.assumed.0.pop();
                }
            }
            Node::Unknown(id) => {
                self.values.unknown += 1;
                self.reason(&evaluated.unknowns.reason(*id), value.place);
            }
        }
    }

    fn reason(&mut self, reason: &Reason, place: Span) {
        *self.kinds.entry(reason.kind()).or_default() += 1;
        let key = (general(reason), reason.kind());
        if let Some(seen) = self.reasons.get_mut(&key) {
            seen.count += 1;
        } else if self.reasons.len() < MAX_REASONS {
            self.new.push(key.clone());
            self.reasons.insert(key, Seen { count: 1, first: place, place: None });
        }
    }

    /// Finds the lines of what is new, each file's lines counted once.
    pub fn settle(&mut self, files: &Files<'_>) {
        let mut new: BTreeMap<FileId, Vec<Key>> = BTreeMap::new();
        for key in std::mem::take(&mut self.new) {
            if let Some(seen) = self.reasons.get(&key) {
                new.entry(seen.first.file).or_default().push(key);
            }
        }
        for (file, keys) in new {
            let text = files.bytes(file).map(|bytes| Characters::of(&bytes));
            let lines = text.as_ref().map(|text| (text, Lines::new(text.text())));
            for key in keys {
                if let Some(seen) = self.reasons.get_mut(&key) {
                    let first = |(text, lines): &(&Characters, Lines<'_>)| lines.position(text.offset(seen.first.start));
                    let at = lines.as_ref().map_or(Position::START, first);
                    seen.place = Some(Spot { path: path(files, file), at });
                }
            }
        }
    }

    pub fn into_summary(self, summary: &mut Summary) {
        summary.resources = self.resources;
        summary.notes = self.notes.len() as u64;
        summary.mapped = self.modules.iter().filter(|(.., mapped)| *mapped).count() as u64;
        summary.absent = self.modules.len() as u64 - summary.mapped;
        summary.values = self.values;
        summary.kinds = self.kinds;
        let told = |((reason, kind), seen): (Key, Seen)| Some(ReasonCount { reason, kind, count: seen.count, place: seen.place? });
        let mut reasons: Vec<_> = self.reasons.into_iter().filter_map(told).collect();
        reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        reasons.truncate(MOST);
        summary.reasons = reasons;
    }
}

/// The path of a file.
pub(super) fn path(files: &Files<'_>, file: FileId) -> InputPath {
    files.input(file).map_or_else(|| InputPath::new(b"."), |input| input.path)
}

/// A reason without what tells one module or one resource from the next: so they can be counted together.
fn general(reason: &Reason) -> String {
    match reason {
        Reason::Unset(name) => without_modules(name).to_owned(),
        Reason::Reference { address, attribute } => {
            let own = without_modules(address);
            let kind = own.split(['.', '[']).next().unwrap_or(own);
            let attribute = attribute.split(['.', '[']).next().unwrap_or_default();
            if attribute.is_empty() { format!("{kind}.*") } else { format!("{kind}.*.{attribute}") }
        }
        other => other.to_string(),
    }
}

/// `var.acl` of `module.m["k"].var.acl`.
fn without_modules(name: &str) -> &str {
    let mut rest = name;
    while let Some(called) = rest.strip_prefix("module.") {
        let end = called.find(['.', '[']).unwrap_or(called.len());
        let mut after = &called[end..];
        if after.starts_with('[') {
            let close = if after.starts_with("[\"") { after.find("\"]").map(|at| at + 2) } else { after.find(']').map(|at| at + 1) };
            after = close.map_or("", |close| &after[close..]);
        }
        match after.strip_prefix('.') {
            Some(inner) if !inner.is_empty() => rest = inner,
            _ => return rest,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_without_module_and_name() {
        let reference = |address: &str, attribute: &str| Reason::Reference { address: address.into(), attribute: attribute.into() };
        for (reason, wanted) in [
            (Reason::Unset("module.m[\"a.b\"].module.n[0].var.acl".into()), "var.acl"),
            (Reason::Unset("module.m".into()), "module.m"),
            (reference("module.m.aws_kms_key.k[0]", "arn"), "aws_kms_key.*.arn"),
            (reference("Bucket", ""), "Bucket.*"),
            (Reason::Function("timestamp".into()), "timestamp()"),
        ] {
            assert_eq!(general(&reason), wanted);
        }
    }
}
