//! What is remembered as a secret, and what is said of one secret.

use super::tests::{compiled, folders};
use super::{Breach, Judged};
use crate::finding::Finding;
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

fn terraform(rules: &str, files: &[(&str, &str)]) -> Judged {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    compiled(rules).judge_terraform(&tree, &folders(files), &inputs, &Variables::default())
}

fn findings(judged: Judged) -> Vec<Finding> {
    judged.findings.into_iter().map(|Breach { finding, .. }| finding).collect()
}

fn rule(id: &str, kind: &str, where_: &str, message: &str) -> String {
    format!(
        "- {{id: {id}, families: [{id}], title: t, severity: low, why: w, fix: f, for: {kind}, where: {where_}, message: '{message}'}}\n"
    )
}

/// A rule that asks whether a value is a secret and then says no has made no secret of it: another one shows it.
#[test]
fn what_a_rule_only_asked_of_is_no_secret() {
    let asks = rule("asks", "aws_instance", "{all: [{ami: {secret: [literal]}}, {hidden: true}]}", "a secret");
    let shows = rule("shows", "aws_instance", "{ami: {set: true}}", "{ami}");
    let source = |hidden| format!("resource \"aws_instance\" \"i\" {{\n  ami    = \"eu-west-1x7Qz\"\n  hidden = {hidden}\n}}\n");
    let rules = format!("{asks}{shows}");
    let all = findings(terraform(&rules, &[("main.tf", &source(false))]));
    let [open] = all.as_slice() else { panic!("one: {all:?}") };
    assert_eq!((open.message.as_str(), open.secrets.len(), open.primary.conceal), ("eu-west-1x7Qz", 0, None));
    let all = findings(terraform(&rules, &[("main.tf", &source(true))]));
    assert_eq!(all.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), ["a secret", "*************"]);
    assert!(all[0].primary.conceal.is_some() && all.iter().all(|finding| finding.secrets.len() == 1), "{all:?}");
}

/// A default that several resources use is one secret: the gravest finding tells it, with the families of all.
#[test]
fn a_secret_that_several_resources_use_is_told_once() {
    let one = rule("one", "aws_instance", "{ami: {secret: [literal]}}", "{address}");
    let two = rule("two", "aws_db_instance", "{password: {secret: [literal]}}", "{address}").replace("low", "high");
    let source = "variable \"p\" {\n  default = \"x7Qz9mW2kL4vT8\"\n}\n\
        resource \"aws_instance\" \"a\" {\n  ami = var.p\n}\n\
        resource \"aws_instance\" \"b\" {\n  ami = var.p\n}\n\
        resource \"aws_db_instance\" \"d\" {\n  password = var.p\n}\n\
        resource \"aws_instance\" \"other\" {\n  ami = \"k4Hs8wPz2nR6yB\"\n}\n";
    let all = findings(terraform(&format!("{one}{two}"), &[("main.tf", source)]));
    let mut told: Vec<_> = all.iter().map(|finding| (finding.message.as_str(), finding.severity, finding.families.join(" "))).collect();
    told.sort_unstable();
    let (low, high) = (crate::base::ids::Severity::Low, crate::base::ids::Severity::High);
    assert_eq!(told, [("aws_db_instance.d", high, "one two".to_owned()), ("aws_instance.other", low, "one".to_owned())]);
    let users: Vec<&str> = all.iter().flat_map(|finding| &finding.related).map(|label| label.text.as_str()).collect();
    assert!(users.contains(&"aws_instance.a") && users.contains(&"aws_instance.b"), "{users:?}");
}

/// A statement that names what it is not about is told by that, never as one about nothing.
#[test]
fn what_a_statement_leaves_out_is_named() {
    let rules = "- view: t.policy\n  kinds:\n    aws_sqs_queue_policy: {document: policy}\n".to_owned()
        + &rule("r", "t.policy", "{effect: Allow}", "{action} on {resource} to {condition}");
    let source = "resource \"aws_sqs_queue_policy\" \"p\" {\n  policy = jsonencode({Statement = [{Effect = \"Allow\", Principal = \"*\", NotAction = [\"sqs:DeleteQueue\", \"sqs:AddPermission\"], Resource = \"*\"}]})\n}\n";
    let all = findings(terraform(&rules, &[("main.tf", source)]));
    let said: Vec<&str> = all.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(said, ["everything but sqs:DeleteQueue, sqs:AddPermission on * to (not set)"]);
}

#[test]
fn a_range_with_one_end_is_told_by_that() {
    let rules = "- view: t.rule\n  kinds:\n    aws_security_group_rule: {ports: {range: [from_port, to_port]}}\n".to_owned()
        + &rule("r", "t.rule", "{any: [{ports: {contains: 22}}, {ports: {unset: true}}, {ports: {set: true}}]}", "port {ports}");
    let said = |ends: &str| {
        let source = format!("resource \"aws_security_group_rule\" \"r\" {{\n{ends}}}\n");
        findings(terraform(&rules, &[("main.tf", &source)])).into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(said("  from_port = 22\n  to_port = 23\n"), ["port 22-23"]);
    assert_eq!(said("  from_port = 22\n"), ["port 22"]);
    assert_eq!(said("  to_port = 22\n"), ["port 22"]);
}

/// How a text came that was put together says nothing of one part of it, unless it is the only one that came.
#[test]
fn the_way_of_another_part_is_not_told() {
    let rules = rule("r", "aws_instance", "{user_data: {secret: [named]}}", "m");
    let ways = |text: &str| {
        let source = format!(
            "variable \"java\" {{\n  default = \"17\"\n}}\nvariable \"p\" {{\n  default = \"x7Qz9mW2kL4vT8\"\n}}\n\
            locals {{\n  data = \"{text}\"\n}}\nresource \"aws_instance\" \"i\" {{\n  user_data = local.data\n}}\n"
        );
        let all = findings(terraform(&rules, &[("main.tf", &source)]));
        let [finding] = all.as_slice() else { panic!("one: {all:?}") };
        let used = finding.related.iter().filter_map(|label| label.text.strip_prefix("used here as "));
        used.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ways("JAVA=${var.java}\\nDB_PASSWORD=${var.p}\\n"), ["local.data"]);
    assert_eq!(ways("JAVA=${var.java}\\nDB_PASSWORD=x7Qz9mW2kL4vT9\\n"), ["local.data"]);
    assert_eq!(ways("DB_PASSWORD=${var.p}\\n"), ["var.p", "local.data"]);
}

/// What a rule looks at to lower its severity counts among all that is looked at: it grows as fast as that does, and a
/// limit is no limit if the most of the work is not counted.
#[test]
fn what_lowers_a_finding_is_counted() {
    let rule = |lower: &str| {
        format!(
            "- {{id: a, title: t, severity: high, why: w, fix: f, for: aws_s3_bucket, where: {{acl: {{set: true}}}}, {lower}message: m}}\n\
             - {{view: v, kinds: {{aws_s3_bucket: {{acl: acl}}}}}}\n\
             - {{view: w, kinds: {{aws_s3_account: {{acl: acl}}}}}}\n"
        )
    };
    let lower = "lower: {where: {some: v, where: {acl: none}}, severity: info, message: l}, ";
    let buckets = |count: usize| {
        (0..count).map(|n| format!("resource \"aws_s3_bucket\" \"b{n}\" {{\n  acl = \"x\"\n}}\n")).collect::<Vec<_>>().concat()
    };
    let steps = |lower: &str, count| terraform(&rule(lower), &[("main.tf", &buckets(count))]).steps;
    assert!(steps("", 40) < 40 * 10, "each by itself");
    assert!(steps(lower, 40) > 40 * 40, "each looks at all of them");
    let spent = terraform(&rule(lower), &[("main.tf", &buckets(40))]).steps - steps(&lower.replace("some: v", "some: w"), 40);
    assert!(spent > 40 * 40, "a view without resources costs nothing: {spent}");
}
