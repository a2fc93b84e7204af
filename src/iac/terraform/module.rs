//! A module as it is written: the files of one folder, read and sorted into what they declare.

use std::collections::BTreeMap;

use crate::finding::{Failure, Place, Trouble};
use crate::iac::Files;
use crate::iac::gate::{Part, part};
use crate::input::{EntryKind, ReadError};
use crate::syntax::document::SyntaxError;
use crate::syntax::hcl::{self, Attribute, Block, Body, Expr};

/// Bytes of the largest file that is evaluated.
const MAX_FILE: usize = 8 << 20;

#[derive(Default)]
pub(super) struct Module {
    pub folder: Vec<u8>,
    bodies: Vec<Body>,
    pub variables: BTreeMap<Box<str>, At>,
    pub locals: BTreeMap<Box<str>, At>,
    pub outputs: BTreeMap<Box<str>, At>,
    pub modules: BTreeMap<Box<str>, At>,
    resources: Vec<At>,
    data: BTreeMap<(Box<str>, Box<str>), At>,
    /// What var files set; later files win.
    pub settings: BTreeMap<Box<str>, Expr>,
    pub errors: Vec<SyntaxError>,
    pub unread: Vec<Trouble>,
}

/// A block, and an attribute of it where one is meant (a local).
#[derive(Clone, Copy)]
pub(super) struct At {
    body: usize,
    block: usize,
    attribute: usize,
}

impl Module {
    pub fn load(files: &Files<'_>, folder: &[u8]) -> Module {
        let mut module = Module { folder: folder.to_vec(), ..Module::default() };
        let entries = match files.list(folder) {
            Ok(entries) => entries,
            // What is not there is called in vain; the call says so.
            Err(ReadError::Missing) => return module,
            Err(error) => {
                module.unread.push(unread(files, folder, Failure::Unreadable, error.to_string()));
                return module;
            }
        };
        let files_here = entries.iter().filter(|entry| entry.kind == EntryKind::File);
        // `terraform.tfvars` first, then the others by name.
        let mut settings: Vec<_> = files_here.clone().filter(|entry| part(entry.path.name()) == Some(Part::Automatic)).collect();
        settings.sort_by_key(|entry| (entry.path.name() != b"terraform.tfvars", entry.path.name().to_vec()));
        for entry in files_here.filter(|entry| part(entry.path.name()) == Some(Part::Source)) {
            if let Some(body) = module.read(files, entry.path.bytes()) {
                module.declare(&body);
                module.bodies.push(body);
            }
        }
        for entry in settings {
            if let Some(body) = module.read(files, entry.path.bytes()) {
                module.settings.extend(body.attributes.into_iter().map(|attribute| (attribute.name, attribute.value)));
            }
        }
        module
    }

    /// A module of one source that stands in no folder: `name` tells it from all others.
    pub fn standing_for(name: &str, body: Body) -> Module {
        // No folder of a tree has a name with a zero byte.
        let mut module = Module { folder: format!("\0{name}").into_bytes(), ..Module::default() };
        module.declare(&body);
        module.bodies.push(body);
        module
    }

    /// Whether it is one made by [`Module::standing_for`].
    pub fn stands_for_another(&self) -> bool {
        self.folder.first() == Some(&0)
    }

    fn read(&mut self, files: &Files<'_>, path: &[u8]) -> Option<Body> {
        let (file, bytes) = match files.read(path) {
            Ok(read) => read,
            // Gone since the folder was listed.
            Err(ReadError::Missing) => return None,
            Err(error) => {
                self.unread.push(unread(files, path, Failure::Unreadable, error.to_string()));
                return None;
            }
        };
        if bytes.len() > MAX_FILE {
            self.unread.push(unread(files, path, Failure::Limit, format!("{} bytes; at most {MAX_FILE} are evaluated", bytes.len())));
            return None;
        }
        let hcl::Parsed { body, broken } = hcl::parse(file, &bytes);
        self.errors.extend(broken);
        Some(body)
    }

    fn declare(&mut self, source: &Body) {
        let body = self.bodies.len();
        for (number, block) in source.blocks.iter().enumerate() {
            let at = At { body, block: number, attribute: 0 };
            let name = block.labels.first();
            match (&*block.kind, name) {
                ("locals", _) => {
                    for (attribute, local) in block.body.attributes.iter().enumerate() {
                        self.locals.insert(local.name.clone(), At { attribute, ..at });
                    }
                }
                ("variable", Some(name)) => drop(self.variables.insert(name.clone(), at)),
                ("output", Some(name)) => drop(self.outputs.insert(name.clone(), at)),
                ("module", Some(name)) => drop(self.modules.insert(name.clone(), at)),
                ("data", Some(kind)) => {
                    if let Some(name) = block.labels.get(1) {
                        self.data.insert((kind.clone(), name.clone()), at);
                    }
                }
                ("resource", Some(_)) if block.labels.len() == 2 => self.resources.push(at),
                _ => {}
            }
        }
    }

    pub fn block(&self, at: At) -> Option<&Block> {
        self.bodies.get(at.body)?.blocks.get(at.block)
    }

    pub fn local(&self, at: At) -> Option<&Attribute> {
        self.block(at)?.body.attributes.get(at.attribute)
    }

    pub fn calls(&self) -> impl Iterator<Item = &Block> {
        self.modules.values().filter_map(|at| self.block(*at))
    }

    pub fn resources(&self) -> impl Iterator<Item = &Block> {
        self.resources.iter().filter_map(|at| self.block(*at))
    }

    /// The data source of a kind and a name.
    pub fn data(&self, kind: &str, name: &str) -> Option<&Block> {
        self.data.get(&(kind.into(), name.into())).and_then(|at| self.block(*at))
    }

    /// The resource of a kind and a name.
    pub fn resource(&self, kind: &str, name: &str) -> Option<&Block> {
        self.resources().find(|block| matches!(block.labels.as_slice(), [k, n] if **k == *kind && **n == *name))
    }
}

fn unread(files: &Files<'_>, path: &[u8], kind: Failure, message: String) -> Trouble {
    Trouble { place: Some(Place::whole(files.file(path))), kind, message, help: None }
}

/// The folder of a module call whose source lies in the tree; None for others, and for what leaves the tree.
pub(super) fn local_source(folder: &[u8], call: &Block) -> Option<Vec<u8>> {
    let source = call.body.attribute("source")?.value.literal()?;
    let source = source.bytes();
    if !(source.starts_with(b"./") || source.starts_with(b"../") || source == b"." || source == b"..") {
        return None;
    }
    let mut parts: Vec<&[u8]> = folder.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect();
    for part in source.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}
