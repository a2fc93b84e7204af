//! A table for spreadsheets (RFC 4180): a row for each finding of any state, and for what was not looked at.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Style, fix_of, write_lines};
use crate::base::{escape, when};
use crate::finding::{Change, State};
use crate::input::Origin;
use crate::report::{Report, SealedFinding, SealedTrouble};

const COLUMNS: [&str; 21] = [
    "severity",
    "confidence",
    "rule",
    "title",
    "message",
    "path",
    "line",
    "column",
    "resource",
    "state",
    "reason",
    "change",
    "account",
    "commit",
    "first_seen",
    "last_seen",
    "exposed_days",
    "author",
    "still_in",
    "fix",
    "fingerprint",
];

type Row = [String; COLUMNS.len()];

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    row(&COLUMNS.map(str::to_owned), out)?;
    report.findings.iter().try_for_each(|f| row(&of_finding(report, f), out))?;
    if report.is_incomplete() && report.troubles.is_empty() {
        row(&incomplete(super::summary::incomplete(report).unwrap_or_default().to_owned(), Default::default()), out)?;
    }
    report.troubles.iter().try_for_each(|trouble| row(&of_trouble(trouble), out))
}

fn of_finding(report: &Report, f: &SealedFinding) -> Row {
    let info = report.rules.get(&f.rule);
    let (state, reason) = match &f.state {
        State::Active => ("active", String::new()),
        State::Suppressed { by, reason } => ("suppressed", format!("{}: {reason}", by.as_str())),
        State::Baselined => ("baselined", String::new()),
    };
    let change = match f.change {
        None => "",
        Some(Change::New) => "new",
        Some(Change::Existing) => "existing",
        Some(Change::Fixed) => "fixed",
    };
    let exposure = f.exposure.as_deref();
    let of_exposure = |get: fn(&crate::finding::Exposure) -> String| exposure.map(get).unwrap_or_default();
    [
        f.severity.to_string(),
        f.confidence.to_string(),
        f.rule.as_str().to_owned(),
        info.map(|info| info.title.clone()).unwrap_or_default(),
        f.message.clone(),
        f.primary.path.to_str().into_owned(),
        f.primary.start.line.to_string(),
        f.primary.start.column.to_string(),
        f.resource.clone().unwrap_or_default(),
        state.to_owned(),
        reason,
        change.to_owned(),
        f.account.clone().unwrap_or_default(),
        commit(f),
        of_exposure(|e| when::date(e.first.when)),
        of_exposure(|e| when::date(e.last.when)),
        of_exposure(|e| e.days().to_string()),
        of_exposure(|e| e.first.author.clone().unwrap_or_default()),
        of_exposure(|e| e.still_in.clone().unwrap_or_default()),
        fix_of(report, f).unwrap_or_default().to_owned(),
        f.fingerprint.to_string(),
    ]
}

/// The commit that brought it, or the one that it was seen in.
fn commit(f: &SealedFinding) -> String {
    match (&f.exposure, &f.primary.origin) {
        (Some(exposure), _) => exposure.first.commit.to_string(),
        (None, Origin::Commit { id, .. } | Origin::Message { id }) => id.to_string(),
        (None, _) => String::new(),
    }
}

fn of_trouble(trouble: &SealedTrouble) -> Row {
    let help = trouble.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    let place = trouble.place.as_ref();
    let at = place.map(|place| [place.path.to_str().into_owned(), place.start.line.to_string(), place.start.column.to_string()]);
    incomplete(format!("{}: {}{help}", trouble.kind.as_str(), trouble.message), at.unwrap_or_default())
}

/// What is no finding, in the columns that both have.
fn incomplete(message: String, [path, line, column]: [String; 3]) -> Row {
    let mut row = Row::default();
    row[4] = message;
    row[5] = path;
    row[6] = line;
    row[7] = column;
    "incomplete".clone_into(&mut row[9]);
    row
}

fn row(cells: &Row, out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    write_lines(out, &(cells.join(",") + "\n"))
}

/// A cell that is text to every program: no formula, one line.
fn cell(text: &str) -> Cow<'_, str> {
    let text = escape::name(text);
    // A spreadsheet runs what begins so, and shows what stands behind the apostrophe as it is. What stands in full width is
    // one of these to some.
    let formula = text.starts_with(['=', '+', '-', '@', '|', '%', '\t', '＝', '＋', '－', '＠']);
    if !formula && !text.contains(['"', ',', ';', '\'']) {
        return text;
    }
    Cow::Owned(format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula() {
        for (text, written) in [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2\n=3", "\"'-2\\n=3\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("\t=1", "\\t=1"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
