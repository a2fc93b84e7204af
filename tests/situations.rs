//! Situations of the languages that break scanners of infrastructure code: `testdata/situations/NN-slug.toml` each,
//! in several wordings, with every finding's line and column, through the binary.
//!
//! The sources stand as text in the `.toml`, so that a scan of this repository takes none of them for its own. The rules
//! beside them are test data, not the rules that gatepost ships.

#[path = "support/fixture.rs"]
mod fixture;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde::Deserialize;
use serde_json::Value;

/// The situations are numbered from 1.
const SITUATIONS: usize = 72;
const THREADS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    title: String,
    /// The rules to judge with.
    select: Vec<String>,
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// One wording of a situation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Why it does not come out right yet; one that does must not say so.
    pending: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    /// What to scan: files by path.
    files: BTreeMap<String, String>,
    /// Every finding there is. None where `clean` says so.
    #[serde(default, rename = "finding")]
    findings: Vec<Wanted>,
    #[serde(default)]
    clean: bool,
    /// Of what is not known, each named in a note.
    #[serde(default)]
    unknown: Vec<String>,
    /// Every trouble there is: text within `kind path:line:column message`.
    #[serde(default)]
    troubles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    rule: String,
    /// `path:line:column`
    at: String,
    resource: String,
    severity: Option<String>,
    /// Text in the message.
    #[serde(default)]
    says: Vec<String>,
    /// Places among the related ones.
    #[serde(default)]
    related: Vec<String>,
}

#[test]
fn every_situation_comes_out_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/situations");
    let mut files: Vec<_> = fs::read_dir(&folder).expect("situations").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let names = files.iter().map(|path| path.file_stem().expect("a name").to_string_lossy());
    let numbers: BTreeSet<usize> = names.filter_map(|name| name.split('-').next()?.parse().ok()).collect();
    let rules = folder.join("rules");
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(SITUATIONS.div_ceil(THREADS)).map(|part| scope.spawn(|| wrong(part, &rules))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("no panic")).collect()
    });
    assert_eq!(numbers, (1..=SITUATIONS).collect(), "every situation is there");
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn wrong(files: &[PathBuf], rules: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in files {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let situation: Situation = toml::from_str(&fs::read_to_string(path).expect("text")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(situation.cases.len() > 1, "{name}: one wording is not enough");
        for case in &situation.cases {
            match (run(case, &situation.select, rules), &case.pending) {
                (Ok(()), None) | (Err(_), Some(_)) => {}
                (Ok(()), Some(_)) => wrong.push(format!("{name}, {}: comes out right: take `pending` away", case.name)),
                (Err(what), None) => wrong.push(format!("{name}, {}: {what}\n  ({})", case.name, situation.title)),
            }
        }
    }
    wrong
}

fn run(case: &Case, select: &[String], rules: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (name, text) in &case.files {
        support::write(scratch.path(), name, fixture::expanded(text.as_bytes()));
    }
    let rules = rules.to_string_lossy();
    let select = select.join(",");
    let fixed = ["scan", "--isolated", "--rules", &rules, "--select", &select, "--format", "json", "."];
    let args: Vec<&str> = fixed.into_iter().chain(case.args.iter().map(String::as_str)).collect();
    let run = support::gatepost(scratch.path(), &args);
    if run.code > 3 || run.code == 2 {
        return Err(format!("exit {}: {}", run.code, run.stderr));
    }
    let report = run.json();
    let lists = [("findings", findings(case, &report)), ("troubles", troubles(case, &report)), ("unknown", unknown(case, &report))];
    for (what, outcome) in lists {
        outcome.map_err(|message| format!("{what}: {message}"))?;
    }
    Ok(())
}

fn findings(case: &Case, report: &Value) -> Result<(), String> {
    if case.clean != case.findings.is_empty() {
        return Err("a case has findings or is clean".to_owned());
    }
    let of = |finding: &Value| format!("{} {} {}", text(&finding["rule"]), place(finding), text(&finding["resource"]));
    let all = report["findings"].as_array().ok_or("no list")?;
    let mut there: Vec<String> = all.iter().map(of).collect();
    let mut wanted: Vec<String> = case.findings.iter().map(|w| format!("{} {} {}", w.rule, w.at, w.resource)).collect();
    there.sort();
    wanted.sort();
    if there != wanted {
        return Err(format!("{there:#?}, wanted {wanted:#?}"));
    }
    for wanted in &case.findings {
        let name = format!("{} {} {}", wanted.rule, wanted.at, wanted.resource);
        let finding = all.iter().find(|finding| of(finding) == name).ok_or("gone")?;
        if wanted.severity.as_deref().is_some_and(|severity| severity != text(&finding["severity"])) {
            return Err(format!("{name} is {}", finding["severity"]));
        }
        if let Some(missing) = wanted.says.iter().find(|says| !text(&finding["message"]).contains(says.as_str())) {
            return Err(format!("{name} does not say `{missing}` but {}", finding["message"]));
        }
        let related: Vec<String> = finding["related"].as_array().ok_or("no list")?.iter().map(place).collect();
        if let Some(missing) = wanted.related.iter().find(|at| !related.contains(at)) {
            return Err(format!("{name} does not point at {missing} but at {related:?}"));
        }
    }
    Ok(())
}

fn troubles(case: &Case, report: &Value) -> Result<(), String> {
    let of = |trouble: &Value| format!("{} {} {}", text(&trouble["kind"]), place(trouble), text(&trouble["message"]));
    let there: Vec<String> = report["troubles"].as_array().ok_or("no list")?.iter().map(of).collect();
    let missing = case.troubles.iter().find(|wanted| !there.iter().any(|trouble| trouble.contains(wanted.as_str())));
    if missing.is_some() || there.len() != case.troubles.len() {
        return Err(format!("{there:#?}, wanted {:#?}", case.troubles));
    }
    Ok(())
}

/// What is not known, in notes and in questions without an answer: only what was expected, and all of it.
fn unknown(case: &Case, report: &Value) -> Result<(), String> {
    let of = |key: &str| report[key].as_array().ok_or(format!("no list of {key}"));
    // The note on questions tells the commonest of them; here each counts.
    let notes = of("notes")?.iter().map(text).filter(|note| !note.contains("no answer here"));
    let told: Vec<&str> = notes.chain(of("unanswered")?.iter().map(|question| text(&question["why"]))).collect();
    if let Some(missing) = case.unknown.iter().find(|name| !told.iter().any(|word| word.contains(name.as_str()))) {
        return Err(format!("nothing names {missing}: {told:#?}"));
    }
    match told.iter().find(|word| !case.unknown.iter().any(|name| word.contains(name.as_str()))) {
        Some(other) => Err(format!("what nobody wants: {other}")),
        None => Ok(()),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `path:line:column`
fn place(of: &Value) -> String {
    let path = text(&of["path"]);
    format!("{}:{}:{}", path.strip_prefix("./").unwrap_or(path), of["start"]["line"], of["start"]["column"])
}

/// 70. A template of a megabyte with 500 resources is judged in full, on many lines and on one.
#[test]
fn a_template_of_a_megabyte_is_judged_in_full() {
    let filler = "x".repeat(2000);
    let bucket = |n: usize| {
        let acl = if n == 431 { "PublicRead" } else { "Private" };
        serde_json::json!({"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": acl}, "Metadata": {"aws:cdk:path": filler}})
    };
    let resources: BTreeMap<String, Value> = (100..600).map(|n| (format!("Bucket{n}"), bucket(n))).collect();
    let template = serde_json::json!({ "Resources": resources });
    let folder = tempfile::tempdir().expect("a folder");
    let scan = |text: &str| {
        assert!(text.len() > 1_000_000);
        support::write(folder.path(), "App.template.json", text);
        let report = support::gatepost(folder.path(), &["scan", "--isolated", "--select", "s3-public-acl", "--format", "json", "."]).json();
        assert_eq!((report["troubles"].as_array().map(Vec::len), report["notes"].as_array().map(Vec::len)), (Some(0), Some(0)));
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{}", report["findings"]);
        assert_eq!(report["findings"][0]["resource"], "Bucket431");
        place(&report["findings"][0])
    };
    let pretty = serde_json::to_string_pretty(&template).expect("JSON");
    let line = 1 + pretty.lines().position(|line| line.contains("PublicRead")).expect("there");
    assert_eq!(scan(&pretty), format!("App.template.json:{line}:26"));
    let flat = template.to_string();
    let column = 1 + flat.find("\"PublicRead\"").expect("there");
    assert_eq!(scan(&flat), format!("App.template.json:1:{column}"));
}
