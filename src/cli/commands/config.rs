//! `gatepost config show|check`: what holds here, and where it was said.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::prepare::{Prepared, prepare, prepare_all};
use crate::base::escape;
use crate::cli::args::{Config, ConfigCommand, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::load::config::NAME;
use crate::settings::KEYS;
use crate::source::top_of;

/// # Errors
/// Where the configuration cannot be read, or is wrong.
pub fn run(config: &Config) -> Result<Exit, Fault> {
    match &config.command {
        ConfigCommand::Show(scan) => show(scan),
        ConfigCommand::Check { file } => check(file.as_deref()),
    }
}

/// A setting, a value of it, and where that was said.
type Row<'r> = (&'r str, String, String);

fn show(scan: &Scan) -> Result<Exit, Fault> {
    let prepared = prepare(scan)?;
    let rows = rows(&prepared);
    if scan.format == "json" {
        let mut all = serde_json::Map::new();
        for (name, value, from) in rows {
            let list = all.entry(name).or_insert_with(|| serde_json::json!([]));
            if let Some(list) = list.as_array_mut().filter(|_| !value.is_empty()) {
                list.push(serde_json::json!({"value": value, "from": from}));
            }
        }
        let mut text = serde_json::to_string_pretty(&all).expect("a map of text");
        text.push('\n');
        output::print(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let names = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    let values = rows.iter().map(|row| row.1.chars().count()).max().unwrap_or(0).min(60);
    let (mut text, mut last) = (String::new(), "");
    for (name, value, from) in &rows {
        let shown = if *name == last { "" } else { name };
        let line = format!("{shown:names$}  {:values$}  {}", escape::name(value), escape::name(from));
        let _ = writeln!(text, "{}", line.trim_end());
        last = name;
    }
    output::print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn rows(prepared: &Prepared) -> Vec<Row<'static>> {
    let mut rows: Vec<Row<'static>> = Vec::new();
    for key in KEYS {
        let said = prepared.said.all(key.name);
        if said.is_empty() {
            rows.push((key.name, String::new(), "default".to_owned()));
        }
        rows.extend(said.iter().map(|said| (key.name, said.text.clone(), said.from.to_string())));
    }
    for (rule, severity) in &prepared.config.severities {
        rows.push(("severities", format!("{}: {severity}", rule.text), rule.from.to_string()));
    }
    for entry in &prepared.config.allow {
        let until = entry.until.as_ref().map(|(_, day)| format!(" (until {day})")).unwrap_or_default();
        rows.push(("allow", format!("{}{until}", entry.reason), entry.from.to_string()));
    }
    rows
}

fn check(file: Option<&Path>) -> Result<Exit, Fault> {
    let (path, name) = match file {
        Some(file) => (file.to_owned(), file.display().to_string()),
        None => (top_of(Path::new(".")).join(NAME), NAME.to_owned()),
    };
    std::fs::metadata(&path).map_err(|error| {
        let fault = Fault::usage(format!("{name}: {error}"));
        if file.is_none() { fault.help("there is no configuration here; docs/living-with-it.md shows one") } else { fault }
    })?;
    let wrong = prepare_all(&Scan { config: file.map(PathBuf::from), ..Scan::default() }).err().unwrap_or_default();
    for wrong in &wrong {
        output::complain(&wrong.fault);
    }
    let faults = wrong.len();
    if faults > 0 {
        output::note(&format!("{name}: {faults} {}", if faults == 1 { "fault" } else { "faults" }));
        return Ok(Exit::Findings);
    }
    output::print(format!("{}: no fault\n", escape::name(&name)).as_bytes())?;
    Ok(Exit::Clean)
}
