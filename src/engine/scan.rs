//! One run: a source's inputs through the selected rules, into a sealed report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::gather::Gather;
use super::policies::Policies;
use crate::base::ids::RuleId;
use crate::files::Files;
use crate::finding::{Change, Failure, Finding, State, Trouble};
use crate::input::{Input, Origin};
use crate::policy::PolicyError;
use crate::report::{Draft, Report, RuleInfo, SealedFinding};
use crate::rule::{Rule, RuleSet};
use crate::secret::{Detector, DetectorError};
use crate::settings::Settings;
use crate::source::{Source, SourceError};
use crate::suppress::baseline::Baseline;

/// A rule that cannot be used: whoever wrote it is to change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleFault {
    /// The rule or the view.
    pub name: String,
    /// Where in its file, as a byte offset, if that is known.
    pub at: Option<u32>,
    /// The part of it that is at fault where that is not known: `secret.pattern`.
    pub field: &'static str,
    pub message: String,
    pub help: Option<String>,
}

impl RuleFault {
    pub(super) fn of(error: &DetectorError) -> RuleFault {
        RuleFault {
            name: error.rule().as_str().to_owned(),
            at: None,
            field: error.field(),
            message: error.to_string(),
            help: Some(error.help()),
        }
    }

    pub(super) fn of_policy(errors: Vec<PolicyError>) -> RuleFault {
        let more = if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
        let PolicyError { name, error } = errors.into_iter().next().expect("compiling fails with at least one error");
        let message = format!("rule {name}: {}{more}", error.message);
        RuleFault { name, at: Some(error.at), field: "", message, help: error.help }
    }
}

/// The selected rules, compiled, and how to run them.
pub struct Engine<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) settings: &'r Settings,
    pub(super) detector: Arc<Detector>,
    pub(super) files: Files,
    pub(super) policies: Policies<'r>,
    pub(super) baseline: Option<&'r Baseline>,
}

impl<'r> Engine<'r> {
    /// # Errors
    /// At the first rule that cannot be compiled.
    pub fn new(rules: &'r RuleSet, settings: &'r Settings) -> Result<Engine<'r>, RuleFault> {
        Engine::with(rules, settings, detector(rules)?)
    }

    /// The same with a detector of all rules that is there already: it does not depend on what is selected.
    pub(super) fn with(rules: &'r RuleSet, settings: &'r Settings, detector: Arc<Detector>) -> Result<Engine<'r>, RuleFault> {
        // The built-in patterns compile on their first hit, and a test has compiled them all; a user's must not fail late.
        if let Some(error) = detector.check(|index| rules.is_added(index)).first() {
            return Err(RuleFault::of(error));
        }
        let files = Files::new(settings.selection.selected(rules)).map_err(|error| RuleFault {
            name: error.rule.as_str().to_owned(),
            at: None,
            field: "file",
            message: error.to_string(),
            help: None,
        })?;
        let policies = Policies::new(rules, settings, detector.clone())?;
        Ok(Engine { rules, settings, detector, files, policies, baseline: None })
    }

    /// The same beside findings that were there before.
    #[must_use]
    pub fn with_baseline(self, baseline: &'r Baseline) -> Engine<'r> {
        Engine { baseline: Some(baseline), ..self }
    }

    /// Scans a source. `seen` counts inputs as they come; once `stop` is true the run ends with what it has.
    ///
    /// # Errors
    /// Where what was asked for makes no sense. A repository that lacks what is needed is no error here but an
    /// incomplete report.
    pub fn run(&self, source: &dyn Source, stop: &AtomicBool, seen: &AtomicU64) -> Result<Report, SourceError> {
        let report = self.look(source, stop, seen)?;
        Ok(match source.reversed().filter(|_| !report.interrupted) {
            Some(back) => with_fixed(report, &self.look(back.as_ref(), stop, &AtomicU64::new(0))?),
            None => report,
        })
    }

    fn look(&self, source: &dyn Source, stop: &AtomicBool, seen: &AtomicU64) -> Result<Report, SourceError> {
        let gather = Gather::new(self, source, stop, seen);
        let ended = source.visit(&gather, self.settings.threads);
        let mut draft = gather.finish();
        if let Err(error) = ended {
            draft.troubles.push(incomplete(error)?);
        }
        Ok(self.seal(draft))
    }

    /// The report of a source that could not even be opened.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn refused(&self, error: SourceError) -> Result<Report, SourceError> {
        let troubles = vec![incomplete(error)?];
        Ok(self.seal(Draft { troubles, ..Draft::default() }))
    }

    /// What tells whether a content holds anything: the rules, and this very program. None where that cannot be told.
    pub(super) fn key(&self) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        // A build of the same version may match otherwise.
        let program = std::env::current_exe().and_then(std::fs::metadata).ok()?;
        let built = program.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        hash.update(program.len().to_le_bytes());
        hash.update(built.as_nanos().to_le_bytes());
        self.rules.digest(&mut hash);
        Some(hash.finalize().into())
    }

    /// Whether findings of a rule were asked for.
    pub(super) fn tells(&self, rule: &RuleId) -> bool {
        self.rules.find(rule.as_str()).is_some_and(|index| self.settings.selection.is_on(index))
    }

    fn seal(&self, mut draft: Draft) -> Report {
        draft.findings = fold_versions(draft.findings, &draft.inputs);
        draft.rules = draft.findings.iter().filter_map(|f| self.info(&f.rule)).collect();
        Report::seal(draft)
    }

    fn info(&self, id: &RuleId) -> Option<(RuleId, RuleInfo)> {
        let index = self.rules.find(id.as_str())?;
        let (Rule { meta, .. }, page) = (&self.rules.rules()[index], self.rules.page(index));
        let info = RuleInfo {
            title: meta.title.clone(),
            why: page.why.clone(),
            fix: page.fix.clone(),
            severity: meta.severity,
            confidence: meta.confidence,
            group: meta.group.clone(),
            families: meta.families.clone(),
            references: page.references.clone(),
            controls: page.controls.clone(),
        };
        Some((id.clone(), info))
    }
}

/// A report with what the change fixes: what it would bring if it were taken back. `back` tells that.
fn with_fixed(mut report: Report, back: &Report) -> Report {
    let there: BTreeSet<_> = report.findings.iter().map(|finding| finding.what).collect();
    let is_remark = |rule: &RuleId| back.rules.get(rule).is_some_and(|info| info.group == "suppressions");
    let fixed: Vec<_> = back
        .active()
        .filter(|finding| {
            finding.change == Some(Change::New) && !finding.suppressed_here && !there.contains(&finding.what) && !is_remark(&finding.rule)
        })
        .cloned()
        .map(|finding| SealedFinding { change: Some(Change::Fixed), suppressed_here: false, fix: None, ..finding })
        .collect();
    report.add(fixed, &back.rules);
    report
}

/// Every rule on secrets is matched, whatever was asked for: a pair has two rules, and what stands beside a finding is
/// masked though nobody asked to be told of it.
pub(super) fn detector(rules: &RuleSet) -> Result<Arc<Detector>, RuleFault> {
    Ok(Arc::new(Detector::new(rules.rules().iter().enumerate()).map_err(|error| RuleFault::of(&error))?))
}

/// What the repository lacks becomes a trouble; what the caller got wrong stays an error.
fn incomplete(error: SourceError) -> Result<Trouble, SourceError> {
    match error {
        SourceError::Incomplete { message, help } => Ok(Trouble { place: None, kind: Failure::Missing, message, help: Some(help) }),
        usage @ SourceError::Usage { .. } => Err(usage),
    }
}

/// Versions of one file that hold the same thing are one finding: the first of them, and how many more there are.
/// Fingerprints carry rule, value and path, so in any other source nothing is folded.
fn fold_versions(findings: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
    let mut versions: BTreeMap<_, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        versions.entry(finding.fingerprint()).or_default().push(finding);
    }
    versions.into_values().flat_map(|same| fold(same, inputs)).collect()
}

fn fold(mut same: Vec<Finding>, inputs: &[Input]) -> Vec<Finding> {
    // Two findings of one input are two places of one thing, both of which a reader needs.
    let files: BTreeSet<_> = same.iter().map(|f| f.primary.file).collect();
    if files.len() < 2 {
        return same;
    }
    // An ignore in one version does not speak for another: the oldest that counts is told.
    same.sort_by_key(|f| (f.state != State::Active, age(inputs.get(f.primary.file.0 as usize), f)));
    let secrets = same.iter().flat_map(|f| f.secrets.clone()).collect();
    let mut exposures = same.iter().filter_map(|f| f.exposure.clone());
    let exposure = exposures.next().map(|first| {
        exposures.fold(first, |mut all, exposure| {
            all.join(&exposure);
            all
        })
    });
    let mut first = same.swap_remove(0);
    (first.secrets, first.exposure) = (secrets, exposure);
    let more = files.len() - 1;
    first.message = format!("{} (and in {more} other {} of the file)", first.message, if more == 1 { "version" } else { "versions" });
    vec![first]
}

/// Sorts the version that came first to the front; one that no commit holds comes last.
fn age<'i>(input: Option<&'i Input>, f: &Finding) -> (i64, Option<&'i Origin>, Option<u32>) {
    let when = match input.map(|i| &i.origin) {
        Some(Origin::Commit { when, .. }) => *when,
        _ => i64::MAX,
    };
    (when, input.map(|i| &i.origin), f.primary.span.map(|s| s.start))
}
