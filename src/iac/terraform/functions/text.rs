//! What the functions on text have in common: arguments as text, characters as people count them, texts rewritten part
//! by part with their places kept.

use std::borrow::Cow;
use std::ops::Range;

use super::{Failure, Outcome, refused};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::text::push_unit;
use crate::iac::{Node, Value};

/// A value that is text or converts to it, with its places and its holes.
pub(super) fn of(value: &Value) -> Outcome<Cow<'_, Text>> {
    match &value.node {
        Node::Text(text) => Ok(Cow::Borrowed(text)),
        Node::Number(_) | Node::Bool(_) => {
            let printed = value.as_text().unwrap_or_default();
            Ok(Cow::Owned(Text::within(printed.as_bytes(), value.place)))
        }
        _ => Err(refused(value)),
    }
}

/// The text as a string. What is no UTF-8 is no text in Terraform.
pub(super) fn str(text: &Text) -> Outcome<&str> {
    std::str::from_utf8(text.bytes()).map_err(|_| Failure::Failed)
}

/// Each character rewritten; what stays the same keeps its exact place, and so does what stays as long.
pub(super) fn rewritten(text: &Text, place: Span, mut rewrite: impl FnMut(char, &mut String)) -> Outcome<Text> {
    let (mut out, mut made, mut run) = (Text::new(), String::new(), 0);
    for (at, c) in str(text)?.char_indices() {
        made.clear();
        rewrite(c, &mut made);
        let end = at + c.len_utf8();
        if made.as_bytes() != &text.bytes()[at..end] {
            out.push_slice(text, run..at);
            push_unit(&mut out, made.as_bytes(), text, at..end, place);
            run = end;
        }
    }
    out.push_slice(text, run..text.len());
    Ok(out)
}

/// The ranges of the characters as people count them: a letter with its accents, an emoji with its skin. Unknown for
/// scripts whose letters join in ways that are not known here.
pub(super) fn characters(text: &str) -> Outcome<Vec<Range<usize>>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    let (mut before, mut flags) = ('\0', 0);
    for (at, c) in text.char_indices() {
        // From the Indic scripts to Myanmar; the parts of Hangul syllables.
        if matches!(c, '\u{900}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{18af}') {
            return Err(Failure::Unknown);
        }
        let flag = matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
        let joins = extends(c) || before == '\u{200d}' && c >= '\u{2190}' || before == '\r' && c == '\n' || flag && flags % 2 == 1;
        flags = if flag { flags + 1 } else { 0 };
        let end = at + c.len_utf8();
        match all.last_mut() {
            Some(last) if joins => last.end = end,
            _ => all.push(at..end),
        }
        before = c;
    }
    Ok(all)
}

/// Marks that belong to the character before them.
fn extends(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_people_do() {
        let count = |text: &str| characters(text).ok().map(|all| all.len());
        assert_eq!(count("👾🕹️"), Some(2));
        assert_eq!(count("e\u{301}a\r\n"), Some(3));
        assert_eq!(count("👩‍👩‍👧🇩🇪🇫🇷💃🏿"), Some(4));
        assert_eq!(count("क्षि"), None);
    }
}
