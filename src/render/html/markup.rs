//! Text of others in HTML, and a page under way.

use std::fmt::Write as _;

use crate::base::escape;
use crate::base::excerpt::Excerpt;
use crate::render::human::snippet::Snippet;
use crate::render::{location, origin_words};
use crate::report::SealedPlace;

/// Columns of a line of source; what is longer is cut around its label.
const WIDTH: usize = 160;

/// Text that is text in an element and in an attribute between quotes. What cannot be seen is spelled out.
#[must_use]
pub fn text(text: &str) -> String {
    escaped(&escape::name(text))
}

/// Sentences of several lines as one.
#[must_use]
pub fn prose(sentences: &str) -> String {
    text(&sentences.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Several lines of text, each harmless.
#[must_use]
pub fn lines(lines: &str) -> String {
    lines.lines().map(|line| escaped(&escape::line(line))).collect::<Vec<_>>().join("\n")
}

/// Where something stands, and where that came from.
#[must_use]
pub fn place(place: &SealedPlace) -> String {
    let origin = origin_words(&place.origin).map(|origin| format!(" ({})", text(&origin))).unwrap_or_default();
    format!("<code>{}</code>{origin}", text(&location(place)))
}

/// A few lines of source with their numbers, what is meant marked.
#[must_use]
pub fn source(excerpt: &Excerpt) -> String {
    let drawing = Snippet::of(excerpt, None).draw(WIDTH, "…");
    let (mut out, mut at) = ("<pre><code>".to_owned(), 0);
    for (number, line) in (drawing.first..).zip(drawing.text.split('\n')) {
        let _ = write!(out, "<span class=\"n\">{number}</span> ");
        let label = drawing.labels.first().map(|(range, _)| range.clone()).filter(|range| (at..=at + line.len()).contains(&range.start));
        match label {
            Some(range) => {
                let (start, end) = (range.start - at, (range.end - at).min(line.len()));
                let (before, rest) = line.split_at(start);
                let (marked, after) = rest.split_at(end.max(start) - start);
                let _ = write!(out, "{}<mark>{}</mark>{}", escaped(before), escaped(marked), escaped(after));
            }
            None => out.push_str(&escaped(line)),
        }
        out.push('\n');
        at += line.len() + 1;
    }
    out.truncate(out.trim_end_matches('\n').len());
    out + "</code></pre>\n"
}

/// A page under way. What goes in with [`put`](Page::put) is markup of ours.
#[derive(Default)]
pub struct Page {
    out: String,
}

impl Page {
    pub fn put(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// An element with a text.
    pub fn line(&mut self, tag: &str, plain: &str) {
        let _ = writeln!(self.out, "<{tag}>{}</{tag}>", text(plain));
    }

    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::excerpt::Lines;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            text("<a href='x' onclick=\"y\">&amp;\u{202e}\n"),
            "&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;amp;\\u{202e}\\n"
        );
    }

    #[test]
    fn what_is_meant_is_marked_in_its_line() {
        let text = b"<one>\nkey = <V>;\nthree\n";
        let printed = source(&Lines::new(text).excerpt(12..15));
        assert!(printed.contains("<span class=\"n\">2</span> key = <mark>&lt;V&gt;</mark>;\n"), "{printed}");
    }
}
