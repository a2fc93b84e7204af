//! The report and its seal: nothing leaves gatepost but through [`Report::seal`].
//!
//! Sealing sorts, resolves places to lines, and masks. After it a report needs no file, no repository and no care.

pub mod combine;
pub mod compare;
mod inventory;
mod mask;
pub mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::excerpt::{Excerpt, Position};
use crate::base::ids::{Confidence, Fingerprint, RuleId, Severity};
use crate::base::span::FileId;
use crate::finding::{Change, Exposure, Failure, Finding, Fix, Place, Sighting, Skip, Snippet, State, Trouble, Unanswered};
use crate::input::{Input, InputPath, Origin};

pub use inventory::Credential;
use mask::Mask;

/// How the inputs ended. `scanned + skipped + failed` are all inputs there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub scanned: u64,
    pub skipped: BTreeMap<Skip, u64>,
    pub failed: u64,
    /// Bytes of the scanned inputs.
    pub bytes: u64,
}

impl Counts {
    #[must_use]
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.scanned + self.skipped_total() + self.failed
    }

    pub fn add(&mut self, other: &Counts) {
        self.scanned += other.scanned;
        self.failed += other.failed;
        self.bytes += other.bytes;
        for (skip, n) in &other.skipped {
            *self.skipped.entry(*skip).or_default() += n;
        }
    }
}

/// What a run gathered, in any order.
#[derive(Default)]
pub struct Draft {
    pub inputs: Vec<Input>,
    pub findings: Vec<Finding>,
    /// Findings that nobody asked for: their secrets are masked, and they are not told.
    pub hidden: Vec<Finding>,
    pub troubles: Vec<Trouble>,
    /// What the source does not tell.
    pub unanswered: Vec<Unanswered>,
    pub counts: Counts,
    /// What else a reader must know: inputs are called this, IaC values that were unknown.
    pub notes: Vec<String>,
    /// Rules that findings name, for renderers that tell more of them.
    pub rules: BTreeMap<RuleId, RuleInfo>,
    pub interrupted: bool,
}

/// What a renderer may say of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    pub title: String,
    pub why: String,
    pub fix: String,
    pub severity: Severity,
    pub confidence: Confidence,
    /// The folder under `rules/`.
    pub group: String,
    pub families: Vec<String>,
    pub references: Vec<String>,
    pub controls: Vec<String>,
}

/// A place, resolved: no bytes are needed to print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPlace {
    pub path: InputPath,
    pub origin: Origin,
    /// 1:1 where the place has no span.
    pub start: Position,
    pub end: Position,
    /// Masked.
    pub excerpt: Option<Arc<Excerpt>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedLabel {
    pub place: SealedPlace,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFinding {
    pub rule: RuleId,
    pub families: Arc<[String]>,
    pub severity: Severity,
    pub confidence: Confidence,
    pub message: String,
    pub primary: SealedPlace,
    pub related: Vec<SealedLabel>,
    pub resource: Option<String>,
    pub fix: Option<Fix>,
    pub fingerprint: Fingerprint,
    /// What it is known by wherever it is, and the path that it is known in: masked.
    pub what: Fingerprint,
    pub known_in: String,
    pub group: Fingerprint,
    pub state: State,
    pub suppressed_here: bool,
    pub change: Option<Change>,
    /// Whether it is about a credential, and the account that it is of, where its value tells.
    pub credential: bool,
    pub account: Option<String>,
    pub exposure: Option<Box<Exposure>>,
}

impl SealedFinding {
    /// As much of the fingerprint as a person types: what `gatepost allow` takes.
    #[must_use]
    pub fn id(&self) -> String {
        let mut digits = self.fingerprint.to_string();
        digits.truncate(12);
        digits
    }

    /// Whether it counts: nobody suppressed it, and it is still there.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == State::Active && self.change != Some(Change::Fixed)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTrouble {
    pub place: Option<SealedPlace>,
    pub kind: Failure,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedUnanswered {
    pub rule: RuleId,
    pub resource: String,
    pub place: SealedPlace,
    pub why: String,
}

/// Sorted, resolved, masked: what every format renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<SealedFinding>,
    pub troubles: Vec<SealedTrouble>,
    pub unanswered: Vec<SealedUnanswered>,
    pub counts: Counts,
    pub notes: Vec<String>,
    pub rules: BTreeMap<RuleId, RuleInfo>,
    /// Where it says what became of an older report.
    pub compared: Option<Compared>,
    pub interrupted: bool,
}

/// How many findings of two reports are in the new one alone, in the old one alone, in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub new: u64,
    pub fixed: u64,
    pub unchanged: u64,
}

impl Report {
    /// Seals a draft. The same draft in any order gives the same report.
    #[must_use]
    pub fn seal(draft: Draft) -> Report {
        let mask = Mask::over(draft.findings.iter().chain(&draft.hidden));
        let seal = Seal { inputs: &draft.inputs, mask: &mask };
        let mut findings: Vec<_> = draft.findings.iter().map(|f| seal.finding(f)).collect();
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut troubles: Vec<_> = draft.troubles.iter().map(|t| seal.trouble(t)).collect();
        troubles.sort_by(|a, b| trouble_order(a).cmp(&trouble_order(b)));
        troubles.dedup();
        let mut unanswered: Vec<_> = draft.unanswered.iter().map(|question| seal.unanswered(question)).collect();
        unanswered.sort_by(|a, b| question_order(a).cmp(&question_order(b)));
        let notes: BTreeSet<_> = draft.notes.iter().map(|n| mask.text(n)).collect();
        Report {
            findings,
            troubles,
            unanswered,
            counts: draft.counts,
            notes: notes.into_iter().collect(),
            rules: draft.rules,
            compared: None,
            interrupted: draft.interrupted,
        }
    }

    /// Adds findings that were sealed apart, and what is known of their rules.
    pub fn add(&mut self, findings: Vec<SealedFinding>, rules: &BTreeMap<RuleId, RuleInfo>) {
        for finding in &findings {
            if let Some(info) = rules.get(&finding.rule) {
                self.rules.entry(finding.rule.clone()).or_insert_with(|| info.clone());
            }
        }
        self.findings.extend(findings);
        self.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    }

    /// What a person is shown: findings that count, and of a comparison only those that are new.
    pub fn shown(&self) -> impl Iterator<Item = &SealedFinding> {
        self.active().filter(|f| self.compared.is_none() || f.change == Some(Change::New))
    }

    /// What a comparison found to be there no more.
    pub fn fixed(&self) -> impl Iterator<Item = &SealedFinding> {
        self.findings.iter().filter(|f| f.change == Some(Change::Fixed))
    }

    /// Findings that count.
    pub fn active(&self) -> impl Iterator<Item = &SealedFinding> {
        self.findings.iter().filter(|f| f.is_active())
    }

    /// Whether something that should have been looked at was not.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.interrupted || !self.troubles.is_empty() || self.counts.failed > 0
    }
}

type Order<'a> = (&'a InputPath, Position, Position, &'a RuleId, &'a Origin, &'a Option<String>, &'a str, Fingerprint);

fn order(f: &SealedFinding) -> Order<'_> {
    (&f.primary.path, f.primary.start, f.primary.end, &f.rule, &f.primary.origin, &f.resource, &f.message, f.fingerprint)
}

type TroubleOrder<'a> = (Option<(&'a InputPath, Position, &'a Origin)>, Failure, &'a str, &'a Option<String>);

fn trouble_order(t: &SealedTrouble) -> TroubleOrder<'_> {
    (t.place.as_ref().map(|p| (&p.path, p.start, &p.origin)), t.kind, &t.message, &t.help)
}

type QuestionOrder<'a> = (&'a InputPath, Position, &'a RuleId, &'a str, &'a str);

fn question_order(q: &SealedUnanswered) -> QuestionOrder<'_> {
    (&q.place.path, q.place.start, &q.rule, &q.resource, &q.why)
}

struct Seal<'a> {
    inputs: &'a [Input],
    mask: &'a Mask,
}

impl Seal<'_> {
    fn finding(&self, f: &Finding) -> SealedFinding {
        SealedFinding {
            rule: f.rule.clone(),
            families: f.families.clone(),
            severity: f.severity,
            confidence: f.confidence,
            message: self.mask.text(&f.message),
            primary: self.place(&f.primary),
            related: f.related.iter().map(|l| SealedLabel { place: self.place(&l.place), text: self.mask.text(&l.text) }).collect(),
            resource: f.resource.as_deref().map(|r| self.mask.text(r)),
            fix: f.fix.as_ref().map(|fix| Fix {
                text: self.mask.text(&fix.text),
                snippet: fix.snippet.as_ref().map(|s| Snippet { dialect: s.dialect, text: self.mask.text(&s.text) }),
                commands: fix.commands.iter().map(|c| self.mask.name(c)).collect(),
            }),
            fingerprint: f.fingerprint(),
            what: f.identity.what,
            known_in: self.mask.name(&String::from_utf8_lossy(&f.identity.path)),
            group: f.group,
            state: match &f.state {
                State::Suppressed { by, reason } => State::Suppressed { by: *by, reason: self.mask.text(reason) },
                other => other.clone(),
            },
            suppressed_here: f.suppressed_here,
            change: f.change,
            credential: f.is_credential(),
            account: f.account.as_deref().map(|account| self.mask.text(account)),
            exposure: f.exposure.as_deref().map(|exposure| Box::new(self.exposure(exposure))),
        }
    }

    /// Names of people and refs are the text of others.
    fn exposure(&self, exposure: &Exposure) -> Exposure {
        let sighting = |s: &Sighting| Sighting { author: s.author.as_deref().map(|author| self.mask.name(author)), ..s.clone() };
        Exposure {
            first: sighting(&exposure.first),
            last: sighting(&exposure.last),
            still_in: exposure.still_in.as_deref().map(|name| self.mask.name(name)),
            until: exposure.until,
        }
    }

    fn trouble(&self, t: &Trouble) -> SealedTrouble {
        SealedTrouble {
            place: t.place.as_ref().map(|p| self.place(p)),
            kind: t.kind,
            message: self.mask.text(&t.message),
            help: t.help.as_deref().map(|h| self.mask.text(h)),
        }
    }

    fn unanswered(&self, question: &Unanswered) -> SealedUnanswered {
        SealedUnanswered {
            rule: question.rule.clone(),
            resource: self.mask.text(&question.resource),
            place: self.place(&question.place),
            why: self.mask.text(&question.why),
        }
    }

    fn place(&self, place: &Place) -> SealedPlace {
        let (path, origin) = self.input(place.file);
        let excerpt = place.excerpt.as_ref().map(|e| Arc::new(self.mask.excerpt(place.file, e)));
        let (start, end) = place.excerpt.as_ref().map_or((Position::START, Position::START), |e| (e.start, e.end));
        SealedPlace { path, origin, start, end, excerpt }
    }

    fn input(&self, file: FileId) -> (InputPath, Origin) {
        match self.inputs.get(file.0 as usize) {
            Some(input) => (self.mask.path(&input.path), input.origin.clone()),
            None => (InputPath::new(b"."), Origin::Root),
        }
    }
}

#[cfg(test)]
mod tests;
