//! What a scalar's value has to do with its source: quotes, escapes, folding and the indent of blocks.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::Source;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::syntax::document::NodeKind;

/// The length of the tags and anchors before a scalar, which its marks include.
pub(super) fn properties(raw: &str) -> usize {
    let mut at = 0;
    while raw[at..].starts_with(['!', '&']) {
        at += raw[at..].find([' ', '\t', '\n', '\r']).unwrap_or(raw.len() - at);
        at += raw[at..].len() - raw[at..].trim_start().len();
    }
    at
}

/// The length of the line that a block with a tag begins with, which its marks then include: `!Sub |-`.
pub(super) fn block_header(raw: &str) -> usize {
    let line = raw.split_inclusive('\n').next().unwrap_or_default();
    let sign = properties(line);
    if sign > 0 && line[sign..].starts_with(['|', '>']) { line.len() } else { 0 }
}

/// A plain scalar by the core schema.
pub(super) fn resolve(value: &str, text: Text) -> NodeKind {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ if value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => {
            let digits = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
            match value.parse::<f64>() {
                Ok(number) if digits && number.is_finite() => NodeKind::Number(number, text),
                _ => NodeKind::Text(text),
            }
        }
        _ => NodeKind::Text(text),
    }
}

/// The value over its source. The parser has decoded it already, so this walks both side by side; where they part, the
/// rest is "somewhere in this scalar".
pub(super) fn text(value: &str, style: ScalarStyle, source: &Source<'_>, range: Range<usize>) -> Text {
    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let (raw, span) = (&source.body[range.clone()], source.span(range.start, range.end));
    let mut walk = Walk { raw, source, base: range.start, at: 0, indent: 0, text: Text::new(), value, done: 0, run: (0, 0) };
    match style {
        ScalarStyle::SingleQuoted if raw.starts_with('\'') => walk.at = 1,
        ScalarStyle::DoubleQuoted if raw.starts_with('"') => walk.at = 1,
        _ => {}
    }
    if block {
        walk.indent = indent(value, raw);
    }
    walk.run = (walk.at, walk.at);
    while let Some(c) = value[walk.done..].chars().next() {
        let stepped = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => walk.block(c),
            ScalarStyle::Plain => walk.flow(c),
            ScalarStyle::SingleQuoted => walk.single(c),
            ScalarStyle::DoubleQuoted => walk.double(c),
        };
        if !stepped {
            break;
        }
    }
    walk.flush();
    let Walk { mut text, done, .. } = walk;
    text.push_within(&value.as_bytes()[done..], span);
    text
}

/// How many blanks each line of a block is indented by: what its first line with content has more than the value.
fn indent(value: &str, raw: &str) -> usize {
    let first = |text: &str| {
        text.split('\n').find(|line| !line.trim().is_empty()).map_or(0, |line| line.len() - line.trim_start_matches(' ').len())
    };
    // The marks begin at the text of the first line or at the line's own start.
    let whole = first(raw);
    let own = first(value);
    if whole > own {
        return whole - own;
    }
    raw.split('\n').skip(1).find(|line| !line.trim().is_empty()).map_or(0, |line| {
        let second = value.split('\n').filter(|line| !line.trim().is_empty()).nth(1).unwrap_or_default();
        (line.len() - line.trim_start_matches(' ').len()).saturating_sub(second.len() - second.trim_start_matches(' ').len())
    })
}

struct Walk<'a> {
    raw: &'a str,
    source: &'a Source<'a>,
    /// Where `raw` begins in the source.
    base: usize,
    /// Where we are in `raw`.
    at: usize,
    indent: usize,
    text: Text,
    value: &'a str,
    /// How much of `value` is mapped or in the run.
    done: usize,
    /// A stretch of `raw` that is the value as it is.
    run: (usize, usize),
}

impl Walk<'_> {
    fn place(&self, from: usize, to: usize) -> Span {
        self.source.span(self.base + from, self.base + to)
    }

    fn flush(&mut self) {
        let (from, to) = self.run;
        self.text.push_slice(self.source.text, self.base + from..self.base + to);
        self.run = (self.at, self.at);
    }

    fn peek(&self) -> Option<char> {
        self.raw[self.at..].chars().next()
    }

    /// The next character of the source is the value's.
    fn same(&mut self, c: char) -> bool {
        if self.peek() != Some(c) {
            return false;
        }
        if self.run.1 != self.at {
            self.flush();
        }
        self.at += c.len_utf8();
        self.run.1 = self.at;
        self.done += c.len_utf8();
        true
    }

    /// `length` bytes of the source became one character of the value.
    fn became(&mut self, c: char, length: usize) -> bool {
        let to = (self.at + length).min(self.raw.len());
        if !self.raw.is_char_boundary(to) {
            return false;
        }
        self.flush();
        let place = self.place(self.at, to);
        let mut utf8 = [0; 4];
        self.text.push_within(c.encode_utf8(&mut utf8).as_bytes(), place);
        self.at = to;
        self.run = (to, to);
        self.done += c.len_utf8();
        true
    }

    fn skip(&mut self, length: usize) {
        self.flush();
        self.at += length;
        self.run = (self.at, self.at);
    }

    fn blank(&self) -> usize {
        self.raw[self.at..].bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count()
    }

    /// Folded lines: a stretch of blanks with a line end in it becomes a blank, or line ends.
    fn fold(&mut self, c: char) -> bool {
        let blank = self.blank();
        let stretch = &self.raw[self.at..self.at + blank];
        if blank == 0 || !matches!(c, ' ' | '\n') || !stretch.contains('\n') {
            return false;
        }
        // One line end less than the source has; a lone one is a blank.
        let ends = stretch.matches('\n').count();
        for _ in 1..ends.saturating_sub(1) {
            if !self.value[self.done..].starts_with('\n') {
                break;
            }
            self.became('\n', 0);
        }
        self.became(c, blank)
    }

    fn flow(&mut self, c: char) -> bool {
        if matches!(c, ' ' | '\n') && self.fold(c) { true } else { self.same(c) }
    }

    fn single(&mut self, c: char) -> bool {
        if c == '\'' && self.raw[self.at..].starts_with("''") {
            return self.became(c, 2);
        }
        self.flow(c)
    }

    fn double(&mut self, c: char) -> bool {
        while self.raw[self.at..].starts_with("\\\n") || self.raw[self.at..].starts_with("\\\r\n") {
            self.skip(1);
            let blank = self.blank();
            self.skip(blank);
        }
        if self.peek() != Some('\\') {
            return self.flow(c);
        }
        let digits = match self.raw[self.at + 1..].chars().next() {
            Some('x') => 2,
            Some('u') if u32::from(c) > 0xFFFF => 10,
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => return self.became(c, 1 + other.len_utf8()),
            None => return false,
        };
        self.became(c, 2 + digits)
    }

    fn block(&mut self, c: char) -> bool {
        if self.at == 0 || self.raw[..self.at].ends_with('\n') {
            let blank = self.raw[self.at..].bytes().take(self.indent).take_while(|b| *b == b' ').count();
            // The marks of the first line may begin behind its indent.
            if self.at > 0 || !self.value.starts_with(' ') || blank < self.raw.len() - self.raw.trim_start_matches(' ').len() {
                self.skip(blank);
            }
        }
        if self.raw[self.at..].starts_with("\r\n") && c == '\n' {
            return self.became(c, 2);
        }
        if self.same(c) {
            return true;
        }
        match (c, self.peek()) {
            (' ', Some('\n')) => self.became(c, 1),
            (' ', Some('\r')) => self.became(c, 2),
            // Of several line ends in a fold, the first is none of the value's.
            (_, Some('\n' | '\r')) => {
                self.skip(1);
                true
            }
            // The last line end of a file that has none.
            _ => false,
        }
    }
}
