//! What a rule says and its author may not have meant.

use super::names::Names;
use super::path::Path;
use super::predicate::{Predicate, Quantifier, Set, Test};
use crate::rule::raw::RawError;

/// Where a rule takes what is absent for what has another value: a test of what is absent is false, so `not` of it holds.
pub(super) fn of_absence<'p>(when: Option<&'p Predicate>, where_: &'p Predicate, names: &Names<'_>, doubts: &mut Vec<RawError>) {
    let mut said = Said(Vec::new());
    if let Some(when) = when {
        absence(when, Stand { negated: false, beside: true }, &said, names, doubts);
        said.add(std::slice::from_ref(when), false);
    }
    absence(where_, Stand { negated: false, beside: false }, &said, names, doubts);
}

/// Paths of which the rule itself says whether they are there.
#[derive(Clone)]
struct Said<'p>(Vec<&'p Path>);

impl<'p> Said<'p> {
    /// What parts of a predicate say. Where one of them is enough, only a word on presence does.
    fn add(&mut self, parts: &'p [Predicate], any: bool) {
        for part in parts {
            match part {
                Predicate::Test(path, test) if !any || matches!(test, Test::Set | Test::Unset) => self.0.push(path),
                Predicate::All(parts) if !any => self.add(parts, false),
                Predicate::Not(part) => self.add(std::slice::from_ref(part), true),
                _ => {}
            }
        }
    }

    fn of(&self, path: &Path) -> bool {
        self.0.contains(&path)
    }
}

/// Where a predicate stands.
#[derive(Clone, Copy)]
struct Stand {
    negated: bool,
    /// Something else has to hold as well: this only excepts some of it, and what is absent is no exception.
    beside: bool,
}

/// Whether a predicate holds only of what is there, or of what is said to be absent.
fn is_evidence(predicate: &Predicate, negated: bool) -> bool {
    match predicate {
        Predicate::Not(part) => is_evidence(part, !negated),
        Predicate::All(parts) | Predicate::Any(parts) if negated == matches!(predicate, Predicate::Any(_)) => {
            parts.iter().any(|part| is_evidence(part, negated))
        }
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().all(|part| is_evidence(part, negated)),
        Predicate::Test(_, Test::Set | Test::Unset) => true,
        Predicate::Quantified { quantifier, .. } | Predicate::Linked { quantifier, .. } => negated == (*quantifier == Quantifier::None),
        Predicate::Test(..) | Predicate::Named(_) | Predicate::Count { .. } => !negated,
    }
}

fn absence<'p>(predicate: &'p Predicate, stand: Stand, said: &Said<'p>, names: &Names<'_>, doubts: &mut Vec<RawError>) {
    let Stand { negated, beside } = stand;
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            let together = negated == matches!(predicate, Predicate::Any(_));
            let mut said = said.clone();
            said.add(parts, negated || matches!(predicate, Predicate::Any(_)));
            let beside = beside || together && parts.iter().any(|part| is_evidence(part, negated));
            for part in parts {
                absence(part, Stand { negated, beside }, &said, names, doubts);
            }
        }
        Predicate::Not(part) => absence(part, Stand { negated: !negated, beside }, said, names, doubts),
        Predicate::Test(_, Test::Set | Test::Unset) | Predicate::Named(_) => {}
        Predicate::Test(path, test) => {
            if negated && !beside && !is_on(test) && !said.of(path) && !names.is_always_there(path) {
                let error = RawError::new(path.at, format!("`not` of this holds also where `{path}` is absent"));
                doubts.push(error.help(format!(
                    "say which is meant: `any: [{{{path}: {{unset: true}}}}, ..]`, or `{path}: {{set: true}}` beside it, or a `default:` in the view"
                )));
            }
        }
        Predicate::Quantified { where_, .. } | Predicate::Count { where_, .. } | Predicate::Linked { where_, .. } => {
            let Some(where_) = where_ else { return };
            // What is wanted of others, and not found: one that says nothing is no answer.
            let wanted = match predicate {
                Predicate::Quantified { quantifier, .. } | Predicate::Linked { quantifier, .. } => {
                    negated != (*quantifier == Quantifier::None)
                }
                _ => negated,
            };
            if wanted {
                return;
            }
            let mut inner = match predicate {
                Predicate::Quantified { name, .. } | Predicate::Count { name, .. } => names.within(name.as_deref()),
                _ => names.within(None),
            };
            match predicate {
                Predicate::Linked { view, .. }
                | Predicate::Quantified { set: Set::View(view), .. }
                | Predicate::Count { set: Set::View(view) | Set::Linked(view), .. } => inner.bind_view(view),
                Predicate::Quantified { set: Set::Files(_), .. } | Predicate::Count { set: Set::Files(_), .. } => inner.bind_file(),
                _ => inner.bind_any(),
            }
            absence(where_, Stand { negated: false, beside: false }, &Said(Vec::new()), &inner, doubts);
        }
    }
}

/// Whether a test asks for something that is switched on: `not` of it means that it is not, said or unsaid.
fn is_on(test: &Test) -> bool {
    matches!(test, Test::In(literals) if matches!(literals.as_slice(), [one] if matches!(&*one.text.to_ascii_lowercase(), "true" | "enabled")))
}
