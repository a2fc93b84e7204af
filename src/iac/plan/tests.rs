use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Reason, Resource, Value, document, gate};
use crate::input::Inputs;

fn plan(source: &str) -> Evaluated {
    let (tree, inputs) = (Memory::of([("plan.json", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"plan.json").expect("there");
    assert!(gate::candidate(b"plan.json", &bytes).is_some(), "it is a candidate");
    document::evaluate(&files, b"plan.json", (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0)
}

fn made<'e>(evaluated: &'e Evaluated, address: &str) -> &'e Resource {
    let found = evaluated.resources.iter().find(|resource| &*resource.address == address);
    found.unwrap_or_else(|| panic!("{address}: {:?}", evaluated.resources.iter().map(|r| &r.address).collect::<Vec<_>>()))
}

fn attr(resource: &Resource, name: &str) -> Value {
    match resource.attrs.lookup(name) {
        Lookup::Found(value) => value.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// What an unknown attribute refers to.
fn target(evaluated: &Evaluated, address: &str, name: &str) -> String {
    let Node::Unknown(id) = attr(made(evaluated, address), name).node else { panic!("{address}.{name} is known") };
    match evaluated.unknowns.reason(id) {
        Reason::Reference { address, attribute } => format!("{address} {attribute}"),
        other => panic!("{other}"),
    }
}

const HEAD: &str = r#"{"format_version": "1.2", "terraform_version": "1.9.0","#;

fn resource(address: &str, kind: &str, values: &str) -> String {
    format!(r#"{{"address": {address:?}, "mode": "managed", "type": "{kind}", "name": "n", "values": {values}, "sensitive_values": {{}}}}"#)
}

fn change(address: &str, actions: &str, unknown: &str, sensitive: &str) -> String {
    format!(r#"{{"address": {address:?}, "change": {{"actions": {actions}, "after_unknown": {unknown}, "after_sensitive": {sensitive}}}}}"#)
}

#[test]
fn resources_are_planned_values_with_what_is_not_known_and_without_what_is_sensitive() {
    let secret = format!("hunter{}", 2);
    let source = format!(
        r#"{HEAD} "planned_values": {{"root_module": {{"resources": [{}, {{"address": "data.aws_x.y", "mode": "data", "type": "aws_x", "name": "y", "values": {{}}}}],
 "child_modules": [{{"address": "module.m[\"a.b\"]", "resources": [{}]}}]}}}},
 "resource_changes": [{}, {}, {}]}}"#,
        resource(
            "aws_db_instance.d",
            "aws_db_instance",
            &format!(r#"{{"password": "{secret}", "port": 22, "tags": null, "list": [{{"a": 1}}]}}"#)
        ),
        resource(r#"module.m["a.b"].aws_s3_bucket.b[0]"#, "aws_s3_bucket", r#"{"acl": "public-read"}"#),
        change(
            "aws_db_instance.d",
            r#"["create"]"#,
            r#"{"arn": true, "list": [{"id": true}], "block": [{"x": true}]}"#,
            r#"{"password": true}"#
        ),
        change("aws_old.gone", r#"["delete"]"#, "{}", "{}"),
        change(r#"module.m["a.b"].aws_s3_bucket.b[0]"#, r#"["create"]"#, "{}", "{}"),
    );
    let evaluated = plan(&source);
    assert_eq!(evaluated.resources.len(), 2, "neither data nor what is deleted");
    let database = made(&evaluated, "aws_db_instance.d");
    assert_eq!(&source[database.header.range()], "\"aws_db_instance.d\"");
    assert_eq!((attr(database, "port").print(), &source[attr(database, "port").place.range()]), ("22".into(), "22"));
    assert_eq!(target(&evaluated, "aws_db_instance.d", "arn"), "aws_db_instance.d arn");
    assert_eq!(attr(database, "list").print(), "a: 1, id: …");
    assert!(matches!(attr(database, "password").node, Node::Unknown(_)));
    assert_eq!(evaluated.sensitive.len(), 1);
    assert_eq!(evaluated.sensitive[0].masked.value.expose(), secret.as_bytes());
    let bucket = made(&evaluated, r#"module.m["a.b"].aws_s3_bucket.b[0]"#);
    assert_eq!(&*bucket.plain_address, "module.m.aws_s3_bucket.b");
}

#[test]
fn what_is_not_known_is_what_the_configuration_takes_it_from() {
    let refs = |all: &[&str]| format!(r#"{{"references": {all:?}}}"#);
    let block = |address: &str| resource(address, "aws_s3_bucket_public_access_block", r#"{"block_public_acls": true}"#);
    let bucket = |address: &str| resource(address, "aws_s3_bucket", "{}");
    let planned = [
        bucket("aws_s3_bucket.one"),
        block("aws_s3_bucket_public_access_block.one"),
        bucket(r#"aws_s3_bucket.each["k"]"#),
        block(r#"aws_s3_bucket_public_access_block.each["k"]"#),
        block(r#"aws_s3_bucket_public_access_block.chained["k"]"#),
        block("aws_s3_bucket_public_access_block.two"),
    ];
    let child = [block("module.m[\"x\"].aws_s3_bucket_public_access_block.p")];
    let other = [bucket("module.o.aws_s3_bucket.b")];
    let unknown = |address: &str| change(address, r#"["create"]"#, r#"{"bucket": true}"#, "{}");
    let changes: Vec<String> = ["one", "two", r#"each["k"]"#, r#"chained["k"]"#]
        .iter()
        .map(|name| unknown(&format!("aws_s3_bucket_public_access_block.{name}")))
        .chain([unknown("module.m[\"x\"].aws_s3_bucket_public_access_block.p")])
        .collect();
    let configured = |address: &str, references: &str, more: &str| {
        format!(r#"{{"address": "{address}", "expressions": {{"bucket": {references}}}{more}}}"#)
    };
    let source = format!(
        r#"{HEAD} "planned_values": {{"root_module": {{"resources": [{}], "child_modules": [{{"resources": [{}]}}, {{"resources": [{}]}}]}}}},
 "resource_changes": [{}],
 "configuration": {{"root_module": {{"resources": [{}, {}, {}, {}],
   "module_calls": {{
     "m": {{"expressions": {{"bucket": {}}}, "module": {{"resources": [{}]}}}},
     "o": {{"module": {{"outputs": {{"id": {{"expression": {}}}}}}}}}}}}}}}}}"#,
        planned.join(","),
        child.join(","),
        other.join(","),
        changes.join(","),
        configured("aws_s3_bucket_public_access_block.one", &refs(&["aws_s3_bucket.one.id", "aws_s3_bucket.one"]), ""),
        configured("aws_s3_bucket_public_access_block.each", &refs(&["aws_s3_bucket.each", "each.key"]), ""),
        configured(
            "aws_s3_bucket_public_access_block.chained",
            &refs(&["each.value.id", "each.value"]),
            &format!(r#", "for_each_expression": {}"#, refs(&["aws_s3_bucket.each"]))
        ),
        configured(
            "aws_s3_bucket_public_access_block.two",
            &refs(&["aws_s3_bucket.one.id", "aws_s3_bucket.one", "aws_s3_bucket.each"]),
            ""
        ),
        refs(&["module.o.id", "module.o"]),
        configured("aws_s3_bucket_public_access_block.p", &refs(&["var.bucket"]), ""),
        refs(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"]),
    );
    let evaluated = plan(&source);
    let of = |name: &str| target(&evaluated, &format!("aws_s3_bucket_public_access_block.{name}"), "bucket");
    assert_eq!(of("one"), "aws_s3_bucket.one id");
    assert_eq!(of(r#"each["k"]"#), r#"aws_s3_bucket.each["k"] "#);
    assert_eq!(of(r#"chained["k"]"#), r#"aws_s3_bucket.each["k"] id"#);
    assert_eq!(of("two"), "aws_s3_bucket_public_access_block.two bucket", "of two resources it is neither");
    assert_eq!(target(&evaluated, "module.m[\"x\"].aws_s3_bucket_public_access_block.p", "bucket"), "module.o.aws_s3_bucket.b id");
}

#[test]
fn a_plan_of_many_resources_and_one_of_deep_modules_end() {
    let many: Vec<String> =
        (0..4_000).map(|n| resource(&format!("aws_s3_bucket.b[{n}]"), "aws_s3_bucket", r#"{"acl": "private"}"#)).collect();
    let changes: Vec<String> =
        (0..4_000).map(|n| change(&format!("aws_s3_bucket.b[{n}]"), r#"["create"]"#, r#"{"id": true}"#, "{}")).collect();
    let source = format!(
        r#"{HEAD} "planned_values": {{"root_module": {{"resources": [{}]}}}}, "resource_changes": [{}]}}"#,
        many.join(","),
        changes.join(",")
    );
    assert_eq!(plan(&source).resources.len(), 4_000);
    let deep = |levels: usize| {
        let open = r#"{"child_modules": ["#.repeat(levels);
        format!(r#"{HEAD} "planned_values": {{"root_module": {open}{}}}}}"#, "]}".repeat(levels))
    };
    assert!(plan(&deep(50)).resources.is_empty());
    let (tree, inputs) = (Memory::of([("plan.json", deep(100_000).as_str())]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (file, bytes) = files.read(b"plan.json").expect("there");
    assert!(document::evaluate(&files, b"plan.json", (file, &bytes), &crate::iac::is_resource).is_err(), "told, not cut");
}

#[test]
fn references_in_a_circle_and_odd_shapes_end() {
    let source = format!(
        r#"{HEAD} "planned_values": {{"root_module": {{"resources": [{}, 3, {{"address": 1}}, {{}}], "child_modules": {{}}}}}},
 "resource_changes": [{}],
 "configuration": {{"root_module": {{"resources": [{{"address": "a_b.c", "expressions": {{"x": {{"references": ["module.m.o"]}}}}}}],
   "module_calls": {{"m": {{"expressions": {{"v": {{"references": ["module.m.o"]}}}}, "module": {{"outputs": {{"o": {{"expression": {{"references": ["var.v"]}}}}}}}}}}}}}}}}}}"#,
        resource("a_b.c", "a_b", "{}"),
        change("a_b.c", r#"["create"]"#, r#"{"x": true}"#, r#"{"x": true, "y": [[]], "z": true}"#),
    );
    assert_eq!(target(&plan(&source), "a_b.c", "x"), "a_b.c x");
}

#[test]
fn a_format_that_is_not_known_is_trouble() {
    let source = r#"{"format_version": "9.0", "terraform_version": "9.0", "planned_values": {"root_module": {}}}"#;
    let evaluated = plan(source);
    assert_eq!(evaluated.troubles[0].message, "a plan of format 9.0");
}

#[test]
fn a_plan_of_wide_characters_is_read() {
    let source = format!(
        r#"{HEAD} "planned_values": {{"root_module": {{"resources": [{}]}}}}}}"#,
        resource("aws_s3_bucket.b", "aws_s3_bucket", r#"{"acl": "public-read"}"#)
    );
    for mark in ["\u{feff}", ""] {
        let bytes: Vec<u8> = format!("{mark}{source}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (tree, inputs) = (Memory::default().with("plan.json", &bytes), Inputs::new());
        let files = Files::new(&tree, &inputs);
        let (file, bytes) = files.read(b"plan.json").expect("there");
        let evaluated = document::evaluate(&files, b"plan.json", (file, &bytes), &crate::iac::is_resource).expect("parses").remove(0);
        assert_eq!(evaluated.resources[0].attrs.print(), "acl: public-read");
    }
}
