//! What is wrong with rule files, as a compiler would say it: the line, a mark under the word, what was expected.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Serializer;

use super::human::frame::{Frames, Icon};
use super::human::snippet::Snippet;
use super::human::words::{text, wrap};
use super::ink::{Ink, Tone};
use super::json::harmless::Harmless;
use super::{Style, write_lines};
use crate::base::escape;
use crate::base::excerpt::{Excerpt, Position};
use crate::base::ids::Severity;

/// Something to say of a rule file.
pub struct Diagnostic {
    pub is_fault: bool,
    /// The rule, the view or the module; empty where it is about a file.
    pub name: String,
    /// None for what is built in.
    pub file: Option<String>,
    /// The lines around the word that it is about.
    pub excerpt: Option<Excerpt>,
    pub message: String,
    pub help: Option<String>,
}

/// All that a check of rules came to.
pub struct Lint {
    pub rules: usize,
    pub diagnostics: Vec<Diagnostic>,
}

impl Lint {
    #[must_use]
    pub fn faults(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.is_fault).count()
    }

    #[must_use]
    pub fn warnings(&self) -> usize {
        self.diagnostics.len() - self.faults()
    }
}

/// For a person.
///
/// # Errors
/// What `out` says.
pub fn human(lint: &Lint, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let (ink, frames) = (Ink { color: style.color }, Frames::new(style));
    let dots = if style.unicode { "…" } else { "..." };
    for d in &lint.diagnostics {
        let mut block = String::new();
        let (word, tone, icon) = if d.is_fault {
            ("fault", Tone::Severity(Severity::High), Icon::Error)
        } else {
            ("warning", Tone::Severity(Severity::Medium), Icon::Warning)
        };
        let name = if d.name.is_empty() { String::new() } else { format!("[{}]", escape::name(&d.name)) };
        let head = ink.paint(tone, &format!("{word}{name}"));
        writeln!(block, "{head} {}", d.place()).map_err(io::Error::other)?;
        let drawing = d.excerpt.as_ref().map(|excerpt| Snippet::of(excerpt, None).draw(style.width() - GUTTER, dots));
        frames.push(&mut block, icon, &text(&d.message), drawing.as_ref()).map_err(io::Error::other)?;
        if let Some(help) = &d.help {
            let help = wrap(&text(help), style.width(), "        ", "        ");
            write!(block, "  {}{}", ink.paint(Tone::Quiet, "help: "), help.trim_start()).map_err(io::Error::other)?;
        }
        write_lines(out, &(block + "\n"))?;
    }
    let (faults, warnings) = (lint.faults(), lint.warnings());
    let tone = if faults > 0 { Tone::Severity(Severity::High) } else { Tone::Good };
    let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let last = format!("{} checked: {}, {}", count(lint.rules, "rule"), count(faults, "fault"), count(warnings, "warning"));
    writeln!(out, "{}", ink.paint(tone, &last))
}

/// Columns that a frame takes beside the line.
const GUTTER: usize = 14;

impl Diagnostic {
    /// `own/acme.yml:5:13`, as far as it is known.
    fn place(&self) -> String {
        let file = self.file.as_deref().map_or_else(|| "(built in)".into(), escape::name);
        match &self.excerpt {
            Some(Excerpt { start: Position { line, column }, .. }) => format!("{file}:{line}:{column}"),
            None => file.into_owned(),
        }
    }
}

/// The wire: as in reports, a field keeps its name and its meaning.
#[derive(Serialize)]
struct LintV1<'a> {
    schema_version: u32,
    diagnostics: Vec<DiagnosticV1<'a>>,
    rules: usize,
    faults: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct DiagnosticV1<'a> {
    /// `fault` or `warning`.
    kind: &'static str,
    rule: Option<&'a str>,
    path: Option<&'a str>,
    start: Option<PositionV1>,
    /// The character after the last.
    end: Option<PositionV1>,
    message: &'a str,
    help: Option<&'a str>,
}

/// Both count from 1; a column counts characters.
#[derive(Serialize)]
struct PositionV1 {
    line: u32,
    column: u32,
}

/// For editors and CI.
///
/// # Errors
/// What `out` says.
pub fn json(lint: &Lint, out: &mut dyn Write) -> io::Result<()> {
    let position = |at: Position| PositionV1 { line: at.line, column: at.column };
    let one = |d: &'_ Diagnostic| -> (Option<PositionV1>, Option<PositionV1>) {
        (d.excerpt.as_ref().map(|e| position(e.start)), d.excerpt.as_ref().map(|e| position(e.end)))
    };
    let diagnostics = lint.diagnostics.iter().map(|d| {
        let (start, end) = one(d);
        DiagnosticV1 {
            kind: if d.is_fault { "fault" } else { "warning" },
            rule: Some(d.name.as_str()).filter(|name| !name.is_empty()),
            path: d.file.as_deref(),
            start,
            end,
            message: &d.message,
            help: d.help.as_deref(),
        }
    });
    let wire = LintV1 {
        schema_version: 1,
        diagnostics: diagnostics.collect(),
        rules: lint.rules,
        faults: lint.faults(),
        warnings: lint.warnings(),
    };
    wire.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    out.write_all(b"\n")
}
