//! Words in a row, some of them quoted: `.netrc` and the mail programs that took after it.

use std::ops::Range;

use super::line::{closed, lines};

/// What signs in to a machine. Ranges are bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Empty for `default`.
    pub machine: Range<usize>,
    pub password: Range<usize>,
}

/// The logins of a `.netrc` that have a password, in order. Macros are passed over.
#[must_use]
pub fn logins(bytes: &[u8]) -> Vec<Login> {
    let mut all = Vec::new();
    let mut machine = 0..0;
    let mut words = tokens(bytes, is_blank).peekable();
    while let Some((line, word)) = words.next() {
        match &bytes[word] {
            b"machine" => machine = words.next().map_or(0..0, |(_, name)| name),
            b"default" => machine = 0..0,
            b"login" | b"user" | b"account" => {
                words.next();
            }
            b"password" | b"passwd" => all.extend(words.next().map(|(_, password)| Login { machine: machine.clone(), password })),
            // Up to an empty line.
            b"macdef" => {
                let mut last = line;
                while words.next_if(|(at, _)| *at <= last + 1).is_some_and(|(at, _)| {
                    last = at;
                    true
                }) {}
            }
            _ => {}
        }
    }
    all
}

/// A word and the one behind it, on a line: `password "x"`, `set imap_pass = 'x'`.
#[must_use]
pub fn neighbours(bytes: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let words: Vec<_> = tokens(bytes, |byte| is_blank(byte) || byte == b'=').collect();
    words.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| (two[0].1.clone(), two[1].1.clone())).collect()
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// Words with the number of their line. What follows a `#` at the beginning of a word is a comment; a password may
/// begin with one, and is told by the word before it.
fn tokens(bytes: &[u8], ends: impl Fn(u8) -> bool) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut all = Vec::new();
    for (number, line) in lines(bytes).enumerate() {
        let mut at = line.start;
        while at < line.end {
            let after_password = || {
                all.last()
                    .is_some_and(|(before, word): &(usize, Range<usize>)| *before == number && bytes[word.clone()].ends_with(b"password"))
            };
            match bytes[at] {
                byte if ends(byte) => at += 1,
                b'#' if !after_password() => break,
                quote @ (b'"' | b'\'') if closed(bytes, at + 1..line.end, quote).is_some() => {
                    let close = closed(bytes, at + 1..line.end, quote).unwrap_or(line.end);
                    all.push((number, at + 1..close));
                    at = close + 1;
                }
                _ => {
                    let end = (at..line.end).find(|end| ends(bytes[*end])).unwrap_or(line.end);
                    all.push((number, at..end));
                    at = end;
                }
            }
        }
    }
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        logins(text.as_bytes()).into_iter().map(|l| (&text[l.machine], &text[l.password])).collect()
    }

    #[test]
    fn on_a_line_and_over_lines() {
        // gatepost: ignore[netrc-login] made up for an example
        let text = "# c password no\nmachine a.test login joe password one\nmachine b.test\n  login joe\n  password \"t wo\"\nmacdef init\ncd /x\npassword no\n\ndefault login password password #3\n";
        assert_eq!(read(text), [("a.test", "one"), ("b.test", "t wo"), ("", "#3")]);
        assert_eq!(read("machine a password"), []);
        assert_eq!(read("machine a login b"), []);
    }

    #[test]
    fn words_beside_each_other() {
        let text = "set imap_pass=\"a b\" # c\npassword  x\ny";
        let found: Vec<_> = neighbours(text.as_bytes()).into_iter().map(|(a, b)| (&text[a], &text[b])).collect();
        assert_eq!(found, [("set", "imap_pass"), ("imap_pass", "a b"), ("password", "x")]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(text in "(machine|password|macdef|default|#|\"|'|\\\\|[ \n\r=a]){0,40}") {
            for login in logins(text.as_bytes()) {
                proptest::prop_assert!(login.password.end <= text.len());
            }
            proptest::prop_assert!(neighbours(text.as_bytes()).iter().all(|(key, value)| key.end <= value.start));
        }
    }
}
