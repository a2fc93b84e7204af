//! Which lines belong to what stands on a line: a block in braces, or what is indented below it. Not a parser: what another
//! tool's mark speaks of is told by its look.

use std::borrow::Cow;
use std::cell::OnceCell;

/// A text by lines.
pub struct Text<'t> {
    rows: Vec<(usize, Cow<'t, str>)>,
    /// The number of the first.
    first: u32,
    extents: OnceCell<Extents>,
}

/// What each line holds of the others: found in one pass, however many marks ask.
struct Extents {
    /// For each line, the last one of what begins on it. Indices, as all here.
    ends: Vec<usize>,
    /// The outermost blocks in braces, from line to line.
    outermost: Vec<(usize, usize)>,
    /// The line of `Resources:`, and those on which each of what is in it begins.
    resources: Option<(usize, Vec<usize>)>,
}

impl<'t> Text<'t> {
    #[must_use]
    pub fn new(bytes: &'t [u8], first: u32) -> Text<'t> {
        let mut at = 0;
        let rows = bytes.split_inclusive(|byte| *byte == b'\n').map(|row| {
            let start = at;
            at += row.len();
            (start, String::from_utf8_lossy(row.trim_ascii_end()))
        });
        Text { rows: rows.collect(), first, extents: OnceCell::new() }
    }

    /// Every line with its number and its offset.
    pub fn rows(&self) -> impl Iterator<Item = (u32, usize, &str)> {
        self.rows.iter().enumerate().map(|(at, (start, row))| (self.number(at), *start, &**row))
    }

    /// The line of a number.
    #[must_use]
    pub fn row(&self, line: u32) -> Option<&str> {
        self.rows.get(self.index(line)?).map(|(_, row)| &**row)
    }

    fn index(&self, line: u32) -> Option<usize> {
        Some(line.checked_sub(self.first)? as usize).filter(|at| *at < self.rows.len())
    }

    fn number(&self, at: usize) -> u32 {
        self.first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn extents(&self) -> &Extents {
        self.extents.get_or_init(|| {
            let rows: Vec<&str> = self.rows.iter().map(|(_, row)| &**row).collect();
            let opened: Vec<i64> = rows.iter().map(|row| opens(row)).collect();
            Extents { ends: ends(&rows, &opened), outermost: outermost(&opened), resources: resources(&rows) }
        })
    }
}

/// What a line opens more than it closes: braces outside of strings and comments.
fn opens(row: &str) -> i64 {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let bytes = row.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'#' if !quoted => break,
            b'/' if !quoted && bytes.get(at + 1) == Some(&b'/') => break,
            b'{' | b'[' | b'(' if !quoted => depth += 1,
            b'}' | b']' | b')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth
}

fn indent(row: &str) -> usize {
    row.len() - row.trim_start().len()
}

fn is_blank(row: &str) -> bool {
    row.trim().is_empty() || row.trim_start().starts_with('#')
}

/// Whether what a line begins is what is indented below it.
fn is_key(row: &str) -> bool {
    row.trim_end().ends_with([':', '|', '>'])
        || row.trim_end_matches(|c: char| c != '#').trim_end_matches(['#', ' ']).ends_with([':', '|', '>'])
}

/// For each line, the last one of what begins on it. From the last line up: of what lies below, only what is nearer than all
/// that is as shallow can end anything.
fn ends(rows: &[&str], opened: &[i64]) -> Vec<usize> {
    let mut depth: i64 = opened.iter().sum();
    let mut ends: Vec<usize> = (0..rows.len()).collect();
    // Depths behind lines, and indentations of lines: each less than those of all that are nearer, the nearest last.
    let mut depths: Vec<(i64, usize)> = Vec::new();
    let mut indents: Vec<(usize, usize)> = Vec::new();
    // For each line, the last one before it that says something.
    let said: Vec<Option<usize>> = rows
        .iter()
        .enumerate()
        .scan(None, |last, (at, row)| {
            let before = *last;
            *last = if is_blank(row) { *last } else { Some(at) };
            Some(before)
        })
        .collect();
    let last_said = rows.iter().rposition(|row| !is_blank(row));
    for (at, row) in rows.iter().enumerate().rev() {
        let (behind, before) = (depth, depth - opened[at]);
        depth = before;
        if opened[at] > 0 {
            let closes = depths[..depths.partition_point(|(depth, _)| *depth <= before)].last();
            ends[at] = closes.map_or(at, |(_, closes)| *closes);
        } else if is_key(row) {
            let next = indents[..indents.partition_point(|(indent, _)| *indent <= self::indent(row))].last();
            let last = next.map_or(last_said, |(_, next)| said[*next]);
            ends[at] = last.filter(|last| *last > at).unwrap_or(at);
        }
        while depths.last().is_some_and(|(depth, _)| *depth >= behind) {
            depths.pop();
        }
        depths.push((behind, at));
        if !is_blank(row) {
            while indents.last().is_some_and(|(known, _)| *known >= indent(row)) {
                indents.pop();
            }
            indents.push((indent(row), at));
        }
    }
    ends
}

fn outermost(opened: &[i64]) -> Vec<(usize, usize)> {
    let (mut depth, mut start, mut blocks) = (0, 0, Vec::new());
    for (at, opens) in opened.iter().enumerate() {
        let before = depth;
        depth = (depth + opens).max(0);
        if before == 0 && depth > 0 {
            start = at;
        }
        if before > 0 && depth == 0 {
            blocks.push((start, at));
        }
    }
    blocks
}

fn resources(rows: &[&str]) -> Option<(usize, Vec<usize>)> {
    let top = rows.iter().position(|row| row.trim_end() == "Resources:")?;
    let own = rows[top + 1..].iter().find(|row| !is_blank(row)).map(|row| indent(row)).filter(|own| *own > 0)?;
    let is_header = |at: &usize| !is_blank(rows[*at]) && indent(rows[*at]) <= own;
    Some((top, (top + 1..rows.len()).filter(is_header).collect()))
}

/// The last line of what begins on a line.
#[must_use]
pub fn block_from(text: &Text<'_>, line: u32) -> u32 {
    text.index(line).map_or(line, |at| text.number(text.extents().ends[at]))
}

/// The first and the last line of the outermost block in braces around a line.
#[must_use]
pub fn block_around(text: &Text<'_>, line: u32) -> Option<(u32, u32)> {
    let at = text.index(line)?;
    let blocks = &text.extents().outermost;
    let (first, last) = *blocks[..blocks.partition_point(|(first, _)| *first < at)].last()?;
    (at < last).then(|| (text.number(first), text.number(last)))
}

/// The first and the last line of the resource of a YAML template around a line.
#[must_use]
pub fn resource_around(text: &Text<'_>, line: u32) -> Option<(u32, u32)> {
    let at = text.index(line)?;
    let (_, headers) = text.extents().resources.as_ref().filter(|(top, _)| *top < at)?;
    let next = headers.partition_point(|header| *header <= at);
    let first = *headers[..next].last()?;
    let last = headers.get(next).map_or(text.rows.len(), |next| *next) - 1;
    Some((text.number(first), text.number(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TF: &str = "resource \"a\" \"b\" {\n  # mark\n  x = \"}\"\n  inner {\n    y = 1\n  }\n}\n# between\nresource \"c\" \"d\" {\n}\n";
    const YML: &str = "Resources:\n  A:\n    Type: T\n    # mark\n    Properties:\n      X: 1\n  B:\n    Type: T\n";

    #[test]
    fn a_block_ends_where_its_braces_do() {
        let text = Text::new(TF.as_bytes(), 1);
        assert_eq!((block_from(&text, 1), block_from(&text, 4), block_from(&text, 3)), (7, 6, 3));
        assert_eq!((block_around(&text, 2), block_around(&text, 5), block_around(&text, 8)), (Some((1, 7)), Some((1, 7)), None));
        assert_eq!(block_around(&text, 1), None, "its header is no line in it");
    }

    #[test]
    fn a_key_ends_where_its_indentation_does() {
        let text = Text::new(YML.as_bytes(), 1);
        assert_eq!((block_from(&text, 2), block_from(&text, 5), block_from(&text, 3)), (6, 6, 3));
        assert_eq!((resource_around(&text, 4), resource_around(&text, 8)), (Some((2, 6)), Some((7, 8))));
    }

    /// What a person would do: look on from the line.
    fn block_from_plainly(rows: &[&str], at: usize) -> usize {
        let mut depth = opens(rows[at]);
        if depth > 0 {
            let closes = (at + 1..rows.len()).find(|next| {
                depth += opens(rows[*next]);
                depth <= 0
            });
            return closes.unwrap_or(at);
        }
        let below = (at + 1..rows.len()).take_while(|next| is_blank(rows[*next]) || indent(rows[*next]) > indent(rows[at]));
        below.filter(|next| is_key(rows[at]) && !is_blank(rows[*next])).last().unwrap_or(at)
    }

    fn block_around_plainly(rows: &[&str], at: usize) -> Option<(u32, u32)> {
        let (mut depth, mut start) = (0, 0);
        for (number, row) in rows.iter().enumerate() {
            let before = depth;
            depth = (depth + opens(row)).max(0);
            start = if before == 0 { number } else { start };
            if depth == 0 && before > 0 && start < at && at < number {
                return Some((u32::try_from(start).ok()? + 1, u32::try_from(number).ok()? + 1));
            }
        }
        None
    }

    proptest::proptest! {
        #[test]
        fn one_pass_tells_what_a_look_from_each_line_does(rows in proptest::collection::vec(
            proptest::sample::select(vec!["a {", "}", "} {", "b(", ")", "k:", "  k:", "    k: # x", "  v", "    v", "", "  # c:", "# c", "}}", "x {{"]), 0..24
        )) {
            let bytes = rows.join("\n");
            let text = Text::new(bytes.as_bytes(), 1);
            for at in 0..text.rows.len() {
                let line = u32::try_from(at + 1).expect("few");
                proptest::prop_assert_eq!(block_from(&text, line) as usize, block_from_plainly(&rows, at) + 1);
                proptest::prop_assert_eq!(block_around(&text, line), block_around_plainly(&rows, at));
            }
        }
    }
}
