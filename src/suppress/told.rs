//! What is to be said of a suppression, and of what decides about findings: a finding of its own, once a rule tells it.

use crate::finding::Place;
pub use crate::rule::def::Told;

/// A remark on a suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub told: Told,
    pub place: Place,
    pub message: String,
}
