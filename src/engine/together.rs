//! One thing at one place is one finding: what rules on resources say of a secret that a rule on secrets has found is
//! told with it, and of what several rules on resources say of one value, what says all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::span::{FileId, Span};
use crate::finding::{Finding, Label, State};
use crate::secret::is_invented;

/// Puts findings on resources whose place is that of a secret which was found in the bytes to that finding. It keeps its
/// rule, its fix and its fingerprint; it gets the other's families, the resource, and the graver severity. What an ignore
/// speaks of stays on its own.
pub fn together(findings: Vec<Finding>) -> Vec<Finding> {
    let findings = by_file(findings);
    let is_active = |finding: &Finding| finding.state == State::Active;
    let (mut all, on_resources): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|f| !(is_active(f) && f.resource.is_some() && f.primary.conceal.is_some()));
    let mut secrets: BTreeMap<FileId, Vec<(Span, usize)>> = BTreeMap::new();
    for (number, finding) in all.iter().enumerate().filter(|(_, f)| is_active(f) && f.resource.is_none() && !f.secrets.is_empty()) {
        for span in places(finding) {
            secrets.entry(span.file).or_default().push((span, number));
        }
    }
    for spans in secrets.values_mut() {
        spans.sort_unstable();
    }
    for finding in on_resources {
        let same = finding.primary.span.and_then(|span| at(secrets.get(&span.file)?, span)).and_then(|number| all.get_mut(number));
        match same {
            Some(secret) => add(secret, finding),
            None => all.push(finding),
        }
    }
    once(all)
}

/// Leaves out what only a name tells in a file that is a credential as a whole: its finding names the keys, and asks for
/// every one to be changed. A key that has a shape of its own is told beside it, and alone where the file has no others.
fn by_file(findings: Vec<Finding>) -> Vec<Finding> {
    let is_file = |finding: &Finding| finding.state == State::Active && finding.families.iter().any(|family| family == "credential-file");
    let files: BTreeSet<FileId> = findings.iter().filter(|f| is_file(f)).map(|f| f.primary.file).collect();
    if files.is_empty() {
        return findings;
    }
    let is_weak = |f: &Finding| f.state == State::Active && !is_file(f) && is_invented(&f.families);
    let mut told: BTreeMap<FileId, Vec<_>> = BTreeMap::new();
    let mut all = Vec::with_capacity(findings.len());
    for finding in findings {
        if files.contains(&finding.primary.file) && is_weak(&finding) {
            told.entry(finding.primary.file).or_default().extend(finding.secrets);
        } else {
            all.push(finding);
        }
    }
    for finding in all.iter_mut().filter(|finding| is_file(finding)) {
        finding.secrets.extend(told.remove(&finding.primary.file).unwrap_or_default());
    }
    shaped(all, is_file)
}

/// Puts the finding of a file to those that tell each of its values by its own shape: they get its families.
fn shaped(findings: Vec<Finding>, is_file: impl Fn(&Finding) -> bool) -> Vec<Finding> {
    let (of_files, mut all): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_file);
    let mut told: BTreeMap<FileId, Vec<(Span, usize)>> = BTreeMap::new();
    for (number, finding) in all.iter().enumerate().filter(|(_, f)| f.state == State::Active && !f.secrets.is_empty()) {
        for span in places(finding) {
            told.entry(span.file).or_default().push((span, number));
        }
    }
    for spans in told.values_mut() {
        spans.sort_unstable();
    }
    let mut left = Vec::new();
    for file in of_files {
        let by: Option<BTreeSet<usize>> = places(&file).map(|span| at(told.get(&span.file)?, span)).collect();
        // More values than places: some are not shown.
        match by.filter(|by| !by.is_empty() && places(&file).count() == file.secrets.len()) {
            Some(by) => by.into_iter().for_each(|number| add_families(&mut all[number], &file)),
            None => left.push(file),
        }
    }
    all.append(&mut left);
    all
}

/// The main place of a finding and those beside it.
fn places(finding: &Finding) -> impl Iterator<Item = Span> + '_ {
    std::iter::once(&finding.primary).chain(finding.related.iter().map(|label| &label.place)).filter_map(|place| place.span)
}

/// Findings at one place beyond which each is told.
const MAX_AT_ONE: usize = 256;

/// Leaves out what another rule says of the same place with all of its families, as grave or graver: that a bucket is
/// public where its ACL is said to be. What stands at a header is about what is absent, which other rules may miss as well.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut at: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let span = finding.primary.span.filter(|_| finding.state == State::Active && finding.resource.is_some());
        if let Some(span) = span {
            at.entry(span).or_default().push(number);
        }
    }
    let mut left_out = vec![false; findings.len()];
    for same in at.values().filter(|same| (2..=MAX_AT_ONE).contains(&same.len())) {
        let alone = |number: usize| same.iter().filter(|other| findings[**other].rule == findings[number].rule).count() == 1;
        for number in same.iter().copied() {
            let says_it = |other: &usize| {
                let (narrow, wide) = (&findings[number], &findings[*other]);
                // A value that several resources take is said of each.
                let one = narrow.resource == wide.resource || alone(number) && alone(*other);
                one && !left_out[*other] && says_all(wide, narrow)
            };
            left_out[number] = same.iter().any(says_it);
        }
    }
    let mut left_out = left_out.into_iter();
    findings.into_iter().filter(|_| !left_out.next().unwrap_or(false)).collect()
}

/// Whether a finding says what another one of the same place does. Of the same families at a header, each may be about
/// something else.
fn says_all(wide: &Finding, narrow: &Finding) -> bool {
    let has_all = narrow.families.iter().all(|family| wide.families.contains(family));
    let is_header = !narrow.related.iter().any(|label| Some(&label.text) == narrow.resource.as_ref());
    has_all && wide.rule != narrow.rule && wide.severity >= narrow.severity && !(is_header && wide.families.len() == narrow.families.len())
}

/// The secret that stands at a place, in part or in whole. They are in order and few lie in each other: it is the last
/// one that begins before the place ends.
fn at(secrets: &[(Span, usize)], place: Span) -> Option<usize> {
    let before = secrets.partition_point(|(span, _)| span.start < place.end);
    let (span, number) = secrets.get(before.checked_sub(1)?)?;
    (span.end > place.start).then_some(*number)
}

fn add_families(finding: &mut Finding, other: &Finding) {
    let more = other.families.iter().filter(|family| !finding.families.contains(family)).cloned();
    finding.families = Arc::from(finding.families.iter().cloned().chain(more).collect::<Vec<_>>());
}

fn add(secret: &mut Finding, other: Finding) {
    add_families(secret, &other);
    secret.severity = secret.severity.max(other.severity);
    // The resource is told where it stands, or else where its secret does.
    let header = other.related.into_iter().find(|label| Some(&label.text) == other.resource.as_ref());
    let place = header.map_or(other.primary, |label| label.place);
    secret.related.push(Label { place, text: other.message, repeats: false });
    secret.resource = secret.resource.take().or(other.resource);
    secret.secrets.extend(other.secrets);
}
