//! Resources as evaluated, for people: one row a value, its place at the right, how it came here below it.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::percent;
use crate::base::escape;
use crate::render::ink::{Ink, Tone};
use crate::render::summary::number;
use crate::render::{Style, location, write_lines};
use crate::report::shown::{Part, Shown, ShownModule, ShownNode, ShownProject, ShownResource, ShownValue, Spot, Summary};

/// Bytes of one text that are printed.
const MAX_TEXT: usize = 160;
/// Items of one list or map that are printed.
const MAX_ITEMS: usize = 50;
/// Rows that are longer do not move the places of the others.
const WIDEST: usize = 72;
/// A list of plain values that is no longer stands in one row.
const ONE_ROW: usize = 60;

/// # Errors
/// What `out` says.
pub fn render(shown: &Shown, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { ink: Ink { color: style.color }, unicode: style.unicode };
    let mut text = String::new();
    for project in &shown.projects {
        page.project(project, &mut text);
    }
    for trouble in &shown.troubles {
        let place = trouble.place.as_ref().map_or_else(String::new, |place| format!("{}: ", location(place)));
        let line = format!("{place}{}: {}", trouble.kind.as_str(), escape::name(&trouble.message));
        text.push_str(&page.ink.paint(Tone::Alarm, &line));
        text.push('\n');
        if let Some(help) = &trouble.help {
            text.extend(["  help: ", &escape::name(help), "\n"]);
        }
    }
    if !shown.troubles.is_empty() {
        text.push('\n');
    }
    page.summary(&shown.summary, &mut text);
    write_lines(out, &text)
}

struct Page {
    ink: Ink,
    unicode: bool,
}

/// A line of a resource: what it says, where that stands.
struct Row {
    text: String,
    place: Option<String>,
    tone: Option<Tone>,
}

impl Page {
    fn project(&self, project: &ShownProject, out: &mut String) {
        let about: Vec<&str> = project.dialect.into_iter().chain(project.variant.as_deref()).collect();
        let about = if about.is_empty() { String::new() } else { format!(" ({})", escape::name(&about.join(", "))) };
        out.push_str(&self.ink.paint(Tone::Quiet, &format!("{}{about}", project.path)));
        out.push_str("\n\n");
        for note in &project.notes {
            out.extend(["left open: ", &escape::name(note), "\n"]);
        }
        let module = |module: &ShownModule| {
            let what = if module.mapped { "known in part" } else { "not in this tree" };
            let text = format!("{} is {what}: {}", escape::name(&module.address), short(&module.source));
            Row { text, place: Some(full(&module.call)), tone: None }
        };
        self.align(&project.modules.iter().map(module).collect::<Vec<_>>(), out);
        if !project.notes.is_empty() || !project.modules.is_empty() {
            out.push('\n');
        }
        for resource in &project.resources {
            self.resource(resource, out);
            out.push('\n');
        }
    }

    fn resource(&self, resource: &ShownResource, out: &mut String) {
        let mut name = escape::name(&resource.address).into_owned();
        if !resource.address.contains(&resource.kind) {
            name.extend([" (", &escape::name(&resource.kind), ")"]);
        }
        let mut rows = vec![Row { text: name, place: Some(full(&resource.header)), tone: Some(Tone::Strong) }];
        for (condition, holds) in &resource.when {
            let not = if *holds { "" } else { "not " };
            rows.push(Row { text: format!("  exists when {not}{}", escape::name(condition)), place: None, tone: None });
        }
        let rows_of = &mut Rows { page: self, home: &resource.header, whole: resource.part, all: &mut rows };
        for (call, spot) in &resource.trace {
            rows_of.push(1, &format!("called as {}", escape::name(call)), Some(spot), Some(Tone::Quiet));
        }
        if let Some(whole) = &resource.whole {
            rows_of.value(1, "attributes", whole);
        }
        for (name, value) in &resource.attributes {
            rows_of.value(1, &escape::name(name), value);
        }
        if resource.open {
            rows_of.push(1, "there may be more", None, Some(Tone::Quiet));
        }
        self.align(&rows, out);
    }

    fn align(&self, rows: &[Row], out: &mut String) {
        let width = |row: &Row| row.text.chars().count();
        let edge = rows.iter().filter(|row| row.place.is_some()).map(width).filter(|w| *w <= WIDEST).max().unwrap_or(0);
        for row in rows {
            match row.tone {
                Some(tone) => out.push_str(&self.ink.paint(tone, &row.text)),
                None => out.push_str(&row.text),
            }
            if let Some(place) = &row.place {
                out.push_str(&" ".repeat(edge.saturating_sub(width(row)) + 2));
                out.push_str(&self.ink.paint(Tone::Quiet, place));
            }
            out.push('\n');
        }
    }

    fn summary(&self, summary: &Summary, out: &mut String) {
        let Summary { roots, templates, plans, states, files, resources, values, reasons, .. } = summary;
        let projects = [(*roots, "root module"), (*templates, "template"), (*plans, "plan"), (*states, "state")];
        let projects: Vec<String> = projects.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| number(*n, noun)).collect();
        let projects = if projects.is_empty() { "nothing to evaluate".to_owned() } else { projects.join(" and ") };
        let all = files.parsed + files.partial + files.failed;
        out.push_str(&self.ink.paint(Tone::Strong, &projects));
        writeln!(out, ", {}: {} parsed, {} in part, {} failed", number(all, "file"), files.parsed, files.partial, files.failed)
            .expect("writing to a string");
        let share = |n: u64| format!("{n} ({}%)", percent(values.share(n)));
        writeln!(
            out,
            "{} with {}: {} known, {} in part, {} unknown",
            number(*resources, "resource"),
            number(values.all(), "value"),
            share(values.known),
            share(values.partial),
            share(values.unknown)
        )
        .expect("writing to a string");
        let left = [
            (summary.notes, "thing left open", "things left open"),
            (summary.absent, "module not in this tree", "modules not in this tree"),
            (summary.mapped, "module known in part", "modules known in part"),
            (values.open, "list or map that may hold more", "lists or maps that may hold more"),
            (values.choices, "condition left open", "conditions left open"),
        ];
        let left: Vec<String> =
            left.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many })).collect();
        if !left.is_empty() {
            out.push_str(&left.join(", "));
            out.push('\n');
        }
        if !reasons.is_empty() {
            out.push_str("not known for want of\n");
        }
        let wide = reasons.iter().map(|reason| reason.count.to_string().len()).max().unwrap_or(0);
        let rows: Vec<Row> = reasons
            .iter()
            .map(|reason| Row {
                text: format!("  {:>wide$}  {} ({})", reason.count, short(&reason.reason), words(reason.kind)),
                place: Some(full(&reason.place)),
                tone: None,
            })
            .collect();
        self.align(&rows, out);
    }
}

/// Rows of one resource.
struct Rows<'p> {
    page: &'p Page,
    /// Places in its file need no path.
    home: &'p Spot,
    /// Nothing is cut here that is not cut already.
    whole: bool,
    all: &'p mut Vec<Row>,
}

impl Rows<'_> {
    fn push(&mut self, indent: usize, text: &str, spot: Option<&Spot>, tone: Option<Tone>) {
        let place = spot.map(|spot| self.place(spot));
        self.all.push(Row { text: format!("{}{text}", "  ".repeat(indent)), place, tone });
    }

    fn items(&self) -> usize {
        if self.whole { usize::MAX } else { MAX_ITEMS }
    }

    fn place(&self, spot: &Spot) -> String {
        if spot.path == self.home.path { format!("{}:{}", spot.at.line, spot.at.column) } else { full(spot) }
    }

    fn value(&mut self, indent: usize, name: &str, value: &ShownValue) {
        let open = |open: bool| if open { " (there may be more)" } else { "" };
        let place = Some(&value.place);
        match &value.node {
            ShownNode::List { items, open: is_open, more } => {
                if let Some(row) = one_row(items, *more) {
                    self.push(indent, &format!("{name} = {row}{}", open(*is_open)), place, None);
                    return self.via(indent, value);
                }
                self.push(indent, &format!("{name}{}", open(*is_open)), place, None);
                self.via(indent, value);
                for (number, item) in items.iter().enumerate().take(self.items()) {
                    self.value(indent + 1, &format!("[{number}]"), item);
                }
                self.rest(indent + 1, items.len(), *more);
            }
            ShownNode::Map { entries, open: is_open, more } => {
                let empty = if entries.is_empty() { " = {}" } else { "" };
                self.push(indent, &format!("{name}{empty}{}", open(*is_open)), place, None);
                self.via(indent, value);
                for (key, value) in entries.iter().take(self.items()) {
                    self.value(indent + 1, &escape::name(key), value);
                }
                self.rest(indent + 1, entries.len(), *more);
            }
            ShownNode::Choice { condition, then, else_ } => {
                self.push(indent, name, place, None);
                self.via(indent, value);
                self.value(indent + 1, &format!("when {}", short(condition)), then);
                self.value(indent + 1, "otherwise", else_);
            }
            node => {
                let tone = matches!(node, ShownNode::Unknown { .. } | ShownNode::Cut).then_some(Tone::Alarm);
                self.push(indent, &format!("{name} = {}", plain(node, if self.whole { usize::MAX } else { MAX_TEXT })), place, tone);
                self.via(indent, value);
            }
        }
    }

    fn via(&mut self, indent: usize, value: &ShownValue) {
        let arrow = if self.page.unicode { "→" } else { "->" };
        for (text, spot) in &value.via {
            self.push(indent + 1, &format!("{arrow} {}", short(text)), Some(spot), Some(Tone::Quiet));
        }
    }

    fn rest(&mut self, indent: usize, here: usize, more: usize) {
        let rest = here.saturating_sub(self.items()) + more;
        if rest > 0 {
            self.push(indent, &format!("and {rest} more"), None, Some(Tone::Quiet));
        }
    }
}

fn full(spot: &Spot) -> String {
    format!("{}:{}:{}", spot.path, spot.at.line, spot.at.column)
}

/// A short list of plain values, none of which came from elsewhere.
fn one_row(items: &[ShownValue], more: usize) -> Option<String> {
    let is_plain = |item: &ShownValue| {
        item.via.is_empty()
            && !matches!(item.node, ShownNode::List { .. } | ShownNode::Map { .. } | ShownNode::Choice { .. } | ShownNode::Cut)
    };
    if more > 0 || items.len() > MAX_ITEMS || !items.iter().all(is_plain) {
        return None;
    }
    let row = format!("[{}]", items.iter().map(|item| plain(&item.node, MAX_TEXT)).collect::<Vec<_>>().join(", "));
    (row.chars().count() <= ONE_ROW).then_some(row)
}

/// `most`: bytes of a text that are printed.
fn plain(node: &ShownNode, most: usize) -> String {
    match node {
        ShownNode::Null => "null".to_owned(),
        ShownNode::Bool(value) => value.to_string(),
        ShownNode::Number(number) => number.to_string(),
        ShownNode::Text { parts, cut } => text(parts, *cut, most),
        ShownNode::Unknown { kind, reason } => format!("unknown: {} ({})", short(reason), words(kind)),
        ShownNode::List { .. } | ShownNode::Map { .. } | ShownNode::Choice { .. } | ShownNode::Cut => "(not shown)".to_owned(),
    }
}

/// What a kind of reason means.
fn words(kind: &str) -> &str {
    match kind {
        "unset" => "nobody sets it",
        "reference" => "known once it is made",
        "module" => "not in this tree",
        "function" => "not evaluated",
        "cycle" => "a circle",
        "budget" => "over a limit",
        other => other,
    }
}

/// `"arn:${aws_s3_bucket.b.arn}/*"`; what is long is cut, and how much of it is said.
fn text(parts: &[Part], cut: usize, most: usize) -> String {
    let (mut out, mut lost, mut full) = (String::from("\""), 0, false);
    let mut piece = String::new();
    for part in parts {
        match part {
            Part::Hole(reason) => {
                piece.clear();
                piece.extend(["${", &short(reason), "}"]);
                full = full || out.len() + piece.len() > most;
                // What is cut is cut there: nothing of what follows.
                if !full {
                    out.push_str(&piece);
                }
            }
            Part::Known(known) => {
                for (at, c) in known.char_indices() {
                    piece.clear();
                    match c {
                        '"' => piece.push_str("\\\""),
                        '\\' => piece.push_str("\\\\"),
                        '\t' => piece.push_str("\\t"),
                        c => escape::push_char(&mut piece, c),
                    }
                    full = full || out.len() + piece.len() > most;
                    if full {
                        lost += known.len() - at;
                        break;
                    }
                    out.push_str(&piece);
                }
            }
        }
    }
    out.push('"');
    match lost + cut {
        0 if full => format!("{out} and more"),
        0 => out,
        more => format!("{out} and {} more", number(more as u64, "byte")),
    }
}

/// A name or an expression in at most a row.
fn short(text: &str) -> String {
    let shown = escape::name(text);
    match shown.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}{}", &shown[..end], "..."),
        None => shown.into_owned(),
    }
}
