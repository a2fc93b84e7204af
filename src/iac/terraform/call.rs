//! Module calls: where a source leads, and the instances that a call makes.

use std::rc::Rc;

use super::block::{Key, Keyed};
use super::expr::Scope;
use super::instance::{Caller, Instance};
use super::module::local_source;
use super::{MAX_CALLS, Terraform};
use crate::syntax::hcl::Block;

/// What an instance of a module weighs, in things looked at: some ten thousand of them are the whole budget.
const MODULE_WEIGHT: usize = 64 * 200;

/// The instances of a module call; none where its source is not in the tree.
pub(super) struct Children {
    pub all: Vec<(Key, Rc<Instance>)>,
    /// The source, where it is not here.
    pub missing: Option<Box<str>>,
}

impl Instance {
    /// The instances of the call `module.name`.
    pub fn called(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str) -> Option<Rc<Children>> {
        if let Some(known) = self.children.borrow().get(name) {
            return Some(known.clone());
        }
        let call = self.module.modules.get(name).and_then(|at| self.module.block(*at))?;
        // Whoever asks for it while its `for_each` is evaluated gets nothing.
        self.children.borrow_mut().insert(name.into(), Rc::new(Children { all: Vec::new(), missing: Some("a circle".into()) }));
        let children = Rc::new(self.call(terraform, name, call));
        self.children.borrow_mut().insert(name.into(), children.clone());
        Some(children)
    }

    /// Whether this instance is one of a folder's module, or lies in one.
    fn is_below(&self, folder: &[u8]) -> bool {
        self.module.folder == folder || self.callers().any(|caller| caller.module.folder == folder)
    }

    fn call(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, call: &Block) -> Children {
        let written = || {
            let source = call.body.attribute("source").map(|source| terraform.files.slice(source.value.span));
            source.unwrap_or_default().trim_matches('"').into()
        };
        let target = local_source(&self.module.folder, call).filter(|_| self.trace.len() < MAX_CALLS && terraform.step());
        // A module that calls itself, by whatever way, is none that can be applied, and would have no end of instances.
        let Some(target) = target.filter(|target| !self.is_below(target)) else {
            return Children { all: Vec::new(), missing: Some(written()) };
        };
        let module = terraform.module(&target);
        let all = terraform.instances(&call.body, &Scope::of(self));
        // An instance holds far more than a value does.
        let all: Vec<Keyed> = all.into_iter().take_while(|_| terraform.steps_for(MODULE_WEIGHT)).collect();
        let child = |Keyed { key, when }| {
            let address = format!("{}module.{name}{}", self.prefix, key.suffix());
            let caller = Caller { instance: self.clone(), name: name.into(), key: key.clone() };
            (key, Instance::called_by(caller, module.clone(), &address, call.header, &when))
        };
        Children { all: all.into_iter().map(child).collect(), missing: None }
    }
}
