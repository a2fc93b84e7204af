//! What a policy statement says: patterns of actions and resources, principals, conditions, and whether it is public.
//!
//! Works on values without choices, in the normal form of [`policy`]; which way conditions of the source go is settled
//! by whoever asks. Knows no resource kinds and no rules.

pub mod action;
pub mod condition;
mod pattern;
pub mod policy;
pub mod principal;
pub mod public;
pub mod resource;

use crate::base::truth::{Truth, Why};
use crate::iac::{Node, Value};

/// An answer, and the value that gives it.
#[derive(Clone, Debug)]
pub struct Held<'v> {
    pub truth: Truth,
    pub by: Option<&'v Value>,
}

impl<'v> Held<'v> {
    fn of(truth: Truth) -> Self {
        Held { truth, by: None }
    }

    /// Whether some item of a list passes; the first that does is kept.
    fn some(list: Option<&'v Value>, mut test: impl FnMut(&'v Value) -> Truth) -> Held<'v> {
        let Some(list) = list else { return Held::of(Truth::False) };
        let (items, mut truth) = items(list);
        for item in items {
            let holds = match item.node {
                Node::Unknown(id) => Truth::Unknown(Why::Value(id)),
                _ => test(item),
            };
            if holds.is_true() {
                return Held { truth: holds, by: Some(item) };
            }
            truth = truth.or(holds);
        }
        Held::of(truth)
    }
}

/// The items of a list, and False, or why there may be more of them.
fn items(list: &Value) -> (&[Value], Truth) {
    match &list.node {
        Node::List { items, open } => (items, if *open { Truth::Unknown(Why::Open) } else { Truth::False }),
        Node::Unknown(id) => (&[], Truth::Unknown(Why::Value(*id))),
        Node::Null => (&[], Truth::False),
        _ => (std::slice::from_ref(list), Truth::False),
    }
}
