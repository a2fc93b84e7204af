//! What a module declares beside resources, as a rule may look at it: its providers and its variables.

use std::rc::Rc;

use super::Terraform;
use super::expr::Scope;
use super::instance::Instance;
use crate::iac::resource::{MODULE, PROVIDER, UNUSED_DOCUMENT, VARIABLE, word};
use crate::iac::value::Entry;
use crate::iac::{Resource, Value};
use crate::syntax::hcl::Block;

impl Instance {
    /// The providers of this module (`provider.aws`, by its alias `provider.aws.west`), its calls and its variables.
    pub fn declarations(self: &Rc<Self>, terraform: &Terraform<'_>, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Resource>) {
        for block in self.module.meta("provider") {
            let Some(kind) = block.labels.first().map(|name| format!("{PROVIDER}{name}")).filter(|kind| wanted(kind)) else { continue };
            let alias = block.body.attribute("alias").and_then(|alias| alias.value.literal());
            let name = alias.map_or_else(|| kind.clone(), |alias| format!("{kind}.{}", alias.to_str()));
            self.expand(terraform, block, &kind, &name, out);
        }
        if wanted(UNUSED_DOCUMENT) {
            self.unused_documents(terraform, out);
        }
        if wanted(MODULE) {
            self.calls(terraform, out);
        }
        // One that stands for a module elsewhere has variables that nobody wrote.
        if !wanted(VARIABLE) || self.module.stands_for_another() {
            return;
        }
        let declared: Vec<&Block> = self.module.variables.values().filter_map(|at| self.module.block(*at)).collect();
        out.extend(declared.into_iter().filter_map(|block| terraform.step().then(|| self.declared(terraform, block)).flatten()));
    }

    /// The policy documents of this module that nothing in it refers to, each under `document`.
    fn unused_documents(self: &Rc<Self>, terraform: &Terraform<'_>, out: &mut Vec<Resource>) {
        let kind = word(UNUSED_DOCUMENT);
        let Some(used) = terraform.names_after(&self.module.folder, &format!("{kind}.")) else { return };
        for name in self.module.data_names(kind).filter(|name| !used.contains(name.as_bytes())) {
            let Some(block) = self.module.data(kind, name) else { continue };
            if !terraform.step() {
                return;
            }
            let document = terraform.data(kind, name, &[], block.header, &Scope::of(self));
            let entry = Entry { key: "document".into(), key_place: block.header, value: document };
            out.push(Resource {
                address: format!("{}{UNUSED_DOCUMENT}.{name}", self.prefix).into(),
                plain_address: format!("{}{UNUSED_DOCUMENT}.{name}", self.plain_prefix).into(),
                kind: UNUSED_DOCUMENT.into(),
                attrs: Value::map(vec![entry], false, block.header),
                header: block.header,
                key: None,
                trace: self.trace.clone(),
                when: self.when.clone(),
            });
        }
    }

    /// A variable: its name, what it says of itself, and under `set` what a caller or a var file sets it to,
    /// and under `named` both by its name.
    fn declared(self: &Rc<Self>, terraform: &Terraform<'_>, block: &Block) -> Option<Resource> {
        let name = block.labels.first()?;
        let place = block.header;
        let entry = |key: &str, value: Value| Entry { key: key.into(), key_place: value.place, value };
        let mut entries = vec![entry("name", super::elements::text(name, place))];
        // A type is no value.
        for attribute in block.body.attributes.iter().filter(|attribute| &*attribute.name != "type") {
            entries.push(entry(&attribute.name, terraform.eval(&attribute.value, &Scope::of(self))));
        }
        // What is sensitive is known to be so from here on.
        self.variable(terraform, name, place);
        entries.extend(self.given(terraform, name, block).map(|given| entry("set", given)));
        let values = entries.iter().filter(|entry| matches!(&*entry.key, "default" | "set")).map(|entry| entry.value.clone());
        let named: Vec<Value> = values.map(|value| Value::map(vec![entry(name, value)], false, place)).collect();
        entries.push(entry("named", Value::list(named, false, place)));
        Some(Resource {
            address: format!("{}var.{name}", self.prefix).into(),
            plain_address: format!("{}var.{name}", self.plain_prefix).into(),
            kind: VARIABLE.into(),
            attrs: Value::map(entries, false, place),
            header: place,
            key: None,
            trace: self.trace.clone(),
            when: self.when.clone(),
        })
    }
}
