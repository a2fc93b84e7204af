//! What a rule is about in one resource, made once for every case that tells it apart: a rule asks for each, and there may
//! be a thousand.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::Over;
use super::eval::Subject;
use super::eval::World;
use super::sets::{Elements, Identity};
use super::verdict::{Answer, Case, Stop, cases};
use super::views::{Instances, Shape, instances_in};
use crate::base::truth::{Assumption, Truth, Why};
use crate::iac::Resource;

/// Elements, or the condition that has to be known first.
type Made<'w> = Result<Rc<Elements<'w>>, Arc<str>>;

/// What was made in each case that tells it apart, with what it hangs on.
#[derive(Default)]
pub(super) struct Cases<'w>(RefCell<Vec<(Assumption, Made<'w>)>>);

impl<'w> Cases<'w> {
    /// What is made in a case, once.
    pub fn of(
        &self,
        case: &mut Case<'_>,
        make: impl FnOnce(&mut Case<'_>) -> Result<Elements<'w>, Stop>,
    ) -> Result<Rc<Elements<'w>>, Stop> {
        for (used, made) in self.0.borrow().iter() {
            match made {
                Ok(made) if case.holds(used) => return Ok(made.clone()),
                Err(condition) if !case.knows(condition) && case.holds(used) => return Err(Stop::Fork(condition.clone())),
                _ => {}
            }
        }
        let mut own = case.fresh();
        let made = match make(&mut own) {
            Ok(made) => Ok(Rc::new(made)),
            Err(Stop::Fork(condition)) => Err(condition),
            Err(Stop::Budget) => return Err(Stop::Budget),
        };
        case.step(own.spent() - case.spent())?;
        case.holds(own.used());
        self.0.borrow_mut().push((own.used().clone(), made.clone()));
        made.map_err(Stop::Fork)
    }
}

/// The instances of views in resources, made once for whoever asks in a project: rules about them, and rules that look at
/// them from elsewhere.
#[derive(Default)]
pub(super) struct Shared<'w>(RefCell<HashMap<(*const Shape, *const Resource), Rc<Cases<'w>>>>);

impl<'w> Shared<'w> {
    pub fn cases(&self, shape: &'w Shape, resource: &'w Resource) -> Rc<Cases<'w>> {
        if matches!(shape.instances, Instances::Whole) {
            // It is made faster than found, and there are many.
            return Rc::default();
        }
        self.0.borrow_mut().entry((std::ptr::from_ref(shape), std::ptr::from_ref(resource))).or_default().clone()
    }
}

/// A subject that a rule is asked of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    One(Identity),
    /// Those that nobody knows: one question stands for all.
    More,
}

impl Asked {
    /// It, if it is there in a case.
    pub fn among<'e, 'w>(self, elements: &'e Elements<'w>) -> Option<&'e Subject<'w>> {
        match self {
            Asked::One(identity) => elements.get(identity),
            Asked::More => None,
        }
    }
}

/// What some rules are about in one resource.
pub(super) struct Known<'a, 'w> {
    world: &'a World<'w>,
    /// None where it is the resource as it is.
    shape: Option<&'w Shape>,
    resource: &'w Resource,
    cases: Rc<Cases<'w>>,
}

impl<'a, 'w> Known<'a, 'w> {
    /// None where the resource has nothing of it.
    pub fn new(world: &'a World<'w>, over: &Over, resource: &'w Resource) -> Option<Self> {
        let shape = match over {
            Over::Kind(_) => None,
            Over::View(view) => Some(world.compiled.shape(view, &resource.kind)?),
        };
        let cases = shape.map_or_else(Rc::default, |shape| world.instances.cases(shape, resource));
        Some(Known { world, shape, resource, cases })
    }

    /// Which subjects there are in some case.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn all(&self) -> Result<Vec<Asked>, Why> {
        let (all, met, more) = (RefCell::new(Vec::new()), RefCell::new(HashSet::new()), Cell::new(false));
        cases(self.world.conditions, &self.resource.when, &|case| {
            let before = case.spent();
            let here = self.of(case);
            self.world.steps.set(self.world.steps.get() + u64::from(case.spent() - before));
            let here = here?;
            let (mut all, mut met) = (all.borrow_mut(), met.borrow_mut());
            all.extend(here.identities().filter(|identity| met.insert(*identity)).map(Asked::One));
            more.set(more.get() || here.more.is_some());
            Ok(Answer::of(Truth::False))
        })?;
        let mut all = all.into_inner();
        all.extend(more.get().then_some(Asked::More));
        Ok(all)
    }

    /// The subjects in a case.
    pub fn of(&self, case: &mut Case<'_>) -> Result<Rc<Elements<'w>>, Stop> {
        let Known { world, shape, resource, .. } = self;
        self.cases.of(case, |case| match shape {
            Some(shape) => instances_in(world, case, shape, resource),
            None => Ok(Elements::new(vec![Subject { resource, base: resource.attrs.clone(), shape: None }], None)),
        })
    }
}
