//! `gatepost explain RULE`: the rule's page, without the network.

use super::load_rules;
use crate::cli::args::Explain;
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::rule::{doc, raw::nearest};

/// # Errors
/// Where no rule is called that.
pub fn run(explain: &Explain) -> Result<Exit, Fault> {
    let rules = load_rules(&explain.dirs.rules, None, &[])?.rules;
    let Some(index) = rules.find(&explain.rule) else {
        let near = nearest(&explain.rule, rules.rules().iter().map(|r| r.meta.id.as_str()));
        let help = near.map_or_else(|| "`gatepost rules list` shows them all".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Fault::usage(format!("no rule is called `{}`", explain.rule)).help(help));
    };
    output::print(doc::text(&rules.rules()[index], rules.page(index)).as_bytes())?;
    Ok(Exit::Clean)
}
