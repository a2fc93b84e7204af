//! Lines of commands, as shells and clients of databases remember them: words without their quotes. Nothing is expanded.

use std::ops::Range;

use super::line::{closed, lines, trimmed};

/// The words of each line, as ranges of the file without the quotes around them. What zsh and fish write before a command
/// is left out.
pub fn commands(bytes: &[u8]) -> impl Iterator<Item = Vec<Range<usize>>> + '_ {
    lines(bytes).map(|line| words(bytes, behind_stamp(bytes, trimmed(bytes, line))))
}

/// Words of a line that are kept, and bytes of it that are looked at.
const MAX_WORDS: usize = 256;
const MAX_LINE: usize = 16 << 10;

/// `: 1700000000:0;ls` of zsh, `- cmd: ls` of fish.
fn behind_stamp(bytes: &[u8], line: Range<usize>) -> Range<usize> {
    let text = &bytes[line.clone()];
    if text.starts_with(b"- cmd: ") {
        return line.start + 7..line.end;
    }
    let of_stamp = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b' ');
    let stamp = text.iter().take_while(|byte| of_stamp(byte)).count();
    let is_stamp = text.starts_with(b": ") && text.get(stamp) == Some(&b';');
    if is_stamp { line.start + stamp + 1..line.end } else { line }
}

fn words(bytes: &[u8], line: Range<usize>) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let (mut at, end) = (line.start, line.end.min(line.start + MAX_LINE));
    while at < end && all.len() < MAX_WORDS {
        let byte = bytes[at];
        if byte.is_ascii_whitespace() {
            at += 1;
        } else if matches!(byte, b'"' | b'\'') {
            let close = closed(bytes, at + 1..end, byte).unwrap_or(end);
            all.push(at + 1..close);
            at = close + 1;
        } else {
            let start = at;
            while at < end && !bytes[at].is_ascii_whitespace() {
                // `NAME='two words'` is one word.
                let quote = bytes[at];
                let close = if matches!(quote, b'"' | b'\'') { closed(bytes, at + 1..end, quote) } else { None };
                at = close.unwrap_or(at) + 1;
            }
            all.push(start..at.min(end));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<&str>> {
        commands(text.as_bytes()).map(|words| words.into_iter().map(|word| &text[word]).collect()).collect()
    }

    #[test]
    fn words_of_lines() {
        let text = ": 1700000000:0;ls -l\n- cmd: git push\nexport A='b c' \"d e\"\n'open\n\n";
        assert_eq!(read(text), [vec!["ls", "-l"], vec!["git", "push"], vec!["export", "A='b c'", "d e"], vec!["open"], vec![]]);
    }
}
