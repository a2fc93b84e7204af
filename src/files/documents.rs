//! Readers of documents, JSON and YAML: every text under a key, with the way to it.

use std::ops::Range;

use super::Unread;
use super::connection::opened;
use super::credentials::Setting;
use crate::base::span::FileId;
use crate::base::text_map::Text;
use crate::secret::setting::{Worth, credential, literal, worth};
use crate::syntax::document::{Document, Node, NodeKind};
use crate::syntax::{json, loose, yaml};

/// A JSON file that is read by its structure; none where it is broken.
///
/// # Errors
/// Where a limit of ours was met.
pub(super) fn whole(bytes: &[u8]) -> Result<Option<Document>, Unread> {
    match json::parse(FileId(0), bytes) {
        Ok(document) => Ok(Some(document)),
        Err(error) if error.limit => Err(Unread { message: error.message, limit: true }),
        Err(_) => Ok(None),
    }
}

/// Pairs that are a secret by their key and by their value: all that is left of a document that is broken.
pub(super) fn told_pairs(bytes: &[u8]) -> Vec<Setting> {
    // `$password := …` is a variable of a template.
    let is_name = |setting: &Setting| !setting.key.starts_with('$');
    let is_told = |setting: &Setting| bytes.get(setting.value.clone()).is_some_and(|value| literal(&setting.key, value).is_some());
    pairs(bytes).into_iter().filter(is_name).filter(is_told).collect()
}

/// All texts of a JSON file. What no parser takes is read as pairs: no value is lost, only the way to it.
pub(super) fn json(bytes: &[u8]) -> Vec<Setting> {
    let Ok(document) = json::parse(FileId(0), bytes) else { return opened(bytes, pairs(bytes)) };
    let mut found = Vec::new();
    walk(&document.root, "", "", &mut found);
    opened(bytes, found)
}

/// All texts of all documents of a YAML file; a template that only becomes YAML is read as pairs.
pub(super) fn yaml(bytes: &[u8]) -> Vec<Setting> {
    let Ok(documents) = yaml::parse(FileId(0), bytes) else { return opened(bytes, pairs(bytes)) };
    let mut found = Vec::new();
    for document in documents.iter().filter(|document| !is_sealed(&document.root)) {
        walk(&document.root, "", "", &mut found);
    }
    opened(bytes, found)
}

/// The same for Rails: what only the tests use is no secret, nor is the key that every clone makes cookies with in
/// development. <https://guides.rubyonrails.org/security.html#custom-credentials>
pub(super) fn rails(bytes: &[u8]) -> Vec<Setting> {
    let is_local = |path: &str, key: &str| path.starts_with("test/") || path.starts_with("development/") && key == "secret_key_base";
    yaml(bytes).into_iter().filter(|setting| !is_local(&setting.path, &setting.key)).collect()
}

/// What sops encrypted names sops.
fn is_sealed(root: &Node) -> bool {
    root.get("sops").is_some_and(|sops| sops.get("mac").is_some())
}

/// The credentials of Google's: a key in PEM, and words without a blank; in a translation the same keys have sentences.
pub(super) fn google(bytes: &[u8]) -> Vec<Setting> {
    let is_real = |setting: &Setting| {
        let value = bytes.get(setting.value.clone()).unwrap_or_default();
        match &*setting.key {
            "private_key" => memchr::memmem::find(value, b"PRIVATE KEY").is_some(),
            _ => value.len() >= 12 && !value.iter().any(u8::is_ascii_whitespace),
        }
    };
    json(bytes).into_iter().filter(is_real).collect()
}

/// What the Serverless Framework deploys. That of AWS is judged by what it becomes.
pub(super) fn serverless(bytes: &[u8]) -> Vec<Setting> {
    let found = yaml(bytes);
    let is_aws = found.iter().any(|setting| setting.path == "provider/name" && bytes.get(setting.value.clone()) == Some(&b"aws"[..]));
    let is_variable = |setting: &Setting| setting.path.contains("/environment/") || setting.path.starts_with("provider/environment");
    found.into_iter().filter(|setting| !(is_aws && is_variable(setting))).collect()
}

/// What DBeaver keeps its passwords in: AES with a key that its source tells, behind 16 bytes to start from. Nothing of
/// it can be read, and no text has its shape.
/// <https://dbeaver.com/docs/dbeaver/Admin-Manage-Connections/>
pub(super) fn dbeaver(bytes: &[u8]) -> Vec<Setting> {
    let is_encrypted = bytes.len() >= 32 && bytes.len().is_multiple_of(16) && std::str::from_utf8(bytes).is_err();
    is_encrypted.then(|| Setting::new("all of it".to_owned(), 0..bytes.len())).into_iter().collect()
}

/// What no parser takes.
pub(super) fn pairs(bytes: &[u8]) -> Vec<Setting> {
    let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    loose::pairs(bytes).into_iter().map(|pair| Setting::new(text(pair.key), pair.value)).collect()
}

/// What Docker signs in to registries with: `auths.<registry>.auth` is `user:password` in base64, as
/// <https://docs.docker.com/reference/cli/docker/login/> says; without `auths` in files of old. As the value of a Secret
/// the whole file stands in base64 once more.
pub(super) fn docker(bytes: &[u8]) -> Vec<Setting> {
    if let Some(plain) = decoded(bytes) {
        let is_told = !bytes.is_empty() && !logins(&plain).is_empty();
        let start = bytes.len() - bytes.trim_ascii_start().len();
        let whole = || Setting::new(".dockerconfigjson".to_owned(), start..start + bytes.trim_ascii().len());
        return is_told.then(whole).into_iter().collect();
    }
    logins(bytes)
}

fn logins(bytes: &[u8]) -> Vec<Setting> {
    // There are many files of that name, and few of Docker's.
    if memchr::memmem::find(bytes, b"auth").is_none() && memchr::memmem::find(bytes, b"token").is_none() {
        return Vec::new();
    }
    let Ok(document) = json::parse(FileId(0), bytes) else {
        let is_told = |setting: &Setting| setting.key == "auth" && bytes.get(setting.value.clone()).is_some_and(is_basic);
        return pairs(bytes).into_iter().filter(is_told).collect();
    };
    let auths = document.root.get("auths");
    let mut found = Vec::new();
    for (registry, login) in auths.unwrap_or(&document.root).entries() {
        let registry = registry.as_str().unwrap_or_default();
        let registry = cut(&registry, MAX_KEY);
        for (key, value) in login.entries() {
            let (Some(key), NodeKind::Text(text)) = (key.as_str(), &value.kind) else { continue };
            let is_login = match &*key {
                "auth" => is_basic(text.bytes()),
                "identitytoken" | "registrytoken" | "password" => auths.is_some(),
                _ => false,
            };
            found.extend(place(text).filter(|_| is_login).map(|value| Setting {
                key: format!("{key} of {registry}"),
                path: format!("{registry}/{key}"),
                value,
            }));
        }
    }
    found
}

/// `user:password` in base64, with a password that is one.
fn is_basic(packed: &[u8]) -> bool {
    let password = || String::from_utf8(decoded(packed)?).ok()?.split_once(':').map(|(_, password)| password.to_owned());
    password().is_some_and(|password| worth(&password) == Worth::Secret)
}

/// The values of Kubernetes Secrets: `stringData` as it stands, `data` in base64, judged by what it decodes to.
/// <https://kubernetes.io/docs/concepts/configuration/secret/>
pub(super) fn kubernetes(bytes: &[u8]) -> Vec<Setting> {
    let Ok(documents) = yaml::parse(FileId(0), bytes) else {
        // A chart's template: most of its values stand elsewhere.
        return told_pairs(bytes);
    };
    let mut found = Vec::new();
    for root in documents.iter().map(|document| &document.root).filter(|root| !is_sealed(root)) {
        let items = root.get("items").map_or(&[][..], Node::items);
        std::iter::once(root).chain(items).for_each(|object| secret(object, &mut found));
    }
    found
}

fn secret(object: &Node, found: &mut Vec<Setting>) {
    if object.get("kind").and_then(Node::as_str).is_none_or(|kind| kind != "Secret") {
        return;
    }
    let values = |key: &str| object.get(key).map_or(&[][..], Node::entries).iter();
    for (is_packed, (key, value)) in values("stringData").map(|entry| (false, entry)).chain(values("data").map(|entry| (true, entry))) {
        let (Some(key), NodeKind::Text(text) | NodeKind::Number(_, text)) = (key.as_str(), &value.kind) else { continue };
        let plain = if is_packed { decoded(text.bytes()) } else { Some(text.bytes().to_vec()) };
        let Some(plain) = plain.filter(|_| value.tag.is_none()) else { continue };
        let key = cut(&key, MAX_KEY);
        let (range, key) = if is_login(key, &plain) {
            (Some(0..text.len()), format!("credentials in {key}"))
        } else {
            let part = credential(key, &plain, 0);
            // Of what is packed all of it is told.
            (part.map(|part| if is_packed { 0..text.len() } else { part }), key.to_owned())
        };
        let Some(span) = range.and_then(|range| text.span(range)) else { continue };
        found.push(Setting { path: key.clone(), key, value: span.range() });
    }
}

/// What images are pulled with is a file of Docker's in a value.
fn is_login(key: &str, plain: &[u8]) -> bool {
    matches!(key, ".dockerconfigjson" | ".dockercfg") && !logins(plain).is_empty()
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

pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

pub(super) fn place(text: &Text) -> Option<Range<usize>> {
    let span = text.span(0..text.len())?;
    Some(span.start as usize..span.end as usize)
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    data_encoding::BASE64_NOPAD.decode(&packed).ok()
}
