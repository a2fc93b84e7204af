//! `gatepost diff OLD NEW`: what became of the findings of a saved report in a later one.

use std::path::Path;

use super::report::read;
use super::scan::{severity, write};
use crate::base::ids::Severity;
use crate::cli::args::{Color, DiffArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Fault;
use crate::finding::Change;
use crate::report::Report;
use crate::report::compare::compare;

/// # Errors
/// Where a file is no report, or the words are wrong.
pub fn run(args: &DiffArgs, color: Color) -> Result<Exit, Fault> {
    let fail_on = severity(&args.fail_on)?;
    if [&args.old, &args.new].iter().all(|file| *file == Path::new("-")) {
        return Err(Fault::usage("standard input cannot be both reports").help("write one of them to a file"));
    }
    let compared = compare(&read(&args.old)?, &read(&args.new)?);
    write(&args.format, &[], color, &compared)?;
    Ok(exit(&compared, fail_on))
}

/// Only what is new counts; that a saved run was interrupted makes it incomplete, and not this one interrupted.
fn exit(compared: &Report, fail_on: Severity) -> Exit {
    if compared.active().any(|f| f.change == Some(Change::New) && f.severity >= fail_on) {
        Exit::Findings
    } else if compared.is_incomplete() {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}
