//! The lines that a change adds. Not a diff to show: only which bytes of the new text were not there before.

use std::ops::Range;

use gix::diff::blob::{Algorithm, Diff, InternedInput, Token, sources};

/// Above this many bytes on both sides together, all of the new text counts as added.
const MAX_BYTES: usize = 256 << 20;
/// Above this many lines between the common ends, places do not count any more: see [`unmatched`].
const MAX_LINES: usize = 30_000;

/// The byte ranges of `new`'s lines (line end included) that `old` does not have at that place, sorted and disjoint.
///
/// Bounded on hostile input: where very many lines differ, a line counts as added where `old` does not have it anywhere
/// (or not as often), and a text that is too large counts as added as a whole.
#[must_use]
pub fn added_lines(old: &[u8], new: &[u8]) -> Vec<Range<u32>> {
    let Ok(length) = u32::try_from(new.len()) else { return all_of(u32::MAX) };
    if old.is_empty() || old.len().saturating_add(new.len()) > MAX_BYTES {
        return all_of(length);
    }
    let input = InternedInput::new(sources::byte_lines(old), sources::byte_lines(new));
    let (before, after) = (&input.before[..], &input.after[..]);
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let (before, after) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let (before, after) = (&before[..before.len() - tail], &after[..after.len() - tail]);
    let added = if before.len() + after.len() > MAX_LINES {
        unmatched(before, after, input.interner.num_tokens())
    } else {
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Myers, before, after, input.interner.num_tokens());
        (0u32..).take(after.len()).map(|at| diff.is_added(at)).collect()
    };
    let mut ranges: Vec<Range<u32>> = Vec::new();
    let mut offset = 0u32;
    let flags = std::iter::repeat_n(false, head).chain(added);
    for (token, is_added) in input.after.iter().zip(flags) {
        let end = offset.saturating_add(u32::try_from(input.interner[*token].len()).unwrap_or(u32::MAX));
        match ranges.last_mut() {
            _ if !is_added => {}
            Some(last) if last.end == offset => last.end = end,
            _ => ranges.push(offset..end),
        }
        offset = end;
    }
    ranges
}

/// Lines that `before` does not have, or not as often, wherever they stand.
fn unmatched(before: &[Token], after: &[Token], tokens: u32) -> Vec<bool> {
    let mut left = vec![0u32; tokens as usize];
    for token in before {
        left[token.0 as usize] += 1;
    }
    let is_new = |token: &Token| {
        let count = &mut left[token.0 as usize];
        let spent = *count == 0;
        *count = count.saturating_sub(1);
        spent
    };
    after.iter().map(is_new).collect()
}

fn all_of(length: u32) -> Vec<Range<u32>> {
    std::iter::once(0..length).filter(|all| !all.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(old: &str, new: &'a str) -> Vec<&'a str> {
        added_lines(old.as_bytes(), new.as_bytes()).into_iter().map(|r| &new[r.start as usize..r.end as usize]).collect()
    }

    #[test]
    fn only_what_was_not_there_is_added() {
        assert_eq!(texts("a\nb\nc\n", "a\nX\nc\nY\n"), ["X\n", "Y\n"]);
        assert_eq!(texts("a\nb\n", "a\nb"), ["b"], "the line end is part of the line");
        assert_eq!(texts("a\n", "a\n"), Vec::<&str>::new());
        assert_eq!(texts("a\nb\n", "b\n"), Vec::<&str>::new(), "a removal adds nothing");
        assert_eq!(texts("", "x\ny\n"), ["x\ny\n"]);
        assert_eq!(texts("é\n", "é\nü\n"), ["ü\n"]);
    }

    #[test]
    fn line_ends_that_change_change_the_lines() {
        assert_eq!(texts("a\nb\n", "a\r\nb\r\n"), ["a\r\nb\r\n"]);
    }

    /// Texts that share words but no order must not take minutes.
    #[test]
    fn hostile_texts_end_in_time() {
        for lines in [MAX_LINES / 2 - 1, 400_000] {
            let text = |step: usize| (0..lines).flat_map(|n| [(n.wrapping_mul(step) % 1009).to_string(), "\n".into()]).collect::<String>();
            let (old, new) = (text(7919), format!("{}fresh\n", text(104_729)));
            let added = added_lines(old.as_bytes(), new.as_bytes());
            assert_eq!(added.last().map(|r| r.end as usize), Some(new.len()));
        }
    }

    #[test]
    fn of_very_many_lines_only_the_unknown_ones_are_added() {
        let text = |word: &str| (0..MAX_LINES).flat_map(|n| [word.to_owned(), format!(" {n}\n")]).collect::<String>();
        let old = text("same");
        let new = format!("first\n{old}{}same 1\n", text("other"));
        let added = added_lines(old.as_bytes(), new.as_bytes());
        let all: String = added.iter().map(|r| &new[r.start as usize..r.end as usize]).collect();
        assert_eq!(all, format!("first\n{}same 1\n", text("other")));
    }

    proptest::proptest! {
        /// Without the added lines, what is left of the new text stands in the old one in the same order.
        #[test]
        fn what_is_not_added_was_there(old in "([abc]{0,2}\r?\n){0,12}[ab]?", new in "([abc]{0,2}\r?\n){0,12}[ab]?") {
            let added = added_lines(old.as_bytes(), new.as_bytes());
            let mut last = 0;
            for range in &added {
                proptest::prop_assert!(range.start < range.end && range.end as usize <= new.len());
                proptest::prop_assert!(range.start > last || (range.start == 0 && last == 0));
                last = range.end;
            }
            let mut offset = 0u32;
            let mut olds = old.split_inclusive('\n');
            for line in new.split_inclusive('\n') {
                let end = offset + u32::try_from(line.len()).expect("small");
                if !added.iter().any(|r| r.start <= offset && end <= r.end) {
                    proptest::prop_assert!(olds.any(|was| was == line), "{line:?} is new");
                }
                offset = end;
            }
        }
    }
}
