//! What a rule says and its author may not have meant.

use super::names::Names;
use super::path::Path;
use super::predicate::{Predicate, Set, Test};
use crate::rule::raw::RawError;

/// Where a rule takes what is absent for what has another value: a test of what is absent is false, so `not` of it holds.
pub(super) fn of_absence<'p>(when: Option<&'p Predicate>, where_: &'p Predicate, names: &Names<'_>, doubts: &mut Vec<RawError>) {
    let mut said = Said(Vec::new());
    if let Some(when) = when {
        absence(when, false, &said, names, doubts);
        said.add(std::slice::from_ref(when), false);
    }
    absence(where_, false, &said, names, doubts);
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

fn absence<'p>(predicate: &'p Predicate, negated: bool, said: &Said<'p>, names: &Names<'_>, doubts: &mut Vec<RawError>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            let mut said = said.clone();
            said.add(parts, negated || matches!(predicate, Predicate::Any(_)));
            for part in parts {
                absence(part, negated, &said, names, doubts);
            }
        }
        Predicate::Not(part) => absence(part, !negated, said, names, doubts),
        Predicate::Test(_, Test::Set | Test::Unset) | Predicate::Named(_) => {}
        Predicate::Test(path, _) => {
            if negated && !said.of(path) && !names.is_always_there(path) {
                let error = RawError::new(path.at, format!("`not` of this holds also where `{path}` is absent"));
                doubts.push(error.help(format!(
                    "say which is meant: `any: [{{{path}: {{unset: true}}}}, ..]`, or `{path}: {{set: true}}` beside it, or a `default:` in the view"
                )));
            }
        }
        Predicate::Quantified { where_, .. } | Predicate::Count { where_, .. } | Predicate::Linked { where_, .. } => {
            let Some(where_) = where_ else { return };
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
            absence(where_, false, &Said(Vec::new()), &inner, doubts);
        }
    }
}
