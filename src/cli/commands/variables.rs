//! Values for Terraform's variables, as words name them.

use std::path::{Component, Path, PathBuf};

use crate::cli::args::Values;
use crate::cli::output::Fault;
use crate::settings::{From, Said, Variables};
use crate::source::disk::to_bytes;

/// What the words and, on request, the environment say of Terraform's variables. `on_disk`: what is looked at there, the
/// folder at hand where that is nothing; None where it is elsewhere, and nobody can say yet whether a file is there.
pub(super) fn variables(values: &Values, files: &[Said], on_disk: Option<&[PathBuf]>, top: &Path) -> Result<Variables, Fault> {
    let mut variables = Variables::default();
    for said in files {
        let file = Path::new(&said.text);
        variables.files.push(match said.from {
            From::File { .. } => from_top(said, on_disk.is_some(), top)?,
            From::Flag | From::Environment(_) | From::Default => located(file, on_disk)?,
        });
    }
    if values.tf_env {
        let set = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        variables.values = set.filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.into(), value.into()))).collect();
    }
    Ok(variables)
}

/// Where a var file lies that the configuration names, from the top of the repository.
fn from_top(said: &Said, on_disk: bool, top: &Path) -> Result<Vec<u8>, Fault> {
    let file = Path::new(&said.text);
    let path = tree_path(file).ok_or_else(|| Fault::usage(format!("{}: {} leads out of the repository", said.from, file.display())))?;
    let is_here = || std::env::current_dir().ok().and_then(|here| std::fs::canonicalize(here).ok()).is_some_and(|here| here == top);
    if !on_disk || is_here() {
        return Ok(path);
    }
    Ok(to_bytes(&top.join(file)))
}

/// Where in the tree a var file lies.
fn located(file: &Path, on_disk: Option<&[PathBuf]>) -> Result<Vec<u8>, Fault> {
    let path = tree_path(file).ok_or_else(|| {
        Fault::usage(format!("--var-file {}: not below what is looked at", file.display()))
            .help("a path relative to the folder that is looked at, as in env/prod.tfvars".to_owned())
    })?;
    let here = [PathBuf::from(".")];
    let folders = match on_disk {
        None => return Ok(path),
        Some([]) => &here,
        Some(paths) => paths,
    };
    let below = |typed: &PathBuf| if typed.is_dir() { typed.join(file) } else { typed.with_file_name("").join(file) };
    let found = folders.iter().map(below).find(|path| path.is_file());
    found.map(|path| to_bytes(&path)).ok_or_else(|| {
        let looked = folders.first().map_or_else(|| ".".to_owned(), |folder| folder.display().to_string());
        Fault::usage(format!("--var-file {}: no such file in {looked}", file.display()))
            .help("a path relative to the folder that is looked at, as in env/prod.tfvars".to_owned())
    })
}

/// A path as a tree has it: names with slashes between them; None for one that leaves the tree.
fn tree_path(path: &Path) -> Option<Vec<u8>> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => names.push(name.as_encoded_bytes().to_vec()),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!names.is_empty()).then(|| names.join(&b'/'))
}
