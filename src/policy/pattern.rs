//! Regular expressions over text that may have holes: `{regex: R}`.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_syntax::hir::{Look, LookSet};

use crate::base::text_map::{HOLE, Text};
use crate::base::truth::{Truth, Why};
use crate::rule::raw::{Raw, RawError};

/// The longest pattern, and the longest text with holes that is searched, in bytes.
const MAX_PATTERN: usize = 2048;
const MAX_TEXT: usize = 64 << 10;
/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 256 << 10;

/// A pattern of a rule: its syntax is sound, and it is compiled when it is first asked.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    written: Box<str>,
    /// Where it stands in its file.
    at: u32,
    looks: LookSet,
    /// None where it is too large.
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl Pattern {
    /// # Errors
    /// Where it is no pattern of the crate `regex`, or too long.
    pub fn parse(raw: &Raw) -> Result<Pattern, RawError> {
        let written = raw.text()?;
        if written.len() > MAX_PATTERN {
            return Err(RawError::new(raw.at, format!("a pattern is at most {MAX_PATTERN} bytes long")));
        }
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(written);
        let hir = hir.map_err(|error| RawError::new(raw.at, format!("not a regular expression: {error}")))?;
        Ok(Pattern { written: written.into(), at: raw.at, looks: hir.properties().look_set(), compiled: Arc::default() })
    }

    /// What is wrong with it, though its syntax is sound.
    pub fn fault(&self) -> Option<RawError> {
        let error = || {
            RawError::new(self.at, "this pattern is too large")
                .help("fewer repetitions, or smaller ones: `{1,500}` is as long as 500 patterns")
        };
        self.compiled().is_none().then(error)
    }

    fn compiled(&self) -> Option<&Regex> {
        let compile = || {
            let limits = Config::new().utf8_empty(false).nfa_size_limit(Some(MAX_COMPILED)).onepass_size_limit(Some(MAX_COMPILED));
            let syntax = syntax::Config::new().utf8(false);
            Regex::builder().configure(limits).syntax(syntax).build(&self.written).ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Where it is first found.
    pub fn place_in(&self, text: &[u8]) -> Option<std::ops::Range<usize>> {
        self.compiled()?.find(text).map(|found| found.range())
    }

    /// Whether it is found in a text, whatever the text's holes are.
    pub fn found_in(&self, text: &Text) -> Truth {
        let Some(regex) = self.compiled() else { return Truth::Unknown(Why::Budget) };
        // A whole file may be searched: the time is linear in its length, and counted.
        let Some(why) = text.holes().next().map(Why::Value) else { return regex.is_match(text.bytes()).into() };
        if text.len() > MAX_TEXT {
            return Truth::Unknown(Why::Budget);
        }
        // What is found between two holes is there whatever they are, as long as it does not look at what is around it.
        let anchored = self.looks.iter().all(|look| look == Look::Start);
        let free = self.looks.is_empty();
        let mut known = parts(text.bytes());
        let first = known.next().is_some_and(|first| anchored && regex.is_match(first));
        if first || free && known.any(|part| regex.is_match(part)) { Truth::TRUE } else { Truth::Unknown(why) }
    }
}

/// What stands between the holes of a text.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    let holes = memchr::memmem::find_iter(bytes, HOLE.as_bytes()).chain(std::iter::once(bytes.len()));
    holes.map(move |hole| {
        let part = &bytes[at..hole];
        at = hole + HOLE.len();
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::UnknownId;
    use crate::base::span::{FileId, Span};
    use crate::rule::raw::RawKind;

    /// `…` stands for a hole.
    fn text(source: &str) -> Text {
        let place = Span::new(FileId(0), 0..1);
        let mut text = Text::new();
        for (number, part) in source.split('…').enumerate() {
            if number > 0 {
                text.push_hole(UnknownId(1));
            }
            text.push_within(part.as_bytes(), place);
        }
        text
    }

    fn pattern(written: &str) -> Result<Pattern, RawError> {
        Pattern::parse(&Raw { at: 7, kind: RawKind::Text(written.to_owned()) })
    }

    #[test]
    fn what_is_found_beside_a_hole_is_found() {
        let unknown = Truth::Unknown(Why::Value(UnknownId(1)));
        for (written, source, truth) in [
            ("^a+$", "aaa", Truth::TRUE),
            ("^a+$", "ab", Truth::False),
            ("b", "a…b", Truth::TRUE),
            ("^a", "a…b", Truth::TRUE),
            ("^b", "a…b", unknown.clone()),
            ("b$", "a…b", unknown.clone()),
            ("ab", "a…b", unknown.clone()),
            (r"\bab", "…ab", unknown.clone()),
            ("(?i)AB", "…ab", Truth::TRUE),
            ("x", "", Truth::False),
            ("", "…", Truth::TRUE),
        ] {
            assert_eq!(pattern(written).expect(written).found_in(&text(source)), truth, "{written} in {source}");
        }
    }

    #[test]
    fn what_is_too_much_is_no_answer() {
        let long = "b".repeat(MAX_TEXT + 1);
        assert_eq!(pattern("a").expect("sound").found_in(&text(&format!("…{long}"))), Truth::Unknown(Why::Budget));
        assert_eq!(pattern("a").expect("sound").found_in(&text(&long)), Truth::False, "a whole file");
        let large = pattern("(?:a{500}){500}").expect("sound");
        assert_eq!(large.found_in(&text("a")), Truth::Unknown(Why::Budget));
        assert_eq!(large.fault().expect("a fault").at, 7);
        assert_eq!(pattern("a{500}").expect("sound").fault(), None);
        let error = pattern("(").expect_err("not closed");
        assert_eq!(error.at, 7);
        assert!(pattern(&"a".repeat(MAX_PATTERN + 1)).is_err());
    }
}
