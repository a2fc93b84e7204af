//! UTF-16 in what is no UTF-16 as a whole: what a shell appended to a file of ASCII, strings in a program, keys between
//! words of other scripts. Only letters that UTF-16 writes with a zero are read.

use super::{Coding, Piece, span};
use crate::base::text_map::Text;

/// Fewer characters hide nothing.
const SHORTEST: usize = 8;

/// Every run of characters with a zero beside each, by place.
pub(super) fn pieces(bytes: &[u8], found: &mut Vec<Piece>) {
    let is_text = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'));
    let is_pair = |at: usize| is_text(at) && bytes.get(at + 1) == Some(&0);
    let mut done = 0;
    for zero in memchr::memchr_iter(0, bytes) {
        let Some(start) = zero.checked_sub(1).filter(|start| *start >= done && is_pair(*start)) else { continue };
        let mut end = start;
        while is_pair(end) {
            end += 2;
        }
        done = end;
        if end - start < 2 * SHORTEST {
            continue;
        }
        // Where zeros stand in front of characters the last one has none behind it.
        let mut text = Text::new();
        text.push_run(&bytes[start..end].iter().copied().step_by(2).collect::<Vec<_>>(), span(start..end), 1, 2);
        if start > 0 && bytes[start - 1] == 0 && is_text(end) {
            text.push_within(&bytes[end..=end], span(end..end + 1));
            end += 1;
        }
        found.push(Piece { range: start..end, coding: Coding::Utf16, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(String, std::ops::Range<usize>)> {
        let mut found = Vec::new();
        pieces(bytes, &mut found);
        found.into_iter().map(|piece| (String::from_utf8_lossy(piece.text.bytes()).into_owned(), piece.range)).collect()
    }

    #[test]
    fn either_order_is_read_wherever_it_stands() {
        let little: Vec<u8> = "token = here".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "token = here".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let text = [b"A=1\r\n", &little[..], "\u{6587}".as_bytes()].concat();
        assert_eq!(read(&text), [("token = here".to_owned(), 5..29)]);
        let text = [b"A=1\r\n", &big[..], b"\0\0\x04"].concat();
        assert_eq!(read(&text), [("\ntoken = here".to_owned(), 4..30)], "where the other order begins is not told");
        for none in [&b"ab\0c\0d\0e\0"[..], b"", b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", b"abcdefghijklmnop"] {
            assert_eq!(read(none), [], "{none:?}");
        }
    }
}
