//! Policy documents and public modules, end to end: what is wrong is pointed at where it was written, through merges,
//! module calls and outputs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tests::{Found, compiled, one};
use crate::iac::Memory;
use crate::input::Inputs;
use crate::rule::RuleSet;
use crate::settings::Variables;

const ADMIN: &str = "
- id: admin
  title: Everything is allowed
  severity: high
  why: w
  fix: f
  for: [aws_iam_policy, aws_iam_role_policy]
  where: {some: policy.Statement, as: s, where: {s.Effect: Allow, 's.Action[*]': {in: ['*', '*:*']}, 's.Resource[*]': '*'}}
  at: policy.Statement.Action
  message: '{address} allows everything'
";

const SERVICE: &str = "
- id: service
  title: A whole service is allowed
  severity: medium
  why: w
  fix: f
  for: aws_iam_policy
  where: {some: policy.Statement, as: s, where: {s.Effect: Allow, 's.Action[*]': {glob: '*:*'}}}
  at: policy.Statement.Action
  message: '{address} allows a service'
";

const PUBLIC: &str = "
- id: public
  title: Public
  severity: high
  why: w
  fix: f
  for: aws_s3_bucket_policy
  where: {some: policy.Statement, as: s, where: {s.Effect: Allow, any: [{s.Principal: '*'}, {s.Principal.AWS: '*'}], s.Condition: {unset: true}}}
  at: policy.Statement.Principal
  message: '{address} is public'
";

pub(super) const ATTACHED: &str = "
- id: attached
  title: Administrator
  severity: high
  why: w
  fix: f
  for: aws_iam_role_policy_attachment
  where: {policy_arn: {glob: 'arn:*:iam::aws:policy/AdministratorAccess'}}
  at: policy_arn
  message: '{address} attaches the administrator'
";

fn found(rule: &str, files: &[(&str, &str)]) -> Option<Found> {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let policy = compiled(rule).with_modules(RuleSet::embedded().modules()).expect("names of modules");
    one(policy.judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default()))
}

fn main(rule: &str, source: &str) -> Option<Found> {
    found(rule, &[("main.tf", source)])
}

const POLICY: &str = "resource \"aws_iam_policy\" \"p\" {\n  policy = data.aws_iam_policy_document.d.json\n}\n";

/// 13. a dynamic statement over a local.
#[test]
fn a_dynamic_statement_is_seen_in_its_list() {
    let source = [
        POLICY,
        r#"locals {
  all = { read = ["s3:GetObject"], admin = ["*"] }
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = local.all
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
    }
  }
}
"#,
    ]
    .concat();
    let (message, at, related) = main(ADMIN, &source).expect("a finding");
    assert_eq!((message.as_str(), at), ("aws_iam_policy.p allows everything", (5, 45)));
    assert!(related.contains(&(7, 1)), "put together in the document: {related:?}");
    assert_eq!(main(ADMIN, &source.replace("[\"*\"] }", "[\"s3:PutObject\"] }")), None);
}

/// 14. an administrator's document merged into another, across a module's output; 15. overridden by its Sid.
#[test]
fn a_merged_statement_is_seen_in_its_source_and_the_merge_is_told() {
    let child = r#"data "aws_iam_policy_document" "base" {
  statement {
    sid       = "All"
    actions   = ["*"]
    resources = ["*"]
  }
}
output "json" {
  value = data.aws_iam_policy_document.base.json
}
"#;
    let root = [
        POLICY,
        r#"module "base" {
  source = "./base"
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [module.base.json]
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"#,
    ]
    .concat();
    let (message, at, related) = found(ADMIN, &[("main.tf", &root), ("base/main.tf", child)]).expect("a finding");
    assert_eq!((message.as_str(), at), ("aws_iam_policy.p allows everything", (4, 18)));
    assert!(related.contains(&(8, 3)), "merged here: {related:?}");
    assert!(related.contains(&(2, 12)), "used here: {related:?}");
    let overridden = root.replace("source_policy_documents = [module.base.json]", "source_policy_documents = [module.base.json]\n  override_policy_documents = [jsonencode({ Statement = [{ Sid = \"All\", Effect = \"Deny\", Action = \"*\", Resource = \"*\" }] })]");
    assert_eq!(found(ADMIN, &[("main.tf", &overridden), ("base/main.tf", child)]), None);
    let own = root.replace("  statement {\n", "  statement {\n    sid = \"All\"\n");
    assert_eq!(found(ADMIN, &[("main.tf", &own), ("base/main.tf", child)]), None, "a document's own statement replaces too");
}

/// 23. `type = "*"`.
#[test]
fn a_public_principal_is_seen_where_it_is_written() {
    let source = r#"resource "aws_s3_bucket_policy" "p" {
  bucket = "b"
  policy = data.aws_iam_policy_document.d[0].json
}
variable "open" {
  default = true
}
data "aws_iam_policy_document" "d" {
  count = var.open ? 1 : 0
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
"#;
    assert_eq!(main(PUBLIC, source).expect("a finding").1, (15, 22));
    let aws = source.replace("type        = \"*\"", "type        = \"AWS\"");
    assert_eq!(main(PUBLIC, &aws).expect("a finding").1, (15, 22));
    let only = "principals {\n      type        = \"Service\"\n      identifiers = [\"*\"]\n    }\n    condition {\n      test     = \"Bool\"\n      variable = \"v\"\n      values   = [\"true\"]\n    }\n";
    let start = source.find("principals").expect("there");
    let end = source.rfind("  }\n}").expect("there");
    assert_eq!(main(PUBLIC, &[&source[..start], only, &source[end..]].concat()), None);
}

/// 39. actions that a `for` makes.
#[test]
fn a_wildcard_that_format_makes_is_seen_where_it_is_made() {
    let source = [
        POLICY,
        r#"data "aws_iam_policy_document" "d" {
  statement {
    actions   = [for s in ["s3", "sqs"] : format("%s:*", s)]
    resources = ["*"]
  }
}
"#,
    ]
    .concat();
    let (_, (line, _), _) = main(SERVICE, &source).expect("a finding");
    assert_eq!(line, 6);
}

/// 45. the administrator's policy by its name.
#[test]
fn a_policy_looked_up_by_its_name_is_known() {
    let source = r#"data "aws_iam_policy" "admin" {
  name = "AdministratorAccess"
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "r"
  policy_arn = data.aws_iam_policy.admin.arn
}
"#;
    let (message, at, related) = main(ATTACHED, source).expect("a finding");
    assert_eq!(message, "aws_iam_role_policy_attachment.a attaches the administrator");
    assert!(at == (2, 10) && related.contains(&(6, 16)), "{at:?} {related:?}");
    assert_eq!(main(ATTACHED, &source.replace("AdministratorAccess", "ReadOnlyAccess")), None);
}

/// What is passed to a public module is judged as what the module makes of it, where it was written.
#[test]
fn what_a_public_module_is_given_is_judged() {
    let source = r#"module "role" {
  source      = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  version     = "~> 5.30"
  create_role = true
  custom_role_policy_arns = [
    "arn:aws:iam::aws:policy/AdministratorAccess",
  ]
}
"#;
    let (message, at, related) = main(ATTACHED, source).expect("a finding");
    assert_eq!(message, "module.role.aws_iam_role_policy_attachment.custom[0] attaches the administrator");
    assert_eq!(at, (6, 5));
    assert!(related.contains(&(1, 1)), "called here: {related:?}");
    let by_default = source
        .replace("custom_role_policy_arns = [\n    \"arn:aws:iam::aws:policy/AdministratorAccess\",\n  ]", "attach_admin_policy = true");
    assert_eq!(main(ATTACHED, &by_default).expect("a finding").1, (1, 1), "the module's own default stands at the call");
    assert_eq!(main(ATTACHED, &source.replace("iam-assumable-role\"", "iam-something\"")), None);
}

/// A user's own account of a module that nobody else knows.
#[test]
fn a_users_own_module_is_judged_too() {
    let mut rules = RuleSet::embedded();
    let file = "- module: app.terraform.io/acme/role/aws\n  taken-from: '1.0.0'\n  hcl: |\n    variable \"arns\" {}\n    resource \"aws_iam_role_policy_attachment\" \"this\" {\n      for_each   = toset(var.arns)\n      policy_arn = each.value\n    }\n";
    for item in crate::load::rules("m.yml", file.as_bytes(), "user").expect("a module") {
        let crate::rule::def::Item::Module(module, hcl) = item else { panic!("a module") };
        rules.add_module(module, hcl);
    }
    let source =
        "module \"m\" {\n  source = \"app.terraform.io/acme/role/aws\"\n  arns   = [\"arn:aws:iam::aws:policy/AdministratorAccess\"]\n}\n";
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    let policy = compiled(ATTACHED).with_modules(&Arc::clone(rules.modules())).expect("names of modules");
    let judged = policy.judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default());
    assert_eq!(one(judged).expect("a finding").1, (3, 13));
}
