//! A small checker of JSON against a JSON Schema.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::support::gatepost;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema that a word of `gatepost generate` prints.
pub fn schema(word: &str) -> Value {
    let run = gatepost(root(), &["generate", word]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()
}

/// What is kept in `docs/` is what the program prints.
pub fn assert_fresh(word: &str, kept: &str) {
    let text = fs::read_to_string(root().join(kept)).expect(kept);
    let fresh = gatepost(root(), &["generate", word]).stdout;
    assert!(fresh == text, "{kept} is stale: run `cargo run -- generate {word} > {kept}`");
}

/// As much of JSON Schema as the schema uses. A word that it does not know is a fault of the schema.
pub fn keeps(schema: &Value, root: &Value, value: &Value, at: &str) -> Result<(), String> {
    let words = schema.as_object().unwrap_or_else(|| panic!("a schema is an object: {schema}"));
    for (word, given) in words {
        let holds = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "examples" | "default" => Ok(()),
            "$ref" => {
                let name = given.as_str().and_then(|to| to.strip_prefix("#/$defs/")).expect("a reference to a definition");
                keeps(root["$defs"].get(name).unwrap_or_else(|| panic!("no definition `{name}`")), root, value, at)
            }
            "anyOf" | "oneOf" => several(word, given.as_array().expect("schemas"), root, value, at),
            "type" | "enum" | "const" | "pattern" | "minimum" => {
                one(word, given, value).then_some(()).ok_or_else(|| format!("{value} is not {given}"))
            }
            _ => match value {
                Value::Object(entries) => of_object(word, given, words, root, entries, at),
                Value::Array(items) => of_array(word, given, root, items, at),
                _ => Ok(()),
            },
        };
        holds.map_err(|wrong| if wrong.contains(": ") { wrong } else { format!("{at}: {wrong}") })?;
    }
    Ok(())
}

fn several(word: &str, schemas: &[Value], root: &Value, value: &Value, at: &str) -> Result<(), String> {
    let wrong: Vec<String> = schemas.iter().filter_map(|schema| keeps(schema, root, value, at).err()).collect();
    let count = schemas.len() - wrong.len();
    if count == 1 || count > 1 && word == "anyOf" { Ok(()) } else { Err(format!("none of {word}: {}", wrong.join(" | "))) }
}

fn one(word: &str, given: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    };
    match word {
        "type" => given.as_array().map_or_else(|| is(given), |names| names.iter().any(is)),
        "enum" => given.as_array().expect("a list").contains(value),
        "const" => given == value,
        "minimum" => value.as_f64().is_none_or(|number| number >= given.as_f64().expect("a number")),
        _ => {
            let pattern = regex_automata::meta::Regex::new(given.as_str().expect("a pattern")).expect("a pattern");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
    }
}

fn of_object(
    word: &str,
    given: &Value,
    words: &Map<String, Value>,
    root: &Value,
    entries: &Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    let number = || usize::try_from(given.as_u64().expect("a number")).expect("small");
    let below = |key: &str| format!("{at}/{key}");
    match word {
        "properties" => {
            let known = given.as_object().expect("schemas");
            entries
                .iter()
                .filter_map(|(key, value)| Some((key, known.get(key)?, value)))
                .try_for_each(|(key, schema, value)| keeps(schema, root, value, &below(key)))
        }
        "additionalProperties" => {
            let known = words.get("properties").and_then(Value::as_object);
            entries.iter().filter(|(key, _)| known.is_none_or(|known| !known.contains_key(*key))).try_for_each(|(key, value)| match given {
                Value::Bool(false) => Err(format!("{at}: no field `{key}`")),
                schema => keeps(schema, root, value, &below(key)),
            })
        }
        "required" => {
            let missing = given.as_array().expect("names").iter().find(|name| !entries.contains_key(name.as_str().expect("a name")));
            missing.map_or(Ok(()), |name| Err(format!("{at}: {name} is missing")))
        }
        "minProperties" if entries.len() < number() => Err(format!("{at}: too few fields")),
        "maxProperties" if entries.len() > number() => Err(format!("{at}: too many fields")),
        "minProperties" | "maxProperties" | "items" | "minItems" | "maxItems" => Ok(()),
        other => panic!("the schema uses `{other}`"),
    }
}

fn of_array(word: &str, given: &Value, root: &Value, items: &[Value], at: &str) -> Result<(), String> {
    let number = || usize::try_from(given.as_u64().expect("a number")).expect("small");
    match word {
        "items" => items.iter().enumerate().try_for_each(|(index, value)| keeps(given, root, value, &format!("{at}/{index}"))),
        "minItems" if items.len() < number() => Err(format!("{at}: too few")),
        "maxItems" if items.len() > number() => Err(format!("{at}: too many")),
        "minItems" | "maxItems" | "properties" | "additionalProperties" | "required" | "minProperties" | "maxProperties" => Ok(()),
        other => panic!("the schema uses `{other}`"),
    }
}
