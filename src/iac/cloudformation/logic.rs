//! Conditions: which of them are one question and which follow from others.

use std::sync::Arc;

use super::intrinsics::call;
use super::template::Template;
use crate::base::span::Span;
use crate::iac::Value;
use crate::syntax::document::{self, NodeKind};

/// A condition, taken apart.
#[derive(Clone, Debug)]
pub(super) enum Logic {
    Known(bool),
    /// A question of its own, by its name.
    Atom(Arc<str>),
    Not(Box<Logic>),
    And(Vec<Logic>),
    Or(Vec<Logic>),
}

/// Conditions in conditions.
const MAX_DEPTH: usize = 16;
/// Questions and connectives of a condition that has a name; one with more is a question of its own.
const MAX_SIZE: usize = 64;
/// Parts of one condition; one with more is a question of its own.
const MAX_PARTS: usize = 10;

impl Logic {
    /// Questions and connectives in it.
    fn size(&self) -> usize {
        match self {
            Logic::Known(_) | Logic::Atom(_) => 1,
            Logic::Not(inner) => 1 + inner.size(),
            Logic::And(parts) | Logic::Or(parts) => 1 + parts.iter().map(Logic::size).sum::<usize>(),
        }
    }
}

impl Template<'_> {
    /// The condition of a name. Where it hangs on too many others, it is a question of its own.
    pub fn named(&self, name: &str) -> Logic {
        if self.spend(MAX_SIZE).is_none() {
            return Logic::Atom(name.into());
        }
        if let Some(known) = self.logic.borrow().get(name) {
            return known.clone();
        }
        // Values ask for conditions and conditions for values: the depth is the template's, not one call's. What is cut
        // here is not kept, for who asks from less deep is told more.
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Logic::Atom(name.into());
        }
        self.depth.set(depth + 1);
        let logic = self.resolve(name);
        self.depth.set(depth);
        logic
    }

    fn resolve(&self, name: &str) -> Logic {
        // Who asks again while it is taken apart asks in a circle.
        self.logic.borrow_mut().insert(name.to_owned(), Logic::Atom(name.into()));
        let logic = match self.section("Conditions", name) {
            Some(node) if refers(node, 0) => self.logic(node, 0),
            Some(node) => self.atom(name, node),
            None => Logic::Atom(name.into()),
        };
        let logic = if logic.size() > MAX_SIZE { self.settled(name, &logic) } else { logic };
        self.logic.borrow_mut().insert(name.to_owned(), logic.clone());
        logic
    }

    /// A condition that names no other: one question, under its own name, perhaps settled by defaults.
    fn atom(&self, name: &str, node: &document::Node) -> Logic {
        let atom = self.settled(name, &self.logic(node, 0));
        if let Some(("Fn::Equals", sides)) = call(node).map(|(function, sides)| (function, sides.items()))
            && let [left, right] = sides
        {
            let parameter = |node: &document::Node| {
                call(node).filter(|(function, _)| *function == "Ref").and_then(|(_, name)| name.as_str().map(std::borrow::Cow::into_owned))
            };
            let literal = |node: &document::Node| {
                if call(node).is_none() { self.value(node).as_text().map(std::borrow::Cow::into_owned) } else { None }
            };
            if let Some((parameter, value)) = parameter(left).zip(literal(right)).or_else(|| parameter(right).zip(literal(left))) {
                self.conditions.borrow_mut().equate(name, &parameter, &value);
            }
        }
        atom
    }

    /// A condition under its own name, with what defaults say of it.
    fn settled(&self, name: &str, logic: &Logic) -> Logic {
        if let Some(holds) = self.known(logic) {
            self.conditions.borrow_mut().settle(name, holds);
        }
        Logic::Atom(name.into())
    }

    fn logic(&self, node: &document::Node, depth: usize) -> Logic {
        let written = || Logic::Atom(self.print(node).into());
        let Some((function, argument)) = call(node) else {
            return self.value(node).as_bool().map_or_else(written, Logic::Known);
        };
        if depth > MAX_DEPTH || self.spend(1).is_none() {
            return written();
        }
        let parts = || argument.items().iter().take(MAX_PARTS).map(|part| self.logic(part, depth + 1)).collect::<Vec<_>>();
        let few = argument.items().len() <= MAX_PARTS;
        match function {
            "Condition" => argument.as_str().map_or_else(written, |name| self.named(&name)),
            "Fn::Not" => match argument.items() {
                [one] => Logic::Not(Box::new(self.logic(one, depth + 1))),
                _ => written(),
            },
            "Fn::And" if few => Logic::And(parts()),
            "Fn::Or" if few => Logic::Or(parts()),
            "Fn::Equals" => match argument.items() {
                [left, right] => {
                    let (left, right) = (self.value(left), self.value(right));
                    match (left.as_text(), right.as_text()) {
                        (Some(left), Some(right)) => Logic::Known(left == right),
                        _ => written(),
                    }
                }
                _ => written(),
            },
            _ => written(),
        }
    }

    fn known(&self, logic: &Logic) -> Option<bool> {
        match logic {
            Logic::Known(holds) => Some(*holds),
            Logic::Atom(atom) => self.conditions.borrow().decide(&crate::base::truth::Assumption::default(), atom),
            Logic::Not(inner) => self.known(inner).map(|holds| !holds),
            Logic::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.known(part)).collect();
                if parts.contains(&Some(false)) { Some(false) } else { parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true) }
            }
            Logic::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.known(part)).collect();
                if parts.contains(&Some(true)) { Some(true) } else { parts.into_iter().collect::<Option<Vec<_>>>().map(|_| false) }
            }
        }
    }

    /// One value or the other, as a condition goes.
    pub fn choose(logic: &Logic, then: Value, otherwise: Value, place: Span) -> Value {
        match logic {
            Logic::Known(true) => then,
            Logic::Known(false) => otherwise,
            Logic::Atom(atom) => Value::choice(atom.clone(), then, otherwise, place),
            Logic::Not(inner) => Self::choose(inner, otherwise, then, place),
            Logic::And(parts) => parts.iter().rev().fold(then, |all, part| Self::choose(part, all, otherwise.clone(), place)),
            Logic::Or(parts) => parts.iter().rev().fold(otherwise, |all, part| Self::choose(part, then.clone(), all, place)),
        }
    }

    /// A condition as it would be said: `Env == prod`.
    fn print(&self, node: &document::Node) -> String {
        let side = |node: &document::Node| match call(node) {
            Some((_, name)) if name.as_str().is_some() => name.as_str().unwrap_or_default().into_owned(),
            _ => self.value(node).print(),
        };
        match call(node).map(|(function, argument)| (function, argument.items())) {
            Some(("Fn::Equals", [left, right])) => format!("{} == {}", side(left), side(right)),
            Some((function, _)) => format!("{function} at {}", node.span.start),
            None => self.value(node).print(),
        }
    }
}

/// Whether a condition names another one.
fn refers(node: &document::Node, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    if call(node).is_some_and(|(function, _)| function == "Condition") {
        return true;
    }
    match &node.kind {
        NodeKind::List(items) => items.iter().any(|item| refers(item, depth + 1)),
        NodeKind::Map(entries) => entries.iter().any(|(_, value)| refers(value, depth + 1)),
        _ => false,
    }
}
