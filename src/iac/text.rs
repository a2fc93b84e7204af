//! Texts taken apart and put together, as both dialects do it. What it costs is asked for before it is made.

use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::text_map::{HOLE, Text};

use super::unknown::Unknowns;
use super::value::{Node, Value};

/// Whether so many bytes may be made.
pub type May<'m> = &'m dyn Fn(usize) -> bool;

/// Bytes that a part of a text takes beside the text itself: its value, its map of places, what holds them.
const PART: usize = size_of::<Value>() + size_of::<Text>() + 64;
/// Bytes of a number or a boolean, printed.
const PRINTED: usize = 32;

/// The parts of a text between separators, blanks around them taken off with `trim`. None where the text is not known
/// in full, or there is no separator.
#[must_use]
pub fn split(whole: &Value, separator: &[u8], trim: bool, place: Span, may: May<'_>) -> Option<Value> {
    let Node::Text(text) = &whole.node else { return None };
    if separator.is_empty() || text.holes().next().is_some() {
        return None;
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
        items.push(Value::text(text.slice(range.clone()), text.span(range).unwrap_or(whole.place)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::FileId;

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
