//! Conditions: what decides a ternary, what an open one is called, and what can be said of two values.

use std::sync::Arc;

use super::Terraform;
use super::expr::Scope;
use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::iac::value::{Entry, in_order};
use crate::iac::{Node, Reason, Unknowns, Value};
use crate::syntax::hcl::{Expr, ExprKind, Operator};

/// The longest name of a condition that is made of its values, in bytes.
const MAX_NAME: usize = 200;

impl Terraform<'_> {
    pub(super) fn conditional(&self, parts: &[Expr; 3], place: Span, scope: &Scope) -> Value {
        let condition = self.decided(&parts[0], scope);
        let mut known: [Option<Value>; 2] = [None, None];
        self.branch(&condition, place, &mut |holds| {
            known[usize::from(!holds)].get_or_insert_with(|| self.eval(&parts[if holds { 1 } else { 2 }], scope)).clone()
        })
    }

    /// The sides of a condition that [`Terraform::decided`] made.
    pub(super) fn branch(&self, condition: &Value, place: Span, side: &mut dyn FnMut(bool) -> Value) -> Value {
        match (&condition.node, condition.as_bool()) {
            (_, Some(holds)) => side(holds),
            (Node::Choice { .. }, _) if !self.step() => Self::budget(place),
            (Node::Choice { cond, then, else_ }, _) => {
                let (then, otherwise) = (self.branch(then, place, side), self.branch(else_, place, side));
                Value::choice(cond.clone(), then, otherwise, place)
            }
            (Node::Unknown(_), _) if self.fails(condition) => condition.clone(),
            _ => self.unknown(Reason::Expression(self.written(place).into()), place),
        }
    }

    /// A condition: true, false, or a choice between them under the name of what would decide it.
    pub(super) fn decided(&self, expr: &Expr, scope: &Scope) -> Value {
        self.enter(|| self.decide(expr, scope)).unwrap_or_else(|| Self::budget(expr.span))
    }

    fn decide(&self, expr: &Expr, scope: &Scope) -> Value {
        let place = expr.span;
        match &expr.kind {
            ExprKind::Not(inner) => {
                let inner = self.decided(inner, scope);
                self.branch(&inner, place, &mut |holds| Value::bool(!holds, place))
            }
            ExprKind::Binary(operator @ (Operator::And | Operator::Or), sides) => {
                let sides = [self.decided(&sides[0], scope), self.decided(&sides[1], scope)];
                let both = self.distribute(&sides, place, &|sides| self.compared(*operator, &sides[0], &sides[1], place));
                if matches!(both.node, Node::Unknown(Unknowns::BUDGET)) {
                    // More conditions than are told apart: they are one.
                    let whole = self.unknown(Reason::Expression(self.written(place).into()), place);
                    return self.two_sided(&whole, place, scope);
                }
                both
            }
            _ => {
                let value = self.eval(expr, scope);
                match &value.node {
                    // All that stands for a module stands at its call: there, expressions are told apart by what they say.
                    Node::Unknown(id) if scope.instance.module.stands_for_another() && !self.has_name(*id) => {
                        let said = self.unknown(Reason::Expression(super::remote::spelled(expr).into()), place);
                        self.two_sided(&said, place, scope)
                    }
                    _ => self.two_sided(&value, place, scope),
                }
            }
        }
    }

    fn has_name(&self, id: UnknownId) -> bool {
        !matches!(self.unknowns.reason(id), Reason::Expression(_) | Reason::Function(_) | Reason::FunctionOf { .. } | Reason::Budget)
    }

    fn two_sided(&self, value: &Value, written: Span, scope: &Scope) -> Value {
        match &value.node {
            Node::Unknown(id) if !self.fails(value) => {
                let (name, holds) = self.condition(*id, written, scope);
                Value::choice(name, Value::bool(holds, value.place), Value::bool(!holds, value.place), value.place)
            }
            Node::Choice { cond, then, else_ } => {
                let sides = self.enter(|| (self.two_sided(then, written, scope), self.two_sided(else_, written, scope)));
                match sides {
                    Some((then, otherwise)) => Value::choice(cond.clone(), then, otherwise, value.place),
                    None => Self::budget(value.place),
                }
            }
            _ => value.clone(),
        }
    }

    /// What a condition is called, and the side of that name on which it holds.
    fn condition(&self, unknown: UnknownId, written: Span, scope: &Scope) -> (Arc<str>, bool) {
        if let Some(positive) = self.negative.borrow().get(&unknown).copied() {
            return (self.condition_name(positive, written, scope), false);
        }
        (self.condition_name(unknown, written, scope), true)
    }

    /// The name that decides it, or the expression as it is written. One expression in several modules, or in several
    /// rounds of a loop, is several conditions.
    fn condition_name(&self, unknown: UnknownId, written: Span, scope: &Scope) -> Arc<str> {
        let text = match self.unknowns.reason(unknown) {
            Reason::Unset(name) => return Arc::from(&*name),
            reason @ Reason::Reference { .. } => return reason.to_string().into(),
            Reason::Expression(text) => text.into(),
            _ => self.written(written),
        };
        let mut name = text.clone();
        let prefix = scope.instance.prefix.trim_end_matches('.');
        if !prefix.is_empty() && !text.contains(prefix) {
            name.push_str(" in ");
            name.push_str(prefix);
        }
        for (bound, value) in scope.bound_in(&text) {
            if let Some(known) = self.called(&value) {
                name.extend([", ", &*bound, " being ", &*known]);
            }
        }
        name.into()
    }

    /// The value of `!x`.
    pub(super) fn not(&self, value: &Value, place: Span) -> Value {
        match (&value.node, value.as_bool()) {
            (_, Some(value)) => Value::bool(!value, place),
            (Node::Unknown(_), _) if self.fails(value) => value.clone(),
            (Node::Unknown(id), _) => {
                let known = self.negative.borrow().get(id).copied();
                Value::unknown(known.unwrap_or_else(|| self.opposite(*id, format!("!{}", self.unknowns.reason(*id)))), place)
            }
            _ => self.unknown(Reason::Expression(self.written(place).into()), place),
        }
    }

    fn opposite(&self, positive: UnknownId, name: String) -> UnknownId {
        let negative = self.unknowns.intern(Reason::Expression(name.into()));
        self.negative.borrow_mut().insert(negative, positive);
        negative
    }

    /// What an operator makes of two values, none of them a choice.
    pub(super) fn compared(&self, operator: Operator, left: &Value, right: &Value, place: Span) -> Value {
        if let Some(value) = binary(operator, left, right, place) {
            return value;
        }
        if let Some(failed) = [left, right].into_iter().find(|side| self.fails(side)) {
            return failed.clone();
        }
        let (Some(first), Some(second)) = (self.called(left), self.called(right)) else {
            return self.unknown(Reason::Expression(self.written(place).into()), place);
        };
        let name = |sign: &str| format!("{first} {sign} {second}");
        let id = match operator {
            Operator::Equal => self.same(&first, &second, left, right),
            Operator::NotEqual => self.opposite(self.same(&first, &second, left, right), name("!=")),
            _ => self.unknowns.intern(Reason::Expression(name(sign(operator)).into())),
        };
        Value::unknown(id, place)
    }

    /// The unknown that says that two values are the same.
    fn same(&self, first: &str, second: &str, left: &Value, right: &Value) -> UnknownId {
        let (name, value) = if matches!(left.node, Node::Unknown(_)) { (first, second) } else { (second, first) };
        let condition = format!("{name} == {value}");
        if matches!((&left.node, &right.node), (Node::Unknown(_), Node::Unknown(_))) {
            return self.unknowns.intern(Reason::Expression(condition.into()));
        }
        // A variable has one value: of what it equals, the rest follows.
        self.conditions.borrow_mut().equate(&condition, name, value);
        self.unknowns.intern(Reason::Expression(condition.into()))
    }

    /// A value as a condition names it.
    fn called(&self, value: &Value) -> Option<String> {
        let name = match &value.node {
            Node::Unknown(id) => match self.unknowns.reason(*id) {
                reason @ (Reason::Unset(_) | Reason::Reference { .. }) => reason.to_string(),
                _ => return None,
            },
            Node::Null => "null".to_owned(),
            Node::Text(text) if text.len() > MAX_NAME => return None,
            Node::Text(_) => format!("{:?}", value.as_text()?),
            _ => value.as_text()?.into_owned(),
        };
        (name.len() <= MAX_NAME).then_some(name)
    }

    /// Whether a value is an error in Terraform.
    pub(super) fn fails(&self, value: &Value) -> bool {
        matches!(&value.node, Node::Unknown(id) if matches!(self.unknowns.reason(*id), Reason::Failed(_)))
    }

    /// What a value is where Terraform does not refuse it: of a choice, the side that does not fail.
    pub(super) fn applicable(&self, value: Value) -> Value {
        if !self.steps_for(value.weight() as usize) || !self.may_fail(&value) {
            return value;
        }
        self.without_failures(&value)
    }

    /// Whether one side of a choice in it fails.
    fn may_fail(&self, value: &Value) -> bool {
        match &value.node {
            Node::Choice { then, else_, .. } => [then, else_].iter().any(|side| self.fails(side) || self.may_fail(side)),
            Node::List { items, .. } => items.iter().any(|item| self.may_fail(item)),
            Node::Map { entries, .. } => entries.iter().any(|entry| self.may_fail(&entry.value)),
            _ => false,
        }
    }

    fn without_failures(&self, value: &Value) -> Value {
        let made = match &value.node {
            Node::Choice { cond, then, else_ } => {
                let (then, otherwise) = (self.without_failures(then), self.without_failures(else_));
                match (self.fails(&then), self.fails(&otherwise)) {
                    (true, false) => return otherwise.carried(value.via.as_ref()),
                    (false, true) => return then.carried(value.via.as_ref()),
                    _ => Value::choice(cond.clone(), then, otherwise, value.place),
                }
            }
            Node::List { items, open } => Value::list(items.iter().map(|item| self.without_failures(item)).collect(), *open, value.place),
            Node::Map { entries, open } => {
                let entry = |entry: &Entry| Entry { value: self.without_failures(&entry.value), ..entry.clone() };
                Value::map(entries.iter().map(entry).collect(), *open, value.place)
            }
            _ => return value.clone(),
        };
        made.like(value)
    }

    /// What Terraform refuses, at `place`.
    pub(super) fn failed(&self, place: Span) -> Value {
        self.unknown(Reason::Failed(self.written(place).into()), place)
    }
}

pub(super) fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::LessOrEqual => "<=",
        Operator::GreaterOrEqual => ">=",
        Operator::Less => "<",
        Operator::Greater => ">",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::And => "&&",
        Operator::Or => "||",
    }
}

fn binary(operator: Operator, left: &Value, right: &Value, place: Span) -> Option<Value> {
    let bool = |value| Some(Value::bool(value, place));
    let numbers = || Some((left.as_number()?, right.as_number()?));
    let number = |value: f64| value.is_finite().then(|| Value::number(value, place));
    match operator {
        Operator::Equal => bool(equal(left, right)?),
        Operator::NotEqual => bool(!equal(left, right)?),
        Operator::And => match (left.as_bool(), right.as_bool()) {
            (Some(false), _) | (_, Some(false)) => bool(false),
            (Some(true), Some(true)) => bool(true),
            // What is left over decides.
            (Some(true), None) => Some(right.clone()),
            (None, Some(true)) => Some(left.clone()),
            (None, None) => None,
        },
        Operator::Or => match (left.as_bool(), right.as_bool()) {
            (Some(true), _) | (_, Some(true)) => bool(true),
            (Some(false), Some(false)) => bool(false),
            (Some(false), None) => Some(right.clone()),
            (None, Some(false)) => Some(left.clone()),
            (None, None) => None,
        },
        Operator::LessOrEqual => numbers().and_then(|(l, r)| bool(l <= r)),
        Operator::GreaterOrEqual => numbers().and_then(|(l, r)| bool(l >= r)),
        Operator::Less => numbers().and_then(|(l, r)| bool(l < r)),
        Operator::Greater => numbers().and_then(|(l, r)| bool(l > r)),
        Operator::Add => numbers().and_then(|(l, r)| number(l + r)),
        Operator::Subtract => numbers().and_then(|(l, r)| number(l - r)),
        Operator::Multiply => numbers().and_then(|(l, r)| number(l * r)),
        Operator::Divide => numbers().and_then(|(l, r)| number(l / r)),
        Operator::Remainder => numbers().and_then(|(l, r)| number(l % r)),
    }
}

/// Whether two values are the same; None where that is not known.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.node, &right.node) {
        (Node::Null, Node::Null) => Some(true),
        (Node::List { items: l, open: false }, Node::List { items: r, open: false }) => {
            if l.len() != r.len() {
                return Some(false);
            }
            all_same(l.iter().zip(r.iter()).map(|(l, r)| equal(l, r)))
        }
        (Node::Map { entries: l, open: false }, Node::Map { entries: r, open: false }) => {
            let (l, r) = (in_order(l), in_order(r));
            if l.len() != r.len() || l.iter().zip(&r).any(|(l, r)| l.key != r.key) {
                return Some(false);
            }
            all_same(l.iter().zip(&r).map(|(l, r)| equal(&l.value, &r.value)))
        }
        (Node::Unknown(_) | Node::Choice { .. }, _)
        | (_, Node::Unknown(_) | Node::Choice { .. })
        | (Node::List { .. }, Node::List { .. })
        | (Node::Map { .. }, Node::Map { .. }) => None,
        (Node::Null | Node::List { .. } | Node::Map { .. }, _) | (_, Node::Null | Node::List { .. } | Node::Map { .. })
        // Of different types, two values are not equal, whatever they print as.
        | (Node::Text(_), Node::Number(_) | Node::Bool(_))
        | (Node::Number(_) | Node::Bool(_), Node::Text(_)) => Some(false),
        _ => Some(left.as_text()? == right.as_text()?),
    }
}

/// One that differs is enough; one that is not known is not.
fn all_same(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for same in parts {
        match same {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}
