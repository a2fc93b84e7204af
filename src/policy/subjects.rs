//! What a rule is about in one resource, made once for every case that tells it apart: a rule asks for it by number, and
//! there may be a thousand.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::Over;
use super::eval::World;
use super::sets::Elements;
use super::verdict::{Case, Stop};
use crate::base::truth::Assumption;
use crate::iac::Resource;

pub(super) struct Known<'a, 'w> {
    world: &'a World<'w>,
    over: &'a Over,
    resource: &'w Resource,
    /// With what each hangs on.
    cases: RefCell<Vec<(Assumption, Made<'w>)>>,
}

/// The subjects, or the condition that has to be known first.
type Made<'w> = Result<Rc<Elements<'w>>, Arc<str>>;

impl<'a, 'w> Known<'a, 'w> {
    pub fn new(world: &'a World<'w>, over: &'a Over, resource: &'w Resource) -> Self {
        Known { world, over, resource, cases: RefCell::default() }
    }

    /// The subjects, where they are the same in every case that was asked.
    pub fn settled(&self) -> Option<Rc<Elements<'w>>> {
        self.cases.borrow().iter().find(|(used, _)| used.is_empty()).and_then(|(_, made)| made.clone().ok())
    }

    /// The subjects in a case.
    pub fn of(&self, case: &mut Case<'_>) -> Result<Rc<Elements<'w>>, Stop> {
        for (used, subjects) in self.cases.borrow().iter() {
            match subjects {
                Ok(subjects) if case.holds(used) => return Ok(subjects.clone()),
                Err(condition) if !case.knows(condition) && case.holds(used) => return Err(Stop::Fork(condition.clone())),
                _ => {}
            }
        }
        let mut own = case.fresh();
        let made = self.world.subjects(&mut own, self.over, self.resource);
        let made = match made {
            Ok(subjects) => Ok(Rc::new(subjects)),
            Err(Stop::Fork(condition)) => Err(condition),
            Err(Stop::Budget) => return Err(Stop::Budget),
        };
        case.step(own.spent() - case.spent())?;
        case.holds(own.used());
        self.cases.borrow_mut().push((own.used().clone(), made.clone()));
        made.map_err(Stop::Fork)
    }
}
