//! Lines of a place with their numbers and a row of carets, for formats that have no frames.

use std::fmt::Write as _;

use super::human::snippet::Snippet;
use crate::base::excerpt::Excerpt;

/// Columns of a line; what is longer is cut around its label.
const WIDTH: usize = 120;

/// A few lines, harmless:
///
/// ```text
///  1 | [default]
///  2 | aws_access_key_id = AKIA************J6HB
///    |                     ^^^^^^^^^^^^^^^^^^^^
/// ```
#[must_use]
pub fn listing(excerpt: &Excerpt) -> String {
    let drawing = Snippet::of(excerpt, None).draw(WIDTH, "...");
    let lines: Vec<&str> = drawing.text.split('\n').collect();
    let last = drawing.first.saturating_add(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    let gutter = last.to_string().len();
    let (mut out, mut at) = (String::new(), 0);
    for (number, line) in (drawing.first..).zip(lines) {
        let row = format!("{number:>gutter$} | {}", line.replace('\t', "    "));
        let _ = writeln!(out, "{}", row.trim_end());
        let label = drawing.labels.first().map(|(range, _)| range.clone()).filter(|range| (at..=at + line.len()).contains(&range.start));
        if let Some(label) = label {
            let columns = |text: &str| text.replace('\t', "    ").chars().count();
            let (start, end) = (label.start - at, (label.end - at).min(line.len()));
            let (before, marked) = (columns(&line[..start]), columns(&line[start..end.max(start)]).max(1));
            let _ = writeln!(out, "{:gutter$} | {}{}", "", " ".repeat(before), "^".repeat(marked));
        }
        at += line.len() + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::excerpt::Lines;

    #[test]
    fn carets_stand_below_what_is_marked() {
        let text = b"one\n\tkey = VALUE\nthree\n";
        let excerpt = Lines::new(text).excerpt(11..16);
        assert_eq!(listing(&excerpt), "1 | one\n2 |     key = VALUE\n  |           ^^^^^\n3 | three\n");
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}KEY{}", ".".repeat(5000), ".".repeat(5000));
        let printed = listing(&Lines::new(text.as_bytes()).excerpt(5000..5003));
        let (code, carets) = printed.split_once('\n').expect("two lines");
        assert_eq!(code.find("KEY"), carets.find("^^^"), "{printed}");
        assert!(code.chars().count() < 150, "{printed}");
    }
}
