//! Reports as bytes. A renderer is a pure function of a sealed report and a style: it reads no file, no clock and no
//! environment, and decides nothing about exit codes.

mod checkstyle;
mod concise;
mod csv;
pub mod examples;
mod github;
mod gitlab;
mod html;
mod human;
mod ink;
mod inventory;
pub mod json;
mod junit;
pub mod lint;
mod listing;
mod markdown;
mod rdjson;
mod sarif;
pub mod show;
mod summary;
mod xml;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

use crate::base::ids::Fingerprint;
use crate::base::{escape, when};
use crate::input::{InputPath, ObjectId, Origin};
use crate::report::{Report, SealedFinding, SealedPlace};

/// One way to print a report.
pub struct Format {
    /// As in `--format human`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    pub render: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

/// Every format. The first is the default.
pub const FORMATS: &[Format] = &[
    Format { name: "human", about: "Findings with their lines and what to do", render: human::render },
    Format { name: "concise", about: "One line a finding: path:line:col: severity rule message", render: concise::render },
    Format { name: "inventory", about: "What to rotate: each credential once, since when, by whom, where", render: inventory::render },
    Format { name: "json", about: "One object with everything, for programs", render: json::render },
    Format { name: "jsonl", about: "One JSON object a line; the last one is a summary", render: json::render_lines },
    Format { name: "sarif", about: "SARIF 2.1.0 with everything", render: sarif::render },
    Format {
        name: "sarif-github",
        about: "SARIF 2.1.0 as GitHub code scanning takes it: active findings, within its limits",
        render: sarif::render_github,
    },
    Format {
        name: "github",
        about: "Annotations of a pull request: commands of GitHub Actions, within its limits",
        render: github::render,
    },
    Format { name: "markdown", about: "A summary for reviewers: where, why, what to do", render: markdown::render },
    Format { name: "gitlab-secret-detection", about: "GitLab's secret detection report", render: gitlab::render_secret_detection },
    Format { name: "gitlab-sast", about: "GitLab's SAST report: what is no credential", render: gitlab::render_sast },
    Format { name: "gitlab-codequality", about: "GitLab's Code Quality report", render: gitlab::render_code_quality },
    Format { name: "junit", about: "JUnit XML: a failed test for each finding", render: junit::render },
    Format { name: "checkstyle", about: "Checkstyle XML", render: checkstyle::render },
    Format { name: "rdjson", about: "reviewdog's diagnostics, with suggestions", render: rdjson::render },
    Format { name: "html", about: "A page for the audit: what to rotate, charts, every finding", render: html::render },
    Format { name: "csv", about: "A table with everything, for spreadsheets", render: csv::render },
];

/// The format of a name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// Where the project is told of. There is no page for a rule that is the same for everybody, so it stands in for those too.
const HOME: &str = "https://crates.io/crates/gatepost";

/// How text may look. Whoever knows the terminal decides; formats for programs do not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// False where only ASCII can be relied on for frames; what is quoted stays as it is.
    pub unicode: bool,
    width: usize,
    /// Seconds since 1970, for formats that must say when.
    pub now: i64,
}

impl Style {
    /// Narrower, and help texts have one letter a line.
    pub const NARROWEST: usize = 40;
    /// Wider, and a long line is no longer read but searched.
    pub const WIDEST: usize = 200;
    /// For a pipe or a file.
    pub const PLAIN: Style = Style { color: false, unicode: true, width: 100, now: 0 };

    /// `width` in columns is brought between [`Style::NARROWEST`] and [`Style::WIDEST`].
    #[must_use]
    pub fn new(color: bool, unicode: bool, width: usize) -> Style {
        Style { color, unicode, width: width.clamp(Self::NARROWEST, Self::WIDEST), now: 0 }
    }

    #[must_use]
    pub fn at(self, now: i64) -> Style {
        Style { now, ..self }
    }

    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }
}

/// Writes lines so that none of them is a command to a build server that reads its log.
fn write_lines(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for line in text.split_inclusive('\n') {
        out.write_all(escape::log_line(line).as_bytes())?;
    }
    Ok(())
}

/// `path:line:col`, or the path alone where the place is all of an input. Harmless to print.
fn location(place: &SealedPlace) -> String {
    if place.excerpt.is_none() {
        return place.path.to_string();
    }
    format!("{}:{}:{}", place.path, place.start.line, place.start.column)
}

/// Where an input came from, if it is more than a file on disk.
fn origin_words(origin: &Origin) -> Option<String> {
    match origin {
        Origin::File => None,
        Origin::Root => Some("all that was scanned".to_owned()),
        Origin::Staged => Some("staged".to_owned()),
        Origin::Commit { id, when } => Some(format!("commit {}, {}", short(*id), when::date(*when))),
        Origin::Unreachable { id } => Some(format!("unreachable object {}", short(*id))),
        Origin::Stdin => Some("standard input".to_owned()),
        Origin::Message { id } => Some(format!("message of {}", short(*id))),
    }
}

/// What a person is shown, what it suppresses itself first, then the gravest.
fn gravest_first(report: &Report) -> Vec<&SealedFinding> {
    let mut all: Vec<_> = report.shown().collect();
    all.sort_by_key(|f| Reverse((f.suppressed_here, f.severity)));
    all
}

/// How many of the findings before one of a list, itself included, have its fingerprint: what must be unique counts them.
fn nth<'a>() -> impl FnMut(&'a SealedFinding) -> usize {
    let mut seen: HashMap<Fingerprint, usize> = HashMap::new();
    move |f| {
        let nth = seen.entry(f.fingerprint).or_default();
        *nth += 1;
        *nth
    }
}

/// ` (staged)`: the same behind a place; nothing for a file on disk.
fn came_from(origin: &Origin) -> String {
    origin_words(origin).map(|origin| format!(" ({origin})")).unwrap_or_default()
}

/// What to do about a finding: its own fix, or its rule's.
fn fix_of<'r>(report: &'r Report, f: &'r SealedFinding) -> Option<&'r str> {
    let of_rule = || report.rules.get(&f.rule).map(|info| info.fix.as_str());
    f.fix.as_ref().map(|fix| fix.text.as_str()).or_else(of_rule)
}

/// As much of an object's name as git prints.
fn short(id: ObjectId) -> String {
    let mut hex = id.to_string();
    hex.truncate(10);
    hex
}

/// The path as text, and as base64 where it is not UTF-8.
fn path_text(path: &InputPath) -> (std::borrow::Cow<'_, str>, Option<String>) {
    let lost = std::str::from_utf8(path.bytes()).is_err();
    (path.to_str(), lost.then(|| data_encoding::BASE64.encode(path.bytes())))
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
