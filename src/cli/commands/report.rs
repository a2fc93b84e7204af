//! `gatepost report FILE`: a saved report in any format, without another scan.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::scan::write;
use crate::cli::args::{Color, ReportArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Fault;
use crate::render::json;
use crate::report::Report;

/// # Errors
/// Where the file is no report, or one could not be written.
pub fn run(args: &ReportArgs, color: Color) -> Result<Exit, Fault> {
    write(&args.format, &args.output, color, &read(&args.file)?)?;
    Ok(Exit::Clean)
}

/// A saved report; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<Report, Fault> {
    let piped = file == Path::new("-");
    let name = if piped { "standard input".to_owned() } else { file.display().to_string() };
    let bytes = if piped {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    let bytes = bytes.map_err(|error| Fault::usage(format!("{name}: {error}")))?;
    json::read(&bytes)
        .map_err(|error| Fault::usage(format!("{name}: {error}")).help("a report is what `gatepost scan --format json` writes"))
}
