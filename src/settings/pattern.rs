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
    /// Where it is none, or too large: why.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let config = Regex::config().nfa_size_limit(Some(LARGEST));
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        Regex::builder().configure(config).syntax(syntax).build(text).map(Pattern).map_err(|error| error.to_string())
    }

    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}
