//! Resources as evaluated, as bytes: for people, for programs. Not a [`Format`](super::Format): a report has findings.

mod human;
mod json;

use std::io::{self, Write};

use super::Style;
use crate::report::shown::Shown;

/// One way to print what was evaluated.
pub struct ShowFormat {
    /// As in `--format human`.
    pub name: &'static str,
    pub render: fn(&Shown, &Style, &mut dyn Write) -> io::Result<()>,
}

/// Every format. The first is the default.
pub const SHOW_FORMATS: &[ShowFormat] =
    &[ShowFormat { name: "human", render: human::render }, ShowFormat { name: "json", render: json::render }];

/// The format of a name.
#[must_use]
pub fn show_format(name: &str) -> Option<&'static ShowFormat> {
    SHOW_FORMATS.iter().find(|format| format.name == name)
}

/// `12.3`, of a hundred, from a share of a hundred thousand.
fn percent(share: u64) -> String {
    let tenths = (share + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
