//! Excerpts cut small and made harmless, before miette draws them: it prints long lines whole, lets control characters
//! through, and panics on a label past column 65,535. What leaves here has a few lines of bounded width.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::escape;
use crate::base::excerpt::{Excerpt, MAX_BYTES};

/// Something to underline.
#[derive(Clone, Debug)]
struct Mark {
    /// Bytes of the line.
    range: Range<usize>,
    text: Option<String>,
}

#[derive(Debug)]
struct Line<'a> {
    text: &'a str,
    marks: Vec<Mark>,
    /// The excerpt has only a part of this line.
    open: (bool, bool),
}

/// Some lines of one input, by number.
#[derive(Debug)]
pub struct Snippet<'a> {
    lines: BTreeMap<u32, Line<'a>>,
    /// Whether every line is here from its start to its end.
    whole: bool,
}

/// Text to show as it is, with labels as bytes of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Drawing {
    pub text: String,
    /// The number of its first line.
    pub first: u32,
    pub labels: Vec<(Range<usize>, Option<String>)>,
}

impl<'a> Snippet<'a> {
    /// The label's first line, and up to one line on either side. A label of many lines is marked on its first.
    #[must_use]
    pub fn of(excerpt: &'a Excerpt, text: Option<&str>) -> Snippet<'a> {
        let (mut lines, mut offset, mut label_line) = (BTreeMap::new(), 0, excerpt.first.line);
        let full = excerpt.text.len() + "\u{fffd}".len() > MAX_BYTES;
        let rows: Vec<&str> = excerpt.text.split('\n').collect();
        for (number, row) in (excerpt.first.line..).zip(&rows) {
            let (first, last) = (number == excerpt.first.line, offset + row.len() == excerpt.text.len());
            let mut line = Line { text: row.strip_suffix('\r').unwrap_or(row), marks: Vec::new(), open: (false, false) };
            line.open = (first && excerpt.first.column > 1, last && full);
            if (offset..=offset + row.len()).contains(&excerpt.label.start) {
                label_line = number;
                let end = excerpt.label.end.min(offset + line.text.len()).max(excerpt.label.start);
                let to = (excerpt.end.line > excerpt.start.line + 1).then(|| format!("to line {}", excerpt.end.line));
                let text = match (text, to) {
                    (Some(text), Some(to)) => Some(format!("{text} ({to})")),
                    (text, to) => text.map(str::to_owned).or(to),
                };
                line.marks.push(Mark { range: excerpt.label.start - offset..end - offset, text });
            }
            lines.insert(number, line);
            offset += row.len() + 1;
        }
        lines.retain(|number, _| number.abs_diff(label_line) <= 1);
        let whole = lines.values().all(|line| line.open == (false, false));
        Snippet { lines, whole }
    }

    /// Takes in another snippet of the same input where it touches this one and neither has lines too long to show.
    /// Gives it back where it does not.
    pub fn absorb(&mut self, other: Snippet<'a>, width: usize) -> Option<Snippet<'a>> {
        let bounds = |s: &Snippet<'_>| s.lines.keys().next().copied().zip(s.lines.keys().next_back().copied());
        let (Some((first, last)), Some((other_first, other_last))) = (bounds(self), bounds(&other)) else { return Some(other) };
        let short = |s: &Snippet<'_>| s.whole && s.lines.values().all(|line| line.columns() <= width);
        if other_first > last.saturating_add(1) || first > other_last.saturating_add(1) || !short(self) || !short(&other) {
            return Some(other);
        }
        for (number, line) in other.lines {
            match self.lines.entry(number) {
                std::collections::btree_map::Entry::Occupied(mut own) => own.get_mut().marks.extend(line.marks),
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(line);
                }
            }
        }
        None
    }

    /// Lines of at most `width` columns, `ellipsis` standing where they were cut.
    #[must_use]
    pub fn draw(&self, width: usize, ellipsis: &str) -> Drawing {
        let mut drawing = Drawing { text: String::new(), first: self.lines.keys().next().copied().unwrap_or(1), labels: Vec::new() };
        // Beside a line that begins in its middle, the starts of others tell nothing.
        let scrolled = self.lines.values().any(|line| !line.marks.is_empty() && line.cells_from(width) > 0);
        if scrolled {
            drawing.first = self.lines.iter().find(|(_, line)| !line.marks.is_empty()).map_or(drawing.first, |(number, _)| *number);
        }
        for (i, line) in self.lines.values().filter(|line| !scrolled || !line.marks.is_empty()).enumerate() {
            if i > 0 {
                drawing.text.push('\n');
            }
            line.draw(width, ellipsis, &mut drawing);
        }
        drawing
    }
}

/// A character as it is shown: where it begins, and the columns before it.
struct Cell {
    at: usize,
    column: usize,
}

impl Line<'_> {
    /// The characters, and one cell more for the end.
    fn cells(&self) -> Vec<Cell> {
        let (mut cells, mut column) = (Vec::with_capacity(self.text.len() + 1), 0);
        for (at, c) in self.text.char_indices() {
            cells.push(Cell { at, column });
            column += columns(c);
        }
        cells.push(Cell { at: self.text.len(), column });
        cells
    }

    fn columns(&self) -> usize {
        self.text.chars().map(columns).sum()
    }

    /// The first column to show, so that the first mark is in sight: 0 where the line fits or the mark is near its start.
    fn cells_from(&self, width: usize) -> usize {
        let cells = self.cells();
        let total = cells.last().map_or(0, |cell| cell.column);
        let column = |at: usize| cells.iter().find(|cell| cell.at >= at).map_or(total, |cell| cell.column);
        let Some(mark) = self.marks.first() else { return 0 };
        let (start, end) = (column(mark.range.start), column(mark.range.end));
        let shown = (end - start.min(end)).min(width * 2 / 3);
        if start + shown <= width {
            return 0;
        }
        start.saturating_sub((width - shown) / 2).min(total.saturating_sub(width))
    }

    fn draw(&self, width: usize, ellipsis: &str, drawing: &mut Drawing) {
        let from = self.cells_from(width);
        let cells = self.cells();
        let total = cells.last().map_or(0, |cell| cell.column);
        if (from > 0 || self.open.0) && !self.text.is_empty() {
            drawing.text.push_str(ellipsis);
        }
        let mut spots: Vec<Option<Range<usize>>> = vec![None; self.marks.len()];
        for (cell, c) in cells.iter().zip(self.text.chars()) {
            if cell.column < from || cell.column + columns(c) > from + width {
                continue;
            }
            let before = drawing.text.len();
            escape::push_char(&mut drawing.text, c);
            for (mark, spot) in self.marks.iter().zip(&mut spots) {
                let empty = mark.range.is_empty() && cell.at == mark.range.start;
                if empty || mark.range.contains(&cell.at) {
                    *spot = Some(spot.as_ref().map_or(before, |s| s.start)..drawing.text.len());
                }
            }
        }
        if from + width < total || self.open.1 {
            drawing.text.push_str(ellipsis);
        }
        for (i, (mark, spot)) in self.marks.iter().zip(spots).enumerate() {
            // A mark at the very end of a line stands under a blank after it; a second mark out of sight is dropped.
            let spot = match spot {
                Some(spot) => spot,
                None if i == 0 => {
                    drawing.text.push(' ');
                    drawing.text.len() - 1..drawing.text.len()
                }
                None => continue,
            };
            drawing.labels.push((spot, mark.text.clone()));
        }
    }
}

/// Columns that a character takes when shown, or a few more: escapes are spelled out, and what may be wide is taken to be.
fn columns(c: char) -> usize {
    match c {
        '\t' => 4,
        '\n' | '\r' => 2,
        c if escape::is_hostile(c) => c.escape_unicode().count(),
        '\u{1100}'.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::excerpt::Lines;

    fn drawn(text: &[u8], range: Range<usize>, width: usize) -> Drawing {
        let excerpt = Lines::new(text).excerpt(range);
        Snippet::of(&excerpt, None).draw(width, "…")
    }

    fn marked(drawing: &Drawing) -> &str {
        &drawing.text[drawing.labels[0].0.clone()]
    }

    #[test]
    fn a_short_line_stays_as_it_is() {
        let drawing = drawn(b"one\r\ntwo\tx\r\nthree\nfour", 9..10, 80);
        assert_eq!((drawing.text.as_str(), drawing.first, marked(&drawing)), ("one\ntwo\tx\nthree", 1, "x"));
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides_of_its_label() {
        let mut text = b"first\n".to_vec();
        text.extend(vec![b'.'; 70_000]);
        text.extend(b"LABEL");
        text.extend(vec![b'.'; 500]);
        let drawing = drawn(&text, 70_006..70_011, 80);
        assert_eq!((drawing.first, marked(&drawing), drawing.text.chars().count()), (2, "LABEL", 82));
        assert!(drawing.text.starts_with('…') && drawing.text.ends_with('…') && !drawing.text.contains('\n'));
    }

    #[test]
    fn a_label_wider_than_the_window_is_seen_from_its_start() {
        let text = [b"key = ".as_slice(), &[b'*'; 3000]].concat();
        let drawing = drawn(&text, 6..3006, 60);
        assert!(drawing.text.starts_with("key = ****"), "{drawing:?}");
        assert_eq!(drawing.text.chars().count(), 61);
    }

    #[test]
    fn hostile_characters_are_spelled_out_and_the_label_moves_along() {
        let drawing = drawn("\u{1b}[31m\u{202e}KEY\u{200b}".as_bytes(), 8..11, 80);
        assert_eq!((drawing.text.as_str(), marked(&drawing)), ("\\u{1b}[31m\\u{202e}KEY\\u{200b}", "KEY"));
    }

    #[test]
    fn many_lines_are_marked_on_the_first() {
        let drawing = drawn(b"a\nBEGIN\nx\ny\nEND\nb", 2..15, 80);
        assert_eq!((drawing.text.as_str(), marked(&drawing)), ("a\nBEGIN\nx", "BEGIN"));
        assert_eq!(drawing.labels[0].1.as_deref(), Some("to line 5"));
    }

    #[test]
    fn neighbours_share_a_frame_and_strangers_do_not() {
        let text = b"id = A\nkey = B\n\n\n\nfar = C\n";
        let lines = Lines::new(text);
        let (id, key, far) = (lines.excerpt(5..6), lines.excerpt(13..14), lines.excerpt(24..25));
        let mut snippet = Snippet::of(&id, Some("id"));
        assert!(snippet.absorb(Snippet::of(&key, Some("key")), 80).is_none());
        assert!(snippet.absorb(Snippet::of(&far, None), 80).is_some());
        let drawing = snippet.draw(80, "…");
        let labels: Vec<_> = drawing.labels.iter().map(|(range, text)| (&drawing.text[range.clone()], text.as_deref())).collect();
        assert_eq!(labels, [("A", Some("id")), ("B", Some("key"))]);
        assert_eq!(drawing.text, "id = A\nkey = B\n");
    }

    proptest::proptest! {
        /// Whatever comes in, few and short lines go out, and labels lie within them.
        #[test]
        fn drawings_are_small(text in "(?s).{0,200}", repeat in 1usize..60, a in 0usize..9000, b in 0usize..9000, width in 30usize..200) {
            let bytes = text.repeat(repeat).into_bytes();
            let (a, b) = (a.min(b).min(bytes.len()), a.max(b).min(bytes.len()));
            let drawing = drawn(&bytes, a..b, width);
            proptest::prop_assert!(drawing.text.split('\n').count() <= 3);
            for line in drawing.text.split('\n') {
                proptest::prop_assert!(line.chars().map(columns).sum::<usize>() <= width + 5, "{:?}", line);
            }
            proptest::prop_assert_eq!(drawing.labels.len(), 1);
            proptest::prop_assert!(!drawing.text[drawing.labels[0].0.clone()].is_empty());
        }
    }
}
