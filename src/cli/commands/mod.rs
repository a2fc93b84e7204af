//! One file a command.

pub mod explain;
pub mod generate;
pub mod rules;
pub mod scan;

use std::fs;
use std::path::{Path, PathBuf};

use super::output::Fault;
use crate::load;
use crate::rule::RuleSet;
use crate::rule::def::Item;

/// The built-in rules and a user's.
fn rule_set(folders: &[PathBuf]) -> Result<RuleSet, Fault> {
    let mut rules = RuleSet::embedded();
    for folder in folders {
        let mut files = Vec::new();
        rule_files(folder, &mut files)
            .map_err(|error| Fault::usage(format!("{}: {error}", folder.display())).help("`--rules` takes a folder of .yml files"))?;
        files.sort();
        if files.is_empty() {
            return Err(Fault::usage(format!("{}: no .yml file in it", folder.display())).help("`--rules` takes a folder of rule files"));
        }
        for file in files {
            add_file(&mut rules, folder, &file)?;
        }
    }
    Ok(rules)
}

fn add_file(rules: &mut RuleSet, folder: &Path, file: &Path) -> Result<(), Fault> {
    let bytes = fs::read(file).map_err(|error| Fault::usage(format!("{}: {error}", file.display())))?;
    let below = file.strip_prefix(folder).unwrap_or(file);
    let group = match below.parent().and_then(|p| p.iter().next()) {
        Some(part) => part.to_string_lossy().into_owned(),
        None => "user".to_owned(),
    };
    let items = load::rules(&file.display().to_string(), &bytes, &group).map_err(|errors| {
        let help = errors.iter().find_map(|e| e.help.clone());
        let message = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Fault { help, ..Fault::usage(message) }
    })?;
    for item in items {
        match item {
            Item::Rule(both) => rules.add(both.0, both.1),
            Item::View(view) => rules.add_view(view),
        }
    }
    Ok(())
}

/// The `.yml` and `.yaml` files of a folder and below; links are not followed.
fn rule_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            rule_files(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
