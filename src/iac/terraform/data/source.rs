//! What one data source tells: the arguments that it is asked with, and what follows from them.

use crate::base::text_map::Text;
use crate::iac::terraform::Terraform;
use crate::iac::terraform::expr::Scope;
use crate::iac::value::Entry;
use crate::iac::{Lookup, Node, Reason, Value};
use crate::syntax::hcl::{self, Block};

/// An instance of a data source.
pub(super) struct Source<'s> {
    pub terraform: &'s Terraform<'s>,
    pub block: &'s Block,
    pub address: String,
    pub scope: &'s Scope,
}

/// An attribute, from the arguments; None where they do not tell it.
type Tell = fn(&Source<'_>, &Value) -> Option<Value>;

/// What follows from the arguments, by kind and attribute. A kind that is not here has its arguments and nothing else.
const TOLD: &[(&str, &str, Tell)] = &[
    ("archive_file", "output_path", |_, arguments| found(arguments, "output_path")),
    ("aws_iam_policy", "arn", |source, arguments| source.policy_arn(arguments)),
    ("aws_iam_policy", "id", |source, arguments| source.policy_arn(arguments)),
    ("aws_iam_policy", "name", |_, arguments| last_part(arguments)),
    ("aws_iam_policy_document", "json", |source, arguments| Some(source.terraform.policy_document(arguments, &source.address))),
    ("aws_iam_role", "arn", |source, arguments| source.arn("iam", "role/", true, arguments, "name")),
    ("aws_iam_role", "id", |_, arguments| found(arguments, "name")),
    ("aws_iam_user", "arn", |source, arguments| source.arn("iam", "user/", true, arguments, "user_name")),
    ("aws_iam_user", "id", |_, arguments| found(arguments, "user_name")),
    ("aws_kms_alias", "arn", |source, arguments| source.arn("kms", "", false, arguments, "name")),
    ("aws_lambda_function", "arn", |source, arguments| source.arn("lambda", "function:", false, arguments, "function_name")),
    ("aws_s3_bucket", "arn", |source, arguments| source.bucket_arn(arguments)),
    ("aws_s3_bucket", "id", |_, arguments| found(arguments, "bucket")),
    ("aws_sns_topic", "arn", |source, arguments| source.arn("sns", "", false, arguments, "name")),
    ("aws_sqs_queue", "arn", |source, arguments| source.arn("sqs", "", false, arguments, "name")),
    ("aws_ssm_parameter", "arn", |source, arguments| source.arn("ssm", "parameter", true, arguments, "name")),
    ("cloudinit_config", "rendered", |source, arguments| source.parts(arguments)),
    ("local_file", "content", |source, _| source.file()),
    ("local_sensitive_file", "content", |source, _| source.file()),
    ("template_cloudinit_config", "rendered", |source, arguments| source.parts(arguments)),
    ("template_file", "rendered", |source, arguments| source.rendered(arguments)),
];

/// The policies of AWS that stand at the root of its names, as far as they are asked for by name.
const MANAGED: &[&str] = &[
    "AWSCloudFormationFullAccess",
    "AWSCloudTrail_FullAccess",
    "AWSCodeBuildAdminAccess",
    "AWSKeyManagementServicePowerUser",
    "AWSLambda_FullAccess",
    "AWSOrganizationsFullAccess",
    "AWSStepFunctionsFullAccess",
    "AWSSupportAccess",
    "AWSXRayDaemonWriteAccess",
    "AdministratorAccess",
    "AmazonAPIGatewayAdministrator",
    "AmazonDynamoDBFullAccess",
    "AmazonEC2ContainerRegistryFullAccess",
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonECS_FullAccess",
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonElastiCacheFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonRDSFullAccess",
    "AmazonRedshiftFullAccess",
    "AmazonRoute53FullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSESFullAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonVPCFullAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchFullAccess",
    "CloudWatchLogsFullAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
];

impl Source<'_> {
    /// All that is known of it: there is always more.
    pub fn object(&self, kind: &str) -> Value {
        let arguments = self.terraform.resource_body(&self.block.body, self.block.header, self.scope);
        let mut entries = match &arguments.node {
            Node::Map { entries, .. } => entries.to_vec(),
            // Too much to evaluate.
            _ => return arguments,
        };
        for (_, attribute, tell) in TOLD.iter().filter(|(known, ..)| *known == kind) {
            let Some(value) = tell(self, &arguments) else { continue };
            let value = match value.node {
                Node::Unknown(_) => value,
                _ => value.known_as(self.terraform.unknowns.intern(self.reason(attribute))),
            };
            entries.push(Entry { key: (*attribute).into(), key_place: self.block.header, value });
        }
        if kind == "aws_iam_policy_document"
            && let Some(json) = entries.last().map(|entry| entry.value.clone())
        {
            entries.push(Entry { key: "minified_json".into(), key_place: self.block.header, value: json });
        }
        Value::map(entries, true, self.block.header)
    }

    fn reason(&self, attribute: &str) -> Reason {
        Reason::Reference { address: (&*self.address).into(), attribute: attribute.into() }
    }

    fn literal(&self, text: &str) -> Value {
        Value::text(Text::within(text.as_bytes(), self.block.header), self.block.header)
    }

    /// A part of an ARN that is not known.
    fn hole(&self) -> Value {
        self.terraform.unknown(self.reason("arn"), self.block.header)
    }

    /// Text made of a name: it stands where the name does.
    fn named(&self, parts: Vec<Value>, name: Value) -> Value {
        let place = name.place;
        let parts: Vec<Value> = parts.into_iter().chain([name]).collect();
        self.terraform.distribute(&parts, place, &|parts| self.terraform.joined(parts, place))
    }

    /// The ARN of a thing in some account, whose name is an argument. `path`: there may be more before the name.
    fn arn(&self, service: &str, kind: &str, path: bool, arguments: &Value, name: &str) -> Option<Value> {
        let name = found(arguments, name)?;
        let region = if service == "iam" { self.literal("") } else { self.hole() };
        let mut parts =
            vec![self.literal("arn:"), self.hole(), self.literal(&format!(":{service}:")), region, self.literal(":"), self.hole()];
        parts.push(self.literal(&format!(":{kind}")));
        if path {
            parts.push(self.hole());
        }
        Some(self.named(parts, name))
    }

    fn bucket_arn(&self, arguments: &Value) -> Option<Value> {
        let bucket = found(arguments, "bucket")?;
        Some(self.named(vec![self.literal("arn:"), self.hole(), self.literal(":s3:::")], bucket))
    }

    fn policy_arn(&self, arguments: &Value) -> Option<Value> {
        if let Some(arn) = found(arguments, "arn") {
            return Some(arn);
        }
        let name = found(arguments, "name")?;
        let managed = name.as_text().is_some_and(|name| MANAGED.contains(&&*name));
        if !managed {
            return self.arn("iam", "policy/", true, arguments, "name");
        }
        Some(self.named(vec![self.literal("arn:"), self.hole(), self.literal(":iam::aws:policy/")], name))
    }

    fn joined(&self, parts: &[Value]) -> Value {
        let place = self.block.header;
        self.terraform.distribute(parts, place, &|parts| self.terraform.joined(parts, place))
    }

    /// What is written in the parts of a user's data, one after the other: how they are packed does not matter.
    fn parts(&self, arguments: &Value) -> Option<Value> {
        let Lookup::Found(Value { node: Node::List { items, open }, .. }) = arguments.lookup("part") else { return None };
        let mut parts = Vec::new();
        for part in items.iter() {
            if let Lookup::Found(content) = part.lookup("content") {
                parts.extend([content.clone(), self.literal("\n")]);
            }
        }
        if *open {
            parts.push(self.terraform.unknown(self.reason("part"), self.block.header));
        }
        Some(self.joined(&parts))
    }

    /// The text of a file of the tree.
    fn file(&self) -> Option<Value> {
        let name = &self.block.body.attribute("filename")?.value;
        Some(self.terraform.call("file", std::slice::from_ref(name), false, name.span, self.scope))
    }

    /// A template with its own variables, and no others.
    fn rendered(&self, arguments: &Value) -> Option<Value> {
        let (template, place) = (found(arguments, "template")?, self.block.header);
        let vars = match arguments.lookup("vars") {
            Lookup::Found(vars) => vars.clone(),
            _ => Value::map(Vec::new(), false, place),
        };
        let terraform = self.terraform;
        Some(terraform.distribute(&[template, vars], place, &|values| {
            let unknown = || terraform.unknown(self.reason("rendered"), place);
            let (Node::Text(text), Node::Map { entries, .. }) = (&values[0].node, &values[1].node) else { return unknown() };
            if !terraform.steps_for(text.len()) || !terraform.may_make(text.len()) {
                return Terraform::budget(place);
            }
            let Ok(parts) = hcl::parse_template(text, values[0].place) else { return unknown() };
            let names = entries.iter().map(|entry| ((&*entry.key).into(), entry.value.clone())).collect();
            let scope = Scope::of(&self.scope.instance).bind(names);
            terraform.enter(|| terraform.template(&parts, values[0].place, &scope)).unwrap_or_else(|| Terraform::budget(place))
        }))
    }
}

fn found(arguments: &Value, name: &str) -> Option<Value> {
    match arguments.lookup(name) {
        Lookup::Found(value) => Some(value.clone()),
        _ => None,
    }
}

/// The name at the end of an ARN.
fn last_part(arguments: &Value) -> Option<Value> {
    let arn = found(arguments, "arn")?;
    let Node::Text(text) = &arn.node else { return None };
    let start = memchr::memrchr(b'/', text.bytes())? + 1;
    Some(Value::text(text.slice(start..text.len()), arn.place).carried(arn.via.as_ref()))
}
