//! Templates that call each other: what is called is judged once, with its caller's values.

use super::Breach;
use super::tests::compiled;
use crate::iac::Memory;
use crate::input::Inputs;

const PUBLIC: &str = "
- id: public
  title: Public
  severity: high
  why: w
  fix: f
  for: 'AWS::S3::Bucket'
  where: {AccessControl: PublicRead}
  at: AccessControl
  message: '{address} is public'
";
const CHILD: &str = "Parameters:\n  Acl: {Type: String, Default: PublicRead}\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: !Ref Acl\n";

fn judged(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let inputs = Inputs::new();
    let paths: Vec<&[u8]> = files.iter().map(|(path, _)| path.as_bytes()).collect();
    let judged = compiled(PUBLIC).judge_documents(&Memory::of(files.iter().copied()), &paths, &inputs, None);
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    let place = |finding: &crate::finding::Finding| {
        let at = finding.primary.excerpt.as_ref().expect("pinned").start;
        let path = String::from_utf8_lossy(inputs.get(finding.primary.file).expect("known").path.bytes()).into_owned();
        format!("{path}:{}:{}", at.line, at.column)
    };
    judged.findings.iter().map(|Breach { finding, .. }| (finding.message.clone(), place(finding))).collect()
}

fn parent(acl: &str) -> String {
    format!(
        "Resources:\n  Site:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: child.yml\n      Parameters:\n        Acl: {acl}\n"
    )
}

/// 63. Where a caller says that it is private, the default does not count.
#[test]
fn a_nested_stack_is_judged_through_its_callers_only() {
    let private = parent("Private");
    assert_eq!(judged(&[("child.yml", CHILD), ("main.yml", &private)]), []);
    let public = parent("PublicRead");
    let found = [("Site.Bucket is public".to_owned(), "main.yml:7:14".to_owned())];
    assert_eq!(judged(&[("child.yml", CHILD), ("main.yml", &public)]), found);
    assert_eq!(judged(&[("child.yml", CHILD), ("main.yml", &public), ("other.yml", &private)]), found);
}

#[test]
fn a_template_that_nobody_calls_is_judged_on_its_own() {
    let found = [("Bucket is public".to_owned(), "child.yml:2:32".to_owned())];
    assert_eq!(judged(&[("child.yml", CHILD)]), found);
    let elsewhere = parent("Private").replace("child.yml", "https://example.com/child.yml");
    assert_eq!(judged(&[("child.yml", CHILD), ("main.yml", &elsewhere)]), found);
    // In a circle, the first is judged.
    let circle = |other: &str| format!("{CHILD}  S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}}}}}\n");
    let (a, b) = (circle("b.yml"), circle("a.yml"));
    let inputs = Inputs::new();
    let judged = compiled(PUBLIC).judge_documents(&Memory::of([("a.yml", &*a), ("b.yml", &*b)]), &[b"a.yml", b"b.yml"], &inputs, None);
    assert_eq!(
        judged.findings.iter().map(|Breach { finding, .. }| &*finding.message).collect::<Vec<_>>(),
        ["S.Bucket is public", "Bucket is public"]
    );
    assert_eq!(judged.troubles.len(), 1, "the circle is told");
}

/// 54. One parameter has one value, for what is asked of it and what is made of it.
#[test]
fn allowed_values_are_judged_one_by_one() {
    let source = CHILD.replace("Default: PublicRead", "AllowedValues: [Private, PublicRead]");
    assert_eq!(judged(&[("t.yml", &source)]), [("Bucket is public, when Acl == PublicRead is true".to_owned(), "t.yml:2:48".to_owned())]);
    let guarded =
        source.replace("    Properties:", "    Condition: Safe\n    Properties:") + "Conditions: {Safe: !Equals [!Ref Acl, Private]}\n";
    assert_eq!(judged(&[("t.yml", &guarded)]), [], "where it exists it is private");
    let open = guarded.replace("Safe]", "x]").replace("!Equals [!Ref Acl, Private]", "!Equals [!Ref Acl, PublicRead]");
    assert_eq!(judged(&[("t.yml", &open)]), [("Bucket is public, when Safe is true".to_owned(), "t.yml:2:48".to_owned())]);
}
