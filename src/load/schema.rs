//! A JSON Schema of `.gatepost.yml`, for editors: completion, and a mark under what is no setting.

use serde_json::{Map, Value, json};

use super::config::SHORTEST;
use crate::base::ids::Severity;
use crate::settings::{KEYS, Kind, TOOLS};

/// The schema (draft 2020-12).
#[must_use]
pub fn config() -> Value {
    // A number or a word of YAML is text where text belongs.
    let text = json!({"type": ["string", "integer", "boolean"]});
    let texts = json!({"anyOf": [text, {"type": "array", "items": text}, {"type": "null"}]});
    let some = json!({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]});
    let severity = json!({"enum": Severity::ALL.map(Severity::as_str)});
    let tools: Vec<&str> = TOOLS.into_iter().chain(["all"]).collect();
    // What is there without a value says nothing.
    let or_nothing = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    let mut settings = Map::new();
    for key in KEYS {
        let mut schema = match (key.name, key.kind) {
            ("fail-on", _) => or_nothing(severity.clone()),
            ("incomplete", _) => or_nothing(json!({"enum": ["fail", "warn"]})),
            ("max-file-size", _) => {
                or_nothing(json!({"type": ["string", "integer"], "pattern": "^[0-9]+([bB]|[kKmMgG]([iI]?[bB])?)?$", "minimum": 0}))
            }
            ("honor", _) => json!({"anyOf": [{"enum": tools}, {"type": "array", "items": {"enum": tools}}, {"type": "null"}]}),
            (_, Kind::One) => or_nothing(text.clone()),
            (_, Kind::Replace | Kind::Add) => texts.clone(),
        };
        schema["description"] = key.about.into();
        if let [default] = key.default {
            schema["default"] = (*default).into();
        }
        settings.insert(key.name.to_owned(), schema);
    }
    let print = json!({"type": "string", "pattern": format!("^[0-9a-f]{{{SHORTEST},32}}$")});
    settings.insert(
        "severities".to_owned(),
        json!({
            "type": "object",
            "additionalProperties": severity,
            "description": "Severities of rules, by their ids: instead of the rule's own."
        }),
    );
    settings.insert("allow".to_owned(), json!({
        "type": ["array", "null"],
        "description": "Findings that are accepted, each with a reason. An entry speaks of what everything that it says is true of.",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["reason"],
            "anyOf": [{"required": ["fingerprint"]}, {"required": ["path"]}, {"required": ["path-matches"]}, {"required": ["value"]}, {"required": ["resource"]}],
            "properties": {
                "fingerprint": {"anyOf": [print, {"type": "array", "minItems": 1, "items": print}], "description": "The `id` of a finding, or what it begins with."},
                "rule": {"anyOf": some["anyOf"], "description": "Ids of rules, or families."},
                "path": {"anyOf": some["anyOf"], "description": "Globs as in a .gitignore, from the top of the repository."},
                "path-matches": {"type": text["type"], "description": "A regular expression that is found in the path."},
                "value": {"type": text["type"], "description": "A regular expression that is found in the value of the secret."},
                "resource": {"type": text["type"], "description": "The address of the resource; `*` is any part of it."},
                "reason": {"type": text["type"], "description": "Why it may stand."},
                "until": {"type": text["type"], "format": "date", "description": "The last day on which it may."}
            }
        }
    }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatepost configuration",
        "description": "The configuration of gatepost for a repository, `.gatepost.yml` at its top.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": settings,
    })
}
