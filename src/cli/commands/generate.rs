//! `gatepost generate`: files that are made from the rules and the command line, so that nobody writes them twice.

mod man;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::{Args, Generate, GenerateWhat, examples};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::load;
use crate::render::json;
use crate::rule::{RuleSet, doc, schema};

/// # Errors
/// Where a file could not be written.
pub fn run(generate: &Generate) -> Result<Exit, Fault> {
    let rules = RuleSet::embedded();
    match &generate.what {
        GenerateWhat::Docs { to } => docs(&rules, to),
        GenerateWhat::ConfigSchema => {
            output::print(format!("{:#}\n", load::schema::config()).as_bytes())?;
            Ok(Exit::Clean)
        }
        GenerateWhat::Schema => {
            output::print(format!("{:#}\n", schema::schema(&rules)).as_bytes())?;
            Ok(Exit::Clean)
        }
        GenerateWhat::ReportSchema => {
            output::print(format!("{:#}\n", json::schema::schema()).as_bytes())?;
            Ok(Exit::Clean)
        }
        GenerateWhat::Man { to } => pages(&man::pages(examples::command(), output::source_date()), to),
        GenerateWhat::Completions { shell } => {
            output::print(&completions(*shell))?;
            Ok(Exit::Clean)
        }
    }
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "gatepost", &mut script);
    script
}

/// Writes pages, and removes none: a test tells of pages whose rules are no more.
fn docs(rules: &RuleSet, to: &Path) -> Result<Exit, Fault> {
    let mut pages = BTreeMap::from([("README.md".to_owned(), doc::index(rules))]);
    for (index, rule) in rules.rules().iter().enumerate() {
        pages.insert(format!("{}.md", rule.meta.id), doc::page(rule, rules.page(index)));
    }
    self::pages(&pages, to)
}

fn pages(pages: &BTreeMap<String, impl AsRef<[u8]>>, to: &Path) -> Result<Exit, Fault> {
    fs::create_dir_all(to).map_err(|error| Fault::usage(format!("{}: {error}", to.display())))?;
    for (name, text) in pages {
        output::save(&to.join(name), text.as_ref())?;
    }
    output::note(&format!("{} pages in {}", pages.len(), to.display()));
    Ok(Exit::Clean)
}
