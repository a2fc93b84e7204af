//! The allow list of a configuration: findings that somebody accepts, with a reason.

use regex_automata::meta::Regex;

use super::{From, Paths};

/// An entry: a finding is meant that everything it says is true of.
#[derive(Clone, Debug)]
pub struct Allow {
    /// Fingerprints or groups, as reports print them, or what these begin with.
    pub fingerprints: Vec<String>,
    /// Ids of rules, or families.
    pub rules: Vec<String>,
    pub paths: Option<Paths>,
    /// What stands in the value of the secret.
    pub value: Option<Regex>,
    /// A glob over the address of the resource.
    pub resource: Option<String>,
    pub reason: String,
    /// The last day, in days since 1970, and as written.
    pub until: Option<(i64, String)>,
    pub from: From,
}
