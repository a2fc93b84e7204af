//! A rule's pattern: what is told of its matches without it, the automaton, made on the first search, and what searching takes.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

use super::anchor::lead;
use super::run::Run;

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
    hir: Hir,
    compiled: OnceLock<Result<Compiled, String>>,
    /// How many bytes of a match may stand before its keyword, where that is known: it is looked for there, and nowhere else.
    pub lead: Option<usize>,
    /// The most bytes of a match, with one of look-around at either end.
    pub longest: usize,
    /// What every match holds in a row.
    run: Option<Run>,
}

struct Compiled {
    number: u64,
    regex: Regex,
    group: usize,
}

impl Compiled {
    fn new(hir: &Hir) -> Result<Compiled, String> {
        let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(PATTERN_LIMIT)).hybrid_cache_capacity(1 << 20);
        let regex = meta::Builder::new().configure(config).build_from_hir(hir).map_err(|error| error.to_string())?;
        let group = regex.group_info().to_index(regex_automata::PatternID::ZERO, SECRET_GROUP).unwrap_or(0);
        Ok(Compiled { number: PATTERNS.fetch_add(1, Ordering::Relaxed), regex, group })
    }
}

impl Pattern {
    /// # Errors
    /// Where it is none. One that is too large is refused by [`Pattern::check`].
    pub fn parse(pattern: &str, keywords: &[String]) -> Result<Pattern, String> {
        let mut parser = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build();
        let hir = parser.parse(pattern).map_err(|error| error.to_string())?;
        let longest = hir.properties().maximum_len().unwrap_or(u16::MAX.into()) + 2;
        Ok(Pattern { compiled: OnceLock::new(), lead: lead(&hir, keywords), longest, run: Run::of(&hir), hir })
    }

    /// Makes the automaton now.
    pub fn check(&self) -> Result<(), &str> {
        self.compiled().as_ref().map(|_| ()).map_err(String::as_str)
    }

    fn compiled(&self) -> &Result<Compiled, String> {
        self.compiled.get_or_init(|| Compiled::new(&self.hir))
    }

    /// Whether some bytes may hold a match: a look at few of them.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_in(bytes))
    }

    /// The first match in a range of some bytes, and the part of it that is the secret; where `at_start`, one that begins the
    /// range. `search` is made on the first search in a thread.
    pub fn search(&self, search: &mut Option<Search>, bytes: &[u8], range: Range<usize>, at_start: bool) -> Option<Found> {
        let Ok(Compiled { number, regex, group }) = self.compiled() else { return None };
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
