//! A secret rule made ready: from a hit to a match that its validators accept, and what else can be the partner of one.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::edge::value_ends;
use super::named_value;
use super::pattern::{Pattern, Search};
use super::printed::is_printed;
use super::proof::{self, Proof};
use super::validate::{self, Candidate, Check, Evidence, Validator};
use crate::base::entropy::shannon;
use crate::base::ids::RuleId;
use crate::base::secret::Secret;
use crate::rule::def::{PairBody, SecretBody};

/// Matches that may be looked at in the window of one hit, so that a hostile file costs no more than a long one.
const TRIES: usize = 16;
/// A match that is no longer costs little: such are looked at all the same.
const SHORT: u32 = 256;

/// Of so many bytes one is looked at where a run is looked for.
const GLANCE: usize = 16;

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

    /// The part of the rule that is at fault.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            DetectorError::UnknownValidator { .. } | DetectorError::UnknownProof { .. } => "secret",
            DetectorError::Pattern { .. } => "secret.pattern",
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
#[derive(Default)]
pub(super) struct Memory {
    /// The caches of the pattern with this number; another detector has other patterns.
    search: Option<Search>,
    pub scan: u64,
    /// Where the last match of this scan ended: hits inside it are the same match.
    pub until: usize,
}
/// A secret rule, ready to be used.
pub(super) struct Slot {
    /// Its index in the rule set.
    pub rule: usize,
    pub id: RuleId,
    pub body: Arc<SecretBody>,
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
/// What becomes of a hit.
pub(super) enum Confirmed {
    Match {
        whole: Range<usize>,
        secret: Range<usize>,
    },
    /// Nothing, after a look at so many bytes.
    No(usize),
}
impl Slot {
    /// # Errors
    /// Where the rule names a validator or a proof that there is none of.
    pub fn new(rule: usize, id: RuleId, body: &Arc<SecretBody>) -> Result<Slot, DetectorError> {
        let pair = body.pair.as_ref().map(|pair| PairSlot::new(&id, pair)).transpose()?;
        Ok(Slot { rule, checks: validators(&id, &body.validate)?, body: body.clone(), compiled: OnceLock::new(), pair, id })
    }

    pub fn pattern(&self) -> &Result<Pattern, String> {
        self.compiled.get_or_init(|| Pattern::compile(&self.body.pattern))
    }

    /// Whether a look at a hit is cheap.
    pub fn is_short(&self) -> bool {
        self.body.outline.longest <= SHORT && self.body.outline.lead.is_some()
    }

    /// The match that a hit is of.
    pub fn confirm(&self, bytes: &[u8], hit: Range<usize>, memory: &mut Memory) -> Confirmed {
        let window = self.window(&hit, bytes.len());
        if !self.body.outline.may_be_in(&bytes[window.clone()]) {
            return Confirmed::No(window.len() / GLANCE);
        }
        let Ok(pattern) = self.pattern() else { return Confirmed::No(0) };
        if !self.body.named.is_empty() {
            return self.confirm_named(bytes, &hit, window, pattern, memory);
        }
        if self.body.within.is_some() {
            return self.confirm_behind(bytes, &hit, window, pattern, memory);
        }
        self.confirm_around(bytes, &hit, window, pattern, memory)
    }

    /// How many bytes before and behind a hit its verdict rests on, at most: a match that holds it, and what validators read
    /// around that.
    pub fn reach(&self) -> (usize, usize) {
        let (longest, reach) = (self.body.outline.longest as usize, self.body.reach as usize);
        let within = self.body.within.unwrap_or_default() as usize;
        (longest + reach + 1, within + longest + 2 * reach + 1)
    }

    /// Where a hit's match lies. A validator may reach further than a match can: what it reads is not searched.
    fn window(&self, hit: &Range<usize>, length: usize) -> Range<usize> {
        let longest = self.body.outline.longest as usize;
        let (start, end) = match self.body.within {
            _ if !self.body.named.is_empty() => (hit.end, hit.end.saturating_add(self.body.reach as usize)),
            Some(within) => (hit.end, hit.end.saturating_add(within as usize + longest)),
            None => {
                let before = self.body.outline.lead.unwrap_or(self.body.outline.longest);
                (hit.start.saturating_sub(before as usize), hit.end.saturating_add(longest))
            }
        };
        start..end.min(length)
    }

    /// The match that holds a hit.
    fn confirm_around(&self, bytes: &[u8], hit: &Range<usize>, window: Range<usize>, pattern: &Pattern, memory: &mut Memory) -> Confirmed {
        let leads = self.body.outline.lead.is_some();
        let (mut from, end) = (window.start, window.end);
        let mut looked_at = if leads { 0 } else { hit.start - from };
        let Memory { search, until, .. } = memory;
        for _ in 0..TRIES {
            if from > hit.start {
                break;
            }
            let Some((whole, secret)) = pattern.search(search, bytes, from..end, leads) else {
                if !leads {
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
                return Confirmed::Match { whole: whole.start..end, secret };
            }
            // What ends one may begin the next.
            from = if whole.end <= hit.start { secret.end.max(whole.start + 1) } else { whole.start + 1 };
        }
        Confirmed::No(looked_at)
    }

    /// The first value behind a hit.
    fn confirm_behind(&self, bytes: &[u8], hit: &Range<usize>, window: Range<usize>, pattern: &Pattern, memory: &mut Memory) -> Confirmed {
        let last = window.start + self.body.within.unwrap_or_default() as usize;
        let (mut from, end) = (window.start, window.end);
        for _ in 0..TRIES {
            let found = pattern.search(&mut memory.search, bytes, from..end, false);
            let Some((whole, secret)) = found.filter(|(whole, _)| whole.start <= last) else { break };
            if self.evidence(bytes, &secret).is_some() {
                memory.until = whole.end;
                return Confirmed::Match { whole: hit.start..whole.end, secret };
            }
            from = whole.start + 1;
        }
        Confirmed::No(end - hit.end)
    }

    /// The value that the name at a hit speaks of.
    fn confirm_named(&self, bytes: &[u8], hit: &Range<usize>, window: Range<usize>, pattern: &Pattern, memory: &mut Memory) -> Confirmed {
        let mut looked_at = 0;
        for start in named_value::places(bytes, hit.clone()) {
            let Some((whole, secret)) = pattern.search(&mut memory.search, bytes, start..window.end, true) else { continue };
            looked_at += whole.len();
            if value_ends(bytes, whole.end)
                && !named_value::is_empty_talk(&bytes[secret.clone()])
                && self.evidence(bytes, &secret).is_some()
            {
                memory.until = whole.end;
                return Confirmed::Match { whole: hit.start..whole.end, secret };
            }
        }
        Confirmed::No(looked_at)
    }

    /// What is known of a match of this rule; None where a validator rejects it.
    pub fn evidence(&self, bytes: &[u8], secret: &Range<usize>) -> Option<Evidence> {
        accept(bytes, secret, self.body.entropy, &self.checks)
    }
}
impl PairSlot {
    pub fn new(rule: &RuleId, body: &PairBody) -> Result<PairSlot, DetectorError> {
        let unknown = |name: &String| DetectorError::UnknownProof { rule: rule.clone(), name: name.clone() };
        let proof = body.proof.as_ref().map(|name| proof::find(name).ok_or_else(|| unknown(name))).transpose()?;
        let also = body.also.iter().map(|part| PairSlot::new(rule, part)).collect::<Result<_, _>>()?;
        Ok(PairSlot { checks: validators(rule, &body.validate)?, body: body.clone(), also, proof, compiled: OnceLock::new() })
    }

    pub fn pattern(&self) -> Option<&Result<Pattern, String>> {
        let pattern = self.body.pattern.as_ref()?;
        Some(self.compiled.get_or_init(|| Pattern::compile(pattern)))
    }

    /// What could be a partner in some ranges, whatever stands beside it; each with what it is where it can be spelled in many ways.
    pub fn candidates(&self, bytes: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Vec<(Range<usize>, Option<Secret>)> {
        let Some(Ok(pattern)) = self.pattern() else { return Vec::new() };
        let mut search = None;
        let mut all = Vec::new();
        for range in ranges {
            let mut from = range.start;
            while from < range.end {
                let Some((whole, secret)) = pattern.search(&mut search, bytes, from..range.end, false) else { break };
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
fn validators(rule: &RuleId, names: &[String]) -> Result<Vec<&'static dyn Validator>, DetectorError> {
    let find =
        |name: &String| validate::find(name).ok_or_else(|| DetectorError::UnknownValidator { rule: rule.clone(), name: name.clone() });
    names.iter().map(find).collect()
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
