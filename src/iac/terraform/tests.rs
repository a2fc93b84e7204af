use super::*;
use crate::iac::{Lookup, Memory, Node, Resource};
use crate::input::Inputs;

mod hostile;
mod instances;
mod references;
mod variables;

/// A root module, evaluated with what a person says of its variables: once for each of its environments.
fn evaluate_with(files: &[(&str, &str)], root: &str, variables: &Variables) -> Vec<Evaluated> {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    Terraform::new(&files, variables).evaluate(root.as_bytes(), &crate::iac::is_resource)
}

fn evaluate(files: &[(&str, &str)], root: &str) -> Vec<Evaluated> {
    evaluate_with(files, root, &Variables::default())
}

/// The only evaluation of the uppermost folder, in full.
fn one(files: &[(&str, &str)]) -> Evaluated {
    let mut all = evaluate(files, "");
    assert_eq!((all.len(), all[0].exhausted, all[0].troubles.len()), (1, false, 0));
    all.remove(0)
}

fn addresses(evaluated: &Evaluated) -> Vec<String> {
    evaluated.resources.iter().map(|resource| resource.address.to_string()).collect()
}

/// An attribute of a resource.
fn attr(evaluated: &Evaluated, address: &str, name: &str) -> Value {
    let resource = evaluated.resources.iter().find(|resource| &*resource.address == address);
    let Some(resource) = resource else { panic!("{address} is none of {:?}", addresses(evaluated)) };
    let Node::Map { entries, .. } = &resource.attrs.node else { panic!("{:?}", resource.attrs) };
    entries.named(name).unwrap_or_else(|| panic!("{address} has no {name}")).value.clone()
}

/// Why a value is not known.
fn why(evaluated: &Evaluated, value: &Value) -> Reason {
    let Node::Unknown(id) = value.node else { panic!("known: {value:?}") };
    evaluated.unknowns.reason(id)
}

fn reason(evaluated: &Evaluated, value: &Value) -> String {
    why(evaluated, value).to_string()
}

/// Line and column of a value, from 1.
fn at(source: &str, value: &Value) -> (usize, usize) {
    let before = &source[..value.place.start as usize];
    (before.matches('\n').count() + 1, before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1)
}

fn all(files: &[(&str, &str)], root: &str) -> (Vec<Resource>, usize) {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    let resources = terraform.evaluate(root.as_bytes(), &crate::iac::is_resource).remove(0).resources;
    (resources, terraform.troubles(&terraform.folders(root.as_bytes())).len())
}

/// The attribute `v` of the only resource.
fn value(source: &str) -> Value {
    let (resources, troubles) = all(&[("main.tf", source)], "");
    assert_eq!((resources.len(), troubles), (1, 0));
    match resources[0].attrs.lookup("v") {
        Lookup::Found(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}

fn expr(expr: &str) -> Value {
    value(&format!(
        "variable \"u\" {{}}\nlocals {{\n  l = [\"a\", \"b\"]\n  m = {{ k = \"v\", n = {{ x = 1 }} }}\n}}\nresource \"r\" \"x\" {{\n  v = {expr}\n}}\n"
    ))
}

#[test]
fn expressions_have_their_values() {
    for (source, printed) in [
        ("local.l[1]", "b"),
        ("local.m.n.x + 2 * 3", "7"),
        ("local.m[\"k\"]", "v"),
        ("\"x-${local.m.k}-${1 + 1}\"", "x-v-2"),
        ("concat(local.l, [\"c\"])", "a, b, c"),
        ("merge(local.m, { k = \"w\" }).k", "w"),
        ("keys(merge({ a = 1 }, { a = 2 }))", "a"),
        ("lookup(local.m, \"z\", \"d\")", "d"),
        ("[for s in local.l : upper(s) if s != \"a\"]", "B"),
        ("{ for i, s in local.l : s => i }[\"b\"]", "1"),
        ("join(\",\", local.l)", "a,b"),
        ("format(\"%s:%s%%\", \"a\", 1)", "a:1%"),
        ("length(local.l) > 1 ? \"many\" : \"few\"", "many"),
        ("jsondecode(jsonencode({ a = [1, \"x\\\"y\"] })).a[1]", "x\"y"),
        ("tolist(toset([\"a\", \"a\"]))", "a"),
        ("element(split(\"/\", \"a/b/c\"), 2)", "c"),
        ("base64encode(\"hi\")", "aGk="),
        ("coalesce(null, \"\", \"z\")", "z"),
        ("flatten([[1], [[2]]])", "1, 2"),
        ("[for o in [{ a = 1 }, { a = 2 }] : o.a]", "1, 2"),
        ("[{ a = 1 }, { a = 2 }][*].a", "1, 2"),
        ("true && !false || var.u", "true"),
        ("\"%{ if true }yes%{ else }no%{ endif }\"", "yes"),
        ("\"%{ for s in local.l }${s};%{ endfor }\"", "a;b;"),
        ("var.u ? \"a\" : \"b\"", "a or b"),
        ("upper(!var.u ? \"a\" : \"b\")", "B or A"),
        ("nosuch(1)", "…"),
        ("\"a${var.u}b\"", "a…b"),
    ] {
        assert_eq!(expr(source).print(), printed, "{source}");
    }
}

#[test]
fn the_known_part_of_an_open_list_is_known() {
    let Node::List { items, open } = expr("concat([\"a\"], var.u)").node else { panic!("list") };
    assert_eq!((items.len(), open), (1, true));
}

#[test]
fn a_reference_is_unknown_by_the_name_of_what_it_refers_to() {
    let files = [
        (
            "main.tf",
            "module \"m\" {\n  source = \"./child\"\n  for_each = { a = 1 }\n}\nresource \"r\" \"x\" {\n  v = module.m[\"a\"].id\n}\n",
        ),
        ("child/main.tf", "resource \"aws_s3_bucket\" \"b\" { count = 1 }\noutput \"id\" { value = aws_s3_bucket.b[0].id }\n"),
    ];
    let (tree, inputs) = (Memory::of(files), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    let resources = terraform.evaluate(b"", &crate::iac::is_resource).remove(0).resources;
    let addresses: Vec<_> = resources.iter().map(|resource| &*resource.address).collect();
    assert_eq!(addresses, ["r.x", "module.m[\"a\"].aws_s3_bucket.b[0]"]);
    assert_eq!(&*resources[1].plain_address, "module.m.aws_s3_bucket.b");
    let Lookup::Found(Value { node: Node::Unknown(id), .. }) = resources[0].attrs.lookup("v") else { panic!("unknown") };
    assert_eq!(terraform.unknowns.reason(*id).to_string(), "module.m[\"a\"].aws_s3_bucket.b[0].id");
}

#[test]
fn count_and_for_each_make_instances() {
    let addresses = |meta: &str| -> Vec<String> {
        let source = format!("variable \"u\" {{}}\nresource \"r\" \"x\" {{\n  {meta}\n}}\n");
        all(&[("main.tf", &source)], "").0.iter().map(|resource| resource.address.to_string()).collect()
    };
    assert_eq!(addresses("count = 0"), Vec::<String>::new());
    assert_eq!(addresses("count = 2"), ["r.x[0]", "r.x[1]"]);
    assert_eq!(addresses("for_each = toset([\"a\", \"b\"])"), ["r.x[\"a\"]", "r.x[\"b\"]"]);
    assert_eq!(addresses("count = var.u"), ["r.x"]);
    let source = "variable \"u\" {}\nresource \"r\" \"x\" { count = var.u ? 1 : 0 }\n";
    assert_eq!(all(&[("main.tf", source)], "").0[0].when.to_string(), "var.u");
}

#[test]
fn only_modules_that_nobody_calls_are_roots() {
    let call = |source: &str| format!("module \"m\" {{ source = \"{source}\" }}\n");
    let files = [
        ("live/main.tf", call("../modules/a")),
        ("modules/a/main.tf", call("../b")),
        ("modules/b/main.tf", String::new()),
        ("alone/main.tf", String::new()),
        ("ring/x/main.tf", call("../y")),
        ("ring/y/main.tf", call("../x")),
    ];
    let (tree, inputs) = (Memory::of(files.iter().map(|(path, text)| (*path, text.as_str()))), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let folders = ["live", "modules/a", "modules/b", "alone", "ring/x", "ring/y"].iter().map(|folder| folder.as_bytes().to_vec()).collect();
    let roots = Terraform::new(&files, &Variables::default()).roots(&folders);
    let roots: Vec<_> = roots.iter().map(|root| String::from_utf8_lossy(root).into_owned()).collect();
    assert_eq!(roots, ["alone", "live", "ring/x"]);
}

#[test]
fn a_file_that_is_partly_read_says_so() {
    let files = [("main.tf", "resource \"r\" \"x\" {\n  v = 1\n}\n\nresource \"r\" \"y\" {\n  v = = 2\n}\n")];
    let (tree, inputs) = (Memory::of(files), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    assert_eq!(terraform.evaluate(b"", &crate::iac::is_resource)[0].resources.len(), 2);
    let troubles = terraform.troubles(&terraform.folders(b""));
    let place = troubles[0].place.as_ref().and_then(|place| place.excerpt.as_ref()).map(|excerpt| excerpt.start.line);
    assert_eq!((troubles.len(), place), (1, Some(6)));
    assert_eq!(troubles[0].help.as_deref(), Some("this file is partly judged: 2 blocks and settings of it could be read"));
}

#[test]
fn terraform_in_json_is_evaluated_like_hcl() {
    let source = r#"{"variable": {"p": {"type": "number", "default": 22}}, "locals": {"l": ["a"]},
        "resource": {"r": {"x": {"count": 2, "v": {"port": "${var.p + 1}", "all": ["${local.l[0]}-${count.index}"]},
          "dynamic": {"rule": {"for_each": ["q"], "content": {"n": "${rule.value}"}}}}}}}"#;
    let (resources, troubles) = all(&[("main.tf.json", source)], "");
    assert_eq!((resources.len(), troubles), (2, 0));
    assert_eq!((&*resources[1].address, resources[1].attrs.print()), ("r.x[1]", "v: port: 23, all: a-1, rule: n: q".to_owned()));
}

#[test]
fn a_module_that_terragrunt_calls_is_judged_through_the_call() {
    let files = [
        ("m/main.tf", "variable \"v\" {\n  default = 1\n}\nresource \"r\" \"x\" {\n  v = var.v\n}\n"),
        ("live/terragrunt.hcl", "terraform {\n  source = \"../m\"\n}\ninputs = {\n  v = 2\n}\n"),
    ];
    let (tree, inputs) = (Memory::of(files), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    let folders = ["live", "m"].map(|folder| folder.as_bytes().to_vec()).into();
    assert_eq!(terraform.roots(&folders), [b"live".to_vec()]);
    let evaluated = terraform.evaluate(b"live", &crate::iac::is_resource).remove(0);
    let Lookup::Found(Value { node: Node::Unknown(id), .. }) = evaluated.resources[0].attrs.lookup("v") else { panic!("unknown") };
    assert_eq!(evaluated.unknowns.reason(*id).to_string(), "var.v, which live/terragrunt.hcl sets");
}

#[test]
fn providers_and_variables_are_there_where_they_are_wanted() {
    let files = [
        (
            "main.tf",
            "variable \"token\" {\n  type = string\n  default = \"none\"\n}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n  default_tags {\n    tags = { a = var.token }\n  }\n}\nprovider \"aws\" {\n  alias = \"west\"\n}\nprovider \"other\" {}\nmodule \"m\" {\n  source = \"./m\"\n  name = \"given\"\n}\n",
        ),
        ("m/main.tf", "variable \"name\" {}\n"),
        ("terraform.tfvars", "token = \"set\"\n"),
    ];
    let memory = Memory::of(files);
    let inputs = Inputs::new();
    let (files, variables) = (Files::new(&memory, &inputs), Variables::default());
    let wanted = |kind: &str| ["provider.aws", "variable"].contains(&kind);
    let resources = Terraform::new(&files, &variables).evaluate(b"", &wanted).remove(0).resources;
    let told: Vec<_> = resources.iter().map(|resource| (&*resource.address, &*resource.kind, resource.attrs.print())).collect();
    assert_eq!(
        told,
        [
            ("provider.aws", "provider.aws", "region: eu-west-1, default_tags: tags: a: set".to_owned()),
            ("provider.aws.west", "provider.aws", "alias: west".to_owned()),
            ("var.token", "variable", "name: token, default: none, set: set, named: token: none, token: set".to_owned()),
            ("module.m.var.name", "variable", "name: name, set: given, named: name: given".to_owned()),
        ]
    );
}
