//! Cases that are data: `testdata/cases/<area>/<case>/` holds `cmd.toml` (arguments, exit code, facts) and `in/`, the
//! folder to run in; with `out.txt`, that is all of standard output (human). In its files `%%generator%%` stands for a made value, and `dot-` at the start of a name for `.`.

#[path = "support/fixture.rs"]
mod fixture;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Why the case is there.
    about: String,
    args: Vec<String>,
    exit: i32,
    /// Every active finding, as `rule path:line:column`, in order; left out where only some are of interest.
    findings: Option<Vec<String>>,
    /// Facts of single findings, by `rule path:line:column`: JSON fields and their values.
    #[serde(default)]
    facts: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// Facts of the report in JSON, by the pointers of their fields (RFC 6901).
    #[serde(default)]
    json: BTreeMap<String, toml::Value>,
    /// Text that standard error must hold.
    #[serde(default)]
    errors: Vec<String>,
    /// Text that standard output (human) must, and must not, hold.
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

#[test]
fn every_case_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases = 0;
    let mut wrong = Vec::new();
    for area in folders(&root) {
        for case in folders(&area) {
            cases += 1;
            if let Err(message) = run(&case) {
                wrong.push(format!("{}: {message}", case.strip_prefix(&root).expect("below").display()));
            }
        }
    }
    assert!(cases > 10, "the cases are where this test looks: {cases}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn folders(of: &Path) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = fs::read_dir(of).expect("a folder").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

fn run(folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("cmd.toml")).map_err(|e| e.to_string())?;
    let case: Case = toml::from_str(&text).map_err(|e| e.to_string())?;
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    lay_out(&folder.join("in"), scratch.path());
    let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
    let human = support::gatepost(scratch.path(), &args);
    let machine = support::gatepost(scratch.path(), &[args.as_slice(), &["--format", "json"]].concat());
    let fail = |what: String| Err(format!("{what}\n({})\n{}{}", case.about, human.stdout, human.stderr));
    if (human.code, machine.code) != (case.exit, case.exit) {
        return fail(format!("exit {} and {}, wanted {}", human.code, machine.code, case.exit));
    }
    for text in &case.errors {
        if !human.stderr.contains(text) {
            return fail(format!("`{text}` is not on standard error"));
        }
    }
    // What is wrong on the command line has no report.
    if case.exit == 2 {
        return Ok(());
    }
    let report = machine.json();
    for (pointer, value) in &case.json {
        let (got, wanted) = (report.pointer(pointer), serde_json::to_value(value).expect("plain data"));
        if got != Some(&wanted) {
            return fail(format!("{pointer} is {}, wanted {wanted}", got.unwrap_or(&serde_json::Value::Null)));
        }
    }
    if let Ok(wanted) = fs::read_to_string(folder.join("out.txt"))
        && human.stdout != wanted
    {
        return fail(format!("standard output is not\n{wanted}"));
    }
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let active: Vec<_> = findings.into_iter().filter(|f| f["state"] == "active").collect();
    let places = support::places(&serde_json::json!({ "findings": active }));
    if let Some(wanted) = &case.findings
        && &places != wanted
    {
        return fail(format!("findings {places:#?}, wanted {wanted:#?}"));
    }
    for (place, facts) in &case.facts {
        let Some(at) = places.iter().position(|p| p == place) else { return fail(format!("no finding {place} in {places:#?}")) };
        for (field, value) in facts {
            let (got, wanted) = (&active[at][field], serde_json::to_value(value).expect("plain data"));
            if got != &wanted {
                return fail(format!("{place}: {field} is {got}, wanted {wanted}"));
            }
        }
    }
    for text in &case.has {
        if !human.stdout.contains(text) {
            return fail(format!("`{text}` is not there"));
        }
    }
    for text in &case.lacks {
        if human.stdout.contains(text) {
            return fail(format!("`{text}` is there"));
        }
    }
    Ok(())
}

fn lay_out(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("in/ is there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let name = name.strip_prefix("dot-").map_or(name.clone(), |rest| format!(".{rest}"));
        if path.is_dir() {
            fs::create_dir_all(to.join(&name)).expect("made");
            lay_out(&path, &to.join(&name));
        } else {
            fs::write(to.join(&name), fixture::expanded(&fs::read(&path).expect("read"))).expect("written");
        }
    }
}
