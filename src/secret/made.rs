//! Looking through a content that is made of another one: what both have in common was looked at already.
//!
//! Words are searched for in what is new and across the seams, and taken over for the rest. A hit is asked about again unless the
//! bytes that its verdict rests on, and one more at either end, lie in one copied run: then its verdict is the other's, which
//! was *nothing*. A window that the file's edge clips keeps that only where the edge is the same in both. Whatever else comes,
//! the content is looked through in full, so that the answer is always that of [`Detector::scan`].

use super::decode::Views;
use super::detect::{ContentMatches, Detector, Scratch};
use super::named_value;
use super::slot::Confirmed;
use crate::base::span::offset;
use crate::input::{Carry, Copied, Made};

/// Longer contents are looked through in full: below this, no number of encoded pieces is too many.
const LONGEST: usize = 1 << 20;
/// Bytes around a name that decide how far its value may be: what [`named_value`] walks over.
const NAMES: usize = 1024;

impl Detector {
    /// As [`Detector::scan`], with what it leaves for contents that are made of this one.
    #[must_use]
    pub fn scan_made(&self, bytes: &[u8], made: Option<Made<'_>>, scratch: &mut Scratch) -> (ContentMatches, Carry) {
        let Some(made) = made.filter(|_| bytes.len() <= LONGEST) else { return self.scan_keeping(bytes, None, scratch) };
        let hits = self.inherited(bytes, made, scratch);
        let in_vain = if made.of.is_clean { self.is_clean(bytes, made, &hits, scratch) } else { None };
        match in_vain {
            Some(in_vain) => (ContentMatches::default(), Carry { hits, is_clean: true, in_vain }),
            None => self.scan_keeping(bytes, Some(hits), scratch),
        }
    }

    /// Every hit in a content: those of what it is made of, and those in what is new.
    fn inherited(&self, bytes: &[u8], made: Made<'_>, scratch: &mut Scratch) -> Vec<(u32, u32)> {
        let longest = self.longest_keyword();
        let mut hits: Vec<(u32, u32)> = Vec::with_capacity(made.of.hits.len());
        for copied in made.copies {
            let from = made.of.hits.partition_point(|(at, _)| *at < copied.from);
            let end = copied.from + copied.length;
            let held = made.of.hits.get(from..).unwrap_or_default().iter().take_while(|(at, _)| *at < end);
            let whole = held.filter(|(at, keyword)| *at as usize + self.length_of(*keyword) <= end as usize);
            hits.extend(whole.map(|(at, keyword)| (at - copied.from + copied.to, *keyword)));
        }
        // What is new, and the seams, with as much on either side as a word may reach.
        let mut at = 0_usize;
        let ends = made.copies.iter().map(|copied| (copied.to as usize, (copied.to + copied.length) as usize));
        for (start, end) in ends.chain([(bytes.len(), bytes.len())]) {
            let slice = at.saturating_sub(longest - 1)..(start + longest - 1).min(bytes.len());
            // The head of a content that begins with a copy is no seam, nor is the end of one that ends with it.
            if start > at || at > 0 && start < bytes.len() {
                let first = offset(slice.start);
                self.search(&bytes[slice.clone()], scratch, &mut |keyword, place| hits.push((first + place, keyword)));
            }
            at = end;
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }

    /// What was looked at in vain, where nothing is found in a content that is made of one without anything. None where
    /// something may be, and where that cannot be told so.
    fn is_clean(&self, bytes: &[u8], made: Made<'_>, hits: &[(u32, u32)], scratch: &mut Scratch) -> Option<u64> {
        let mut in_vain = made.of.in_vain;
        self.begin(scratch);
        for (place, keyword) in hits {
            let Some(word) = self.met(bytes, *keyword, *place, scratch) else { continue };
            for (slot, around) in self.uses(*keyword) {
                let hit = match around {
                    None => word.clone(),
                    Some((before, after)) => match named_value::whole_name(bytes, &word, before, after) {
                        Some(name) => {
                            scratch.hints.add_behind(bytes, name.end);
                            name
                        }
                        None => continue,
                    },
                };
                let Some((slot, memory)) = self.ready(slot, scratch) else { continue };
                let (before, behind) = slot.reach();
                let rests_on = (hit.start.checked_sub(before + NAMES), hit.end + behind + NAMES);
                if is_inherited(rests_on, bytes.len(), made) {
                    continue;
                }
                match slot.confirm(bytes, hit, memory) {
                    Confirmed::Match { .. } => return None,
                    Confirmed::No(looked_at) => in_vain += looked_at as u64,
                }
            }
        }
        if in_vain > Detector::most_in_vain(bytes.len()) as u64 {
            return None;
        }
        let mut any = false;
        let views: Views = self.views(bytes, scratch, &mut |_, _, found| any |= !found.is_empty());
        (!any && !views.is_limited() && !scratch.limited).then_some(in_vain)
    }
}

/// Whether some bytes lie in one run that is copied, the ends of the file being the same where they are reached.
/// `rests_on`: where they begin (None: before the file) and end.
fn is_inherited((start, end): (Option<usize>, usize), length: usize, made: Made<'_>) -> bool {
    let at = start.unwrap_or(0);
    let next = made.copies.partition_point(|copied| copied.to as usize <= at);
    let Some(copied) = next.checked_sub(1).and_then(|at| made.copies.get(at)) else { return false };
    let Copied { to, from, length: run } = *copied;
    let stop = to as usize + run as usize;
    let head = match start {
        Some(start) => start >= to as usize,
        None => to == 0 && from == 0,
    };
    let tail = if end < length { end <= stop } else { stop == length && from as usize + run as usize == made.of_length };
    head && tail
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;
    use crate::rule::RuleSet;
    use crate::secret::generate::expand;

    fn detector() -> &'static Detector {
        static DETECTOR: OnceLock<Detector> = OnceLock::new();
        DETECTOR.get_or_init(|| Detector::new(RuleSet::embedded().rules().iter().enumerate()).expect("built-in rules are sound"))
    }

    /// A content from copies of another and bytes of its own.
    fn make(base: &[u8], parts: &[Part]) -> (Vec<u8>, Vec<Copied>) {
        let (mut bytes, mut copies) = (Vec::new(), Vec::<Copied>::new());
        for part in parts {
            match part {
                Part::Copy(from, length) => {
                    let from = from * base.len() / 1000;
                    let length = (length * base.len() / 1000).min(base.len() - from);
                    if length > 0 {
                        copies.push(Copied { to: offset(bytes.len()), from: offset(from), length: offset(length) });
                        bytes.extend_from_slice(&base[from..from + length]);
                    }
                }
                Part::Own(text) => bytes.extend_from_slice(text.as_bytes()),
            }
        }
        (bytes, copies)
    }

    #[derive(Clone, Debug)]
    enum Part {
        /// From, and how much, in thousandths.
        Copy(usize, usize),
        Own(String),
    }

    /// Of what files are made: words that are looked for, halves of what is found, whole secrets, and what is encoded.
    fn piece() -> impl Strategy<Value = String> {
        (0usize..22, 0u64..4).prop_map(|(kind, seed)| {
            let template = [
                "{aws-key-id}",
                "{aws-secret}",
                "aws_secret_access_key = ",
                "secret_key: ",
                "password = \"",
                "\"\n",
                "AK",
                "IA",
                "AKIA",
                "ghp_",
                "{github-token}",
                "-----BEGIN PRIVATE KEY-----\n",
                "{hex-40}",
                "{base64-64}",
                "https://user:",
                "@host.example.net/",
                "stripe sk_live_",
                "\\x41\\x4b",
                "{base64-encoded}",
                "token_",
                "plain words of a file that say nothing\n",
                "api-key ",
            ][kind];
            if template == "{base64-encoded}" {
                return data_encoding::BASE64.encode(expand("{aws-key-id}", seed).expect("known").as_bytes());
            }
            expand(template, seed).expect("known")
        })
    }

    fn text(most: usize) -> impl Strategy<Value = String> {
        proptest::collection::vec(piece(), 0..most).prop_map(|all| all.concat())
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            4 => (0usize..1000, 0usize..1000).prop_map(|(from, length)| Part::Copy(from, length)),
            1 => Just(Part::Copy(0, 1000)),
            1 => (0usize..1000).prop_map(|length| Part::Copy(0, length)),
            1 => (0usize..1000).prop_map(|from| Part::Copy(from, 1000)),
            3 => text(3).prop_map(Part::Own),
        ]
    }

    fn same(base: &[u8], carry: &Carry, parts: &[Part]) -> (Vec<u8>, Carry) {
        let (bytes, copies) = make(base, parts);
        let (detector, mut scratch) = (detector(), Scratch::default());
        let made = Made { of: carry, of_length: base.len(), copies: &copies };
        let (found, own) = detector.scan_made(&bytes, Some(made), &mut scratch);
        let full = detector.scan(&bytes, &mut scratch);
        assert_eq!(found, full, "{:?} of {:?}", String::from_utf8_lossy(&bytes), String::from_utf8_lossy(base));
        // Where words stand is exact as well: the next version relies on it.
        assert_eq!(own.hits, detector.scan_made(&bytes, None, &mut scratch).1.hits);
        (bytes, own)
    }

    fn grown(base: &str) -> (Vec<u8>, Carry) {
        let bytes = base.as_bytes().to_vec();
        let carry = detector().scan_made(&bytes, None, &mut Scratch::default()).1;
        (bytes, carry)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn a_made_content_has_what_a_look_in_full_finds(
            base in text(30),
            versions in proptest::collection::vec(proptest::collection::vec(part(), 0..6), 1..4),
        ) {
            let (mut bytes, mut carry) = grown(&base);
            for parts in versions {
                (bytes, carry) = same(&bytes, &carry, &parts);
            }
        }
    }

    /// What lies at the edge of a file may be something at one and nothing at the other.
    #[test]
    fn an_edge_that_moves_is_asked_again() {
        let id = expand("{aws-key-id}", 3).expect("known");
        for base in [format!("x{id}"), format!("{id}x"), format!("x{id}x"), id.clone()] {
            let (bytes, carry) = grown(&base);
            for from in 0..3 {
                for length in [997, 998, 999, 1000] {
                    // Thousandths of a short text: every byte of it is a border once.
                    let cut = [Part::Copy(from * 1000 / base.len() + 1, length)];
                    same(&bytes, &carry, &cut);
                    same(&bytes, &carry, &[cut[0].clone(), Part::Own("\n".to_owned())]);
                    same(&bytes, &carry, &[Part::Own("\n".to_owned()), cut[0].clone()]);
                }
            }
        }
    }

    /// A key that is put together from two halves, one of which was there.
    #[test]
    fn a_seam_makes_what_neither_side_has() {
        let id = expand("{aws-key-id}", 5).expect("known");
        for at in 1..id.len() {
            let (bytes, carry) = grown(&format!("key {}\n{}\n", &id[..at], "words ".repeat(50)));
            let head = (4 + at) * 1000 / bytes.len() + 1;
            let (_, _) = same(&bytes, &carry, &[Part::Copy(0, head), Part::Own(format!("{}\n", &id[at..]))]);
        }
    }
}
