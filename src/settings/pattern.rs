//! Regular expressions that people write into configurations: over bytes, and of bounded size.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// Bytes that a compiled pattern may take.
const LARGEST: usize = 1 << 20;

/// A pattern that is looked for anywhere.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// # Errors
    /// Where it is none, or too large: why, and what to do. Nothing is quoted: it may say what a secret is.
    pub fn new(text: &str) -> Result<Pattern, (String, &'static str)> {
        let config = Regex::config().nfa_size_limit(Some(LARGEST));
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        Regex::builder().configure(config).syntax(syntax).build(text).map(Pattern).map_err(|error| {
            if error.size_limit().is_some() {
                return (
                    "a pattern that is too large".to_owned(),
                    "fewer repetitions, or smaller ones: `{1,500}` is as long as 500 patterns",
                );
            }
            let said = error.syntax_error().map(ToString::to_string).unwrap_or_default();
            let why = said.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("its syntax is wrong");
            (format!("no regular expression: {why}"), "as the crate `regex` reads it; write `\\(` for a bracket of the text")
        })
    }

    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}
