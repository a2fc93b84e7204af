//! Where a secret stands in a content, and what it is: as it stands there, or as it reads where it is encoded.

use std::collections::HashSet;
use std::ops::Range;

use super::decode::{View, Views};
use super::detect::{ContentMatches, Detector, Scratch, SecretMatch, range};
use super::partners::around;
use crate::base::secret::Secret;
use crate::base::span::offset;
use crate::finding::{Masked, Place};
use crate::subject::Subject;

impl Detector {
    /// The matches in some bytes (shorter than 4 GiB) and in what is encoded in them: a pure function of them.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> ContentMatches {
        scratch.limited = false;
        let mut matches = self.plain(bytes, scratch);
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
    fn views(&self, bytes: &[u8], scratch: &mut Scratch, each: &mut dyn FnMut(&Views, usize, Vec<SecretMatch>)) -> Views {
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

/// A content and what is encoded in it, by the numbers that matches carry.
pub(super) struct Layers<'a> {
    content: &'a [u8],
    views: Views,
}

impl<'a> Layers<'a> {
    pub fn plain(content: &'a [u8]) -> Layers<'a> {
        Layers { content, views: Views::default() }
    }

    /// Those that matches were found in.
    pub fn of(content: &'a [u8], matches: &ContentMatches, detector: &Detector) -> Layers<'a> {
        let mut layers = Layers::plain(content);
        if matches.matches.iter().any(|m| m.view > 0) {
            let mut scratch = Scratch::default();
            detector.plain(content, &mut scratch);
            layers.views = detector.views(content, &mut scratch, &mut |_, _, _| ());
        }
        layers
    }

    pub fn bytes(&self, view: u32) -> &[u8] {
        match inner(view) {
            None => self.content,
            Some(view) => self.views.get(view).map_or(&[], |view| view.bytes()),
        }
    }

    /// The secret in a range of a layer, with where to point in it.
    pub fn spot(&self, view: u32, at: Range<usize>, secret: Range<usize>) -> Spot {
        let value = Secret::new(self.bytes(view).get(secret.clone()).unwrap_or_default());
        let layer = Layer { view, range: secret.clone() };
        let Some(number) = inner(view) else { return Spot { at, secret, value, layer, coding: None } };
        let coding = self.views.coding(number, secret.clone());
        Spot { at: self.views.outer(number, at), secret: self.views.outer(number, secret), value, layer, coding }
    }
}

fn inner(view: u32) -> Option<usize> {
    (view as usize).checked_sub(1)
}

/// Where it was found.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub view: u32,
    pub range: Range<usize>,
}

/// Where a secret is, and where to point: at the header of a key, not at its body. Both are ranges of the content.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub at: Range<usize>,
    pub secret: Range<usize>,
    /// What it reads.
    pub value: Secret,
    pub layer: Layer,
    /// What it is written in, where it does not stand as it reads.
    pub coding: Option<String>,
}

impl Spot {
    pub fn in_focus(&self, subject: &Subject<'_>) -> bool {
        subject.in_focus(self.at.clone()) || subject.in_focus(self.secret.clone())
    }

    /// The place, its secret concealed if that is what it points at.
    pub fn place(&self, subject: &Subject<'_>, show: (u8, u8)) -> Place {
        let place = subject.place(self.at.clone());
        if self.at == self.secret { place.concealed(self.keep(show)) } else { place }
    }

    /// What of it may be shown: of what is encoded nothing.
    fn keep(&self, show: (u8, u8)) -> (u8, u8) {
        if self.coding.is_none() { show } else { (0, 0) }
    }

    /// Whether two are of the same bytes. What is encoded shares letters with its neighbours.
    pub fn overlaps(&self, other: &Spot) -> bool {
        let (a, b) =
            if self.layer.view == other.layer.view { (&self.layer.range, &other.layer.range) } else { (&self.secret, &other.secret) };
        a.start < b.end && b.start < a.end
    }

    /// What must not be shown: the secret, and how it is written here.
    pub fn masked(&self, content: &[u8], show: (u8, u8)) -> Vec<Masked> {
        let mut all = super::judge::masked(self.value.expose(), show);
        if self.coding.is_some() {
            all.extend(super::judge::masked(content.get(self.secret.clone()).unwrap_or_default(), (0, 0)));
        }
        all
    }
}
