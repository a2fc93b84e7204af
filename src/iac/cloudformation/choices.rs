//! Functions of values that hang on conditions: applied once for each way that these can go together.

use std::cell::Cell;
use std::sync::Arc;

use super::template::Template;
use crate::base::span::Span;
use crate::base::truth::Assumption;
use crate::iac::{Node, Unknowns, Value};

/// Ways that are looked at before the result is unknown.
const MAX_WAYS: usize = 64;

/// What is done with values that no longer hang on conditions.
type Apply<'f> = &'f dyn Fn(&[Value]) -> Value;

struct Spread<'s> {
    left: Cell<usize>,
    place: Span,
    /// Whether choices within the values count too.
    deep: bool,
    apply: Apply<'s>,
}

impl Template<'_> {
    /// Applies a function to values that may be choices: the result is a choice then.
    pub fn spread(&self, values: &[Value], place: Span, apply: Apply<'_>) -> Value {
        let spread = Spread { left: Cell::new(MAX_WAYS), place, deep: false, apply };
        self.way(&spread, values.to_vec(), &Assumption::default())
    }

    /// The same for a function that looks at all parts of its arguments.
    pub fn spread_deep(&self, values: &[Value], place: Span, apply: Apply<'_>) -> Value {
        let spread = Spread { left: Cell::new(MAX_WAYS), place, deep: true, apply };
        self.way(&spread, values.to_vec(), &Assumption::default())
    }

    fn way(&self, spread: &Spread<'_>, values: Vec<Value>, assumed: &Assumption) -> Value {
        let find = |value: &Value| -> Option<Arc<str>> {
            match &value.node {
                _ if spread.deep => value.condition(),
                Node::Choice { cond, .. } => Some(cond.clone()),
                _ => None,
            }
        };
        let mut values = values;
        while let Some(cond) = values.iter().find_map(find) {
            // What defaults settle stays open here: a finding names it.
            let settled = self.project.conditions.borrow().decide(&Assumption::default(), &cond).is_some();
            let decided = if settled { assumed.get(&cond) } else { self.project.conditions.borrow().decide(assumed, &cond) };
            let cost = values.iter().map(|value| value.weight() as usize).sum();
            if self.spend(cost).is_none() {
                return Value::unknown(Unknowns::BUDGET, spread.place);
            }
            let take = |holds: bool| values.iter().map(|value| value.assume(&cond, holds)).collect::<Vec<_>>();
            if let Some(holds) = decided {
                values = take(holds);
                continue;
            }
            if spread.left.get() == 0 {
                return Value::unknown(Unknowns::BUDGET, spread.place);
            }
            spread.left.set(spread.left.get() - 1);
            let (then, otherwise) = (take(true), take(false));
            return Value::choice(
                cond.clone(),
                self.way(spread, then, &assumed.with(&cond, true)),
                self.way(spread, otherwise, &assumed.with(&cond, false)),
                spread.place,
            );
        }
        (spread.apply)(&values)
    }
}
