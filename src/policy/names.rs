//! The names that paths of a rule may begin with, binding by binding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::path::{Path, Step};
use super::views;
use crate::rule::def::Table;
use crate::rule::raw::{RawError, nearest};

/// What is bound where a file is.
const SERVES: &str = "serves";

/// What a rule can speak of where some part of it stands.
#[derive(Clone)]
pub(super) struct Names<'v> {
    pub views: &'v BTreeMap<Arc<str>, views::Compiled>,
    pub tables: &'v [Table],
    /// The outermost first; never empty.
    frames: Vec<Frame<'v>>,
}

/// What one binding is about.
#[derive(Clone, Default)]
struct Frame<'v> {
    bound: BTreeSet<&'v str>,
    /// Any name may be an attribute.
    any: bool,
    /// The views whose names are bound.
    views: Vec<Arc<str>>,
    alias: Option<Box<str>>,
}

impl<'v> Names<'v> {
    pub fn new(views: &'v BTreeMap<Arc<str>, views::Compiled>, tables: &'v [Table]) -> Self {
        Names { views, tables, frames: vec![Frame::default()] }
    }

    pub fn bind_view(&mut self, view: &str) {
        let frame = self.frames.last_mut();
        if let (Some((name, view)), Some(frame)) = (self.views.get_key_value(view), frame) {
            frame.bound.extend(view.names.iter().map(|name| &**name));
            frame.views.push(name.clone());
        }
    }

    pub fn bind_any(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.any = true;
        }
    }

    pub fn bind_file(&mut self) {
        self.bind(super::shelf::ATTRIBUTES);
        // What the predicate of that name found, in a message.
        self.bind([SERVES]);
    }

    pub fn bind(&mut self, names: impl IntoIterator<Item = &'v str>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.bound.extend(names);
        }
    }

    /// Within a binding of its own, to which nothing is bound yet.
    pub fn within(&self, alias: Option<&str>) -> Self {
        let mut inner = self.clone();
        inner.frames.push(Frame { alias: alias.map(Box::from), ..Frame::default() });
        inner
    }

    /// Whether one of the bindings is a statement of a policy.
    pub fn has_statement(&self) -> bool {
        self.frames.iter().any(|frame| frame.bound.contains("restrictable_action"))
    }

    /// Whether the innermost binding is a file.
    pub fn has_file(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.bound.contains(SERVES))
    }

    /// Bindings around the innermost one.
    pub fn depth(&self) -> usize {
        self.frames.len() - 1
    }

    /// Whether a path begins with a name that is bound here, not only with one that may be an attribute.
    pub fn binds(&self, path: &Path) -> bool {
        let Some(head) = path.head() else { return false };
        let innermost = self.frames.last().is_some_and(|frame| frame.bound.contains(head));
        innermost || self.frames.iter().any(|frame| frame.alias.as_deref() == Some(head))
    }

    /// Whether something stands at a path in every instance: an element itself, or what has a default.
    pub fn is_always_there(&self, path: &Path) -> bool {
        let Some((frame, steps)) = self.frame(path) else { return false };
        let has = |view: &Arc<str>, name: &str| self.views.get(view).is_some_and(|view| view.always_has(name));
        match steps {
            [] => true,
            [Step::Name(name)] => !frame.any && !frame.views.is_empty() && frame.views.iter().all(|view| has(view, name)),
            _ => false,
        }
    }

    /// The binding that a path begins in, and its steps from there.
    fn frame<'s, 'p>(&'s self, path: &'p Path) -> Option<(&'s Frame<'v>, &'p [Step])> {
        let last = self.frames.len().checked_sub(path.up + 1)?;
        let called = self.frames[..=last].iter().rev().find(|frame| frame.alias.is_some() && frame.alias.as_deref() == path.head());
        match called {
            Some(frame) => Some((frame, &path.steps[1..])),
            None => Some((&self.frames[last], &path.steps)),
        }
    }

    /// # Errors
    /// Where a path begins with a name that nothing has.
    pub fn check(&self, path: &Path, at: u32) -> Result<(), RawError> {
        self.check_or(path, at, &[])
    }

    /// The same where some words could be meant too. There is no help where nothing has a name.
    ///
    /// # Errors
    /// Where a path begins with a name that nothing has.
    pub fn check_or(&self, path: &Path, at: u32, words: &[&str]) -> Result<(), RawError> {
        if path.head().is_none() {
            return Err(RawError::new(at, "a path begins with a name"));
        }
        let Some((frame, steps)) = self.frame(path) else {
            return Err(RawError::new(at, format!("there are {} bindings around this, and not {}", self.depth(), path.up)));
        };
        let Some(Step::Name(name)) = steps.first() else { return Ok(()) };
        if frame.any || frame.bound.contains(&**name) {
            return Ok(());
        }
        let error = RawError::new(at, format!("nothing is called `{name}` here")).word(&**name);
        let aliases = self.frames.iter().filter_map(|frame| frame.alias.as_deref());
        let near = nearest(name, frame.bound.iter().copied().chain(aliases).chain(words.iter().copied()));
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let known = frame.bound.iter().copied().collect::<Vec<_>>().join(", ");
        let known = match frame.views.as_slice() {
            _ if known.is_empty() => None,
            [view] => Some(format!("`{view}` has {known}")),
            _ => Some(format!("known names: {known}")),
        };
        let help = near.into_iter().chain(known).collect::<Vec<_>>().join(" ");
        Err(if help.is_empty() { error } else { error.help(help) })
    }

    /// # Errors
    /// Where there is no view of that name.
    pub fn view(&self, name: &str, at: u32) -> Result<(&'v Arc<str>, &'v views::Compiled), RawError> {
        self.views.get_key_value(name).ok_or_else(|| {
            let error = RawError::new(at, format!("there is no view `{name}`"));
            match nearest(name, self.views.keys().map(|view| &**view)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            }
        })
    }

    /// # Errors
    /// Where there is no table of that name.
    pub fn table(&self, name: &str, at: u32) -> Result<&'v Table, RawError> {
        self.tables.iter().find(|table| table.name == name).ok_or_else(|| {
            let error = RawError::new(at, format!("there is no table `{name}`"));
            match nearest(name, self.tables.iter().map(|table| table.name.as_str())) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("a table is an item of a rule file: `table: NAME` with `as-of` and `entries`"),
            }
        })
    }
}
