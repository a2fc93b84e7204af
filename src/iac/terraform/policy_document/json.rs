//! A document as JSON, each part with its place.

use crate::base::text_map::Text;
use crate::iac::terraform::Terraform;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Value};

/// Bytes that an item takes beside its text: quotes, commas, brackets.
const ITEM: usize = 8;

impl Terraform<'_> {
    /// The text of a document, at the document's place.
    pub(super) fn written_as_json(&self, document: &Value) -> Value {
        let mut text = Text::new();
        if !self.may_make(document.weight() as usize * (16 + ITEM)) {
            return Self::budget(document.place);
        }
        self.write(document, &mut text);
        Value::text(text, document.place)
    }

    fn write(&self, value: &Value, out: &mut Text) {
        match &value.node {
            Node::Null => out.push_within(b"null", value.place),
            Node::Bool(_) | Node::Number(_) => out.push_within(value.as_text().unwrap_or_default().as_bytes(), value.place),
            Node::Text(text) => string(text, value, out),
            Node::List { items, open } => {
                out.push_within(b"[", value.place);
                for (number, item) in items.iter().enumerate() {
                    self.separated(number, value, out);
                    self.write(item, out);
                }
                if *open {
                    self.separated(items.len(), value, out);
                    out.push_hole(self.unknowns.intern(self.rest_of(value)));
                }
                out.push_within(b"]", value.place);
            }
            Node::Map { entries, open } => {
                out.push_within(b"{", value.place);
                for (number, Entry { key, key_place, value: item }) in entries.iter().enumerate() {
                    self.separated(number, value, out);
                    string(&Text::within(key.as_bytes(), *key_place), &Value::null(*key_place), out);
                    out.push_within(b":", value.place);
                    self.write(item, out);
                }
                if *open {
                    self.separated(entries.len(), value, out);
                    out.push_hole(self.unknowns.intern(self.rest_of(value)));
                    out.push_within(b":null", value.place);
                }
                out.push_within(b"}", value.place);
            }
            Node::Unknown(id) => out.push_hole(*id),
            // More conditions than are looked at.
            Node::Choice { cond, .. } => self.hole(cond, out),
        }
    }

    fn separated(&self, number: usize, around: &Value, out: &mut Text) {
        if number > 0 {
            out.push_within(b",", around.place);
        }
        // Each item is looked at: a long list is paid for.
        self.step();
    }

    fn hole(&self, what: &str, out: &mut Text) {
        out.push_hole(self.unknowns.intern(Reason::Expression(what.into())));
    }
}

/// A string with its quotes. Quotes get the value's own place, so that it is pointed at as it is written.
fn string(text: &Text, value: &Value, out: &mut Text) {
    out.push_within(b"\"", value.place);
    let bytes = text.bytes();
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape = match byte {
            b'"' => "\\\"".to_owned(),
            b'\\' => "\\\\".to_owned(),
            0..0x20 => format!("\\u{byte:04x}"),
            _ => continue,
        };
        out.push_slice(text, run..at);
        out.push_within(escape.as_bytes(), text.span(at..at + 1).unwrap_or(value.place));
        run = at + 1;
    }
    out.push_slice(text, run..bytes.len());
    out.push_within(b"\"", value.place);
}
