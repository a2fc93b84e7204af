//! The histories of several repositories, each under its own policy, in one report.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::prepare::prepare;
use super::scan::{look, write};
use crate::cli::args::{Color, Incomplete, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::Fault;
use crate::finding::Failure;
use crate::report::combine::combine;
use crate::report::{Draft, Report, SealedTrouble};

/// The longest list of repositories, in bytes.
const LONGEST: u64 = 64 << 20;

/// The repositories that a scan of histories names; None where it is one, which keeps its paths as they are.
///
/// # Errors
/// Where the list cannot be read or is empty.
pub fn several(scan: &Scan) -> Result<Option<Vec<PathBuf>>, Fault> {
    if !scan.history {
        return Ok(None);
    }
    let Some(list) = &scan.limits.repos_from else { return Ok((scan.paths.len() > 1).then(|| distinct(scan.paths.clone()))) };
    let fault = |what: String| Fault::usage(format!("--repos-from {}: {what}", list.display())).help("write a path a line");
    let mut text = String::new();
    let read = if list == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        fs::File::open(list).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|error| fault(error.to_string()))?;
    let named = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(PathBuf::from);
    let all = distinct(scan.paths.iter().cloned().chain(named).collect());
    if all.is_empty() { Err(fault("no repository is named in it".to_owned())) } else { Ok(Some(all)) }
}

fn distinct(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    paths.into_iter().filter(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone()))).collect()
}

/// Scans each. One that cannot be scanned is told of, and the others are scanned all the same.
///
/// # Errors
/// Where none can be scanned: what was asked for is wrong. Or where a report could not be written.
pub fn run(scan: &Scan, repositories: &[PathBuf], color: Color) -> Result<Exit, Fault> {
    let (mut parts, mut exits, mut first) = (Vec::new(), Vec::new(), None);
    for path in repositories {
        let name = path.display().to_string();
        let name = name.strip_prefix("./").unwrap_or(&name).trim_end_matches('/').to_owned();
        let one = Scan { paths: vec![path.clone()], ..scan.clone() };
        match prepare(&one).and_then(|prepared| Ok((look(&one, &prepared)?, prepared))) {
            Ok((report, prepared)) => {
                exits.push(Exit::of(&report, prepared.settings.fail_on, prepared.settings.incomplete));
                let is_over = report.interrupted;
                parts.push((name, report));
                if is_over {
                    break;
                }
            }
            Err(fault) => {
                let counts = scan.incomplete != Some(Incomplete::Warn);
                exits.push(if counts { Exit::Incomplete } else { Exit::Clean });
                parts.push((name, refused(&fault)));
                first.get_or_insert(fault);
            }
        }
    }
    let failed = parts.iter().filter(|(_, report)| report.counts.inputs() == 0 && !report.troubles.is_empty()).count();
    if let Some(fault) = first.filter(|_| failed == repositories.len()) {
        return Err(fault);
    }
    let left = repositories.len() - parts.len();
    let mut report = combine(parts);
    if left > 0 {
        report.notes.push(format!("interrupted before {left} more repositories were looked at"));
    }
    write(&scan.format, &scan.output, color, &report)?;
    let weight = |exit: &Exit| [Exit::Clean, Exit::Incomplete, Exit::Findings, Exit::Interrupted].iter().position(|known| known == exit);
    Ok(exits.into_iter().max_by_key(weight).unwrap_or(Exit::Clean))
}

/// A repository that could not be scanned at all.
fn refused(fault: &Fault) -> Report {
    let mut report = Report::seal(Draft::default());
    let trouble = SealedTrouble { place: None, kind: Failure::Unreadable, message: fault.message.clone(), help: fault.help.clone() };
    report.troubles.push(trouble);
    report
}
