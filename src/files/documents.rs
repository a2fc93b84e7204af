//! Readers of documents, JSON and YAML: every text under a key, with the way to it.

use std::ops::Range;

use super::Unread;
use super::credentials::Setting;
use crate::base::span::FileId;
use crate::base::text_map::Text;
use crate::secret::setting::{Worth, credential, worth};
use crate::syntax::document::{Node, NodeKind, SyntaxError};
use crate::syntax::{json, loose, yaml};

impl From<SyntaxError> for Unread {
    fn from(error: SyntaxError) -> Unread {
        Unread { message: error.message, limit: error.limit }
    }
}

/// All texts of a JSON file. What no parser takes is read as pairs: no value is lost, only the way to it.
pub(super) fn json(bytes: &[u8]) -> Vec<Setting> {
    let Ok(document) = json::parse(FileId(0), bytes) else { return pairs(bytes) };
    let mut found = Vec::new();
    walk(&document.root, "", "", &mut found);
    found
}

/// All texts of all documents of a YAML file; a template that only becomes YAML is read as pairs.
pub(super) fn yaml(bytes: &[u8]) -> Vec<Setting> {
    let Ok(documents) = yaml::parse(FileId(0), bytes) else { return pairs(bytes) };
    let mut found = Vec::new();
    for document in documents.iter().filter(|document| !is_sealed(&document.root)) {
        walk(&document.root, "", "", &mut found);
    }
    found
}

/// What sops encrypted names sops.
fn is_sealed(root: &Node) -> bool {
    root.get("sops").is_some_and(|sops| sops.get("mac").is_some())
}

fn pairs(bytes: &[u8]) -> Vec<Setting> {
    let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    loose::pairs(bytes).into_iter().map(|pair| Setting::new(text(pair.key), pair.value)).collect()
}

/// What Docker signs in to registries with: `auths.<registry>.auth` is `user:password` in base64, as
/// <https://docs.docker.com/reference/cli/docker/login/> says.
pub(super) fn docker(bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
    let document = json::parse(FileId(0), bytes)?;
    let registries = document.root.get("auths").unwrap_or(&document.root);
    let mut found = Vec::new();
    for (registry, login) in registries.entries() {
        let registry = registry.as_str().unwrap_or_default();
        for (key, value) in login.entries() {
            let (Some(key), NodeKind::Text(text)) = (key.as_str(), &value.kind) else { continue };
            let password = || String::from_utf8(decoded(text.bytes())?).ok()?.split_once(':').map(|(_, password)| password.to_owned());
            let is_login = match &*key {
                "auth" => password().is_some_and(|password| worth(&password) == Worth::Secret),
                "identitytoken" | "registrytoken" | "password" => true,
                _ => false,
            };
            found.extend(place(text).filter(|_| is_login).map(|value| Setting {
                key: format!("{key} of {registry}"),
                path: format!("{registry}/{key}"),
                value,
            }));
        }
    }
    Ok(found)
}

/// The values of Kubernetes Secrets: `stringData` as it stands, `data` in base64, judged by what it decodes to.
/// <https://kubernetes.io/docs/concepts/configuration/secret/>
pub(super) fn kubernetes(bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
    let documents = match yaml::parse(FileId(0), bytes) {
        Ok(documents) => documents,
        // A chart's template: its values stand elsewhere.
        Err(_) if memchr::memmem::find(bytes, b"{{").is_some() => return Ok(pairs(bytes)),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for root in documents.iter().map(|document| &document.root) {
        let items = root.get("items").map_or(&[][..], Node::items);
        std::iter::once(root).chain(items).for_each(|object| secret(object, &mut found));
    }
    Ok(found)
}

fn secret(object: &Node, found: &mut Vec<Setting>) {
    if object.get("kind").and_then(Node::as_str).as_deref() != Some("Secret") || is_sealed(object) {
        return;
    }
    if let Some(plain) = object.get("stringData") {
        walk(plain, "", "stringData", found);
    }
    for (key, value) in object.get("data").map_or(&[][..], Node::entries) {
        let (Some(key), NodeKind::Text(text)) = (key.as_str(), &value.kind) else { continue };
        let is_real = |plain: &[u8]| credential(&key, plain, 0).is_some() || is_login(&key, plain);
        if decoded(text.bytes()).is_some_and(|plain| is_real(&plain)) {
            found.extend(place(text).map(|value| Setting { path: format!("data/{key}"), key: key.into_owned(), value }));
        }
    }
}

/// What images are pulled with is a file of Docker's in a value.
fn is_login(key: &str, plain: &[u8]) -> bool {
    matches!(key, ".dockerconfigjson" | ".dockercfg") && docker(plain).is_ok_and(|logins| !logins.is_empty())
}

/// As deep as the parsers let a document be. What stands in a list is called as the list is.
fn walk(node: &Node, key: &str, path: &str, found: &mut Vec<Setting>) {
    match &node.kind {
        NodeKind::Map(entries) => {
            for (name, value) in entries {
                let name = match &name.kind {
                    NodeKind::Text(text) => text.to_str(),
                    _ => continue,
                };
                let name = cut(&name, MAX_KEY);
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                walk(value, name, cut(&path, MAX_PATH), found);
            }
        }
        NodeKind::List(items) => items.iter().for_each(|item| walk(item, key, path, found)),
        // A tag says that the text is something else: `!vault`, `!Ref`, `!env`.
        NodeKind::Text(text) | NodeKind::Number(_, text) if !key.is_empty() && node.tag.is_none() => {
            found.extend(place(text).map(|value| Setting { key: key.to_owned(), path: path.to_owned(), value }));
        }
        _ => {}
    }
}

/// Bytes of a name, and of the way to a value, that are kept: a million values may stand below one long name.
const MAX_KEY: usize = 64;
const MAX_PATH: usize = 256;

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

fn place(text: &Text) -> Option<Range<usize>> {
    let span = text.span(0..text.len())?;
    Some(span.start as usize..span.end as usize)
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    data_encoding::BASE64_NOPAD.decode(&packed).ok()
}
