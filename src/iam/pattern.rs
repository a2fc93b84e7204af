//! Patterns with `*` and `?`: whether one takes in all that another matches, and whether two have anything in common.

use crate::base::text_map::HOLE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Any,
    /// What is not known of a text.
    Hole,
}

/// The longest pattern that is laid over another one, in symbols; IAM takes none as long.
const MAX: usize = 4096;

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    symbols: Vec<Symbol>,
    holes: bool,
}

impl Pattern {
    pub fn of(bytes: &[u8]) -> Pattern {
        let (mut symbols, mut at, mut holes) = (Vec::with_capacity(bytes.len()), 0, false);
        while let Some(byte) = bytes.get(at) {
            let hole = bytes[at..].starts_with(HOLE.as_bytes());
            holes |= hole;
            let symbol = match byte {
                _ if hole => Symbol::Hole,
                b'*' => Symbol::Any,
                b'?' => Symbol::One,
                byte => Symbol::Byte(*byte),
            };
            // Two stars in a row are one.
            if symbol != Symbol::Any || symbols.last() != Some(&Symbol::Any) {
                symbols.push(symbol);
            }
            at += if hole { HOLE.len() } else { 1 };
        }
        Pattern { symbols, holes }
    }

    /// The same, letters of either case taken as one.
    pub fn folded(bytes: &[u8]) -> Pattern {
        Pattern::of(&bytes.to_ascii_lowercase())
    }

    /// Whether all that another pattern matches is matched by this one; None where a hole of this one decides. A `?` of
    /// this pattern stands for a sign or a `?` of the other: of those that are no the letter of it, some are yes.
    pub fn covers(&self, other: &Pattern) -> Option<bool> {
        if self.symbols.len() > MAX || other.symbols.len() > MAX {
            return Some(false);
        }
        if lies_over(&self.symbols, &other.symbols) {
            return if self.holes { None } else { Some(true) };
        }
        if !self.holes {
            return Some(false);
        }
        // A hole can at most be everything.
        let widest: Vec<Symbol> = self.symbols.iter().map(|symbol| if *symbol == Symbol::Hole { Symbol::Any } else { *symbol }).collect();
        if lies_over(&widest, &other.symbols) { None } else { Some(false) }
    }

    /// Whether some text is matched by both, a hole being any text.
    pub fn meets(&self, other: &Pattern) -> bool {
        if self.symbols.len() > MAX || other.symbols.len() > MAX {
            return true;
        }
        let loose = |symbol: &Symbol| matches!(symbol, Symbol::Any | Symbol::Hole);
        // `row[j]`: what is read of this one and the first j symbols of the other have a text in common.
        let mut row = vec![false; other.symbols.len() + 1];
        row[0] = true;
        for (j, symbol) in other.symbols.iter().enumerate() {
            row[j + 1] = row[j] && loose(symbol);
        }
        for p in &self.symbols {
            let mut next = vec![false; row.len()];
            next[0] = row[0] && loose(p);
            for (j, q) in other.symbols.iter().enumerate() {
                next[j + 1] = match (p, q) {
                    (p, q) if loose(p) || loose(q) => row[j + 1] || next[j] || row[j],
                    (Symbol::One, _) | (_, Symbol::One) => row[j],
                    (p, q) => row[j] && p == q,
                };
            }
            row = next;
        }
        row[other.symbols.len()]
    }
}

/// Whether a pattern matches the symbols of another one, the wildcards of which only wildcards take.
fn lies_over(pattern: &[Symbol], over: &[Symbol]) -> bool {
    let (mut p, mut o) = (0, 0);
    // Where to go on when the last star takes one symbol more.
    let mut star: Option<(usize, usize)> = None;
    while o < over.len() {
        let fits = match (pattern.get(p), over[o]) {
            (Some(Symbol::Any), _) => {
                star = Some((p + 1, o));
                p += 1;
                continue;
            }
            (Some(Symbol::One), symbol) => symbol != Symbol::Any && symbol != Symbol::Hole,
            (Some(Symbol::Hole) | None, _) => false,
            (Some(byte), symbol) => *byte == symbol,
        };
        if fits {
            (p, o) = (p + 1, o + 1);
        } else if let Some((after, taken)) = star {
            star = Some((after, taken + 1));
            (p, o) = (after, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|symbol| *symbol == Symbol::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a text is matched, by the definition.
    fn matches(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.first() {
            None => text.is_empty(),
            Some(b'*') => (0..=text.len()).any(|taken| matches(&pattern[1..], &text[taken..])),
            Some(b'?') => !text.is_empty() && matches(&pattern[1..], &text[1..]),
            Some(byte) => text.first() == Some(byte) && matches(&pattern[1..], &text[1..]),
        }
    }

    /// All texts of some letters up to a length; `c` stands in no pattern.
    fn texts() -> Vec<Vec<u8>> {
        let (mut all, mut last) = (vec![Vec::new()], vec![Vec::new()]);
        for _ in 0..6 {
            last = last.iter().flat_map(|text: &Vec<u8>| b"abc".iter().map(|letter| [text.as_slice(), &[*letter]].concat())).collect();
            all.extend(last.clone());
        }
        all
    }

    proptest::proptest! {
        /// What is said to be covered is, and without `?` in the wider pattern the other way round too.
        #[test]
        fn covering_and_meeting_are_what_brute_force_finds(wide in "[ab*?]{0,4}", narrow in "[ab*?]{0,4}") {
            let (w, n) = (Pattern::of(wide.as_bytes()), Pattern::of(narrow.as_bytes()));
            let texts = texts();
            let of_narrow: Vec<_> = texts.iter().filter(|text| matches(narrow.as_bytes(), text)).collect();
            let all = of_narrow.iter().all(|text| matches(wide.as_bytes(), text));
            let covers = w.covers(&n) == Some(true);
            proptest::prop_assert!(!covers || all, "{} is said to cover {}", wide, narrow);
            if !wide.contains('?') {
                proptest::prop_assert_eq!(covers, all, "{} over {}", wide, narrow);
            }
            let some = of_narrow.iter().any(|text| matches(wide.as_bytes(), text));
            proptest::prop_assert_eq!(w.meets(&n), some, "{} and {}", wide, narrow);
        }
    }

    #[test]
    fn a_hole_leaves_open_only_what_it_can_decide() {
        let covers = |wide: &str, narrow: &str| Pattern::of(wide.replace('…', HOLE).as_bytes()).covers(&Pattern::of(narrow.as_bytes()));
        assert_eq!(covers("…:*", "s3:*"), None);
        assert_eq!(covers("s3:…", "s3:*"), None);
        assert_eq!(covers("s3:…", "iam:PassRole"), Some(false));
        assert_eq!(covers("…:Get*", "*:*"), Some(false));
    }

    #[test]
    fn long_patterns_are_quick() {
        let wide = Pattern::of("*a".repeat(2000).as_bytes());
        let narrow = Pattern::of("a".repeat(4000).as_bytes());
        assert_eq!(wide.covers(&narrow), Some(true));
        assert_eq!(Pattern::of("*a".repeat(2000).as_bytes()).covers(&Pattern::of("ab".repeat(1900).as_bytes())), Some(false));
    }
}
