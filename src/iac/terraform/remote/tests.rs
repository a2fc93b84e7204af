use crate::iac::terraform::{Terraform, Variables};
use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Value};
use crate::input::Inputs;
use crate::rule::RuleSet;

fn evaluated(files: &[(&str, &str)], root: &str) -> Evaluated {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (variables, rules) = (Variables::default(), RuleSet::embedded());
    let terraform = Terraform::new(&files, &variables).with_modules(rules.modules());
    let evaluated = terraform.evaluate(root.as_bytes(), &|_| true).remove(0);
    assert_eq!(terraform.troubles(&terraform.folders(root.as_bytes())).len(), 0);
    evaluated
}

fn one(source: &str) -> Evaluated {
    evaluated(&[("main.tf", source)], "")
}

/// An attribute of a resource, by its address and the attribute's path.
fn find(evaluated: &Evaluated, address: &str, path: &str) -> Option<Value> {
    let resource = evaluated.resources.iter().find(|resource| &*resource.address == address);
    let resource = resource.unwrap_or_else(|| panic!("{address}: {:?}", addresses(evaluated)));
    path.split('.').try_fold(resource.attrs.clone(), |value, name| {
        let value = match &value.node {
            Node::List { items, .. } => items.first().cloned()?,
            _ => value,
        };
        match value.lookup(name) {
            Lookup::Found(found) => Some(found.clone()),
            Lookup::Absent(_) => None,
            Lookup::Unknown(why) => panic!("{address} {path}: {why:?}"),
        }
    })
}

fn printed(evaluated: &Evaluated, address: &str, path: &str) -> String {
    find(evaluated, address, path).map_or("absent".to_owned(), |value| value.print())
}

fn addresses(evaluated: &Evaluated) -> Vec<&str> {
    evaluated.resources.iter().map(|resource| &*resource.address).collect()
}

const BUCKET: &str = r#"module "b" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.1"
  bucket  = "logs"
  acl     = "public-read"
  block_public_acls = false
  server_side_encryption_configuration = {
    rule = {
      apply_server_side_encryption_by_default = {
        sse_algorithm = "aws:kms"
      }
    }
  }
}
output "id" {
  value = module.b.s3_bucket_id
}
resource "aws_s3_bucket_versioning" "v" {
  bucket = module.b.s3_bucket_id
}
"#;

#[test]
fn a_public_module_makes_its_resources_of_what_it_is_given_and_its_own_defaults() {
    let all = one(BUCKET);
    assert_eq!(printed(&all, "module.b.aws_s3_bucket.this[0]", "bucket"), "logs");
    let block = "module.b.aws_s3_bucket_public_access_block.this[0]";
    assert_eq!(printed(&all, block, "block_public_acls"), "false");
    assert_eq!(printed(&all, block, "block_public_policy"), "true");
    let acl = find(&all, "module.b.aws_s3_bucket_acl.this[0]", "acl").expect("set");
    assert_eq!(&BUCKET[acl.place.range()], "\"public-read\"", "what the caller passes keeps its place");
    assert!(acl.way().iter().any(|via| &*via.text == "passed to module.b as `acl`"), "{:?}", acl.way());
    let default = find(&all, block, "block_public_policy").expect("set");
    assert_eq!(&BUCKET[default.place.range()], "module \"b\"", "and all else stands at the call");
    let encryption = "module.b.aws_s3_bucket_server_side_encryption_configuration.this[0]";
    assert_eq!(printed(&all, encryption, "rule.apply_server_side_encryption_by_default.sse_algorithm"), "aws:kms");
    assert!(!addresses(&all).iter().any(|address| address.contains("aws_s3_bucket_policy")), "nothing attaches a policy");
    let bucket = find(&all, "aws_s3_bucket_versioning.v", "bucket").expect("set");
    let Node::Unknown(id) = bucket.node else { panic!("a reference") };
    assert_eq!(all.unknowns.reason(id).to_string(), "module.b.aws_s3_bucket.this[0].id");
    let [unresolved] = all.unresolved.as_slice() else { panic!("one call leads out") };
    assert_eq!((&*unresolved.source, &*unresolved.address, unresolved.mapped), ("terraform-aws-modules/s3-bucket/aws", "module.b", true));
    assert_eq!(all.resources[1].trace.len(), 1);
}

#[test]
fn a_module_of_another_version_or_of_nobody_we_know_is_unknown() {
    for (from, to) in [("\"~> 4.1\"", "\"~> 1.2\""), ("terraform-aws-modules/s3-bucket/aws", "acme/s3-bucket/aws")] {
        let all = one(&BUCKET.replace(from, to));
        assert_eq!(addresses(&all), ["aws_s3_bucket_versioning.v"]);
        assert!(matches!(all.unresolved.as_slice(), [only] if !only.mapped));
    }
    let by_git = "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v5.0.0";
    let all = one(&BUCKET.replace("terraform-aws-modules/s3-bucket/aws", by_git).replace("  version = \"~> 4.1\"\n", ""));
    assert_eq!(printed(&all, "module.b.aws_s3_bucket.this[0]", "bucket"), "logs");
}

/// What `terraform init` put into the tree goes before what is known without it.
#[test]
fn a_vendored_module_is_read_from_its_folder() {
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},
        {"Key":"b","Source":"registry.terraform.io/terraform-aws-modules/s3-bucket/aws","Version":"4.1.0","Dir":".terraform/modules/b"},
        {"Key":"b.deep","Source":"registry.terraform.io/acme/deep/aws","Dir":".terraform/modules/b.deep"},
        {"Key":"gone","Source":"acme/gone/aws","Dir":".terraform/modules/gone"},
        {"Key":"out","Source":"acme/out/aws","Dir":"../../etc"}]}"#;
    let vendored = "variable \"acl\" {}\nresource \"aws_s3_bucket\" \"own\" {\n  acl = var.acl\n}\nmodule \"deep\" {\n  source = \"acme/deep/aws\"\n}\noutput \"s3_bucket_id\" {\n  value = aws_s3_bucket.own.id\n}\n";
    let files = [
        ("live/main.tf", BUCKET),
        ("live/.terraform/modules/modules.json", manifest),
        ("live/.terraform/modules/b/main.tf", vendored),
        ("live/.terraform/modules/b.deep/main.tf", "resource \"aws_sqs_queue\" \"q\" {}\n"),
        ("etc/main.tf", "resource \"aws_sqs_queue\" \"q\" {}\n"),
    ];
    let all = evaluated(&files, "live");
    let expected = ["aws_s3_bucket_versioning.v", "module.b.aws_s3_bucket.own", "module.b.module.deep.aws_sqs_queue.q"];
    assert_eq!(addresses(&all), expected);
    assert!(all.unresolved.is_empty());

    let (tree, inputs) = (Memory::of(files), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let folders = ["live", "live/.terraform/modules/b"].iter().map(|folder| folder.as_bytes().to_vec()).collect();
    assert_eq!(Terraform::new(&files, &variables).roots(&folders), [b"live"], "what is called is judged through its caller");
}

#[test]
fn hostile_manifests_and_many_calls_end() {
    for manifest in ["", "{", "[]", "{\"Modules\": 1}", "{\"Modules\": [1, {\"Key\": [], \"Dir\": {}}]}"] {
        let files = [("main.tf", BUCKET), (".terraform/modules/modules.json", manifest)];
        assert_eq!(printed(&evaluated(&files, ""), "module.b.aws_s3_bucket.this[0]", "bucket"), "logs", "{manifest}");
    }
    let ring = "{\"Modules\":[{\"Key\":\"b\",\"Dir\":\".terraform/modules/b\"},{\"Key\":\"b.b\",\"Dir\":\".terraform/modules/b\"}]}";
    let files = [("main.tf", BUCKET), (".terraform/modules/modules.json", ring), (".terraform/modules/b/main.tf", BUCKET)];
    let addresses_of = evaluated(&files, "");
    assert!(addresses(&addresses_of).contains(&"module.b.aws_s3_bucket_versioning.v"));
    let mut many = String::new();
    for n in 0..3000 {
        many += &format!("module \"m{n}\" {{\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n  count  = 1000\n}}\n");
    }
    assert!(one(&many).exhausted);
}
