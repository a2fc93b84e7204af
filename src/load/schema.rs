//! A JSON Schema of `.gatepost.yml`, for editors: completion, and a mark under what is no setting.

use serde_json::{Map, Value, json};

use super::config::SHORTEST;
use crate::base::ids::Severity;
use crate::settings::{KEYS, Kind, TOOLS};

/// The schema (draft 2020-12).
#[must_use]
pub fn config() -> Value {
    let text = json!({"type": "string"});
    let texts = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]});
    let severity = json!({"enum": Severity::ALL.map(Severity::as_str)});
    let mut settings = Map::new();
    for key in KEYS {
        let mut schema = match (key.name, key.kind) {
            ("fail-on", _) => severity.clone(),
            ("incomplete", _) => json!({"enum": ["fail", "warn"]}),
            ("max-file-size", _) => json!({"type": ["string", "integer"]}),
            ("honor", _) => json!({"anyOf": [{"enum": TOOLS}, {"type": "array", "items": {"enum": TOOLS}}, {"type": "null"}]}),
            (_, Kind::One) => text.clone(),
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
                "fingerprint": {"anyOf": [print, {"type": "array", "items": print}], "description": "The `id` of a finding, or what it begins with."},
                "rule": {"anyOf": [text, {"type": "array", "items": text}], "description": "Ids of rules, or families."},
                "path": {"anyOf": [text, {"type": "array", "items": text}], "description": "Globs as in a .gitignore, from the top of the repository."},
                "path-matches": {"type": "string", "description": "A regular expression that is found in the path."},
                "value": {"type": "string", "description": "A regular expression that is found in the value of the secret."},
                "resource": {"type": "string", "description": "The address of the resource; `*` is any part of it."},
                "reason": {"type": "string", "description": "Why it may stand."},
                "until": {"type": "string", "format": "date", "description": "The last day on which it may."}
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
