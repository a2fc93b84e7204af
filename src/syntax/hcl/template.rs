//! The literal parts of strings and heredocs as [`Text`]: escapes, `$${`, the indent that `<<-` takes off.

use super::places::Places;
use crate::base::text_map::Text;

/// How literal parts are written.
#[derive(Clone, Copy)]
pub(super) enum Literal {
    Quoted,
    /// With the indent to take off.
    Heredoc(usize),
}

impl Literal {
    /// The text that a stretch of it stands for; `at_start` tells whether it begins a line.
    pub fn text(self, raw: &Raw<'_>, at_start: bool) -> Text {
        match self {
            Literal::Quoted => raw.quoted(),
            Literal::Heredoc(indent) => raw.heredoc(indent, at_start),
        }
    }
}

/// The text without the blanks at one end, as `~` takes them: of a heredoc, those of one line.
pub(super) fn trim(text: &Text, start: bool, literal: Literal) -> Text {
    let bytes = text.bytes();
    let by_line = matches!(literal, Literal::Heredoc(_));
    if start {
        let line = memchr::memchr(b'\n', bytes).filter(|_| by_line).map_or(bytes.len(), |end| end + 1);
        return text.slice(line - bytes[..line].trim_ascii_start().len()..bytes.len());
    }
    let before = &bytes[..bytes.len() - usize::from(bytes.ends_with(b"\n"))];
    let line = memchr::memrchr(b'\n', before).filter(|_| by_line).map_or(0, |end| end + 1);
    text.slice(0..line + bytes[line..].trim_ascii_end().len())
}

/// A stretch of the source that is literal text.
pub(super) struct Raw<'a> {
    pub bytes: &'a str,
    /// Where it begins in the source.
    pub start: usize,
    pub places: Places<'a>,
}

impl Raw<'_> {
    /// Appends a part of it as it is.
    fn push(&self, text: &mut Text, from: usize, to: usize) {
        self.places.push(text, &self.bytes.as_bytes()[from..to], self.start + from);
    }

    /// The inside of a quoted string.
    pub fn quoted(&self) -> Text {
        self.walk(true, 0, false)
    }

    /// A part of a heredoc, every line of which loses up to `indent` blanks; `at_start` tells whether it begins a line.
    pub fn heredoc(&self, indent: usize, at_start: bool) -> Text {
        self.walk(false, indent, at_start)
    }

    /// The least indent of the lines that begin here; None where there are none.
    pub fn indent(&self, at_start: bool) -> Option<usize> {
        let lines = self.bytes.split('\n').enumerate().filter(|(number, line)| (at_start || *number > 0) && !line.trim().is_empty());
        let least = lines.map(|(_, line)| line.len() - line.trim_start_matches([' ', '\t']).len()).min();
        // A line that begins with blanks and then an interpolation has an indent too.
        let last = self.bytes.rsplit('\n').next().unwrap_or_default();
        let open = (at_start || self.bytes.contains('\n')) && !last.is_empty() && last.trim().is_empty();
        [least, open.then_some(last.len())].into_iter().flatten().min()
    }

    fn walk(&self, escapes: bool, indent: usize, at_start: bool) -> Text {
        let (raw, mut text) = (self.bytes.as_bytes(), Text::new());
        let (mut at, mut run) = (0, 0);
        if at_start && indent > 0 {
            at = blanks(raw, indent);
            run = at;
        }
        while let Some(byte) = raw.get(at) {
            let change = match byte {
                b'\\' if escapes => escape(&raw[at..]).map(|(c, length)| (Some(c), length)),
                b'$' if raw[at..].starts_with(b"$${") => Some((None, 1)),
                b'%' if raw[at..].starts_with(b"%%{") => Some((None, 1)),
                b'\n' if indent > 0 => {
                    self.push(&mut text, run, at + 1);
                    at += 1;
                    at += blanks(&raw[at..], indent);
                    run = at;
                    continue;
                }
                _ => None,
            };
            let Some((c, length)) = change else {
                at += 1;
                continue;
            };
            self.push(&mut text, run, at);
            let end = (at + length).min(raw.len());
            if let Some(c) = c {
                let mut utf8 = [0; 4];
                text.push_within(c.encode_utf8(&mut utf8).as_bytes(), self.places.span(self.start + at..self.start + end));
                at = end;
                run = end;
            } else {
                // The first `$` goes, the rest is literal, `{` included.
                run = end;
                at = (end + 2).min(raw.len());
            }
        }
        if run < raw.len() {
            self.push(&mut text, run, raw.len());
        }
        text
    }
}

fn blanks(raw: &[u8], most: usize) -> usize {
    raw.iter().take(most).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn escape(raw: &[u8]) -> Option<(char, usize)> {
    let code = |digits: usize| {
        let hex = std::str::from_utf8(raw.get(2..2 + digits)?).ok()?;
        Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, 2 + digits))
    };
    match raw.get(1)? {
        b'n' => Some(('\n', 2)),
        b'r' => Some(('\r', 2)),
        b't' => Some(('\t', 2)),
        b'"' => Some(('"', 2)),
        b'\\' => Some(('\\', 2)),
        b'u' => code(4),
        b'U' => code(8),
        _ => None,
    }
}
