//! Units of systemd: what `Environment=` sets. Not the manager's whole grammar: sections and other directives are passed over.

use std::ops::Range;

use super::dotenv::Entry;

/// The assignments of `Environment=` lines, in order. A word is `KEY=value`, quoted as a whole or not at all.
#[must_use]
pub fn environment(bytes: &[u8]) -> Vec<Entry> {
    let (mut all, mut at, mut goes_on) = (Vec::new(), 0, false);
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line| at + line);
        let line = &bytes[at..end];
        let text = line.trim_ascii_start();
        let start = end - text.len();
        if !text.starts_with(b"#") && !text.starts_with(b";") {
            let sets = text.strip_prefix(b"Environment").map(<[u8]>::trim_ascii_start).and_then(|rest| rest.strip_prefix(b"="));
            match sets {
                Some(rest) => words(bytes, end - rest.len()..end, &mut all),
                None if goes_on => words(bytes, start..end, &mut all),
                None => {}
            }
            goes_on = (goes_on || sets.is_some()) && text.trim_ascii_end().ends_with(b"\\");
        }
        at = end + 1;
    }
    all
}

fn words(bytes: &[u8], line: Range<usize>, all: &mut Vec<Entry>) {
    let mut at = line.start;
    while at < line.end {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let quote = Some(bytes[at]).filter(|byte| matches!(byte, b'"' | b'\''));
        let start = at + usize::from(quote.is_some());
        let ends = |byte: &u8| quote.map_or(byte.is_ascii_whitespace(), |quote| *byte == quote);
        let end = bytes[start..line.end].iter().position(ends).map_or(line.end, |length| start + length);
        if let Some(sign) = memchr::memchr(b'=', &bytes[start..end]) {
            all.push(Entry { key: start..start + sign, value: start + sign + 1..end });
        }
        at = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_unit_sets() {
        let text =
            "[Service]\n#Environment=A=b\nEnvironment=PORT=80 \"KEY=a b\" \\\n  'MORE=c'\nExecStart=/x A=b\nEnvironment = LAST=d=e\n";
        let read: Vec<_> = environment(text.as_bytes()).into_iter().map(|entry| (&text[entry.key], &text[entry.value])).collect();
        assert_eq!(read, [("PORT", "80"), ("KEY", "a b"), ("MORE", "c"), ("LAST", "d=e")]);
        for broken in ["Environment=", "Environment=\"", "Environment=\\", "Environment=\"A=b", "\\\n\\"] {
            let all = environment(broken.as_bytes());
            assert!(all.iter().all(|entry| entry.value.start <= entry.value.end && entry.value.end <= broken.len()), "{broken}");
        }
    }
}
