//! A module as it is called: its variables with the caller's values, its locals and outputs, evaluated once each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Terraform;
use super::block::{Instances, Key};
use super::call::Children;
use super::expr::Scope;
use super::module::Module;
use crate::base::span::Span;
use crate::base::truth::Assumption;
use crate::iac::resource::Call;
use crate::iac::{Reason, Resource, Value};
use crate::syntax::hcl::Block;

pub(super) struct Instance {
    pub module: Rc<Module>,
    /// Who calls it; none for a root module.
    caller: Option<Caller>,
    /// `module.a["k"].`, empty for a root module.
    pub prefix: Box<str>,
    plain_prefix: Box<str>,
    pub trace: Vec<Call>,
    pub when: Assumption,
    known: RefCell<BTreeMap<(Kind, Box<str>), State>>,
    pub children: RefCell<BTreeMap<Box<str>, Rc<Children>>>,
}

pub(super) struct Caller {
    pub instance: Rc<Instance>,
    /// The call's name.
    pub name: Box<str>,
    pub key: Key,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Variable,
    Local,
    Output,
}

enum State {
    /// Being evaluated: who asks again asks in a circle.
    Busy,
    Done(Value),
}

impl Instance {
    pub fn root(module: Rc<Module>) -> Rc<Instance> {
        Rc::new(Instance {
            module,
            caller: None,
            prefix: "".into(),
            plain_prefix: "".into(),
            trace: Vec::new(),
            when: Assumption::default(),
            known: RefCell::default(),
            children: RefCell::default(),
        })
    }

    /// An instance of a module that `caller` calls by the address `address`, at `call`.
    pub fn called_by(caller: Caller, module: Rc<Module>, address: &str, call: Span, when: &Assumption) -> Rc<Instance> {
        let by = &caller.instance;
        let mut trace = by.trace.clone();
        trace.push(Call { place: call, address: address.into() });
        let mut together = by.when.clone();
        together.0.extend(when.0.iter().cloned());
        Rc::new(Instance {
            module,
            prefix: format!("{address}.").into(),
            plain_prefix: format!("{}module.{}.", by.plain_prefix, caller.name).into(),
            trace,
            when: together,
            known: RefCell::default(),
            children: RefCell::default(),
            caller: Some(caller),
        })
    }

    /// Who calls it, the nearest first.
    pub fn callers(&self) -> impl Iterator<Item = &Instance> {
        std::iter::successors(self.caller.as_ref(), |caller| caller.instance.caller.as_ref()).map(|caller| &*caller.instance)
    }

    /// The folder of the root module, which paths are relative to.
    pub fn root_folder(&self) -> &[u8] {
        &self.callers().last().unwrap_or(self).module.folder
    }

    /// Lets go of the modules that it calls, which hold on to it.
    pub fn release(&self) {
        let children = std::mem::take(&mut *self.children.borrow_mut());
        children.values().flat_map(|children| &children.all).for_each(|(_, child)| child.release());
    }

    /// Evaluates once.
    fn once(&self, kind: Kind, name: &str, place: Span, evaluate: impl FnOnce() -> Value) -> Value {
        let key = (kind, Box::from(name));
        match self.known.borrow().get(&key) {
            Some(State::Done(value)) => return value.clone(),
            Some(State::Busy) => return Terraform::budget(place),
            None => {}
        }
        self.known.borrow_mut().insert(key.clone(), State::Busy);
        let value = evaluate();
        self.known.borrow_mut().insert(key, State::Done(value.clone()));
        value
    }

    /// The value of `var.name`, referred to at `place`.
    pub fn variable(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(Kind::Variable, name, place, || {
            let unset = || terraform.unknown(Reason::Unset(format!("{}var.{name}", self.prefix).into()), place);
            let Some(declared) = self.module.variables.get(name).and_then(|at| self.module.block(*at)) else { return unset() };
            if let Some(given) = self.given(terraform, name) {
                return given;
            }
            if self.caller.is_none()
                && let Some(file) = self.module.set_by(name)
            {
                return terraform.unknown(Reason::SetBy { name: format!("var.{name}").into(), file: file.into() }, place);
            }
            match declared.body.attribute("default") {
                Some(default) => terraform.eval(&default.value, &Scope::of(self)),
                None => unset(),
            }
        })
    }

    /// What the caller, or a var file, sets a variable to. Null is as good as nothing.
    fn given(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str) -> Option<Value> {
        let Some(caller) = &self.caller else {
            let setting = self.module.settings.get(name)?;
            return Some(terraform.eval(setting, &Scope::of(self)));
        };
        let call = caller.instance.module.modules.get(&*caller.name).and_then(|at| caller.instance.module.block(*at))?;
        let argument = call.body.attribute(name)?;
        let value = terraform.eval(&argument.value, &Scope::of(&caller.instance).bind(caller.key.bind(argument.value.span)));
        if matches!(value.node, crate::iac::Node::Null) {
            return None;
        }
        Some(value.through(argument.value.span, &format!("passed to {} as `{name}`", self.prefix.trim_end_matches('.'))))
    }

    pub fn local(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(Kind::Local, name, place, || match self.module.locals.get(name).and_then(|at| self.module.local(*at)) {
            Some(local) => terraform.eval(&local.value, &Scope::of(self)),
            None => terraform.unknown(Reason::Unset(format!("{}local.{name}", self.prefix).into()), place),
        })
    }

    pub fn output(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(Kind::Output, name, place, || {
            let value = self.module.outputs.get(name).and_then(|at| self.module.block(*at)).and_then(|block| block.body.attribute("value"));
            match value {
                Some(value) => terraform.eval(&value.value, &Scope::of(self)),
                None => terraform.unknown(Reason::Unset(format!("{}output.{name}", self.prefix).into()), place),
            }
        })
    }

    /// The resources of this module and of what it calls.
    pub fn resources(self: &Rc<Self>, terraform: &Terraform<'_>, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Resource>) {
        for block in self.module.resources() {
            if let [kind, name] = block.labels.as_slice()
                && wanted(kind)
            {
                self.expand(terraform, block, kind, name, out);
            }
        }
        for name in self.module.modules.keys() {
            let Some(children) = self.called(terraform, name) else { continue };
            for (_, child) in &children.all {
                if terraform.step() {
                    child.resources(terraform, wanted, out);
                }
            }
        }
    }

    fn expand(self: &Rc<Self>, terraform: &Terraform<'_>, block: &Block, kind: &str, name: &str, out: &mut Vec<Resource>) {
        let Instances { all, when } = terraform.instances(&block.body, &Scope::of(self));
        for key in all {
            if !terraform.step() {
                return;
            }
            let mut together = self.when.clone();
            together.0.extend(when.0.iter().cloned());
            out.push(Resource {
                address: format!("{}{kind}.{name}{}", self.prefix, key.suffix()).into(),
                plain_address: format!("{}{kind}.{name}", self.plain_prefix).into(),
                kind: kind.into(),
                attrs: terraform.resource_body(&block.body, block.header, &Scope::of(self).bind(key.bind(block.header))),
                header: block.header,
                trace: self.trace.clone(),
                when: together,
            });
        }
    }
}
