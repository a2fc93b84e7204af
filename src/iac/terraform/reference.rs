//! Names: variables, locals, modules, resources, and what is taken from them.

use std::rc::Rc;

use super::block::Key;
use super::expr::Scope;
use super::instance::Instance;
use super::{Terraform, elements};
use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::truth::Assumed;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Value};
use crate::syntax::hcl::Step;

/// The longest chain of attributes and indexes that is followed.
const MAX_STEPS: usize = 64;
/// The longest name of an unknown value, in bytes.
const MAX_NAME: usize = 512;
/// Bytes of an expression that are shown as it is written.
const MAX_WRITTEN: u32 = 400;
/// What a step on a value's way says of a reference.
pub(super) const USED: &str = "used here as ";
/// The folder that Terraform is run in.
pub(super) const CWD: &str = "path.cwd";

impl Terraform<'_> {
    pub(super) fn reference(&self, name: &str, steps: &[Step], place: Span, scope: &Scope) -> Value {
        if steps.len() > MAX_STEPS {
            return Self::budget(place);
        }
        if let Some(bound) = scope.get(name) {
            return self.take(bound, steps, place, scope).through(place, &self.used(place));
        }
        let attribute = |at: usize| match steps.get(at) {
            Some(Step::Attribute(name)) => Some(&**name),
            _ => None,
        };
        match (name, attribute(0), attribute(1)) {
            ("var", Some(variable), _) => {
                let value = scope.instance.variable(self, variable, place);
                self.take(value, &steps[1..], place, scope).through(place, &self.used(place))
            }
            ("local", Some(local), _) => {
                let value = scope.instance.local(self, local, place);
                self.take(value, &steps[1..], place, scope).through(place, &self.used(place))
            }
            ("module", Some(module), _) => self.module_value(module, &steps[1..], place, scope),
            ("data", Some(kind), Some(name)) => self.data(kind, name, &steps[2..], place, scope),
            ("path", Some("module"), _) => elements::text(&scope.instance.path(), place),
            ("path", Some("root"), _) => elements::text(".", place),
            // An absolute path of the machine where it is run.
            ("path", Some("cwd"), _) => self.unknown(Reason::Unset(CWD.into()), place),
            ("terraform", Some("workspace"), _) => self.unknown(Reason::Unset("terraform.workspace".into()), place),
            ("path" | "terraform" | "self" | "each" | "count", _, _) | (_, None, _) => {
                self.unknown(Reason::Expression(self.written(place).into()), place)
            }
            ("ephemeral", Some(kind), Some(name)) => {
                let address = format!("{}ephemeral.{kind}.{name}", scope.instance.prefix);
                let whole = self.unknown(Reason::Reference { address: address.into(), attribute: "".into() }, place);
                self.take(whole, &steps[2..], place, scope)
            }
            (kind, Some(name), _) => {
                let whole = self.resource(kind, name, place, scope);
                let value = self.take(whole, &steps[1..], place, scope);
                // What is known is told from where it is used; what is not is its own name.
                if matches!(value.node, Node::Unknown(_)) { value } else { value.through(place, &self.used(place)) }
            }
        }
    }

    pub(super) fn used(&self, place: Span) -> String {
        format!("{USED}{}", self.written(place))
    }

    /// An expression as it is written, on one line; of a long one the beginning, and where it stands.
    pub(super) fn written(&self, place: Span) -> String {
        let words = |place| self.files.slice(place).split_whitespace().collect::<Vec<_>>().join(" ");
        if place.len() <= MAX_WRITTEN {
            return words(place);
        }
        format!("{}… [{}]", words(Span { end: place.start + MAX_WRITTEN, ..place }), place.start)
    }

    /// `module.m.output`, `module.m["k"].output`, `module.m[*].output`, and the module as a whole.
    fn module_value(&self, module: &str, steps: &[Step], place: Span, scope: &Scope) -> Value {
        let Some(children) = scope.instance.called(self, module) else {
            return self.unknown(Reason::Unset(format!("{}module.{module}", scope.instance.prefix).into()), place);
        };
        if let Some(source) = &children.missing {
            return self.unknown(Reason::Module(source.clone()), place);
        }
        let all = children.all.as_slice();
        let value = match (all, steps.split_first()) {
            ([(Key::Any(_), child)], None) => Value::list(vec![self.outputs(child, &[], place, scope)], true, place),
            ([(Key::None | Key::Any(_), child)], Some((Step::Attribute(_), _)) | None) => self.outputs(child, steps, place, scope),
            ([(Key::None | Key::Any(_), child)], Some((Step::Splat | Step::AttributeSplat, rest))) => {
                let open = matches!(all, [(Key::Any(_), _)]);
                Value::list(vec![self.outputs(child, rest, place, scope)], open, place)
            }
            (_, Some((Step::Index(index), rest))) => {
                let index = self.eval(index, scope);
                self.distribute(&[index], place, &|index| self.module_instance(all, &index[0], rest, place, scope))
            }
            (_, Some((Step::Attribute(name), rest))) if all.iter().any(|(key, _)| key.is(name)) => {
                self.module_instance(all, &elements::text(name, place), rest, place, scope)
            }
            // As the oldest sources have it.
            ([(_, child)], Some((Step::Attribute(_), _))) => self.guarded(child, self.outputs(child, steps, place, scope), place),
            (_, Some((Step::Splat | Step::AttributeSplat, rest))) => {
                let items = self.all_of(all, place, &|child| self.outputs(child, rest, place, scope), true);
                return items.through(place, &self.used(place));
            }
            (_, Some((Step::Attribute(_), _)) | None) => {
                let whole = self.all_of(all, place, &|child| self.outputs(child, &[], place, scope), false);
                self.take(whole, steps, place, scope)
            }
        };
        value.through(place, &self.used(place))
    }

    /// What stands behind an index of a module's instances.
    fn module_instance(&self, all: &[(Key, Rc<Instance>)], index: &Value, rest: &[Step], place: Span, scope: &Scope) -> Value {
        if let ([(Key::None, child)], Some(output)) = (all, index.as_text()) {
            return self.take(child.output(self, &output, place), rest, place, scope);
        }
        let Some(wanted) = index.as_text() else {
            if self.fails(index) {
                return index.clone();
            }
            return match all {
                [(_, child)] => self.outputs(child, rest, place, scope),
                _ => self.unknown(Reason::Expression(self.written(place).into()), place),
            };
        };
        let (mut exact, mut any) = (Vec::new(), None);
        for (key, child) in all {
            match key {
                Key::Any(_) => any = Some(child),
                key if key.is(&wanted) => exact.push(child),
                _ => {}
            }
        }
        let otherwise = match any {
            Some(child) => self.outputs(child, rest, place, scope),
            None => self.failed(place),
        };
        // It may be there on one side of a condition, or on each with another value.
        exact.into_iter().rev().fold(otherwise, |otherwise, child| {
            let value = self.outputs(child, rest, place, scope);
            chosen(child.own_when(), value, &otherwise, place)
        })
    }

    fn guarded(&self, child: &Rc<Instance>, value: Value, place: Span) -> Value {
        chosen(child.own_when(), value, &self.failed(place), place)
    }

    /// All instances of a module: a list, or a map where they have names; where all hang on the same conditions, none of
    /// them without these.
    fn all_of(&self, all: &[(Key, Rc<Instance>)], place: Span, one: &dyn Fn(&Rc<Instance>) -> Value, list: bool) -> Value {
        let same = all.windows(2).all(|pair| pair[0].1.own_when() == pair[1].1.own_when());
        let (mut items, mut entries, mut open) = (Vec::new(), Vec::new(), false);
        for (key, child) in all.iter().filter(|_| self.step()) {
            let value = one(child);
            let value = if same { value } else { chosen(child.own_when(), value, &Value::null(place), place) };
            match key {
                Key::Name(name, element) if !list => entries.push(Entry { key: name.clone(), key_place: element.place, value }),
                Key::Any(_) => {
                    open = true;
                    items.push(value);
                }
                _ => items.push(value),
            }
        }
        let whole = if entries.is_empty() { Value::list(items, open, place) } else { Value::map(entries, open, place) };
        match all.first() {
            Some((_, child)) if same => chosen(child.own_when(), whole, &Value::list(Vec::new(), false, place), place),
            _ => whole,
        }
    }

    /// An output of an instance of a module and what is taken from it, or all of its outputs.
    fn outputs(&self, child: &Rc<Instance>, steps: &[Step], place: Span, scope: &Scope) -> Value {
        if let Some((Step::Attribute(output), rest)) = steps.split_first() {
            return self.take(child.output(self, output, place), rest, place, scope);
        }
        let entry = |name: &str| Entry { key: name.into(), key_place: place, value: child.output(self, name, place) };
        let outputs = child.module.outputs.keys().filter(|_| self.step()).map(|name| entry(name)).collect();
        self.take(Value::map(outputs, false, place), steps, place, scope)
    }

    /// What a chain of steps takes from a value.
    pub(super) fn take(&self, value: Value, steps: &[Step], place: Span, scope: &Scope) -> Value {
        let mut value = value;
        let mut left = steps.get(..MAX_STEPS).unwrap_or(steps);
        while let Some((step, rest)) = left.split_first() {
            left = rest;
            value = match step {
                Step::Attribute(name) => self.pick(&value, name, place),
                Step::Index(index) => {
                    let index = self.eval(index, scope);
                    self.index(&value, &index, place)
                }
                Step::Splat => return self.splat(&value, rest, place, scope),
                Step::AttributeSplat => {
                    // Attributes are taken from each element, what follows from the list of them.
                    let names = rest.iter().take_while(|step| matches!(step, Step::Attribute(_))).count();
                    let (each, of_all) = rest.split_at(names);
                    left = of_all;
                    self.splat(&value, each, place, scope)
                }
            };
        }
        value
    }

    fn splat(&self, value: &Value, rest: &[Step], place: Span, scope: &Scope) -> Value {
        let one = |item: Value, open| Value::list(vec![self.take(item, rest, place, scope)], open, place);
        match &value.node {
            Node::List { items, open } => {
                let taken = items.iter().filter(|_| self.step()).map(|item| self.take(item.clone(), rest, place, scope)).collect();
                Value::list(taken, *open, place).carried(value.via.as_ref())
            }
            Node::Null => Value::list(Vec::new(), false, place),
            Node::Unknown(id) => match (self.handle(*id), self.unknowns.reason(*id)) {
                (Some(handle), _) => one(value.clone(), handle.is_any()),
                (None, Reason::Failed(_)) => value.clone(),
                // One element that stands for all instances; there may be more.
                (None, Reason::Reference { address, attribute }) if attribute.is_empty() => {
                    one(self.unknown(Reason::Reference { address: format!("{address}[*]").into(), attribute }, place), true)
                }
                _ => one(self.extend(*id, "[*]", place), true),
            },
            Node::Choice { cond, then, else_ } => {
                let sides = self.enter(|| [then, else_].map(|side| self.splat(side, rest, place, scope)));
                match sides {
                    Some([then, otherwise]) => Value::choice(cond.clone(), then, otherwise, place),
                    None => Self::budget(place),
                }
            }
            _ => one(value.clone(), false),
        }
    }

    pub(super) fn index(&self, value: &Value, index: &Value, place: Span) -> Value {
        for (choice, of_index) in [(index, true), (value, false)] {
            if let Node::Choice { cond, then, else_ } = &choice.node {
                let side = |side: &Value| if of_index { self.index(value, side, place) } else { self.index(side, index, place) };
                return match self.enter(|| [then, else_].map(|of| side(of))) {
                    Some([then, otherwise]) => Value::choice(cond.clone(), then, otherwise, place).carried(choice.via.as_ref()),
                    None => Self::budget(place),
                };
            }
        }
        if let Some(failed) = [value, index].into_iter().find(|side| self.fails(side)) {
            return failed.clone();
        }
        let unknown = || self.unknown(Reason::Expression(self.written(place).into()), place);
        let Some(key) = index.as_text() else {
            return match &value.node {
                Node::Unknown(id) if self.handle(*id).is_some_and(|handle| handle.is_any()) => value.clone(),
                Node::Unknown(id) if matches!(self.unknowns.reason(*id), Reason::Reference { .. }) => self.extend(*id, "[*]", place),
                _ => unknown(),
            };
        };
        match &value.node {
            Node::List { items, open } => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index that does not fit is not there")]
                let at = index.as_number().filter(|n| *n >= 0.0).map(|n| n as usize);
                match at.and_then(|at| items.get(at)) {
                    Some(item) => item.clone().carried(value.via.as_ref()),
                    None if *open => unknown(),
                    None => self.failed(place),
                }
            }
            Node::Unknown(id) => match self.handle(*id) {
                // One that stands for all stands for this one.
                Some(handle) if handle.is_any() => value.clone(),
                Some(handle) if !matches!(index.node, Node::Number(_)) => self.attribute(&handle, &key, place),
                _ => {
                    let suffix = if matches!(index.node, Node::Number(_)) { format!("[{key}]") } else { format!("[\"{key}\"]") };
                    self.extend(*id, &suffix, place)
                }
            },
            _ => self.pick(value, &key, place),
        }
    }

    fn pick(&self, value: &Value, name: &str, place: Span) -> Value {
        let unknown = || self.unknown(Reason::Expression(self.written(place).into()), place);
        match &value.node {
            Node::Choice { cond, then, else_ } => match self.enter(|| [then, else_].map(|side| self.pick(side, name, place))) {
                Some([then, otherwise]) => Value::choice(cond.clone(), then, otherwise, place).carried(value.via.as_ref()),
                None => Self::budget(place),
            },
            Node::Unknown(_) if self.fails(value) => value.clone(),
            Node::Unknown(id) => match self.handle(*id) {
                Some(handle) => self.attribute(&handle, name, place),
                None => self.extend(*id, &format!(".{name}"), place),
            },
            Node::Map { entries, open } => match entries.named(name) {
                Some(entry) => entry.value.clone().carried(value.via.as_ref()),
                None if *open => unknown(),
                None => self.failed(place),
            },
            Node::List { .. } => match name.parse::<u32>() {
                Ok(number) => self.index(value, &Value::number(f64::from(number), place), place),
                Err(_) => unknown(),
            },
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => self.failed(place),
        }
    }

    /// A part of what is not known is not known either; its name says which part.
    pub(super) fn extend(&self, id: UnknownId, suffix: &str, place: Span) -> Value {
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

/// A value where conditions hold, and another where one of them does not.
fn chosen(when: &[Assumed], value: Value, otherwise: &Value, place: Span) -> Value {
    when.iter().rev().fold(value, |value, assumed| {
        let (then, other) = if assumed.holds { (value, otherwise.clone()) } else { (otherwise.clone(), value) };
        Value::choice((&*assumed.condition).into(), then, other, place)
    })
}
