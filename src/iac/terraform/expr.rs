//! Expressions. Each either has a value, or is unknown for a reason; nothing fails.

use std::rc::Rc;

use super::instance::Instance;
use super::{MAX_NESTING, Terraform};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Value};
use crate::syntax::hcl::{Expr, ExprKind, For, Operator};

/// Names and their values.
pub(super) type Bound = Vec<(Box<str>, Value)>;

/// Where an expression stands: its module, and what is bound around it.
#[derive(Clone)]
pub(super) struct Scope {
    pub instance: Rc<Instance>,
    frame: Option<Rc<Frame>>,
}

struct Frame {
    names: Bound,
    up: Option<Rc<Frame>>,
}

impl Scope {
    pub fn of(instance: &Rc<Instance>) -> Scope {
        Scope { instance: instance.clone(), frame: None }
    }

    pub fn bind(&self, names: Bound) -> Scope {
        if names.is_empty() {
            return self.clone();
        }
        Scope { instance: self.instance.clone(), frame: Some(Rc::new(Frame { names, up: self.frame.clone() })) }
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        let mut frame = self.frame.as_ref();
        while let Some(this) = frame {
            if let Some((_, value)) = this.names.iter().find(|(bound, _)| **bound == *name) {
                return Some(value.clone());
            }
            frame = this.up.as_ref();
        }
        None
    }
}

impl Terraform<'_> {
    /// Runs what nests; None where it would nest too deep.
    pub(super) fn enter<T>(&self, evaluate: impl FnOnce() -> T) -> Option<T> {
        let nesting = self.nesting.get();
        if nesting >= MAX_NESTING || !self.step() {
            return None;
        }
        self.nesting.set(nesting + 1);
        let value = evaluate();
        self.nesting.set(nesting);
        Some(value)
    }

    pub(super) fn eval(&self, expr: &Expr, scope: &Scope) -> Value {
        self.enter(|| self.expr(expr, scope)).unwrap_or_else(|| Self::budget(expr.span))
    }

    fn expr(&self, expr: &Expr, scope: &Scope) -> Value {
        let place = expr.span;
        match &expr.kind {
            ExprKind::Null => Value::null(place),
            ExprKind::Bool(value) => Value::bool(*value, place),
            ExprKind::Number(value) => Value::number(*value, place),
            ExprKind::Template(parts) => self.template(parts, place, scope),
            ExprKind::List(items) => Value::list(items.iter().map(|item| self.eval(item, scope)).collect(), false, place),
            ExprKind::Object(entries) => self.object(entries, place, scope),
            ExprKind::Reference(name, steps) => self.reference(name, steps, place, scope),
            ExprKind::Traversal(root, steps) => self.take(self.eval(root, scope), steps, place, scope),
            ExprKind::Conditional(parts) => self.conditional(parts, place, scope),
            ExprKind::Call { name, arguments, expand } => self.call(name, arguments, *expand, place, scope),
            ExprKind::Not(inner) => {
                let value = self.eval(inner, scope);
                self.distribute(&[value], place, &|values| match values[0].as_bool() {
                    Some(value) => Value::bool(!value, place),
                    None => self.unknown(Reason::Expression(self.written(place).into()), place),
                })
            }
            ExprKind::Negative(inner) => match self.eval(inner, scope).as_number() {
                Some(number) => Value::number(-number, place),
                None => self.unknown(Reason::Expression(self.written(place).into()), place),
            },
            ExprKind::Binary(operator, sides) => {
                let sides = [self.eval(&sides[0], scope), self.eval(&sides[1], scope)];
                self.distribute(&sides, place, &|sides| {
                    binary(*operator, &sides[0], &sides[1], place)
                        .unwrap_or_else(|| self.unknown(Reason::Expression(self.written(place).into()), place))
                })
            }
            ExprKind::For(each) => {
                let collection = self.eval(&each.collection, scope);
                self.distribute(&[collection], place, &|values| self.for_each(each, &values[0], place, scope))
            }
        }
    }

    fn object(&self, entries: &[(Expr, Expr)], place: Span, scope: &Scope) -> Value {
        let mut open = false;
        let mut known = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let value = self.eval(value, scope);
            match self.eval(key, scope).as_text() {
                Some(name) => known.push(Entry { key: name.into(), key_place: key.span, value }),
                None => open = true,
            }
        }
        Value::map(known, open, place)
    }

    fn conditional(&self, parts: &[Expr; 3], place: Span, scope: &Scope) -> Value {
        let condition = self.eval(&parts[0], scope);
        self.branch(&condition, parts, place, scope)
    }

    fn branch(&self, condition: &Value, parts: &[Expr; 3], place: Span, scope: &Scope) -> Value {
        match (&condition.node, condition.as_bool()) {
            (_, Some(true)) => self.eval(&parts[1], scope),
            (_, Some(false)) => self.eval(&parts[2], scope),
            (Node::Choice { cond, then, else_ }, _) => self
                .enter(|| {
                    let (then, otherwise) = (self.branch(then, parts, place, scope), self.branch(else_, parts, place, scope));
                    Value::choice(cond.clone(), then, otherwise, place)
                })
                .unwrap_or_else(|| Self::budget(place)),
            (Node::Unknown(id), _) => {
                let cond = self.condition(*id, parts[0].span);
                // `!x ? a : b` is `x ? b : a`, so that both spellings are one condition.
                let (cond, swap) = match cond.strip_prefix('!') {
                    Some(rest) => (rest.trim().into(), true),
                    None => (cond, false),
                };
                let (then, otherwise) = (self.eval(&parts[1], scope), self.eval(&parts[2], scope));
                if swap { Value::choice(cond, otherwise, then, place) } else { Value::choice(cond, then, otherwise, place) }
            }
            _ => self.unknown(Reason::Expression(self.written(place).into()), place),
        }
    }

    fn for_each(&self, each: &For, collection: &Value, place: Span, scope: &Scope) -> Value {
        let text = |key: &str, place| Value::text(Text::within(key.as_bytes(), place), place);
        let (pairs, mut open): (Vec<(Value, Value)>, bool) = match &collection.node {
            #[expect(clippy::cast_precision_loss, reason = "an index of a list")]
            Node::List { items, open } => {
                (items.iter().enumerate().map(|(n, item)| (Value::number(n as f64, item.place), item.clone())).collect(), *open)
            }
            Node::Map { entries, open } => (entries.iter().map(|e| (text(&e.key, e.key_place), e.value.clone())).collect(), *open),
            _ => return self.unknown(Reason::Expression(self.written(place).into()), place),
        };
        if !self.may_make(pairs.len() * size_of::<Value>()) {
            return Self::budget(place);
        }
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            if !self.step() {
                return Self::budget(place);
            }
            let mut names = vec![(each.value.clone(), value.carried(collection.via.as_ref()))];
            names.extend(each.key.clone().map(|name| (name, key)));
            let inner = scope.bind(names);
            match each.condition.as_ref().map(|condition| self.eval(condition, &inner).as_bool()) {
                Some(Some(false)) => continue,
                Some(None) => {
                    open = true;
                    continue;
                }
                Some(Some(true)) | None => {}
            }
            let value = self.eval(&each.value_of, &inner);
            match &each.key_of {
                None => items.push(value),
                Some(key) => match self.eval(key, &inner).as_text() {
                    Some(name) => entries.push(Entry { key: name.into(), key_place: key.span, value }),
                    None => open = true,
                },
            }
        }
        if each.key_of.is_none() {
            return Value::list(items, open, place);
        }
        if each.grouping {
            entries = grouped(entries, place);
        }
        Value::map(entries, open, place)
    }
}

fn grouped(entries: Vec<Entry>, place: Span) -> Vec<Entry> {
    let mut groups: std::collections::BTreeMap<std::sync::Arc<str>, (Span, Vec<Value>)> = std::collections::BTreeMap::new();
    for entry in entries {
        groups.entry(entry.key).or_insert((entry.key_place, Vec::new())).1.push(entry.value);
    }
    groups.into_iter().map(|(key, (key_place, items))| Entry { key, key_place, value: Value::list(items, false, place) }).collect()
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
        (Node::Unknown(_), _) | (_, Node::Unknown(_)) => None,
        (Node::Null, _) | (_, Node::Null) => Some(false),
        (Node::List { items: l, open: false }, Node::List { items: r, open: false }) => {
            if l.len() != r.len() {
                return Some(false);
            }
            l.iter().zip(r.iter()).map(|(l, r)| equal(l, r)).try_fold(true, |all, same| same.map(|same| all && same))
        }
        _ => Some(left.as_text()? == right.as_text()?),
    }
}
