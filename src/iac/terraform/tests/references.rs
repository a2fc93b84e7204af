//! References: to what a resource is set to, to modules, to what is an error and to what asks for itself.

use super::{addresses, at, attr, evaluate, one, reason, why};
use crate::iac::{Lookup, Node, Reason};

#[test]
fn an_attribute_that_a_resource_sets_is_known_and_still_links() {
    let source = "variable \"u\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"site\"\n  versioning {\n    enabled = true\n  }\n}\nresource \"aws_s3_bucket\" \"c\" { bucket = var.u }\nresource \"terraform_data\" \"t\" { input = { k = \"kept\" } }\nresource \"null_resource\" \"n\" { triggers = { a = \"seen\" } }\nresource \"local_file\" \"f\" { content = \"<${terraform_data.t.output.k}>\" }\nresource \"r\" \"x\" {\n  a = aws_s3_bucket.b.bucket\n  b = aws_s3_bucket.b.arn\n  c = aws_s3_bucket.c.bucket\n  d = terraform_data.t.output.k\n  e = null_resource.n.triggers.a\n  f = local_file.f.content\n  g = aws_s3_bucket.b.versioning[0].enabled\n  h = aws_s3_bucket.b[\"bucket\"]\n  i = aws_s3_bucket.b[*].bucket\n  j = \"${aws_s3_bucket.b.bucket}-logs\"\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    let of = |name: &str| attr(&evaluated, "r.x", name);
    let printed: Vec<_> = ["a", "d", "e", "f", "g", "h", "i", "j"].map(|name| of(name).print()).into();
    assert_eq!(printed, ["site", "kept", "seen", "<kept>", "true", "site", "site", "site-logs"]);
    assert_eq!(at(source, &of("a")), (3, 12), "where it is written");
    assert_eq!(evaluated.unknowns.reason(of("a").of.expect("a link")).to_string(), "aws_s3_bucket.b.bucket");
    assert!(of("j").of.is_none());
    assert_eq!(
        (reason(&evaluated, &of("b")), reason(&evaluated, &of("c"))),
        ("aws_s3_bucket.b.arn".into(), "aws_s3_bucket.c.bucket".into())
    );
}

#[test]
fn what_asks_for_itself_is_a_cycle_by_name() {
    let source = "locals {\n  a = [local.b]\n  b = local.a\n}\nresource \"x\" \"one\" {\n  name = x.two.name\n}\nresource \"x\" \"two\" {\n  name = x.one.name\n}\nresource \"x\" \"self\" {\n  name = \"${x.self.name}-1\"\n  count = length(x.self)\n}\nresource \"r\" \"x\" {\n  v = local.a[0]\n}\n";
    let mut evaluated = evaluate(&[("main.tf", source)], "");
    let evaluated = evaluated.remove(0);
    assert!(matches!(why(&evaluated, &attr(&evaluated, "r.x", "v")), Reason::Cycle(name) if &*name == "local.a"));
    assert!(matches!(why(&evaluated, &attr(&evaluated, "x.one", "name")), Reason::Cycle(name) if &*name == "x.two.name"));
    assert!(!evaluated.exhausted, "a circle is no limit");
}

#[test]
fn errors_are_told_from_what_is_not_known() {
    let source = |expr: &str| {
        format!(
            "variable \"u\" {{}}\nlocals {{\n  m = {{ k = \"v\", n = null }}\n  l = [1, 2]\n}}\nresource \"r\" \"x\" {{\n  v = {expr}\n}}\n"
        )
    };
    for (expr, printed) in [
        ("try(local.m.z, \"d\")", "d"),
        ("try(local.m.k, \"d\")", "v"),
        ("try(local.m.n, \"d\")", "null"),
        ("try(local.l[2], \"d\")", "d"),
        ("try(local.l[-1], \"d\")", "d"),
        ("try(local.m.k.deep, \"d\")", "d"),
        ("try(local.m.n.deep, \"d\")", "d"),
        ("try(var.u.z, \"d\")", "…"),
        ("can(local.m.z)", "false"),
        ("can(local.m.k)", "true"),
        ("try(local.m.z + 1, local.m.z == 1, \"d\")", "d"),
    ] {
        let source = source(expr);
        assert_eq!(attr(&one(&[("main.tf", &source)]), "r.x", "v").print(), printed, "{expr}");
    }
    let source = source("local.m.z");
    let evaluated = one(&[("main.tf", &source)]);
    assert!(matches!(why(&evaluated, &attr(&evaluated, "r.x", "v")), Reason::Failed(what) if &*what == "local.m.z"));
}

const CHILD: &str = "variable \"acl\" {\n  default = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"b\" { bucket = \"site\" }\nresource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = aws_s3_bucket.b.id\n  acl = var.acl\n}\noutput \"id\" { value = aws_s3_bucket.b.id }\noutput \"name\" { value = aws_s3_bucket.b.bucket }\n";

/// 1, 2. What the caller says holds, and the way from there is told.
#[test]
fn a_child_has_its_callers_values() {
    let root = "module \"open\" {\n  source = \"./bucket\"\n  acl = \"public-read-write\"\n}\nmodule \"closed\" {\n  source = \"./bucket\"\n  acl = \"private\"\n  providers = { aws = aws.west }\n  depends_on = [module.open]\n}\n";
    let evaluated = one(&[("main.tf", root), ("bucket/main.tf", CHILD)]);
    let acl = attr(&evaluated, "module.open.aws_s3_bucket_acl.a", "acl");
    assert_eq!((acl.print().as_str(), at(root, &acl)), ("public-read-write", (3, 9)));
    let way: Vec<_> = acl.way().iter().map(|via| via.text.to_string()).collect();
    assert_eq!(way, ["passed to module.open as `acl`", "used here as var.acl"]);
    assert_eq!(attr(&evaluated, "module.closed.aws_s3_bucket_acl.a", "acl").print(), "private");
    let resource = evaluated.resources.iter().find(|resource| &*resource.address == "module.open.aws_s3_bucket.b").expect("there");
    assert_eq!(resource.trace.iter().map(|call| &*call.address).collect::<Vec<_>>(), ["module.open"]);
}

/// 8, 41. Outputs of modules, of one and of many.
#[test]
fn outputs_are_taken_through_instances() {
    let root = "variable \"u\" {}\nmodule \"one\" { source = \"./bucket\" }\nmodule \"each\" {\n  source = \"./bucket\"\n  for_each = toset([\"a\", \"b\"])\n}\nmodule \"some\" {\n  source = \"./bucket\"\n  count = var.u ? 1 : 0\n}\nmodule \"any\" {\n  source = \"./bucket\"\n  for_each = var.u\n}\nresource \"r\" \"x\" {\n  a = module.one.id\n  b = module.each[\"b\"].id\n  c = values(module.each)[*].name\n  d = [for k, m in module.each : \"${k}=${m.name}\"]\n  e = module.some[0].name\n  f = try(module.some[0].name, \"none\")\n  g = module.some[*].name\n  h = keys(module.one)\n  i = try(module.each[\"z\"].id, \"none\")\n  j = module.any[\"k\"].id\n  k = [for m in module.any : m.name]\n  l = \"${module.one.name}/*\"\n  m = module.one[\"name\"]\n}\nresource \"r\" \"y\" {\n  for_each = module.each\n  v = each.value.id\n}\n";
    let evaluated = one(&[("main.tf", root), ("bucket/main.tf", CHILD)]);
    let of = |name: &str| attr(&evaluated, "r.x", name);
    assert_eq!(reason(&evaluated, &of("a")), "module.one.aws_s3_bucket.b.id");
    assert_eq!(reason(&evaluated, &of("b")), "module.each[\"b\"].aws_s3_bucket.b.id");
    assert_eq!(reason(&evaluated, &of("j")), "module.any.aws_s3_bucket.b.id");
    let printed: Vec<_> = ["c", "d", "e", "f", "g", "h", "i", "l", "m"].map(|name| of(name).print()).into();
    let expected = ["site, site", "a=site, b=site", "site", "site or none", "site or ", "id, name", "none", "site/*", "site"];
    assert_eq!(printed, expected);
    assert!(matches!(of("k").node, Node::List { open: true, .. }));
    assert_eq!(reason(&evaluated, &attr(&evaluated, "r.y[\"a\"]", "v")), "module.each[\"a\"].aws_s3_bucket.b.id");
}

#[test]
fn paths_are_relative_to_the_root_module() {
    let child = "resource \"r\" \"x\" {\n  a = path.module\n  b = \"${path.root}/x\"\n  c = path.cwd\n  d = \"ex-${basename(path.cwd)}\"\n  e = file(\"${path.cwd}/p.json\")\n  f = fileset(path.cwd, \"*.json\")\n}\n";
    let files = [
        ("live/main.tf", "module \"m\" { source = \"../modules/x\" }\nresource \"r\" \"y\" { a = path.module }\n"),
        ("modules/x/main.tf", child),
        ("live/p.json", "{}"),
    ];
    let evaluated = evaluate(&files, "live").remove(0);
    let of = |name| attr(&evaluated, "module.m.r.x", name).print();
    assert_eq!((of("a").as_str(), of("b").as_str()), ("../modules/x", "./x"));
    assert_eq!(reason(&evaluated, &attr(&evaluated, "module.m.r.x", "c")), "path.cwd", "absolute, and outside of the tree");
    assert_eq!((of("d").as_str(), of("e").as_str(), of("f").as_str()), ("ex-…", "{}", "p.json"));
    assert_eq!(attr(&evaluated, "r.y", "a").print(), ".");
}

/// 46. Blocks that make no resource, and attributes that nobody reads back.
#[test]
fn what_makes_no_resource_does_no_harm() {
    let source = "terraform {\n  required_version = \">= 1.11\"\n  required_providers {\n    aws = { source = \"hashicorp/aws\", configuration_aliases = [aws.west] }\n  }\n}\nprovider \"aws\" {\n  alias = \"west\"\n  region = \"us-west-2\"\n}\nmoved {\n  from = aws_s3_bucket.old\n  to = aws_s3_bucket.b\n}\nimport {\n  for_each = toset([\"a\"])\n  to = aws_s3_bucket.b\n  id = each.key\n}\nremoved {\n  from = aws_s3_bucket.gone\n  lifecycle { destroy = false }\n}\ncheck \"health\" {\n  data \"http\" \"x\" { url = \"https://example.com\" }\n  assert {\n    condition = data.http.x.status_code == 200\n    error_message = \"no\"\n  }\n}\nephemeral \"random_password\" \"p\" { length = 16 }\nresource \"aws_s3_bucket\" \"b\" {\n  provider = aws.west\n  lifecycle {\n    prevent_destroy = true\n    precondition {\n      condition = self.bucket != \"\"\n      error_message = \"no\"\n    }\n  }\n  provisioner \"local-exec\" { command = \"echo ${self.id}\" }\n}\nresource \"aws_db_instance\" \"d\" {\n  password_wo = ephemeral.random_password.p.result\n  password_wo_version = 1\n  account = provider::aws::arn_parse(\"arn:aws:s3:::b\").account_id\n}\n";
    let evaluated = one(&[("main.tf", source)]);
    assert_eq!(addresses(&evaluated), ["aws_s3_bucket.b", "aws_db_instance.d"]);
    assert_eq!(reason(&evaluated, &attr(&evaluated, "aws_db_instance.d", "password_wo")), "ephemeral.random_password.p.result");
    assert_eq!(evaluated.resources[0].attrs.print(), "");
}

#[test]
fn a_provider_adds_its_tags_to_what_it_makes_wherever_that_is() {
    let provider = |alias: &str, tags: &str| format!("provider \"aws\" {{\n{alias}  default_tags {{\n    tags = {tags}\n  }}\n}}\n");
    let root = [
        provider("", "{ owner = var.owner, team = \"a\" }"),
        provider("  alias = \"west\"\n", "{ owner = \"west\" }"),
        "provider \"aws\" {\n  alias = \"bare\"\n}\nvariable \"owner\" {\n  default = \"me\"\n}\n".to_owned(),
        "resource \"aws_sqs_queue\" \"a\" {\n  tags = { team = \"b\" }\n}\n".to_owned(),
        "resource \"aws_sqs_queue\" \"w\" {\n  provider = aws.west\n}\n".to_owned(),
        "resource \"aws_sqs_queue\" \"n\" {\n  provider = aws.bare\n}\n".to_owned(),
        "module \"m\" {\n  source = \"./m\"\n}\nmodule \"x\" {\n  source = \"./m\"\n  providers = { aws = aws.west }\n}\n".to_owned(),
    ]
    .concat();
    let all = one(&[("main.tf", &root), ("m/main.tf", "resource \"aws_sqs_queue\" \"q\" {\n}\n")]);
    let tag = |address: &str, name: &str| match attr(&all, address, "tags_all").lookup(name) {
        Lookup::Found(value) => value.as_text().map(std::borrow::Cow::into_owned),
        _ => None,
    };
    assert_eq!((tag("aws_sqs_queue.a", "owner").as_deref(), tag("aws_sqs_queue.a", "team").as_deref()), (Some("me"), Some("b")));
    assert_eq!((tag("aws_sqs_queue.w", "owner").as_deref(), tag("aws_sqs_queue.w", "team")), (Some("west"), None));
    assert_eq!(tag("module.m.aws_sqs_queue.q", "owner").as_deref(), Some("me"));
    assert_eq!(tag("module.x.aws_sqs_queue.q", "owner").as_deref(), Some("west"));
    let bare = all.resources.iter().find(|resource| &*resource.address == "aws_sqs_queue.n").expect("there");
    assert!(matches!(bare.attrs.lookup("tags_all"), Lookup::Absent(_)));
}
