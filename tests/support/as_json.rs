//! What was read of YAML, as JSON.

use gatepost::rule::raw::{Raw, RawKind};
use serde_json::{Value, json};

pub fn value(raw: &Raw) -> Value {
    match &raw.kind {
        RawKind::Null => Value::Null,
        RawKind::Bool(value) => json!(value),
        RawKind::Int(value) => json!(value),
        RawKind::Float(value) => json!(value),
        RawKind::Text(value) => json!(value),
        RawKind::List(items) => items.iter().map(self::value).collect(),
        RawKind::Map(entries) => Value::Object(entries.iter().map(|(key, raw)| (key.name.clone(), self::value(raw))).collect()),
    }
}
