use crate::iac::terraform::{Terraform, Variables};
use crate::iac::{Files, Lookup, Memory, Node, Value};
use crate::input::Inputs;

/// The attribute `v` of the only resource, and the reason where it is not known.
fn value(source: &str) -> (Value, String) {
    let (tree, inputs) = (Memory::of([("main.tf", source)]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let terraform = Terraform::new(&files, &variables);
    let resources = terraform.evaluate(b"", &crate::iac::is_resource).remove(0).resources;
    let Lookup::Found(value) = resources[0].attrs.lookup("v") else { panic!("no v") };
    let named = match value.node {
        Node::Unknown(id) => Some(id),
        _ => value.of,
    };
    (value.clone(), named.map(|id| terraform.unknowns.reason(id).to_string()).unwrap_or_default())
}

fn of(source: &str, v: &str) -> (String, String) {
    let (value, reason) = value(&format!("{source}\nresource \"r\" \"x\" {{\n  v = {v}\n}}\n"));
    (value.print(), reason)
}

#[test]
fn what_is_asked_with_reads_back_and_the_rest_has_a_name() {
    let bucket =
        "variable \"u\" {}\ndata \"aws_s3_bucket\" \"b\" {\n  bucket = \"logs\"\n}\ndata \"aws_s3_bucket\" \"u\" {\n  bucket = var.u\n}\n";
    let pair = |print: &str, reason: &str| (print.to_owned(), reason.to_owned());
    assert_eq!(of(bucket, "data.aws_s3_bucket.b.id"), pair("logs", "data.aws_s3_bucket.b.id"));
    assert_eq!(of(bucket, "data.aws_s3_bucket.b.bucket"), pair("logs", ""));
    assert_eq!(of(bucket, "data.aws_s3_bucket.b.arn"), pair("arn:…:s3:::logs", "data.aws_s3_bucket.b.arn"));
    assert_eq!(of(bucket, "data.aws_s3_bucket.b.region"), pair("…", "data.aws_s3_bucket.b.region"));
    assert_eq!(of(bucket, "data.aws_s3_bucket.u.id"), pair("…", "var.u"));
    assert_eq!(of("", "data.aws_caller_identity.nobody.account_id"), pair("…", "data.aws_caller_identity.nobody.account_id"));
    let partition = "data \"aws_partition\" \"p\" {\n  count = 1\n}\ndata \"aws_availability_zones\" \"z\" {}\n";
    assert_eq!(of(partition, "data.aws_partition.p[0].partition"), pair("…", "data.aws_partition.p[0].partition"));
    assert_eq!(of(partition, "data.aws_availability_zones.z.names[0]"), pair("…", "data.aws_availability_zones.z.names[0]"));
    let secret = "data \"aws_ssm_parameter\" \"s\" {\n  name = \"/db/password\"\n}\n";
    assert_eq!(of(secret, "data.aws_ssm_parameter.s.value"), pair("…", "data.aws_ssm_parameter.s.value"));
    assert_eq!(of(secret, "data.aws_ssm_parameter.s.name"), pair("/db/password", ""));
}

/// 45. a policy of AWS by its name.
#[test]
fn a_policy_by_name_has_an_arn_as_far_as_the_name_tells() {
    let arn = |arguments: &str, attribute: &str| {
        let source = format!("data \"aws_iam_policy\" \"p\" {{\n  {arguments}\n}}\n");
        of(&source, &format!("data.aws_iam_policy.p.{attribute}")).0
    };
    assert_eq!(arn("name = \"AdministratorAccess\"", "arn"), "arn:…:iam::aws:policy/AdministratorAccess");
    assert_eq!(arn("name = \"ours\"", "arn"), "arn:…:iam::…:policy/…ours");
    assert_eq!(arn("arn = \"arn:aws:iam::aws:policy/job-function/Billing\"", "name"), "Billing");
    assert_eq!(arn("arn = \"arn:aws:iam::aws:policy/ReadOnlyAccess\"", "arn"), "arn:aws:iam::aws:policy/ReadOnlyAccess");
}

#[test]
fn templates_are_rendered_with_their_own_variables() {
    let source = r#"data "template_file" "t" {
  template = <<-EOT
    user=$${name} %%{ if admin == "yes" }ALL%%{ endif }
  EOT
  vars = {
    name  = "joe"
    admin = "yes"
  }
}
data "cloudinit_config" "c" {
  gzip = true
  part {
    content = data.template_file.t.rendered
  }
  part {
    content_type = "text/x-shellscript"
    content      = "export X=1"
  }
}
"#;
    assert_eq!(of(source, "data.template_file.t.rendered").0, "user=joe ALL\n");
    assert_eq!(of(source, "data.cloudinit_config.c.rendered").0, "user=joe ALL\n\nexport X=1\n");
    let (rendered, _) = value(&format!("{source}\nresource \"r\" \"x\" {{\n  v = data.template_file.t.rendered\n}}\n"));
    let Node::Text(text) = &rendered.node else { panic!("text") };
    let place = text.span(5..8).expect("known");
    assert_eq!(&source[place.range()], "joe", "where it was written");
}

#[test]
fn a_local_file_is_read_in_the_tree() {
    let source = "data \"local_file\" \"f\" {\n  filename = \"${path.module}/policy.json\"\n}\nresource \"r\" \"x\" {\n  v = data.local_file.f.content\n}\n";
    let (tree, inputs) = (Memory::of([("main.tf", source), ("policy.json", "{\"Action\": \"*\"}")]), Inputs::new());
    let files = Files::new(&tree, &inputs);
    let variables = Variables::default();
    let resources = Terraform::new(&files, &variables).evaluate(b"", &crate::iac::is_resource).remove(0).resources;
    let Lookup::Found(value) = resources[0].attrs.lookup("v") else { panic!("no v") };
    assert_eq!(value.print(), "{\"Action\": \"*\"}");
}
