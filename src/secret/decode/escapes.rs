//! Characters that are written as something else: `%2F`, `\u0041`, `\x41`, `\101`, `\/`, `&#65;`, and a backslash that hides the end
//! of a line. ASCII alone: what no secret is made of stays as it is.

use std::ops::Range;

use super::{Coding, Piece, span};
use crate::base::text_map::Text;

/// Less around an escape holds no secret.
const SHORTEST_WORD: usize = 20;
/// And less around the hidden end of a line.
const SHORTEST_PART: usize = 8;
/// Escapes in a row that are looked at whatever stands around them.
const LONG: usize = 6;
/// Backslashes before one escape: it may stand in a text that was escaped itself.
const SLASHES: usize = 3;

/// One character and how it is written.
struct Escape {
    byte: Option<u8>,
    length: usize,
    coding: Coding,
}

/// Every stretch of escapes, by place.
pub(super) fn pieces(bytes: &[u8], found: &mut Vec<Piece>) {
    let mut from = 0;
    for at in memchr::memchr3_iter(b'\\', b'%', b'&', bytes) {
        if at < from {
            continue;
        }
        let Some(first) = read(&bytes[at..]) else { continue };
        let (text, end, solid) = stretch(bytes, at, first.coding);
        from = end;
        if solid && is_worth(bytes, &(at..end), &text) {
            found.push(Piece { range: at..end, coding: first.coding, text });
        }
    }
}

/// Escapes of one kind in a row; whether they are more than blanks.
fn stretch(bytes: &[u8], start: usize, coding: Coding) -> (Text, usize, bool) {
    let (mut text, mut at, mut solid) = (Text::new(), start, false);
    while let Some(escape) = bytes.get(at..).and_then(read).filter(|escape| escape.coding == coding) {
        let end = at + escape.length;
        match (escape.byte, u8::try_from(escape.length)) {
            (Some(byte), Ok(length)) => text.push_run(&[byte], span(at..end), 1, length),
            (Some(byte), Err(_)) => text.push_within(&[byte], span(at..end)),
            (None, _) => {}
        }
        solid |= escape.byte != Some(b' ');
        at = end;
    }
    (text, at, solid)
}

/// Whether a secret could be written there: it is long, with what touches it.
fn is_worth(bytes: &[u8], range: &Range<usize>, text: &Text) -> bool {
    let of_word = |byte: &&u8| super::is_of_word(**byte) || matches!(byte, b':' | b'@' | b'%' | b'\\' | b'#' | b'&' | b';');
    let before = bytes[..range.start].iter().rev().take(SHORTEST_WORD).take_while(of_word).count();
    let behind = bytes[range.end..].iter().take(SHORTEST_WORD).take_while(of_word).count();
    let least = if text.is_empty() { SHORTEST_PART } else { SHORTEST_WORD };
    text.len() >= LONG || before + text.len() + behind >= least
}

fn read(rest: &[u8]) -> Option<Escape> {
    match rest {
        [b'%', digits @ ..] => Some(Escape { byte: Some(printable(hex(digits.get(..2)?)?)?), length: 3, coding: Coding::Percent }),
        [b'&', b'#', b'x' | b'X', digits @ ..] => entity(digits, 3, 16),
        [b'&', b'#', digits @ ..] => entity(digits, 2, 10),
        [b'\\', ..] => backslash(rest),
        _ => None,
    }
}

fn backslash(rest: &[u8]) -> Option<Escape> {
    let slashes = rest.iter().take(SLASHES).take_while(|byte| **byte == b'\\').count();
    let escape = |byte: u8, length: usize| Some(Escape { byte: Some(printable(byte)?), length: slashes + length, coding: Coding::Escapes });
    match &rest[slashes..] {
        [b'u', b'0', b'0', digits @ ..] => escape(hex(digits.get(..2)?)?, 5),
        [b'u' | b'x', b'{', digits @ ..] => {
            let length = digits.iter().take(6).position(|byte| *byte == b'}')?;
            let (zeros, last) = digits[..length].split_at_checked(length.checked_sub(2)?)?;
            zeros.iter().all(|zero| *zero == b'0').then(|| escape(hex(last)?, length + 3)).flatten()
        }
        [b'x', digits @ ..] => escape(hex(digits.get(..2)?)?, 3),
        [b'/', ..] => escape(b'/', 1),
        [a @ b'0'..=b'1', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => escape((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 3),
        [b'\n', next, ..] if slashes == 1 && super::is_of_word(*next) => Some(Escape { byte: None, length: 2, coding: Coding::Parts }),
        [b'\r', b'\n', next, ..] if slashes == 1 && super::is_of_word(*next) => {
            Some(Escape { byte: None, length: 3, coding: Coding::Parts })
        }
        _ => None,
    }
}

fn entity(digits: &[u8], start: usize, radix: u32) -> Option<Escape> {
    let length = digits.iter().take(6).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(&digits[..length]).ok().and_then(|digits| u8::from_str_radix(digits, radix).ok())?;
    Some(Escape { byte: Some(printable(number)?), length: start + length + 1, coding: Coding::Entities })
}

fn hex(pair: &[u8]) -> Option<u8> {
    super::base64_hex::byte_of(pair)
}

fn printable(byte: u8) -> Option<u8> {
    matches!(byte, b' '..=b'~').then_some(byte)
}
