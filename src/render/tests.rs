use proptest::prelude::*;

use super::sample::{BYTE_PATH, HOSTILE_PATH, Sketch, at_range, place};
use super::*;
use crate::base::escape::is_hostile;
use crate::base::ids::Severity;
use crate::finding::{Dialect, Fix, Label, Place, Snippet, State, fingerprint};
use crate::report::Counts;

fn rendered(report: &Report, format: &Format, style: &Style) -> String {
    let mut out = Vec::new();
    (format.render)(report, style, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn plain(report: &Report, name: &str) -> String {
    rendered(report, format(name).expect("a format"), &Style::PLAIN)
}

/// Without our own colours; what is left must be harmless.
fn without_sgr(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let (codes, after) = after.split_once('m').expect("an SGR sequence ends");
        assert!(codes.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{codes:?}");
        rest = after;
    }
    out + rest
}

/// Whether a line is a command that marks a place, read as the runner reads it: a name, properties, and what is left.
fn is_annotation(line: &str) -> bool {
    let Some((command, data)) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")) else { return false };
    let Some((name, properties)) = command.split_once(' ') else { return false };
    let known = |property: &str| {
        let key = property.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| ["file", "line", "endLine", "col", "endColumn", "title"].contains(&key))
    };
    ["error", "warning", "notice"].contains(&name) && properties.split(',').all(known) && !data.contains("##[") && !line.contains('\r')
}

/// What every format promises of every report.
pub fn assert_harmless(report: &Report) {
    for format in FORMATS {
        for style in [Style::PLAIN, Style::new(true, true, 90), Style::new(true, false, 40), Style::new(false, false, 200)] {
            let printed = rendered(report, format, &style);
            assert!(style.color || !printed.contains('\u{1b}'), "{}", format.name);
            let bare = without_sgr(&printed);
            let hostile = bare.chars().find(|c| is_hostile(*c) && !matches!(c, '\n' | '\t'));
            assert_eq!(hostile, None, "{}: {bare:?}", format.name);
            for line in printed.lines().chain(bare.lines()) {
                // Commands are what this one is for: its own, and no others.
                if format.name == "github" && is_annotation(line) {
                    continue;
                }
                assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{}: {line:?}", format.name);
            }
        }
    }
}

fn json(report: &Report) -> serde_json::Value {
    serde_json::from_str(&plain(report, "json")).expect("JSON")
}

#[test]
fn the_sample_in_every_format() {
    let report = sample::report();
    insta::with_settings!({snapshot_path => "../../testdata/report", prepend_module_to_snapshot => false, omit_expression => true}, {
        for format in FORMATS {
            // JSON has one line; a difference in it is to be seen.
            let pretty = |text: String| serde_json::from_str(&text).map_or(text, |json: serde_json::Value| format!("{json:#}"));
            insta::assert_snapshot!(format.name, pretty(plain(&report, format.name)));
        }
        insta::assert_snapshot!("human-ascii-narrow", rendered(&report, &FORMATS[0], &Style::new(false, false, 0)));
        insta::assert_snapshot!("human-color", rendered(&report, &FORMATS[0], &Style::new(true, true, 100)).replace('\u{1b}', "ESC"));
    });
}

#[test]
fn the_sample_is_harmless() {
    assert_harmless(&sample::report());
}

#[test]
fn a_person_sees_what_it_is_where_it_is_and_what_to_do() {
    let human = plain(&sample::report(), "human");
    for part in [
        "critical[aws-access-key] deploy/credentials.ini:2:21 (staged)\n",
        " 2 │ aws_access_key_id = AKIA************QQQQ\n",
        "╰── its secret\n",
        "        $ git restore --staged deploy/credentials.ini\n",
        "high[s3-public-acl] infra/main.tf:3:11\n",
        "  ↳ infra/variables.tf:2:13: default of var.acl\n",
        "  in:   aws_s3_bucket_acl.logs\n",
        "  note: medium confidence\n",
        "  why:  gatepost explain s3-public-acl\n",
        "(commit a1a1a1a1a1, 2025-03-01)\n",
        "(unreachable object b2b2b2b2b2)\n",
        "(message of c3c3c3c3c3)\n",
        "incomplete[unparsed] infra/broken.tf:2:7\n",
        "24 findings: 1 critical, 17 high, 2 medium, 1 low, 3 info; 1 suppressed; 1 in the baseline\n",
        "scanned 41 of 45 inputs (1.2 MB), skipped 3 (2 ignored and not tracked, 1 submodule), failed 1\n",
    ] {
        assert!(human.contains(part), "{part} in\n{human}");
    }
    assert!(!human.contains("A hidden finding"));
    assert_eq!(human.matches("  × A token\n").count(), 3, "three in full");
    assert!(human.contains("  same: in 12 more inputs:\n        svc/03.env:1:7\n") && human.contains("        and 2 more\n"));
}

#[test]
fn a_label_far_out_on_a_long_line_is_shown_in_a_short_one() {
    let human = plain(&sample::report(), "human");
    let line = human.lines().find(|line| line.contains(";KEY;")).expect("shown");
    assert!(line.chars().count() <= 100, "{line}");
    assert!(human.contains(":1:70001\n"));
}

#[test]
fn concise_is_one_line_a_finding() {
    let report = sample::report();
    let concise = plain(&report, "concise");
    assert_eq!(concise.lines().count(), report.active().count() + report.troubles.len() + 1);
    assert!(concise.contains("\ninfra/main.tf:3:11: high s3-public-acl ACL public-read makes aws_s3_bucket.logs public\n"));
    assert!(concise.contains("\n\\u{3a}:error file=x::a\\n\\u{1b}[2J"), "{concise}");
}

#[test]
fn json_has_what_the_contract_names() {
    let report = sample::report();
    let json = json(&report);
    let findings = json["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), report.findings.len(), "suppressed and baselined ones too");
    let names =
        "rule families severity confidence message path start end resource fingerprint group state change suppressed_here related fix";
    for finding in findings {
        for name in names.split(' ') {
            assert!(finding.get(name).is_some(), "{name} in {finding}");
        }
    }
    let acl = findings.iter().find(|f| f["rule"] == "s3-public-acl").expect("there");
    assert_eq!((&acl["start"]["line"], &acl["start"]["column"], &acl["end"]["column"]), (&3.into(), &11.into(), &18.into()));
    assert_eq!((acl["resource"].as_str(), acl["state"].as_str()), (Some("aws_s3_bucket_acl.logs"), Some("active")));
    assert_eq!(acl["related"][0]["path"], "infra/variables.tf");
    let hidden: Vec<_> = findings.iter().filter(|f| f["message"] == "A hidden finding").map(|f| f["state"].as_str()).collect();
    assert_eq!(hidden, [Some("baselined"), Some("suppressed")]);
    let counts = &json["counts"];
    assert_eq!(counts.to_string(), r#"{"bytes":1234567,"failed":1,"inputs":45,"scanned":41,"skipped":{"ignored":2,"submodule":1}}"#);
    assert_eq!((&json["complete"], &json["schema_version"]), (&false.into(), &1.into()));
    let old = findings.iter().find(|f| f["path"] == "old/config.py").expect("there");
    assert_eq!((old["origin"]["kind"].as_str(), old["origin"]["when"].as_str()), (Some("commit"), Some("2025-03-01T00:00:00Z")));
}

/// The bytes of a path, out of JSON.
fn path_bytes(place: &serde_json::Value) -> Vec<u8> {
    match place.get("path_base64") {
        Some(base64) => data_encoding::BASE64.decode(base64.as_str().expect("text").as_bytes()).expect("base64"),
        None => place["path"].as_str().expect("text").as_bytes().to_vec(),
    }
}

#[test]
fn json_gives_hostile_paths_back() {
    let json = json(&sample::report());
    let paths: Vec<_> = json["findings"].as_array().expect("a list").iter().map(path_bytes).collect();
    assert!(paths.iter().any(|p| p == HOSTILE_PATH) && paths.iter().any(|p| p == BYTE_PATH));
}

#[test]
fn no_secret_leaves_in_any_format() {
    let report = sample::report();
    let secrets = [sample::key_id("Q"), "s3cr3t/".repeat(2), "the-same-value".to_owned()];
    for format in FORMATS {
        let printed = rendered(&report, format, &Style::PLAIN);
        for secret in &secrets {
            assert!(!printed.contains(secret.as_str()), "{secret} in {}", format.name);
        }
    }
}

#[test]
fn clean_is_one_line() {
    let mut sketch = Sketch::default();
    sketch.draft.counts = Counts { scanned: 3, bytes: 999, ..Counts::default() };
    let report = sketch.seal();
    assert_eq!(plain(&report, "human"), "no findings, scanned 3 inputs (999 bytes)\n");
    assert_eq!(plain(&report, "concise"), "no findings; scanned 3 inputs (999 bytes)\n");
    assert_eq!(json(&report)["complete"], true);
}

#[test]
fn nothing_found_but_not_all_seen_does_not_look_clean() {
    let mut sketch = Sketch::default();
    sketch.draft.counts = Counts { scanned: 3, failed: 1, bytes: 999, ..Counts::default() };
    let report = sketch.seal();
    for name in ["human", "concise"] {
        assert!(plain(&report, name).contains("incomplete: not everything was looked at"), "{name}");
    }
    assert_eq!(json(&report)["complete"], false);
    let interrupted = Report { interrupted: true, ..Sketch::default().seal() };
    assert!(plain(&interrupted, "human").contains("interrupted: "));
}

#[test]
fn what_the_change_suppresses_itself_comes_first() {
    let mut sketch = Sketch::default();
    let (a, b) = (sketch.input(b"a", Origin::File), sketch.input(b"b", Origin::File));
    sketch.finding("r", Severity::Critical, "first by path", Place::whole(a));
    sketch.finding("r", Severity::Low, "ignored by its own change", Place::whole(b)).suppressed_here = true;
    let human = plain(&sketch.seal(), "human");
    assert!(human.starts_with("low[r] b\n  an inline ignore that came with this change names it\n"), "{human}");
}

#[test]
fn no_width_breaks_a_frame() {
    let report = sample::report();
    for width in 10..300 {
        for unicode in [true, false] {
            let style = Style::new(false, unicode, width);
            let printed = rendered(&report, &FORMATS[0], &style);
            for line in
                printed.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line.contains(['│', '|']))
            {
                // What is no command to a build server any more has grown by a few characters.
                let grown = 5 * line.matches("\\u{23}").count();
                assert!(line.chars().count() <= style.width() + grown, "{width}: {line}");
            }
        }
    }
}

#[test]
fn ten_thousand_findings_are_a_matter_of_moments() {
    let mut sketch = Sketch::default();
    let text = "some words before the KEY and some after\n".repeat(1500);
    for n in 0..10_000 {
        let file = sketch.input(format!("dir/{n:05}.txt").as_bytes(), Origin::File);
        let severity = if n == 9_999 { Severity::Critical } else { Severity::Low };
        let at = 22 + 41 * (n % 1500);
        let primary = if n < 300 { at_range(file, text.as_bytes(), at..at + 3) } else { Place::whole(file) };
        sketch.finding("r", severity, "A finding", primary).group = fingerprint("n", &[&n.to_le_bytes()]);
    }
    let report = sketch.seal();
    let human = plain(&report, "human");
    assert!(human.contains("9800 more findings"), "{}", human.lines().last().unwrap_or_default());
    assert!(human.contains("critical[r] dir/09999.txt"), "the worst is among those shown");
    assert_eq!(plain(&report, "concise").lines().count(), 10_001);
    assert_eq!(json(&report)["findings"].as_array().map(Vec::len), Some(10_000));
}

#[test]
fn shown_named_and_left_out_are_all_there_are() {
    let mut sketch = Sketch::default();
    for n in 0..1000_usize {
        let file = sketch.input(format!("{n:04}").as_bytes(), Origin::File);
        let found = sketch.finding("r", Severity::High, "A finding", Place::whole(file));
        found.group = fingerprint("n", &[&(n % 90).to_le_bytes()]);
        if n % 10 == 0 {
            found.state = State::Baselined;
        }
    }
    let human = plain(&sketch.seal(), "human");
    let number = |before: &str, after: &str| -> usize {
        human.lines().filter_map(|l| l.split_once(before)?.1.split_once(after)?.0.parse::<usize>().ok()).sum()
    };
    let shown = human.matches("high[r] ").count();
    assert_eq!(shown, 200);
    assert_eq!(shown + number("  same: in ", " more input") + number("", " more findings of"), 900, "{human}");
}

fn nasty() -> impl Strategy<Value = String> {
    let pieces = [
        "::error::",
        "##[group]",
        "\n",
        "\r\n",
        "\u{1b}[31m",
        "\u{1b}]8;;x\u{1b}\\",
        "\u{9b}",
        "\u{202e}",
        "\u{2066}",
        "\t",
        "`",
        "ü",
        "漢",
        "KEY",
    ];
    let piece = prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), "(?s).{0,6}", "[ -~]{0,12}"];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Random bytes as a path, hostile text everywhere else.
    #[test]
    fn nothing_hostile_survives_any_format(path in prop::collection::vec(any::<u8>(), 1..40), other in nasty(), message in nasty(), before in nasty(), after in nasty()) {
        let mut sketch = Sketch::default();
        let text = format!("{before}KEY{after}");
        let (file, second) = (sketch.input(&path, Origin::File), sketch.input(other.as_bytes(), Origin::Staged));
        let primary = at_range(file, text.as_bytes(), before.len()..before.len() + 3);
        let found = sketch.finding("r", Severity::High, &message, primary);
        found.related = vec![
            Label { place: place(file, &text, "KEY", 0), text: after.clone(), repeats: false },
            Label { place: place(second, &text, "KEY", 0), text: before.clone(), repeats: false },
        ];
        found.resource = Some(other.clone());
        found.fix = Some(Fix { text: message.clone(), snippet: Some(Snippet { dialect: Dialect::Cfn, text: message.clone() }), commands: vec![other.clone()] });
        sketch.draft.notes = vec![message.clone(), after];
        let report = sketch.seal();
        assert_harmless(&report);
        let json = json(&report);
        prop_assert_eq!(path_bytes(&json["findings"][0]), path);
        prop_assert_eq!(json["findings"][0]["message"].as_str(), Some(message.as_str()));
    }
}
