//! `gatepost scan`: words to settings and a source, a run, and the report to where it was asked for.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::prepare::{Prepared, prepare};
use super::repositories;
use crate::base::ids::Severity;
use crate::cli::args::{self, Color, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::cli::progress::Progress;
use crate::engine::Engine;
use crate::render::{self, Style};
use crate::report::Report;
use crate::settings;
use crate::source::SourceError;

/// # Errors
/// Where the words are wrong or a report could not be written.
pub fn run(scan: &Scan, color: Color) -> Result<Exit, Fault> {
    if let Some(several) = repositories::several(scan)? {
        return repositories::run(scan, &several, color);
    }
    // The process ends with the scan, and the system takes all memory back at once.
    let prepared = ManuallyDrop::new(prepare(scan)?);
    let report = look(scan, &prepared)?;
    write(&scan.format, &scan.output, color, &report)?;
    Ok(Exit::of(&report, prepared.settings.fail_on, prepared.settings.incomplete))
}

/// Looks at what was prepared.
pub(super) fn look(scan: &Scan, prepared: &Prepared) -> Result<Report, Fault> {
    let Prepared { loaded, settings, source, baseline, .. } = prepared;
    let rules = &loaded.rules;
    let engine = ManuallyDrop::new(Engine::new(rules, settings).map_err(|fault| loaded.fault(&fault))?.with_baseline(baseline));
    // A read of standard input cannot be ended by a flag: there, Ctrl-C ends the program as it always does.
    let piped = scan.paths.iter().any(|p| p == Path::new("-"));
    let (stop, seen) = (if piped { Arc::default() } else { interruptible() }, Arc::new(AtomicU64::new(0)));
    let report = {
        let _progress = Progress::watch(seen.clone());
        match source {
            Ok(source) => engine.run(source.as_ref(), &stop, &seen),
            Err(error) => engine.refused(error.clone()),
        }
    };
    report.map_err(|error| fault(&error))
}

/// The day in UTC, in days since 1970.
pub(super) fn today() -> i64 {
    output::now().div_euclid(86_400)
}

/// What is looked at on the disk; None where it is a repository's objects, or standard input.
pub(super) fn on_disk(scan: &Scan) -> Option<&[PathBuf]> {
    let elsewhere = scan.is_in_git() || scan.paths.iter().any(|path| path == Path::new("-"));
    (!elsewhere).then_some(&scan.paths)
}

pub(super) fn fault(error: &SourceError) -> Fault {
    match error {
        SourceError::Usage { message, help } => Fault::usage(message).help(help),
        SourceError::Incomplete { message, help } => Fault { exit: Exit::Incomplete, ..Fault::usage(message).help(help) },
    }
}

/// The severity of a name.
pub(super) fn severity(text: &str) -> Result<Severity, Fault> {
    settings::severity(text).map_err(|(wrong, help)| Fault::usage(wrong).help(help))
}

/// More threads than any machine that scans has processors.
const MOST_THREADS: usize = 256;

pub(super) fn threads(asked: Option<std::num::NonZeroUsize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, std::num::NonZeroUsize::get).min(MOST_THREADS)
}

/// A flag that Ctrl-C sets; the run then ends and tells what it has. A second Ctrl-C ends it at once.
pub(super) fn interruptible() -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    STOP.get_or_init(watched).clone()
}

fn watched() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // Where no handler can be set, Ctrl-C ends the program as it always does.
    drop(ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            #[expect(clippy::exit, reason = "asked for twice: nothing is left to say")]
            std::process::exit(Exit::Interrupted as i32);
        }
    }));
    stop
}

/// Files first: when one cannot be written, standard output is not taken for the whole.
pub(super) fn write(format: &str, files: &[args::Output], color: Color, report: &Report) -> Result<(), Fault> {
    for file in files {
        output::save(&file.file, &rendered(&file.format, report, &Style::PLAIN.at(output::now()))?)?;
    }
    output::print(&rendered(format, report, &output::style(color))?)
}

fn rendered(name: &str, report: &Report, style: &Style) -> Result<Vec<u8>, Fault> {
    let format = render::format(name).ok_or_else(|| Fault::usage(format!("`{name}` is no format")))?;
    let mut bytes = Vec::new();
    (format.render)(report, style, &mut bytes).map_err(|error| Fault {
        exit: Exit::Internal,
        message: format!("rendering {name}: {error}"),
        help: None,
    })?;
    Ok(bytes)
}
