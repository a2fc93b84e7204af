use std::fmt::Write as _;

use crate::iac::terraform::{Terraform, Variables};
use crate::iac::{Evaluated, Files, Lookup, Memory, Node, Value};
use crate::input::Inputs;
use crate::rule::RuleSet;

fn evaluated(files: &[(&str, &str)], root: &str) -> Evaluated {
    let (tree, inputs) = (Memory::of(files.iter().copied()), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let (variables, rules) = (Variables::default(), RuleSet::embedded());
    let terraform = Terraform::new(&files, &variables).with_modules(rules.modules());
    let evaluated = terraform.evaluate(root.as_bytes(), &crate::iac::is_resource).remove(0);
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
        writeln!(many, "module \"m{n}\" {{\n  source = \"terraform-aws-modules/s3-bucket/aws\"\n  count  = 1000\n}}").expect("a string");
    }
    assert!(one(&many).exhausted);
}

/// Every built-in module: it parses, names nothing that it lacks, and makes something when called with nothing.
#[test]
fn every_known_module_is_sound() {
    let rules = RuleSet::embedded();
    let modules = rules.modules();
    for (index, module) in modules.all().iter().enumerate() {
        assert_eq!(super::faults(modules.hcl(index)), Vec::<String>::new(), "{}", module.name);
        let version = module.versions.first().map(|major| format!("  version = \"{major}.0.0\"\n")).unwrap_or_default();
        // Some make nothing unless they are asked to.
        let on = if modules.hcl(index).contains("\"create_role\"") { "  create_role = true\n" } else { "" };
        let all = one(&format!("module \"m\" {{\n  source = \"{}\"\n{version}{on}}}\n", module.name));
        assert!(!all.exhausted && all.unresolved.len() == 1 && all.unresolved[0].mapped, "{}", module.name);
        assert!(all.resources.iter().all(|resource| resource.address.starts_with("module.m.")));
        let made = all.resources.first().map(|resource| resource.kind.to_string());
        // One that calls another makes what that makes.
        let known = |kind: &String| module.kinds.contains(kind) || module.kinds.is_empty();
        assert!(made.as_ref().is_some_and(known), "{}: {made:?}", module.name);
    }
}

#[test]
fn a_source_with_a_fault_says_which() {
    let faults = |hcl: &str| super::faults(hcl).join("; ");
    assert_eq!(faults("variable \"a\" {}\nresource \"aws_x\" \"r\" {\n  b = var.a # var.z\n}\n"), "");
    assert_eq!(
        faults("resource \"aws_x\" \"r\" {\n  b = var.a\n  c = aws_y.z[0].id\n}\n"),
        "`aws_y.z` is named and not declared; `var.a` is named and not declared"
    );
    assert_eq!(faults("provider \"aws\" {}\n"), "a module has no block `provider` with 1 labels");
    assert!(faults("resource {").starts_with("not HCL"));
}

fn called(source: &str, arguments: &str) -> Evaluated {
    one(&format!("module \"m\" {{\n  source = \"{source}\"\n{arguments}\n}}\n"))
}

#[test]
fn statements_and_trusts_that_are_passed_become_policies() {
    let role = called(
        "terraform-aws-modules/iam/aws//modules/iam-assumable-role",
        "  version = \"5.0.0\"\n  create_role = true\n  role_requires_mfa = false\n  trusted_role_arns = [\"*\"]\n  attach_admin_policy = true\n  inline_policy_statements = [{ actions = [\"*\"], resources = [\"*\"], conditions = [{ test = \"Bool\", variable = \"v\", values = [\"true\"] }] }]",
    );
    assert_eq!(
        printed(&role, "module.m.aws_iam_role.this[0]", "assume_role_policy"),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"*","Service":[]}}]}"#
    );
    assert_eq!(
        printed(&role, "module.m.aws_iam_role_policy_attachment.admin[0]", "policy_arn"),
        "arn:aws:iam::aws:policy/AdministratorAccess"
    );
    assert_eq!(
        printed(&role, "module.m.aws_iam_role_policy.inline[0]", "policy"),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"v":"true"}}}]}"#
    );
    let github = called(
        "terraform-aws-modules/iam/aws//modules/iam-role",
        "  name = \"ci\"\n  enable_github_oidc = true\n  oidc_wildcard_subjects = [\"acme/*\"]\n  policies = { admin = \"arn:aws:iam::aws:policy/AdministratorAccess\" }",
    );
    let trust = printed(&github, "module.m.aws_iam_role.this[0]", "assume_role_policy");
    assert!(trust.contains(r#""StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}"#), "{trust}");
    assert_eq!(
        printed(&github, "module.m.aws_iam_role_policy_attachment.this[\"admin\"]", "policy_arn"),
        "arn:aws:iam::aws:policy/AdministratorAccess"
    );
    let policy = called("terraform-aws-modules/iam/aws//modules/iam-policy", "  policy = jsonencode({ Statement = [] })");
    assert_eq!(printed(&policy, "module.m.aws_iam_policy.policy[0]", "policy"), r#"{"Statement":[]}"#);
    let topic = called("terraform-aws-modules/sns/aws", "");
    let text = printed(&topic, "module.m.aws_sns_topic_policy.this[0]", "policy");
    assert!(text.contains(r#""Principal":{"AWS":"*"},"Condition":{"StringEquals":{"AWS:SourceAccount":"#), "{text}");
    let queue = called(
        "terraform-aws-modules/sqs/aws",
        "  create_queue_policy = true\n  queue_policy_statements = { all = { actions = [\"sqs:*\"], principals = [{ type = \"*\", identifiers = [\"*\"] }] } }",
    );
    let text = printed(&queue, "module.m.aws_sqs_queue_policy.this[0]", "policy");
    assert!(text.contains(r#""Action":"sqs:*""#) && text.contains(r#""Principal":"*""#), "{text}");
}

#[test]
fn rules_of_security_groups_have_their_ports() {
    let group = called(
        "terraform-aws-modules/security-group/aws",
        "  ingress_cidr_blocks = [\"0.0.0.0/0\"]\n  ingress_rules = [\"https-443-tcp\", \"ssh-tcp\"]\n  ingress_with_cidr_blocks = [{ rule = \"mysql-tcp\", cidr_blocks = \"10.0.0.0/8,0.0.0.0/0\" }, { from_port = 20, to_port = 30, protocol = \"tcp\" }]",
    );
    let ports = |address: &str| ["from_port", "to_port", "protocol", "cidr_blocks"].map(|name| printed(&group, address, name)).join(" ");
    assert_eq!(ports("module.m.aws_security_group_rule.ingress_rules[1]"), "22 22 tcp 0.0.0.0/0");
    assert_eq!(ports("module.m.aws_security_group_rule.ingress_with_cidr_blocks[0]"), "3306 3306 tcp 10.0.0.0/8, 0.0.0.0/0");
    assert_eq!(ports("module.m.aws_security_group_rule.ingress_with_cidr_blocks[1]"), "20 30 tcp 0.0.0.0/0");
    let ssh = called("terraform-aws-modules/security-group/aws//modules/ssh", "  ingress_cidr_blocks = [\"0.0.0.0/0\"]");
    assert_eq!(printed(&ssh, "module.m.module.sg.aws_security_group_rule.ingress_rules[0]", "from_port"), "22");
    assert_eq!(ssh.unresolved.len(), 1, "the inner call is no call of this tree");
}

#[test]
fn defaults_of_the_others_are_there() {
    let vpc = called("terraform-aws-modules/vpc/aws", "  public_subnets = [\"10.0.1.0/24\"]");
    assert_eq!(printed(&vpc, "module.m.aws_subnet.public[0]", "map_public_ip_on_launch"), "false");
    assert_eq!(printed(&vpc, "module.m.aws_default_security_group.this[0]", "ingress"), "");
    let lambda = called(
        "terraform-aws-modules/lambda/aws",
        "  runtime = \"python3.7\"\n  create_lambda_function_url = true\n  attach_policy_json = true\n  policy_json = \"{}\"\n  environment_variables = { A = \"b\" }",
    );
    assert_eq!(printed(&lambda, "module.m.aws_lambda_function_url.this[0]", "authorization_type"), "NONE");
    assert_eq!(printed(&lambda, "module.m.aws_lambda_function.this[0]", "environment.variables.A"), "b");
    assert_eq!(printed(&lambda, "module.m.aws_iam_role_policy.additional_json[0]", "policy"), "{}");
    let rds = called("terraform-aws-modules/rds/aws", "  identifier = \"d\"\n  publicly_accessible = true");
    let instance = "module.m.module.db_instance.aws_db_instance.this[0]";
    assert_eq!(["publicly_accessible", "storage_encrypted"].map(|name| printed(&rds, instance, name)), ["true", "true"]);
    let eks = called("terraform-aws-modules/eks/aws", "  version = \"~> 20.0\"\n  cluster_endpoint_public_access = true");
    let cluster = "module.m.aws_eks_cluster.this[0]";
    assert_eq!(printed(&eks, cluster, "vpc_config.endpoint_public_access"), "true");
    assert_eq!(printed(&eks, cluster, "vpc_config.public_access_cidrs"), "0.0.0.0/0");
    let host = called("terraform-aws-modules/ec2-instance/aws", "  metadata_options = { http_tokens = \"optional\" }");
    assert_eq!(printed(&host, "module.m.aws_instance.this[0]", "metadata_options.http_tokens"), "optional");
    let key = called("terraform-aws-modules/kms/aws", "  enable_key_rotation = false");
    assert_eq!(printed(&key, "module.m.aws_kms_key.this[0]", "enable_key_rotation"), "false");
    let bucket = called("cloudposse/s3-bucket/aws", "  acl = \"public-read\"\n  block_public_acls = false");
    assert_eq!(printed(&bucket, "module.m.aws_s3_bucket_acl.default[0]", "acl"), "public-read");
    let trail = called("cloudposse/cloudtrail/aws", "  s3_bucket_name = \"b\"");
    assert_eq!(printed(&trail, "module.m.aws_cloudtrail.default[0]", "include_global_service_events"), "false");
}
