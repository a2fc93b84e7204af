//! A content as it stands and what is encoded in it, looked through for secrets.

use std::collections::HashSet;
use std::ops::Range;

use super::decode::{View, Views};
use super::detect::{ContentMatches, Detector, Scratch, SecretMatch, range};
use super::partners::around;
use crate::base::span::offset;
use crate::input::Carry;

impl Detector {
    /// The matches in some bytes (shorter than 4 GiB) and in what is encoded in them: a pure function of them.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> ContentMatches {
        scratch.limited = false;
        let matches = self.plain(bytes, scratch);
        self.with_views(bytes, matches, scratch)
    }

    /// The same with what it leaves for contents that are made of this one. `hits`: where keywords stand, if that is known.
    pub(super) fn scan_keeping(&self, bytes: &[u8], hits: Option<Vec<(u32, u32)>>, scratch: &mut Scratch) -> (ContentMatches, Carry) {
        scratch.limited = false;
        let hits = hits.unwrap_or_else(|| {
            let mut all = Vec::new();
            self.search(bytes, scratch, &mut |keyword, place| all.push((place, keyword)));
            all
        });
        let (matches, rejected) = self.plain_at(bytes, &hits, scratch);
        let found = self.with_views(bytes, matches, scratch);
        let is_clean = found.is_empty();
        (found, Carry { hits, is_clean, in_vain: rejected as u64 })
    }

    /// Adds what is encoded in some bytes to the matches in them as they stand.
    fn with_views(&self, bytes: &[u8], mut matches: Vec<SecretMatch>, scratch: &mut Scratch) -> ContentMatches {
        let mut known: HashSet<(u32, Range<usize>)> = HashSet::new();
        let as_it_stands = matches.len();
        let views = self.views(bytes, scratch, &mut |views, number, mut found| {
            let Some(view) = views.get(number) else { return };
            let touches = |m: &SecretMatch| view.touches(&range(m.whole));
            if !found.iter().any(touches) && !self.has_partner(view, &found) {
                return;
            }
            if known.is_empty() {
                known.extend(matches[..as_it_stands].iter().map(|m| (m.rule, range(m.secret))));
            }
            // What stands around is kept where it is known already: it may be the other half of a pair.
            let place = |m: &SecretMatch| (m.rule, views.outer(number, range(m.secret)));
            found.retain(|m| touches(m) || known.contains(&place(m)));
            known.extend(found.iter().map(place));
            matches.extend(found.into_iter().map(|m| SecretMatch { view: offset(number + 1), ..m }));
        });
        ContentMatches { matches, limited: views.is_limited() || scratch.limited }
    }

    /// Whether the other half of something that stands plain around what is encoded may be in that.
    fn has_partner(&self, view: &View, found: &[SecretMatch]) -> bool {
        let halves = found.iter().filter_map(|m| Some((self.slot_of(m.rule as usize)?.pair.as_ref()?, range(m.secret))));
        let halves: Vec<_> = halves.collect();
        halves.chunk_by(|(a, _), (b, _)| std::ptr::eq(*a, *b)).any(|same| {
            let windows = around(same.iter().map(|(_, range)| range.clone()), view.bytes().len());
            same[0].0.candidates(view.bytes(), windows).iter().any(|(range, _)| view.touches(range))
        })
    }

    /// What is encoded in some bytes that were just scanned, and what is found in each view.
    pub(super) fn views(&self, bytes: &[u8], scratch: &mut Scratch, each: &mut dyn FnMut(&Views, usize, Vec<SecretMatch>)) -> Views {
        let mut views = Views::default();
        views.add(bytes, None, &scratch.hints);
        let mut number = 0;
        while let Some(view) = views.get(number).cloned() {
            each(&views, number, self.plain(view.bytes(), scratch));
            if view.is_open() {
                views.add(view.bytes(), Some(number), &scratch.hints);
            }
            number += 1;
        }
        views
    }
}
