//! What a template and the templates that it calls have in common: budgets, conditions, what is told.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::finding::{Failure, Trouble};
use crate::iac::document::Source;
use crate::iac::evaluated::Sensitive;
use crate::iac::{Conditions, Evaluated, Reason, Resource, Unknowns};
use crate::syntax::document::{Document, SyntaxError};

/// Steps of evaluation for one template and those that it calls: entries looked through, bytes put together.
const MAX_STEPS: usize = 64 << 20;
/// Instances that loops and calls make.
const MAX_INSTANCES: usize = 10_000;
/// Things that are told of one project.
const MAX_TOLD: usize = 20;

/// Documents of a file that is called; none where it holds no template.
pub(super) type Called = Option<Rc<[Document]>>;

pub(super) struct Project<'a> {
    pub source: &'a Source<'a>,
    pub wanted: &'a dyn Fn(&str) -> bool,
    pub unknowns: Unknowns,
    /// The template is one that another dialect made: there is more in it than is written here.
    pub made: bool,
    pub conditions: RefCell<Conditions>,
    steps: Cell<usize>,
    instances: Cell<usize>,
    /// Nested values; each costs stack.
    pub nesting: Cell<usize>,
    /// Conditions that are being taken apart.
    pub depth: Cell<usize>,
    /// Something was cut off.
    cut: Cell<bool>,
    /// Templates that are being evaluated, the outermost first.
    pub calls: RefCell<Vec<Box<[u8]>>>,
    pub documents: RefCell<HashMap<Box<[u8]>, Called>>,
    troubles: RefCell<Vec<Trouble>>,
    notes: RefCell<Vec<String>>,
    /// Why there may be more resources.
    more: Cell<Option<UnknownId>>,
    /// Where the template begins to speak of resources.
    pub header: Cell<Option<Span>>,
    /// What NoEcho parameters hide.
    pub hidden: RefCell<Vec<Sensitive>>,
}

impl<'a> Project<'a> {
    pub fn new(source: &'a Source<'a>, wanted: &'a dyn Fn(&str) -> bool) -> Self {
        Project {
            source,
            wanted,
            unknowns: Unknowns::default(),
            made: false,
            conditions: RefCell::default(),
            steps: Cell::new(0),
            instances: Cell::new(0),
            nesting: Cell::new(0),
            depth: Cell::new(0),
            cut: Cell::new(false),
            calls: RefCell::new(vec![source.path.into()]),
            documents: RefCell::default(),
            troubles: RefCell::default(),
            notes: RefCell::default(),
            more: Cell::new(None),
            header: Cell::new(None),
            hidden: RefCell::default(),
        }
    }

    /// Counts work that is about to be done; None where it is too much.
    pub fn spend(&self, cost: usize) -> Option<()> {
        let steps = self.steps.get().saturating_add(cost);
        self.steps.set(steps);
        (steps < MAX_STEPS).then_some(())
    }

    /// Of so many instances, how many may be made.
    pub fn instances(&self, count: usize) -> usize {
        let left = MAX_INSTANCES.saturating_sub(self.instances.get());
        if count > left {
            self.cut();
        }
        self.instances.set(self.instances.get().saturating_add(count.min(left)));
        count.min(left)
    }

    /// Something is not looked at.
    pub fn cut(&self) {
        self.cut.set(true);
    }

    /// There may be resources that are not here.
    pub fn may_be_more(&self, reason: Reason) {
        if self.more.get().is_none() {
            self.more.set(Some(self.unknowns.intern(reason)));
        }
    }

    pub fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if notes.len() < MAX_TOLD && !notes.contains(&note) {
            notes.push(note);
        }
    }

    pub fn trouble(&self, error: &SyntaxError, help: &str) {
        // Where it stands costs a look at the whole file.
        if self.troubles.borrow().len() >= MAX_TOLD {
            return;
        }
        let kind = if error.limit { Failure::Limit } else { Failure::Unparsed };
        let place = self.source.files.pin(&BTreeSet::from([error.at])).into_values().next();
        let trouble = Trouble { place, kind, message: error.message.clone(), help: Some(help.to_owned()) };
        let mut troubles = self.troubles.borrow_mut();
        if !troubles.contains(&trouble) {
            troubles.push(trouble);
        }
    }

    pub fn evaluated(self, resources: Vec<Resource>) -> Evaluated {
        Evaluated {
            resources,
            more: self.more.get(),
            header: self.header.get(),
            exhausted: self.cut.get() || self.steps.get() >= MAX_STEPS,
            unknowns: self.unknowns.into(),
            conditions: self.conditions.into_inner(),
            troubles: self.troubles.into_inner(),
            notes: self.notes.into_inner(),
            sensitive: Sensitive::in_order(self.hidden.into_inner()),
            ..Evaluated::default()
        }
    }
}
