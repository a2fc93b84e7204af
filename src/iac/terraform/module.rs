//! A module as it is written: the files of one folder, read and sorted into what they declare.

mod merge;
mod settings;
mod terragrunt;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::finding::{Failure, Place, Trouble};
use crate::iac::Files;
use crate::iac::files::local;
use crate::iac::gate::{self, Part, part};
use crate::input::{Entry, EntryKind, InputPath, ReadError};
use crate::syntax::document::SyntaxError;
use crate::syntax::hcl::{self, Attribute, Block, Body, Expr};

use settings::Environments;
use terragrunt::Terragrunt;

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
    /// Blocks that speak to Terraform itself.
    meta: Vec<At>,
    has_backend: bool,
    has_var_files: bool,
    /// Attributes and blocks that overrides may still look at.
    merges: usize,
    /// What Terragrunt sets when it calls this module.
    terragrunt: Option<Terragrunt>,
    /// What var files set that are read without being asked for; later files win.
    pub settings: Settings,
    environments: OnceCell<Environments>,
    broken: Broken,
}

/// Blocks by kind and name; one that is declared twice is here twice.
type Named = BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<At>>>;

/// What could not be read.
#[derive(Default)]
pub(super) struct Broken {
    pub errors: Vec<Partial>,
    pub unread: Vec<Trouble>,
}

/// A part of a file that could not be read.
pub(super) struct Partial {
    pub error: SyntaxError,
    /// The blocks and settings of its file that could.
    pub rest: usize,
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
    /// The module of a folder: what its sources declare, or where it has a `terragrunt.hcl` that takes its sources from
    /// another folder, what those do.
    pub fn load(files: &Files<'_>, folder: &[u8]) -> Module {
        let entries = files.list(folder).unwrap_or_default();
        let Some(path) = of_part(&entries, Part::Terragrunt).next() else { return Module::of(files, folder) };
        let mut broken = Broken::default();
        let terragrunt = broken.read(files, path).map(|body| Terragrunt::of(files, path, &body));
        let elsewhere = terragrunt.as_ref().and_then(|terragrunt| terragrunt.sources.clone());
        let mut module = Module::of(files, elsewhere.as_deref().unwrap_or(folder));
        if elsewhere.is_some() {
            // Terragrunt puts the folder's own sources beside those.
            for path in of_part(&entries, Part::Source) {
                if let Some(body) = module.broken.read(files, path) {
                    module.declare(body);
                }
            }
        }
        module.terragrunt = terragrunt;
        module.broken.errors.append(&mut broken.errors);
        module.broken.unread.append(&mut broken.unread);
        module
    }

    fn of(files: &Files<'_>, folder: &[u8]) -> Module {
        let mut module = Module { folder: folder.to_vec(), merges: merge::MAX_LOOKS, ..Module::default() };
        let entries = match files.list(folder) {
            Ok(entries) => entries,
            // What is not there is called in vain; the call says so.
            Err(ReadError::Missing) => return module,
            Err(error) => {
                module.broken.unread.push(unread(files, folder, Failure::Unreadable, error.to_string()));
                return module;
            }
        };
        // OpenTofu reads `main.tofu` and no `main.tf` beside it, Terraform the other: who applies it is not known, so that both
        // are judged. What both declare by name, the `.tofu` file says.
        for path in of_part(&entries, Part::Source) {
            if let Some(body) = module.broken.read(files, path) {
                module.declare(body);
            }
        }
        for path in of_part(&entries, Part::Override) {
            if let Some(body) = module.broken.read(files, path) {
                module.merge(files, path, body);
            }
        }
        for path in settings::automatic(&entries) {
            if let Some(body) = module.broken.read(files, path) {
                module.settings.extend(settings::of(body));
            }
        }
        let var_files = [Part::Automatic, Part::Settings];
        module.has_var_files = var_files.into_iter().any(|part| of_part(&entries, part).next().is_some());
        module
    }

    /// A module of one source that stands in no folder: `name` tells it from all others.
    pub fn standing_for(name: &str, body: Body) -> Module {
        // No folder of a tree has a name with a zero byte.
        let mut module = Module { folder: format!("\0{name}").into_bytes(), ..Module::default() };
        module.declare(body);
        module
    }

    /// Whether it is one made by [`Module::standing_for`].
    pub fn stands_for_another(&self) -> bool {
        self.folder.first() == Some(&0)
    }

    fn declare(&mut self, source: Body) {
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
                    self.meta.push(at);
                }
                ("provider" | "moved" | "import" | "removed" | "check" | "ephemeral", _) => self.meta.push(at),
                _ => {}
            }
        }
        self.bodies.push(source);
    }

    /// The blocks of this kind that declare neither values nor resources: `provider`, `moved`, `import`, `removed`,
    /// `check`, `ephemeral`, `terraform`.
    pub fn meta<'m>(&'m self, kind: &'m str) -> impl Iterator<Item = &'m Block> {
        self.meta.iter().filter_map(|at| self.block(*at)).filter(move |block| &*block.kind == kind)
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
    pub fn data(&self, kind: &str, name: &str) -> Option<&Block> {
        self.data.get(kind)?.get(name)?.first().and_then(|at| self.block(*at))
    }

    /// The names of the data sources of a kind.
    pub fn data_names(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.data.get(kind).into_iter().flatten().map(|(name, _)| &**name)
    }

    /// The resource of a kind and a name.
    pub fn resource(&self, kind: &str, name: &str) -> Option<&Block> {
        self.named.get(kind)?.get(name)?.first().and_then(|at| self.block(*at))
    }

    /// Whether it keeps a state of its own: a `backend` or `cloud` block.
    #[cfg(test)]
    pub fn has_backend(&self) -> bool {
        self.has_backend
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

    /// The file of Terragrunt's that sets a variable of this root module, where one does or may.
    pub fn set_by(&self, variable: &str) -> Option<&str> {
        self.terragrunt.as_ref().filter(|terragrunt| terragrunt.sets(variable)).map(|terragrunt| &*terragrunt.file)
    }

    /// What of its files could not be read.
    pub fn broken(&self) -> impl Iterator<Item = &Broken> {
        std::iter::once(&self.broken).chain(self.environments.get().map(|found| &found.broken))
    }
}

impl Broken {
    pub fn is_any(&self) -> bool {
        !self.errors.is_empty() || !self.unread.is_empty()
    }

    /// The body of a file, as far as it can be read.
    fn read(&mut self, files: &Files<'_>, path: &InputPath) -> Option<Body> {
        let (file, bytes) = match files.read(path.bytes()) {
            Ok(read) => read,
            // Gone since the folder was listed.
            Err(ReadError::Missing) => return None,
            Err(error) => {
                self.unread.push(unread(files, path.bytes(), Failure::Unreadable, error.to_string()));
                return None;
            }
        };
        if bytes.len() > MAX_FILE {
            let message = format!("{} bytes; at most {MAX_FILE} are evaluated", bytes.len());
            self.unread.push(unread(files, path.bytes(), Failure::Limit, message));
            return None;
        }
        let hcl::Parsed { body, broken } = match (gate::is_json(path.name()), part(path.name())) {
            (false, _) => hcl::parse(file, &bytes),
            (true, Some(Part::Automatic | Part::Settings)) => hcl::json::parse_settings(file, &bytes),
            (true, _) => hcl::json::parse(file, &bytes),
        };
        let rest = body.blocks.len() + body.attributes.len();
        self.errors.extend(broken.into_iter().map(|error| Partial { error, rest }));
        Some(body)
    }
}

fn name_it(named: &mut Named, kind: &str, name: &str, at: At) {
    named.entry(kind.into()).or_default().entry(name.into()).or_default().push(at);
}

/// The files of a folder that are such a part of its module, in the order of their names.
fn of_part(entries: &[Entry], wanted: Part) -> impl Iterator<Item = &InputPath> {
    let files = entries.iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| &entry.path);
    files.filter(move |path| part(path.name()) == Some(wanted))
}

fn unread(files: &Files<'_>, path: &[u8], kind: Failure, message: String) -> Trouble {
    Trouble { place: Some(Place::whole(files.file(path))), kind, message, help: None }
}

/// The folder of a module call whose source lies in the tree; None for others, and for what leaves the tree.
pub(super) fn local_source(folder: &[u8], call: &Block) -> Option<Vec<u8>> {
    let source = call.body.attribute("source")?.value.literal()?;
    local(folder, source.bytes())
}

#[cfg(test)]
mod tests;
