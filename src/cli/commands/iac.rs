//! `gatepost iac show`: resources as the evaluator sees them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::load_rules;
use super::scan::{fault, interruptible, threads};
use super::variables::variables;
use crate::cli::args::{Color, Iac, IacCommand, Show};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::cli::progress::Progress;
use crate::engine::show::{Outcome, Query, Request, show};
use crate::render::show::show_format;
use crate::settings::{Layer, Paths};
use crate::source::disk::to_bytes;
use crate::source::walk::{Tracking, Walk, WalkOptions};

/// # Errors
/// Where the words are wrong, or name nothing that is there.
pub fn run(iac: &Iac, color: Color) -> Result<Exit, Fault> {
    let IacCommand::Show(wanted) = &iac.command;
    let rules = load_rules(&[], None, &[])?.rules;
    let paths = vec![wanted.path.clone()];
    let mut said = Layer::default();
    said.flag("var-file", wanted.variables.var_file.iter().map(|file| file.display()));
    let variables = variables(&wanted.variables, said.all("var-file"), Some(&paths), Path::new("."))?;
    let options = WalkOptions {
        exclude_from_top: Paths::NONE,
        paths,
        exclude: wanted.exclude.clone(),
        no_ignore: wanted.no_ignore,
        max_file_size: None,
        beside: wanted.root.iter().cloned().collect(),
        force_exclude: false,
    };
    let plan_root = wanted.root.as_deref().map(to_bytes);
    let source = Walk::new(options, Tracking::around).map_err(|error| fault(&error))?;
    let query = Query::new(wanted.address.as_deref().unwrap_or_default());
    let request = Request {
        query,
        variables: &variables,
        plan_root: plan_root.as_deref(),
        within: wanted.path != Path::new("."),
        summary: wanted.summary,
        threads: threads(wanted.threads),
    };
    let (stop, seen) = (interruptible(), Arc::new(AtomicU64::new(0)));
    let outcome = {
        let _progress = Progress::watch(seen.clone());
        show(&rules, &request, &source, &stop, &seen)
    };
    finish(wanted, color, &outcome.map_err(|error| fault(&error))?)
}

fn finish(wanted: &Show, color: Color, outcome: &Outcome) -> Result<Exit, Fault> {
    let format = show_format(&wanted.format).ok_or_else(|| Fault::usage(format!("`{}` is no format", wanted.format)))?;
    if !outcome.matched && !outcome.interrupted {
        let address = wanted.address.as_deref().unwrap_or_default();
        let names: Vec<String> = outcome.shown.near.iter().map(|name| format!("`{name}`")).collect();
        let help = match names.as_slice() {
            [] => "`gatepost iac show` without an address shows all there is".to_owned(),
            names => format!("did you mean {}?", names.join(" or ")),
        };
        return Err(Fault::usage(format!("no resource here is called `{address}`")).help(help));
    }
    let mut bytes = Vec::new();
    (format.render)(&outcome.shown, &output::style(color), &mut bytes).map_err(|error| Fault {
        exit: Exit::Internal,
        message: format!("rendering {}: {error}", wanted.format),
        help: None,
    })?;
    output::print(&bytes)?;
    Ok(match outcome {
        Outcome { interrupted: true, .. } => Exit::Interrupted,
        outcome if !outcome.shown.troubles.is_empty() => Exit::Incomplete,
        _ => Exit::Clean,
    })
}
