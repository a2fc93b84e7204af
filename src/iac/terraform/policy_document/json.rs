//! A document as JSON, each part with its place.

use crate::base::text_map::Text;
use crate::iac::terraform::Terraform;
use crate::iac::value::Entry;
use crate::iac::{Node, Reason, Value, text};

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
            Node::Text(text) => text::quoted(text, value.place, out, &text::json_escape),
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
                    text::quoted(&Text::within(key.as_bytes(), *key_place), *key_place, out, &text::json_escape);
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
