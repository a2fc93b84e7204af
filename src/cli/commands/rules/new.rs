//! `gatepost rules new`: the file of a rule, to be filled in.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};

use super::super::load_rules;
use super::views;
use crate::cli::args::New;
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::iac::is_resource;
use crate::load;
use crate::rule::RuleSet;
use crate::rule::raw::nearest;
use crate::rule::scaffold::{self, Outline};

/// # Errors
/// Where the id or the view will not do, or the file is there already.
pub fn run(new: &New) -> Result<Exit, Fault> {
    let rules = load_rules(&new.dirs.rules)?.rules;
    if rules.find(&new.id).is_some() {
        let help = format!("`gatepost explain {}` shows it; a rule of the same id would take its place", new.id);
        return Err(Fault::usage(format!("there is a rule `{}`", new.id)).help(help));
    }
    let text = scaffold::text(&new.id, &outline(&rules, &new.over)?);
    load::rules(&new.id, text.as_bytes(), "user").map_err(|errors| {
        let error = errors.into_iter().next().expect("a fault");
        Fault { help: error.help, ..Fault::usage(error.message) }
    })?;
    let file = new.dir.join(format!("{}.yml", new.id));
    let fault = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Fault::usage(format!("{} is there already", file.display())).help("nothing was written"),
        _ => Fault::usage(format!("{}: {error}", file.display())),
    };
    fs::create_dir_all(&new.dir).map_err(fault)?;
    OpenOptions::new().write(true).create_new(true).open(&file).and_then(|mut open| open.write_all(text.as_bytes())).map_err(fault)?;
    output::note(&format!("wrote {}", file.display()));
    output::note(&format!("  fill in every CHANGE-ME, then: gatepost rules test --rules {} {}", new.dir.display(), new.id));
    Ok(Exit::Clean)
}

fn outline(rules: &RuleSet, over: &str) -> Result<Outline, Fault> {
    if let Some(view) = rules.views().iter().find(|view| view.name == over) {
        let (kinds, names): (Vec<String>, _) = (view.kinds.iter().map(|(kind, _)| kind.clone()).collect(), views::names(rules, over));
        if names.is_empty() {
            let help =
                format!("a rule about what it stands for is one of its kinds: `--for {}`", kinds.first().map_or("KIND", String::as_str));
            return Err(
                Fault::usage(format!("`{over}` has no names to test: other rules ask whether there is one, with `linked`")).help(help)
            );
        }
        return Ok(Outline { over: over.to_owned(), names, kinds });
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let is_kind = over.contains("::") || over.contains('_') && !over.contains('.') || !is_resource(over);
    if is_kind && over.chars().all(is_word) {
        return Ok(Outline { over: over.to_owned(), names: Vec::new(), kinds: vec![over.to_owned()] });
    }
    let near = nearest(over, rules.views().iter().map(|view| view.name.as_str()));
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Err(Fault::usage(format!("`{over}` is no view and no kind of resource")).help(format!("{near}the views are:\n{}", views::list(rules))))
}
