//! Statements in their normal form, whatever carries them: one name for each element, lists where one would do, every
//! part at its own place.
//!
//! | name | from | normal form |
//! |---|---|---|
//! | `sid`, `effect` | `Sid`, `Effect` | text |
//! | `action`, `not_action`, `resource`, `not_resource` | `Action` .. | list of texts |
//! | `principal`, `not_principal` | `Principal`, `NotPrincipal` | list of `{type, id}`; `"*"` is `{type: '*', id: '*'}` |
//! | `condition` | `Condition` | list of `{operator, key, values, binds}`; the key in small letters |
//!
//! What is not known stays so: an element, an item of a list, an entry of a map.

use super::condition::Operator;
use crate::base::text_map::Text;
use crate::iac::value::Entry;
use crate::iac::{Node, Value};

/// An element of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Sid,
    Effect,
    Action,
    NotAction,
    Resource,
    NotResource,
    Principal,
    NotPrincipal,
    Condition,
}

impl Element {
    pub const ALL: [Element; 9] = [
        Element::Sid,
        Element::Effect,
        Element::Action,
        Element::NotAction,
        Element::Resource,
        Element::NotResource,
        Element::Principal,
        Element::NotPrincipal,
        Element::Condition,
    ];

    /// As rules call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Element::Sid => "sid",
            Element::Effect => "effect",
            Element::Action => "action",
            Element::NotAction => "not_action",
            Element::Resource => "resource",
            Element::NotResource => "not_resource",
            Element::Principal => "principal",
            Element::NotPrincipal => "not_principal",
            Element::Condition => "condition",
        }
    }

    /// As policies call it; letters of the other case make it nothing.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Element::Sid => "Sid",
            Element::Effect => "Effect",
            Element::Action => "Action",
            Element::NotAction => "NotAction",
            Element::Resource => "Resource",
            Element::NotResource => "NotResource",
            Element::Principal => "Principal",
            Element::NotPrincipal => "NotPrincipal",
            Element::Condition => "Condition",
        }
    }

    /// The element of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Element> {
        Element::ALL.into_iter().find(|element| element.name() == name)
    }

    /// A value without choices, as it stands in a policy, in the normal form.
    #[must_use]
    pub fn normal(self, value: &Value) -> Value {
        match self {
            Element::Sid | Element::Effect => value.clone(),
            Element::Action | Element::NotAction | Element::Resource | Element::NotResource => listed(value),
            Element::Principal | Element::NotPrincipal => principals(value),
            Element::Condition => conditions(value),
        }
    }
}

/// A list, of one where there is no list.
fn listed(value: &Value) -> Value {
    match &value.node {
        Node::List { .. } | Node::Unknown(_) | Node::Null => value.clone(),
        _ => Value::list(vec![value.clone()], false, value.place).carried(value.via.as_ref()),
    }
}

fn map(value: &Value, entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let entry = |(key, value): (&str, Value)| Entry { key: key.into(), key_place: value.place, value };
    Value::map(entries.into_iter().map(entry).collect(), false, value.place).carried(value.via.as_ref())
}

fn principals(value: &Value) -> Value {
    let word = |word: &str, value: &Value| Value::text(Text::within(word.as_bytes(), value.place), value.place);
    let one = |kind: Value, id: &Value| map(id, [("type", kind), ("id", id.clone().carried(value.via.as_ref()))]);
    match &value.node {
        Node::Map { entries, open } => {
            let mut all = Vec::new();
            let mut more = *open;
            for Entry { key, key_place, value: ids } in entries.iter() {
                let kind = || Value::text(Text::within(key.as_bytes(), *key_place), *key_place);
                match &ids.node {
                    Node::List { items, open } => {
                        more |= open;
                        all.extend(items.iter().filter(|item| !matches!(item.node, Node::Null)).map(|id| one(kind(), id)));
                    }
                    Node::Null => {}
                    _ => all.push(one(kind(), ids)),
                }
            }
            Value::list(all, more, value.place).carried(value.via.as_ref())
        }
        Node::Text(text) if text.bytes() == b"*" => {
            Value::list(vec![one(word("*", value), value)], false, value.place).carried(value.via.as_ref())
        }
        // No policy that AWS takes, but plain enough.
        Node::List { items, open } => {
            let one = |id: &Value| match &id.node {
                Node::Text(text) => one(word(if text.bytes() == b"*" { "*" } else { "" }, id), id),
                _ => id.clone(),
            };
            Value::list(items.iter().map(one).collect(), *open, value.place).carried(value.via.as_ref())
        }
        // Text that is no star is no principal.
        Node::Text(_) => Value::list(vec![one(word("", value), value)], false, value.place).carried(value.via.as_ref()),
        _ => value.clone(),
    }
}

fn conditions(value: &Value) -> Value {
    let Node::Map { entries: operators, open } = &value.node else { return value.clone() };
    let (mut all, mut more) = (Vec::new(), *open);
    for Entry { key: operator, key_place, value: keys } in operators.iter() {
        match &keys.node {
            Node::Map { entries, open } => {
                more |= open;
                all.extend(entries.iter().map(|entry| condition(operator, *key_place, entry)));
            }
            Node::Null => {}
            Node::Unknown(id) => all.push(Value::unknown(*id, keys.place)),
            _ => more = true,
        }
    }
    Value::list(all, more, value.place).carried(value.via.as_ref())
}

fn condition(operator: &str, place: crate::base::span::Span, Entry { key, key_place, value }: &Entry) -> Value {
    let binds = Operator::parse(operator).is_some_and(Operator::binds);
    map(
        value,
        [
            ("operator", Value::text(Text::within(operator.as_bytes(), place), place)),
            ("key", Value::text(Text::within(key.to_ascii_lowercase().as_bytes(), *key_place), *key_place)),
            ("values", listed(value)),
            ("binds", Value::bool(binds, place)),
        ],
    )
    .at(*key_place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::{FileId, Span};
    use crate::syntax::json;

    fn read(source: &str) -> Value {
        let text = Text::exact(source.as_bytes(), Span::new(FileId(0), 0..u32::try_from(source.len()).expect("small")));
        Value::from_node(&json::parse_text(&text, Span::new(FileId(0), 0..1)).expect("JSON"))
    }

    #[test]
    fn principals_of_every_spelling_are_types_and_ids_at_their_places() {
        for (source, normal) in [
            ("\"*\"", "type: *, id: *"),
            ("{\"AWS\": \"*\"}", "type: AWS, id: *"),
            ("[\"x\", \"*\"]", "type: , id: x, type: *, id: *"),
            ("{\"AWS\": [\"1\", \"2\"], \"Service\": \"s\"}", "type: AWS, id: 1, type: AWS, id: 2, type: Service, id: s"),
        ] {
            let value = Element::Principal.normal(&read(source));
            assert_eq!(value.print(), normal);
            let Node::List { items, .. } = &value.node else { panic!("a list") };
            let last = items.last().expect("one");
            let id = match last.lookup("id") {
                crate::iac::Lookup::Found(id) => id.place,
                _ => panic!("an id"),
            };
            let at = source.rfind(['*', '2', 's']).expect("there");
            assert!(id.start as usize <= at && at < id.end as usize && id.len() <= 3, "{source}: {id:?}");
        }
    }

    #[test]
    fn conditions_are_entries_with_keys_in_small_letters() {
        let value =
            read("{\"StringEquals\": {\"aws:SourceVpce\": \"v\"}, \"StringLikeIfExists\": {\"AWS:PrincipalOrgID\": [\"o\", true]}}");
        assert_eq!(
            Element::Condition.normal(&value).print(),
            "operator: StringEquals, key: aws:sourcevpce, values: v, binds: true, \
             operator: StringLikeIfExists, key: aws:principalorgid, values: o, true, binds: false"
        );
    }

    #[test]
    fn one_is_a_list_of_one_and_nothing_stays_nothing() {
        assert_eq!(Element::Action.normal(&read("\"s3:*\"")).print(), "s3:*");
        assert!(matches!(Element::Action.normal(&read("null")).node, Node::Null));
        assert!(Element::ALL.iter().all(|element| Element::named(element.name()) == Some(*element)));
    }
}
