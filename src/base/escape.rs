//! Bytes of others, made harmless to print. Not a quoting scheme: what comes out is for eyes, not for parsing back.

use std::borrow::Cow;

/// A character that could repaint a terminal, reorder a line or hide in it.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0E}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Control, bidirectional and invisible characters as `\u{1b}`; everything else as it is.
#[must_use]
pub fn name(text: &str) -> Cow<'_, str> {
    escape(text, is_hostile)
}

/// Like [`name`], for a line of source: tabs stay.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\t' && is_hostile(c))
}

/// What a message may quote of a text that somebody wrote where a name or a pattern belongs: it may be a secret that got there by
/// mistake. Names stay, what is long is cut, and what may be a key is its first letters.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let cut = |chars: usize| match text.char_indices().nth(chars) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    };
    let has = |run: &str, is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=');
    let mut words = text.split(|c| !is_part(c));
    let is_word = |run: &str| run.len() >= 16 && has(run, u8::is_ascii_digit) && has(run, u8::is_ascii_alphabetic);
    // Base64 has slashes, as a path has.
    let mut runs = text.split(|c| !is_part(c) && c != '/');
    let is_run = |run: &str| {
        run.len() >= 32 && [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase].into_iter().all(|is| has(run, is))
    };
    if words.any(is_word) || runs.any(is_run) { cut(4) } else { cut(LONGEST_QUOTE) }
}

/// Characters that a message quotes.
const LONGEST_QUOTE: usize = 60;

/// Appends one character as [`line()`] shows it.
pub fn push_char(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c if c != '\t' && is_hostile(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// A whole line as it goes out, made no command to a build server that reads its log: `::` at the start (GitHub) and
/// `##word[` anywhere (GitHub, Azure, TeamCity) lose a character to its `\u{..}` form. Colours (SGR) are seen through.
#[must_use]
pub fn log_line(text: &str) -> Cow<'_, str> {
    let mut hits: Vec<usize> = text.match_indices('[').filter_map(|(at, _)| command_before(&text[..at])).collect();
    let start = line_start(text);
    if text[start..].starts_with("::") {
        hits.insert(0, start);
    }
    if hits.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut done) = (String::with_capacity(text.len() + 8 * hits.len()), 0);
    for at in hits {
        out.push_str(&text[done..at]);
        out.push_str(if text[at..].starts_with(':') { "\\u{3a}" } else { "\\u{23}" });
        done = at + 1;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// No build server's command has a longer name.
const LONGEST_COMMAND: usize = 32;

/// Where the second `#` stands, if `before` ends in `##` and a word.
fn command_before(before: &str) -> Option<usize> {
    let letters = before.bytes().rev().take(LONGEST_COMMAND).take_while(u8::is_ascii_alphabetic).count();
    let hashes = &before[..before.len() - letters];
    hashes.ends_with("##").then(|| hashes.len() - 1)
}

/// Where a line's first visible character stands: past white space and colours.
fn line_start(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some((_, after)) = rest.strip_prefix("\u{1b}[").and_then(|sgr| sgr.split_once('m')) else { break };
        let parameters = rest.len() - after.len() - "\u{1b}[m".len();
        if !rest[2..2 + parameters].bytes().all(|b| b.is_ascii_digit() || b == b';') {
            break;
        }
        rest = after;
    }
    text.len() - rest.len()
}

fn escape(text: &str, hostile: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' if hostile(c) => out.push_str("\\t"),
            c => push_char(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// A path as one word of a shell command: safe to paste, and harmless to look at.
#[must_use]
pub fn word(path: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./+:@%,=".contains(b);
    if !path.is_empty() && path.iter().all(plain) {
        return String::from_utf8_lossy(path).into_owned();
    }
    match std::str::from_utf8(path) {
        Ok(text) if !text.chars().any(is_hostile) => format!("'{}'", text.replace('\'', r"'\''")),
        Ok(_) | Err(_) => {
            let bytes: String = path.iter().map(|b| if plain(b) { char::from(*b).to_string() } else { format!("\\x{b:02x}") }).collect();
            format!("$'{bytes}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(word(b"a/b-c.ini"), "a/b-c.ini");
        assert_eq!(word(b"it's; rm -rf $HOME"), r"'it'\''s; rm -rf $HOME'");
        assert_eq!(word(b"a\x1b\xff'"), r"$'a\x1b\xff\x27'");
        assert_eq!(word(b""), "''");
    }

    #[test]
    fn nothing_that_moves_a_cursor_survives() {
        assert_eq!(name("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\n\\u{202e}c");
        assert_eq!(line("\tx\r"), "\tx\\r");
        assert_eq!(name("\tx"), "\\tx");
        assert_eq!(name("a\u{ad}b\u{85}"), "a\\u{ad}b\\u{85}");
        assert!(matches!(name("plain é ❤\u{fe0f}"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_is_no_command_to_a_build_server() {
        assert_eq!(log_line("::error::x"), "\\u{3a}:error::x");
        assert_eq!(log_line(" \u{1b}[1;31m ::error::x"), " \u{1b}[1;31m \\u{3a}:error::x");
        assert_eq!(log_line("a ##[error]b ##vso[x"), "a #\\u{23}[error]b #\\u{23}vso[x");
        assert_eq!(log_line("###[a"), "##\\u{23}[a");
        for harmless in ["a::b", "# [x]", "#[derive]", "## word [x]", "std::x", ""] {
            assert!(matches!(log_line(harmless), Cow::Borrowed(_)), "{harmless}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_command_is_left(text in "[:#a\\[ \u{1b}m1]{0,24}") {
            let out = log_line(&text).into_owned();
            proptest::prop_assert!(!out.trim_start().starts_with("::") && !out.contains("##["), "{}", out);
        }
    }

    #[test]
    fn what_may_be_a_key_is_not_quoted() {
        for name in ["hihg", "vendor/**", "aws_access_key_id_2", "infra/modules/network/main.tf", "2031-05-31", "ünïcode"] {
            assert_eq!(harmless(name), name);
        }
        let key: String = ('a'..='h').chain('A'..='H').chain('0'..='9').collect();
        assert_eq!(harmless(&key), "abcd…");
        assert_eq!(harmless(&format!("x: {key}")), "x: a…");
        let slashes = format!("{}/{}/{}+a1", &key[..12], &key[12..22], &key[4..12]);
        assert_eq!(harmless(&slashes), "abcd…");
        assert_eq!(harmless(&"long ".repeat(30)).chars().count(), 61);
    }
}
