//! What stands encoded in some bytes, as it reads: in base64, in hex, percent-encoded, in escapes, in UTF-16 amid other
//! text, in parts that a program joins, and one in the other. Not a parser of any language, and no rule: bytes alone say what is encoded.
//!
//! A [`View`] is a stretch of the bytes in which what was encoded is plain and what stands around it is as it was, so that
//! rules find names before values, and pairs side by side. Every byte knows where it came from.

mod base64_hex;
pub mod concatenation;
mod escapes;
pub mod short_base64;
mod wide;

use std::ops::Range;
use std::sync::Arc;

use crate::base::span::{FileId, Span, offset};
use crate::base::text_map::Text;

/// One encoding in another: deeper ones are nobody's accident.
const DEPTH: u32 = 3;
/// What is shown of the bytes before and behind what was encoded: as far as a name stands from its value, and the id of a
/// pair from its secret.
const AROUND: usize = 1024;
/// Encoded pieces of one content. Each costs a little memory more than its bytes.
const MOST: usize = 1 << 19;

/// How something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Base64,
    Hex,
    Utf16InBase64,
    Utf16,
    Percent,
    Escapes,
    Entities,
    Parts,
}

impl Coding {
    /// What a message calls it.
    fn as_str(self) -> &'static str {
        match self {
            Coding::Base64 => "base64",
            Coding::Hex => "hex",
            Coding::Utf16InBase64 => "base64 of UTF-16",
            Coding::Utf16 => "UTF-16",
            Coding::Percent => "percent-encoding",
            Coding::Escapes => "escapes",
            Coding::Entities => "character references",
            Coding::Parts => "parts",
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
    /// What was encoded, by place; what joins two parts is empty.
    decoded: Vec<(Range<usize>, Coding)>,
}

/// Where the search for keywords met what speaks of encoded bytes.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Of [`concatenation::WRITTEN`], and of literals behind keywords.
    pub joints: Vec<u32>,
    /// Of [`short_base64::WORDS`].
    pub short: Vec<u32>,
}

impl Hints {
    pub fn clear(&mut self) {
        self.joints.clear();
        self.short.clear();
    }

    /// A word of [`concatenation::WRITTEN`], or of [`short_base64::WORDS`] that follow them, stands at `at`.
    pub fn add(&mut self, word: usize, at: u32) {
        if word < concatenation::WRITTEN.len() { self.joints.push(at) } else { self.short.push(at) }
    }

    /// A keyword of a rule ends at `end`.
    pub fn add_behind(&mut self, bytes: &[u8], end: usize) {
        let joint = concatenation::behind(bytes, end).map(offset);
        self.joints.extend(joint.filter(|at| self.joints.last() != Some(at)));
    }
}

/// All views of some bytes: a pure function of them.
#[derive(Clone, Debug, Default)]
pub struct Views {
    all: Vec<Arc<View>>,
    /// How much was encoded so far.
    pieces: usize,
    /// There is more than was looked at.
    limited: bool,
}

impl Views {
    /// The views of what is encoded in a content (`of`: None), or in a view. Returns the numbers of the new ones.
    pub fn add(&mut self, bytes: &[u8], of: Option<usize>, hints: &Hints) -> Range<usize> {
        let mut pieces = pieces(bytes, hints);
        let outer = of.and_then(|of| self.all.get(of)).cloned();
        if let Some(view) = &outer {
            // What the first decoding left as it was has been looked at with it.
            pieces.retain(|piece| view.touches(&(piece.range.start.saturating_sub(1)..piece.range.end + 1)));
        }
        let left = MOST - self.pieces;
        if pieces.len() > left {
            self.limited = true;
            pieces.truncate(left);
        }
        self.pieces += pieces.len();
        let (first, depth) = (self.all.len(), outer.as_ref().map_or(1, |view| view.depth + 1));
        for near in pieces.chunk_by(|a, b| b.range.start.saturating_sub(a.range.end) <= 2 * AROUND) {
            self.all.push(Arc::new(View::of(bytes, near, of, depth)));
        }
        first..self.all.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.limited
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Arc<View>> {
        self.all.get(at)
    }

    /// Where a range of a view came from in the content.
    #[must_use]
    pub fn outer(&self, view: usize, range: Range<usize>) -> Range<usize> {
        let (mut at, mut range) = (Some(view), range);
        while let Some(view) = at.and_then(|at| self.all.get(at)) {
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
        while let Some(view) = at.and_then(|at| self.all.get(at)) {
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

/// Everything that is encoded in some bytes, by place, none over another.
fn pieces(bytes: &[u8], hints: &Hints) -> Vec<Piece> {
    let mut all = base64_hex::pieces(bytes);
    escapes::pieces(bytes, &mut all);
    let mut places = hints.joints.clone();
    places.sort_unstable();
    concatenation::pieces(bytes, &places, &mut all);
    short_base64::pieces(bytes, &hints.short, &mut all);
    wide::pieces(bytes, &mut all);
    all.sort_by_key(|piece| (piece.range.start, std::cmp::Reverse(piece.range.end)));
    let mut end = 0;
    all.retain(|piece| {
        let is_free = piece.range.start >= end;
        end = end.max(piece.range.end);
        is_free
    });
    // What goes on in an escape or in the next literal is read once that is plain.
    let is_run = |piece: &Piece| matches!(piece.coding, Coding::Base64 | Coding::Hex | Coding::Utf16InBase64);
    let goes_on = |at: usize| {
        let (one, before, behind) = (&all[at], at.checked_sub(1).map(|before| &all[before]), all.get(at + 1));
        let before = before.is_some_and(|other| !is_run(other) && other.range.end == one.range.start);
        is_run(one) && (before || behind.is_some_and(|other| !is_run(other) && other.range.start == one.range.end))
    };
    let left_out: Vec<bool> = (0..all.len()).map(goes_on).collect();
    all.into_iter().zip(left_out).filter(|(_, left_out)| !left_out).map(|(piece, _)| piece).collect()
}

fn span(range: Range<usize>) -> Span {
    Span::new(FileId(0), offset(range.start)..offset(range.end))
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
        self.text.push_exact(&bytes[range.clone()], span(range));
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }

    /// Whether what is encoded in it is looked at too.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.depth < DEPTH
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
