//! Shapes of views, and the tests that look at them.

use std::collections::BTreeSet;

use super::tests::{Found, compiled, one, try_compiled};
use super::{Judged, PolicyError};
use crate::iac::Memory;
use crate::input::Inputs;
use crate::settings::Variables;

const VIEWS: &str = "
- view: t.ingress
  default: {direction: ingress}
  kinds:
    aws_security_group: &group
      each: ingress
      group: ^.name
      cidrs: {path: [cidr_blocks, ipv6_cidr_blocks]}
      ports: {range: [from_port, to_port]}
      direction: {value: ingress}
    aws_default_security_group: *group
    aws_security_group_rule:
      only: {direction: ingress}
      direction: type
      group: security_group_id
      cidrs: {path: [cidr_blocks, ipv6_cidr_blocks]}
      ports: {range: [from_port, to_port]}
    AWS::EC2::SecurityGroup:
      each: SecurityGroupIngress
      group: ^.GroupName
      cidrs: {path: [CidrIp, CidrIpv6]}
      ports: {range: [FromPort, ToPort]}
- view: t.function
  kinds:
    aws_lambda_function: {runtime: runtime, timeout: {path: timeout, default: 3}}
    AWS::Lambda::Function: {runtime: Runtime, timeout: {path: Timeout, default: 3}}
- table: t-runtimes
  as-of: 2026-11-01
  entries: {nodejs14.x: 2023-12-04, python3.9: 2026-11-01, python3.13: 2029-06-30, 'dotnetcore*': 2024-01-01}
";

/// A rule over a view, with the views of this file.
fn rule(over: &str, where_: &str, message: &str) -> String {
    format!("{VIEWS}- {{id: r, title: t, severity: low, why: w, fix: f, for: {over}, where: {where_}, message: '{message}'}}\n")
}

fn terraform(rule: &str, source: &str) -> Judged {
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    compiled(rule).judge_terraform(&tree, &BTreeSet::from([Vec::new()]), &inputs, &Variables::default())
}

fn template(rule: &str, source: &str) -> Option<Found> {
    let (tree, inputs) = (Memory::of([("t.yml", source)]), Inputs::new());
    one(compiled(rule).judge_template(&tree, b"t.yml", &inputs))
}

fn message(judged: Judged) -> Option<String> {
    one(judged).map(|found| found.0)
}

fn group(from: &str, to: &str, cidrs: &str) -> String {
    format!(
        "variable \"port\" {{}}\nresource \"aws_security_group\" \"g\" {{\n  name = \"web\"\n  ingress {{\n    from_port = {from}\n    to_port = {to}\n    {cidrs}\n  }}\n}}\n"
    )
}

#[test]
fn several_paths_are_one_value() {
    let rule = rule("t.ingress", "{cidrs: {covers: ['0.0.0.0/0', '::/0']}}", "{group} is open to {cidrs}");
    for (cidrs, open) in [
        ("cidr_blocks = [\"0.0.0.0/0\"]", Some("0.0.0.0/0")),
        ("ipv6_cidr_blocks = [\"::/0\"]", Some("::/0")),
        ("cidr_blocks = [\"10.0.0.0/8\"]\n    ipv6_cidr_blocks = [\"::/0\"]", Some("::/0")),
        ("cidr_blocks = [\"0.0.0.0/1\"]\n    ipv6_cidr_blocks = [\"::/1\"]", None),
        ("", None),
    ] {
        let found = message(terraform(&rule, &group("22", "22", cidrs)));
        assert_eq!(found, open.map(|open| format!("web is open to {open}")), "{cidrs}");
    }
    let source = "Resources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupName: web\n      SecurityGroupIngress:\n        - {CidrIpv6: '::/0', FromPort: 1, ToPort: 2}\n";
    let (message, at, _) = template(&rule, source).expect("open");
    assert_eq!((message.as_str(), at), ("web is open to ::/0", (7, 22)));
}

#[test]
fn a_range_holds_the_numbers_between_its_ends() {
    let rule = rule("t.ingress", "{ports: {contains: 22}}", "{ports}");
    let asked = |from: &str, to: &str| {
        let judged = terraform(&rule, &group(from, to, ""));
        (judged.unknown.len(), message(judged))
    };
    for (from, to, found) in [
        ("22", "22", Some("22")),
        ("0", "65535", Some("0-65535")),
        ("\"20\"", "25", Some("20-25")),
        ("23", "25", None),
        ("null", "25", None),
        ("20", "null", None),
        // One end is enough to say no.
        ("var.port", "21", None),
        ("23", "var.port", None),
        ("\"x\"", "25", None),
    ] {
        assert_eq!(asked(from, to), (0, found.map(str::to_owned)), "{from} to {to}");
    }
    assert_eq!(asked("var.port", "25"), (1, None));
    assert_eq!(asked("20", "var.port"), (1, None));
    let (_, at, _) = one(terraform(&rule, &group("20", "25", ""))).expect("one");
    assert_eq!(at, (5, 17), "where the range begins");
    // Other tests look at either end.
    let high = rule.replace("contains: 22", "gt: 1023");
    assert!(message(terraform(&high, &group("80", "8080", ""))).is_some());
    assert!(message(terraform(&high, &group("80", "443", ""))).is_none());
}

#[test]
fn a_kind_can_be_limited_to_what_is_meant() {
    let rule = rule("t.ingress", "{direction: ingress, ports: {contains: 22}}", "{address}");
    let source = |kind: &str| {
        format!(
            "variable \"kind\" {{}}\nresource \"aws_security_group_rule\" \"r\" {{\n  type = {kind}\n  from_port = 22\n  to_port = 22\n}}\n"
        )
    };
    assert!(message(terraform(&rule, &source("\"ingress\""))).is_some());
    assert!(message(terraform(&rule, &source("\"egress\""))).is_none());
    let judged = terraform(&rule, &source("var.kind"));
    assert_eq!((judged.findings.len(), judged.unknown.len()), (0, 1), "it may be one");
    // The constant of one kind, and the view's default in one that has no such name.
    assert!(message(terraform(&rule, &group("22", "22", ""))).is_some());
    let source =
        "Resources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress: {FromPort: 1, ToPort: 22}\n";
    assert!(template(&rule, source).is_some());
}

#[test]
fn what_the_provider_takes_differs_by_kind() {
    let rule = rule("t.function", "{timeout: {lt: 5}}", "{timeout}");
    assert_eq!(message(terraform(&rule, "resource \"aws_lambda_function\" \"f\" {}\n")).as_deref(), Some("3"));
    assert_eq!(message(terraform(&rule, "resource \"aws_lambda_function\" \"f\" {\n  timeout = 9\n}\n")), None);
    let judged = terraform(&rule, "variable \"t\" {}\nresource \"aws_lambda_function\" \"f\" {\n  timeout = var.t\n}\n");
    assert_eq!((judged.findings.len(), judged.unknown.len()), (0, 1));
}

#[test]
fn a_table_says_what_is_old() {
    let rule = rule("t.function", "{runtime: {older: t-runtimes}}", "{runtime} is old");
    let source = |runtime: &str| format!("variable \"n\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n  runtime = {runtime}\n}}\n");
    for (runtime, old) in [
        ("\"nodejs14.x\"", true),
        ("\"nodejs14\"", false),
        ("\"python3.9\"", true),
        ("\"python3.13\"", false),
        ("\"dotnetcore3.1\"", true),
        ("\"ruby\"", false),
        ("null", false),
    ] {
        assert_eq!(message(terraform(&rule, &source(runtime))).is_some(), old, "{runtime}");
    }
    for (runtime, unknown) in [("var.n", 1), ("\"nodejs${var.n}\"", 1), ("\"java${var.n}\"", 0), ("\"dotnetcore${var.n}\"", 0)] {
        let judged = terraform(&rule, &source(runtime));
        assert_eq!(judged.unknown.len(), unknown, "{runtime}");
    }
    let errors = try_compiled(&rule.replace("{older: t-runtimes}", "{older: t-runtime}")).err().expect("no such table");
    assert_eq!(errors[0].error.help.as_deref(), Some("did you mean `t-runtimes`?"));
}

#[test]
fn a_pattern_is_found_in_text_and_numbers() {
    let asked = |pattern: &str, runtime: &str| {
        let rule = rule("t.function", &format!("{{runtime: {{regex: {pattern}}}}}"), "{runtime}");
        let source = format!("variable \"n\" {{}}\nresource \"aws_lambda_function\" \"f\" {{\n  runtime = {runtime}\n}}\n");
        let judged = terraform(&rule, &source);
        (judged.findings.len(), judged.unknown.len())
    };
    assert_eq!(asked("'^node'", "\"nodejs\""), (1, 0));
    assert_eq!(asked("'^node$'", "\"nodejs\""), (0, 0));
    assert_eq!(asked("'^4[0-9]$'", "42"), (1, 0));
    assert_eq!(asked("'^node'", "\"node${var.n}\""), (1, 0));
    assert_eq!(asked("'^node$'", "\"node${var.n}\""), (0, 1));
}

fn faults(rule: &str) -> (u32, String, Option<String>) {
    let errors = try_compiled(rule).err().unwrap_or_else(|| panic!("a fault: {rule}"));
    let PolicyError { error, .. } = errors.into_iter().next().expect("one");
    (error.at, error.message, error.help)
}

/// The place of a fault is the word that is wrong.
#[test]
fn faults_stand_at_their_word_and_name_what_there_is() {
    let text = rule("t.function", "{all: [{timeout: 1}, {runtme: x}]}", "m");
    let (at, message, help) = faults(&text);
    assert!(text[at as usize..].starts_with("runtme"), "{at}");
    assert_eq!(message, "nothing is called `runtme` here");
    assert_eq!(help.as_deref(), Some("did you mean `runtime`? `t.function` has runtime, timeout"));
    let text = rule("t.function", "{none: t.ingres}", "m");
    assert_eq!(faults(&text).2.as_deref(), Some("did you mean the view `t.ingress`?"));
    let text = rule("t.function", "{runtime: {regex: '('}}", "m");
    let (at, message, _) = faults(&text);
    assert!(text[at as usize..].starts_with("'('") && message.starts_with("not a regular expression"), "{message}");
    let text = rule("t.function", "{^.runtime: x}", "m");
    assert_eq!(faults(&text).1, "there are 0 bindings around this, and not 1");
    let text = rule("t.function", "{runtime: x}", "m").replace("only: {direction: ingress}", "only: {directon: ingress}");
    let (at, _, help) = faults(&text);
    assert!(text[at as usize..].starts_with("directon") && help.is_some_and(|help| help.starts_with("did you mean `direction`?")));
    let text = rule("t.function", "{runtime: x}", "m").replace("only: {direction: ingress}", "only: {linked: t.function}");
    assert_eq!(faults(&text).1, "there is no view `t.function`");
    let text = rule("t.function", "{runtime: x}", "m").replace("{range: [from_port, to_port]}", "{range: [from_port]}");
    assert_eq!(faults(&text).1, "expected two paths: where it begins and where it ends, got a list");
    assert_eq!(faults(&rule("t.function", "{serves: {path: /.env}}", "m")).1, "`serves` speaks of a file");
    let text = rule("files", "{serves: {path: .env}}", "m");
    let (at, message, _) = faults(&text);
    assert!(text[at as usize..].starts_with(".env") && message.starts_with("expected paths"), "{message}");
}

/// An attribute that is called like a word is written in brackets.
#[test]
fn attributes_may_be_called_like_words() {
    let rule = rule("aws_x", "{'[\"count\"]': 2, '[\"any\"].not': true}", "{[\"count\"]}");
    let source = "resource \"aws_x\" \"x\" {\n  any = { not = true }\n}\n";
    assert_eq!(message(terraform(&rule, source)), None);
    let plan = r#"{"Resources": {"X": {"Type": "AWS::X::Y", "Properties": {"count": 2, "any": {"not": "true"}}}}}"#;
    assert_eq!(template(&rule.replace("aws_x", "'AWS::X::Y'"), plan).map(|found| found.0).as_deref(), Some("2"));
}

#[test]
fn not_of_what_may_be_absent_is_doubtful() {
    let doubts = |where_: &str| {
        let text = rule("t.function", where_, "m");
        let compiled = compiled(&text);
        compiled.warnings().iter().map(|warning| text[warning.error.at as usize..].chars().take(7).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(doubts("{not: {runtime: x}}"), ["runtime"]);
    assert_eq!(doubts("{any: [{timeout: 4}, {not: {runtime: x}}]}"), ["runtime"], "by itself it is enough");
    assert_eq!(doubts("{not: {any: [{runtime: x}, {timeout: 4}]}}"), ["runtime"]);
    assert_eq!(doubts("{linked: t.function, where: {not: {runtime: x}}}"), ["runtime"]);
    assert_eq!(doubts("{some: 'runtime', as: r, where: {not: {r.name: x}}}"), ["r.name:"]);
    for clear in [
        "{runtime: x}",
        "{not: {runtime: {set: true}}}",
        "{not: {timeout: 3}}",
        "{all: [{runtime: {set: true}}, {not: {runtime: x}}]}",
        "{all: [{runtime: {glob: 'a*'}}, {not: {runtime: ab}}]}",
        "{any: [{runtime: {unset: true}}, {not: {runtime: x}}]}",
        "{some: 'runtime', as: r, where: {not: {r: x}}}",
        "{runtime: {not-in: [x]}}",
        // It only excepts some of what is wrong.
        "{all: [{timeout: 4}, {not: {runtime: x}}]}",
        "{not: {any: [{runtime: x}, {not: {runtime: y}}]}}",
        // Others that would do: one that says nothing is none of them.
        "{not: {linked: t.function, where: {not: {runtime: x}}}}",
        "{linked: t.function, quant: none, where: {not: {runtime: x}}}",
        // What is not switched on is off, said or unsaid.
        "{not: {runtime: true}}",
    ] {
        assert_eq!(doubts(clear), [""; 0], "{clear}");
    }
}
