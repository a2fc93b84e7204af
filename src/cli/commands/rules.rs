//! `gatepost rules list|check|test`: the built-in rules and a user's, alike.

use std::fmt::Write as _;

mod check;
mod new;
mod test;
mod views;

use super::load_rules;
use crate::base::escape;
use crate::cli::args::{Color, Rules, RulesCommand};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::rule::RuleSet;
use crate::settings::Selection;

/// # Errors
/// Where rules could not be read.
pub fn run(rules: &Rules, color: Color) -> Result<Exit, Fault> {
    match &rules.command {
        RulesCommand::List(dirs) => list(&load_rules(&dirs.rules, None, &[])?.rules),
        RulesCommand::Check(what) => check::run(what, color),
        RulesCommand::New(what) => new::run(what),
        RulesCommand::Views(what) => views::run(what),
        RulesCommand::Test(what) => test::run(what, color),
    }
}

fn list(rules: &RuleSet) -> Result<Exit, Fault> {
    let mut out = String::new();
    let wide = rules.rules().iter().map(|r| r.meta.id.as_str().len()).max().unwrap_or(0);
    for rule in rules.rules() {
        let meta = &rule.meta;
        let off = if meta.default_on { "" } else { " (off by default)" };
        writeln!(
            out,
            "{:wide$}  {:8}  {:8}  {}{off}",
            meta.id.as_str(),
            meta.severity,
            escape::name(&meta.group),
            escape::name(&meta.title)
        )
        .expect("writing to a string");
    }
    output::print(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// The rules of these names, or all of them.
fn wanted(rules: &RuleSet, names: &[String]) -> Result<Selection, Fault> {
    Selection::of(rules, names).map_err(|error| Fault::usage(error.to_string()).help(error.help))
}
