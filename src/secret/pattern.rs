//! A rule's pattern, compiled on its first search, and what searching for it takes.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};

/// The group of a pattern that is the secret.
const SECRET_GROUP: &str = "secret";
/// The most memory of a compiled pattern, in bytes.
const PATTERN_LIMIT: usize = 8 << 20;

/// The number of a pattern and what searching for it takes.
pub(super) type Search = (u64, meta::Cache, Captures);
/// The number of the next pattern of this process.
static PATTERNS: AtomicU64 = AtomicU64::new(0);

/// A whole match, and the secret in it.
pub(super) type Found = (Range<usize>, Range<usize>);

pub(super) struct Pattern {
    number: u64,
    regex: Regex,
    group: usize,
}
impl Pattern {
    pub fn compile(pattern: &str) -> Result<Pattern, String> {
        let mut parser = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build();
        let hir = parser.parse(pattern).map_err(|error| error.to_string())?;
        let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(PATTERN_LIMIT)).hybrid_cache_capacity(1 << 20);
        let regex = meta::Builder::new().configure(config).build_from_hir(&hir).map_err(|error| match error.size_limit() {
            Some(_) => format!("it takes more than {} MiB once compiled", PATTERN_LIMIT >> 20),
            None => error.to_string(),
        })?;
        let group = regex.group_info().to_index(regex_automata::PatternID::ZERO, SECRET_GROUP).unwrap_or(0);
        Ok(Pattern { number: PATTERNS.fetch_add(1, Ordering::Relaxed), regex, group })
    }

    /// The first match in a range of some bytes, and the part of it that is the secret; where `at_start`, one that begins the
    /// range. `search` is made on the first search in a thread.
    pub fn search(&self, search: &mut Option<Search>, bytes: &[u8], range: Range<usize>, at_start: bool) -> Option<Found> {
        let Pattern { number, regex, group } = self;
        let input = &Input::new(bytes).span(range).anchored(if at_start { Anchored::Yes } else { Anchored::No });
        if search.as_ref().is_some_and(|(of, ..)| of != number) {
            *search = None;
        }
        let made = || (*number, regex.create_cache(), regex.create_captures());
        let (_, cache, captures) = search.get_or_insert_with(made);
        if *group == 0 {
            let whole = regex.search_with(cache, input)?.range();
            return Some((whole.clone(), whole));
        }
        regex.search_captures_with(cache, input, captures);
        let whole = captures.get_match()?.range();
        let secret = captures.get_group(*group).map_or(whole.clone(), |span| span.range());
        Some((whole, secret))
    }
}
