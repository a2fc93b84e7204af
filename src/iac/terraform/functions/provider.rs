//! Functions that providers bring along, of those whose result their arguments tell: what the language's own provider
//! writes and reads, and Amazon resource names.

use super::template::alone;
use super::{Call, Failure, Outcome, Table, printed};
use crate::base::text_map::Text;
use crate::iac::value::{Entry, in_order};
use crate::iac::{Node, Value};
use crate::syntax::hcl;

pub(super) const TABLE: Table = &[
    ("provider::aws::arn_build", |call| {
        let mut out = Text::within(b"arn", call.place);
        call.room(call.arguments.iter().map(printed::room).fold(0, usize::saturating_add))?;
        for at in 0..5 {
            out.push_within(b":", call.place);
            out.push_text(&*call.text(at)?);
        }
        Ok(Value::text(out, call.place))
    }),
    ("provider::aws::arn_parse", |call| {
        let arn = call.known(0)?;
        let (bytes, place) = (arn.bytes(), call.argument(0)?.place);
        let ends: Vec<usize> = memchr::memchr_iter(b':', bytes).take(5).collect();
        if ends.len() < 5 || !bytes.starts_with(b"arn:") {
            return Err(Failure::Failed);
        }
        let entry = |(at, name): (usize, &&str)| {
            let start = ends.get(at).map_or(bytes.len(), |end| end + 1);
            let range = start..ends.get(at + 1).copied().unwrap_or(bytes.len());
            let span = arn.span(range.clone()).unwrap_or(place);
            Entry { key: (*name).into(), key_place: call.place, value: Value::text(arn.slice(range), span) }
        };
        let names = ["partition", "service", "region", "account_id", "resource"];
        Ok(Value::map(names.iter().enumerate().map(entry).collect(), false, call.place))
    }),
    ("provider::aws::trim_iam_role_path", |call| {
        let arn = call.known(0)?;
        let bytes = arn.bytes();
        let start = memchr::memmem::find(bytes, b":role/").ok_or(Failure::Failed)? + b":role/".len();
        let name = memchr::memrchr(b'/', bytes).map_or(start, |at| at + 1).max(start);
        let mut out = arn.slice(0..start);
        out.push_slice(&arn, name..bytes.len());
        Ok(call.made(out, 0))
    }),
    ("provider::terraform::decode_tfvars", |call| {
        let text = call.known(0)?;
        call.room(text.len().saturating_mul(64))?;
        let place = call.argument(0)?.place;
        let parsed = hcl::parse_at(&text.to_str(), place);
        if !parsed.broken.is_empty() || !parsed.body.blocks.is_empty() {
            return Err(Failure::Failed);
        }
        let scope = alone(call);
        let entry = |attribute: &hcl::Attribute| Entry {
            key: (*attribute.name).into(),
            key_place: attribute.name_span,
            value: call.terraform.eval(&attribute.value, &scope),
        };
        Ok(Value::map(parsed.body.attributes.iter().map(entry).collect(), false, place))
    }),
    ("provider::terraform::encode_expr", |call| {
        let value = call.argument(0)?;
        let mut out = Text::new();
        call.room(printed::room(value).saturating_mul(2))?;
        expression(call, value, 0, &mut out)?;
        Ok(Value::text(out, call.place))
    }),
    ("provider::terraform::encode_tfvars", |call| {
        let value = call.argument(0)?;
        let Node::Map { entries, open: false } = &value.node else { return Err(super::refused(value)) };
        call.room(printed::room(value).saturating_mul(2))?;
        let mut out = Text::new();
        for entry in in_order(entries) {
            if !is_name(&entry.key) {
                return Err(Failure::Failed);
            }
            out.push_within(entry.key.as_bytes(), entry.key_place);
            out.push_within(b" = ", entry.key_place);
            expression(call, &entry.value, 0, &mut out)?;
            out.push_within(b"\n", entry.key_place);
        }
        Ok(Value::text(out, call.place))
    }),
];

fn is_name(key: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_';
    key.starts_with(first) && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// A value as the language writes it. What is not known cannot be written.
fn expression(call: &Call<'_>, value: &Value, indent: usize, out: &mut Text) -> Outcome<()> {
    let place = value.place;
    match &value.node {
        Node::Text(text) => quoted(text, value, out),
        Node::List { items, open: false } => {
            out.push_within(b"[", place);
            for (number, item) in items.iter().enumerate() {
                out.push_within(if number > 0 { b", " } else { b"" }, place);
                expression(call, item, indent, out)?;
            }
            out.push_within(b"]", place);
        }
        Node::Map { entries, open: false } if entries.is_empty() => out.push_within(b"{}", place),
        Node::Map { entries, open: false } => {
            out.push_within(b"{\n", place);
            for entry in in_order(entries) {
                out.push_within(" ".repeat(indent + 2).as_bytes(), entry.key_place);
                if is_name(&entry.key) {
                    out.push_within(entry.key.as_bytes(), entry.key_place);
                } else {
                    quoted(&Text::within(entry.key.as_bytes(), entry.key_place), &Value::null(entry.key_place), out);
                }
                out.push_within(b" = ", entry.key_place);
                expression(call, &entry.value, indent + 2, out)?;
                out.push_within(b"\n", place);
            }
            out.push_within(" ".repeat(indent).as_bytes(), place);
            out.push_within(b"}", place);
        }
        Node::Null | Node::Bool(_) | Node::Number(_) => printed::json(call, value, out),
        _ => return Err(Failure::Unknown),
    }
    Ok(())
}

/// A quoted string, in which nothing is taken for a template.
fn quoted(text: &Text, value: &Value, out: &mut Text) {
    out.push_within(b"\"", value.place);
    let bytes = text.bytes();
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            b'$' if bytes.get(at + 1) == Some(&b'{') => b"$$",
            b'%' if bytes.get(at + 1) == Some(&b'{') => b"%%",
            _ => continue,
        };
        out.push_slice(text, run..at);
        out.push_within(escape, text.span(at..at + 1).unwrap_or(value.place));
        run = at + 1;
    }
    out.push_slice(text, run..bytes.len());
    out.push_within(b"\"", value.place);
}
