//! Where the resources of a plan are written: the blocks of the sources that it was made of, found through the calls of
//! local modules, and in them the attributes. What is not found keeps its place in the plan.

use std::collections::HashMap;

use super::plain;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::files::beside;
use crate::iac::gate::{self, Part};
use crate::iac::value::Entry;
use crate::iac::{Files, Node, Resource, Value};
use crate::input::EntryKind;
use crate::syntax::hcl::{self, Block, Body};

/// Modules in modules, as deep as a plan's may be.
const MAX_CALLS: usize = 32;
/// Modules that are looked for, each by its own address.
const MAX_MODULES: usize = 10_000;
/// Blocks in blocks.
const MAX_DEPTH: usize = 32;

/// The sources below a root module, parsed as they are asked for.
struct Sources<'f> {
    files: &'f Files<'f>,
    /// The blocks of each folder.
    folders: HashMap<Vec<u8>, Folder>,
    /// The folder of each module, by its path without keys: `module.a.module.b`.
    modules: HashMap<String, Option<Vec<u8>>>,
}

#[derive(Default)]
struct Folder {
    resources: HashMap<(Box<str>, Box<str>), Block>,
    calls: HashMap<Box<str>, Block>,
}

/// Places resources of a plan in the sources of the root module in a folder.
pub(super) fn place(files: &Files<'_>, root: &[u8], resources: &mut [Resource]) {
    let mut sources = Sources { files, folders: HashMap::new(), modules: HashMap::from([(String::new(), Some(root.to_vec()))]) };
    for resource in resources {
        let (planned, address) = (resource.header, plain(&resource.address));
        let parts: Vec<&str> = address.split('.').collect();
        let Some((module, [kind, name])) = parts.split_last_chunk::<2>() else { continue };
        let Some(folder) = sources.folder(module) else { continue };
        let Some(block) = sources.read(&folder).resources.get(&((*kind).into(), (*name).into())) else { continue };
        resource.header = block.header;
        let attrs = written(&resource.attrs, &block.body, planned, 0);
        resource.attrs = placed(attrs, block.header);
    }
}

impl Sources<'_> {
    /// The folder of a module: `[module, a, module, b]`.
    fn folder(&mut self, module: &[&str]) -> Option<Vec<u8>> {
        let path = module.join(".");
        if let Some(known) = self.modules.get(&path) {
            return known.clone();
        }
        if module.len() > 2 * MAX_CALLS || self.modules.len() >= MAX_MODULES {
            return None;
        }
        let (outer, call) = module.split_last_chunk::<2>()?;
        let folder = self.folder(outer).and_then(|outer| {
            let source = self.read(&outer).calls.get(call[1])?.body.attribute("source")?.value.literal()?.clone();
            let source = source.bytes();
            let local = source.starts_with(b"./") || source.starts_with(b"../") || source == b"." || source == b"..";
            if local { beside(&outer, source) } else { None }
        });
        self.modules.insert(path, folder.clone());
        folder
    }

    fn read(&mut self, folder: &[u8]) -> &Folder {
        if !self.folders.contains_key(folder) {
            let read = self.parse(folder);
            self.folders.insert(folder.to_vec(), read);
        }
        &self.folders[folder]
    }

    fn parse(&self, folder: &[u8]) -> Folder {
        let mut read = Folder::default();
        let entries = self.files.list(folder).unwrap_or_default();
        let is_source = |entry: &&crate::input::Entry| entry.kind == EntryKind::File && gate::part(entry.path.name()) == Some(Part::Source);
        for entry in entries.iter().filter(is_source) {
            let Ok((file, bytes)) = self.files.read(entry.path.bytes()) else { continue };
            let parsed = if gate::is_json(entry.path.name()) { hcl::json::parse(file, &bytes) } else { hcl::parse(file, &bytes) };
            for block in parsed.body.blocks {
                match (&*block.kind, block.labels.as_slice()) {
                    ("resource", [kind, name]) => drop(read.resources.entry((kind.clone(), name.clone())).or_insert(block)),
                    ("module", [name]) => drop(read.calls.entry(name.clone()).or_insert(block)),
                    _ => {}
                }
            }
        }
        read
    }
}

/// A map of a plan's values, each where the body of its block says it.
fn written(value: &Value, body: &Body, planned: Span, depth: usize) -> Value {
    let Node::Map { entries, open } = &value.node else { return value.clone() };
    let entry = |entry: &Entry| {
        if let Some(attribute) = body.attribute(&entry.key) {
            let value = put(&entry.value, attribute.value.span, 0).through(planned, "planned here");
            return Entry { value, key_place: attribute.name_span, ..entry.clone() };
        }
        let mut blocks = body.blocks.iter().filter(|block| *block.kind == *entry.key).peekable();
        let dynamic = || body.blocks("dynamic").find(|block| block.labels.first().is_some_and(|label| **label == *entry.key));
        let Node::List { items, open } = &entry.value.node else {
            return match blocks.next() {
                Some(block) if depth < MAX_DEPTH => Entry { value: at_block(&entry.value, block, planned, depth), ..entry.clone() },
                _ => entry.clone(),
            };
        };
        let place = match (blocks.peek(), dynamic()) {
            (Some(block), _) => block.header,
            (None, Some(block)) => block.header,
            (None, None) => return entry.clone(),
        };
        let items = items.iter().map(|item| match (blocks.next(), dynamic()) {
            (Some(block), _) if depth < MAX_DEPTH => at_block(item, block, planned, depth),
            (_, Some(block)) => put(item, block.header, 0).through(planned, "planned here"),
            _ => item.clone(),
        });
        Entry { value: Value::list(items.collect(), *open, place), ..entry.clone() }
    };
    Value::map(entries.iter().map(entry).collect(), *open, value.place)
}

fn at_block(value: &Value, block: &Block, planned: Span, depth: usize) -> Value {
    placed(written(value, &block.body, planned, depth + 1), block.header)
}

fn placed(mut value: Value, place: Span) -> Value {
    value.place = place;
    value
}

/// A value with everything in it at one place.
fn put(value: &Value, place: Span, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    let put = |value: &Value| self::put(value, place, depth + 1);
    match &value.node {
        Node::Text(text) if text.holes().next().is_none() => Value::text(Text::within(text.bytes(), place), place),
        Node::List { items, open } => Value::list(items.iter().map(put).collect(), *open, place),
        Node::Map { entries, open } => {
            let entries = entries.iter().map(|entry| Entry { key_place: place, value: put(&entry.value), ..entry.clone() });
            Value::map(entries.collect(), *open, place)
        }
        _ => placed(value.clone(), place),
    }
}
