//! Whose policy holds: a change cannot switch off what judges it.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Run, gatepost, git, made, places, write};

/// Its one entry of `allow` speaks of nothing that is here.
const CONFIG: &str = "fail-on: low\nextend-select: [platform]\nrules: [policy]\nseverities: {s3-public-acl: critical}\n\
    allow: [{value: 1234567, path: 'no/such/file', reason: was there}]\n";

const RULE: &str = "\
- id: acme-token
  title: Acme token
  severity: high
  why: It opens everything that Acme has.
  fix: Ask Acme for another one.
  secret: {keywords: [acme_], pattern: '\\bacme_[a-z]{12}\\b'}
  bad: ['acme_abcdefghijkl']
  good: ['acme_x']
";

/// A repository with a policy, and a branch `topic` that is checked out.
fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    write(dir.path(), ".gatepost.yml", CONFIG);
    write(dir.path(), "policy/acme.yml", RULE);
    write(dir.path(), "CODEOWNERS", "* @us\n");
    write(dir.path(), ".github/workflows/ci.yml", "jobs:\n  check:\n    steps:\n      - run: gatepost scan --diff origin/main\n");
    write(dir.path(), "old.py", format!("key = '{}'\n", made("aws-key-id", 1)));
    assert_eq!(gatepost(dir.path(), &["baseline", "create"]).code, 0);
    commit(dir.path(), "base");
    git(dir.path(), &["checkout", "-q", "-b", "topic"]);
    dir
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
}

fn diff(folder: &Path, more: &[&str]) -> (Run, Value) {
    let run = gatepost(folder, &[&["scan", "--diff", "main", "--format", "json"], more].concat());
    let report = run.json();
    (run, report)
}

fn messages(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.filter(|f| f["rule"] == rule).map(|f| f["message"].as_str().expect("text").to_owned()).collect()
}

/// Ways in which a change may try to let its own key through, or those that come after it.
type Way = (&'static str, fn(&Path), &'static str);

const WAYS: [Way; 15] = [
    ("deletes the configuration", |at| fs::remove_file(at.join(".gatepost.yml")).expect("gone"), "the configuration is taken away"),
    ("raises the threshold", |at| config(at, "fail-on: critical\n"), "`fail-on` becomes `critical`"),
    ("excludes everything", |at| config(at, "exclude: ['*']\n"), "`exclude` gets `*`"),
    ("switches the rules off", |at| config(at, "ignore: [secrets]\n"), "`ignore` gets `secrets`"),
    ("selects one harmless rule", |at| config(at, "select: [large-file]\n"), "`select` gets `large-file`"),
    ("lowers a severity", |at| config(at, "severities: {aws-access-key: info}\n"), "findings of `aws-access-key` become info"),
    ("allows by pattern", |at| config(at, "allow: [{value: '.', reason: trust me}]\n"), "`allow` gets an entry: trust me"),
    ("allows by a number", |at| config(at, "allow: [{value: 1, reason: was there}]\n"), "`allow` gets an entry: was there"),
    ("honours marks of another tool", |at| config(at, "honor: [gitleaks]\n"), "`honor` gets `gitleaks`"),
    ("breaks the configuration", |at| drop(write(at, ".gatepost.yml", "fail-on: [\n")), "the configuration can no longer be read"),
    ("makes the configuration a link", link, "the configuration can no longer be read"),
    ("puts its key into the baseline", grow, "the baseline gets a finding: aws-access-key in new.py"),
    ("rewrites a rule", |at| drop(write(at, "policy/acme.yml", RULE.replace("acme_[a-z]", "nothing_[a-z]"))), "the change changes rules"),
    (
        "adds a rule in the place of another",
        |at| drop(write(at, "policy/x.yml", RULE.replace("acme-token", "aws-access-key"))),
        "the change adds rules",
    ),
    (
        "takes the run out of the workflow",
        |at| drop(write(at, ".github/workflows/ci.yml", "jobs: {}\n")),
        "a line that runs gatepost is gone",
    ),
];

fn config(at: &Path, text: &str) {
    write(at, ".gatepost.yml", text);
}

fn link(at: &Path) {
    fs::remove_file(at.join(".gatepost.yml")).expect("gone");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/null", at.join(".gatepost.yml")).expect("a link");
}

fn grow(at: &Path) {
    assert_eq!(gatepost(at, &["baseline", "update", "--add"]).code, 0);
}

#[test]
fn a_change_cannot_switch_off_what_judges_it() {
    for (way, switch_off, said) in WAYS {
        let dir = repository();
        write(dir.path(), "new.py", format!("key = '{}'\n", made("aws-key-id", 2)));
        switch_off(dir.path());
        commit(dir.path(), way);
        let (run, report) = diff(dir.path(), &[]);
        assert_eq!(run.code, 1, "a change that {way}: {}", run.stdout);
        assert!(places(&report).contains(&"aws-access-key new.py:1:8".to_owned()), "a change that {way} hides its key: {report}");
        let told = messages(&report, "policy-changed");
        assert!(told.iter().any(|message| message.contains(said)), "a change that {way} is not told of: {told:?}");
    }
}

#[test]
fn a_change_of_policy_alone_fails_until_somebody_accepts_it() {
    for (way, switch_off, said) in WAYS {
        let dir = repository();
        // Without a key that is new there is nothing to put into the baseline.
        if way.contains("baseline") {
            write(dir.path(), "new.py", format!("key = '{}'\n", made("aws-key-id", 2)));
        }
        switch_off(dir.path());
        commit(dir.path(), way);
        let (run, report) = diff(dir.path(), &[]);
        assert_eq!(run.code, 1, "a change that {way}: {}", run.stdout);
        assert!(messages(&report, "policy-changed").iter().any(|message| message.contains(said)), "{way}");
        // A file of rules shows what it finds.
        if !said.contains("can no longer be read") && !way.contains("rule") {
            let (run, _) = diff(dir.path(), &["--accept-new-suppressions", "--fail-on", "low"]);
            assert_eq!(run.code, 0, "{way}: {}", run.stdout);
        }
    }
}

#[test]
fn eight_spellings_of_an_ignore_do_not_hide_what_comes_with_them() {
    let key = made("aws-key-id", 3);
    let spellings = [
        format!("key = '{key}' # gatepost: ignore[aws-access-key] trust me\n"),
        format!("# gatepost: ignore[aws-access-key] trust me\nkey = '{key}'\n"),
        format!("# gatepost: ignore[aws-access-key] trust me\r\nkey = '{key}'\r\n"),
        format!("why = 'gatepost: ignore[aws-access-key] trust me', '{key}'\n"),
        format!("# gatepost: ignore-start[aws-access-key] trust me\nkey = '{key}'\n# gatepost: ignore-end\n"),
        format!("key = '{key}' # \u{202e}gatepost: ignore[aws-access-key] trust me\n"),
        format!("key = '{key}' # gatepost: ignore[aws-access-token] by its alias\n"),
        format!("{{\"//\": \"gatepost: ignore[aws-access-key] trust me\", \"key\": \"{key}\"}}\n"),
    ];
    for text in spellings {
        let dir = repository();
        write(dir.path(), "new.py", &text);
        commit(dir.path(), "trust me");
        let (run, report) = diff(dir.path(), &[]);
        let found: Vec<&Value> = report["findings"].as_array().expect("a list").iter().filter(|f| f["rule"] == "aws-access-key").collect();
        assert_eq!((run.code, found.len()), (1, 1), "{text}");
        assert_eq!((&found[0]["state"], &found[0]["suppressed_here"]), (&"active".into(), &true.into()), "{text}");
        assert_eq!(diff(dir.path(), &["--accept-new-suppressions"]).0.code, 0, "{text}");
    }
}

#[test]
fn an_ignore_that_nothing_needs_yet_is_told() {
    let dir = repository();
    write(dir.path(), "later.py", "# gatepost: ignore[aws-access-key] for the next change\nkey = load()\n");
    commit(dir.path(), "prepare");
    let (run, report) = diff(dir.path(), &[]);
    assert_eq!(run.code, 1);
    assert_eq!(messages(&report, "policy-changed"), ["the change adds ignore[aws-access-key]: for the next change"]);
}

/// What stood below a block stands in it once its end has moved.
#[test]
fn a_block_that_holds_for_more_is_told() {
    let block = |inside: &str, below: &str| {
        format!("# gatepost: ignore-start[aws-access-key] made up\na = 1\n{inside}# gatepost: ignore-end\nb = 2\n{below}c = 3\n")
    };
    let told = |was: &str, now: &str| {
        let dir = repository();
        git(dir.path(), &["checkout", "-q", "main"]);
        write(dir.path(), "keys.py", was);
        commit(dir.path(), "keys");
        git(dir.path(), &["checkout", "-q", "-B", "topic"]);
        write(dir.path(), "keys.py", now);
        commit(dir.path(), "widen");
        let (_, report) = diff(dir.path(), &[]);
        messages(&report, "policy-changed")
    };
    let line = "token = load('elsewhere')\n";
    let wider = ["ignore-start[aws-access-key] holds for lines that it did not hold for: made up"];
    assert_eq!(told(&block("", line), &block(line, "")), wider);
    let moved = block("", line).replace("b = 2\n", "").replace("# gatepost: ignore-end\n", "b = 2\n# gatepost: ignore-end\n");
    assert_eq!(told(&block("", line), &moved), wider, "its end moved below a line");
    assert_eq!(told(&block("", line), &block("new = 1\n", line)), Vec::<String>::new(), "what is new in it is judged by itself");
    assert_eq!(told(&block(line, ""), &block("", line)), Vec::<String>::new(), "it holds for less");
    let two = format!("{}# gatepost: ignore-end\n", block("", line));
    assert_eq!(told(&two, &two.replacen("# gatepost: ignore-end\n", "", 1)), wider, "an end is gone, and a later one counts");
}

#[test]
fn marks_of_other_tools_that_a_change_adds_are_told() {
    let told = |was: &str, now: &str| {
        let dir = repository();
        git(dir.path(), &["checkout", "-q", "main"]);
        write(dir.path(), ".gatepost.yml", format!("{CONFIG}honor: [gitleaks, betterleaks]\n"));
        write(dir.path(), "keys.py", was);
        commit(dir.path(), "keys");
        git(dir.path(), &["checkout", "-q", "-B", "topic"]);
        write(dir.path(), "keys.py", now);
        commit(dir.path(), "mark");
        messages(&diff(dir.path(), &[]).1, "policy-changed")
    };
    let mark = "key = load() # gitleaks:allow\n";
    assert_eq!(told("a = 1\n", &format!("a = 1\n{mark}")), ["the change adds a mark of gitleaks: marked `gitleaks:allow`"]);
    assert_eq!(told(&format!("{mark}a = 1\nb = 2\n"), &format!("a = 1\nb = 2\n{mark}")), Vec::<String>::new(), "it moved");
}

#[test]
fn how_many_changes_are_not_told_is_said() {
    let dir = repository();
    for number in 0..30 {
        write(dir.path(), &format!("policy/more{number}.yml"), RULE.replace("acme", &format!("acme{number}")));
    }
    let ignores: Vec<String> = (0..25).map(|number| format!("x{number} = 1 # gatepost: ignore[aws-access-key] number {number}")).collect();
    write(dir.path(), "new.py", ignores.join("\n"));
    commit(dir.path(), "many");
    let (_, report) = diff(dir.path(), &[]);
    assert_eq!(messages(&report, "policy-changed").len(), 40);
    let notes = report["notes"].as_array().expect("a list");
    assert!(
        notes.iter().any(|note| note.as_str().is_some_and(|note| note.starts_with("15 more things that the change does"))),
        "{notes:?}"
    );
}

#[test]
fn what_only_makes_it_stricter_is_no_finding() {
    let dir = repository();
    write(
        dir.path(),
        ".gatepost.yml",
        format!("{CONFIG}# more\n").replace("[platform]", "[platform, suppression]").replace("fail-on: low", "fail-on: info"),
    );
    fs::remove_file(dir.path().join("old.py")).expect("gone");
    assert_eq!(gatepost(dir.path(), &["baseline", "update"]).code, 0);
    commit(dir.path(), "stricter");
    let (run, report) = diff(dir.path(), &[]);
    assert_eq!((run.code, places(&report)), (0, vec![]), "{report}");
}

/// What is staged is its author's: he is told, and not stopped.
#[test]
fn what_is_staged_is_judged_by_what_it_says_itself() {
    let dir = repository();
    write(dir.path(), ".gatepost.yml", "ignore: [aws]\n");
    write(dir.path(), "new.py", format!("key = '{}'\n", made("aws-key-id", 4)));
    git(dir.path(), &["add", "-A"]);
    let run = gatepost(dir.path(), &["scan", "--staged", "--format", "json"]);
    let report = run.json();
    assert_eq!(run.code, 0, "{}", run.stdout);
    let told = report["findings"].as_array().expect("a list").iter().filter(|f| f["rule"] == "policy-changed");
    assert!(told.clone().count() > 0 && told.clone().all(|f| f["severity"] == "info"), "{report}");
    let of_base = gatepost(dir.path(), &["scan", "--staged", "--policy-from", "base", "--format", "json"]);
    assert_eq!(of_base.code, 1, "{}", of_base.stdout);
}

/// The work tree's configuration does not count where the index is looked at.
#[test]
fn the_index_has_its_own_configuration() {
    let dir = repository();
    write(dir.path(), "new.py", format!("key = '{}'\n", made("aws-key-id", 5)));
    git(dir.path(), &["add", "-A"]);
    write(dir.path(), ".gatepost.yml", "ignore: [aws]\n");
    assert_eq!(gatepost(dir.path(), &["scan", "--staged"]).code, 1);
    assert_eq!(gatepost(dir.path(), &["scan"]).code, 0, "a tree is judged by what lies beside it");
    assert_eq!(gatepost(dir.path(), &["scan", "--policy-from", "head"]).code, 1);
    assert_eq!(gatepost(dir.path(), &["scan", "--policy-from", "index"]).code, 1);
    assert_eq!(gatepost(dir.path(), &["scan", "--isolated"]).code, 1);
}

#[test]
fn a_history_is_judged_by_what_head_says() {
    let dir = repository();
    write(dir.path(), ".gatepost.yml", "allow: [{rule: aws, path: old.py, reason: rotated}]\n");
    commit(dir.path(), "rotated");
    let run = gatepost(dir.path(), &["scan", "--history", "--no-baseline", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(run.json()["findings"][0]["suppressed_by"], "configuration");
}

#[test]
fn an_ignore_that_moves_with_what_it_speaks_of_is_nothing_new() {
    let dir = repository();
    let key = made("aws-key-id", 6);
    git(dir.path(), &["checkout", "-q", "main"]);
    let lines = format!("# gatepost: ignore[aws-access-key] a test account\nkey = '{key}'\n");
    write(dir.path(), "known.py", format!("import os\n\n\n{lines}\n\nprint(key)\n"));
    commit(dir.path(), "known");
    git(dir.path(), &["checkout", "-q", "-b", "moves"]);
    git(dir.path(), &["mv", "known.py", "renamed.py"]);
    commit(dir.path(), "a rename");
    let (run, report) = diff(dir.path(), &[]);
    assert_eq!((run.code, messages(&report, "policy-changed")), (0, vec![]), "a rename: {report}");
    write(dir.path(), "renamed.py", format!("{lines}import os\n\n\n\n\nprint(key)\n"));
    commit(dir.path(), "and a move");
    let (run, report) = diff(dir.path(), &[]);
    assert_eq!((run.code, messages(&report, "policy-changed")), (0, vec![]), "lines that move: {report}");
    write(dir.path(), "renamed.py", format!("{}import os\n", lines.replace(&key, &made("aws-key-id", 7))));
    commit(dir.path(), "and another key");
    assert_eq!(diff(dir.path(), &[]).0.code, 1, "it speaks of the key that was there");
}

/// A base with a policy, and a change of it: what is told.
fn told(base: &[(&str, &str)], change: &[(&str, &str)], words: &[&str]) -> (i32, Vec<String>) {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    for (name, text) in base {
        write(dir.path(), name, text);
    }
    commit(dir.path(), "base");
    git(dir.path(), &["checkout", "-q", "-b", "topic"]);
    for (name, text) in change {
        write(dir.path(), name, text);
    }
    commit(dir.path(), "change");
    let (run, report) = diff(dir.path(), words);
    (run.code, messages(&report, "policy-changed"))
}

#[test]
fn a_policy_cannot_make_its_own_change_go_by() {
    let loosened = "exclude: ['*']\n";
    for base in
        ["fail-on: high\n", "allow: [{path: '*.yml', reason: examples}]\n", "select: [aws]\n", "severities: {policy-changed: info}\n"]
    {
        let (code, messages) = told(&[(".gatepost.yml", base)], &[(".gatepost.yml", &format!("{base}{loosened}"))], &[]);
        assert!(code == 1 && messages.iter().any(|message| message.contains("`exclude` gets")), "{base}: {messages:?}");
    }
    // What is taken back in counts by its place.
    let (code, messages) = told(&[(".gatepost.yml", "exclude: ['*.py', '!app.py']\n")], &[(".gatepost.yml", "exclude: ['*.py']\n")], &[]);
    assert!(code == 1 && messages.len() == 1, "{messages:?}");
    // Paths are compared as they are read.
    let base = [(".gatepost.yml", "rules: ['a//b']\n"), ("a/b/x.yml", RULE)];
    let (code, messages) = told(&base, &[("a/b/x.yml", &RULE.replace("acme_[a-z]", "no_[a-z]"))], &["--ignore", "acme-token"]);
    assert!(code == 1 && messages == ["the change changes rules"], "{messages:?}");
    for (base, words) in [("honor: [all]\n", &[][..]), ("fail-on: medium\n", &["--honor", "gitleaks"])] {
        let (code, messages) = told(&[(".gatepost.yml", base), (".gitleaksignore", "#\n")], &[(".gitleaksignore", "b.py:x:1\n")], words);
        assert!(code == 1 && !messages.is_empty(), "{base}: {messages:?}");
    }
    let run = "on: pull_request\nsteps:\n  - uses: x/gatepost@v1\n    with:\n      base: x\n";
    let more = format!("{run}      accept-new-suppressions: true\n");
    let (code, messages) = told(&[(".github/workflows/ci.yml", run)], &[(".github/workflows/ci.yml", &more)], &[]);
    assert!(code == 1 && messages.len() == 1, "{messages:?}");
    // What stands under `with:` says how it runs; what another step is given does not.
    for (with, wanted) in [("      base: y\n", 1), ("      base: x\n      fail-on: critical\n", 1), ("      base: x\n  - run: make\n", 0)] {
        let other = run.replace("      base: x\n", with);
        let (code, messages) = told(&[(".github/workflows/ci.yml", run)], &[(".github/workflows/ci.yml", &other)], &[]);
        assert!(code == wanted && messages.len() == usize::try_from(wanted).expect("small"), "{with}: {messages:?}");
    }
}

#[test]
fn a_named_configuration_of_the_repository_is_the_base_s() {
    let key = format!("k = '{}'\n", made("aws-key-id", 8));
    let (code, _) =
        told(&[("ci/g.yml", "fail-on: medium\n")], &[("ci/g.yml", "exclude: ['*.py']\n"), ("a.py", &key)], &["--config", "ci/g.yml"]);
    assert_eq!(code, 1);
}

#[test]
fn a_forged_line_of_a_baseline_is_told_and_matches_nothing() {
    let dir = repository();
    let path = dir.path().join(".gatepost-baseline");
    let before = fs::read_to_string(&path).expect("there");
    write(dir.path(), "new.py", format!("key = '{}'\n", made("aws-key-id", 9)));
    assert_eq!(gatepost(dir.path(), &["baseline", "update", "--add"]).code, 0);
    let grown = fs::read_to_string(&path).expect("there");
    let line = grown.lines().find(|line| line.ends_with("new.py")).expect("a line");
    let known = before.lines().last().expect("a line");
    let parts = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let forged = format!("{} {} aws-access-key open old.py", parts(line)[0], parts(known)[1]);
    fs::write(&path, before.replace(known, &forged)).expect("written");
    commit(dir.path(), "forged");
    let (run, report) = diff(dir.path(), &[]);
    assert!(places(&report).contains(&"aws-access-key new.py:1:8".to_owned()), "{report}");
    assert!(run.code == 1 && messages(&report, "policy-changed").iter().any(|message| message.contains("the baseline gets")), "{report}");
}

#[test]
fn an_ignore_without_its_last_day_is_another_one() {
    let key = made("aws-key-id", 11);
    let text = |until: &str| format!("key = '{key}' # gatepost: ignore[aws-access-key] we move{until}\n");
    let (code, messages) = told(&[("a.py", &text(" until=2020-01-01"))], &[("a.py", &text(""))], &[]);
    assert_eq!((code, messages), (1, vec!["the change adds ignore[aws-access-key]: we move".to_owned()]));
}

#[test]
fn what_a_message_quotes_is_masked() {
    let key = made("aws-key-id", 10);
    let dir = repository();
    write(dir.path(), ".gatepost.yml", format!("{CONFIG}exclude: ['*.yml', '{key}']\nallow: [{{path: x, reason: 'key {key}'}}]\n"));
    commit(dir.path(), "quoted");
    let (run, _) = diff(dir.path(), &[]);
    assert!(run.code == 1 && !run.stdout.contains(&key), "{}", run.stdout);
}
