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
use crate::rule::raw::{edits, nearest};
use crate::rule::scaffold::{self, Outline};

/// # Errors
/// Where the id or the view will not do, or the file is there already.
pub fn run(new: &New) -> Result<Exit, Fault> {
    let rules = load_rules(&new.dirs.rules, None, &[])?.rules;
    if rules.find(&new.id).is_some() {
        let help = format!("`gatepost explain {}` shows it; a rule of the same id would take its place", new.id);
        return Err(Fault::usage(format!("there is a rule `{}`", new.id)).help(help));
    }
    let text = match new.over.as_str() {
        about @ ("files" | "project") => scaffold::of_files(&new.id, about),
        over => scaffold::text(&new.id, &outline(&rules, over)?),
    };
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
    let kinds: Vec<String> = over.split(',').map(|kind| kind.trim().to_owned()).collect();
    if let Some(wrong) = kinds.iter().find(|kind| !is_kind(kind)) {
        return Err(Fault::usage(format!("`{wrong}` is no view and no kind of resource")).help(near(rules, wrong)));
    }
    let over = if let [one] = kinds.as_slice() { one.clone() } else { format!("[{}]", kinds.join(", ")) };
    Ok(Outline { over, names: Vec::new(), kinds })
}

fn is_kind(over: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let is_named = over.contains("::") || over.contains('_') && !over.contains('.') || !is_resource(over);
    is_named && over.chars().all(is_word)
}

/// Views that are told where another name was given.
const NEAR: usize = 5;

/// The views whose names are nearest.
fn near(rules: &RuleSet, over: &str) -> String {
    let mut views: Vec<&str> = rules.views().iter().map(|view| view.name.as_str()).collect();
    views.sort_by_key(|view| (edits(over, view), *view));
    let meant = nearest(over, views.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let known = views.iter().take(NEAR).map(|view| format!("`{view}`")).collect::<Vec<_>>().join(", ");
    format!("{meant}views near it are {known}; `gatepost rules views` lists them all")
}
