//! Conditions: which of them are one question and which follow from others.

use std::sync::Arc;

use super::foreach::Scope;
use super::intrinsics::call;
use super::template::Template;
use crate::base::span::Span;
use crate::base::text_map::HOLE;
use crate::base::truth::Assumption;
use crate::iac::{Node, Reason, Value};
use crate::syntax::document::{self, NodeKind, SyntaxError};

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
/// Choices on either side of a comparison that are looked into.
const MAX_CHOICES: usize = 32;

impl Logic {
    /// Questions and connectives in it.
    fn size(&self) -> usize {
        match self {
            Logic::Known(_) | Logic::Atom(_) => 1,
            Logic::Not(inner) => 1 + inner.size(),
            Logic::And(parts) | Logic::Or(parts) => 1 + parts.iter().map(Logic::size).sum::<usize>(),
        }
    }

    fn not(self) -> Logic {
        match self {
            Logic::Known(holds) => Logic::Known(!holds),
            Logic::Not(inner) => *inner,
            other => Logic::Not(Box::new(other)),
        }
    }

    /// All of them, or any: what is known is left out.
    fn join(parts: Vec<Logic>, all: bool) -> Logic {
        if parts.iter().any(|part| matches!(part, Logic::Known(holds) if *holds != all)) {
            return Logic::Known(!all);
        }
        let mut parts: Vec<Logic> = parts.into_iter().filter(|part| !matches!(part, Logic::Known(_))).collect();
        match (parts.len(), all) {
            (0, _) => Logic::Known(all),
            (1, _) => parts.remove(0),
            (_, true) => Logic::And(parts),
            (_, false) => Logic::Or(parts),
        }
    }

    /// One or the other, as a question goes.
    fn either(question: &Arc<str>, then: Logic, otherwise: Logic) -> Logic {
        match (&then, &otherwise) {
            (Logic::Known(a), Logic::Known(b)) if a == b => return then,
            _ => {}
        }
        let question = Logic::Atom(question.clone());
        let then = Logic::join(vec![question.clone(), then], true);
        let otherwise = Logic::join(vec![question.not(), otherwise], true);
        Logic::join(vec![then, otherwise], false)
    }

    /// The side of one question, if that is what it is.
    fn literal(&self) -> Option<(Arc<str>, bool)> {
        match self {
            Logic::Atom(atom) => Some((atom.clone(), true)),
            Logic::Not(inner) => inner.literal().map(|(atom, side)| (atom, !side)),
            _ => None,
        }
    }

    /// Questions that must all go as is said, if that is what it comes to.
    pub fn all(&self) -> Option<Vec<(Arc<str>, bool)>> {
        match self {
            Logic::And(parts) => Some(parts.iter().map(Logic::all).collect::<Option<Vec<_>>>()?.concat()),
            Logic::Not(inner) => match &**inner {
                Logic::Or(parts) => parts.iter().map(|part| part.literal().map(|(atom, side)| (atom, !side))).collect(),
                _ => self.literal().map(|one| vec![one]),
            },
            Logic::Known(true) => Some(Vec::new()),
            _ => self.literal().map(|one| vec![one]),
        }
    }

    /// Questions of which one must go as is said, if that is what it comes to.
    pub fn any(&self) -> Option<Vec<(Arc<str>, bool)>> {
        match self {
            Logic::Or(parts) => Some(parts.iter().map(Logic::any).collect::<Option<Vec<_>>>()?.concat()),
            Logic::Not(inner) => match &**inner {
                Logic::And(parts) => parts.iter().map(|part| part.literal().map(|(atom, side)| (atom, !side))).collect(),
                _ => self.literal().map(|one| vec![one]),
            },
            _ => self.literal().map(|one| vec![one]),
        }
    }
}

impl Template<'_> {
    /// The condition of a name. Where it hangs on too many others, it is a question of its own.
    pub fn named(&self, name: &str) -> Logic {
        let question = || Logic::Atom(self.own(name).into());
        if self.spend(MAX_SIZE).is_none() {
            return question();
        }
        if let Some(known) = self.logic.borrow().get(name) {
            return known.clone();
        }
        if self.asking.borrow().contains(name) {
            self.circles.borrow_mut().insert(self.own(name).into());
            if let Some(declared) = self.section("Conditions", name) {
                let error = SyntaxError::new(declared.key, format!("the condition {name} asks for itself"));
                self.project.trouble(&error, "CloudFormation refuses this; what hangs on the condition was judged as if it were open");
            }
            return question();
        }
        // Values ask for conditions and conditions for values: the depth is the project's, not one call's. What is cut
        // here is not kept, for who asks from less deep is told more.
        let depth = self.project.depth.get();
        if depth >= MAX_DEPTH {
            return question();
        }
        self.project.depth.set(depth + 1);
        let logic = self.resolve(name);
        self.project.depth.set(depth);
        logic
    }

    fn resolve(&self, name: &str) -> Logic {
        let own = self.own(name);
        self.asking.borrow_mut().insert(name.to_owned());
        let logic = match self.section("Conditions", name) {
            Some(declared) => {
                let logic = self.within(&declared.scope, || self.logic(declared.node, 0));
                match logic {
                    // Nothing follows from what asks for itself, not even the side that it asks for.
                    logic if self.is_circle(&logic) => {
                        self.circles.borrow_mut().insert(own.as_str().into());
                        Logic::Atom(own.as_str().into())
                    }
                    // A question that asks for no other condition goes by the name that it was given.
                    Logic::Atom(question) if !refers(declared.node, 0) => {
                        self.project.conditions.borrow_mut().rename(&question, &own);
                        self.settled(&own, &Logic::Atom(question))
                    }
                    Logic::Not(inner) if matches!(*inner, Logic::Atom(_)) && !refers(declared.node, 0) => {
                        if let Logic::Atom(question) = &*inner {
                            self.project.conditions.borrow_mut().call_the_opposite(question, &own);
                        }
                        Logic::Not(inner)
                    }
                    Logic::Known(_) => self.settled(&own, &logic),
                    logic if logic.size() > MAX_SIZE => self.settled(&own, &logic),
                    logic => logic,
                }
            }
            None => self.undeclared(name),
        };
        self.asking.borrow_mut().remove(name);
        self.logic.borrow_mut().insert(name.to_owned(), logic.clone());
        logic
    }

    /// A condition that is named and not declared: a question of its own.
    fn undeclared(&self, name: &str) -> Logic {
        if !self.may_have_more("Conditions") {
            let path = String::from_utf8_lossy(self.path);
            self.project.note(format!("{path} declares no condition {name}; what hangs on it was judged as if it were open"));
        }
        Logic::Atom(self.own(name).into())
    }

    /// Whether a condition asks for itself.
    pub fn is_circle(&self, logic: &Logic) -> bool {
        match logic {
            Logic::Known(_) => false,
            Logic::Atom(atom) => self.circles.borrow().contains(atom),
            Logic::Not(inner) => self.is_circle(inner),
            Logic::And(parts) | Logic::Or(parts) => parts.iter().any(|part| self.is_circle(part)),
        }
    }

    /// A condition under its own name, with what defaults say of it.
    fn settled(&self, own: &str, logic: &Logic) -> Logic {
        if let Some(holds) = self.known(logic) {
            self.project.conditions.borrow_mut().settle(own, holds);
        }
        Logic::Atom(own.into())
    }

    fn logic(&self, node: &document::Node, depth: usize) -> Logic {
        let written = || Logic::Atom(self.print(node).into());
        let Some((function, argument)) = call(node) else {
            return self.value(node).as_bool().map_or_else(written, Logic::Known);
        };
        if depth > MAX_DEPTH || self.spend(1).is_none() {
            return written();
        }
        let parts = || argument.items().iter().map(|part| self.logic(part, depth + 1)).collect::<Vec<_>>();
        let few = argument.items().len() <= MAX_PARTS;
        match function {
            "Condition" => self.name(argument).map_or_else(written, |name| self.named(&name)),
            "Fn::Not" => match argument.items() {
                [one] => self.logic(one, depth + 1).not(),
                _ => written(),
            },
            "Fn::And" if few => Logic::join(parts(), true),
            "Fn::Or" if few => Logic::join(parts(), false),
            "Fn::Equals" => match argument.items() {
                [left, right] => self.equals(left, right).unwrap_or_else(written),
                _ => written(),
            },
            _ => written(),
        }
    }

    fn equals(&self, left: &document::Node, right: &document::Node) -> Option<Logic> {
        let (one, other) = (self.open_parameter(left), self.open_parameter(right));
        if one.is_some() && one == other {
            return Some(Logic::Known(true));
        }
        // What is asked of a parameter that nothing sets is one question, whatever it may be.
        for (parameter, value) in [(one, right), (other, left)] {
            if let Some(parameter) = parameter
                && let Some(value) = self.value(value).as_text()
            {
                return Some(self.asked(&parameter, &value));
            }
        }
        let ways = std::cell::Cell::new(MAX_CHOICES);
        self.equal(&self.value(left), &self.value(right), &ways)
    }

    fn asked(&self, parameter: &str, value: &str) -> Logic {
        if !self.project.conditions.borrow().allows(parameter, value) {
            return Logic::Known(false);
        }
        Logic::Atom(self.question(parameter, value).into())
    }

    fn equal(&self, left: &Value, right: &Value, ways: &std::cell::Cell<usize>) -> Option<Logic> {
        let (cond, sides) = match (&left.node, &right.node) {
            (Node::Choice { cond, then, else_ }, _) => (cond, [(&**then, right), (&**else_, right)]),
            (_, Node::Choice { cond, then, else_ }) => (cond, [(left, &**then), (left, &**else_)]),
            _ => return self.same(left, right),
        };
        if ways.get() == 0 {
            return None;
        }
        ways.set(ways.get() - 1);
        let [then, otherwise] = sides.map(|(left, right)| self.equal(left, right, ways));
        Some(Logic::either(cond, then?, otherwise?))
    }

    /// Whether two values that are no choices are the same.
    fn same(&self, left: &Value, right: &Value) -> Option<Logic> {
        if let (Some(left), Some(right)) = (left.as_text(), right.as_text()) {
            return Some(Logic::Known(left == right));
        }
        match (&left.node, &right.node) {
            (Node::Unknown(left), Node::Unknown(right)) if left == right => Some(Logic::Known(true)),
            (Node::Unknown(id), _) | (_, Node::Unknown(id)) => {
                let text = left.as_text().or_else(|| right.as_text())?;
                // A name has one value wherever it is asked for; what a function makes of it has not.
                match self.project.unknowns.reason(*id) {
                    reason @ (Reason::Unset(_) | Reason::Reference { .. }) => Some(self.asked(&reason.to_string(), &text)),
                    _ => None,
                }
            }
            (Node::Text(left), Node::Text(right)) => {
                if left.bytes() == right.bytes() && left.holes().eq(right.holes()) {
                    return Some(Logic::Known(true));
                }
                let (left, right) = (left.to_str(), right.to_str());
                let start = |text: &'_ str| text.split_once(HOLE).map_or(text.len(), |(start, _)| start.len());
                let end = |text: &'_ str| text.rsplit_once(HOLE).map_or(text.len(), |(_, end)| end.len());
                let (first, last) = (start(&left).min(start(&right)), end(&left).min(end(&right)));
                let apart = left.as_bytes()[..first] != right.as_bytes()[..first]
                    || left.as_bytes()[left.len() - last..] != right.as_bytes()[right.len() - last..];
                apart.then_some(Logic::Known(false))
            }
            _ => None,
        }
    }

    /// What defaults say of a condition.
    pub fn known(&self, logic: &Logic) -> Option<bool> {
        match logic {
            Logic::Known(holds) => Some(*holds),
            Logic::Atom(atom) => self.project.conditions.borrow().decide(&Assumption::default(), atom),
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
        let side = |node: &document::Node| match call(node).and_then(|(_, argument)| self.name(argument)) {
            Some(name) => name,
            None => self.within(&Scope::None, || self.value(node).print()),
        };
        match call(node).map(|(function, argument)| (function, argument.items())) {
            Some(("Fn::Equals", [left, right])) => self.own(&format!("{} == {}", side(left), side(right))),
            Some((function, _)) => self.own(&format!("{function} at {}", node.span.start)),
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
