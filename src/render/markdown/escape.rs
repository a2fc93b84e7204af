//! Text of others in Markdown and in the HTML that may stand in it: it reads as itself in both.

use std::fmt::Write as _;

use crate::base::escape;

/// Text in which nothing is markup, a link, an image, a mention or a formula, neither to Markdown nor in a block of HTML:
/// what could begin any is an entity, which no parser takes for structure.
#[must_use]
pub fn text(text: &str) -> String {
    let text = escape::name(text);
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            // An entity would still be a mention once it is read; a comment after it is none, and cannot be seen.
            '@' => out.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '!' | '|' | '~' | '&' | '$' | '^' | '=' | '"' | '\'' => {
                entity(&mut out, c);
            }
            ':' if text[at..].starts_with("://") => entity(&mut out, c),
            '.' if ends_in_www(&text[..at]) => entity(&mut out, c),
            // A list, or a line across the page.
            '-' | '+' if at == 0 => entity(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// The same as code. Tags and not backticks: a table, a heading and a summary take it alike.
#[must_use]
pub fn code(plain: &str) -> String {
    format!("<code>{}</code>", text(plain))
}

/// A block of lines that are harmless already.
#[must_use]
pub fn block(lines: &str) -> String {
    let fence = "`".repeat((longest_run(lines) + 1).max(3));
    format!("{fence}text\n{}\n{fence}\n", lines.trim_end())
}

/// Whether a name of a host begins so, which is a link without a scheme.
fn ends_in_www(before: &str) -> bool {
    before.len().checked_sub(3).is_some_and(|start| before.as_bytes()[start..].eq_ignore_ascii_case(b"www"))
}

fn entity(out: &mut String, c: char) {
    let _ = write!(out, "&#{};", u32::from(c));
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_begin_something_is_an_entity() {
        for (plain, written) in [
            ("a|b<i>`x`", "a&#124;b&#60;i&#62;&#96;x&#96;"),
            ("![x](https://e)", "&#33;&#91;x&#93;(https&#58;//e)"),
            ("mailto:a@b", "mailto:a@<!-- -->b"),
            ("www.e.com", "www&#46;e.com"),
            ("- 1. x", "&#45; 1. x"),
            ("plain words: a.tf, 3 of 4", "plain words: a.tf, 3 of 4"),
        ] {
            assert_eq!(text(plain), written);
        }
    }

    #[test]
    fn a_block_ends_where_we_end_it() {
        assert_eq!(block("a\n```\nb\n"), "````text\na\n```\nb\n````\n");
    }
}
