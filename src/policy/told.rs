//! What was found to be a secret in one project, so that nothing that is printed shows it.
//!
//! A rule may ask whether a value is a secret and go on to say no. Such a value is only asked of: it is a secret once an
//! answer with it ends in a finding, or at once where a rule on secrets knows it for what it is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::eval::World;
use super::verdict::Leaf;
use crate::base::secret::Secret;
use crate::base::span::Span;
use crate::finding::Masked;
use crate::iac::evaluated::Sensitive;
use crate::iac::{Node, Value};
use crate::secret::Scratch;
use crate::secret::placeholder::is_stand_in;

/// Secrets of one project that are remembered to be masked.
const MAX_TOLD: usize = 10_000;
/// Values of one project that are only asked of: one more is taken for a secret.
const MAX_ASKED: usize = 100_000;

/// What was found in one project so far.
#[derive(Default)]
pub(super) struct Told {
    all: RefCell<Vec<Sensitive>>,
    /// Places of secrets or of parts of them.
    places: RefCell<BTreeSet<Span>>,
    /// What each answer pointed at, and the secret that begins there.
    found: RefCell<BTreeMap<Span, Secret>>,
    /// What a rule asked of and has not told yet, by what it would point at.
    asked: RefCell<BTreeMap<Span, BTreeSet<Sighted>>>,
    pub scratch: RefCell<Scratch>,
}

/// A secret, or what may be one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighted {
    pub secret: Secret,
    /// What is pointed at only stands before it.
    pub is_header: bool,
    /// The stretches that the source has of it.
    pub parts: Vec<(Span, Secret)>,
}

impl Told {
    /// The secret that was found at a place.
    pub fn found(&self, place: Span) -> Option<Secret> {
        self.found.borrow().get(&place).cloned()
    }

    fn holds(&self, value: &Value) -> bool {
        let Node::Text(text) = &value.node else { return false };
        self.found(value.place).is_some_and(|secret| secret.expose() == text.bytes())
    }

    /// The places of secrets among some.
    pub fn concealed(&self, places: impl Iterator<Item = Span>) -> Vec<Span> {
        let known = self.places.borrow();
        places.filter(|place| known.contains(place)).collect()
    }

    pub fn take(&self) -> Vec<Sensitive> {
        self.all.take()
    }

    /// A value that is asked of, and what points at it.
    pub fn ask(&self, place: Span, sighted: Sighted) {
        let mut asked = self.asked.borrow_mut();
        if asked.len() < MAX_ASKED {
            asked.entry(place).or_default().insert(sighted);
        } else {
            self.add(place, &sighted);
        }
    }

    /// What a finding is made of: what was asked of among it is a secret.
    pub fn tell(&self, leaves: &[Leaf]) {
        for leaf in leaves {
            let asked = self.asked.borrow_mut().remove(&leaf.value.place);
            for sighted in asked.into_iter().flatten() {
                self.add(leaf.value.place, &sighted);
            }
        }
    }

    /// A secret that is pointed at with `place`: its beginning, or what stands before it.
    pub fn add(&self, place: Span, sighted: &Sighted) {
        let secret = sighted.secret.expose();
        let (mut all, mut places) = (self.all.borrow_mut(), self.places.borrow_mut());
        self.found.borrow_mut().insert(place, sighted.secret.clone());
        if !sighted.is_header {
            places.insert(place);
        }
        let mut hide = |place: Span, bytes: &[u8]| {
            if all.len() < MAX_TOLD && !is_word(bytes) && !all.iter().any(|told| told.place == place && told.masked.value.expose() == bytes)
            {
                all.push(Sensitive { place, masked: Masked { value: Secret::new(bytes), keep: (0, 0) } });
            }
        };
        for masked in crate::secret::masked(secret, (0, 0)) {
            hide(place, masked.value.expose());
        }
        // Of a secret that was put together, the source shows the parts.
        for (part, bytes) in &sighted.parts {
            let bytes = bytes.expose();
            places.insert(*part);
            if bytes.len() < secret.len() && bytes.len() * 2 >= secret.len() {
                hide(*part, bytes);
            }
        }
    }
}

impl World<'_> {
    /// A value as a message has it.
    pub fn printed(&self, value: &Value) -> String {
        if self.told.holds(value) { "********".to_owned() } else { self.shown(&value.print()) }
    }

    /// A printed text, its secrets starred: those that were found, and those that a rule on secrets knows.
    pub fn shown(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let mut star = |range: Range<usize>| bytes[range].fill(b'*');
        for told in self.told.all.borrow().iter().filter(|told| told.masked.value.expose().len() >= 4) {
            let secret = told.masked.value.expose();
            memchr::memmem::find_iter(text.as_bytes(), secret).for_each(|at| star(at..at + secret.len()));
        }
        if let Some(secrets) = &self.compiled.secrets {
            let found = secrets.detector.sightings(text.as_bytes(), &mut self.told.scratch.borrow_mut());
            for sighting in found {
                star(sighting.secret);
            }
        }
        // Stars stand for bytes: what they cut of a character is none.
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What stands in other places for something else: starred there, it would tell what it is. It is concealed where it is
/// a password.
fn is_word(secret: &[u8]) -> bool {
    const LONG: usize = 20;
    let all = |is: fn(&u8) -> bool| secret.iter().all(is);
    secret.len() < LONG && all(u8::is_ascii_alphabetic)
        || all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
        || is_stand_in(&String::from_utf8_lossy(secret))
}
