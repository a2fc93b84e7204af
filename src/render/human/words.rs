//! Sentences of others: in one piece, of bounded length, harmless, and in lines that fit.

use crate::base::escape;

/// Characters of a message or a fix; what is longer is cut.
const LONGEST_TEXT: usize = 1000;

/// Text of others in one line of bounded length, harmless.
#[must_use]
pub fn text(text: &str) -> String {
    let words: Vec<_> = text.split(['\n', ' ']).filter(|word| !word.is_empty()).collect();
    let mut joined = words.join(" ");
    if let Some((cut, _)) = joined.char_indices().nth(LONGEST_TEXT) {
        joined.truncate(cut);
        joined.push_str("...");
    }
    escape::name(&joined).into_owned()
}

/// A line of others, harmless, in up to `width` columns; `dots` stand where it was cut.
#[must_use]
pub fn clamp(line: &str, width: usize, dots: &str) -> String {
    let spelled = |c| {
        let mut out = String::new();
        escape::push_char(&mut out, c);
        out
    };
    let cells: Vec<String> = line.trim_end().replace('\t', "    ").chars().map(spelled).collect();
    let wide = |cell: &String| cell.chars().count();
    if cells.iter().map(wide).sum::<usize>() <= width {
        return cells.concat();
    }
    let (mut out, mut room) = (String::new(), width.saturating_sub(dots.chars().count()));
    for cell in cells {
        let Some(left) = room.checked_sub(wide(&cell)) else { break };
        room = left;
        out.push_str(&cell);
    }
    out + dots
}

/// Words in lines of up to `width` columns. A word is never cut, so that a path or a command stays one.
#[must_use]
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let (mut out, mut line) = (String::new(), first.to_owned());
    let mut bare = true;
    for word in text.split(' ') {
        if !bare && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            bare = true;
        }
        if !bare {
            line.push(' ');
        }
        line.push_str(word);
        bare = false;
    }
    out + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_cut_and_lines_stand_below_each_other() {
        assert_eq!(wrap("take it out of a/very/long/path now", 12, "", "  "), "take it out\n  of\n  a/very/long/path\n  now\n");
        assert_eq!(wrap("", 12, "- ", "  "), "- \n");
    }

    #[test]
    fn a_line_of_source_keeps_its_indent_and_ends_in_time() {
        assert_eq!(clamp("\ta = 1  \r", 20, "…"), "    a = 1");
        assert_eq!(clamp("abcdefgh", 8, "…"), "abcdefgh");
        assert_eq!(clamp("abcdefghi", 8, "…"), "abcdefg…");
        assert_eq!(clamp("ab\u{1b}[31m", 10, "..."), "ab...");
    }

    #[test]
    fn a_text_is_one_line_of_bounded_length() {
        assert_eq!(text("one\n\n two\u{7}"), "one two\\u{7}");
        assert_eq!(text(&"ü".repeat(5000)).chars().count(), LONGEST_TEXT + 3);
    }
}
