//! What other readers of YAML accept and the parser does not: lines in brackets or quotes that stand left of what they
//! belong to, and halves of surrogate pairs. Blanks mean nothing there, so such lines are moved to the right and the text
//! is read again; its map leads back to where things stand.

use super::Refused;
use crate::base::text_map::Text;
use crate::syntax::document::Document;

/// How far lines are moved: no block is indented deeper.
const BLANKS: usize = 160;
/// Times that a text is read again.
const MAX_TRIES: usize = 100;
/// Bytes that are read again, over all times.
const MAX_BYTES: usize = 64 << 20;

/// The documents of a text that was refused, if it can be read after all.
pub(super) fn retried(text: &Text, refused: Refused, read: &dyn Fn(&Text) -> Result<Vec<Document>, Refused>) -> Option<Vec<Document>> {
    let (mut text, mut refused, mut spent) = (text.clone(), refused, 0);
    for _ in 0..MAX_TRIES {
        text = repaired(&text, &refused)?;
        spent += text.len();
        if spent > MAX_BYTES {
            return None;
        }
        match read(&text) {
            Ok(documents) => return Some(documents),
            Err(again) if again.at == refused.at => return None,
            Err(again) => refused = again,
        }
    }
    None
}

fn repaired(text: &Text, refused: &Refused) -> Option<Text> {
    let message = &refused.error.message;
    if refused.error.limit {
        None
    } else if message.contains("invalid indentation in quoted scalar") {
        Some(moved(text, refused.at, quoted_end(text.bytes(), refused.at)?, true))
    } else if message.contains("invalid indentation") {
        Some(moved(text, refused.at, bracket_end(text.bytes(), refused.at), false))
    } else if message.contains("invalid Unicode character escape") {
        paired(text)
    } else {
        None
    }
}

/// The text with lines between two places moved to the right: those that begin behind the first place and, unless it is
/// in quotes, the one that it stands in.
fn moved(text: &Text, from: usize, to: usize, quoted: bool) -> Text {
    let bytes = text.bytes();
    let line = memchr::memrchr(b'\n', &bytes[..from]).map_or(0, |end| end + 1);
    let own = if quoted { None } else { Some(line) };
    let mut out = Text::new();
    let mut done = 0;
    for start in own.into_iter().chain(memchr::memchr_iter(b'\n', &bytes[from..to]).map(|end| from + end + 1)) {
        out.push_slice(text, done..start);
        if let Some(place) = text.span(start..start) {
            out.push_within(&[b' '; BLANKS], place);
        }
        done = start;
    }
    out.push_slice(text, done..bytes.len());
    out
}

/// Where a quoted scalar ends that begins at a place.
fn quoted_end(bytes: &[u8], from: usize) -> Option<usize> {
    let quote = *bytes.get(from).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let mut at = from + 1;
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            b'\\' if quote == b'"' => at += 2,
            _ if byte != quote => at += 1,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            _ => return Some(at),
        }
    }
}

/// Where the brackets end that a place stands in, as far as one can tell without knowing how many these are: at the first
/// one that closes more than was opened since.
fn bracket_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0usize);
    while let Some(byte) = bytes.get(at) {
        let starts = at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b',' | b'[' | b'{' | b':');
        match byte {
            b'"' | b'\'' if starts => match quoted_end(bytes, at) {
                Some(end) => at = end,
                None => return from,
            },
            b'#' if starts => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(0).saturating_sub(1),
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return at,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    from
}

/// The text with pairs of surrogates as one escape, and a replacement character for each half; None where there is none.
fn paired(text: &Text) -> Option<Text> {
    let bytes = text.bytes();
    let unit = |at: usize| -> Option<u32> {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut out, mut done, mut at) = (Text::new(), 0, 0);
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if !matches!(unit(at), Some(0xD800..0xE000)) {
            at += 2;
            continue;
        }
        let (code, end) = match (unit(at), unit(at + 6)) {
            (Some(high @ 0xD800..0xDC00), Some(low @ 0xDC00..0xE000)) => (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), at + 12),
            _ => (0xFFFD, at + 6),
        };
        out.push_slice(text, done..at);
        out.push_within(format!("\\U{code:08x}").as_bytes(), text.span(at..end)?);
        (at, done) = (end, end);
    }
    out.push_slice(text, done..bytes.len());
    (done > 0).then_some(out)
}
