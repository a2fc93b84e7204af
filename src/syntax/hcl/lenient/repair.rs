//! Going on behind what cannot be read, and telling of it.

use std::ops::Range;

use super::lex::is_anchor;
use super::{Fault, MAX_ERRORS, Reader};
use crate::syntax::document::SyntaxError;

impl Reader<'_> {
    /// Passes over an item that begins at `start`, and tells why.
    pub fn pass_over(&mut self, fault: &Fault, start: usize) {
        let at = fault.at.clamp(start, self.source.len());
        let end = self.item_end(start, at).unwrap_or_else(|| self.line_end(at));
        // At least one character, or the next try would be this one.
        self.at = end.max(start + 1);
        while !self.source.is_char_boundary(self.at) {
            self.at += 1;
        }
        // A fault leaves its brackets behind.
        self.multiline = false;
        self.torn |= !fault.limit;
        self.tell(fault, start..self.at);
    }

    /// Where the item that begins at `start` and cannot be read at `fault` ends, by its brackets and quotes alone. None
    /// where they do not match.
    fn item_end(&mut self, start: usize, fault: usize) -> Option<usize> {
        let bytes = self.bytes();
        let mut open: Vec<u8> = Vec::new();
        let mut at = start;
        while at < bytes.len() {
            self.again = self.again.checked_sub(1)?;
            let in_text = open.last() == Some(&b'"');
            match (in_text, bytes[at]) {
                (true, b'\\') => at += 1,
                (_, newline @ (b'\n' | b'\r')) if newline == b'\n' || self.old_lines => {
                    if in_text {
                        open.pop();
                    }
                    let line = bytes.get(at + 1..self.line_end(at + 1)).unwrap_or_default();
                    // No expression goes on behind a line that begins a block: there it ended at the latest.
                    if at >= fault && open.is_empty() || self.anchored && is_anchor(line) {
                        return Some(at);
                    }
                }
                // `$${` opens nothing.
                (true, mark @ (b'$' | b'%')) if bytes.get(at + 1) == Some(&b'{') && bytes.get(at.wrapping_sub(1)) != Some(&mark) => {
                    open.push(b'{');
                    at += 1;
                }
                (true, b'"') => drop(open.pop()),
                (false, b'"') => open.push(b'"'),
                (false, b'#') => at = self.line_end(at) - 1,
                (false, b'/') if bytes.get(at + 1) == Some(&b'/') => at = self.line_end(at) - 1,
                (false, b'/') if bytes.get(at + 1) == Some(&b'*') => {
                    if let Some(end) = self.comment_end(at) {
                        self.again = self.again.checked_sub(end - at)?;
                        at = end;
                        continue;
                    }
                }
                (false, b'<') if bytes[at..].starts_with(b"<<") => {
                    if let Some(end) = self.heredoc_end(at) {
                        self.again = self.again.checked_sub(end - at)?;
                        at = end;
                        continue;
                    }
                }
                (false, opening @ (b'(' | b'[' | b'{')) => open.push(opening),
                (false, closing @ (b')' | b']' | b'}')) => {
                    let matching = match closing {
                        b')' => b'(',
                        b']' => b'[',
                        _ => b'{',
                    };
                    if open.last() == Some(&matching) {
                        open.pop();
                    } else {
                        // What it closes is further out.
                        return (closing == b'}' && at >= fault && at > start).then_some(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        open.is_empty().then_some(bytes.len())
    }

    /// The end of the line before the one that ends the heredoc at `at`.
    fn heredoc_end(&self, at: usize) -> Option<usize> {
        let opening = self.source.get(at + 2..self.line_end(at))?;
        let marker = opening.strip_prefix('-').unwrap_or(opening).trim_end_matches('\r');
        if marker.is_empty() || super::lex::ident(marker) != marker.len() || !self.marker_follows(marker, at) {
            return None;
        }
        let mut line = self.line_end(at) + 1;
        while line < self.source.len() {
            let end = self.line_end(line);
            if self.source.get(line..end)?.trim() == marker {
                return Some(end);
            }
            line = end + 1;
        }
        None
    }

    /// Tells of a fault in a region; regions side by side are told once.
    pub fn tell(&mut self, fault: &Fault, region: Range<usize>) {
        let between = self.source.get(self.region..region.start).unwrap_or("-");
        let last = self.errors.last_mut();
        if let Some(last) = last
            && self.region > 0
            && region.start < region.end
            && between.trim().is_empty()
        {
            last.at = last.at.cover(self.places.span(region.clone()));
        } else if self.errors.len() < MAX_ERRORS {
            let error = self.error(fault, fault.at..region.end);
            self.errors.push(error);
        } else {
            self.more += 1;
        }
        self.region = self.region.max(region.end);
    }

    pub fn error(&self, fault: &Fault, region: Range<usize>) -> SyntaxError {
        let start = region.start.min(self.source.len());
        let cut = self.source.get(start..region.end.max(start)).unwrap_or_default().trim_end().len();
        let at = self.places.span(start..start + cut);
        if fault.limit { SyntaxError::limit(at, fault.what) } else { SyntaxError::new(at, fault.what) }
    }

    /// All that there is to tell.
    pub fn told(mut self) -> Vec<SyntaxError> {
        if let Some(bad) = self.bad.first() {
            self.errors.push(SyntaxError::new(self.places.span(*bad..*bad), "not UTF-8"));
        }
        if self.more > 0
            && let Some(last) = self.errors.last_mut()
        {
            last.message = format!("{}; {} more places cannot be read", last.message, self.more);
        }
        self.errors
    }
}
