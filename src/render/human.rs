//! For a person: each finding with its lines and what to do about it, then what was and what was not looked at.
//!
//! miette draws the frames (`frame.rs`), over excerpts that `snippet.rs` has made small and harmless. Everything else is
//! plain lines, so that a location can be clicked and a command copied.

pub(super) mod frame;
pub(super) mod snippet;
pub(super) mod words;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::ink::{Ink, Tone};
use super::{Style, inventory, location, origin_words, summary, write_lines};
use crate::base::escape;
use crate::base::ids::{Confidence, Fingerprint, RuleId, Severity};
use crate::finding::Snippet as Source;
use crate::report::{Report, SealedFinding, SealedLabel, SealedPlace};
use frame::{Frames, Icon};
use snippet::{Drawing, Snippet};
use words::{clamp, text, wrap};

/// Findings that are printed; the worst ones where there are more.
const SHOWN: usize = 200;
/// Inputs with the same secret that are printed in full.
const SAME_SHOWN: usize = 3;
/// Further inputs with the same secret that are named.
const SAME_NAMED: usize = 10;
/// Related places, troubles and notes that are printed.
const RELATED_SHOWN: usize = 8;
const TROUBLES_SHOWN: usize = 50;
const NOTES_SHOWN: usize = 20;
/// Findings of a comparison that are fixed, and are named.
const FIXED_SHOWN: usize = 50;
/// Lines of a fix's source that are printed.
const SNIPPET_SHOWN: usize = 30;
/// What stands before a line of it.
const INDENT: &str = "        ";
/// Columns that a frame takes beside the line: its number, a bar, and dots on either side.
const GUTTER: usize = 14;

/// # Errors
/// What `out` says.
pub fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut human = Human {
        report,
        ink: Ink { color: style.color },
        frames: Frames::new(style),
        width: style.width(),
        dots: if style.unicode { "…" } else { "..." },
        explained: BTreeSet::new(),
    };
    let shown = choose(report);
    for (f, same) in &shown {
        let mut block = String::new();
        human.finding(&mut block, f, same).map_err(io::Error::other)?;
        write_lines(out, &(block + "\n"))?;
    }
    let mut last = String::new();
    let left = report.shown().count() - shown.iter().map(|(_, same)| 1 + same.len()).sum::<usize>();
    if left > 0 {
        let more = summary::number(left as u64, "more finding");
        let _ = writeln!(last, "{more} of the same or less weight, not shown here: use `--output json=FILE`\n");
    }
    human.fixed(&mut last).map_err(io::Error::other)?;
    human.troubles(&mut last).map_err(io::Error::other)?;
    human.footer(&mut last);
    write_lines(out, &last)
}

/// What is shown in full, in order, each with what is only named beside it: the rest of its group, beside the last.
fn choose(report: &Report) -> Vec<(&SealedFinding, Vec<&SealedFinding>)> {
    let (mut seen, mut folded): (HashMap<Fingerprint, usize>, HashMap<Fingerprint, Vec<&SealedFinding>>) = Default::default();
    let mut shown = Vec::new();
    for (at, f) in report.shown().enumerate() {
        let count = seen.entry(f.group).or_default();
        *count += 1;
        if *count > SAME_SHOWN && f.resource.is_none() {
            folded.entry(f.group).or_default().push(f);
        } else {
            shown.push((at, f));
        }
    }
    if shown.len() > SHOWN {
        shown.sort_by_key(|(at, f)| (Reverse((f.suppressed_here, f.severity)), *at));
        shown.truncate(SHOWN);
    }
    // What the change itself suppresses comes first.
    shown.sort_by_key(|(at, f)| (!f.suppressed_here, *at));
    let mut with_same: Vec<_> = shown.into_iter().rev().map(|(_, f)| (f, folded.remove(&f.group).unwrap_or_default())).collect();
    with_same.reverse();
    with_same
}

struct Human<'a> {
    report: &'a Report,
    ink: Ink,
    frames: Frames,
    width: usize,
    dots: &'static str,
    /// Rules whose page was pointed at already.
    explained: BTreeSet<&'a RuleId>,
}

impl<'a> Human<'a> {
    fn finding(&mut self, out: &mut String, f: &'a SealedFinding, same: &[&SealedFinding]) -> std::fmt::Result {
        let tone = Tone::Severity(f.severity);
        let rule = self.ink.paint(tone, &format!("{}[{}]", f.severity, escape::name(f.rule.as_str())));
        let new = if self.report.compared.is_some() { self.ink.paint(Tone::Alarm, "new: ") } else { String::new() };
        writeln!(out, "{new}{rule} {}", self.place(&f.primary))?;
        if f.suppressed_here {
            writeln!(out, "  {}", self.ink.paint(Tone::Alarm, "an inline ignore that came with this change names it"))?;
        }
        let (drawing, apart) = self.draw(f);
        let icon = match f.severity {
            Severity::Critical | Severity::High => Icon::Error,
            Severity::Medium => Icon::Warning,
            Severity::Low | Severity::Info => Icon::Advice,
        };
        self.frames.push(out, icon, &text(&f.message), drawing.as_ref())?;
        for label in apart.iter().take(RELATED_SHOWN) {
            let message = format!("{}: {}", self.place(&label.place), text(&label.text));
            let drawing = label.place.excerpt.as_ref().map(|e| Snippet::of(e, None).draw(self.columns(), self.dots));
            self.frames.push(out, Icon::Also, &message, drawing.as_ref())?;
        }
        if apart.len() > RELATED_SHOWN {
            writeln!(out, "    and {}", summary::number((apart.len() - RELATED_SHOWN) as u64, "more place"))?;
        }
        self.same(out, same)?;
        self.advice(out, f)
    }

    /// The primary's lines, with the related places that stand in them; and the related places that do not.
    fn draw(&self, f: &'a SealedFinding) -> (Option<Drawing>, Vec<&'a SealedLabel>) {
        let Some(excerpt) = &f.primary.excerpt else { return (None, f.related.iter().collect()) };
        let here = |l: &SealedLabel| l.place.path == f.primary.path && l.place.origin == f.primary.origin;
        // A lone label says nothing that the message does not.
        let title = || self.report.rules.get(&f.rule).map(|info| text(&info.title));
        let title = if f.related.iter().any(here) { title() } else { None };
        let mut snippet = Snippet::of(excerpt, title.as_deref());
        let mut apart = Vec::new();
        for label in &f.related {
            let near = label.place.excerpt.as_ref().filter(|_| here(label)).map(|e| Snippet::of(e, Some(&text(&label.text))));
            let absorbed = near.is_some_and(|near| snippet.absorb(near, self.columns()).is_none());
            if !absorbed {
                apart.push(label);
            }
        }
        (Some(snippet.draw(self.columns(), self.dots)), apart)
    }

    /// Where the same secret stands, in inputs that are not shown.
    fn same(&self, out: &mut String, same: &[&SealedFinding]) -> std::fmt::Result {
        if same.is_empty() {
            return Ok(());
        }
        let inputs = summary::number(same.len() as u64, "more input");
        writeln!(out, "  {} in {inputs}:", self.ink.paint(Tone::Quiet, "same:"))?;
        for f in same.iter().take(SAME_NAMED) {
            writeln!(out, "        {}", self.place(&f.primary))?;
        }
        if same.len() > SAME_NAMED {
            writeln!(out, "        and {} more", same.len() - SAME_NAMED)?;
        }
        Ok(())
    }

    fn advice(&mut self, out: &mut String, f: &'a SealedFinding) -> std::fmt::Result {
        self.field(out, "id:", &f.id())?;
        if let Some(resource) = &f.resource {
            self.field(out, "in:", &text(resource))?;
        }
        if let Some(exposure) = &f.exposure {
            let by = exposure.first.author.as_deref().map_or_else(String::new, |author| format!(", by {}", text(author)));
            self.field(out, "seen:", &format!("{}{by}", inventory::seen(exposure)))?;
        }
        if f.confidence != Confidence::High {
            self.field(out, "note:", &format!("{} confidence", f.confidence))?;
        }
        let info = self.report.rules.get(&f.rule);
        match (&f.fix, info) {
            (Some(fix), _) => {
                self.field(out, "fix:", &text(&fix.text))?;
                self.snippet(out, fix.snippet.as_ref())?;
                for command in &fix.commands {
                    writeln!(out, "        {}", self.ink.paint(Tone::Strong, &format!("$ {}", escape::name(command))))?;
                }
            }
            (None, Some(info)) => self.field(out, "fix:", &text(&info.fix))?,
            (None, None) => {}
        }
        if self.explained.insert(&f.rule) {
            self.field(out, "why:", &format!("gatepost explain {}", escape::name(f.rule.as_str())))?;
        }
        Ok(())
    }

    /// Source to write instead, line by line, each of bounded length.
    fn snippet(&self, out: &mut String, snippet: Option<&Source>) -> std::fmt::Result {
        let Some(snippet) = snippet else { return Ok(()) };
        let lines: Vec<&str> = snippet.text.trim_end().lines().collect();
        let width = self.width - INDENT.len();
        for line in lines.iter().take(SNIPPET_SHOWN) {
            let line = clamp(line, width, self.dots);
            writeln!(out, "{}", format!("{INDENT}{line}").trim_end())?;
        }
        if lines.len() > SNIPPET_SHOWN {
            writeln!(out, "{INDENT}{} and {} more lines", self.dots, lines.len() - SNIPPET_SHOWN)?;
        }
        Ok(())
    }

    /// A line for each that is there no more.
    fn fixed(&self, out: &mut String) -> std::fmt::Result {
        for f in self.report.fixed().take(FIXED_SHOWN) {
            let rule = format!("{}[{}]", f.severity, escape::name(f.rule.as_str()));
            writeln!(out, "{} {rule} {}: {}", self.ink.paint(Tone::Good, "fixed:"), self.place(&f.primary), text(&f.message))?;
        }
        match self.report.fixed().count() {
            0 => Ok(()),
            n if n > FIXED_SHOWN => writeln!(out, "and {} more that are fixed\n", n - FIXED_SHOWN),
            _ => writeln!(out),
        }
    }

    fn troubles(&self, out: &mut String) -> std::fmt::Result {
        let troubles = &self.report.troubles;
        for t in troubles.iter().take(TROUBLES_SHOWN) {
            let kind = self.ink.paint(Tone::Alarm, &format!("incomplete[{}]", t.kind.as_str()));
            match &t.place {
                Some(place) => writeln!(out, "{kind} {}", self.place(place))?,
                None => writeln!(out, "{kind}")?,
            }
            let excerpt = t.place.as_ref().and_then(|p| p.excerpt.as_ref());
            let drawing = excerpt.map(|e| Snippet::of(e, None).draw(self.columns(), self.dots));
            self.frames.push(out, Icon::Warning, &text(&t.message), drawing.as_ref())?;
            if let Some(help) = &t.help {
                self.field(out, "help:", &text(help))?;
            }
            out.push('\n');
        }
        if troubles.len() > TROUBLES_SHOWN {
            writeln!(out, "and {} more that could not be looked at\n", troubles.len() - TROUBLES_SHOWN)?;
        }
        Ok(())
    }

    fn footer(&self, out: &mut String) {
        let report = self.report;
        let notes = report.notes.iter().take(NOTES_SHOWN);
        out.extend(notes.map(|note| wrap(&format!("note: {}", text(note)), self.width, "", "      ")));
        if report.notes.len() > NOTES_SHOWN {
            let _ = writeln!(out, "and {} more notes: use `--output json=FILE`", report.notes.len() - NOTES_SHOWN);
        }
        let (findings, inputs) = (summary::findings(report), summary::inputs(report));
        let rows = report.inventory();
        if rows.iter().any(|credential| credential.exposure.is_some()) {
            let _ = writeln!(out, "{}: `--format inventory` lists them", inventory::head(&rows));
        }
        let worst = report.shown().map(|f| f.severity).max();
        if worst.is_none() && !report.is_incomplete() {
            let _ = writeln!(out, "{}, {inputs}", self.ink.paint(Tone::Good, &findings));
            return;
        }
        let tone = worst.map_or(Tone::Strong, Tone::Severity);
        let _ = writeln!(out, "{}\n{inputs}", self.ink.paint(tone, &findings));
        if let Some(incomplete) = summary::incomplete(report) {
            let _ = writeln!(out, "{}", self.ink.paint(Tone::Alarm, incomplete));
        }
    }

    fn place(&self, place: &SealedPlace) -> String {
        match origin_words(&place.origin) {
            Some(origin) => format!("{} {}", location(place), self.ink.paint(Tone::Quiet, &format!("({origin})"))),
            None => location(place),
        }
    }

    /// `  fix: ..`, wrapped, its lines below each other.
    fn field(&self, out: &mut String, name: &str, value: &str) -> std::fmt::Result {
        let lines = wrap(value, self.width, "        ", "        ");
        let first = self.ink.paint(Tone::Quiet, name);
        write!(out, "  {first}{}{}", " ".repeat(6_usize.saturating_sub(name.len())), lines.trim_start())
    }

    fn columns(&self) -> usize {
        self.width - GUTTER
    }
}
