//! Patterns over text that may have holes.

use crate::base::text_map::{HOLE, Text};
use crate::base::truth::{Truth, Why};

/// The longest text that a pattern is laid over, in bytes.
const MAX_GLOB: usize = 64 << 10;

/// Whether a text matches a pattern, whatever its holes are.
pub(super) fn glob(pattern: &str, text: &Text) -> Truth {
    if text.len() > MAX_GLOB {
        return Truth::Unknown(Why::Budget);
    }
    let (pattern, symbols) = (self::pattern(pattern), known(text.bytes()));
    if matches(&pattern, &symbols, false) {
        // A hole that only a `*` took can be anything.
        return Truth::TRUE;
    }
    match text.holes().next().map(Why::Value) {
        Some(why) if matches(&pattern, &symbols, true) => Truth::Unknown(why),
        _ => Truth::False,
    }
}

/// A hole in the text is taken by a `*` of the pattern; with `loose`, it can be any text itself.
fn matches(pattern: &[Symbol], text: &[Symbol], loose: bool) -> bool {
    // `row[j]`: what of the pattern is read so far matches the first j symbols.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    if loose {
        leading(&mut row, text);
    }
    for p in pattern {
        let mut next = vec![false; text.len() + 1];
        next[0] = row[0] && *p == Symbol::Any;
        for (j, t) in text.iter().enumerate() {
            next[j + 1] = match (p, t) {
                (Symbol::Any, _) => row[j + 1] || next[j],
                (_, Symbol::Hole) => loose && (next[j] || row[j + 1] || row[j]),
                (Symbol::One, _) => row[j],
                (p, t) => row[j] && p == t,
            };
        }
        row = next;
    }
    row[text.len()]
}

/// Holes at the start may be nothing.
fn leading(row: &mut [bool], text: &[Symbol]) {
    for (j, symbol) in text.iter().enumerate() {
        if *symbol != Symbol::Hole {
            break;
        }
        row[j + 1] = true;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Byte(u8),
    /// `?` of a pattern.
    One,
    /// `*` of a pattern.
    Any,
    /// What is not known of a text.
    Hole,
}

fn pattern(pattern: &str) -> Vec<Symbol> {
    let symbol = |byte| match byte {
        b'*' => Symbol::Any,
        b'?' => Symbol::One,
        byte => Symbol::Byte(byte),
    };
    pattern.bytes().map(symbol).collect()
}

fn known(bytes: &[u8]) -> Vec<Symbol> {
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hole = bytes[at..].starts_with(HOLE.as_bytes());
        out.push(if hole { Symbol::Hole } else { Symbol::Byte(*byte) });
        at += if hole { HOLE.len() } else { 1 };
    }
    out
}

/// Whether a text with holes can be this literal.
pub(super) fn equals(literal: &str, text: &Text) -> bool {
    let literal: Vec<Symbol> = literal.bytes().map(Symbol::Byte).collect();
    text.len() > MAX_GLOB || matches(&literal, &known(text.bytes()), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::UnknownId;
    use crate::base::span::{FileId, Span};

    /// `…` stands for a hole.
    fn text(source: &str) -> Text {
        let place = Span::new(FileId(0), 0..1);
        let mut text = Text::new();
        for (number, part) in source.split('…').enumerate() {
            if number > 0 {
                text.push_hole(UnknownId(1));
            }
            text.push_within(part.as_bytes(), place);
        }
        text
    }

    #[test]
    fn holes_are_anything_and_stars_take_them() {
        let unknown = Truth::Unknown(Why::Value(UnknownId(1)));
        for (pattern, source, truth) in [
            ("a*c", "abc", Truth::TRUE),
            ("a?c", "abc", Truth::TRUE),
            ("a?c", "abbc", Truth::False),
            ("*", "", Truth::TRUE),
            ("", "", Truth::TRUE),
            ("a*c", "a…c", Truth::TRUE),
            ("abc", "a…c", unknown.clone()),
            ("ac", "a…c", unknown.clone()),
            ("abc", "…", unknown.clone()),
            ("abc", "……", unknown.clone()),
            ("abd", "a…c", Truth::False),
            ("a?c", "a…c", unknown),
            ("*b*", "…a…", Truth::Unknown(Why::Value(UnknownId(1)))),
        ] {
            assert_eq!(glob(pattern, &text(source)), truth, "{pattern} over {source}");
        }
        assert!(equals("a*c", &text("a…c")) && !equals("abc", &text("a*…")));
    }

    proptest::proptest! {
        /// Whatever fills the hole, the answer with the hole allows for.
        #[test]
        fn an_answer_with_a_hole_holds_for_every_filling(pattern in "[ab*?]{0,6}", before in "[ab]{0,3}", fill in "[ab]{0,4}", after in "[ab]{0,3}") {
            let filled = glob(&pattern, &text(&format!("{before}{fill}{after}")));
            match glob(&pattern, &text(&format!("{before}…{after}"))) {
                Truth::Unknown(_) => {}
                known => proptest::prop_assert_eq!(known, filled),
            }
        }
    }
}
