//! Names: variables, locals, modules, resources, and what is taken from them.

use super::Terraform;
use super::expr::Scope;
use crate::base::span::Span;
use crate::iac::{Lookup, Node, Reason, Value};
use crate::syntax::hcl::Step;

/// The longest chain of attributes and indexes that is followed.
const MAX_STEPS: usize = 64;
/// The longest name of an unknown value, in bytes.
const MAX_NAME: usize = 512;

impl Terraform<'_> {
    pub(super) fn reference(&self, name: &str, steps: &[Step], place: Span, scope: &Scope) -> Value {
        if steps.len() > MAX_STEPS {
            return Self::budget(place);
        }
        if let Some(bound) = scope.get(name) {
            return self.take(bound, steps, place, scope).through(place, &format!("used here as {}", self.written(place)));
        }
        let attribute = |at: usize| match steps.get(at) {
            Some(Step::Attribute(name)) => Some(&**name),
            _ => None,
        };
        match (name, attribute(0), attribute(1)) {
            ("var", Some(variable), _) => {
                let value = scope.instance.variable(self, variable, place);
                self.take(value, &steps[1..], place, scope).through(place, &format!("used here as {}", self.written(place)))
            }
            ("local", Some(local), _) => {
                let value = scope.instance.local(self, local, place);
                self.take(value, &steps[1..], place, scope).through(place, &format!("used here as {}", self.written(place)))
            }
            ("module", Some(module), _) => self.module_value(module, &steps[1..], place, scope),
            ("data", Some(kind), Some(name)) => self.data(kind, name, &steps[2..], place, scope),
            ("path" | "terraform" | "self" | "each" | "count", _, _) | (_, None, _) => {
                self.unknown(Reason::Expression(self.written(place).into()), place)
            }
            (kind, Some(name), _) => {
                let address = format!("{}{kind}.{name}", scope.instance.prefix);
                let whole = self.unknown(Reason::Reference { address: address.into(), attribute: "".into() }, place);
                self.take(whole, &steps[1..], place, scope)
            }
        }
    }

    /// An expression as it is written, on one line.
    pub(super) fn written(&self, place: Span) -> String {
        self.files.slice(place).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `module.m.output`, `module.m["k"].output`.
    fn module_value(&self, module: &str, steps: &[Step], place: Span, scope: &Scope) -> Value {
        let Some(children) = scope.instance.called(self, module) else {
            return self.unknown(Reason::Unset(format!("{}module.{module}", scope.instance.prefix).into()), place);
        };
        if let Some(source) = &children.missing {
            return self.unknown(Reason::Module(source.clone()), place);
        }
        let (key, rest) = match steps.first() {
            Some(Step::Index(index)) => {
                let key = self.eval(index, scope);
                (key.as_text().map(std::borrow::Cow::into_owned), &steps[1..])
            }
            _ => (None, steps),
        };
        let wanted = key.as_deref().map(|key| [format!("[\"{key}\"]"), format!("[{key}]")]);
        let child = children.all.iter().find(|(key, _)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&key.suffix())));
        match (child, rest.first()) {
            (Some((_, child)), Some(Step::Attribute(output))) if wanted.is_some() || children.all.len() == 1 => {
                let value = child.output(self, output, place);
                self.take(value, &rest[1..], place, scope).through(place, &format!("used here as {}", self.written(place)))
            }
            _ => self.unknown(Reason::Expression(self.written(place).into()), place),
        }
    }

    /// What a chain of steps takes from a value.
    pub(super) fn take(&self, value: Value, steps: &[Step], place: Span, scope: &Scope) -> Value {
        let mut value = value;
        for (number, step) in steps.iter().take(MAX_STEPS).enumerate() {
            value = match step {
                Step::Attribute(name) => self.pick(&value, name, place),
                Step::Index(index) => {
                    let index = self.eval(index, scope);
                    self.index(&value, &index, place)
                }
                Step::Splat => return self.splat(&value, &steps[number + 1..], place, scope),
            };
        }
        value
    }

    fn splat(&self, value: &Value, rest: &[Step], place: Span, scope: &Scope) -> Value {
        match &value.node {
            Node::List { items, open } => {
                let taken = items.iter().filter(|_| self.step()).map(|item| self.take(item.clone(), rest, place, scope)).collect();
                Value::list(taken, *open, place).carried(value.via.as_ref())
            }
            Node::Null => Value::list(Vec::new(), false, place),
            Node::Unknown(id) => match self.unknowns.reason(*id) {
                Reason::Reference { address, .. } => {
                    // One element that stands for all instances; there may be more.
                    let all = self.unknown(Reason::Reference { address: format!("{address}[*]").into(), attribute: "".into() }, place);
                    Value::list(vec![self.take(all, rest, place, scope)], true, place)
                }
                _ => self.unknown(Reason::Expression(self.written(place).into()), place),
            },
            Node::Choice { cond, then, else_ } => {
                Value::choice(cond.clone(), self.splat(then, rest, place, scope), self.splat(else_, rest, place, scope), place)
            }
            _ => Value::list(vec![self.take(value.clone(), rest, place, scope)], false, place),
        }
    }

    pub(super) fn index(&self, value: &Value, index: &Value, place: Span) -> Value {
        if let Node::Choice { cond, then, else_ } = &index.node {
            return Value::choice(cond.clone(), self.index(value, then, place), self.index(value, else_, place), place);
        }
        let Some(key) = index.as_text() else {
            return match &value.node {
                Node::Unknown(id) if matches!(self.unknowns.reason(*id), Reason::Reference { .. }) => self.extend(*id, "[*]", place),
                _ => self.unknown(Reason::Expression(self.written(place).into()), place),
            };
        };
        match &value.node {
            Node::List { items, .. } => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index that does not fit is not there")]
                let at = index.as_number().filter(|n| *n >= 0.0).map(|n| n as usize);
                let item = at.and_then(|at| items.get(at)).cloned();
                item.map_or_else(
                    || self.unknown(Reason::Expression(self.written(place).into()), place),
                    |item| item.carried(value.via.as_ref()),
                )
            }
            Node::Unknown(id) => {
                let suffix = if matches!(index.node, Node::Number(_)) { format!("[{key}]") } else { format!("[\"{key}\"]") };
                self.extend(*id, &suffix, place)
            }
            _ => self.pick(value, &key, place),
        }
    }

    fn pick(&self, value: &Value, name: &str, place: Span) -> Value {
        match &value.node {
            Node::Choice { cond, then, else_ } => {
                Value::choice(cond.clone(), self.pick(then, name, place), self.pick(else_, name, place), place).carried(value.via.as_ref())
            }
            Node::Unknown(id) => self.extend(*id, &format!(".{name}"), place),
            Node::Map { entries, .. } if !self.steps_for(entries.len()) => Self::budget(place),
            _ => match value.lookup(name) {
                Lookup::Found(found) => found.clone().carried(value.via.as_ref()),
                // An attribute that an object does not have is null for `try`, and so for us.
                Lookup::Absent(_) if matches!(value.node, Node::Map { .. }) => Value::null(place),
                _ => self.unknown(Reason::Expression(self.written(place).into()), place),
            },
        }
    }

    /// A part of what is not known is not known either; its name says which part.
    fn extend(&self, id: crate::base::ids::UnknownId, suffix: &str, place: Span) -> Value {
        let reason = match self.unknowns.reason(id) {
            Reason::Reference { address, attribute } if attribute.is_empty() => match suffix.strip_prefix('.') {
                Some(name) => Reason::Reference { address, attribute: name.into() },
                None => Reason::Reference { address: format!("{address}{suffix}").into(), attribute },
            },
            Reason::Reference { address, attribute } => Reason::Reference { address, attribute: format!("{attribute}{suffix}").into() },
            Reason::Unset(name) => Reason::Unset(format!("{name}{suffix}").into()),
            other => other,
        };
        // A chain through many locals would make names as long as the file.
        if reason.to_string().len() > MAX_NAME { Self::budget(place) } else { self.unknown(reason, place) }
    }
}
