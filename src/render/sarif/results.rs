//! Findings as SARIF has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::place::{location, told};
use super::wire::{CodeFlow, Finding, FindingProperties, Location, Step, Suppression, Text, ThreadFlow};
use super::{Flavor, level, message};
use crate::base::escape;
use crate::base::ids::Fingerprint;
use crate::finding::{By, Change, State};
use crate::render::origin_words;
use crate::report::{SealedFinding, SealedLabel};

/// GitHub takes no more locations of a result.
const LOCATIONS: usize = 1000;
/// Related places that a message for GitHub leads to: it shows those only that a message names.
const LINKED: usize = 8;

/// `nth`: how many findings of the same fingerprint come with this one, itself included.
pub fn result(f: &SealedFinding, rule_index: usize, nth: usize, flavor: Flavor) -> Finding {
    let related: Vec<Location> = f
        .related
        .iter()
        .take(LOCATIONS)
        .enumerate()
        .map(|(at, label)| Location { id: Some(at + 1), ..told(&label.place, flavor, &label.text) })
        .collect();
    Finding {
        rule_id: escape::name(f.rule.as_str()).into_owned(),
        rule_index,
        level: level(f.severity),
        message: words(f, flavor),
        locations: [location(&f.primary, flavor)],
        related_locations: related,
        code_flows: flow(f, flavor).into_iter().collect(),
        partial_fingerprints: fingerprints(f.fingerprint, nth),
        suppressions: (flavor == Flavor::Full).then(|| suppressions(&f.state)),
        baseline_state: f.change.map(|change| match change {
            Change::New => "new",
            Change::Existing => "unchanged",
            Change::Fixed => "absent",
        }),
        properties: FindingProperties {
            severity: f.severity.as_str(),
            confidence: f.confidence.as_str(),
            resource: f.resource.as_deref().map(|resource| escape::name(resource).into_owned()),
            origin: origin_words(&f.primary.origin),
            group: f.group.to_string(),
        },
    }
}

/// The message; for GitHub with what its region cannot say.
fn words(f: &SealedFinding, flavor: Flavor) -> Text {
    let mut text = message(&f.message).text;
    if flavor == Flavor::Full {
        return Text::new(text);
    }
    if f.primary.path.outermost().is_some() {
        let _ = write!(text, " (in {})", message(&f.primary.path.to_str()).text);
    }
    if f.suppressed_here {
        text.push_str(" (an inline ignore that came with this change names it)");
    }
    let links: Vec<String> =
        f.related.iter().take(LINKED).enumerate().map(|(at, label)| format!("[{}]({})", link(&label.text), at + 1)).collect();
    if !links.is_empty() {
        let _ = write!(text, " See: {}.", links.join(", "));
    }
    Text::new(text)
}

/// Text between the brackets of a link.
fn link(text: &str) -> String {
    escape::name(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// The way of a value: from where it is written, over every step, to the resource that has it.
fn flow(f: &SealedFinding, flavor: Flavor) -> Option<CodeFlow> {
    let resource = f.resource.as_deref()?;
    let ends = |label: &&SealedLabel| label.text == resource;
    let called = |label: &&SealedLabel| label.text.starts_with("called here as ");
    let steps: Vec<&SealedLabel> = f.related.iter().take_while(|label| !ends(label) && !called(label)).collect();
    if steps.is_empty() {
        return None;
    }
    let end = f.related.iter().find(ends);
    let first = told(&f.primary, flavor, &f.message);
    let rest = steps.into_iter().chain(end).map(|label| told(&label.place, flavor, &label.text));
    let locations = [first].into_iter().chain(rest).take(LOCATIONS).map(|location| Step { location }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

/// GitHub knows an alert by `primaryLocationLineHash`; ours stays when lines move.
fn fingerprints(fingerprint: Fingerprint, nth: usize) -> BTreeMap<&'static str, String> {
    let whole = fingerprint.to_string();
    BTreeMap::from([("primaryLocationLineHash", format!("{}:{nth}", &whole[2..18])), ("gatepost/v1", whole)])
}

/// None for what counts, which says that it was asked.
fn suppressions(state: &State) -> Vec<Suppression> {
    let (kind, justification) = match state {
        State::Active => return Vec::new(),
        State::Suppressed { by: By::Inline, reason } => ("inSource", escape::name(reason).into_owned()),
        State::Suppressed { by, reason } => ("external", format!("{}: {}", by.as_str(), escape::name(reason))),
        State::Baselined => ("external", "in the baseline".to_owned()),
    };
    vec![Suppression { kind, status: "accepted", justification }]
}
