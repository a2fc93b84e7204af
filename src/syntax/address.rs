//! Addresses in a text of lines, whatever stands around them. Comments are passed over.

use std::ops::Range;

use super::line::{lines, trimmed};

/// Every `scheme://…` of a text, up to a blank, a quote or a bracket.
#[must_use]
pub fn addresses(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for line in lines(bytes).map(|line| trimmed(bytes, line)) {
        if matches!(bytes.get(line.start), Some(b'#' | b';')) {
            continue;
        }
        let mut from = line.start;
        while let Some(at) = memchr::memmem::find(&bytes[from..line.end], b"://").map(|at| from + at) {
            let of_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
            let start = at - bytes[from..at].iter().rev().take_while(of_scheme).count();
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b',' | b'`' | b']');
            let end = bytes[at + 3..line.end].iter().position(ends).map_or(line.end, |end| at + 3 + end);
            all.push(start..end);
            from = end;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_lines_and_quotes() {
        let text = "# http://no\nhttps://a:b@c\nx = [\"git+ssh://d\", 'e://f'] :// g";
        let found: Vec<&str> = addresses(text.as_bytes()).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["https://a:b@c", "git+ssh://d", "e://f", "://"]);
    }
}
