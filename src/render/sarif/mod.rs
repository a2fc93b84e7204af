//! SARIF 2.1.0, for code scanning and whatever else shows it. Two flavors: `sarif` has everything, `sarif-github` has what
//! GitHub shows and within what it takes, for it turns what was suppressed into alerts.
//!
//! What GitHub rejects as a whole stays below its limits here: results of a run, locations of a result, tags of a rule. Its
//! limit of 10 MB (packed) is far above what that many results take.

mod place;
mod results;
mod rules;
mod wire;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::json::write_line;
use super::{HOME, Style, summary};
use crate::base::escape;
use crate::base::ids::{Fingerprint, RuleId, Severity};
use crate::finding::Failure;
use crate::report::{Report, SealedFinding};
use place::{BASE, told};
use wire::{Described, Driver, Id, Invocation, Log, Notification, Run, Text, Tool};

/// Results that GitHub takes of a run.
const RESULTS: usize = 25_000;
/// Notifications of each sort; further ones are counted.
const NOTIFICATIONS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flavor {
    Full,
    GitHub,
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_line(&log(report, Flavor::Full), out)
}

/// # Errors
/// What `out` says.
pub fn render_github(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_line(&log(report, Flavor::GitHub), out)
}

fn log(report: &Report, flavor: Flavor) -> Log {
    let wanted: Vec<&SealedFinding> = report.findings.iter().filter(|f| flavor == Flavor::Full || f.is_active()).collect();
    let left_out = wanted.len().saturating_sub(RESULTS);
    let chosen = worst(wanted);
    let mut named: BTreeMap<&RuleId, &SealedFinding> = BTreeMap::new();
    for f in &chosen {
        let known = named.entry(&f.rule).or_insert(f);
        *known = std::cmp::max_by_key(*known, *f, |f| f.severity);
    }
    let numbers: BTreeMap<&RuleId, usize> = named.keys().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut met: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    let mut results = Vec::with_capacity(chosen.len());
    for f in chosen {
        let nth = met.entry(f.fingerprint).or_default();
        *nth += 1;
        results.push(results::result(f, numbers[&f.rule], *nth, flavor));
    }
    let driver = Driver {
        name: "gatepost",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: HOME,
        rules: named.iter().map(|(id, f)| rules::rule(id, report.rules.get(*id), f.severity, f.confidence)).collect(),
    };
    let invocation =
        Invocation { execution_successful: !report.is_incomplete(), tool_execution_notifications: notifications(report, left_out, flavor) };
    let base = Described { description: Text::new("The folder that gatepost ran in.") };
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            automation_details: Id { id: "gatepost/" },
            invocations: [invocation],
            original_uri_base_ids: BTreeMap::from([(BASE, base)]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

/// As many findings as a run takes, in their order: those that count first, and of those the gravest.
fn worst(findings: Vec<&SealedFinding>) -> Vec<&SealedFinding> {
    if findings.len() <= RESULTS {
        return findings;
    }
    let mut numbered: Vec<(usize, &SealedFinding)> = findings.into_iter().enumerate().collect();
    numbered.sort_by_key(|(number, f)| (Reverse((f.is_active(), f.suppressed_here, f.severity)), *number));
    numbered.truncate(RESULTS);
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, f)| f).collect()
}

/// What was not looked at, and what else a reader must know: no result does not mean clean.
fn notifications(report: &Report, left_out: usize, flavor: Flavor) -> Vec<Notification> {
    let say = |id, level, text: &str| Notification { descriptor: Id { id }, level, message: message(text), locations: Vec::new() };
    let mut all = Vec::new();
    all.extend(summary::incomplete(report).map(|text| say("incomplete", "error", text)));
    if left_out > 0 {
        let text = format!("{} of the least severity left out: a run holds {RESULTS}", summary::number(left_out as u64, "result"));
        all.push(say("results-left-out", "warning", &text));
    }
    for trouble in report.troubles.iter().take(NOTIFICATIONS) {
        let text = trouble.help.as_ref().map_or_else(|| trouble.message.clone(), |help| format!("{}: {help}", trouble.message));
        let locations = trouble.place.iter().map(|place| told(place, flavor, &trouble.message)).collect();
        all.push(Notification { locations, ..say(failure(trouble.kind), "error", &text) });
    }
    if let Some(more) = report.troubles.len().checked_sub(NOTIFICATIONS).filter(|more| *more > 0) {
        all.push(say("incomplete", "error", &format!("{more} more that could not be looked at")));
    }
    all.extend(report.notes.iter().take(NOTIFICATIONS).map(|note| say("note", "note", note)));
    if let Some(more) = report.notes.len().checked_sub(NOTIFICATIONS).filter(|more| *more > 0) {
        all.push(say("note", "note", &summary::number(more as u64, "more note")));
    }
    if !report.unanswered.is_empty() {
        let text =
            format!("{} left open by values that the source does not tell", summary::number(report.unanswered.len() as u64, "question"));
        all.push(say("unanswered", "note", &text));
    }
    all
}

fn failure(kind: Failure) -> &'static str {
    match kind {
        Failure::Unreadable => "unreadable",
        Failure::Unparsed => "unparsed",
        Failure::Limit => "limit",
        Failure::Missing => "missing",
        Failure::Internal => "internal",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Text that reads as itself: what would be a link is none.
fn message(text: &str) -> Text {
    Text::new(escape::name(text).replace("](", "] ("))
}

#[cfg(test)]
mod tests;
