//! Statements of policy documents as instances of a view, end to end: whatever carries them, at their places.

use std::collections::BTreeSet;

use super::tests::compiled;
use super::*;
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

fn rule(view: &str, where_: &str, at: &str) -> String {
    format!(
        "- id: t\n  title: t\n  severity: high\n  why: w\n  fix: f\n  for: {view}\n  where: {where_}\n  at: {at}\n  message: '{{{at}}}'\n"
    )
}

/// Message, line and column of each finding.
fn found(judged: &Judged) -> Vec<(String, u32, u32)> {
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    let place = |finding: &Finding| {
        let excerpt = finding.primary.excerpt.as_ref().expect("pinned");
        (finding.message.clone(), excerpt.start.line, excerpt.start.column)
    };
    judged.findings.iter().map(|breach| place(&breach.finding)).collect()
}

fn terraform(rule: &str, source: &str) -> Vec<(String, u32, u32)> {
    let judged = compiled(rule).judge_terraform(
        &Memory::of([("main.tf", source)]),
        &BTreeSet::from([Vec::new()]),
        &Inputs::new(),
        &Variables::default(),
    );
    found(&judged)
}

fn template(rule: &str, source: &str) -> Judged {
    compiled(rule).judge_template(&Memory::of([("t.yml", source)]), b"t.yml", &Inputs::new())
}

/// A role whose trust policy has these statements.
fn trust(statements: &str) -> String {
    format!("Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Statement: {statements}}}\n")
}

#[test]
fn a_statement_is_found_in_text_in_lists_and_in_escaped_json() {
    let rule = rule("iam.statement", "{allows: {action: '*', on: '*'}}", "action");
    let heredoc = "resource \"aws_iam_policy\" \"p\" {\n  policy = <<EOF\n{\"Statement\": {\n  \"Effect\": \"Allow\", \"Action\": [\"s3:*\", \"*\"], \"Resource\": \"*\"}}\nEOF\n}\n";
    assert_eq!(terraform(&rule, heredoc), [("*".to_owned(), 4, 41)]);
    let escaped = r#"resource "aws_iam_policy" "p" {
  policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}"
}"#;
    assert_eq!(terraform(&rule, escaped).first().map(|(_, line, _)| *line), Some(2));
    let inline = "resource \"aws_iam_role\" \"r\" {\n  inline_policy {\n    policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = \"*\" }] })\n  }\n}\n";
    assert_eq!(terraform(&rule, inline).first().map(|(_, line, _)| *line), Some(3));
    for nothing in [
        heredoc.replace("\"Allow\"", "\"allow\""),
        heredoc.replace("\"Allow\"", "\"Deny\""),
        heredoc.replace("\"Action\"", "\"action\""),
        heredoc.replace("\"*\"], \"R", "\"iam:Pass Role\"], \"R"),
    ] {
        assert_eq!(terraform(&rule, &nothing), [], "{nothing}");
    }
}

#[test]
fn what_is_not_known_is_a_question_and_a_choice_is_taken_apart() {
    let rule = rule("iam.statement", "{allows: {action: 's3:*', on: '*'}}", "action");
    let source = |action: &str| {
        format!(
            "Parameters: {{A: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref A, x]}}\nResources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Statement: [{{Effect: Allow, Action: {action}, Resource: '*'}}]}}\n"
        )
    };
    let unknown = template(&rule, &source("!Ref A"));
    assert_eq!((unknown.findings.len(), unknown.unknown.len()), (0, 1));
    let chosen = found(&template(&rule, &source("!If [C, 's3:*', 's3:GetObject']")));
    assert_eq!(chosen, [("s3:*, when C is true".to_owned(), 7, 68)]);
    assert_eq!(found(&template(&rule, &source("[!Ref A, 'S3:*']"))).len(), 1, "what is known is enough");
}

#[test]
fn a_deny_of_all_others_makes_it_public_by_name_only() {
    let open = "{Effect: Allow, Principal: {AWS: '*'}, Action: sts:AssumeRole}";
    let but_ours = "{Effect: Deny, Principal: '*', Action: 'sts:*', Condition: {StringNotEquals: {'aws:PrincipalOrgID': o-abc}}}";
    let but_a_region = but_ours.replace("aws:PrincipalOrgID", "aws:RequestedRegion");
    let limited = open.replace("sts:AssumeRole}", "sts:AssumeRole, Condition: {StringEquals: {'AWS:principalOrgId': o-abc}}}");
    for (statements, by_name, effectively) in [
        (format!("[{open}]"), 1, 1),
        (format!("[{open}, {but_ours}]"), 1, 0),
        (format!("[{open}, {but_a_region}]"), 1, 1),
        (format!("[{limited}]"), 0, 0),
    ] {
        for (level, count) in [("L1", by_name), ("L2", effectively)] {
            let rule = rule("iam.trust", &format!("{{public: {level}}}"), "principal");
            assert_eq!(found(&template(&rule, &trust(&statements))).len(), count, "{level} of {statements}");
        }
    }
}

#[test]
fn names_of_statements_are_lists_and_conditions_say_whether_they_bind() {
    let bound = "{some: condition, as: c, where: {c.binds: true, c.key: 'sts:externalid', 'c.values[*]': secret}}";
    let statement =
        |condition: &str| trust(&format!("{{Effect: Allow, Principal: {{AWS: a}}, Action: sts:AssumeRole, Condition: {condition}}}"));
    let count = |condition: &str| found(&template(&rule("iam.trust", bound, "condition"), &statement(condition))).len();
    assert_eq!(count("{StringEquals: {'sts:ExternalId': [other, secret]}}"), 1);
    assert_eq!(count("{StringEqualsIfExists: {'sts:ExternalId': secret}}"), 0);
    let some = rule("iam.trust", "{'principal[*]': {set: true}, 'principal[*].id': a}", "principal.id");
    assert_eq!(found(&template(&some, &statement("{}"))), [("a".to_owned(), 5, 78)]);
}

#[test]
fn a_document_that_nothing_refers_to_is_judged_as_what_it_looks_like() {
    let rule = rule("iam.statement", "{allows: {action: '*', on: '*'}}", "action");
    let document = "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions   = [\"*\"]\n    resources = [\"*\"]\n  }\n}\n";
    assert_eq!(terraform(&rule, document), [("*".to_owned(), 3, 18)]);
    let used = format!("{document}output \"json\" {{\n  value = data.aws_iam_policy_document.d.json\n}}\n");
    assert_eq!(terraform(&rule, &used), []);
    let of_a_resource =
        document.replace("  statement {\n", "  statement {\n    principals {\n      type = \"AWS\"\n      identifiers = [\"*\"]\n    }\n");
    assert_eq!(terraform(&rule, &of_a_resource), []);
}

#[test]
fn words_of_statements_stand_in_rules_on_statements_only() {
    let faults = |view: &str, where_: &str| {
        let items = crate::load::rules("test.yml", rule(view, where_, "action").as_bytes(), "test").expect("rules");
        let rules: Vec<Rule> =
            items.into_iter().filter_map(|item| if let crate::rule::def::Item::Rule(both) = item { Some(both.0) } else { None }).collect();
        let set = crate::rule::RuleSet::embedded();
        Compiled::new(rules.iter().enumerate(), set.views(), set.tables()).err().map(|errors| errors[0].error.message.clone())
    };
    let said = faults("aws_s3_bucket", "{public: L1}").expect("a fault");
    assert!(said.contains("statements of a policy"), "{said}");
    assert!(faults("iam.trust", "{public: L3}").is_some() && faults("iam.trust", "{allows: {action: 's3:*'}}").is_some());
    assert!(faults("iam.trust", "{allows: {action: 's3:*', on: '*', without: ['aws:SourceArn']}}").is_none());
}
