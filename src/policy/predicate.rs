//! The predicate language as it is evaluated.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cover::Range;
use super::named::Named;
use super::path::Path;
use super::pattern::Pattern;
use super::secrets::Families;
use super::sets::Files;

#[derive(Clone, Debug)]
pub(super) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Test(Path, Test),
    Quantified {
        quantifier: Quantifier,
        set: Set,
        /// What an element is called in `where_`.
        name: Option<Box<str>>,
        where_: Option<Box<Predicate>>,
    },
    Linked {
        quantifier: Quantifier,
        view: Arc<str>,
        where_: Option<Box<Predicate>>,
    },
    /// An algorithm of the domain.
    Named(Named),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Some,
    Every,
    None,
}

/// What a quantifier goes over.
#[derive(Clone, Debug)]
pub(super) enum Set {
    /// The elements of what stands at a path.
    Path(Path),
    /// The instances of a view in the whole project.
    View(Arc<str>),
    /// Files of the repository.
    Files(Files),
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    In(Vec<Literal>),
    NotIn(Vec<Literal>),
    Glob(Box<str>),
    Regex(Pattern),
    Compare(Comparison, f64),
    /// Patterns of what a table lists with a date not after its own.
    Older(Arc<[Box<str>]>),
    Set,
    Unset,
    Contains(Literal),
    Covers(Vec<Range>),
    Secret(Families),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value of a rule, as both dialects would print it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub text: Box<str>,
    pub number: Option<f64>,
}

impl Predicate {
    /// The predicates right below it.
    pub fn parts(&self) -> impl Iterator<Item = &Predicate> {
        let (many, one): (&[Predicate], Option<&Predicate>) = match self {
            Predicate::All(parts) | Predicate::Any(parts) => (parts, None),
            Predicate::Not(part) => (&[], Some(part)),
            Predicate::Quantified { where_, .. } | Predicate::Linked { where_, .. } => (&[], where_.as_deref()),
            Predicate::Test(..) | Predicate::Named(_) => (&[], None),
        };
        many.iter().chain(one)
    }

    /// The views that it looks at.
    pub fn views<'p>(&'p self, out: &mut BTreeSet<&'p str>) {
        match self {
            Predicate::Linked { view, .. } | Predicate::Quantified { set: Set::View(view), .. } => drop(out.insert(view)),
            _ => {}
        }
        self.parts().for_each(|part| part.views(out));
    }
}
