//! What the metadata of a template's resources says to other tools: `cfn_nag`, `guard`, `checkov`.

use super::Mark;
use super::marks::named;
use crate::base::span::FileId;
use crate::subject::Subject;
use crate::suppress::ignores::{Cover, Names};
use crate::syntax::document::Node;
use crate::syntax::{json, yaml};

/// The rules that resources of a template are left out of, for some tools.
#[must_use]
pub(super) fn read(subject: &Subject<'_>, tools: &[&'static str], names: Names<'_>) -> Vec<Mark> {
    let bytes = subject.bytes();
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let documents = if is_json { json::parse(FileId(0), bytes).map(|document| vec![document]) } else { yaml::parse(FileId(0), bytes) };
    let mut found = Vec::new();
    for document in documents.unwrap_or_default() {
        let Some(resources) = document.root.get("Resources") else { continue };
        for (key, resource) in resources.entries() {
            let Some(metadata) = resource.get("Metadata") else { continue };
            let own = subject.span(key.span.start as usize..(resource.span.end as usize).min(bytes.len()));
            for tool in tools {
                found.extend(said(metadata, tool).into_iter().map(|(node, id, reason)| Mark {
                    tool,
                    at: node.span.start as usize,
                    len: node.span.len() as usize,
                    cover: Cover::Bytes(own.start, own.end),
                    of: named(&id, names),
                    reason: reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| format!("in the metadata for {tool}")),
                    until: None,
                }));
            }
        }
    }
    found
}

/// Ids and reasons that a tool finds in the metadata of a resource.
fn said<'n>(metadata: &'n Node, tool: &str) -> Vec<(&'n Node, String, Option<String>)> {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(std::borrow::Cow::into_owned);
    let listed = |list: Option<&'n Node>, reason: &str| -> Vec<_> {
        let items = list.map(Node::items).unwrap_or_default().iter();
        items.filter_map(|item| Some((item, text(item, "id")?, text(item, reason)))).collect()
    };
    match tool {
        "cfn-nag" => listed(metadata.get("cfn_nag").and_then(|nag| nag.get("rules_to_suppress")), "reason"),
        "cfn-guard" => {
            let list = metadata.get("guard").and_then(|guard| guard.get("SuppressedRules"));
            let items = list.map(Node::items).unwrap_or_default().iter();
            items.filter_map(|item| Some((item, item.as_str()?.into_owned(), None))).collect()
        }
        "checkov" => {
            let lists = ["checkov", "bridgecrew"].iter().map(|name| metadata.get(name).and_then(|own| own.get("skip")));
            lists.flat_map(|list| listed(list, "comment")).collect()
        }
        _ => Vec::new(),
    }
}
