//! Text that knows where each of its bytes came from.
//!
//! Evaluated, decoded and transcoded text is never a bare string: a `*` found in the JSON inside an escaped string
//! inside a heredoc still has a line and a column. A [`Text`] is not a rope and not an edit log; it is bytes beside a
//! sorted list of `Piece`s, and a `Text` made from ranges of other texts keeps their pieces ("Text over Text").

use std::ops::Range;

use super::ids::UnknownId;
use super::span::{Span, offset};

/// What stands in the bytes for a part that nobody knows (U+FFFC): survives a JSON parse, and is no character of a policy.
pub const HOLE: &str = "\u{FFFC}";

/// Where a range of a text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// These very bytes (or their transcoded form, unit by unit).
    Exact(Span),
    /// Somewhere in this span: an escape sequence, the call of a function.
    Within(Span),
    /// Not known: a reference that the source does not resolve.
    Hole(UnknownId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Each `text_step` bytes of text were `source_step` bytes of source, in order: 1/1 in UTF-8, 1/2 for ASCII in UTF-16.
    Run {
        span: Span,
        text_step: u8,
        source_step: u8,
    },
    Within(Span),
    Hole(UnknownId),
}

/// A maximal stretch with one source; it ends where the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: u32,
    source: Source,
}

/// Bytes and the map back to the spans they came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Text {
    #[must_use]
    pub fn new() -> Self {
        Text::default()
    }

    /// Text that stands in the source as it is.
    #[must_use]
    pub fn exact(bytes: &[u8], span: Span) -> Self {
        let mut text = Text::new();
        text.push_exact(bytes, span);
        text
    }

    /// Text that was computed from what stands at `span`.
    #[must_use]
    pub fn within(bytes: &[u8], span: Span) -> Self {
        let mut text = Text::new();
        text.push_within(bytes, span);
        text
    }

    #[must_use]
    pub fn hole(id: UnknownId) -> Self {
        let mut text = Text::new();
        text.push_hole(id);
        text
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The text as a string; bytes that are no UTF-8 become U+FFFD.
    #[must_use]
    pub fn to_str(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The unknown parts, in order.
    pub fn holes(&self) -> impl Iterator<Item = UnknownId> + '_ {
        self.pieces.iter().filter_map(|p| match p.source {
            Source::Hole(id) => Some(id),
            Source::Run { .. } | Source::Within(_) => None,
        })
    }

    /// Appends bytes that stand at `span` as they are; `bytes.len()` must be `span.len()`.
    pub fn push_exact(&mut self, bytes: &[u8], span: Span) {
        debug_assert_eq!(bytes.len(), span.len() as usize);
        self.push_run(bytes, span, 1, 1);
    }

    /// Appends transcoded units: every `text_step` bytes came from `source_step` bytes of `span`, in order.
    pub fn push_run(&mut self, bytes: &[u8], span: Span, text_step: u8, source_step: u8) {
        let at = self.end();
        if let Some(Piece { at: before, source: Source::Run { span: last, text_step: t, source_step: s } }) = self.pieces.last_mut() {
            // A piece that ends in half a unit cannot be continued: its offsets would shift.
            let whole = (at - *before).is_multiple_of(u32::from(*t));
            if (*t, *s) == (text_step, source_step) && last.file == span.file && last.end == span.start && whole {
                last.end = span.end;
                self.bytes.extend_from_slice(bytes);
                return;
            }
        }
        self.push(bytes, Source::Run { span, text_step, source_step });
    }

    /// Appends bytes that came from somewhere in `span`.
    pub fn push_within(&mut self, bytes: &[u8], span: Span) {
        self.push(bytes, Source::Within(span));
    }

    pub fn push_hole(&mut self, id: UnknownId) {
        self.push(HOLE.as_bytes(), Source::Hole(id));
    }

    /// Appends a range of another text, with its places.
    pub fn push_slice(&mut self, other: &Text, range: Range<usize>) {
        for (sub, source) in other.pieces_in(range) {
            let bytes = &other.bytes[sub];
            match source {
                Source::Run { span, text_step, source_step } => self.push_run(bytes, span, text_step, source_step),
                other => self.push(bytes, other),
            }
        }
    }

    pub fn push_text(&mut self, other: &Text) {
        self.push_slice(other, 0..other.len());
    }

    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Text {
        let mut text = Text::new();
        text.push_slice(self, range);
        text
    }

    /// Where a range came from, in order, one item for each piece that it touches.
    pub fn provenance(&self, range: Range<usize>) -> impl Iterator<Item = Provenance> + '_ {
        self.pieces_in(range).map(|(_, source)| match source {
            Source::Run { span, .. } => Provenance::Exact(span),
            Source::Within(span) => Provenance::Within(span),
            Source::Hole(id) => Provenance::Hole(id),
        })
    }

    /// The stretches that the source tells, each with where it came from.
    pub fn known(&self) -> impl Iterator<Item = (Range<usize>, Span)> + '_ {
        self.pieces_in(0..self.len()).filter_map(|(range, source)| match source {
            Source::Run { span, .. } | Source::Within(span) => Some((range, span)),
            Source::Hole(_) => None,
        })
    }

    /// The place to point at for a range: what its first known piece came from, widened over the pieces that follow in
    /// the same input. None where all of it is unknown.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Option<Span> {
        let mut all: Option<Span> = None;
        for (_, source) in self.pieces_in(range) {
            let (Source::Run { span, .. } | Source::Within(span)) = source else { continue };
            all = Some(match all {
                // Text put together from far-apart places is pointed at where it begins.
                Some(so_far) if span.file != so_far.file || span.start < so_far.start => so_far,
                Some(so_far) => so_far.cover(span),
                None => span,
            });
        }
        all
    }

    fn end(&self) -> u32 {
        offset(self.bytes.len())
    }

    fn push(&mut self, bytes: &[u8], source: Source) {
        if bytes.is_empty() {
            return;
        }
        let at = self.end();
        if self.pieces.last().is_none_or(|last| last.source != source || matches!(source, Source::Hole(_))) {
            self.pieces.push(Piece { at, source });
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The pieces that a range touches, each clipped to it. An empty range touches the piece that it stands in.
    fn pieces_in(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Source)> + '_ {
        let first = self.pieces.partition_point(|p| p.at as usize <= range.start).saturating_sub(1);
        let empty = range.is_empty();
        self.pieces[first.min(self.pieces.len())..].iter().enumerate().map_while(move |(i, piece)| {
            let start = piece.at as usize;
            let end = self.pieces.get(first + i + 1).map_or(self.bytes.len(), |next| next.at as usize);
            if start >= range.end && !(empty && i == 0) {
                return None;
            }
            let sub = range.start.clamp(start, end)..range.end.clamp(start, end);
            Some((sub.clone(), clip(piece.source, sub.start - start, sub.end - start)))
        })
    }
}

/// The part of a run that makes text bytes `from..to` of it: whole units, so that half a transcoded unit is all of it.
fn clip(source: Source, from: usize, to: usize) -> Source {
    let Source::Run { span, text_step, source_step } = source else { return source };
    let (text, unit) = (usize::from(text_step), u32::from(source_step));
    let units = |at: usize| offset(at).saturating_mul(unit);
    let start = span.start.saturating_add(units(from / text)).min(span.end);
    let end = span.start.saturating_add(units(to.div_ceil(text))).min(span.end).max(start);
    Source::Run { span: Span { file: span.file, start, end }, text_step, source_step }
}

#[cfg(test)]
mod tests {
    use super::super::span::FileId;
    use super::*;

    fn at(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start..end)
    }

    #[test]
    fn a_slice_of_exact_text_is_exact() {
        let text = Text::exact(b"hello world", at(100, 111));
        assert_eq!(text.span(6..11), Some(at(106, 111)));
        assert_eq!(text.slice(6..11).span(0..2), Some(at(106, 108)));
        assert_eq!(text.span(3..3), Some(at(103, 103)));
    }

    #[test]
    fn an_escape_is_somewhere_within_and_neighbours_stay_exact() {
        let mut text = Text::exact(b"a", at(1, 2));
        text.push_within(b"\n", at(2, 4));
        text.push_exact(b"b", at(4, 5));
        assert_eq!(text.bytes(), b"a\nb");
        assert_eq!(text.span(2..3), Some(at(4, 5)));
        assert_eq!(text.span(1..2), Some(at(2, 4)));
        assert_eq!(text.span(0..3), Some(at(1, 5)));
    }

    #[test]
    fn utf16_units_are_two_source_bytes_each() {
        let mut text = Text::new();
        text.push_run(b"key", at(2, 8), 1, 2);
        text.push_run("é".as_bytes(), at(8, 10), 2, 2);
        text.push_run(b"!", at(10, 12), 1, 2);
        assert_eq!(text.span(1..2), Some(at(4, 6)));
        assert_eq!(text.span(4..5), Some(at(8, 10)), "half of a unit is the whole unit");
        assert_eq!(text.span(5..6), Some(at(10, 12)));
    }

    #[test]
    fn text_over_text_over_source_keeps_places_and_holes() {
        let mut outer = Text::exact(b"{\"a\": \"arn:", at(10, 21));
        outer.push_hole(UnknownId(7));
        outer.push_exact(b":x\"}", at(33, 37));
        let inner = outer.slice(7..outer.len() - 2);
        assert_eq!(inner.to_str(), format!("arn:{HOLE}:x"));
        assert_eq!(inner.holes().collect::<Vec<_>>(), [UnknownId(7)]);
        let tail = inner.len() - 1;
        assert_eq!(inner.span(tail..tail + 1), Some(at(34, 35)));
        let hole: Vec<_> = inner.provenance(4..4 + HOLE.len()).collect();
        assert_eq!(hole, [Provenance::Hole(UnknownId(7))]);
    }

    proptest::proptest! {
        /// Cutting twice is cutting once, in bytes and in places.
        #[test]
        fn slices_compose(parts in proptest::collection::vec((0u8..3, 1usize..9), 0..9), a in 0usize..40, b in 0usize..40, c in 0usize..40, d in 0usize..40) {
            let (mut text, mut source) = (Text::new(), 0u32);
            for (kind, len) in parts {
                let bytes = vec![b'a' + kind; len];
                let wide = u32::try_from(len).expect("small");
                match kind {
                    0 => text.push_exact(&bytes, at(source, source + wide)),
                    1 => text.push_run(&bytes, at(source, source + 2 * wide), 1, 2),
                    _ => text.push_within(&bytes, at(source, source + 3)),
                }
                source += 3 * wide + 1;
            }
            let (lo, hi) = (a.min(b).min(text.len()), a.max(b).min(text.len()));
            let once = text.slice(lo..hi);
            let (x, y) = (c.min(d).min(once.len()), c.max(d).min(once.len()));
            proptest::prop_assert_eq!(once.slice(x..y), text.slice(lo + x..lo + y));
            proptest::prop_assert_eq!(once.span(x..y).filter(|_| x < y), text.span(lo + x..lo + y).filter(|_| x < y));
        }
    }
}
