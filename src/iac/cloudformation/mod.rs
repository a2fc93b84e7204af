//! CloudFormation: a template, evaluated with its parameters' defaults. Conditions that nothing settles stay open.

mod choices;
mod cidr;
mod foreach;
mod intrinsics;
mod logic;
mod nested;
mod parameters;
mod project;
mod sam;
mod sub;
mod template;

use std::borrow::Cow;
use std::collections::HashSet;

use super::document::Source;
use crate::iac::value::key_of;
use crate::iac::{Evaluated, Reason, Unknowns};
use crate::syntax::document::{Document, Node, NodeKind, SyntaxError};

pub use parameters::NO_ECHO;
use project::Project;
use template::Template;

/// Transforms that change nothing that is not seen here: they are AWS's own.
const KNOWN_TRANSFORMS: [&str; 6] = [
    "AWS::LanguageExtensions",
    "AWS::Serverless-",
    "AWS::CodeDeployBlueGreen",
    "AWS::SecretsManager-",
    "AWS::ServiceCatalog",
    "AWS::CodeStar",
];

/// Whether a document is a template.
pub(super) fn is_template(root: &Node) -> bool {
    template::is_template(root)
}

/// Evaluates a template and those beside it that it calls.
pub(super) fn evaluate(source: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    let project = Project::new(source, wanted);
    tell_duplicates(&project, &document.root);
    vec![all(project, &document.root)]
}

/// Evaluates a template that another dialect made, which knows why some of its texts have holes.
pub(super) fn evaluate_made(source: &Source<'_>, root: &Node, unknowns: Unknowns, wanted: &dyn Fn(&str) -> bool) -> Evaluated {
    let mut project = Project::new(source, wanted);
    (project.unknowns, project.made) = (unknowns, true);
    all(project, root)
}

fn all(project: Project<'_>, root: &Node) -> Evaluated {
    let mut resources = Vec::new();
    {
        let template = Template::new(&project, root, project.source.path).declared();
        let header = root.entries().iter().find(|(key, _)| *key_of(key) == *"Resources").map(|(key, _)| key.span);
        project.header.set(header);
        template.tell_macros();
        template.resources(&mut resources);
    }
    project.evaluated(resources)
}

/// Paths of templates beside this one that it calls.
pub(super) fn calls(source: &Source<'_>, document: &Document) -> Vec<Vec<u8>> {
    let project = Project::new(source, &|_| false);
    Template::new(&project, &document.root, source.path).declared().calls()
}

impl Template<'_> {
    /// Says what changes the template when it is deployed and is not known here.
    fn tell_macros(&self) {
        let macros = || Reason::Macro(self.macros().next().unwrap_or_else(|| "Fn::Transform".to_owned()).into());
        if self.is_open("Resources") || intrinsics::has_macro(self.root) || self.macros().next().is_some() {
            self.project.may_be_more(macros());
        }
        for name in self.macros() {
            self.tell(&format!("is changed by {name} when it is deployed"));
        }
        for section in ["Resources", "Parameters", "Conditions", "Mappings", "Outputs"] {
            if self.is_open(section) {
                self.tell(&format!("has more {section} when it is deployed than are written in it"));
            }
            for (key, node) in self.root.get(section).map(Node::entries).unwrap_or_default() {
                if *key_of(key) != *"Fn::Transform" && intrinsics::holds_macro(node) {
                    self.tell(&format!("has more in {section}.{} when it is deployed than is written in it", key_of(key)));
                }
            }
        }
        if intrinsics::has_macro(self.root) {
            self.tell("has more sections when it is deployed than are written in it");
        }
    }

    /// Macros that the whole template goes through and that are not known here.
    fn macros(&self) -> impl Iterator<Item = String> {
        let transform = self.root.get("Transform");
        let names = transform.map(|node| if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() });
        let of = |node: &Node| node.as_str().or_else(|| node.get("Name").and_then(Node::as_str)).map(Cow::into_owned);
        let names = names.unwrap_or_default().iter().filter_map(of);
        names.filter(|name| !KNOWN_TRANSFORMS.iter().any(|known| name.starts_with(known)))
    }

    /// Whether a section may have more entries when it is deployed than are written in it.
    fn may_have_more(&self, section: &str) -> bool {
        self.project.made || self.is_open(section) || intrinsics::has_macro(self.root) || self.macros().next().is_some()
    }

    fn tell(&self, what: &str) {
        self.project.note(format!("{} {what}; it was judged as it is written", String::from_utf8_lossy(self.path)));
    }
}

/// Keys that stand twice in one map are trouble: of resources all are judged, of all else the last one.
fn tell_duplicates(project: &Project<'_>, root: &Node) {
    const LAST: &str = "of two entries by one name only the last one is judged: take one out";
    const ALL: &str = "both are judged, but only one of them can be deployed: take one out";
    // Of sections that stand twice, the last one is read.
    let resources = root.get("Resources").map(|section| section.span);
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.kind {
            NodeKind::List(items) => open.extend(items),
            NodeKind::Map(entries) => {
                let help = if resources == Some(node.span) { ALL } else { LAST };
                let mut known = HashSet::with_capacity(entries.len());
                for (key, value) in entries {
                    let name = key_of(key);
                    if !known.insert(name.clone()) {
                        let error = SyntaxError::new(key.span, format!("{name} stands here for the second time"));
                        project.trouble(&error, help);
                    }
                    open.push(value);
                }
            }
            _ => {}
        }
    }
}

/// Whether a node calls an intrinsic function.
pub(super) fn is_call(node: &Node) -> bool {
    intrinsics::call(node).is_some()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_functions;
#[cfg(test)]
mod tests_reading;
#[cfg(test)]
mod tests_refused;
