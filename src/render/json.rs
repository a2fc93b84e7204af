//! One JSON object for programs. The structs are the wire: a field that has left in a release keeps its name and its
//! meaning, and `schema_version` counts when that ever breaks.

pub(super) mod harmless;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Serializer;

use super::{Style, path_text};
use crate::base::excerpt::Position;
use crate::base::ids::{Confidence, Severity};
use crate::base::when;
use crate::finding::{Change, Failure, Fix, Skip, State};
use crate::input::Origin;
use crate::report::{Report, SealedFinding, SealedPlace, SealedTrouble, SealedUnanswered};
use harmless::Harmless;

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    ReportV1::of(report).serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct ReportV1<'a> {
    schema_version: u32,
    findings: Vec<FindingV1<'a>>,
    troubles: Vec<TroubleV1<'a>>,
    /// Rules that are neither broken nor kept by a resource, as far as the source tells.
    unanswered: Vec<UnansweredV1<'a>>,
    counts: CountsV1,
    notes: &'a [String],
    /// False where something that should have been looked at was not.
    complete: bool,
    interrupted: bool,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    rule: &'a str,
    families: &'a [String],
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    #[serde(flatten)]
    place: PlaceV1<'a>,
    resource: Option<&'a str>,
    /// 32 hex digits, as `group`.
    fingerprint: String,
    group: String,
    /// `active`, `suppressed`, `baselined`.
    state: &'static str,
    /// `inline`, `configuration`, or the name of the tool whose mark or file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_by: Option<&'a str>,
    /// Why it is suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    suppressed_here: bool,
    /// `new`, `existing`, `fixed`, null.
    change: Option<&'static str>,
    related: Vec<LabelV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<ExcerptV1<'a>>,
    fix: Option<FixV1<'a>>,
}

#[derive(Serialize)]
struct PlaceV1<'a> {
    /// Bytes that are no UTF-8 are U+FFFD here; `path_base64` then has all of them.
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    /// 1:1 where the finding has no span.
    start: PositionV1,
    /// The character after the last.
    end: PositionV1,
    origin: OriginV1,
}

/// Both count from 1; a column counts characters.
#[derive(Serialize)]
struct PositionV1 {
    line: u32,
    column: u32,
}

/// `kind` is `file`, `staged`, `commit`, `unreachable`, `stdin`, `message` or `root`.
#[derive(Serialize)]
struct OriginV1 {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// The unreachable object, or the commit or tag that carries the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    /// The committer's time, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
}

#[derive(Serialize)]
struct LabelV1<'a> {
    #[serde(flatten)]
    place: PlaceV1<'a>,
    message: &'a str,
}

/// Masked text; `line` and `column` say where it begins.
#[derive(Serialize)]
struct ExcerptV1<'a> {
    text: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct FixV1<'a> {
    text: &'a str,
    /// What to write instead, in the dialect of the file.
    snippet: Option<SnippetV1<'a>>,
    commands: &'a [String],
}

/// `dialect` is `hcl` or `cfn`.
#[derive(Serialize)]
struct SnippetV1<'a> {
    dialect: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct TroubleV1<'a> {
    kind: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Option<PlaceV1<'a>>,
}

#[derive(Serialize)]
struct UnansweredV1<'a> {
    rule: &'a str,
    resource: &'a str,
    /// What would have to be known.
    why: &'a str,
    #[serde(flatten)]
    place: PlaceV1<'a>,
}

/// `scanned`, all of `skipped` and `failed` make `inputs`.
#[derive(Serialize)]
struct CountsV1 {
    inputs: u64,
    scanned: u64,
    skipped: BTreeMap<&'static str, u64>,
    failed: u64,
    /// Of the scanned inputs.
    bytes: u64,
}

impl<'a> ReportV1<'a> {
    fn of(report: &'a Report) -> Self {
        let counts = &report.counts;
        ReportV1 {
            schema_version: 1,
            findings: report.findings.iter().map(FindingV1::of).collect(),
            troubles: report.troubles.iter().map(TroubleV1::of).collect(),
            unanswered: report.unanswered.iter().map(UnansweredV1::of).collect(),
            counts: CountsV1 {
                inputs: counts.inputs(),
                scanned: counts.scanned,
                skipped: counts.skipped.iter().map(|(skip, n)| (skip_name(*skip), *n)).collect(),
                failed: counts.failed,
                bytes: counts.bytes,
            },
            notes: &report.notes,
            complete: !report.is_incomplete(),
            interrupted: report.interrupted,
        }
    }
}

impl<'a> FindingV1<'a> {
    fn of(f: &'a SealedFinding) -> Self {
        let (state, by, reason) = match &f.state {
            State::Active => ("active", None, None),
            State::Suppressed { by, reason } => ("suppressed", Some(by.as_str()), Some(reason.as_str())),
            State::Baselined => ("baselined", None, None),
        };
        FindingV1 {
            rule: f.rule.as_str(),
            families: &f.families,
            severity: f.severity,
            confidence: f.confidence,
            message: &f.message,
            place: PlaceV1::of(&f.primary),
            resource: f.resource.as_deref(),
            fingerprint: f.fingerprint.to_string(),
            group: f.group.to_string(),
            state,
            suppressed_by: by,
            reason,
            suppressed_here: f.suppressed_here,
            change: f.change.map(|change| match change {
                Change::New => "new",
                Change::Existing => "existing",
                Change::Fixed => "fixed",
            }),
            related: f.related.iter().map(|l| LabelV1 { place: PlaceV1::of(&l.place), message: &l.text }).collect(),
            excerpt: f.primary.excerpt.as_ref().map(|e| ExcerptV1 { text: &e.text, line: e.first.line, column: e.first.column }),
            fix: f.fix.as_ref().map(FixV1::of),
        }
    }
}

impl<'a> FixV1<'a> {
    fn of(fix: &'a Fix) -> Self {
        let snippet = fix.snippet.as_ref().map(|s| SnippetV1 { dialect: s.dialect.as_str(), text: &s.text });
        FixV1 { text: &fix.text, snippet, commands: &fix.commands }
    }
}

impl<'a> PlaceV1<'a> {
    fn of(place: &'a SealedPlace) -> Self {
        let (path, path_base64) = path_text(&place.path);
        PlaceV1 { path, path_base64, start: place.start.into(), end: place.end.into(), origin: OriginV1::of(&place.origin) }
    }
}

impl From<Position> for PositionV1 {
    fn from(p: Position) -> Self {
        PositionV1 { line: p.line, column: p.column }
    }
}

impl OriginV1 {
    fn of(origin: &Origin) -> Self {
        let plain = |kind| OriginV1 { kind, commit: None, object: None, when: None };
        match origin {
            Origin::File => plain("file"),
            Origin::Staged => plain("staged"),
            Origin::Commit { id, when } => OriginV1 { commit: Some(id.to_string()), when: Some(when::utc(*when)), ..plain("commit") },
            Origin::Unreachable { id } => OriginV1 { object: Some(id.to_string()), ..plain("unreachable") },
            Origin::Stdin => plain("stdin"),
            Origin::Message { id } => OriginV1 { object: Some(id.to_string()), ..plain("message") },
            Origin::Root => plain("root"),
        }
    }
}

impl<'a> TroubleV1<'a> {
    fn of(t: &'a SealedTrouble) -> Self {
        TroubleV1 { kind: failure_name(t.kind), message: &t.message, help: t.help.as_deref(), place: t.place.as_ref().map(PlaceV1::of) }
    }
}

impl<'a> UnansweredV1<'a> {
    fn of(q: &'a SealedUnanswered) -> Self {
        UnansweredV1 { rule: q.rule.as_str(), resource: &q.resource, why: &q.why, place: PlaceV1::of(&q.place) }
    }
}

/// Frozen, as the words of `Skip::as_str` are not.
fn skip_name(skip: Skip) -> &'static str {
    match skip {
        Skip::Ignored => "ignored",
        Skip::Excluded => "excluded",
        Skip::Submodule => "submodule",
        Skip::Link => "link",
        Skip::Special => "special",
        Skip::LfsPointer => "lfs-pointer",
        Skip::TooLargeForUser => "too-large",
    }
}

fn failure_name(kind: Failure) -> &'static str {
    match kind {
        Failure::Unreadable => "unreadable",
        Failure::Unparsed => "unparsed",
        Failure::Limit => "limit",
        Failure::Missing => "missing",
        Failure::Internal => "internal",
    }
}
