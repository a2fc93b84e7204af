//! The words of the wire, both ways. Frozen, as what a type prints of itself is not; more may come.

use crate::base::ids::{Confidence, Severity};
use crate::finding::{By, Change, Dialect, Failure, Skip, State};
use crate::settings::TOOLS;

pub const CHANGES: &[(Change, &str)] = &[(Change::New, "new"), (Change::Existing, "existing"), (Change::Fixed, "fixed")];

pub const SKIPS: &[(Skip, &str)] = &[
    (Skip::Ignored, "ignored"),
    (Skip::Excluded, "excluded"),
    (Skip::Submodule, "submodule"),
    (Skip::Link, "link"),
    (Skip::Special, "special"),
    (Skip::LfsPointer, "lfs-pointer"),
    (Skip::TooLargeForUser, "too-large"),
];

pub const FAILURES: &[(Failure, &str)] = &[
    (Failure::Unreadable, "unreadable"),
    (Failure::Unparsed, "unparsed"),
    (Failure::Limit, "limit"),
    (Failure::Missing, "missing"),
    (Failure::Internal, "internal"),
];

pub const DIALECTS: &[(Dialect, &str)] = &[(Dialect::Hcl, "hcl"), (Dialect::Cfn, "cfn")];

pub const SEVERITIES: &[(Severity, &str)] = &[
    (Severity::Info, "info"),
    (Severity::Low, "low"),
    (Severity::Medium, "medium"),
    (Severity::High, "high"),
    (Severity::Critical, "critical"),
];

pub const CONFIDENCES: &[(Confidence, &str)] = &[(Confidence::Low, "low"), (Confidence::Medium, "medium"), (Confidence::High, "high")];

/// `state`, as [`of_state`] writes it.
pub const STATES: &[&str] = &["active", "suppressed", "baselined"];

pub const ORIGINS: &[&str] = &["file", "staged", "commit", "unreachable", "stdin", "message", "root"];

/// The word of a value.
pub fn of<T: Copy + PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    table.iter().find(|(other, _)| *other == value).expect("every value has a word").1
}

/// A finding's state: its word, who suppresses it, and why.
pub fn of_state(state: &State) -> (&'static str, Option<&'static str>, Option<&str>) {
    match state {
        State::Active => ("active", None, None),
        State::Suppressed { by, reason } => ("suppressed", Some(by.as_str()), Some(reason)),
        State::Baselined => ("baselined", None, None),
    }
}

/// The way back. None where there is no such word.
pub fn state(word: &str, by: Option<&str>, reason: Option<String>) -> Option<State> {
    let by = match by {
        None | Some("inline") => By::Inline,
        Some("configuration") => By::Configuration,
        Some(name) => TOOLS.into_iter().find(|tool| *tool == name).map_or(By::Other, By::Tool),
    };
    match word {
        "active" => Some(State::Active),
        "suppressed" => Some(State::Suppressed { by, reason: reason.unwrap_or_default() }),
        "baselined" => Some(State::Baselined),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_severity_and_confidence_has_its_word() {
        assert!(Severity::ALL.iter().all(|s| of(SEVERITIES, *s) == s.as_str()));
        assert!(Confidence::ALL.iter().all(|c| of(CONFIDENCES, *c) == c.as_str()));
    }
}
