//! The functions of the language, in groups. One that is in no table makes an unknown that names it, as does one whose
//! result is not the same every time: the time, random numbers.

mod collection;
mod convert;
mod decode;
mod encode;
mod filesystem;
mod format;
mod hash;
mod lazy;
mod network;
mod numeric;
mod printed;
mod provider;
mod regex;
mod set;
mod string;
mod template;
mod text;
mod time;

use std::borrow::Cow;
use std::sync::Arc;

use super::Terraform;
use super::expr::Scope;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::{Entry, Via, distribute_by, in_order};
use crate::iac::{Node, Reason, Value};
use crate::syntax::hcl::Expr;

pub(super) use regex::Patterns;

/// What a function is given: its arguments, none of which is a choice.
pub(super) struct Call<'c> {
    pub terraform: &'c Terraform<'c>,
    /// Where the call stands: what paths are relative to.
    pub scope: &'c Scope,
    pub arguments: &'c [Value],
    pub place: Span,
}

/// Why a call has no value.
pub(super) enum Failure {
    /// The arguments do not tell.
    Unknown,
    /// Terraform refuses the arguments.
    Failed,
    /// It takes too much.
    Budget,
    Because(Reason),
}

type Outcome<T = Value> = Result<T, Failure>;
type Function = fn(&Call<'_>) -> Outcome;
type Table = &'static [(&'static str, Function)];

const TABLES: &[Table] = &[
    collection::TABLE,
    convert::TABLE,
    decode::TABLE,
    encode::TABLE,
    filesystem::TABLE,
    format::TABLE,
    hash::TABLE,
    network::TABLE,
    numeric::TABLE,
    provider::TABLE,
    regex::TABLE,
    set::TABLE,
    string::TABLE,
    template::TABLE,
    time::TABLE,
];

/// Functions that look into the items of lists, and those that look at all there is in their arguments: a choice there
/// makes the result one.
const OF_ITEMS: &[&str] = &[
    "alltrue",
    "anytrue",
    "chunklist",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "distinct",
    "flatten",
    "format",
    "formatlist",
    "index",
    "join",
    "matchkeys",
    "setintersection",
    "setproduct",
    "setsubtract",
    "setunion",
    "sort",
    "sum",
    "toset",
    "zipmap",
];
const OF_ALL: &[&str] =
    &["jsonencode", "provider::terraform::encode_expr", "provider::terraform::encode_tfvars", "transpose", "yamlencode"];

/// Where it is looked for why a function is not evaluated: lists in lists, and items of each.
const MAX_CAUSE: u8 = 2;
const MAX_LOOKED_AT: usize = 8;
/// The longest name of what a function is not evaluated for, in bytes.
const MAX_NAME: usize = 200;

/// Bytes that one call may make.
const MAX_CALL: usize = 16 << 20;

impl Call<'_> {
    fn argument(&self, at: usize) -> Outcome<&Value> {
        self.arguments.get(at).ok_or(Failure::Failed)
    }

    /// An argument that is text or converts to it, with its places and its holes.
    fn text(&self, at: usize) -> Outcome<Cow<'_, Text>> {
        text::of(self.argument(at)?)
    }

    /// An argument that is text and known in full.
    fn known(&self, at: usize) -> Outcome<Cow<'_, Text>> {
        let text = self.text(at)?;
        if text.holes().next().is_some() { Err(Failure::Unknown) } else { Ok(text) }
    }

    fn word(&self, at: usize) -> Outcome<String> {
        self.known(at).map(|text| text.to_str().into_owned())
    }

    fn number(&self, at: usize) -> Outcome<f64> {
        let value = self.argument(at)?;
        value.as_number().ok_or_else(|| refused(value))
    }

    /// A whole number.
    fn integer(&self, at: usize) -> Outcome<i64> {
        whole(self.number(at)?).ok_or(Failure::Failed)
    }

    /// The items of a list or set, and whether there may be more.
    fn list(&self, at: usize) -> Outcome<(Vec<Value>, bool)> {
        let value = self.argument(at)?;
        match &value.node {
            Node::List { items, open } => Ok((self.items_of(items, value)?, *open)),
            _ => Err(refused(value)),
        }
    }

    /// An argument that is not known at all: what only arranges it, or converts it, leaves it as unknown as it is.
    fn unknown(&self, at: usize) -> Option<Value> {
        self.arguments.get(at).filter(|value| matches!(value.node, Node::Unknown(_))).cloned()
    }

    fn items_of(&self, items: &[Value], outer: &Value) -> Outcome<Vec<Value>> {
        self.make(items.len())?;
        Ok(items.iter().map(|item| item.clone().carried(outer.via.as_ref())).collect())
    }

    /// The items of a list that are all there are.
    fn whole_list(&self, at: usize) -> Outcome<Vec<Value>> {
        let (items, open) = self.list(at)?;
        if open { Err(Failure::Unknown) } else { Ok(items) }
    }

    /// The entries of a map in the order of their keys, and whether there may be more.
    fn map(&self, at: usize) -> Outcome<(Vec<Entry>, bool)> {
        let value = self.argument(at)?;
        let Node::Map { entries, open } = &value.node else { return Err(refused(value)) };
        self.make(entries.len())?;
        let entry = |entry: &Entry| Entry { value: entry.value.clone().carried(value.via.as_ref()), ..entry.clone() };
        Ok((in_order(entries).into_iter().map(entry).collect(), *open))
    }

    /// Asks for room for so many values.
    fn make(&self, values: usize) -> Outcome<()> {
        self.room(values.saturating_mul(size_of::<Value>()))
    }

    /// Asks for room for so many bytes, before they are there.
    fn room(&self, bytes: usize) -> Outcome<()> {
        // One call that asks for more than any other needs does not take the room of the rest.
        if bytes > MAX_CALL {
            self.terraform.cut.set(true);
            return Err(Failure::Budget);
        }
        if self.terraform.may_make(bytes) { Ok(()) } else { Err(Failure::Budget) }
    }

    /// Text that a function made of an argument: it stands where that stands, and came the same way.
    fn made(&self, text: Text, of: usize) -> Value {
        let (place, via) = self.arguments.get(of).map_or((self.place, None), |value| (value.place, value.via.as_ref()));
        Value::text(text, place).carried(via)
    }

    /// Text that stands where the call stands, or where the argument does that it was computed from.
    fn computed(&self, text: &str, of: usize) -> Value {
        let place = self.arguments.get(of).map_or(self.place, |value| value.place);
        self.made(Text::within(text.as_bytes(), place), of)
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a function in a table gives")]
    fn truth(&self, value: bool) -> Outcome {
        Ok(Value::bool(value, self.place))
    }

    fn count(&self, number: usize) -> Outcome {
        #[expect(clippy::cast_precision_loss, reason = "a count of things in memory")]
        self.numeral(number as f64)
    }

    /// A number, unless it is none.
    fn numeral(&self, number: f64) -> Outcome {
        // There is no negative zero.
        if number.is_finite() { Ok(Value::number(number + 0.0, self.place)) } else { Err(Failure::Failed) }
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a function in a table gives")]
    fn items(&self, items: Vec<Value>, open: bool) -> Outcome {
        Ok(Value::list(items, open, self.place))
    }

    fn hole(&self, reason: &str) -> crate::base::ids::UnknownId {
        self.terraform.unknowns.intern(Reason::Expression(reason.into()))
    }
}

/// What it means that a value is not of the type that is wanted.
fn refused(value: &Value) -> Failure {
    match &value.node {
        Node::Unknown(_) | Node::Choice { .. } => Failure::Unknown,
        Node::Text(text) if text.holes().next().is_some() => Failure::Unknown,
        _ => Failure::Failed,
    }
}

/// A number that counts things, exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within what a float tells apart")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn find(name: &str) -> Option<Function> {
    TABLES.iter().flat_map(|table| table.iter()).find(|(known, _)| *known == name).map(|(_, function)| *function)
}

impl Terraform<'_> {
    pub(super) fn call(&self, name: &str, arguments: &[Expr], expand: bool, place: Span, scope: &Scope) -> Value {
        // Functions of the language have a namespace of their own, too.
        let name = name.strip_prefix("core::").unwrap_or(name);
        if let Some(value) = self.lazy(name, arguments, expand, place, scope) {
            return value;
        }
        let Some(function) = find(name) else { return self.unknown(Reason::Function(name.into()), place) };
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if expand {
            match values.pop().map(|last| (last.via.clone(), last.node)) {
                Some((via, Node::List { items, open: false })) if self.may_make(items.len() * size_of::<Value>()) => {
                    values.extend(items.iter().map(|item| item.clone().carried(via.as_ref())));
                }
                // Of a choice between lists, each side is a call of its own.
                Some((via, Node::Choice { cond, then, else_ })) => {
                    let side = |last: &Value| self.expanded((name, function), &values, last, via.as_ref(), place, scope);
                    return Value::choice(cond, side(&then), side(&else_), place);
                }
                _ => return self.unknown(Reason::Function(name.into()), place),
            }
        }
        self.applied(name, function, &values, place, scope)
    }

    /// A call whose last argument is a list of arguments.
    fn expanded(
        &self,
        (name, function): (&str, Function),
        first: &[Value],
        last: &Value,
        via: Option<&Arc<Via>>,
        place: Span,
        scope: &Scope,
    ) -> Value {
        let Node::List { items, open: false } = &last.node else { return self.unknown(Reason::Function(name.into()), place) };
        if !self.may_make(items.len() * size_of::<Value>()) {
            return Self::budget(place);
        }
        let rest = items.iter().map(|item| item.clone().carried(last.via.as_ref()).carried(via));
        let values: Vec<Value> = first.iter().cloned().chain(rest).collect();
        self.applied(name, function, &values, place, scope)
    }

    /// Why a function has no value: what of its arguments is not known, if anything is.
    fn not_evaluated(&self, name: &str, values: &[Value]) -> Reason {
        let cause = values.iter().find_map(|value| self.cause(value, MAX_CAUSE));
        match cause.filter(|of| of.len() <= MAX_NAME) {
            Some(of) => Reason::FunctionOf { name: name.into(), of: of.into() },
            None => Reason::Function(name.into()),
        }
    }

    /// The first unknown part of a value.
    fn cause(&self, value: &Value, deep: u8) -> Option<String> {
        let deeper = |value: &Value| if deep == 0 { None } else { self.cause(value, deep - 1) };
        let id = match &value.node {
            Node::Unknown(id) => *id,
            Node::Text(text) => text.holes().next()?,
            Node::List { items, open } => {
                let inner = items.iter().take(MAX_LOOKED_AT).find_map(deeper);
                return inner.or_else(|| open.then(|| self.rest_of(value).to_string()));
            }
            Node::Map { entries, open } => {
                let inner = entries.iter().take(MAX_LOOKED_AT).find_map(|entry| deeper(&entry.value));
                return inner.or_else(|| open.then(|| self.rest_of(value).to_string()));
            }
            _ => return None,
        };
        Some(match self.unknowns.reason(id) {
            Reason::FunctionOf { of, .. } => of.into(),
            reason => reason.to_string(),
        })
    }

    fn applied(&self, name: &str, function: Function, values: &[Value], place: Span, scope: &Scope) -> Value {
        let find: fn(&Value) -> Option<Arc<str>> = if OF_ALL.contains(&name) {
            Value::condition
        } else if OF_ITEMS.contains(&name) {
            among_items
        } else {
            at_top
        };
        let deep = OF_ALL.contains(&name) || OF_ITEMS.contains(&name);
        let all = deep || values.iter().any(|value| at_top(value).is_some());
        let cost = values.iter().map(|value| if all { value.weight() as usize } else { size(value) });
        if !self.steps_for(cost.fold(0, usize::saturating_add)) {
            return Self::budget(place);
        }
        distribute_by(values, place, &find, &|values| {
            // What is refused below is refused above.
            let failed = values.iter().find_map(|value| match &value.node {
                Node::Unknown(id) if matches!(self.unknowns.reason(*id), Reason::Failed(_)) => Some(*id),
                _ => None,
            });
            if let Some(id) = failed {
                return Value::unknown(id, place);
            }
            match function(&Call { terraform: self, scope, arguments: values, place }) {
                // A list that grows by one in each of ten thousand locals costs its square.
                Ok(value) if self.may_make(items(&value) * size_of::<Value>()) => value,
                Ok(_) | Err(Failure::Budget) => Self::budget(place),
                Err(Failure::Unknown) => self.unknown(self.not_evaluated(name, values), place),
                Err(Failure::Failed) => self.unknown(Reason::Failed(format!("{name}()").into()), place),
                Err(Failure::Because(reason)) => self.unknown(reason, place),
            }
        })
    }
}

fn at_top(value: &Value) -> Option<Arc<str>> {
    if let Node::Choice { cond, .. } = &value.node { Some(cond.clone()) } else { None }
}

/// The first condition among the items of a list, of lists in it as well.
fn among_items(value: &Value) -> Option<Arc<str>> {
    match &value.node {
        Node::Choice { cond, .. } => Some(cond.clone()),
        Node::List { items, .. } => items.iter().find_map(among_items),
        _ => None,
    }
}

fn items(value: &Value) -> usize {
    match &value.node {
        Node::List { items, .. } => items.len(),
        Node::Map { entries, .. } => entries.len(),
        _ => 0,
    }
}

/// What it costs to look through the uppermost part of a value.
fn size(value: &Value) -> usize {
    if let Node::Text(text) = &value.node { text.len() / 16 } else { items(value) }
}

#[cfg(test)]
mod tests;
