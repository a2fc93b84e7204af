//! Language situations of dialects that make resources of something shorter, or tell what is planned or deployed: SAM,
//! the Serverless Framework, plans and states of Terraform. Each with the line and column of what is wrong.

use super::tests::{Found, compiled, one};
use super::{Judged, Unanswered};
use crate::iac::Memory;
use crate::input::Inputs;

const ROLES: &str = "
- id: attached
  title: Administrator
  severity: high
  why: w
  fix: f
  for: AWS::IAM::Role
  where: {'ManagedPolicyArns[*]': {glob: 'arn:*:iam::aws:policy/AdministratorAccess'}}
  at: ManagedPolicyArns
  message: '{address} is an administrator'
- id: inline
  title: Everything is allowed
  severity: high
  why: w
  fix: f
  for: AWS::IAM::Role
  where: {some: 'Policies[*].PolicyDocument.Statement', as: s, where: {s.Effect: Allow, 's.Action[*]': '*', 's.Resource[*]': '*'}}
  at: Policies.PolicyDocument.Statement.Action
  message: '{address} allows everything'
";

fn judged(rule: &str, files: &[(&str, &str)]) -> Judged {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    compiled(rule).judge_template(&tree, files[0].0.as_bytes(), &inputs)
}

fn found(rule: &str, source: &str) -> Option<Found> {
    one(judged(rule, &[("template.yaml", source)]))
}

/// 60. A SAM function's `Policies: AdministratorAccess`.
#[test]
fn an_administrator_named_in_policies_is_seen_where_it_is_named() {
    let source = "Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies: AdministratorAccess
";
    let (message, at, related) = found(ROLES, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("FnRole is an administrator", (6, 17)));
    assert_eq!(related, [(3, 3)], "the function");
    assert_eq!(found(ROLES, &source.replace("AdministratorAccess", "ReadOnlyAccess")), None);
    let listed = source.replace("AdministratorAccess", "[ReadOnlyAccess, 'arn:aws:iam::aws:policy/AdministratorAccess']");
    assert_eq!(found(ROLES, &listed).expect("a finding").1, (6, 34));
}

/// 60. A SAM function's inline statement.
#[test]
fn an_inline_statement_of_a_function_is_seen_where_it_is_written() {
    let source = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - S3ReadPolicy: {BucketName: b}
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: ['s3:*', '*']
              Resource: '*'
";
    let (message, at, _) = found(ROLES, source).expect("a finding");
    assert_eq!((message.as_str(), at), ("FnRole allows everything", (11, 32)));
}

/// 60. A policy template is scoped: it is clean, whatever else the template allows on everything.
#[test]
fn policy_templates_are_clean() {
    let source = "Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [S3ReadPolicy: {BucketName: b}, DynamoDBCrudPolicy: {TableName: !Ref T}, VPCAccessPolicy: {}]
";
    let judged = judged(ROLES, &[("template.yaml", source)]);
    assert_eq!((judged.findings.len(), judged.unknown), (0, Vec::<Unanswered>::new()));
}

const RUNTIME: &str = "
- id: runtime
  title: Old
  severity: high
  why: w
  fix: f
  for: AWS::Lambda::Function
  where: {Runtime: {glob: 'python2*'}}
  at: Runtime
  message: '{address} runs {Runtime}'
";

/// 60. What `Globals` says is a function's, unless it says otherwise.
#[test]
fn a_runtime_in_globals_is_every_functions() {
    let source = "Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python2.7
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b}
  Other:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13}
";
    let (message, at, related) = found(RUNTIME, source).expect("one finding");
    assert_eq!((message.as_str(), at), ("Fn runs python2.7", (4, 14)));
    assert_eq!(related, [(4, 5), (6, 3)], "the global, and the function that it applies to");
}

/// A plan is judged in its own JSON, and a bucket that is known after the apply only is still the block's.
#[test]
fn resources_of_a_plan_stay_linked() {
    let secret = format!("hunter{}", 22);
    let source = format!(
        r#"{{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {{"root_module": {{"resources": [
 {{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "values": {{"password": "{secret}", "acl": "public-read"}}, "sensitive_values": {{"password": true}}}},
 {{"address": "aws_s3_bucket_public_access_block.p", "mode": "managed", "type": "aws_s3_bucket_public_access_block", "values": {{"ignore_public_acls": true}}, "sensitive_values": {{}}}}]}}}},
 "resource_changes": [{{"address": "aws_s3_bucket_public_access_block.p", "change": {{"actions": ["create"], "after_unknown": {{"bucket": true}}}}}}],
 "configuration": {{"root_module": {{"resources": [
  {{"address": "aws_s3_bucket_public_access_block.p", "expressions": {{"bucket": {{"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}}}}}]}}}}}}"#
    );
    let rule = "
- id: acl
  title: Public
  severity: high
  why: w
  fix: f
  for: s3.acl
  where: {acl: public-read}
  lower: {where: {linked: s3.public_access_block, where: {ignore_public_acls: true}}, severity: info, message: '{address} is shielded'}
  at: acl
  message: '{address} is public'
";
    let shielded = judged(rule, &[("plan.json", &source)]);
    assert_eq!(shielded.findings.len(), 1);
    let finding = &shielded.findings[0].finding;
    assert_eq!(finding.secrets.len(), 1, "what is sensitive beside it is masked in its excerpt");
    assert_eq!(one(shielded).map(|(message, at, _)| (message, at)), Some(("aws_s3_bucket.b is shielded".into(), (2, 119))));
    let bare = source.replace(r#""ignore_public_acls": true"#, r#""ignore_public_acls": false"#);
    assert_eq!(one(judged(rule, &[("plan.json", &bare)])).expect("a finding").0, "aws_s3_bucket.b is public");
}

const PUBLIC: &str = "
- {id: acl, title: t, severity: high, why: w, fix: f, for: s3.acl, where: {acl: public-read}, at: acl, message: '{address} is public'}
- id: port
  title: t
  severity: high
  why: w
  fix: f
  for: aws_security_group
  where: {some: ingress, where: {to_port: 22}}
  at: ingress.to_port
  message: '{address} opens {ingress.to_port}'
";

/// A plan is told in the sources that it was made of: attributes, blocks in blocks, dynamic ones, modules in modules.
#[test]
fn what_a_plan_says_is_told_in_its_sources() {
    let module = r#"module "deep" {
  source = "./deep"
}
"#;
    let deep = r#"resource "aws_security_group" "s" {
  ingress {
    to_port = 80
  }
  ingress {
    from_port = 22
    to_port   = var.port
  }
}
"#;
    let main = "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n}\n";
    let plan = r#"{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {
 "resources": [{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "values": {"acl": "public-read"}}],
 "child_modules": [{"resources": [
  {"address": "module.m[\"k\"].module.deep.aws_security_group.s", "mode": "managed", "type": "aws_security_group",
   "values": {"ingress": [{"to_port": 80}, {"to_port": 22}]}}]}]}}}"#;
    let files = [("plan.json", plan), ("infra/main.tf", main), ("infra/m/main.tf", module), ("infra/m/deep/main.tf", deep)];
    let told = |root: Option<&[u8]>, files: &[(&str, &str)]| {
        let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
        let mut judged = compiled(PUBLIC).judge_document(&tree, b"plan.json", &inputs, root);
        assert_eq!(judged.findings.len(), 2, "{:?}", judged.findings);
        let path = |judged: &Judged| inputs.get(judged.findings[0].finding.primary.file).expect("known").path.to_string();
        let mut second = Judged::default();
        second.findings.push(judged.findings.pop().expect("two"));
        let paths = (path(&judged), path(&second));
        (paths, one(judged).expect("one"), one(second).expect("one"))
    };
    let (paths, bucket, group) = told(Some(b"infra"), &files);
    assert_eq!(paths, ("infra/main.tf".into(), "infra/m/deep/main.tf".into()));
    assert_eq!((bucket.0.as_str(), bucket.1, bucket.2), ("aws_s3_bucket.b is public", (5, 9), vec![(2, 28), (4, 1)]));
    assert_eq!((group.1, group.0.as_str()), ((7, 17), "module.m[\"k\"].module.deep.aws_security_group.s opens 22"));
    // Without sources, and where the sources do not say it, in the plan itself.
    assert_eq!(told(None, &files).0, ("plan.json".into(), "plan.json".into()));
    let dynamic = deep.replace("  ingress {\n    to_port = 80\n  }\n  ingress {", "  dynamic \"ingress\" {");
    let (_, _, group) = told(Some(b"infra"), &[files[0], files[1], files[2], ("infra/m/deep/main.tf", &dynamic)]);
    assert_eq!(group.1, (2, 3), "the dynamic block");
    assert_eq!(told(Some(b"other"), &files).0, ("plan.json".into(), "plan.json".into()));
}

/// What is deployed is judged as what is written.
#[test]
fn a_public_bucket_in_a_state_is_seen_in_it() {
    let source = r#"{
  "version": 4, "serial": 1, "lineage": "x",
  "resources": [
    {"mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [{"index_key": 0, "attributes": {"acl": "public-read"}}]}
  ]
}"#;
    let rule = "
- {id: acl, title: t, severity: high, why: w, fix: f, for: s3.acl, where: {acl: public-read}, at: acl, message: '{address} is public'}
";
    let (message, at, _) = one(judged(rule, &[("terraform.tfstate", source)])).expect("a finding");
    assert_eq!((message.as_str(), at), ("aws_s3_bucket.b[0] is public", (4, 116)));
}

/// A statement of `serverless.yml`, and one that it takes from a file beside it.
#[test]
fn statements_of_a_service_are_seen_where_they_are_written() {
    let source = "service: shop
provider:
  name: aws
  iam:
    role:
      statements:
        - Effect: Allow
          Action: ['s3:GetObject', '*']
          Resource: ${self:custom.everything}
custom:
  everything: '*'
functions:
  hello: {handler: a.b}
";
    let (message, at, related) = one(judged(ROLES, &[("serverless.yml", source)])).expect("a finding");
    assert_eq!((message.as_str(), at), ("IamRoleLambdaExecution allows everything", (8, 36)));
    assert!(related.contains(&(5, 5)), "{related:?}");
    let taken = source.replace("Action: ['s3:GetObject', '*']", "Action: ${file(./actions.yml):all}");
    let files = [("serverless.yml", taken.as_str()), ("actions.yml", "all:\n  - '*'\n")];
    assert_eq!(one(judged(ROLES, &files)).expect("a finding").1, (2, 5), "in the file beside it");
    assert_eq!(one(judged(ROLES, &[("serverless.yml", &source.replace("everything: '*'", "everything: arn:aws:s3:::b/*"))])), None);
}
