//! Sections, keys and values, a pair to a line: INI, `.properties`, flat TOML and YAML. Nothing is expanded; a value
//! that goes on in the next line ends where its own does.

use std::ops::Range;

use super::line::{closed, lines, trimmed};

/// One pair. Ranges are bytes of the file; a value's quotes are outside of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What stands between the brackets of the last header; empty before the first one.
    pub section: Range<usize>,
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// The pairs of a file, in order. What is no pair is passed over.
#[must_use]
pub fn entries(bytes: &[u8]) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut section = 0..0;
    for line in lines(bytes) {
        let line = trimmed(bytes, line);
        match bytes.get(line.start) {
            None | Some(b'#' | b';' | b'!') => {}
            Some(b'[') => {
                let open = line.start + bytes[line.clone()].iter().take_while(|byte| **byte == b'[').count();
                let close = memchr::memchr(b']', &bytes[open..line.end]).map_or(line.end, |at| open + at);
                section = open..close;
            }
            Some(_) => pairs(bytes, line, &section, &mut all),
        }
    }
    all
}

fn pairs(bytes: &[u8], line: Range<usize>, section: &Range<usize>, all: &mut Vec<Entry>) {
    let Some(at) = separator(&bytes[line.clone()]).map(|at| line.start + at) else { return };
    let key = unquoted(bytes, trimmed(bytes, line.start..at));
    let rest = trimmed(bytes, at + 1..line.end);
    if key.is_empty() {
        return;
    }
    if bytes.get(rest.start) == Some(&b'{') && table(bytes, rest.clone(), section, all) {
        return;
    }
    all.push(Entry { section: section.clone(), key, value: value(bytes, rest) });
}

/// The first `=`, or a `:` before it that ends a word: `//host/:_authToken=x` is a key with colons, `a: b=c` is none.
fn separator(line: &[u8]) -> Option<usize> {
    let equals = memchr::memchr(b'=', line);
    let before = &line[..equals.unwrap_or(line.len())];
    let ends_word = |at: &usize| *at > 0 && line.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    memchr::memchr_iter(b':', before).find(ends_word).or(equals)
}

fn value(bytes: &[u8], rest: Range<usize>) -> Range<usize> {
    let quote = bytes.get(rest.start).filter(|byte| !rest.is_empty() && matches!(byte, b'"' | b'\''));
    if let Some(close) = quote.and_then(|quote| closed(bytes, rest.start + 1..rest.end, *quote)) {
        return rest.start + 1..close;
    }
    let text = &bytes[rest.clone()];
    let is_comment = |at: &usize| matches!(text[*at], b'#' | b';') && (*at == 0 || text[at - 1].is_ascii_whitespace());
    let end = (0..text.len()).find(is_comment).unwrap_or(text.len());
    trimmed(bytes, rest.start..rest.start + end)
}

fn unquoted(bytes: &[u8], key: Range<usize>) -> Range<usize> {
    let is_quoted = key.len() >= 2 && matches!(bytes[key.start], b'"' | b'\'') && bytes[key.end - 1] == bytes[key.start];
    if is_quoted { key.start + 1..key.end - 1 } else { key }
}

/// `{ username = "a", password = "b" }`. Whether it was one.
fn table(bytes: &[u8], rest: Range<usize>, section: &Range<usize>, all: &mut Vec<Entry>) -> bool {
    let before = all.len();
    let mut at = rest.start + 1;
    while let Some(equals) = memchr::memchr(b'=', &bytes[at..rest.end]).map(|found| at + found) {
        let key = unquoted(bytes, trimmed(bytes, at..equals));
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let from = trimmed(bytes, equals + 1..rest.end).start;
        let quote = bytes.get(from).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let close = quote.and_then(|quote| closed(bytes, from + 1..rest.end, quote));
        if key.is_empty() || !bytes[key.clone()].iter().all(is_key) {
            break;
        }
        let end = memchr::memchr2(b',', b'}', &bytes[from..rest.end]).map_or(rest.end, |found| from + found);
        let value = close.map_or_else(|| trimmed(bytes, from..end), |close| from + 1..close);
        let behind = close.map_or(end, |close| close + 1);
        all.push(Entry { section: section.clone(), key, value });
        at = memchr::memchr(b',', &bytes[behind..rest.end]).map_or(rest.end, |found| behind + found + 1);
    }
    all.len() > before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triples(text: &str) -> Vec<(&str, &str, &str)> {
        entries(text.as_bytes()).into_iter().map(|e| (&text[e.section], &text[e.key], &text[e.value])).collect()
    }

    #[test]
    fn the_usual_spellings() {
        let text = "\u{FEFF}a=1\r\n# c\n; c\n! c\n[default]\nb = two words # note\n c: 'it # is'\nd=\"x\\\"y\" ; z\ne=\n[[x.y]]\n\"f\"= g=h\n:k: v\nlast:";
        let want = [
            ("", "a", "1"),
            ("default", "b", "two words"),
            ("default", "c", "it # is"),
            ("default", "d", "x\\\"y"),
            ("default", "e", ""),
            ("x.y", "f", "g=h"),
            ("x.y", ":k", "v"),
            ("x.y", "last", ""),
        ];
        assert_eq!(triples(text), want);
        assert_eq!(triples("//host.test/:_authToken=x"), [("", "//host.test/:_authToken", "x")]);
    }

    #[test]
    fn tables_on_a_line() {
        assert_eq!(triples("r = { user = \"a\", token = \"b,c\" }"), [("", "user", "a"), ("", "token", "b,c")]);
        assert_eq!(triples("token = {\"a\":\"b==\"}"), [("", "token", "{\"a\":\"b==\"}")]);
        assert_eq!(triples("t = {"), [("", "t", "{")]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::sample::select(b"A=:\"'{},\\\n\r #[]x".to_vec()), 0..120)) {
            for entry in entries(&bytes) {
                proptest::prop_assert!(entry.key.start < entry.key.end && entry.key.end <= entry.value.start);
                proptest::prop_assert!(entry.value.start <= entry.value.end && entry.value.end <= bytes.len());
            }
        }
    }
}
