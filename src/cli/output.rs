//! Bytes out: the report to standard output and to files, complaints to standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::SystemTime;

use anstream::ColorChoice;

use super::args::Color;
use super::exit::Exit;
use crate::base::escape;
use crate::render::Style;

/// Why a command did not do its work: printed once, at the edge.
#[derive(Debug)]
pub struct Fault {
    pub exit: Exit,
    pub message: String,
    pub help: Option<String>,
}

impl Fault {
    pub fn usage(message: impl Into<String>) -> Fault {
        Fault { exit: Exit::Usage, message: message.into(), help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// Whether it names a command, so that nobody has to look for one.
    pub fn says_what_to_type(&self) -> bool {
        [Some(&self.message), self.help.as_ref()].into_iter().flatten().any(|text| text.contains("`gatepost ") || text.contains("`git "))
    }

    fn write(what: &str, error: &io::Error) -> Fault {
        Fault { exit: Exit::Internal, message: format!("{what}: {error}"), help: Some("the report was not written".to_owned()) }
    }
}

impl From<Vec<Fault>> for Fault {
    /// The first; one at a time is enough where nobody asked for all.
    fn from(faults: Vec<Fault>) -> Fault {
        faults.into_iter().next().unwrap_or_else(|| Fault::usage("nothing is known of what is wrong"))
    }
}

/// `error: …` and what to do about it.
pub fn complain(fault: &Fault) {
    note(&format!("error: {}", fault.message));
    if let Some(help) = &fault.help {
        note(&format!("  help: {help}"));
    }
}

/// A line for a person, on standard error; nobody to read it is no error.
pub fn note(text: &str) {
    for line in text.lines() {
        drop(writeln!(io::stderr().lock(), "{}", escape::log_line(&escape::line(line))));
    }
}

/// Writes to standard output. A reader who closed the pipe has what it wanted.
///
/// # Errors
/// Where the output could not be written for any other reason.
pub fn print(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Fault::write("standard output", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a file whole or not at all: beside it first, then in its place. A device or a pipe is written to as it is.
///
/// # Errors
/// Where it could not be written.
pub fn save(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let fault = |error: io::Error| Fault::write(&path.display().to_string(), &error);
    let plain = fs::symlink_metadata(path).map_or(true, |m| m.is_file());
    if !plain {
        return fs::write(path, bytes).map_err(fault);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        drop(fs::remove_file(&beside));
        fault(error)
    })
}

/// How to print on standard output: colour as asked, or as the terminal and the environment say.
#[must_use]
pub fn style(color: Color) -> Style {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    };
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    let terminal = io::stdout().is_terminal();
    Style::new(color, unicode(), if terminal { width } else { 100 }).at(now())
}

/// Seconds since 1970 as `SOURCE_DATE_EPOCH` says them.
#[must_use]
pub fn source_date() -> Option<i64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok()
}

/// Seconds since 1970. `SOURCE_DATE_EPOCH` sets it, so that a run can be repeated.
#[must_use]
pub fn now() -> i64 {
    let now =
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    source_date().unwrap_or_else(now)
}

fn unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    // No locale at all is what CI machines have; their logs are UTF-8.
    set.is_none_or(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"))
}
