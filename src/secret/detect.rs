//! From bytes to matches: the prefilter's hits, confirmed by each rule's pattern in a window, then checked.
//!
//! The verdict on a hit depends on the bytes of its window alone (one byte of look-around included), so that it can be
//! carried from one version of a file to the next. Patterns compile on their first hit.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};

use super::decode::{Hints, joints, short};
use super::edge::value_ends;
use super::lead::lead;
use super::named;
use super::prefilter::{self, Prefilter};
use super::printed::is_printed;
use super::proof::{self, Proof};
use super::validate::{self, Candidate, Check, Evidence, Validator};
use crate::base::entropy::shannon;
use crate::base::ids::RuleId;
use crate::base::secret::Secret;
use crate::base::span::offset;
use crate::rule::def::{PairBody, SecretBody};
use crate::rule::{Body, Rule};

/// The group of a pattern that is the secret.
const SECRET_GROUP: &str = "secret";
/// Matches that may be looked at in the window of one hit, so that a hostile file costs no more than a long one.
const TRIES: usize = 16;
/// What may be matched of a content and rejected, in bytes: so many times its length, and something more. Files that nobody
/// wrote to be slow stay a hundred times below it.
const REJECTED: usize = 16;
const REJECTED_OF_ANY: usize = 1 << 18;
/// A match that is no longer costs little: such are looked at all the same.
const SHORT: usize = 256;
/// The most memory of a compiled pattern, in bytes.
const PATTERN_LIMIT: usize = 8 << 20;

/// The rules cannot be used as they are: whoever wrote them is to change them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectorError {
    #[error("rule {rule}: no validator is called `{name}`")]
    UnknownValidator { rule: RuleId, name: String },
    #[error("rule {rule}: no proof is called `{name}`")]
    UnknownProof { rule: RuleId, name: String },
    #[error("rule {rule}: the pattern does not compile: {message}")]
    Pattern { rule: RuleId, message: String },
}

impl DetectorError {
    /// The rule that is at fault.
    #[must_use]
    pub fn rule(&self) -> &RuleId {
        match self {
            DetectorError::UnknownValidator { rule, .. }
            | DetectorError::UnknownProof { rule, .. }
            | DetectorError::Pattern { rule, .. } => rule,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            DetectorError::UnknownValidator { .. } => {
                let names: Vec<_> = validate::VALIDATORS.iter().map(|named| named.name).collect();
                format!("validators: {}", names.join(", "))
            }
            DetectorError::UnknownProof { .. } => {
                let names: Vec<_> = proof::PROOFS.iter().map(|proof| proof.name).collect();
                format!("proofs: {}", names.join(", "))
            }
            DetectorError::Pattern { .. } => "write a smaller pattern: shorter repetitions, fewer classes".to_owned(),
        }
    }
}

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

#[derive(Default)]
struct Memory {
    /// The caches of the pattern with this number; another detector has other patterns.
    search: Option<Search>,
    scan: u64,
    /// Where the last match of this scan ended: hits inside it are the same match.
    until: usize,
}

/// The number of a pattern and what searching for it takes.
type Search = (u64, meta::Cache, Captures);

/// A secret rule, ready to be used.
pub(super) struct Slot {
    /// Its index in the rule set.
    pub rule: usize,
    pub id: RuleId,
    pub body: SecretBody,
    checks: Vec<&'static dyn Validator>,
    compiled: OnceLock<Result<Pattern, String>>,
    pub pair: Option<PairSlot>,
}

/// What else can be the partner of a match.
pub(super) struct PairSlot {
    pub body: PairBody,
    /// What more belongs to a match.
    pub also: Vec<PairSlot>,
    pub proof: Option<&'static Proof>,
    checks: Vec<&'static dyn Validator>,
    compiled: OnceLock<Result<Pattern, String>>,
}

/// The number of the next pattern of this process.
static PATTERNS: AtomicU64 = AtomicU64::new(0);

struct Pattern {
    number: u64,
    regex: Regex,
    group: usize,
    /// How many bytes of a match may stand before its keyword, where that is known: it is looked for there, and nowhere else.
    lead: Option<usize>,
    /// The most bytes of a match, with one of look-around at either end.
    longest: usize,
}

/// What becomes of a hit.
enum Confirmed {
    Match(SecretMatch),
    /// Nothing, after a look at so many bytes.
    No(usize),
}

/// All secret rules of a run.
pub struct Detector {
    prefilter: Prefilter,
    /// For each keyword its length and the slots of the rules that have it.
    keywords: Vec<(usize, Vec<usize>)>,
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
        // In the order of the rules: what is found at one place is so too.
        let mut known: HashMap<String, usize> = HashMap::new();
        let (mut words, mut keywords) = (Vec::new(), Vec::<(usize, Vec<usize>)>::new());
        for (index, rule) in rules {
            let Body::Secret(body) = &rule.body else { continue };
            for keyword in &body.keywords {
                let keyword = keyword.to_ascii_lowercase();
                let at = *known.entry(keyword).or_insert_with_key(|keyword| {
                    words.push(keyword.clone());
                    keywords.push((keyword.len(), Vec::new()));
                    keywords.len() - 1
                });
                let slots_of = &mut keywords[at].1;
                if slots_of.last() != Some(&slots.len()) {
                    slots_of.push(slots.len());
                }
            }
            let id = rule.meta.id.clone();
            let pair = body.pair.as_ref().map(|pair| PairSlot::new(&id, pair));
            slots.push(Slot {
                rule: index,
                checks: validators(&id, &body.validate)?,
                body: body.clone(),
                compiled: OnceLock::new(),
                pair: pair.transpose()?,
                id,
            });
        }
        words.extend(joints::WRITTEN.iter().chain(short::WORDS).map(ToString::to_string));
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
        let Scratch { hits, slots: memories, scan, hints, limited } = scratch;
        let most = bytes.len().saturating_mul(REJECTED).saturating_add(REJECTED_OF_ANY);
        let mut rejected = 0;
        *scan += 1;
        hints.clear();
        if memories.len() < self.slots.len() {
            memories.resize_with(self.slots.len(), Memory::default);
        }
        let mut matches = Vec::new();
        self.prefilter.hits(bytes, hits, &mut |keyword, offset| {
            let Some((length, slots)) = self.keywords.get(keyword as usize) else {
                return hints.add(keyword as usize - self.keywords.len(), offset);
            };
            let start = offset as usize;
            hints.add_behind(bytes, start + length);
            for number in slots {
                let (Some(slot), Some(memory)) = (self.slots.get(*number), memories.get_mut(*number)) else { continue };
                if memory.scan != *scan {
                    (memory.scan, memory.until) = (*scan, 0);
                }
                if memory.until >= start + length {
                    continue;
                }
                if rejected > most && !slot.is_short() {
                    *limited = true;
                    continue;
                }
                match slot.confirm(bytes, start..start + length, memory) {
                    Confirmed::Match(found) => matches.push(found),
                    Confirmed::No(looked_at) => rejected += looked_at,
                }
            }
        });
        matches.sort_unstable_by_key(|m: &SecretMatch| (m.secret, m.rule));
        matches.dedup_by(|b, a| (a.rule, a.secret) == (b.rule, b.secret));
        matches
    }

    pub(super) fn slot_of(&self, rule: usize) -> Option<&Slot> {
        self.by_rule.get(&rule).and_then(|at| self.slots.get(*at))
    }
}

/// A range as it is used.
pub(super) fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

fn validators(rule: &RuleId, names: &[String]) -> Result<Vec<&'static dyn Validator>, DetectorError> {
    let find =
        |name: &String| validate::find(name).ok_or_else(|| DetectorError::UnknownValidator { rule: rule.clone(), name: name.clone() });
    names.iter().map(find).collect()
}

impl Slot {
    fn pattern(&self) -> &Result<Pattern, String> {
        self.compiled.get_or_init(|| Pattern::compile(&self.body.pattern, &self.body.keywords))
    }

    /// Whether a look at a hit is cheap.
    fn is_short(&self) -> bool {
        self.pattern().as_ref().is_ok_and(|pattern| pattern.longest <= SHORT && pattern.lead.is_some())
    }

    /// The match that holds a hit.
    fn confirm(&self, bytes: &[u8], hit: Range<usize>, memory: &mut Memory) -> Confirmed {
        let Ok(pattern) = self.pattern() else { return Confirmed::No(0) };
        if !self.body.named.is_empty() {
            return self.confirm_named(bytes, &hit, pattern, memory);
        }
        if let Some(within) = self.body.within {
            return self.confirm_behind(bytes, &hit, within as usize, pattern, memory);
        }
        // A validator may reach further than a match can: what it reads is not searched.
        let end = hit.end.saturating_add(pattern.longest).min(bytes.len());
        let anchored = if pattern.lead.is_some() { Anchored::Yes } else { Anchored::No };
        let mut from = hit.start.saturating_sub(pattern.lead.unwrap_or(pattern.longest));
        let mut looked_at = if pattern.lead.is_some() { 0 } else { hit.start - from };
        let Memory { search, until, .. } = memory;
        for _ in 0..TRIES {
            if from > hit.start {
                break;
            }
            let Some((whole, secret)) = pattern.search(search, &Input::new(bytes).span(from..end).anchored(anchored)) else {
                if pattern.lead.is_none() {
                    break;
                }
                from += 1;
                continue;
            };
            if whole.start > hit.start {
                break;
            }
            looked_at += whole.len();
            let holds = whole.end >= hit.end;
            if let Some(evidence) = holds.then(|| self.evidence(bytes, &secret)).flatten() {
                let end = evidence.secret.map_or(whole.end, |wide| wide.end.max(whole.end));
                *until = end;
                return Confirmed::Match(self.found(whole.start..end, &secret));
            }
            // What ends one may begin the next.
            from = if whole.end <= hit.start { secret.end.max(whole.start + 1) } else { whole.start + 1 };
        }
        Confirmed::No(looked_at)
    }

    /// The first value behind a hit.
    fn confirm_behind(&self, bytes: &[u8], hit: &Range<usize>, within: usize, pattern: &Pattern, memory: &mut Memory) -> Confirmed {
        let mut from = hit.end;
        let last = hit.end.saturating_add(within);
        let end = last.saturating_add(pattern.longest).min(bytes.len());
        for _ in 0..TRIES {
            let found = pattern.search(&mut memory.search, &Input::new(bytes).span(from..end));
            let Some((whole, secret)) = found.filter(|(whole, _)| whole.start <= last) else { break };
            if self.evidence(bytes, &secret).is_some() {
                memory.until = whole.end;
                return Confirmed::Match(self.found(hit.start..whole.end, &secret));
            }
            from = whole.start + 1;
        }
        Confirmed::No(end - hit.end)
    }

    /// The value that the name at a hit speaks of.
    fn confirm_named(&self, bytes: &[u8], hit: &Range<usize>, pattern: &Pattern, memory: &mut Memory) -> Confirmed {
        let end = hit.end.saturating_add(self.body.reach as usize).min(bytes.len());
        let mut looked_at = 0;
        for start in named::places(bytes, hit.clone()) {
            let input = Input::new(bytes).span(start..end).anchored(Anchored::Yes);
            let Some((whole, secret)) = pattern.search(&mut memory.search, &input) else { continue };
            looked_at += whole.len();
            if value_ends(bytes, whole.end) && !named::is_empty_talk(&bytes[secret.clone()]) && self.evidence(bytes, &secret).is_some() {
                memory.until = whole.end;
                return Confirmed::Match(self.found(hit.start..whole.end, &secret));
            }
        }
        Confirmed::No(looked_at)
    }

    fn found(&self, whole: Range<usize>, secret: &Range<usize>) -> SecretMatch {
        SecretMatch {
            rule: offset(self.rule),
            whole: (offset(whole.start), offset(whole.end)),
            secret: (offset(secret.start), offset(secret.end)),
            view: 0,
        }
    }

    /// What is known of a match of this rule; None where a validator rejects it.
    pub(super) fn evidence(&self, bytes: &[u8], secret: &Range<usize>) -> Option<Evidence> {
        accept(bytes, secret, self.body.entropy, &self.checks)
    }
}

impl PairSlot {
    fn new(rule: &RuleId, body: &PairBody) -> Result<PairSlot, DetectorError> {
        let unknown = |name: &String| DetectorError::UnknownProof { rule: rule.clone(), name: name.clone() };
        let proof = body.proof.as_ref().map(|name| proof::find(name).ok_or_else(|| unknown(name))).transpose()?;
        let also = body.also.iter().map(|part| PairSlot::new(rule, part)).collect::<Result<_, _>>()?;
        Ok(PairSlot { checks: validators(rule, &body.validate)?, body: body.clone(), also, proof, compiled: OnceLock::new() })
    }

    fn pattern(&self) -> Option<&Result<Pattern, String>> {
        let pattern = self.body.pattern.as_ref()?;
        Some(self.compiled.get_or_init(|| Pattern::compile(pattern, &[])))
    }

    /// What could be a partner in some ranges, whatever stands beside it; each with what it is where it can be spelled in many ways.
    pub(super) fn candidates(&self, bytes: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Vec<(Range<usize>, Option<Secret>)> {
        let Some(Ok(pattern)) = self.pattern() else { return Vec::new() };
        let mut search = None;
        let mut all = Vec::new();
        for range in ranges {
            let mut from = range.start;
            while from < range.end {
                let Some((whole, secret)) = pattern.search(&mut search, &Input::new(bytes).span(from..range.end)) else { break };
                // What ends one may begin the next.
                from = secret.end.max(whole.start + 1);
                if let Some(evidence) = accept(bytes, &secret, self.body.entropy, &self.checks) {
                    all.push((secret, evidence.identity));
                }
            }
        }
        all
    }
}

impl Pattern {
    fn compile(pattern: &str, keywords: &[String]) -> Result<Pattern, String> {
        let mut parser = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build();
        let hir = parser.parse(pattern).map_err(|error| error.to_string())?;
        let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(PATTERN_LIMIT)).hybrid_cache_capacity(1 << 20);
        let regex = meta::Builder::new().configure(config).build_from_hir(&hir).map_err(|error| error.to_string())?;
        let group = regex.group_info().to_index(regex_automata::PatternID::ZERO, SECRET_GROUP).unwrap_or(0);
        let longest = hir.properties().maximum_len().unwrap_or(u16::MAX.into()) + 2;
        Ok(Pattern { number: PATTERNS.fetch_add(1, Ordering::Relaxed), regex, group, lead: lead(&hir, keywords), longest })
    }
}

impl Pattern {
    /// The first match, and the part of it that is the secret. `search` is made on the first search in a thread.
    fn search(&self, search: &mut Option<Search>, input: &Input<'_>) -> Option<(Range<usize>, Range<usize>)> {
        if search.as_ref().is_some_and(|(of, ..)| *of != self.number) {
            *search = None;
        }
        let made = || (self.number, self.regex.create_cache(), self.regex.create_captures());
        let (_, cache, captures) = search.get_or_insert_with(made);
        if self.group == 0 {
            let whole = self.regex.search_with(cache, input)?.range();
            return Some((whole.clone(), whole));
        }
        self.regex.search_captures_with(cache, input, captures);
        let whole = captures.get_match()?.range();
        let secret = captures.get_group(self.group).map_or(whole.clone(), |span| span.range());
        Some((whole, secret))
    }
}

fn accept(bytes: &[u8], secret: &Range<usize>, floor: Option<f32>, checks: &[&'static dyn Validator]) -> Option<Evidence> {
    let candidate = Candidate { bytes, secret: secret.clone() };
    if floor.is_some_and(|floor| shannon(candidate.value()) < floor) {
        return None;
    }
    let evidence = checks.iter().try_fold(Evidence::NONE, |evidence, validator| match validator.check(&candidate) {
        Check::Reject => None,
        Check::Accept(more) => Some(evidence.and(more)),
    })?;
    let told = bytes.get(evidence.secret.clone().unwrap_or_else(|| secret.clone()));
    (!told.is_some_and(is_printed)).then_some(evidence)
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
            body.validate = vec!["no-such".to_owned()];
        }
        let error = Detector::new([(0, &rule)]).err().expect("an error");
        assert!(error.to_string().contains("no-such") && error.help().contains("aws-secret"), "{error}");
    }

    #[test]
    fn a_match_is_looked_for_where_its_keyword_stands() {
        let detector = detector();
        let lead = |id: &str| {
            let slot = detector.slots.iter().find(|slot| slot.id.as_str() == id).expect("a rule");
            slot.pattern().as_ref().expect("compiles").lead
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
