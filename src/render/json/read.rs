//! A saved report, read back. Whoever wrote it may mean harm: nothing in it is taken for more than text to be printed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

use super::fields::{Fields, Read, Wrong, flag, list, number, text, word, wrong};
use super::{SCHEMA_VERSION, words};
use crate::base::escape;
use crate::base::excerpt::{Excerpt, Position};
use crate::base::ids::{Fingerprint, RuleId};
use crate::base::when;
use crate::finding::{By, Exposure, Fix, Sighting, Snippet, State};
use crate::input::{InputPath, ObjectId, Origin};
use crate::report::{Compared, Counts, Report, RuleInfo, SealedFinding, SealedLabel, SealedPlace, SealedTrouble, SealedUnanswered};

/// Why some bytes are no report.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadJsonError {
    #[error("not JSON: {0}")]
    NotJson(String),
    #[error("JSON, but no report of gatepost: {0}")]
    NotAReport(&'static str),
    /// Somebody else's gatepost is to read it.
    #[error("schema_version {0} is newer than this gatepost, which reads {SCHEMA_VERSION}")]
    Newer(u64),
    #[error("no sound report: {way}: {message}")]
    Field { way: String, message: String },
}

impl From<Wrong> for ReadJsonError {
    fn from(Wrong { way, message }: Wrong) -> Self {
        ReadJsonError::Field { way, message }
    }
}

/// The longest text of an excerpt, in bytes, well above what gatepost writes.
const LONGEST_EXCERPT: usize = 1 << 16;
/// So far from the largest number that no line of an excerpt is beyond it.
const LAST_POSITION: u64 = (u32::MAX - (1 << 17)) as u64;

/// The report that some bytes of JSON are, as `render` wrote them.
///
/// # Errors
/// Where they are no such report, or one of a newer gatepost.
pub fn read(bytes: &[u8]) -> Result<Report, ReadJsonError> {
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| ReadJsonError::NotJson(error.to_string()))?;
    let fields = Fields::of(&value).map_err(|_| ReadJsonError::NotAReport("not an object"))?;
    if !fields.has("schema_version") || !fields.has("findings") {
        return Err(ReadJsonError::NotAReport("`schema_version` or `findings` is missing"));
    }
    match fields.need("schema_version", number)? {
        version if version > u64::from(SCHEMA_VERSION) => Err(ReadJsonError::Newer(version)),
        _ => {
            let mut report = report(fields)?;
            report.notes.extend(unknown(&value));
            Ok(report)
        }
    }
}

/// What suppresses findings and is not known here: one note for all.
fn unknown(report: &Value) -> Option<String> {
    let findings = report.get("findings").and_then(Value::as_array)?;
    let names = findings.iter().filter_map(|finding| finding.get("suppressed_by")?.as_str());
    let is_unknown =
        |name: &&str| *name != By::Other.as_str() && words::state("suppressed", Some(name), None).is_some_and(|state| is_other(&state));
    let names: BTreeSet<&str> = names.filter(is_unknown).collect();
    let names: Vec<_> = names.into_iter().take(5).map(|name| format!("`{}`", escape::harmless(name))).collect();
    (!names.is_empty()).then(|| format!("findings are suppressed by what this gatepost does not know: {}", names.join(", ")))
}

fn is_other(state: &State) -> bool {
    matches!(state, State::Suppressed { by: By::Other, .. })
}

fn report(fields: Fields<'_>) -> Read<Report> {
    Ok(Report {
        findings: fields.need("findings", |value| list(value, finding))?,
        troubles: fields.list("troubles", trouble)?,
        unanswered: fields.list("unanswered", unanswered)?,
        counts: fields.need("counts", counts)?,
        notes: fields.list("notes", text)?,
        rules: fields.entries("rules", |id, value| Ok((RuleId::from(id), rule(value)?)))?.into_iter().collect(),
        compared: fields.may("compared", compared)?,
        interrupted: fields.may("interrupted", flag)?.unwrap_or(false),
    })
}

fn finding(value: &Value) -> Read<SealedFinding> {
    let fields = Fields::of(value)?;
    let (by, reason) = (fields.may("suppressed_by", text)?, fields.may("reason", text)?);
    Ok(SealedFinding {
        rule: rule_id(fields)?,
        families: fields.list("families", text)?.into(),
        severity: fields.need("severity", word(words::SEVERITIES))?,
        confidence: fields.need("confidence", word(words::CONFIDENCES))?,
        message: fields.need("message", text)?,
        primary: place(fields)?,
        related: fields.list("related", label)?,
        resource: fields.may("resource", text)?,
        fix: fields.may("fix", fix)?,
        fingerprint: fields.need("fingerprint", fingerprint)?,
        what: fields.need("identity", fingerprint)?,
        known_in: fields.need("known_in", text)?,
        group: fields.need("group", fingerprint)?,
        state: fields.need("state", |value| {
            let known = value.as_str().and_then(|word| words::state(word, by.as_deref(), reason));
            known.map_or_else(|| wrong(format!("not one of {}", words::STATES.join(", "))), Ok)
        })?,
        suppressed_here: fields.may("suppressed_here", flag)?.unwrap_or(false),
        change: fields.may("change", word(words::CHANGES))?,
        credential: fields.may("credential", flag)?.unwrap_or(false),
        account: fields.may("account", text)?,
        exposure: fields.may("exposure", |value| Ok(Box::new(exposure(value)?)))?,
    })
}

fn exposure(value: &Value) -> Read<Exposure> {
    let fields = Fields::of(value)?;
    let sighting = |value: &Value| {
        let fields = Fields::of(value)?;
        Ok(Sighting { commit: fields.need("commit", object)?, when: fields.need("when", time)?, author: fields.may("author", text)? })
    };
    Ok(Exposure {
        first: fields.need("first", sighting)?,
        last: fields.need("last", sighting)?,
        still_in: fields.may("still_in", text)?,
        until: fields.need("until", time)?,
    })
}

fn label(value: &Value) -> Read<SealedLabel> {
    let fields = Fields::of(value)?;
    Ok(SealedLabel { place: place(fields)?, text: fields.need("message", text)? })
}

fn trouble(value: &Value) -> Read<SealedTrouble> {
    let fields = Fields::of(value)?;
    Ok(SealedTrouble {
        place: fields.has("path").then(|| place(fields)).transpose()?,
        kind: fields.need("kind", word(words::FAILURES))?,
        message: fields.need("message", text)?,
        help: fields.may("help", text)?,
    })
}

fn unanswered(value: &Value) -> Read<SealedUnanswered> {
    let fields = Fields::of(value)?;
    Ok(SealedUnanswered {
        rule: rule_id(fields)?,
        resource: fields.need("resource", text)?,
        place: place(fields)?,
        why: fields.need("why", text)?,
    })
}

fn rule_id(fields: Fields<'_>) -> Read<RuleId> {
    Ok(RuleId::from(fields.need("rule", text)?))
}

fn fix(value: &Value) -> Read<Fix> {
    let fields = Fields::of(value)?;
    let snippet = |value| {
        let fields = Fields::of(value)?;
        Ok(Snippet { dialect: fields.need("dialect", word(words::DIALECTS))?, text: fields.need("text", text)? })
    };
    Ok(Fix { text: fields.need("text", text)?, snippet: fields.may("snippet", snippet)?, commands: fields.list("commands", text)? })
}

fn rule(value: &Value) -> Read<RuleInfo> {
    let fields = Fields::of(value)?;
    Ok(RuleInfo {
        title: fields.need("title", text)?,
        why: fields.need("why", text)?,
        fix: fields.need("fix", text)?,
        severity: fields.need("severity", word(words::SEVERITIES))?,
        confidence: fields.need("confidence", word(words::CONFIDENCES))?,
        group: fields.need("group", text)?,
        families: fields.list("families", text)?,
        references: fields.list("references", text)?,
        controls: fields.list("controls", text)?,
    })
}

fn compared(value: &Value) -> Read<Compared> {
    let fields = Fields::of(value)?;
    Ok(Compared { new: fields.need("new", number)?, fixed: fields.need("fixed", number)?, unchanged: fields.need("unchanged", number)? })
}

fn counts(value: &Value) -> Read<Counts> {
    let fields = Fields::of(value)?;
    let skip = |name: &str, value| Ok((word(words::SKIPS)(&Value::from(name))?, number(value)?));
    Ok(Counts {
        scanned: fields.need("scanned", number)?,
        skipped: fields.entries("skipped", skip)?.into_iter().collect::<BTreeMap<_, _>>(),
        failed: fields.need("failed", number)?,
        bytes: fields.need("bytes", number)?,
    })
}

fn place(fields: Fields<'_>) -> Read<SealedPlace> {
    let (start, end) = (fields.need("start", position)?, fields.need("end", position)?);
    Ok(SealedPlace {
        path: path(fields)?,
        origin: fields.need("origin", origin)?,
        start,
        end,
        excerpt: fields.may("excerpt", |value| Ok(Arc::new(excerpt(value, start, end)?)))?,
    })
}

/// Where there is base64, the text has lost bytes.
fn path(fields: Fields<'_>) -> Read<InputPath> {
    let decoded = |value: &Value| {
        let bytes = value.as_str().and_then(|text| BASE64.decode(text.as_bytes()).ok());
        bytes.map_or_else(|| wrong("not base64"), Ok)
    };
    let bytes = match fields.may("path_base64", decoded)? {
        Some(bytes) => bytes,
        None => fields.need("path", text)?.into_bytes(),
    };
    // A path up to a `!`, and what is behind it.
    let split = |bytes: &[u8], mark: usize| match (bytes.get(..mark), bytes.get(mark..)) {
        (Some(outer), Some([b'!', inner @ ..])) => Some((outer.to_vec(), inner.to_vec())),
        _ => None,
    };
    let at = |value: &Value| Ok(usize::try_from(number(value)?).unwrap_or(usize::MAX));
    let outer_end = fields.may("outer_end", at)?;
    let member = fields.may("member_at", |value| {
        let Some((container, inner)) = at(value)?.checked_sub(1).and_then(|mark| split(&bytes, mark)) else {
            return wrong("no `!` of the path before it");
        };
        let container = match outer_end.map(|end| split(&container, end)) {
            None => InputPath::new(&container),
            Some(Some((outer, between))) => InputPath::new(&outer).member(&between),
            Some(None) => return wrong("no `!` of the path behind `outer_end`"),
        };
        Ok(container.member(&inner))
    })?;
    Ok(member.unwrap_or_else(|| InputPath::new(&bytes)))
}

fn position(value: &Value) -> Read<Position> {
    let fields = Fields::of(value)?;
    let from_one = |value: &Value| match number(value)? {
        at @ 1..=LAST_POSITION => Ok(u32::try_from(at).unwrap_or(u32::MAX)),
        _ => wrong("no line or column, which count from 1"),
    };
    Ok(Position { line: fields.need("line", from_one)?, column: fields.need("column", from_one)? })
}

fn excerpt(value: &Value, start: Position, end: Position) -> Read<Excerpt> {
    let fields = Fields::of(value)?;
    let text = fields.need("text", |value| {
        let text = text(value)?;
        if text.len() > LONGEST_EXCERPT { wrong("longer than an excerpt can be") } else { Ok(text) }
    })?;
    let label = fields.need("label", |value| label_range(value, &text))?;
    Ok(Excerpt { first: position(value)?, label, start, end, text })
}

/// Characters to bytes.
fn label_range(value: &Value, text: &str) -> Read<Range<usize>> {
    let fields = Fields::of(value)?;
    let byte = |value: &Value| {
        let at = number(value)?;
        let mut ends = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
        usize::try_from(at).ok().and_then(|at| ends.nth(at)).map_or_else(|| wrong("beyond the text"), Ok)
    };
    let (start, end) = (fields.need("start", byte)?, fields.need("end", byte)?);
    if start > end { wrong("ends before it starts") } else { Ok(start..end) }
}

fn origin(value: &Value) -> Read<Origin> {
    let fields = Fields::of(value)?;
    let kind = fields.need("kind", text)?;
    Ok(match kind.as_str() {
        "file" => Origin::File,
        "staged" => Origin::Staged,
        "stdin" => Origin::Stdin,
        "root" => Origin::Root,
        "commit" => Origin::Commit { id: fields.need("commit", object)?, when: fields.need("when", time)? },
        "unreachable" => Origin::Unreachable { id: fields.need("object", object)? },
        "message" => Origin::Message { id: fields.need("object", object)? },
        _ => return fields.need("kind", |_| wrong(format!("not one of {}", words::ORIGINS.join(", ")))),
    })
}

fn time(value: &Value) -> Read<i64> {
    value.as_str().and_then(when::seconds).map_or_else(|| wrong("not a time as in 2025-03-01T12:30:00Z"), Ok)
}

fn object(value: &Value) -> Read<ObjectId> {
    let id = value.as_str().and_then(|hex| ObjectId::new(&HEXLOWER.decode(hex.as_bytes()).ok()?));
    id.map_or_else(|| wrong("not the hex digits of an object"), Ok)
}

fn fingerprint(value: &Value) -> Read<Fingerprint> {
    let bytes = value.as_str().and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok());
    bytes.map_or_else(|| wrong("not 32 hex digits"), |bytes| Ok(Fingerprint(bytes)))
}
