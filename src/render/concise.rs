//! One line a finding, as editors and `grep` like it. Not for parsing: a path may hold a colon; that is what JSON is for.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Style, ink, origin_words, summary, write_lines};
use crate::base::escape;
use crate::report::{Report, SealedPlace};
use ink::{Ink, Tone};

/// # Errors
/// What `out` says.
pub fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = Ink { color: style.color };
    for f in report.shown() {
        let (severity, rule) =
            (ink.paint(Tone::Severity(f.severity), f.severity.as_str()), ink.paint(Tone::Strong, &escape::name(f.rule.as_str())));
        let mut line = format!("{}: {severity} {rule} {}", full_location(&f.primary), escape::name(&f.message));
        if let Some(origin) = origin_words(&f.primary.origin) {
            let _ = write!(line, " ({origin})");
        }
        write_lines(out, &(line + "\n"))?;
    }
    for f in report.fixed() {
        let severity = ink.paint(Tone::Quiet, f.severity.as_str());
        let place = full_location(&f.primary);
        write_lines(out, &format!("{place}: fixed: {severity} {} {}\n", escape::name(f.rule.as_str()), escape::name(&f.message)))?;
    }
    for t in &report.troubles {
        let place = t.place.as_ref().map(|p| full_location(p) + ": ").unwrap_or_default();
        let kind = ink.paint(Tone::Alarm, t.kind.as_str());
        write_lines(out, &format!("{place}{kind}: {}\n", escape::name(&t.message)))?;
    }
    let mut last = format!("{}; {}", summary::findings(report), summary::inputs(report));
    match report.notes.len() {
        0 => {}
        1 => last.push_str("; 1 note (see --format human)"),
        n => _ = write!(last, "; {n} notes (see --format human)"),
    }
    if let Some(incomplete) = summary::incomplete(report) {
        let _ = write!(last, "; {incomplete}");
    }
    write_lines(out, &(last + "\n"))
}

/// Always with line and column, which is what tools look for.
fn full_location(place: &SealedPlace) -> String {
    format!("{}:{}:{}", place.path, place.start.line, place.start.column)
}
