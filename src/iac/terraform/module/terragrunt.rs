//! Terragrunt: a `terragrunt.hcl` calls a module with `inputs` of its own. They are not evaluated; which variables they
//! set is known where they are written out.

use std::collections::BTreeSet;

use super::Broken;
use crate::iac::Files;
use crate::iac::files::local;
use crate::input::InputPath;
use crate::syntax::hcl::{Block, Body, Expr, ExprKind, Part};

/// What a `terragrunt.hcl` says.
pub(super) struct Terragrunt {
    /// Its path.
    pub file: Box<str>,
    /// The folder of the module that it calls, where that is another one of this tree.
    pub sources: Option<Vec<u8>>,
    inputs: BTreeSet<Box<str>>,
    /// It may set more than those.
    open: bool,
}

impl Terragrunt {
    pub fn of(files: &Files<'_>, path: &InputPath, body: &Body) -> Terragrunt {
        let folder = path.parent();
        let source = body.blocks("terraform").find_map(|block| block.body.attribute("source"));
        let mut terragrunt = Terragrunt {
            file: path.to_str().into(),
            sources: source.and_then(|source| written(folder, &source.value)).filter(|sources| sources != folder),
            inputs: BTreeSet::new(),
            open: false,
        };
        terragrunt.take(body);
        body.blocks("include").for_each(|include| terragrunt.include(files, folder, include));
        terragrunt
    }

    pub fn sets(&self, variable: &str) -> bool {
        self.open || self.inputs.contains(variable)
    }

    /// The inputs that are written out in a file.
    fn take(&mut self, body: &Body) {
        match body.attribute("inputs").map(|inputs| &inputs.value.kind) {
            Some(ExprKind::Object(entries)) => {
                for (key, _) in entries {
                    match key.literal() {
                        Some(name) => drop(self.inputs.insert(name.to_str().into())),
                        None => self.open = true,
                    }
                }
            }
            Some(_) => self.open = true,
            None => {}
        }
    }

    /// What an include brings: the inputs of a file above that is read whole and includes no more. What any other may set
    /// is not known.
    fn include(&mut self, files: &Files<'_>, folder: &[u8], block: &Block) {
        match block.body.attribute("path").and_then(|path| above(files, folder, &path.value)) {
            Some(body) if body.blocks("include").next().is_none() => self.take(&body),
            _ => self.open = true,
        }
    }
}

/// The nearest file of a folder above that `find_in_parent_folders` names.
fn above(files: &Files<'_>, folder: &[u8], path: &Expr) -> Option<Body> {
    let call = match &path.kind {
        ExprKind::Template(parts) => match parts.as_slice() {
            [Part::Interpolation(inner)] => &inner.kind,
            _ => return None,
        },
        kind => kind,
    };
    let ExprKind::Call { name, arguments, .. } = call else { return None };
    if &**name != "find_in_parent_folders" {
        return None;
    }
    let named = arguments.first().map(|argument| argument.literal().map(|name| name.bytes().to_vec()));
    let names = match named {
        Some(name) => vec![name.filter(|name| !name.contains(&b'/'))?],
        None => vec![b"terragrunt.hcl".to_vec(), b"root.hcl".to_vec()],
    };
    let mut folder = folder;
    while !folder.is_empty() {
        folder = memchr::memrchr(b'/', folder).map_or(&[][..], |end| &folder[..end]);
        for name in &names {
            let path = if folder.is_empty() { name.clone() } else { [folder, b"/", name].concat() };
            let mut broken = Broken::default();
            let body = broken.read(files, &InputPath::new(&path));
            if body.is_some() || !broken.unread.is_empty() {
                return body.filter(|_| broken.errors.is_empty() && broken.unread.is_empty());
            }
        }
    }
    None
}

/// The folder that a source names: `../modules//vpc`, `${get_repo_root()}/modules/vpc`.
fn written(folder: &[u8], source: &Expr) -> Option<Vec<u8>> {
    let ExprKind::Template(parts) = &source.kind else { return None };
    let (from, path) = match parts.as_slice() {
        [Part::Literal(path)] => (folder, path.bytes().to_vec()),
        [Part::Interpolation(start), Part::Literal(path)] => match &start.kind {
            ExprKind::Call { name, .. } if &**name == "get_repo_root" => (&[][..], [b"./", path.bytes()].concat()),
            ExprKind::Call { name, .. } if &**name == "get_terragrunt_dir" => (folder, [b"./", path.bytes()].concat()),
            _ => return None,
        },
        _ => return None,
    };
    local(from, &path)
}
