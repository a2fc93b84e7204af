//! Literals that a program puts together: `"AKIA" + "…"`, `'a' . 'b'`, `"a" & _` and the next line. Where one literal ends and
//! the next begins is a piece that reads as nothing.
//!
//! Where to look is told by the search for keywords, which costs nothing more: how a joint is mostly written
//! stands among its words ([`WRITTEN`]), and behind a keyword of a rule the next literals are looked at ([`behind`]).

use super::{Coding, Piece};
use crate::base::text_map::Text;

/// How joints begin or end, in any language: at least four bytes each.
pub const WRITTEN: &[&str] = &[
    "\" + \"", "' + '", "` + `", "\" . \"", "' . '", "\" & \"", "\" .. \"", "' .. '", "' || '", "\" ++ \"", "\" <> \"", "\" ^ \"", "' ~ '",
    "\" ~ \"", "\" +\n", "' +\n", "\" +\r", "' +\r", "\" .\n", "' .\n", "\" .\r", "' .\r", "\" &\n", "\" & _", "\" ..\n", "' ||\n",
    "\" \\\n", "' \\\n", "\" \\\r", "  + \"", "  + '", "\t+ \"", "\t+ '", "  . \"", "  . '", "\t. \"", "\t. '", "  & \"", "  .. \"",
    "  || '", "  ++ \"", "  <> \"",
];

/// What joins two literals. Nothing at all does too.
const OPERATORS: [&[u8]; 10] = [b"++", b"..", b"||", b"<>", b"+", b".", b"&", b"^", b"~", b""];
/// Blanks between two literals, with the ends of lines.
const GAP: usize = 160;
/// How far behind a keyword a literal may end.
const REACH: usize = 96;

/// Where a literal that ends behind a keyword goes on in another.
#[must_use]
pub fn behind(bytes: &[u8], keyword: usize) -> Option<usize> {
    let end = bytes.len().min(keyword + REACH);
    let quotes = memchr::memchr3_iter(b'"', b'\'', b'`', &bytes[keyword..end]);
    quotes.map(|at| keyword + at).find(|at| opening(bytes, *at).is_some())
}

/// The joints that begin around some places, by place.
pub(super) fn pieces(bytes: &[u8], places: &[u32], found: &mut Vec<Piece>) {
    let mut from = 0;
    for place in places {
        // A joint is written from its quote on, or ends with the next one.
        let place = *place as usize;
        let closing = if matches!(bytes.get(place), Some(b'"' | b'\'' | b'`')) { Some(place) } else { closing_before(bytes, place) };
        let Some(mut at) = closing.filter(|at| *at >= from) else { continue };
        // What goes on once may go on again.
        while let Some(open) = opening(bytes, at) {
            found.push(Piece { range: at..open + 1, coding: Coding::Parts, text: Text::new() });
            from = open + 1;
            let literal = &bytes[from..bytes.len().min(from + REACH)];
            match literal.iter().position(|byte| *byte == bytes[at]) {
                Some(length) => at = from + length,
                None => break,
            }
        }
    }
}

fn closing_before(bytes: &[u8], place: usize) -> Option<usize> {
    let blanks = bytes[..place].iter().rev().take(GAP).take_while(|byte| byte.is_ascii_whitespace()).count();
    place.checked_sub(blanks + 1).filter(|at| matches!(bytes[*at], b'"' | b'\'' | b'`'))
}

/// Where the literal begins that goes on where one ends at a quote. Both must end in what a secret is made of there.
fn opening(bytes: &[u8], closing: usize) -> Option<usize> {
    let quote = *bytes.get(closing)?;
    if !closing.checked_sub(1).is_some_and(|last| super::is_of_word(bytes[last])) {
        return None;
    }
    let (mut at, blanks) = pass_blanks(bytes, closing + 1);
    let operator = OPERATORS.iter().find(|operator| bytes[at..].starts_with(operator))?;
    if operator.is_empty() && !blanks {
        return None;
    }
    (at, _) = pass_blanks(bytes, at + operator.len());
    // Kinds of literals: `b"…"`, `@"…"`.
    if !operator.is_empty() && matches!(bytes.get(at..), Some([b'b' | b'r' | b'u' | b'f' | b'L' | b'@' | b'$', next, ..]) if *next == quote)
    {
        at += 1;
    }
    let is_open = bytes.get(at) == Some(&quote) && bytes.get(at + 1).is_some_and(|first| super::is_of_word(*first));
    is_open.then_some(at)
}

/// Passes blanks, the ends of lines, and what says that a line goes on; tells whether there was any.
fn pass_blanks(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut at = from;
    while at < from + GAP {
        match bytes.get(at..) {
            Some([b' ' | b'\t' | b'\r' | b'\n', ..]) => at += 1,
            Some([b'\\' | b'_', b'\n' | b'\r', ..]) => at += 2,
            _ => break,
        }
    }
    (at, at > from)
}
