//! Dockerfiles: their instructions and the words of each. Not a shell: nothing is expanded, and what `RUN` does is not read.

use std::ops::Range;

/// An instruction with its words, as ranges of the file; the quotes of a word are outside of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// `COPY`, in whatever case.
    pub name: Range<usize>,
    pub words: Vec<Range<usize>>,
}

/// The instructions of a file, in order; an escaped line end goes on with the next line, where comments are passed over.
#[must_use]
pub fn instructions(bytes: &[u8]) -> Vec<Instruction> {
    let mut all: Vec<Instruction> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line| at + line);
        let line = at..end;
        at = end + 1;
        let text = bytes[line.clone()].trim_ascii();
        if text.starts_with(b"#") || (text.is_empty() && goes_on) {
            continue;
        }
        // A backtick ends lines on Windows.
        let escaped = text.ends_with(b"\\") || text.ends_with(b"`");
        let mut words = words(bytes, line, escaped);
        if goes_on && let Some(last) = all.last_mut() {
            last.words.append(&mut words);
        } else if !words.is_empty() {
            let name = words.remove(0);
            all.push(Instruction { name, words });
        }
        goes_on = escaped;
    }
    all
}

/// The words of a line, without the sign that escapes its end; signs of a list in JSON divide words as blanks do.
fn words(bytes: &[u8], line: Range<usize>, escaped: bool) -> Vec<Range<usize>> {
    let end = if escaped { line.start + bytes[line.clone()].trim_ascii_end().len() - 1 } else { line.end };
    let (mut all, mut at) = (Vec::new(), line.start);
    while at < end {
        let byte = bytes[at];
        if byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',') {
            at += 1;
            continue;
        }
        let start = at;
        let mut quote = None;
        while at < end {
            match (quote, bytes[at]) {
                (None, byte) if byte.is_ascii_whitespace() || (bytes[start] == b'"' && matches!(byte, b',' | b']')) => break,
                (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
                (Some(open), byte) if byte == open => quote = None,
                _ => {}
            }
            at += 1;
        }
        let is_quoted = at - start >= 2 && matches!(bytes[start], b'"' | b'\'') && bytes[at - 1] == bytes[start];
        all.push(if is_quoted { start + 1..at - 1 } else { start..at });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<&str>> {
        let all = instructions(text.as_bytes());
        all.into_iter().map(|i| std::iter::once(i.name).chain(i.words).map(|range| &text[range]).collect()).collect()
    }

    #[test]
    fn instructions_and_their_words() {
        assert_eq!(
            read("FROM a AS b\n# COPY x\ncopy --chown=a .env \\\n  # no\n\n  app/ /srv/\nADD [\"a b\", \"/c\"]\nENV A=\"x y\" B='z' C d"),
            [
                vec!["FROM", "a", "AS", "b"],
                vec!["copy", "--chown=a", ".env", "app/", "/srv/"],
                vec!["ADD", "a b", "/c"],
                vec!["ENV", "A=\"x y\"", "B='z'", "C", "d"],
            ]
        );
    }

    #[test]
    fn what_is_broken_is_read_as_far_as_it_goes() {
        for text in ["\\", "ENV \"", "COPY \\\n", "`\n`\n", "", "ADD [", "\"\"", "A \"\n\"B"] {
            let all = instructions(text.as_bytes());
            assert!(all.iter().flat_map(|i| &i.words).all(|word| word.start <= word.end && word.end <= text.len()), "{text}");
        }
        assert_eq!(read("A \"b\nC d"), [vec!["A", "\"b"], vec!["C", "d"]]);
    }
}
