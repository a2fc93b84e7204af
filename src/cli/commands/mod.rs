//! One file a command.

pub mod allow;
pub mod baseline;
pub mod config;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod generate;
pub mod hook;
pub mod iac;
pub mod import;
pub mod init;
mod prepare;
pub mod report;
mod repositories;
pub mod rules;
pub mod scan;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::output::Fault;
use crate::base::excerpt::{Lines, Position};
use crate::engine::RuleFault;
use crate::input::{InputPath, Tree, files_below};
use crate::load;
use crate::rule::RuleSet;
use crate::rule::def::Item;
use crate::settings::{From, Said};

/// The text of a file that a person keeps by hand; nothing where it is none: a pipe has no end, nor has a device behind a link.
fn text_of(file: &Path) -> String {
    const MOST: u64 = 4 << 20;
    let is_small_file = fs::symlink_metadata(file).is_ok_and(|found| found.is_file() && found.len() <= MOST);
    if is_small_file { fs::read_to_string(file).unwrap_or_default() } else { String::new() }
}

/// The rules of a run, and the files that a user's came from.
pub struct Loaded {
    pub rules: RuleSet,
    files: BTreeMap<String, Rc<RuleFile>>,
}

impl Loaded {
    /// A fault in a rule, at its place where it has one.
    fn fault(&self, fault: &RuleFault) -> Fault {
        let message = format!("{}{fault}", self.place(fault));
        Fault { help: fault.help.clone(), ..Fault::usage(message) }
    }

    /// `rules/acme.yml:3:7: `, or nothing where the file is not a user's.
    fn place(&self, fault: &RuleFault) -> String {
        let Some(file) = self.files.get(&fault.name) else { return String::new() };
        match fault.at.or_else(|| load::lint::place_of(&file.bytes, &fault.name, fault.field)) {
            Some(at) => {
                let Position { line, column } = Lines::new(&file.bytes).position(at as usize);
                format!("{}:{line}:{column}: ", file.path)
            }
            None => format!("{}: ", file.path),
        }
    }
}

/// The built-in rules, those of folders on the disk, and those of folders that a configuration names, as they are in `tree`.
fn load_rules(folders: &[PathBuf], tree: Option<&dyn Tree>, said: &[Said]) -> Result<Loaded, Vec<Fault>> {
    let mut loaded = Loaded { rules: RuleSet::embedded(), files: BTreeMap::new() };
    let mut faults = Vec::new();
    let folders = folders.iter().map(|folder| every_file(std::slice::from_ref(folder)));
    let said = said.iter().filter_map(|said| match &said.from {
        From::Flag => None,
        From::Environment(_) | From::Default => Some(every_file(&[PathBuf::from(&said.text)])),
        From::File { .. } => Some(every_file_in(tree, said)),
    });
    for files in folders.chain(said) {
        for file in files.map_err(|fault| faults.push(fault)).unwrap_or_default() {
            match load::rules(&file.path, &file.bytes, &file.group) {
                Ok(items) => {
                    let file = Rc::new(file);
                    for item in items {
                        loaded.files.insert(add(&mut loaded.rules, item), file.clone());
                    }
                }
                Err(errors) => {
                    let help = errors.iter().find_map(|error| error.help.clone());
                    let message = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                    faults.push(Fault { help, ..Fault::usage(message) });
                }
            }
        }
    }
    if faults.is_empty() { Ok(loaded) } else { Err(faults) }
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
    path: String,
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
            every.push(RuleFile { path: path.display().to_string(), group, bytes });
        }
    }
    Ok(every)
}

/// Rule files of a repository, and how many there may be.
const MOST_FILES: usize = 10_000;

/// Every rule file of a folder that a configuration names.
fn every_file_in(tree: Option<&dyn Tree>, said: &Said) -> Result<Vec<RuleFile>, Fault> {
    let top = said.text.trim_start_matches("./").trim_end_matches('/').as_bytes();
    let fault = |what: String| {
        Fault::usage(format!("{}: {}: {what}", said.from, said.text))
            .help("`rules` names folders of rule files, from the top of the repository")
    };
    let Some(tree) = tree.filter(|_| !top.starts_with(b"/") && !top.split(|byte| *byte == b'/').any(|part| part == b"..")) else {
        return Err(fault("not in this repository".to_owned()));
    };
    let files = files_below(tree, top, MOST_FILES).map_err(|error| fault(error.to_string()))?;
    let is_rules = |path: &&InputPath| path.bytes().ends_with(b".yml") || path.bytes().ends_with(b".yaml");
    let files: Vec<&InputPath> = files.iter().filter(is_rules).collect();
    match files.len() {
        0 => return Err(fault("no .yml file in it".to_owned())),
        1..=MOST_FILES => {}
        _ => return Err(fault(format!("more than {MOST_FILES} files"))),
    }
    let read = |path: &InputPath| {
        let bytes = tree.read(path.bytes()).map_err(|error| fault(format!("{path}: {error}")))?;
        let below = path.bytes().get(top.len() + 1..).unwrap_or_default();
        let group = memchr::memchr(b'/', below).map_or("user".into(), |end| String::from_utf8_lossy(&below[..end]).into_owned());
        Ok(RuleFile { path: path.to_string(), group, bytes })
    };
    let mut every = files.into_iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
    every.sort_by(|one, other| one.path.cmp(&other.path));
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
