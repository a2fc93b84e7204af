use super::*;
use crate::iac::Memory;
use crate::input::Inputs;

fn with<T>(sources: &[(&str, &str)], folder: &str, look: impl FnOnce(&Module, &Files<'_>) -> T) -> T {
    let (tree, inputs) = (Memory::of(sources.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    look(&Module::load(&files, folder.as_bytes()), &files)
}

#[test]
fn var_files_that_set_nothing_of_the_module_are_no_environments() {
    let sources = [
        ("a/main.tf", "variable \"acl\" {}\n"),
        ("a/terraform.tfvars", "acl = \"private\"\n"),
        ("a/prod.tfvars", "acl = \"public-read\"\n"),
        ("a/env/dev/terraform.tfvars", "acl = \"private\"\nmore = 1\n"),
        ("a/envs/own/main.tf", "variable \"acl\" {}\n"),
        ("a/envs/own/terraform.tfvars", "acl = \"private\"\n"),
        ("a/vars/other.tfvars", "zone = 1\n"),
        ("a/elsewhere/x.tfvars", "acl = 1\n"),
        ("a/vars/broken.tfvars", "acl = \n"),
    ];
    with(&sources, "a", |module, files| {
        assert_eq!(module.broken().count(), 1, "nothing is read before it is asked for");
        let names: Vec<&str> = module.environments(files).iter().map(|environment| &*environment.name).collect();
        assert_eq!(names, ["env/dev/terraform.tfvars", "prod.tfvars"]);
        let acl = &module.environments(files)[1].settings["acl"];
        assert_eq!((files.slice(acl.span).as_str(), acl.span.start), ("\"public-read\"", 6));
        assert_eq!(module.broken().map(|broken| broken.errors.len()).sum::<usize>(), 1);
        assert!(module.is_entry() && !module.has_backend());
    });
}

fn attribute(module: &Module, files: &Files<'_>, kind: &str, name: &str, attribute: &str) -> Vec<String> {
    let blocks = module.resources().filter(|block| *block.labels == [Box::from(kind), Box::from(name)]);
    blocks.filter_map(|block| block.body.attribute(attribute)).map(|found| files.slice(found.value.span)).collect()
}

#[test]
fn overrides_replace_what_they_name() {
    let sources = [
        (
            "main.tf",
            "variable \"v\" {\n  type = string\n  default = 1\n}\nlocals {\n  a = 1\n  b = 1\n}\nresource \"r\" \"x\" {\n  acl = \"private\"\n  name = 1\n  rule {\n    n = 1\n  }\n  dynamic \"rule\" {\n    for_each = []\n  }\n  other {\n    n = 1\n  }\n  lifecycle {\n    prevent_destroy = true\n    create_before_destroy = true\n  }\n}\n",
        ),
        ("a_override.tf", "resource \"r\" \"x\" {\n  acl = \"first\"\n}\n"),
        (
            "override.tf.json",
            r#"{"resource": {"r": {"x": {"acl": "public-read", "rule": {"n": 2}, "lifecycle": {"prevent_destroy": false}}, "new": {}}}}"#,
        ),
        ("b_override.tofu", "variable \"v\" {\n  default = 2\n}\nlocals {\n  b = 2\n}\n"),
    ];
    with(&sources, "", |module, files| {
        assert_eq!(attribute(module, files, "r", "x", "acl"), ["\"public-read\""]);
        assert_eq!(attribute(module, files, "r", "x", "name"), ["1"]);
        assert_eq!(attribute(module, files, "r", "x", "rule"), ["{\"n\": 2}"]);
        let block = module.resource("r", "x").expect("there");
        let kinds: Vec<&str> = block.body.blocks.iter().map(|inner| &*inner.kind).collect();
        assert_eq!(kinds, ["other", "lifecycle"]);
        let lifecycle = &block.body.blocks[1].body;
        assert_eq!(lifecycle.attribute("prevent_destroy").map(|a| files.slice(a.value.span)).as_deref(), Some("false"));
        assert!(lifecycle.attribute("create_before_destroy").is_some());
        assert!(module.resource("r", "new").is_some() && module.resources().count() == 2);
        let default = module.variables.get("v").and_then(|at| module.block(*at)).and_then(|v| v.body.attribute("default"));
        assert_eq!(default.map(|a| files.slice(a.value.span)).as_deref(), Some("2"));
        let local = |name| module.locals.get(name).and_then(|at| module.local(*at)).map(|a| files.slice(a.value.span));
        assert_eq!((local("a").as_deref(), local("b").as_deref()), (Some("1"), Some("2")));
    });
}

#[test]
fn var_files_go_by_their_names_in_both_forms() {
    let sources = [
        ("main.tf", "variable \"v\" {}\n"),
        ("z.auto.tfvars", "a = 1\nb = 1\n"),
        ("b.auto.tfvars.json", "{\"a\": 2, \"c\": \"${x}\"}"),
        ("terraform.tfvars.json", "{\"c\": 3, \"d\": 3}"),
        ("terraform.tfvars", "d = 4\ne = 4\n"),
    ];
    with(&sources, "", |module, files| {
        let set: Vec<String> = module.settings.iter().map(|(name, value)| format!("{name}={}", files.slice(value.span))).collect();
        assert_eq!(set, ["a=1", "b=1", "c=\"${x}\"", "d=3", "e=4"]);
        assert!(module.settings["c"].literal().is_some(), "no template");
    });
}

#[test]
fn of_two_files_of_a_name_both_may_be_applied() {
    let source = |acl: &str| format!("resource \"r\" \"x\" {{\n  acl = \"{acl}\"\n}}\n");
    let (tf, tofu, only) = (source("tf"), source("tofu"), source("only").replace("\"x\"", "\"y\""));
    with(&[("main.tf", &tf), ("main.tofu", &tofu), ("more.tf", &only)], "", |module, files| {
        assert_eq!(attribute(module, files, "r", "x", "acl"), ["\"tf\"", "\"tofu\""]);
        assert_eq!(attribute(module, files, "r", "y", "acl"), ["\"only\""]);
    });
}

#[test]
fn an_address_that_is_declared_twice_is_kept_twice() {
    let source = "resource \"r\" \"x\" {\n  acl = 1\n}\nresource \"r\" \"x\" {\n  acl = 2\n}\n";
    with(&[("main.tf", source), ("override.tf", "resource \"r\" \"x\" {\n  b = 3\n}\n")], "", |module, files| {
        assert_eq!(attribute(module, files, "r", "x", "acl"), ["1", "2"]);
        assert_eq!(attribute(module, files, "r", "x", "b"), ["3", "3"]);
    });
}

#[test]
fn blocks_that_speak_to_terraform_are_there_to_be_asked_for() {
    let source = "terraform {\n  cloud {\n  }\n}\nprovider \"aws\" {\n  alias = \"x\"\n}\nmoved {\n  from = a.b\n  to = a.c\n}\nimport {\n  to = a.b\n  id = \"1\"\n}\nremoved {\n  from = a.b\n}\ncheck \"c\" {\n  data \"d\" \"e\" {\n  }\n}\nephemeral \"a\" \"b\" {\n}\n";
    with(&[("main.tf", source)], "", |module, _| {
        for kind in ["terraform", "provider", "moved", "import", "removed", "check", "ephemeral"] {
            assert_eq!(module.meta(kind).count(), 1, "{kind}");
        }
        assert!(module.has_backend() && module.is_entry() && module.resources().next().is_none());
    });
    with(&[("main.tf.json", r#"{"terraform": [{"backend": {"s3": {}}}]}"#)], "", |module, _| assert!(module.has_backend()));
}

#[test]
fn what_terragrunt_sets_is_told_by_its_file() {
    let sources = [
        ("modules/m/main.tf", "variable \"acl\" {\n  default = \"private\"\n}\nvariable \"other\" {}\n"),
        ("live/a/terragrunt.hcl", "terraform {\n  source = \"../..//modules/m\"\n}\ninputs = {\n  acl = \"public-read\"\n}\n"),
        (
            "live/b/terragrunt.hcl",
            "include \"root\" {\n  path = find_in_parent_folders()\n}\nterraform {\n  source = \"${get_repo_root()}/modules/m\"\n}\n",
        ),
        ("live/terragrunt.hcl", "inputs = {\n  other = 1\n}\n"),
        ("live/c/terragrunt.hcl", "terraform {\n  source = \"../../modules/m\"\n}\ninputs = merge(local.a, {})\n"),
        ("live/d/terragrunt.hcl", "terraform {\n  source = \"git::https://example.com/m.git\"\n}\n"),
    ];
    for (folder, set, sources_of) in [
        ("live/a", vec!["acl"], "modules/m"),
        ("live/b", vec!["other"], "modules/m"),
        ("live/c", vec!["acl", "other"], "modules/m"),
        ("live/d", vec![], "live/d"),
        ("modules/m", vec![], "modules/m"),
    ] {
        with(&sources, folder, |module, _| {
            let told: Vec<&str> = ["acl", "other"].into_iter().filter(|name| module.set_by(name).is_some()).collect();
            assert_eq!((told, module.folder.as_slice()), (set, sources_of.as_bytes()), "{folder}");
            let file = format!("{folder}/terragrunt.hcl");
            assert!(module.set_by("acl").is_none_or(|named| named == file));
        });
    }
}

#[test]
fn a_hundred_thousand_of_anything_are_looked_up_by_name() {
    use std::fmt::Write as _;
    let (mut source, mut over) = (String::from("locals {\n"), String::new());
    for number in 0..20_000 {
        writeln!(source, "l{number} = {number}").expect("a string");
        writeln!(over, "resource \"r\" \"n{number}\" {{\na = 2\n}}").expect("a string");
    }
    source.push_str("}\n");
    for number in 0..20_000 {
        writeln!(source, "resource \"r\" \"n{number}\" {{\na = 1\n}}").expect("a string");
    }
    with(&[("main.tf", &source), ("override.tf", &over)], "", |module, files| {
        assert_eq!((module.locals.len(), module.resources().count()), (20_000, 20_000));
        for number in 0..20_000 {
            let block = module.resource("r", &format!("n{number}")).expect("there");
            assert_eq!(files.slice(block.body.attributes[0].value.span), "2");
        }
    });
}
