//! Reports of security scanners. What GitLab shows of a description is Markdown, so text of others is escaped for that.

use std::io::{self, Write};

use serde::Serialize;

use super::code_quality::unique;
use crate::base::ids::Severity;
use crate::base::when;
use crate::input::{InputPath, Origin};
use crate::render::human::words;
use crate::render::json::write_line;
use crate::render::listing::listing;
use crate::render::markdown::escape::{block, code, text};
use crate::render::{HOME, Style, fix_of, location as location_words, nth, origin_words, summary};
use crate::report::{Report, RuleInfo, SealedFinding};

/// The version of the format.
const VERSION: &str = "15.2.1";
const NAME: &str = "gatepost";
/// The longest name and the longest solution that GitLab takes, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_SOLUTION: usize = 7000;
/// What GitLab's own analyzer says where it knows no commit.
const NO_COMMIT: &str = "0000000";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SecretDetection,
    Sast,
}

#[derive(Serialize)]
struct SecurityReport {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Tool,
    scanner: Tool,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    url: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    solution: Option<String>,
    identifiers: [Identifier; 1],
    links: Vec<Link>,
    location: Location,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_source_code_extract: Option<String>,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

#[derive(Serialize)]
struct Location {
    file: String,
    start_line: u32,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Commit>,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

/// Credentials, and files that hold them.
///
/// # Errors
/// What `out` says.
pub fn render_secret_detection(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    render(report, Kind::SecretDetection, style, out)
}

/// Everything else.
///
/// # Errors
/// What `out` says.
pub fn render_sast(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    render(report, Kind::Sast, style, out)
}

fn render(report: &Report, kind: Kind, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut nth = nth();
    let of_kind = report.shown().filter(|f| self::kind(report, f) == kind);
    let vulnerabilities = of_kind.map(|f| vulnerability(report, f, kind, nth(f))).collect();
    let time = when::utc(style.now).trim_end_matches('Z').to_owned();
    let scan = Scan {
        analyzer: tool(),
        scanner: tool(),
        kind: if kind == Kind::SecretDetection { "secret_detection" } else { "sast" },
        start_time: time.clone(),
        end_time: time,
        status: if report.interrupted { "failure" } else { "success" },
        messages: messages(report),
    };
    write_line(&SecurityReport { version: VERSION, scan, vulnerabilities }, out)
}

/// One of the two, so that both together have every finding once.
fn kind(report: &Report, f: &SealedFinding) -> Kind {
    let of_secrets = |info: &RuleInfo| matches!(info.group.as_str(), "secrets" | "files");
    if f.credential || report.rules.get(&f.rule).is_some_and(of_secrets) { Kind::SecretDetection } else { Kind::Sast }
}

fn tool() -> Tool {
    Tool { id: NAME, name: NAME, url: HOME, version: env!("CARGO_PKG_VERSION"), vendor: Vendor { name: NAME } }
}

/// What was not looked at: GitLab shows it above the findings.
fn messages(report: &Report) -> Vec<Message> {
    let level = if report.interrupted { "fatal" } else { "warn" };
    let incomplete = summary::incomplete(report).map(|text| Message { level, value: text.to_owned() });
    let troubles = report.troubles.iter().map(|trouble| {
        let place = trouble.place.as_ref().map(|place| format!("{}: ", location_words(place))).unwrap_or_default();
        let help = trouble.help.as_ref().map(|help| format!(" ({})", words::text(help))).unwrap_or_default();
        Message { level: "warn", value: format!("{place}{}: {}{help}", trouble.kind.as_str(), words::text(&trouble.message)) }
    });
    incomplete.into_iter().chain(troubles).collect()
}

fn vulnerability(report: &Report, f: &SealedFinding, kind: Kind, nth: usize) -> Vulnerability {
    let info = report.rules.get(&f.rule);
    let rule = words::text(f.rule.as_str());
    let fix = fix_of(report, f);
    let extract = f.primary.excerpt.as_deref().and_then(|excerpt| excerpt.text.get(excerpt.label.clone()));
    Vulnerability {
        id: uuid(&unique(f.fingerprint, nth)),
        // The name is the same for every finding of a kind.
        name: cut(&info.map_or_else(|| rule.clone(), |info| words::text(&info.title)), LONGEST_NAME),
        description: description(f, info),
        severity: match f.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
            Severity::Info => "Info",
        },
        solution: fix.map(|fix| cut(&words::text(fix), LONGEST_SOLUTION)),
        identifiers: [Identifier { kind: "gatepost_rule", name: format!("gatepost: {rule}"), value: rule }],
        links: links(info),
        location: location(f, kind),
        raw_source_code_extract: extract.filter(|text| !text.is_empty()).map(str::to_owned),
    }
}

fn description(f: &SealedFinding, info: Option<&RuleInfo>) -> String {
    let mut parts = vec![text(&words::text(&f.message))];
    parts.extend(info.map(|info| text(&words::text(&info.why))));
    let origin = origin_words(&f.primary.origin).map(|origin| format!(" ({})", text(&origin))).unwrap_or_default();
    parts.push(format!("{}{origin}", code(&location_words(&f.primary))));
    parts.extend(f.primary.excerpt.as_deref().map(|excerpt| block(&listing(excerpt))));
    parts.extend(f.related.iter().map(|l| format!("{}: {}", code(&location_words(&l.place)), text(&words::text(&l.text)))));
    parts.join("\n\n")
}

fn links(info: Option<&RuleInfo>) -> Vec<Link> {
    let references = info.into_iter().flat_map(|info| &info.references);
    references
        .filter(|url| url.starts_with("https://") && !url.contains(char::is_whitespace))
        .map(|url| Link { url: url.clone() })
        .collect()
}

fn location(f: &SealedFinding, kind: Kind) -> Location {
    let place = &f.primary;
    let outer = place.path.outermost().map(InputPath::new);
    let path = outer.as_ref().unwrap_or(&place.path).to_str();
    let lines = if outer.is_some() { (1, 1) } else { (place.start.line, place.end.line.max(place.start.line)) };
    Location {
        file: path.strip_prefix("./").unwrap_or(&path).to_owned(),
        start_line: lines.0,
        end_line: lines.1,
        commit: (kind == Kind::SecretDetection).then(|| commit(f)),
    }
}

/// The commit that brought it, as far as that is known.
fn commit(f: &SealedFinding) -> Commit {
    if let Some(exposure) = &f.exposure {
        let first = &exposure.first;
        return Commit { sha: first.commit.to_string(), author: first.author.clone(), date: Some(when::utc(first.when)) };
    }
    match &f.primary.origin {
        Origin::Commit { id, when } => Commit { sha: id.to_string(), author: None, date: Some(when::utc(*when)) },
        Origin::Unreachable { id } | Origin::Message { id } => Commit { sha: id.to_string(), author: None, date: None },
        _ => Commit { sha: NO_COMMIT.to_owned(), author: None, date: None },
    }
}

/// 32 digits in the form of a UUID.
fn uuid(digits: &str) -> String {
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]).join("-")
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::render::{format, sample};

    fn printed(report: &Report, name: &str) -> Value {
        let mut out = Vec::new();
        (format(name).expect("a format").render)(report, &Style::PLAIN.at(1_760_787_261), &mut out).expect("memory takes everything");
        serde_json::from_slice(&out).expect("JSON")
    }

    #[test]
    fn both_together_have_every_finding_once() {
        let report = sample::report();
        let (secrets, others) = (printed(&report, "gitlab-secret-detection"), printed(&report, "gitlab-sast"));
        let names = |report: &Value| -> Vec<String> {
            let all = report["vulnerabilities"].as_array().expect("a list");
            all.iter().map(|v| v["identifiers"][0]["value"].as_str().expect("text").to_owned()).collect()
        };
        let (secret_names, other_names) = (names(&secrets), names(&others));
        assert_eq!(secret_names.len() + other_names.len(), report.shown().count());
        assert!(secret_names.contains(&"aws-access-key".to_owned()) && other_names.contains(&"s3-public-acl".to_owned()));
        assert!(!other_names.contains(&"aws-access-key".to_owned()));
        assert_eq!((secrets["scan"]["type"].as_str(), others["scan"]["type"].as_str()), (Some("secret_detection"), Some("sast")));
        assert_eq!(secrets["scan"]["start_time"], "2025-10-18T11:34:21");
        assert!(secrets["scan"]["messages"].to_string().contains("a list that is never closed"));
    }

    #[test]
    fn a_leak_of_a_history_is_told_with_its_first_commit() {
        let secrets = printed(&sample::report(), "gitlab-secret-detection");
        let all = secrets["vulnerabilities"].as_array().expect("a list");
        let old = all.iter().find(|v| v["location"]["file"] == "old/config.py").expect("told");
        assert_eq!(old["location"]["commit"]["sha"], "a1".repeat(20));
        let staged = all.iter().find(|v| v["location"]["file"] == "deploy/credentials.ini").expect("told");
        assert_eq!(staged["location"]["commit"]["sha"], NO_COMMIT);
    }
}
