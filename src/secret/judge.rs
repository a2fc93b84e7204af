//! From matches to findings: what belongs together, what is asked about, how bad it is, and what is said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::context::{Context, lowered};
use super::detect::{ContentMatches, Detector, Slot};
use super::pair::{BARE_BYTES, Half, Kind, pairs};
use super::validate::Evidence;
use crate::base::ids::Severity;
use crate::base::secret::Secret;
use crate::finding::{Finding, Fix, Label, Masked, State, fingerprint_in, group_of};
use crate::rule::{Rule, RuleSet};
use crate::subject::Subject;

/// Other places of the same secret that a finding shows.
const PLACES: usize = 10;
/// Lines of a long secret that are masked one by one, wherever an excerpt shows them; shorter ones are no secret.
const LONG_LINE: usize = 16;

/// A match, looked at again with its name known.
struct Found<'a> {
    slot: &'a Slot,
    range: Range<usize>,
    identity: Secret,
    evidence: Evidence,
}

/// A secret that belongs to an id.
struct Partner {
    range: Range<usize>,
}

/// All places of one secret of one rule.
struct Group<'f> {
    first: &'f Found<'f>,
    places: Vec<Range<usize>>,
    partners: Vec<Partner>,
}

impl Detector {
    /// The findings of a content: one for each rule and secret. `matches` are those of `subject.bytes()`.
    #[must_use]
    pub fn judge(&self, rules: &RuleSet, matches: &ContentMatches, subject: &Subject<'_>) -> Vec<Finding> {
        let bytes = subject.bytes();
        let found: Vec<Found<'_>> = matches
            .matches
            .iter()
            .filter_map(|m| {
                let slot = self.slot_of(m.rule as usize)?;
                let secret = m.secret.0 as usize..m.secret.1 as usize;
                let evidence = slot.evidence(bytes, &secret)?;
                let range = evidence.secret.clone().unwrap_or(secret);
                let identity = evidence.identity.clone().unwrap_or_else(|| Secret::new(&bytes[range.clone()]));
                Some(Found { slot, range, identity, evidence })
            })
            .collect();
        let mut groups = groups(&found);
        let taken = self.pair(bytes, &found, &mut groups);
        let context = Context::of(subject.path);
        groups
            .iter()
            .filter(|group| !taken.contains(&(group.first.slot.rule, group.first.identity.expose())))
            .filter(|group| group.places.iter().chain(group.partners.iter().map(|p| &p.range)).any(|range| subject.in_focus(range.clone())))
            .filter_map(|group| self.finding(rules, group, context, subject))
            .collect()
    }

    /// Gives the groups their partners. Returns the secrets that are spoken for, by rule and value.
    fn pair<'f>(&self, bytes: &[u8], found: &'f [Found<'f>], groups: &mut [Group<'f>]) -> BTreeSet<(usize, &'f [u8])> {
        let mut taken = BTreeSet::new();
        for slot in &self.slots {
            let Some(pair) = &slot.pair else { continue };
            let of = |id: &crate::base::ids::RuleId| found.iter().filter(|f| f.slot.id == *id).collect::<Vec<_>>();
            let (ids, named) = (of(&slot.id), of(&pair.body.with));
            if ids.is_empty() {
                continue;
            }
            let mut halves: BTreeMap<(usize, usize), Kind> = BTreeMap::new();
            for id in &ids {
                let near = id.range.start.saturating_sub(BARE_BYTES)..id.range.end.saturating_add(BARE_BYTES).min(bytes.len());
                halves.extend(pair.candidates(bytes, near).into_iter().map(|range| ((range.start, range.end), Kind::Bare)));
            }
            halves.extend(named.iter().map(|f| ((f.range.start, f.range.end), Kind::Named)));
            halves.extend(ids.iter().map(|f| ((f.range.start, f.range.end), Kind::Id)));
            let halves: Vec<Half> = halves.into_iter().map(|((start, end), kind)| Half { range: start..end, kind }).collect();
            for (id, secret) in pairs(bytes, &halves) {
                let Some(found) = ids.iter().find(|f| f.range == halves[id].range) else { continue };
                let Some(group) = groups.iter_mut().find(|g| same(g.first, found)) else { continue };
                let range = halves[secret].range.clone();
                // The same secret elsewhere belongs to the id as well.
                let twins = named.iter().filter(|f| f.identity.expose() == &bytes[range.clone()]);
                let mut places: Vec<_> = twins.map(|f| f.range.clone()).collect();
                if !places.contains(&range) {
                    places.push(range.clone());
                }
                for range in places {
                    if !group.partners.iter().any(|p| p.range == range) {
                        group.partners.push(Partner { range });
                    }
                }
                if let Some(named) = named.iter().find(|f| f.identity.expose() == &bytes[range.clone()]) {
                    taken.insert((named.slot.rule, named.identity.expose()));
                }
            }
        }
        taken
    }

    fn finding(&self, rules: &RuleSet, group: &Group<'_>, context: Option<Context>, subject: &Subject<'_>) -> Option<Finding> {
        let Found { slot, evidence, identity, .. } = group.first;
        let rule = rules.rules().get(slot.rule)?;
        let bytes = subject.bytes();
        let show = slot.body.show;
        // What the change touches comes first.
        let mut places = group.places.clone();
        places.sort_by_key(|range| (!subject.in_focus(range.clone()), range.start));
        let (primary, others) = places.split_first()?;
        let mut related = Vec::new();
        let mut secrets = masked(&bytes[primary.clone()], show);
        let mut values: Vec<&[u8]> = Vec::new();
        let partner = slot.pair.as_ref().map(|pair| (pair, rules.rules().iter().find(|r| r.meta.id == pair.body.with)));
        if let Some((pair, with)) = partner {
            let keep = self.slots.iter().find(|s| s.id == pair.body.with).map_or((0, 0), |s| s.body.show);
            for partner in group.partners.iter().take(PLACES) {
                let text = format!("its {}", with.map_or("secret", |rule| &rule.meta.title));
                related.push(Label { place: subject.place(partner.range.clone()).concealed(keep), text });
            }
            for partner in &group.partners {
                let value = &bytes[partner.range.clone()];
                if !values.contains(&value) {
                    values.push(value);
                    secrets.extend(masked(value, keep));
                }
            }
        }
        related.extend(
            others
                .iter()
                .take(PLACES)
                .map(|range| Label { place: subject.place(range.clone()).concealed(show), text: "the same again".to_owned() }),
        );
        let id_group = group_of(&rule.meta.id, identity);
        // An id whose secret leaks later is news: a baseline that knows the id alone does not cover it.
        values.sort_unstable();
        let own = if values.is_empty() {
            id_group
        } else {
            group_of(&rule.meta.id, &Secret::new(&[identity.expose(), &values.concat()].concat()))
        };
        let page = rules.page(slot.rule);
        Some(Finding {
            rule: rule.meta.id.clone(),
            families: Arc::from(rule.meta.families.clone()),
            severity: severity(rule, slot, evidence, !values.is_empty()),
            confidence: {
                let most = evidence.confidence.map_or(rule.meta.confidence, |most| most.min(rule.meta.confidence));
                if context.is_some() { lowered(most) } else { most }
            },
            message: message(rule, evidence, partner.and_then(|(_, with)| with).filter(|_| !values.is_empty()), context),
            primary: subject.place(primary.clone()).concealed(show),
            related,
            resource: None,
            fix: Some(Fix { text: page.fix.clone(), commands: Vec::new() }),
            fingerprint: fingerprint_in(own, subject.path.bytes()),
            group: id_group,
            state: State::Active,
            suppressed_here: false,
            change: None,
            secrets,
        })
    }
}

fn groups<'f>(found: &'f [Found<'f>]) -> Vec<Group<'f>> {
    let mut index: BTreeMap<(usize, &[u8]), usize> = BTreeMap::new();
    let mut groups: Vec<Group<'f>> = Vec::new();
    for one in found {
        let at = *index.entry((one.slot.rule, one.identity.expose())).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.places.push(one.range.clone()),
            None => groups.push(Group { first: one, places: vec![one.range.clone()], partners: Vec::new() }),
        }
    }
    groups
}

fn same(a: &Found<'_>, b: &Found<'_>) -> bool {
    a.slot.rule == b.slot.rule && a.identity == b.identity
}

fn severity(rule: &Rule, slot: &Slot, evidence: &Evidence, paired: bool) -> Severity {
    let alone = slot.pair.as_ref().filter(|_| !paired);
    let base = alone.and_then(|pair| pair.body.alone).map_or(rule.meta.severity, |alone| alone.min(rule.meta.severity));
    let limits = [evidence.severity, evidence.alone.filter(|_| alone.is_some())];
    limits.into_iter().flatten().fold(base, Severity::min)
}

fn message(rule: &Rule, evidence: &Evidence, with: Option<&Rule>, context: Option<Context>) -> String {
    let mut text = rule.meta.title.clone();
    if let Some(note) = &evidence.note {
        text.push(' ');
        text.push_str(note);
    }
    if let Some(with) = with {
        text.push_str(", with its ");
        text.push_str(&with.meta.title);
    }
    if let Some(context) = context {
        text.push_str(", ");
        text.push_str(context.as_str());
    }
    text
}

/// A secret, and its lines where it has several.
fn masked(value: &[u8], keep: (u8, u8)) -> Vec<Masked> {
    let mut all = vec![Masked { value: Secret::new(value), keep }];
    let lines = value.split(|byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b' '));
    let long: Vec<_> = lines.filter(|line| LONG_LINE <= line.len() && line.len() < value.len()).collect();
    all.extend(long.into_iter().map(|line| Masked { value: Secret::new(line), keep: (0, 0) }));
    all
}
