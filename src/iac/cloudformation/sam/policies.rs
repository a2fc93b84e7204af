//! `Policies` of a SAM resource: names and ARNs, documents, and the templates of SAM's own, in a list or alone. They
//! become the managed and the inline policies of a role.

use crate::base::span::Span;
use crate::iac::cloudformation::template::Template;
use crate::iac::synthetic::{document, fill, is_name, managed, pseudo, record, taken, word};
use crate::iac::{Node, Reason, Unknowns, Value};

/// What the templates of SAM allow. Its own head says how it is written.
const TEMPLATES: &str = include_str!("../../../../rules/tables/sam-policies.txt");

/// Choices in choices that are looked into.
const MAX_DEPTH: usize = 16;

/// What `Policies` says, by what it becomes: each a value, a choice or a list of such.
#[derive(Default)]
pub(super) struct Policies {
    pub managed: Vec<Value>,
    /// Documents.
    pub inline: Vec<Value>,
    /// There may be more than these.
    pub open: bool,
}

/// One item of `Policies`, null on the side that it is not of.
struct Item {
    managed: Value,
    inline: Value,
}

impl Policies {
    /// Reads the property, whatever form it has.
    pub fn read(template: &Template<'_>, policies: &Value) -> Policies {
        let mut read = Policies::default();
        read.add(template, policies, 0);
        read
    }

    fn add(&mut self, template: &Template<'_>, policies: &Value, depth: usize) {
        match &policies.node {
            Node::Null => {}
            Node::List { items, open } => {
                self.open |= open;
                for item in items.iter() {
                    let item = self::item(template, &item.clone().carried(policies.via.as_ref()), depth);
                    self.keep(item);
                }
            }
            Node::Choice { cond, then, else_ } if depth < MAX_DEPTH && lists(policies, depth) => {
                // Lists on both sides: each item is there on its side.
                let sides = [(then, true), (else_, false)].map(|(side, holds)| {
                    let mut side_policies = Policies::default();
                    side_policies.add(template, &(**side).clone().carried(policies.via.as_ref()), depth + 1);
                    (side_policies, holds)
                });
                for (side, holds) in sides {
                    self.open |= side.open;
                    let on_side = |value: Value| {
                        let (place, nothing) = (value.place, Value::null(value.place));
                        let (then, else_) = if holds { (value, nothing) } else { (nothing, value) };
                        Value::choice(cond.clone(), then, else_, place)
                    };
                    self.managed.extend(side.managed.into_iter().map(on_side));
                    self.inline.extend(side.inline.into_iter().map(on_side));
                }
            }
            _ => {
                let item = self::item(template, policies, depth);
                self.keep(item);
            }
        }
    }

    fn keep(&mut self, item: Item) {
        let there = |value: &Value| !matches!(value.node, Node::Null);
        self.managed.extend(Some(item.managed).filter(there));
        self.inline.extend(Some(item.inline).filter(there));
    }
}

/// Whether some side of a choice is a list.
fn lists(value: &Value, depth: usize) -> bool {
    match &value.node {
        Node::List { .. } => true,
        Node::Choice { then, else_, .. } if depth < MAX_DEPTH => lists(then, depth + 1) || lists(else_, depth + 1),
        _ => false,
    }
}

fn item(template: &Template<'_>, value: &Value, depth: usize) -> Item {
    let nothing = || Value::null(value.place);
    let as_managed = |managed: Value| Item { managed: managed.carried(value.via.as_ref()), inline: nothing() };
    let as_inline = |inline: Value| Item { managed: nothing(), inline: inline.carried(value.via.as_ref()) };
    match &value.node {
        Node::Text(text) if is_name(text) => as_managed(managed(&template.project.unknowns, value)),
        // What a reference names is an ARN.
        Node::Text(_) | Node::Unknown(_) => as_managed(value.clone()),
        Node::Choice { cond, then, else_ } if depth < MAX_DEPTH => {
            let (then, else_) = (item(template, then, depth + 1), item(template, else_, depth + 1));
            let both = |then: Value, else_: Value| match (&then.node, &else_.node) {
                (Node::Null, Node::Null) => nothing(),
                _ => Value::choice(cond.clone(), then, else_, value.place).carried(value.via.as_ref()),
            };
            Item { managed: both(then.managed, else_.managed), inline: both(then.inline, else_.inline) }
        }
        Node::Map { entries, .. } => match &entries[..] {
            _ if entries.iter().any(|entry| &*entry.key == "Statement") => as_inline(value.clone()),
            [entry] => as_inline(template.spread_deep(std::slice::from_ref(&entry.value), entry.key_place, &|parameters| {
                of_template(template, &entry.key, entry.key_place, &parameters[0])
            })),
            _ => as_inline(value.clone()),
        },
        _ => Item { managed: nothing(), inline: nothing() },
    }
}

/// The document of a policy template: `S3ReadPolicy: {BucketName: b}`.
fn of_template(template: &Template<'_>, name: &str, place: Span, parameters: &Value) -> Value {
    let unknowns = &template.project.unknowns;
    let Some(lines) = lines(name) else {
        return Value::unknown(unknowns.intern(Reason::Macro(format!("the policy template {name}").into())), place);
    };
    if template.spend(lines.len() + parameters.weight() as usize).is_none() {
        return Value::unknown(Unknowns::BUDGET, place);
    }
    let named = |part: &str| {
        if part.starts_with("AWS::") {
            return pseudo(unknowns, part, place);
        }
        let value = taken(unknowns, parameters, part);
        if matches!(value.node, Node::Null) { pseudo(unknowns, &format!("{name}.{part}"), place) } else { value }
    };
    let said = |text: &str| fill(unknowns, text, place, &named);
    let (mut statements, mut actions, mut resources, mut condition) = (Vec::new(), Vec::new(), Vec::new(), Value::null(place));
    for line in lines.iter().chain([&""]) {
        let ends = !resources.is_empty() && !line.starts_with(['@', '?']);
        if ends {
            statements.push(record(
                place,
                [
                    ("Effect", word("Allow", place)),
                    ("Action", Value::list(std::mem::take(&mut actions), false, place)),
                    ("Resource", Value::list(std::mem::take(&mut resources), false, place)),
                    ("Condition", std::mem::replace(&mut condition, Value::null(place))),
                ],
            ));
        }
        if let Some(resource) = line.strip_prefix("@ ") {
            resources.push(said(resource));
        } else if let Some((operator, (key, value))) = line
            .strip_prefix("? ")
            .and_then(|rest| rest.split_once(' '))
            .and_then(|(operator, rest)| Some((operator, rest.split_once(' ')?)))
        {
            condition = record(place, [(operator, record(place, [(key, said(value))]))]);
        } else {
            actions.extend(line.split_whitespace().map(|action| word(action, place)));
        }
    }
    document(Value::list(statements, false, place), place).through(place, &format!("as the policy template {name} says"))
}

/// The lines of a template in the table, without their indent.
fn lines(name: &str) -> Option<Vec<&'static str>> {
    let mut lines = TEMPLATES.lines().skip_while(|line| *line != name);
    lines.next().filter(|first| !first.starts_with(['#', ' ']))?;
    Some(lines.map_while(|line| line.strip_prefix("  ")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_of_the_table_has_statements_with_actions_and_resources() {
        let names: Vec<&str> = TEMPLATES.lines().filter(|line| !line.starts_with(['#', ' '])).collect();
        assert_eq!(names.len(), 81, "as many as are published");
        for name in names {
            let lines = lines(name).expect("it is there");
            let resources = lines.iter().filter(|line| line.starts_with("@ ")).count();
            assert!(resources > 0 && !lines[0].starts_with('@'), "{name}");
            let actions = lines.iter().filter(|line| !line.starts_with(['@', '?'])).flat_map(|line| line.split(' '));
            assert!(actions.into_iter().all(|action| action.split_once(':').is_some_and(|(_, name)| !name.is_empty())), "{name}");
        }
        assert!(lines("NoSuchPolicy").is_none() && lines("# x").is_none() && lines("  @ *").is_none());
    }
}
