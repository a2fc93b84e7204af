//! A summary for the person who reviews a change: what it suppresses first, then what it adds, where, why and what to do,
//! then what it fixes. Made for the job summary of GitHub Actions, which is dropped as a whole beyond 1 MiB.

pub(super) mod escape;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::human::words;
use super::listing::listing;
use super::{Style, gravest_first, location, origin_words, summary, write_lines};
use crate::base;
use crate::base::ids::Confidence;
use crate::finding::Fix;
use crate::report::{Report, SealedFinding, SealedPlace};
use escape::{block, code, text};

/// Bytes of findings. GitHub takes 1 MiB of all.
const MOST: usize = 900 << 10;
/// Findings that stand open; whoever looks at more than these opens one.
const OPEN: usize = 5;
/// Places, fixed findings, troubles and notes that are named.
const RELATED_SHOWN: usize = 8;
const FIXED_SHOWN: usize = 50;
const TROUBLES_SHOWN: usize = 20;
const NOTES_SHOWN: usize = 20;

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    head(report, &mut page).map_err(io::Error::other)?;
    findings(report, &mut page).map_err(io::Error::other)?;
    tail(report, &mut page).map_err(io::Error::other)?;
    write_lines(out, &page)
}

fn head(report: &Report, page: &mut String) -> std::fmt::Result {
    writeln!(page, "## gatepost: {}\n", text(&summary::findings(report)))?;
    if let Some(incomplete) = summary::incomplete(report) {
        writeln!(page, "**{}**\n", text(incomplete))?;
        for trouble in report.troubles.iter().take(TROUBLES_SHOWN) {
            let place = trouble.place.as_ref().map(|place| format!("{}: ", place_words(place))).unwrap_or_default();
            let help = trouble.help.as_ref().map(|help| format!("; {}", text(&words::text(help)))).unwrap_or_default();
            writeln!(page, "- {place}{}: {}{help}", trouble.kind.as_str(), text(&words::text(&trouble.message)))?;
        }
        if report.troubles.len() > TROUBLES_SHOWN {
            writeln!(page, "- and {} more", report.troubles.len() - TROUBLES_SHOWN)?;
        }
        writeln!(page)?;
    }
    writeln!(page, "{}\n", text(&summary::inputs(report)))
}

/// What asks to look away, then what is there.
fn findings(report: &Report, page: &mut String) -> std::fmt::Result {
    let is_excuse = |f: &&SealedFinding| f.suppressed_here || report.rules.get(&f.rule).is_some_and(|info| info.group == "suppressions");
    let (excuses, others): (Vec<_>, Vec<_>) = gravest_first(report).into_iter().partition(is_excuse);
    let mut left = 0;
    for (title, list) in [("What asks to be let through", excuses), ("Findings", others)] {
        if list.is_empty() {
            continue;
        }
        writeln!(page, "### {title}\n")?;
        for (at, finding) in list.into_iter().enumerate() {
            if left > 0 || page.len() > MOST {
                left += 1;
                continue;
            }
            let before = page.len();
            self::finding(report, finding, at < OPEN, page)?;
            if page.len() > MOST {
                page.truncate(before);
                left += 1;
            }
        }
    }
    if left > 0 {
        let more = summary::number(left, "more finding");
        writeln!(page, "**{more} of the same or less weight: there is no room for them here; the report has them.**\n")?;
    }
    Ok(())
}

fn finding(report: &Report, f: &SealedFinding, open: bool, page: &mut String) -> std::fmt::Result {
    let (severity, message) = (f.severity, text(&words::text(&f.message)));
    let open = if open { " open" } else { "" };
    writeln!(page, "<details{open}><summary><b>{severity}</b> {message}<br>{}</summary>\n", place_words(&f.primary))?;
    if f.suppressed_here {
        writeln!(page, "**An inline ignore that came with this change names it; it does not hold.**\n")?;
    }
    if let Some(excerpt) = &f.primary.excerpt {
        writeln!(page, "{}", block(&listing(excerpt)))?;
    }
    for label in f.related.iter().take(RELATED_SHOWN) {
        writeln!(page, "- {}: {}", place_words(&label.place), text(&words::text(&label.text)))?;
    }
    if f.related.len() > RELATED_SHOWN {
        writeln!(page, "- and {}", summary::number((f.related.len() - RELATED_SHOWN) as u64, "more place"))?;
    }
    if !f.related.is_empty() {
        writeln!(page)?;
    }
    if let Some(resource) = &f.resource {
        writeln!(page, "In {}\n", code(&words::text(resource)))?;
    }
    let info = report.rules.get(&f.rule);
    if let Some(info) = info {
        writeln!(page, "**Why:** {}\n", text(&words::text(&info.why)))?;
    }
    match (&f.fix, info) {
        (Some(fix), _) => self::fix(fix, page)?,
        (None, Some(info)) => writeln!(page, "**Fix:** {}\n", text(&words::text(&info.fix)))?,
        (None, None) => {}
    }
    let sure = if f.confidence == Confidence::High { String::new() } else { format!(", {} confidence", f.confidence) };
    let explain = code(&format!("gatepost explain {}", f.rule.as_str()));
    writeln!(page, "Rule {}{sure}: {explain}. Id {}.\n\n</details>\n", code(f.rule.as_str()), code(&f.id()))
}

fn fix(fix: &Fix, page: &mut String) -> std::fmt::Result {
    writeln!(page, "**Fix:** {}\n", text(&words::text(&fix.text)))?;
    let snippet = fix.snippet.iter().flat_map(|snippet| snippet.text.lines());
    let commands = fix.commands.iter().map(String::as_str);
    let harmless = |line: &str| base::escape::line(line).into_owned();
    for lines in [snippet.map(harmless).collect::<Vec<_>>(), commands.map(harmless).collect()] {
        if !lines.is_empty() {
            writeln!(page, "{}", block(&lines.join("\n")))?;
        }
    }
    Ok(())
}

fn tail(report: &Report, page: &mut String) -> std::fmt::Result {
    let fixed = report.fixed().count();
    if fixed > 0 {
        writeln!(page, "### Fixed\n")?;
        for f in report.fixed().take(FIXED_SHOWN) {
            writeln!(page, "- {} {}: {}", f.severity, place_words(&f.primary), text(&words::text(&f.message)))?;
        }
        if fixed > FIXED_SHOWN {
            writeln!(page, "- and {} more", fixed - FIXED_SHOWN)?;
        }
        writeln!(page)?;
    }
    for note in report.notes.iter().take(NOTES_SHOWN) {
        writeln!(page, "- note: {}", text(&words::text(note)))?;
    }
    if report.notes.len() > NOTES_SHOWN {
        writeln!(page, "- and {} more notes", report.notes.len() - NOTES_SHOWN)?;
    }
    Ok(())
}

fn place_words(place: &SealedPlace) -> String {
    let origin = origin_words(&place.origin).map(|origin| format!(" ({})", text(&origin))).unwrap_or_default();
    format!("{}{origin}", code(&location(place)))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Sketch, at_range};
    use super::*;
    use crate::base::ids::Severity;
    use crate::finding::{Change, Place, fingerprint};
    use crate::input::Origin;

    fn printed(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_reviewer_reads_what_where_why_and_what_to_do() {
        let page = printed(&sample::report());
        for part in [
            "<b>high</b> ACL public-read makes aws&#95;s3&#95;bucket.logs public<br><code>infra/main.tf:3:11</code></summary>\n",
            "3 |     acl    = var.acl\n  |              ^^^^^^^\n",
            "- <code>infra/variables.tf:2:13</code>: default of var.acl\n",
            "**Why:** Public bucket by ACL: whoever sees it can use it.\n",
            "**Fix:** Set the ACL to private",
            "git restore --staged deploy/credentials.ini\n",
            "**incomplete: not everything was looked at",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert_eq!(page.matches("<details").count(), page.matches("\n</details>").count());
    }

    #[test]
    fn what_the_change_excuses_comes_first_and_what_it_fixes_last() {
        let mut sketch = Sketch::default();
        let file = sketch.input(b"a", Origin::File);
        sketch.finding("grave", Severity::Critical, "Grave", Place::whole(file));
        sketch.finding("hidden", Severity::Low, "Hidden", Place::whole(file)).suppressed_here = true;
        sketch.finding("gone", Severity::High, "Gone", Place::whole(file)).change = Some(Change::Fixed);
        let page = printed(&sketch.seal());
        let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part} in {page}"));
        assert!(at("### What asks to be let through") < at("Hidden") && at("Hidden") < at("### Findings"));
        assert!(at("### Findings") < at("Grave") && at("Grave") < at("### Fixed") && at("### Fixed") < at("Gone"));
    }

    #[test]
    fn it_stays_below_what_github_takes_and_says_what_is_left_out() {
        let mut sketch = Sketch::default();
        let text = format!("{}\n", "`|<x>[y](z)".repeat(300));
        for n in 0..3000_usize {
            let file = sketch.input(format!("{n}").as_bytes(), Origin::File);
            let primary = at_range(file, text.as_bytes(), 5..9);
            sketch.finding("r", Severity::High, &text, primary).group = fingerprint("n", &[&n.to_le_bytes()]);
        }
        let page = printed(&sketch.seal());
        let left: usize =
            page.split_once(" more findings of").and_then(|(before, _)| before.rsplit_once("**")?.1.parse().ok()).expect("a number");
        assert_eq!(page.matches("<details").count() + left, 3000);
        assert!((MOST / 2..1 << 20).contains(&page.len()), "{}", page.len());
        assert_eq!(page.matches("<details").count(), page.matches("\n</details>").count());
    }
}
