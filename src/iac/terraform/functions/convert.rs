//! Conversions between types, and functions that only mark a value.

use super::set::unified;
use super::{Call, Failure, Outcome, Table, refused, text};
use crate::iac::terraform::Terraform;
use crate::iac::terraform::expr::Scope;
use crate::iac::value::{Entry, in_order};
use crate::iac::{Node, Value};
use crate::syntax::hcl::{Expr, ExprKind};

pub(super) const TABLE: Table = &[
    // OpenTofu's assertions: what they are told is the value.
    ("assumeequal", |call| call.argument(1).cloned()),
    ("assumelistlength", |call| call.argument(0).cloned()),
    ("assumelistlengthmax", |call| call.argument(0).cloned()),
    ("assumelistlengthmin", |call| call.argument(0).cloned()),
    ("assumemaplength", |call| call.argument(0).cloned()),
    ("assumemaplengthmax", |call| call.argument(0).cloned()),
    ("assumemaplengthmin", |call| call.argument(0).cloned()),
    ("assumenotnull", |call| {
        let value = call.argument(0)?;
        if matches!(value.node, Node::Null) { Err(Failure::Failed) } else { Ok(value.clone()) }
    }),
    ("assumesetlength", |call| call.argument(0).cloned()),
    ("assumesetlengthmax", |call| call.argument(0).cloned()),
    ("assumesetlengthmin", |call| call.argument(0).cloned()),
    ("assumestringprefix", |call| call.argument(0).cloned()),
    ("defaults", |call| defaults(call.argument(0)?, call.argument(1)?)),
    // What is ephemeral is not told by a value; what it holds, where it is not, is the value.
    ("ephemeralasnull", |call| call.argument(0).cloned()),
    ("nonsensitive", |call| call.argument(0).cloned()),
    ("sensitive", |call| call.argument(0).cloned()),
    ("tobool", |call| primitive(call, &Type::Bool)),
    ("tolist", |call| {
        let value = call.argument(0)?;
        if matches!(value.node, Node::Null | Node::Unknown(_)) {
            return Ok(value.clone());
        }
        let (items, open) = call.list(0)?;
        call.items(unified(items), open)
    }),
    ("tomap", |call| {
        let value = call.argument(0)?;
        if matches!(value.node, Node::Null | Node::Unknown(_)) {
            return Ok(value.clone());
        }
        let (entries, open) = call.map(0)?;
        let values = unified(entries.iter().map(|entry| entry.value.clone()).collect());
        let entries = entries.into_iter().zip(values).map(|(entry, value)| Entry { value, ..entry }).collect();
        Ok(Value::map(entries, open, value.place))
    }),
    ("tonumber", |call| primitive(call, &Type::Number)),
    ("tostring", |call| primitive(call, &Type::Text)),
];

fn primitive(call: &Call<'_>, wanted: &Type) -> Outcome {
    to(call.argument(0)?, wanted, call.terraform, 0)
}

/// A type as it is written, for `convert`.
pub(super) enum Type {
    Any,
    Text,
    Number,
    Bool,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    /// Attributes, each with what it is where it is left out: None where it must be there.
    Object(Vec<(Box<str>, Type, Option<Value>)>),
}

/// Types in types.
const MAX_NESTING: usize = 32;

impl Type {
    /// None where it is no type.
    pub fn of(expr: &Expr, terraform: &Terraform<'_>, scope: &Scope, depth: usize) -> Option<Type> {
        if depth > MAX_NESTING || !terraform.step() {
            return None;
        }
        let inner = |expr: &Expr| Type::of(expr, terraform, scope, depth + 1);
        match &expr.kind {
            ExprKind::Reference(name, steps) if steps.is_empty() => match &**name {
                "any" => Some(Type::Any),
                "string" => Some(Type::Text),
                "number" => Some(Type::Number),
                "bool" => Some(Type::Bool),
                "list" => Some(Type::List(Box::new(Type::Any))),
                "set" => Some(Type::Set(Box::new(Type::Any))),
                "map" => Some(Type::Map(Box::new(Type::Any))),
                _ => None,
            },
            ExprKind::Call { name, arguments, expand: false } => match (&**name, arguments.as_slice()) {
                ("list", [item]) => Some(Type::List(Box::new(inner(item)?))),
                ("set", [item]) => Some(Type::Set(Box::new(inner(item)?))),
                ("map", [item]) => Some(Type::Map(Box::new(inner(item)?))),
                ("tuple", [Expr { kind: ExprKind::List(items), .. }]) => Some(Type::Tuple(items.iter().map(inner).collect::<Option<_>>()?)),
                ("object", [Expr { kind: ExprKind::Object(entries), .. }]) => {
                    let attribute = |(key, of): &(Expr, Expr)| {
                        let name = Box::from(&*key.literal()?.to_str());
                        let (of, missing) = match &of.kind {
                            ExprKind::Call { name, arguments, .. } if &**name == "optional" => {
                                let default = arguments.get(1).map(|default| terraform.eval(default, scope));
                                (arguments.first()?, Some(default.unwrap_or_else(|| Value::null(of.span))))
                            }
                            _ => (of, None),
                        };
                        Some((name, inner(of)?, missing))
                    };
                    Some(Type::Object(entries.iter().map(attribute).collect::<Option<_>>()?))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// A value as one of a type. What is unknown stays so.
pub(super) fn to(value: &Value, wanted: &Type, terraform: &Terraform<'_>, depth: usize) -> Outcome {
    if depth > MAX_NESTING || !terraform.step() {
        return Err(Failure::Budget);
    }
    let carried = |made: Value| made.carried(value.via.as_ref());
    let inner = |value: &Value, wanted: &Type| to(value, wanted, terraform, depth + 1);
    match (&value.node, wanted) {
        (Node::Unknown(_) | Node::Null, _) | (_, Type::Any) | (Node::Bool(_), Type::Bool) | (Node::Number(_), Type::Number) => {
            Ok(value.clone())
        }
        (Node::Choice { cond, then, else_ }, _) => {
            Ok(carried(Value::choice(cond.clone(), inner(then, wanted)?, inner(else_, wanted)?, value.place)))
        }
        (_, Type::Text) => match text::of(value)? {
            std::borrow::Cow::Borrowed(_) => Ok(value.clone()),
            std::borrow::Cow::Owned(text) => Ok(carried(Value::text(text, value.place))),
        },
        (Node::Text(_), Type::Bool) => value.as_bool().map(|truth| carried(Value::bool(truth, value.place))).ok_or_else(|| refused(value)),
        (Node::Text(_), Type::Number) => {
            value.as_number().map(|number| carried(Value::number(number, value.place))).ok_or_else(|| refused(value))
        }
        (Node::List { items, open }, Type::List(item) | Type::Set(item)) => {
            let items = items.iter().map(|value| inner(value, item)).collect::<Outcome<Vec<_>>>()?;
            Ok(carried(Value::list(unified(items), *open, value.place)))
        }
        (Node::List { items, open: false }, Type::Tuple(types)) if items.len() == types.len() => {
            let items = items.iter().zip(types).map(|(value, wanted)| inner(value, wanted)).collect::<Outcome<Vec<_>>>()?;
            Ok(carried(Value::list(items, false, value.place)))
        }
        (Node::Map { entries, open }, Type::Map(item)) => {
            let entry = |entry: &Entry| Ok(Entry { value: inner(&entry.value, item)?, ..entry.clone() });
            let entries = in_order(entries).into_iter().map(entry).collect::<Outcome<Vec<_>>>()?;
            Ok(carried(Value::map(entries, *open, value.place)))
        }
        (Node::Map { entries, open }, Type::Object(attributes)) => {
            let mut made = Vec::with_capacity(attributes.len());
            for (name, wanted, missing) in attributes {
                let given = entries.iter().rev().find(|entry| *entry.key == **name);
                let absent = given.is_none_or(|given| matches!(given.value.node, Node::Null));
                let entry = match (given, missing) {
                    (Some(given), Some(default)) if absent && !matches!(default.node, Node::Null) => {
                        Entry { value: default.clone(), ..given.clone() }
                    }
                    (Some(given), _) => given.clone(),
                    (None, Some(default)) if !*open => Entry { key: (**name).into(), key_place: value.place, value: default.clone() },
                    (None, _) if *open => continue,
                    _ => return Err(Failure::Failed),
                };
                made.push(Entry { value: inner(&entry.value, wanted)?, ..entry });
            }
            Ok(carried(Value::map(made, *open, value.place)))
        }
        _ => Err(refused(value)),
    }
}

/// What is null or not there of a value, filled in: an experiment of Terraform's that is gone, and still written.
fn defaults(value: &Value, given: &Value) -> Outcome {
    match (&value.node, &given.node) {
        (Node::Unknown(_) | Node::Choice { .. }, _) | (_, Node::Unknown(_) | Node::Choice { .. }) => Err(Failure::Unknown),
        (Node::Null, _) => Ok(given.clone()),
        (Node::Map { entries, open }, Node::Map { entries: others, .. }) => {
            let mut made: Vec<Entry> = in_order(entries).into_iter().cloned().collect();
            for other in in_order(others) {
                match made.iter_mut().find(|entry| entry.key == other.key) {
                    Some(entry) => entry.value = defaults(&entry.value, &other.value)?,
                    None => made.push(other.clone()),
                }
            }
            Ok(Value::map(made, *open, value.place))
        }
        (Node::List { items, open }, Node::Map { .. }) => {
            let items = items.iter().map(|item| defaults(item, given)).collect::<Outcome<Vec<_>>>()?;
            Ok(Value::list(items, *open, value.place))
        }
        _ => Ok(value.clone()),
    }
}
