//! Reports for programs, and what is made of saved ones: the schema, `report`, `diff`.

#[path = "support/keeps.rs"]
mod keeps;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use gatepost::render::FORMATS;
use keeps::{assert_fresh, keeps, root, schema};
use serde_json::{Value, json};
use support::{command, credentials, finish, gatepost, made, write};

/// The same, in which a field that it does not name is a fault.
fn strict(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                if map.contains_key("properties") && !map.contains_key("$ref") {
                    map.insert("additionalProperties".to_owned(), json!(false));
                }
                map.values_mut().for_each(close);
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

/// The schema of a line: one type's fields, and `type` beside them.
fn line_schema(kind: &str) -> Value {
    let mut schema = strict(schema("report-schema"));
    schema["$defs"][kind]["properties"]["type"] = json!({"const": kind});
    schema
}

/// A folder with findings of every kind, one ignored, a broken file and a zip file.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("made");
    let path = folder.path();
    write(path, "deploy/credentials.ini", credentials(1));
    write(path, "old.ini", format!("# gatepost: ignore[aws-access-key] a fixture\naws_access_key_id = {}\n", made("aws-key-id", 7)));
    write(
        path,
        "infra/main.tf",
        "variable \"acl\" {\n  default = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n}\n\
         resource \"aws_s3_bucket\" \"c\" {\n  acl = var.unknown\n}\n",
    );
    write(path, "infra/broken.tf", "resource \"x\" \"y\" {\n  a = [\n");
    folder
}

#[test]
fn the_schema_is_fresh() {
    assert_fresh("report-schema", "docs/report.schema.json");
}

#[test]
fn reports_keep_the_schema_and_it_names_every_field() {
    let schema = strict(schema("report-schema"));
    let folder = tree();
    let scanned = gatepost(folder.path(), &["scan", "--isolated", "--select", "all", "--format", "json"]).json();
    assert!(scanned["findings"].as_array().is_some_and(|all| all.len() > 2) && scanned["complete"] == false, "{scanned}");
    keeps(&schema, &schema, &scanned, "").expect("a scan");
    keeps(&schema, &schema, &sample("json"), "").expect("the sample");
    let empty = tempfile::tempdir().expect("made");
    keeps(&schema, &schema, &gatepost(empty.path(), &["scan", "--isolated", "--format", "json"]).json(), "").expect("an empty report");
    for (pointer, wrong) in [
        ("/findings/0/severity", json!("urgent")),
        ("/findings/0/start/line", json!(0)),
        ("/findings/0/fingerprint", json!("xyz")),
        ("/schema_version", json!(2)),
        ("/counts/scanned", json!("1")),
    ] {
        let mut broken = scanned.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        keeps(&schema, &schema, &broken, "").expect_err(pointer);
    }
}

#[test]
fn lines_keep_the_schema() {
    let folder = tree();
    let text = gatepost(folder.path(), &["scan", "--isolated", "--select", "all", "--format", "jsonl"]).stdout;
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.last().expect("lines")["type"], "summary");
    let open = schema("report-schema");
    for line in &lines {
        let kind = line["type"].as_str().expect("a type");
        let schema = line_schema(kind);
        keeps(&schema["$defs"][kind], &schema, line, "").expect(kind);
        keeps(&open["$defs"]["line"], &open, line, "").expect(kind);
    }
    keeps(&open["$defs"]["line"], &open, &json!({"type": "other"}), "").expect_err("no such line");
}

/// What the tests of formats keep of the sample that has everything.
fn sample(format: &str) -> Value {
    let text = fs::read_to_string(root().join(format!("testdata/report/{format}.snap"))).expect("a snapshot");
    let (_, body) = text[3..].split_once("---\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn a_saved_report_is_rendered_in_every_format_as_the_scan_would() {
    let folder = tree();
    // Some formats say when.
    let at_one_time =
        |folder: &Path, args: &[&str]| finish(command(folder, args).env("SOURCE_DATE_EPOCH", "1893456000").output().expect("run"));
    let scan = |format: &str| {
        at_one_time(folder.path(), &["scan", "--isolated", "--select", "all", "--format", format, "infra", "deploy", "old.ini"])
    };
    let saved = tempfile::tempdir().expect("made");
    let file = write(saved.path(), "r.json", scan("json").stdout);
    let file = file.to_str().expect("UTF-8");
    for format in FORMATS.iter().map(|format| format.name) {
        let run = at_one_time(saved.path(), &["report", file, "--format", format]);
        assert_eq!((run.code, run.stdout), (0, scan(format).stdout), "{format}: {}", run.stderr);
    }
    let run = gatepost(saved.path(), &["report", file, "--format", "concise", "--output", "sarif=out.sarif"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let sarif: Value = serde_json::from_slice(&fs::read(saved.path().join("out.sarif")).expect("written")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn what_is_no_report_is_a_usage_error() {
    let folder = tempfile::tempdir().expect("made");
    for (text, said) in [
        ("{", "not JSON"),
        ("{}", "no report of gatepost"),
        (r#"{"schema_version":99,"findings":[]}"#, "schema_version 99 is newer"),
        (r#"{"schema_version":1,"findings":[{}]}"#, "findings/0/"),
    ] {
        write(folder.path(), "r.json", text);
        let run = gatepost(folder.path(), &["report", "r.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(said), "{text}: {}", run.stderr);
        assert_eq!(gatepost(folder.path(), &["diff", "r.json", "r.json"]).code, 2, "{text}");
    }
    assert_eq!(gatepost(folder.path(), &["report", "none.json"]).code, 2);
    assert_eq!(gatepost(folder.path(), &["diff", "-", "-"]).code, 2);
}

#[test]
fn a_comparison_tells_new_fixed_and_unchanged() {
    let folder = tempfile::tempdir().expect("made");
    let path = folder.path();
    let save = |name: &str| {
        let report = gatepost(path, &["scan", "--isolated", "--format", "json", "src"]);
        assert!(report.code < 2, "{}", report.stderr);
        write(path, name, report.stdout);
    };
    write(path, "src/stays.ini", credentials(1));
    write(path, "src/goes.ini", credentials(2));
    save("old.json");
    fs::remove_file(path.join("src/goes.ini")).expect("removed");
    write(path, "src/stays.ini", format!("# moved\n\n{}", credentials(1)));
    save("fixed.json");
    write(path, "src/comes.ini", credentials(3));
    save("new.json");

    let fixed = gatepost(path, &["diff", "old.json", "fixed.json"]);
    assert_eq!(fixed.code, 0, "nothing is new: {}", fixed.stdout);
    assert!(fixed.stdout.contains("fixed: critical[aws-access-key] src/goes.ini:2:21"), "{}", fixed.stdout);
    assert!(fixed.stdout.contains("no new findings; 1 fixed; 1 unchanged, scanned 1 input"), "{}", fixed.stdout);

    let new = gatepost(path, &["diff", "old.json", "new.json"]);
    assert_eq!(new.code, 1);
    assert!(new.stdout.contains("new: critical[aws-access-key] src/comes.ini:2:21"), "{}", new.stdout);
    assert!(new.stdout.contains("1 new finding: 1 critical; 1 fixed; 1 unchanged\n"), "{}", new.stdout);
    assert!(!new.stdout.contains("src/stays.ini"), "{}", new.stdout);

    let compared = gatepost(path, &["diff", "old.json", "new.json", "--format", "json"]).json();
    let schema = strict(schema("report-schema"));
    keeps(&schema, &schema, &compared, "").expect("a comparison");
    assert_eq!(compared["compared"], json!({"new": 1, "fixed": 1, "unchanged": 1}));
    let states = |format: &str| {
        let run = gatepost(path, &["diff", "old.json", "new.json", "--format", format]).json();
        let results = run["runs"][0]["results"].as_array().expect("a list").clone();
        let mut states: Vec<_> = results.iter().map(|r| r["baselineState"].as_str().expect("a state").to_owned()).collect();
        states.sort();
        states
    };
    assert_eq!(states("sarif"), ["absent", "new", "unchanged"]);
    assert_eq!(states("sarif-github"), ["new", "unchanged"]);

    let lenient = gatepost(path, &["diff", "old.json", "new.json", "--fail-on", "none"]);
    assert_eq!(lenient.code, 2, "no severity");
}

#[test]
fn a_comparison_with_an_incomplete_report_is_incomplete() {
    let folder = tree();
    let path = folder.path();
    let saved = tempfile::tempdir().expect("made");
    let report = gatepost(path, &["scan", "--isolated", "--format", "json"]);
    let file = write(saved.path(), "r.json", report.stdout);
    let file = file.to_str().expect("UTF-8");
    let run = gatepost(saved.path(), &["diff", file, file]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("incomplete"), "{}", run.stdout);
}
