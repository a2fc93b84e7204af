use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ReadJsonError, read, render};
use crate::base::ids::Severity;
use crate::finding::{By, Place, State};
use crate::input::{Input, InputPath, Origin};
use crate::render::sample::{self, Sketch, at_range};
use crate::render::{FORMATS, Style};
use crate::report::{Compared, Report};

fn bytes(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    render(report, &Style::PLAIN, &mut out).expect("memory takes everything");
    out
}

fn value(report: &Report) -> Value {
    serde_json::from_slice(&bytes(report)).expect("JSON")
}

fn said(value: &Value) -> String {
    read(value.to_string().as_bytes()).expect_err("not sound").to_string()
}

/// The same report, the same bytes, and the same in every other format.
fn assert_lossless(report: &Report) {
    let json = bytes(report);
    let again = read(&json).expect("a report");
    assert_eq!(again, *report);
    assert_eq!(bytes(&again), json);
    for format in FORMATS {
        let rendered = |report| {
            let mut out = Vec::new();
            (format.render)(report, &Style::PLAIN, &mut out).expect("memory takes everything");
            out
        };
        assert_eq!(rendered(report), rendered(&again), "{}", format.name);
    }
}

#[test]
fn what_is_written_is_read() {
    assert_lossless(&sample::report());
    assert_lossless(&Sketch::default().seal());
    assert_lossless(&Report { interrupted: true, compared: Some(Compared { new: 1, fixed: 2, unchanged: 3 }), ..sample::report() });
}

#[test]
fn a_member_of_a_container_is_one_again() {
    let mut sketch = Sketch::default();
    let path = InputPath::new(b"a!b.zip").member(b"c\xff.tgz").member(b"d/e.env");
    sketch.draft.inputs.push(Input { path: path.clone(), origin: Origin::File });
    sketch.finding("r", Severity::Low, "m", Place::whole(crate::base::span::FileId(0)));
    let report = sketch.seal();
    assert_lossless(&report);
    let again = read(&bytes(&report)).expect("a report");
    let again = &again.findings[0].primary.path;
    assert_eq!((again.container(), again.outermost()), (path.container(), Some(&b"a!b.zip"[..])));
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let report = sample::report();
    assert_eq!(read(&["\u{FEFF}".as_bytes(), &bytes(&report)].concat()), Ok(report));
}

#[test]
fn what_is_no_report_is_told_from_what_is_a_broken_one() {
    assert!(matches!(read(b"{"), Err(ReadJsonError::NotJson(_))));
    assert!(matches!(read(b"\xff"), Err(ReadJsonError::NotJson(_))));
    for other in ["[]", "3", "{}", r#"{"findings":[]}"#, r#"{"version":"2.1.0","runs":[]}"#] {
        assert!(matches!(read(other.as_bytes()), Err(ReadJsonError::NotAReport(_))), "{other}");
    }
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(matches!(read(&deep), Err(ReadJsonError::NotJson(_))));
    let mut newer = value(&sample::report());
    newer["schema_version"] = json!(2);
    assert_eq!(said(&newer), "schema_version 2 is newer than this gatepost, which reads 1");
}

#[test]
fn a_fault_is_told_with_the_way_to_it() {
    let report = value(&sample::report());
    for (pointer, wrong, said_of_it) in [
        ("/findings/1/severity", json!("urgent"), "findings/1/severity: not one of info, low, medium, high, critical"),
        ("/findings/0/start/line", json!(0), "findings/0/start/line: no line or column, which count from 1"),
        ("/findings/0/start/line", json!(4_294_967_295_u64), "findings/0/start/line: no line or column, which count from 1"),
        ("/findings/0/fingerprint", json!("01"), "findings/0/fingerprint: not 32 hex digits"),
        ("/counts/bytes", json!(1e300), "counts/bytes: not a whole number"),
        ("/counts/scanned", json!(-1), "counts/scanned: not a whole number"),
        ("/notes", json!({}), "notes: not a list"),
        ("/findings/0/state", json!("fine"), "findings/0/state: not one of active, suppressed, baselined"),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        assert_eq!(said(&broken), format!("no sound report: {said_of_it}"));
    }
    let mut broken = report.clone();
    broken["findings"][2].as_object_mut().expect("an object").remove("message");
    assert_eq!(said(&broken), "no sound report: findings/2/message: missing");
    let at = report["findings"].as_array().expect("a list").iter().position(|f| f["excerpt"].is_object()).expect("one has lines");
    let mut broken = report;
    broken["findings"][at]["excerpt"]["label"]["end"] = json!(100_000);
    assert_eq!(said(&broken), format!("no sound report: findings/{at}/excerpt/label/end: beyond the text"));
}

/// Fields that have come since are read where they are, and unknown ones are nobody's concern.
#[test]
fn fields_may_be_unknown_or_not_yet_there() {
    let mut report = value(&sample::report());
    report["later"] = json!({"x": [1]});
    report["findings"][0]["later"] = json!(1);
    report.as_object_mut().expect("an object").remove("rules");
    let read = read(report.to_string().as_bytes()).expect("a report");
    assert!(read.rules.is_empty() && read.findings == sample::report().findings);
}

/// A newer gatepost may honour a tool that this one does not know.
#[test]
fn who_suppresses_may_be_unknown_and_is_told() {
    let mut report = value(&sample::report());
    let at = report["findings"].as_array().expect("a list").iter().position(|f| f["state"] == "suppressed").expect("one is");
    report["findings"][at]["suppressed_by"] = json!("semgrep");
    let again = read(report.to_string().as_bytes()).expect("a report");
    assert!(matches!(again.findings[at].state, State::Suppressed { by: By::Other, .. }));
    assert!(
        again.notes.iter().any(|note| note == "findings are suppressed by what this gatepost does not know: `semgrep`"),
        "{:?}",
        again.notes
    );
    assert_lossless(&again);
}

#[test]
fn lines_end_with_what_they_must_be() {
    let report = sample::report();
    let mut out = Vec::new();
    super::render_lines(&report, &Style::PLAIN, &mut out).expect("memory takes everything");
    let text = String::from_utf8(out).expect("UTF-8");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (summary, rest) = lines.split_last().expect("lines");
    let count = |kind: &str| rest.iter().filter(|line| line["type"] == kind).count();
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["lines"], json!({"finding": count("finding"), "trouble": count("trouble"), "unanswered": count("unanswered")}));
    assert_eq!(rest.len(), report.findings.len() + report.troubles.len() + report.unanswered.len());
    assert_eq!((&summary["complete"], &summary["counts"]["inputs"]), (&json!(false), &json!(45)));
    let mut first = rest[0].clone();
    first.as_object_mut().expect("an object").remove("type");
    assert_eq!(first, value(&report)["findings"][0], "a line has the fields of the object");
}

/// The way to every value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{}", key.replace('/', "~1")), all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| pointers(value, &format!("{at}/{i}"), all)),
        _ => {}
    }
}

fn hostile() -> Vec<Value> {
    let position = json!({"line": 4_294_836_223_u64, "column": 4_294_836_223_u64});
    vec![
        json!(null),
        json!(0),
        json!(1),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(1_u64 << 53),
        json!(""),
        json!("::error::x\u{1b}[2J\u{202e}##[error]\r\n::z"),
        json!("a\n".repeat(9000)),
        json!("é中\u{301}".repeat(900)),
        json!([]),
        json!({}),
        position.clone(),
        json!({"start": 0, "end": 1}),
        json!({"text": "\n\n\r\n", "line": 4_294_836_223_u64, "column": 1, "label": {"start": 1, "end": 4}}),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever somebody made of a report: it is refused, or every format prints it without harm.
    #[test]
    fn a_report_of_somebody_who_means_harm(picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4)) {
        // Few findings, so that a change often meets one with everything.
        let mut sketch = Sketch::default();
        let (file, other) = (sketch.input(b"a.tf", Origin::File), sketch.input(b"b.tf", Origin::Staged));
        let found = sketch.finding("r", Severity::High, "m", at_range(file, b"one\ntwo KEY\nthree", 8..11));
        found.related = vec![crate::finding::Label { place: at_range(other, b"x = 1", 4..5), text: "t".to_owned(), repeats: false }];
        let mut report = value(&sketch.seal());
        for (at, what) in &picks {
            let mut all = Vec::new();
            pointers(&report, "", &mut all);
            *report.pointer_mut(&all[at.index(all.len())]).expect("a pointer of its own") = hostile().swap_remove(what.index(hostile().len()));
        }
        if let Ok(report) = read(report.to_string().as_bytes()) {
            crate::render::tests::assert_harmless(&report);
            prop_assert_eq!(read(&bytes(&report)), Ok(report));
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(read(&bytes).is_err());
    }
}
