use std::fmt::Write as _;

use crate::base::span::Span;
use crate::iac::terraform::{Terraform, Variables};
use crate::iac::{Files, Lookup, Memory, Node, Resource, Value};
use crate::input::Inputs;
use crate::syntax::json;

fn with<T>(source: &str, ask: impl FnOnce(&Terraform<'_>, Vec<Resource>) -> T) -> T {
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    let resources = terraform.evaluate(b"", &crate::iac::is_resource).remove(0).resources;
    ask(&terraform, resources)
}

fn attribute(resource: &Resource) -> Value {
    match resource.attrs.lookup("v") {
        Lookup::Found(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}

/// The attribute `v` of the first resource.
fn made(source: &str) -> Value {
    with(source, |_, resources| attribute(&resources[0]))
}

fn read(value: &Value) -> Value {
    let Node::Text(text) = &value.node else { panic!("text: {value:?}") };
    Value::from_node(&json::parse_text(text, value.place).expect("JSON"))
}

/// What the document `data.aws_iam_policy_document.d` says, as text without spaces.
fn json_of(source: &str) -> String {
    let Node::Text(text) = made(&format!("{source}\nresource \"r\" \"x\" {{\n  v = data.aws_iam_policy_document.d.json\n}}\n")).node else {
        panic!("text")
    };
    text.to_str().into_owned()
}

fn line(source: &str, place: Span) -> (usize, usize) {
    let before = &source[..place.start as usize];
    (before.matches('\n').count() + 1, before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1)
}

fn find<'v>(value: &'v Value, name: &str) -> &'v Value {
    match value.lookup(name) {
        Lookup::Found(found) => found,
        other => panic!("{name}: {other:?}"),
    }
}

fn statements(document: &Value) -> &[Value] {
    match &find(document, "Statement").node {
        Node::List { items, .. } => items,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_says_what_the_provider_makes_of_it() {
    let document = |inside: &str| json_of(&format!("variable \"u\" {{}}\ndata \"aws_iam_policy_document\" \"d\" {{\n{inside}\n}}\n"));
    assert_eq!(document(""), r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert_eq!(
        document(
            "version = \"2008-10-17\"\npolicy_id = \"x\"\nstatement {\n sid = \"A\"\n effect = \"Deny\"\n not_actions = [\"s3:*\", \"a:b\"]\n not_resources = [\"*\"]\n}"
        ),
        r#"{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"A","Effect":"Deny","NotAction":["s3:*","a:b"],"NotResource":"*"}]}"#
    );
    assert_eq!(
        document("statement {\n actions = [\"a:b\"]\n resources = [\"arn:aws:s3:::b/&{aws:username}/*\"]\n}"),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::b/${aws:username}/*"}]}"#
    );
    let principal = |blocks: &str| {
        let whole = document(&format!("statement {{\n{blocks}\n}}"));
        let (_, rest) = whole.split_once(r#""Effect":"Allow","#).expect("a statement");
        rest.trim_end_matches("}]}").to_owned()
    };
    let block = |kind: &str, ids: &str| format!("principals {{\n type = \"{kind}\"\n identifiers = [{ids}]\n}}\n");
    assert_eq!(principal(&block("*", "\"*\"")), r#""Principal":"*""#);
    assert_eq!(principal(&block("AWS", "\"*\"")), r#""Principal":{"AWS":"*"}"#);
    assert_eq!(
        principal(&[block("AWS", "\"1\""), block("Service", "\"s\""), block("AWS", "\"2\", \"3\"")].concat()),
        r#""Principal":{"AWS":["1","2","3"],"Service":"s"}"#
    );
    assert_eq!(
        principal(&[block("*", "\"*\""), block("AWS", "\"2\"")].concat()),
        r#""Principal":{"*":"*","AWS":"2"}"#,
        "a star beside others is no plain star"
    );
    let condition =
        |test: &str, values: &str| format!("condition {{\n test = \"{test}\"\n variable = \"aws:x\"\n values = [{values}]\n}}\n");
    assert_eq!(
        principal(&[condition("StringLike", "\"a\""), condition("Bool", "true"), condition("StringLike", "\"b\"")].concat()),
        r#""Condition":{"Bool":{"aws:x":true},"StringLike":{"aws:x":["a","b"]}}"#
    );
}

/// 13. dynamic "statement": the star is pointed at in the list that it is in.
#[test]
fn a_star_in_a_dynamic_statement_stands_where_it_is_written() {
    let source = r#"locals {
  grants = [
    { actions = ["s3:GetObject"], who = "a" },
    { actions = ["*"], who = "b" },
  ]
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = local.grants
    content {
      sid       = statement.value.who
      actions   = statement.value.actions
      resources = ["*"]
      dynamic "principals" {
        for_each = ["111122223333", "444455556666"]
        content {
          type        = "AWS"
          identifiers = [principals.value]
        }
      }
    }
  }
}
resource "r" "x" {
  v = data.aws_iam_policy_document.d.json
}
"#;
    let document = read(&made(source));
    let [_, second] = statements(&document) else { panic!("two statements") };
    assert_eq!(line(source, find(second, "Action").place), (4, 18));
    assert_eq!(line(source, find(second, "Resource").place), (13, 20));
    assert_eq!(find(find(second, "Principal"), "AWS").print(), "111122223333, 444455556666");
}

/// 14. and 15.: sources are merged, overrides replace by Sid; a statement keeps its place, and the merge is told.
#[test]
fn merged_statements_keep_their_places() {
    let source = r#"data "aws_iam_policy_document" "admin" {
  statement {
    sid       = "Admin"
    actions   = ["*"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "narrow" {
  statement {
    sid       = "Admin"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/*"]
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.admin.json]
  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "overridden" {
  source_policy_documents   = [data.aws_iam_policy_document.admin.json]
  override_policy_documents = [data.aws_iam_policy_document.narrow.json]
}
resource "r" "merged" {
  v = data.aws_iam_policy_document.merged.json
}
resource "r" "overridden" {
  v = data.aws_iam_policy_document.overridden.minified_json
}
"#;
    with(source, |_, resources| {
        let merged = attribute(&resources[0]);
        let document = read(&merged);
        let actions: Vec<String> = statements(&document).iter().map(|statement| find(statement, "Action").print()).collect();
        assert_eq!(actions, ["*", "s3:ListAllMyBuckets", "logs:PutLogEvents"]);
        assert_eq!(line(source, find(&statements(&document)[0], "Action").place), (4, 18));
        let way: Vec<_> = merged.way().iter().map(|via| (line(source, via.place), via.text.to_string())).collect();
        assert_eq!(
            way,
            [
                ((20, 3), "merged into data.aws_iam_policy_document.merged".to_owned()),
                ((31, 7), "used here as data.aws_iam_policy_document.merged.json".to_owned())
            ]
        );
        let document = read(&attribute(&resources[1]));
        let actions: Vec<String> = statements(&document).iter().map(|statement| find(statement, "Action").print()).collect();
        assert_eq!(actions, ["s3:GetObject", "s3:ListAllMyBuckets"], "in the place of the one with the same Sid");
        assert_eq!(line(source, find(&statements(&document)[0], "Action").place), (15, 18));
    });
}

/// What is not known leaves the list open, and takes nothing away.
#[test]
fn an_unknown_source_hides_no_known_statement() {
    let source = r#"variable "u" {}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [var.u, "not json", jsonencode({ Statement = { Effect = "Allow", Action = "a:b", Resource = var.u } })]
  dynamic "statement" {
    for_each = var.u
    content {
      actions = ["c:d"]
    }
  }
  statement {
    actions = ["*"]
    dynamic "condition" {
      for_each = var.u
      content {
        test     = "Bool"
        variable = "aws:x"
        values   = [condition.value]
      }
    }
  }
}
resource "r" "x" {
  v = data.aws_iam_policy_document.d.json
}
"#;
    let document = read(&made(source));
    let all = statements(&document);
    // One of the dynamic statements stands for all that there may be.
    assert_eq!(all[..3].iter().map(|one| find(one, "Action").print()).collect::<Vec<_>>(), ["a:b", "c:d", "*"]);
    assert!(matches!(all[3].node, Node::Unknown(_)), "there may be more");
    assert_eq!(all.len(), 4);
    assert!(matches!(find(&all[2], "Condition").node, Node::Map { .. }), "a condition of which nothing is known, and not none");
}

#[test]
fn conditions_make_a_choice_between_documents() {
    let source = r#"variable "admin" {}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = var.admin ? ["*"] : ["s3:GetObject"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.admin ? [1] : []
    content {
      actions = ["b:c"]
    }
  }
}
resource "r" "x" {
  v = data.aws_iam_policy_document.d.json
}
"#;
    let Node::Choice { cond, then, else_ } = made(source).node else { panic!("a choice") };
    assert_eq!(&*cond, "var.admin");
    let actions = |side: &Value| statements(&read(side)).iter().map(|one| find(one, "Action").print()).collect::<Vec<_>>();
    assert_eq!((actions(&then), actions(&else_)), (vec!["*".to_owned(), "b:c".to_owned()], vec!["s3:GetObject".to_owned()]));
}

#[test]
fn instances_are_found_by_number_by_key_and_all_at_once() {
    let source = r#"variable "u" {}
data "aws_iam_policy_document" "n" {
  count = 2
  statement {
    actions = ["n:${count.index}"]
  }
}
data "aws_iam_policy_document" "k" {
  for_each = { a = "x", b = "y" }
  statement {
    actions = ["k:${each.value}"]
  }
}
data "aws_iam_policy_document" "maybe" {
  count = var.u ? 1 : 0
  statement {
    actions = ["*"]
  }
}
data "aws_iam_policy_document" "some" {
  for_each = var.u
  statement {
    sid     = each.key
    actions = ["*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents = concat(data.aws_iam_policy_document.n[*].json, [for d in data.aws_iam_policy_document.k : d.json])
}
resource "r" "n" { v = data.aws_iam_policy_document.n[1].json }
resource "r" "k" { v = data.aws_iam_policy_document.k["b"].json }
resource "r" "all" { v = data.aws_iam_policy_document.all.json }
resource "r" "some" { v = data.aws_iam_policy_document.some["z"].json }
resource "r" "each" {
  for_each = data.aws_iam_policy_document.k
  v        = each.value.json
}
resource "r" "one" { v = one(data.aws_iam_policy_document.maybe[*].json) }
"#;
    let actions = |value: &Value| statements(&read(value)).iter().map(|one| find(one, "Action").print()).collect::<Vec<_>>();
    with(source, |_, resources| {
        let of = |address: &str| {
            attribute(resources.iter().find(|resource| &*resource.address == address).unwrap_or_else(|| panic!("{address}")))
        };
        assert_eq!(actions(&of("r.n")), ["n:1"]);
        assert_eq!(actions(&of("r.k")), ["k:y"]);
        assert_eq!(actions(&of("r.all")), ["n:0", "n:1", "k:x", "k:y"]);
        assert_eq!(actions(&of("r.some")), ["*"]);
        assert_eq!(actions(&of("r.each[\"a\"]")), ["k:x"]);
        let Node::Choice { then, .. } = of("r.one").node else { panic!("there on a condition") };
        assert_eq!(actions(&then), ["*"]);
    });
}

/// A document that merges itself, by whatever way; documents that double in each of many steps; a great many.
#[test]
fn hostile_documents_end_and_keep_what_is_known() {
    let circle = r#"data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.d.json, data.aws_iam_policy_document.e.json]
  statement { actions = ["*"] }
}
data "aws_iam_policy_document" "e" {
  source_policy_documents = [data.aws_iam_policy_document.d.json]
}
resource "r" "x" { v = data.aws_iam_policy_document.d.json }
"#
    .replace("{ actions = [\"*\"] }", "{\n    actions = [\"*\"]\n  }");
    let document = read(&made(&circle));
    assert_eq!(find(&statements(&document)[0], "Action").print(), "*");

    let mut doubling = "data \"aws_iam_policy_document\" \"d0\" {\n  statement {\n    actions = [\"*\"]\n  }\n}\n".to_owned();
    for n in 1..15 {
        let before = format!("data.aws_iam_policy_document.d{}.json", n - 1);
        writeln!(doubling, "data \"aws_iam_policy_document\" \"d{n}\" {{\n  source_policy_documents = [{before}, {before}]\n}}")
            .expect("a string");
    }
    doubling += "resource \"r\" \"x\" {\n  v = data.aws_iam_policy_document.d14.json\n}\n";

    let many = |sources: usize| {
        let mut many = "data \"aws_iam_policy_document\" \"s\" {\n".to_owned();
        many += &"  statement {\n    actions = [\"a:b\"]\n  }\n".repeat(1000);
        many += "}\ndata \"aws_iam_policy_document\" \"d\" {\n  source_policy_documents = [";
        many += &"data.aws_iam_policy_document.s.json,".repeat(sources);
        many + "]\n}\nresource \"r\" \"x\" {\n  v = data.aws_iam_policy_document.d.json\n}\n"
    };
    // A list of so much text is more than a value may weigh: nothing of it is known, and that is told.
    for (source, least) in [(doubling, 0), (many(200), super::MAX_STATEMENTS), (many(1000), 0)] {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
            with(&source, |terraform, resources| {
                let value = attribute(&resources[0]);
                let known = if matches!(value.node, Node::Text(_)) { statements(&read(&value)).len() } else { 0 };
                (known, terraform.is_exhausted())
            })
        });
        let (known, exhausted) = thread.expect("a thread").join().expect("no panic");
        assert!(known >= least && exhausted, "{known} statements, and it is told that there are more: {exhausted}");
    }
}
