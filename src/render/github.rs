//! Annotations: the commands of GitHub Actions that put a finding beside its line in a pull request.
//!
//! GitHub shows ten of each level for a step, and drops the rest without a word: the gravest are written, and how many
//! more there are is said. Whatever else is printed can be no command (`escape::log_line`).

use std::io::{self, Write};

use super::human::words::text;
use super::{Style, gravest_first, summary, write_lines};
use crate::base::escape;
use crate::base::ids::Severity;
use crate::finding::Failure;
use crate::input::Origin;
use crate::report::{Report, SealedFinding, SealedPlace, SealedTrouble};

/// Annotations of a level that GitHub shows of a step.
const SHOWN: usize = 10;

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn of(severity: Severity) -> Level {
        match severity {
            Severity::Critical | Severity::High => Level::Error,
            Severity::Medium => Level::Warning,
            Severity::Low | Severity::Info => Level::Notice,
        }
    }

    fn command(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    // The last notice says how many more there are.
    let mut room = [SHOWN, SHOWN, SHOWN - 1];
    if let Some(incomplete) = summary::incomplete(report) {
        room[Level::Error as usize] -= 1;
        annotate(out, Level::Error, "gatepost: incomplete", place_of_trouble(report), &missing(report, incomplete))?;
    }
    let mut left = 0;
    for finding in gravest_first(report) {
        let level = Level::of(finding.severity);
        if room[level as usize] == 0 {
            left += 1;
            continue;
        }
        room[level as usize] -= 1;
        let title = format!("{}: {}", finding.severity, finding.rule.as_str());
        annotate(out, level, &title, Some(&finding.primary), &words(report, finding))?;
    }
    if left > 0 {
        let more = summary::number(left, "more finding");
        annotate(out, Level::Notice, "gatepost", None, &format!("{more} without a mark here: the job's summary and the report have them"))?;
    }
    write_lines(out, &format!("{}; {}\n", summary::findings(report), summary::inputs(report)))
}

/// `::error file=a.tf,line=3,endLine=3,col=5,endColumn=9,title=high: rule::message`
fn annotate(out: &mut dyn Write, level: Level, title: &str, place: Option<&SealedPlace>, message: &str) -> io::Result<()> {
    let place = place.and_then(position).map(|place| format!("{place},")).unwrap_or_default();
    let data = data(&escape::log_line(message));
    writeln!(out, "::{} {place}title={}::{data}", level.command(), property(title))
}

/// What a person must read: the message, then what to do, each on a line.
fn words(report: &Report, finding: &SealedFinding) -> String {
    let mut lines = vec![text(&finding.message)];
    if finding.suppressed_here {
        lines.push("An inline ignore that came with this change names it; it does not hold.".to_owned());
    }
    let origin = super::origin_words(&finding.primary.origin).map(|origin| format!("({origin})"));
    let shown = position(&finding.primary).is_some() && finding.primary.path.outermost().is_none();
    let place = (!shown).then(|| format!("In {}", super::location(&finding.primary)));
    let place: Vec<_> = place.into_iter().chain(origin).collect();
    if !place.is_empty() {
        lines.push(place.join(" "));
    }
    lines.extend(super::fix_of(report, finding).map(|fix| format!("Fix: {}", text(fix))));
    lines.push(format!("Why: gatepost explain {}", escape::name(finding.rule.as_str())));
    lines.join("\n")
}

fn place_of_trouble(report: &Report) -> Option<&SealedPlace> {
    report.troubles.iter().find_map(|trouble| trouble.place.as_ref())
}

fn missing(report: &Report, incomplete: &str) -> String {
    let told = |trouble: &SealedTrouble| {
        let place = trouble.place.as_ref().map(|place| format!("{}: ", super::location(place))).unwrap_or_default();
        let help = trouble.help.as_ref().map(|help| format!(" ({})", text(help))).unwrap_or_default();
        let kind = if trouble.kind == Failure::Internal { "internal error: " } else { "" };
        format!("{place}{kind}{}{help}", text(&trouble.message))
    };
    let mut lines = vec![incomplete.to_owned()];
    lines.extend(report.troubles.iter().take(SHOWN).map(told));
    if report.troubles.len() > SHOWN {
        lines.push(format!("and {} more", report.troubles.len() - SHOWN));
    }
    lines.join("\n")
}

/// Where a file of the repository has it. None for what is in no file: a message, an object that no commit has.
fn position(place: &SealedPlace) -> Option<String> {
    if !matches!(place.origin, Origin::File | Origin::Staged | Origin::Commit { .. }) {
        return None;
    }
    // What lies in a container is told at the container, which is what GitHub can show.
    let path = place.path.outermost().map_or_else(|| place.path.to_str(), String::from_utf8_lossy);
    let file = property(path.strip_prefix("./").unwrap_or(&path));
    if place.path.outermost().is_some() || place.excerpt.is_none() {
        return Some(format!("file={file}"));
    }
    let (start, end) = (place.start, place.end.max(place.start));
    // GitHub takes columns of one line only.
    let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { String::new() };
    Some(format!("file={file},line={},endLine={}{columns}", start.line, end.line))
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| escape::name(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A value between `=` and `,`.
fn property(text: &str) -> String {
    let text = escape::name(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C");
    escape::log_line(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Sketch};
    use super::*;
    use crate::finding::{Place, fingerprint};

    fn printed(report: &Report) -> Vec<String> {
        let mut out = Vec::new();
        render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("UTF-8").lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_finding_stands_at_its_columns() {
        let lines = printed(&sample::report());
        let of = |rule: &str| lines.iter().find(|line| line.contains(rule)).expect("annotated").clone();
        let resource = of("s3-public-acl");
        let head = "::error file=infra/main.tf,line=3,endLine=3,col=11,endColumn=18,title=high%3A s3-public-acl::ACL public-read makes";
        assert!(resource.starts_with(head), "{resource}");
        assert!(resource.contains("%0AFix: Set the ACL to private"), "{resource}");
        assert!(lines[0].starts_with("::error file=infra/broken.tf,line=2"), "what is incomplete comes first: {}", lines[0]);
        // A missing control is in no file.
        assert!(of("no-trail").starts_with("::warning title="), "{}", of("no-trail"));
    }

    #[test]
    fn no_more_than_github_shows_and_the_rest_is_counted() {
        let mut sketch = Sketch::default();
        for n in 0..100_usize {
            let file = sketch.input(format!("{n}").as_bytes(), Origin::File);
            let severity = Severity::ALL[n % 5];
            sketch.finding("r", severity, "A finding", Place::whole(file)).group = fingerprint("n", &[&n.to_le_bytes()]);
        }
        let lines = printed(&sketch.seal());
        let count = |command: &str| lines.iter().filter(|line| line.starts_with(command)).count();
        assert_eq!((count("::error "), count("::warning "), count("::notice ")), (10, 10, 10));
        // All of the critical ones that there is room for come before any high one.
        assert!(lines[..10].iter().all(|line| line.contains("title=critical%3A r")), "{lines:?}");
        assert!(lines[29].starts_with("::notice title=gatepost::71 more findings"), "{}", lines[29]);
    }
}
