//! A project as a whole, one root module or one template: what a rule on it is about, and whether something may be missing
//! only from what is known. A module that is not in the tree, a macro, a file that could not be read may hold it.

use super::Policy;
use super::eval::World;
use super::glob::glob;
use super::predicate::{Predicate, Quantifier, Set};
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::base::truth::{Assumption, Why};
use crate::finding::Dialect;
use crate::iac::gate::{self, Part};
use crate::iac::{Evaluated, Files, Reason, Resource, Value};
use crate::input::EntryKind;

/// The kind of what a rule on a project is about. No dialect has such a one.
pub(super) const KIND: &str = "project";
/// The file of a root module that speaks for it, where there is one.
const MAIN: &[u8] = b"main.tf";

/// What else may carry a view than the kinds that have its shape.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    /// Resources that may hold one which nobody looks into.
    pub kinds: Vec<Box<str>>,
    /// Patterns over the sources of modules. Where there are none, any module may.
    modules: Vec<Box<str>>,
}

impl Carriers {
    pub fn of(carriers: &[String]) -> Carriers {
        let is_kind = |name: &&String| name.contains("::") || name.contains('_') && !name.contains(['/', '*', '.', '-']);
        let (kinds, modules): (Vec<&String>, Vec<&String>) = carriers.iter().partition(is_kind);
        let boxed = |all: Vec<&String>| all.into_iter().map(|name| name.as_str().into()).collect();
        Carriers { kinds: boxed(kinds), modules: boxed(modules) }
    }

    /// Whether a module that is not here may carry the view, by its source. What stands for a known one carries what it is
    /// known to: it is named, or it does not.
    fn holds(&self, source: &str, mapped: bool) -> bool {
        let text = Text::within(source.as_bytes(), Span::new(FileId(0), 0..0));
        let named = self.modules.iter().any(|pattern| glob(pattern, &text).is_true());
        named || self.modules.is_empty() && !mapped
    }
}

impl World<'_> {
    /// Why there may be more instances of a view than those of the resources that are known.
    pub fn beyond(&self, view: &str) -> Option<Why> {
        let (project, view) = (self.project?, self.compiled.views.get(view)?);
        if project.exhausted {
            return Some(Why::Budget);
        }
        let module = project.unresolved.iter().find(|module| view.carriers.holds(&module.source, module.mapped));
        let carrier = || self.resources.iter().find(|resource| view.carriers.kinds.contains(&resource.kind));
        let reason = match module {
            Some(module) => Reason::Module(module.source.clone()),
            None => match carrier() {
                Some(resource) => Reason::Reference { address: resource.address.clone(), attribute: "".into() },
                None => return project.more.map(Why::Value),
            },
        };
        Some(Why::Value(self.unknowns.intern(reason)))
    }
}

impl Policy {
    /// Whether it is asked of projects in which there is nothing of what it names.
    pub fn is_of_any_project(&self) -> bool {
        self.asked == super::Asked::Project && !self.when.as_ref().is_some_and(demands)
    }
}

/// Whether a predicate is true only where there is an instance of a view.
fn demands(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::All(parts) => parts.iter().any(demands),
        Predicate::Any(parts) => !parts.is_empty() && parts.iter().all(demands),
        Predicate::Quantified { quantifier: Quantifier::Some, set: Set::View(_), .. } => true,
        _ => false,
    }
}

/// What a rule on a project is about: it stands where a root module's main file begins, or where a template begins to
/// speak of its resources.
pub(super) fn whole(path: &[u8], header: Span) -> Resource {
    let path = if path.is_empty() { b"." } else { path };
    let address: Box<str> = String::from_utf8_lossy(path).into();
    Resource {
        plain_address: address.clone(),
        address,
        kind: KIND.into(),
        attrs: Value::map(Vec::new(), false, header),
        header,
        key: None,
        trace: Vec::new(),
        when: Assumption::default(),
    }
}

/// Where the main file of a root module begins.
pub(super) fn main_file(files: &Files<'_>, root: &[u8]) -> Span {
    let entries = files.list(root).unwrap_or_default();
    let of_module = |entry: &&crate::input::Entry| {
        entry.kind == EntryKind::File && matches!(gate::part(entry.path.name()), Some(Part::Source | Part::Terragrunt))
    };
    let all = || entries.iter().filter(of_module);
    let main = all().find(|entry| entry.path.name() == MAIN).or_else(|| all().next());
    let path = main.map_or(root, |entry| entry.path.bytes());
    // Read, so that its lines can be shown.
    let file = files.read(path).map_or_else(|_| files.file(path), |(file, _)| file);
    Span::new(file, 0..0)
}

/// What a project is written in.
pub(super) fn dialect(project: &Evaluated) -> Dialect {
    if project.header.is_some() { Dialect::Cfn } else { Dialect::Hcl }
}
