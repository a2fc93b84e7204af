//! What is known of the conditions of one project beyond their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::truth::Assumption;

/// Sides that defaults settle, conditions that exclude each other, and conditions that are made of others.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// What says the opposite of a question without a name.
    opposites: BTreeMap<Arc<str>, Box<str>>,
    /// The condition that asks a question and nothing else.
    names: BTreeMap<Arc<str>, Box<str>>,
    settled: BTreeMap<Arc<str>, bool>,
    /// A condition that says that a parameter equals a value.
    equals: BTreeMap<Arc<str>, (Box<str>, Box<str>)>,
    /// All values that a parameter may have.
    allowed: BTreeMap<Box<str>, Vec<Box<str>>>,
    /// A condition that holds if any of these does, each on the side that is named.
    any: BTreeMap<Arc<str>, Vec<(Arc<str>, bool)>>,
}

/// Conditions that one is made of; one made of more says nothing of them.
const MAX_PARTS: usize = 16;

impl Conditions {
    /// A question that has no name of its own is told by that of the condition that says the opposite.
    pub(super) fn call_the_opposite(&mut self, question: &str, name: &str) {
        self.opposites.entry(question.into()).or_insert_with(|| name.into());
    }

    /// A condition and its side as a person is told of them.
    #[must_use]
    pub fn told<'c>(&'c self, condition: &'c str, holds: bool) -> (&'c str, bool) {
        match (self.names.get(condition), self.opposites.get(condition)) {
            (Some(name), _) => (name, holds),
            (None, Some(name)) => (name, !holds),
            (None, None) => (condition, holds),
        }
    }

    /// An assumption as a person is told of it: where a parameter has none of its allowed values but one, it has that one.
    #[must_use]
    pub fn said(&self, when: &Assumption) -> Vec<(String, bool)> {
        let mut said: Vec<(String, bool)> = Vec::new();
        for assumed in &when.0 {
            let (condition, holds) = self.told(&assumed.condition, assumed.holds);
            // A condition with a name of its own is told by that.
            let equals = self.equals.get(condition).filter(|(parameter, value)| !holds && *condition == format!("{parameter} == {value}"));
            let last = equals.and_then(|(parameter, _)| self.last(when, parameter));
            let told = last.map_or_else(|| (condition.to_owned(), holds), |last| (last, true));
            if !said.contains(&told) {
                said.push(told);
            }
        }
        said
    }

    /// That a parameter has the only value which an assumption leaves to it.
    fn last(&self, when: &Assumption, parameter: &str) -> Option<String> {
        let of = |condition: &str| self.equals.get(condition).filter(|(same, _)| **same == *parameter).map(|(_, value)| value);
        let excluded: Vec<_> = when.0.iter().filter(|assumed| !assumed.holds).filter_map(|assumed| of(&assumed.condition)).collect();
        let mut left = self.allowed.get(parameter)?.iter().filter(|value| !excluded.contains(value));
        match (left.next(), left.next()) {
            (Some(only), None) => Some(format!("{parameter} == {only}")),
            _ => None,
        }
    }

    pub(super) fn settle(&mut self, condition: &str, holds: bool) {
        self.settled.insert(condition.into(), holds);
    }

    pub(super) fn equate(&mut self, condition: &str, parameter: &str, value: &str) {
        self.equals.insert(condition.into(), (parameter.into(), value.into()));
    }

    /// The same question by another name, which a person is told from then on.
    pub(super) fn rename(&mut self, question: &str, name: &str) {
        if question != name {
            self.names.entry(question.into()).or_insert_with(|| name.into());
        }
        if let Some(equals) = self.equals.get(question).cloned() {
            self.equals.insert(name.into(), equals);
        }
    }

    /// A parameter has one of these values.
    pub(super) fn allow(&mut self, parameter: &str, values: Vec<Box<str>>) {
        self.allowed.insert(parameter.into(), values);
    }

    /// Whether a parameter may have a value at all.
    pub(super) fn allows(&self, parameter: &str, value: &str) -> bool {
        self.allowed.get(parameter).is_none_or(|values| values.iter().any(|allowed| **allowed == *value))
    }

    pub(super) fn any(&mut self, condition: &str, parts: Vec<(Arc<str>, bool)>) {
        if parts.len() <= MAX_PARTS {
            self.any.insert(condition.into(), parts);
        }
    }

    /// The side of a condition that holds under an assumption; None where both may.
    #[must_use]
    pub fn decide(&self, assumption: &Assumption, condition: &str) -> Option<bool> {
        self.alone(assumption, condition).or_else(|| assumption.0.iter().find_map(|other| self.follows(assumption, other, condition)))
    }

    /// The same without looking into conditions that are made of others.
    fn alone(&self, assumption: &Assumption, condition: &str) -> Option<bool> {
        if let Some(assumed) = assumption.get(condition).or_else(|| self.settled.get(condition).copied()) {
            return Some(assumed);
        }
        let (parameter, value) = self.equals.get(condition)?;
        // A parameter has one value: of what it equals, the rest follows.
        let mut excluded = Vec::new();
        for other in &assumption.0 {
            match self.equals.get(&*other.condition) {
                Some((same, equal)) if same == parameter => match (equal == value, other.holds) {
                    (true, holds) => return Some(holds),
                    (false, true) => return Some(false),
                    (false, false) => excluded.push(equal),
                },
                _ => {}
            }
        }
        let allowed = self.allowed.get(parameter)?;
        if !allowed.contains(value) {
            return Some(false);
        }
        allowed.iter().all(|allowed| allowed == value || excluded.contains(&allowed)).then_some(true)
    }

    /// What an assumption on a condition that is made of others says of one of them.
    fn follows(&self, assumption: &Assumption, whole: &crate::base::truth::Assumed, condition: &str) -> Option<bool> {
        let parts = self.any.get(&*whole.condition)?;
        let (_, side) = parts.iter().find(|(part, _)| **part == *condition)?;
        if !whole.holds {
            return Some(!side);
        }
        let fails = |(part, side): &(Arc<str>, bool)| **part == *condition || self.alone(assumption, part) == Some(!side);
        parts.iter().all(fails).then_some(*side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_told_by_the_name_of_the_condition_that_asks_it() {
        let mut conditions = Conditions::default();
        conditions.equate("Env == prod", "Env", "prod");
        conditions.call_the_opposite("Env == prod", "NotProd");
        assert_eq!(conditions.told("Env == prod", true), ("NotProd", false));
        conditions.rename("Env == prod", "IsProd");
        conditions.rename("Env == prod", "AlsoProd");
        assert_eq!(conditions.told("Env == prod", false), ("IsProd", false));
        assert_eq!(conditions.told("IsProd", true), ("IsProd", true));
    }

    #[test]
    fn a_parameter_has_one_value_of_those_that_are_allowed() {
        let mut conditions = Conditions::default();
        conditions.allow("Env", ["dev", "prod"].map(Box::from).to_vec());
        conditions.equate("IsDev", "Env", "dev");
        conditions.equate("Env == prod", "Env", "prod");
        conditions.equate("IsOther", "Env", "other");
        let none = Assumption::default();
        assert_eq!(conditions.decide(&none, "IsDev"), None);
        assert_eq!(conditions.decide(&none, "IsOther"), Some(false));
        assert_eq!(conditions.decide(&none.with("IsDev", true), "Env == prod"), Some(false));
        assert_eq!(conditions.decide(&none.with("IsDev", false), "Env == prod"), Some(true));
    }

    #[test]
    fn the_last_of_the_allowed_values_is_said_as_such() {
        let mut conditions = Conditions::default();
        conditions.allow("Acl", ["Private", "Read", "Write"].map(Box::from).to_vec());
        conditions.equate("Acl == Private", "Acl", "Private");
        conditions.equate("Acl == Read", "Acl", "Read");
        let not_private = Assumption::default().with("Acl == Private", false);
        assert_eq!(conditions.said(&not_private), [("Acl == Private".to_owned(), false)], "two are left");
        let neither = not_private.with("Other", true).with("Acl == Read", false);
        assert_eq!(conditions.said(&neither), [("Acl == Write".to_owned(), true), ("Other".to_owned(), true)]);
    }

    #[test]
    fn a_condition_that_is_made_of_others_tells_of_the_last_one() {
        let mut conditions = Conditions::default();
        conditions.any("Either", vec![("A".into(), true), ("B".into(), false)]);
        let either = Assumption::default().with("Either", true);
        assert_eq!(conditions.decide(&either, "A"), None);
        assert_eq!(conditions.decide(&either.with("A", false), "B"), Some(false));
        assert_eq!(conditions.decide(&either.with("B", true), "A"), Some(true));
        assert_eq!(conditions.decide(&Assumption::default().with("Either", false), "B"), Some(true));
    }
}
