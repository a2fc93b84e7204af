//! `gatepost rules views`: what rules can look at, and by which names.

use std::fmt::Write as _;

use super::super::load_rules;
use crate::base::escape;
use crate::cli::args::Views;
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::policy::Compiled;
use crate::rule::def::View;
use crate::rule::raw::nearest;
use crate::rule::{RuleSet, scaffold};

/// # Errors
/// Where there is no such view.
pub fn run(views: &Views) -> Result<Exit, Fault> {
    let rules = load_rules(&views.dirs.rules, None, &[])?.rules;
    let out = match &views.name {
        None => list(&rules),
        Some(name) => one(view(&rules, name)?, &names(&rules, name)),
    };
    output::print(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// Every view: its name, its attributes and how many kinds have it.
pub fn list(rules: &RuleSet) -> String {
    let mut views: Vec<&View> = rules.views().iter().collect();
    views.sort_by(|a, b| a.name.cmp(&b.name));
    let wide = views.iter().map(|view| view.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for view in views {
        let (count, names) = (view.kinds.len(), names(rules, &view.name).join(" "));
        let kinds = if count == 1 { "kind" } else { "kinds" };
        writeln!(out, "{:wide$}  {count:2} {kinds:5}  {}", escape::name(&view.name), escape::name(&names)).expect("writing to a string");
    }
    out
}

/// # Errors
/// With the nearest name.
pub fn view<'r>(rules: &'r RuleSet, name: &str) -> Result<&'r View, Fault> {
    rules.views().iter().find(|view| view.name == name).ok_or_else(|| {
        let near = nearest(name, rules.views().iter().map(|view| view.name.as_str()));
        let help = near.map_or_else(|| "`gatepost rules views` lists them all".to_owned(), |near| format!("did you mean `{near}`?"));
        Fault::usage(format!("no view is called `{name}`")).help(help)
    })
}

/// What instances of a view are asked for by.
pub fn names(rules: &RuleSet, view: &str) -> Vec<String> {
    // Other views may be wrong: they are not asked about.
    let own = rules.views().iter().filter(|known| known.name == view).cloned().collect::<Vec<_>>();
    let names = Compiled::new([], &own, rules.tables())
        .ok()
        .and_then(|compiled| Some(compiled.names(view)?.into_iter().map(str::to_owned).collect()));
    names.unwrap_or_default()
}

fn one(view: &View, names: &[String]) -> String {
    let mut out = format!("{}\n", escape::name(&view.name));
    for name in names {
        writeln!(out, "\n  {}", escape::name(name)).expect("writing to a string");
        let wide = view.kinds.iter().map(|(kind, _)| kind.len()).max().unwrap_or(0);
        for (kind, place) in scaffold::places(view, name) {
            writeln!(out, "    {:wide$}  {}", escape::name(kind), escape::name(&place)).expect("writing to a string");
        }
    }
    out.push_str("\nIn messages, {anchor} is the resource that it is about, and {address} the resource itself.\n");
    out
}
