//! How the examples of rules fared: each that failed with what was expected and what came, below each other.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::human::words::{clamp, text, wrap};
use super::ink::{Ink, Tone};
use super::{Style, write_lines};
use crate::base::escape;
use crate::base::ids::Severity;

/// All that came of a test of rules.
pub struct Trial {
    pub rules: usize,
    pub passed: usize,
    pub failed: usize,
    /// What is worth a line, in order.
    pub shown: Vec<Shown>,
}

/// One example.
pub struct Shown {
    /// `acme-token, bad 2 (hcl)`.
    pub example: String,
    /// Where it stands, if that is in a file: `own/acme.yml:12:7`.
    pub place: Option<String>,
    /// What was expected and what came; None where these are the same.
    pub failure: Option<(Vec<Line>, Vec<Line>)>,
}

/// Something that was expected, or that came.
pub struct Line {
    pub text: String,
    /// The line of the example, with its number.
    pub line: Option<(u32, String)>,
}

/// Lines of one kind that are printed.
const LINES_SHOWN: usize = 8;
const INDENT: &str = "              ";

/// # Errors
/// What `out` says.
pub fn human(trial: &Trial, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = Ink { color: style.color };
    for shown in &trial.shown {
        let (word, tone) = if shown.failure.is_some() { ("fail", Tone::Severity(Severity::High)) } else { ("ok", Tone::Good) };
        let place = shown.place.as_deref().map(|place| format!(" at {}", escape::name(place))).unwrap_or_default();
        let mut block = format!("{} {}{place}\n", ink.paint(tone, word), escape::name(&shown.example));
        if let Some((expected, got)) = &shown.failure {
            lines(&mut block, &ink.paint(Tone::Good, "- expected  "), expected, style);
            lines(&mut block, &ink.paint(Tone::Severity(Severity::High), "+ got       "), got, style);
            block.push('\n');
        }
        write_lines(out, &block)?;
    }
    let Trial { rules, passed, failed, .. } = trial;
    let tone = if *failed > 0 { Tone::Severity(Severity::High) } else { Tone::Good };
    let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let last = format!("{} of {}: {passed} passed, {failed} failed", count(passed + failed, "example"), count(*rules, "rule"));
    writeln!(out, "{}", ink.paint(tone, &last))
}

fn lines(out: &mut String, head: &str, said: &[Line], style: &Style) {
    let dots = if style.unicode { "…" } else { "..." };
    let bar = if style.unicode { '│' } else { '|' };
    for Line { text: said, line } in said.iter().take(LINES_SHOWN) {
        let said = wrap(&text(said), style.width(), INDENT, INDENT);
        let _ = write!(out, "  {head}{}", said.trim_start());
        if let Some((number, row)) = line {
            let row = clamp(row, style.width() - INDENT.len() - 8, dots);
            let _ = writeln!(out, "{INDENT}{number:>4} {bar} {row}");
        }
    }
    if said.len() > LINES_SHOWN {
        let _ = writeln!(out, "{INDENT}and {} more", said.len() - LINES_SHOWN);
    }
}
