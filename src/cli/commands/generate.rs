//! `gatepost generate`: files that are made from the rules, so that nobody writes them twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::args::{Generate, GenerateWhat};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::rule::{RuleSet, doc};

/// # Errors
/// Where a file could not be written.
pub fn run(generate: &Generate) -> Result<Exit, Fault> {
    let GenerateWhat::Docs { to } = &generate.what;
    let rules = RuleSet::embedded();
    let mut pages = BTreeMap::from([("README.md".to_owned(), doc::index(&rules))]);
    for (index, rule) in rules.rules().iter().enumerate() {
        pages.insert(format!("{}.md", rule.meta.id), doc::page(rule, rules.page(index)));
    }
    fs::create_dir_all(to).map_err(|error| Fault::usage(format!("{}: {error}", to.display())))?;
    remove_stale(to, &pages)?;
    for (name, text) in &pages {
        output::save(&to.join(name), text.as_bytes())?;
    }
    output::note(&format!("{} pages in {}", pages.len(), to.display()));
    Ok(Exit::Clean)
}

/// Pages of rules that are no more.
fn remove_stale(to: &Path, pages: &BTreeMap<String, String>) -> Result<(), Fault> {
    let fault = |error: std::io::Error| Fault::usage(format!("{}: {error}", to.display()));
    for entry in fs::read_dir(to).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.extension().is_some_and(|e| e == "md") && !pages.contains_key(&name) {
            fs::remove_file(&path).map_err(fault)?;
        }
    }
    Ok(())
}
