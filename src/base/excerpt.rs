//! The few lines around a finding, pinned while the bytes are at hand, so that a report needs no file.
//!
//! Lines and columns are made here and nowhere else. Both count from 1; a line ends at `\n`, a column counts the
//! characters of the lossy text: each sequence that is no UTF-8 is one, as it is one U+FFFD in an excerpt. A byte order
//! mark at the start of an input is no character of it, and in no excerpt.

use std::ops::Range;

use super::span;

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    pub const START: Position = Position { line: 1, column: 1 };

    /// The position after a character of text.
    #[must_use]
    pub fn after(self, c: char) -> Position {
        match c {
            '\n' => Position { line: self.line.saturating_add(1), column: 1 },
            _ => Position { line: self.line, column: self.column.saturating_add(1) },
        }
    }
}

/// The position after some bytes that begin with a whole character.
#[must_use]
pub fn advance(from: Position, bytes: &[u8]) -> Position {
    let bytes = &bytes[mark(bytes, from)..];
    match memchr::memrchr(b'\n', bytes) {
        None => Position { line: from.line, column: from.column.saturating_add(characters(bytes)) },
        Some(last) => {
            let lines = span::offset(memchr::memchr_iter(b'\n', bytes).count());
            Position { line: from.line.saturating_add(lines), column: characters(&bytes[last + 1..]).saturating_add(1) }
        }
    }
}

/// The length of the byte order mark that some bytes begin with, if they begin an input.
fn mark(bytes: &[u8], base: Position) -> usize {
    const MARK: &[u8] = "\u{FEFF}".as_bytes();
    if base == Position::START && bytes.starts_with(MARK) { MARK.len() } else { 0 }
}

/// The longest excerpt, in bytes of the input.
pub const MAX_BYTES: usize = 4096;

/// Up to one line before a label, its lines, and one line after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Valid UTF-8 made from the source; not yet masked.
    pub text: String,
    /// Where `text` begins; a column above 1 where a long line was cut.
    pub first: Position,
    /// The label as bytes of `text`, in whole characters; ends where the text does, when the label was cut.
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
    /// Bytes of the mark at the start.
    mark: usize,
    /// Offsets of the bytes after each `\n`.
    starts: Vec<u32>,
    /// Characters before the one that stands at each multiple of [`BLOCK`], so that a long line costs no second pass.
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
        let starts = memchr::memchr_iter(b'\n', bytes).map(|at| span::offset(at + 1)).collect();
        let mut blocks = Vec::with_capacity(bytes.len() / BLOCK + 1);
        let (mut sum, mut done) = (0, 0);
        for at in (0..=bytes.len()).step_by(BLOCK) {
            let start = sequence(bytes, at).start;
            sum += characters(&bytes[done..start]);
            done = start;
            blocks.push(sum);
        }
        Lines { bytes, base, mark: mark(bytes, base), starts, blocks }
    }

    /// The line and column of a byte offset (which may be the length of the input).
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.clamp(self.mark, self.bytes.len());
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        let start = if row == 0 { self.mark } else { self.starts[row - 1] as usize };
        let column = self.characters_before(offset) - self.characters_before(start);
        let base = if row == 0 { self.base.column } else { 1 };
        Position { line: self.base.line + span::offset(row), column: base + column }
    }

    /// Pins the lines around `range`.
    #[must_use]
    pub fn excerpt(&self, range: Range<usize>) -> Excerpt {
        // A label of half a character is one of the whole: text cannot be cut there, and columns do not count there.
        let range = range.start.max(self.mark)..range.end.max(self.mark);
        let range = sequence(self.bytes, range.start).start..self.boundary(range.end.max(range.start));
        let (mut from, mut to) = (self.line_before(range.start), self.line_after(range.end));
        if to - from > MAX_BYTES {
            let spare = MAX_BYTES.saturating_sub(range.len()) / 2;
            from = sequence(self.bytes, from.max(range.start.saturating_sub(spare))).start;
            to = sequence(self.bytes, to.min(from + MAX_BYTES)).start.max(from);
        }
        let label = range.start.clamp(from, to)..range.end.clamp(from, to);
        let mut text = String::from_utf8_lossy(&self.bytes[from..label.start]).into_owned();
        let begin = text.len();
        text.push_str(&String::from_utf8_lossy(&self.bytes[label.clone()]));
        let end = text.len();
        text.push_str(&String::from_utf8_lossy(&self.bytes[label.end..to]));
        Excerpt { text, first: self.position(from), label: begin..end, start: self.position(range.start), end: self.position(range.end) }
    }

    /// `offset` may cut a sequence: what stands before the cut is a character too.
    fn characters_before(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let start = sequence(self.bytes, block * BLOCK).start;
        self.blocks.get(block).map_or(0, |sum| sum + characters(&self.bytes[start..offset]))
    }

    /// The start of the line before the one that holds `offset`.
    fn line_before(&self, offset: usize) -> usize {
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        if row < 2 { self.mark } else { self.starts[row - 2] as usize }
    }

    /// The end, without its line feed, of the line after the one that holds `offset`.
    fn line_after(&self, offset: usize) -> usize {
        let row = self.starts.partition_point(|start| *start as usize <= offset);
        self.starts.get(row + 1).map_or(self.bytes.len(), |next| *next as usize - 1)
    }

    /// `offset`, or the end of the sequence that it cuts.
    fn boundary(&self, offset: usize) -> usize {
        let cut = sequence(self.bytes, offset);
        if cut.start < offset { cut.end } else { cut.start }
    }
}

/// The sequence that `offset` cuts, a character or what is one U+FFFD in lossy text; empty, at `offset`, where it cuts
/// none. An offset beyond the end is the end.
fn sequence(bytes: &[u8], offset: usize) -> Range<usize> {
    let offset = offset.min(bytes.len());
    let whole = offset..offset;
    if bytes.get(offset).is_none_or(|byte| is_start(*byte)) {
        return whole;
    }
    // What is no continuation begins a sequence, and no sequence is longer than four bytes.
    let Some(start) = (offset.saturating_sub(3)..offset).rev().find(|at| is_start(bytes[*at])) else { return whole };
    let first = bytes[start..bytes.len().min(start + 4)].utf8_chunks().next();
    let length = first.map_or(0, |chunk| chunk.valid().chars().next().map_or(chunk.invalid().len(), char::len_utf8));
    if start + length > offset { start..start + length } else { whole }
}

fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The characters that the lossy text of some bytes has.
fn characters(bytes: &[u8]) -> u32 {
    span::offset(bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + usize::from(!chunk.invalid().is_empty())).sum())
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
    fn a_byte_order_mark_is_no_character() {
        let text = "\u{FEFF}a: x\nb".as_bytes();
        let lines = Lines::new(text);
        let excerpt = lines.excerpt(6..7);
        assert_eq!((excerpt.start, excerpt.end, excerpt.first), (lines.position(6), lines.position(7), Position::START));
        assert_eq!((excerpt.start.column, excerpt.text.as_str()), (4, "a: x\nb"));
        assert_eq!(
            (lines.position(0), lines.position(3), lines.position(8)),
            (Position::START, Position::START, Position { line: 2, column: 1 })
        );
        assert_eq!(advance(Position::START, &text[..6]), lines.position(6));
        assert_eq!(&lines.excerpt(0..4).text[lines.excerpt(0..4).label], "a");
        // Elsewhere it is a character like any other.
        assert_eq!(Lines::from(text, Position { line: 3, column: 1 }).position(3).column, 2);
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

    /// The lossy text of the line that some bytes end in, counted.
    fn counted(before: &[u8]) -> Position {
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1);
        Position { line: span::offset(line), column: span::offset(1 + String::from_utf8_lossy(&before[start..]).chars().count()) }
    }

    /// Bytes that begin, continue and break sequences of every length.
    fn broken() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
        let bytes = b"a\n\x80\xBF\x9F\xA0\xC0\xC3\xE0\xE2\xED\xF0\xF4\xFF".to_vec();
        proptest::collection::vec(proptest::sample::select(bytes), 1..40)
    }

    #[test]
    fn a_latin_1_name_before_a_label_moves_no_column() {
        let text = b"# J\xfcrgen M\xfcller\nr\xe9sum\xe9 \xbfKEY";
        let excerpt = Lines::new(text).excerpt(text.len() - 3..text.len());
        assert_eq!((excerpt.start, excerpt.end), (Position { line: 2, column: 9 }, Position { line: 2, column: 12 }));
        assert_eq!(&excerpt.text[excerpt.label], "KEY");
    }

    #[test]
    fn half_a_character_is_labelled_as_a_whole() {
        let excerpt = Lines::new("a中b".as_bytes()).excerpt(2..3);
        assert_eq!((excerpt.text.as_str(), &excerpt.text[excerpt.label.clone()]), ("a中b", "中"));
        assert_eq!((excerpt.start.column, excerpt.end.column), (2, 3));
    }

    proptest::proptest! {
        /// Whatever the bytes are, and wherever blocks cut them.
        #[test]
        fn columns_count_the_lossy_text(bytes in broken(), shift in 0usize..8, at in 0usize..12_000) {
            let bytes: Vec<u8> = std::iter::repeat_n(b'.', shift).chain(bytes.iter().copied().cycle().take(9_000)).collect();
            let before = &bytes[..at.min(bytes.len())];
            let lines = Lines::new(&bytes);
            proptest::prop_assert_eq!(lines.position(before.len()), counted(before));
            proptest::prop_assert_eq!(advance(Position::START, before), counted(before));
            for edge in (0..=bytes.len()).step_by(BLOCK).flat_map(|edge| edge.saturating_sub(4)..edge + 4) {
                let edge = edge.min(bytes.len());
                proptest::prop_assert_eq!(lines.position(edge), counted(&bytes[..edge]));
            }
        }

        /// Counting from where an excerpt begins leads to where its label does: so a report finds it again.
        #[test]
        fn an_excerpt_agrees_with_itself(bytes in broken(), repeat in 1usize..600, at in 0usize..20_000, length in 0usize..9) {
            let bytes = bytes.repeat(repeat);
            let start = at.min(bytes.len());
            let excerpt = Lines::new(&bytes).excerpt(start..start + length);
            let to = |offset: usize| excerpt.text[..offset].chars().fold(excerpt.first, Position::after);
            proptest::prop_assert_eq!((to(excerpt.label.start), to(excerpt.label.end)), (excerpt.start, excerpt.end));
        }

        /// The index agrees with counting from the start.
        #[test]
        fn positions_are_what_counting_gives(text in "(?s)[a\né\r]{0,60}", repeat in 1usize..400, at in 0usize..20_000) {
            let bytes = text.repeat(repeat).into_bytes();
            let at = at.min(bytes.len());
            let before = &bytes[..at];
            proptest::prop_assert_eq!(Lines::new(&bytes).position(at), counted(before));
        }
    }
}
