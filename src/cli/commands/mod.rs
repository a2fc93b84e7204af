//! One file a command.

pub mod diff;
pub mod explain;
pub mod generate;
pub mod iac;
pub mod report;
pub mod rules;
pub mod scan;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::output::Fault;
use crate::base::excerpt::{Lines, Position};
use crate::engine::RuleFault;
use crate::load;
use crate::rule::RuleSet;
use crate::rule::def::Item;

/// The rules of a run, and the files that a user's came from.
struct Loaded {
    rules: RuleSet,
    files: BTreeMap<String, PathBuf>,
}

impl Loaded {
    /// A fault in a rule, at its place where it has one.
    fn fault(&self, fault: RuleFault) -> Fault {
        let message = format!("{}{fault}", self.place(&fault));
        Fault { help: fault.help, ..Fault::usage(message) }
    }

    /// `rules/acme.yml:3:7: `, or nothing where the file is not a user's.
    fn place(&self, fault: &RuleFault) -> String {
        let Some(file) = self.files.get(&fault.name) else { return String::new() };
        match fault.at.and_then(|at| Some((at, fs::read(file).ok()?))) {
            Some((at, bytes)) => {
                let Position { line, column } = Lines::new(&bytes).position(at as usize);
                format!("{}:{line}:{column}: ", file.display())
            }
            None => format!("{}: ", file.display()),
        }
    }
}

/// The built-in rules and a user's.
fn load_rules(folders: &[PathBuf]) -> Result<Loaded, Fault> {
    let mut loaded = Loaded { rules: RuleSet::embedded(), files: BTreeMap::new() };
    for RuleFile { path, group, bytes } in every_file(folders)? {
        let items = load::rules(&path.display().to_string(), &bytes, &group).map_err(|errors| {
            let help = errors.iter().find_map(|e| e.help.clone());
            let message = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            Fault { help, ..Fault::usage(message) }
        })?;
        for item in items {
            loaded.files.insert(add(&mut loaded.rules, item), path.clone());
        }
    }
    Ok(loaded)
}

/// Adds an item to the rules of a run; its name.
fn add(rules: &mut RuleSet, item: Item) -> String {
    match item {
        Item::Rule(both) => {
            let name = both.0.meta.id.as_str().to_owned();
            rules.add(both.0, both.1);
            name
        }
        Item::View(view) => {
            let name = view.name.clone();
            rules.add_view(view);
            name
        }
        Item::Table(table) => {
            let name = table.name.clone();
            rules.add_table(table);
            name
        }
        Item::Module(module, hcl) => {
            let name = module.name.clone();
            rules.add_module(module, hcl);
            name
        }
    }
}

/// A user's rule file as it is.
struct RuleFile {
    path: PathBuf,
    /// The folder under the one that was given, which its rules belong to.
    group: String,
    bytes: Vec<u8>,
}

/// Every rule file of some folders.
fn every_file(folders: &[PathBuf]) -> Result<Vec<RuleFile>, Fault> {
    let mut every = Vec::new();
    for folder in folders {
        let mut files = Vec::new();
        rule_files(folder, &mut files)
            .map_err(|error| Fault::usage(format!("{}: {error}", folder.display())).help("`--rules` takes a folder of .yml files"))?;
        files.sort();
        if files.is_empty() {
            return Err(Fault::usage(format!("{}: no .yml file in it", folder.display())).help("`--rules` takes a folder of rule files"));
        }
        for path in files {
            let bytes = fs::read(&path).map_err(|error| Fault::usage(format!("{}: {error}", path.display())))?;
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let group = match below.parent().and_then(|p| p.iter().next()) {
                Some(part) => part.to_string_lossy().into_owned(),
                None => "user".to_owned(),
            };
            every.push(RuleFile { path, group, bytes });
        }
    }
    Ok(every)
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
