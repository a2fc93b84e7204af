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

/// Characters of a collection's name, in what is said of its parts.
const MAX_NAME: usize = 80;

impl Terraform<'_> {
    /// One that stands for all items of a value that is not known.
    pub(super) fn standing(&self, value: &Value) -> Value {
        match &value.node {
            Node::Unknown(id) if self.handle(*id).is_some_and(|handle| handle.is_any()) => value.clone(),
            Node::Unknown(id) => self.extend(*id, "[*]", value.place),
            Node::List { items, open: true } if items.len() == 1 => items[0].clone().carried(value.via.as_ref()),
            _ => self.unknown(Reason::Expression(format!("each.value of {}", self.collection_name(value)).into()), value.place),
        }
    }

    /// An item that an open list may hold behind those that are known.
    pub(super) fn one_more(&self, list: &Value) -> Value {
        match &list.node {
            Node::List { items, open: true } if items.len() == 1 && matches!(items[0].node, Node::Unknown(_)) => self.standing(list),
            _ => self.unknown(self.rest_of(list), list.place),
        }
    }

    /// What a collection is called: the reference that it came by, or how it is written, as far as that is short.
    pub(super) fn collection_name(&self, value: &Value) -> String {
        if let Node::Unknown(id) = &value.node {
            return shortened(&self.unknowns.reason(*id).to_string());
        }
        let used = value.via.as_ref().and_then(|via| via.text.strip_prefix(super::reference::USED));
        used.map_or_else(|| shortened(&self.written(value.place)), shortened)
    }

    /// Why what an open collection holds besides is not known.
    pub(super) fn rest_of(&self, value: &Value) -> Reason {
        Reason::Expression(format!("what else {} holds", self.collection_name(value)).into())
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
                let key = self.unknown(Reason::Expression(format!("each.key of {}", self.collection_name(value)).into()), value.place);
                Some(Elements { all: vec![(key, self.standing(value))], open: true })
            }
            _ => None,
        }
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

pub(super) fn text(key: &str, place: Span) -> Value {
    Value::text(Text::within(key.as_bytes(), place), place)
}

#[expect(clippy::cast_precision_loss, reason = "an index of a list")]
pub(super) fn index(number: usize, place: Span) -> Value {
    Value::number(number as f64, place)
}
