//! `Events` of a function: who may call it, or what it reads.

use super::Expansion;
use crate::iac::synthetic::{fill, pseudo, taken, word};
use crate::iac::{Node, Reason, Value};

/// An event that a function waits for.
pub(super) struct Event {
    name: Box<str>,
    pub kind: String,
    properties: Value,
}

/// Who calls for an event, and which property or made resource names the caller's source.
struct Caller {
    kind: &'static str,
    principal: &'static str,
    source: From,
}

enum From {
    /// A property that is an ARN.
    Property(&'static str),
    /// An attribute of what SAM makes for the event.
    Made(&'static str),
    /// An ARN, with `{names}` of properties.
    Arn(&'static str),
    /// The account, and nothing nearer.
    Account,
    /// A token that a property holds.
    Token(&'static str),
}

const CALLERS: [Caller; 11] = [
    Caller { kind: "S3", principal: "s3.amazonaws.com", source: From::Account },
    Caller { kind: "SNS", principal: "sns.amazonaws.com", source: From::Property("Topic") },
    Caller { kind: "Schedule", principal: "events.amazonaws.com", source: From::Made("Arn") },
    Caller { kind: "EventBridgeRule", principal: "events.amazonaws.com", source: From::Made("Arn") },
    Caller { kind: "CloudWatchEvent", principal: "events.amazonaws.com", source: From::Made("Arn") },
    Caller { kind: "Cognito", principal: "cognito-idp.amazonaws.com", source: From::Made("Arn") },
    Caller { kind: "AlexaSkill", principal: "alexa-appkit.amazon.com", source: From::Token("SkillId") },
    Caller { kind: "IoTRule", principal: "iot.amazonaws.com", source: From::Account },
    Caller {
        kind: "CloudWatchLogs",
        principal: "logs.amazonaws.com",
        source: From::Arn("arn:{AWS::Partition}:logs:{AWS::Region}:{AWS::AccountId}:log-group:{LogGroupName}:*"),
    },
    Caller {
        kind: "Api",
        principal: "apigateway.amazonaws.com",
        source: From::Arn("arn:{AWS::Partition}:execute-api:{AWS::Region}:{AWS::AccountId}:{RestApiId}/*/{Method}{Path}"),
    },
    Caller {
        kind: "HttpApi",
        principal: "apigateway.amazonaws.com",
        source: From::Arn("arn:{AWS::Partition}:execute-api:{AWS::Region}:{AWS::AccountId}:{ApiId}/*/{Method}{Path}"),
    },
];

/// What a function reads, and the property that names it.
const READ: [(&str, &str); 5] = [("SQS", "Queue"), ("Kinesis", "Stream"), ("DynamoDB", "Stream"), ("MSK", "Stream"), ("MQ", "Broker")];

impl Expansion<'_> {
    /// The events whose kind is known.
    pub(super) fn events(&self) -> Vec<Event> {
        let events = self.property("Events");
        let Node::Map { entries, .. } = &events.node else { return Vec::new() };
        let event = |entry: &crate::iac::value::Entry| {
            let kind = taken(self.unknowns(), &entry.value, "Type").as_text()?.into_owned();
            let properties = taken(self.unknowns(), &entry.value, "Properties");
            // An event without properties stands where its name does.
            let properties =
                if matches!(properties.node, Node::Null) { Value::map(Vec::new(), false, entry.key_place) } else { properties };
            Some(Event { name: (*entry.key).into(), kind, properties })
        };
        entries.iter().filter_map(event).collect()
    }

    pub(super) fn event(&mut self, event: &Event) {
        let (id, place) = (self.id().to_owned(), event.properties.place);
        let address = format!("{id}{}", event.name);
        let of = |name: &str| taken(self.unknowns(), &event.properties, name);
        if let Some((_, source)) = READ.iter().find(|(kind, _)| *kind == event.kind) {
            let function = self.reference(&id, "Ref", place);
            let attrs =
                [("EventSourceArn", of(source)), ("FunctionName", function), ("Enabled", of("Enabled")), ("KmsKeyArn", of("KmsKeyArn"))];
            self.make(&address, "AWS::Lambda::EventSourceMapping", attrs);
            return;
        }
        let Some(caller) = CALLERS.iter().find(|caller| caller.kind == event.kind) else { return };
        let nothing = || Value::null(place);
        let account = || pseudo(self.unknowns(), "AWS::AccountId", place);
        let (source, account, token) = match &caller.source {
            From::Property(name) => (of(name), nothing(), nothing()),
            From::Made(attribute) => (self.reference(&address, attribute, place), nothing(), nothing()),
            From::Account => (nothing(), account(), nothing()),
            From::Token(name) => (nothing(), nothing(), of(name)),
            From::Arn(arn) => (fill(self.unknowns(), arn, place, &|name| self.part(event, name)), nothing(), nothing()),
        };
        let attrs = [
            ("Action", word("lambda:InvokeFunction", place)),
            ("FunctionName", self.reference(&id, "Ref", place)),
            ("Principal", word(caller.principal, place)),
            ("SourceArn", source),
            ("SourceAccount", account),
            ("EventSourceToken", token),
        ];
        let stage = if event.kind == "Api" { self.stage_of(event) } else { String::new() };
        self.make(&format!("{address}Permission{stage}"), "AWS::Lambda::Permission", attrs);
    }

    /// The stage of the API that an event comes from.
    fn stage_of(&self, event: &Event) -> String {
        let api = taken(self.unknowns(), &event.properties, "RestApiId");
        let named = match &api.node {
            // The API that SAM makes for all functions that name none.
            Node::Null => return "Prod".to_owned(),
            Node::Unknown(id) => match self.unknowns().reason(*id) {
                Reason::Reference { address, .. } => self.stages.get(&address),
                _ => None,
            },
            // Without `!Ref`: a logical id too.
            _ => api.as_text().and_then(|id| self.stages.get(&*id)),
        };
        named.cloned().unwrap_or_else(|| "AllStages".to_owned())
    }

    /// A part of an ARN: a pseudo parameter, or a property of the event, `*` for any method or path.
    fn part(&self, event: &Event, name: &str) -> Value {
        let place = event.properties.place;
        if name.starts_with("AWS::") {
            return pseudo(self.unknowns(), name, place);
        }
        let value = taken(self.unknowns(), &event.properties, name);
        let text = value.as_text().map(std::borrow::Cow::into_owned);
        match (name, text.as_deref()) {
            ("Method", Some(method)) if !method.eq_ignore_ascii_case("any") => word(&method.to_ascii_uppercase(), value.place),
            ("Method", _) => word("*", place),
            ("Path", Some(_)) => value,
            ("Path", _) => word("/*", place),
            (_, None) if matches!(value.node, Node::Null) => {
                self.reference(if name == "ApiId" { "ServerlessHttpApi" } else { "ServerlessRestApi" }, "Ref", place)
            }
            _ => value,
        }
    }
}
