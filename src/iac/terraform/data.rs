//! Data sources: what is known of them without asking anybody. The rest is unknown under its own name.

mod source;

use super::Terraform;
use super::block::Key;
use super::expr::Scope;
use crate::base::span::Span;
use crate::iac::{Lookup, Node, Reason, Value};
use crate::syntax::hcl::{Block, Step};

use source::Source;

impl Terraform<'_> {
    /// What `steps` take from `data.kind.name`.
    pub(super) fn data(&self, kind: &str, name: &str, steps: &[Step], place: Span, scope: &Scope) -> Value {
        let address = format!("{}data.{kind}.{name}", scope.instance.prefix);
        let itself = |address: &str| self.unknown(Reason::Reference { address: address.into(), attribute: "".into() }, place);
        let Some(block) = scope.instance.module.data(kind, name) else { return self.take(itself(&address), steps, place, scope) };
        let all = scope.instance.data(self, kind, name, place, || self.read(block, kind, &address, scope));
        let many = ["count", "for_each"].iter().any(|meta| block.body.attribute(meta).is_some());
        let (one, address, rest) = match steps.split_first() {
            _ if !many => (all, address, steps),
            Some((Step::Index(index), rest)) => {
                let index = self.eval(index, scope);
                let suffix = match (&index.node, index.as_text()) {
                    (Node::Number(_), Some(number)) => format!("[{number}]"),
                    (_, Some(key)) => format!("[\"{key}\"]"),
                    (_, None) => "[*]".to_owned(),
                };
                (self.instance_of(&all, &index, place), format!("{address}{suffix}"), rest)
            }
            None if is_some(&all) => return itself(&address),
            _ => return self.take(all, steps, place, scope).through(place, &self.used(place)),
        };
        let taken = match rest.split_first() {
            Some((Step::Attribute(attribute), rest)) => {
                let taken = self.distribute(&[one], place, &|one| match one[0].lookup(attribute) {
                    Lookup::Found(value) => value.clone().carried(one[0].via.as_ref()),
                    _ => self.unknown(Reason::Reference { address: (&*address).into(), attribute: attribute.clone() }, place),
                });
                self.take(taken, rest, place, scope)
            }
            _ => self.take(one, rest, place, scope),
        };
        taken.through(place, &self.used(place))
    }

    /// The instance of an index; of an unknown number of instances, the one that stands for all.
    fn instance_of(&self, all: &Value, index: &Value, place: Span) -> Value {
        self.distribute(std::slice::from_ref(all), place, &|all| match &all[0].node {
            Node::List { items, .. } if is_some(&all[0]) => items[0].clone(),
            _ => self.index(&all[0], index, place),
        })
    }

    /// The instances of a data source: an object; or a list or a map of them.
    fn read(&self, block: &Block, kind: &str, address: &str, scope: &Scope) -> Value {
        let outside = Scope::of(&scope.instance);
        self.collected(block, &scope.instance, &|key| {
            let scope = outside.bind(key.bind(block.header));
            let object = Source { terraform: self, block, address: format!("{address}{}", key.suffix()), scope: &scope }.object(kind);
            // It stands for all that there may be.
            if matches!(key, Key::Any(_)) { Value::list(vec![object], true, block.header) } else { object }
        })
    }
}

/// Whether this is one instance that stands for an unknown number of them.
fn is_some(all: &Value) -> bool {
    matches!(&all.node, Node::List { items, open: true } if items.len() == 1)
}

#[cfg(test)]
mod tests;
