//! The few lines around a finding, pinned while the bytes are at hand, so that a report needs no file.
//!
//! Lines and columns are made here and nowhere else. Both count from 1; a column counts characters (an invalid byte
//! counts as one), a line ends at `\n`.

use std::ops::Range;

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    pub const START: Position = Position { line: 1, column: 1 };
}

/// The longest excerpt, in bytes of its text.
pub const MAX_BYTES: usize = 4096;

/// Up to one line before a label, its lines, and one line after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Valid UTF-8 made from the source; not yet masked.
    pub text: String,
    /// Where `text` begins; a column above 1 where a long line was cut.
    pub first: Position,
    /// The label as bytes of `text`; ends where the text does, when the label was cut.
    pub label: Range<usize>,
    /// Where the label begins and where it ends (the character after it).
    pub start: Position,
    pub end: Position,
}

/// An index over the bytes of one input, to find lines and columns in logarithmic time.
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// The position of the first byte: not 1:1 in a later window of a streamed input.
    base: Position,
    /// Offsets of the bytes after each `\n`.
    starts: Vec<u32>,
    /// Characters before each block of [`BLOCK`] bytes, so that a long line costs no second pass.
    blocks: Vec<u32>,
}

const BLOCK: usize = 4096;

impl<'a> Lines<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::from(bytes, Position::START)
    }

    /// `base` is the position of `bytes[0]` in the input.
    #[must_use]
    pub fn from(bytes: &'a [u8], base: Position) -> Self {
        let starts = memchr::memchr_iter(b'\n', bytes).map(|at| number(at + 1)).collect();
        let mut blocks = Vec::with_capacity(bytes.len() / BLOCK + 1);
        let mut sum = 0;
        for block in bytes.chunks(BLOCK) {
            blocks.push(sum);
            sum += characters(block);
        }
        Lines { bytes, base, starts, blocks }
    }

    /// The line and column of a byte offset (which may be the length of the input).
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        let start = if row == 0 { 0 } else { self.starts[row - 1] as usize };
        let column = self.characters_before(offset) - self.characters_before(start);
        let base = if row == 0 { self.base.column } else { 1 };
        Position { line: self.base.line + number(row), column: base + column }
    }

    /// Pins the lines around `range`.
    #[must_use]
    pub fn excerpt(&self, range: Range<usize>) -> Excerpt {
        let range = range.start.min(self.bytes.len())..range.end.clamp(range.start, self.bytes.len().max(range.start));
        let (mut from, mut to) = (self.line_before(range.start), self.line_after(range.end));
        if to - from > MAX_BYTES {
            let spare = MAX_BYTES.saturating_sub(range.len()) / 2;
            from = self.boundary(from.max(range.start.saturating_sub(spare)));
            to = self.boundary(to.min(from + MAX_BYTES)).max(from);
        }
        let label = range.start.clamp(from, to)..range.end.clamp(from, to);
        let mut text = String::from_utf8_lossy(&self.bytes[from..label.start]).into_owned();
        let begin = text.len();
        text.push_str(&String::from_utf8_lossy(&self.bytes[label.clone()]));
        let end = text.len();
        text.push_str(&String::from_utf8_lossy(&self.bytes[label.end..to]));
        Excerpt { text, first: self.position(from), label: begin..end, start: self.position(range.start), end: self.position(range.end) }
    }

    fn characters_before(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let Some(sum) = self.blocks.get(block) else {
            // The end of an input whose length is a multiple of the block.
            return self.blocks.last().map_or(0, |sum| sum + characters(&self.bytes[(self.blocks.len() - 1) * BLOCK..]));
        };
        sum + characters(&self.bytes[block * BLOCK..offset])
    }

    /// The start of the line before the one that holds `offset`.
    fn line_before(&self, offset: usize) -> usize {
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        if row < 2 { 0 } else { self.starts[row - 2] as usize }
    }

    /// The end, without its line feed, of the line after the one that holds `offset`.
    fn line_after(&self, offset: usize) -> usize {
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        self.starts.get(row + 1).map_or(self.bytes.len(), |next| *next as usize - 1)
    }

    /// `offset`, or the next place where no UTF-8 character is cut.
    fn boundary(&self, offset: usize) -> usize {
        (offset..self.bytes.len()).find(|at| is_start(self.bytes[*at])).unwrap_or(self.bytes.len())
    }
}

fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

fn characters(bytes: &[u8]) -> u32 {
    number(bytes.iter().filter(|byte| is_start(**byte)).count())
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_line_feeds() {
        let text = "one\r\ntwo é x\nthree".as_bytes();
        let lines = Lines::new(text);
        let x = text.iter().position(|b| *b == b'x').expect("there");
        assert_eq!(lines.position(x), Position { line: 2, column: 7 });
        assert_eq!(lines.position(text.len()), Position { line: 3, column: 6 });
        let excerpt = lines.excerpt(x..x + 1);
        assert_eq!(excerpt.text, "one\r\ntwo é x\nthree");
        assert_eq!(&excerpt.text[excerpt.label.clone()], "x");
        assert_eq!(excerpt.start, Position { line: 2, column: 7 });
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let mut text = vec![b'.'; 100_000];
        text[70_000..70_005].copy_from_slice(b"LABEL");
        let excerpt = Lines::new(&text).excerpt(70_000..70_005);
        assert!(excerpt.text.len() <= MAX_BYTES);
        assert_eq!(&excerpt.text[excerpt.label.clone()], "LABEL");
        assert_eq!(excerpt.start, Position { line: 1, column: 70_001 });
        assert_eq!(excerpt.first.column as usize + excerpt.label.start, 70_001);
    }

    #[test]
    fn a_later_window_goes_on_counting() {
        let lines = Lines::from(b"tail\nnext", Position { line: 8, column: 11 });
        assert_eq!(lines.position(2), Position { line: 8, column: 13 });
        assert_eq!(lines.position(6), Position { line: 9, column: 2 });
    }

    proptest::proptest! {
        /// The index agrees with counting from the start.
        #[test]
        fn positions_are_what_counting_gives(text in "(?s)[a\né\r]{0,60}", repeat in 1usize..400, at in 0usize..20_000) {
            let bytes = text.repeat(repeat).into_bytes();
            let at = at.min(bytes.len());
            let before = &bytes[..at];
            let line = 1 + before.iter().filter(|b| **b == b'\n').count();
            let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1);
            let column = 1 + before[start..].iter().filter(|b| is_start(**b)).count();
            let got = Lines::new(&bytes).position(at);
            proptest::prop_assert_eq!((got.line as usize, got.column as usize), (line, column));
        }
    }
}
