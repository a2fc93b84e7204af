//! Checkstyle's XML, which Jenkins and most viewers of warnings read: a file, and what is wrong in it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::xml::Xml;
use super::{Style, came_from, summary, write_lines};
use crate::base::ids::Severity;
use crate::report::{Report, SealedFinding, SealedPlace};

/// The version of Checkstyle whose form this is.
const VERSION: &str = "8.0";
/// What is about no file.
const NOWHERE: &str = ".";

struct Fault<'r> {
    place: Option<&'r SealedPlace>,
    severity: &'static str,
    message: String,
    source: String,
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<Fault<'_>>> = BTreeMap::new();
    for fault in faults(report) {
        let path = fault.place.map_or_else(|| NOWHERE.to_owned(), |place| place.path.to_str().into_owned());
        files.entry(path).or_default().push(fault);
    }
    let mut xml = Xml::new();
    xml.begin("checkstyle", &[("version", VERSION)]);
    for (path, faults) in &files {
        xml.begin("file", &[("name", path)]);
        for fault in faults {
            let (line, column) = fault.place.map_or((1, 1), |place| (place.start.line, place.start.column));
            let (line, column) = (line.to_string(), column.to_string());
            let place = [("line", &*line), ("column", &*column)];
            let what = [("severity", fault.severity), ("message", &*fault.message), ("source", &*fault.source)];
            xml.leaf("error", &[place.as_slice(), what.as_slice()].concat(), "");
        }
        xml.end();
    }
    write_lines(out, &xml.finish())
}

fn faults(report: &Report) -> Vec<Fault<'_>> {
    let own = |place, message: String| Fault { place, severity: "error", message, source: "gatepost.incomplete".to_owned() };
    let mut all: Vec<_> = report.shown().map(of_finding).collect();
    all.extend(summary::incomplete(report).map(|text| own(None, text.to_owned())));
    all.extend(report.troubles.iter().map(|trouble| {
        let help = trouble.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        own(trouble.place.as_ref(), format!("{}: {}{help}", trouble.kind.as_str(), trouble.message))
    }));
    all
}

fn of_finding(f: &SealedFinding) -> Fault<'_> {
    let origin = came_from(&f.primary.origin);
    Fault {
        place: Some(&f.primary),
        severity: match f.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "info",
        },
        message: format!("{}{origin}", f.message),
        source: format!("gatepost.{}", f.rule.as_str()),
    }
}
