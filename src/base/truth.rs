//! Three-valued truth (Kleene). Not a bool with an error: Unknown is an answer, "depends on a variable that nobody set".

use std::fmt;

use super::ids::UnknownId;

/// A condition of the source (an `Fn::If` condition, a ternary's test), by its printed form, and the side assumed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assumed {
    pub condition: Box<str>,
    pub holds: bool,
}

/// The assignment of conditions under which something was judged; empty where it holds anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assumption(pub Vec<Assumed>);

impl Assumption {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The side assumed for a condition, if any.
    #[must_use]
    pub fn get(&self, condition: &str) -> Option<bool> {
        self.0.iter().find(|a| &*a.condition == condition).map(|a| a.holds)
    }

    #[must_use]
    pub fn with(&self, condition: &str, holds: bool) -> Assumption {
        let mut all = self.0.clone();
        all.push(Assumed { condition: condition.into(), holds });
        Assumption(all)
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, a) in self.0.iter().enumerate() {
            let (and, not) = (if i > 0 { " and " } else { "" }, if a.holds { "" } else { "not " });
            write!(f, "{and}{not}{}", a.condition)?;
        }
        Ok(())
    }
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A value that the source does not tell.
    Value(UnknownId),
    /// A list or a map that may hold more than is known.
    Open,
    /// More cases than the evaluator looks at.
    Budget,
}

/// The answer to a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    True { when: Assumption },
    False,
    Unknown(Why),
}

impl Truth {
    pub const TRUE: Truth = Truth::True { when: Assumption(Vec::new()) };

    #[must_use]
    pub fn is_true(&self) -> bool {
        matches!(self, Truth::True { .. })
    }

    /// False wins, then Unknown. The left one's reason and assumption are kept.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (unknown @ Truth::Unknown(_), _) | (Truth::True { .. }, unknown @ Truth::Unknown(_)) => unknown,
            (held, Truth::True { .. }) => held,
        }
    }

    /// True wins, then Unknown.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (held @ Truth::True { .. }, _) | (_, held @ Truth::True { .. }) => held,
            (unknown @ Truth::Unknown(_), _) | (Truth::False, unknown @ Truth::Unknown(_)) => unknown,
            (Truth::False, Truth::False) => Truth::False,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::True { .. } => Truth::False,
            Truth::False => Truth::TRUE,
            unknown @ Truth::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::TRUE } else { Truth::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Truth; 3] = [Truth::TRUE, Truth::False, Truth::Unknown(Why::Open)];

    fn rank(t: &Truth) -> u8 {
        match t {
            Truth::False => 0,
            Truth::Unknown(_) => 1,
            Truth::True { .. } => 2,
        }
    }

    #[test]
    fn and_is_minimum_or_is_maximum_not_is_mirror() {
        for a in ALL {
            assert_eq!(rank(&!a.clone()), 2 - rank(&a));
            for b in ALL {
                assert_eq!(rank(&a.clone().and(b.clone())), rank(&a).min(rank(&b)));
                assert_eq!(rank(&a.clone().or(b.clone())), rank(&a).max(rank(&b)));
            }
        }
    }
}
