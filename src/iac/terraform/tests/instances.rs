//! `count`, `for_each` and `dynamic`: which instances there are, under which keys, on which conditions.

use super::{addresses, at, attr, evaluate, one, value};
use crate::iac::{Node, Value};

/// Addresses with the conditions on which they are there.
fn there(source: &str) -> Vec<String> {
    let evaluated = one(&[("main.tf", source)]);
    let told = evaluated.resources.iter().map(|resource| {
        let when = if resource.when.is_empty() { String::new() } else { format!(" when {}", resource.when) };
        format!("{}{when}", resource.address)
    });
    told.collect()
}

#[test]
fn each_key_is_there_on_its_own_side_of_a_condition() {
    let declared = "variable \"u\" {}\nvariable \"w\" {}\n";
    for (meta, expected) in [
        ("count = 0", vec![]),
        ("count = var.u ? 0 : 0", vec![]),
        ("count = var.u ? 2 : 1", vec!["r.x[0]", "r.x[1] when var.u"]),
        ("for_each = var.u ? { a = 1 } : { b = 2 }", vec!["r.x[\"a\"] when var.u", "r.x[\"b\"] when not var.u"]),
        ("for_each = var.u ? toset([\"a\", \"b\"]) : toset([\"a\"])", vec!["r.x[\"a\"]", "r.x[\"b\"] when var.u"]),
        ("for_each = var.u ? { a = 1 } : { a = 2 }", vec!["r.x[\"a\"] when var.u", "r.x[\"a\"] when not var.u"]),
        ("count = var.u ? (var.w ? 1 : 0) : 0", vec!["r.x[0] when var.u and var.w"]),
        ("count = var.u && var.w ? 1 : 0", vec!["r.x[0] when var.u and var.w"]),
        ("count = !var.u ? 1 : 0", vec!["r.x[0] when not var.u"]),
        ("count = var.u == \"prod\" ? 1 : 0", vec!["r.x[0] when var.u == \"prod\""]),
        ("count = var.u != \"prod\" ? 1 : 0", vec!["r.x[0] when not var.u == \"prod\""]),
        ("count = terraform.workspace == \"prod\" ? 1 : 0", vec!["r.x[0] when terraform.workspace == \"prod\""]),
        ("count = var.u", vec!["r.x"]),
        ("for_each = var.u", vec!["r.x"]),
        ("for_each = setunion([\"a\"], var.u)", vec!["r.x[\"a\"]", "r.x"]),
        ("for_each = { z = 1, a = 2 }", vec!["r.x[\"a\"]", "r.x[\"z\"]"]),
        ("for_each = null", vec![]),
    ] {
        let mut found = there(&format!("{declared}resource \"r\" \"x\" {{\n  {meta}\n}}\n"));
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.sort();
        assert_eq!(found, expected, "{meta}");
    }
}

/// 36. for_each over a map of ACLs, one of them public: that key, at that line.
#[test]
fn an_instance_has_the_value_of_its_key_where_that_is_written() {
    let source = "locals {\n  acls = {\n    logs = \"private\"\n    site = \"public-read\"\n  }\n}\nresource \"aws_s3_bucket_acl\" \"a\" {\n  for_each = local.acls\n  bucket = each.key\n  acl    = each.value\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let acl = attr(&evaluated, "aws_s3_bucket_acl.a[\"site\"]", "acl");
    assert_eq!((acl.as_text().as_deref(), at(source, &acl)), (Some("public-read"), (4, 12)));
    assert_eq!(acl.way().iter().map(|via| &*via.text).collect::<Vec<_>>(), ["used here as local.acls", "used here as each.value"]);
    assert_eq!(attr(&evaluated, "aws_s3_bucket_acl.a[\"logs\"]", "acl").print(), "private");
    assert_eq!(attr(&evaluated, "aws_s3_bucket_acl.a[\"logs\"]", "bucket").print(), "logs");
}

/// 3, 4, 5. Companions by key: through the other's map, through the other resource, for some of the keys.
#[test]
fn companions_refer_to_the_instance_of_their_key() {
    let source = "resource \"aws_s3_bucket\" \"b\" {\n  for_each = { one = \"x\", two = \"y\" }\n}\nresource \"p\" \"same\" {\n  for_each = { one = 1, two = 2 }\n  bucket = aws_s3_bucket.b[each.key].id\n}\nresource \"p\" \"chained\" {\n  for_each = aws_s3_bucket.b\n  bucket = each.value.id\n}\nresource \"p\" \"twice\" {\n  for_each = p.chained\n  bucket = each.value.bucket\n}\nresource \"p\" \"some\" {\n  for_each = { for k, b in aws_s3_bucket.b : k => b.arn if k == \"one\" }\n  bucket = each.value\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let bucket = |address: &str| super::reason(&evaluated, &attr(&evaluated, address, "bucket"));
    for key in ["one", "two"] {
        for name in ["same", "chained", "twice"] {
            assert_eq!(bucket(&format!("p.{name}[\"{key}\"]")), format!("aws_s3_bucket.b[\"{key}\"].id"), "{name}");
        }
    }
    assert_eq!(bucket("p.some[\"one\"]"), "aws_s3_bucket.b[\"one\"].arn");
    assert!(!addresses(&evaluated).contains(&"p.some[\"two\"]".to_owned()));
}

/// 6. count and [count.index].
#[test]
fn an_index_refers_to_the_instance_of_its_number() {
    let source = "resource \"aws_s3_bucket\" \"b\" { count = 2 }\nresource \"p\" \"x\" {\n  count = length(aws_s3_bucket.b)\n  bucket = aws_s3_bucket.b[count.index].id\n}\nresource \"p\" \"all\" {\n  ids = aws_s3_bucket.b[*].id\n  old = aws_s3_bucket.b.*.id[1]\n  element = element(aws_s3_bucket.b[*].id, 3)\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let told = |address: &str, name: &str| super::reason(&evaluated, &attr(&evaluated, address, name));
    assert_eq!((told("p.x[0]", "bucket"), told("p.x[1]", "bucket")), ("aws_s3_bucket.b[0].id".into(), "aws_s3_bucket.b[1].id".into()));
    assert_eq!((told("p.all", "old"), told("p.all", "element")), ("aws_s3_bucket.b[1].id".into(), "aws_s3_bucket.b[1].id".into()));
    let Node::List { items, open: false } = attr(&evaluated, "p.all", "ids").node else { panic!("a list") };
    assert_eq!(items.len(), 2);
    // Where the number is not known, one stands for all, and is referred to as such.
    let source = "variable \"n\" {}\nresource \"aws_s3_bucket\" \"b\" { count = var.n }\nresource \"p\" \"x\" {\n  count = var.n\n  bucket = aws_s3_bucket.b[count.index].id\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    assert_eq!(addresses(&evaluated), ["aws_s3_bucket.b", "p.x"]);
    assert_eq!(super::reason(&evaluated, &attr(&evaluated, "p.x", "bucket")), "aws_s3_bucket.b.id");
}

#[test]
fn what_is_there_on_one_side_only_can_be_tried() {
    let source = "variable \"u\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  count = var.u ? 1 : 0\n  bucket = \"logs\"\n}\nresource \"r\" \"x\" {\n  a = try(aws_s3_bucket.b[0].bucket, \"none\")\n  b = one(aws_s3_bucket.b[*].bucket)\n  c = aws_s3_bucket.b[0].bucket\n  d = length(aws_s3_bucket.b)\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let printed = |name| attr(&evaluated, "r.x", name).print();
    assert_eq!((printed("a").as_str(), printed("b").as_str(), printed("c").as_str()), ("logs or none", "logs or null", "logs"));
    assert_eq!(printed("d"), "1 or 0");
}

/// 13, 24. dynamic blocks, in each other, under another name, over what is open.
#[test]
fn dynamic_blocks_become_blocks() {
    let dynamic = |each: &str, rest: &str| {
        value(&format!("variable \"u\" {{}}\nresource \"r\" \"x\" {{\n  dynamic \"v\" {{\n    for_each = {each}\n    {rest}\n  }}\n}}\n"))
    };
    let content = "content {\n      port = v.value\n      name = v.key\n    }";
    assert_eq!(dynamic("[80, 22]", content).print(), "port: 80, name: 0, port: 22, name: 1");
    assert_eq!(dynamic("{ b = 1, a = 2 }", content).print(), "port: 2, name: a, port: 1, name: b");
    let nested = "iterator = outer\n    content {\n      dynamic \"inner\" {\n        for_each = outer.value\n        content {\n          n = \"${outer.key}-${inner.value}\"\n        }\n      }\n    }";
    assert_eq!(dynamic("{ a = [1, 2] }", nested).print(), "inner: n: a-1, n: a-2");
    // Of an unknown number, one stands for all.
    let Node::List { items, open: true } = dynamic("var.u", "content {\n      port = 22\n      cidr = v.value.cidr\n    }").node else {
        panic!("an open list")
    };
    assert_eq!(items.iter().map(Value::print).collect::<Vec<_>>(), ["port: 22, cidr: …"]);
    // A choice in a choice: each side has its blocks.
    let choice = dynamic("var.u ? [1] : (var.u == \"x\" ? [2] : [])", content);
    assert_eq!(choice.assume("var.u", true).print(), "port: 1, name: 0, null");
    assert_eq!(choice.assume("var.u", false).assume("var.u == \"x\"", true).print(), "null, port: 2, name: 0");
    assert_eq!(dynamic("null", content).print(), "");
}

#[test]
fn more_instances_than_are_looked_at_are_told() {
    let told = |source: &str| evaluate(&[("main.tf", source)], "").remove(0).exhausted;
    assert!(told("resource \"r\" \"x\" { count = 1001 }\n"));
    assert!(!told("resource \"r\" \"x\" { count = 1000 }\n"));
}
