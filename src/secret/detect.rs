//! From bytes to matches: the prefilter's hits, confirmed by each rule's pattern in a window, then checked.
//!
//! The verdict on a hit depends on the bytes of its window alone (one byte of look-around included), so that it can be
//! carried from one version of a file to the next. Patterns compile on their first hit.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::decode::{Hints, concatenation, short_base64};
use super::named_value;
use super::prefilter::{self, Prefilter};
use super::slot::{Confirmed, DetectorError, Memory, PairSlot, Slot};
use crate::base::span::offset;
use crate::rule::{Body, Rule};

/// What may be matched of a content and rejected, in bytes: so many times its length, and something more. Files that nobody
/// wrote to be slow stay a hundred times below it.
const REJECTED: usize = 16;
const REJECTED_OF_ANY: usize = 1 << 18;

/// What a rule's pattern found and its validators accepted: offsets into the bytes that were scanned, or into a view of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretMatch {
    /// The index of the rule in its set.
    pub rule: u32,
    /// All that the verdict rests on.
    pub whole: (u32, u32),
    /// The part that the pattern calls the secret; judging asks the validators again, and may widen it.
    pub secret: (u32, u32),
    /// Zero for the bytes themselves, else one more than the number of the view of what is encoded that it was found in.
    pub view: u32,
}

/// More keywords than the built-in rules have.
const EXPECTED: usize = 1 << 13;

/// What is known of some bytes without their name. Empty for almost every content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentMatches {
    /// By view, then by place.
    pub matches: Vec<SecretMatch>,
    /// Not all was looked at: more is encoded in the bytes than is read, or they were written to be slow.
    pub limited: bool,
}

impl ContentMatches {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty() && !self.limited
    }
}

/// One thread's memory, for any detector: what it holds between calls means nothing.
#[derive(Default)]
pub struct Scratch {
    hits: prefilter::Scratch,
    slots: Vec<Memory>,
    scan: u64,
    /// Whether some hits were passed over, in this scan or an earlier one.
    pub(super) limited: bool,
    /// What the last scan met that speaks of encoded bytes.
    pub(super) hints: Hints,
}

/// What is looked for everywhere, and whom to ask where it stands.
struct Keyword {
    length: usize,
    uses: Vec<Use>,
}

struct Use {
    slot: usize,
    /// What stands around it in a name that is longer.
    around: Option<(String, String)>,
}

/// All secret rules of a run.
pub struct Detector {
    prefilter: Prefilter,
    keywords: Vec<Keyword>,
    pub(super) slots: Vec<Slot>,
    by_rule: BTreeMap<usize, usize>,
}

impl Detector {
    /// `rules` are the rules to use, each with its index in the rule set; those that are no secret rules are passed over.
    /// Nothing compiles here: see [`Detector::check`].
    ///
    /// # Errors
    /// Where a rule names a validator that there is none of.
    pub fn new<'r>(rules: impl IntoIterator<Item = (usize, &'r Rule)>) -> Result<Detector, DetectorError> {
        let mut slots = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::with_capacity(EXPECTED);
        let (mut words, mut keywords) = (Vec::with_capacity(EXPECTED), Vec::<Keyword>::with_capacity(EXPECTED));
        // In the order of the rules: what is found at one place is so too.
        let mut add = |keyword: String, slot: usize, around: Option<(String, String)>| {
            let length = keyword.len();
            let at = *known.entry(keyword).or_insert_with_key(|keyword| {
                words.push(keyword.clone());
                keywords.push(Keyword { length, uses: Vec::new() });
                keywords.len() - 1
            });
            let uses = &mut keywords[at].uses;
            // A name that is asked for as it stands says nothing more in a longer one.
            if uses.last().is_none_or(|last| last.slot != slot || last.around.is_some()) {
                uses.push(Use { slot, around });
            }
        };
        for (index, rule) in rules {
            let Body::Secret(body) = &rule.body else { continue };
            body.keywords.iter().for_each(|keyword| add(keyword.to_ascii_lowercase(), slots.len(), None));
            for sought in &body.sought {
                let around = (sought.around() > 0).then(|| (sought.before.clone(), sought.after.clone()));
                add(sought.keyword.clone(), slots.len(), around);
            }
            slots.push(Slot::new(index, rule.meta.id.clone(), body)?);
        }
        words.extend(concatenation::WRITTEN.iter().chain(short_base64::WORDS).map(ToString::to_string));
        let by_rule = slots.iter().enumerate().map(|(at, slot)| (slot.rule, at)).collect();
        Ok(Detector { prefilter: Prefilter::new(&words), keywords, slots, by_rule })
    }

    /// Compiles the patterns of some rules now, for those that are new: `wanted` is asked of their indices.
    #[must_use]
    pub fn check(&self, wanted: impl Fn(usize) -> bool) -> Vec<DetectorError> {
        let slots = self.slots.iter().filter(|slot| wanted(slot.rule));
        let patterns = slots.flat_map(|slot| {
            let partners = slot.pair.iter().flat_map(|pair| std::iter::once(pair).chain(&pair.also)).map(PairSlot::pattern);
            std::iter::once(Some(slot.pattern())).chain(partners).map(move |pattern| (slot, pattern))
        });
        patterns
            .filter_map(|(slot, pattern)| Some((slot, pattern?.as_ref().err()?)))
            .map(|(slot, message)| DetectorError::Pattern { rule: slot.id.clone(), message: message.clone() })
            .collect()
    }

    /// The matches in some bytes (shorter than 4 GiB) as they stand, by place: a pure function of them.
    pub(super) fn plain(&self, bytes: &[u8], scratch: &mut Scratch) -> Vec<SecretMatch> {
        let mut hits = std::mem::take(&mut scratch.hits);
        let mut look = Look::new(self, bytes, scratch);
        self.prefilter.hits(bytes, &mut hits, &mut |keyword, place| look.hit(keyword, place));
        let matches = look.finish();
        scratch.hits = hits;
        matches
    }

    /// The same where it is known where keywords stand, in order; and what was looked at in vain, in bytes.
    pub(super) fn plain_at(&self, bytes: &[u8], hits: &[(u32, u32)], scratch: &mut Scratch) -> (Vec<SecretMatch>, usize) {
        let mut look = Look::new(self, bytes, scratch);
        for (place, keyword) in hits {
            look.hit(*keyword, *place);
        }
        let rejected = look.rejected;
        (look.finish(), rejected)
    }

    /// Where keywords stand in some bytes, by place.
    pub(super) fn search(&self, bytes: &[u8], scratch: &mut Scratch, on_hit: &mut impl FnMut(u32, u32)) {
        self.prefilter.hits(bytes, &mut scratch.hits, on_hit);
    }

    /// The length of a keyword in bytes; of a word that only speaks of encoded bytes, too.
    pub(super) fn length_of(&self, keyword: u32) -> usize {
        self.prefilter.length_of(keyword)
    }

    pub(super) fn longest_keyword(&self) -> usize {
        self.prefilter.longest()
    }

    /// What may be looked at in vain before a content counts as written to be slow.
    pub(super) fn most_in_vain(length: usize) -> usize {
        length.saturating_mul(REJECTED).saturating_add(REJECTED_OF_ANY)
    }

    /// Makes ready for the hits of another content.
    pub(super) fn begin(&self, scratch: &mut Scratch) {
        scratch.scan += 1;
        scratch.limited = false;
        scratch.hints.clear();
        if scratch.slots.len() < self.slots.len() {
            scratch.slots.resize_with(self.slots.len(), Memory::default);
        }
    }

    /// Notes what a hit says of encoded bytes. The place of the keyword, where it is one of a rule.
    pub(super) fn met(&self, bytes: &[u8], keyword: u32, place: u32, scratch: &mut Scratch) -> Option<Range<usize>> {
        let Some(Keyword { length, .. }) = self.keywords.get(keyword as usize) else {
            scratch.hints.add(keyword as usize - self.keywords.len(), place);
            return None;
        };
        let word = place as usize..place as usize + length;
        scratch.hints.add_behind(bytes, word.end);
        Some(word)
    }

    /// Whom a keyword is for: the number of the slot, and what stands around it in a longer name.
    pub(super) fn uses(&self, keyword: u32) -> impl Iterator<Item = (usize, Option<(&str, &str)>)> {
        let uses = self.keywords.get(keyword as usize).map(|keyword| keyword.uses.as_slice()).unwrap_or_default();
        uses.iter().map(|one| (one.slot, one.around.as_ref().map(|(before, after)| (before.as_str(), after.as_str()))))
    }

    /// A slot with its memory, which knows nothing of other contents.
    pub(super) fn ready<'s>(&self, number: usize, scratch: &'s mut Scratch) -> Option<(&Slot, &'s mut Memory)> {
        let (slot, memory) = (self.slots.get(number)?, scratch.slots.get_mut(number)?);
        if memory.scan != scratch.scan {
            (memory.scan, memory.until) = (scratch.scan, 0);
        }
        Some((slot, memory))
    }

    pub(super) fn slot_of(&self, rule: usize) -> Option<&Slot> {
        self.by_rule.get(&rule).and_then(|at| self.slots.get(*at))
    }
}

/// One pass over the hits of a content.
struct Look<'l> {
    detector: &'l Detector,
    bytes: &'l [u8],
    scratch: &'l mut Scratch,
    rejected: usize,
    matches: Vec<SecretMatch>,
}

impl<'l> Look<'l> {
    fn new(detector: &'l Detector, bytes: &'l [u8], scratch: &'l mut Scratch) -> Self {
        // What an earlier view of the same content left counts.
        let limited = scratch.limited;
        detector.begin(scratch);
        scratch.limited = limited;
        Look { detector, bytes, scratch, rejected: 0, matches: Vec::new() }
    }

    fn hit(&mut self, keyword: u32, place: u32) {
        let (bytes, detector) = (self.bytes, self.detector);
        let Some(word) = detector.met(bytes, keyword, place, self.scratch) else { return };
        for (number, around) in detector.uses(keyword) {
            let hit = match around {
                None => word.clone(),
                Some((before, after)) => match named_value::whole_name(bytes, &word, before, after) {
                    Some(name) => {
                        self.scratch.hints.add_behind(bytes, name.end);
                        name
                    }
                    None => continue,
                },
            };
            let Some((slot, memory)) = detector.ready(number, self.scratch) else { continue };
            if memory.until >= hit.end {
                continue;
            }
            if self.rejected > Detector::most_in_vain(bytes.len()) && !slot.is_short() {
                self.scratch.limited = true;
                continue;
            }
            match slot.confirm(bytes, hit, memory) {
                Confirmed::Match { whole, secret } => self.matches.push(SecretMatch {
                    rule: offset(slot.rule),
                    whole: (offset(whole.start), offset(whole.end)),
                    secret: (offset(secret.start), offset(secret.end)),
                    view: 0,
                }),
                Confirmed::No(looked_at) => self.rejected += looked_at,
            }
        }
    }

    fn finish(self) -> Vec<SecretMatch> {
        let mut matches = self.matches;
        matches.sort_unstable_by_key(|m: &SecretMatch| (m.secret, m.rule));
        matches.dedup_by(|b, a| (a.rule, a.secret) == (b.rule, b.secret));
        matches
    }
}

/// A range as it is used.
pub(super) fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::RuleSet;
    use crate::secret::generate::expand;

    fn detector() -> Detector {
        let rules = RuleSet::embedded();
        Detector::new(rules.rules().iter().enumerate()).expect("built-in rules are sound")
    }

    #[test]
    fn threads_share_a_detector() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&detector());
    }

    #[test]
    fn an_unknown_validator_is_named() {
        let mut rule = RuleSet::embedded().rules().iter().find(|r| matches!(r.body, Body::Secret(_))).expect("one").clone();
        if let Body::Secret(body) = &mut rule.body {
            std::sync::Arc::make_mut(body).validate = vec!["no-such".to_owned()];
        }
        let error = Detector::new([(0, &rule)]).err().expect("an error");
        assert!(error.to_string().contains("no-such") && error.help().contains("aws-secret"), "{error}");
    }

    #[test]
    fn a_match_is_looked_for_where_its_keyword_stands() {
        let detector = detector();
        let lead = |id: &str| {
            let slot = detector.slots.iter().find(|slot| slot.id.as_str() == id).expect("a rule");
            slot.body.outline.lead
        };
        let leading = [
            "aws-access-key",
            "github-token",
            "pem-private-key",
            "private-key-without-header",
            "putty-private-key",
            "json-web-private-key",
            "xml-private-key",
            "openvpn-static-key",
            "wireguard-private-key",
            "aws-secret-access-key",
            "secret-assigned",
            "password-assigned",
            "high-entropy-value",
            "database-address",
            "url-password",
        ];
        for id in leading {
            assert_eq!(lead(id), Some(0), "{id}");
        }
        assert_eq!(lead("docker-registry-auth"), Some(3));
        assert_eq!(lead("connection-string-password"), None);
    }

    #[test]
    fn a_scratch_serves_many_detectors() {
        let mut scratch = Scratch::default();
        let text = expand("{aws-key-id} {github-token}", 1).expect("known");
        for _ in 0..3 {
            assert_eq!(detector().scan(text.as_bytes(), &mut scratch).matches.len(), 2);
        }
    }

    /// What a file may be made of, more and less like a secret.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = (0usize..14, 0u64..4).prop_map(|(kind, seed)| {
            let template = [
                "{aws-key-id}",
                "{aws-secret}",
                "{github-token}",
                "{pem-ec}",
                "aws_secret_access_key = ",
                "secret_key=",
                "aws ",
                "AKIA",
                "\n",
                " ",
                "{hex-40}",
                "-----BEGIN PRIVATE KEY-----",
                "/",
                "{base64-64}",
            ][kind];
            expand(template, seed).expect("known")
        });
        proptest::collection::vec(piece, 0..24).prop_map(|all| all.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A verdict rests on its window and one byte around it: what is further away may be cut off or be anything.
        #[test]
        fn far_bytes_change_no_verdict(text in pieces(), before in pieces(), after in pieces()) {
            let detector = detector();
            let (mut scratch, text) = (Scratch::default(), text.as_bytes());
            let matches = detector.plain(text, &mut scratch);
            for found in &matches {
                let reach = detector.slot_of(found.rule as usize).expect("a slot").body.reach as usize + 1;
                let from = (found.whole.0 as usize).saturating_sub(reach);
                let to = (found.whole.1 as usize + reach).min(text.len());
                // A window that the file's edge clips keeps that edge.
                let head = if from == 0 { "" } else { before.as_str() };
                let tail = if to == text.len() { "" } else { after.as_str() };
                let moved = [head.as_bytes(), &text[from..to], tail.as_bytes()].concat();
                let again = detector.plain(&moved, &mut scratch);
                let shift = |at: (u32, u32)| (at.0 - offset(from) + offset(head.len()), at.1 - offset(from) + offset(head.len()));
                let want = SecretMatch { rule: found.rule, whole: shift(found.whole), secret: shift(found.secret), view: found.view };
                let covered = |m: &SecretMatch| m.rule == want.rule && m.whole.0 <= want.whole.0 && m.whole.1 >= want.whole.0;
                prop_assert!(again.contains(&want) || again.iter().any(covered), "{:?} in {:?}", want, again);
            }
        }
    }
}
