//! Readers of what infrastructure is deployed with, and of what the tools write down of it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Unread;
use super::connection::{self, opened};
use super::credentials::Setting;
use super::documents::{self, cut, pairs, place, told_pairs, whole};
use crate::base::span::FileId;
use crate::base::text_map::Text;
use crate::secret::setting::{Worth, is_chance, literal, tells, worth};
use crate::syntax::document::{Node, NodeKind};
use crate::syntax::hcl::{self, Expr, ExprKind, Part};
use crate::syntax::{json, yaml};

/// Bytes of a name, and of the way to a value.
const MAX_KEY: usize = 120;
const MAX_PATH: usize = 256;

/// Attributes that are secrets of whatever has them.
const SECRETS: &[&str] = &[
    "private_key",
    "private_key_pem",
    "private_key_pem_pkcs8",
    "private_key_openssh",
    "ses_smtp_password",
    "ses_smtp_password_v4",
    "secret_string",
    "primary_connection_string",
    "secondary_connection_string",
    "primary_blob_connection_string",
    "secondary_blob_connection_string",
    "kube_config_raw",
    "kube_admin_config_raw",
    "client_key",
    "secret_access_key",
];
/// Those that are where they look like chance.
const KEYS: &[&str] = &[
    "primary_access_key",
    "secondary_access_key",
    "primary_key",
    "secondary_key",
    "shared_key",
    "primary_shared_key",
    "secondary_shared_key",
];

/// The secret attributes of types that call them otherwise.
fn is_secret_of(kind: &str, name: &str) -> bool {
    matches!(
        (kind, name),
        ("aws_iam_access_key", "secret")
            | ("random_password", "result" | "bcrypt_hash")
            | ("azuread_application_password" | "azuread_service_principal_password" | "azurerm_key_vault_secret", "value")
            | ("vault_generic_secret" | "vault_kv_secret" | "vault_kv_secret_v2", "data_json")
            | ("google_secret_manager_secret_version", "secret_data")
            | ("github_actions_secret" | "github_actions_organization_secret", "plaintext_value")
            | ("digitalocean_spaces_key", "secret_key")
    )
}

/// The secrets in a state of Terraform or OpenTofu, each under the address of its resource: what the state says is
/// sensitive, and what an attribute's name says.
/// <https://developer.hashicorp.com/terraform/language/state/sensitive-data>
pub(super) fn tfstate(bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
    let Some(document) = whole(bytes)? else { return Ok(told_pairs(bytes)) };
    let root = &document.root;
    let mut found = Vec::new();
    outputs(root, &mut found);
    for resource in items(root, "resources") {
        let kind = text(resource, "type");
        let module = text(resource, "module");
        let dot = if module.is_empty() { "" } else { "." };
        let address = format!("{module}{dot}{kind}.{}", text(resource, "name"));
        for instance in items(resource, "instances") {
            let sensitive: BTreeSet<String> = items(instance, "sensitive_attributes").iter().map(names_of).collect();
            for attributes in ["attributes", "attributes_flat"] {
                let Some(attributes) = instance.get(attributes) else { continue };
                let mut state = State { kind: &kind, address: &address, sensitive: &sensitive, found: &mut found };
                state.walk(attributes, "", "", false);
            }
        }
    }
    // Up to version 3.
    for module in items(root, "modules") {
        outputs(module, &mut found);
        for (address, resource) in module.get("resources").map_or(&[][..], Node::entries) {
            let Some(attributes) = resource.get("primary").and_then(|primary| primary.get("attributes")) else { continue };
            let (kind, address) = (text(resource, "type"), address.as_str().unwrap_or_default());
            let mut state = State { kind: &kind, address: &address, sensitive: &BTreeSet::new(), found: &mut found };
            state.walk(attributes, "", "", false);
        }
    }
    Ok(found)
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[], Node::items)
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).map(|text| cut(&text, MAX_PATH).to_owned()).unwrap_or_default()
}

fn outputs(node: &Node, found: &mut Vec<Setting>) {
    for (name, output) in node.get("outputs").map_or(&[][..], Node::entries) {
        let (Some(name), Some(value)) = (name.as_str(), output.get("value")) else { continue };
        let name = cut(&name, MAX_KEY);
        let is_sensitive = matches!(output.get("sensitive"), Some(Node { kind: NodeKind::Bool(true), .. }));
        let mut state = State { kind: "", address: "output", sensitive: &BTreeSet::new(), found };
        state.walk(value, name, name, is_sensitive);
    }
}

/// `[{"type": "get_attr", "value": "setting"}, {"type": "index", …}, …]` as `setting/…`.
fn names_of(way: &Node) -> String {
    let names = way.items().iter().filter(|step| text(step, "type") == "get_attr").map(|step| text(step, "value"));
    names.collect::<Vec<_>>().join("/")
}

struct State<'s> {
    kind: &'s str,
    address: &'s str,
    sensitive: &'s BTreeSet<String>,
    found: &'s mut Vec<Setting>,
}

impl State<'_> {
    /// As deep as the parser lets a document be.
    fn walk(&mut self, node: &Node, name: &str, path: &str, is_sensitive: bool) {
        let is_sensitive = is_sensitive || self.sensitive.contains(path);
        match &node.kind {
            NodeKind::Map(entries) => {
                for (key, value) in entries {
                    let Some(key) = key.as_str() else { continue };
                    let key = cut(&key, MAX_KEY);
                    let path = if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
                    // The states of old have one long key: `setting.0.value`.
                    let is_index = |part: &&str| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit());
                    let name = key.rsplit('.').find(is_index).unwrap_or(key);
                    self.walk(value, name, cut(&path, MAX_PATH), is_sensitive);
                }
            }
            NodeKind::List(items) => items.iter().for_each(|item| self.walk(item, name, path, is_sensitive)),
            NodeKind::Text(value) | NodeKind::Number(_, value) if !name.is_empty() => {
                let is_text = matches!(node.kind, NodeKind::Text(_));
                let Some(part) = self.secret(name, value, is_sensitive && is_text) else { return };
                let key = format!("{}.{}", self.address, path.replace('/', "."));
                let key = cut(&key, MAX_KEY).to_owned();
                self.found.extend(value.span(part).map(|span| Setting { key, path: path.to_owned(), value: span.range() }));
            }
            _ => {}
        }
    }

    /// The part of an attribute's value that is a secret.
    fn secret(&self, name: &str, value: &Text, is_sensitive: bool) -> Option<Range<usize>> {
        let bytes = value.bytes();
        // For the key of a person: nobody else can read it.
        if name.starts_with("encrypted_") || bytes.is_empty() {
            return None;
        }
        let text = value.to_str();
        let is_known = SECRETS.contains(&name) || is_secret_of(self.kind, name) || KEYS.contains(&name) && is_chance(&text);
        if is_known || is_sensitive {
            return (worth(&text) == Worth::Secret).then_some(0..bytes.len());
        }
        connection::password(bytes).or_else(|| literal(name, bytes))
    }
}

/// The values of Terraform's variables, in its language or as JSON. What the reader does not take is read as pairs.
pub(super) fn tfvars(bytes: &[u8]) -> Vec<Setting> {
    let mut found = variables(bytes);
    found.retain(|setting| {
        let value = bytes.get(setting.value.clone()).unwrap_or_default();
        // Most keys only name what they stand for: of a KMS, of an object, of a table.
        let key = setting.key.to_ascii_lowercase();
        !key.contains("key") || tells(&key) || literal(&setting.key, value).is_some()
    });
    found
}

fn variables(bytes: &[u8]) -> Vec<Setting> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return documents::json(bytes);
    }
    let parsed = hcl::parse(FileId(0), bytes);
    if !parsed.broken.is_empty() {
        return opened(bytes, pairs(bytes));
    }
    let mut found = Vec::new();
    for attribute in &parsed.body.attributes {
        let name = cut(&attribute.name, MAX_KEY);
        values(&attribute.value, name, name, &mut found);
    }
    opened(bytes, found)
}

/// As deep as the reader lets a source be.
fn values(value: &Expr, name: &str, path: &str, found: &mut Vec<Setting>) {
    match &value.kind {
        ExprKind::Object(entries) => {
            for (key, value) in entries {
                let key = match &key.kind {
                    ExprKind::Reference(name, steps) if steps.is_empty() => name.to_string(),
                    _ => key.literal().map(|text| text.to_str().into_owned()).unwrap_or_default(),
                };
                let (key, path) = (cut(&key, MAX_KEY), format!("{path}/{key}"));
                values(value, key, cut(&path, MAX_PATH), found);
            }
        }
        ExprKind::List(items) => items.iter().for_each(|item| values(item, name, path, found)),
        ExprKind::Template(parts) => {
            if let [Part::Literal(text)] = parts.as_slice() {
                found.extend(place(text).map(|value| Setting { key: name.to_owned(), path: path.to_owned(), value }));
            }
        }
        _ => {}
    }
}

/// Values that stand beside their name or below it, as parameters of CloudFormation and of Azure do:
/// `{"ParameterKey": "Password", "ParameterValue": …}`, `{"name": …, "value": …}`, `{"password": {"value": …}}`.
pub(super) fn parameters(bytes: &[u8]) -> Vec<Setting> {
    let mut found = Vec::new();
    if let Ok(document) = json::parse(FileId(0), bytes) {
        named(&document.root, "", "", &mut found);
    } else if let Ok(documents) = yaml::parse(FileId(0), bytes) {
        for document in &documents {
            named(&document.root, "", "", &mut found);
        }
    } else {
        found = pairs(bytes);
    }
    opened(bytes, found)
}

/// The names of a name and of its value.
const NAMED: &[(&str, &str)] =
    &[("ParameterKey", "ParameterValue"), ("name", "value"), ("Name", "Value"), ("key", "value"), ("Key", "Value")];

fn named(node: &Node, key: &str, path: &str, found: &mut Vec<Setting>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match &node.kind {
        NodeKind::Map(entries) => {
            let beside = NAMED.iter().find_map(|(name, value)| {
                let (name, value_name) = (node.get(name)?.as_str()?, *value);
                Some((cut(&name, MAX_KEY).to_owned(), value_name)).filter(|_| node.get(value_name).is_some())
            });
            for (name, value) in entries {
                let Some(name) = name.as_str() else { continue };
                let name = match &beside {
                    Some((told, value_name)) if name == *value_name => told.as_str(),
                    _ if name.eq_ignore_ascii_case("value") && !key.is_empty() => key,
                    _ => cut(&name, MAX_KEY),
                };
                named(value, name, cut(&below(name), MAX_PATH), found);
            }
        }
        NodeKind::List(items) => items.iter().for_each(|item| named(item, key, path, found)),
        NodeKind::Text(text) | NodeKind::Number(_, text) if !key.is_empty() && node.tag.is_none() => {
            found.extend(place(text).map(|value| Setting { key: key.to_owned(), path: path.to_owned(), value }));
        }
        _ => {}
    }
}

/// What SAM deploys a stack with: `parameter_overrides = "A=b C=\"d\""`, a list of such, or `ParameterKey=A,ParameterValue=b`.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>
pub(super) fn samconfig(bytes: &[u8]) -> Vec<Setting> {
    const NAME: &[u8] = b"parameter_overrides";
    let mut found = Vec::new();
    let mut end = 0;
    for at in memchr::memmem::find_iter(bytes, NAME) {
        if at < end {
            continue;
        }
        let Some(from) = memchr::memchr(b'=', &bytes[at..]).map(|sign| at + sign + 1) else { break };
        end = overrides_end(bytes, from);
        overrides(bytes, from..end, &mut found);
    }
    found
}

/// A text ends with its line, a list with its bracket.
fn overrides_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    let text = rest.trim_ascii_start();
    let close: &[u8] = match text {
        [b'"', b'"', b'"', ..] => b"\"\"\"",
        [b'\'', b'\'', b'\'', ..] => b"'''",
        [b'[', ..] => b"]\n",
        _ => b"\n",
    };
    let start = from + (rest.len() - text.len()) + close.len().min(text.len());
    let start = if matches!(close, b"\n" | b"]\n") { from } else { start };
    memchr::memmem::find(&bytes[start..], close).map_or(bytes.len(), |at| start + at)
}

fn overrides(bytes: &[u8], region: Range<usize>, found: &mut Vec<Setting>) {
    let mut at = region.start;
    let mut told = None;
    while let Some(sign) = memchr::memchr(b'=', &bytes[at..region.end]).map(|sign| at + sign) {
        let length = bytes[at..sign].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = String::from_utf8_lossy(&bytes[sign - length.min(MAX_KEY)..sign]).into_owned();
        let rest = &bytes[sign + 1..region.end];
        let open = rest.iter().take_while(|byte| matches!(byte, b'\\' | b'"' | b'\'')).count();
        let is_end = |byte: &u8| match open {
            0 => byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'') || name == "ParameterKey" && *byte == b',',
            _ => matches!(byte, b'\\' | b'"' | b'\''),
        };
        let length = rest[open..].iter().position(is_end).unwrap_or(rest.len() - open);
        let value = sign + 1 + open..sign + 1 + open + length;
        at = value.end;
        match &*name {
            "ParameterKey" => told = Some(String::from_utf8_lossy(&bytes[value.start..value.end.min(value.start + MAX_KEY)]).into_owned()),
            "ParameterValue" => found.extend(told.take().map(|name| Setting::new(name, value))),
            _ => found.push(Setting::new(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Vec<Setting>, text: &str) -> Vec<(String, String)> {
        found.into_iter().map(|setting| (setting.key, text[setting.value].to_owned())).collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_state_names_the_resource_of_each_secret() {
        let text = r#"{"version": 4, "resources": [{"module": "module.db", "type": "aws_db_instance", "name": "main", "instances": [
            {"attributes": {"password": "Winter2024!", "port": 5432, "tags": {"token": "blue-green"}, "list": [{"a": "Summer2024!", "b": "x123"}]},
             "sensitive_attributes": [[{"type": "get_attr", "value": "list"}, {"type": "index", "value": {}}, {"type": "get_attr", "value": "a"}]]}]}]}"#;
        let want =
            [pair("module.db.aws_db_instance.main.password", "Winter2024!"), pair("module.db.aws_db_instance.main.list.a", "Summer2024!")];
        assert_eq!(told(tfstate(text.as_bytes()).expect("read"), text), want);
    }

    #[test]
    fn a_broken_state_is_read_as_pairs() {
        let text = "{\"version\": 4, \"resources\": [{\"password\": \"Winter2024!\", \"name\": \"db-2024\"";
        assert_eq!(told(tfstate(text.as_bytes()).expect("read"), text), [pair("password", "Winter2024!")]);
    }

    #[test]
    fn variables_are_read_below_their_names() {
        // gatepost: ignore[connection-string-password] made up for an example
        let text = "a = 1\ndb = { \"password\" = \"Winter2024!\", b = \"y\" }\nurls = [\"Server=db;Password=Summer2024!\"]\n";
        let want = [pair("password", "Winter2024!"), pair("b", "y"), pair("urls password", "Summer2024!")];
        assert_eq!(told(tfvars(text.as_bytes()), text), want);
    }

    #[test]
    fn overrides_in_each_spelling() {
        for text in [
            "parameter_overrides = \"A=\\\"b c\\\" D=e\"\nx = \"F=g\"\n",
            "parameter_overrides = [\n \"A=b c\",\n \"D=e\",\n]\nx = \"F=g\"\n",
            "parameter_overrides = \"\"\"\nA='b c'\nD=e\n\"\"\"\nx = \"F=g\"\n",
            "parameter_overrides=\"ParameterKey=A,ParameterValue='b c' ParameterKey=D,ParameterValue=e\"",
        ] {
            let found = told(samconfig(text.as_bytes()), text);
            assert!(found.iter().map(|(key, _)| key.as_str()).eq(["A", "D"]), "{text}: {found:?}");
            assert_eq!(found[1].1, "e", "{text}");
        }
    }

    /// Work is what the bytes are, however they repeat.
    #[test]
    fn hostile_files_end() {
        let many = |text: &str| text.repeat(200_000);
        for text in [many("parameter_overrides"), many("parameter_overrides="), many("parameter_overrides=[A="), many("A=\\\"")] {
            let _ = samconfig(text.as_bytes());
        }
        let name = "n".repeat(100_000);
        let values = "{\"a\":\"b\"},".repeat(50_000);
        let text = format!(
            "{{\"resources\":[{{\"type\":\"{name}\",\"name\":\"{name}\",\"instances\":[{{\"attributes\":{{\"{name}\":[{values}0]}}}}]}}]}}"
        );
        assert!(tfstate(text.as_bytes()).expect("read").is_empty());
        assert_eq!(parameters(text.as_bytes()).iter().filter(|setting| setting.path.len() > MAX_PATH).count(), 0);
        let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(tfstate(deep.as_bytes()).is_ok_and(|found| found.is_empty()));
        let _ = parameters(deep.as_bytes());
    }
}
