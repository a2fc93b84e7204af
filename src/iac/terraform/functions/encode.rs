//! Encodings: JSON out of values and back, with places kept; base64, which keeps none.

use super::{Call, Function};
use crate::base::text_map::Text;
use crate::iac::{Node, Reason, Value};
use crate::syntax::json;

pub(super) const TABLE: &[(&str, Function)] = &[
    ("base64encode", |call| {
        let argument = call.argument(0)?;
        let Node::Text(text) = &argument.node else { return None };
        if text.holes().next().is_some() || !call.terraform.may_make(text.len() * 4 / 3) {
            return None;
        }
        let encoded = data_encoding::BASE64.encode(text.bytes());
        Some(Value::text(Text::within(encoded.as_bytes(), argument.place), argument.place).carried(argument.via.as_ref()))
    }),
    ("jsondecode", |call| {
        let argument = call.argument(0)?;
        let Node::Text(text) = &argument.node else { return None };
        let node = json::parse_text(text, argument.place).ok()?;
        Some(Value::from_node(&node).carried(argument.via.as_ref()))
    }),
    ("jsonencode", |call| {
        let mut text = Text::new();
        let argument = call.argument(0)?;
        if !call.terraform.may_make(argument.weight() as usize * 8) {
            return None;
        }
        write(call, argument, &mut text);
        Some(Value::text(text, call.place))
    }),
];

/// JSON for a value. Of an open list, a hole stands for what else there may be.
fn write(call: &Call<'_>, value: &Value, out: &mut Text) {
    let place = value.place;
    let hole = |out: &mut Text, what: &str| out.push_hole(call.terraform.unknowns.intern(Reason::Expression(what.into())));
    match &value.node {
        Node::Null => out.push_within(b"null", place),
        Node::Bool(_) | Node::Number(_) => out.push_within(value.as_text().unwrap_or_default().as_bytes(), place),
        Node::Text(text) => string(text, value, out),
        Node::List { items, open } => {
            out.push_within(b"[", place);
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push_within(b",", place);
                }
                write(call, item, out);
            }
            if *open {
                out.push_within(if items.is_empty() { b"" } else { b"," }, place);
                hole(out, "more items");
            }
            out.push_within(b"]", place);
        }
        Node::Map { entries, open } => {
            out.push_within(b"{", place);
            for (number, entry) in entries.iter().enumerate() {
                if number > 0 {
                    out.push_within(b",", place);
                }
                let key = serde_json::to_string(&*entry.key).unwrap_or_default();
                out.push_within(key.as_bytes(), entry.key_place);
                out.push_within(b":", place);
                write(call, &entry.value, out);
            }
            if *open {
                out.push_within(if entries.is_empty() { b"" } else { b"," }, place);
                hole(out, "more entries");
                out.push_within(b":null", place);
            }
            out.push_within(b"}", place);
        }
        Node::Unknown(id) => out.push_hole(*id),
        // Choices are taken apart before; one that is left is more than the evaluator looks at.
        Node::Choice { .. } => hole(out, "a choice"),
    }
}

/// A string with its quotes. Quotes get the value's own place, so that it is pointed at as it is written.
fn string(text: &Text, value: &Value, out: &mut Text) {
    out.push_within(b"\"", value.place);
    let bytes = text.bytes();
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: Option<Vec<u8>> = match byte {
            b'"' => Some(b"\\\"".to_vec()),
            b'\\' => Some(b"\\\\".to_vec()),
            b'\n' => Some(b"\\n".to_vec()),
            0..0x20 => Some(format!("\\u{byte:04x}").into_bytes()),
            _ => None,
        };
        if let Some(escape) = escape {
            out.push_slice(text, run..at);
            out.push_within(&escape, text.span(at..at + 1).unwrap_or(value.place));
            run = at + 1;
        }
    }
    out.push_slice(text, run..bytes.len());
    out.push_within(b"\"", value.place);
}
