//! Which secret belongs to which id, by where they stand: the same profile, object or mapping, one beside the other,
//! or simply near. Not by value: nothing in an id tells its secret.

use std::ops::Range;

/// Something that may be half of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Half {
    pub range: Range<usize>,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Id,
    /// A secret that a name beside it says to be one.
    Named,
    /// A value that looks like one.
    Bare,
}

/// How far apart the halves of a pair may stand, in lines and in bytes: with a name on the secret, and without.
const NAMED_LINES: usize = 40;
const NAMED_BYTES: usize = 4000;
const BARE_LINES: usize = 5;
pub const BARE_BYTES: usize = 600;
/// A bare value in another mapping than the id must stand closer still.
const BARE_LINES_OUTSIDE: usize = 2;
/// Halves that may be passed over between the halves of a pair.
const BETWEEN: usize = 4;

/// Pairs of indices into `halves` (which are sorted by place): as many as there can be, then as close as they can be.
/// A half belongs to one pair; pairs do not interlock.
#[must_use]
pub fn pairs(bytes: &[u8], halves: &[Half]) -> Vec<(usize, usize)> {
    // best[n] is for the first n halves: the weight so far, and the start of the pair that ends at n - 1.
    let mut best: Vec<(i64, Option<usize>)> = vec![(0, None)];
    for (end, right) in halves.iter().enumerate() {
        let mut found = (best[end].0, None);
        for start in (end.saturating_sub(BETWEEN)..end).rev() {
            let left = &halves[start];
            if (left.kind == Kind::Id) == (right.kind == Kind::Id) {
                continue;
            }
            if let Some(weight) = weight(bytes, left, right) {
                let total = best[start].0 + weight;
                if total > found.0 {
                    found = (total, Some(start));
                }
            }
        }
        best.push(found);
    }
    let (mut all, mut n) = (Vec::new(), halves.len());
    while n > 0 {
        match best[n].1 {
            Some(start) => {
                let (left, right) = (start, n - 1);
                all.push(if halves[left].kind == Kind::Id { (left, right) } else { (right, left) });
                n = start;
            }
            None => n -= 1,
        }
    }
    all.reverse();
    all
}

/// How good a pair is; None where they do not belong together.
fn weight(bytes: &[u8], left: &Half, right: &Half) -> Option<i64> {
    let named = left.kind.max(right.kind) == Kind::Named;
    let gap = right.range.start.checked_sub(left.range.end)?;
    if gap > if named { NAMED_BYTES } else { BARE_BYTES } {
        return None;
    }
    let between = bytes.get(left.range.end..right.range.start)?;
    let lines = memchr::memchr_iter(b'\n', between).count();
    if lines > if named { NAMED_LINES } else { BARE_LINES } || has_section(between) {
        return None;
    }
    let outside = leaves_object(between) || leaves_mapping(bytes, left, right, between);
    if outside && !named && lines > BARE_LINES_OUTSIDE {
        return None;
    }
    let base = if named { 1_000_000 } else { 600_000 };
    let apart = i64::try_from(gap).unwrap_or(i64::MAX / 64).saturating_mul(16);
    Some(base - apart - if outside { 200_000 } else { 0 })
}

/// Whether an INI section (or a TOML table) begins here.
fn has_section(between: &[u8]) -> bool {
    between.split(|byte| *byte == b'\n').skip(1).any(|line| match line.trim_ascii() {
        [b'[', name @ .., b']'] => {
            !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _.-:@/[]\"'".contains(byte))
        }
        _ => false,
    })
}

/// Whether the object that the first stands in ends, and another begins.
fn leaves_object(between: &[u8]) -> bool {
    let (mut depth, mut least) = (0i32, 0i32);
    for byte in between {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                least = least.min(depth);
            }
            _ => {}
        }
    }
    least < 0 && depth > least
}

/// Whether a line between them stands further left than both, as the key of another mapping does.
fn leaves_mapping(bytes: &[u8], left: &Half, right: &Half, between: &[u8]) -> bool {
    let inner = indent_at(bytes, left.range.start).min(indent_at(bytes, right.range.start));
    let mut lines = between.split(|byte| *byte == b'\n');
    lines.next();
    // What follows the last line feed is the start of the second one's own line.
    let mut lines: Vec<&[u8]> = lines.collect();
    lines.pop();
    lines.iter().any(|line| {
        let text = line.trim_ascii();
        !text.is_empty() && !text.starts_with(b"#") && text.ends_with(b":") && indent(line) < inner
    })
}

fn indent_at(bytes: &[u8], at: usize) -> usize {
    let start = memchr::memrchr(b'\n', &bytes[at.saturating_sub(400).min(at)..at])
        .map_or(at.saturating_sub(400), |n| at.saturating_sub(400) + n + 1);
    indent(&bytes[start..at])
}

/// Blanks in front, the dash of a list counted with them.
fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `I` is an id, `S` a named secret, `B` a bare value, each four letters long.
    fn paired(text: &str) -> Vec<(usize, usize)> {
        let kinds = [(b'I', Kind::Id), (b'S', Kind::Named), (b'B', Kind::Bare)];
        let mut halves = Vec::new();
        for at in 0..text.len().saturating_sub(3) {
            if let Some((_, kind)) = kinds.iter().find(|(c, _)| text.as_bytes()[at..at + 4] == [*c; 4]) {
                halves.push(Half { range: at..at + 4, kind: *kind });
            }
        }
        pairs(text.as_bytes(), &halves)
    }

    #[test]
    fn neighbours_pair_in_either_order() {
        assert_eq!(paired("IIII\nSSSS\n"), [(0, 1)]);
        assert_eq!(paired("SSSS\nIIII\n"), [(1, 0)]);
        assert_eq!(paired("IIII SSSS IIII SSSS"), [(0, 1), (2, 3)]);
        assert_eq!(paired("SSSS IIII SSSS IIII"), [(1, 0), (3, 2)]);
        assert_eq!(paired("SSSS IIII IIII SSSS"), [(1, 0), (2, 3)]);
    }

    #[test]
    fn a_section_divides() {
        assert_eq!(paired("[a]\nid = IIII\n[b]\nsecret = SSSS\n"), []);
        assert_eq!(paired("[a]\nid = IIII\nsecret = SSSS\n[b]\nsecret = SSSS\nid = IIII\n"), [(0, 1), (3, 2)]);
        assert_eq!(paired("[\nIIII\n,\nSSSS\n]"), [(0, 1)], "a JSON list is no section");
    }

    #[test]
    fn objects_and_mappings_keep_their_own() {
        assert_eq!(paired(r#"[{"s": "SSSS", "i": "IIII"}, {"i": "IIII", "s": "SSSS"}]"#), [(1, 0), (2, 3)]);
        assert_eq!(paired(r#"[{"i": "IIII"}, {"i": "IIII", "s": "SSSS"}]"#), [(1, 2)]);
        assert_eq!(paired("a:\n  i: IIII\nb:\n  i: IIII\n  s: SSSS\n"), [(1, 2)]);
        assert_eq!(paired("a:\n  i: IIII\nb:\n  x: 1\n  y: 2\n  z: 3\n  s: BBBB\n"), []);
        let listed = r#"[{"name": "ID", "value": "IIII"}, {"name": "SECRET", "value": "SSSS"}]"#;
        assert_eq!(paired(listed), [(0, 1)], "names and values of a container's environment");
    }

    #[test]
    fn a_name_beats_nearness() {
        assert_eq!(paired("IIII\nBBBB\nSSSS\n"), [(0, 2)]);
        assert_eq!(paired("BBBB\nIIII\nx\nx\nSSSS\n"), [(1, 2)]);
    }

    #[test]
    fn what_is_far_does_not_pair() {
        let far = |lines: usize, end: &str| paired(&format!("IIII{}{end}", "\n".repeat(lines)));
        assert_eq!(far(NAMED_LINES, "SSSS"), [(0, 1)]);
        assert_eq!(far(NAMED_LINES + 1, "SSSS"), []);
        assert_eq!(far(BARE_LINES, "BBBB"), [(0, 1)]);
        assert_eq!(far(BARE_LINES + 1, "BBBB"), []);
        assert_eq!(paired(&format!("IIII{}BBBB", " ".repeat(BARE_BYTES + 1))), []);
    }
}
