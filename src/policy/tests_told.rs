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
    format!("- {{id: {id}, title: t, severity: low, why: w, fix: f, for: {kind}, where: {where_}, message: '{message}'}}\n")
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
    let buckets =
        |count: usize| (0..count).map(|n| format!("resource \"aws_s3_bucket\" \"b{n}\" {{\n  acl = \"x\"\n}}\n")).collect::<String>();
    let steps = |lower: &str, count| terraform(&rule(lower), &[("main.tf", &buckets(count))]).steps;
    assert!(steps("", 40) < 40 * 10, "each by itself");
    assert!(steps(lower, 40) > 40 * 40, "each looks at all of them");
    let spent = terraform(&rule(lower), &[("main.tf", &buckets(40))]).steps - steps(&lower.replace("some: v", "some: w"), 40);
    assert!(spent > 40 * 40, "a view without resources costs nothing: {spent}");
}
