//! Two reports, one against the other: what is new, what is there no more, what stays. Known by fingerprint, so that a
//! finding whose lines moved is the same one; one that is gone from one path and came in another has moved with its file.

use std::collections::{BTreeMap, BTreeSet};

use super::{Compared, Report, SealedFinding, order};
use crate::base::ids::Fingerprint;
use crate::finding::Change;

/// The new report, with what became of each finding: those that count in it and did not in the old one are new, those
/// that counted in the old one and are nowhere in the new one are fixed.
#[must_use]
pub fn compare(old: &Report, new: &Report) -> Report {
    let of = |findings: &mut dyn Iterator<Item = &SealedFinding>| findings.map(|f| f.fingerprint).collect::<BTreeSet<Fingerprint>>();
    let counted = of(&mut old.active());
    let there = of(&mut new.findings.iter().filter(|f| f.change != Some(Change::Fixed)));
    let mut gone: BTreeMap<Fingerprint, Vec<Fingerprint>> = BTreeMap::new();
    for f in old.active().filter(|f| !there.contains(&f.fingerprint)) {
        gone.entry(f.what).or_default().push(f.fingerprint);
    }
    let mut moved = BTreeSet::new();
    let mut compared = Compared::default();
    let mut findings = Vec::new();
    let known = of(&mut old.findings.iter());
    // What a comparison has called fixed is no part of what it compared.
    let mut compared_with: Vec<&SealedFinding> = new.findings.iter().filter(|f| f.change != Some(Change::Fixed)).collect();
    // Of what moved, what counts comes first; what somebody suppressed where it went is no more fixed than where it stood.
    compared_with.sort_by_key(|f| !f.is_active());
    for f in compared_with {
        let mut is_new = f.is_active() && !counted.contains(&f.fingerprint);
        if !known.contains(&f.fingerprint)
            && let Some(from) = gone.get_mut(&f.what).and_then(Vec::pop)
        {
            moved.insert(from);
            is_new = false;
        }
        compared.new += u64::from(is_new);
        compared.unchanged += u64::from(f.is_active() && !is_new);
        findings.push(SealedFinding { change: Some(if is_new { Change::New } else { Change::Existing }), ..f.clone() });
    }
    for f in old.active().filter(|f| !there.contains(&f.fingerprint) && !moved.contains(&f.fingerprint)) {
        compared.fixed += 1;
        findings.push(SealedFinding { change: Some(Change::Fixed), suppressed_here: false, ..f.clone() });
    }
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut notes = new.notes.clone();
    if old.is_incomplete() {
        notes.push("the old report is incomplete: what is called new may have been there".to_owned());
    }
    if new.is_incomplete() && compared.fixed > 0 {
        notes.push("the new report is incomplete: what is called fixed may still be there".to_owned());
    }
    let mut rules = old.rules.clone();
    rules.extend(new.rules.clone());
    let named: BTreeSet<_> = findings.iter().map(|f| &f.rule).collect();
    rules.retain(|id, _| named.contains(id));
    Report {
        findings,
        troubles: new.troubles.clone(),
        unanswered: new.unanswered.clone(),
        counts: new.counts.clone(),
        notes,
        rules,
        compared: Some(compared),
        interrupted: new.interrupted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::State;
    use crate::report::{Draft, SealedTrouble};

    fn finding(byte: u8) -> SealedFinding {
        let report = super::super::tests::one();
        SealedFinding { fingerprint: Fingerprint([byte; 16]), what: Fingerprint([byte; 16]), ..report.findings[0].clone() }
    }

    fn report(findings: Vec<SealedFinding>) -> Report {
        Report { findings, ..Report::seal(Draft::default()) }
    }

    fn changes(report: &Report) -> Vec<(u8, Option<Change>, bool)> {
        let mut all: Vec<_> = report.findings.iter().map(|f| (f.fingerprint.0[0], f.change, f.is_active())).collect();
        all.sort_by_key(|(byte, ..)| *byte);
        all
    }

    #[test]
    fn each_finding_is_new_fixed_or_unchanged() {
        let both = compare(&report(vec![finding(1), finding(2)]), &report(vec![finding(2), finding(3)]));
        let wanted = [(1, Some(Change::Fixed), false), (2, Some(Change::Existing), true), (3, Some(Change::New), true)];
        assert_eq!(changes(&both), wanted);
        assert_eq!(both.compared, Some(Compared { new: 1, fixed: 1, unchanged: 1 }));
        assert_eq!(both.shown().count(), 1);
    }

    #[test]
    fn what_moved_with_its_file_is_neither_new_nor_fixed_and_a_copy_is_new() {
        let moved = |byte: u8| SealedFinding { fingerprint: Fingerprint([byte; 16]), ..finding(1) };
        let renamed = compare(&report(vec![finding(1)]), &report(vec![moved(2)]));
        assert_eq!(renamed.compared, Some(Compared { unchanged: 1, ..Compared::default() }));
        let copied = compare(&report(vec![finding(1)]), &report(vec![finding(1), moved(2)]));
        assert_eq!(copied.compared, Some(Compared { new: 1, unchanged: 1, fixed: 0 }));
    }

    #[test]
    fn what_moved_and_is_suppressed_there_is_not_fixed() {
        let moved = |byte: u8| SealedFinding { fingerprint: Fingerprint([byte; 16]), ..finding(1) };
        let hidden = |byte: u8| SealedFinding { state: State::Baselined, ..moved(byte) };
        let now = compare(&report(vec![finding(1)]), &report(vec![hidden(2)]));
        assert_eq!(now.compared, Some(Compared::default()));
        let both = compare(&report(vec![finding(1)]), &report(vec![hidden(2), moved(3)]));
        assert_eq!(both.compared, Some(Compared { unchanged: 1, ..Compared::default() }), "what counts has moved");
        let known = compare(&report(vec![finding(1), hidden(2)]), &report(vec![hidden(2)]));
        assert_eq!(known.compared, Some(Compared { fixed: 1, ..Compared::default() }), "it was suppressed there before");
    }

    #[test]
    fn what_is_suppressed_now_is_not_fixed_and_what_is_no_more_is_new() {
        let hidden = SealedFinding { state: State::Baselined, ..finding(1) };
        let now = compare(&report(vec![finding(1)]), &report(vec![hidden.clone()]));
        assert_eq!(now.compared, Some(Compared::default()));
        let no_more = compare(&report(vec![hidden]), &report(vec![finding(1)]));
        assert_eq!(no_more.compared, Some(Compared { new: 1, ..Compared::default() }));
    }

    #[test]
    fn what_an_incomplete_report_does_not_tell_is_said() {
        let trouble = SealedTrouble { place: None, kind: crate::finding::Failure::Missing, message: "m".to_owned(), help: None };
        let broken = || Report { troubles: vec![trouble.clone()], ..report(Vec::new()) };
        let fixed = compare(&report(vec![finding(1)]), &broken());
        assert!(fixed.is_incomplete() && fixed.notes.iter().any(|note| note.contains("may still be there")));
        let new = compare(&broken(), &report(vec![finding(1)]));
        assert!(!new.is_incomplete() && new.notes.iter().any(|note| note.contains("may have been there")));
    }
}
