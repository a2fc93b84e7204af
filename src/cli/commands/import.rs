//! `gatepost import`: what other tools were told, told to gatepost; and what could not be carried over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::prepare::prepare;
use super::scan::look;
use crate::base::escape;
use crate::cli::args::{Import, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::finding::{By, State};
use crate::load::config::NAME;
use crate::load::edit::quoted;
use crate::load::import::{IMPORTERS, Imported};
use crate::report::SealedFinding;
use crate::rule::RuleSet;
use crate::settings::{TOOLS, ToolFile, tool};
use crate::source::top_of;
use crate::suppress::baseline::{self, Baseline, Entry, Verdict};
use crate::suppress::honor::files;

/// Files that name findings, each with its tool: what is found where they say is carried over by its fingerprint.
fn of_findings() -> impl Iterator<Item = (&'static str, &'static ToolFile)> {
    let all = TOOLS.into_iter().filter_map(tool).flat_map(|tool| tool.files.iter().map(|file| (tool.name, file)));
    all.filter(|(_, file)| file.form.names_findings() && !file.is_shared)
}

/// Names of files that it reads, at the top of a repository.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    IMPORTERS.iter().map(|importer| importer.name).chain(of_findings().map(|(_, file)| file.name))
}

/// Where imported rules go.
const RULES: &str = "gatepost-rules/imported.yml";

/// # Errors
/// Where a file cannot be read, or is none that is known.
pub fn run(import: &Import) -> Result<Exit, Fault> {
    let top = top_of(Path::new("."));
    let files = asked_for(import, &top)?;
    let rules = RuleSet::embedded();
    let known = |name: &str| rules.find(name).map(|index| rules.rules()[index].meta.id.to_string());
    let (mut all, mut entries) = (Imported::default(), BTreeMap::new());
    for (path, name) in &files {
        let mut imported = Imported::default();
        if let Some(importer) = IMPORTERS.iter().find(|importer| importer.name == name) {
            let text = fs::read_to_string(path).map_err(|error| Fault::usage(format!("{}: {error}", path.display())))?;
            imported = (importer.read)(&text, &known).map_err(|why| Fault::usage(format!("{}: {why}", path.display())))?;
        } else if let Some((tool, of_tool)) = of_findings().find(|(_, known)| known.name == name) {
            findings(path, (tool, of_tool), &mut imported, &mut entries)?;
        }
        let left = std::mem::take(&mut imported.left);
        imported.left = left.into_iter().map(|left| format!("{name}: {left}")).collect();
        all.join(imported);
    }
    if !all.rules.is_empty() {
        all.settings.push(("rules", vec![RULES.split('/').next().unwrap_or(RULES).to_owned()]));
        write_new(&top.join(RULES), RULES, &all.rules)?;
    }
    if !entries.is_empty() {
        let text = Baseline { entries }.print();
        write_new(&top.join(".gatepost-baseline"), ".gatepost-baseline", &text)?;
    }
    let text = all.print();
    if !text.is_empty() {
        write_new(&top.join(NAME), NAME, &text)?;
    }
    for left in &all.left {
        output::note(&format!("not carried over: {left}"));
    }
    let count = all.left.len();
    output::print(format!("imported {}; {count} not carried over\n", plural(files.len(), "file")).as_bytes())?;
    Ok(Exit::Clean)
}

fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// The files to import, each with the name that tells what it is.
fn asked_for(import: &Import, top: &Path) -> Result<Vec<(PathBuf, String)>, Fault> {
    let names: Vec<&str> = IMPORTERS.iter().map(|importer| importer.name).chain(of_findings().map(|(_, file)| file.name)).collect();
    if import.files.is_empty() {
        let found: Vec<(PathBuf, String)> =
            names.iter().map(|name| (top.join(name), (*name).to_owned())).filter(|(path, _)| path.is_file()).collect();
        if found.is_empty() {
            return Err(Fault::usage("there is nothing to import here").help(format!("known are {}", names.join(", "))));
        }
        return Ok(found);
    }
    let one = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Some have a name of their own: `ci/gitleaks.toml`.
        let known = names.iter().find(|known| **known == name || known.trim_start_matches('.') == name);
        let known = known.ok_or_else(|| {
            Fault::usage(format!("{}: not a file that is known", path.display())).help(format!("known are {}", names.join(", ")))
        })?;
        Ok((path.clone(), (*known).to_owned()))
    };
    import.files.iter().map(one).collect()
}

/// Carries over a list of findings: what its tool's file leaves out here and now, by fingerprint.
fn findings(
    file: &Path,
    (tool, ToolFile { name, form, .. }): (&'static str, &'static ToolFile),
    imported: &mut Imported,
    entries: &mut BTreeMap<crate::base::ids::Fingerprint, Entry>,
) -> Result<(), Fault> {
    let top = top_of(Path::new("."));
    let words = Scan { paths: vec![top.clone()], no_baseline: true, ..Scan::default() };
    let mut prepared = prepare(&words)?;
    let bytes = fs::read(file).map_err(|error| Fault::usage(format!("{}: {error}", file.display())))?;
    let rules = &prepared.loaded.rules;
    let mut list = files::read_one(tool, *form, name, &bytes, &|name| rules.find(name).is_some());
    // Its paths are from where the tool ran: the top, or the folder that the list lies in.
    let folder =
        fs::canonicalize(file).ok().and_then(|real| real.parent()?.strip_prefix(&top).ok().map(Path::to_owned)).unwrap_or_default();
    for path in list.allow.iter_mut().filter_map(|allow| allow.path.as_mut()) {
        let below = folder.join(&**path);
        if top.join(&below).exists() {
            *path = below.to_string_lossy().replace('\\', "/").into();
        }
    }
    let asked = list.allow.len();
    // What else the tool was told, and its marks, are not asked for.
    prepared.settings.honor.clear();
    prepared.settings.allow.retain(|allow| matches!(allow.by, By::Configuration));
    prepared.settings.allow.extend(list.allow);
    let report = look(&words, &prepared)?;
    let of_file = |f: &&SealedFinding| matches!(&f.state, State::Suppressed { by: By::Tool(by), .. } if *by == tool);
    let found: Vec<&SealedFinding> = report.findings.iter().filter(of_file).collect();
    let is_baseline = name.ends_with(".baseline");
    let mut told = BTreeSet::new();
    for f in found {
        if !told.insert(f.fingerprint) {
            continue;
        }
        if is_baseline {
            let entry = Entry {
                fingerprint: f.fingerprint,
                what: f.what,
                rule: f.rule.to_string(),
                verdict: Verdict::Open,
                path: baseline::path(&f.known_in),
            };
            entries.insert(f.fingerprint, entry);
        } else {
            let comment = format!("fingerprint: '{}' # {} in {}", f.fingerprint, f.rule, escape::name(&f.known_in));
            imported.allow.push(vec![comment, format!("reason: {}", quoted(&format!("was in {name}")))]);
        }
    }
    if told.len() < asked {
        imported.left.push(format!(
            "{} of {}: nothing is found where they say (they may be of a history)",
            asked - told.len(),
            plural(asked, "entry").replace("entrys", "entries")
        ));
    }
    imported.left.extend(list.notes);
    Ok(())
}

/// Writes a file that is not there yet; what is to be added to one that is, is printed.
fn write_new(path: &Path, name: &str, text: &str) -> Result<(), Fault> {
    if path.symlink_metadata().is_ok() {
        output::note(&format!("{name} is there already: this is what it lacks"));
        return output::print(format!("# {name}\n{text}").as_bytes());
    }
    if let Some(folder) = path.parent() {
        if folder.is_symlink() {
            return Err(Fault::usage(format!("{} is a link: nothing is written through it", folder.display())));
        }
        fs::create_dir_all(folder).map_err(|error| Fault::usage(format!("{}: {error}", folder.display())))?;
    }
    output::save(path, text.as_bytes())?;
    output::print(format!("{name}: written\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is imported is a file of a tool that is known, and every file that names findings can be.
    #[test]
    fn files_that_are_imported_are_those_of_the_table() {
        let names: Vec<&str> = of_findings().map(|(_, file)| file.name).collect();
        assert_eq!(names, [".gitleaksignore", ".betterleaksignore", ".secrets.baseline", ".checkov.baseline"]);
        for importer in IMPORTERS {
            assert!(TOOLS.iter().any(|tool| importer.name.contains(tool)), "{}", importer.name);
        }
    }
}
