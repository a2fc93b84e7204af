//! Where a secret stands in a content, and what it is: as it stands there, or as it reads where it is encoded.

use std::ops::Range;

use super::decode::Views;
use super::detect::{ContentMatches, Detector, Scratch};
use crate::base::secret::Secret;
use crate::finding::{Masked, Place};
use crate::subject::Subject;

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
