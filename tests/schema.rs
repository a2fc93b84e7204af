//! The schema that editors read: fresh, true of every rule file, and no friend of mistakes.

#[path = "support/keeps.rs"]
mod keeps;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use gatepost::load;
use gatepost::rule::raw::{Raw, RawKind};
use keeps::keeps;
use serde_json::{Value, json};
use support::gatepost;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let run = gatepost(root(), &["generate", "schema"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()
}

#[test]
fn the_schema_is_fresh() {
    let kept = fs::read_to_string(root().join("docs/rules.schema.json")).expect("docs/rules.schema.json");
    let fresh = gatepost(root(), &["generate", "schema"]).stdout;
    assert!(fresh == kept, "docs/rules.schema.json is stale: run `cargo run -- generate schema > docs/rules.schema.json`");
}

#[test]
fn every_built_in_rule_file_keeps_the_schema() {
    let (schema, mut files) = (schema(), Vec::new());
    list(&root().join("rules"), &mut files);
    assert!(files.len() > 5);
    for file in files {
        let bytes = fs::read(&file).expect("readable");
        if let Err(wrong) = keeps(&schema, &schema, &value(&load::raw(&bytes).expect("YAML").expect("not empty")), "") {
            panic!("{}: {wrong}", file.display());
        }
    }
}

const RULE: &str = "
- id: acme-acl
  title: t
  severity: low
  why: w
  fix: {text: f, hcl: h}
  for: s3.acl
  where: {any: [{acl: {in: [a, b]}}, {not: {linked: s3.bucket, where: {name: x}}}]}
  message: m
  bad: [{hcl: x, at: y}]
";

#[test]
fn mistakes_do_not_keep_the_schema() {
    let schema = schema();
    let check = |text: &str| keeps(&schema, &schema, &value(&load::raw(text.as_bytes()).expect("YAML").expect("not empty")), "");
    check(RULE).expect("a sound rule");
    for (right, wrong) in [
        ("title: t", "titel: t"),
        ("severity: low", "severity: lo"),
        ("id: acme-acl", "id: Acme"),
        ("fix: {text: f, hcl: h}", "fix: {txt: f}"),
        ("{in: [a, b]}", "{inn: [a, b]}"),
        ("{in: [a, b]}", "{in: a}"),
        ("{in: [a, b]}", "{set: true, unset: true}"),
        ("  message: m\n", ""),
        ("{hcl: x, at: y}", "{hcl: x, cfn: y}"),
        ("for: s3.acl", "for: 3"),
    ] {
        let text = RULE.replace(right, wrong);
        assert_ne!(text, RULE, "{right}");
        check(&text).expect_err(wrong);
    }
    check("- view: a.b\n  kind: {}\n").expect_err("no kinds");
    check("- {}\n").expect_err("nothing");
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|e| e == "yml") {
            files.push(path);
        }
    }
}

fn value(raw: &Raw) -> Value {
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
