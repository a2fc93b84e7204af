//! Texts with names in them: `Fn::Sub`, dynamic references, and values as JSON.

use super::template::Template;
use crate::base::span::Span;
use crate::base::text_map::{HOLE, Text};
use crate::iac::{Node, Reason, Unknowns, Value, text};
use crate::syntax::document::{self, NodeKind};

/// How a reference begins to what is kept elsewhere and read when it is deployed.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
const DYNAMIC: &[u8] = b"{{resolve:";

impl Template<'_> {
    pub fn sub(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let (template, names) = match argument.items() {
            [template, names] => (template, Some(names)),
            [template] => (template, None),
            _ => (argument, None),
        };
        let NodeKind::Text(text) = &template.kind else { return None };
        let text = self.written(text);
        let (bytes, mut parts, mut at) = (text.bytes(), Vec::new(), 0);
        while let Some(open) = memchr::memmem::find(&bytes[at..], b"${").map(|found| at + found) {
            if bytes.get(open + 2) == Some(&b'!') {
                // `${!Literal}` is `${Literal}`.
                parts.push(Value::text(text.slice(at..open + 2), template.span));
                at = open + 3;
                continue;
            }
            let Some(close) = memchr::memchr(b'}', &bytes[open..]).map(|found| open + found) else { break };
            let name = String::from_utf8_lossy(&bytes[open + 2..close]).trim().to_owned();
            parts.push(Value::text(text.slice(at..open), template.span));
            let here = text.span(open..close + 1).unwrap_or(template.span);
            let own = match names {
                Some(names) => self.spend(names.entries().len()).and_then(|()| names.get(&name)),
                None => None,
            };
            let own = own.map(|value| self.value(value));
            parts.push(own.unwrap_or_else(|| match name.split_once('.') {
                Some((address, attribute)) => self.attribute_of(address, attribute, here),
                None => self.refer(&name, here),
            }));
            at = close + 1;
        }
        parts.push(Value::text(text.slice(at..bytes.len()), template.span));
        Some(self.spread(&parts, place, &|parts| self.joined(parts, None, place)))
    }

    /// A text with holes for its dynamic references; None where it has none. The whole reference is the hole, so that no
    /// part of it is taken for a value.
    pub fn dynamic(&self, text: &Text) -> Option<Text> {
        let bytes = text.bytes();
        let mut open = memchr::memmem::find(bytes, DYNAMIC)?;
        let (mut out, mut at) = (Text::new(), 0);
        while let Some(close) = memchr::memmem::find(&bytes[open..], b"}}").map(|found| open + found + 2) {
            if !is_unfilled(&bytes[open + DYNAMIC.len()..close]) {
                out.push_slice(text, at..open);
                let written = String::from_utf8_lossy(&bytes[open..close]).replace(HOLE, "…");
                out.push_hole(self.project.unknowns.intern(Reason::Dynamic(written.into())));
                at = close;
            }
            match memchr::memmem::find(&bytes[close..], DYNAMIC) {
                Some(next) => open = close + next,
                None => break,
            }
        }
        out.push_slice(text, at..bytes.len());
        (at > 0).then_some(out)
    }

    /// A value as JSON in a text, its parts at their places.
    pub fn json(&self, value: &Value, place: Span) -> Value {
        self.spread_deep(std::slice::from_ref(value), place, &|values| {
            if self.spend(values[0].weight() as usize * 16).is_none() {
                return Value::unknown(Unknowns::BUDGET, place);
            }
            let mut text = Text::new();
            self.write(&values[0], &mut text);
            Value::text(text, place)
        })
    }

    fn write(&self, value: &Value, out: &mut Text) {
        let place = value.place;
        let hole = |what: &str| self.project.unknowns.intern(Reason::Expression(what.into()));
        match &value.node {
            Node::Null => out.push_within(b"null", place),
            Node::Bool(_) | Node::Number(_) => out.push_within(value.as_text().unwrap_or_default().as_bytes(), place),
            Node::Text(text) => text::quoted(text, place, out, &text::json_escape),
            Node::List { items, open } => {
                let mut between: &[u8] = b"[";
                for item in items.iter() {
                    out.push_within(between, place);
                    self.write(item, out);
                    between = b",";
                }
                if *open {
                    out.push_within(between, place);
                    out.push_hole(hole("more items"));
                    between = b",";
                }
                out.push_within(if between == b"[" { b"[]" } else { b"]" }, place);
            }
            Node::Map { entries, open } => {
                let mut between: &[u8] = b"{";
                for entry in entries.iter().filter(|entry| !matches!(entry.value.node, Node::Null)) {
                    out.push_within(between, place);
                    text::quoted(&Text::within(entry.key.as_bytes(), entry.key_place), entry.key_place, out, &text::json_escape);
                    out.push_within(b":", place);
                    self.write(&entry.value, out);
                    between = b",";
                }
                if *open {
                    out.push_within(between, place);
                    out.push_hole(hole("more entries"));
                    out.push_within(b":null", place);
                    between = b",";
                }
                out.push_within(if between == b"{" { b"{}" } else { b"}" }, place);
            }
            Node::Unknown(id) => out.push_hole(*id),
            // Choices are taken apart before.
            Node::Choice { .. } => out.push_hole(Unknowns::BUDGET),
        }
    }
}

/// Whether the name in a reference was to be filled in, and is not: `${Name}` out of a `Fn::Sub`, or `{$Name}`. Nothing is
/// called so: names are made of letters, digits and `/_+=.@-`.
fn is_unfilled(reference: &[u8]) -> bool {
    let name = reference.splitn(3, |byte| *byte == b':').nth(1).unwrap_or_default();
    [&b"${"[..], b"{$"].iter().any(|sign| memchr::memmem::find(name, sign).is_some())
}
