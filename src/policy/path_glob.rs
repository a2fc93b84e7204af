//! Globs over the files of a repository: `docs/**/*.md`, `{.github/,docs/,}CODEOWNERS`. Anchored at the scanned root, and
//! letters count, as they do for those who look for such files.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use crate::rule::raw::RawError;

/// The longest pattern, in bytes.
const LONGEST: usize = 1000;
/// Braces in braces.
const MAX_NESTED: usize = 8;
/// Beginnings that are told apart; where there are more, any folder is looked into.
const MAX_STARTS: usize = 64;
/// Bytes of a compiled pattern.
const MAX_COMPILED: usize = 1 << 20;

/// A pattern, ready to be matched: in time linear in the path.
#[derive(Clone, Debug)]
pub(super) struct PathGlob {
    pub text: Box<str>,
    pattern: Regex,
    /// What its paths begin with.
    starts: Vec<Vec<u8>>,
    /// Folders in folders that it leads to; None for any number.
    depth: Option<usize>,
}

impl PathGlob {
    /// `*` and `?` stand for anything but `/`, `**` for any folders, `{a,b}` for one or the other.
    ///
    /// # Errors
    /// Where it is no pattern; `at` is where it stands.
    pub fn parse(text: &str, at: u32) -> Result<PathGlob, RawError> {
        let wrong = |what: &str| RawError::new(at, format!("`files:{text}` is no glob: {what}"));
        if text.is_empty() {
            return Err(wrong("it is empty").help("`files:**` is every file"));
        }
        if text.starts_with('/') || text.starts_with("./") || text.starts_with("../") {
            return Err(wrong("it begins at the scanned root as it is").help("leave out the `/`, `./` or `../` that it begins with"));
        }
        if text.len() > LONGEST {
            return Err(wrong(&format!("it is longer than {LONGEST} bytes")));
        }
        let translated = translate(text).map_err(wrong)?;
        let pattern = Regex::builder()
            .configure(Config::new().nfa_size_limit(Some(MAX_COMPILED)).utf8_empty(false))
            .syntax(syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true))
            .build(&translated)
            .map_err(|_| wrong("it is too large"))?;
        let depth = (!text.contains("**")).then(|| text.matches('/').count());
        Ok(PathGlob { text: text.into(), pattern, starts: starts(text), depth })
    }

    /// Whether a path from the root is meant.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.pattern.is_match(path)
    }

    /// Whether a folder (with a `/` at its end) may hold what is meant.
    pub fn may_lie_in(&self, folder: &[u8]) -> bool {
        let deep = memchr::memchr_iter(b'/', folder).count();
        self.depth.is_none_or(|depth| deep <= depth)
            && self.starts.iter().any(|start| start.starts_with(folder) || folder.starts_with(start))
    }
}

/// The pattern as a regular expression.
fn translate(text: &str) -> Result<String, &'static str> {
    let (mut out, mut rest) = (String::from(r"\A(?:"), text);
    // Whether a part of a path begins here; and where the braces that are open began.
    let (mut begins, mut open) = (true, Vec::new());
    while let Some(next) = rest.chars().next() {
        if let (true, Some(after)) = (begins, rest.strip_prefix("**/")) {
            out.push_str("(?:[^/]+/)*");
            rest = after;
            continue;
        }
        let mut length = next.len_utf8();
        match next {
            '*' if rest.starts_with("**") => {
                out.push_str(".*");
                length = 2;
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '{' => {
                out.push_str("(?:");
                open.push(begins);
                if open.len() > MAX_NESTED {
                    return Err("its braces nest too deep");
                }
            }
            ',' if !open.is_empty() => out.push('|'),
            '}' if !open.is_empty() => out.push(')'),
            '\\' => return Err("`\\` stands in no path here"),
            _ => out.push_str(&regex_syntax::escape(&rest[..length])),
        }
        begins = match next {
            '/' => true,
            '{' => begins,
            ',' => open.last().copied().unwrap_or(false),
            // What ends with a folder, or with nothing at all.
            '}' => open.pop().unwrap_or(false) && begins,
            _ => false,
        };
        rest = &rest[length..];
    }
    if !open.is_empty() {
        return Err("a `{` is not closed");
    }
    out.push_str(r")\z");
    Ok(out)
}

/// What the paths of a pattern begin with, as far as that is written out.
fn starts(text: &str) -> Vec<Vec<u8>> {
    let (mut done, mut left) = (Vec::new(), vec![(String::new(), text.to_owned())]);
    while let Some((mut start, rest)) = left.pop() {
        if done.len() + left.len() >= MAX_STARTS {
            return vec![Vec::new()];
        }
        let end = rest.find(['*', '?', '{']).unwrap_or(rest.len());
        start.push_str(&rest[..end]);
        match alternatives(&rest[end..]) {
            Some((all, after)) => left.extend(all.into_iter().map(|one| (start.clone(), format!("{one}{after}")))),
            None => done.push(start.into_bytes()),
        }
    }
    done
}

/// The alternatives of the braces that a text begins with, and what follows them.
fn alternatives(text: &str) -> Option<(Vec<&str>, &str)> {
    if !text.starts_with('{') {
        return None;
    }
    let (mut all, mut open, mut from) = (Vec::new(), 0_usize, 1);
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            ',' if open == 1 => {
                all.push(&text[from..at]);
                from = at + 1;
            }
            '}' if open == 1 => {
                all.push(&text[from..at]);
                return Some((all, &text[at + 1..]));
            }
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> PathGlob {
        PathGlob::parse(text, 0).unwrap_or_else(|error| panic!("{}", error.message))
    }

    #[test]
    fn a_glob_is_anchored_and_a_star_stays_in_its_folder() {
        for (pattern, path) in [
            ("{.github/,docs/,}CODEOWNERS", "CODEOWNERS"),
            ("{.github/,docs/,}CODEOWNERS", ".github/CODEOWNERS"),
            ("**/CODEOWNERS", "CODEOWNERS"),
            ("**/CODEOWNERS", "a/b/CODEOWNERS"),
            ("docs/**", "docs/a/b.md"),
            ("a/**/x/*.yml", "a/y/x/z/x/c.yml"),
            ("{a,{b,c}}/?.txt", "c/1.txt"),
            ("{**/,}x", "a/b/x"),
            ("{docs/,}**/x", "docs/x"),
            ("{docs/,}**/x", "a/x"),
            ("[id].tsx", "[id].tsx"),
            ("a,b", "a,b"),
            ("*", "a\nb"),
        ] {
            assert!(glob(pattern).matches(path.as_bytes()), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("CODEOWNERS", "a/CODEOWNERS"),
            ("CODEOWNERS", "codeowners"),
            ("*.md", "docs/a.md"),
            ("docs/**", "docs"),
            ("**/x", "ax"),
            ("a?c", "a/c"),
            ("{a,b}", "a,b"),
            ("a.b", "aXb"),
        ] {
            assert!(!glob(pattern).matches(path.as_bytes()), "{pattern} {path}");
        }
    }

    #[test]
    fn only_folders_that_may_hold_it_are_looked_into() {
        let owners = glob("{.github/,docs/,}CODEOWNERS");
        for (folder, expected) in [("docs/", true), (".github/", true), ("src/", false), ("docs/a/", false)] {
            assert_eq!(owners.may_lie_in(folder.as_bytes()), expected, "{folder}");
        }
        let deep = glob("infra/*/main.tf");
        assert!(deep.may_lie_in(b"infra/") && deep.may_lie_in(b"infra/a/") && !deep.may_lie_in(b"infra/a/b/"));
        assert!(glob("infra/**/main.tf").may_lie_in(b"infra/a/b/") && glob("**/x").may_lie_in(b"any/where/"));
    }

    #[test]
    fn what_is_no_glob_or_a_bomb_is_refused_or_stays_cheap() {
        for wrong in ["", "/a", "./a", "../a", "{a", "a\\b", &"{".repeat(20), &"a".repeat(2000)] {
            assert!(PathGlob::parse(wrong, 0).is_err(), "{wrong}");
        }
        let bomb = glob(&format!("{}/**", "{a,b}".repeat(190)));
        assert!(bomb.matches(format!("{}/x", "ab".repeat(95)).as_bytes()) && bomb.may_lie_in(b"anything/"));
        let stars = glob(&"**/*a*".repeat(40));
        assert!(!stars.matches("a/".repeat(2000).as_bytes()));
    }
}
