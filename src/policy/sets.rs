//! What rules and quantifiers go over: the elements at a path, the instances of a view.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::eval::{Env, Subject, World};
use super::links::exists;
use super::path::Path;
use super::verdict::{Case, Stop};
use super::views::instances;
use super::walk::elements;
use crate::base::span::Span;
use crate::base::truth::Why;

/// Elements, and why there may be more.
#[derive(Default)]
pub(super) struct Elements<'w> {
    pub all: Vec<Subject<'w>>,
    pub more: Option<Why>,
    numbers: OnceCell<HashMap<Identity, usize>>,
}

/// Which element it is, whatever others there are: how many stand before it may hang on conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    place: Span,
    /// Among those that are made at the same place.
    occurrence: usize,
}

impl<'w> Elements<'w> {
    pub fn new(all: Vec<Subject<'w>>, more: Option<Why>) -> Self {
        Elements { all, more, numbers: OnceCell::new() }
    }

    fn numbers(&self) -> &HashMap<Identity, usize> {
        self.numbers.get_or_init(|| self.identities().enumerate().map(|(number, identity)| (identity, number)).collect())
    }

    /// The identity of each, in their order.
    pub fn identities(&self) -> impl Iterator<Item = Identity> + '_ {
        let mut met: HashMap<Span, usize> = HashMap::new();
        self.all.iter().map(move |subject| {
            let count = met.entry(subject.base.place).or_default();
            let occurrence = *count;
            *count += 1;
            Identity { place: subject.base.place, occurrence }
        })
    }

    /// The one with an identity, if it is among these.
    pub fn get(&self, identity: Identity) -> Option<&Subject<'w>> {
        self.all.get(*self.numbers().get(&identity)?)
    }
}

impl<'w> Env<'_, 'w> {
    /// The elements at a path, and the path from the outermost subject.
    pub fn elements(&self, case: &mut Case<'_>, path: &Path) -> Result<(Elements<'w>, String), Stop> {
        let (walked, at) = self.walk(case, path)?;
        let (all, more) = elements(case, walked)?;
        let subject = |base| Subject { resource: self.subject.resource, base, shape: None };
        Ok((Elements::new(all.into_iter().map(subject).collect(), more), at.to_string()))
    }
}

impl<'w> World<'w> {
    /// The instances of a view in the whole project.
    pub fn of_view(&self, case: &mut Case<'_>, view: &str) -> Result<Elements<'w>, Stop> {
        let mut elements = Elements::default();
        for (resource, shape) in self.links.of_kinds(self, view).iter().copied() {
            case.step(1)?;
            if !exists(case, resource)? {
                continue;
            }
            let here = instances(self, case, shape, resource)?;
            elements.all.extend(here.all.iter().cloned());
            elements.more = elements.more.or(here.more);
        }
        elements.more = elements.more.or_else(|| self.beyond(view));
        Ok(elements)
    }
}
