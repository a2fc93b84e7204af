//! A content with its name, about to be judged: what turns a range of bytes into a place.

use std::cell::OnceCell;
use std::ops::Range;

use crate::base::excerpt::Lines;
use crate::base::span::{FileId, Span, offset};
use crate::base::text_map::Text;
use crate::finding::Place;
use crate::input::{Content, Focus, InputPath, Window};

/// What `judge` functions are given. Ranges are over [`Subject::bytes`]; spans and focus are over the input as stored.
pub struct Subject<'a> {
    pub file: FileId,
    pub path: &'a InputPath,
    pub content: &'a Content<'a>,
    /// The content as UTF-8, where it is stored in another encoding.
    pub decoded: Option<&'a Text>,
    pub focus: &'a Focus,
    lines: OnceCell<Lines<'a>>,
}

impl<'a> Subject<'a> {
    #[must_use]
    pub fn new(file: FileId, path: &'a InputPath, content: &'a Content<'a>, decoded: Option<&'a Text>, focus: &'a Focus) -> Self {
        Subject { file, path, content, decoded, focus, lines: OnceCell::new() }
    }

    /// What was scanned: the content, or its decoded form.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.decoded.map_or(self.content.bytes, Text::bytes)
    }

    /// Where a range of [`Subject::bytes`] stands in the input.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let base = self.content.window.offset;
        let stored = match self.decoded.map(|text| text.span(range.clone())) {
            Some(Some(span)) => span.start..span.end,
            Some(None) => 0..0,
            None => offset(range.start)..offset(range.end),
        };
        Span::new(self.file, base.saturating_add(stored.start)..base.saturating_add(stored.end))
    }

    /// A place with its lines pinned.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Place {
        let lines = self.lines.get_or_init(|| Lines::from(self.bytes(), self.content.window.position));
        Place::pinned(self.span(range.clone()), lines.excerpt(range))
    }

    /// Whether a byte of [`Subject::bytes`] stands so early in the overlap of windows that the window before shows more of what
    /// is around it.
    #[must_use]
    pub fn is_early(&self, at: usize) -> bool {
        let Window { offset, overlap, .. } = self.content.window;
        overlap > 0 && self.span(at..at + 1).start < offset.saturating_add(overlap / 2)
    }

    /// Whether a range of [`Subject::bytes`] is asked about: in focus, and not judged with the window before.
    #[must_use]
    pub fn in_focus(&self, range: Range<usize>) -> bool {
        let span = self.span(range);
        let known = self.content.window.offset.saturating_add(self.content.window.overlap);
        let seen_before = self.content.window.overlap > 0 && span.end <= known;
        !seen_before && self.focus.touches(span.start..span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ContentId;

    #[test]
    fn a_range_of_decoded_text_stands_in_the_stored_bytes() {
        let file = FileId(3);
        let mut text = Text::new();
        text.push_run(b"a\nkey", Span::new(file, 2..12), 1, 2);
        let content = Content::whole(ContentId::Number(0), b"\xff\xfea\0\n\0k\0e\0y\0");
        let path = InputPath::new(b"x");
        let subject = Subject::new(file, &path, &content, Some(&text), &Focus::Whole);
        let place = subject.place(2..5);
        assert_eq!(place.span, Some(Span::new(file, 6..12)));
        let excerpt = place.excerpt.expect("pinned");
        assert_eq!((excerpt.start.line, excerpt.start.column), (2, 1));
    }

    #[test]
    fn what_the_window_before_has_judged_is_not_judged_again() {
        let window = Window { offset: 100, overlap: 10, ..Window::WHOLE };
        let content = Content { id: ContentId::Number(0), bytes: &[b'.'; 50], window };
        let path = InputPath::new(b"x");
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        assert!(!subject.in_focus(2..10));
        assert!(subject.in_focus(2..11), "it ends in what is new");
        assert_eq!(subject.span(2..11).start, 102);
    }
}
