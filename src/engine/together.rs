//! One secret at one place is one finding: what rules on resources say of a secret that a rule on secrets has found is
//! told with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::span::{FileId, Span};
use crate::finding::{Finding, Label, State};

/// Puts findings on resources whose place is that of a secret which was found in the bytes to that finding. It keeps its
/// rule, its fix and its fingerprint; it gets the other's families, the resource, and the graver severity. What an ignore
/// speaks of stays on its own.
pub fn together(findings: Vec<Finding>) -> Vec<Finding> {
    let is_active = |finding: &Finding| finding.state == State::Active;
    let (mut all, on_resources): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|f| !(is_active(f) && f.resource.is_some() && f.primary.conceal.is_some()));
    let mut secrets: BTreeMap<FileId, Vec<(Span, usize)>> = BTreeMap::new();
    for (number, finding) in all.iter().enumerate().filter(|(_, f)| is_active(f) && f.resource.is_none() && !f.secrets.is_empty()) {
        let places = std::iter::once(&finding.primary).chain(finding.related.iter().map(|label| &label.place));
        for span in places.filter_map(|place| place.span) {
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
    all
}

/// The secret that stands at a place, in part or in whole. They are in order and few lie in each other: it is the last
/// one that begins before the place ends.
fn at(secrets: &[(Span, usize)], place: Span) -> Option<usize> {
    let before = secrets.partition_point(|(span, _)| span.start < place.end);
    let (span, number) = secrets.get(before.checked_sub(1)?)?;
    (span.end > place.start).then_some(*number)
}

fn add(secret: &mut Finding, other: Finding) {
    let more = other.families.iter().filter(|family| !secret.families.contains(family)).cloned();
    secret.families = Arc::from(secret.families.iter().cloned().chain(more).collect::<Vec<_>>());
    secret.severity = secret.severity.max(other.severity);
    // The resource is told where it stands, or else where its secret does.
    let header = other.related.into_iter().find(|label| Some(&label.text) == other.resource.as_ref());
    let place = header.map_or(other.primary, |label| label.place);
    secret.related.push(Label { place, text: other.message, repeats: false });
    secret.resource = secret.resource.take().or(other.resource);
    secret.secrets.extend(other.secrets);
}
