//! SAM: `AWS::Serverless::*` resources, expanded offline to what the transform makes of them, as far as policies look.
//!
//! What is made has the addresses that the transform gives, and the places of the SAM source. The resource itself stays,
//! under its own kind: a rule or a view names either it or what it becomes. A template that names such resources without
//! the transform cannot be deployed; it is read as if it had it.

mod api;
mod events;
mod function;
mod globals;
mod policies;

use std::collections::HashMap;

use super::template::Template;
use crate::base::span::Span;
use crate::iac::synthetic::{record, reference, resource, taken};
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Resource, Unknowns, Value};

use globals::Globals;

const PREFIX: &str = "AWS::Serverless::";

/// Whether a kind of resource is one that SAM expands.
pub(super) fn is_source(kind: &str) -> bool {
    kind.starts_with(PREFIX)
}

/// Resources, with what SAM makes of those that are its own.
pub(super) fn expand(template: &Template<'_>, resources: Vec<Resource>, wanted: &dyn Fn(&str) -> bool) -> Vec<Resource> {
    if !resources.iter().any(|resource| is_source(&resource.kind)) {
        return resources;
    }
    let globals = Globals::new(template);
    let stages = stages(template, &resources);
    let mut all = Vec::with_capacity(resources.len() * 2);
    for mut source in resources {
        if let Some(kind) = source.kind.strip_prefix(PREFIX) {
            source.attrs = globals.apply(kind, &source.address, source.attrs);
            let mut expansion = Expansion { template, source: &source, stages: &stages, made: Vec::new() };
            // Properties are looked for by name, some forty of them in each resource.
            if template.spend(source.attrs.weight() as usize).is_some() {
                expansion.expand(kind);
            }
            all.extend(expansion.made.into_iter().filter(|made| wanted(&made.kind)));
        }
        if wanted(&source.kind) {
            all.push(source);
        }
    }
    all
}

/// The names of the stages of APIs, where they are plain.
fn stages(template: &Template<'_>, resources: &[Resource]) -> HashMap<Box<str>, String> {
    let apis = resources.iter().filter(|resource| &*resource.kind == "AWS::Serverless::Api");
    let stage = |api: &Resource| {
        let name = taken(&template.project.unknowns, &api.attrs, "StageName");
        let plain = name.as_text().filter(|name| name.chars().all(char::is_alphanumeric));
        (api.address.clone(), plain.map_or_else(|| "Stage".to_owned(), std::borrow::Cow::into_owned))
    };
    apis.map(stage).collect()
}

/// One resource, and what it becomes.
struct Expansion<'e> {
    template: &'e Template<'e>,
    source: &'e Resource,
    /// What the stages of APIs are called: permissions are named after them.
    stages: &'e HashMap<Box<str>, String>,
    made: Vec<Resource>,
}

impl Expansion<'_> {
    fn expand(&mut self, kind: &str) {
        match kind {
            "Function" => self.function(),
            "StateMachine" => self.state_machine(),
            "Api" => self.rest_api(),
            "HttpApi" => self.http_api(),
            "WebSocketApi" => self.socket_api(),
            "SimpleTable" => self.table(),
            "LayerVersion" => self.same("AWS::Lambda::LayerVersion", &[("LayerName", "LayerName"), ("ContentUri", "Content")]),
            "CapacityProvider" => self.same("AWS::Lambda::CapacityProvider", &[("VpcConfig", "VpcConfig"), ("KmsKeyArn", "KmsKeyArn")]),
            "Application" => self.application(),
            "Connector" => self.connector(),
            _ => {}
        }
    }

    fn unknowns(&self) -> &Unknowns {
        &self.template.project.unknowns
    }

    fn id(&self) -> &str {
        &self.source.address
    }

    fn header(&self) -> Span {
        self.source.header
    }

    /// A property, null where it is not there.
    fn property(&self, name: &str) -> Value {
        taken(self.unknowns(), &self.source.attrs, name)
    }

    fn reference(&self, address: &str, attribute: &str, place: Span) -> Value {
        reference(self.unknowns(), address, attribute, place)
    }

    /// Properties under the names that they have in what they become.
    fn properties<'n>(&self, names: &[(&str, &'n str)]) -> Vec<(&'n str, Value)> {
        names.iter().map(|(from, to)| (*to, self.property(from))).collect()
    }

    /// Makes a resource that stands where the source does.
    fn make<'n>(&mut self, address: &str, kind: &str, attrs: impl IntoIterator<Item = (&'n str, Value)>) -> &mut Resource {
        let attrs = record(self.header(), attrs);
        let mut made = resource(address, kind, attrs, self.source.when.clone());
        made.trace.clone_from(&self.source.trace);
        self.made.push(made);
        let last = self.made.len() - 1;
        &mut self.made[last]
    }

    fn same(&mut self, kind: &str, names: &[(&str, &str)]) {
        let (id, attrs) = (self.id().to_owned(), self.properties(names));
        self.make(&id, kind, attrs);
    }

    fn table(&mut self) {
        let names = [
            ("TableName", "TableName"),
            ("SSESpecification", "SSESpecification"),
            ("ProvisionedThroughput", "ProvisionedThroughput"),
            ("PointInTimeRecoverySpecification", "PointInTimeRecoverySpecification"),
        ];
        let mut attrs = self.properties(&names);
        attrs.push(("Tags", self.tags("Tags")));
        let id = self.id().to_owned();
        self.make(&id, "AWS::DynamoDB::Table", attrs);
    }

    /// A nested stack, by its template: a local file, or one of the public repository, which is not known here.
    fn application(&mut self) {
        let location = self.property("Location");
        let url = match &location.node {
            Node::Map { .. } => {
                let reason = Reason::Macro("AWS::Serverless::Application".into());
                Value::unknown(self.unknowns().intern(reason), location.place)
            }
            _ => location,
        };
        let (id, parameters) = (self.id().to_owned(), self.property("Parameters"));
        self.make(&id, "AWS::CloudFormation::Stack", [("TemplateURL", url), ("Parameters", parameters)]);
    }

    /// A connector makes a policy between two resources, scoped to them; its statements are not known here.
    fn connector(&mut self) {
        let reason = Reason::Macro("AWS::Serverless::Connector".into());
        let document = Value::unknown(self.unknowns().intern(reason), self.header());
        let address = format!("{}Policy", self.id());
        self.make(&address, "AWS::IAM::ManagedPolicy", [("PolicyDocument", document)]);
    }

    /// Tags as a list: SAM has them as a map.
    fn tags(&self, name: &str) -> Value {
        let tags = self.property(name);
        let Node::Map { entries, open } = &tags.node else { return tags };
        let tag = |entry: &Entry| {
            let key = crate::iac::synthetic::word(&entry.key, entry.key_place);
            record(entry.key_place, [("Key", key), ("Value", entry.value.clone())])
        };
        Value::list(entries.iter().map(tag).collect(), *open, tags.place).carried(tags.via.as_ref())
    }
}

#[cfg(test)]
mod tests;
