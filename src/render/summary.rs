//! Counts in words: the last lines of every report for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::base::ids::Severity;
use crate::finding::{By, Change, State};
use crate::report::Report;

/// `3 findings: 1 critical, 2 high; 2 suppressed`. Only active ones are findings here, and of a comparison only new ones:
/// `1 new finding: 1 high; 2 fixed; 3 unchanged`.
#[must_use]
pub fn findings(report: &Report) -> String {
    let shown = report.shown().count();
    let noun = if report.compared.is_some() { "new finding" } else { "finding" };
    let mut text = if shown == 0 { format!("no {noun}s") } else { number(shown as u64, noun) };
    let each = |s: Severity| (report.shown().filter(|f| f.severity == s).count(), s);
    let by_severity = Severity::ALL.into_iter().rev().map(each).filter(|(n, _)| *n > 0);
    let parts: Vec<_> = by_severity.map(|(n, severity)| format!("{n} {severity}")).collect();
    if !parts.is_empty() {
        let _ = write!(text, ": {}", parts.join(", "));
    }
    let (mut by_whom, mut baselined): (BTreeMap<By, u64>, u64) = (BTreeMap::new(), 0);
    for finding in report.findings.iter().filter(|f| f.change != Some(Change::Fixed)) {
        match finding.state {
            State::Active => {}
            State::Suppressed { by, .. } => *by_whom.entry(by).or_default() += 1,
            State::Baselined => baselined += 1,
        }
    }
    if let Some(compared) = report.compared {
        let _ = write!(text, "; {} fixed; {} unchanged", compared.fixed, compared.unchanged);
    }
    let fixed = report.fixed().count();
    if report.compared.is_none() && fixed > 0 {
        let _ = write!(text, "; {fixed} fixed");
    }
    let suppressed: u64 = by_whom.values().sum();
    if suppressed > 0 {
        let _ = write!(text, "; {suppressed} suppressed");
    }
    // In a comment is where everybody looks first.
    if by_whom.keys().any(|by| *by != By::Inline) {
        let parts: Vec<String> = by_whom.iter().map(|(by, n)| format!("{n} {}", by.as_str())).collect();
        let _ = write!(text, " ({})", parts.join(", "));
    }
    if baselined > 0 {
        let _ = write!(text, "; {baselined} in the baseline");
    }
    text
}

/// `scanned 41 of 45 inputs (1.2 MB), skipped 3 (2 excluded, 1 submodule), failed 1`: they add up.
#[must_use]
pub fn inputs(report: &Report) -> String {
    let counts = &report.counts;
    let (all, skipped) = (counts.inputs(), counts.skipped_total());
    let of = if all == counts.scanned { String::new() } else { format!(" of {all}") };
    let noun = if all == 1 { "input" } else { "inputs" };
    let mut text = format!("scanned {}{of} {noun} ({})", counts.scanned, bytes(counts.bytes));
    if skipped > 0 {
        let reasons: Vec<_> = counts.skipped.iter().filter(|(_, n)| **n > 0).map(|(skip, n)| format!("{n} {}", skip.as_str())).collect();
        let _ = write!(text, ", skipped {skipped} ({})", reasons.join(", "));
    }
    if counts.failed > 0 {
        let _ = write!(text, ", failed {}", counts.failed);
    }
    text
}

/// What is said where not everything was looked at.
#[must_use]
pub fn incomplete(report: &Report) -> Option<&'static str> {
    if report.interrupted {
        return Some("interrupted: this is what was found until then, not all there is");
    }
    report.is_incomplete().then_some("incomplete: not everything was looked at, so no finding here does not mean clean")
}

/// `1 finding`, `2 findings`.
#[must_use]
pub fn number(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Bytes in the largest unit (of a thousand) that leaves a number of at least one.
#[must_use]
pub fn bytes(n: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(size, _)| n >= *size) {
        Some((size, unit)) => format!("{}.{} {unit}", n / size, n % size * 10 / size),
        None => number(n, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_at_a_glance() {
        let printed: Vec<_> = [0, 1, 999, 1_000, 1_234_567, 9_999_999_999].into_iter().map(bytes).collect();
        assert_eq!(printed, ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.2 MB", "9.9 GB"]);
    }
}
