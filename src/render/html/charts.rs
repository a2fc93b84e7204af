//! Charts as SVG in the page, each with its figures as a table for whoever does not see it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::markup::{Page, text};
use crate::base::when;
use crate::finding::Exposure;
use crate::report::{Report, SealedFinding};

/// Bars of a chart; what is more is one bar.
const BARS: usize = 10;
/// Years of a chart: a commit may have any date.
const YEARS: usize = 40;
/// A chart in units of its own; it grows and shrinks with the page.
const WIDTH: usize = 520;
/// Of which the names take so much.
const NAMES: usize = 190;
const ROW: usize = 24;
/// Characters of a name that fit.
const NAME_CHARS: usize = 28;
const HEIGHT: usize = 200;
/// Above the bars that stand: what is what, and the figures of the highest.
const LEGEND: usize = 40;

/// A day, a week, a month, a year: how long something was exposed.
const SPANS: [(&str, u64); 5] =
    [("under a day", 1), ("under a week", 7), ("under a month", 31), ("under a year", 365), ("under 3 years", 1096)];
const LONGER: &str = "3 years or more";

pub fn write(report: &Report, page: &mut Page) {
    let shown: Vec<&SealedFinding> = report.shown().collect();
    if shown.is_empty() {
        return;
    }
    page.put("<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Where and when</h2>\n<div class=\"charts\">\n");
    let exposures: Vec<&Exposure> = shown.iter().filter_map(|f| f.exposure.as_deref()).collect();
    if !exposures.is_empty() {
        years(&exposures, page);
        lengths(&exposures, page);
    }
    bars("rules", "Findings by rule", "Rule", &counted(shown.iter().map(|f| f.rule.as_str().to_owned())), page);
    bars("folders", "Findings by folder", "Folder", &counted(shown.iter().map(|f| folder(f))), page);
    page.put("</div>\n");
    if exposures.is_empty() {
        page.put("<p>No history was looked at: <code>gatepost scan --history</code> tells since when, too.</p>\n");
    }
    page.put("</section>\n");
}

/// The first two folders of a path.
fn folder(f: &SealedFinding) -> String {
    let path = f.primary.path.to_str();
    let folders: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let within = &folders[..folders.len().saturating_sub(1).min(2)];
    if within.is_empty() { "top of the repository".to_owned() } else { within.join("/") + "/" }
}

/// The most frequent, and what is left as one.
fn counted(names: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    if all.len() > BARS {
        let rest = all.split_off(BARS - 1);
        all.push((format!("{} others", rest.len()), rest.iter().map(|(_, n)| n).sum()));
    }
    all
}

fn lengths(exposures: &[&Exposure], page: &mut Page) {
    let span = |exposure: &&Exposure| SPANS.iter().position(|(_, days)| exposure.days() < *days).unwrap_or(SPANS.len());
    let mut counts = [0; SPANS.len() + 1];
    for exposure in exposures {
        counts[span(exposure)] += 1;
    }
    let names = SPANS.iter().map(|(name, _)| *name).chain([LONGER]);
    let all: Vec<_> = names.map(str::to_owned).zip(counts).collect();
    bars("lengths", "How long findings were exposed", "Time", &all, page);
}

/// Bars that lie, a name before each.
fn bars(id: &str, title: &str, what: &str, all: &[(String, usize)], page: &mut Page) {
    let most = all.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let room = WIDTH - NAMES - 50;
    let mut drawing = String::new();
    for (row, (name, count)) in all.iter().enumerate() {
        let (y, width) = (row * ROW, (count * room).div_ceil(most));
        let (middle, top, after) = (y + 16, y + 4, NAMES + 8 + width);
        let _ = writeln!(drawing, "<text class=\"name\" x=\"{}\" y=\"{middle}\">{}</text>", NAMES - 8, text(&cut(name)));
        let _ = writeln!(drawing, "<rect class=\"bar\" x=\"{NAMES}\" y=\"{top}\" width=\"{width}\" height=\"16\"></rect>");
        let _ = writeln!(drawing, "<text x=\"{after}\" y=\"{middle}\">{count}</text>");
    }
    let told: Vec<_> = all.iter().filter(|(_, n)| *n > 0).take(3).map(|(name, n)| format!("{name}: {n}")).collect();
    figure(id, title, &told.join("; "), all.len() * ROW, &drawing, page);
    let rows: Vec<_> = all.iter().map(|(name, count)| vec![name.clone(), count.to_string()]).collect();
    figures(&[what, "Findings"], &rows, page);
}

/// For each year, how many findings came in it and how many were seen in it for the last time.
fn years(exposures: &[&Exposure], page: &mut Page) {
    let year = |seconds: i64| when::utc(seconds).split('-').next().and_then(|year| year.parse::<i64>().ok()).unwrap_or(0);
    let mut counts: BTreeMap<i64, [usize; 2]> = BTreeMap::new();
    for exposure in exposures {
        counts.entry(year(exposure.first.when)).or_default()[0] += 1;
        counts.entry(year(exposure.until.max(exposure.last.when))).or_default()[1] += 1;
    }
    let last = counts.keys().next_back().copied().unwrap_or(0);
    let first = counts.keys().next().copied().unwrap_or(0).max(last - i64::try_from(YEARS).unwrap_or(0) + 1);
    let all: Vec<(i64, [usize; 2])> = (first..=last).map(|year| (year, counts.get(&year).copied().unwrap_or_default())).collect();
    let most = all.iter().flat_map(|(_, pair)| pair).copied().max().unwrap_or(1).max(1);
    let slot = WIDTH / all.len().max(1);
    let bar = (slot * 2 / 5).clamp(2, 40);
    let floor = HEIGHT - 24;
    let mut drawing = format!("<line class=\"axis\" x1=\"0\" y1=\"{floor}\" x2=\"{WIDTH}\" y2=\"{floor}\"></line>\n");
    for (side, name) in ["first seen", "last there"].into_iter().enumerate() {
        let (x, class) = (WIDTH - 200 + side * 100, ["bar", "bar last"][side]);
        let _ = writeln!(
            drawing,
            "<rect class=\"{class}\" x=\"{x}\" y=\"2\" width=\"10\" height=\"10\"></rect><text x=\"{}\" y=\"12\">{name}</text>",
            x + 15
        );
    }
    for (at, (year, pair)) in all.iter().enumerate() {
        let left = at * slot + slot.saturating_sub(2 * bar) / 2;
        for (side, count) in pair.iter().enumerate() {
            let height = (count * (floor - LEGEND)).div_ceil(most);
            let (x, y, class) = (left + side * bar, floor - height, ["bar", "bar last"][side]);
            let _ = writeln!(drawing, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\"></rect>", bar - 1);
            if *count > 0 && bar >= 12 {
                let _ = writeln!(drawing, "<text class=\"mid\" x=\"{}\" y=\"{}\">{count}</text>", x + bar / 2, y - 4);
            }
        }
        // Where years stand close, not each has its number.
        if at % all.len().div_ceil(10).max(1) == 0 {
            let _ = writeln!(drawing, "<text class=\"mid\" x=\"{}\" y=\"{}\">{year}</text>", at * slot + slot / 2, HEIGHT - 6);
        }
    }
    let told = format!("{} findings, the first in {}, the last in {last}", exposures.len(), all.first().map_or(last, |(year, _)| *year));
    figure("years", "Findings by the year they came, and the year they were last there", &told, HEIGHT, &drawing, page);
    let rows: Vec<_> = all.iter().map(|(year, [came, left])| vec![year.to_string(), came.to_string(), left.to_string()]).collect();
    figures(&["Year", "First seen", "Last seen"], &rows, page);
}

fn figure(id: &str, title: &str, told: &str, height: usize, drawing: &str, page: &mut Page) {
    page.put(&format!("<figure>\n<figcaption>{}</figcaption>\n", text(title)));
    page.put(&format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n"));
    page.put(&format!("<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{drawing}</svg>\n", text(title), text(told)));
}

/// The same as a table, and the end of the figure.
fn figures(heads: &[&str], rows: &[Vec<String>], page: &mut Page) {
    page.put("<details>\n<summary>As a table</summary>\n<table>\n<thead>\n<tr>");
    for head in heads {
        page.put(&format!("<th scope=\"col\">{}</th>", text(head)));
    }
    page.put("</tr>\n</thead>\n<tbody>\n");
    for row in rows {
        let cells: String = row.iter().fold(String::new(), |cells, cell| cells + "<td>" + &text(cell) + "</td>");
        page.put(&format!("<tr>{cells}</tr>\n"));
    }
    page.put("</tbody>\n</table>\n</details>\n</figure>\n");
}

/// The end of a long name tells more than its beginning.
fn cut(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= NAME_CHARS {
        return name.to_owned();
    }
    let tail: String = chars[chars.len() - (NAME_CHARS - 1)..].iter().collect();
    format!("…{tail}")
}
