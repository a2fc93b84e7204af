//! `gatepost allow`: accepts a finding, in the configuration or in a comment above it.

use std::fs;

use super::prepare::prepare;
use super::scan::look;
use crate::base::{escape, when};
use crate::cli::args::{Allow, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::finding::State;
use crate::load::config::{NAME, SHORTEST};
use crate::load::edit::{add_allow, quoted};
use crate::report::{Report, SealedFinding};
use crate::source::top_of;
use crate::suppress::comments;
use crate::suppress::ignores::TAG;

/// # Errors
/// Where there is no such finding, or it cannot be written.
pub fn run(allow: &Allow) -> Result<Exit, Fault> {
    if !allow.reason.chars().any(char::is_alphanumeric) {
        return Err(Fault::usage("--reason says nothing").help("say why this may stand, for whoever reads it next"));
    }
    if let Some(day) = allow.until.as_ref().filter(|day| when::day(day).is_none()) {
        return Err(Fault::usage(format!("--until {day}: no such day")).help("as 2031-05-31"));
    }
    let print = allow.fingerprint.trim().to_ascii_lowercase();
    if print.len() < SHORTEST || print.len() > 32 || !print.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let help = format!("{SHORTEST} to 32 digits, as reports show them beside `id:`");
        return Err(Fault::usage(format!("`{}` is no fingerprint", allow.fingerprint)).help(help));
    }
    let report = scan()?;
    let found = find(&report, &print)?;
    match (found, allow.inline) {
        (Some(finding), true) => inline(allow, finding),
        (None, true) => Err(Fault::usage(format!("nothing that is found here is known by {print}"))
            .help("without --inline it is written to the configuration, where it may be of a history")),
        (found, false) => configured(allow, &print, found),
    }
}

fn scan() -> Result<Report, Fault> {
    let words = Scan { paths: vec![top_of(std::path::Path::new("."))], no_baseline: true, ..Scan::default() };
    look(&words, &prepare(&words)?)
}

fn find<'r>(report: &'r Report, print: &str) -> Result<Option<&'r SealedFinding>, Fault> {
    let is_it = |f: &&SealedFinding| f.fingerprint.to_string().starts_with(print) || f.group.to_string().starts_with(print);
    let found: Vec<&SealedFinding> = report.findings.iter().filter(is_it).collect();
    if let Some(known) = found.iter().find(|f| matches!(f.state, State::Suppressed { .. })) {
        return Err(Fault::usage(format!("{print} is suppressed already, at {}", known.primary.path)));
    }
    let mut distinct: Vec<_> = found.iter().map(|f| f.group).collect();
    distinct.sort_unstable();
    distinct.dedup();
    match (distinct.len(), print.len()) {
        (0, 32) => Ok(None),
        (0, _) => Err(Fault::usage(format!("nothing that is found here is known by {print}"))
            .help("`gatepost scan` shows the `id` of each finding; one of a history takes all 32 digits")),
        (1, _) => Ok(found.first().copied()),
        (n, _) => Err(Fault::usage(format!("{n} findings begin with {print}")).help("give more digits")),
    }
}

fn configured(allow: &Allow, print: &str, found: Option<&SealedFinding>) -> Result<Exit, Fault> {
    let path = top_of(std::path::Path::new(".")).join(NAME);
    let old = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Fault::usage(format!("{NAME}: {error}"))),
    };
    let full = found
        .map_or_else(|| print.to_owned(), |f| if f.group.to_string().starts_with(print) { f.group } else { f.fingerprint }.to_string());
    let what = found.map_or_else(String::new, |f| format!(" # {} in {}", f.rule, escape::name(&f.known_in)));
    let mut entry = vec![format!("fingerprint: '{full}'{what}"), format!("reason: {}", quoted(&allow.reason))];
    entry.extend(allow.until.as_ref().map(|day| format!("until: {day}")));
    let new = add_allow(&old, &entry).ok_or_else(|| {
        Fault::usage(format!("{NAME} is written in a way that this cannot add to"))
            .help(format!("add this under `allow`:\n- {}", entry.join("\n  ")))
    })?;
    output::save(&path, new.as_bytes())?;
    if found.is_none() {
        output::note("nothing that is found in the files as they are is known by it: it may be of a history");
    }
    output::print(format!("{NAME}: allowed {full}{what}\n").as_bytes())?;
    Ok(Exit::Clean)
}

/// Writes a comment above a finding, and takes it back where that is not enough.
fn inline(allow: &Allow, finding: &SealedFinding) -> Result<Exit, Fault> {
    let help = "leave --inline out: it is then written to the configuration";
    let Some((open, close)) = comments::of(finding.primary.path.name()) else {
        return Err(Fault::usage(format!("{}: no comment of such a file is known", finding.primary.path)).help(help));
    };
    let path = crate::source::disk::to_path(finding.primary.path.bytes());
    let old = fs::read(&path).map_err(|error| Fault::usage(format!("{}: {error}", finding.primary.path)).help(help))?;
    let line = finding.primary.start.line as usize;
    let start: usize = old.split_inclusive(|byte| *byte == b'\n').take(line - 1).map(<[u8]>::len).sum();
    let indent: Vec<u8> = old[start..].iter().copied().take_while(|byte| matches!(byte, b' ' | b'\t')).collect();
    let feed = if old.windows(2).any(|two| two == b"\r\n") { "\r\n" } else { "\n" };
    let tag = &finding.what.to_string()[2..2 + TAG];
    let reason: String = allow.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let until = allow.until.as_ref().map(|day| format!(" until={day}")).unwrap_or_default();
    let comment = format!("{open}gatepost: ignore[{}@{tag}] {}{until}{close}{feed}", finding.rule, reason.trim());
    let new = [&old[..start], &indent, comment.as_bytes(), &old[start..]].concat();
    output::save(&path, &new)?;
    let holds = scan()?.findings.iter().any(|f| f.fingerprint == finding.fingerprint && f.state != State::Active);
    if !holds {
        output::save(&path, &old)?;
        let message = format!("{}:{line}: a comment above this line does not reach the finding", finding.primary.path);
        return Err(Fault::usage(message).help(help));
    }
    output::print(format!("{}:{line}: {}", finding.primary.path, comment.trim_end()).as_bytes())?;
    output::print(b"\n")?;
    Ok(Exit::Clean)
}
