//! A module as it is written: the files of one folder, read and sorted into what they declare.

mod settings;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::finding::{Failure, Place, Trouble};
use crate::iac::Files;
use crate::iac::gate::{self, Part, part};
use crate::input::{Entry, EntryKind, InputPath, ReadError};
use crate::syntax::document::SyntaxError;
use crate::syntax::hcl::{self, Attribute, Block, Body, Expr};

use settings::Environments;

/// Bytes of the largest file that is evaluated.
const MAX_FILE: usize = 8 << 20;

/// What var files set, by variable.
pub(super) type Settings = BTreeMap<Box<str>, Expr>;

#[derive(Default)]
pub(super) struct Module {
    pub folder: Vec<u8>,
    bodies: Vec<Body>,
    pub variables: BTreeMap<Box<str>, At>,
    pub locals: BTreeMap<Box<str>, At>,
    pub outputs: BTreeMap<Box<str>, At>,
    pub modules: BTreeMap<Box<str>, At>,
    resources: Vec<At>,
    named: Named,
    data: Named,
    has_backend: bool,
    has_var_files: bool,
    /// What var files set that are read without being asked for; later files win.
    pub settings: Settings,
    environments: OnceCell<Environments>,
    broken: Broken,
}

/// Blocks by kind and name; of two with the same address, the first.
type Named = BTreeMap<Box<str>, BTreeMap<Box<str>, At>>;

/// What could not be read.
#[derive(Default)]
pub(super) struct Broken {
    pub errors: Vec<SyntaxError>,
    pub unread: Vec<Trouble>,
}

/// A var file that holds only where it is asked for: the settings of one environment.
pub(super) struct Environment {
    /// Its path from the module's folder: `prod.tfvars`, `env/prod.tfvars`.
    pub name: Box<str>,
    /// What it sets; it goes before what the module's own var files set.
    pub settings: Settings,
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
                module.broken.unread.push(unread(files, folder, Failure::Unreadable, error.to_string()));
                return module;
            }
        };
        for path in of_part(&entries, Part::Source) {
            if let Some(body) = module.broken.read(files, path.bytes()) {
                module.declare(&body);
                module.bodies.push(body);
            }
        }
        for path in settings::automatic(&entries) {
            if let Some(body) = module.broken.read(files, path.bytes()) {
                module.settings.extend(settings::of(body));
            }
        }
        module.has_var_files = [Part::Automatic, Part::Settings].into_iter().any(|part| of_part(&entries, part).next().is_some());
        module
    }

    fn declare(&mut self, source: &Body) {
        let body = self.bodies.len();
        for (number, block) in source.blocks.iter().enumerate() {
            let at = At { body, block: number, attribute: 0 };
            match (&*block.kind, block.labels.as_slice()) {
                ("locals", _) => {
                    for (attribute, local) in block.body.attributes.iter().enumerate() {
                        self.locals.insert(local.name.clone(), At { attribute, ..at });
                    }
                }
                ("variable", [name, ..]) => drop(self.variables.insert(name.clone(), at)),
                ("output", [name, ..]) => drop(self.outputs.insert(name.clone(), at)),
                ("module", [name, ..]) => drop(self.modules.insert(name.clone(), at)),
                ("data", [kind, name]) => name_it(&mut self.data, kind, name, at),
                ("resource", [kind, name]) => {
                    self.resources.push(at);
                    name_it(&mut self.named, kind, name, at);
                }
                ("terraform", _) => {
                    self.has_backend |= block.body.blocks.iter().any(|inner| matches!(&*inner.kind, "backend" | "cloud"));
                }
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

    /// The resources as they are declared; an address that is there twice is here twice.
    pub fn resources(&self) -> impl Iterator<Item = &Block> {
        self.resources.iter().filter_map(|at| self.block(*at))
    }

    /// The data source of a kind and a name.
    #[expect(dead_code, reason = "data sources are evaluated next")]
    pub fn data(&self, kind: &str, name: &str) -> Option<&Block> {
        self.data.get(kind)?.get(name).and_then(|at| self.block(*at))
    }

    /// The resource of a kind and a name.
    pub fn resource(&self, kind: &str, name: &str) -> Option<&Block> {
        self.named.get(kind)?.get(name).and_then(|at| self.block(*at))
    }

    /// Whether it is made to be applied on its own: it keeps a state, or it has var files.
    pub fn is_entry(&self) -> bool {
        self.has_backend || self.has_var_files
    }

    /// The var files of this folder and of the usual folders beside it that set a variable of this module and are not
    /// read without being asked for. By name; read when first asked for.
    pub fn environments(&self, files: &Files<'_>) -> &[Environment] {
        &self.environments.get_or_init(|| Environments::find(files, &self.folder, &|name| self.variables.contains_key(name))).all
    }

    /// What of its files could not be read.
    pub fn broken(&self) -> impl Iterator<Item = &Broken> {
        std::iter::once(&self.broken).chain(self.environments.get().map(|found| &found.broken))
    }
}

impl Broken {
    /// The body of a file, as far as it can be read.
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
}

fn name_it(named: &mut Named, kind: &str, name: &str, at: At) {
    named.entry(kind.into()).or_default().entry(name.into()).or_insert(at);
}

/// The files of a folder that are such a part of its module, in the order of their names.
fn of_part(entries: &[Entry], wanted: Part) -> impl Iterator<Item = &InputPath> {
    let files = entries.iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| &entry.path);
    files.filter(move |path| part(path.name()) == Some(wanted)).filter(|path| !gate::is_json(path.name()))
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

#[cfg(test)]
mod tests;
