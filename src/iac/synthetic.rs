//! Values and resources that a dialect makes of what is written in a shorter form: the role of a SAM function, the
//! statements of a policy template. What is made stands at the place that it is made for.

use crate::base::span::Span;
use crate::base::text_map::{HOLE, Text};
use crate::base::truth::Assumption;

use super::value::Entry;
use super::{Lookup, Node, Reason, Resource, Unknowns, Value};

/// Policies of AWS whose ARN has a path.
const MANAGED: &str = include_str!("../../rules/tables/aws-managed-policies.txt");

/// A word that nobody wrote.
pub(super) fn word(word: &str, place: Span) -> Value {
    Value::text(Text::within(word.as_bytes(), place), place)
}

/// An attribute of a resource that exists once it is made.
pub(super) fn reference(unknowns: &Unknowns, address: &str, attribute: &str, place: Span) -> Value {
    Value::unknown(unknowns.intern(Reason::Reference { address: address.into(), attribute: attribute.into() }), place)
}

/// A map of what is there: of nothing, nothing is said.
pub(super) fn record<'k>(place: Span, entries: impl IntoIterator<Item = (&'k str, Value)>) -> Value {
    let there = entries.into_iter().filter(|(_, value)| !matches!(value.node, Node::Null));
    Value::map(there.map(|(key, value)| Entry { key: key.into(), key_place: value.place, value }).collect(), false, place)
}

/// What a map has under a name, on each side of its conditions; null where it has nothing.
pub(super) fn taken(unknowns: &Unknowns, from: &Value, name: &str) -> Value {
    if let Node::Choice { cond, then, else_ } = &from.node {
        let (then, else_) = (taken(unknowns, then, name), taken(unknowns, else_, name));
        if matches!((&then.node, &else_.node), (Node::Null, Node::Null)) {
            return then;
        }
        return Value::choice(cond.clone(), then, else_, from.place).carried(from.via.as_ref());
    }
    match from.lookup(name) {
        Lookup::Found(value) => value.clone().carried(from.via.as_ref()),
        Lookup::Absent(place) => Value::null(place),
        Lookup::Unknown(_) => match &from.node {
            Node::Unknown(id) => Value::unknown(*id, from.place),
            _ => Value::unknown(unknowns.intern(Reason::Macro("Fn::Transform".into())), from.place),
        },
    }
}

/// A text with its `{names}` filled in; what is not known in full is a hole.
pub(super) fn fill(unknowns: &Unknowns, template: &str, place: Span, named: &dyn Fn(&str) -> Value) -> Value {
    let (mut text, mut rest, mut via, mut only) = (Text::new(), template, None, None);
    while let Some((before, name, after)) =
        rest.split_once('{').and_then(|(before, rest)| rest.split_once('}').map(|(name, after)| (before, name, after)))
    {
        text.push_within(before.as_bytes(), place);
        let value = named(name);
        via = via.or(value.via.clone());
        match &value.node {
            Node::Text(part) => text.push_text(part),
            Node::Unknown(id) => text.push_hole(*id),
            _ => match value.as_text() {
                Some(printed) => text.push_within(printed.as_bytes(), value.place),
                None => text.push_hole(unknowns.intern(Reason::Expression(name.into()))),
            },
        }
        if before.is_empty() && after.is_empty() && rest.len() == template.len() {
            only = Some(value);
        }
        rest = after;
    }
    if let Some(only) = only {
        return only;
    }
    text.push_within(rest.as_bytes(), place);
    Value::text(text, place).carried(via.as_ref())
}

/// The ARN of a policy of AWS, by its name.
pub(super) fn managed(unknowns: &Unknowns, name: &Value) -> Value {
    let known = name.as_text();
    let path = known.as_deref().and_then(|known| {
        let mut lines = MANAGED.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' '));
        lines.find_map(|mut words| words.next().filter(|_| words.any(|word| word == known)))
    });
    let arn = path.map_or_else(
        || "arn:{AWS::Partition}:iam::aws:policy/{name}".to_owned(),
        |path| format!("arn:{{AWS::Partition}}:iam::aws:policy/{path}/{{name}}"),
    );
    fill(unknowns, &arn, name.place, &|part| if part == "name" { name.clone() } else { pseudo(unknowns, part, name.place) })
}

/// Whether a text is the name of a policy, and no ARN or what may be one.
pub(super) fn is_name(text: &Text) -> bool {
    !text.bytes().contains(&b':') && !text.bytes().starts_with(HOLE.as_bytes())
}

/// A pseudo parameter: `AWS::Partition`.
pub(super) fn pseudo(unknowns: &Unknowns, name: &str, place: Span) -> Value {
    Value::unknown(unknowns.intern(Reason::Unset(name.into())), place)
}

/// A policy document that allows a service to take a role.
pub(super) fn trust(service: &str, place: Span) -> Value {
    let statement = record(
        place,
        [
            ("Effect", word("Allow", place)),
            ("Principal", record(place, [("Service", Value::list(vec![word(service, place)], false, place))])),
            ("Action", Value::list(vec![word("sts:AssumeRole", place)], false, place)),
        ],
    );
    document(Value::list(vec![statement], false, place), place)
}

/// A policy document of statements.
pub(super) fn document(statements: Value, place: Span) -> Value {
    record(place, [("Version", word("2012-10-17", place)), ("Statement", statements)])
}

/// A resource that nobody wrote as such.
pub(super) fn resource(address: &str, kind: &str, attrs: Value, when: Assumption) -> Resource {
    let header = attrs.place;
    Resource {
        address: address.into(),
        plain_address: address.into(),
        kind: kind.into(),
        attrs,
        header,
        key: None,
        trace: Vec::new(),
        when,
    }
}
