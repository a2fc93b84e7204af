//! Bytes of others, made harmless to print. Not a quoting scheme: what comes out is for eyes, not for parsing back.

use std::borrow::Cow;

/// A character that could repaint a terminal, reorder a line or hide in it.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{061C}' | '\u{E0000}'..='\u{E007F}')
}

/// Control, bidirectional and invisible characters as `\u{1b}`; everything else as it is. A tab is kept in `line`.
#[must_use]
pub fn name(text: &str) -> Cow<'_, str> {
    escape(text, is_hostile)
}

/// Like [`name`], for a line of source: tabs stay.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\t' && is_hostile(c))
}

fn escape(text: &str, hostile: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' if hostile(c) => out.push_str("\\n"),
            '\r' if hostile(c) => out.push_str("\\r"),
            '\t' if hostile(c) => out.push_str("\\t"),
            c if hostile(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_survives() {
        assert_eq!(name("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\n\\u{202e}c");
        assert_eq!(line("\tx\r"), "\tx\\r");
        assert!(matches!(name("plain é"), Cow::Borrowed(_)));
    }
}
