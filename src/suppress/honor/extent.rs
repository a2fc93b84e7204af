//! Which lines belong to what stands on a line: a block in braces, or what is indented below it. Not a parser: what another
//! tool's mark speaks of is told by its look.

/// A text by lines.
pub struct Text<'t> {
    rows: Vec<(usize, std::borrow::Cow<'t, str>)>,
    /// The number of the first.
    first: u32,
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
        Text { rows: rows.collect(), first }
    }

    /// Every line with its number and its offset.
    pub fn rows(&self) -> impl Iterator<Item = (u32, usize, &str)> {
        let number = |at: usize| self.first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        self.rows.iter().enumerate().map(move |(at, (start, row))| (number(at), *start, &**row))
    }

    /// The line of a number.
    #[must_use]
    pub fn row(&self, line: u32) -> Option<&str> {
        self.rows.get(line.checked_sub(self.first)? as usize).map(|(_, row)| &**row)
    }

    fn last(&self) -> u32 {
        self.first.saturating_add(u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).saturating_sub(1)
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

/// The last line of what begins on a line.
#[must_use]
pub fn block_from(text: &Text<'_>, line: u32) -> u32 {
    let Some(row) = text.row(line) else { return line };
    let mut depth = opens(row);
    if depth > 0 {
        let closes = (line + 1..=text.last()).find(|next| {
            depth += text.row(*next).map_or(0, opens);
            depth <= 0
        });
        return closes.unwrap_or(line);
    }
    if !row.trim_end().ends_with([':', '|', '>'])
        && !row.trim_end_matches(|c: char| c != '#').trim_end_matches(['#', ' ']).ends_with([':', '|', '>'])
    {
        return line;
    }
    let own = indent(row);
    let below = (line + 1..=text.last()).take_while(|next| text.row(*next).is_some_and(|row| is_blank(row) || indent(row) > own));
    below.filter(|next| text.row(*next).is_some_and(|row| !is_blank(row))).last().unwrap_or(line)
}

/// The first and the last line of the outermost block in braces around a line.
#[must_use]
pub fn block_around(text: &Text<'_>, line: u32) -> Option<(u32, u32)> {
    let (mut depth, mut start) = (0, None);
    for (number, _, row) in text.rows() {
        let before = depth;
        depth = (depth + opens(row)).max(0);
        if before == 0 && depth > 0 {
            start = Some(number);
        }
        if depth == 0 && before > 0 {
            if let Some(first) = start.filter(|first| *first < line && line < number) {
                return Some((first, number));
            }
            start = None;
        }
        if number > line && start.is_none() {
            return None;
        }
    }
    None
}

/// The first and the last line of the resource of a YAML template around a line.
#[must_use]
pub fn resource_around(text: &Text<'_>, line: u32) -> Option<(u32, u32)> {
    let (top, ..) = text.rows().find(|(number, _, row)| *number < line && row.trim_end() == "Resources:")?;
    let own = text.rows().find(|(number, _, row)| *number > top && !is_blank(row)).map(|(_, _, row)| indent(row)).filter(|own| *own > 0)?;
    let is_header = |row: &str| !is_blank(row) && indent(row) <= own;
    let first = (top + 1..=line).rev().find(|number| text.row(*number).is_some_and(is_header))?;
    let last = (first + 1..=text.last()).find(|number| text.row(*number).is_some_and(is_header)).map_or(text.last(), |next| next - 1);
    Some((first, last))
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
}
