//! What a rule is about in one resource, made once for every case that tells it apart: a rule asks for it by number, and
//! there may be a thousand.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Over;
use super::eval::World;
use super::sets::Elements;
use super::verdict::{Case, Stop};
use super::views::Shape;
use crate::base::truth::Assumption;
use crate::iac::Resource;

/// Elements, or the condition that has to be known first.
type Made<'w> = Result<Rc<Elements<'w>>, Arc<str>>;

/// What was made in each case that tells it apart, with what it hangs on.
#[derive(Default)]
pub(super) struct Cases<'w>(RefCell<Vec<(Assumption, Made<'w>)>>);

impl<'w> Cases<'w> {
    /// What was made, where it is the same in every case.
    fn settled(&self) -> Option<Rc<Elements<'w>>> {
        self.0.borrow().iter().find(|(used, _)| used.is_empty()).and_then(|(_, made)| made.clone().ok())
    }

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

/// What is made of a view and a resource for all rules of a project: statements of policy documents, which are text that
/// has to be read first.
#[derive(Default)]
pub(super) struct Shared<'w>(RefCell<HashMap<(*const Shape, *const Resource), Rc<Cases<'w>>>>);

impl<'w> Shared<'w> {
    pub fn cases(&self, shape: &'w Shape, resource: &'w Resource) -> Rc<Cases<'w>> {
        self.0.borrow_mut().entry((std::ptr::from_ref(shape), std::ptr::from_ref(resource))).or_default().clone()
    }
}

pub(super) struct Known<'a, 'w> {
    world: &'a World<'w>,
    over: &'a Over,
    resource: &'w Resource,
    cases: Cases<'w>,
}

impl<'a, 'w> Known<'a, 'w> {
    pub fn new(world: &'a World<'w>, over: &'a Over, resource: &'w Resource) -> Self {
        Known { world, over, resource, cases: Cases::default() }
    }

    /// The subjects, where they are the same in every case that was asked.
    pub fn settled(&self) -> Option<Rc<Elements<'w>>> {
        self.cases.settled()
    }

    /// The subjects in a case.
    pub fn of(&self, case: &mut Case<'_>) -> Result<Rc<Elements<'w>>, Stop> {
        self.cases.of(case, |case| self.world.subjects(case, self.over, self.resource))
    }
}
