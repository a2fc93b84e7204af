//! `Fn::ForEach`: names bound to the items of a collection, and texts in which those names stand.

use std::borrow::Cow;
use std::rc::Rc;

use super::template::Template;
use crate::base::text_map::{HOLE, Text};
use crate::iac::{Node, Reason, Value};
use crate::syntax::document::{self, NodeKind};

/// Names that loops bind, the innermost first.
pub(super) type Scope = Option<Rc<Binding>>;

pub(super) struct Binding {
    name: Box<str>,
    value: Value,
    before: Scope,
}

/// What a loop makes.
pub(super) struct Loop<'n> {
    /// One for each item.
    pub scopes: Vec<Scope>,
    /// A map, once for each scope.
    pub body: &'n document::Node,
    /// The collection is not known in full: there may be more.
    pub open: bool,
}

/// Whether a key of a map is a loop.
pub(super) fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach")
}

/// The longest name of a loop that is looked for in a text, in bytes.
const MAX_NAME: usize = 256;

impl Template<'_> {
    /// The instances of a loop; None where it is none.
    pub fn each<'n>(&self, node: &'n document::Node) -> Option<Loop<'n>> {
        let [name, collection, body] = node.items() else { return None };
        let name: Box<str> = self.name(name)?.into();
        let collection = self.value(collection);
        let (values, open) = match &collection.node {
            Node::List { items, open } => (items.to_vec(), *open),
            // One instance stands for any.
            Node::Unknown(_) => (vec![collection.clone()], true),
            _ => (vec![self.unknown(Reason::Expression(name.clone()), collection.place)], true),
        };
        let count = self.project.instances(values.len());
        let bind = |value: Value| {
            let value = value.carried(collection.via.as_ref());
            Some(Rc::new(Binding { name: name.clone(), value, before: self.scope.borrow().clone() }))
        };
        Some(Loop { scopes: values.into_iter().take(count).map(bind).collect(), body, open })
    }

    /// Does something with names bound.
    pub fn within<T>(&self, scope: &Scope, work: impl FnOnce() -> T) -> T {
        let before = self.scope.replace(scope.clone());
        let done = work();
        self.scope.replace(before);
        done
    }

    /// What a loop binds a name to.
    pub fn bound(&self, name: &str) -> Option<Value> {
        let scope = self.scope.borrow();
        let mut next = scope.as_ref();
        while let Some(binding) = next {
            if *binding.name == *name {
                return Some(binding.value.clone());
            }
            next = binding.before.as_ref();
        }
        None
    }

    /// A text as it is written, names of loops replaced.
    pub fn written<'t>(&self, text: &'t Text) -> Cow<'t, Text> {
        if self.scope.borrow().is_none() || self.project.spend(text.len()).is_none() {
            return Cow::Borrowed(text);
        }
        let bytes = text.bytes();
        let (mut out, mut done, mut at) = (Text::new(), 0, 0);
        while let Some(brace) = memchr::memchr(b'{', &bytes[at..]).map(|found| at + found) {
            at = brace + 1;
            let mark = brace.checked_sub(1).map(|before| bytes[before]);
            if !matches!(mark, Some(b'$' | b'&')) {
                continue;
            }
            // No name is longer; without a bound, each brace would look through the rest.
            let near = &bytes[at..bytes.len().min(at + MAX_NAME)];
            let Some(close) = memchr::memchr(b'}', near).map(|found| at + found) else { continue };
            let Some(value) = std::str::from_utf8(&bytes[at..close]).ok().and_then(|name| self.bound(name)) else { continue };
            out.push_slice(text, done..brace - 1);
            self.put(&value, mark == Some(b'&'), &mut out);
            at = close + 1;
            done = at;
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_slice(text, done..bytes.len());
        Cow::Owned(out)
    }

    /// A bound value in a text; of `&{Name}`, letters and digits only.
    fn put(&self, value: &Value, plain: bool, out: &mut Text) {
        match (&value.node, value.as_text()) {
            (Node::Text(text), _) if !plain => out.push_text(text),
            (Node::Text(text), _) => {
                for (at, _) in text.bytes().iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric()) {
                    out.push_slice(text, at..at + 1);
                }
            }
            (_, Some(printed)) => out.push_within(printed.as_bytes(), value.place),
            (Node::Unknown(id), _) => out.push_hole(*id),
            _ => out.push_hole(self.project.unknowns.intern(Reason::Function("Fn::ForEach".into()))),
        }
    }

    /// The text of a node that names something.
    pub fn name(&self, node: &document::Node) -> Option<String> {
        match &node.kind {
            NodeKind::Text(text) => Some(legible(&self.written(text))),
            _ => None,
        }
    }

    /// The key of an entry, and the same with loops left open: what stays when a collection grows.
    pub fn key(&self, key: &document::Node) -> (Box<str>, Box<str>) {
        let plain: Box<str> = crate::iac::value::key_of(key).as_ref().into();
        match &key.kind {
            NodeKind::Text(text) => (legible(&self.written(text)).into(), plain),
            _ => (plain.clone(), plain),
        }
    }
}

/// A name as a person reads it: `…` for what is not known of it.
fn legible(name: &Text) -> String {
    name.to_str().replace(HOLE, "…")
}
