//! The predicate language as it is evaluated.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cover::Range;
use super::named::Named;
use super::path::Path;
use super::path_glob::PathGlob;
use super::pattern::Pattern;
use super::secrets::Families;

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
    /// How many elements of a set there are of which something holds.
    Count {
        count: Count,
        set: Set,
        name: Option<Box<str>>,
        where_: Option<Box<Predicate>>,
    },
    /// An algorithm of the domain.
    Named(Named),
}

/// A limit on how many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// At least, at most, or exactly.
    pub comparison: Comparison,
    pub number: usize,
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
    /// The instances of a view that are about the same thing.
    Linked(Arc<str>),
    /// Files of the repository.
    Files(Box<PathGlob>),
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    In(Vec<Literal>),
    NotIn(Vec<Literal>),
    Glob(Box<str>),
    Regex(Pattern),
    Compare(Comparison, f64),
    /// With the number that stands at another path.
    CompareWith(Comparison, Path),
    /// Patterns of what a table lists with a date not after its own.
    Older(Arc<[Box<str>]>),
    Set,
    Unset,
    Contains(Literal),
    Covers(Vec<Range>),
    Secret(Families),
    /// It is a reference to an instance of a view, or its name.
    Ref(Arc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
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
            Predicate::Quantified { where_, .. } | Predicate::Count { where_, .. } | Predicate::Linked { where_, .. } => {
                (&[], where_.as_deref())
            }
            Predicate::Test(..) | Predicate::Named(_) => (&[], None),
        };
        many.iter().chain(one)
    }

    /// Whether it asks for the files of a repository.
    pub fn asks_files(&self) -> bool {
        matches!(self, Predicate::Quantified { set: Set::Files(_), .. } | Predicate::Count { set: Set::Files(_), .. })
            || self.parts().any(Predicate::asks_files)
    }

    /// Where a text that a file holds has what is looked for in it: the first such place.
    pub fn found_in(&self, text: &str) -> Option<std::ops::Range<usize>> {
        match self {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().find_map(|part| part.found_in(text)),
            Predicate::Test(path, Test::Contains(literal)) if path.to_string() == "content" => {
                text.find(&*literal.text).map(|at| at..at + literal.text.len())
            }
            Predicate::Test(path, Test::Regex(pattern)) if path.to_string() == "content" => pattern.place_in(text.as_bytes()),
            _ => None,
        }
    }

    /// Whether a file's path, below the scanned root, shows by itself that this does not hold.
    pub fn is_ruled_out(&self, path: &[u8]) -> bool {
        match self {
            Predicate::All(all) => all.iter().any(|one| one.is_ruled_out(path)),
            Predicate::Test(at, Test::Regex(pattern)) if at.to_string() == "path" => pattern.place_in(path).is_none(),
            _ => false,
        }
    }

    /// Every test in it.
    pub fn tests<'p>(&'p self, out: &mut Vec<&'p Test>) {
        if let Predicate::Test(_, test) = self {
            out.push(test);
        }
        self.parts().for_each(|part| part.tests(out));
    }

    /// The views that it looks at.
    pub fn views<'p>(&'p self, out: &mut BTreeSet<&'p str>) {
        match self {
            Predicate::Linked { view, .. }
            | Predicate::Quantified { set: Set::View(view), .. }
            | Predicate::Count { set: Set::View(view) | Set::Linked(view), .. }
            | Predicate::Test(_, Test::Ref(view)) => drop(out.insert(view)),
            _ => {}
        }
        self.parts().for_each(|part| part.views(out));
    }
}
