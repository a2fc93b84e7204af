//! APIs and their stages. The API that SAM makes of functions that name none is not made here: nobody wrote it, and
//! nothing can be said of it.

use super::Expansion;
use crate::iac::synthetic::{record, taken, word};
use crate::iac::{Node, Value};

impl Expansion<'_> {
    pub(super) fn rest_api(&mut self) {
        let (id, header) = (self.id().to_owned(), self.header());
        let names = [
            ("Name", "Name"),
            ("Description", "Description"),
            ("DefinitionBody", "Body"),
            ("BinaryMediaTypes", "BinaryMediaTypes"),
            ("MinimumCompressionSize", "MinimumCompressionSize"),
            ("DisableExecuteApiEndpoint", "DisableExecuteApiEndpoint"),
            ("SecurityPolicy", "SecurityPolicy"),
            ("Policy", "Policy"),
        ];
        let mut attrs = self.properties(&names);
        attrs.push(("EndpointConfiguration", self.endpoint()));
        self.make(&id, "AWS::ApiGateway::RestApi", attrs);
        let names = [
            ("StageName", "StageName"),
            ("MethodSettings", "MethodSettings"),
            ("TracingEnabled", "TracingEnabled"),
            ("AccessLogSetting", "AccessLogSetting"),
            ("CacheClusterEnabled", "CacheClusterEnabled"),
            ("CacheClusterSize", "CacheClusterSize"),
            ("CanarySetting", "CanarySetting"),
            ("Variables", "Variables"),
        ];
        let mut attrs = self.properties(&names);
        attrs.push(("RestApiId", self.reference(&id, "Ref", header)));
        attrs.push(("Tags", self.tags("Tags")));
        let address = self.stage("Stage");
        self.make(&address, "AWS::ApiGateway::Stage", attrs);
    }

    pub(super) fn http_api(&mut self) {
        let names = [
            ("Name", "Name"),
            ("Description", "Description"),
            ("DefinitionBody", "Body"),
            ("CorsConfiguration", "CorsConfiguration"),
            ("DisableExecuteApiEndpoint", "DisableExecuteApiEndpoint"),
        ];
        self.second_api("HTTP", &names, "ApiGatewayDefaultStage");
    }

    pub(super) fn socket_api(&mut self) {
        let names = [
            ("Name", "Name"),
            ("Description", "Description"),
            ("DisableExecuteApiEndpoint", "DisableExecuteApiEndpoint"),
            ("RouteSelectionExpression", "RouteSelectionExpression"),
        ];
        self.second_api("WEBSOCKET", &names, "DefaultStage");
    }

    /// An API of the gateway's second version, and its stage, which without a name is called as `default` says.
    fn second_api(&mut self, protocol: &str, names: &[(&'static str, &'static str)], default: &str) {
        let (id, header) = (self.id().to_owned(), self.header());
        let mut attrs = self.properties(names);
        attrs.push(("ProtocolType", word(protocol, header)));
        self.make(&id, "AWS::ApiGatewayV2::Api", attrs);
        let names = [
            ("StageName", "StageName"),
            ("AccessLogSettings", "AccessLogSettings"),
            ("DefaultRouteSettings", "DefaultRouteSettings"),
            ("RouteSettings", "RouteSettings"),
            ("StageVariables", "StageVariables"),
        ];
        let mut attrs = self.properties(&names);
        attrs.push(("ApiId", self.reference(&id, "Ref", header)));
        let is_default = matches!(self.property("StageName").node, Node::Null);
        let address = if is_default { format!("{id}{default}") } else { self.stage("Stage") };
        self.make(&address, "AWS::ApiGatewayV2::Stage", attrs);
    }

    /// The address of a stage: the API's and the stage's names, the latter where it is a plain word.
    fn stage(&self, end: &str) -> String {
        let name = self.property("StageName").as_text().map(std::borrow::Cow::into_owned);
        let plain = name.filter(|name| name.chars().all(char::is_alphanumeric)).unwrap_or_default();
        format!("{}{plain}{end}", self.id())
    }

    /// `EndpointConfiguration`: a word, or a map with a `Type`.
    fn endpoint(&self) -> Value {
        let written = self.property("EndpointConfiguration");
        let kind = match &written.node {
            Node::Null => return written,
            Node::Map { .. } => taken(self.unknowns(), &written, "Type"),
            _ => written.clone(),
        };
        let types = if matches!(kind.node, Node::Null) { kind } else { Value::list(vec![kind.clone()], false, kind.place) };
        let ids = taken(self.unknowns(), &written, "VPCEndpointIds");
        let ids = if matches!(written.node, Node::Map { .. }) { ids } else { Value::null(written.place) };
        record(written.place, [("Types", types), ("VpcEndpointIds", ids)])
    }
}
