//! The schema that editors read: fresh, true of every rule file, and no friend of mistakes.

#[path = "support/as_json.rs"]
mod as_json;
#[path = "support/keeps.rs"]
mod keeps;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use as_json::value;
use gatepost::load::{self, Holds};
use keeps::{assert_fresh, keeps, root, schema};

#[test]
fn the_schema_is_fresh() {
    assert_fresh("schema", "docs/rules.schema.json");
}

#[test]
fn every_built_in_rule_file_keeps_the_schema() {
    let (schema, mut files) = (schema("schema"), Vec::new());
    list(&root().join("rules"), &mut files);
    assert!(files.len() > 5);
    for file in files {
        let bytes = fs::read(&file).expect("readable");
        if let Err(wrong) = keeps(&schema, &schema, &value(&load::raw(&bytes, Holds::Rules).expect("YAML").expect("not empty")), "") {
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
    let schema = schema("schema");
    let check =
        |text: &str| keeps(&schema, &schema, &value(&load::raw(text.as_bytes(), Holds::Rules).expect("YAML").expect("not empty")), "");
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
