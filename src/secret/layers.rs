//! Where a secret stands in a content, and what it is: as it stands there, or as it reads where it is encoded.

use std::collections::HashSet;
use std::ops::Range;

use super::decode::Views;
use super::detect::{ContentMatches, Detector, Scratch, SecretMatch, range};
use crate::base::secret::Secret;
use crate::base::span::offset;
use crate::finding::{Masked, Place};
use crate::subject::Subject;

impl Detector {
    /// The matches in some bytes (shorter than 4 GiB) and in what is encoded in them: a pure function of them.
    #[must_use]
    pub fn scan(&self, bytes: &[u8], scratch: &mut Scratch) -> ContentMatches {
        let mut matches = self.plain(bytes, scratch);
        let views = Views::of(bytes);
        let mut known: HashSet<(u32, Range<usize>)> = HashSet::new();
        if !views.is_empty() {
            known.extend(matches.iter().map(|m| (m.rule, range(m.secret))));
        }
        for (number, view) in views.iter().enumerate() {
            let mut found = self.plain(view.bytes(), scratch);
            let touches = |m: &SecretMatch| view.touches(&range(m.whole));
            if !found.iter().any(touches) {
                continue;
            }
            // What stands around is kept where it is known already: it may be the other half of a pair.
            let place = |m: &SecretMatch| (m.rule, views.outer(number, range(m.secret)));
            found.retain(|m| touches(m) || known.contains(&place(m)));
            known.extend(found.iter().map(place));
            matches.extend(found.into_iter().map(|m| SecretMatch { view: offset(number + 1), ..m }));
        }
        ContentMatches { matches, limited: views.is_limited() }
    }
}

/// A content and what is encoded in it, by the numbers that matches carry.
pub(super) struct Layers<'a> {
    content: &'a [u8],
    views: Views,
}

impl<'a> Layers<'a> {
    /// `encoded`: whether anything was found that is.
    pub fn new(content: &'a [u8], encoded: bool) -> Layers<'a> {
        Layers { content, views: if encoded { Views::of(content) } else { Views::default() } }
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
