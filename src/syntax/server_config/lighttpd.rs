//! The language of lighttpd: options with values or lists, conditions with a body.

use std::ops::Range;

use super::{Refused, Tree, boundary, line_end, quoted, unescaped};

type Word = (Box<str>, Range<usize>);

/// An option is its name, its operator and its values: of a list the elements, of what has keys the keys. A condition is a
/// section, `$HTTP["url"]` with its operator and its text; `else` has these behind it, where it has some. What a variable
/// stands for is not looked up: it is `${name}`.
pub(super) fn read(text: &str, tree: &mut Tree) -> Result<(), Refused> {
    let mut reader = Reader { text, at: 0 };
    while let Some(byte) = reader.next() {
        let start = reader.at;
        match byte {
            b'}' => {
                tree.close()?;
                reader.at += 1;
            }
            b'$' => {
                let words = reader.condition();
                reader.body(words, start, tree)?;
            }
            byte if is_name(byte) => {
                let name = reader.name();
                match &*name.0 {
                    "else" => {
                        let mut words = vec![name];
                        if reader.next() == Some(b'$') {
                            words.extend(reader.condition());
                        }
                        reader.body(words, start, tree)?;
                    }
                    "include" | "include_shell" => {
                        let mut words = vec![name];
                        reader.values(&mut words);
                        tree.add(words, start, false)?;
                    }
                    _ => {
                        let mut words = vec![name];
                        words.extend(reader.operator());
                        reader.values(&mut words);
                        tree.add(words, start, false)?;
                    }
                }
            }
            _ => reader.at = boundary(text.as_bytes(), start + 1),
        }
    }
    Ok(())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    /// The next byte that is neither blank nor comment; it is not taken.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.at = line_end(bytes, self.at),
                byte => return Some(*byte),
            }
        }
    }

    fn taken(&mut self, length: usize) -> Word {
        let range = self.at..self.at + length;
        self.at = range.end;
        (self.text[range.clone()].into(), range)
    }

    fn name(&mut self) -> Word {
        let length = self.text.as_bytes()[self.at..].iter().take_while(|byte| is_name(**byte)).count();
        self.taken(length)
    }

    fn operator(&mut self) -> Option<Word> {
        self.next()?;
        let length = self.text.as_bytes()[self.at..].iter().take_while(|byte| b"=+:!~^$".contains(byte)).count();
        (length > 0).then(|| self.taken(length))
    }

    /// `$HTTP["url"] =~ "..."`
    fn condition(&mut self) -> Vec<Word> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        while let Some(byte) = bytes.get(end).filter(|byte| !b" \t\r\n=!{}".contains(byte)) {
            end = if *byte == b'"' { (quoted(bytes, end, b'"') + 1).min(bytes.len()) } else { end + 1 };
        }
        let mut words = vec![self.taken(boundary(bytes, end) - self.at)];
        words.extend(self.operator());
        self.values(&mut words);
        words
    }

    /// The `{` of a section.
    fn body(&mut self, words: Vec<Word>, start: usize, tree: &mut Tree) -> Result<(), Refused> {
        if self.next() != Some(b'{') {
            return Err(Refused::Section);
        }
        self.at += 1;
        tree.add(words, start, true)
    }

    /// What is assigned: pieces and lists, joined by `+`.
    fn values(&mut self, words: &mut Vec<Word>) {
        let mut item: Option<(String, Range<usize>)> = None;
        loop {
            match self.next() {
                Some(b'(') => self.list(words),
                _ => match self.piece() {
                    Some(piece) => join(&mut item, piece),
                    None => break,
                },
            }
            if self.next() != Some(b'+') || self.text.as_bytes().get(self.at + 1) == Some(&b'=') {
                break;
            }
            self.at += 1;
        }
        words.extend(item.map(whole));
    }

    /// The elements of a list, or their keys; lists in it are passed over.
    fn list(&mut self, words: &mut Vec<Word>) {
        let (mut depth, mut item, mut has_key) = (0usize, None, false);
        while let Some(byte) = self.next() {
            match byte {
                b'(' => depth += 1,
                b')' if depth <= 1 => {
                    words.extend(item.map(whole));
                    self.at += 1;
                    return;
                }
                b')' => depth -= 1,
                b',' if depth == 1 => {
                    words.extend(item.take().map(whole));
                    has_key = false;
                }
                b'=' if depth == 1 => has_key = true,
                b'{' | b'}' | b';' => break,
                _ => {
                    let start = self.at;
                    match self.piece() {
                        Some(piece) if depth == 1 && !has_key => join(&mut item, piece),
                        Some(_) => {}
                        None => self.at = boundary(self.text.as_bytes(), start + 1),
                    }
                    continue;
                }
            }
            self.at += 1;
        }
        words.extend(item.map(whole));
    }

    /// A string, a number or a variable.
    fn piece(&mut self) -> Option<Word> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        match self.next()? {
            quote @ (b'"' | b'\'') => {
                let end = quoted(bytes, self.at, quote);
                let inside = &self.text[self.at + 1..end.max(self.at + 1)];
                let range = self.at..(end + 1).min(bytes.len());
                self.at = range.end;
                Some((unescaped(inside, "\"'"), range))
            }
            byte if is_name(byte) => {
                let (name, range) = self.name();
                let is_variable = name.starts_with("var.") || name.starts_with("env.");
                Some((if is_variable { format!("${{{name}}}").into() } else { name }, range))
            }
            _ => {
                self.at = start;
                None
            }
        }
    }
}

fn join(item: &mut Option<(String, Range<usize>)>, (piece, at): Word) {
    match item {
        Some((text, range)) => {
            text.push_str(&piece);
            range.end = at.end;
        }
        None => *item = Some((piece.into(), at)),
    }
}

fn whole((text, range): (String, Range<usize>)) -> Word {
    (text.into(), range)
}
