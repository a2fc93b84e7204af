//! The tags that a provider of AWS puts on whatever it makes: `tags_all`, as the provider computes it.

use std::rc::Rc;

use super::Terraform;
use super::expr::Scope;
use super::instance::Instance;
use crate::base::span::Span;
use crate::iac::value::Entry;
use crate::iac::{Lookup, Node, Value};
use crate::syntax::hcl::{Block, Expr, ExprKind, Step};

const PROVIDER: &str = "aws";
const ALL: &str = "tags_all";

impl Instance {
    /// The attributes of a resource, with the tags that its provider adds, where it does.
    pub fn with_default_tags(self: &Rc<Self>, terraform: &Terraform<'_>, kind: &str, block: &Block, attrs: Value) -> Value {
        let Node::Map { entries, open } = &attrs.node else { return attrs };
        if !kind.starts_with("aws_") || entries.named(ALL).is_some() {
            return attrs;
        }
        let alias = block.body.attribute("provider").and_then(|provider| alias(&provider.value));
        let Some(added) = self.default_tags(terraform, alias.as_deref()) else { return attrs };
        let own = entries.named("tags").map(|entry| &entry.value);
        let mut all: Vec<Entry> = entries.iter().cloned().collect();
        all.push(Entry { key: ALL.into(), key_place: added.place, value: merged(added, own) });
        Value::map(all, *open, attrs.place).carried(attrs.via.as_ref())
    }

    /// The default tags of a provider as it is known in this module; None where it has none.
    fn default_tags(self: &Rc<Self>, terraform: &Terraform<'_>, alias: Option<&str>) -> Option<Value> {
        let is_it = |block: &&Block| block.labels.first().is_some_and(|name| **name == *PROVIDER) && own_alias(block).as_deref() == alias;
        if let Some(block) = self.module.meta("provider").find(is_it) {
            let place = block.body.blocks("default_tags").next()?.header;
            let name = format!("provider.{PROVIDER}.{}.default_tags", alias.unwrap_or_default());
            return Some(self.attribute(terraform, &name, place, || {
                let blocks = terraform.blocks_of(&block.body, block.header, "default_tags", &Scope::of(self));
                tags_of(&blocks).unwrap_or_else(|| Value::map(Vec::new(), false, place))
            }));
        }
        // What a module does not declare comes from its caller, by the name that the caller gives it.
        let (caller, call) = self.called_from()?;
        let passed = call.body.attribute("providers").map(|providers| &providers.value.kind);
        let passed = match passed {
            Some(ExprKind::Object(all)) => all.iter().find(|(key, _)| is_provider(key) && self::alias(key).as_deref() == alias),
            _ => None,
        };
        match (passed, alias) {
            (Some((_, theirs)), _) if is_provider(theirs) => caller.default_tags(terraform, self::alias(theirs).as_deref()),
            (None, None) => caller.default_tags(terraform, None),
            _ => None,
        }
    }
}

fn own_alias(provider: &Block) -> Option<Box<str>> {
    Some(provider.body.attribute("alias")?.value.literal()?.to_str().into())
}

/// `west` of `aws.west`; None for `aws`.
fn alias(provider: &Expr) -> Option<Box<str>> {
    match &provider.kind {
        ExprKind::Reference(_, steps) => match steps.first()? {
            Step::Attribute(alias) => Some(alias.clone()),
            _ => None,
        },
        // As JSON has it.
        _ => provider.literal()?.to_str().split_once('.').map(|(_, alias)| alias.into()),
    }
}

fn is_provider(provider: &Expr) -> bool {
    match &provider.kind {
        ExprKind::Reference(name, _) => **name == *PROVIDER,
        _ => provider.literal().is_some_and(|name| name.to_str().split('.').next() == Some(PROVIDER)),
    }
}

/// What the blocks of a provider say: `{default_tags: [{tags: {..}}]}`.
fn tags_of(blocks: &Value) -> Option<Value> {
    let Lookup::Found(Value { node: Node::List { items, .. }, .. }) = blocks.lookup("default_tags") else { return None };
    match items.first()?.lookup("tags") {
        Lookup::Found(tags) => Some(tags.clone()),
        _ => None,
    }
}

/// Default tags under those of a resource: of a key that both have, the resource's holds.
fn merged(added: Value, own: Option<&Value>) -> Value {
    let place: Span = added.place;
    match (&added.node, own.map(|own| &own.node)) {
        (_, None | Some(Node::Null)) => added,
        (Node::Map { entries, open }, Some(Node::Map { entries: own, open: own_open })) => {
            let all = entries.iter().filter(|entry| own.named(&entry.key).is_none()).chain(own.iter()).cloned();
            Value::map(all.collect(), *open || *own_open, place)
        }
        // Which tags of its own it has is not known, nor whether they are others.
        (Node::Map { entries, .. }, Some(_)) => Value::map(entries.iter().cloned().collect(), true, place),
        _ => added,
    }
}
