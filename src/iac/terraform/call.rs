//! Module calls: the instances that a call makes. Where its source leads is told by `remote`.

use std::rc::Rc;

use super::block::{Key, Keyed};
use super::expr::Scope;
use super::instance::{Caller, Instance};
use super::remote::Target;
use super::{MAX_CALLS, Terraform};
use crate::iac::Resource;
use crate::iac::resource::MODULE;
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

    /// The calls of this module as resources of their own: `source`, `version`, and what is passed.
    pub fn calls(self: &Rc<Self>, terraform: &Terraform<'_>, out: &mut Vec<Resource>) {
        // What stands for a module that is not here is nobody's source.
        if self.module.stands_for_another() {
            return;
        }
        for block in self.module.calls() {
            if let Some(name) = block.labels.first().filter(|_| terraform.step()) {
                out.push(Resource {
                    address: format!("{}module.{name}", self.prefix).into(),
                    plain_address: format!("{}module.{name}", self.plain_prefix).into(),
                    kind: MODULE.into(),
                    attrs: terraform.resource_body(&block.body, block.header, &Scope::of(self)),
                    header: block.header,
                    key: None,
                    trace: self.trace.clone(),
                    when: self.when.clone(),
                });
            }
        }
    }

    fn call(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, call: &Block) -> Children {
        let address = format!("{}module.{name}", self.prefix);
        let missing = |source: String| Children { all: Vec::new(), missing: Some(source.into()) };
        if self.trace.len() >= MAX_CALLS || !terraform.step() {
            terraform.cut.set(true);
            return missing(terraform.source_of(call));
        }
        let module = match terraform.target(self, name, call) {
            // A module that calls itself, by whatever way, is none that can be applied, and would have no end of instances.
            Target::Folder(folder) if self.is_below(&folder) => return missing(terraform.source_of(call)),
            Target::Folder(folder) => terraform.module(&folder),
            Target::Mapped(index) => {
                let module = terraform.standing_for(index, call.header);
                if self.is_below(&module.folder) {
                    return missing(terraform.source_of(call));
                }
                terraform.leads_out(&self.module, call, &address, true);
                module
            }
            Target::Missing => {
                terraform.leads_out(&self.module, call, &address, false);
                return missing(terraform.source_of(call));
            }
        };
        let all = terraform.instances(&call.body, &Scope::of(self));
        // An instance holds far more than a value does.
        let all: Vec<Keyed> = all.into_iter().take_while(|_| terraform.steps_for(MODULE_WEIGHT)).collect();
        let child = |Keyed { key, when }| {
            let address = format!("{address}{}", key.suffix());
            let caller = Caller { instance: self.clone(), name: name.into(), key: key.clone() };
            (key, Instance::called_by(caller, module.clone(), &address, call.header, &when))
        };
        let children = Children { all: all.into_iter().map(child).collect(), missing: None };
        if !children.all.is_empty() {
            terraform.made.borrow_mut().insert(module.folder.clone());
        }
        children
    }
}
