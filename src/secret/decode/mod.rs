//! What stands encoded in some bytes, as it reads: in base64, in hex, percent-encoded, in escapes, in parts that a program
//! joins, and one in the other. Not a parser of any language, and no rule: bytes alone say what is encoded.
//!
//! A [`View`] is a stretch of the bytes in which what was encoded is plain and what stands around it is as it was, so that
//! rules find names before values, and pairs side by side. Every byte knows where it came from.

mod runs;

use std::ops::Range;

use crate::base::span::{FileId, Span, offset};
use crate::base::text_map::Text;

/// One encoding in another: deeper ones are nobody's accident.
const DEPTH: u32 = 3;
/// What is shown of the bytes before and behind what was encoded: as far as a name stands from its value, and the id of a
/// pair from its secret.
const AROUND: usize = 1024;
/// Encoded pieces of one content. Each costs a little memory more than its bytes.
const MOST: usize = 1 << 17;

/// How something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Base64,
    Hex,
    Utf16InBase64,
}

impl Coding {
    /// What a message calls it.
    fn as_str(self) -> &'static str {
        match self {
            Coding::Base64 => "base64",
            Coding::Hex => "hex",
            Coding::Utf16InBase64 => "base64 of UTF-16",
        }
    }
}

/// Something encoded, and what it reads.
#[derive(Clone, Debug)]
struct Piece {
    range: Range<usize>,
    coding: Coding,
    /// Its places are in the bytes that the piece stands in.
    text: Text,
}

/// A stretch of bytes with what is encoded in it made plain.
#[derive(Clone, Debug)]
pub struct View {
    /// Places are those in the bytes of the view that this was made of, or in the content.
    text: Text,
    /// The view that this was made of.
    of: Option<usize>,
    depth: u32,
    /// What was encoded, by place.
    decoded: Vec<(Range<usize>, Coding)>,
}

/// All views of some bytes: a pure function of them.
#[derive(Clone, Debug, Default)]
pub struct Views {
    views: Vec<View>,
    /// There is more than was looked at.
    limited: bool,
}

impl Views {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Views {
        let mut all = Views::default();
        let mut left = MOST;
        all.add(bytes, None, &mut left);
        let mut at = 0;
        while let Some(view) = all.views.get(at) {
            if view.depth < DEPTH {
                let inner = view.text.bytes().to_vec();
                all.add(&inner, Some(at), &mut left);
            }
            at += 1;
        }
        all
    }

    /// The views of what a view, or the content, has encoded.
    fn add(&mut self, bytes: &[u8], of: Option<usize>, left: &mut usize) {
        let mut pieces = runs::pieces(bytes);
        if let Some(view) = of.and_then(|of| self.views.get(of)) {
            // What was not touched by the first decoding was looked at with it.
            pieces.retain(|piece| view.touches(&piece.range));
        }
        if pieces.len() > *left {
            self.limited = true;
            pieces.truncate(*left);
        }
        *left -= pieces.len();
        let depth = of.and_then(|of| self.views.get(of)).map_or(1, |view| view.depth + 1);
        for near in pieces.chunk_by(|a, b| b.range.start.saturating_sub(a.range.end) <= 2 * AROUND) {
            self.views.push(View::of(bytes, near, of, depth));
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.limited
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.views.len()
    }

    #[must_use]
    pub fn get(&self, at: usize) -> Option<&View> {
        self.views.get(at)
    }

    pub fn iter(&self) -> impl Iterator<Item = &View> {
        self.views.iter()
    }

    /// Where a range of a view came from in the content.
    #[must_use]
    pub fn outer(&self, view: usize, range: Range<usize>) -> Range<usize> {
        let (mut at, mut range) = (Some(view), range);
        while let Some(view) = at.and_then(|at| self.views.get(at)) {
            range = view.text.span(range).map_or(0..0, Span::range);
            at = view.of;
        }
        range
    }

    /// How a range of a view is written in the content, the outermost encoding first: `base64 of percent-encoding`. None
    /// where it stands as it is.
    #[must_use]
    pub fn coding(&self, view: usize, range: Range<usize>) -> Option<String> {
        let mut names: Vec<&str> = Vec::new();
        let (mut at, mut range) = (Some(view), range);
        while let Some(view) = at.and_then(|at| self.views.get(at)) {
            if let Some((_, coding)) = view.codings(&range).next() {
                names.push(coding.as_str());
            }
            range = view.text.span(range).map_or(0..0, Span::range);
            at = view.of;
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(" of "))
    }
}

impl View {
    /// `near` are neighbours among the pieces.
    fn of(bytes: &[u8], near: &[Piece], of: Option<usize>, depth: u32) -> View {
        let mut view = View { text: Text::new(), of, depth, decoded: Vec::with_capacity(near.len()) };
        let (first, last) = (near.first().map_or(0, |p| p.range.start), near.last().map_or(0, |p| p.range.end));
        let mut at = begin(bytes, first);
        for piece in near {
            view.as_is(bytes, at..piece.range.start);
            let start = view.text.len();
            view.text.push_text(&piece.text);
            view.decoded.push((start..view.text.len(), piece.coding));
            at = piece.range.end;
        }
        view.as_is(bytes, at..end(bytes, last));
        view
    }

    fn as_is(&mut self, bytes: &[u8], range: Range<usize>) {
        self.text.push_exact(&bytes[range.clone()], Span::new(FileId(0), offset(range.start)..offset(range.end)));
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    /// Whether any of a range was encoded.
    #[must_use]
    pub fn touches(&self, range: &Range<usize>) -> bool {
        self.codings(range).next().is_some()
    }

    fn codings(&self, range: &Range<usize>) -> impl Iterator<Item = &(Range<usize>, Coding)> {
        let from = self.decoded.partition_point(|(decoded, _)| decoded.end <= range.start);
        let end = range.end;
        self.decoded[from..].iter().take_while(move |(decoded, _)| decoded.start < end)
    }
}

/// Where to begin before a piece: at a line's start, or between two words.
fn begin(bytes: &[u8], piece: usize) -> usize {
    let from = piece.saturating_sub(AROUND);
    if from == 0 {
        return 0;
    }
    let before = &bytes[from..piece];
    let line = memchr::memchr(b'\n', before);
    let start = line.or_else(|| before.iter().position(|byte| !is_of_word(*byte)));
    start.map_or(piece, |at| from + at + 1)
}

fn end(bytes: &[u8], piece: usize) -> usize {
    let limit = bytes.len().min(piece + AROUND);
    if limit == bytes.len() {
        return limit;
    }
    let behind = &bytes[piece..limit];
    let line = memchr::memrchr(b'\n', behind);
    let end = line.or_else(|| behind.iter().rposition(|byte| !is_of_word(*byte)));
    end.map_or(piece, |at| piece + at)
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.') || !byte.is_ascii()
}
