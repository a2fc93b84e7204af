//! One JSON object for programs. The structs are the wire: a field that has left in a release keeps its name and its
//! meaning, and `schema_version` counts when that ever breaks. All of a report is in it: what [`read()`] reads is the same
//! report again.

mod fields;
pub(super) mod harmless;
mod inventory;
mod lines;
mod read;
pub mod schema;
mod words;

pub use lines::render as render_lines;
pub use read::{ReadJsonError, read};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Serializer;

use super::{Style, path_text};
use crate::base::excerpt::{Excerpt, Position};
use crate::base::ids::{Confidence, Severity};
use crate::base::when;
use crate::finding::Fix;
use crate::input::Origin;
use crate::report::{Compared, Counts, Report, RuleInfo, SealedFinding, SealedPlace, SealedTrouble, SealedUnanswered};
use harmless::Harmless;
use inventory::{CredentialV1, ExposureV1};

/// Counts up when a field loses its name or its meaning.
const SCHEMA_VERSION: u32 = 1;

/// # Errors
/// What `out` says.
pub fn render(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_line(&ReportV1::of(report), out)
}

/// One value on a line of its own.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless))?;
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
    /// Each credential that the findings tell of, once: made of them, so that whoever rotates need not.
    inventory: Vec<CredentialV1<'a>>,
    /// What is known of the rules that findings name, by id.
    rules: BTreeMap<&'a str, RuleV1<'a>>,
    /// Of a comparison of two reports: how many findings are in one of them, and how many in both.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<ComparedV1>,
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
    /// What a fingerprint is made of: the rule and what breaks it, wherever it is; and the path that it is known in.
    identity: String,
    known_in: &'a str,
    group: String,
    /// `active`, `suppressed`, `baselined`.
    state: &'static str,
    /// Why it is suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// `inline`, `configuration`, or the name of the tool whose mark or file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_by: Option<&'static str>,
    suppressed_here: bool,
    /// `new`, `existing`, `fixed`, null.
    change: Option<&'static str>,
    /// True where it is about a credential.
    credential: bool,
    /// The account that it is of, where its value tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    /// Since when and until when it stood in the history that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<ExposureV1>,
    related: Vec<LabelV1<'a>>,
    fix: Option<FixV1<'a>>,
}

#[derive(Serialize)]
struct PlaceV1<'a> {
    /// Bytes that are no UTF-8 are U+FFFD here; `path_base64` then has all of them.
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    /// Of what lies in a container: the byte of the path that the path in there begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_at: Option<usize>,
    /// Where that container lies in others: how many bytes of the path are the outermost one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    outer_end: Option<usize>,
    /// 1:1 where the finding has no span.
    start: PositionV1,
    /// The character after the last.
    end: PositionV1,
    origin: OriginV1,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<ExcerptV1<'a>>,
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
    label: RangeV1,
}

/// What is marked: characters of the text, counted from 0; `end` is the first that is not.
#[derive(Serialize)]
struct RangeV1 {
    start: usize,
    end: usize,
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

#[derive(Serialize)]
struct RuleV1<'a> {
    title: &'a str,
    why: &'a str,
    fix: &'a str,
    severity: Severity,
    confidence: Confidence,
    group: &'a str,
    families: &'a [String],
    references: &'a [String],
    controls: &'a [String],
}

#[derive(Serialize)]
struct ComparedV1 {
    new: u64,
    fixed: u64,
    unchanged: u64,
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
        ReportV1 {
            schema_version: SCHEMA_VERSION,
            findings: report.findings.iter().map(FindingV1::of).collect(),
            troubles: report.troubles.iter().map(TroubleV1::of).collect(),
            unanswered: report.unanswered.iter().map(UnansweredV1::of).collect(),
            counts: CountsV1::of(&report.counts),
            notes: &report.notes,
            inventory: inventory::rows(report),
            rules: report.rules.iter().map(|(id, info)| (id.as_str(), RuleV1::of(info))).collect(),
            compared: report.compared.map(ComparedV1::of),
            complete: !report.is_incomplete(),
            interrupted: report.interrupted,
        }
    }
}

impl<'a> FindingV1<'a> {
    fn of(f: &'a SealedFinding) -> Self {
        let (state, suppressed_by, reason) = words::of_state(&f.state);
        FindingV1 {
            rule: f.rule.as_str(),
            families: &f.families,
            severity: f.severity,
            confidence: f.confidence,
            message: &f.message,
            place: PlaceV1::of(&f.primary),
            resource: f.resource.as_deref(),
            fingerprint: f.fingerprint.to_string(),
            identity: f.what.to_string(),
            known_in: &f.known_in,
            group: f.group.to_string(),
            state,
            suppressed_by,
            reason,
            suppressed_here: f.suppressed_here,
            change: f.change.map(|change| words::of(words::CHANGES, change)),
            credential: f.credential,
            account: f.account.as_deref(),
            exposure: f.exposure.as_deref().map(ExposureV1::of),
            related: f.related.iter().map(|l| LabelV1 { place: PlaceV1::of(&l.place), message: &l.text }).collect(),
            fix: f.fix.as_ref().map(FixV1::of),
        }
    }
}

impl<'a> FixV1<'a> {
    fn of(fix: &'a Fix) -> Self {
        let snippet = fix.snippet.as_ref().map(|s| SnippetV1 { dialect: words::of(words::DIALECTS, s.dialect), text: &s.text });
        FixV1 { text: &fix.text, snippet, commands: &fix.commands }
    }
}

impl<'a> PlaceV1<'a> {
    fn of(place: &'a SealedPlace) -> Self {
        let (path, path_base64) = path_text(&place.path);
        PlaceV1 {
            path,
            path_base64,
            member_at: place.path.container().map(|outer| outer.len() + 1),
            outer_end: place.path.outermost().filter(|outer| place.path.container() != Some(outer)).map(<[u8]>::len),
            start: place.start.into(),
            end: place.end.into(),
            origin: OriginV1::of(&place.origin),
            excerpt: place.excerpt.as_deref().map(ExcerptV1::of),
        }
    }
}

impl<'a> ExcerptV1<'a> {
    fn of(excerpt: &'a Excerpt) -> Self {
        let character = |at: usize| excerpt.text.char_indices().take_while(|(byte, _)| *byte < at).count();
        let label = RangeV1 { start: character(excerpt.label.start), end: character(excerpt.label.end) };
        ExcerptV1 { text: &excerpt.text, line: excerpt.first.line, column: excerpt.first.column, label }
    }
}

impl<'a> RuleV1<'a> {
    fn of(info: &'a RuleInfo) -> Self {
        RuleV1 {
            title: &info.title,
            why: &info.why,
            fix: &info.fix,
            severity: info.severity,
            confidence: info.confidence,
            group: &info.group,
            families: &info.families,
            references: &info.references,
            controls: &info.controls,
        }
    }
}

impl ComparedV1 {
    fn of(compared: Compared) -> Self {
        ComparedV1 { new: compared.new, fixed: compared.fixed, unchanged: compared.unchanged }
    }
}

impl CountsV1 {
    fn of(counts: &Counts) -> Self {
        CountsV1 {
            inputs: counts.inputs(),
            scanned: counts.scanned,
            skipped: counts.skipped.iter().map(|(skip, n)| (words::of(words::SKIPS, *skip), *n)).collect(),
            failed: counts.failed,
            bytes: counts.bytes,
        }
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
        TroubleV1 {
            kind: words::of(words::FAILURES, t.kind),
            message: &t.message,
            help: t.help.as_deref(),
            place: t.place.as_ref().map(PlaceV1::of),
        }
    }
}

impl<'a> UnansweredV1<'a> {
    fn of(q: &'a SealedUnanswered) -> Self {
        UnansweredV1 { rule: q.rule.as_str(), resource: &q.resource, why: &q.why, place: PlaceV1::of(&q.place) }
    }
}

#[cfg(test)]
mod tests;
