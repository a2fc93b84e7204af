//! What stands between a header and a footer, however a file spells it: real lines, escapes in a string, a concatenation
//! over lines, comment signs, indentation.

use std::borrow::Cow;
use std::ops::Range;

use data_encoding::{BASE64_NOPAD, Encoding, Specification};

/// The body of an armour.
pub(super) struct Body {
    pub decoded: Vec<u8>,
    /// From the first to the last base64 character, from the end of the header on.
    pub range: Range<usize>,
    /// A line of the old format says that it is encrypted.
    pub encrypted: bool,
    /// The checksum line of PGP.
    pub checksum: Option<Vec<u8>>,
}

impl Body {
    /// None where it is elided, or no base64.
    pub fn read(bytes: &[u8]) -> Option<Body> {
        let mut base64 = Vec::new();
        let (mut encrypted, mut checksum) = (false, None);
        let mut range: Option<Range<usize>> = None;
        for line in lines(bytes) {
            let text = &bytes[line.clone()];
            if text.starts_with(b"-----") || text.starts_with(b"---- END") {
                break;
            }
            if text.is_empty() || text == b"+" {
                continue;
            }
            if text.len() == 5 && text[0] == b'=' && !base64.is_empty() {
                checksum = decode(&text[1..]);
                continue;
            }
            let plain = unescaped(text);
            if plain.iter().all(|byte| is_base64(*byte)) {
                base64.extend_from_slice(&plain);
                range = Some(range.map_or(line.start, |r| r.start)..line.end);
                continue;
            }
            if base64.is_empty() && memchr::memchr(b':', text).is_some() {
                encrypted |= memchr::memmem::find(text, b"ENCRYPTED").is_some();
                continue;
            }
            // What is no base64 ends a key that has no footer, and breaks an elided one: its lengths will tell.
            break;
        }
        Some(Body { decoded: decode(&base64)?, range: range?, encrypted, checksum })
    }
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// How languages and addresses spell what base64 has besides letters and digits.
const ESCAPES: &[(&[u8], u8)] =
    &[(b"\\/", b'/'), (b"\\u002b", b'+'), (b"\\u002f", b'/'), (b"\\u003d", b'='), (b"%2b", b'+'), (b"%2f", b'/'), (b"%3d", b'=')];

pub(super) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| matches!(byte, b'\\' | b'%')) {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, more)) = rest.split_first() {
        let begins = |escape: &[u8]| rest.get(..escape.len()).is_some_and(|head| head.eq_ignore_ascii_case(escape));
        if let Some((escape, byte)) = ESCAPES.iter().find(|(escape, _)| begins(escape)) {
            plain.push(*byte);
            rest = &rest[escape.len()..];
            continue;
        }
        // A string in a string has each backslash twice.
        if !rest.starts_with(b"\\\\") {
            plain.push(*first);
        }
        rest = more;
    }
    Cow::Owned(plain)
}

/// Lines, also those that are written as escapes, each without what a language puts around it.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        if start >= bytes.len() {
            return None;
        }
        let rest = &bytes[start..];
        let (length, width) = end_of_line(rest);
        at = start + length + width;
        Some(trim(bytes, start..start + length))
    })
}

/// How a line end is written behind one backslash or several, and elsewhere.
const BACKSLASHED: &[&[u8]] = &[b"n", b"r", b"u000a", b"u000d", b"x0a", b"x0d", b"012", b"015"];
const SPELLED: &[&[u8]] = &[b"&#10;", b"&#13;", b"&#xa;", b"&#xd;", b"%0a", b"%0d"];

/// How many bytes a line end has that some text begins with, where it is written as an escape.
pub(super) fn spelled_end(rest: &[u8]) -> Option<usize> {
    let begins = |at: usize, word: &[u8]| rest.get(at..at + word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    match rest.first()? {
        b'\\' => {
            let slashes = rest.iter().take(8).take_while(|byte| **byte == b'\\').count();
            BACKSLASHED.iter().find(|word| begins(slashes, word)).map(|word| slashes + word.len())
        }
        b'&' | b'%' => SPELLED.iter().find(|word| begins(0, word)).map(|word| word.len()),
        _ => None,
    }
}

/// Where a line ends, and how many bytes end it.
fn end_of_line(rest: &[u8]) -> (usize, usize) {
    let mut plain = true;
    for (i, byte) in rest.iter().enumerate() {
        match byte {
            b'\n' => return (i, 1),
            b'\\' | b'&' | b'%' => {
                if let Some(width) = spelled_end(&rest[i..]) {
                    return (i, width);
                }
            }
            // A footer ends the line that it stands on.
            b'-' if i > 0 && rest[i..].starts_with(b"-----") => return (i, 0),
            // Some join the lines of a key with blanks.
            b' ' if i >= 60 && plain => return (i, 1),
            _ => {}
        }
        plain &= is_base64(*byte) || (i == 0 && *byte == b' ');
    }
    (rest.len(), 0)
}

fn trim(bytes: &[u8], mut line: Range<usize>) -> Range<usize> {
    loop {
        let text = &bytes[line.clone()];
        line.start += match text {
            [b'/', b'/', b' ', ..] => 3,
            [b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'#' | b'*' | b'>' | b'|' | b'.' | b',' | b'(', ..]
            | [b'+', b' ' | b'"' | b'\'', ..] => 1,
            _ => break,
        };
    }
    loop {
        let text = &bytes[line.clone()];
        line.end -= match text {
            [.., b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'.' | b')' | b'&']
            | [.., b' ' | b'"' | b'\'', b'+'] => 1,
            _ => break,
        };
    }
    line
}

/// Base64 with or without padding, whatever its unused bits are.
pub(super) fn decode(base64: &[u8]) -> Option<Vec<u8>> {
    let end = base64.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    // A lone character at the end carries no byte: one was lost.
    let end = if end % 4 == 1 { end - 1 } else { end };
    lenient().decode(&base64[..end]).ok()
}

fn lenient() -> Encoding {
    let mut specification: Specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64_NOPAD)
}
