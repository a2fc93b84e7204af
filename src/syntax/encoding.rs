//! Text stored as UTF-16 or UTF-32, read as UTF-8 with a map back to the stored bytes.
//!
//! Not a converter of everything: UTF-8 and unknown encodings are scanned as they are. Nothing in a file can end the
//! reading or hide what follows: ASCII text in the middle of a wide file, and wide text that lost a byte and is out of
//! step, are read too.

use std::ops::Range;

use crate::base::span::{FileId, Span, offset};
use crate::base::text_map::Text;

/// An encoding with units of more than one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

/// Where a first NUL must stand for bytes without a mark to be thought of as wide.
const FIRST_LOOK: usize = 512;
/// How much of the start the guess is made from.
const SECOND_LOOK: usize = 4096;
/// Units in a row that must look out of place before they are read in another way: two characters of CJK text often
/// make four ASCII ones, sixteen hardly ever.
const STRETCH: usize = 8;

/// The encoding of an input by its first bytes; None where they are to be scanned as they stand.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] => Some(Encoding::Utf32Le),
        [0, 0, 0xFE, 0xFF, ..] => Some(Encoding::Utf32Be),
        [0xFF, 0xFE, ..] => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Encoding::Utf16Be),
        _ => {
            memchr::memchr(0, &bytes[..bytes.len().min(FIRST_LOOK)])?;
            by_zeros(&bytes[..bytes.len().min(SECOND_LOOK)])
        }
    }
}

/// Text is mostly ASCII, so its zeros stand in step.
fn by_zeros(head: &[u8]) -> Option<Encoding> {
    let groups = head.len() / 4;
    if groups < 2 {
        return None;
    }
    let mut zeros = [0usize; 4];
    for group in head.chunks_exact(4) {
        for (count, byte) in zeros.iter_mut().zip(group) {
            *count += usize::from(*byte == 0);
        }
    }
    let most = |n: usize| n * 20 >= groups * 19;
    let many = |n: usize| n * 10 >= groups * 3;
    let few = |n: usize| n * 10 <= groups;
    let [a, b, c, d] = zeros;
    if few(a) && many(b) && most(c) && most(d) {
        return Some(Encoding::Utf32Le);
    }
    if most(a) && most(b) && many(c) && few(d) {
        return Some(Encoding::Utf32Be);
    }
    if few(a) && few(c) && many(b) && many(d) {
        return Some(Encoding::Utf16Le);
    }
    (many(a) && many(c) && few(b) && few(d)).then_some(Encoding::Utf16Be)
}

/// The text of bytes in a known encoding: an input, or a window of one that starts at a whole unit. Spans are in the
/// stored bytes, from their start.
#[must_use]
pub fn decode_as(encoding: Encoding, bytes: &[u8], file: FileId) -> Text {
    let mut writer = Writer { text: Text::new(), file, stretch: Stretch::NONE, utf8: Vec::new() };
    match encoding {
        Encoding::Utf16Le => decode_16(bytes, u16::from_le_bytes, &mut writer),
        Encoding::Utf16Be => decode_16(bytes, u16::from_be_bytes, &mut writer),
        Encoding::Utf32Le => decode_32(bytes, u32::from_le_bytes, &mut writer),
        Encoding::Utf32Be => decode_32(bytes, u32::from_be_bytes, &mut writer),
    }
    writer.flush();
    writer.text
}

/// The mark at the start of a text.
const MARK: u32 = 0xFEFF;

/// Like neighbours: characters of one width in UTF-8 from units of one width.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stretch {
    start: usize,
    end: usize,
    text_step: u8,
    source_step: u8,
}

impl Stretch {
    const NONE: Stretch = Stretch { start: 0, end: 0, text_step: 0, source_step: 0 };
}

struct Writer {
    text: Text,
    file: FileId,
    stretch: Stretch,
    utf8: Vec<u8>,
}

impl Writer {
    fn push(&mut self, c: char, at: Range<usize>) {
        let mut buffer = [0; 4];
        let utf8 = c.encode_utf8(&mut buffer).as_bytes();
        let (text_step, source_step) = (small(utf8.len()), small(at.len()));
        let last = self.stretch;
        if (last.text_step, last.source_step, last.end) == (text_step, source_step, at.start) {
            self.stretch.end = at.end;
        } else {
            self.flush();
            self.stretch = Stretch { start: at.start, end: at.end, text_step, source_step };
        }
        self.utf8.extend_from_slice(utf8);
    }

    /// Bytes that stand for themselves.
    fn push_raw(&mut self, bytes: &[u8], at: Range<usize>) {
        self.flush();
        self.text.push_exact(bytes, self.span(&at));
    }

    fn flush(&mut self) {
        let Stretch { start, end, text_step, source_step } = std::mem::replace(&mut self.stretch, Stretch::NONE);
        if start < end {
            self.text.push_run(&self.utf8, self.span(&(start..end)), text_step, source_step);
        }
        self.utf8.clear();
    }

    fn span(&self, at: &Range<usize>) -> Span {
        Span::new(self.file, offset(at.start)..offset(at.end))
    }
}

fn decode_16(bytes: &[u8], read: fn([u8; 2]) -> u16, writer: &mut Writer) {
    let unit = |at: usize| bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok()).map(read);
    let mut at = 0;
    // The ends of stretches that were measured and found too short, so that nothing is measured twice.
    let (mut plain_until, mut shifted_until) = (0, 0);
    while let Some(value) = unit(at) {
        if at >= plain_until && bytes[at..at + 2].iter().all(|byte| is_text(*byte)) {
            let end = at + 2 * bytes[at..].chunks_exact(2).take_while(|pair| pair.iter().all(|byte| is_text(*byte))).count();
            if end - at >= 2 * STRETCH {
                // The stretch may begin or end in the middle of a unit.
                let start = at - usize::from(at > 0 && is_text(bytes[at - 1]));
                let stop = end + usize::from(bytes.get(end).is_some_and(|byte| is_text(*byte)));
                writer.push_raw(&bytes[start..stop], start..stop);
                at = end;
                continue;
            }
            plain_until = end;
        }
        let swapped = |at: usize| unit(at).map(u16::swap_bytes).and_then(|v| u8::try_from(v).ok()).filter(|b| is_text(*b));
        if at >= shifted_until && swapped(at).is_some() {
            let count = (at..bytes.len()).step_by(2).take_while(|at| swapped(*at).is_some()).count();
            let end = at + 2 * count;
            if count >= STRETCH {
                for at in (at..end).step_by(2) {
                    writer.push(swapped(at).map_or(char::REPLACEMENT_CHARACTER, char::from), at..at + 2);
                }
                at = end;
                continue;
            }
            shifted_until = end;
        }
        let next = if matches!(value, 0xD800..=0xDBFF) { unit(at + 2).filter(|low| matches!(low, 0xDC00..=0xDFFF)) } else { None };
        let (c, width) = match next {
            Some(low) => (0x10000 + ((u32::from(value) - 0xD800) << 10) + (u32::from(low) - 0xDC00), 4),
            None => (u32::from(value), 2),
        };
        if at > 0 || c != MARK {
            writer.push(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER), at..at + width);
        }
        at += width;
    }
    push_rest(bytes, at, writer);
}

fn decode_32(bytes: &[u8], read: fn([u8; 4]) -> u32, writer: &mut Writer) {
    let mut at = 0;
    while let Some(unit) = bytes.get(at..at + 4) {
        match unit.try_into().ok().map(read).map(|value| (value, char::from_u32(value))) {
            Some((MARK, _)) if at == 0 => {}
            Some((_, Some(c))) => writer.push(c, at..at + 4),
            // No character at all: bytes of some other text.
            _ => writer.push_raw(unit, at..at + 4),
        }
        at += 4;
    }
    push_rest(bytes, at, writer);
}

fn push_rest(bytes: &[u8], at: usize, writer: &mut Writer) {
    if let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        writer.push_raw(rest, at..bytes.len());
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

fn small(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 4] = [Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Utf32Le, Encoding::Utf32Be];

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Utf32Le => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Encoding::Utf32Be => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        }
    }

    #[test]
    fn ordinary_bytes_are_scanned_as_they_are() {
        for bytes in ["".as_bytes(), b"key = value\n", "schlüssel = ü".as_bytes(), b"\xEF\xBB\xBFkey", b"\x7fELF\0\0\0\0\x02\x00\x3e"] {
            assert_eq!(detect(bytes), None);
        }
        let mut stray = b"key = value\n".repeat(50);
        stray[7] = 0;
        assert_eq!(detect(&stray), None, "one NUL makes no wide text");
    }

    #[test]
    fn every_encoding_is_known_with_and_without_its_mark() {
        let text = "[default]\nkey = wert \u{e9}\u{4e2d}\u{1F511}\n";
        for encoding in ALL {
            for mark in ["", "\u{FEFF}"] {
                let bytes = encode(&format!("{mark}{text}"), encoding);
                assert_eq!(detect(&bytes), Some(encoding), "{encoding:?} {mark:?}");
                let decoded = decode_as(encoding, &bytes, FileId(0));
                assert_eq!(decoded.to_str(), text);
                let at = text.find("wert").expect("there");
                let span = decoded.span(at..at + 4).expect("known");
                assert_eq!(&bytes[span.range()], encode("wert", encoding), "{encoding:?}");
                let key = text.find('\u{1F511}').expect("there");
                assert_eq!(&bytes[decoded.span(key..key + 4).expect("known").range()], encode("\u{1F511}", encoding));
            }
        }
    }

    /// A mark in front does not hide what follows in ASCII, in step or out of it.
    #[test]
    fn ascii_inside_wide_text_is_read() {
        let line = "token = 0123456789abcdefghij";
        for encoding in ALL {
            let unit = encode("a", encoding).len();
            for gap in 0..unit {
                let mut bytes = encode("\u{FEFF}wide\n", encoding);
                bytes.extend(std::iter::repeat_n(b'\n', gap));
                let start = bytes.len();
                bytes.extend_from_slice(line.as_bytes());
                bytes.extend(encode("\nwide again", encoding));
                let text = decode_as(encoding, &bytes, FileId(0));
                if unit == 2 {
                    let at = text.to_str().find(line).unwrap_or_else(|| panic!("{encoding:?} {gap} {}", text.to_str().escape_debug()));
                    assert_eq!(text.span(at..at + line.len()).expect("known").start as usize, start);
                } else {
                    assert!(text.to_str().contains(&line[4..24]), "{encoding:?} {gap}");
                }
            }
        }
    }

    /// A byte lost in the middle shifts everything behind it.
    #[test]
    fn wide_text_out_of_step_is_read() {
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let mut bytes = encode("\u{FEFF}in step\n", encoding);
            bytes.push(b'!');
            bytes.extend(encode("out of step, and still there", encoding));
            let text = decode_as(encoding, &bytes, FileId(0));
            assert!(text.to_str().contains("ut of step, and still ther"), "{encoding:?} {:?}", text.to_str());
        }
    }

    proptest::proptest! {
        #[test]
        fn decoding_gives_back_what_was_encoded(text in "[a-z \né中🔑]{0,80}") {
            for encoding in ALL {
                let bytes = encode(&text, encoding);
                let decoded = decode_as(encoding, &bytes, FileId(0));
                // Where CJK pairs happen to be ASCII bytes, the bytes stand for themselves.
                proptest::prop_assert_eq!(decoded.to_str(), text.as_str());
                for (at, c) in text.char_indices() {
                    let span = decoded.span(at..at + c.len_utf8()).expect("known");
                    let utf = encode(&c.to_string(), encoding);
                    proptest::prop_assert_eq!(&bytes[span.range()], utf.as_slice());
                }
            }
        }

        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(0u8.., 0..200)) {
            for encoding in ALL {
                let text = decode_as(encoding, &bytes, FileId(0));
                let end = text.span(0..text.len()).map_or(0, |s| s.end as usize);
                proptest::prop_assert!(end <= bytes.len());
            }
        }
    }
}
