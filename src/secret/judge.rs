//! From matches to findings: what belongs together, what is asked about, how bad it is, and what is said.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::context::{Context, is_example_field, lowered};
use super::detect::{ContentMatches, Detector, Scratch, SecretMatch, range};
use super::layers::{Layers, Spot};
use super::noise;
use super::partners::{Paired, Part};
use super::slot::Slot;
use super::validate::Evidence;
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;
use crate::finding::{Finding, Fix, Identity, Label, Masked, group_of};
use crate::rule::{Rule, RuleSet};
use crate::subject::Subject;

/// Other places of the same secret that a finding shows.
pub(super) const PLACES: usize = 10;
/// Lines of a long secret are masked one by one, wherever an excerpt shows them; shorter ones tell nothing.
const LONG_LINE: usize = 16;

/// A match, looked at again with its name known.
pub(super) struct Found<'a> {
    pub slot: &'a Slot,
    pub spot: Spot,
    /// The secret, where it has one spelling for many.
    pub identity: Secret,
    pub evidence: Evidence,
}

/// A match in bytes that are no input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The index of the rule in its set.
    pub rule: usize,
    /// Where to point.
    pub at: Range<usize>,
    pub secret: Range<usize>,
}

/// The most findings of one content: each holds its lines, and a file made of keys is no reason to run out of memory.
pub const MOST: usize = 1000;

/// All places of one secret of one rule.
pub(super) struct Group<'f> {
    pub first: &'f Found<'f>,
    pub spots: Vec<Spot>,
    /// The secrets of an id.
    pub partners: Vec<Spot>,
    /// What more belongs to it.
    pub parts: Vec<Part>,
}

impl Group<'_> {
    fn in_focus(&self, subject: &Subject<'_>) -> bool {
        self.places().any(|spot| spot.in_focus(subject))
    }

    /// Every place of it and of what belongs to it.
    fn places(&self) -> impl Iterator<Item = &Spot> {
        self.spots.iter().chain(self.belongings())
    }

    /// Where its secrets and its parts stand.
    pub fn belongings(&self) -> impl Iterator<Item = &Spot> {
        self.partners.iter().chain(self.parts.iter().map(|part| &part.spot))
    }
}

impl Detector {
    /// The findings of a content: one for each rule and secret, and how many there are beyond a thousand. `matches` are
    /// those of `subject.bytes()`.
    #[must_use]
    pub fn judge(&self, rules: &RuleSet, matches: &ContentMatches, subject: &Subject<'_>) -> (Vec<Finding>, usize) {
        let bytes = subject.bytes();
        let layers = Layers::of(bytes, matches, self);
        let found = matches.matches.iter().filter_map(|m| Some((m.whole.0, self.look_again(&layers, m)?)));
        let mut found = told_once(rules, found.collect());
        let is_noise = |spot: &Spot| noise::is_noise(subject.path, layers.bytes(spot.layer.view), &spot.layer.range);
        let is_shown = |one: &Found<'_>| noise::is_shown(subject.path, bytes, one.spot.at.start);
        // A weak password in a test is nobody's.
        let is_idle = |one: &Found<'_>| one.evidence.severity == Some(Severity::Low) && is_invented(rules, one.slot) && is_shown(one);
        found.retain(|one| !(is_idle(one) || is_weak(rules, one.slot) && is_noise(&one.spot)));
        let mut groups = groups(&found);
        let Paired { taken, beside } = self.pair(rules, &layers, &found, &mut groups);
        let own = groups.iter().enumerate().filter(|(at, group)| !taken.contains(at) && group.in_focus(subject));
        let mut own: Vec<&Group<'_>> = own.map(|(_, group)| group).collect();
        let more = own.len().saturating_sub(MOST);
        if more > 0 {
            own.sort_by_key(|group| Reverse(self.severity(rules, group)));
            own.truncate(MOST);
        }
        let mut findings: Vec<Finding> = own.into_iter().filter_map(|group| self.finding(rules, group, subject)).collect();
        if let Some(last) = findings.last_mut() {
            // What is not told is masked all the same: it may stand in the lines around what is.
            let untold = groups.iter().filter(|_| more > 0).flat_map(Group::places);
            last.secrets.extend(untold.map(|spot| Masked { value: spot.value.clone(), keep: (0, 0) }));
            last.secrets.extend(beside.iter().flat_map(|spot| spot.masked(bytes, (0, 0))));
        }
        (findings, more)
    }

    /// The matches in bytes that are no input: a value that was put together.
    #[must_use]
    pub fn sightings(&self, bytes: &[u8], scratch: &mut Scratch) -> Vec<Sighting> {
        let (matches, layers) = (self.plain(bytes, scratch), Layers::plain(bytes));
        let found = matches.iter().filter_map(|m| Some((m.rule as usize, self.look_again(&layers, m)?.spot)));
        found.map(|(rule, Spot { at, secret, .. })| Sighting { rule, at, secret }).collect()
    }

    fn look_again(&self, layers: &Layers<'_>, found: &SecretMatch) -> Option<Found<'_>> {
        let slot = self.slot_of(found.rule as usize)?;
        let (bytes, matched) = (layers.bytes(found.view), range(found.secret));
        let evidence = slot.evidence(bytes, &matched)?;
        let secret = evidence.secret.clone().unwrap_or_else(|| matched.clone());
        let at = if matched.end <= secret.start { matched } else { secret.clone() };
        let identity = evidence.identity.clone().unwrap_or_else(|| Secret::new(&bytes[secret.clone()]));
        Some(Found { slot, spot: layers.spot(found.view, at, secret), identity, evidence })
    }

    /// How bad it is, wherever it stands.
    fn severity(&self, rules: &RuleSet, group: &Group<'_>) -> Severity {
        let Found { slot, evidence, .. } = group.first;
        let Some(rule) = rules.rules().get(slot.rule) else { return Severity::Info };
        let parts = group.parts.iter().filter_map(|part| rules.rules().get(self.slots.get(part.slot)?.rule));
        severity(rule, slot, evidence, !group.partners.is_empty(), parts.map(|rule| rule.meta.severity).max())
    }

    fn finding(&self, rules: &RuleSet, group: &Group<'_>, subject: &Subject<'_>) -> Option<Finding> {
        let Found { slot, evidence, identity, .. } = group.first;
        let rule = rules.rules().get(slot.rule)?;
        let bytes = subject.bytes();
        let show = slot.body.show;
        // What the change touches comes first.
        let mut spots = group.spots.clone();
        spots.sort_by_key(|spot| (!spot.in_focus(subject), spot.at.start));
        let (primary, others) = spots.split_first()?;
        let context = Context::at(subject.path, bytes, primary.at.start);
        let mut secrets = primary.masked(bytes, show);
        let mut related = Vec::new();

        let with = slot.pair.as_ref().filter(|_| !group.partners.is_empty()).map(|pair| &pair.body.with);
        // A user's rule stands behind the built-in one of its id, and in its place.
        let partner = with.and_then(|id| self.slots.iter().rfind(|s| s.id == *id));
        let title = with.map(|_| partner.and_then(|s| rules.rules().get(s.rule)).map_or("secret", |rule| rule.meta.title.as_str()));
        let keep = partner.map_or((0, 0), |slot| slot.body.show);
        let values: BTreeSet<&[u8]> = group.belongings().map(|spot| spot.value.expose()).collect();
        for spot in &group.partners {
            related.push(Label { place: spot.place(subject, keep), text: format!("its {}", title.unwrap_or("secret")), repeats: false });
        }
        secrets.extend(group.partners.iter().flat_map(|spot| spot.masked(bytes, keep)));
        let mut belongings: Vec<String> = title.into_iter().map(str::to_owned).collect();
        for part in &group.parts {
            let Some((slot, of)) = self.slots.get(part.slot).and_then(|slot| Some((slot, rules.rules().get(slot.rule)?))) else { continue };
            let title = of.meta.title.as_str();
            let said = part.proved.as_ref().map_or_else(|| title.to_owned(), |said| format!("{title}, {said}"));
            related.push(Label { place: part.spot.place(subject, slot.body.show), text: format!("its {said}"), repeats: false });
            secrets.extend(part.spot.masked(bytes, slot.body.show));
            let said = part.proved.as_ref().map_or_else(|| title.to_owned(), |said| format!("{title} ({said})"));
            if !belongings.contains(&said) {
                belongings.push(said);
            }
        }
        for spot in others.iter().take(PLACES) {
            secrets.extend(spot.masked(bytes, show).into_iter().filter(|_| spot.at != spot.secret || spot.coding.is_some()));
            related.push(Label { place: spot.place(subject, show), text: "the same again".to_owned(), repeats: true });
        }

        let id_group = group_of(&rule.meta.id, identity);
        // An id whose secret leaks later is news: a baseline that knows the id alone does not cover it.
        let own = values.iter().fold(identity.expose().to_vec(), |all, value| [&all, *value].concat());
        let own = if values.is_empty() { id_group } else { group_of(&rule.meta.id, &Secret::new(&own)) };
        let paired = !group.partners.is_empty();
        let sure = evidence.confidence.map_or(rule.meta.confidence, |most| most.min(rule.meta.confidence));
        // An id that stands alone may be of a key that is gone.
        let is_alone = slot.pair.is_some() && !paired && group.parts.is_empty();
        let sure = if is_alone { lowered(sure) } else { sure };
        // A field called an example holds what anybody made up, but for what nobody can: the name is no cover for a key.
        let is_example = telling(rules, group.first, 0) < Telling::Shape && is_example_field(bytes, primary.at.start);
        let most = if is_example { Severity::Low } else { noise::most(&rule.meta.families, context, subject.path) };
        let severity = self.severity(rules, group).min(most);
        let confidence = if context.is_some() { lowered(sure) } else { sure };
        let message = message(rule, evidence, primary.coding.as_deref(), &belongings, context);
        let identity = Identity::new(own, subject.path.bytes());
        Some(Finding {
            families: Arc::from(rule.meta.families.clone()),
            related,
            fix: Some(Fix { text: rules.page(slot.rule).fix.clone(), ..Fix::default() }),
            group: id_group,
            account: evidence.account.clone(),
            secrets,
            ..Finding::new(rule.meta.id.clone(), (severity, confidence), message, primary.place(subject, show), identity)
        })
    }
}

/// What a rule's word is worth where another speaks of the same bytes: a shape of its own most, a mere habit least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Telling {
    Habit,
    Password,
    /// And where its name stands: the nearer one names it.
    Name(u32),
    Shape,
    /// A shape that several vendors share, with the name of one.
    NamedShape(u32),
}

/// Families of what has no shape and no vendor, and of passwords at known places.
const HABITS: [&str; 2] = ["generic", "password"];
const PASSWORDS: [&str; 2] = ["basicauth", "dburi"];

pub(super) fn telling(rules: &RuleSet, found: &Found<'_>, name: u32) -> Telling {
    let families = rules.rules().get(found.slot.rule).map(|rule| rule.meta.families.as_slice()).unwrap_or_default();
    let is_of = |all: &[&str]| families.iter().any(|family| all.contains(&family.as_str()));
    match () {
        () if is_of(&HABITS) => Telling::Habit,
        () if is_of(&PASSWORDS) => Telling::Password,
        () if found.slot.body.named.is_empty() => Telling::Shape,
        () if rules.rules().get(found.slot.rule).is_some_and(|rule| rule.meta.confidence == Confidence::High) => Telling::NamedShape(name),
        () => Telling::Name(name),
    }
}

/// Whether a rule has every family that another has, and more: the key of a service account is a private key too. What weighs
/// less answers for nothing that stands in it.
fn answers_for(rules: &RuleSet, wide: &Found<'_>, narrow: &Found<'_>) -> bool {
    let rule = |found: &Found<'_>| rules.rules().get(found.slot.rule);
    let (Some(outer), Some(inner)) = (rule(wide), rule(narrow)) else { return false };
    let (families, others) = (&outer.meta.families, &inner.meta.families);
    let weight = |rule: &Rule, found: &Found<'_>| severity(rule, found.slot, &found.evidence, false, None);
    families.len() > others.len() && others.iter().all(|family| families.contains(family)) && weight(outer, wide) >= weight(inner, narrow)
}

/// Leaves out what a better rule says of the same bytes. Each comes with the place where its match begins.
fn told_once<'a>(rules: &RuleSet, found: Vec<(u32, Found<'a>)>) -> Vec<Found<'a>> {
    let mut ranked: Vec<(Telling, Found<'a>)> = found.into_iter().map(|(name, found)| (telling(rules, &found, name), found)).collect();
    ranked.sort_by_key(|(_, found)| found.spot.secret.start);
    // They come by place: what overlaps stands near.
    let is_less = |at: usize| {
        let (rank, one) = &ranked[at];
        let before = ranked[..at].iter().rev().take(NEIGHBOURS);
        let after = ranked[at + 1..].iter().take_while(|(_, other)| other.spot.secret.start < one.spot.secret.end).take(NEIGHBOURS);
        // Of two that know as little, the rule that was added later holds: a user's own.
        let is_more = |other: &Telling, rule| other > rank || other == rank && *rank != Telling::Shape && rule > one.slot.rule;
        // What is encoded may look like a secret itself.
        let reads = |other: &Found<'_>| {
            let is_deeper = |a: &Spot, b: &Spot| a.layer.view > b.layer.view && a.coding.is_some();
            // A rule that reads escapes itself has no need of us.
            let is_known = is_deeper(&one.spot, &other.spot) && other.spot.coding.is_none() && other.identity == one.identity;
            let is_read = is_deeper(&other.spot, &one.spot) && other.identity != one.identity;
            other.slot.rule == one.slot.rule && (is_known || is_read)
        };
        before.chain(after).any(|(rank, other)| {
            let knows_more = is_more(rank, other.slot.rule) || answers_for(rules, other, one) || reads(other);
            knows_more && one.spot.overlaps(&other.spot)
        })
    };
    let less: Vec<bool> = (0..ranked.len()).map(is_less).collect();
    ranked.into_iter().zip(less).filter(|(_, less)| !less).map(|((_, found), _)| found).collect()
}

/// Matches that may overlap one.
pub(super) const NEIGHBOURS: usize = 16;

/// Whether only a name, or less, says that a value is a secret.
fn is_weak(rules: &RuleSet, slot: &Slot) -> bool {
    rules.rules().get(slot.rule).is_some_and(|rule| noise::is_weak(&rule.meta.families))
}

/// Whether everybody who writes an example makes up such values. What a sentence tells is asked for in handbooks too.
fn is_invented(rules: &RuleSet, slot: &Slot) -> bool {
    rules.rules().get(slot.rule).is_some_and(|rule| rule.meta.severity > Severity::Low && noise::is_invented(&rule.meta.families))
}

pub(super) fn key<'f>(found: &'f Found<'_>) -> (usize, &'f [u8]) {
    (found.slot.rule, found.identity.expose())
}

fn groups<'f>(found: &'f [Found<'f>]) -> Vec<Group<'f>> {
    let mut index: BTreeMap<(usize, &[u8]), usize> = BTreeMap::new();
    let mut groups: Vec<Group<'f>> = Vec::new();
    // What stands around what is encoded is seen with it again.
    let mut seen = BTreeSet::new();
    for one in found {
        if !seen.insert((key(one), one.spot.secret.start, one.spot.secret.end)) {
            continue;
        }
        let at = *index.entry(key(one)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => {
                group.spots.push(one.spot.clone());
                // What it says where it can have a partner weighs more.
                if group.first.evidence.single && !one.evidence.single {
                    group.first = one;
                }
            }
            None => groups.push(Group { first: one, spots: vec![one.spot.clone()], partners: Vec::new(), parts: Vec::new() }),
        }
    }
    groups
}

/// `part`: the gravest of what belongs to it, besides its secret.
fn severity(rule: &Rule, slot: &Slot, evidence: &Evidence, paired: bool, part: Option<Severity>) -> Severity {
    let alone = slot.pair.as_ref().filter(|_| !paired);
    let base = alone.and_then(|pair| pair.body.alone).map_or(rule.meta.severity, |alone| alone.min(rule.meta.severity));
    let (base, alone) = part.filter(|part| *part > base).map_or((base, alone), |part| (part, None));
    let limits = [evidence.severity, evidence.alone.filter(|_| alone.is_some())];
    limits.into_iter().flatten().fold(base, Severity::min)
}

fn message(rule: &Rule, evidence: &Evidence, coding: Option<&str>, with: &[String], context: Option<Context>) -> String {
    let mut text = rule.meta.title.clone();
    if let Some(note) = &evidence.note {
        text.push(' ');
        text.push_str(note);
    }
    if let Some(coding) = coding {
        text.push_str(" in ");
        text.push_str(coding);
    }
    for (number, title) in with.iter().enumerate() {
        text.push_str(if number == 0 { ", with its " } else { " and its " });
        text.push_str(title);
    }
    if let Some(context) = context {
        text.push_str(", ");
        text.push_str(context.as_str());
    }
    text
}

/// A secret, and its lines where it has several.
#[must_use]
pub fn masked(value: &[u8], keep: (u8, u8)) -> Vec<Masked> {
    let mut all = vec![Masked { value: Secret::new(value), keep }];
    let lines = value.split(|byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b' '));
    let long = lines.filter(|line| LONG_LINE <= line.len() && line.len() < value.len());
    all.extend(long.map(|line| Masked { value: Secret::new(line), keep: (0, 0) }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;
    use crate::input::{Content, ContentId, Focus, InputPath};
    use crate::secret::generate::expand;

    fn judge(rules: &RuleSet, text: &str) -> Vec<Finding> {
        let detector = Detector::new(rules.rules().iter().enumerate()).expect("sound");
        let path = InputPath::new(b"src/app");
        let content = Content::whole(ContentId::Number(0), text.as_bytes());
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        detector.judge(rules, &detector.scan(text.as_bytes(), &mut Scratch::default()), &subject).0
    }

    /// The same pair again and again: every pair knows all twins of its secret, and walks past a few of them at most.
    #[test]
    fn one_pair_repeated_costs_what_it_is_long() {
        let pair = expand("aws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n", 1).expect("known");
        let text = pair.repeat(10_000);
        let found = judge(&RuleSet::embedded(), &text);
        assert_eq!(found.len(), 1, "the secret belongs to its id");
        assert_eq!(found[0].related.len(), 2 * PLACES);
    }

    /// A rule like a built-in one, of another family and known by a name.
    fn named(rules: &mut RuleSet, id: &str, family: &str, names: &[&str]) {
        let like = rules.find("github-token").expect("a rule");
        let (mut own, page) = (rules.rules()[like].clone(), rules.page(like).clone());
        own.meta.id = crate::base::ids::RuleId::from(id);
        own.meta.families = vec![family.to_owned()];
        let crate::rule::Body::Secret(body) = &mut own.body else { panic!("a secret rule") };
        let body = std::sync::Arc::make_mut(body);
        body.keywords.clear();
        body.named = names.iter().map(ToString::to_string).collect();
        body.sought = crate::rule::names::all_sought(&body.named);
        body.pattern = "[A-Za-z0-9_]{20,40}".to_owned();
        body.outline = crate::rule::outline::Outline { longest: 42, ..Default::default() };
        body.validate.clear();
        rules.add(own, page);
    }

    #[test]
    fn one_value_is_told_by_the_rule_that_knows_most() {
        let mut rules = RuleSet::embedded();
        named(&mut rules, "habit", "generic", &["token"]);
        named(&mut rules, "acme", "other", &["acme"]);
        named(&mut rules, "bolt", "other", &["bolt"]);
        let told = |text: &str| {
            let text = expand(text, 5).expect("known");
            judge(&rules, &text).iter().map(|f| f.rule.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told("ACME_TOKEN={github-token}"), ["github-token"]);
        assert_eq!(told("ACME_TOKEN={alnum-30}"), ["acme"]);
        assert_eq!(told("MY_TOKEN={alnum-30}"), ["habit"]);
        assert_eq!(told("acme_bolt_token={alnum-30}"), ["bolt"], "the nearer name");
        assert_eq!(told("ACME_TOKEN={alnum-30} BOLT_TOKEN={alnum-30:2}"), ["acme", "bolt"]);
    }

    #[test]
    fn a_pair_is_told_by_the_rule_that_stands_for_its_id() {
        let mut rules = RuleSet::embedded();
        let built_in = rules.find("aws-secret-access-key").expect("a rule");
        let (mut own, page) = (rules.rules()[built_in].clone(), rules.page(built_in).clone());
        own.meta.title = "house secret".to_owned();
        rules.add(own, page);
        let text = expand("aws_access_key_id = {aws-key-id}\naws_secret_access_key = {aws-secret}\n", 1).expect("known");
        let found = judge(&rules, &text);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.ends_with("with its house secret"), "{}", found[0].message);
        assert_eq!(found[0].related[0].text, "its house secret");
    }
}
