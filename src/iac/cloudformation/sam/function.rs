//! What has a role of its own: functions and state machines.

use super::Expansion;
use super::policies::Policies;
use crate::iac::synthetic::{managed, record, taken, trust, word};
use crate::iac::value::Entry;
use crate::iac::{Node, Value};

/// Properties that a function keeps.
const KEPT: [(&str, &str); 24] = [
    ("FunctionName", "FunctionName"),
    ("Description", "Description"),
    ("Handler", "Handler"),
    ("Runtime", "Runtime"),
    ("PackageType", "PackageType"),
    ("ImageConfig", "ImageConfig"),
    ("MemorySize", "MemorySize"),
    ("Timeout", "Timeout"),
    ("Environment", "Environment"),
    ("VpcConfig", "VpcConfig"),
    ("KmsKeyArn", "KmsKeyArn"),
    ("Layers", "Layers"),
    ("Architectures", "Architectures"),
    ("ReservedConcurrentExecutions", "ReservedConcurrentExecutions"),
    ("FileSystemConfigs", "FileSystemConfigs"),
    ("CodeSigningConfigArn", "CodeSigningConfigArn"),
    ("EphemeralStorage", "EphemeralStorage"),
    ("LoggingConfig", "LoggingConfig"),
    ("SnapStart", "SnapStart"),
    ("RuntimeManagementConfig", "RuntimeManagementConfig"),
    ("RecursiveLoop", "RecursiveLoop"),
    ("TenancyConfig", "TenancyConfig"),
    ("DurableConfig", "DurableConfig"),
    ("CapacityProviderConfig", "CapacityProviderConfig"),
];

/// Managed policies that a function's role has for what reads its events.
const READERS: [(&str, &str); 4] = [
    ("SQS", "AWSLambdaSQSQueueExecutionRole"),
    ("Kinesis", "AWSLambdaKinesisExecutionRole"),
    ("DynamoDB", "AWSLambdaDynamoDBExecutionRole"),
    ("MSK", "AWSLambdaMSKExecutionRole"),
];

fn is_null(value: &Value) -> bool {
    matches!(value.node, Node::Null)
}

impl Expansion<'_> {
    pub(super) fn function(&mut self) {
        let (id, header) = (self.id().to_owned(), self.header());
        let role = self.property("Role");
        let own_role = format!("{id}Role");
        let mut attrs = self.properties(&KEPT);
        attrs.push(("Tags", self.tags("Tags")));
        attrs.push(("Code", self.code()));
        let tracing = self.property("Tracing");
        if !is_null(&tracing) {
            attrs.push(("TracingConfig", record(tracing.place, [("Mode", tracing.clone())])));
        }
        let dead = self.property("DeadLetterQueue");
        if !is_null(&dead) {
            attrs.push(("DeadLetterConfig", record(dead.place, [("TargetArn", taken(self.unknowns(), &dead, "TargetArn"))])));
        }
        let given = if is_null(&role) { self.reference(&own_role, "Arn", header) } else { role.clone() };
        attrs.push(("Role", given));
        self.make(&id, "AWS::Lambda::Function", attrs);

        let durable = !is_null(&self.property("DurableConfig"));
        let basic = if durable { "AWSLambdaBasicDurableExecutionRolePolicy" } else { "AWSLambdaBasicExecutionRole" };
        let mut standard = vec![basic];
        if !is_null(&tracing) && tracing.as_text().as_deref() != Some("Disabled") {
            standard.push("AWSXRayDaemonWriteAccess");
        }
        if !is_null(&self.property("VpcConfig")) {
            standard.push("AWSLambdaVPCAccessExecutionRole");
        }
        let events = self.events();
        for event in &events {
            standard.extend(READERS.iter().find(|(kind, _)| *kind == event.kind).map(|(_, policy)| *policy));
        }
        self.role("lambda.amazonaws.com", &role, &standard);
        for event in &events {
            self.event(event);
        }
        self.url();
    }

    /// The role that SAM makes where none is given: under a condition, where one is given under its opposite.
    fn role(&mut self, service: &str, given: &Value, standard: &[&str]) {
        let when = match &given.node {
            Node::Null => self.source.when.clone(),
            Node::Choice { cond, then, .. } if is_null(then) => self.source.when.with(cond, true),
            Node::Choice { cond, else_, .. } if is_null(else_) => self.source.when.with(cond, false),
            _ => return,
        };
        let (id, header) = (self.id().to_owned(), self.header());
        let policies = self.property("Policies");
        let read = Policies::read(self.template, &policies);
        let place = if is_null(&policies) { header } else { policies.place };
        let mut seen = std::collections::BTreeSet::new();
        let standard = standard.iter().filter(|name| seen.insert(**name)).map(|name| managed(self.unknowns(), &word(name, header)));
        let arns: Vec<Value> = standard.chain(read.managed).collect();
        let named = |(number, inline): (usize, Value)| {
            let place = inline.place;
            record(place, [("PolicyName", word(&format!("{id}RolePolicy{number}"), place)), ("PolicyDocument", inline)])
        };
        let inline: Vec<Value> = read.inline.into_iter().enumerate().map(named).collect();
        let trusted = match self.property("AssumeRolePolicyDocument") {
            none if is_null(&none) => trust(service, header),
            own => own,
        };
        let attrs = [
            ("AssumeRolePolicyDocument", trusted),
            ("ManagedPolicyArns", Value::list(arns, read.open, place)),
            ("Policies", if inline.is_empty() { Value::null(place) } else { Value::list(inline, read.open, place) }),
            ("PermissionsBoundary", self.property("PermissionsBoundary")),
            ("Path", self.property("RolePath")),
            ("Tags", self.tags("Tags")),
        ];
        self.make(&format!("{id}Role"), "AWS::IAM::Role", attrs).when = when;
    }

    /// Where the code is: written here, or in an archive.
    fn code(&self) -> Value {
        let inline = self.property("InlineCode");
        if !is_null(&inline) {
            return record(inline.place, [("ZipFile", inline.clone())]);
        }
        let image = self.property("ImageUri");
        if !is_null(&image) {
            return record(image.place, [("ImageUri", image.clone())]);
        }
        let uri = self.property("CodeUri");
        match &uri.node {
            Node::Map { entries, open } => {
                let renamed = |entry: &Entry| {
                    let key = match &*entry.key {
                        "Bucket" => "S3Bucket",
                        "Key" => "S3Key",
                        "Version" => "S3ObjectVersion",
                        other => other,
                    };
                    Entry { key: key.into(), ..entry.clone() }
                };
                Value::map(entries.iter().map(renamed).collect(), *open, uri.place)
            }
            _ => Value::null(uri.place),
        }
    }

    /// An address of its own for a function. What allows everybody to call it is one permission here: the second that the
    /// transform makes allows the same call once more.
    fn url(&mut self) {
        let config = self.property("FunctionUrlConfig");
        if is_null(&config) {
            return;
        }
        let (id, header) = (self.id().to_owned(), self.header());
        let of = |name| taken(self.unknowns(), &config, name);
        let auth = of("AuthType");
        let attrs = [
            ("AuthType", auth.clone()),
            ("Cors", of("Cors")),
            ("InvokeMode", of("InvokeMode")),
            ("TargetFunctionArn", self.reference(&id, "Ref", header)),
        ];
        self.make(&format!("{id}Url"), "AWS::Lambda::Url", attrs);
        let open = |value: &Value| value.as_text().as_deref() == Some("NONE");
        let when = match &auth.node {
            _ if open(&auth) => self.source.when.clone(),
            Node::Choice { cond, then, else_ } if open(then) != open(else_) => self.source.when.with(cond, open(then)),
            _ => return,
        };
        let place = auth.place;
        let attrs = [
            ("Action", word("lambda:InvokeFunctionUrl", place)),
            ("FunctionName", self.reference(&id, "Ref", header)),
            ("Principal", word("*", place).carried(auth.via.as_ref())),
            ("FunctionUrlAuthType", word("NONE", place)),
        ];
        self.make(&format!("{id}UrlPublicPermissions"), "AWS::Lambda::Permission", attrs).when = when;
    }

    pub(super) fn state_machine(&mut self) {
        let (id, header) = (self.id().to_owned(), self.header());
        let role = self.property("Role");
        let names = [
            ("Name", "StateMachineName"),
            ("Type", "StateMachineType"),
            ("Definition", "DefinitionString"),
            ("Logging", "LoggingConfiguration"),
            ("Tracing", "TracingConfiguration"),
            ("DefinitionSubstitutions", "DefinitionSubstitutions"),
            ("EncryptionConfiguration", "EncryptionConfiguration"),
        ];
        let mut attrs = self.properties(&names);
        attrs.push(("Tags", self.tags("Tags")));
        let given = if is_null(&role) { self.reference(&format!("{id}Role"), "Arn", header) } else { role.clone() };
        attrs.push(("RoleArn", given));
        self.make(&id, "AWS::StepFunctions::StateMachine", attrs);
        let traced = taken(self.unknowns(), &self.property("Tracing"), "Enabled").as_bool() == Some(true);
        let standard: &[&str] = if traced { &["AWSXRayDaemonWriteAccess"] } else { &[] };
        self.role("states.amazonaws.com", &role, standard);
    }
}
