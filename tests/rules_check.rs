//! `gatepost rules check` over files that a person wrote in a hurry: what is dead, always true, or most likely a slip.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use support::{gatepost, write};

/// A sound rule, of which each case changes a line.
const RULE: &str = "- id: acme-t
  families: [acme-t]
  title: Acme
  severity: medium
  why: Because of Acme.
  fix: Do it.
  references: [https://acme.example/rules]
  for: AWS::S3::Bucket
  where: {AccessControl: PublicRead}
  message: '{address} is public'
  bad: [{cfn: 'Resources: {B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}}', at: PublicRead}]
  good: [{cfn: 'Resources: {B: {Type: AWS::S3::Bucket}}'}]
";

/// What a check says of a file: faults and warnings with the text that each points at.
fn check(file: &str, names: &[&str]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "own/acme.yml", file);
    let run = gatepost(dir.path(), &[&["rules", "check", "--rules", "own", "--format", "json"], names].concat());
    assert!(run.code < 2, "{}", run.stderr);
    let said = run.json();
    let lines: Vec<&str> = file.lines().collect();
    let one = |d: &serde_json::Value| {
        let number = |end: &str, what: &str| usize::try_from(d[end][what].as_u64().expect("a number")).expect("small") - 1;
        let line = lines.get(number("start", "line")).copied().unwrap_or_default();
        let word = line.get(number("start", "column")..number("end", "column")).unwrap_or_default();
        format!("{} {word}: {}", d["kind"].as_str().expect("text"), d["message"].as_str().expect("text"))
    };
    said["diagnostics"].as_array().expect("a list").iter().map(one).collect()
}

#[test]
fn what_is_dead_or_always_true_is_told_at_its_word() {
    assert_eq!(check(RULE, &["acme-t"]), [""; 0]);
    for (line, wrong, told) in [
        ("where: {AccessControl: PublicRead}", "where: {all: []}", "fault []: `all` of nothing always holds"),
        ("where: {AccessControl: PublicRead}", "where: {any: []}", "fault []: `any` of nothing never holds"),
        ("{AccessControl: PublicRead}\n", "{AccessControl: {in: []}}\n", "fault []: `in` of nothing never holds"),
        ("{AccessControl: PublicRead}\n", "{AccessControl: {not-in: []}}\n", "fault []: `not-in` of nothing always holds"),
        ("title: Acme", "title: ''", "fault '': an empty text"),
        ("message: '{address} is public'", "message: ' '", "fault ' ': an empty text"),
        (
            "message: '{address}",
            "lower: {where: {A: 1}, severity: high, message: m}\n  message: '{address}",
            "fault high: `high` is higher than the rule's own `medium`",
        ),
        ("https://acme.example/rules", "acme.example/rules", "warning acme.example/rules: `acme.example/rules` is no `https://` address"),
        ("fix: Do it.", "fix: CHANGE-ME.", "warning CHANGE-ME: CHANGE-ME is left in it"),
        (
            "for: AWS::S3::Bucket",
            "for: [AWS::S3::Bucket, awscc_s3_buckt]",
            "warning awscc_s3_buckt: no rule and no view that is built in knows the kind `awscc_s3_buckt`",
        ),
    ] {
        let file = RULE.replacen(line, wrong, 1);
        assert_ne!(file, RULE, "{line}");
        assert!(check(&file, &["acme-t"]).iter().any(|said| said == told), "{wrong}: {:?}", check(&file, &["acme-t"]));
    }
    let bracket = RULE.replace("PublicRead}\n", "{glob: 'Public[Read'}}\n");
    assert_eq!(check(&bracket, &["acme-t"]), [""; 0], "brackets are letters");
    let far = RULE.replace("for: AWS::S3::Bucket", "for: [AWS::S3::Bucket, AWS::Acme::Anvil]");
    assert_eq!(check(&far, &["acme-t"]), [""; 0], "a kind that nobody here knows");
}

#[test]
fn actions_and_resources_that_no_policy_could_mean_are_faults() {
    let rule = |given: &str| {
        RULE.replace("for: AWS::S3::Bucket", "for: iam.statement")
            .replace("where: {AccessControl: PublicRead}", &format!("where: {{allows: {given}}}"))
    };
    let faults = |given: &str| check(&rule(given), &["acme-t"]).into_iter().filter(|said| said.starts_with("fault")).collect::<Vec<_>>();
    assert_eq!(faults("{action: PassRole, on: '*'}"), ["fault PassRole: `PassRole` is no action"]);
    assert_eq!(faults("{action: '*', on: bucket}"), ["fault bucket: `bucket` is no resource"]);
    assert_eq!(faults("{action: 'iam:PassRole', on: 'arn:aws:iam::*:role/*'}"), [""; 0]);
    assert_eq!(faults("{action: '*', on: '*'}"), [""; 0]);
}

#[test]
fn a_view_s_misspelt_words_and_kinds_are_doubted() {
    let view = "- view: acme.log\n  kinds:\n    aws_s3_buckett: {ancor: self, name: bucket}\n    AWS::S3::Bucket: {anchor: self, name: BucketName, kind: x}\n";
    let said = check(&format!("{view}{RULE}"), &["acme-t"]);
    assert!(said.contains(&"warning ancor: `ancor` is taken for a name of `acme.log`".to_owned()), "{said:?}");
    assert!(said.iter().any(|said| said.starts_with("warning aws_s3_buckett: ")), "{said:?}");
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn names_that_are_not_there_are_told_with_what_there_is() {
    let project = |body: &str| RULE.replace("for: AWS::S3::Bucket", "for: project").replace("where: {AccessControl: PublicRead}", body);
    let help = |file: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), "own/acme.yml", file);
        gatepost(dir.path(), &["rules", "check", "--rules", "own", "acme-t"]).stdout
    };
    let set = help(&project("where: {none: aws_budgets_budget}"));
    assert!(set.contains("a set is a view here, or `files:GLOB`") && set.contains("kinds: {aws_budgets_budget:"), "{set}");
    let test = help(&project("where: {name: x}"));
    assert!(test.contains("asks for views or for files"), "{test}");
    let message = help(&project("where: {none: 'files:CODEOWNERS'}").replace("{address} is public", "{count} of them"));
    assert!(message.contains("a message here has no names but `{address}`"), "{message}");
    for text in [&set, &test, &message] {
        assert!(!text.contains("known names:") && !text.contains("did you mean `count`"), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_before_a_name_is_nobody_s() {
    let said = check(&RULE.replace("  where: {", "  where: ["), &["acme-t"]);
    assert!(said.len() == 1 && said[0].starts_with("fault "), "{said:?}");
    let said = check(&RULE.replace("id: acme-t", "idd: acme-t"), &["acme-t"]);
    assert!(said.iter().any(|said| said == "fault idd: unknown field `idd`"), "{said:?}");
    let table = "- table: acme-old\n  as-of: tomorrow\n  entries: {a*: 2024-01-01}\n";
    let rule = RULE.replace("AccessControl: PublicRead}\n", "AccessControl: {older: acme-old}}\n");
    let said = check(&format!("{table}{rule}"), &["acme-t"]);
    assert_eq!(said, ["fault tomorrow: `tomorrow` is no day"]);
}

#[test]
fn a_new_rule_is_about_files_or_a_project_or_several_kinds() {
    let dir = tempfile::tempdir().expect("a folder");
    for over in ["files", "project", "aws_sqs_queue,AWS::SQS::Queue"] {
        let id = format!("acme-{}", over.len());
        let run = gatepost(dir.path(), &["rules", "new", &id, "--for", over, "--dir", "own"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let check = gatepost(dir.path(), &["rules", "check", "--rules", "own", &id]);
        assert!(check.code == 0 && check.stdout.ends_with("1 rule checked: 0 faults, 1 warning\n"), "{}", check.stdout);
        let test = gatepost(dir.path(), &["rules", "test", "--rules", "own", &id]).stdout;
        assert!(test.contains(&format!("fail {id}, bad 1")) && !test.contains(", good"), "{test}");
    }
    let wrong = gatepost(dir.path(), &["rules", "new", "acme-w", "--for", "aws_sqs_queue,s3.acll", "--dir", "own"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("`s3.acll` is no view and no kind of resource"), "{}", wrong.stderr);
}
