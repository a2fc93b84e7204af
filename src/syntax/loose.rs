//! Keys with literal values in what no parser takes: templates, broken documents, settings inside of code. Pairs alone,
//! told by a `:` or a `=` between two words; nothing of the structure.

use std::ops::Range;

use super::line::{closed, trimmed};

/// A key and its value; quotes are outside of both. Ranges are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// The pairs of a text, in order. A value is what stands between quotes, or else what follows up to the end of its line,
/// to a comma or to a comment. Linear in the text.
#[must_use]
pub fn pairs(bytes: &[u8]) -> Vec<Pair> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b':', b'=', &bytes[at..]) {
        let sign = at + found;
        at = sign + 1;
        if bytes[sign] == b':' && bytes.get(at) == Some(&b':') {
            // `Acme::Application`.
            at += 1;
            continue;
        }
        let start = line_start(bytes, sign);
        if is_comment(&bytes[start..sign]) || is_in_action(&bytes[start..sign]) {
            continue;
        }
        // `=>` of PHP and Ruby, `:=` of Go.
        let behind = sign + 1 + usize::from(matches!(bytes.get(sign + 1), Some(b'=' | b'>')));
        let Some(key) = key(bytes, start..sign) else { continue };
        let end = memchr::memchr2(b'\n', b'\r', &bytes[behind..]).map_or(bytes.len(), |found| behind + found);
        let rest = trimmed(bytes, behind..end.min(behind + MAX_LINE));
        let Some((value, next)) = value(bytes, rest) else { continue };
        at = next.max(at);
        all.push(Pair { key, value });
    }
    all
}

/// Bytes of a line that are looked at on either side of a sign.
const MAX_LINE: usize = 16 << 10;
/// Bytes of a key.
const MAX_KEY: usize = 128;

fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(MAX_KEY);
    memchr::memrchr2(b'\n', b'\r', &bytes[from..at]).map_or(from, |found| from + found + 1)
}

fn is_comment(before: &[u8]) -> bool {
    let text = before.trim_ascii_start();
    text.starts_with(b"#") || text.starts_with(b"//") || text.starts_with(b"--")
}

/// Whether a sign stands between the braces of a template: what it sets is no text of the file's.
fn is_in_action(before: &[u8]) -> bool {
    memchr::memmem::rfind(before, b"{{").is_some_and(|open| memchr::memmem::find(&before[open..], b"}}").is_none())
}

/// The word before a sign, between quotes or alone.
fn key(bytes: &[u8], before: Range<usize>) -> Option<Range<usize>> {
    let mut text = trimmed(bytes, before);
    // `environ["TOKEN"] = …`
    if bytes[text.clone()].ends_with(b"\"]") || bytes[text.clone()].ends_with(b"']") {
        text.end -= 1;
    }
    let last = bytes[text.clone()].last()?;
    if matches!(last, b'"' | b'\'') {
        let end = text.end - 1;
        let open = memchr::memrchr(*last, &bytes[text.start..end]).map(|found| text.start + found + 1)?;
        return (open < end).then_some(open..end);
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@');
    let length = bytes[text.clone()].iter().rev().take_while(|byte| is_word(byte)).count();
    (length > 0).then(|| text.end - length..text.end)
}

/// The value that begins a range, and where to go on.
fn value(bytes: &[u8], rest: Range<usize>) -> Option<(Range<usize>, usize)> {
    let first = *bytes[rest.clone()].first()?;
    if matches!(first, b'"' | b'\'') {
        let close = closed(bytes, rest.start + 1..rest.end, first)?;
        return Some((rest.start + 1..close, close + 1));
    }
    if matches!(first, b'{' | b'[' | b'(' | b'|' | b'>' | b'&' | b'*') && !bytes[rest.clone()].starts_with(b"{{") {
        return None;
    }
    let text = &bytes[rest.clone()];
    let ends = |at: &usize| match text[*at] {
        b',' | b';' => true,
        b'#' => *at > 0 && text[at - 1].is_ascii_whitespace(),
        _ => false,
    };
    let end = (0..text.len()).find(ends).unwrap_or(text.len());
    let value = trimmed(bytes, rest.start..rest.start + end);
    Some((value.clone(), value.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        pairs(text.as_bytes()).into_iter().map(|pair| (&text[pair.key], &text[pair.value])).collect()
    }

    #[test]
    fn the_usual_spellings() {
        assert_eq!(read("{\"a\": \"x\\\"y\", \"b\":2, \"c\": {\"d\": 'e'}"), [("a", "x\\\"y"), ("b", "2"), ("d", "e")]);
        assert_eq!(
            read("a: two words # note\n# b: c\n  d: {{ .Values.x }}\ne:\n  f: g"),
            [("a", "two words"), ("d", "{{ .Values.x }}"), ("f", "g")]
        );
        assert_eq!(read("'a' => 'b', $x = \"y\"; k := 'v'"), [("a", "b"), ("$x", "y"), ("k", "v")]);
        assert_eq!(read("{{- $a := \"b\" }}\n{{ if x }}c: d{{ end }}"), [("c", "d{{ end }}")]);
        assert_eq!(read("url: http://host:80/x"), [("url", "http://host:80/x")]);
    }

    #[test]
    fn one_long_line_is_read_once() {
        let text = "a=".repeat(200_000);
        assert!(pairs(text.as_bytes()).len() < 200_000);
        let text = "\"a\":\"".repeat(100_000);
        assert!(pairs(text.as_bytes()).len() < 100_000);
    }
}
