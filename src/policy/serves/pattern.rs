//! The patterns of web servers: PCRE, as far as it is a regular language, and lookaheads that stand outside of all groups,
//! for `/\.(?!well-known)`. Also their globs.

use regex_automata::meta::{Config, Regex};

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 2048;
/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 256 << 10;
/// Lookaheads of a pattern.
const MAX_LOOKS: usize = 4;

/// Whether a pattern is found in a text; None where it cannot be told.
pub(super) fn found(written: &str, text: &str, any_case: bool) -> Option<bool> {
    if written.len() > MAX_PATTERN {
        return None;
    }
    if !written.contains("(?!") && !written.contains("(?=") {
        return Some(compiled(written, any_case)?.is_match(text));
    }
    let (first, looks) = split(written)?;
    // Where what was read so far may end.
    let mut ends = ends(first, text, 0..=text.len(), any_case)?;
    for (number, look) in looks.iter().enumerate() {
        let ahead = compiled(&format!("^(?:{})", look.pattern), any_case)?;
        ends.retain(|at| ahead.is_match(&text[*at..]) == look.holds);
        if number + 1 == looks.len() {
            let rest = compiled(&format!("^(?:{})", look.after), any_case)?;
            return Some(ends.iter().any(|at| rest.is_match(&text[*at..])));
        }
        let mut next = Vec::new();
        for at in ends {
            let part = compiled(&format!("^(?:{})$", look.after), any_case)?;
            next.extend((at..=text.len()).filter(|end| text.is_char_boundary(*end) && part.is_match(&text[at..*end])));
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    Some(!ends.is_empty())
}

/// A lookahead and what comes after it, up to the next.
struct Look<'p> {
    holds: bool,
    pattern: &'p str,
    after: &'p str,
}

/// What stands before the first lookahead, and all of them. None where one stands within a group, or beside a `|`.
fn split(written: &str) -> Option<(&str, Vec<Look<'_>>)> {
    let bytes = written.as_bytes();
    let (mut at, mut depth, mut in_class) = (0, 0usize, false);
    let mut cuts = Vec::new();
    let mut open = None;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b']' => in_class = false,
            _ if in_class => {}
            b'[' => in_class = true,
            b'|' if depth == 0 => return None,
            b'(' => {
                if bytes.get(at + 1) == Some(&b'?') && matches!(bytes.get(at + 2), Some(b'!' | b'=')) {
                    if depth > 0 {
                        return None;
                    }
                    open = Some(at);
                }
                depth += 1;
            }
            b')' => {
                depth = depth.checked_sub(1)?;
                if let (0, Some(from)) = (depth, open) {
                    cuts.push(from..at + 1);
                    open = None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if cuts.is_empty() || cuts.len() > MAX_LOOKS {
        return None;
    }
    let after = |number: usize, from: usize| cuts.get(number + 1).map_or(&written[from..], |next| &written[from..next.start]);
    let looks = cuts.iter().enumerate().map(|(number, cut)| Look {
        holds: bytes[cut.start + 2] == b'=',
        pattern: &written[cut.start + 3..cut.end - 1],
        after: after(number, cut.end),
    });
    Some((&written[..cuts[0].start], looks.collect()))
}

fn ends(first: &str, text: &str, all: std::ops::RangeInclusive<usize>, any_case: bool) -> Option<Vec<usize>> {
    let regex = compiled(&format!("(?:{first})$"), any_case)?;
    Some(all.filter(|end| text.is_char_boundary(*end) && regex.is_match(&text[..*end])).collect())
}

fn compiled(written: &str, any_case: bool) -> Option<Regex> {
    let limits = Config::new().nfa_size_limit(Some(MAX_COMPILED)).onepass_size_limit(Some(MAX_COMPILED));
    let syntax = regex_automata::util::syntax::Config::new().case_insensitive(any_case);
    Regex::builder().configure(limits).syntax(syntax).build(written).ok()
}

/// Whether `*` (any text), `?` (any character) and plain text are a whole text. In time of both lengths' product.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for symbol in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        next[0] = row[0] && symbol == '*';
        for (number, char) in text.iter().enumerate() {
            next[number + 1] = match symbol {
                '*' => row[number + 1] || next[number],
                '?' => row[number],
                symbol => row[number] && symbol == *char,
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookaheads_outside_of_groups_are_told() {
        let found = |pattern| super::found(pattern, "/.well-known/x", false);
        assert_eq!(found(r"/\.(?!well-known)"), Some(false));
        assert_eq!(found(r"/\.(?=well)"), Some(true));
        assert_eq!(found(r"^/\.(?!env)(?!git).*x$"), Some(true));
        assert_eq!(found(r"/\.(?!env)well(?!-known)"), Some(false));
        assert_eq!((found(r"(/\.(?!well-known))"), found(r"(?<!a)x"), found("(")), (None, None, None));
        assert_eq!(super::found(r"/\.(?!well-known).*", "/.env", false), Some(true));
        assert_eq!(super::found(r"\.ENV$", "/.env", true), Some(true));
    }

    #[test]
    fn globs_are_of_the_whole() {
        assert!(glob(".*", ".env") && glob("*.e?v", "/.env") && !glob(".en", ".env") && !glob("?", ""));
    }
}
