//! What a collection holds, in Terraform's order: for `for`, for `dynamic` blocks, for `%{for}`.

use super::Terraform;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::{Entry, in_order};
use crate::iac::{Node, Reason, Value};

/// The elements of a collection, and whether there may be more.
pub(super) struct Elements {
    /// Each with its key.
    pub all: Vec<(Value, Value)>,
    pub open: bool,
}

impl Terraform<'_> {
    /// One that stands for all items of a value that is not known.
    pub(super) fn standing(&self, value: &Value) -> Value {
        match &value.node {
            Node::Unknown(id) if self.handle(*id).is_some_and(|handle| handle.is_any()) => value.clone(),
            Node::Unknown(id) => self.extend(*id, "[*]", value.place),
            Node::List { items, open: true } if items.len() == 1 => items[0].clone().carried(value.via.as_ref()),
            _ => self.unknown(Reason::Expression("each.value".into()), value.place),
        }
    }

    /// What a value holds that is no choice. Of one that is not known, one element stands for all that there may be. None
    /// for what is no collection.
    pub(super) fn elements(&self, value: &Value) -> Option<Elements> {
        let carried = |item: &Value| item.clone().carried(value.via.as_ref());
        if !self.steps_for(value.weight() as usize) {
            return None;
        }
        match &value.node {
            Node::List { items, open } => {
                let one = |(number, item): (usize, &Value)| (index(number, item.place), carried(item));
                Some(Elements { all: items.iter().enumerate().map(one).collect(), open: *open })
            }
            Node::Map { entries, open } => {
                let one = |entry: &Entry| (text(&entry.key, entry.key_place), carried(&entry.value));
                Some(Elements { all: in_order(entries).into_iter().map(one).collect(), open: *open })
            }
            Node::Null => Some(Elements { all: Vec::new(), open: false }),
            Node::Unknown(_) if !self.fails(value) => {
                let key = self.unknown(Reason::Expression("each.key".into()), value.place);
                Some(Elements { all: vec![(key, self.standing(value))], open: true })
            }
            _ => None,
        }
    }
}

pub(super) fn text(key: &str, place: Span) -> Value {
    Value::text(Text::within(key.as_bytes(), place), place)
}

#[expect(clippy::cast_precision_loss, reason = "an index of a list")]
pub(super) fn index(number: usize, place: Span) -> Value {
    Value::number(number as f64, place)
}
