//! Override files: what they say replaces what the other sources of the folder say, as Terraform merges them.

use std::collections::BTreeSet;

use super::{At, Module, unread};
use crate::finding::Failure;
use crate::iac::Files;
use crate::input::InputPath;
use crate::syntax::hcl::{Block, Body};

/// Attributes and blocks that the overrides of one module look at.
pub(super) const MAX_LOOKS: usize = 4_000_000;

impl Module {
    /// Merges an override file into what is declared. What it declares itself is declared with it.
    pub fn merge(&mut self, files: &Files<'_>, path: &InputPath, source: Body) {
        let mut own = Body::default();
        for block in source.blocks {
            let targets = self.overridden(&block);
            if targets.is_empty() {
                own.blocks.push(block);
                continue;
            }
            for target in targets {
                let weight = |body: &Body| 1 + body.attributes.len() + body.blocks.len();
                let Some(base) = self.bodies.get_mut(target.body).and_then(|body| body.blocks.get_mut(target.block)) else { continue };
                let Some(left) = self.merges.checked_sub(weight(&base.body) + weight(&block.body)) else {
                    let message = "more overrides than are merged".to_owned();
                    self.broken.unread.push(unread(files, path.bytes(), Failure::Limit, message));
                    self.declare(own);
                    return;
                };
                self.merges = left;
                merge(&mut base.body, block.body.clone());
            }
        }
        // Locals are overridden by name: the last one holds.
        self.declare(own);
    }

    /// The blocks that an override of this address is for.
    fn overridden(&self, block: &Block) -> Vec<At> {
        let one = |at: Option<&At>| at.copied().into_iter().collect();
        match (&*block.kind, block.labels.as_slice()) {
            ("variable", [name]) => one(self.variables.get(name)),
            ("output", [name]) => one(self.outputs.get(name)),
            ("module", [name]) => one(self.modules.get(name)),
            ("resource", [kind, name]) => self.named.get(kind).and_then(|named| named.get(name)).cloned().unwrap_or_default(),
            ("data", [kind, name]) => self.data.get(kind).and_then(|named| named.get(name)).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Attributes replace those of their name, and nested blocks all of their kind; `lifecycle` is merged in turn.
fn merge(base: &mut Body, mut over: Body) {
    if let Some(at) = over.blocks.iter().position(|block| &*block.kind == "lifecycle")
        && let Some(lifecycle) = base.blocks.iter_mut().find(|block| &*block.kind == "lifecycle")
    {
        merge(&mut lifecycle.body, over.blocks.remove(at).body);
    }
    let made = |block: &Block| match block.labels.first() {
        // A block that is made by a `dynamic` one is of the kind of its label.
        Some(label) if &*block.kind == "dynamic" => label.clone(),
        _ => block.kind.clone(),
    };
    let names: BTreeSet<Box<str>> =
        over.attributes.iter().map(|attribute| attribute.name.clone()).chain(over.blocks.iter().map(made)).collect();
    // In JSON nobody says which of them are blocks.
    base.attributes.retain(|attribute| !names.contains(&attribute.name));
    base.blocks.retain(|block| !names.contains(&made(block)));
    base.attributes.append(&mut over.attributes);
    base.blocks.append(&mut over.blocks);
}
