//! `gatepost: ignore[rule-id, other-id] reason` in a comment of any language. Not a parser of those languages: a pragma
//! in a string literal is a pragma too, because whoever writes the line could as well write the comment.

use memchr::{memchr, memchr_iter, memmem, memrchr};

/// What every pragma begins with; a content without it is not looked at further.
pub const MARK: &[u8] = b"gatepost:";
/// More of them in one content are not read, so they do not hold.
pub const MOST: usize = 2_000;
/// Bytes of the list of rules, and of the reason.
const LONGEST_LIST: usize = 1000;
const LONGEST_REASON: usize = 200;
/// Bytes before the mark that a comment's opening may take, indentation included.
const LONGEST_OPENING: usize = 300;
/// What opens a comment, or continues one, in the languages of configuration and most others.
const OPENINGS: &[&str] = &[
    "#", "//", "/*", "*", "<!--", "--", ";", "%", "\"", "'", "\"\"\"", "'''", "(*", "{-", "!", "{#", "<#", "<%--", "=begin", "rem", "@rem",
    "::", "dnl", ".\\\"", "|",
];
/// What closes one on the same line.
const CLOSINGS: &[&str] = &["*/", "-->", "--%>", "*)", "-}", "#}", "#>", "\"\"\"", "'''"];

/// What a pragma speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its line, and the next where it stands alone.
    Line,
    /// Everything up to the end that follows: `ignore-start`.
    Start,
    /// `ignore-end`.
    End,
}

/// An inline ignore, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pragma {
    /// From 1.
    pub line: u32,
    /// Where the mark begins, in bytes of the content.
    pub offset: usize,
    pub reach: Reach,
    /// Ids or aliases, as written.
    pub rules: Vec<String>,
    /// Empty where there is none: the pragma then does not hold.
    pub reason: String,
    /// What stands behind `until=`.
    pub until: Option<String>,
    /// Nothing but the comment stands on the line, so that the pragma also speaks of the next one.
    pub alone: bool,
}

/// Every inline ignore of a content, by line. `first_line` is the number of its first line.
#[must_use]
pub fn find(bytes: &[u8], first_line: u32) -> Vec<Pragma> {
    let mut pragmas = Vec::new();
    let (mut line, mut counted) = (first_line, 0);
    for at in memmem::find_iter(bytes, MARK) {
        if pragmas.len() >= MOST {
            break;
        }
        let word_before = at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        let Some(parts) = parts(&bytes[at + MARK.len()..]).filter(|_| !word_before) else { continue };
        let lines = memchr_iter(b'\n', &bytes[counted..at]).count();
        line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        counted = at;
        let mut reason = reason(parts.rest);
        let until = take_until(&mut reason.text);
        // A second one in the same comment stands as alone as the first.
        let beside = pragmas.last().filter(|before: &&Pragma| before.line == line).map(|before| before.alone);
        let alone = beside.unwrap_or_else(|| opens_line(&bytes[..at]) && reason.closes_line);
        pragmas.push(Pragma { line, offset: at, reach: parts.reach, rules: parts.rules, reason: reason.text, until, alone });
    }
    pragmas
}

struct Parts<'a> {
    reach: Reach,
    rules: Vec<String>,
    /// What follows the list on its line, at most [`LONGEST_REASON`] bytes and one more.
    rest: &'a [u8],
}

/// ` ignore[a, b] ...`, or None where the text after the mark is something else.
fn parts(after: &[u8]) -> Option<Parts<'_>> {
    let after = after.trim_ascii_start().strip_prefix(b"ignore")?;
    let (reach, after) = [(Reach::Start, &b"-start"[..]), (Reach::End, b"-end")]
        .into_iter()
        .find_map(|(reach, word)| Some((reach, after.strip_prefix(word)?)))
        .unwrap_or((Reach::Line, after));
    let list = after.strip_prefix(b"[").unwrap_or_default();
    if list.is_empty() {
        // A bare `ignore` names no rule; it is told, not obeyed.
        let ends = after.first().is_none_or(|byte| byte.is_ascii_whitespace() || reach == Reach::End && !byte.is_ascii_alphanumeric());
        return ends.then(|| Parts { reach, rules: Vec::new(), rest: line_of(after) });
    }
    let list = &list[..list.len().min(LONGEST_LIST)];
    let end = memchr(b']', list).filter(|end| !list[..*end].contains(&b'\n'))?;
    let rules = String::from_utf8_lossy(&list[..end]);
    let rules = rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned).collect();
    Some(Parts { reach, rules, rest: line_of(&after[1 + end + 1..]) })
}

fn line_of(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[..bytes.len().min(LONGEST_REASON + 1)];
    &bytes[..memchr(b'\n', bytes).unwrap_or(bytes.len())]
}

/// Takes `until=..` out of a reason.
fn take_until(reason: &mut String) -> Option<String> {
    let at = reason.find("until=").filter(|at| *at == 0 || reason[..*at].ends_with([' ', '(', ',', ';']))?;
    let value = &reason[at + "until=".len()..];
    let end = value.find([' ', ')', ',', ';']).unwrap_or(value.len());
    let until = value[..end].to_owned();
    let rest = value[end..].trim_start_matches([')', ',', ';']).to_owned();
    reason.truncate(at);
    let kept = format!("{} {}", reason.trim_end_matches([' ', '(', ',', ';']), rest.trim());
    kept.trim().clone_into(reason);
    Some(until)
}

struct Reason {
    text: String,
    /// Nothing follows the comment on its line.
    closes_line: bool,
}

fn reason(rest: &[u8]) -> Reason {
    let text = String::from_utf8_lossy(rest);
    let closing = CLOSINGS.iter().filter_map(|c| text.find(c).map(|at| (at, c.len()))).min();
    let (inside, after) = match closing {
        Some((at, len)) => (&text[..at], &text[at + len..]),
        None => (&*text, ""),
    };
    let inside = inside.trim().trim_start_matches([':', '-', '\u{2013}', '\u{2014}', ' ']).trim_end_matches(['"', '\'', ',', ' ']);
    let said = inside.chars().any(char::is_alphanumeric);
    let closers = after.trim().trim_matches(['"', '\'', ',', '}']).is_empty();
    Reason { text: if said { inside.to_owned() } else { String::new() }, closes_line: closers && rest.len() <= LONGEST_REASON }
}

/// Whether only a comment's opening stands before the mark on its line.
fn opens_line(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(LONGEST_OPENING)..];
    let line = match memrchr(b'\n', near) {
        Some(feed) => &near[feed + 1..],
        None if near.len() == before.len() => near,
        None => return false,
    };
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let mut words = line.trim_start_matches('\u{feff}').split_whitespace();
    // `/**`, `###`, `{/*` are openings as well.
    let opening = |word: &str| {
        let word = word.strip_prefix('{').filter(|rest| rest.starts_with("/*")).unwrap_or(word).to_ascii_lowercase();
        OPENINGS.iter().any(|o| {
            word == *o || word.strip_prefix(o).is_some_and(|more| !more.is_empty() && more.bytes().all(|b| b"#/*-;!=%".contains(&b)))
        })
    };
    words.next().is_none_or(opening) && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Pragma {
        let mut all = find(text.as_bytes(), 1);
        assert_eq!(all.len(), 1, "{text:?}: {all:?}");
        all.remove(0)
    }

    #[test]
    fn eight_spellings_of_a_comment_alone_on_its_line() {
        let all = [
            "# gatepost: ignore[some-rule] a test key\n",
            "# gatepost: ignore[some-rule] a test key\r\n",
            "  // gatepost: ignore[some-rule] a test key\n",
            "/* gatepost: ignore[some-rule] a test key */\n",
            "<!-- gatepost: ignore[some-rule] a test key -->\n",
            "-- gatepost: ignore[some-rule] a test key",
            "; gatepost:ignore[ some-rule ] a test key\n",
            " * gatepost: ignore[some-rule]: a test key\n",
            "{/* gatepost: ignore[some-rule] a test key */}\n",
            "REM gatepost: ignore[some-rule] a test key\r\n",
            "\u{feff}### gatepost: ignore[some-rule] - a test key\n",
            "gatepost: ignore[some-rule] a test key\n",
        ];
        for text in all {
            let found = one(text);
            assert_eq!((found.line, found.reach, found.alone, found.until), (1, Reach::Line, true, None), "{text:?}");
            assert_eq!((found.rules, found.reason.as_str()), (vec!["some-rule".to_owned()], "a test key"), "{text:?}");
        }
    }

    #[test]
    fn beside_code_it_is_not_alone() {
        for text in [
            "key = 1 # gatepost: ignore[a, b] why not\n",
            "/* gatepost: ignore[a,b] why not */ key = 1\n",
            "{\"_\": \"gatepost: ignore[a,b] why not\", \"key\": 1}\n",
            "key: 1 # x # gatepost: ignore[a,b] why not",
        ] {
            let pragma = one(text);
            assert_eq!((pragma.rules.as_slice(), pragma.alone), (["a".to_owned(), "b".to_owned()].as_slice(), false), "{text}");
            assert!(pragma.reason.starts_with("why not"), "{pragma:?}");
        }
    }

    #[test]
    fn what_says_nothing_is_no_reason() {
        for text in ["# gatepost: ignore[a]", "/* gatepost: ignore[a] */", "# gatepost: ignore[a] -- ", "# gatepost: ignore[a]:\r\nreason"]
        {
            assert_eq!(one(text).reason, "", "{text:?}");
        }
    }

    #[test]
    fn a_last_day_is_no_part_of_the_reason() {
        for text in [
            "# gatepost: ignore[a] we move in May until=2031-05-31",
            "# gatepost: ignore[a] until=2031-05-31 we move in May",
            "/* gatepost: ignore[a] we move in May (until=2031-05-31) */",
            "# gatepost: ignore[a] we move in May, until=2031-05-31\r\n",
        ] {
            let found = one(text);
            assert_eq!((found.reason.as_str(), found.until.as_deref()), ("we move in May", Some("2031-05-31")), "{text}");
        }
        assert_eq!(one("# gatepost: ignore[a] until=2031-05-31").reason, "");
        assert_eq!(one("# gatepost: ignore[a] x_until=2031-05-31").until, None);
    }

    #[test]
    fn a_block_has_a_start_and_an_end() {
        let found = find(b"# gatepost: ignore-start[a] made up\nkey\n<!-- gatepost: ignore-end -->\n# gatepost: ignore-end[a]\n", 1);
        assert_eq!(found.iter().map(|p| (p.line, p.reach)).collect::<Vec<_>>(), [(1, Reach::Start), (3, Reach::End), (4, Reach::End)]);
    }

    #[test]
    fn what_is_no_pragma() {
        for text in [
            "mygatepost: ignore[a] x",
            "gatepost: ignored[a] x",
            "gatepost: scan",
            "gatepost: ignore[a\n] x",
            "gatepost: ignore[a",
            "gatepost:",
            "Gatepost: ignore[a] x",
        ] {
            assert_eq!(find(text.as_bytes(), 1), [], "{text:?}");
        }
        assert_eq!(one("# gatepost: ignore everything").rules, Vec::<String>::new());
    }

    #[test]
    fn lines_are_counted_from_where_the_content_begins() {
        let text = b"one\n\n# gatepost: ignore[a] x\nfour # gatepost: ignore[b] y # gatepost: ignore[c] z\n";
        let lines: Vec<_> = find(text, 100).into_iter().map(|p| (p.line, p.alone)).collect();
        assert_eq!(lines, [(102, true), (103, false), (103, false)]);
    }

    #[test]
    fn a_hostile_content_costs_little_and_holds_little() {
        let text = b"# gatepost: ignore[a] x ".repeat(400_000);
        let found = find(&text, 1);
        assert_eq!(found.len(), MOST);
        assert!(found.iter().all(|p| p.reason.len() <= LONGEST_REASON * 3));
        assert_eq!(find(&b"gatepost: ignore[".repeat(500_000), 1), []);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(text in proptest::collection::vec(proptest::sample::select(b"gatepost: ignore[a,]\n\r\"*/ \xff#".to_vec()), 0..60), near in 0usize..40) {
            let text = [&text[..near.min(text.len())], b"gatepost: ignore[", &text].concat();
            for pragma in find(&text, 1) {
                proptest::prop_assert!(pragma.line as usize <= 1 + text.iter().filter(|b| **b == b'\n').count());
            }
        }
    }
}
