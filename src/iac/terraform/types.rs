//! Type constraints: what a variable makes of the value that it is given. Not a check: what does not fit stays as it is.

use std::collections::HashSet;

use super::Terraform;
use super::expr::Scope;
use crate::base::text_map::Text;
use crate::iac::value::{Entries, Entry};
use crate::iac::{Node, Value};
use crate::syntax::hcl::{self, Expr, ExprKind};

impl Terraform<'_> {
    /// A value as a variable of a type holds it: converted, its optional attributes filled in, others dropped.
    pub(super) fn convert(&self, value: Value, wanted: &Expr, scope: &Scope) -> Value {
        let place = value.place;
        self.enter(|| self.converted(value, wanted, scope)).unwrap_or_else(|| Self::budget(place))
    }

    fn converted(&self, value: Value, wanted: &Expr, scope: &Scope) -> Value {
        if let Node::Choice { cond, then, else_ } = &value.node {
            let side = |side: &Value| self.convert(side.clone(), wanted, scope);
            return Value::choice(cond.clone(), side(then), side(else_), value.place).like(&value);
        }
        if matches!(value.node, Node::Null | Node::Unknown(_)) {
            return value;
        }
        match &wanted.kind {
            ExprKind::Reference(name, steps) if steps.is_empty() => primitive(value, name),
            ExprKind::Call { name, arguments, .. } => match (&**name, arguments.as_slice()) {
                ("list" | "set" | "map" | "object" | "tuple", [inner]) => self.collection(value, name, inner, scope),
                ("optional", [inner, ..]) => self.convert(value, inner, scope),
                _ => value,
            },
            // In JSON, and in the oldest sources, a type is text.
            ExprKind::Template(_) => match wanted.literal().map(Text::to_str) {
                Some(name) if name.contains('(') => {
                    let parsed = hcl::parse_at(&format!("type = {name}\n"), wanted.span).body;
                    match parsed.attribute("type") {
                        Some(attribute) if !matches!(attribute.value.kind, ExprKind::Template(_)) => {
                            self.convert(value, &attribute.value, scope)
                        }
                        _ => value,
                    }
                }
                Some(name) => primitive(value, &name),
                None => value,
            },
            _ => value,
        }
    }

    fn collection(&self, value: Value, name: &str, inner: &Expr, scope: &Scope) -> Value {
        match (&value.node, name, &inner.kind) {
            (Node::List { items, open }, "list" | "set", _) => {
                let items = items.iter().map(|item| self.convert(item.clone(), inner, scope));
                let mut seen = HashSet::new();
                let once = |item: &Value| item.as_text().is_none_or(|text| seen.insert(text.into_owned()));
                let items = if name == "set" { items.filter(once).collect() } else { items.collect() };
                Value::list(items, *open, value.place).like(&value)
            }
            (Node::List { items, open }, "tuple", ExprKind::List(types)) => {
                let one = |(at, item): (usize, &Value)| match types.get(at) {
                    Some(wanted) => self.convert(item.clone(), wanted, scope),
                    None => item.clone(),
                };
                Value::list(items.iter().enumerate().map(one).collect(), *open, value.place).like(&value)
            }
            (Node::Map { entries, open }, "map", _) => {
                let one = |entry: &Entry| Entry { value: self.convert(entry.value.clone(), inner, scope), ..entry.clone() };
                Value::map(entries.iter().map(one).collect(), *open, value.place).like(&value)
            }
            (Node::Map { entries, open }, "object", ExprKind::Object(types)) => self.object_of(&value, entries, *open, types, scope),
            _ => value,
        }
    }

    /// What an object's type does not name is dropped; what it makes optional is there all the same.
    fn object_of(&self, value: &Value, entries: &Entries, open: bool, types: &[(Expr, Expr)], scope: &Scope) -> Value {
        let mut made = Vec::with_capacity(types.len());
        for (name, wanted) in types {
            let Some(name) = name.literal().map(Text::to_str) else { continue };
            let default = match &wanted.kind {
                ExprKind::Call { name, arguments, .. } if **name == *"optional" => Some((arguments.first(), arguments.get(1))),
                _ => None,
            };
            match (entries.named(&name), default) {
                // Null is as good as nothing where there is a default.
                (Some(entry), Some((_, Some(_)))) if matches!(entry.value.node, Node::Null) => {}
                (Some(entry), _) => {
                    made.push(Entry { value: self.convert(entry.value.clone(), wanted, scope), ..entry.clone() });
                    continue;
                }
                (None, _) => {}
            }
            // Of an object that may hold more, it may be there.
            let Some((inner, default)) = default.filter(|_| !open) else { continue };
            let missing = match (default, inner) {
                (Some(default), Some(inner)) => self.convert(self.eval(default, scope), inner, scope),
                _ => Value::null(wanted.span),
            };
            made.push(Entry { key: name.as_ref().into(), key_place: wanted.span, value: missing });
        }
        Value::map(made, open, value.place).like(value)
    }
}

fn primitive(value: Value, name: &str) -> Value {
    let made = match (name, &value.node) {
        ("string", Node::Bool(_) | Node::Number(_)) => {
            value.as_text().map(|text| Value::text(Text::within(text.as_bytes(), value.place), value.place))
        }
        ("number", Node::Text(_)) => value.as_number().map(|number| Value::number(number, value.place)),
        ("bool", Node::Text(_)) => value.as_bool().map(|holds| Value::bool(holds, value.place)),
        _ => None,
    };
    made.map_or_else(|| value.clone(), |made| made.like(&value))
}

/// Whether text from outside is the value of a variable of this type as it stands, and not an expression.
pub(super) fn takes_text(wanted: Option<&Expr>) -> bool {
    match wanted.map(|wanted| (&wanted.kind, wanted.literal())) {
        Some((ExprKind::Call { .. }, _)) => false,
        Some((ExprKind::Reference(name, _), _)) => matches!(&**name, "string" | "number" | "bool" | "any"),
        Some((_, Some(name))) => !name.to_str().contains('(') && !matches!(name.bytes(), b"list" | b"map"),
        _ => true,
    }
}
