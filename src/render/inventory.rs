//! For the person who is to rotate what leaked: each credential once, since when, by whom, and whether it is still there.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::human::words::text;
use super::ink::{Ink, Tone};
use super::{Style, location, short, summary, write_lines};
use crate::base::{escape, when};
use crate::finding::{Exposure, Sighting};
use crate::report::{Credential, Report};

/// Places of a credential that are named.
const PLACES: usize = 5;
/// People who brought it that are named.
const AUTHORS: usize = 5;
/// Digits of a group that are printed.
const ID: usize = 12;

/// # Errors
/// What `out` says.
pub fn render(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = Ink { color: style.color };
    let inventory = report.inventory();
    for credential in &inventory {
        write_lines(out, &row(credential, ink).map_err(io::Error::other)?)?;
    }
    let mut last = head(&inventory);
    let _ = writeln!(last, "\n{}", summary::inputs(report));
    if let Some(incomplete) = summary::incomplete(report) {
        let _ = writeln!(last, "{}", ink.paint(Tone::Alarm, incomplete));
    }
    write_lines(out, &last)
}

/// `3 credentials to rotate, 1 of them still in HEAD`.
pub(super) fn head(inventory: &[Credential<'_>]) -> String {
    let there = inventory.iter().filter(|credential| credential.exposure.is_some() && credential.is_in_head()).count();
    let history = inventory.iter().any(|credential| credential.exposure.is_some());
    let count = if inventory.is_empty() { "no credentials".to_owned() } else { summary::number(inventory.len() as u64, "credential") };
    format!("{count} to rotate{}", if history { format!(", {there} of them still in HEAD") } else { String::new() })
}

fn row(credential: &Credential<'_>, ink: Ink) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let account = credential.account.map_or_else(String::new, |account| format!(" of account {}", text(account)));
    let severity = ink.paint(Tone::Severity(credential.severity), credential.severity.as_str());
    let id = ink.paint(Tone::Quiet, &format!("{} {}", escape::name(credential.rule.as_str()), &credential.group.to_string()[..ID]));
    writeln!(out, "{severity} {}{account}  {id}", text(credential.kind))?;
    if let Some(exposure) = &credential.exposure {
        writeln!(out, "  seen: {}", seen(exposure))?;
    }
    let authors: Vec<_> = credential.authors.iter().take(AUTHORS).map(|author| text(author)).collect();
    if !authors.is_empty() {
        let more = credential.authors.len().saturating_sub(AUTHORS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "  by:   {}{more}", authors.join(", "))?;
    }
    let places: Vec<_> = credential.places.iter().take(PLACES).map(|place| location(place)).collect();
    let more = credential.places.len().saturating_sub(PLACES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(out, "  in:   {}{more}\n", places.join(", "))?;
    Ok(out)
}

/// `2021-03-04 (a1b2c3d4e5) to 2023-05-06 (..), 793 days, still in HEAD`.
pub(super) fn seen(exposure: &Exposure) -> String {
    let sighting = |s: &Sighting| format!("{} ({})", when::date(s.when), short(s.commit));
    let to = if exposure.first.commit == exposure.last.commit { String::new() } else { format!(" to {}", sighting(&exposure.last)) };
    let still = exposure.still_in.as_deref().map_or_else(|| "in no ref any more".to_owned(), |name| format!("still in {}", ref_name(name)));
    format!("{}{to}, {}, {still}", sighting(&exposure.first), summary::number(exposure.days(), "day"))
}

/// A ref as git prints it: `main`, `origin/main`, `tag v1`.
pub(super) fn ref_name(name: &str) -> String {
    let name = escape::name(name);
    let tag = name.strip_prefix("refs/tags/").map(|tag| format!("tag {tag}"));
    let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/")).map(str::to_owned);
    tag.or(branch).unwrap_or_else(|| name.into_owned())
}
