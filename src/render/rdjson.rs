//! reviewdog's diagnostics (Reviewdog Diagnostic Format), which become comments and suggestions of a review.
//!
//! Its columns count the bytes of UTF-8 from 1, and its ends are exclusive.

mod suggestion;

use std::io::{self, Write};

use serde::Serialize;

use super::human::words::text;
use super::json::write_line;
use super::{HOME, Style, fix_of, origin_words, summary};
use crate::base::escape;
use crate::base::excerpt::Excerpt;
use crate::base::ids::Severity;
use crate::input::InputPath;
use crate::report::{Report, SealedFinding, SealedPlace, SealedTrouble};

#[derive(Serialize)]
struct DiagnosticResult {
    source: Source,
    severity: &'static str,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Clone, Copy, Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// Without columns it is whole lines.
#[derive(Clone, Copy, Serialize)]
struct Position {
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Serialize)]
struct Code {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut diagnostics: Vec<_> = report.shown().map(|f| of_finding(report, f)).collect();
    diagnostics.extend(summary::incomplete(report).map(|text| incomplete(text.to_owned(), None)));
    diagnostics.extend(report.troubles.iter().map(of_trouble));
    let worst = report.shown().map(|f| f.severity).max();
    let severity = if report.is_incomplete() { "ERROR" } else { worst.map_or("INFO", level) };
    write_line(&DiagnosticResult { source: Source { name: "gatepost", url: HOME }, severity, diagnostics }, out)
}

fn of_finding(report: &Report, f: &SealedFinding) -> Diagnostic {
    let info = report.rules.get(&f.rule);
    let mut lines = vec![text(&f.message)];
    lines.extend(f.suppressed_here.then(|| "An inline ignore that came with this change names it; it does not hold.".to_owned()));
    lines.extend(f.primary.path.outermost().map(|_| format!("In {}", f.primary.path)));
    lines.extend(origin_words(&f.primary.origin));
    lines.extend(fix_of(report, f).map(|fix| format!("Fix: {}", text(fix))));
    lines.push(format!("Why: gatepost explain {}", escape::name(f.rule.as_str())));
    let (location, suggestion) = (location(&f.primary), suggestion::of(f));
    let range = location.range;
    Diagnostic {
        message: lines.join("\n"),
        location,
        severity: level(f.severity),
        code: Code {
            value: f.rule.as_str().to_owned(),
            url: info.and_then(|info| info.references.iter().find(|url| url.starts_with("https://")).cloned()),
        },
        suggestions: range.zip(suggestion).map(|(range, text)| Suggestion { range, text }).into_iter().collect(),
    }
}

fn of_trouble(trouble: &SealedTrouble) -> Diagnostic {
    let help = trouble.help.as_ref().map(|help| format!("\n{}", text(help))).unwrap_or_default();
    incomplete(format!("{}: {}{help}", trouble.kind.as_str(), text(&trouble.message)), trouble.place.as_ref())
}

fn incomplete(message: String, place: Option<&SealedPlace>) -> Diagnostic {
    let location = place.map_or_else(|| Location { path: ".".to_owned(), range: None }, location);
    let code = Code { value: "incomplete".to_owned(), url: None };
    Diagnostic { message, location, severity: "ERROR", code, suggestions: Vec::new() }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "ERROR",
        Severity::Medium => "WARNING",
        Severity::Low | Severity::Info => "INFO",
    }
}

fn location(place: &SealedPlace) -> Location {
    // What lies in a container is in no file that a review shows.
    if let Some(outer) = place.path.outermost() {
        return Location { path: InputPath::new(outer).to_str().into_owned(), range: None };
    }
    Location { path: place.path.to_str().into_owned(), range: place.excerpt.as_deref().map(range) }
}

fn range(excerpt: &Excerpt) -> Range {
    let (start, end) = (excerpt.start, excerpt.end.max(excerpt.start));
    // Bytes before a column are known where its line is there from its start, and nothing of it was masked to another length.
    let columns = byte_column(excerpt, excerpt.label.start).filter(|_| start.line == end.line).zip(byte_column(excerpt, excerpt.label.end));
    match columns {
        Some((from, to)) => {
            let position = |column| Position { line: start.line, column: Some(column) };
            Range { start: position(from), end: position(to) }
        }
        None => Range { start: Position { line: start.line, column: None }, end: Position { line: end.line, column: None } },
    }
}

/// The bytes of the line before an offset of the text, and one. None where the line does not begin in the text, or has
/// characters that stand for other bytes.
fn byte_column(excerpt: &Excerpt, at: usize) -> Option<usize> {
    let before = excerpt.text.get(..at)?;
    let line = match before.rfind('\n') {
        Some(end) => &before[end + 1..],
        None if excerpt.first.column == 1 => before,
        None => return None,
    };
    (!line.contains('\u{fffd}')).then(|| line.len() + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::sample::{self, Sketch, place};
    use super::*;
    use crate::finding::{Dialect, Fix, Snippet};
    use crate::input::Origin;

    fn printed(report: &Report) -> Value {
        let mut out = Vec::new();
        render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
        serde_json::from_slice(&out).expect("JSON")
    }

    #[test]
    fn columns_count_bytes_and_ends_are_exclusive() {
        let mut sketch = Sketch::default();
        let file = sketch.input(b"a.tf", Origin::File);
        sketch.finding("r", Severity::High, "m", place(file, "x = 1\na𐀀b = \"v\"\n", "\"v\"", 0));
        let range = &printed(&sketch.seal())["diagnostics"][0]["location"]["range"];
        assert_eq!(range["start"], serde_json::json!({"line": 2, "column": 10}));
        assert_eq!(range["end"], serde_json::json!({"line": 2, "column": 13}));
    }

    #[test]
    fn a_value_that_the_fix_names_is_suggested() {
        let mut sketch = Sketch::default();
        let text = "resource \"aws_s3_bucket_acl\" \"b\" {\n  acl = \"public-read\" # why\n}\n";
        let file = sketch.input(b"a.tf", Origin::File);
        let found = sketch.finding("s3-public-acl", Severity::High, "m", place(file, text, "\"public-read\"", 0));
        let snippet = Snippet { dialect: Dialect::Hcl, text: "resource \"aws_s3_bucket_acl\" \"x\" {\n  acl = \"private\"\n}".to_owned() };
        found.fix = Some(Fix { text: "f".to_owned(), snippet: Some(snippet), commands: Vec::new() });
        let diagnostic = &printed(&sketch.seal())["diagnostics"][0];
        assert_eq!(diagnostic["suggestions"][0]["text"], "\"private\"");
        assert_eq!(diagnostic["suggestions"][0]["range"], diagnostic["location"]["range"]);
    }

    #[test]
    fn what_is_incomplete_is_a_diagnostic() {
        let all = printed(&sample::report());
        assert_eq!(all["severity"], "ERROR");
        let diagnostics = all["diagnostics"].as_array().expect("a list");
        let broken = diagnostics.iter().find(|d| d["location"]["path"] == "infra/broken.tf").expect("told");
        assert_eq!((broken["severity"].as_str(), broken["code"]["value"].as_str()), (Some("ERROR"), Some("incomplete")));
    }
}
