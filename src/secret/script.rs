//! Settings in a script or any other text, by what stands around a `=` or a `:`: `export KEY=value`, `key: "value"`,
//! `--key value`. Not a shell: what is quoted oddly is read as far as it goes.

use std::ops::Range;

/// A key and its value, as ranges of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// The longest key and the longest value: what is longer is neither.
const LONGEST_KEY: usize = 80;
const LONGEST_VALUE: usize = 4096;

/// The settings of a text, in order.
pub fn pairs(bytes: &[u8]) -> impl Iterator<Item = Pair> + '_ {
    memchr::memchr3_iter(b'=', b':', b'-', bytes).filter_map(|at| match bytes[at] {
        b'-' => flag(bytes, at),
        sign => {
            let key = key_before(bytes, at)?;
            let value = value_after(bytes, at, sign)?;
            Some(Pair { key, value })
        }
    })
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name that ends before a sign, its quotes left out.
fn key_before(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let least = at.saturating_sub(LONGEST_KEY);
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\');
    let end = least + bytes[least..at].iter().rposition(|byte| !blank(byte))? + 1;
    let start = bytes[least..end].iter().rposition(|byte| !is_key(*byte)).map_or(least, |before| least + before + 1);
    let start = start + bytes[start..end].iter().take_while(|byte| **byte == b'-').count();
    if start >= end || !(bytes[start].is_ascii_alphabetic() || bytes[start] == b'_') {
        return None;
    }
    // What is read and compared is set nowhere; at the beginning of a line, PowerShell sets it.
    if start > 0 && matches!(bytes[start - 1], b'$' | b'{') {
        let line = memchr::memrchr(b'\n', &bytes[least..start]).map_or(least, |line| least + line + 1);
        if bytes[start - 1] == b'{' || !bytes[line..start - 1].iter().all(u8::is_ascii_whitespace) {
            return None;
        }
    }
    Some(start..end)
}

fn value_after(bytes: &[u8], at: usize, sign: u8) -> Option<Range<usize>> {
    let rest = bytes.get(at + 1..)?;
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let next = *rest.get(blanks)?;
    let compared = at > 0 && matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b':' | b'+') || next == b'=';
    // `a:b` is an address or a namespace; `a: b` and `"a":"b"` are settings.
    let is_setting = sign == b'=' || blanks > 0 || matches!(next, b'"' | b'\'');
    if compared || !is_setting {
        return None;
    }
    // A shell takes what follows a blank for the next word.
    value_at(bytes, at + 1 + blanks)
}

/// What is quoted at a place, or what stands there up to the next blank.
fn value_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let escaped = bytes[at..].starts_with(b"\\\"") || bytes[at..].starts_with(b"\\'");
    let start = at + usize::from(escaped);
    let limit = bytes.len().min(start + LONGEST_VALUE);
    let quote = *bytes.get(start)?;
    if matches!(quote, b'"' | b'\'') {
        let from = start + 1;
        let mut end = from;
        while end < limit && bytes[end] != b'\n' {
            if bytes[end] == quote {
                let end = if escaped && end > from && bytes[end - 1] == b'\\' { end - 1 } else { end };
                return Some(from..end).filter(|value| !value.is_empty());
            }
            end += if bytes[end] == b'\\' && !escaped { 2 } else { 1 };
        }
        return None;
    }
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'&' | b'|' | b'<' | b'>' | b',' | b')' | b'`');
    let end = bytes[start..limit].iter().position(ends).map_or(limit, |length| start + length);
    (end > start).then_some(start..end)
}

/// `--db-password value`, from its first hyphen.
fn flag(bytes: &[u8], at: usize) -> Option<Pair> {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if bytes.get(at + 1) != Some(&b'-') || before.is_some_and(|byte| !byte.is_ascii_whitespace()) {
        return None;
    }
    let start = at + 2;
    let length = bytes[start..].iter().take(LONGEST_KEY).take_while(|byte| is_key(**byte)).count();
    let end = start + length;
    if length == 0 || bytes.get(end) != Some(&b' ') || matches!(bytes.get(end + 1), None | Some(b'-' | b' ' | b'\\')) {
        return None;
    }
    Some(Pair { key: start..end, value: value_at(bytes, end + 1)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        pairs(text.as_bytes()).map(|pair| (&text[pair.key], &text[pair.value])).collect()
    }

    #[test]
    fn settings_of_many_tongues() {
        assert_eq!(read("#!/bin/sh\nexport A_B=c d\n"), [("A_B", "c")]);
        assert_eq!(read("A=\"b c\"; D='e'"), [("A", "b c"), ("D", "e")]);
        assert_eq!(read("export X=\\\"y z\\\"\n"), [("X", "y z")]);
        assert_eq!(read("a.b: c\n\"k\":\"v\"\n'q': 'r'\n"), [("a.b", "c"), ("k", "v"), ("q", "r")]);
        assert_eq!(read("  $Password = \"b\"\n"), [("Password", "b")]);
        assert_eq!(read("aws rds x --master-user-password y --flag --other=z"), [("master-user-password", "y"), ("other", "z")]);
        // gatepost: ignore[password-assigned] made up for an example
        assert_eq!(read("mysql --password=\"a\\\"b\" x"), [("password", "a\\\"b")]);
    }

    #[test]
    fn what_sets_nothing_is_none() {
        for text in [
            "",
            "=",
            ":",
            "--",
            "a==b",
            "a != b",
            "[ \"$A\" = \"b\" ]",
            "http://x",
            "a::b",
            "${A:-b}",
            "A=",
            "A=\"\"",
            "A=\"b",
            "x --y",
            "1=2",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(proptest::sample::select(b"a=:-\"'\\ $\n{".to_vec()), 0..200)) {
            for pair in pairs(&bytes) {
                proptest::prop_assert!(pair.key.end <= pair.value.start && pair.value.end <= bytes.len());
            }
        }
    }
}
