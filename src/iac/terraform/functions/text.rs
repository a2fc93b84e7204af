//! Strings and conversions.

use super::{Call, Function};
use crate::base::text_map::Text;
use crate::iac::{Node, Value, text};

pub(super) const TABLE: &[(&str, Function)] = &[
    ("chomp", |call| trimmed(call, |bytes| (0, bytes.len() - bytes.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count()))),
    ("format", format),
    ("join", |call| {
        let separator = call.argument(0)?.clone();
        let (items, open) = call.list(1)?;
        if open {
            return None;
        }
        let mut parts = Vec::with_capacity(items.len() * 2);
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                parts.push(separator.clone());
            }
            parts.push(item);
        }
        Some(call.terraform.joined(&parts, call.place))
    }),
    ("lower", |call| mapped(call, str::to_lowercase)),
    ("replace", |call| {
        let (text, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
        // Between slashes stands a regular expression.
        let pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
        let plain = !from.is_empty() && !pattern;
        let replaced =
            plain.then(|| text.replace(&*from, &to)).filter(|made| call.terraform.may_make(made.len()) && made.len() < 1 << 20)?;
        Some(Value::text(Text::within(replaced.as_bytes(), call.argument(0)?.place), call.argument(0)?.place))
    }),
    ("split", |call| {
        let may = |bytes| call.terraform.may_make(bytes);
        text::split(call.argument(1)?, call.text(0)?.as_bytes(), false, call.place, &may)
    }),
    ("sensitive", |call| call.argument(0).cloned()),
    ("nonsensitive", |call| call.argument(0).cloned()),
    ("tobool", |call| call.argument(0).and_then(|value| Some(Value::bool(value.as_bool()?, value.place).carried(value.via.as_ref())))),
    ("tonumber", |call| {
        call.argument(0).and_then(|value| Some(Value::number(value.as_number()?, value.place).carried(value.via.as_ref())))
    }),
    ("tostring", |call| {
        let value = call.argument(0)?;
        if matches!(value.node, Node::Text(_) | Node::Null | Node::Unknown(_)) {
            return Some(value.clone());
        }
        Some(Value::text(Text::within(value.as_text()?.as_bytes(), value.place), value.place).carried(value.via.as_ref()))
    }),
    ("trimspace", |call| trimmed(call, |bytes| (bytes.len() - bytes.trim_ascii_start().len(), bytes.trim_ascii_end().len()))),
    ("upper", |call| mapped(call, str::to_uppercase)),
];

fn mapped(call: &Call<'_>, map: fn(&str) -> String) -> Option<Value> {
    let value = call.argument(0)?;
    let text = value.as_text()?;
    let mapped = map(&text);
    if mapped == text {
        return Some(value.clone());
    }
    Some(Value::text(Text::within(mapped.as_bytes(), value.place), value.place).carried(value.via.as_ref()))
}

fn trimmed(call: &Call<'_>, bounds: fn(&[u8]) -> (usize, usize)) -> Option<Value> {
    let value = call.argument(0)?;
    let Node::Text(text) = &value.node else { return None };
    let (start, end) = bounds(text.bytes());
    Some(Value::text(text.slice(start..end.max(start)), value.place).carried(value.via.as_ref()))
}

/// `format`, with the verbs that print a value as it is; of any other the result is not known.
fn format(call: &Call<'_>) -> Option<Value> {
    let pattern = call.argument(0)?;
    let Node::Text(text) = &pattern.node else { return None };
    let (bytes, mut parts, mut arguments, mut at) = (text.bytes(), Vec::new(), call.arguments.iter().skip(1), 0);
    while let Some(verb) = memchr::memchr(b'%', &bytes[at..]).map(|found| at + found) {
        parts.push(Value::text(text.slice(at..verb), pattern.place));
        match bytes.get(verb + 1)? {
            b'%' => parts.push(Value::text(text.slice(verb + 1..verb + 2), pattern.place)),
            b's' | b'v' | b'd' => parts.push(arguments.next()?.clone()),
            _ => return None,
        }
        at = verb + 2;
    }
    parts.push(Value::text(text.slice(at..bytes.len()), pattern.place));
    Some(call.terraform.joined(&parts, pattern.place))
}
