//! Which instances there are may hang on conditions: each is told with what it hangs on itself, and with nothing else.

use super::tests::compiled;
use super::{All, Breach, Judged, Met, Repository};
use crate::iac::Memory;
use crate::input::{InputPath, Inputs};

const VIEW: &str = "
- view: t.rule
  kinds:
    AWS::EC2::SecurityGroup: {each: SecurityGroupIngress, cidr: CidrIp}
- view: t.statement
  kinds:
    AWS::IAM::Role: {document: Policies.PolicyDocument}
";

fn rule(over: &str, rest: &str) -> String {
    format!("{VIEW}\n- {{id: r, title: t, severity: low, why: w, fix: f, for: {over}, {rest}}}\n")
}

fn judged(rule: &str, resource: &str) -> Judged {
    const PARAMETERS: &str = "Parameters:\n  P: {Type: String}\n  Q: {Type: String}\n";
    const CONDITIONS: &str = "Conditions:\n  C: !Equals [!Ref P, 'true']\n  D: !Equals [!Ref Q, 'true']\n";
    let source = format!("{PARAMETERS}{CONDITIONS}Resources:\n{resource}");
    compiled(rule).judge_template(&Memory::of([("t.yml", source.as_str())]), b"t.yml", &Inputs::new())
}

fn messages(judged: Judged) -> Vec<String> {
    assert!(judged.troubles.is_empty(), "{:?}", judged.troubles);
    let mut messages: Vec<String> = judged.findings.into_iter().map(|Breach { finding, .. }| finding.message).collect();
    messages.sort();
    messages
}

fn group(items: &[&str]) -> String {
    let start = "  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress:\n".to_owned();
    items.iter().fold(start, |all, item| all + "      - " + item + "\n")
}

const CONDITIONAL: &str = "!If [C, {CidrIp: a}, !Ref 'AWS::NoValue']";

/// Everything is tracked, nothing ignored.
struct Tracked;

impl crate::policy::Git for Tracked {
    fn is_tracked(&self, _: &crate::input::InputPath) -> Option<bool> {
        Some(true)
    }

    fn is_ignored(&self, _: &crate::input::InputPath) -> Option<bool> {
        Some(false)
    }
}

#[test]
fn an_item_behind_a_conditional_one_hangs_on_no_condition() {
    let text = rule("t.rule", "where: {cidr: {glob: '?'}}, at: cidr, message: '{cidr}'");
    assert_eq!(messages(judged(&text, &group(&[CONDITIONAL, "{CidrIp: b}"]))), ["a, when C is true", "b"]);
    assert_eq!(messages(judged(&text, &group(&["{CidrIp: b}", CONDITIONAL]))), ["a, when C is true", "b"]);
    // Only one of them is wrong.
    let first = rule("t.rule", "where: {cidr: a}, at: cidr, message: '{cidr}'");
    assert_eq!(messages(judged(&first, &group(&[CONDITIONAL, "{CidrIp: b}"]))), ["a, when C is true"]);
    let second = rule("t.rule", "where: {cidr: b}, at: cidr, message: '{cidr}'");
    assert_eq!(messages(judged(&second, &group(&[CONDITIONAL, "{CidrIp: b}"]))), ["b"]);
    // Not known whether it is wrong: one question, not one for each side.
    let unknown = judged(&second, &group(&[CONDITIONAL, "{CidrIp: !ImportValue x}"]));
    assert_eq!((unknown.findings.len(), unknown.unknown.len()), (0, 1));
}

#[test]
fn both_sides_of_a_choice_are_told_each_with_its_own() {
    let text = rule("t.rule", "where: {cidr: {glob: '?'}}, at: cidr, message: '{cidr}'");
    let both = "!If [C, {CidrIp: a}, {CidrIp: c}]";
    assert_eq!(messages(judged(&text, &group(&[both, "{CidrIp: b}"]))), ["a, when C is true", "b", "c, when C is false"]);
    let two = "!If [D, {CidrIp: d}, !Ref 'AWS::NoValue']";
    assert_eq!(messages(judged(&text, &group(&[CONDITIONAL, two, "{CidrIp: b}"]))), ["a, when C is true", "b", "d, when D is true"]);
    // A choice within an item makes no other item of it.
    assert_eq!(messages(judged(&text, &group(&["{CidrIp: !If [C, a, c]}"]))).len(), 1);
}

#[test]
fn what_is_said_beside_an_instance_is_said_of_that_one() {
    let lowered = rule(
        "t.rule",
        "where: {cidr: {glob: '?'}}, at: cidr, message: 'high {cidr}', lower: {where: {cidr: b}, severity: info, message: 'low {cidr}'}",
    );
    assert_eq!(messages(judged(&lowered, &group(&[CONDITIONAL, "{CidrIp: b}"]))), ["high a, when C is true", "low b"]);
    let perhaps = rule("t.rule", "where: {cidr: b}, at: cidr, message: '{cidr}', unknown: {cidr: possible}");
    let found = messages(judged(&perhaps, &group(&[CONDITIONAL, "{CidrIp: !ImportValue x}"])));
    assert_eq!(found.len(), 1);
    assert!(!found[0].contains("when"), "{found:?}");
}

#[test]
fn a_statement_of_a_policy_hangs_on_no_other_policy() {
    let text = rule("t.statement", "where: {effect: Allow}, at: action, message: '{action}'");
    let policy = |action: &str| {
        format!(
            "{{PolicyName: {action}, PolicyDocument: {{Statement: [{{Effect: Allow, Action: '{action}', Resource: '*'}}, {{Effect: Allow, Action: 's3:{action}', Resource: '*'}}]}}}}"
        )
    };
    let conditional = format!("!If [C, {}, !Ref 'AWS::NoValue']", policy("a"));
    let role =
        format!("  R:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n      - {conditional}\n      - {}\n", policy("b"));
    assert_eq!(messages(judged(&text, &role)), ["a, when C is true", "b", "s3:a, when C is true", "s3:b"]);
}

#[test]
fn instances_made_at_one_place_are_told_apart() {
    let text = "
- view: t.tf
  kinds:
    aws_security_group: {each: ingress, from: from_port}
- {id: r, title: t, severity: low, why: w, fix: f, for: t.tf, where: {from: 22}, at: from, message: 'port {from}'}
";
    let source = r#"resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = [80, 22, 443]
    content {
      from_port = ingress.value
    }
  }
}
"#;
    let folders = std::collections::BTreeSet::from([Vec::new()]);
    let variables = crate::settings::Variables::default();
    let found = compiled(text).judge_terraform(&Memory::of([("main.tf", source)]), &folders, &Inputs::new(), &variables);
    assert_eq!(messages(found), ["port 22"]);
}

#[test]
fn instances_beyond_the_limit_are_said_to_be() {
    let text = rule("t.rule", "where: {cidr: b}, at: cidr, message: '{cidr}'");
    let items: Vec<String> = (0..crate::iac::MAX_INSTANCES).map(|_| "{CidrIp: a}".to_owned()).collect();
    let mut items: Vec<&str> = items.iter().map(String::as_str).collect();
    *items.last_mut().expect("some") = "{CidrIp: b}";
    assert_eq!(messages(judged(&text, &group(&items))), ["b"]);
    items.push("{CidrIp: b}");
    let cut = judged(&text, &group(&items));
    assert_eq!((cut.findings.len(), cut.troubles.len()), (1, 1));
}

#[test]
fn files_are_counted() {
    let text = |count: &str| {
        format!("- {{id: r, title: t, severity: low, why: w, fix: f, for: project, where: {{count: {{{count}}}}}, message: m}}\n")
    };
    let tree = Memory::of([("a.sql", "x"), ("b/b.sql", "x"), ("c.txt", "x")]);
    let met = |path: &str| Met { path: InputPath::new(path.as_bytes()), size: None };
    let all = [met("a.sql"), met("b/b.sql"), met("c.txt")];
    let found = |count: &str, all: All<'_>| {
        let repository = Repository::new(&tree, Vec::new(), all, &Tracked);
        let judged = compiled(&text(count)).judge_repository(&repository, &Inputs::new());
        (judged.findings.len(), judged.unknown.len())
    };
    for (count, broken) in [
        ("of: 'files:**/*.sql', ge: 2", 1),
        ("of: 'files:**/*.sql', ge: 3", 0),
        ("of: 'files:**/*.sql', where: {name: b.sql}, eq: 1", 1),
        ("of: 'files:**/*', where: {content: {contains: x}}, ge: 3", 1),
        ("of: 'files:**/*', where: {content: {contains: y}}, le: 0", 1),
    ] {
        assert_eq!(found(count, All::Known(&all)), (broken, 0), "{count}");
    }
    assert_eq!(found("of: 'files:**/*.sql', ge: 1", All::Unknown), (0, 1));
}

#[test]
fn what_is_about_the_same_is_counted() {
    let text = "
- view: t.key
  kinds:
    aws_iam_access_key: {anchor: user, status: status}
- {id: r, title: t, severity: low, why: w, fix: f, for: t.key, where: {count: {linked: t.key, where: {status: on}, ge: 2}}, message: '{address}'}
";
    let key = |name: &str, user: &str, status: &str| {
        format!("resource \"aws_iam_access_key\" \"{name}\" {{\n  user = {user}\n  status = \"{status}\"\n}}\n")
    };
    let count = |keys: &[String]| {
        let source = format!("variable \"u\" {{}}\nresource \"aws_iam_user\" \"x\" {{\n  name = \"n\"\n}}\n{}", keys.concat());
        let folders = std::collections::BTreeSet::from([Vec::new()]);
        let variables = crate::settings::Variables::default();
        let tree = Memory::of([("main.tf", source.as_str())]);
        let judged = compiled(text).judge_terraform(&tree, &folders, &Inputs::new(), &variables);
        (judged.findings.len(), judged.unknown.len())
    };
    let one = key("a", "aws_iam_user.x.name", "on");
    assert_eq!(count(&[one.clone(), key("b", "aws_iam_user.x.name", "on")]), (2, 0));
    assert_eq!(count(&[one.clone(), key("b", "\"n\"", "on")]), (2, 0));
    assert_eq!(count(&[one.clone(), key("b", "\"m\"", "on")]), (0, 0));
    assert_eq!(count(&[one.clone(), key("b", "aws_iam_user.x.name", "off")]), (0, 0));
    assert_eq!(count(&[one.clone(), key("b", "var.u", "on")]), (0, 2), "perhaps of the same user");
    assert_eq!(count(&[one]), (0, 0));
}

#[test]
fn a_number_is_compared_with_another() {
    let text = rule(
        "t.rule",
        "where: {from: {le: 22}, not: {linked: t.rule, where: {cidr: deny, from: {lt: ^.from}}}}, at: from, message: '{from}'",
    );
    let text = text.replace("cidr: CidrIp", "cidr: CidrIp, from: FromPort, anchor: self");
    let found = |before: &str| messages(judged(&text, &group(&["{FromPort: 20, CidrIp: a}", before])));
    assert_eq!(found("{FromPort: 10, CidrIp: deny}"), ["10"]);
    assert_eq!(found("{FromPort: 20, CidrIp: deny}"), ["20", "20"]);
    assert_eq!(found("{FromPort: '10', CidrIp: deny}"), ["10"]);
    assert_eq!(found("{FromPort: 10, CidrIp: a}"), ["10", "20"]);
    assert_eq!(found("{FromPort: x, CidrIp: deny}"), ["20"]);
    let unknown = judged(&text, &group(&["{FromPort: 20, CidrIp: a}", "{FromPort: !ImportValue n, CidrIp: deny}"]));
    assert_eq!((unknown.findings.len(), unknown.unknown.len()), (0, 2));
    // What is compared with is not known.
    let outer = rule("t.rule", "where: {from: {gt: to}}, message: m").replace("cidr: CidrIp", "from: FromPort, to: ToPort");
    let count = |item: &str| {
        let judged = judged(&outer, &group(&[item]));
        (judged.findings.len(), judged.unknown.len())
    };
    assert_eq!(count("{FromPort: 20, ToPort: 10}"), (1, 0));
    assert_eq!(count("{FromPort: 20, ToPort: 20}"), (0, 0));
    assert_eq!(count("{FromPort: 20}"), (0, 0));
    assert_eq!(count("{FromPort: 20, ToPort: !ImportValue n}"), (0, 1));
    assert_eq!(count("{FromPort: 20, ToPort: !If [C, 10, 30]}"), (1, 0));
    let wrong = rule("t.rule", "where: {cidr: {lt: ^.from}}, message: m");
    assert!(super::tests::try_compiled(&wrong).is_err(), "nothing is around it");
}
