//! `gatepost doctor`: what is installed, hooked and configured here, and what is not, with what to type next.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::hook::{self, Place};
use super::import;
use super::init::own_workflow;
use super::prepare::prepare_all;
use super::text_of;
use crate::base::escape;
use crate::cli::args::{Doctor, DoctorFormat, HookKind, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::load::config::NAME as CONFIG;
use crate::rule::RuleSet;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    /// Not as it could be.
    Note,
    /// Not as it should be.
    Problem,
}

#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    health: Health,
    said: String,
    /// What to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Check {
    fn ok(what: &'static str, said: impl Into<String>) -> Check {
        Check { what, health: Health::Ok, said: said.into(), next: None }
    }

    fn note(what: &'static str, said: impl Into<String>, next: impl Into<String>) -> Check {
        Check { what, health: Health::Note, said: said.into(), next: Some(next.into()) }
    }

    fn problem(what: &'static str, said: impl Into<String>, next: impl Into<String>) -> Check {
        Check { what, health: Health::Problem, said: said.into(), next: Some(next.into()) }
    }
}

/// # Errors
/// Where the output cannot be written.
pub fn run(doctor: &Doctor) -> Result<Exit, Fault> {
    let mut checks = vec![program(), on_path()];
    match Place::open(&doctor.path) {
        Ok(place) => of_repository(&place, &mut checks),
        Err(fault) => checks.push(Check::problem("repository", fault.message, fault.help.unwrap_or_else(|| "`git init`".to_owned()))),
    }
    let sick = checks.iter().any(|check| check.health == Health::Problem);
    let text = match doctor.format {
        DoctorFormat::Json => {
            let mut text = serde_json::to_string_pretty(&serde_json::json!({ "healthy": !sick, "checks": checks })).expect("a map of text");
            text.push('\n');
            text
        }
        DoctorFormat::Human => checks.iter().map(line).collect(),
    };
    output::print(text.as_bytes())?;
    Ok(if sick { Exit::Findings } else { Exit::Clean })
}

fn line(check: &Check) -> String {
    let health = match check.health {
        Health::Ok => "ok",
        Health::Note => "note",
        Health::Problem => "problem",
    };
    let next = check.next.as_ref().map(|next| format!("; next: {next}")).unwrap_or_default();
    let text = format!("{health:<8} {:<11} {}{next}", check.what, check.said);
    format!("{}\n", escape::log_line(&escape::name(&text)))
}

fn program() -> Check {
    let rules = RuleSet::embedded().rules().len();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("gatepost", format!("{} for {arch} {os}, {rules} rules built in", env!("CARGO_PKG_VERSION")))
}

/// The one that hooks call: is it there, and is it this one?
fn on_path() -> Check {
    let name = format!("gatepost{}", std::env::consts::EXE_SUFFIX);
    let all: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).map(|folder| folder.join(&name)).filter(|file| file.is_file()).collect())
        .unwrap_or_default();
    let Some(first) = all.first() else {
        return Check::problem("path", "no gatepost is on PATH, so hooks that call it fail", "add its folder to PATH");
    };
    let same = |a: &Path, b: &Path| std::fs::canonicalize(a).is_ok_and(|a| std::fs::canonicalize(b).is_ok_and(|b| a == b));
    let others = all.iter().skip(1).filter(|other| !same(first, other)).count();
    if std::env::current_exe().is_ok_and(|own| !same(&own, first)) {
        return Check::note(
            "path",
            "another gatepost is first on PATH than the one that runs now: hooks take that",
            "`gatepost --version`",
        );
    }
    let more = if others > 0 { format!("; {others} more further back") } else { String::new() };
    Check::ok("path", format!("it is on PATH{more}"))
}

fn of_repository(place: &Place, checks: &mut Vec<Check>) {
    checks.push(kind(place));
    let Some(top) = place.repository.work_tree() else { return };
    checks.extend(policy(top));
    checks.extend(hooks(place));
    checks.push(workflow(top));
    let others: Vec<&str> = import::known().filter(|name| top.join(name).is_file()).collect();
    if !others.is_empty() && !top.join(CONFIG).is_file() {
        checks.push(Check::note("import", format!("other tools were told things in {}", others.join(", ")), "`gatepost import`"));
    }
}

fn kind(place: &Place) -> Check {
    let repository = &place.repository;
    if repository.work_tree().is_none() {
        return Check::ok("repository", "bare: `gatepost scan --history` looks at it");
    }
    if let Some(kind) = repository.other_refs() {
        let said = format!("its refs are kept as {kind}, which is not read: a history is looked at without them");
        return Check::note("repository", said, "`git refs migrate --ref-format=files`");
    }
    if repository.is_partial() {
        let said = "a partial clone: blobs that are not here cannot be looked at";
        return Check::note("repository", said, "`git clone` without --filter before a scan of its history");
    }
    match repository.cuts() {
        Ok(cuts) if cuts.is_empty() => Check::ok("repository", "with a work tree and its whole history"),
        Ok(_) => {
            Check::note("repository", "a shallow clone: its history ends early", "`git fetch --unshallow` before a scan of its history")
        }
        Err(error) => Check::problem("repository", error.to_string(), error.help()),
    }
}

/// Configuration, rules and baseline, as a scan would read them.
fn policy(top: &Path) -> Vec<Check> {
    let has = |name: &str| std::fs::symlink_metadata(top.join(name)).is_ok();
    match prepare_all(&Scan { paths: vec![top.to_path_buf()], ..Scan::default() }) {
        Err(wrong) => {
            let first = wrong.first().map_or_else(String::new, |wrong| wrong.fault.message.clone());
            let more = if wrong.len() > 1 { format!(" (and {} more)", wrong.len() - 1) } else { String::new() };
            vec![Check::problem("policy", format!("{first}{more}"), "`gatepost config check`")]
        }
        Ok(prepared) => {
            let config = if has(CONFIG) {
                let allowed = prepared.config.allow.len();
                Check::ok("config", format!("{CONFIG} is right; {allowed} allowed by it"))
            } else {
                Check::note("config", format!("no {CONFIG}: the defaults hold"), "`gatepost init`")
            };
            let known = prepared.baseline.entries.len();
            let baseline = match known {
                0 => Check::ok("baseline", "none: every finding is told"),
                1 => Check::ok("baseline", "1 finding is known and not told"),
                n => Check::ok("baseline", format!("{n} findings are known and not told")),
            };
            vec![config, baseline]
        }
    }
}

fn hooks(place: &Place) -> Vec<Check> {
    let states = match hook::states(place) {
        Ok(states) => states,
        Err(fault) => {
            return vec![Check::problem("hooks", fault.message, fault.help.unwrap_or_else(|| "`gatepost hook status`".to_owned()))];
        }
    };
    let check = |state: &hook::State| {
        let (said, what) = (state.said.join("; "), state.kind.file());
        if state.runs {
            return Some(Check::ok(what, said));
        }
        // The others are for who wants them.
        (state.kind == HookKind::PreCommit)
            .then(|| Check::problem(what, format!("gatepost is not run before a commit: {said}"), "`gatepost hook install`"))
    };
    states.iter().filter_map(check).collect()
}

fn workflow(top: &Path) -> Check {
    match own_workflow(top) {
        Some(name) => {
            if text_of(&top.join(&name)).contains("gatepost@COMMIT") {
                return Check::problem(
                    "ci",
                    format!("{name} names no commit of gatepost yet"),
                    "put the one that you trust in place of COMMIT",
                );
            }
            Check::ok("ci", format!("{name} runs gatepost"))
        }
        None if text_of(&top.join(".gitlab-ci.yml")).contains("gatepost") => Check::ok("ci", ".gitlab-ci.yml runs gatepost"),
        None => Check::note("ci", "no workflow runs gatepost on what others propose", "`gatepost init`"),
    }
}
