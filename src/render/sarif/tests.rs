use serde_json::{Value, json};

use crate::base::ids::Severity;
use crate::base::span::FileId;
use crate::finding::{Place, State, fingerprint};
use crate::input::{Input, InputPath, Origin};
use crate::render::sample::{self, Sketch, at_range};
use crate::render::{Style, format};
use crate::report::{Compared, Report};

fn run(report: &Report, name: &str) -> Value {
    let mut out = Vec::new();
    (format(name).expect("a format").render)(report, &Style::PLAIN, &mut out).expect("memory takes everything");
    let mut log: Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    log["runs"][0].take()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn every_result_has_what_github_asks_for() {
    let report = sample::report();
    let run = run(&report, "sarif-github");
    let (results, rules) = (list(&run["results"]), list(&run["tool"]["driver"]["rules"]));
    assert_eq!(results.len(), report.active().count(), "no suppressed one becomes an alert");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small")];
        assert_eq!(result["ruleId"], rule["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        for name in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[name].as_u64().is_some_and(|number| number > 0), "{result}");
        }
        assert_eq!(region["startLine"], region["endLine"]);
        let uri = place["artifactLocation"]["uri"].as_str().expect("text");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte)), "{uri}");
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("text");
        assert!(hash.len() > 17 && hash.contains(':'), "{hash}");
    }
    for rule in rules {
        assert!(rule["properties"]["security-severity"].is_string() && rule["help"]["text"].is_string(), "{rule}");
        assert!(list(&rule["properties"]["tags"]).len() <= 10 && rule["properties"]["tags"][0] == "security");
    }
}

#[test]
fn what_was_not_looked_at_is_seen() {
    let run = run(&sample::report(), "sarif");
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told: Vec<_> = list(&invocation["toolExecutionNotifications"])
        .iter()
        .map(|n| (n["descriptor"]["id"].as_str().expect("text"), n["level"].as_str().expect("text")))
        .collect();
    let wanted = [
        ("incomplete", "error"),
        ("missing", "error"),
        ("unparsed", "error"),
        ("unreadable", "error"),
        ("note", "note"),
        ("unanswered", "note"),
    ];
    assert_eq!(told, wanted);
    let clean = super::super::sample::Sketch::default().seal();
    assert_eq!(self::run(&clean, "sarif")["invocations"], json!([{"executionSuccessful": true}]));
}

#[test]
fn suppressed_ones_are_told_with_the_reason() {
    let run = run(&sample::report(), "sarif");
    let of = |kind: &str| {
        let all = list(&run["results"]).iter().flat_map(|result| list(&result["suppressions"]));
        all.filter(|s| s["kind"] == kind).map(|s| s["justification"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((of("inSource"), of("external")), (vec!["a fixture".to_owned()], vec!["in the baseline".to_owned()]));
}

#[test]
fn a_value_s_way_begins_where_it_is_written() {
    let mut report = sample::report();
    let acl = report.findings.iter_mut().find(|f| f.resource.as_deref() == Some("aws_s3_bucket_acl.logs")).expect("there");
    let mut header = acl.related[0].clone();
    header.text = "aws_s3_bucket_acl.logs".to_owned();
    acl.related.push(header);
    let run = run(&report, "sarif");
    let flows: Vec<_> = list(&run["results"]).iter().filter(|result| result.get("codeFlows").is_some()).collect();
    let texts = |result: &Value| -> Vec<String> {
        let steps = list(&result["codeFlows"][0]["threadFlows"][0]["locations"]).iter();
        steps.map(|step| step["location"]["message"]["text"].as_str().expect("text").to_owned()).collect()
    };
    let acl = flows.iter().find(|result| result["ruleId"] == "s3-public-acl").expect("there");
    assert_eq!(texts(acl), ["ACL public-read makes aws_s3_bucket.logs public", "default of var.acl", "aws_s3_bucket_acl.logs"]);
    let pair = list(&run["results"]).iter().find(|result| result["ruleId"] == "aws-access-key").expect("there");
    assert!(pair.get("codeFlows").is_none() && pair["relatedLocations"][0]["message"]["text"] == "its secret");
}

#[test]
fn a_member_is_shown_at_its_container_on_github() {
    let mut sketch = Sketch::default();
    let path = InputPath::new(b"a!b/a.zip").member(b"c.tgz").member(b"d!/e.env");
    sketch.draft.inputs.push(Input { path, origin: Origin::File });
    sketch.finding("r", Severity::Low, "A key", at_range(FileId(0), b"\n\nKEY", 2..5));
    let report = sketch.seal();
    let uri = |run: &Value| run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    let (github, full) = (run(&report, "sarif-github"), run(&report, "sarif"));
    assert_eq!((uri(&github), uri(&full)), (json!("a!b/a.zip"), json!("a!b/a.zip!c.tgz!d!/e.env")));
    assert_eq!(github["results"][0]["message"]["text"], "A key (in a!b/a.zip!c.tgz!d!/e.env)");
    assert_eq!(github["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
}

#[test]
fn text_of_others_is_no_link() {
    let mut sketch = Sketch::default();
    let file = sketch.input(b"a", Origin::File);
    sketch.finding("r", Severity::Low, "[safe](https://example.com) \u{202e}x", Place::whole(file));
    let text = run(&sketch.seal(), "sarif-github")["results"][0]["message"]["text"].clone();
    assert_eq!(text, "[safe] (https://example.com) \\u{202e}x");
}

#[test]
fn the_gravest_are_told_where_there_are_too_many() {
    let mut sketch = Sketch::default();
    let file = sketch.input(b"a", Origin::File);
    for n in 0..25_010_usize {
        let severity = if n >= 25_000 { Severity::Critical } else { Severity::Low };
        sketch.finding("r", severity, "A finding", Place::whole(file)).group = fingerprint("n", &[&n.to_le_bytes()]);
    }
    let run = run(&sketch.seal(), "sarif-github");
    let results = list(&run["results"]);
    let grave = results.iter().filter(|result| result["level"] == "error").count();
    assert_eq!((results.len(), grave), (25_000, 10));
    let told = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(told["message"]["text"], "10 results of the least severity left out: a run holds 25000");
}

#[test]
fn the_same_thing_twice_is_told_apart() {
    let mut sketch = Sketch::default();
    let file = sketch.input(b"a", Origin::File);
    let first = sketch.finding("r", Severity::Low, "m", Place::whole(file)).identity.clone();
    sketch.finding("r", Severity::Low, "n", Place::whole(file)).identity = first;
    let run = run(&sketch.seal(), "sarif");
    let hash = |at: usize| run["results"][at]["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("text").to_owned();
    assert_eq!(hash(0).strip_suffix(":1"), hash(1).strip_suffix(":2"));
}

#[test]
fn a_comparison_says_what_became_of_each() {
    let mut report = sample::report();
    report.compared = Some(Compared::default());
    let states: Vec<State> = report.findings.iter().map(|f| f.state.clone()).collect();
    for (at, f) in report.findings.iter_mut().enumerate() {
        f.change = Some([crate::finding::Change::New, crate::finding::Change::Existing, crate::finding::Change::Fixed][at % 3]);
    }
    let full = run(&report, "sarif");
    let count = |run: &Value, state: &str| list(&run["results"]).iter().filter(|result| result["baselineState"] == state).count();
    assert_eq!(count(&full, "new") + count(&full, "unchanged") + count(&full, "absent"), states.len());
    assert_eq!(count(&run(&report, "sarif-github"), "absent"), 0, "what is fixed is no alert");
}
