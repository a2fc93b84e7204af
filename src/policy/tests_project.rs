//! Rules on a project as a whole: what is there, what is missing, and where nobody can say.

use super::tests::{compiled, folders, try_compiled};
use super::{Breach, Judged};
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

const VIEWS: &str = "
- view: t.trail
  carriers: ['*cloudtrail*', aws_cloudformation_stack, AWS::CloudFormation::StackSet]
  kinds:
    aws_cloudtrail: {global: include_global_service_events}
    AWS::CloudTrail::Trail: {global: IncludeGlobalServiceEvents}
- view: t.bucket
  kinds:
    aws_s3_bucket: {name: bucket}
    AWS::S3::Bucket: {name: BucketName}
";

fn rule(body: &str) -> String {
    format!("{VIEWS}- {{id: r, title: t, severity: low, why: w, fix: f, for: project, {body}, message: 'no trail in {{address}}'}}\n")
}

/// Nothing of a trail, where there is a bucket.
const NO_TRAIL: &str = "when: {some: t.bucket}, where: {none: t.trail}";
const BUCKET: &str = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"example\"\n}\n";

fn terraform(rule: &str, files: &[(&str, &str)]) -> Judged {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    compiled(rule).judge_terraform(&tree, &folders(files), &inputs, &Variables::default())
}

fn template(rule: &str, source: &str) -> Judged {
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    compiled(rule).judge_template(&tree, b"t.yml", &inputs)
}

/// The messages of findings, and why questions are open.
fn said(judged: Judged) -> (Vec<String>, Vec<String>) {
    let findings = judged.findings.into_iter().map(|Breach { finding, .. }| finding.message).collect();
    (findings, judged.unknown.into_iter().map(|unknown| unknown.why).collect())
}

fn found(message: &str) -> (Vec<String>, Vec<String>) {
    (vec![message.to_owned()], Vec::new())
}

fn open(why: &str) -> (Vec<String>, Vec<String>) {
    (Vec::new(), vec![why.to_owned()])
}

#[test]
fn what_is_missing_is_told_of_the_main_file_and_what_is_there_is_not() {
    let rule = rule(NO_TRAIL);
    let judged = terraform(&rule, &[("a.tf", BUCKET), ("main.tf", "# main\n")]);
    let [Breach { finding, .. }] = judged.findings.as_slice() else { panic!("one finding: {:?}", judged.findings) };
    assert_eq!((finding.message.as_str(), &finding.resource), ("no trail in .", &None));
    let excerpt = finding.primary.excerpt.as_ref().expect("pinned");
    assert_eq!((excerpt.text.as_str(), excerpt.start.line, excerpt.start.column), ("# main\n", 1, 1));
    let trail = "resource \"aws_cloudtrail\" \"t\" {\n  include_global_service_events = true\n}\n";
    assert_eq!(said(terraform(&rule, &[("main.tf", &[BUCKET, trail].concat())])), (vec![], vec![]));
    assert_eq!(said(terraform(&rule, &[("main.tf", "resource \"aws_sqs_queue\" \"q\" {\n}\n")])), (vec![], vec![]), "no bucket, no rule");
    // Two root modules are two projects, and a module is judged with who calls it.
    let root = format!("{trail}module \"m\" {{\n  source = \"../m\"\n}}\n");
    assert_eq!(said(terraform(&rule, &[("a/main.tf", &root), ("m/b.tf", BUCKET), ("c/main.tf", BUCKET)])), found("no trail in c"));
}

#[test]
fn of_a_template_it_is_told_where_that_speaks_of_resources() {
    let rule = rule(NO_TRAIL);
    let bucket = "Parameters: {}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n";
    let judged = template(&rule, bucket);
    let [Breach { finding, .. }] = judged.findings.as_slice() else { panic!("one finding: {:?}", judged.findings) };
    let excerpt = finding.primary.excerpt.as_ref().expect("pinned");
    assert_eq!((excerpt.start.line, excerpt.start.column), (2, 1));
    assert_eq!(said(template(&rule, &format!("{bucket}  T:\n    Type: AWS::CloudTrail::Trail\n"))), (vec![], vec![]));
}

#[test]
fn what_a_condition_may_leave_out_is_told_with_it() {
    let conditional = "Parameters: {Stage: {Type: String}}\nConditions: {IsProd: !Equals [!Ref Stage, prod]}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n  T:\n    Type: AWS::CloudTrail::Trail\n    Condition: IsProd\n";
    assert_eq!(said(template(&rule(NO_TRAIL), conditional)), found("no trail in t.yml, when IsProd is false"));
}

#[test]
fn what_is_not_here_may_hold_it() {
    let rule = rule(NO_TRAIL);
    let called = |source: &str| format!("{BUCKET}module \"x\" {{\n  source = \"{source}\"\n}}\n");
    let of = |source: &str| said(terraform(&rule, &[("main.tf", source)]));
    assert_eq!(of(&called("acme/cloudtrail/aws")), open("module acme/cloudtrail/aws"));
    assert_eq!(of(&called("acme/queue/aws")), found("no trail in ."), "no carrier of trails");
    let stack = format!("{BUCKET}resource \"aws_cloudformation_stack\" \"s\" {{\n  name = \"s\"\n}}\n");
    assert_eq!(of(&stack), open("aws_cloudformation_stack.s"));
    // What cannot be read is not known to be without one.
    let broken = terraform(&rule, &[("main.tf", BUCKET), ("broken.tf", "resource \"aws_cloudtrail\" {{{\n")]);
    assert!(broken.findings.is_empty() && broken.unknown[0].why.contains("could not be read"), "{:?}", broken.unknown);
    // A view that names no carriers may be in any module.
    let any = self::rule("where: {none: t.bucket}");
    assert_eq!(said(terraform(&any, &[("main.tf", "module \"x\" {\n  source = \"acme/queue/aws\"\n}\n")])), open("module acme/queue/aws"));
}

#[test]
fn a_macro_or_a_stack_elsewhere_may_hold_it() {
    let bucket = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";
    for (more, why) in [
        ("Transform: Acme\n", "what Acme makes of it"),
        (
            "  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: https://example.com/t.yml}\n",
            "what the stack S makes of it",
        ),
        ("  S:\n    Type: AWS::CloudFormation::StackSet\n    Properties: {StackSetName: s}\n", "S"),
    ] {
        let source = if more.starts_with(' ') { format!("{bucket}{more}") } else { format!("{more}{bucket}") };
        let (findings, open) = said(template(&rule(NO_TRAIL), &source));
        assert!(findings.is_empty() && open.len() == 1, "{more}: {findings:?} {open:?}");
        assert!(open[0].contains(why), "{more}: {open:?}");
    }
}

#[test]
fn of_several_environments_those_are_named_that_lack_it() {
    let main = format!("{BUCKET}variable \"trail\" {{}}\nresource \"aws_cloudtrail\" \"t\" {{\n  count = var.trail ? 1 : 0\n}}\n");
    let files = [("main.tf", main.as_str()), ("dev.tfvars", "trail = false\n"), ("prod.tfvars", "trail = true\n")];
    assert_eq!(said(terraform(&rule(NO_TRAIL), &files)), found("no trail in ., with dev.tfvars"));
}

#[test]
fn a_project_without_anything_of_a_view_is_asked_where_nothing_limits_the_rule() {
    let rule = rule("where: {none: t.trail}");
    assert_eq!(said(terraform(&rule, &[("main.tf", "resource \"aws_sqs_queue\" \"q\" {\n}\n")])), found("no trail in ."));
    assert_eq!(said(template(&rule, "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n")), found("no trail in t.yml"));
    let every = self::rule("where: {not: {every: t.trail, where: {global: true}}}");
    let trail = "resource \"aws_cloudtrail\" \"t\" {\n  include_global_service_events = false\n}\n";
    assert_eq!(said(terraform(&every, &[("main.tf", trail)])), found("no trail in ."));
    assert_eq!(said(terraform(&every, &[("main.tf", &trail.replace("false", "true"))])), (vec![], vec![]));
}

#[test]
fn a_rule_on_a_project_speaks_of_views_or_of_files() {
    for (body, why) in [
        ("where: {name: x}", "nothing is called"),
        ("where: {all: [{none: t.trail}, {none: 'files:x'}]}", "either for views or for"),
        ("where: {all: []}", "always holds"),
    ] {
        let Err(errors) = try_compiled(&rule(body)) else { panic!("{body} is refused") };
        assert!(errors[0].error.message.contains(why), "{body}: {errors:?}");
    }
}

#[test]
fn a_module_call_is_what_a_rule_can_be_about() {
    let rule =
        "- {id: r, title: t, severity: low, why: w, fix: f, for: module, where: {version: {unset: true}}, message: '{address} {source}'}\n";
    let root = "module \"a\" {\n  source = \"acme/a/aws\"\n}\nmodule \"b\" {\n  source = \"./b\"\n  version = \"1\"\n}\n";
    let files = [("main.tf", root), ("b/main.tf", "module \"c\" {\n  source = \"acme/c/aws\"\n}\n")];
    let (mut findings, _) = said(terraform(rule, &files));
    findings.sort();
    assert_eq!(findings, ["module.a acme/a/aws", "module.b.module.c acme/c/aws"]);
}
