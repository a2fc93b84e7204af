//! What other tools were told, carried over: each file as the tool's own documentation writes it.

#[path = "support/others.rs"]
mod others;
#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use others::secrets_baseline;
use support::{gatepost, git, made, write};

fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    git(dir.path(), &["init", "-q"]);
    dir
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

const GITLEAKS: &str = r#"
title = "custom"
[extend]
useDefault = true
disabledRules = [ "generic-api-key", "no-such-rule"]

[[rules]]
id = "awesome-rule-1"
description = "awesome rule 1"
regex = '''awesome_(token|key)=([a-z0-9]{16,})'''
secretGroup = 2
entropy = 3.0
keywords = [ "awesome_", ]
    [[rules.allowlists]]
    condition = "OR"
    commits = [ "commit-A", "commit-B"]
    paths = [ '''go\.mod''', '''go\.sum''' ]
    stopwords = [ '''client''', '''endpoint''', ]
    [[rules.allowlists]]
    condition = "AND"
    regexTarget = "match"
    regexes = [ '''(?i)parseur[il]''' ]
    paths = [ '''package-lock\.json''' ]

[[rules]]
id = "gitlab-pat"
    [[rules.allowlists]]
    regexTarget = "line"
    regexes = [ '''MY-glpat-''' ]

[[allowlists]]
description = "global allow list"
paths = [ '''gitleaks\.toml''', '''(.*?)(jpg|gif|doc)''' ]
regexes = [ '''219-09-9999''', '''(9[0-9]{2}|666)-\d{2}-\d{4}''', ]
"#;

#[test]
fn gitleaks_rules_and_allow_lists() {
    let dir = repository();
    write(dir.path(), ".gitleaks.toml", GITLEAKS);
    let value = "q8zr2lw0vbn5xkt7";
    write(dir.path(), "a.py", format!("x = 'awesome_token={value}'\n"));
    write(dir.path(), "go.mod", format!("awesome_key={value}\n"));
    write(dir.path(), "b.py", "x = 'awesome_token=myclient8zr2lw0vb'\n");
    let run = gatepost(dir.path(), &["import"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for left in ["no-such-rule", "commits", "regexTarget = \"line\"", "regexTarget = \"match\""] {
        assert!(run.stderr.contains(left), "{left} is told: {}", run.stderr);
    }
    let check = gatepost(dir.path(), &["config", "check"]);
    assert_eq!(check.code, 0, "{}\n{}", check.stderr, read(dir.path(), ".gatepost.yml"));
    let run = gatepost(dir.path(), &["scan", "--format", "json"]);
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list").iter().filter(|f| f["rule"] == "awesome-rule-1");
    let found: Vec<String> =
        findings.map(|f| format!("{} {}", f["path"].as_str().expect("one"), f["state"].as_str().expect("one"))).collect();
    assert_eq!(found, ["a.py active", "b.py suppressed", "go.mod suppressed"], "{report}");
    assert!(!run.stdout.contains(value), "the value of an imported rule is masked too");
}

#[test]
fn fingerprints_and_baselines_by_what_is_found_where_they_say() {
    let dir = repository();
    write(dir.path(), "a.py", format!("key = '{}'\n", made("aws-key-id", 1)));
    write(dir.path(), "b.py", format!("key = '{}'\n", made("aws-key-id", 2)));
    write(dir.path(), "c.py", format!("key = '{}'\n", made("aws-key-id", 3)));
    write(dir.path(), ".gitleaksignore", "a.py:aws-access-token:1\ngone.py:aws-access-token:1\n");
    write(dir.path(), ".secrets.baseline", secrets_baseline("b.py", 2));
    let run = gatepost(dir.path(), &["import"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("1 of 2 entries") && run.stdout.contains("1 not carried over"), "{} {}", run.stderr, run.stdout);
    let report = gatepost(dir.path(), &["scan", "--format", "json"]).json();
    let findings = report["findings"].as_array().expect("a list").iter();
    let found: Vec<String> =
        findings.map(|f| format!("{} {}", f["path"].as_str().expect("one"), f["state"].as_str().expect("one"))).collect();
    assert_eq!(found, ["a.py suppressed", "b.py baselined", "c.py active"]);
}

#[test]
fn checks_that_checkov_and_trivy_leave_out() {
    let dir = repository();
    write(
        dir.path(),
        ".checkov.yaml",
        "branch: develop\ncheck:\n  - CKV_DOCKER_1\nframework:\n  - all \nskip-check: \n  - CKV_DOCKER_3 \n  - CKV_AWS_20\nskip-path:\n  - ^legacy/\nsoft-fail: true\n",
    );
    write(
        dir.path(),
        ".trivyignore",
        "# Accept the risk until then\nAVD-AWS-0107 exp:9023-01-01\n# Accept the risk\nCVE-2018-14618\nAVD-AWS-0086\n",
    );
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n";
    write(dir.path(), "main.tf", bucket);
    let run = gatepost(dir.path(), &["import"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for left in ["CKV_DOCKER_1", "CKV_DOCKER_3", "soft-fail", "CVE-2018-14618"] {
        assert!(run.stderr.contains(left), "{left} is told: {}", run.stderr);
    }
    let config = read(dir.path(), ".gatepost.yml");
    assert!(
        config.contains("'s3-public-acl'") && config.contains("until: 9023-01-01") && config.contains("path-matches: '^legacy/'"),
        "{config}"
    );
    assert_eq!(gatepost(dir.path(), &["config", "check"]).code, 0, "{config}");
    assert!(!gatepost(dir.path(), &["scan"]).stdout.contains("s3-public-acl"));
    let again = gatepost(dir.path(), &["import", ".trivyignore"]);
    assert!(again.code == 0 && again.stderr.contains("is there already"), "what is there is never overwritten: {}", again.stderr);
    assert_eq!(read(dir.path(), ".gatepost.yml"), config);
    assert_eq!(gatepost(dir.path(), &["import", "main.tf"]).code, 2);
}

/// A comment is the reason of what stands below it, up to an empty line.
#[test]
fn a_comment_of_trivy_s_file_speaks_of_its_own_block() {
    let dir = repository();
    let text = "# The site\n# is public\nAVD-AWS-0092 exp:9023-01-01\nAVD-AWS-0107 exp:9023-01-01\n\nAVD-AWS-0086 exp:9023-01-01\n";
    write(dir.path(), ".trivyignore", text);
    let run = gatepost(dir.path(), &["import"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let config = read(dir.path(), ".gatepost.yml");
    let reasons: Vec<&str> = config.lines().filter_map(|line| line.trim().strip_prefix("reason: ")).collect();
    assert_eq!(reasons, ["'The site is public'", "'The site is public'", "'in .trivyignore'"], "{config}");
}
