//! Where bytes are. Not where lines are: lines and columns exist only in an [`Excerpt`](super::excerpt::Excerpt).

use std::ops::Range;

/// The number of an input in [`Inputs`](crate::input::Inputs); means nothing outside one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place or a length in an input, as spans hold it. No input is longer than they can say.
#[must_use]
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Bytes `start..end` of an input as it is stored, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[must_use]
    pub fn new(file: FileId, range: Range<u32>) -> Self {
        debug_assert!(range.start <= range.end);
        Span { file, start: range.start, end: range.end }
    }

    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both; `self` where they lie in different inputs.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}
