//! The functions that are evaluated, in groups. One that is not in the table makes an unknown that names it.

mod collection;
mod encode;
mod text;

use super::Terraform;
use super::expr::Scope;
use crate::base::span::Span;
use crate::iac::value::distribute_deep;
use crate::iac::{Node, Reason, Value};
use crate::syntax::hcl::Expr;

/// What a function is given: its arguments, none of which is a choice.
pub(super) struct Call<'c> {
    pub terraform: &'c Terraform<'c>,
    /// Where the call stands: what `templatefile` evaluates in, and what paths are relative to.
    #[expect(dead_code, reason = "functions that read files come next")]
    pub scope: &'c Scope,
    pub arguments: &'c [Value],
    pub place: Span,
}

/// None where the arguments do not tell the result.
type Function = fn(&Call<'_>) -> Option<Value>;

impl Call<'_> {
    fn argument(&self, at: usize) -> Option<&Value> {
        self.arguments.get(at)
    }

    fn text(&self, at: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.argument(at)?.as_text()
    }

    /// The items of a list or set, and whether there may be more.
    fn list(&self, at: usize) -> Option<(Vec<Value>, bool)> {
        let value = self.argument(at)?;
        match &value.node {
            Node::List { items, open } => Some((items.iter().map(|item| item.clone().carried(value.via.as_ref())).collect(), *open)),
            Node::Null => Some((Vec::new(), false)),
            _ => None,
        }
    }
}

fn find(name: &str) -> Option<Function> {
    let tables = [collection::TABLE, encode::TABLE, text::TABLE];
    tables.into_iter().flatten().find(|(known, _)| *known == name).map(|(_, function)| *function)
}

impl Terraform<'_> {
    pub(super) fn call(&self, name: &str, arguments: &[Expr], expand: bool, place: Span, scope: &Scope) -> Value {
        let unknown = || self.unknown(Reason::Function(name.into()), place);
        let Some(function) = find(name) else { return unknown() };
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if expand {
            match values.pop().map(|last| (last.via.clone(), last.node)) {
                Some((via, Node::List { items, open: false })) => {
                    values.extend(items.iter().map(|item| item.clone().carried(via.as_ref())));
                }
                _ => return unknown(),
            }
        }
        let weight: usize = values.iter().map(|value| value.weight() as usize).sum();
        let deep = name == "jsonencode";
        if deep && !self.steps_for(weight) {
            return Self::budget(place);
        }
        let apply = |values: &[Value]| match function(&Call { terraform: self, scope, arguments: values, place }) {
            // A list that grows by one in each of ten thousand locals costs its square.
            Some(value) if self.may_make(items(&value) * size_of::<Value>()) => value,
            Some(_) => Self::budget(place),
            None => unknown(),
        };
        if deep { distribute_deep(&values, place, &apply) } else { self.distribute(&values, place, &apply) }
    }
}

fn items(value: &Value) -> usize {
    match &value.node {
        Node::List { items, .. } => items.len(),
        Node::Map { entries, .. } => entries.len(),
        _ => 0,
    }
}
