//! References to resources: what the source sets is known, the rest is unknown under its own name. Evaluated when asked.

use std::rc::Rc;

use super::Terraform;
use super::block::Key;
use super::expr::Scope;
use super::instance::Instance;
use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::iac::{Lookup, Node, Reason, Value};
use crate::syntax::hcl::Block;

/// An instance of a resource that is declared.
#[derive(Clone)]
pub(super) struct Handle {
    instance: Rc<Instance>,
    kind: Box<str>,
    name: Box<str>,
    address: Rc<str>,
    key: Key,
}

impl Handle {
    /// Whether it stands for an unknown number of instances.
    pub fn is_any(&self) -> bool {
        matches!(self.key, Key::Any(_))
    }
}

impl Terraform<'_> {
    /// The value of `kind.name`: an instance, or a list or a map of them, each under its own name.
    pub(super) fn resource(&self, kind: &str, name: &str, place: Span, scope: &Scope) -> Value {
        let instance = &scope.instance;
        let label = format!("{kind}.{name}");
        let address: Rc<str> = format!("{}{label}", instance.prefix).into();
        let Some(block) = instance.module.resource(kind, name) else {
            let whole = instance.module.broken().all(|broken| broken.errors.is_empty() && broken.unread.is_empty());
            // What is not declared may stand in what could not be read.
            let reason = match whole {
                true => Reason::Unset((&*address).into()),
                false => Reason::Reference { address: (&*address).into(), attribute: "".into() },
            };
            return self.unknown(reason, place);
        };
        let value = instance.resource(self, &label, place, || {
            self.collected(block, instance, &|key| {
                let handle = Handle {
                    instance: instance.clone(),
                    kind: kind.into(),
                    name: name.into(),
                    address: format!("{address}{}", key.suffix()).into(),
                    key: key.clone(),
                };
                let id = self.unknowns.intern(Reason::Reference { address: (&*handle.address).into(), attribute: "".into() });
                self.handles.borrow_mut().insert(id, handle);
                Value::unknown(id, block.header)
            })
        });
        value.at(place)
    }

    /// The instance that an unknown value stands for.
    pub(super) fn handle(&self, id: UnknownId) -> Option<Handle> {
        self.handles.borrow().get(&id).cloned()
    }

    /// An attribute of an instance: as the source sets it, if that is known.
    pub(super) fn attribute(&self, handle: &Handle, name: &str, place: Span) -> Value {
        let address = &handle.address;
        let reference = self.unknowns.intern(Reason::Reference { address: (&**address).into(), attribute: name.into() });
        let unknown = || Value::unknown(reference, place);
        let Some(block) = handle.instance.module.resource(&handle.kind, &handle.name) else { return unknown() };
        let value = handle.instance.attribute(self, &format!("{address}.{name}"), place, || {
            let value = self.set_to(handle, block, name);
            match &value.node {
                Node::Null => unknown(),
                Node::Unknown(id) => match self.unknowns.reason(*id) {
                    // It is what it refers to, whatever that is: a link goes through.
                    Reason::Reference { .. } | Reason::Cycle(_) => value,
                    _ => unknown(),
                },
                _ if value.of.is_some() || !self.steps_for(value.weight() as usize) => value,
                _ => value.known_as(reference),
            }
        });
        if matches!(value.node, Node::Unknown(_)) { value.at(place) } else { value }
    }

    /// What a block sets an attribute to; null where it does not.
    fn set_to(&self, handle: &Handle, block: &Block, name: &str) -> Value {
        let name = match (&*handle.kind, name) {
            ("terraform_data", "output") => "input",
            (_, name) => name,
        };
        let scope = Scope::of(&handle.instance).bind(handle.key.bind(block.header));
        let body = &block.body;
        if !self.steps_for(body.attributes.len()) {
            return Self::budget(block.header);
        }
        if let Some(attribute) = body.attribute(name).filter(|_| !super::block::is_meta(name)) {
            return self.eval(&attribute.value, &scope);
        }
        let value = self.blocks_of(body, block.header, name, &scope);
        match value.lookup(name) {
            Lookup::Found(found) => found.clone(),
            _ => Value::null(block.header),
        }
    }
}
