//! Var files: which a module reads unasked, in Terraform's order, and which are settings of an environment.

use super::{Broken, Environment, Settings, of_part, unread};
use crate::finding::Failure;
use crate::iac::Files;
use crate::iac::gate::Part;
use crate::input::{Entry, EntryKind, InputPath};
use crate::syntax::hcl::Body;

/// Folders below a module's that var files of environments are kept in.
const FOLDERS: [&[u8]; 8] = [b"config", b"configs", b"env", b"environments", b"envs", b"tfvars", b"variables", b"vars"];
/// Var files of one module that are looked at.
const MAX_FILES: usize = 64;

/// The settings of a module's environments, once they are looked for.
#[derive(Default)]
pub(super) struct Environments {
    pub all: Vec<Environment>,
    pub broken: Broken,
}

/// What a var file sets.
pub(super) fn of(body: Body) -> impl Iterator<Item = (Box<str>, crate::syntax::hcl::Expr)> {
    body.attributes.into_iter().map(|attribute| (attribute.name, attribute.value))
}

/// The var files that are read unasked: `terraform.tfvars`, its JSON form, then the others by name. Later ones win.
pub(super) fn automatic(entries: &[Entry]) -> Vec<&InputPath> {
    let mut paths: Vec<&InputPath> = of_part(entries, Part::Automatic).collect();
    let rank = |path: &InputPath| match path.name() {
        b"terraform.tfvars" => 0,
        b"terraform.tfvars.json" => 1,
        _ => 2,
    };
    paths.sort_by(|a, b| (rank(a), a.name()).cmp(&(rank(b), b.name())));
    paths
}

impl Environments {
    /// The var files in and beside a module's folder that set what it declares.
    pub fn find(files: &Files<'_>, folder: &[u8], declares: &dyn Fn(&str) -> bool) -> Environments {
        let mut found = Environments::default();
        let mut paths: Vec<InputPath> = Vec::new();
        let here = files.list(folder).unwrap_or_default();
        paths.extend(of_part(&here, Part::Settings).cloned());
        let usual = here.iter().filter(|entry| entry.kind == EntryKind::Folder && FOLDERS.contains(&entry.path.name()));
        for inner in usual {
            let entries = files.list(inner.path.bytes()).unwrap_or_default();
            let parts = [Part::Automatic, Part::Settings].into_iter();
            paths.extend(parts.flat_map(|part| of_part(&entries, part)).cloned());
            // One folder each: `env/prod/terraform.tfvars`.
            for below in entries.iter().filter(|entry| entry.kind == EntryKind::Folder).take(MAX_FILES) {
                let entries = files.list(below.path.bytes()).unwrap_or_default();
                // A folder with sources of its own is a module of its own.
                if of_part(&entries, Part::Source).next().is_none() {
                    let parts = [Part::Automatic, Part::Settings].into_iter();
                    paths.extend(parts.flat_map(|part| of_part(&entries, part)).cloned());
                }
            }
        }
        paths.sort_by(|a, b| a.bytes().cmp(b.bytes()));
        if let Some(first) = paths.get(MAX_FILES) {
            let message = format!("one of {} var files; at most {MAX_FILES} of them are looked at", paths.len());
            found.broken.unread.push(unread(files, first.bytes(), Failure::Limit, message));
        }
        for path in paths.iter().take(MAX_FILES) {
            let Some(body) = found.broken.read(files, path) else { continue };
            let settings: Settings = of(body).collect();
            if settings.keys().any(|name| declares(name)) {
                let from = if folder.is_empty() { 0 } else { folder.len() + 1 };
                let name = String::from_utf8_lossy(path.bytes().get(from..).unwrap_or_default()).into();
                found.all.push(Environment { name, settings });
            }
        }
        found
    }
}
