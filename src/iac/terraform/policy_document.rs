//! The data source `aws_iam_policy_document`: from its arguments to the JSON that it makes, every part at the place
//! where it was written. Whether what it says is dangerous is judged elsewhere.
//!
//! Documents are merged as the provider does it: sources, then the document's own statements, then overrides; a statement
//! takes the place of an earlier one with the same Sid. What is not known leaves the list of statements open, and never
//! takes away what is known.

mod json;
mod statement;

use std::collections::HashMap;
use std::sync::Arc;

use super::Terraform;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::Entry;
use crate::iac::{Lookup, MAX_INSTANCES, Node, Unknowns, Value};
use crate::syntax::json as reader;

/// Statements of one document that are looked at; a managed policy has room for some hundred.
const MAX_STATEMENTS: usize = 4 * MAX_INSTANCES;
/// Conditions that a document may depend on before the parts behind the others are unknown: each doubles the work.
const MAX_CONDITIONS: u8 = 6;
/// What the provider writes where nothing else is asked for.
const VERSION: &[u8] = b"2012-10-17";

/// Documents put together so far.
#[derive(Default)]
struct Merged {
    version: Option<Value>,
    id: Option<Value>,
    statements: Vec<Value>,
    by_sid: HashMap<Box<str>, usize>,
    /// There may be more statements than these.
    open: bool,
    /// There are more than are looked at.
    cut: bool,
}

impl Merged {
    /// Adds a statement, in the place of one with the same Sid.
    fn add(&mut self, statement: Value) {
        match statement.node {
            Node::Map { .. } => {}
            Node::Null => return,
            _ => return self.open = true,
        }
        let sid = match statement.lookup("Sid") {
            Lookup::Found(sid) => sid.as_text().filter(|sid| !sid.is_empty()).map(Box::<str>::from),
            _ => None,
        };
        if let Some(at) = sid.as_ref().and_then(|sid| self.by_sid.get(sid)) {
            self.statements[*at] = statement;
        } else if self.statements.len() >= MAX_STATEMENTS {
            self.cut = true;
        } else {
            self.by_sid.extend(sid.map(|sid| (sid, self.statements.len())));
            self.statements.push(statement);
        }
    }
}

impl Terraform<'_> {
    /// The JSON of a document with these arguments: text, or a choice of texts where conditions are open. `address` is
    /// what the document is called in the explanation of a merge.
    pub(super) fn policy_document(&self, arguments: &Value, address: &str) -> Value {
        self.document_side(arguments, address, MAX_CONDITIONS)
    }

    fn document_side(&self, arguments: &Value, address: &str, left: u8) -> Value {
        if !self.steps_for(arguments.weight() as usize) {
            return Self::budget(arguments.place);
        }
        match arguments.condition().filter(|_| left > 0) {
            Some(cond) => {
                let side = |holds| self.document_side(&arguments.assume(&cond, holds), address, left - 1);
                Value::choice(cond.clone(), side(true), side(false), arguments.place)
            }
            None => self.document(arguments, address),
        }
    }

    /// The JSON of a document none of whose arguments is a choice.
    fn document(&self, arguments: &Value, address: &str) -> Value {
        let place = arguments.place;
        let mut merged = Merged::default();
        let mut steps: Vec<Span> = Vec::new();
        steps.extend(self.merge_named(&mut merged, arguments, "source_json"));
        steps.extend(self.merge_named(&mut merged, arguments, "source_policy_documents"));
        self.own(&mut merged, arguments);
        steps.extend(self.merge_named(&mut merged, arguments, "override_policy_documents"));
        steps.extend(self.merge_named(&mut merged, arguments, "override_json"));
        if merged.cut {
            self.cut.set(true);
            merged.open = true;
        }
        let version = merged.version.unwrap_or_else(|| Value::text(Text::within(VERSION, place), place));
        let entry = |key: &str, value: Value| Entry { key: key.into(), key_place: place, value };
        let mut entries = vec![entry("Version", version)];
        entries.extend(merged.id.map(|id| entry("Id", id)));
        entries.push(entry("Statement", Value::list(merged.statements, merged.open, place)));
        let whole = Value::map(entries, false, place);
        let text = self.written_as_json(&whole);
        steps.into_iter().fold(text, |text, at| text.through(at, &format!("merged into {address}")))
    }

    /// The document's own arguments: version, id and `statement` blocks.
    fn own(&self, merged: &mut Merged, arguments: &Value) {
        upgrade(merged, arguments, "version");
        if let Lookup::Found(id) = arguments.lookup("policy_id") {
            merged.id = Some(id.clone());
        }
        let blocks = match arguments.lookup("statement") {
            Lookup::Found(blocks) => blocks,
            Lookup::Absent(_) => return,
            Lookup::Unknown(_) => return merged.open = true,
        };
        match &blocks.node {
            Node::List { items, open } => {
                merged.open |= open;
                for block in items.iter() {
                    match self.statement(block) {
                        Some(statement) => merged.add(statement),
                        None => merged.open = true,
                    }
                }
            }
            _ => merged.open = true,
        }
    }

    /// Merges the documents of an argument; the place of its name, if there is any.
    fn merge_named(&self, merged: &mut Merged, arguments: &Value, name: &str) -> Option<Span> {
        let Node::Map { entries, .. } = &arguments.node else { return None };
        let entry = entries.named(name)?;
        self.merge(merged, &entry.value);
        Some(entry.key_place)
    }

    fn merge(&self, merged: &mut Merged, value: &Value) {
        match &value.node {
            Node::Null => {}
            Node::List { items, open } => {
                merged.open |= open;
                for item in items.iter() {
                    // A list of lists is no argument that the provider takes.
                    match &item.node {
                        Node::List { .. } => merged.open = true,
                        _ => self.merge(merged, item),
                    }
                }
            }
            Node::Text(text) if text.bytes().trim_ascii().is_empty() => {}
            Node::Text(text) if merged.statements.len() < MAX_STATEMENTS => match self.parsed(text, value.place) {
                Some(document) => merge_document(merged, &document),
                None => merged.open = true,
            },
            Node::Text(_) | Node::Unknown(Unknowns::BUDGET) => merged.cut = true,
            _ => merged.open = true,
        }
    }

    fn parsed(&self, text: &Arc<Text>, place: Span) -> Option<Value> {
        let affordable = self.steps_for(text.len()) && self.may_make(text.len());
        let node = affordable.then(|| reader::parse_text(text, place).ok()).flatten()?;
        Some(Value::from_node(&node))
    }
}

fn merge_document(merged: &mut Merged, document: &Value) {
    upgrade(merged, document, "Version");
    if let Lookup::Found(id) = document.lookup("Id") {
        merged.id = Some(id.clone());
    }
    match document.lookup("Statement") {
        Lookup::Found(statements) => match &statements.node {
            Node::List { items, open } => {
                merged.open |= open;
                items.iter().for_each(|statement| merged.add(statement.clone()));
            }
            Node::Map { .. } => merged.add(statements.clone()),
            _ => merged.open = true,
        },
        Lookup::Absent(_) if matches!(document.node, Node::Map { .. }) => {}
        _ => merged.open = true,
    }
}

/// The newer of two versions holds.
fn upgrade(merged: &mut Merged, document: &Value, name: &str) {
    let Lookup::Found(version) = document.lookup(name) else { return };
    if merged.version.as_ref().is_none_or(|known| known.as_text() < version.as_text()) {
        merged.version = Some(version.clone());
    }
}

#[cfg(test)]
mod tests;
