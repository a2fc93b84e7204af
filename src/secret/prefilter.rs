//! Where the keywords of all rules stand in some bytes: the one thing that is done to every byte of every input.
//! Not what they mean: a hit is where a rule's confirmation starts to look.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Every keyword of every rule, ready to be looked for at once, whatever the case of its ASCII letters.
pub struct Prefilter {
    automaton: Option<AhoCorasick>,
}

/// Memory that is used again from one call to the next; what it holds in between means nothing.
#[derive(Default)]
pub struct Scratch {
    hits: Vec<(u32, u32)>,
}

impl Prefilter {
    /// `keywords` are ASCII, at least four bytes each (rules are read that way). Equal ones are found as often as they are given.
    #[must_use]
    pub fn new(keywords: &[String]) -> Self {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(keywords)
            .expect("rules hold fewer than 2^31 bytes of keywords");
        Prefilter { automaton: (!keywords.is_empty()).then_some(automaton) }
    }

    /// Calls `on_hit` with the keyword's index and its offset in `bytes` for every place where a keyword stands, overlapping
    /// ones too: by offset, then by index. `bytes` are shorter than 4 GiB; the rest of longer ones is not looked at.
    pub fn hits(&self, bytes: &[u8], scratch: &mut Scratch, on_hit: &mut impl FnMut(u32, u32)) {
        let Some(automaton) = &self.automaton else { return };
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        scratch.hits.clear();
        for hit in automaton.find_overlapping_iter(bytes) {
            if let Ok(offset) = u32::try_from(hit.start()) {
                scratch.hits.push((offset, hit.pattern().as_u32()));
            }
        }
        scratch.hits.sort_unstable();
        for &(offset, keyword) in &scratch.hits {
            on_hit(keyword, offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(keywords: &[String], bytes: &[u8]) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        for offset in 0..bytes.len() {
            for (index, keyword) in keywords.iter().enumerate() {
                let there = bytes.get(offset..offset + keyword.len());
                if there.is_some_and(|there| there.eq_ignore_ascii_case(keyword.as_bytes())) {
                    all.push((u32::try_from(index).unwrap(), u32::try_from(offset).unwrap()));
                }
            }
        }
        all
    }

    fn found(keywords: &[String], bytes: &[u8]) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        Prefilter::new(keywords).hits(bytes, &mut Scratch::default(), &mut |keyword, offset| all.push((keyword, offset)));
        all
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_hit_by_offset_then_keyword() {
        let keywords = words(&["secret", "AKIA", "secret_key", "cret", "akia"]);
        assert_eq!(found(&keywords, b"x Secret_Key AkIA"), [(0, 2), (2, 2), (3, 4), (1, 13), (4, 13)]);
        assert_eq!(found(&words(&["aaaa"]), b"aaaaaa"), [(0, 0), (0, 1), (0, 2)]);
    }

    #[test]
    fn nothing_in_nothing() {
        assert_eq!(found(&words(&["akia"]), b""), []);
        assert_eq!(found(&words(&["akia"]), b"aki"), []);
        assert_eq!(found(&[], b"akia"), []);
    }

    /// Letters of few kinds, so that keywords overlap, and bytes that only look like them with a bit cleared or set.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![6 => prop::sample::select(&b"abAB_-"[..]), 1 => any::<u8>()];
        prop::collection::vec(byte, 0..200)
    }

    proptest! {
        #[test]
        fn the_same_as_looking_everywhere(
            keywords in prop::collection::vec("[abAB_-]{4,9}", 0..30),
            text in text(),
        ) {
            prop_assert_eq!(found(&keywords, &text), naive(&keywords, &text));
        }

        #[test]
        fn wherever_a_keyword_is_planted(
            keywords in prop::collection::vec("[a-zA-Z0-9_.-]{4,20}", 1..30),
            noise in prop::collection::vec(any::<u8>(), 0..300),
            plant in any::<(prop::sample::Index, prop::sample::Index)>(),
            upper in any::<bool>(),
        ) {
            let keyword = plant.0.get(&keywords);
            let keyword = if upper { keyword.to_ascii_uppercase() } else { keyword.clone() };
            let at = plant.1.index(noise.len() + 1);
            let text = [&noise[..at], keyword.as_bytes(), &noise[at..]].concat();
            let found = found(&keywords, &text);
            let place = (u32::try_from(plant.0.index(keywords.len())).unwrap(), u32::try_from(at).unwrap());
            prop_assert!(found.contains(&place));
            prop_assert_eq!(found, naive(&keywords, &text));
        }
    }
}
