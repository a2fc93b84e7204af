//! Nested stacks: a template beside the one that calls it, evaluated with the values that the caller gives. One that
//! lies elsewhere is not known.

use std::collections::HashMap;
use std::rc::Rc;

use super::project::Called;
use super::template::{Declared, Template, is_template};
use crate::base::span::Span;
use crate::iac::document;
use crate::iac::files::beside;
use crate::iac::resource::Call;
use crate::iac::value::Value;
use crate::iac::{Lookup, Node, Reason, Resource};
use crate::input::ReadError;

/// Kinds that call a template, and the property that says which.
const KINDS: [(&str, &str); 3] = [
    ("AWS::CloudFormation::Stack", "TemplateURL"),
    ("AWS::CloudFormation::StackSet", "TemplateURL"),
    ("AWS::Serverless::Application", "Location"),
];
/// Calls in calls.
const MAX_CALLS: usize = 8;

/// What a nested stack is to its caller.
pub(super) struct Nested {
    pub resources: Vec<Resource>,
    outputs: HashMap<Box<str>, Value>,
    /// There may be more outputs.
    open: bool,
}

/// Whether a resource is a stack of its own.
pub(super) fn is_stack(kind: &str) -> bool {
    KINDS.iter().any(|(stack, _)| *stack == kind)
}

/// The path of a template that a relative URL names, from the template that does. Nothing leaves the tree.
pub(super) fn local(url: &str, from: &[u8]) -> Option<Vec<u8>> {
    if url.is_empty() || url.starts_with('/') || url.contains("://") || url.contains("{{") || url.contains('\\') {
        return None;
    }
    let folder = memchr::memrchr(b'/', from).map_or(&[][..], |end| &from[..end]);
    beside(folder, url.as_bytes())
}

impl Template<'_> {
    /// Templates beside this one that it calls.
    pub fn calls(&self) -> Vec<Vec<u8>> {
        let path = |declared: &Declared<'_>| self.within(&declared.scope, || local(&self.url(declared)?, self.path));
        self.all("Resources").iter().filter_map(path).collect()
    }

    fn url(&self, declared: &Declared<'_>) -> Option<String> {
        let kind = self.name(declared.node.get("Type")?)?;
        let (_, property) = KINDS.iter().find(|(stack, _)| *stack == kind)?;
        let url = self.value(declared.node.get("Properties")?.get(property)?);
        url.as_text().map(std::borrow::Cow::into_owned)
    }

    /// What a nested stack holds; None where its template is not here.
    pub fn nested(&self, declared: &Declared<'_>) -> Option<Rc<Nested>> {
        if let Some(known) = self.nested.borrow().get(&declared.name) {
            return known.clone();
        }
        // Who asks again while it is evaluated asks in a circle.
        self.nested.borrow_mut().insert(declared.name.clone(), None);
        let nested = self.within(&declared.scope, || self.call(declared)).map(Rc::new);
        self.nested.borrow_mut().insert(declared.name.clone(), nested.clone());
        nested
    }

    fn call(&self, declared: &Declared<'_>) -> Option<Nested> {
        let project = self.project;
        let path = local(&self.url(declared)?, self.path)?;
        let documents = self.documents(&path, declared)?;
        let circle = project.calls.borrow().iter().any(|caller| **caller == *path);
        if circle || project.calls.borrow().len() > MAX_CALLS || project.instances(1) == 0 {
            project.cut();
            return None;
        }
        let address: Box<str> = self.own(&declared.name).into();
        project.calls.borrow_mut().push(path.clone().into());
        let mut nested = Nested { resources: Vec::new(), outputs: HashMap::new(), open: false };
        for document in documents.iter().filter(|document| is_template(&document.root)) {
            let mut template = Template::new(project, &document.root, &path);
            template.prefix = format!("{address}.").into();
            template.trace =
                self.trace.iter().cloned().chain([Call { place: declared.key, key: None, address: address.clone() }]).collect();
            template.given = self.given(declared);
            let template = template.declared();
            template.tell_macros();
            template.resources(&mut nested.resources);
            nested.open |= template.is_open("Outputs");
            for output in template.all("Outputs") {
                let value = output.node.get("Value").map(|value| template.within(&output.scope, || template.value(value)));
                nested.outputs.extend(value.map(|value| (output.name.clone(), value)));
            }
        }
        project.calls.borrow_mut().pop();
        Some(nested)
    }

    /// The documents of a template that is called, read once.
    fn documents(&self, path: &[u8], declared: &Declared<'_>) -> Called {
        if let Some(known) = self.project.documents.borrow().get(path) {
            return known.clone();
        }
        let documents = self.read(path, declared);
        self.project.documents.borrow_mut().insert(path.into(), documents.clone());
        documents
    }

    fn read(&self, path: &[u8], declared: &Declared<'_>) -> Called {
        let (project, name) = (self.project, String::from_utf8_lossy(path));
        let (file, bytes) = match project.source.files.read(path) {
            Ok(read) => read,
            Err(ReadError::Missing) => {
                project.note(format!("the template {name} of {} is not here", self.own(&declared.name)));
                return None;
            }
            Err(error) => {
                let error = crate::syntax::document::SyntaxError::new(declared.key, format!("{name}: {error}"));
                project.trouble(&error, "nothing in this nested stack was judged");
                return None;
            }
        };
        self.spend(bytes.len())?;
        match document::parse(file, &bytes) {
            Ok(documents) if documents.iter().any(|document| is_template(&document.root)) => {
                for document in &documents {
                    super::tell_duplicates(project, &document.root);
                }
                Some(documents.into())
            }
            Ok(_) => {
                project.note(format!("{name}, which {} calls, is no template with resources", self.own(&declared.name)));
                None
            }
            Err(error) => {
                project.trouble(&error, "nothing in this nested stack was judged");
                None
            }
        }
    }

    /// What the caller gives: a map, or of a stack set, a list of keys and values.
    fn given(&self, declared: &Declared<'_>) -> HashMap<Box<str>, Value> {
        let Some(node) = declared.node.get("Properties").and_then(|properties| properties.get("Parameters")) else {
            return HashMap::new();
        };
        let address = self.own(&declared.name);
        let give = |name: &str, place: Span, value: Value| match value.node {
            Node::Null => None,
            Node::Unknown(_) => Some((name.into(), value)),
            _ => Some((name.into(), value.through(place, &format!("given here to {address} as {name}")))),
        };
        let value = self.value(node);
        match &value.node {
            Node::Map { entries, .. } => {
                entries.iter().filter_map(|entry| give(&entry.key, entry.key_place, entry.value.clone())).collect()
            }
            Node::List { items, .. } => {
                let pair = |item: &Value| match (item.lookup("ParameterKey"), item.lookup("ParameterValue")) {
                    (Lookup::Found(key), Lookup::Found(value)) => give(&key.as_text()?, key.place, value.clone()),
                    _ => None,
                };
                items.iter().filter_map(pair).collect()
            }
            _ => HashMap::new(),
        }
    }

    /// An output of a nested stack.
    pub fn output(&self, declared: &Declared<'_>, name: &str, place: Span) -> Option<Value> {
        let nested = self.nested(declared)?;
        match nested.outputs.get(name) {
            Some(value) => Some(match value.node {
                Node::Unknown(id) => Value::unknown(id, place),
                _ => value.clone().through(place, &format!("used here as {}.Outputs.{name}", declared.name)),
            }),
            None if nested.open => Some(self.unknown(Reason::Macro("Fn::Transform".into()), place)),
            None => None,
        }
    }
}
