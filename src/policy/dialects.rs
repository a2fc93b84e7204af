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
