//! Functions that look at expressions and not only at values: `try` and `can` ask whether one fails, `convert` reads a
//! type, `issensitive` asks how a value was made.

use super::convert;
use crate::base::span::Span;
use crate::iac::terraform::Terraform;
use crate::iac::terraform::expr::Scope;
use crate::iac::{Node, Reason, Value};
use crate::syntax::hcl::{Expr, ExprKind, Part};

impl Terraform<'_> {
    /// The call of a function that is not given all of its arguments' values; None where it is not one of these.
    pub(super) fn lazy(&self, name: &str, arguments: &[Expr], expand: bool, place: Span, scope: &Scope) -> Option<Value> {
        if expand {
            return None;
        }
        let unknown = || self.unknown(Reason::Function(name.into()), place);
        let failed = || self.unknown(Reason::Failed(format!("{name}()").into()), place);
        Some(match (name, arguments) {
            ("try", [_, ..]) => self.attempt(arguments, place, scope),
            ("can", [argument]) => {
                let value = self.eval(argument, scope);
                self.can(&value, place)
            }
            ("convert", [argument, constraint]) => {
                let value = self.eval(argument, scope);
                self.distribute(&[value], place, &|values| match convert::Type::of(constraint, self, scope, 0) {
                    Some(wanted) => convert::to(&values[0], &wanted, self, 0).unwrap_or_else(|_| failed()),
                    None => unknown(),
                })
            }
            ("issensitive", [argument]) => match &argument.kind {
                ExprKind::Call { name, .. } if &**name == "sensitive" => Value::bool(true, place),
                ExprKind::Number(_) | ExprKind::Bool(_) => Value::bool(false, place),
                ExprKind::Template(parts) if parts.iter().all(|part| matches!(part, Part::Literal(_))) => Value::bool(false, place),
                // Whether a variable is marked is asked nowhere else, and values carry no marks.
                _ => unknown(),
            },
            _ => return None,
        })
    }

    /// The first argument whose evaluation does not fail. What is only not known does not fail.
    fn attempt(&self, arguments: &[Expr], place: Span, scope: &Scope) -> Value {
        let Some((first, rest)) = arguments.split_first() else {
            return self.unknown(Reason::Failed("try()".into()), place);
        };
        let value = self.eval(first, scope);
        self.settled(value, rest, place, scope)
    }

    fn settled(&self, value: Value, rest: &[Expr], place: Span, scope: &Scope) -> Value {
        if let Node::Choice { cond, then, else_ } = &value.node {
            let side = |side: &Value| self.enter(|| self.settled(side.clone().carried(value.via.as_ref()), rest, place, scope));
            let (then, otherwise) = (side(then), side(else_));
            let or_budget = |side: Option<Value>| side.unwrap_or_else(|| Self::budget(place));
            return Value::choice(cond.clone(), or_budget(then), or_budget(otherwise), place);
        }
        if self.fails_within(&value) { self.attempt(rest, place, scope) } else { value }
    }

    fn can(&self, value: &Value, place: Span) -> Value {
        match &value.node {
            Node::Choice { cond, then, else_ } => Value::choice(cond.clone(), self.can(then, place), self.can(else_, place), place),
            Node::Unknown(id) if !self.fails_within(value) => match self.unknowns.reason(*id) {
                // What the source does not tell has some value all the same when it is deployed.
                Reason::Unset(_) | Reason::Reference { .. } => Value::bool(true, place),
                _ => self.unknown(Reason::Function("can".into()), place),
            },
            _ => Value::bool(!self.fails_within(value), place),
        }
    }

    /// Whether an expression with this value fails in Terraform, or what it is made of does.
    fn fails_within(&self, value: &Value) -> bool {
        self.steps_for(value.weight() as usize) && self.holds_failure(value)
    }

    fn holds_failure(&self, value: &Value) -> bool {
        let failed = |id| matches!(self.unknowns.reason(id), Reason::Failed(_));
        match &value.node {
            Node::Unknown(id) => failed(*id),
            Node::Text(text) => text.holes().any(failed),
            Node::List { items, .. } => items.iter().any(|item| self.holds_failure(item)),
            Node::Map { entries, .. } => entries.iter().any(|entry| self.holds_failure(&entry.value)),
            _ => false,
        }
    }
}
