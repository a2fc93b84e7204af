//! Terraform: a root module, evaluated with its variables' defaults and var files, and the local modules that it calls.
//!
//! Just enough of the language to know what a resource is made with. What is not evaluated is unknown, with its reason.

mod attribute;
mod block;
mod call;
mod data;
mod declared;
mod default_tags;
mod elements;
mod expr;
mod functions;
mod instance;
mod logic;
mod module;
mod policy_document;
mod reference;
mod remote;
mod roots;
mod template;
mod types;
mod variables;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::finding::{Failure, Place, Trouble};
use crate::iac::evaluated::Sensitive;
use crate::iac::gate::{self, Part};
use crate::iac::{Conditions, Evaluated, Files, Reason, Unknowns, Value, room, value};
use crate::input::{Entry, EntryKind, ReadError};
use crate::settings::Variables;
use crate::syntax::encoding;

use aho_corasick::AhoCorasick;

use attribute::Handle;
use instance::Instance;
use module::{Broken, Environment, Module, Partial};

pub use remote::faults;

/// Steps of evaluation for one root module: expressions, items, instances.
const MAX_STEPS: u32 = 2_000_000;
/// Bytes of text that evaluation of one root module makes.
const MAX_TEXT: usize = 64 << 20;
/// Modules in modules.
const MAX_CALLS: usize = 12;
/// Nested expressions and references; each costs stack.
const MAX_NESTING: u32 = 100;
/// The same on a thread with much stack: a thousand locals, each made of the one before.
const MAX_NESTING_IN_ROOM: u32 = 8_000;

/// All modules of one tree, evaluated on demand.
pub struct Terraform<'a> {
    files: &'a Files<'a>,
    variables: &'a Variables,
    modules: RefCell<BTreeMap<Vec<u8>, Rc<Module>>>,
    remote: remote::Remote<'a>,
    unknowns: Rc<Unknowns>,
    steps: Cell<u32>,
    text: Cell<usize>,
    nesting: Cell<u32>,
    patterns: functions::Patterns,
    most_nesting: u32,
    /// What a reference to a resource that is declared stands for.
    handles: RefCell<HashMap<UnknownId, Handle>>,
    conditions: RefCell<Conditions>,
    /// Conditions that say that another does not hold.
    negative: RefCell<HashMap<UnknownId, UnknownId>>,
    /// Something was more than is looked at.
    cut: Cell<bool>,
    /// What `sensitive` marks.
    hidden: RefCell<Vec<Sensitive>>,
    /// The folders of modules that some call made an instance of.
    made: RefCell<BTreeSet<Vec<u8>>>,
}

impl<'a> Terraform<'a> {
    #[must_use]
    pub fn new(files: &'a Files<'a>, variables: &'a Variables) -> Self {
        Terraform {
            files,
            variables,
            modules: RefCell::default(),
            remote: remote::Remote::default(),
            unknowns: Rc::default(),
            steps: Cell::new(0),
            text: Cell::new(0),
            nesting: Cell::new(0),
            most_nesting: if room::is_roomy() { MAX_NESTING_IN_ROOM } else { MAX_NESTING },
            handles: RefCell::default(),
            conditions: RefCell::default(),
            negative: RefCell::default(),
            patterns: functions::Patterns::default(),
            cut: Cell::new(false),
            hidden: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// Whether some evaluated module has an instance of the module in this folder. A call may make none: `count = 0`.
    #[must_use]
    pub fn is_made(&self, folder: &[u8]) -> bool {
        self.made.borrow().contains(folder)
    }

    /// Whether the module in a folder has providers of its own: one that is called with `count` may not.
    #[must_use]
    pub fn has_providers(&self, folder: &[u8]) -> bool {
        self.module(folder).meta("provider").next().is_some()
    }

    /// Whether a folder's files name one of these, read as bytes: also where they cannot be parsed. What cannot be read
    /// may name any.
    #[must_use]
    pub fn mentions(&self, folder: &[u8], words: &AhoCorasick) -> bool {
        let entries = match self.files.list(folder) {
            Ok(entries) => entries,
            Err(error) => return error != ReadError::Missing,
        };
        let sources = [Part::Source, Part::Override];
        sources.into_iter().flat_map(|part| parts(&entries, part)).any(|entry| match self.files.read(entry.path.bytes()) {
            // Of wide characters, which Terraform refuses, that is what is to be told.
            Ok((_, bytes)) => words.is_match(&*bytes) || encoding::detect(&bytes).is_some(),
            Err(error) => error != ReadError::Missing,
        })
    }

    /// The names that stand behind some words in a folder's files, read as bytes; None where they cannot be read.
    fn names_after(&self, folder: &[u8], words: &str) -> Option<BTreeSet<Vec<u8>>> {
        let entries = self.files.list(folder).ok()?;
        let mut names = BTreeSet::new();
        for entry in [Part::Source, Part::Override].into_iter().flat_map(|part| parts(&entries, part)) {
            let (_, bytes) = self.files.read(entry.path.bytes()).ok()?;
            for at in memchr::memmem::find_iter(&bytes, words) {
                let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
                names.insert(bytes[at + words.len()..].iter().take_while(is_name).copied().collect());
            }
        }
        Some(names)
    }

    /// The resources of a root module and of what it calls, of the kinds that are wanted: once for every setting of its
    /// variables that the repository holds.
    #[must_use]
    pub fn evaluate(&self, root: &[u8], wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
        let module = self.module(root);
        self.made.borrow_mut().insert(module.folder.clone());
        // What a person names is what holds.
        let environments = if self.variables.files.is_empty() { module.environments(self.files) } else { &[] };
        if environments.is_empty() {
            return vec![self.evaluate_with(&module, None, wanted)];
        }
        environments.iter().map(|environment| self.evaluate_with(&module, Some(environment), wanted)).collect()
    }

    fn evaluate_with(&self, module: &Rc<Module>, environment: Option<&Environment>, wanted: &dyn Fn(&str) -> bool) -> Evaluated {
        self.steps.set(0);
        self.text.set(0);
        self.cut.set(false);
        self.conditions.take();
        let (settings, troubles) = self.settings(module, environment.map(|environment| &environment.settings));
        self.remote.unresolved.take();
        self.hidden.take();
        let mut resources = Vec::new();
        let instance = Instance::root(module.clone(), settings);
        instance.resources(self, wanted, &mut resources);
        instance.release();
        self.handles.take();
        let unresolved = self.remote.unresolved.take();
        Evaluated {
            resources,
            unresolved,
            more: self.unread(&module.folder),
            unknowns: self.unknowns.clone(),
            conditions: self.conditions.take(),
            exhausted: self.is_exhausted(),
            variant: environment.map(|environment| format!("with {}", environment.name).into()),
            troubles,
            sensitive: Sensitive::in_order(self.hidden.take()),
            ..Evaluated::default()
        }
    }

    /// What could not be read of a root module and of what it calls, if there is anything.
    fn unread(&self, root: &[u8]) -> Option<UnknownId> {
        let unread = |folder: &Vec<u8>| self.modules.borrow().get(folder).is_some_and(|module| module.broken().any(Broken::is_any));
        let folder = self.folders(root).into_iter().find(unread)?;
        let path = if folder.is_empty() { ".".into() } else { String::from_utf8_lossy(&folder).into_owned() };
        Some(self.unknowns.intern(Reason::Expression(format!("what could not be read in {path}").into())))
    }

    /// Whether the evaluation of this root module was cut short.
    fn is_exhausted(&self) -> bool {
        self.cut.get() || self.steps.get() >= MAX_STEPS || self.text.get() >= MAX_TEXT
    }

    /// Files that could not be read or parsed, of the modules in these folders.
    #[must_use]
    pub fn troubles(&self, folders: &BTreeSet<Vec<u8>>) -> Vec<Trouble> {
        let modules = self.modules.borrow();
        let modules = || modules.iter().filter(|(folder, _)| folders.contains(*folder)).map(|(_, module)| module);
        let broken = || modules().flat_map(|module| module.broken());
        // A module that Terragrunt calls is read once more for each call.
        let mut seen = BTreeSet::new();
        let errors: Vec<&Partial> = broken().flat_map(|broken| &broken.errors).collect();
        let errors = errors.into_iter().filter(|partial| seen.insert((partial.error.at, partial.error.message.as_str())));
        let errors: Vec<&Partial> = errors.collect();
        let places = self.files.pin(&errors.iter().map(|partial| partial.error.at).collect());
        let unparsed = errors.iter().map(|Partial { error, rest }| Trouble {
            place: Some(places.get(&error.at).cloned().unwrap_or_else(|| Place::whole(error.at.file))),
            kind: if error.limit { Failure::Limit } else { Failure::Unparsed },
            message: error.message.clone(),
            help: Some(match rest {
                0 => "nothing in this file was judged by rules on resources".to_owned(),
                1 => "this file is partly judged: one block or setting of it could be read".to_owned(),
                rest => format!("this file is partly judged: {rest} blocks and settings of it could be read"),
            }),
        });
        unparsed.chain(broken().flat_map(|broken| broken.unread.iter().cloned())).collect()
    }

    fn module(&self, folder: &[u8]) -> Rc<Module> {
        if let Some(module) = self.modules.borrow().get(folder) {
            return module.clone();
        }
        let module = Rc::new(Module::load(self.files, folder));
        self.modules.borrow_mut().insert(folder.to_vec(), module.clone());
        module
    }

    /// Takes a step; false once there are none left.
    fn step(&self) -> bool {
        self.steps_for(0)
    }

    /// The steps that looking at so many things in a row takes; false once there are none left.
    fn steps_for(&self, things: usize) -> bool {
        let steps = self.steps.get().saturating_add(1).saturating_add(u32::try_from(things / 64).unwrap_or(u32::MAX));
        self.steps.set(steps);
        steps < MAX_STEPS
    }

    /// Applies a function to values that may be choices, as far as the budget goes.
    fn distribute(&self, values: &[Value], place: Span, apply: &dyn Fn(&[Value]) -> Value) -> Value {
        let choices = values.iter().any(|value| matches!(value.node, crate::iac::Node::Choice { .. }));
        let weight: usize = if choices { values.iter().map(|value| value.weight() as usize).sum() } else { 0 };
        if self.steps_for(weight) { value::distribute(values, place, apply) } else { Self::budget(place) }
    }

    /// Counts text that is about to be made; false where it is too much.
    fn may_make(&self, bytes: usize) -> bool {
        let text = self.text.get().saturating_add(bytes);
        self.text.set(text);
        text < MAX_TEXT
    }

    /// A value that is not to be shown.
    fn hide(&self, value: &Value) {
        Sensitive::marked(value, &mut self.hidden.borrow_mut());
    }

    fn unknown(&self, reason: Reason, place: Span) -> Value {
        Value::unknown(self.unknowns.intern(reason), place)
    }

    fn budget(place: Span) -> Value {
        Value::unknown(Unknowns::BUDGET, place)
    }
}

/// The files of a folder that are such a part of a module.
fn parts(entries: &[Entry], wanted: Part) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |entry| entry.kind == EntryKind::File && gate::part(entry.path.name()) == Some(wanted))
}

#[cfg(test)]
mod tests;
