//! Where the keywords of all rules stand in some bytes: the one thing that is done to every byte of every input.
//! Not what they mean: a hit is where a rule's confirmation starts to look.
//!
//! Only every second place is looked at. The four bytes there are put to a table: the last three, without their case, name one
//! of its words, and the first a bit of that word. A keyword is entered twice, by one window for when it stands at an even offset
//! and by one for when it stands at an odd one, each the rarest (`rarity`) of those that begin at an even place then. A keyword
//! of four bytes has only itself to offer; at an odd offset it is known by its first three bytes and any byte before them: a whole
//! word of set bits. Where a bit is set, the windows of that word are compared in full. `docs/performance.md` has the figures of
//! what this was chosen from.

mod rarity;

use rarity::rarity;

/// Every keyword of every rule, ready to be looked for at once, whatever the case of its ASCII letters.
pub struct Prefilter {
    /// A set bit: some window may begin here.
    table: Box<[u32; WORDS]>,
    /// For each word what the fifth byte of its windows may be, in the lower half, and the sixth in the upper one. With
    /// thousands of keywords most threes of letters begin some window, and few go on as it does.
    after: Box<[u64; WORDS]>,
    /// Where the windows of each word begin in `windows`, and where the last ones end.
    starts: Vec<u32>,
    windows: Vec<Window>,
    keywords: Vec<Box<[u8]>>,
    /// How far a window begins behind its keyword at most.
    reach: usize,
}

/// Memory that is used again from one call to the next; what it holds in between means nothing.
#[derive(Default)]
pub struct Scratch {
    /// Offset and keyword.
    hits: Vec<(u32, u32)>,
}

/// Up to eight bytes of a keyword, by which it is found.
#[derive(Clone, Copy)]
struct Window {
    /// Without their case; zero where `mask` is.
    bytes: u64,
    mask: u64,
    keyword: u32,
    /// From the window's start to the keyword's: 1 where the window takes in the byte before it, else zero or less.
    to_keyword: isize,
}

/// 64 KiB of table: with half of it a thousand keywords are a tenth slower and with twice of it none faster.
const WORD_BITS: u32 = 14;
const WORDS: usize = 1 << WORD_BITS;

/// How much is looked through before its hits are handed out: some steps of sixteen bytes, so that no step crosses its end.
const BLOCK: usize = 1 << 16;

/// Eight places and what is read there: four bytes, and two more where those begin a window.
const VIEW: usize = 7 * 2 + 6;

/// Clears what tells `a` from `A` (and `-` from a carriage return: this only chooses whom to ask).
const CASELESS: u64 = 0xDFDF_DFDF_DFDF_DFDF;

impl Prefilter {
    /// `keywords` are ASCII, at least four bytes each (rules are read that way). Equal ones are found as often as they are given.
    #[must_use]
    pub fn new(keywords: &[String]) -> Self {
        let keywords: Vec<Box<[u8]>> = keywords.iter().map(|keyword| keyword.as_bytes().into()).collect();
        let mut table: Box<[u32; WORDS]> = vec![0; WORDS].into_boxed_slice().try_into().expect("as many words");
        let mut after: Box<[u64; WORDS]> = vec![0; WORDS].into_boxed_slice().try_into().expect("as many words");
        // First how many windows each word has, one further on.
        let mut starts = vec![0; WORDS + 1];
        let mut windows = Vec::with_capacity(2 * keywords.len());
        for (index, keyword) in (0..).zip(&keywords) {
            debug_assert!(keyword.len() >= 4, "a keyword too short to be found everywhere");
            for parity in [0, 1] {
                if let Some(window) = Window::rarest(keyword, index, parity, &starts[1..]) {
                    table[window.word()] |= window.bits();
                    after[window.word()] |= window.after();
                    starts[window.word() + 1] += 1;
                    windows.push(window);
                }
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        // Each to its word, in one pass.
        let mut next = starts.clone();
        let mut by_word = windows.clone();
        for window in &windows {
            let at = &mut next[window.word()];
            by_word[*at as usize] = *window;
            *at += 1;
        }
        let windows = by_word;
        let reach = windows.iter().map(|window| window.to_keyword.unsigned_abs()).max().unwrap_or(0);
        Prefilter { table, after, starts, windows, keywords, reach }
    }

    /// The length of a keyword in bytes; zero where there is none of that index.
    #[must_use]
    pub fn length_of(&self, keyword: u32) -> usize {
        self.keywords.get(keyword as usize).map_or(0, |keyword| keyword.len())
    }

    /// The length of the longest keyword.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.keywords.iter().map(|keyword| keyword.len()).max().unwrap_or(1).max(1)
    }

    /// Calls `on_hit` with the keyword's index and its offset in `bytes` for every place where a keyword stands, overlapping
    /// ones too: by offset, then by index. `bytes` are shorter than 4 GiB; the rest of longer ones is not looked at.
    pub fn hits(&self, bytes: &[u8], scratch: &mut Scratch, on_hit: &mut impl FnMut(u32, u32)) {
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        let hits = &mut scratch.hits;
        hits.clear();
        for start in (0..bytes.len()).step_by(BLOCK) {
            self.scan(bytes, start, hits);
            // A window that is still to come belongs to a keyword that begins no earlier than this.
            let end = start + BLOCK;
            let settled = if end < bytes.len() { end.saturating_sub(self.reach) } else { bytes.len() };
            hits.sort_unstable();
            let settled = hits.partition_point(|&(offset, _)| (offset as usize) < settled);
            for (offset, keyword) in hits.drain(..settled) {
                on_hit(keyword, offset);
            }
        }
    }

    /// Looks at the even places of the block that begins at `start`.
    fn scan(&self, bytes: &[u8], start: usize, hits: &mut Vec<(u32, u32)>) {
        let end = bytes.len().min(start + BLOCK);
        let mut place = start;
        while place < end
            && let Some(view) = bytes[place..].first_chunk::<VIEW>()
        {
            for i in 0..8 {
                let four = u32::from_le_bytes(*view[2 * i..].first_chunk().expect("four bytes in the view"));
                if self.table[word(four)] & 1u32.wrapping_shl(four) != 0 && self.goes_on(word(four), view[2 * i + 4], view[2 * i + 5]) {
                    self.compare(bytes, place + 2 * i, hits);
                }
            }
            place += 16;
        }
        while place < end {
            self.compare(bytes, place, hits);
            place += 2;
        }
    }

    /// Whether some window of a word has these as its fifth and sixth byte.
    #[inline]
    fn goes_on(&self, word: usize, fifth: u8, sixth: u8) -> bool {
        let after = self.after[word];
        after >> (fifth & 31) & 1 != 0 && after >> (32 + u32::from(sixth & 31)) & 1 != 0
    }

    /// Which keywords have their window at `place`, and stand there.
    #[cold]
    #[inline(never)]
    fn compare(&self, bytes: &[u8], place: usize, hits: &mut Vec<(u32, u32)>) {
        let here = eight(&bytes[place..]);
        let word = word(low(here));
        for window in &self.windows[self.starts[word] as usize..self.starts[word + 1] as usize] {
            if (here ^ window.bytes) & window.mask != 0 {
                continue;
            }
            let keyword = &self.keywords[window.keyword as usize];
            let Some(start) = place.checked_add_signed(window.to_keyword) else { continue };
            let there = bytes.get(start..start + keyword.len());
            if there.is_some_and(|there| there.eq_ignore_ascii_case(keyword))
                && let Ok(offset) = u32::try_from(start)
            {
                hits.push((offset, window.keyword));
            }
        }
    }
}

impl Window {
    /// The rarest of the windows that begin at an even place when the keyword stands at an offset of this parity. Every four windows
    /// that a word has already count against it, so that no text can be written to which all keywords are compared.
    fn rarest(keyword: &[u8], index: u32, parity: usize, crowds: &[u32]) -> Option<Self> {
        // One more byte in front, so that no place is negative: this one is unknown.
        let places = (1 - parity..keyword.len().saturating_sub(2)).step_by(2);
        let place = places.max_by_key(|&place| {
            let known = &keyword[place.saturating_sub(1)..place + 3];
            let &[.., a, b, c] = known else { return 0 };
            rarity(known).saturating_sub(crowds[word(u32::from_le_bytes([0, a, b, c]))] / 4)
        })?;
        let mut bytes = [0; 8];
        let mut mask = [0; 8];
        for (at, &byte) in (1..).zip(keyword) {
            if (place..place + 8).contains(&at) {
                bytes[at - place] = byte;
                mask[at - place] = 0xFF;
            }
        }
        let mask = u64::from_le_bytes(mask) & CASELESS;
        let bytes = u64::from_le_bytes(bytes) & mask;
        Some(Window { bytes, mask, keyword: index, to_keyword: 1 - place.cast_signed() })
    }

    fn word(&self) -> usize {
        word(low(self.bytes))
    }

    /// Those that stand for its fifth and its sixth byte: all where one is unknown.
    fn after(&self) -> u64 {
        let of = |at: usize| if self.mask.to_le_bytes()[at] == 0 { u32::MAX } else { 1 << (self.bytes >> (8 * at) & 31) };
        u64::from(of(4)) | u64::from(of(5)) << 32
    }

    /// Those that stand for its first byte: all where that is unknown.
    fn bits(&self) -> u32 {
        if self.to_keyword == 1 { u32::MAX } else { 1u32.wrapping_shl(low(self.bytes)) }
    }
}

/// The word that the last three of four bytes name, whatever their case.
#[inline]
fn word(four: u32) -> usize {
    let last_three = four & low(CASELESS) & !0xFF;
    (last_three.wrapping_mul(0x9E37_79B1) >> (u32::BITS - WORD_BITS)) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "the point of it")]
fn low(eight: u64) -> u32 {
    eight as u32
}

/// The first eight bytes; zeros follow where there are fewer.
fn eight(bytes: &[u8]) -> u64 {
    let mut eight = [0; 8];
    for (to, from) in eight.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(eight)
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

    #[test]
    fn a_border_of_blocks_hides_nothing() {
        let keywords = words(&["akia", "a_long_keyword_over_the_border", "_border"]);
        let long = keywords[1].as_bytes();
        for at in BLOCK - long.len() - 1..=BLOCK + 1 {
            let mut text = vec![b'.'; 2 * BLOCK + 3];
            text[at..at + long.len()].copy_from_slice(long);
            text[2 * BLOCK - 1..].copy_from_slice(b"AKIA");
            let at = u32::try_from(at).unwrap();
            assert_eq!(found(&keywords, &text), [(1, at), (2, at + 23), (0, 131_071)]);
        }
    }

    #[test]
    fn keywords_alike_do_not_crowd_in_one_word() {
        let keywords: Vec<String> = (0..1_000).map(|n| format!("zqxj_internal_service_secret_{n:03}")).collect();
        let starts = Prefilter::new(&keywords).starts;
        let crowd = starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(crowd < 150, "{crowd} windows in one word");
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
