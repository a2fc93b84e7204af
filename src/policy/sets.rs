//! What quantifiers go over: the elements at a path, the instances of a view, files.

use super::eval::{Env, Subject, World};
use super::links::exists;
use super::path::Path;
use super::verdict::{Case, Stop};
use super::views::instances;
use super::walk::elements;
use crate::base::truth::Why;

/// Elements, and why there may be more.
#[derive(Default)]
pub(super) struct Elements<'w> {
    pub all: Vec<Subject<'w>>,
    pub more: Option<Why>,
}

impl<'w> Env<'_, 'w> {
    /// The elements at a path, and the path from the outermost subject.
    pub fn elements(&self, case: &mut Case<'_>, path: &Path) -> Result<(Elements<'w>, String), Stop> {
        let (walked, at) = self.walk(case, path)?;
        let (all, more) = elements(case, walked)?;
        let subject = |base| Subject { resource: self.subject.resource, base, shape: None };
        Ok((Elements { all: all.into_iter().map(subject).collect(), more }, at.to_string()))
    }
}

impl<'w> World<'w> {
    /// The instances of a view in the whole project.
    pub fn of_view(&self, case: &mut Case<'_>, view: &str) -> Result<Elements<'w>, Stop> {
        let mut elements = Elements::default();
        for resource in self.resources {
            let Some(shape) = self.compiled.shape(view, &resource.kind) else { continue };
            case.step(1)?;
            if !exists(case, resource)? {
                continue;
            }
            let here = instances(self, case, shape, resource)?;
            elements.all.extend(here.all);
            elements.more = elements.more.or(here.more);
        }
        elements.more = elements.more.or_else(|| self.beyond(view));
        Ok(elements)
    }
}
