//! Where what is read stands: in a file, in a text that came from elsewhere, or all of it at one place.

use std::ops::Range;

use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::syntax::document::offset;

/// From ranges of the source to places.
#[derive(Clone, Copy)]
pub(super) enum Places<'a> {
    /// A file, whose source begins at an offset: a byte order mark is before it.
    File(FileId, u32),
    /// A text, and the place of the whole.
    Text(&'a Text, Span),
    /// Nowhere that a person could look at: all of it is pointed at here.
    One(Span),
}

impl Places<'_> {
    pub fn span(self, range: Range<usize>) -> Span {
        match self {
            Places::File(file, base) => Span::new(file, base + offset(range.start)..base + offset(range.end.max(range.start))),
            Places::Text(text, whole) => text.span(range).unwrap_or(whole),
            Places::One(place) => place,
        }
    }

    /// Appends bytes that stand at an offset of the source as they are.
    pub fn push(self, out: &mut Text, bytes: &[u8], start: usize) {
        match self {
            Places::File(..) => out.push_exact(bytes, self.span(start..start + bytes.len())),
            Places::Text(text, _) => out.push_slice(text, start..start + bytes.len()),
            Places::One(place) => out.push_within(bytes, place),
        }
    }
}
