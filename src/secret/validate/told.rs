//! Values that only their name makes a secret. The pattern finds the name and the value with its quotes; here both are
//! read: what the name says, how they are joined, what the value looks like, and what stands behind it.

use std::ops::Range;

use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::secret::look::{Look, is_made_up, is_uuid, look};
use crate::secret::naming::{Glue, Name, Says, name_before};

/// How far before a name one of a user may stand: `user = "…"`, then the password.
const USER: usize = 160;

/// A value without its quotes.
struct Written<'a> {
    value: &'a str,
    range: Range<usize>,
    quoted: bool,
}

/// Under a name that calls it a password.
pub(super) fn password(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    if name.says != Says::Password {
        return Check::Reject;
    }
    let key = &candidate.bytes[name.key.clone()];
    let user = has_user(candidate.bytes, name.key.start);
    let set = name.glue != Glue::Compared && name.glue != Glue::Blank;
    match look(written.value) {
        _ if written.value.as_bytes().eq_ignore_ascii_case(key) => Check::Reject,
        Look::Word if user && written.value.len() >= 6 && (written.quoted || begins_line(candidate.bytes, name.key.start)) => weak(written),
        Look::Nothing | Look::Word => Check::Reject,
        Look::Chosen | Look::Random if is_made_up(written.value) || !set => weak(written),
        Look::Chosen if written.value.len() < 8 && !user => weak(written),
        Look::Chosen => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
        Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
    }
}

/// Under a name that calls it a secret, a token, or a key of a service.
pub(super) fn secret(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    if name.says != Says::Secret {
        return Check::Reject;
    }
    match look(written.value) {
        _ if is_uuid(written.value) => weak(written),
        Look::Random if is_made_up(written.value) || name.glue == Glue::Compared => weak(written),
        Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
        Look::Chosen if written.value.len() >= 10 && written.quoted => weak(written),
        _ => Check::Reject,
    }
}

/// Under a name that may be one of a secret: chance only.
pub(super) fn chance(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    let is_secret = name.says == Says::Perhaps && name.glue == Glue::Set && !is_uuid(written.value) && !is_made_up(written.value);
    if is_secret && look(written.value) == Look::Random { weak(written) } else { Check::Reject }
}

/// A password that its place says to be one: an argument of a call, what follows an option.
pub(super) fn given(candidate: &Candidate<'_>) -> Check {
    let Some(written) = unquoted(candidate) else { return Check::Reject };
    match look(written.value) {
        Look::Nothing => Check::Reject,
        Look::Word => {
            if written.quoted {
                weak(written)
            } else {
                Check::Reject
            }
        }
        Look::Chosen | Look::Random if is_made_up(written.value) => weak(written),
        Look::Chosen | Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
    }
}

/// What a sentence or a title tells: as weak as it gets.
pub(super) fn mentioned(candidate: &Candidate<'_>) -> Check {
    let Some(written) = unquoted(candidate) else { return Check::Reject };
    if look(written.value) == Look::Nothing { Check::Reject } else { weak(written) }
}

fn weak(written: Written<'_>) -> Check {
    Check::Accept(Evidence {
        severity: Some(Severity::Low),
        confidence: Some(Confidence::Low),
        secret: Some(written.range),
        ..Evidence::NONE
    })
}

fn read<'a>(candidate: &Candidate<'a>) -> Option<(Name, Written<'a>)> {
    let written = unquoted(candidate)?;
    let name = name_before(candidate.bytes, candidate.secret.start)?;
    let fits = if written.quoted {
        ends_well(candidate.after())
    } else {
        match name.glue {
            Glue::Element => candidate.after().starts_with(b"</"),
            Glue::Flag | Glue::Blank => true,
            Glue::Set => is_bare(candidate, &name),
            Glue::Compared => false,
        }
    };
    fits.then_some((name, written))
}

fn unquoted<'a>(candidate: &Candidate<'a>) -> Option<Written<'a>> {
    let raw = std::str::from_utf8(candidate.value()).ok()?;
    // `b"…"`, `@"…"`
    let prefix = usize::from(matches!(raw.as_bytes(), [b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'L' | b'N' | b'@', b'"' | b'\'', ..]));
    let (raw, start) = (&raw[prefix..], candidate.secret.start + prefix);
    let open = raw.len() - raw.trim_start_matches(['\\', '"', '\'', '`']).len();
    let close = raw.trim_end_matches(['"', '\'', '`']).trim_end_matches('\\').len();
    let quoted = open > 0;
    let value = raw.get(open..if quoted { close.max(open) } else { raw.len() })?;
    // A value within a value: `"'x'"`, `'"x"'`; and padding.
    let inner = value.trim_matches([' ', '"', '\'']);
    let from = start + open + (value.len() - value.trim_start_matches([' ', '"', '\'']).len());
    (!inner.is_empty()).then(|| Written { value: inner, range: from..from + inner.len(), quoted })
}

/// What follows a quoted value: not another piece of it, and no sign that it is a key or a type itself.
fn ends_well(after: &[u8]) -> bool {
    let rest = after.iter().position(|byte| !matches!(byte, b' ' | b'\t')).map_or(&[][..], |at| &after[at..]);
    let joined = matches!(
        rest,
        [b'.', b' ' | b'\t' | b'$' | b'"' | b'\'', ..] | [b'+' | b'%' | b':' | b'?', ..] | [b'=', ..] | [b'|', b' ', ..] | [b'[', ..]
    );
    !joined
}

/// A setting without quotes: it is all that its line has.
fn is_bare(candidate: &Candidate<'_>, name: &Name) -> bool {
    let value = candidate.value();
    let is_code =
        value.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{' | b';' | b',' | b'\\')) || value.ends_with(b")") || value.ends_with(b"}");
    let rest = candidate.after().split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let rest = rest.trim_ascii();
    let direct = candidate.secret.start == name.key.end + 1;
    let ends = rest.is_empty()
        || rest.starts_with(b"#")
        || rest.starts_with(b"\\")
        || direct && !rest.starts_with(b"=") && !rest.starts_with(b"\"");
    !is_code && ends && (begins_line(candidate.bytes, name.key.start) || direct || is_listed_value(candidate.bytes, name))
}

/// `- name: X`, then `value: …`.
fn is_listed_value(bytes: &[u8], name: &Name) -> bool {
    bytes[..name.key.start].trim_ascii_end().ends_with(b"name:")
}

fn begins_line(bytes: &[u8], key: usize) -> bool {
    let least = key.saturating_sub(80);
    let line = memchr::memrchr(b'\n', &bytes[least..key]).map_or(least, |line| least + line + 1);
    let head = bytes[line..key].trim_ascii();
    let known: [&[u8]; 12] = [b"", b"export", b"set", b"ENV", b"ARG", b"-", b"env", b"declare", b"#", b"//", b"- export", b"RUN export"];
    known.contains(&head)
}

/// Whether a user is named before a password.
fn has_user(bytes: &[u8], key: usize) -> bool {
    let before = bytes[key.saturating_sub(USER)..key].to_ascii_lowercase();
    [&b"user"[..], b"login", b"uid", b"email", b"account"].iter().any(|word| {
        memchr::memmem::rfind(&before, word).is_some_and(|at| {
            let rest = &before[at + word.len()..];
            let sign = rest.iter().position(|byte| matches!(byte, b'=' | b':' | b'>' | b','));
            sign.is_some_and(|sign| sign <= 12) && memchr::memchr_iter(b'\n', rest).count() <= 2
        })
    })
}
