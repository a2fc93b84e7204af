//! Reports as bytes. A renderer is a pure function of a sealed report and a style: it reads no file, no clock and no
//! environment, and decides nothing about exit codes.

mod concise;
pub mod examples;
mod human;
mod ink;
mod inventory;
pub mod json;
pub mod lint;
mod sarif;
pub mod show;
mod summary;

use std::io::{self, Write};

use crate::base::{escape, when};
use crate::input::{InputPath, ObjectId, Origin};
use crate::report::{Report, SealedPlace};

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
];

/// The format of a name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// How text may look. Whoever knows the terminal decides; formats for programs do not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// False where only ASCII can be relied on for frames; what is quoted stays as it is.
    pub unicode: bool,
    width: usize,
}

impl Style {
    /// Narrower, and help texts have one letter a line.
    pub const NARROWEST: usize = 40;
    /// Wider, and a long line is no longer read but searched.
    pub const WIDEST: usize = 200;
    /// For a pipe or a file.
    pub const PLAIN: Style = Style { color: false, unicode: true, width: 100 };

    /// `width` in columns is brought between [`Style::NARROWEST`] and [`Style::WIDEST`].
    #[must_use]
    pub fn new(color: bool, unicode: bool, width: usize) -> Style {
        Style { color, unicode, width: width.clamp(Self::NARROWEST, Self::WIDEST) }
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
