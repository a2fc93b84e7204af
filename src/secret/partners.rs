//! Which findings belong together: an id and its secret, and what more is of the two. One that belongs to another is told
//! there and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::detect::Detector;
use super::judge::{Found, Group, NEIGHBOURS, PLACES, Telling, key, telling};
use super::layers::{Layers, Spot};
use super::pair::{AROUND, Half, Kind, kind, pairs};
use super::slot::{PairSlot, Slot};
use crate::base::secret::Secret;
use crate::rule::RuleSet;

/// What belongs to a finding besides its secret.
pub(super) struct Part {
    pub spot: Spot,
    /// The slot of the rule that it is of.
    pub slot: usize,
    /// How it is known to belong there, where that is proved.
    pub proved: Option<String>,
}

/// The longest value that a pattern of partners finds.
const LONGEST_PARTNER: usize = 320;

/// The groups by rule and value.
type Index<'f> = BTreeMap<(usize, &'f [u8]), usize>;

/// Pairs the findings of one content.
struct Partners<'a, 'f> {
    detector: &'a Detector,
    rules: &'a RuleSet,
    layers: &'a Layers<'a>,
    found: &'f [Found<'f>],
    /// The findings of each layer.
    by_view: BTreeMap<u32, Vec<&'f Found<'f>>>,
    index: Index<'f>,
    groups: &'a mut [Group<'f>],
    paired: Paired,
}

/// What pairing found out.
#[derive(Default)]
pub(super) struct Paired {
    /// Groups that are told with another.
    pub taken: BTreeSet<usize>,
    /// What has the looks of a secret near an id, and is told nowhere: it is not to be shown either.
    pub beside: Vec<Spot>,
}

impl Detector {
    /// Gives the groups what belongs to them.
    pub(super) fn pair<'f>(&self, rules: &RuleSet, layers: &Layers<'_>, found: &'f [Found<'f>], groups: &mut [Group<'f>]) -> Paired {
        let asks = |slot: &&Slot| slot.pair.is_some();
        if !self.slots.iter().filter(asks).any(|slot| found.iter().any(|f| f.slot.rule == slot.rule || is_partner(slot.pair.as_ref(), f))) {
            return Paired::default();
        }
        let mut by_view: BTreeMap<u32, Vec<&Found<'_>>> = BTreeMap::new();
        for one in found {
            by_view.entry(one.spot.layer.view).or_default().push(one);
        }
        for here in by_view.values_mut() {
            here.sort_by_key(|found| found.spot.layer.range.start);
        }
        let index: Index<'f> = groups.iter().enumerate().map(|(at, group)| (key(group.first), at)).collect();
        let mut partners = Partners { detector: self, rules, layers, found, by_view, index, groups, paired: Paired::default() };
        for slot in self.slots.iter().filter(asks) {
            let Some(pair) = &slot.pair else { continue };
            partners.secrets(slot.rule, pair);
            for part in &pair.also {
                partners.parts(slot.rule, part);
            }
            for part in &pair.also {
                partners.prove(slot.rule, pair, part);
            }
        }
        partners.leave_out_lesser();
        partners.paired
    }
}

/// Where partners of what stands in some ranges are looked for; the ranges come by place.
pub(super) fn around(ranges: impl Iterator<Item = Range<usize>>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let mut looked_at = 0;
    ranges.map(move |Range { start, end }| {
        // Windows of neighbours overlap: what was looked at is not looked at again, but for what was cut.
        let window = start.saturating_sub(AROUND).max(looked_at)..end.saturating_add(AROUND).min(len);
        looked_at = window.end.saturating_sub(LONGEST_PARTNER);
        window
    })
}

fn is_partner(pair: Option<&PairSlot>, found: &Found<'_>) -> bool {
    pair.is_some_and(|pair| std::iter::once(pair).chain(&pair.also).any(|part| part.body.with == found.slot.id))
}

impl<'f> Partners<'_, 'f> {
    /// Each id and its secret. What is left is for the ids that seldom have one.
    fn secrets(&mut self, rule: usize, pair: &PairSlot) {
        for view in self.by_view.keys().copied().collect::<Vec<_>>() {
            let told = BTreeSet::new();
            self.secrets_of(view, pair, &self.ids(view, rule, |id| !id.evidence.single), &told);
            let singles = self.ids(view, rule, |id| id.evidence.single);
            if !singles.is_empty() {
                let partners = self.groups.iter().filter(|group| group.first.slot.rule == rule).flat_map(|group| &group.partners);
                let here = partners.filter(|spot| spot.layer.view == view);
                let told = here.map(|spot| (spot.layer.range.start, spot.layer.range.end)).collect();
                self.secrets_of(view, pair, &singles, &told);
            }
        }
    }

    /// `told`: the places of what has its id already.
    fn secrets_of(&mut self, view: u32, pair: &PairSlot, ids: &BTreeMap<usize, &'f Found<'f>>, told: &BTreeSet<(usize, usize)>) {
        let mut named = self.of_rule(view, pair);
        named.retain(|secret| !told.contains(&(secret.spot.layer.range.start, secret.spot.layer.range.end)));
        let mut twins: BTreeMap<&[u8], Vec<&Found<'_>>> = BTreeMap::new();
        for secret in &named {
            twins.entry(secret.identity.expose()).or_default().push(secret);
        }
        for (id, spot, value) in self.near(view, pair, ids, &named, told) {
            let Some(at) = self.index.get(&key(id)).copied() else { continue };
            // The same secret under its name elsewhere belongs to the id as well.
            let same = twins.get(value.expose()).map(Vec::as_slice).unwrap_or_default();
            self.take(same);
            let partners = &mut self.groups[at].partners;
            for spot in std::iter::once(spot).chain(same.iter().map(|twin| twin.spot.clone())) {
                if partners.len() < PLACES && !partners.iter().any(|partner| partner.secret == spot.secret) {
                    partners.push(spot);
                }
            }
        }
    }

    /// What more belongs to an id.
    fn parts(&mut self, rule: usize, part: &PairSlot) {
        let prefix = part.body.prefix.as_deref().unwrap_or_default().as_bytes();
        for view in self.by_view.keys().copied().collect::<Vec<_>>() {
            let fits = |id: &Found<'_>| id.identity.expose().starts_with(prefix) && !(id.evidence.single && part.body.pattern.is_some());
            let ids = self.ids(view, rule, fits);
            let named = self.of_rule(view, part);
            for (id, spot, value) in self.near(view, part, &ids, &named, &BTreeSet::new()) {
                let Some(at) = self.index.get(&key(id)).copied() else { continue };
                let same: Vec<_> = named.iter().copied().filter(|other| other.identity == value).take(PLACES).collect();
                self.take(&same);
                self.add(at, part, spot, None);
            }
        }
    }

    /// What is made from a secret belongs to it, wherever it stands.
    fn prove(&mut self, rule: usize, pair: &PairSlot, part: &PairSlot) {
        let Some(proof) = part.proof else { return };
        let values: Vec<&Found<'_>> = self.found.iter().filter(|found| found.slot.id == part.body.with).collect();
        let is_of = |other: &Part| self.detector.slots.get(other.slot).is_some_and(|slot| slot.id == part.body.with);
        if values.is_empty() && !self.groups.iter().any(|group| group.parts.iter().any(is_of)) {
            return;
        }
        let mut secrets: Vec<(usize, Secret)> = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            if group.first.slot.rule == rule {
                secrets.extend(group.partners.iter().map(|spot| (at, spot.value.clone())));
            } else if group.first.slot.id == pair.body.with && !self.paired.taken.contains(&at) {
                secrets.push((at, group.first.identity.clone()));
            }
        }
        secrets.dedup_by(|b, a| a == b);
        let known = proof.of(secrets.iter().map(|(_, secret)| secret.expose()));
        if known.is_empty() {
            return;
        }
        let slot_of = |part: &Part| self.detector.slots.get(part.slot).map(|slot| &slot.id);
        // What stands near another id is of the one that it is made from.
        let mut proved: Vec<(usize, Spot, String)> = Vec::new();
        for group in self.groups.iter_mut() {
            group.parts.retain(|other| match known.get(other.spot.value.expose()).filter(|_| slot_of(other) == Some(&part.body.with)) {
                Some((number, said)) => {
                    proved.push((secrets[*number].0, other.spot.clone(), said.clone()));
                    false
                }
                None => true,
            });
        }
        for found in values {
            if let Some((number, said)) = known.get(found.identity.expose()) {
                proved.push((secrets[*number].0, found.spot.clone(), said.clone()));
                self.take(&[found]);
            }
        }
        for (at, spot, said) in proved {
            self.add(at, part, spot, Some(said));
        }
    }

    fn add(&mut self, at: usize, part: &PairSlot, spot: Spot, proved: Option<String>) {
        // A user's rule stands behind the built-in one of its id, and in its place.
        let Some(slot) = self.detector.slots.iter().rposition(|slot| slot.id == part.body.with) else { return };
        let parts = &mut self.groups[at].parts;
        if parts.len() < PLACES && !parts.iter().any(|other| other.spot.secret == spot.secret) {
            parts.push(Part { spot, slot, proved });
        }
    }

    /// They are told with another.
    fn take(&mut self, found: &[&Found<'f>]) {
        for one in found {
            self.paired.taken.extend(self.index.get(&(one.slot.rule, one.identity.expose())));
        }
    }

    fn ids(&self, view: u32, rule: usize, fits: impl Fn(&Found<'_>) -> bool) -> BTreeMap<usize, &'f Found<'f>> {
        let here = self.by_view.get(&view).into_iter().flatten().copied();
        here.filter(|found| found.slot.rule == rule && fits(found)).map(|found| (found.spot.layer.range.start, found)).collect()
    }

    fn of_rule(&self, view: u32, pair: &PairSlot) -> Vec<&'f Found<'f>> {
        let here = self.by_view.get(&view).into_iter().flatten().copied();
        here.filter(|found| found.slot.id == pair.body.with).collect()
    }

    /// The partner of each id that has one, and what it is.
    fn near(
        &mut self,
        view: u32,
        pair: &PairSlot,
        ids: &BTreeMap<usize, &'f Found<'f>>,
        named: &[&'f Found<'f>],
        told: &BTreeSet<(usize, usize)>,
    ) -> Vec<(&'f Found<'f>, Spot, Secret)> {
        if ids.is_empty() {
            return Vec::new();
        }
        let bytes = self.layers.bytes(view);
        let windows = around(ids.values().map(|id| id.spot.layer.range.clone()), bytes.len());
        // A bare value that has a name counts as named; what is known to be something else is no partner.
        let mut all: BTreeMap<(usize, usize), (Kind, Option<Secret>)> = BTreeMap::new();
        let mut bare = pair.candidates(bytes, windows);
        bare.retain(|(range, _)| !told.contains(&(range.start, range.end)) && !self.is_known(view, pair, range));
        self.paired.beside.extend(bare.iter().map(|(range, _)| self.layers.spot(view, range.clone(), range.clone())));
        all.extend(bare.into_iter().map(|(range, identity)| ((range.start, range.end), (kind(bytes, range.start), identity))));
        let place = |found: &Found<'_>| (found.spot.layer.range.start, found.spot.layer.range.end);
        all.extend(named.iter().map(|found| (place(found), (Kind::Named, Some(found.identity.clone())))));
        all.extend(ids.values().map(|found| (place(found), (Kind::Id, None))));
        let halves: Vec<Half> = all.iter().map(|((start, end), (kind, _))| Half { range: *start..*end, kind: *kind }).collect();
        let found = pairs(bytes, &halves).into_iter().filter_map(|(id, secret)| {
            let range = halves[secret].range.clone();
            let value = all.get(&(range.start, range.end)).and_then(|(_, identity)| identity.clone());
            let value = value.unwrap_or_else(|| Secret::new(&bytes[range.clone()]));
            Some((*ids.get(&halves[id].range.start)?, self.layers.spot(view, range.clone(), range), value))
        });
        found.collect()
    }

    /// Whether a rule that knows its vendor has told what stands there.
    fn is_known(&self, view: u32, pair: &PairSlot, range: &Range<usize>) -> bool {
        let here = self.by_view.get(&view).map(Vec::as_slice).unwrap_or_default();
        let until = here.partition_point(|found| found.spot.layer.range.start < range.end);
        let overlapping = here[..until].iter().rev().take(NEIGHBOURS).filter(|found| range.start < found.spot.layer.range.end);
        let mut others = overlapping.filter(|found| found.slot.id != pair.body.with);
        others.any(|found| telling(self.rules, found, 0) > Telling::Password)
    }

    /// A habit's word on what is told as a partner is one too many.
    fn leave_out_lesser(&mut self) {
        let mut places: Vec<Range<usize>> = self.groups.iter().flat_map(Group::belongings).map(|spot| spot.secret.clone()).collect();
        places.sort_by_key(|range| (range.start, range.end));
        let is_told = |spot: &Spot| {
            let until = places.partition_point(|range| range.start < spot.secret.end);
            places[..until].iter().rev().take(4).any(|range| spot.secret.start < range.end)
        };
        for (at, group) in self.groups.iter().enumerate() {
            let is_lesser = telling(self.rules, group.first, 0) < Telling::Shape;
            if is_lesser && group.spots.iter().all(is_told) {
                self.paired.taken.insert(at);
            }
        }
    }
}
