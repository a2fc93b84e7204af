//! Code Quality: a list of faults, which a merge request shows beside its lines on every tier.

use std::io::{self, Write};

use serde::Serialize;

use crate::base::ids::{Fingerprint, Severity};
use crate::finding::fingerprint;
use crate::input::InputPath;
use crate::render::human::words::text;
use crate::render::json::write_line;
use crate::render::{Style, came_from, nth, summary};
use crate::report::{Report, SealedFinding, SealedPlace};

#[derive(Serialize)]
struct Fault {
    description: String,
    check_name: String,
    /// By which GitLab tells what is new: no two are the same.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u32>,
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut nth = nth();
    let mut faults: Vec<_> = report.shown().map(|f| of_finding(f, nth(f))).collect();
    if let Some(text) = summary::incomplete(report) {
        faults.push(incomplete(text.to_owned(), None));
    }
    faults.extend(report.troubles.iter().map(|t| {
        let help = t.help.as_ref().map(|help| format!(" ({})", text(help))).unwrap_or_default();
        incomplete(format!("{}: {}{help}", t.kind.as_str(), text(&t.message)), t.place.as_ref())
    }));
    write_line(&faults, out)
}

fn of_finding(f: &SealedFinding, nth: usize) -> Fault {
    let origin = came_from(&f.primary.origin);
    let inside = f.primary.path.outermost().map(|_| format!(" (in {})", f.primary.path)).unwrap_or_default();
    Fault {
        description: format!("{}{inside}{origin}", text(&f.message)),
        check_name: f.rule.as_str().to_owned(),
        fingerprint: unique(f.fingerprint, nth),
        severity: match f.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
            Severity::Info => "info",
        },
        location: location(Some(&f.primary)),
    }
}

fn incomplete(description: String, place: Option<&SealedPlace>) -> Fault {
    let location = location(place);
    let id = fingerprint("incomplete", &[description.as_bytes(), location.path.as_bytes()]);
    Fault { description, check_name: "incomplete".to_owned(), fingerprint: id.to_string(), severity: "blocker", location }
}

/// The fingerprint, and another one for each further finding that has the same.
pub(super) fn unique(of: Fingerprint, nth: usize) -> String {
    if nth == 1 {
        return of.to_string();
    }
    fingerprint("nth", &[&of.0, &nth.to_le_bytes()]).to_string()
}

fn location(place: Option<&SealedPlace>) -> Location {
    let Some(place) = place else { return Location { path: ".".to_owned(), lines: Lines { begin: 1, end: None } } };
    if let Some(outer) = place.path.outermost() {
        return Location { path: InputPath::new(outer).to_str().into_owned(), lines: Lines { begin: 1, end: None } };
    }
    let path = place.path.to_str();
    let end = (place.end.line > place.start.line).then_some(place.end.line);
    Location { path: path.strip_prefix("./").unwrap_or(&path).to_owned(), lines: Lines { begin: place.start.line, end } }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::render::sample;

    #[test]
    fn no_two_have_the_same_fingerprint_and_the_unread_is_told() {
        let mut report = sample::report();
        report.findings.extend(report.findings.clone());
        let mut out = Vec::new();
        render(&report, &Style::PLAIN, &mut out).expect("memory takes everything");
        let faults: Vec<Value> = serde_json::from_slice(&out).expect("a list");
        let ids: BTreeSet<_> = faults.iter().map(|fault| fault["fingerprint"].as_str().expect("text")).collect();
        assert_eq!(ids.len(), faults.len());
        assert_eq!(faults.len(), report.shown().count() + report.troubles.len() + 1);
        let acl = faults.iter().find(|fault| fault["check_name"] == "s3-public-acl").expect("told");
        assert_eq!((acl["severity"].as_str(), acl["location"]["lines"]["begin"].as_u64()), (Some("critical"), Some(3)));
    }
}
