//! One JSON object a line, of the same fields as in the whole object. The last line counts the others: without it, some
//! are missing.

use std::io::{self, Write};

use serde::Serialize;

use super::{ComparedV1, CountsV1, FindingV1, SCHEMA_VERSION, TroubleV1, UnansweredV1, write_line};
use crate::render::Style;
use crate::report::Report;

#[derive(Serialize)]
struct LineV1<T> {
    /// `finding`, `trouble`, `unanswered`, and once, at the end, `summary`.
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    of: T,
}

#[derive(Serialize)]
struct SummaryV1<'a> {
    schema_version: u32,
    lines: LinesV1,
    counts: CountsV1,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<ComparedV1>,
    complete: bool,
    interrupted: bool,
}

/// How many lines of each type came before.
#[derive(Serialize)]
struct LinesV1 {
    finding: usize,
    trouble: usize,
    unanswered: usize,
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for f in &report.findings {
        write_line(&LineV1 { kind: "finding", of: FindingV1::of(f) }, out)?;
    }
    for t in &report.troubles {
        write_line(&LineV1 { kind: "trouble", of: TroubleV1::of(t) }, out)?;
    }
    for question in &report.unanswered {
        write_line(&LineV1 { kind: "unanswered", of: UnansweredV1::of(question) }, out)?;
    }
    let summary = SummaryV1 {
        schema_version: SCHEMA_VERSION,
        lines: LinesV1 { finding: report.findings.len(), trouble: report.troubles.len(), unanswered: report.unanswered.len() },
        counts: CountsV1::of(&report.counts),
        notes: &report.notes,
        compared: report.compared.map(ComparedV1::of),
        complete: !report.is_incomplete(),
        interrupted: report.interrupted,
    };
    write_line(&LineV1 { kind: "summary", of: summary }, out)
}
