//! A module as it is called: its variables with the caller's values, its locals and outputs, evaluated once each.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Terraform;
use super::block::{Key, Keyed};
use super::call::Children;
use super::expr::Scope;
use super::module::Module;
use super::types::takes_text;
use super::variables::Settings;
use crate::base::span::Span;
use crate::base::truth::{Assumed, Assumption};
use crate::iac::resource::Call;
use crate::iac::{Node, Reason, Resource, Value};
use crate::syntax::hcl::{self, Block};

pub(super) struct Instance {
    pub module: Rc<Module>,
    /// Who calls it; none for a root module.
    caller: Option<Caller>,
    /// `module.a["k"].`, empty for a root module.
    pub prefix: Box<str>,
    /// The same without keys.
    pub plain_prefix: Box<str>,
    pub trace: Vec<Call>,
    pub when: Assumption,
    known: RefCell<HashMap<(Kind, Box<str>), State>>,
    /// What is set for its variables from outside; nothing for a module that is called.
    settings: Settings,
    pub children: RefCell<BTreeMap<Box<str>, Rc<Children>>>,
}

pub(super) struct Caller {
    pub instance: Rc<Instance>,
    /// The call's name.
    pub name: Box<str>,
    pub key: Key,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Variable,
    Local,
    Output,
    /// A resource as a whole.
    Resource,
    /// An attribute of one of its instances.
    Attribute,
    Data,
}

enum State {
    /// Being evaluated: who asks again asks in a circle.
    Busy,
    Done(Value),
}

impl Instance {
    pub fn root(module: Rc<Module>, settings: Settings) -> Rc<Instance> {
        Rc::new(Instance {
            module,
            caller: None,
            prefix: "".into(),
            plain_prefix: "".into(),
            trace: Vec::new(),
            when: Assumption::default(),
            known: RefCell::default(),
            settings,
            children: RefCell::default(),
        })
    }

    /// An instance of a module that `caller` calls by the address `address`, at `call`.
    pub fn called_by(caller: Caller, module: Rc<Module>, address: &str, call: Span, when: &Assumption) -> Rc<Instance> {
        let by = &caller.instance;
        let mut trace = by.trace.clone();
        trace.push(Call { place: call, key: caller.key.place(), address: address.into() });
        let mut together = by.when.clone();
        together.0.extend(when.0.iter().cloned());
        Rc::new(Instance {
            module,
            prefix: format!("{address}.").into(),
            plain_prefix: format!("{}module.{}.", by.plain_prefix, caller.name).into(),
            trace,
            when: together,
            known: RefCell::default(),
            settings: Settings::default(),
            children: RefCell::default(),
            caller: Some(caller),
        })
    }

    /// Who calls it, and by which block.
    pub fn called_from(&self) -> Option<(&Rc<Instance>, &Block)> {
        let caller = self.caller.as_ref()?;
        let module = &caller.instance.module;
        Some((&caller.instance, module.modules.get(&*caller.name).and_then(|at| module.block(*at))?))
    }

    /// Who calls it, the nearest first.
    pub fn callers(&self) -> impl Iterator<Item = &Instance> {
        std::iter::successors(self.caller.as_ref(), |caller| caller.instance.caller.as_ref()).map(|caller| &*caller.instance)
    }

    /// The folder of the root module, which paths are relative to.
    pub fn root_folder(&self) -> &[u8] {
        &self.callers().last().unwrap_or(self).module.folder
    }

    /// Where its folder lies from that of the root module: `.`, `../modules/x`.
    pub fn path(&self) -> String {
        let parts = |folder: &[u8]| -> Vec<String> {
            let parts = folder.split(|byte| *byte == b'/').filter(|part| !part.is_empty());
            parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
        };
        let (own, root) = (parts(&self.module.folder), parts(self.root_folder()));
        let same = own.iter().zip(&root).take_while(|(own, root)| own == root).count();
        let steps: Vec<&str> = root.iter().skip(same).map(|_| "..").chain(own.iter().skip(same).map(String::as_str)).collect();
        if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
    }

    /// The conditions on which it is called, beyond those on which its caller is.
    pub fn own_when(&self) -> &[Assumed] {
        let before = self.caller.as_ref().map_or(0, |caller| caller.instance.when.0.len());
        self.when.0.get(before..).unwrap_or_default()
    }

    /// Lets go of the modules that it calls, and of resources that refer to it, which hold on to it.
    pub fn release(&self) {
        let children = std::mem::take(&mut *self.children.borrow_mut());
        children.values().flat_map(|children| &children.all).for_each(|(_, child)| child.release());
    }

    /// Evaluates once. What asks for itself meanwhile is told so, by its `label`.
    fn once(&self, terraform: &Terraform<'_>, kind: Kind, name: &str, place: Span, evaluate: impl FnOnce() -> Value) -> Value {
        let key = (kind, Box::from(name));
        match self.known.borrow().get(&key) {
            Some(State::Done(value)) => return value.clone(),
            Some(State::Busy) => {
                let label = match kind {
                    Kind::Variable => "var.",
                    Kind::Local => "local.",
                    Kind::Output => "output.",
                    Kind::Data => "data.",
                    Kind::Resource => "",
                    Kind::Attribute => return terraform.unknown(Reason::Cycle(name.into()), place),
                };
                return terraform.unknown(Reason::Cycle(format!("{}{label}{name}", self.prefix).into()), place);
            }
            None => {}
        }
        self.known.borrow_mut().insert(key.clone(), State::Busy);
        let value = evaluate();
        self.known.borrow_mut().insert(key, State::Done(value.clone()));
        value
    }

    /// The value of a resource as a whole.
    pub fn resource(&self, terraform: &Terraform<'_>, label: &str, place: Span, evaluate: impl FnOnce() -> Value) -> Value {
        self.once(terraform, Kind::Resource, label, place, evaluate)
    }

    /// The value of an attribute of a resource, by its whole name.
    pub fn attribute(&self, terraform: &Terraform<'_>, name: &str, place: Span, evaluate: impl FnOnce() -> Value) -> Value {
        self.once(terraform, Kind::Attribute, name, place, evaluate)
    }

    /// The value of `var.name`, referred to at `place`.
    pub fn variable(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(terraform, Kind::Variable, name, place, || {
            let unset = || terraform.unknown(Reason::Unset(format!("{}var.{name}", self.prefix).into()), place);
            let Some(declared) = self.module.variables.get(name).and_then(|at| self.module.block(*at)) else { return unset() };
            let scope = Scope::of(self);
            let default = || match declared.body.attribute("default") {
                Some(default) => terraform.eval(&default.value, &scope),
                None => unset(),
            };
            let elsewhere = self.caller.is_none().then(|| self.module.set_by(name)).flatten();
            let value = match self.given(terraform, name, declared) {
                Some(value) if matches!(value.node, Node::Null) && !is_nullable(declared) => default(),
                Some(value) => value,
                None => match elsewhere {
                    Some(file) => terraform.unknown(Reason::SetBy { name: format!("var.{name}").into(), file: file.into() }, place),
                    None => default(),
                },
            };
            if matches!(declared.body.attribute("sensitive").map(|sensitive| &sensitive.value.kind), Some(hcl::ExprKind::Bool(true))) {
                terraform.hide(&value);
            }
            match declared.body.attribute("type") {
                Some(wanted) => terraform.convert(value, &wanted.value, &scope),
                None => value,
            }
        })
    }

    /// What the caller, a var file or an environment sets a variable to.
    pub fn given(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, declared: &Block) -> Option<Value> {
        let Some(caller) = &self.caller else {
            return match (self.settings.exprs.get(name), self.settings.texts.get(name)) {
                (Some(setting), _) => Some(terraform.eval(setting, &Scope::of(self))),
                (None, Some(text)) => Some(self.from_text(terraform, text, declared)),
                (None, None) => None,
            };
        };
        let call = caller.instance.module.modules.get(&*caller.name).and_then(|at| caller.instance.module.block(*at))?;
        // Beyond the budget nothing is given, and nothing is evaluated.
        let argument = terraform.steps_for(call.body.attributes.len()).then(|| call.body.attribute(name)).flatten()?;
        let value = terraform.eval(&argument.value, &Scope::of(&caller.instance).bind(caller.key.bind(argument.value.span)));
        Some(value.through(argument.value.span, &format!("passed to {} as `{name}`", self.prefix.trim_end_matches('.'))))
    }

    /// A text of the environment: itself, or the expression that it is where the type is no primitive one. It stands
    /// nowhere, and is pointed at where its variable is declared.
    fn from_text(self: &Rc<Self>, terraform: &Terraform<'_>, text: &str, declared: &Block) -> Value {
        let place = declared.header;
        if !takes_text(declared.body.attribute("type").map(|wanted| &wanted.value)) {
            let parsed = hcl::parse_at(&format!("value = {text}\n"), place);
            if let (true, Some(attribute)) = (parsed.broken.is_empty(), parsed.body.attribute("value")) {
                return terraform.eval(&attribute.value, &Scope::of(self));
            }
        }
        super::elements::text(text, place)
    }

    pub fn local(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(terraform, Kind::Local, name, place, || match self.module.locals.get(name).and_then(|at| self.module.local(*at)) {
            Some(local) => terraform.eval(&local.value, &Scope::of(self)),
            None => terraform.unknown(Reason::Unset(format!("{}local.{name}", self.prefix).into()), place),
        })
    }

    pub fn output(self: &Rc<Self>, terraform: &Terraform<'_>, name: &str, place: Span) -> Value {
        self.once(terraform, Kind::Output, name, place, || {
            let value = self.module.outputs.get(name).and_then(|at| self.module.block(*at)).and_then(|block| block.body.attribute("value"));
            match value {
                Some(value) => terraform.eval(&value.value, &Scope::of(self)),
                None => terraform.unknown(Reason::Unset(format!("{}output.{name}", self.prefix).into()), place),
            }
        })
    }

    /// The value of `data.kind.name`, read once.
    pub fn data(&self, terraform: &Terraform<'_>, kind: &str, name: &str, place: Span, read: impl FnOnce() -> Value) -> Value {
        self.once(terraform, Kind::Data, &format!("{kind}.{name}"), place, read)
    }

    /// The resources of this module and of what it calls.
    pub fn resources(self: &Rc<Self>, terraform: &Terraform<'_>, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Resource>) {
        for block in self.module.resources() {
            if let [kind, name] = block.labels.as_slice()
                && wanted(kind)
            {
                self.expand(terraform, block, kind, &format!("{kind}.{name}"), out);
            }
        }
        self.declarations(terraform, wanted, out);
        for name in self.module.modules.keys() {
            let Some(children) = self.called(terraform, name) else { continue };
            for (_, child) in &children.all {
                if terraform.step() {
                    child.resources(terraform, wanted, out);
                }
            }
        }
    }

    /// The instances of a block that is called `name` in its module.
    pub fn expand(self: &Rc<Self>, terraform: &Terraform<'_>, block: &Block, kind: &str, name: &str, out: &mut Vec<Resource>) {
        for Keyed { key, when } in terraform.instances(&block.body, &Scope::of(self)) {
            if !terraform.step() {
                return;
            }
            let attrs = terraform.resource_body(&block.body, block.header, &Scope::of(self).bind(key.bind(block.header)));
            let attrs = self.with_default_tags(terraform, kind, block, terraform.applicable(attrs));
            terraform.limited(&attrs);
            let mut together = self.when.clone();
            together.0.extend(when.0.iter().cloned());
            out.push(Resource {
                address: format!("{}{name}{}", self.prefix, key.suffix()).into(),
                plain_address: format!("{}{name}", self.plain_prefix).into(),
                kind: kind.into(),
                attrs,
                header: block.header,
                key: key.place(),
                trace: self.trace.clone(),
                when: together,
            });
        }
    }
}

/// Whether null is a value for a variable, and not as good as nothing.
fn is_nullable(declared: &Block) -> bool {
    !matches!(declared.body.attribute("nullable").map(|nullable| &nullable.value.kind), Some(hcl::ExprKind::Bool(false)))
}
