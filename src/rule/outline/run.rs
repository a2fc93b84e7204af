//! What every match of a pattern holds in a row: `[A-Za-z0-9]{32}` after whatever stands before it. Whether such a run lies in a
//! window is told by looking at every thirty-second byte of it, before any pattern is compiled or searched for.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

/// A run that is shorter lies in every window.
const LEAST: usize = 8;
/// Of a run no longer than this its end may lie anywhere: longer ones say no more.
const MOST: usize = 64;

/// So many bytes in a row, each of some kinds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    least: usize,
    kinds: Kinds,
}

/// Which bytes are meant: a bit for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kinds([u64; 4]);

impl Kinds {
    const NONE: Kinds = Kinds([0; 4]);

    fn add(&mut self, more: &Kinds) {
        self.0.iter_mut().zip(more.0).for_each(|(mine, more)| *mine |= more);
    }

    fn put(&mut self, byte: u8) {
        self.0[usize::from(byte / 64)] |= 1 << (byte % 64);
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] >> (byte % 64) & 1 != 0
    }

    /// How seldom a byte of text is one of them: zero where all are.
    fn rarity(&self) -> usize {
        let shares = [(b'a'..=b'z', 2), (b'A'..=b'Z', 1), (b'0'..=b'9', 1)];
        let words: usize = shares.iter().map(|(range, share)| range.clone().filter(|byte| self.has(*byte)).count() * share).sum();
        let signs = (0x21..0x7F).filter(|byte: &u8| !byte.is_ascii_alphanumeric() && self.has(*byte)).count();
        let blank = if self.has(b' ') || self.has(b'\n') { 60 } else { 0 };
        200_usize.saturating_sub(words + 2 * signs + blank)
    }
}

impl Run {
    /// The run that is seldom found in windows where there is no match; None where the pattern holds none that is long enough.
    #[must_use]
    pub fn of(hir: &Hir) -> Option<Run> {
        let mut best = None;
        longest(hir, &mut best);
        best.filter(|run| run.weight() > 0 && run.least >= LEAST)
    }

    fn weight(&self) -> usize {
        self.least.min(MOST) * self.kinds.rarity()
    }

    /// Whether such a run lies in some bytes.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        // Where the run that is looked for would end, and how far to the left it is known to be of these kinds.
        let (mut last, mut known) = (self.least - 1, 0);
        while last < bytes.len() {
            let unknown = &bytes[known..=last];
            let Some(other) = unknown.iter().rposition(|byte| !self.kinds.has(*byte)) else { return true };
            // The next one begins behind it; from there to here all are.
            let begin = known + other + 1;
            known = last + 1;
            last = begin + self.least - 1;
        }
        false
    }
}

/// Offers every run of a pattern to `best`, and returns what all of it is: its least length and the bytes it is made of.
fn longest(hir: &Hir, best: &mut Option<Run>) -> Run {
    let parts = match hir.kind() {
        HirKind::Concat(parts) => parts.iter().map(|part| longest(part, best)).collect(),
        HirKind::Capture(capture) => vec![longest(&capture.sub, best)],
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let one = longest(&repetition.sub, best);
            vec![Run { least: one.least.saturating_mul(repetition.min as usize), ..one }]
        }
        _ => vec![Run { least: hir.properties().minimum_len().unwrap_or(0), kinds: bytes_of(hir) }],
    };
    let mut all = Run { least: 0, kinds: Kinds::NONE };
    for first in 0..parts.len() {
        let mut run = Run { least: 0, kinds: Kinds::NONE };
        for part in &parts[first..] {
            run.least += part.least;
            run.kinds.add(&part.kinds);
            if run.least >= LEAST && best.as_ref().is_none_or(|best| best.weight() < run.weight()) {
                *best = Some(Run { least: run.least, kinds: run.kinds.clone() });
            }
        }
        if first == 0 {
            all = run;
        }
    }
    all
}

/// All bytes that a match of a pattern may be made of.
fn bytes_of(hir: &Hir) -> Kinds {
    let mut kinds = Kinds::NONE;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| kinds.put(*byte)),
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().flat_map(|range| range.start()..=range.end()).for_each(|byte| kinds.put(byte));
        }
        HirKind::Class(Class::Unicode(_)) => kinds.0 = [u64::MAX; 4],
        HirKind::Repetition(repetition) => kinds = bytes_of(&repetition.sub),
        HirKind::Capture(capture) => kinds = bytes_of(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| kinds.add(&bytes_of(part))),
    }
    kinds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hir(pattern: &str) -> Hir {
        regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).expect("a pattern")
    }

    fn run(pattern: &str) -> Option<(usize, String)> {
        let run = Run::of(&hir(pattern))?;
        let kinds = (0u8..128).filter(|byte| run.kinds.has(*byte)).map(char::from).collect();
        Some((run.least, kinds))
    }

    #[test]
    fn the_rarest_run_of_a_pattern() {
        let hex = "0123456789abcdef".to_owned();
        assert_eq!(run("zones [0-9a-f]{32}"), Some((32, hex.clone())));
        assert_eq!(run(r#"(?i:token)["' ]{0,9}(?P<secret>[0-9a-f]{8}[0-9a-f]{4,12})\b"#), Some((12, hex.clone())));
        assert_eq!(run("(?:[0-9]{10}|[a-f]{9}) "), Some((9, hex.clone())));
        assert_eq!(run("(?:[0-9a-f]{4}){3}"), Some((12, hex)));
        assert_eq!(run("key=[^\"]{20,99}"), None, "any byte but one");
        assert_eq!(run("(?:[0-9a-f]{32})?"), None, "it may be left out");
        assert_eq!(run("[0-9]{7}"), None, "short");
    }

    #[test]
    fn a_run_is_found_wherever_it_lies() {
        let run = Run::of(&hir("[0-9]{10}")).expect("one");
        for before in 0..30 {
            for length in 0..30 {
                let text = ["x".repeat(before), "7".repeat(length), "x".repeat(12), "7".repeat(9)].concat();
                assert_eq!(run.is_in(text.as_bytes()), length >= 10, "{text}");
            }
        }
        assert!(!run.is_in(b""));
    }

    /// All ends of the matches that begin where a match of what stands before ended: slow, and plainly right.
    fn ends(hir: &Hir, text: &[u8], from: usize) -> Vec<usize> {
        match hir.kind() {
            HirKind::Literal(literal) if text[from..].starts_with(&literal.0) => vec![from + literal.0.len()],
            HirKind::Class(Class::Bytes(class)) => {
                let fits = |byte: &u8| class.iter().any(|range| (range.start()..=range.end()).contains(byte));
                text.get(from).filter(|byte| fits(byte)).map(|_| from + 1).into_iter().collect()
            }
            HirKind::Capture(capture) => ends(&capture.sub, text, from),
            HirKind::Concat(parts) => {
                parts.iter().fold(vec![from], |starts, part| starts.iter().flat_map(|at| ends(part, text, *at)).collect())
            }
            HirKind::Alternation(ways) => ways.iter().flat_map(|way| ends(way, text, from)).collect(),
            HirKind::Repetition(repetition) => {
                let (mut all, mut now) = (Vec::new(), vec![from]);
                for times in 0..=repetition.max.unwrap_or(0) {
                    if times >= repetition.min {
                        all.extend(&now);
                    }
                    now = now.iter().flat_map(|at| ends(&repetition.sub, text, *at)).collect();
                }
                all
            }
            HirKind::Empty => vec![from],
            _ => Vec::new(),
        }
    }

    fn matches(hir: &Hir, text: &[u8]) -> bool {
        (0..=text.len()).any(|from| !ends(hir, text, from).is_empty())
    }

    proptest! {
        /// What has no run has no match.
        #[test]
        fn every_match_holds_its_run(
            pattern in "(\\[ab\\]\\{2,9\\}|\\(\\?:a\\|bc\\)\\{3\\}|x\\?|\\[0-9\\]\\{4\\}|\\(b\\)){1,5}",
            text in "[abcx0-9]{0,60}",
        ) {
            let Some(run) = Run::of(&hir(&pattern)) else { return Ok(()) };
            if matches(&hir(&pattern), text.as_bytes()) {
                prop_assert!(run.is_in(text.as_bytes()), "{text}");
            }
        }
    }
}
