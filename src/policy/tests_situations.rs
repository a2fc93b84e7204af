//! The value model, end to end: language situations that break scanners, each with the line and column of what is wrong.

use std::collections::BTreeSet;

use super::Breach;
use super::tests::{Found, compiled, one};
use super::tests_documents::ATTACHED;
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

const ADMIN: &str = "
- id: admin
  families: [iam-full-admin]
  title: Everything is allowed
  severity: high
  why: w
  fix: f
  for: [aws_iam_policy, 'AWS::IAM::ManagedPolicy']
  where:
    any:
      - {some: policy.Statement, as: s, where: {s.Effect: Allow, 's.Action[*]': '*', 's.Resource[*]': '*'}}
      - {some: PolicyDocument.Statement, as: s, where: {s.Effect: Allow, 's.Action[*]': '*', 's.Resource[*]': '*'}}
  message: '{address} allows everything'
";

fn terraform(rule: &str, source: &str) -> Option<Found> {
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    one(compiled(rule).judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default()))
}

fn template(rule: &str, source: &str) -> Option<Found> {
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    one(compiled(rule).judge_template(&tree, b"t.yml", &inputs))
}

/// 9. jsonencode + concat(list, local): the star stands in the local.
#[test]
fn an_admin_statement_in_a_concatenated_local_is_seen_where_it_is_written() {
    let source = r#"locals {
  extra = [{
    Effect   = "Allow"
    Action   = ["*"]
    Resource = "*"
  }]
}
variable "more" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }], local.extra, var.more)
  })
}
"#;
    let rule = ADMIN.replace("message:", "at: policy.Statement.Action\n  message:");
    let (message, at, related) = terraform(&rule, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("aws_iam_policy.p allows everything", (4, 17)));
    assert!(related.contains(&(10, 12)), "put together in the jsonencode: {related:?}");
    let scoped = source.replace("Action   = [\"*\"]", "Action   = [\"s3:*\"]");
    assert_eq!(terraform(&rule, &scoped), None, "without it there is none");
}

/// 11. heredoc with `${var.x}`, default `*`: the star stands in the default.
#[test]
fn a_star_from_a_default_in_a_heredoc_is_seen_where_it_is_written() {
    let source = r#"resource "aws_iam_policy" "p" {
  policy = <<-EOT
    {
      "Statement": [
        {"Effect": "Allow", "Action": "${var.action}", "Resource": "*"}
      ]
    }
  EOT
}
variable "action" {
  default = "*"
}
"#;
    let rule = ADMIN.replace("message:", "at: policy.Statement.Action\n  message:");
    let (_, at, related) = terraform(&rule, source).expect("a finding");
    assert_eq!(at, (11, 14), "the star between its quotes");
    assert!(related.contains(&(2, 12)), "{related:?}");
    let rule = ADMIN.replace("message:", "at: policy.Statement.Resource\n  message:");
    assert_eq!(terraform(&rule, source).expect("a finding").1, (5, 68), "the other star, in the heredoc itself");
    // 12. a bucket's ARN with `/*` is no wildcard resource.
    let scoped = source.replace("\"Resource\": \"*\"", "\"Resource\": \"${aws_s3_bucket.b.arn}/*\"");
    assert_eq!(terraform(&rule, &scoped), None);
}

const SSH: &str = "
- id: ssh
  title: SSH is open
  severity: high
  why: w
  fix: f
  for: aws_security_group
  where:
    some: ingress
    where: {from_port: {le: 22}, to_port: {ge: 22}, cidr_blocks: {covers: ['0.0.0.0/0']}}
  at: ingress.from_port
  message: 'port {ingress.from_port} is open to {ingress.cidr_blocks}'
";

/// 24. dynamic "ingress" over ports, 22 among them.
#[test]
fn a_port_of_a_dynamic_block_is_seen_in_its_list() {
    let source = r#"variable "ports" {
  default = [80, 22, 443]
}
resource "aws_security_group" "s" {
  dynamic "ingress" {
    for_each = var.ports
    iterator = port
    content {
      from_port   = port.value
      to_port     = port.value
      cidr_blocks = ["0.0.0.0/1", "128.0.0.0/1"]
    }
  }
}
"#;
    let (message, at, related) = terraform(SSH, source).expect("a finding");
    assert_eq!(message, "port 22 is open to 0.0.0.0/1, 128.0.0.0/1");
    assert_eq!(at, (2, 18));
    assert!(related.contains(&(6, 16)) && related.contains(&(9, 21)), "{related:?}");
    assert_eq!(terraform(SSH, &source.replace("22, ", "")), None);
    let unknown = source.replace("default = [80, 22, 443]", "");
    let (tree, inputs) = (Memory::of([("main.tf", unknown.as_str())]), Inputs::new());
    assert_eq!(compiled(SSH).judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default()).unknown.len(), 1);
}

/// 45. an ARN with an unknown partition is the administrator's whatever the partition is.
#[test]
fn an_arn_with_a_hole_is_known_where_it_counts() {
    let source = r#"data "aws_partition" "current" {}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "r"
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AdministratorAccess"
}
"#;
    let rule = ATTACHED.replace("{address} attaches the administrator", "{policy_arn} is attached");
    let (message, at, _) = terraform(&rule, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("arn:…:iam::aws:policy/AdministratorAccess is attached", (4, 16)));
    assert_eq!(terraform(&rule, &source.replace("AdministratorAccess", "ReadOnlyAccess")), None);
}

const ENCRYPTION: &str = "
- id: encryption
  title: Not encrypted
  severity: medium
  why: w
  fix: f
  for: AWS::S3::Bucket
  where: {BucketEncryption: {unset: true}}
  at: BucketEncryption
  message: '{address} is not encrypted'
";

/// 49. Fn::If with AWS::NoValue and a default of false: the property is absent, and the condition is named.
#[test]
fn a_property_that_a_condition_takes_away_is_absent_from_the_header() {
    let source = "Parameters:
  Encrypt: {Type: String, Default: 'false'}
Conditions:
  IsEncrypted: !Equals [!Ref Encrypt, 'true']
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption: !If
        - IsEncrypted
        - ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
        - !Ref AWS::NoValue
";
    let (message, at, _) = template(ENCRYPTION, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("Data is not encrypted, when IsEncrypted is false", (6, 3)));
    assert_eq!(template(ENCRYPTION, &source.replace("'false'", "'true'")), None);
    // 50. both sides are there: the condition does not matter.
    assert_eq!(template(ENCRYPTION, &source.replace("!Ref AWS::NoValue", "{ServerSideEncryptionConfiguration: []}")), None);
}

/// 51. Fn::If inside a Statement list, on a condition that nothing settles: any side that is bad is named.
#[test]
fn a_statement_behind_an_unknown_condition_is_seen_with_the_condition() {
    let source = "Parameters:
  Env: {Type: String}
Conditions:
  IsDev: !Equals [!Ref Env, dev]
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:${AWS::Partition}:s3:::b/*'}
          - !If
            - IsDev
            - Effect: Allow
              Action:
                - 's3:*'
                - '*'
              Resource: '*'
            - !Ref AWS::NoValue
";
    let rule = ADMIN.replace("message:", "at: PolicyDocument.Statement.Action\n  message:");
    let (message, at, _) = template(&rule, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("P allows everything, when IsDev is true", (17, 19)));
    // The same in JSON, with tabs.
    let json = "{\"Parameters\": {\"Env\": {\"Type\": \"String\"}},\n\"Conditions\": {\"IsDev\": {\"Fn::Equals\": [{\"Ref\": \"Env\"}, \"dev\"]}},\n\"Resources\": {\"P\": {\"Type\": \"AWS::IAM::ManagedPolicy\", \"Properties\": {\"PolicyDocument\": {\"Statement\":\n\t[{\"Fn::If\": [\"IsDev\", {\"Ref\": \"AWS::NoValue\"},\n\t\t{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}]}}}}}\n";
    let (message, at, _) = template(&rule, json).expect("a finding");
    assert_eq!((message.as_str(), at), ("P allows everything, when IsDev is false", (5, 33)));
    assert_eq!(template(&rule, &source.replace("- '*'\n", "\n")), None);
}

const ACL: &str = "
- id: acl
  title: Public
  severity: high
  why: w
  fix: f
  for: aws_s3_bucket_acl
  where: {acl: {in: [public-read, public-read-write]}}
  at: acl
  message: '{address} is {acl}'
";

/// What is found in a tree: message, line and column of each.
fn found(rule: &str, files: &[(&str, &str)], variables: &Variables) -> Vec<(String, (u32, u32))> {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let folders = files.iter().map(|(path, _)| path.rsplit_once('/').map_or("", |(folder, _)| folder).as_bytes().to_vec()).collect();
    let judged = compiled(rule).judge_terraform(&tree, &folders, &inputs, variables);
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    let place = |finding: &crate::finding::Finding| {
        let excerpt = finding.primary.excerpt.as_ref().expect("pinned");
        (excerpt.start.line, excerpt.start.column)
    };
    judged.findings.into_iter().map(|Breach { finding, .. }| (finding.message.clone(), place(&finding))).collect()
}

/// 17, 18, 19. A ternary with a safe default, turned by a var file, and by those of some environments only.
#[test]
fn a_finding_of_some_environments_names_them() {
    let main = "variable \"acl\" {\n  default = \"private\"\n}\nvariable \"open\" {\n  default = true\n}\nresource \"aws_s3_bucket_acl\" \"a\" {\n  acl = var.acl\n}\nresource \"aws_s3_bucket_acl\" \"b\" {\n  acl = var.open ? \"public-read\" : \"private\"\n}\n";
    let none = Variables::default();
    let always = ("aws_s3_bucket_acl.b is public-read".to_owned(), (11, 20));
    assert_eq!(found(ACL, &[("main.tf", main)], &none), std::slice::from_ref(&always));
    let prod = ("prod.tfvars", "acl = \"public-read\"\n");
    let here = |suffix: &str| (format!("aws_s3_bucket_acl.a is public-read{suffix}"), (1, 7));
    let dev = ("dev.tfvars", "acl = \"private\"\n");
    assert_eq!(found(ACL, &[("main.tf", main), dev, prod], &none), [always.clone(), here(", with prod.tfvars")]);
    assert_eq!(found(ACL, &[("main.tf", main), prod], &none), [here(""), always.clone()], "the only environment is no special one");
    let asked = Variables { files: vec![b"prod.tfvars".to_vec()], ..Variables::default() };
    assert_eq!(found(ACL, &[("main.tf", main), dev, prod], &asked), [here(""), always]);
}

/// 7, 8. A companion that takes the name from the resource, and one in a module that is given the id.
#[test]
fn what_a_resource_is_set_to_links_it_still() {
    let rule = "
- id: naked
  title: Nothing blocks
  severity: high
  why: w
  fix: f
  for: s3.acl
  where: {linked: s3.public_access_block, quant: none}
  message: '{address} has no block'
";
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"site\"\n}\n";
    let block = |bucket: &str| {
        format!("resource \"aws_s3_bucket_public_access_block\" \"p\" {{\n  bucket = {bucket}\n  block_public_acls = true\n}}\n")
    };
    let of = |rest: &str| found(rule, &[("main.tf", &format!("{bucket}{rest}"))], &Variables::default()).len();
    assert_eq!(of(""), 1);
    for reference in ["aws_s3_bucket.b.id", "aws_s3_bucket.b.bucket", "\"site\"", "\"${aws_s3_bucket.b.bucket}\""] {
        assert_eq!(of(&block(reference)), 0, "{reference}");
    }
    assert_eq!(of(&block("\"other\"")), 1);
    let child = format!("variable \"bucket\" {{}}\n{}", block("var.bucket"));
    let call = format!("{bucket}module \"m\" {{\n  source = \"./block\"\n  bucket = aws_s3_bucket.b.id\n}}\n");
    assert!(found(rule, &[("main.tf", &call), ("block/main.tf", &child)], &Variables::default()).is_empty());
}
