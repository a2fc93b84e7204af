//! Variables: types, defaults, and where their values come from.

use std::collections::BTreeMap;

use super::{at, attr, evaluate_with, one, value};
use crate::iac::Node;
use crate::settings::Variables;

/// The value of `var.x`, declared with a type, as `v` has it.
fn typed(wanted: &str, default: &str, taken: &str) -> String {
    value(&format!("variable \"x\" {{\n  type = {wanted}\n  default = {default}\n}}\nresource \"r\" \"x\" {{\n  v = {taken}\n}}\n")).print()
}

#[test]
fn types_convert() {
    assert_eq!(typed("bool", "\"true\"", "var.x ? \"yes\" : \"no\""), "yes");
    assert_eq!(typed("list(string)", "[1, true]", "join(\"-\", var.x)"), "1-true");
    assert_eq!(typed("set(string)", "[\"a\", \"a\"]", "length(var.x)"), "1");
    assert_eq!(typed("map(number)", "{ a = \"7\" }", "var.x.a + 1"), "8");
    assert_eq!(typed("tuple([string, number])", "[1, \"2\"]", "var.x[1] + 1"), "3");
    assert_eq!(typed("any", "{ a = \"7\" }", "var.x.a"), "7");
    assert_eq!(typed("\"string\"", "5", "var.x"), "5");
    let kinds = |wanted: &str, default: &str| {
        value(&format!("variable \"x\" {{\n  type = {wanted}\n  default = {default}\n}}\nresource \"r\" \"x\" {{\n  v = var.x\n}}\n")).node
    };
    assert!(matches!(kinds("bool", "\"false\""), Node::Bool(false)));
    assert!(matches!(kinds("number", "\"22\""), Node::Number(_)));
    assert!(matches!(kinds("string", "22"), Node::Text(_)));
}

/// 43. optional attributes with defaults, deep inside maps and lists.
#[test]
fn an_optional_attribute_has_its_default_where_that_is_written() {
    let source = "variable \"buckets\" {\n  type = map(object({\n    acl = optional(string, \"public-read\")\n    rules = optional(list(object({ port = optional(number, 22) })), [{}])\n    tag = optional(string)\n  }))\n  default = {\n    a = {}\n    b = { acl = \"private\", extra = 1, rules = [{ port = 80 }, {}] }\n    c = { acl = null }\n  }\n}\nresource \"r\" \"x\" {\n  for_each = var.buckets\n  acl = each.value.acl\n  ports = each.value.rules[*].port\n  tag = each.value.tag\n  extra = try(each.value.extra, \"dropped\")\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let of = |key: &str, name: &str| attr(&evaluated, &format!("r.x[\"{key}\"]"), name);
    assert_eq!((of("a", "acl").print().as_str(), at(source, &of("a", "acl"))), ("public-read", (3, 28)));
    assert_eq!((of("b", "acl").print().as_str(), of("c", "acl").print().as_str()), ("private", "public-read"));
    assert_eq!((of("a", "ports").print().as_str(), of("b", "ports").print().as_str()), ("22", "80, 22"));
    assert!(matches!(of("a", "tag").node, Node::Null));
    assert_eq!(of("b", "extra").print(), "dropped", "what a type does not name is not there");
}

/// 17, 18. A ternary on a default, and on what a var file says instead.
#[test]
fn var_files_hold_over_defaults_and_later_ones_over_earlier_ones() {
    let source = "variable \"public\" {\n  type = bool\n  default = false\n}\nresource \"r\" \"x\" {\n  v = var.public ? \"public-read\" : \"private\"\n}\n";
    let of = |files: &[(&str, &str)], variables: &Variables| {
        let mut all = vec![("main.tf", source)];
        all.extend(files);
        let evaluated = evaluate_with(&all, "", variables);
        evaluated
            .iter()
            .map(|evaluated| (evaluated.variant.clone().unwrap_or_default(), attr(evaluated, "r.x", "v").print()))
            .collect::<Vec<_>>()
    };
    let none = Variables::default();
    let plain = |printed: &str| vec![("".into(), printed.to_owned())];
    assert_eq!(of(&[], &none), plain("private"));
    assert_eq!(of(&[("terraform.tfvars", "public = true\n")], &none), plain("public-read"));
    assert_eq!(of(&[("terraform.tfvars", "public = true\n"), ("z.auto.tfvars", "public = \"false\"\n")], &none), plain("private"));
    // 19. One verdict for each environment.
    let environments = [("dev.tfvars", "public = true\n"), ("prod.tfvars", "public = false\n")];
    let expected = vec![("with dev.tfvars".into(), "public-read".to_owned()), ("with prod.tfvars".into(), "private".to_owned())];
    assert_eq!(of(&environments, &none), expected);
    // What a person asks for holds alone.
    let asked = Variables { files: vec![b"dev.tfvars".to_vec()], ..Variables::default() };
    assert_eq!(of(&environments, &asked), plain("public-read"));
    let twice = Variables { files: vec![b"dev.tfvars".to_vec(), b"prod.tfvars".to_vec()], ..Variables::default() };
    assert_eq!(of(&environments, &twice), plain("private"));
    // An environment's text is read as the type wants it, and every file holds over it.
    let set = Variables { values: BTreeMap::from([("public".into(), "true".into())]), ..Variables::default() };
    assert_eq!(of(&[], &set), plain("public-read"));
    assert_eq!(of(&[("terraform.tfvars", "public = false\n")], &set), plain("private"));
    let missing = Variables { files: vec![b"gone.tfvars".to_vec()], ..Variables::default() };
    assert_eq!(evaluate_with(&[("main.tf", source)], "", &missing)[0].troubles.len(), 1);
}

#[test]
fn text_of_an_environment_is_an_expression_where_the_type_is_no_primitive() {
    let of = |wanted: &str, text: &str| {
        let source = format!("variable \"x\" {{\n  {wanted}\n}}\nresource \"r\" \"x\" {{\n  v = var.x\n}}\n");
        let set = Variables { values: BTreeMap::from([("x".into(), text.into())]), ..Variables::default() };
        let value = attr(&evaluate_with(&[("main.tf", &source)], "", &set)[0], "r.x", "v");
        (value.print(), at(&source, &value))
    };
    assert_eq!(of("type = list(string)", "[\"a\", \"b\"]"), ("a, b".to_owned(), (1, 1)));
    assert_eq!(of("type = string", "[\"a\"]"), ("[\"a\"]".to_owned(), (1, 1)));
    assert_eq!(of("", "[\"a\"]"), ("[\"a\"]".to_owned(), (1, 1)));
    assert_eq!(of("type = map(string)", "{ a = "), ("{ a = ".to_owned(), (1, 1)));
}

#[test]
fn null_takes_the_default_only_where_null_is_no_value() {
    let of = |more: &str| {
        let child = format!("variable \"x\" {{\n  default = \"d\"\n  {more}\n}}\nresource \"r\" \"x\" {{\n  v = var.x\n}}\n");
        let evaluated = one(&[("main.tf", "module \"m\" {\n  source = \"./c\"\n  x = null\n}\n"), ("c/main.tf", &child)]);
        attr(&evaluated, "module.m.r.x", "v").print()
    };
    assert_eq!((of("nullable = false").as_str(), of("").as_str()), ("d", "null"));
}

/// 20. A required variable: unknown, by its name.
#[test]
fn what_nobody_sets_is_unknown_by_its_name() {
    let source = "variable \"x\" {\n  type = object({ a = string })\n  sensitive = true\n  ephemeral = true\n  validation {\n    condition = var.x.a != \"\"\n    error_message = \"no\"\n  }\n}\nresource \"r\" \"x\" {\n  v = var.x.a\n  w = aws_nothing.here.id\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    assert_eq!(super::reason(&evaluated, &attr(&evaluated, "r.x", "v")), "var.x.a");
    assert!(
        matches!(super::why(&evaluated, &attr(&evaluated, "r.x", "w")), crate::iac::Reason::Unset(name) if &*name == "aws_nothing.here.id")
    );
}
