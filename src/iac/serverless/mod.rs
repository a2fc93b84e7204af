//! The Serverless Framework: a `serverless.yml` becomes the template that the framework makes of it, as far as policies
//! look, and that is evaluated as any other. Plugins are not known but the one for roles of single functions; what the
//! framework adds to a role for logs, scoped to the function's own, is left out.

mod variables;

use super::cloudformation;
use super::document::Source;
use super::evaluated::Evaluated;
use super::resource::Call;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::syntax::document::{Document, Node, NodeKind};

use variables::Variables;

const ROLE: &str = "IamRoleLambdaExecution";

/// The plugin without which the framework does not look at the statements of single functions.
const PER_FUNCTION: &str = "serverless-iam-roles-per-function";

/// Whether a document is a service on AWS.
pub(super) fn is_service(root: &Node) -> bool {
    let Some(provider) = root.get("provider") else { return false };
    let name = provider.get("name").unwrap_or(provider).as_str();
    name.as_deref() == Some("aws") && (root.get("service").is_some() || root.get("functions").is_some())
}

/// Evaluates a service.
pub(super) fn evaluate(source: &Source<'_>, document: &Document, wanted: &dyn Fn(&str) -> bool) -> Vec<Evaluated> {
    let mut variables = Variables::new(source, &document.root);
    let service = Service { plugin: plugin(&variables), variables: &variables, root: &document.root };
    let template = service.template();
    let (exhausted, troubles) = (variables.is_exhausted(), std::mem::take(&mut *variables.troubles.borrow_mut()));
    let mut evaluated = cloudformation::evaluate_made(source, &template, std::mem::take(&mut variables.unknowns), wanted);
    evaluated.exhausted |= exhausted;
    evaluated.troubles.extend(troubles);
    // A template of its own is judged where it lies, not here once more.
    evaluated.resources.retain(|resource| !variables.templates.borrow().contains(&resource.header.file));
    let here = document.root.entry("resources").map_or(document.root.span, |(key, _)| key.span);
    for resource in &mut evaluated.resources {
        if resource.header.file != document.input {
            resource.trace.push(Call { place: here, key: None, address: "resources".into() });
        }
    }
    vec![evaluated]
}

struct Service<'v> {
    variables: &'v Variables<'v>,
    root: &'v Node,
    plugin: Plugin,
}

/// Whether the plugin for roles of single functions is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plugin {
    Missing,
    /// The plugins are not known in full.
    Perhaps,
    There,
}

/// Looks for the plugin for roles of single functions in `plugins`: a list, or a map with one in `modules`.
fn plugin(variables: &Variables<'_>) -> Plugin {
    let Some(plugins) = variables.entry(&["plugins", "modules"]).or_else(|| variables.entry(&["plugins"])) else { return Plugin::Missing };
    let named = |node: &Node| node.as_str().is_some_and(|name| name.contains(PER_FUNCTION));
    match plugins.items() {
        items if items.iter().any(named) => Plugin::There,
        items if holds_hole(&plugins) || items.iter().any(holds_hole) => Plugin::Perhaps,
        _ => Plugin::Missing,
    }
}

impl Service<'_> {
    /// The template that the framework makes.
    fn template(&self) -> Node {
        let mut sections: [(&str, Vec<(Node, Node)>); 4] =
            [("Resources", Vec::new()), ("Parameters", Vec::new()), ("Mappings", Vec::new()), ("Conditions", Vec::new())];
        let functions = self.functions();
        let roles = self.roles(&functions);
        sections[0].1.extend(roles);
        for (key, function) in &functions {
            sections[0].1.extend(self.function(key, function));
        }
        if let Some(own) = self.variables.entry(&["resources"]) {
            let parts = if own.items().is_empty() { std::slice::from_ref(&own) } else { own.items() };
            for part in parts {
                for (name, entries) in &mut sections {
                    entries.extend(part.get(name).map(Node::entries).unwrap_or_default().iter().cloned());
                }
            }
        }
        let span = self.root.span;
        map(span, sections.map(|(name, entries)| (name, Some(node(NodeKind::Map(entries), span)))))
    }

    /// Functions by their names; a service may hold them in several maps.
    fn functions(&self) -> Vec<(Node, Node)> {
        let Some(all) = self.variables.entry(&["functions"]) else { return Vec::new() };
        let parts = if all.items().is_empty() { std::slice::from_ref(&all) } else { all.items() };
        parts.iter().flat_map(Node::entries).filter(|(key, _)| key.as_str().is_some()).cloned().collect()
    }

    /// The role that all functions have that name none, and those of single functions.
    fn roles(&self, functions: &[(Node, Node)]) -> Vec<(Node, Node)> {
        let mut roles = Vec::new();
        let of = |path: &[&str]| self.variables.entry(path);
        let shared = of(&["provider", "iam", "role"]).or_else(|| of(&["provider", "role"]));
        // A text names a role that is made elsewhere.
        let given = shared.as_ref().is_some_and(|role| role.as_str().is_some() || cloudformation::is_call(role));
        let statements =
            shared.as_ref().and_then(|role| role.get("statements").cloned()).or_else(|| of(&["provider", "iamRoleStatements"]));
        let own = |function: &Node| self.own_statements(function).filter(|_| function.get("role").is_none()).cloned();
        let shares = |function: &Node| function.get("role").is_none() && (own(function).is_none() || self.plugin == Plugin::Perhaps);
        if !given && functions.iter().any(|(_, function)| shares(function)) {
            let of_role = |name: &str| shared.as_ref().and_then(|role| role.get(name).cloned());
            let managed = of_role("managedPolicies").or_else(|| of(&["provider", "iamManagedPolicies"]));
            let boundary = of_role("permissionsBoundary")
                .or_else(|| of_role("permissionBoundary"))
                .or_else(|| of(&["provider", "rolePermissionsBoundary"]));
            let header =
                self.header(&[&["provider", "iam", "role"], &["provider", "iam"], &["provider", "iamRoleStatements"], &["provider"]]);
            roles.push(role(ROLE, header, statements.clone(), managed, boundary));
        }
        for (key, function) in functions {
            let Some(own) = own(function) else { continue };
            let inherits = function.get("iamRoleStatementsInherit").cloned().or_else(|| of(&["custom", PER_FUNCTION, "defaultInherit"]));
            let inherits = inherits.is_some_and(|node| node.kind == NodeKind::Bool(true));
            let inherited = statements.as_ref().filter(|_| inherits).map(Node::items).unwrap_or_default();
            let all = node(NodeKind::List(own.items().iter().chain(inherited).cloned().collect()), own.span);
            let name = format!("{}{ROLE}", normalized(key));
            roles.push(role(&name, key.span, Some(all), None, None));
        }
        roles
    }

    /// The statements that a function's own role has, where there is who makes one of them.
    fn own_statements<'f>(&self, function: &'f Node) -> Option<&'f Node> {
        function.get("iamRoleStatements").filter(|_| self.plugin != Plugin::Missing)
    }

    /// The nearest key that is there of several, to point at.
    fn header(&self, paths: &[&[&str]]) -> Span {
        let key = |path: &&&[&str]| {
            let mut found = (self.root, None);
            for name in **path {
                let (key, value) = found.0.entry(name)?;
                found = (value, Some(key.span));
            }
            found.1
        };
        paths.iter().find_map(|path| key(&path)).unwrap_or(self.root.span)
    }

    /// A function, and the address of its own that it may have.
    fn function(&self, key: &Node, function: &Node) -> Vec<(Node, Node)> {
        let (header, name) = (key.span, normalized(key));
        let id = format!("{name}LambdaFunction");
        let shared = |name: &str| self.variables.entry(&["provider", name]);
        let either = |name: &str| function.get(name).cloned().or_else(|| shared(name));
        let environment = merged(shared("environment"), function.get("environment").cloned(), header);
        let tracing = function.get("tracing").cloned().or_else(|| self.variables.entry(&["provider", "tracing", "lambda"]));
        let role = match function.get("role").cloned().or_else(|| shared("role")) {
            Some(role) => role,
            None if self.own_statements(function).is_some() => arn(&format!("{name}{ROLE}"), header),
            None => arn(ROLE, header),
        };
        let properties = map(
            header,
            [
                ("FunctionName", function.get("name").cloned()),
                ("Runtime", either("runtime")),
                ("Handler", function.get("handler").cloned()),
                ("Timeout", either("timeout")),
                ("MemorySize", either("memorySize")),
                ("KmsKeyArn", either("kmsKeyArn")),
                ("Layers", either("layers")),
                ("ReservedConcurrentExecutions", function.get("reservedConcurrency").cloned()),
                ("Role", Some(role)),
                ("TracingConfig", tracing.map(traced)),
                (
                    "VpcConfig",
                    either("vpc").map(|vpc| renamed(&vpc, &[("securityGroupIds", "SecurityGroupIds"), ("subnetIds", "SubnetIds")])),
                ),
                ("Environment", environment.map(|variables| map(variables.span, [("Variables", Some(variables))]))),
            ],
        );
        let mut made = vec![resource(&id, "AWS::Lambda::Function", properties, header)];
        if let Some(url) = function.get("url").filter(|url| !matches!(url.kind, NodeKind::Bool(false) | NodeKind::Null)) {
            made.extend(self::url(&name, &id, url, function));
        }
        made
    }
}

/// An address of its own for a function: everybody may call it, unless callers must be of the account.
fn url(name: &str, id: &str, url: &Node, function: &Node) -> Vec<(Node, Node)> {
    let key = function.entry("url").map_or(url.span, |(key, _)| key.span);
    let authorizer = url.get("authorizer");
    let place = authorizer.map_or(url.span, |node| node.span);
    let auth = match authorizer {
        Some(other) if other.as_str().as_deref() == Some("aws_iam") => word("AWS_IAM", place),
        // A variable without a value.
        Some(unknown) if holds_hole(unknown) => unknown.clone(),
        _ => word("NONE", place),
    };
    let public = auth.as_str().as_deref() == Some("NONE");
    let function = || Some(map(key, [("Ref", Some(word(id, key)))]));
    let properties = map(place, [("AuthType", Some(auth)), ("TargetFunctionArn", function()), ("Cors", url.get("cors").cloned())]);
    let mut made = vec![resource(&format!("{id}Url"), "AWS::Lambda::Url", properties, key)];
    if public {
        let permission = map(
            place,
            [
                ("Action", Some(word("lambda:InvokeFunctionUrl", place))),
                ("FunctionName", function()),
                ("Principal", Some(word("*", place))),
                ("FunctionUrlAuthType", Some(word("NONE", place))),
            ],
        );
        made.push(resource(&format!("{name}LambdaPermissionFnUrl"), "AWS::Lambda::Permission", permission, key));
    }
    made
}

fn role(id: &str, header: Span, statements: Option<Node>, managed: Option<Node>, boundary: Option<Node>) -> (Node, Node) {
    let place = statements.as_ref().map_or(header, |node| node.span);
    let trusted = map(
        header,
        [
            ("Effect", Some(word("Allow", header))),
            ("Principal", Some(map(header, [("Service", Some(word("lambda.amazonaws.com", header)))]))),
            ("Action", Some(word("sts:AssumeRole", header))),
        ],
    );
    let policy = statements.map(|statements| {
        let document = map(place, [("Version", Some(word("2012-10-17", place))), ("Statement", Some(statements))]);
        node(NodeKind::List(vec![map(place, [("PolicyName", Some(word(id, place))), ("PolicyDocument", Some(document))])]), place)
    });
    let properties = map(
        header,
        [
            (
                "AssumeRolePolicyDocument",
                Some(map(
                    header,
                    [("Version", Some(word("2012-10-17", header))), ("Statement", Some(node(NodeKind::List(vec![trusted]), header)))],
                )),
            ),
            ("Policies", policy),
            ("ManagedPolicyArns", managed),
            ("PermissionsBoundary", boundary),
        ],
    );
    resource(id, "AWS::IAM::Role", properties, header)
}

/// `true` is `Active`.
fn traced(tracing: Node) -> Node {
    let place = tracing.span;
    let mode = match tracing.kind {
        NodeKind::Bool(active) => word(if active { "Active" } else { "PassThrough" }, place),
        _ => tracing,
    };
    map(place, [("Mode", Some(mode))])
}

/// The variables of a service and of a function, the latter's first in rank.
fn merged(shared: Option<Node>, own: Option<Node>, place: Span) -> Option<Node> {
    match (shared, own) {
        (Some(shared), Some(own)) if !shared.entries().is_empty() && !own.entries().is_empty() => {
            // Of a key that is there twice, the last one holds.
            Some(node(NodeKind::Map(shared.entries().iter().chain(own.entries()).cloned().collect()), place))
        }
        (shared, own) => own.or(shared),
    }
}

fn renamed(of: &Node, names: &[(&str, &str)]) -> Node {
    if of.entries().is_empty() {
        return of.clone();
    }
    map(of.span, names.iter().map(|(from, to)| (*to, of.get(from).cloned())))
}

/// The name of a function in logical ids.
fn normalized(key: &Node) -> String {
    let name = key.as_str().unwrap_or_default().replace('-', "Dash").replace('_', "Underscore");
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn arn(id: &str, place: Span) -> Node {
    let parts = vec![word(id, place), word("Arn", place)];
    map(place, [("Fn::GetAtt", Some(node(NodeKind::List(parts), place)))])
}

fn holds_hole(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Text(text) if text.holes().next().is_some())
}

fn resource(id: &str, kind: &str, properties: Node, header: Span) -> (Node, Node) {
    (word(id, header), map(header, [("Type", Some(word(kind, header))), ("Properties", Some(properties))]))
}

fn node(kind: NodeKind, span: Span) -> Node {
    Node { kind, span, tag: None }
}

fn word(word: &str, place: Span) -> Node {
    node(NodeKind::Text(Text::within(word.as_bytes(), place)), place)
}

/// A map of what is there, each key where its value stands.
fn map<'k>(span: Span, entries: impl IntoIterator<Item = (&'k str, Option<Node>)>) -> Node {
    let there = entries.into_iter().filter_map(|(key, value)| value.map(|value| (word(key, value.span), value)));
    node(NodeKind::Map(there.collect()), span)
}

#[cfg(test)]
mod tests;
