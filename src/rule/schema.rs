//! A JSON Schema of rule files, for editors: completion, and a mark under what is no field.
//!
//! It says what a file is made of, not what its names mean: that is what a check is for.

use serde_json::{Value, json};

use super::blob::RuleSet;
use super::def::Told;
use super::families;
use crate::base::ids::{Confidence, Severity};

/// The schema (draft 2020-12), with the names of the views of `rules` as examples.
#[must_use]
pub fn schema(rules: &RuleSet) -> Value {
    let mut views: Vec<&str> = rules.views().iter().map(|view| view.name.as_str()).collect();
    views.sort_unstable();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatepost rules",
        "description": "A file of rules, views, tables and modules for gatepost.",
        "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/item"}}, {"$ref": "#/$defs/item"}],
        "$defs": {
            "item": {
                "type": "object",
                "anyOf": [
                    {"required": ["view"], "$ref": "#/$defs/view"},
                    {"required": ["table"], "$ref": "#/$defs/table"},
                    {"required": ["module"], "$ref": "#/$defs/module"},
                    {"required": ["id"], "$ref": "#/$defs/rule"}
                ]
            },
            "text": {"type": "string"},
            "texts": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "scalar": {"type": ["string", "number", "boolean"]},
            "severity": {"enum": Severity::ALL.map(Severity::as_str)},
            "view-name": {"type": "string", "examples": views},
            "rule": rule(&views),
            "example": example(),
            "secret": secret(),
            "file": file(),
            "predicate": predicate(),
            "test": test(),
            "view": view(),
            "shape": shape(),
            "table": table(),
            "module": module(),
        }
    })
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn said(description: &str, mut schema: Value) -> Value {
    schema["description"] = description.into();
    schema
}

fn rule(views: &[&str]) -> Value {
    let families: Vec<&str> = families::all().collect();
    json!({
        "type": "object",
        "required": ["id", "title", "severity", "why", "fix"],
        "anyOf": [{"required": ["secret"]}, {"required": ["file"]}, {"required": ["suppression"]}, {"required": ["for", "where", "message"]}],
        "additionalProperties": false,
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9-]*$",
                "description": "Lower-case letters, digits and `-`. A rule of a built-in one's id takes its place."
            },
            "families": said("What findings of several rules are compared by.", json!({"anyOf": [
                {"type": "string", "examples": families},
                {"type": "array", "items": {"type": "string", "examples": families}}
            ]})),
            "title": said("What it finds, in a few words.", to("text")),
            "severity": said("Medium and above fail a scan, unless somebody says otherwise.", to("severity")),
            "confidence": {"enum": Confidence::ALL.map(Confidence::as_str), "default": "high"},
            "default-on": {"type": "boolean", "default": true, "description": "False: only where somebody selects it."},
            "aliases": said("Old and foreign ids that also name it.", to("texts")),
            "why": said("What an attacker gets, or what breaks, where nobody acts.", to("text")),
            "fix": said("What to do; what to write instead, by dialect.", json!({"anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["text"],
                    "additionalProperties": false,
                    "properties": {"text": to("text"), "hcl": to("text"), "cfn": to("text")}
                }
            ]})),
            "references": said("Addresses of documentation.", to("texts")),
            "controls": said("Controls of benchmarks: `CIS 3.0.0: 2.1.4`.", to("texts")),
            "since": to("text"),
            "bad": said("What must be found.", json!({"type": "array", "items": to("example")})),
            "good": said("What must be left alone.", json!({"type": "array", "items": to("example")})),
            "secret": to("secret"),
            "file": to("file"),
            "suppression": {"enum": Told::ALL.map(Told::as_str), "description": "Which ignores, allow lists and baselines it tells of."},
            "for": said("Views, kinds of resources, `project` or `files`.", json!({"anyOf": [
                {"type": "string", "examples": views},
                {"type": "array", "items": {"type": "string", "examples": views}}
            ]})),
            "when": said("Only where this holds.", to("predicate")),
            "where": said("What is wrong.", to("predicate")),
            "at": said("The name that a finding points at.", to("text")),
            "message": said("`{name}` is an evaluated value; `{anchor}` what it is about, `{address}` the resource.", to("text")),
            "lower": said("Where a finding weighs less, and what is said then.", json!({
                "type": "object",
                "required": ["where", "severity", "message"],
                "additionalProperties": false,
                "properties": {"where": to("predicate"), "severity": to("severity"), "message": to("text")}
            })),
            "unknown": said("Names that may be unknown and are told all the same, with low confidence.", json!({
                "type": "object",
                "additionalProperties": {"enum": ["possible"]}
            })),
        }
    })
}

fn example() -> Value {
    let one = |name: &str| json!({"required": [name]});
    json!({"anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "additionalProperties": false,
            "oneOf": [one("text"), one("gen"), one("hex"), one("hcl"), one("cfn"), one("tree")],
            "properties": {
                "text": to("text"),
                "hex": said("A file that is no text: pairs of hexadecimal digits.", to("text")),
                "gen": said("Text in which `{generator}` is a made value.", to("text")),
                "hcl": said("Terraform.", to("text")),
                "cfn": said("CloudFormation or SAM.", to("text")),
                "tree": said("Several files, by path.", json!({"type": "object", "additionalProperties": to("text")})),
                "name": said("The path that it stands at.", to("text")),
                "at": said("The text that the finding must begin at.", to("text")),
                "severity": said("What the finding must weigh.", to("severity")),
                "message": said("What the finding must say.", to("text"))
            }
        }
    ]})
}

fn secret() -> Value {
    json!({
        "type": "object",
        "required": ["pattern"],
        "oneOf": [{"required": ["keywords"]}, {"required": ["named"]}],
        "additionalProperties": false,
        "properties": {
            "keywords": said("At least one stands in every match.", to("texts")),
            "named": said("Instead of keywords: what stands in front of the value, a blank for any separator.", to("texts")),
            "pattern": said("A bounded regular expression; the group `secret`, or else the match, is the value.", to("text")),
            "within": said("The pattern is of the value alone, so many bytes behind a keyword at most.", json!({"type": "integer", "minimum": 1})),
            "reach": {"type": "integer", "minimum": 0},
            "validate": to("texts"),
            "entropy": said("The least of the value, in bits a byte.", json!({"type": "number"})),
            "show": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "pair": {
                "type": "object",
                "required": ["with"],
                "additionalProperties": false,
                "properties": {
                    "with": to("text"), "pattern": to("text"), "entropy": {"type": "number"}, "validate": to("texts"),
                    "alone": to("severity"),
                    "also": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["with"],
                            "additionalProperties": false,
                            "properties": {
                                "with": to("text"), "pattern": to("text"), "entropy": {"type": "number"}, "validate": to("texts"),
                                "prefix": to("text"), "proof": to("text")
                            }
                        }
                    }
                }
            }
        }
    })
}

fn file() -> Value {
    json!({
        "type": "object",
        "required": ["names", "reader", "judge"],
        "additionalProperties": false,
        "properties": {"names": to("texts"), "except": to("texts"), "reader": to("text"), "keys": to("texts"), "judge": to("text")}
    })
}

/// A key is a path with a test, or a word of the language; some of these may be attributes too.
fn predicate() -> Value {
    let list = || json!({"type": "array", "items": to("predicate")});
    let set = |what: &str| said(what, json!({"anyOf": [to("view-name"), to("test")]}));
    let or_test = |what: &str, schema: Value| said(what, json!({"anyOf": [schema, to("test")]}));
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": {
            "all": said("All of these hold.", list()),
            "any": said("One of these holds.", list()),
            "not": said("This does not hold.", to("predicate")),
            "some": set("Some element of a list, instance of a view, or file (`files:GLOB`)."),
            "every": set("Every one."),
            "none": set("Not one."),
            "linked": set("Instances of a view that are about the same resource."),
            "as": said("What an element is called in `where`.", to("text")),
            "where": to("predicate"),
            "quant": {"enum": ["some", "every", "none"]},
            "count": or_test("How many there are.", json!({
                "type": "object",
                "oneOf": [{"required": ["of"]}, {"required": ["linked"]}],
                "additionalProperties": false,
                "properties": {
                    "of": to("view-name"), "linked": to("view-name"), "where": to("predicate"), "as": to("text"),
                    "ge": {"type": "integer"}, "le": {"type": "integer"}, "eq": {"type": "integer"}
                }
            })),
            "allows": or_test("What a statement of a policy allows.", json!({
                "type": "object",
                "required": ["action", "on"],
                "additionalProperties": false,
                "properties": {"action": {"type": "string"}, "on": {"type": "string"}, "without": to("texts")}
            })),
            "public": or_test("Whether anybody may use it.", json!({"enum": ["L1", "L2"]})),
            "serves": or_test("A web server's configuration gives out one of these paths as a file.", json!({
                "type": "object",
                "required": ["path"],
                "additionalProperties": false,
                "properties": {"path": to("texts")}
            }))
        },
        "additionalProperties": to("test")
    })
}

fn test() -> Value {
    let scalars = || json!({"type": "array", "items": to("scalar")});
    // Or a path to one.
    let number = json!({"type": ["number", "string"]});
    json!({"anyOf": [
        to("scalar"),
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "properties": {
                "in": said("One of these.", scalars()),
                "not-in": said("None of these.", scalars()),
                "glob": said("`*` is any text.", to("text")),
                "regex": said("A regular expression, anywhere in the text.", to("text")),
                "lt": number, "le": number, "gt": number, "ge": number,
                "older": said("A name of a table: listed there with a date that has passed.", to("text")),
                "set": {"const": true},
                "unset": {"const": true},
                "ref": said("It refers to an instance of a view.", to("view-name")),
                "secret": said("It holds a secret of these families.", to("texts")),
                "contains": said("Of a list, a text or a range.", to("scalar")),
                "covers": said("CIDR ranges, any of which lies within it.", json!({"type": "array", "items": {"type": "string"}}))
            }
        }
    ]})
}

fn view() -> Value {
    json!({
        "type": "object",
        "required": ["view", "kinds"],
        "additionalProperties": false,
        "properties": {
            "view": {"type": "string", "description": "`domain.thing`"},
            "default": said("What the provider takes where nothing is said.", json!({"type": "object", "additionalProperties": to("scalar")})),
            "carriers": said("Kinds of modules and resources that may hold such a thing unseen.", to("texts")),
            "kinds": said("Kinds of resources, `aws_s3_bucket` or `AWS::S3::Bucket`.", json!({
                "type": "object",
                "minProperties": 1,
                "additionalProperties": to("shape")
            }))
        }
    })
}

fn shape() -> Value {
    let path = || json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    json!({
        "type": "object",
        "properties": {
            "each": said("Instances are the elements of this.", to("text")),
            "document": said("Instances are the statements of the policies under these.", path()),
            "anchor": said("What an instance is about: attributes, or `self`.", to("texts")),
            "only": said("Instances are there only where this holds.", to("predicate"))
        },
        "additionalProperties": {"anyOf": [
            {"type": "string"},
            {"type": "null"},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": false,
                "properties": {
                    "path": path(),
                    "map": said("What its values are called in the view.", json!({"type": "object", "additionalProperties": to("scalar")})),
                    "range": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
                    "value": said("The same in every instance.", to("scalar")),
                    "default": said("What the provider takes where nothing is said.", to("scalar"))
                }
            }
        ]}
    })
}

fn table() -> Value {
    json!({
        "type": "object",
        "required": ["table", "as-of", "entries"],
        "additionalProperties": false,
        "properties": {
            "table": to("text"),
            "as-of": said("The day that it was looked at: 2026-11-01.", to("text")),
            "entries": said("A date by name.", json!({"type": "object", "additionalProperties": to("text")}))
        }
    })
}

fn module() -> Value {
    json!({
        "type": "object",
        "required": ["module", "taken-from", "hcl"],
        "additionalProperties": false,
        "properties": {
            "module": said("As a registry names it.", to("text")),
            "sources": to("texts"),
            "versions": {"type": "array", "items": {"type": "integer"}},
            "taken-from": to("text"),
            "hcl": said("What of it rules look at, in Terraform's own language.", to("text"))
        }
    })
}
