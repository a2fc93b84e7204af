//! Expressions. Each either has a value, or is unknown for a reason; nothing fails.

use std::rc::Rc;

use super::Terraform;
use super::elements::Elements;
use super::instance::Instance;
use crate::base::span::Span;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Unknowns, Value};
use crate::syntax::hcl::{Expr, ExprKind, For};

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

    /// What is bound under a name that stands in a text, the innermost first: a few, and only what is known.
    pub fn bound_in(&self, text: &str) -> Vec<(Box<str>, Value)> {
        let frames = std::iter::successors(self.frame.as_ref(), |frame| frame.up.as_ref());
        let names = frames.flat_map(|frame| &frame.names).filter(|(name, _)| text.contains(&**name));
        names.take(4).map(|(name, value)| (name.clone(), value.clone())).collect()
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
        if nesting >= self.most_nesting || !self.step() {
            self.cut.set(true);
            return None;
        }
        self.nesting.set(nesting + 1);
        let value = evaluate();
        self.nesting.set(nesting);
        Some(value)
    }

    pub(super) fn eval(&self, expr: &Expr, scope: &Scope) -> Value {
        let value = self.enter(|| self.expr(expr, scope)).unwrap_or_else(|| Self::budget(expr.span));
        self.limited(&value);
        value
    }

    /// Whatever limit a value met, it is told.
    pub(super) fn limited(&self, value: &Value) {
        if matches!(value.node, Node::Unknown(Unknowns::BUDGET)) {
            self.cut.set(true);
        }
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
                self.distribute(&[value], place, &|values| self.not(&values[0], place))
            }
            ExprKind::Negative(inner) => {
                let value = self.eval(inner, scope);
                self.distribute(&[value], place, &|values| match values[0].as_number() {
                    Some(number) => Value::number(-number, place),
                    None if self.fails(&values[0]) => values[0].clone(),
                    None => self.unknown(Reason::Expression(self.written(place).into()), place),
                })
            }
            ExprKind::Binary(operator, sides) => {
                let sides = [self.eval(&sides[0], scope), self.eval(&sides[1], scope)];
                self.distribute(&sides, place, &|sides| self.compared(*operator, &sides[0], &sides[1], place))
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

    fn for_each(&self, each: &For, collection: &Value, place: Span, scope: &Scope) -> Value {
        let Some(Elements { all: pairs, mut open }) = self.elements(collection) else {
            if self.fails(collection) {
                return collection.clone();
            }
            return self.unknown(Reason::Expression(self.written(place).into()), place);
        };
        if !self.may_make(pairs.len() * size_of::<Value>()) {
            return Self::budget(place);
        }
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            if !self.step() {
                return Self::budget(place);
            }
            let mut names = vec![(each.value.clone(), value)];
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
