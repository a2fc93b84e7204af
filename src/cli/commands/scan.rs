//! `gatepost scan`: words to settings and a source, a run, and the report to where it was asked for.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::load_rules;
use super::variables::variables;
use crate::base::ids::Severity;
use crate::cli::args::{self, Color, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::cli::progress::Progress;
use crate::engine::Engine;
use crate::render::{self, Style};
use crate::report::Report;
use crate::rule::raw::nearest;
use crate::settings::{Incomplete, Selection, Settings};
use crate::source::diff::Diff;
use crate::source::disk::to_bytes;
use crate::source::history::History;
use crate::source::staged::Staged;
use crate::source::stdin::Stdin;
use crate::source::walk::{Tracking, Walk, WalkOptions};
use crate::source::{Source, SourceError};

/// # Errors
/// Where the words are wrong or a report could not be written.
pub fn run(scan: &Scan, color: Color) -> Result<Exit, Fault> {
    // The process ends with the scan, and the system takes all memory back at once.
    let loaded = ManuallyDrop::new(load_rules(&scan.rules)?);
    let rules = &loaded.rules;
    let selection =
        Selection::new(rules, &scan.select, &scan.extend_select, &scan.ignore).map_err(|e| Fault::usage(e.to_string()).help(e.help))?;
    let settings = Settings {
        selection,
        fail_on: severity(&scan.fail_on)?,
        incomplete: match scan.incomplete {
            args::Incomplete::Fail => Incomplete::Fail,
            args::Incomplete::Warn => Incomplete::Warn,
        },
        // A range is judged by its base's policy, and the base's ignores are not read yet.
        inline_ignores: scan.diff.is_none(),
        threads: threads(scan.threads),
        variables: variables(&scan.variables, on_disk(scan))?,
        plan_root: scan.root.as_deref().map(to_bytes),
    };
    let engine = ManuallyDrop::new(Engine::new(rules, &settings).map_err(|fault| loaded.fault(fault))?);
    // A read of standard input cannot be ended by a flag: there, Ctrl-C ends the program as it always does.
    let piped = scan.paths.iter().any(|p| p == Path::new("-"));
    let (stop, seen) = (if piped { Arc::default() } else { interruptible() }, Arc::new(AtomicU64::new(0)));
    let report = {
        let _progress = Progress::watch(seen.clone());
        match source(scan) {
            Ok(source) => engine.run(source.as_ref(), &stop, &seen),
            Err(error) => engine.refused(error),
        }
    };
    let report = report.map_err(|error| fault(&error))?;
    write(&scan.format, &scan.output, color, &report)?;
    Ok(Exit::of(&report, settings.fail_on, settings.incomplete))
}

/// What is looked at on the disk; None where it is a repository's objects, or standard input.
fn on_disk(scan: &Scan) -> Option<&[PathBuf]> {
    let elsewhere = scan.staged || scan.diff.is_some() || scan.history || scan.paths.iter().any(|path| path == Path::new("-"));
    (!elsewhere).then_some(&scan.paths)
}

fn source(scan: &Scan) -> Result<Box<dyn Source>, SourceError> {
    let root = scan.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let one = |what: &str| match scan.paths.as_slice() {
        [] => Ok(()),
        [only] if only.is_dir() || only == Path::new("-") => Ok(()),
        [only] => Err(SourceError::Usage {
            message: format!("{what} takes a repository's folder, and {} is none", only.display()),
            help: "leave the path out: all of the repository is looked at".to_owned(),
        }),
        _ => Err(SourceError::Usage { message: format!("{what} takes one repository"), help: "run it once for each".to_owned() }),
    };
    if scan.staged {
        one("--staged")?;
        return Ok(Box::new(Staged::open(root)?));
    }
    if let Some(range) = &scan.diff {
        one("--diff")?;
        return Ok(Box::new(Diff::open(root, range)?));
    }
    if scan.history {
        one("--history")?;
        return Ok(Box::new(History::open(root)?));
    }
    if scan.paths.iter().any(|p| p == Path::new("-")) {
        one("standard input")?;
        return Ok(Box::new(Stdin::new(scan.stdin_filename.as_deref())));
    }
    let paths = if scan.paths.is_empty() { vec![PathBuf::from(".")] } else { scan.paths.clone() };
    let options = WalkOptions {
        paths,
        exclude: scan.exclude.clone(),
        no_ignore: scan.no_ignore || scan.isolated,
        max_file_size: scan.max_file_size,
        beside: scan.root.iter().cloned().collect(),
    };
    Ok(Box::new(Walk::new(options, Tracking::around)?))
}

pub(super) fn fault(error: &SourceError) -> Fault {
    match error {
        SourceError::Usage { message, help } => Fault::usage(message).help(help),
        SourceError::Incomplete { message, help } => Fault { exit: Exit::Incomplete, ..Fault::usage(message).help(help) },
    }
}

pub(super) fn severity(text: &str) -> Result<Severity, Fault> {
    Severity::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| {
        let names = Severity::ALL.map(Severity::as_str);
        let help = nearest(text, names).map_or_else(|| format!("one of {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        Fault::usage(format!("`{text}` is no severity")).help(help)
    })
}

/// More threads than any machine that scans has processors.
const MOST_THREADS: usize = 256;

pub(super) fn threads(asked: Option<std::num::NonZeroUsize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, std::num::NonZeroUsize::get).min(MOST_THREADS)
}

/// A flag that Ctrl-C sets; the run then ends and tells what it has. A second Ctrl-C ends it at once.
pub(super) fn interruptible() -> Arc<AtomicBool> {
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
        output::save(&file.file, &rendered(&file.format, report, &Style::PLAIN)?)?;
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
