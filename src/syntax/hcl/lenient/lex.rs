//! Blanks, comments, names and lines.

use super::Reader;

/// Kinds of the top level, with the labels that they have.
const ANCHORS: [(&str, usize); 13] = [
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("check", 1),
    ("locals", 0),
    ("terraform", 0),
    ("moved", 0),
    ("import", 0),
    ("removed", 0),
];

/// Lines that git leaves where it cannot merge.
const CONFLICTS: [&[u8]; 4] = [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"];

impl<'a> Reader<'a> {
    pub fn bytes(&self) -> &'a [u8] {
        self.source.as_bytes()
    }

    pub fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.bytes().get(self.at..).unwrap_or_default()
    }

    pub fn starts(&self, with: &[u8]) -> bool {
        self.rest().starts_with(with)
    }

    /// Takes these bytes if they are next.
    pub fn take(&mut self, bytes: &[u8]) -> bool {
        let there = self.starts(bytes);
        if there {
            self.at += bytes.len();
        }
        there
    }

    /// Whether a line ends here.
    pub fn at_newline(&self) -> bool {
        match self.peek() {
            Some(b'\n') => true,
            Some(b'\r') => self.old_lines || self.peek_at(1) == Some(b'\n'),
            _ => false,
        }
    }

    /// Where the line ends that `from` is in.
    pub fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes().get(from..).unwrap_or_default();
        let end = if self.old_lines { memchr::memchr(b'\r', rest) } else { memchr::memchr(b'\n', rest) };
        end.map_or(self.source.len(), |end| from + end)
    }

    /// What means nothing here: blanks and comments, and lines where they do not count.
    pub fn skip(&mut self) {
        if self.multiline { self.space() } else { self.blanks() }
    }

    /// Blanks and comments of this line.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                // A lone carriage return, in a file that has other line ends.
                Some(b'\r') if !self.at_newline() => self.at += 1,
                Some(b'#' | b'/') if self.comment() => {}
                _ => return,
            }
        }
    }

    /// Blanks, comments and lines, and the lines of a merge conflict.
    pub fn space(&mut self) {
        loop {
            self.blanks();
            if !self.at_newline() {
                if !self.conflict() {
                    return;
                }
                continue;
            }
            self.at += 1;
        }
    }

    fn comment(&mut self) -> bool {
        let start = self.at;
        if self.starts(b"/*") {
            let Some(end) = self.comment_end(start) else { return false };
            self.at = end;
        } else if self.starts(b"#") || self.starts(b"//") {
            self.at = self.line_end(self.at);
        } else {
            return false;
        }
        while let Some(bad) = self.bad.range(start..self.at).next().copied() {
            self.bad.remove(&bad);
        }
        true
    }

    /// Where the comment `/*` at `start` ends. None for one that is not closed: it would take the rest with it.
    pub fn comment_end(&self, start: usize) -> Option<usize> {
        let bytes = self.bytes();
        let last = *self.last_comment.get_or_init(|| memchr::memmem::rfind(bytes, b"*/").unwrap_or(0));
        if last < start + 2 {
            return None;
        }
        memchr::memmem::find(bytes.get(start + 2..)?, b"*/").map(|end| start + end + 4)
    }

    pub fn begins_line(&self) -> bool {
        self.at == 0 || matches!(self.bytes().get(self.at - 1), Some(b'\n')) || self.old_lines && self.bytes()[self.at - 1] == b'\r'
    }

    /// A line of a merge conflict: both sides are read.
    fn conflict(&mut self) -> bool {
        if !CONFLICTS.iter().any(|marker| self.starts(marker)) || !self.begins_line() {
            return false;
        }
        if !matches!(self.peek_at(7), None | Some(b' ' | b'\r' | b'\n')) {
            return false;
        }
        let start = self.at;
        self.at = self.line_end(start);
        let fault = super::Fault { at: start, what: "a merge conflict; both sides were read", limit: false };
        self.tell(&fault, start..self.at);
        true
    }

    pub fn ident(&mut self) -> Option<&'a str> {
        let rest = self.source.get(self.at..)?;
        let length = ident(rest);
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    /// Whether the line that begins here begins a block of the top level.
    pub fn at_anchor(&self) -> bool {
        self.begins_line() && is_anchor(self.bytes().get(self.at..self.line_end(self.at)).unwrap_or_default())
    }

    /// Whether a line that says this, blanks aside, stands at `from` or behind it.
    pub fn marker_follows(&self, marker: &str, from: usize) -> bool {
        let markers = self.markers.get_or_init(|| {
            let mut at = 0;
            let lines = self.source.split_inclusive('\n').map(|line| {
                let start = at;
                at += line.len();
                (line.trim(), start)
            });
            lines.filter(|(line, _)| !line.is_empty() && ident(line) == line.len()).collect()
        });
        markers.get(marker).is_some_and(|last| *last >= from)
    }
}

/// The length of the name at the beginning of a text.
pub(super) fn ident(text: &str) -> usize {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, first)) if first == '_' || first.is_alphabetic() => {}
        _ => return 0,
    }
    let end = chars.find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
    end.map_or(text.len(), |(end, _)| end)
}

/// `resource "a" "b" {`, and the like.
pub(super) fn is_anchor(line: &[u8]) -> bool {
    let Some((kind, labels)) = ANCHORS.iter().find(|(kind, _)| line.starts_with(kind.as_bytes())) else { return false };
    let mut rest = &line[kind.len()..];
    for _ in 0..*labels {
        rest = rest.trim_ascii_start();
        let Some(label) = rest.strip_prefix(b"\"") else { return false };
        let Some(end) = memchr::memchr(b'"', label) else { return false };
        rest = &label[end + 1..];
    }
    rest.trim_ascii_start().starts_with(b"{")
}
