//! Texts in quotes, heredocs and bare templates: literal parts, `${…}` and `%{…}`.

use std::ops::Range;

use super::super::template::{Literal, trim};
use super::super::{Expr, Part};
use super::{Read, Reader};

/// What a template is made of, with the marks that take blanks off its neighbours.
enum Piece {
    Literal(Range<usize>),
    Interpolation(Expr, Strips),
    If { condition: Expr, then: (Vec<Piece>, Strips), otherwise: (Vec<Piece>, Strips), strips: Strips },
    For { key: Option<Box<str>>, value: Box<str>, collection: Expr, body: (Vec<Piece>, Strips), strips: Strips },
}

/// Whether blanks go before it and behind it.
type Strips = (bool, bool);

/// What ends a template.
#[derive(Clone, Copy)]
enum End<'m> {
    Quote,
    /// A line that says this.
    Line(&'m str),
    Source,
}

/// What ended a run of pieces.
#[derive(PartialEq)]
enum Stop {
    End,
    Else(Strips),
    EndIf(Strips),
    EndFor(Strips),
}

impl Reader<'_> {
    /// The rest of a text in quotes, with the closing one.
    pub fn quoted(&mut self) -> Read<Vec<Part>> {
        let start = self.at;
        let pieces = self.whole(End::Quote)?;
        let end = self.at - 1;
        if pieces.is_empty() {
            return Ok(vec![Part::Literal(self.raw(start..end).quoted())]);
        }
        Ok(self.parts((pieces, (false, false)), Literal::Quoted))
    }

    /// A heredoc, up to its marker.
    pub fn heredoc(&mut self) -> Read<Vec<Part>> {
        let start = self.at;
        self.at += 2;
        let indented = self.take(b"-");
        let Some(marker) = self.ident() else { return self.fault("not HCL: expected an expression") };
        if !self.at_newline() {
            return self.fault("not HCL: expected a new line");
        }
        self.at = self.line_end(self.at) + 1;
        if !self.marker_follows(marker, self.at) {
            self.at = start;
            return self.fault("not HCL: this heredoc is not closed");
        }
        let pieces = self.whole(End::Line(marker))?;
        let indent = if indented { self.indent(&pieces) } else { 0 };
        Ok(self.parts((pieces, (false, false)), Literal::Heredoc(indent)))
    }

    /// A template that is all of the source.
    pub fn bare(&mut self) -> Read<Vec<Part>> {
        let pieces = self.whole(End::Source)?;
        Ok(self.parts((pieces, (false, false)), Literal::Heredoc(0)))
    }

    fn whole(&mut self, end: End<'_>) -> Read<Vec<Piece>> {
        let start = self.at;
        let (pieces, stop) = self.nested(|reader| reader.pieces(end))?;
        if stop != Stop::End {
            self.at = start;
            return self.fault("not HCL: directives that do not match in this template");
        }
        Ok(pieces)
    }

    fn pieces(&mut self, end: End<'_>) -> Read<(Vec<Piece>, Stop)> {
        let mut pieces = Vec::new();
        let mut start = self.at;
        let literal = |pieces: &mut Vec<Piece>, range: Range<usize>| {
            if !range.is_empty() {
                pieces.push(Piece::Literal(range));
            }
        };
        loop {
            if let End::Line(marker) = end
                && self.begins_line()
                && let line = self.line_end(self.at)
                && let Some(written) = self.source.get(self.at..line)
                && written.trim() == marker
            {
                literal(&mut pieces, start..self.at);
                self.at += written.trim_end().len();
                return Ok((pieces, Stop::End));
            }
            match self.peek() {
                None if matches!(end, End::Source) => {
                    literal(&mut pieces, start..self.at);
                    return Ok((pieces, Stop::End));
                }
                None => return self.fault("not HCL: this text is not closed"),
                Some(b'"') if matches!(end, End::Quote) => {
                    literal(&mut pieces, start..self.at);
                    self.at += 1;
                    return Ok((pieces, Stop::End));
                }
                Some(b'\n') if matches!(end, End::Quote) => return self.fault("not HCL: these quotes are not closed"),
                Some(b'\\') if matches!(end, End::Quote) => self.at += 2,
                Some(b'$') if self.starts(b"$${") => self.at += 3,
                Some(b'%') if self.starts(b"%%{") => self.at += 3,
                Some(b'$') if self.starts(b"${") => {
                    literal(&mut pieces, start..self.at);
                    self.at += 2;
                    let before = self.take(b"~");
                    let inner = self.sequence()?;
                    let after = self.sequence_end()?;
                    pieces.push(Piece::Interpolation(inner, (before, after)));
                    start = self.at;
                }
                Some(b'%') if self.starts(b"%{") => {
                    literal(&mut pieces, start..self.at);
                    if let Some(stop) = self.directive(end, &mut pieces)? {
                        return Ok((pieces, stop));
                    }
                    start = self.at;
                }
                Some(b'\n') => self.at += 1,
                // Nothing of it can be the beginning of anything.
                Some(_) => {
                    let rest = &self.rest()[1..];
                    let next = rest.iter().position(|byte| matches!(byte, b'$' | b'%' | b'"' | b'\\' | b'\n'));
                    self.at += 1 + next.unwrap_or(rest.len());
                }
            }
        }
    }

    /// The expression of `${…}` or `%{…}`.
    fn sequence(&mut self) -> Read<Expr> {
        let multiline = std::mem::replace(&mut self.multiline, true);
        self.space();
        let read = self.expr()?.expr;
        self.space();
        self.multiline = multiline;
        Ok(read)
    }

    /// `}` or `~}`, and whether it was that.
    fn sequence_end(&mut self) -> Read<bool> {
        self.space();
        let strip = self.take(b"~");
        if self.take(b"}") { Ok(strip) } else { self.fault("not HCL: expected `}`") }
    }

    /// `%{…}`: one that opens, with all up to the one that closes it; or what it closes.
    fn directive(&mut self, end: End<'_>, pieces: &mut Vec<Piece>) -> Read<Option<Stop>> {
        self.at += 2;
        let before = self.take(b"~");
        self.space();
        let word = self.at;
        match self.ident() {
            Some("if") => {
                let condition = self.sequence()?;
                let first = self.sequence_end()?;
                let (then, mut stop) = self.nested(|reader| reader.pieces(end))?;
                let then = (then, (first, stop.strips().0));
                let mut otherwise = (Vec::new(), (false, false));
                if let Stop::Else((_, first)) = stop {
                    let read = self.nested(|reader| reader.pieces(end))?;
                    stop = read.1;
                    otherwise = (read.0, (first, stop.strips().0));
                }
                let Stop::EndIf((_, after)) = stop else { return self.fault("not HCL: `if` without `endif`") };
                self.node()?;
                pieces.push(Piece::If { condition, then, otherwise, strips: (before, after) });
                Ok(None)
            }
            Some("for") => {
                self.at = word;
                let Some((key, value)) = self.try_for_names() else { return self.fault("not HCL: expected `for … in`") };
                let collection = self.sequence()?;
                let first = self.sequence_end()?;
                let (body, stop) = self.nested(|reader| reader.pieces(end))?;
                let Stop::EndFor((last, after)) = stop else { return self.fault("not HCL: `for` without `endfor`") };
                self.node()?;
                let (key, value, body) = (key.map(Into::into), value.into(), (body, (first, last)));
                pieces.push(Piece::For { key, value, collection, body, strips: (before, after) });
                Ok(None)
            }
            Some(word @ ("else" | "endif" | "endfor")) => {
                let strips = (before, self.sequence_end()?);
                Ok(Some(match word {
                    "else" => Stop::Else(strips),
                    "endif" => Stop::EndIf(strips),
                    _ => Stop::EndFor(strips),
                }))
            }
            _ => self.fault("not HCL: expected a directive"),
        }
    }

    fn parts(&self, (pieces, (first, last)): (Vec<Piece>, Strips), literal: Literal) -> Vec<Part> {
        let strips: Vec<Strips> = pieces.iter().map(Piece::strips).collect();
        let mut parts = Vec::with_capacity(pieces.len());
        for (number, piece) in pieces.into_iter().enumerate() {
            parts.push(match piece {
                Piece::Literal(range) => {
                    let mut text = literal.text(&self.raw(range), number == 0);
                    if number.checked_sub(1).and_then(|before| strips.get(before)).map_or(first, |before| before.1) {
                        text = trim(&text, true, literal);
                    }
                    if strips.get(number + 1).map_or(last, |after| after.0) {
                        text = trim(&text, false, literal);
                    }
                    Part::Literal(text)
                }
                Piece::Interpolation(inner, _) => Part::Interpolation(inner),
                Piece::If { condition, then, otherwise, .. } => {
                    Part::If { condition, then: self.parts(then, literal), otherwise: self.parts(otherwise, literal) }
                }
                Piece::For { key, value, collection, body, .. } => Part::For { key, value, collection, body: self.parts(body, literal) },
            });
        }
        parts
    }

    /// What `<<-` takes off every line.
    fn indent(&self, pieces: &[Piece]) -> usize {
        let mut least: Option<usize> = None;
        for (number, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Literal(range) => {
                    least = [least, self.raw(range.clone()).indent(number == 0)].into_iter().flatten().min();
                }
                _ if number == 0 => return 0,
                _ => {}
            }
        }
        least.unwrap_or(0)
    }
}

impl Stop {
    fn strips(&self) -> Strips {
        match self {
            Stop::End => (false, false),
            Stop::Else(strips) | Stop::EndIf(strips) | Stop::EndFor(strips) => *strips,
        }
    }
}

impl Piece {
    fn strips(&self) -> Strips {
        match self {
            Piece::Literal(_) => (false, false),
            Piece::Interpolation(_, strips) | Piece::If { strips, .. } | Piece::For { strips, .. } => *strips,
        }
    }
}
