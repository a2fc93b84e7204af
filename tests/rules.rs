//! Rules as data, through the binary: every example runs, every page is fresh, a user's rules are the same kind of file.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gatepost::rule::def::Told;
use gatepost::rule::{Body, RuleSet, doc};
use support::{gatepost, made, places, write};

#[test]
fn every_example_of_every_built_in_rule_holds() {
    let run = gatepost(Path::new("."), &["rules", "test"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.ends_with(" 0 failed\n"), "{}", run.stdout);
    let run = gatepost(Path::new("."), &["rules", "check"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn every_rule_is_a_page_worth_reading() {
    let rules = RuleSet::embedded();
    assert!(rules.rules().len() >= 6, "the rules of the first issue are there");
    for (index, rule) in rules.rules().iter().enumerate() {
        let (id, page) = (&rule.meta.id, rules.page(index));
        assert!(!rule.meta.families.is_empty(), "{id} has no family");
        let shown = [&page.snippets.hcl, &page.snippets.cfn].into_iter().flatten().map(String::len).sum::<usize>();
        assert!(page.why.len() > 40 && page.fix.len() + shown > 20, "{id} says too little");
        let shown_elsewhere = matches!(rule.body, Body::Suppression(Told::Changed));
        assert!(shown_elsewhere || !page.bad.is_empty() && !page.good.is_empty(), "{id} has no examples");
        assert!(page.references.iter().all(|r| r.starts_with("https://")), "{id}");
    }
}

#[test]
fn an_alias_names_one_rule_and_nothing_else() {
    let rules = RuleSet::embedded();
    let mut names = BTreeMap::new();
    for meta in rules.rules().iter().map(|rule| &rule.meta) {
        for name in [meta.id.as_str(), meta.group.as_str()].into_iter().chain(meta.families.iter().map(String::as_str)) {
            names.insert(name, meta.id.as_str());
        }
    }
    for (index, rule) in rules.rules().iter().enumerate() {
        for alias in &rule.meta.aliases {
            let id = rule.meta.id.as_str();
            assert!(
                alias.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b)),
                "`{alias}` of {id} cannot be written in an ignore"
            );
            if let Some(other) = names.insert(alias, id) {
                panic!("`{alias}` of {id} is a name of {other}");
            }
            assert_eq!(rules.find(alias), Some(index), "{alias}");
        }
    }
    for (alias, id) in
        [("CKV_AWS_20", "s3-public-acl"), ("aws-s3-enable-bucket-encryption", "s3-no-encryption"), ("F3", "iam-wildcard-action")]
    {
        assert_eq!(rules.find(alias).map(|index| rules.rules()[index].meta.id.as_str()), Some(id), "{alias}");
    }
}

#[test]
fn generated_pages_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(gatepost(dir.path(), &["generate", "docs", "--to", "rules"]).code, 0);
    let read = |folder: &Path| -> BTreeMap<String, String> {
        let entries = fs::read_dir(folder).expect("pages").map(|e| e.expect("an entry").path());
        entries.map(|p| (p.file_name().expect("a name").to_string_lossy().into_owned(), fs::read_to_string(&p).expect("text"))).collect()
    };
    let (fresh, kept) = (read(&dir.path().join("rules")), read(&root.join("docs/rules")));
    assert!(fresh == kept, "docs/rules is stale: run `cargo run -- generate docs`");
}

const OWN: &str = r"
- id: acme-token
  families: [acme]
  title: Acme token
  severity: high
  why: Somebody who finds it can order anvils in our name, by the hundred, to any address.
  fix: Revoke it at the console of Acme, then remove it from the code.
  secret:
    keywords: [acme_]
    pattern: '\b(?P<secret>acme_[a-z0-9]{20})\b'
  bad: ['token = acme_h7d2k9s4m1x8q5w3e6r0']
  good: ['token = acme_short']
";

#[test]
fn a_user_s_rule_is_found_explained_and_tested() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", OWN);
    write(dir.path(), "src/a.txt", "x = acme_h7d2k9s4m1x8q5w3e6r0\n");
    let run = gatepost(dir.path(), &["scan", "src", "--rules", "own", "--format", "json"]);
    assert_eq!((run.code, places(&run.json())), (1, vec!["acme-token src/a.txt:1:5".to_owned()]));
    assert!(gatepost(dir.path(), &["rules", "list", "--rules", "own"]).stdout.contains("acme-token"));
    assert!(gatepost(dir.path(), &["explain", "acme-token", "--rules", "own"]).stdout.contains("anvils"));
    assert_eq!(gatepost(dir.path(), &["rules", "test", "--rules", "own", "user"]).code, 0);
    write(dir.path(), "own/acme.yml", OWN.replace("acme_short", "acme_h7d2k9s4m1x8q5w3e6r0"));
    let run = gatepost(dir.path(), &["rules", "test", "--rules", "own", "user"]);
    assert!(run.code == 1 && run.stdout.contains("fail acme-token, good 1 at own/acme.yml:12:10\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  - expected  no finding\n  + got       high at example.txt:1:9: "), "{}", run.stdout);
    assert!(!run.stdout.contains("h7d2k9s4m1x8q5w3e6r0"), "{}", run.stdout);
}

#[test]
fn a_wrong_rule_is_explained_with_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let wrong = [
        (OWN.replace("severity: high", "severity: hihg"), "own/acme.yml:5:13", "did you mean `high`?"),
        (OWN.replace("families:", "familes:"), "own/acme.yml:3:3", "did you mean `families`?"),
        (OWN.replace("{20}", "+"), "own/acme.yml:10:14", "any length"),
        (OWN.replace("id: acme-token", "id: Acme Token"), "own/acme.yml:2:7", "lower-case"),
        (OWN.replace("    keywords: [acme_]\n", ""), "own/acme.yml:9:5", "`keywords` is missing"),
        (OWN.replace("title:", "title: [unclosed\n  x:"), "own/acme.yml:", ""),
    ];
    for (text, place, help) in wrong {
        write(dir.path(), "own/acme.yml", &text);
        let run = gatepost(dir.path(), &["scan", "--rules", "own"]);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(place) && run.stderr.contains(help), "wanted {place} and `{help}`:\n{}", run.stderr);
        let run = gatepost(dir.path(), &["rules", "check", "--rules", "own", "user"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(place) && said.contains(help), "wanted {place} and `{help}`:\n{}", run.stdout);
    }
    let run = gatepost(dir.path(), &["scan", "--rules", "nowhere"]);
    assert!(run.code == 2 && run.stderr.contains("nowhere"), "{}", run.stderr);
}

#[test]
fn a_validator_that_is_none_is_a_fault_of_the_rule() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", OWN.replace("  bad:", "    validate: acme-checksum\n  bad:"));
    let run = gatepost(dir.path(), &["rules", "check", "--rules", "own", "user"]);
    assert!(run.code != 0 && run.stdout.contains("acme-checksum"), "{}{}", run.stdout, run.stderr);
    let run = gatepost(dir.path(), &["scan", "--rules", "own"]);
    assert!(run.code == 2 && run.stderr.contains("acme-token"), "{}", run.stderr);
}

#[test]
fn explain_knows_every_rule_and_guesses_a_misspelt_one() {
    let rules = RuleSet::embedded();
    for (index, rule) in rules.rules().iter().enumerate() {
        let (id, page) = (rule.meta.id.as_str(), doc::text(rule, rules.page(index)));
        assert!(rules.find(id) == Some(index) && page.contains(&rule.meta.title), "{page}");
        // The program starts in a moment, and there are many rules.
        if index % 100 == 0 {
            let run = gatepost(Path::new("."), &["explain", id]);
            assert_eq!((run.code, run.stdout), (0, page), "{id}");
        }
    }
    let run = gatepost(Path::new("."), &["explain", "aws-acces-key"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `aws-access-key`?"), "{}", run.stderr);
    assert!(!made("aws-key-id", 1).is_empty());
}

#[test]
fn a_rule_of_a_built_in_s_name_takes_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", OWN.replace("acme-token", "github-token"));
    let list = gatepost(dir.path(), &["rules", "list", "--rules", "own"]).stdout;
    assert_eq!(list.matches("github-token ").count(), 1, "{list}");
    write(dir.path(), "a.txt", format!("acme_h7d2k9s4m1x8q5w3e6r0 {}", made("github-token", 1)));
    let report = gatepost(dir.path(), &["scan", "a.txt", "--select", "github-token", "--rules", "own", "--format", "json"]).json();
    assert_eq!(places(&report), ["github-token a.txt:1:1"], "its pattern, and not the built-in one's");
    assert_eq!(gatepost(dir.path(), &["rules", "test", "--rules", "own", "github-token"]).code, 0);
}

#[test]
fn a_wrong_predicate_is_told_with_its_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let rule = "- id: my-acl\n  families: [my]\n  title: t\n  severity: low\n  why: w\n  fix: f\n  for: s3.acl\n  where: {acl: {inn: [x]}}\n  message: m\n";
    // None of them waits until it is asked of something.
    for wrong in ["{inn: [x]}", "{regex: '(?:a{500}){500}'}", "{secret: [literal, gihtub]}"] {
        write(dir.path(), "own/mine.yml", rule.replace("{inn: [x]}", wrong));
        for command in [["scan", "--rules", "own"].as_slice(), &["rules", "check", "--rules", "own", "user"]] {
            let run = gatepost(dir.path(), command);
            let told = format!("{}{}", run.stdout, run.stderr);
            assert!(run.code != 0 && told.contains("own/mine.yml:8:"), "{wrong}: {told}");
            assert!(!wrong.contains("gihtub") || told.contains("did you mean `github`?"), "{told}");
        }
    }
}

#[test]
fn generating_pages_removes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let note = write(dir.path(), "docs/notes.md", "mine");
    assert_eq!(gatepost(dir.path(), &["generate", "docs", "--to", "docs"]).code, 0);
    assert!(note.exists());
}

const TAGGED: &str = r"
- id: acme-private
  families: [acme-private]
  title: Acme's buckets are private
  severity: high
  why: What is public at Acme is read by its rivals.
  fix:
    text: Make it private.
    hcl: |
      resource {
        acl = var.acl_KEY
      }
    cfn: |
      Properties:
        AccessControl: Private
  for: s3.acl
  where: {acl: public-read}
  at: acl
  message: '{anchor} is public'
";

#[test]
fn a_finding_shows_what_to_write_in_the_dialect_of_its_file() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", TAGGED);
    write(dir.path(), "a/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n");
    write(dir.path(), "a/t.yml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {AccessControl: PublicRead}\n");
    write(dir.path(), "a/t.json", r#"{"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"AccessControl":"PublicRead"}}}}"#);
    let scan =
        |format| gatepost(dir.path(), &["scan", "a", "--isolated", "--select", "acme-private", "--rules", "own", "--format", format]);
    let report = scan("json").json();
    let snippets: Vec<_> = report["findings"].as_array().expect("a list").iter().map(|f| &f["fix"]["snippet"]).collect();
    let dialects: Vec<_> = snippets.iter().map(|s| s["dialect"].as_str().expect("a dialect")).collect();
    assert_eq!(dialects, ["hcl", "cfn", "cfn"]);
    assert_eq!(snippets[1]["text"], "Properties:\n  AccessControl: Private");
    let human = scan("human").stdout;
    assert!(human.contains("  fix:  Make it private.\n        resource {\n          acl = var.acl_KEY\n        }\n"), "{human}");
    let page = gatepost(dir.path(), &["explain", "acme-private", "--rules", "own"]).stdout;
    assert!(page.contains("  CloudFormation:\n    Properties:\n      AccessControl: Private\n"), "{page}");
}

/// Two rules and a view, with a fault in nearly every line.
const WRONG: &str = r"- view: acme.bucket
  kinds:
    aws_s3_bucket:
      name: {pth: bucket}
      acl: 'a..b'

- id: acme-one
  families: [s3-public-acls]
  severty: high
  title: One
  why: Because of Acme.
  fix: Do it.
  for: [s3.acl, s3.acll]
  where:
    any: [{akl: x}, {acl: {inn: [x]}}]
    not: {linked: s3.public_access_blok}
  at: aclx
  message: '{acl} makes {ancor} public'
  bad:
    - hcl: |
        resource {}
  good: [{hcl: ''}]

- id: acme-two
  families: [acme-two]
  title: Two
  severity: hgh
  why: Because.
  fix: Do.
  for: s3.acl
  where: {acl: public-read}
  message: m
";

#[test]
fn a_check_tells_every_fault_at_its_word() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/wrong.yml", WRONG);
    let run = gatepost(dir.path(), &["rules", "check", "--rules", "own", "user"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    insta::with_settings!({snapshot_path => "../testdata/report", prepend_module_to_snapshot => false, omit_expression => true}, {
        // How many rules there are is not what is asked.
        let (before, count) = run.stdout.trim_end().rsplit_once('\n').expect("lines");
        let count = count.trim_start_matches(|c: char| c.is_ascii_digit());
        insta::assert_snapshot!("rules-check", format!("{before}\nall{count}\n"));
    });
    let run = gatepost(dir.path(), &["rules", "check", "--rules", "own", "--format", "json"]);
    let said = run.json();
    let all = said["diagnostics"].as_array().expect("a list");
    let lines: Vec<&str> = WRONG.lines().collect();
    let word = |d: &serde_json::Value| {
        let at = |end: &str, what: &str| usize::try_from(d[end][what].as_u64().expect("a number")).expect("small") - 1;
        lines[at("start", "line")][at("start", "column")..at("end", "column")].to_owned()
    };
    let words: Vec<String> = all.iter().map(word).collect();
    assert_eq!(said["faults"].as_u64(), Some(words.len() as u64), "{said}");
    assert_eq!(words, ["pth", "'a..b'", "severty", "s3.acll", "akl", "inn", "s3.public_access_blok", "aclx", "ancor", "hgh"]);
}

#[test]
fn a_check_warns_of_what_is_most_likely_not_meant() {
    let dir = tempfile::tempdir().expect("a folder");
    let rule = WRONG.replace("hgh", "low").split_once("- id: acme-two").expect("there").1.to_owned();
    let rule = format!("- view: acme.none\n  kinds: {{acme_thing: {{name: name}}}}\n- id: acme-two{rule}")
        .replace("[acme-two]", "[acme-two, s3-public-acls]")
        + "  bad: [{hcl: 'resource \"aws_s3_bucket\" \"b\" { acl = \"public-read\" }'}]\n  good: [{hcl: ''}, {cfn: ''}]\n";
    write(dir.path(), "own/acme.yml", &rule);
    let check = |more: &[&str]| gatepost(dir.path(), &[&["rules", "check", "--rules", "own", "--format", "json"], more].concat());
    let run = check(&[]);
    let said = run.json();
    let told: Vec<String> = said["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| format!("{} {}:{} {}", d["kind"].as_str().expect("text"), d["start"]["line"], d["start"]["column"], d["message"]))
        .collect();
    assert_eq!(
        told,
        [
            "warning 1:9 \"no rule uses the view `acme.none`\"",
            "warning 4:24 \"`s3-public-acls` is no known family\"",
            "warning 12:8 \"no `cfn` example among `bad`, though what it looks at has kinds of that dialect\"",
            "warning 12:9 \"a bad example without `at`: a finding anywhere in it would do\"",
        ]
    );
    assert_eq!((run.code, check(&["--strict"]).code, check(&["secrets", "--strict"]).code), (0, 1, 0));
    assert_eq!(gatepost(dir.path(), &["rules", "check", "--rules", "nowhere"]).code, 2);
}

/// Examples that show something else than they say, in both dialects.
const FAILING: &str = r#"
- id: acme-acl
  families: [acme-acl]
  title: Acme's buckets are private
  severity: high
  why: What is public at Acme is read by its rivals.
  fix: Make it private.
  for: s3.acl
  where: {acl: public-read}
  lower: {where: {linked: s3.public_access_block, where: {ignore_public_acls: true}}, severity: info, message: 'no effect'}
  at: acl
  message: '{acl} at {anchor}'
  bad:
    - hcl: |
        variable "acl" { default = "public-read" }
        resource "aws_s3_bucket" "b" {
          acl = var.acl
        }
      at: default
    - hcl: |
        variable "acl" {}
        resource "aws_s3_bucket" "b" {
          acl = var.acl
        }
    - cfn: |
        Resources:
          B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}
      at: PublicRead
      severity: info
      message: no effect
    - cfn: |
        Resources:
          B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead, PublicAccessBlockConfiguration: {IgnorePublicAcls: true}}}
      at: PublicRead
      severity: info
      message: no effect
  good:
    - cfn: |
        Resources:
          B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}
"#;

#[test]
fn a_failing_example_is_told_with_what_was_expected_and_what_came() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", FAILING);
    let run = gatepost(dir.path(), &["rules", "test", "--rules", "own", "acme-acl", "--verbose"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    insta::with_settings!({snapshot_path => "../testdata/report", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("rules-test", run.stdout);
    });
    assert!(run.stdout.contains("ok acme-acl, bad 4 (cfn) at own/acme.yml:"), "{}", run.stdout);
    let quiet = gatepost(dir.path(), &["rules", "test", "--rules", "own", "acme-acl"]).stdout;
    assert!(!quiet.contains("ok ") && quiet.matches("fail ").count() == 4, "{quiet}");
}

#[test]
fn a_new_rule_is_accepted_and_its_examples_fail_until_they_are_filled_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| gatepost(dir.path(), &[&["rules"], args].concat());
    let mut made = 0;
    for view in RuleSet::embedded().views().iter().map(|view| view.name.as_str()).chain(["aws_sqs_queue", "AWS::SQS::Queue", "module"]) {
        let id = format!("acme-{}", view.replace(['.', '_', ':'], "-").to_lowercase());
        let new = run(&["new", &id, "--for", view, "--dir", "own"]);
        if !new.stderr.contains("has no names to test") {
            assert_eq!(new.code, 0, "{}", new.stderr);
            made += 1;
        }
    }
    let check = run(&["check", "--rules", "own", "user"]);
    assert!(check.code == 0 && check.stdout.ends_with(&format!("{made} rules checked: 0 faults, {made} warnings\n")), "{}", check.stdout);
    assert_eq!(check.stdout.matches("CHANGE-ME is left in").count(), made, "each says that it is not filled in");
    let test = run(&["test", "--rules", "own", "user", "--verbose"]);
    assert_eq!(test.code, 1);
    let lines: Vec<&str> = test.stdout.lines().filter(|line| line.contains(" at own/")).collect();
    assert!(lines.len() >= 2 * made, "{}", test.stdout);
    for line in lines {
        assert_eq!(line.starts_with("fail "), line.contains(", bad "), "{line}");
    }
    assert_eq!(test.stdout.matches("fail ").count(), test.stdout.matches("expected  the text `CHANGE-ME`").count());
}

#[test]
fn a_new_rule_takes_nothing_s_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let new = |args: &[&str]| gatepost(dir.path(), &[&["rules", "new"], args].concat());
    assert_eq!(new(&["acme-one"]).code, 0);
    write(dir.path(), "rules/acme-one.yml", "mine");
    for (args, said) in [
        (["acme-one", "--for", "s3.acl"], "rules/acme-one.yml is there already"),
        (["aws-access-key", "--for", "s3.acl"], "there is a rule `aws-access-key`"),
        (["Acme One", "--for", "s3.acl"], "lower-case letters"),
        (["acme-two", "--for", "s3.acll"], "did you mean `s3.acl`? views near it are `s3.acl`, "),
        (["acme-two", "--for", "a_b: {"], "is no view and no kind"),
    ] {
        let run = new(&args);
        assert!(run.code == 2 && run.stderr.contains(said), "{}", run.stderr);
    }
    assert_eq!(fs::read_to_string(dir.path().join("rules/acme-one.yml")).expect("there"), "mine");
}

#[test]
fn views_are_listed_with_their_attributes_and_kinds() {
    let all = gatepost(Path::new("."), &["rules", "views"]).stdout;
    for view in RuleSet::embedded().views() {
        assert!(all.lines().any(|line| line.starts_with(&format!("{} ", view.name))), "{} in {all}", view.name);
        assert_eq!(gatepost(Path::new("."), &["rules", "views", &view.name]).code, 0);
    }
    let one = gatepost(Path::new("."), &["rules", "views", "s3.acl"]).stdout;
    assert!(one.starts_with("s3.acl\n\n  acl\n    aws_s3_bucket      acl\n"), "{one}");
    assert!(one.contains("    AWS::S3::Bucket    AccessControl\n"), "{one}");
    let run = gatepost(Path::new("."), &["rules", "views", "s3.alc"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `s3.acl`?"), "{}", run.stderr);
}

/// What several rules say of one ACL is told once, by the one that says all of it; alone, each says its own.
#[test]
fn a_public_bucket_is_told_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"example\"\n}\nresource \"aws_s3_bucket_acl\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  acl    = \"public-read\"\n}\n";
    let trail = "resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = aws_s3_bucket.b.id\n}\n";
    let told = |source: &str, select: &str| {
        write(dir.path(), "main.tf", source);
        let report = gatepost(dir.path(), &["scan", "--isolated", "--select", select, "--format", "json", "main.tf"]).json();
        let severities = report["findings"].as_array().expect("a list").iter().map(|f| f["severity"].to_string()).collect::<Vec<_>>();
        (places(&report), severities)
    };
    let both = "s3-public-acl,s3-bucket-public,cloudtrail-bucket-public";
    assert_eq!(told(bucket, both), (vec!["s3-bucket-public main.tf:6:12".to_owned()], vec!["\"high\"".to_owned()]));
    let whole = format!("{bucket}{trail}");
    assert_eq!(told(&whole, both), (vec!["cloudtrail-bucket-public main.tf:6:12".to_owned()], vec!["\"critical\"".to_owned()]));
}
