//! The credentials that a report tells of, each once, wherever they stand: the list of what to rotate.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Report, SealedFinding, SealedPlace};
use crate::base::ids::{Fingerprint, RuleId, Severity};
use crate::finding::{Change, Exposure, State};

/// A credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential<'r> {
    /// The same wherever it stands.
    pub group: Fingerprint,
    pub rule: &'r RuleId,
    /// What it is, in words.
    pub kind: &'r str,
    pub severity: Severity,
    pub account: Option<&'r str>,
    /// Over all of its places; None where no history was looked at.
    pub exposure: Option<Exposure>,
    /// Who brought it, each place's first.
    pub authors: BTreeSet<&'r str>,
    /// One for each path, sorted.
    pub places: Vec<&'r SealedPlace>,
}

impl Credential<'_> {
    /// Whether it is in what is checked out: the only thing there is where no history was looked at.
    #[must_use]
    pub fn is_in_head(&self) -> bool {
        self.exposure.as_ref().is_none_or(|exposure| exposure.still_in.as_deref() == Some("HEAD"))
    }
}

impl Report {
    /// Every credential that nobody has said to be none, the gravest first, then those that are still there, then the oldest.
    /// What a baseline knows is to be rotated all the same.
    #[must_use]
    pub fn inventory(&self) -> Vec<Credential<'_>> {
        let counts =
            |f: &&SealedFinding| f.credential && f.change != Some(Change::Fixed) && matches!(f.state, State::Active | State::Baselined);
        let mut by_group: BTreeMap<Fingerprint, Vec<&SealedFinding>> = BTreeMap::new();
        for finding in self.findings.iter().filter(counts) {
            by_group.entry(finding.group).or_default().push(finding);
        }
        let mut all: Vec<Credential<'_>> = by_group.into_values().filter_map(|same| self.credential(&same)).collect();
        let since = |credential: &Credential<'_>| credential.exposure.as_ref().map_or(i64::MAX, |exposure| exposure.first.when);
        all.sort_by_cached_key(|c| (Reverse(c.severity), !c.is_in_head(), since(c), c.kind.to_owned(), c.group));
        all
    }

    fn credential<'r>(&'r self, same: &[&'r SealedFinding]) -> Option<Credential<'r>> {
        let first = same.iter().max_by_key(|f| f.severity)?;
        let mut exposure: Option<Exposure> = None;
        for other in same.iter().filter_map(|f| f.exposure.as_deref()) {
            match &mut exposure {
                Some(all) => all.join(other),
                None => exposure = Some(other.clone()),
            }
        }
        let places: BTreeMap<_, &SealedPlace> = same.iter().rev().map(|f| (&f.primary.path, &f.primary)).collect();
        Some(Credential {
            group: first.group,
            rule: &first.rule,
            kind: self.rules.get(&first.rule).map_or(first.rule.as_str(), |info| &info.title),
            severity: first.severity,
            account: same.iter().find_map(|f| f.account.as_deref()),
            exposure,
            authors: same.iter().filter_map(|f| f.exposure.as_deref()?.first.author.as_deref()).collect(),
            places: places.into_values().collect(),
        })
    }
}
