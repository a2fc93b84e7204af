//! `gatepost init`: a repository's gate, proposed as a diff; with `--yes`, written. What is there is never overwritten.

mod content;
mod proposal;

use std::fs;
use std::path::Path;

use super::baseline;
use super::hook::{self, Place, Plan};
use super::import;
use super::text_of;
use crate::base::escape;
use crate::cli::args::{HookInstall, HookKind, HookPlace, HookWhich, Init, InitPart, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::load::config::NAME as CONFIG;
use proposal::Proposal;

/// Where GitHub looks for what it runs.
pub(super) const WORKFLOWS: &str = ".github/workflows";
const WORKFLOW: &str = ".github/workflows/gatepost.yml";
const BASELINE: &str = ".gatepost-baseline";

/// What comes of a look at a repository.
#[derive(Default)]
struct Found {
    proposals: Vec<Proposal>,
    /// What is there already.
    there: Vec<String>,
    /// What a person is to do by hand.
    next: Vec<String>,
}

/// # Errors
/// Where there is no repository with a work tree, or something cannot be read or written.
pub fn run(init: &Init) -> Result<Exit, Fault> {
    let place = Place::open(&init.path).map_err(|fault| {
        let help = "`git init` makes one; `gatepost scan` looks at files without one";
        if fault.help.is_some() && !init.path.join(".git").exists() { fault.help(help) } else { fault }
    })?;
    let Some(top) = place.repository.work_tree().map(Path::to_path_buf) else {
        return Err(Fault::usage("this repository has no work tree, so nothing is committed here")
            .help("`gatepost scan --history` looks at it; run `gatepost init` in a clone"));
    };
    let mut found = Found::default();
    let wanted = |part: InitPart| !init.without.contains(&part);
    if wanted(InitPart::Config) {
        config(&top, &mut found)?;
    }
    if wanted(InitPart::Hook) {
        hooks(&place, &init.path, &mut found);
    }
    if wanted(InitPart::Workflow) {
        workflow(&place, &top, &mut found)?;
    }
    if wanted(InitPart::Baseline) {
        known(&top, &mut found)?;
    }
    conclude(&found, init.yes)
}

fn conclude(found: &Found, yes: bool) -> Result<Exit, Fault> {
    let mut lines: Vec<String> = found.there.iter().map(|text| format!("there: {text}")).collect();
    for proposal in &found.proposals {
        if yes {
            proposal.write()?;
            lines.push(format!("written: {}", proposal.shown()));
        } else {
            output::print(proposal.diff().as_bytes())?;
        }
    }
    if !yes && !found.proposals.is_empty() {
        lines.push("nothing is written yet: `gatepost init --yes` writes it, `--without PART` leaves some of it out".to_owned());
    }
    if found.proposals.is_empty() {
        lines.push("nothing to write".to_owned());
    }
    lines.extend(found.next.iter().map(|text| format!("next: {text}")));
    output::print(lines.iter().fold(String::new(), |all, line| all + line + "\n").as_bytes())?;
    Ok(if yes || found.proposals.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// The configuration: what most want to change, as comments.
fn config(top: &Path, found: &mut Found) -> Result<(), Fault> {
    let others: Vec<&str> = import::known().filter(|name| top.join(name).is_file()).collect();
    if !others.is_empty() {
        found.next.push(format!("`gatepost import` carries over what stands in {}", others.join(", ")));
    }
    if is_there(top, CONFIG) {
        found.there.push(format!("{CONFIG}; `gatepost config check` looks at it"));
        return Ok(());
    }
    found.proposals.push(Proposal::new(top, CONFIG, content::config(top).into_bytes())?);
    Ok(())
}

fn hooks(place: &Place, path: &Path, found: &mut Found) {
    let which = HookWhich { kinds: vec![HookKind::PreCommit], all: false, place: HookPlace { path: path.to_path_buf() } };
    let plan = match hook::plan(place, &HookInstall { which, plain: false, global: false }) {
        Ok(plan) => plan,
        // Everything else can be set up all the same.
        Err(fault) => {
            let help = fault.help.map(|help| format!(": {help}")).unwrap_or_default();
            found.next.push(format!("{}{help}", fault.message));
            return;
        }
    };
    match plan {
        Plan::Managed(used) => {
            for used in used {
                let (name, file) = (used.manager.name, place.shown(&used.file));
                if used.runs(HookKind::PreCommit) {
                    found.there.push(format!("{name} runs gatepost ({file})"));
                } else {
                    found.next.push(format!("{name} manages the hooks here; add {}", (used.manager.lines)(HookKind::PreCommit).trim_end()));
                }
            }
        }
        Plan::Write(changes) => {
            for change in changes {
                if change.before.as_ref() == Some(&change.after) {
                    found.there.push(format!("the hook ({})", place.shown(&change.file)));
                } else {
                    found.proposals.push(Proposal::hook(&place.top, change));
                }
            }
            found.next.push("each clone has hooks of its own: whoever clones runs `gatepost hook install` once".to_owned());
        }
    }
}

fn workflow(place: &Place, top: &Path, found: &mut Found) -> Result<(), Fault> {
    if is_there(top, ".gitlab-ci.yml") {
        let says = text_of(&top.join(".gitlab-ci.yml"));
        let (there, next) = ("gatepost in .gitlab-ci.yml", "a job for .gitlab-ci.yml is in docs/ci/gitlab-ci.yml of gatepost");
        if says.contains("gatepost") { found.there.push(there.to_owned()) } else { found.next.push(next.to_owned()) }
    }
    if let Some(name) = own_workflow(top) {
        found.there.push(format!("a workflow that runs gatepost ({})", escape::name(&name)));
        return Ok(());
    }
    let of_github = place.repository.remotes().map_err(|error| Fault::usage(error.to_string()).help(error.help()))?;
    if !top.join(".github").is_dir() && !of_github.iter().any(|url| url.contains("github.com")) {
        return Ok(());
    }
    if is_there(top, WORKFLOW) {
        found.next.push(format!("{WORKFLOW} is there and does not run gatepost: docs/ci.md of gatepost has one that does"));
        return Ok(());
    }
    found.proposals.push(Proposal::new(top, WORKFLOW, content::workflow().into_bytes())?);
    found.next.push(format!("put the commit that you trust into {WORKFLOW}, in place of {}", content::PLACEHOLDER));
    Ok(())
}

/// The workflow that runs gatepost, if there is one.
pub(super) fn own_workflow(top: &Path) -> Option<String> {
    let mut names: Vec<_> = fs::read_dir(top.join(WORKFLOWS)).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    let runs = |path: &&std::path::PathBuf| text_of(path).contains("gatepost");
    names.iter().find(runs).and_then(|path| Some(format!("{WORKFLOWS}/{}", path.file_name()?.to_string_lossy())))
}

/// What is found now is known, so that only what is new fails.
fn known(top: &Path, found: &mut Found) -> Result<(), Fault> {
    if is_there(top, BASELINE) {
        found.there.push(format!("{BASELINE}; `gatepost baseline audit` goes through it"));
        return Ok(());
    }
    let (text, count, complete) = baseline::proposed(&Scan { paths: vec![top.to_path_buf()], ..Scan::default() })?;
    if !complete {
        found.next.push("not everything could be looked at: `gatepost scan` tells what and why".to_owned());
    }
    if count > 0 {
        found.proposals.push(Proposal::new(top, BASELINE, text.into_bytes())?);
        let (what, them) =
            if count == 1 { ("1 finding is".to_owned(), "shows it") } else { (format!("{count} findings are"), "shows them") };
        found
            .next
            .push(format!("{what} there now: `gatepost scan --no-baseline` {them}; a key that leaked has to be rotated all the same"));
    }
    Ok(())
}

/// Whether anything has the name, a link that leads nowhere too.
fn is_there(top: &Path, name: &str) -> bool {
    fs::symlink_metadata(top.join(name)).is_ok()
}
