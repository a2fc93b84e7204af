//! Values printed as JSON and YAML, every part with its place; what is not known leaves a hole.

use super::Call;
use crate::base::text_map::Text;
use crate::iac::value::in_order;
use crate::iac::{Node, Value, text};

/// Bytes of printed text and its map for one unit of a value's weight.
const ROOM: usize = 128;

/// What a value takes when it is printed.
pub(super) fn room(value: &Value) -> usize {
    (value.weight() as usize).saturating_mul(ROOM)
}

/// JSON for a value, without blanks. Of an open list or map, a hole stands for what else there may be.
pub(super) fn json(call: &Call<'_>, value: &Value, out: &mut Text) {
    let place = value.place;
    match &value.node {
        Node::Null => out.push_within(b"null", place),
        Node::Bool(_) | Node::Number(_) => out.push_within(value.as_text().unwrap_or_default().as_bytes(), place),
        Node::Text(text) => quoted(text, value, out),
        Node::List { items, open } => {
            out.push_within(b"[", place);
            for (number, item) in items.iter().enumerate() {
                out.push_within(if number > 0 { b"," } else { b"" }, place);
                json(call, item, out);
            }
            if *open {
                out.push_within(if items.is_empty() { b"" } else { b"," }, place);
                out.push_hole(call.terraform.unknowns.intern(call.terraform.rest_of(value)));
            }
            out.push_within(b"]", place);
        }
        Node::Map { entries, open } => {
            out.push_within(b"{", place);
            for (number, entry) in in_order(entries).into_iter().enumerate() {
                out.push_within(if number > 0 { b"," } else { b"" }, place);
                quoted(&Text::within(entry.key.as_bytes(), entry.key_place), &Value::null(entry.key_place), out);
                out.push_within(b":", place);
                json(call, &entry.value, out);
            }
            if *open {
                out.push_within(if entries.is_empty() { b"" } else { b"," }, place);
                out.push_hole(call.terraform.unknowns.intern(call.terraform.rest_of(value)));
                out.push_within(b":null", place);
            }
            out.push_within(b"}", place);
        }
        Node::Unknown(id) => out.push_hole(*id),
        // Choices are taken apart before; one that is left is more than the evaluator looks at.
        Node::Choice { .. } => out.push_hole(call.hole("a choice")),
    }
}

/// A string of JSON, as Terraform escapes it. Quotes get the value's own place, so that it is pointed at as it is written.
pub(super) fn quoted(text: &Text, value: &Value, out: &mut Text) {
    text::quoted(text, value.place, out, &|rest| {
        Some(match rest.first()? {
            b'\n' => ("\\n".to_owned(), 1),
            b'\r' => ("\\r".to_owned(), 1),
            b'\t' => ("\\t".to_owned(), 1),
            // What HTML would read.
            byte @ (b'<' | b'>' | b'&') => (format!("\\u{byte:04x}"), 1),
            0xE2 if rest.starts_with("\u{2028}".as_bytes()) => ("\\u2028".to_owned(), 3),
            0xE2 if rest.starts_with("\u{2029}".as_bytes()) => ("\\u2029".to_owned(), 3),
            _ => return text::json_escape(rest),
        })
    });
}

/// YAML for a value, in blocks, behind what stands on its line already.
pub(super) fn yaml(call: &Call<'_>, value: &Value, out: &mut Text) {
    block(call, value, 0, At::Line, out);
    // A document that is one plain word ends with a mark.
    if matches!(value.node, Node::Null | Node::Bool(_) | Node::Number(_)) {
        out.push_within(b"...\n", value.place);
    }
}

/// What stands before a value on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nothing but the indent.
    Line,
    /// `- `, so that a collection may begin on this line.
    Item,
    /// `"key":`
    Key,
}

fn block(call: &Call<'_>, value: &Value, indent: usize, at: At, out: &mut Text) {
    let place = value.place;
    let pad = |out: &mut Text, indent: usize| out.push_within(" ".repeat(indent).as_bytes(), place);
    match &value.node {
        Node::List { items, open } if !items.is_empty() || *open => {
            // Items stand under the key, not further in.
            let indent = if at == At::Key { indent.saturating_sub(2) } else { indent };
            if at == At::Key {
                out.push_within(b"\n", place);
            }
            for (number, item) in items.iter().enumerate() {
                if number > 0 || at != At::Item {
                    pad(out, indent);
                }
                out.push_within(b"- ", place);
                block(call, item, indent + 2, At::Item, out);
            }
            if *open {
                pad(out, indent);
                out.push_within(b"- ", place);
                out.push_hole(call.terraform.unknowns.intern(call.terraform.rest_of(value)));
                out.push_within(b"\n", place);
            }
        }
        Node::Map { entries, open } if !entries.is_empty() || *open => {
            if at == At::Key {
                out.push_within(b"\n", place);
            }
            for (number, entry) in in_order(entries).into_iter().enumerate() {
                if number > 0 || at != At::Item {
                    pad(out, indent);
                }
                quoted_yaml(&Text::within(entry.key.as_bytes(), entry.key_place), &Value::null(entry.key_place), out);
                out.push_within(b":", place);
                block(call, &entry.value, indent + 2, At::Key, out);
            }
            if *open {
                pad(out, indent);
                out.push_hole(call.terraform.unknowns.intern(call.terraform.rest_of(value)));
                out.push_within(b": null\n", place);
            }
        }
        _ => {
            if at == At::Key {
                out.push_within(b" ", place);
            }
            match &value.node {
                Node::Text(text) if text.bytes().contains(&b'\n') && literal(text.bytes()) => lines(text, value, indent, out),
                Node::Text(text) => {
                    quoted_yaml(text, value, out);
                    out.push_within(b"\n", place);
                }
                Node::List { .. } => out.push_within(b"[]\n", place),
                Node::Map { .. } => out.push_within(b"{}\n", place),
                _ => {
                    json(call, value, out);
                    out.push_within(b"\n", place);
                }
            }
        }
    }
}

/// Whether lines can stand as they are.
fn literal(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\t')) && !bytes.starts_with(b"\n") && !bytes.contains(&b'\r')
}

/// A text of several lines, each as it is.
fn lines(text: &Text, value: &Value, indent: usize, out: &mut Text) {
    let bytes = text.bytes();
    let indent = indent.max(2);
    out.push_within(b"|", value.place);
    if bytes.starts_with(b" ") {
        out.push_within(b"2", value.place);
    }
    // What is said about the line breaks at the end.
    out.push_within(
        if bytes.ends_with(b"\n\n") {
            b"+"
        } else if bytes.ends_with(b"\n") {
            b""
        } else {
            b"-"
        },
        value.place,
    );
    out.push_within(b"\n", value.place);
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain((!bytes.ends_with(b"\n")).then_some(bytes.len())) {
        if end > from {
            out.push_within(" ".repeat(indent).as_bytes(), value.place);
        }
        out.push_slice(text, from..(end + 1).min(bytes.len()));
        from = end + 1;
    }
    if !bytes.ends_with(b"\n") {
        out.push_within(b"\n", value.place);
    }
}

/// A string between quotes, with the escapes that YAML has.
fn quoted_yaml(text: &Text, value: &Value, out: &mut Text) {
    text::quoted(text, value.place, out, &|rest| {
        Some(match rest.first()? {
            b'"' => ("\\\"".to_owned(), 1),
            b'\\' => ("\\\\".to_owned(), 1),
            b'\n' => ("\\n".to_owned(), 1),
            b'\r' => ("\\r".to_owned(), 1),
            b'\t' => ("\\t".to_owned(), 1),
            byte @ (0..0x20 | 0x7F) => (format!("\\x{byte:02X}"), 1),
            _ => return None,
        })
    });
}
