//! Texts taken apart and put together, as both dialects do it. What it costs is asked for before it is made.

use std::ops::Range;

use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::text_map::{HOLE, Provenance, Text};

use super::unknown::Unknowns;
use super::value::{Node, Value};

/// What stands for the first of these bytes, and how many of them that is; None where it can stand as it is.
pub type Escape<'e> = &'e dyn Fn(&[u8]) -> Option<(String, usize)>;

/// A text between quotes, which get the place of the whole. `escape` tells for bytes that cannot stand as they are what
/// stands for them, and how many of them that is; all others keep their places.
pub fn quoted(text: &Text, place: Span, out: &mut Text, escape: Escape<'_>) {
    out.push_within(b"\"", place);
    let bytes = text.bytes();
    let (mut run, mut at) = (0, 0);
    while at < bytes.len() {
        let Some((escaped, length)) = escape(&bytes[at..]) else {
            at += 1;
            continue;
        };
        out.push_slice(text, run..at);
        out.push_within(escaped.as_bytes(), text.span(at..at + length).unwrap_or(place));
        at += length;
        run = at;
    }
    out.push_slice(text, run..bytes.len());
    out.push_within(b"\"", place);
}

/// What JSON has to escape, and nothing else.
#[must_use]
pub fn json_escape(rest: &[u8]) -> Option<(String, usize)> {
    match rest.first()? {
        b'"' => Some(("\\\"".to_owned(), 1)),
        b'\\' => Some(("\\\\".to_owned(), 1)),
        byte @ 0..0x20 => Some((format!("\\u{byte:04x}"), 1)),
        _ => None,
    }
}

/// Whether so many bytes may be made.
pub type May<'m> = &'m dyn Fn(usize) -> bool;

/// Bytes that a part of a text takes beside the text itself: its value, its map of places, what holds them.
const PART: usize = size_of::<Value>() + size_of::<Text>() + 64;
/// Bytes of a number or a boolean, printed.
const PRINTED: usize = 32;

/// The parts of a text between separators, blanks around them taken off with `trim`. Of a text that is not known in full,
/// the parts before the first that is not. None where there are none of these, or no separator.
#[must_use]
pub fn split(whole: &Value, separator: &[u8], trim: bool, place: Span, may: May<'_>) -> Option<Value> {
    let Node::Text(text) = &whole.node else { return None };
    if separator.is_empty() {
        return None;
    }
    if let Some((hole, _)) = hole(text) {
        let end = memchr::memmem::rfind(&text.bytes()[..hole], separator)?;
        let known = Value::text(text.slice(0..end), whole.place).carried(whole.via.as_ref());
        let Node::List { items, .. } = split(&known, separator, trim, place, may)?.node else { return None };
        return Some(Value::list(items.to_vec(), true, place));
    }
    let bytes = text.bytes();
    let parts = memchr::memmem::find_iter(bytes, separator).count() + 1;
    if !may(parts.saturating_mul(PART).saturating_add(bytes.len())) {
        return Some(Value::unknown(Unknowns::BUDGET, place));
    }
    let (mut items, mut at) = (Vec::with_capacity(parts), 0);
    for end in memchr::memmem::find_iter(bytes, separator).chain([bytes.len()]) {
        let part = &bytes[at..end];
        let blank = if trim { part.len() - part.trim_ascii_start().len() } else { 0 };
        let length = if trim { part.trim_ascii().len() } else { part.len() };
        let range = at + blank..at + blank + length;
        items.push(Value::text(text.slice(range.clone()), text.span(range).unwrap_or(whole.place)).carried(whole.via.as_ref()));
        at = end + separator.len();
    }
    Some(Value::list(items, false, place))
}

/// Texts one after the other, none longer than `most` bytes. What is no text is a hole, which `hole` names.
#[must_use]
pub fn join(parts: &[Value], place: Span, most: usize, may: May<'_>, hole: &dyn Fn(&Value) -> UnknownId) -> Value {
    let length = |part: &Value| match &part.node {
        Node::Text(text) => text.len(),
        Node::Unknown(_) => HOLE.len(),
        _ => PRINTED,
    };
    let total = parts.iter().map(length).fold(0, usize::saturating_add);
    if total > most || !may(total) {
        return Value::unknown(Unknowns::BUDGET, place);
    }
    let mut text = Text::new();
    let mut via = None;
    for part in parts {
        match &part.node {
            Node::Text(part) => text.push_text(part),
            Node::Unknown(id) => text.push_hole(*id),
            _ => match part.as_text() {
                Some(printed) => text.push_within(printed.as_bytes(), part.place),
                None => text.push_hole(hole(part)),
            },
        }
        via = via.or(part.via.as_ref());
    }
    Value::text(text, place).carried(via)
}

/// Appends what one unit of a text became: three bytes in base64, a letter in another case. Exact where the unit is.
pub fn push_unit(out: &mut Text, made: &[u8], from: &Text, range: Range<usize>, place: Span) {
    let mut sources = from.provenance(range.clone());
    match (sources.next(), sources.next(), u8::try_from(made.len())) {
        (Some(Provenance::Exact(span)), None, Ok(long)) if !made.is_empty() && (1..=u32::from(u8::MAX)).contains(&span.len()) => {
            let steps = if u32::from(long) == span.len() { (1, 1) } else { (long, u8::try_from(span.len()).unwrap_or(u8::MAX)) };
            out.push_run(made, span, steps.0, steps.1);
        }
        _ => out.push_within(made, from.span(range).unwrap_or(place)),
    }
}

/// Bytes that base64 takes, with the map of places of a text that is all pieces.
#[must_use]
pub fn base64_room(bytes: usize) -> usize {
    bytes.saturating_mul(16)
}

/// Which letters of a group tell most of each of its bytes.
const LETTERS: [Range<usize>; 3] = [0..2, 2..3, 3..4];

/// A text in base64, each group of it with the place of its three bytes. How many bytes an unknown part has is unknown:
/// what comes behind it is encoded as if it began there, which is what may be read of it.
#[must_use]
pub fn to_base64(text: &Text, place: Span) -> Text {
    let mut out = Text::new();
    let mut from = 0;
    let holes = holes(text).map(|(at, id)| (at, Some(id)));
    for (end, id) in holes.chain([(text.len(), None)]) {
        // What stands before an unknown part may end within a group.
        let known = if id.is_some() { end - (end - from) % 3 } else { end };
        for start in (from..known).step_by(3) {
            let range = start..(start + 3).min(known);
            let group = data_encoding::BASE64.encode(&text.bytes()[range.clone()]);
            if text.provenance(range.clone()).nth(1).is_none() {
                push_unit(&mut out, group.as_bytes(), text, range, place);
                continue;
            }
            // Of a group that two parts of the text share, each part has its own letters.
            for (byte, at) in range.clone().enumerate() {
                let letters = if at + 1 == range.end { LETTERS[byte].start..4 } else { LETTERS[byte].clone() };
                push_unit(&mut out, &group.as_bytes()[letters], text, at..at + 1, place);
            }
        }
        if let Some(id) = id {
            out.push_hole(id);
        }
        from = end + HOLE.len();
    }
    out
}

/// The unknown parts of a text, and where they stand.
fn holes(text: &Text) -> impl Iterator<Item = (usize, UnknownId)> {
    memchr::memmem::find_iter(text.bytes(), HOLE).filter_map(|at| match text.provenance(at..at + HOLE.len()).next() {
        Some(Provenance::Hole(id)) => Some((at, id)),
        _ => None,
    })
}

/// What a text in base64 holds, each three bytes with the place of their group. None where it is no base64.
#[must_use]
pub fn from_base64(text: &Text, place: Span) -> Option<Text> {
    let decoded = data_encoding::BASE64.decode(text.bytes()).ok()?;
    let mut out = Text::new();
    for (group, bytes) in decoded.chunks(3).enumerate() {
        let range = group * 4..group * 4 + 4;
        if text.provenance(range.clone()).nth(1).is_none() {
            push_unit(&mut out, bytes, text, range, place);
            continue;
        }
        for (byte, letters) in bytes.chunks(1).zip(LETTERS) {
            push_unit(&mut out, byte, text, range.start + letters.start..range.start + letters.end, place);
        }
    }
    Some(out)
}

/// The first unknown part of a text, and where it stands.
#[must_use]
pub fn hole(text: &Text) -> Option<(usize, UnknownId)> {
    let id = text.holes().next()?;
    // The same three bytes may stand in the source, where they are what they are.
    let is_hole = |at: &usize| matches!(text.provenance(*at..*at + HOLE.len()).next(), Some(Provenance::Hole(_)));
    Some((memchr::memmem::find_iter(text.bytes(), HOLE).find(is_hole)?, id))
}

/// The last unknown part of a text: where it ends.
#[must_use]
pub fn last_hole(text: &Text) -> Option<usize> {
    text.holes().next()?;
    let is_hole = |at: &usize| matches!(text.provenance(*at..*at + HOLE.len()).next(), Some(Provenance::Hole(_)));
    memchr::memmem::rfind_iter(text.bytes(), HOLE).find(is_hole).map(|at| at + HOLE.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;

    #[test]
    fn base64_keeps_the_place_of_each_group() {
        let at = |start, end| Span::new(FileId(0), start..end);
        let text = Text::exact(b"hello world", at(100, 111));
        let encoded = to_base64(&text, at(90, 120));
        assert_eq!(encoded.to_str(), "aGVsbG8gd29ybGQ=");
        assert_eq!((encoded.span(4..8), encoded.span(0..16)), (Some(at(103, 106)), Some(at(100, 111))));
        let decoded = from_base64(&encoded, at(90, 120)).expect("base64");
        assert_eq!((decoded.bytes(), decoded.span(6..11)), (&b"hello world"[..], Some(at(106, 111))));
        let source = Text::exact(b"aGVsbG8gd29ybGQ=", at(10, 26));
        assert_eq!(from_base64(&source, at(9, 27)).expect("base64").span(6..9), Some(at(18, 22)), "the group that it is in");
        assert!(from_base64(&Text::exact(b"a", at(0, 1)), at(0, 1)).is_none());
        let mut holed = Text::exact(b"abcd", at(0, 4));
        holed.push_hole(UnknownId(3));
        holed.push_exact(b"xyz", at(7, 10));
        assert_eq!(to_base64(&holed, at(0, 10)).to_str(), format!("YWJj{HOLE}eHl6"));
    }

    /// What was put together and encoded is at its own place when it is read again, wherever its parts meet.
    #[test]
    fn base64_of_parts_keeps_the_place_of_each() {
        for first in 1..7 {
            let at = |start, length: usize| Span::new(FileId(0), start..start + u32::try_from(length).expect("small"));
            let before = &b"X=1\nPW="[..first];
            let mut text = Text::exact(before, at(10, first));
            text.push_exact(b"hunter22", at(100, 8));
            text.push_exact(b"\n", at(10 + 30, 1));
            let encoded = to_base64(&text, at(0, 90));
            assert_eq!(encoded.bytes(), data_encoding::BASE64.encode(text.bytes()).as_bytes());
            let decoded = from_base64(&encoded, at(0, 90)).expect("base64");
            assert_eq!(decoded.bytes(), text.bytes());
            assert_eq!(decoded.span(first..first + 8), Some(at(100, 8)), "{first}");
            assert_eq!(decoded.span(0..first), Some(at(10, first)), "{first}");
        }
    }

    #[test]
    fn nothing_is_made_before_it_may_be() {
        let place = Span::new(FileId(0), 0..1);
        let text = |text: &str| Value::text(Text::within(text.as_bytes(), place), place);
        let asked = std::cell::Cell::new(0);
        let never = |bytes| {
            asked.set(bytes);
            false
        };
        let commas = text(&",".repeat(100_000));
        assert!(matches!(split(&commas, b",", false, place, &never).expect("text").node, Node::Unknown(Unknowns::BUDGET)));
        assert!(asked.get() > 100_001 * size_of::<Value>(), "what the parts take, not what the text does");
        assert!(matches!(join(&[commas], place, 1 << 20, &never, &|_| Unknowns::BUDGET).node, Node::Unknown(Unknowns::BUDGET)));
        let parts = |trim| split(&text(" a,, b ,"), b",", trim, place, &|_| true).expect("text");
        assert_eq!(parts(false).print(), " a, ,  b , ");
        assert_eq!(parts(true).print(), "a, , b, ");
    }
}
