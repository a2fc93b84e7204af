//! Runs of base64 and of hex that read as text. Every byte of every input is looked at here, so most of it goes by in
//! steps of a few bytes, and what holds no text is left after a look at its beginning.
//!
//! A window of sixteen letters at every twelfth byte misses no run of 27: an access key id has that many. Text of ASCII leaves
//! bits unset at the same places of every four letters, so that a look at the window tells most names and digests from it.
//! How groups of four lie in a run, and where in it text begins, is tried, not presumed: other letters may stand in front of
//! it, and a long input is read in windows.

use std::ops::Range;

use super::{Coding, Piece, span};
use crate::base::text_map::Text;

const WIDTH: usize = 16;
const STEP: usize = 12;
/// Less text than this is chance.
const SHORTEST: usize = 12;
/// So much text is none by chance.
const SURE: usize = 20;
/// How far in front of a window its run is looked at.
const LATEST: usize = 256;
/// Lines that go on in the next one are at least so long.
const SHORTEST_LINE: usize = 32;
/// What is no character of text weighs this much, and text redeems it byte by byte.
const FOREIGN: u32 = 24;
const MOST_FOREIGN: u32 = 60;

/// What a byte is.
const NONE: u8 = 0xFF;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGITS: [&[u8; 16]; 2] = [b"0123456789abcdef", b"0123456789ABCDEF"];

/// The six bits that a letter of base64 stands for, in either alphabet.
static SIX: [u8; 256] = {
    let mut table = table(LETTERS);
    (table[b'-' as usize], table[b'_' as usize]) = (62, 63);
    table
};

/// The four bits of a digit.
static FOUR: [u8; 256] = {
    let (mut both, upper) = (table(DIGITS[0]), table(DIGITS[1]));
    let mut at = b'A' as usize;
    while at <= b'F' as usize {
        both[at] = upper[at];
        at += 1;
    }
    both
};

/// What each byte stands for: its place in an alphabet.
const fn table(alphabet: &[u8]) -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut place = 0u8;
    while (place as usize) < alphabet.len() {
        table[alphabet[place as usize] as usize] = place;
        place += 1;
    }
    table
}

/// What a letter may be of text in base64: the first, the second, the third or the fourth of a group; or a digit of hex.
static MAY: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut byte = 0;
    while byte < 256 {
        let six = SIX[byte];
        if six != NONE {
            // Bytes that are no character of text, and no zero either, begin otherwise.
            let first = matches!(six, 0 | 2 | 3 | 8..=31);
            table[byte] = first as u8 | ((six & 8 == 0) as u8) << 1 | ((six & 2 == 0) as u8) << 2 | 8;
        }
        if FOUR[byte] != NONE {
            table[byte] |= 16;
        }
        byte += 1;
    }
    table
};

/// Every piece of base64 or hex that holds text, by place.
pub(super) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WIDTH>()) {
        at = if all_letters(window) && may_read(window) { run(bytes, at, &mut found) } else { at + STEP };
    }
    found
}

/// Whether a window holds letters of base64 alone.
#[inline]
fn all_letters(window: &[u8; WIDTH]) -> bool {
    // In numbers, which are compared sixteen at once.
    let other = |byte: &u8| {
        let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let digit = u8::from(byte.wrapping_sub(b'/') <= b'9' - b'/');
        1 ^ (letter | digit | u8::from(*byte == b'+') | u8::from(*byte == b'-') | u8::from(*byte == b'_'))
    };
    window.iter().fold(0, |any, byte| any | other(byte)) == 0
}

/// Whether three groups in a row may read as text, or all of it is hex.
fn may_read(window: &[u8; WIDTH]) -> bool {
    let may = window.map(|letter| MAY[letter as usize]);
    let group = |at: usize| u32::from(may[at] & may[at + 1] >> 1 & may[at + 2] >> 2 & may[at + 3] >> 3 & 1) << at;
    let groups = (0..WIDTH - 3).fold(0, |groups, at| groups | group(at));
    groups & groups >> 4 & groups >> 8 != 0 || may.iter().all(|may| may & 16 != 0)
}

/// Looks at the run that a window is in; returns where to go on.
#[cold]
#[inline(never)]
fn run(bytes: &[u8], window: usize, found: &mut Vec<Piece>) -> usize {
    let floor = found.last().map_or(0, |piece: &Piece| piece.range.end).max(window.saturating_sub(LATEST)).min(window);
    let letters = bytes[floor..window].iter().rev().take_while(|byte| SIX[**byte as usize] != NONE).count();
    match hex(bytes, window - letters, window).map_or_else(|| base64(bytes, window - letters, window), Ok) {
        Ok(piece) => {
            let end = piece.range.end;
            found.push(piece);
            end
        }
        Err(read) => read.max(window + STEP),
    }
}

/// Text, or what stands between the characters of wide text.
fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

fn hex(bytes: &[u8], start: usize, window: usize) -> Option<Piece> {
    let is_pair = |at: usize| bytes.get(at..at + 2).and_then(byte_of).is_some_and(is_text);
    let is_digit = |byte: &u8| FOUR[*byte as usize] != NONE;
    if !bytes[window..window + WIDTH].iter().all(is_digit) {
        return None;
    }
    let first = (window..window + 2).find(|first| (*first..*first + WIDTH - 2).step_by(2).all(is_pair))?;
    let mut from = first;
    while from >= start + 2 && is_pair(from - 2) {
        from -= 2;
    }
    let mut text = Vec::new();
    let mut to = from;
    while let Some(byte) = bytes.get(to..to + 2).and_then(byte_of).filter(|byte| is_text(*byte) || !byte.is_ascii()) {
        text.push(byte);
        to += 2;
    }
    // A digit too many on either side is no part of a number of bytes; text that is long is none by chance.
    let is_edge = |byte: Option<&u8>| !byte.is_some_and(is_digit);
    let is_cut = !is_edge(bytes.get(to)) || !is_edge(from.checked_sub(1).and_then(|at| bytes.get(at)));
    if text.len() < if is_cut { SURE } else { SHORTEST } || !is_mostly_text(&text) {
        return None;
    }
    let mut out = Text::new();
    out.push_run(&text, span(from..to), 1, 2);
    Some(Piece { range: from..to, coding: Coding::Hex, text: out })
}

pub(super) fn byte_of(pair: &[u8]) -> Option<u8> {
    let (high, low) = (FOUR[pair[0] as usize], FOUR[pair[1] as usize]);
    (high | low < 16).then_some(high << 4 | low)
}

fn is_mostly_text(text: &[u8]) -> bool {
    text.iter().filter(|byte| is_text(**byte)).count() * 4 >= text.len() * 3
}

/// The three bytes of four letters.
fn group(bytes: &[u8], at: usize) -> Option<[u8; 3]> {
    let letters: &[u8; 4] = bytes.get(at..)?.first_chunk()?;
    let six = letters.map(|letter| SIX[letter as usize]);
    (six.iter().all(|six| *six != NONE)).then(|| three(six))
}

fn three(six: [u8; 4]) -> [u8; 3] {
    [six[0] << 2 | six[1] >> 4, six[1] << 4 | six[2] >> 2, six[2] << 6 | six[3]]
}

/// The piece around a window, or how far everything was read in vain.
fn base64(bytes: &[u8], start: usize, window: usize) -> Result<Piece, usize> {
    let reads = |at: usize| group(bytes, at).is_some_and(|three| three.iter().all(|byte| is_text(*byte) || *byte == 0));
    // As the run begins, the groups most likely lie.
    let shift = (4 - (window - start) % 4) % 4;
    let mut furthest = 0;
    for first in (0..4).map(|turn| window + (shift + turn) % 4) {
        if !(reads(first) && reads(first + 4) && reads(first + 8)) {
            continue;
        }
        let mut from = first;
        while from >= start + 4 && reads(from - 4) {
            from -= 4;
        }
        match decode(bytes, start, from) {
            Err(end) if end < window + LATEST => furthest = furthest.max(end),
            done => return done,
        }
    }
    Err(if furthest < window + LATEST { 0 } else { furthest })
}

/// Reads base64 from its first letter to where it ends or reads as text no longer. What is left of the run on either side
/// is something else, and no part of a word in it. Fails with where it ended, if it is no text.
fn decode(bytes: &[u8], start: usize, from: usize) -> Result<Piece, usize> {
    let mut reader = Reader { bytes, at: from, line: from, length: 0 };
    let mut out = Text::new();
    if from > start {
        out.push_within(b" ", span(from..from + 1));
    }
    // Groups that stand side by side, and what they read.
    let (mut side_by_side, mut plain) = (from..from, Vec::new());
    let (mut judge, mut end) = (Judge::default(), from);
    while judge.foreign < MOST_FOREIGN {
        let mut letters = [(0u8, 0usize); 4];
        let mut count = 0;
        while count < 4
            && let Some(letter) = reader.next()
        {
            letters[count] = letter;
            count += 1;
        }
        if count < 2 {
            break;
        }
        let read = three(letters.map(|(six, _)| six));
        let read = &read[..count - 1];
        for byte in read {
            judge.look(*byte);
        }
        let at = letters[0].1..letters[count - 1].1 + 1;
        end = at.end;
        if count == 4 && at.len() == 4 && at.start == side_by_side.end {
            side_by_side.end = at.end;
            plain.extend_from_slice(read);
        } else {
            out.push_run(&plain, span(side_by_side.clone()), 3, 4);
            plain.clear();
            if count == 4 && at.len() == 4 {
                side_by_side = at;
                plain.extend_from_slice(read);
            } else {
                out.push_within(read, span(at.clone()));
                side_by_side = at.end..at.end;
            }
        }
        if count < 4 {
            break;
        }
    }
    out.push_run(&plain, span(side_by_side), 3, 4);
    if bytes.get(end).is_some_and(|byte| SIX[*byte as usize] != NONE) {
        out.push_within(b" ", span(end - 1..end));
    }
    end += bytes[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    let (coding, text) = match wide(&out) {
        Some(text) => (Coding::Utf16InBase64, text),
        None => (Coding::Base64, out),
    };
    let is_text = text.len() >= SHORTEST / 2 && end - from >= WIDTH && is_mostly_text_or_utf8(text.bytes());
    if is_text { Ok(Piece { range: from..end, coding, text }) } else { Err(end) }
}

/// Whether what is read is text so far, in UTF-8 or with a zero beside every character.
#[derive(Default)]
struct Judge {
    foreign: u32,
    /// Bytes that the character at hand still needs.
    open: u8,
}

impl Judge {
    fn look(&mut self, byte: u8) {
        if self.open > 0 && matches!(byte, 0x80..=0xBF) {
            self.open -= 1;
            return;
        }
        if self.open > 0 {
            self.foreign += FOREIGN;
        }
        match byte {
            0 => self.foreign += 1,
            byte if is_text(byte) => self.foreign = self.foreign.saturating_sub(1),
            0xC2..=0xF4 => {}
            _ => self.foreign += FOREIGN,
        }
        self.open = match byte {
            0xC2..=0xDF => 1,
            0xE0..=0xEF => 2,
            0xF0..=0xF4 => 3,
            _ => 0,
        };
    }
}

/// Not wide, not binary.
fn is_mostly_text_or_utf8(text: &[u8]) -> bool {
    // Zeros fill what has a fixed length.
    let foreign = text.iter().filter(|byte| byte.is_ascii() && !is_text(**byte) && **byte != 0).count();
    let zeros = text.iter().filter(|byte| **byte == 0).count();
    foreign * 20 <= text.len()
        && zeros * 3 <= text.len()
        && (is_mostly_text(text) || String::from_utf8_lossy(text).matches('\u{FFFD}').count() * 20 <= text.len())
}

/// The letters of a run, over the ends of lines where it goes on behind them.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where the line at hand began, and how long the first one was.
    line: usize,
    length: usize,
}

impl Reader<'_> {
    /// The next letter's bits, and where it stands.
    fn next(&mut self) -> Option<(u8, usize)> {
        let six = |at: usize| self.bytes.get(at).map(|byte| SIX[*byte as usize]).filter(|six| *six != NONE);
        if let Some(bits) = six(self.at) {
            self.at += 1;
            return Some((bits, self.at - 1));
        }
        let next = self.next_line()?;
        let bits = six(next)?;
        if self.length == 0 {
            self.length = self.at - self.line;
        }
        (self.line, self.at) = (next, next + 1);
        Some((bits, next))
    }

    /// Where the run goes on, if it goes on in the next line: lines of one length, and a shorter one at the end.
    fn next_line(&self) -> Option<usize> {
        let length = self.at - self.line;
        let goes_on = length >= SHORTEST_LINE && (self.length == 0 || length == self.length);
        let mut next = self.at + line_end(self.bytes.get(self.at..)?).filter(|_| goes_on)?;
        next += self.bytes[next..].iter().take(256).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = &self.bytes[next..];
        let letters = rest.iter().take(length + 1).take_while(|byte| SIX[**byte as usize] != NONE).count();
        let behind = rest[letters..].iter().take_while(|byte| **byte == b'=').count();
        let ends = rest
            .get(letters + behind)
            .is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'\\' | b'<' | b' ' | b'\t' | b','));
        // A word on the next line is none of it, where nothing says so.
        let is_line = letters == length || (length.is_multiple_of(4) && letters < length && (letters + behind).is_multiple_of(4));
        (letters > 0 && ends && is_line).then_some(next)
    }
}

/// How long the end of a line is, also where it is written as an escape.
fn line_end(rest: &[u8]) -> Option<usize> {
    [&b"\r\n"[..], b"\n", b"\\r\\n", b"\\n", b"\\\\n"].into_iter().find(|end| rest.starts_with(end)).map(<[u8]>::len)
}

/// UTF-16 in either order as UTF-8: every second byte of it is nearly always zero.
fn wide(text: &Text) -> Option<Text> {
    let bytes = text.bytes();
    let units = bytes.len() / 2;
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let little = zeros(1) * 4 >= units * 3;
    if units < SHORTEST / 2 || !(little || zeros(0) * 4 >= units * 3) || zeros(0) + zeros(1) > units + units / 4 {
        return None;
    }
    let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
    let mut out = Text::new();
    for (unit, pair) in bytes.chunks_exact(2).enumerate() {
        let unit_range: Range<usize> = 2 * unit..2 * unit + 2;
        let c = pair.try_into().ok().map(read).and_then(|unit| char::from_u32(u32::from(unit))).unwrap_or(char::REPLACEMENT_CHARACTER);
        if let Some(place) = text.span(unit_range).filter(|_| c != '\u{FEFF}') {
            out.push_within(c.encode_utf8(&mut [0; 4]).as_bytes(), place);
        }
    }
    Some(out)
}
