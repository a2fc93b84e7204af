//! `.env` files: keys and literal values. Not a shell: nothing is expanded, a value is the text between its quotes.

use std::ops::Range;

/// One assignment. Ranges are bytes of the file; a value's quotes are outside of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// The assignments of a file, in order. What is no assignment is passed over.
#[must_use]
pub fn entries(bytes: &[u8]) -> Vec<Entry> {
    let mut reader = Reader { bytes, at: 0, unclosed: [false; 256] };
    let mut all = Vec::new();
    while reader.at < bytes.len() {
        if let Some(entry) = reader.entry() {
            all.push(entry);
        }
        reader.at = reader.line_end(reader.at) + 1;
    }
    all
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Quotes that no later quote closes: looked for once, so that a file of open quotes is read in one pass.
    unclosed: [bool; 256],
}

impl Reader<'_> {
    /// The assignment on the current line; `at` is left on the last line that belongs to it.
    fn entry(&mut self) -> Option<Entry> {
        let mut at = self.skip_blanks(self.at);
        if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(b"\xEF\xBB\xBF")) {
            at = self.skip_blanks(at + 3);
        }
        for word in [&b"export"[..], b"set", b"setx", b"ENV"] {
            let after = at + word.len();
            if self.bytes.get(at..after) == Some(word) && self.bytes.get(after).is_some_and(|byte| is_blank(*byte)) {
                at = self.skip_blanks(after);
                break;
            }
        }
        let key = at..self.while_(at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if key.is_empty() || self.bytes[key.start].is_ascii_digit() {
            return None;
        }
        at = self.skip_blanks(key.end);
        if self.bytes.get(at) != Some(&b'=') {
            return None;
        }
        at = self.skip_blanks(at + 1);
        let quote = self.bytes.get(at).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        if let Some(close) = quote.and_then(|quote| self.close(at + 1, quote)) {
            self.at = close;
            return Some(Entry { key, value: at + 1..close });
        }
        let line = &self.bytes[at..self.line_end(at)];
        let comment = (1..line.len()).find(|i| line[*i] == b'#' && is_blank(line[*i - 1])).unwrap_or(line.len());
        let length = if line.first() == Some(&b'#') { 0 } else { line[..comment].trim_ascii_end().len() };
        Some(Entry { key, value: at..at + length })
    }

    /// Where a quote that was opened before `from` is closed.
    fn close(&mut self, from: usize, quote: u8) -> Option<usize> {
        if self.unclosed[usize::from(quote)] {
            return None;
        }
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            match *byte {
                byte if byte == quote => return Some(at),
                b'\\' if quote == b'"' => at += 2,
                _ => at += 1,
            }
        }
        self.unclosed[usize::from(quote)] = true;
        None
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |at| from + at)
    }

    fn skip_blanks(&self, from: usize) -> usize {
        self.while_(from, is_blank)
    }

    fn while_(&self, from: usize, holds: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| holds(**byte)).count()
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(&str, &str)> {
        entries(text.as_bytes()).into_iter().map(|e| (&text[e.key], &text[e.value])).collect()
    }

    #[test]
    fn the_usual_spellings() {
        let text =
            "# c\nA=1\r\n export B = two words # note\r\nC='it # is'\nD=\"x\\\"y\" # z\n\nE=\nF=a#b\nno assignment\n9=x\nG=`q`\nlast=end";
        let want =
            [("A", "1"), ("B", "two words"), ("C", "it # is"), ("D", "x\\\"y"), ("E", ""), ("F", "a#b"), ("G", "q"), ("last", "end")];
        assert_eq!(pairs(text), want);
        assert_eq!(pairs("\u{FEFF}A=1"), [("A", "1")]);
    }

    #[test]
    fn a_quoted_value_may_span_lines() {
        assert_eq!(pairs("A=\"one\ntwo=2\"\nB=3"), [("A", "one\ntwo=2"), ("B", "3")]);
        assert_eq!(pairs("A='open\nB=3\nC='x"), [("A", "open\nB=3\nC="),]);
        assert_eq!(pairs("A=\"open\nB=3"), [("A", "\"open"), ("B", "3")]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::sample::select(b"A=\"'`\\\n\r #x".to_vec()), 0..120)) {
            let mut last = 0;
            for entry in entries(&bytes) {
                proptest::prop_assert!(last <= entry.key.start && entry.key.end < entry.value.start && entry.value.end <= bytes.len());
                last = entry.value.end;
            }
        }
    }
}
