//! What is known of the conditions of one project beyond their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::truth::Assumption;

/// Sides that defaults settle, and conditions that exclude each other.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    settled: BTreeMap<Arc<str>, bool>,
    /// A condition that says that a parameter equals a value.
    equals: BTreeMap<Arc<str>, (Box<str>, Box<str>)>,
}

impl Conditions {
    pub(super) fn settle(&mut self, condition: &str, holds: bool) {
        self.settled.insert(condition.into(), holds);
    }

    pub(super) fn equate(&mut self, condition: &str, parameter: &str, value: &str) {
        self.equals.insert(condition.into(), (parameter.into(), value.into()));
    }

    /// The side of a condition that holds under an assumption; None where both may.
    #[must_use]
    pub fn decide(&self, assumption: &Assumption, condition: &str) -> Option<bool> {
        if let Some(assumed) = assumption.get(condition).or_else(|| self.settled.get(condition).copied()) {
            return Some(assumed);
        }
        let (parameter, value) = self.equals.get(condition)?;
        // A parameter has one value: of what it equals, the rest follows.
        assumption.0.iter().find_map(|other| {
            let (same, equal) = self.equals.get(&*other.condition)?;
            match (same == parameter, equal == value) {
                (true, true) => Some(other.holds),
                (true, false) if other.holds => Some(false),
                _ => None,
            }
        })
    }
}
