//! Situations of the languages that break scanners of infrastructure code: `testdata/situations/NN-slug.toml` each,
//! in several wordings, with every finding's line and column, through the binary.
//!
//! The sources stand as text in the `.toml`, so that a scan of this repository takes none of them for its own. The rules
//! beside them are test data, not the rules that gatepost ships.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// The situations are numbered from 1.
const SITUATIONS: usize = 71;

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
    let rules = folder.join("rules");
    let (mut numbers, mut wrong) = (BTreeSet::new(), Vec::new());
    for path in files {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        numbers.extend(name.split('-').next().and_then(|number| number.parse::<usize>().ok()));
        let situation: Situation = toml::from_str(&fs::read_to_string(&path).expect("text")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(situation.cases.len() > 1, "{name}: one wording is not enough");
        for case in &situation.cases {
            let outcome = run(case, &situation.select, &rules);
            match (outcome, &case.pending) {
                (Ok(()), None) | (Err(_), Some(_)) => {}
                (Ok(()), Some(_)) => wrong.push(format!("{name}, {}: comes out right: take `pending` away", case.name)),
                (Err(what), None) => wrong.push(format!("{name}, {}: {what}\n  ({})", case.name, situation.title)),
            }
        }
    }
    assert_eq!(numbers, (1..=SITUATIONS).collect(), "every situation is there");
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn run(case: &Case, select: &[String], rules: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    for (name, text) in &case.files {
        support::write(scratch.path(), name, support::expanded(text.as_bytes()));
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

/// What the notes say: only what is not known, and all of it.
fn unknown(case: &Case, report: &Value) -> Result<(), String> {
    let notes: Vec<&str> = report["notes"].as_array().ok_or("no list")?.iter().map(text).collect();
    if let Some(missing) = case.unknown.iter().find(|name| !notes.iter().any(|note| note.contains(name.as_str()))) {
        return Err(format!("no note names {missing}: {notes:#?}"));
    }
    match notes.iter().find(|note| !case.unknown.iter().any(|name| note.contains(name.as_str()))) {
        Some(other) => Err(format!("a note that nobody wants: {other}")),
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
