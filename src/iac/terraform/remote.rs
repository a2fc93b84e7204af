//! Where a module's source leads: to a folder of the tree, to what is known of a public module, or out of sight.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Terraform;
use super::instance::Instance;
use super::logic;
use super::module::{Module, local_source};
use crate::base::span::{FileId, Span};
use crate::iac::{Lookup, Node, Unresolved, Value, document};
use crate::rule::RemoteModules;
use crate::syntax::hcl::{self, Block, Expr, ExprKind, Step};

/// Where `terraform init` writes which module it put where.
const MANIFEST: &[u8] = b".terraform/modules/modules.json";

/// Modules beyond the folders that hold sources.
#[derive(Default)]
pub(super) struct Remote<'a> {
    known: Option<&'a RemoteModules>,
    /// One for each call: all of its places are the call's.
    parsed: RefCell<BTreeMap<(usize, Span), Rc<Module>>>,
    /// By root module, the folders that its calls lead to: `a.b` is `module.a.module.b`.
    vendored: RefCell<BTreeMap<Vec<u8>, Rc<Vendored>>>,
    pub unresolved: RefCell<Vec<Unresolved>>,
}

type Vendored = BTreeMap<Box<str>, Vec<u8>>;

pub(super) enum Target {
    Folder(Vec<u8>),
    /// By its index in the table of known modules.
    Mapped(usize),
    Missing,
}

impl<'a> Terraform<'a> {
    /// The same, with what is known of modules that are in no tree.
    #[must_use]
    pub fn with_modules(mut self, known: &'a RemoteModules) -> Self {
        self.remote.known = Some(known);
        self
    }
}

impl Terraform<'_> {
    /// Where the call `module.name` of an instance leads.
    pub(super) fn target(&self, instance: &Instance, name: &str, call: &Block) -> Target {
        if let Some(folder) = local_source(&instance.module.folder, call) {
            return Target::Folder(folder);
        }
        let vendored = self.vendored(instance.root_folder());
        if !vendored.is_empty() {
            let steps = instance.plain_prefix.split('.').skip(1).step_by(2).chain([name]);
            if let Some(folder) = vendored.get(steps.collect::<Vec<_>>().join(".").as_str()) {
                return Target::Folder(folder.clone());
            }
        }
        let text = |name: &str| call.body.attribute(name)?.value.literal().map(|text| text.to_str().into_owned());
        let found = self.remote.known.zip(text("source")).and_then(|(known, source)| known.find(&source, text("version").as_deref()));
        found.map_or(Target::Missing, Target::Mapped)
    }

    /// The source of a call as it is written.
    pub(super) fn source_of(&self, call: &Block) -> String {
        match call.body.attribute("source").map(|source| &source.value) {
            Some(source) => source.literal().map_or_else(|| self.written(source.span), |text| text.to_str().into_owned()),
            None => String::new(),
        }
    }

    /// Notes that a call leads out of the tree.
    pub(super) fn leads_out(&self, from: &Module, call: &Block, address: &str, mapped: bool) {
        // What stands for a module is out already.
        if from.stands_for_another() {
            return;
        }
        let source = self.source_of(call).into();
        self.remote.unresolved.borrow_mut().push(Unresolved { source, place: call.header, address: address.into(), mapped });
    }

    /// What stands for a known module where it is called.
    pub(super) fn standing_for(&self, index: usize, call: Span) -> Rc<Module> {
        if let Some(module) = self.remote.parsed.borrow().get(&(index, call)) {
            return module.clone();
        }
        let hcl = self.remote.known.map_or("", |known| known.hcl(index));
        // It costs as much as a file of that length, for every call.
        let body = if self.steps_for(hcl.len()) { hcl::parse_at(hcl, call).body } else { hcl::Body::default() };
        let name = self.remote.known.and_then(|known| known.all().get(index)).map_or("", |module| &*module.name);
        let module = Rc::new(Module::standing_for(name, body));
        self.remote.parsed.borrow_mut().insert((index, call), module.clone());
        module
    }

    /// The folders that `terraform init` put modules of a root module in, where the tree holds them.
    pub(super) fn vendored(&self, root: &[u8]) -> Rc<Vendored> {
        if let Some(known) = self.remote.vendored.borrow().get(root) {
            return known.clone();
        }
        let found = Rc::new(self.manifest(root).unwrap_or_default());
        self.remote.vendored.borrow_mut().insert(root.to_vec(), found.clone());
        found
    }

    fn manifest(&self, root: &[u8]) -> Option<Vendored> {
        let path = if root.is_empty() { MANIFEST.to_vec() } else { [root, b"/", MANIFEST].concat() };
        let (file, bytes) = self.files.read(&path).ok()?;
        let manifest = Value::from_node(&document::parse(file, &bytes).ok()?.first()?.root);
        let Lookup::Found(Value { node: Node::List { items, .. }, .. }) = manifest.lookup("Modules") else { return None };
        let text = |item: &Value, name: &str| match item.lookup(name) {
            Lookup::Found(value) => value.as_text().map(std::borrow::Cow::into_owned),
            _ => None,
        };
        let mut found = Vendored::new();
        for item in items.iter().filter(|_| self.step()) {
            let (Some(key), Some(dir)) = (text(item, "Key").filter(|key| !key.is_empty()), text(item, "Dir")) else { continue };
            // A folder of the tree has no source of its own; what leaves the root module's folder is none of its copies.
            let Some(folder) = below(root, &dir).filter(|folder| self.files.list(folder).is_ok()) else { continue };
            found.insert(key.into(), folder);
        }
        Some(found)
    }
}

/// An expression as a condition names it: its names, calls and comparisons.
pub(super) fn spelled(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(value) => value.to_string(),
        ExprKind::Template(_) => expr.literal().map_or_else(|| "a text".to_owned(), |text| format!("{:?}", text.to_str())),
        ExprKind::Reference(name, steps) => {
            let attributes = steps.iter().map(|step| match step {
                Step::Attribute(name) => format!(".{name}"),
                _ => "[…]".to_owned(),
            });
            std::iter::once(name.to_string()).chain(attributes).collect()
        }
        ExprKind::Call { name, arguments, .. } => {
            format!("{name}({})", arguments.iter().map(spelled).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Not(inner) => format!("!{}", spelled(inner)),
        ExprKind::Binary(operator, sides) => format!("{} {} {}", spelled(&sides[0]), logic::sign(*operator), spelled(&sides[1])),
        ExprKind::List(items) => format!("[{}]", items.iter().map(spelled).collect::<Vec<_>>().join(", ")),
        _ => "an expression".to_owned(),
    }
}

/// What is wrong with the source that stands for a module: it does not parse, or names what it does not declare.
#[must_use]
pub fn faults(hcl: &str) -> Vec<String> {
    let nowhere = Span::new(FileId(0), 0..0);
    let hcl::Parsed { body, broken } = hcl::parse_at(hcl, nowhere);
    if !broken.is_empty() {
        return broken.into_iter().map(|error| error.message).collect();
    }
    let mut faults = Vec::new();
    let mut declared: BTreeSet<String> = BTreeSet::new();
    for block in &body.blocks {
        match (&*block.kind, block.labels.as_slice()) {
            ("variable", [name]) => drop(declared.insert(format!("var.{name}"))),
            ("locals", []) => declared.extend(block.body.attributes.iter().map(|local| format!("local.{}", local.name))),
            ("data", [kind, name]) => drop(declared.insert(format!("data.{kind}.{name}"))),
            ("resource", [kind, name]) => drop(declared.insert(format!("{kind}.{name}"))),
            ("module", [name]) => drop(declared.insert(format!("module.{name}"))),
            ("output", [_]) => {}
            (kind, labels) => faults.push(format!("a module has no block `{kind}` with {} labels", labels.len())),
        }
    }
    for name in named(hcl) {
        if !declared.contains(&name) {
            faults.push(format!("`{name}` is named and not declared"));
        }
    }
    faults
}

/// The variables, locals, data sources, resources of AWS and modules that a source names.
fn named(hcl: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut named = BTreeSet::new();
    for word in hcl.lines().filter_map(|line| line.split('#').next()).flat_map(|line| line.split(|c| !is_name(c))) {
        let parts: Vec<&str> = word.split('.').collect();
        match parts.as_slice() {
            [root @ ("var" | "local" | "module"), name, ..] => drop(named.insert(format!("{root}.{name}"))),
            ["data", kind, name, ..] => drop(named.insert(format!("data.{kind}.{name}"))),
            [kind, name, ..] if kind.starts_with("aws_") => drop(named.insert(format!("{kind}.{name}"))),
            _ => {}
        }
    }
    named
}

/// A folder below another.
fn below(root: &[u8], dir: &str) -> Option<Vec<u8>> {
    let mut folder = root.to_vec();
    for part in dir.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => return None,
            part => {
                if !folder.is_empty() {
                    folder.push(b'/');
                }
                folder.extend_from_slice(part.as_bytes());
            }
        }
    }
    Some(folder)
}

#[cfg(test)]
mod tests;
