//! Lines of a text and what stands in them, as ranges of its bytes.

use std::ops::Range;

/// The lines of a text without their ends, and without a byte order mark.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |found| at + found);
        let line = at..end;
        at = end + 1;
        Some(line)
    })
}

/// A range without the blanks at its ends.
pub(super) fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &bytes[range.clone()];
    let start = range.start + (text.len() - text.trim_ascii_start().len());
    start..start + text.trim_ascii().len()
}

/// Where a quote is closed that was opened before `range`; `\` hides the byte behind it between double quotes.
pub(super) fn closed(bytes: &[u8], range: Range<usize>, quote: u8) -> Option<usize> {
    let mut at = range.start;
    while at < range.end {
        match bytes[at] {
            byte if byte == quote => return Some(at),
            b'\\' if quote == b'"' => at += 2,
            _ => at += 1,
        }
    }
    None
}
