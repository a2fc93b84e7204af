//! The allow list of a configuration: findings that somebody accepts, with a reason.

use super::{From, Paths, Pattern};
use crate::finding::By;

/// An entry: a finding is meant that everything it says is true of.
#[derive(Clone, Debug)]
pub struct Allow {
    /// Whose entry it is.
    pub by: By,
    /// Fingerprints or groups, as reports print them, or what these begin with.
    pub fingerprints: Vec<String>,
    /// Ids of rules, or families.
    pub rules: Vec<String>,
    pub paths: Option<Paths>,
    /// The path itself: only other tools' files say that, of thousands of findings.
    pub path: Option<Box<str>>,
    /// A pattern that is found in the path.
    pub path_matches: Option<Pattern>,
    /// The line that the finding begins in: only other tools' files say that.
    pub lines: Option<u32>,
    /// The commit that holds the file, in digits.
    pub commit: Option<String>,
    /// SHA-1 of the value, in digits.
    pub sha1: Option<String>,
    /// What is said of paths and values, as it is written.
    pub texts: Vec<String>,
    /// What stands in the value of the secret.
    pub value: Option<Pattern>,
    /// A glob over the address of the resource.
    pub resource: Option<String>,
    pub reason: String,
    /// The last day, in days since 1970, and as written.
    pub until: Option<(i64, String)>,
    pub from: From,
}
