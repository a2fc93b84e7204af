//! Fields between colons, a record to a line: `.pgpass`, `.htpasswd`, `shadow`.

use std::ops::Range;

use super::line::{lines, trimmed};

/// Fields beyond which a record is read no further.
const MOST: usize = 16;

/// The fields of each line that is no comment; `\:` is part of a field. The last one holds what is beyond all fields.
#[must_use]
pub fn records(bytes: &[u8]) -> Vec<Vec<Range<usize>>> {
    let lines = lines(bytes).map(|line| trimmed(bytes, line)).filter(|line| !line.is_empty() && bytes[line.start] != b'#');
    lines.map(|line| fields(bytes, line)).collect()
}

fn fields(bytes: &[u8], line: Range<usize>) -> Vec<Range<usize>> {
    let (mut all, mut start, mut at) = (Vec::new(), line.start, line.start);
    while at < line.end && all.len() + 1 < MOST {
        match bytes[at] {
            b'\\' => at += 2,
            b':' => {
                all.push(start..at);
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    all.push(start..line.end);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_comments() {
        let text = "# a:b\nh:5432:*:u:p\\:w\r\n\nx\n:\\";
        let found: Vec<Vec<&str>> = records(text.as_bytes()).into_iter().map(|r| r.into_iter().map(|f| &text[f]).collect()).collect();
        assert_eq!(found, [vec!["h", "5432", "*", "u", "p\\:w"], vec!["x"], vec!["", "\\"]]);
        assert_eq!(records(":".repeat(99).as_bytes())[0].len(), MOST);
    }
}
