//! JSON has no comments: there, an ignore is the text of a key beside what it speaks of, and holds for all of the object.

use crate::base::span::{FileId, Span};
use crate::syntax::document::{Node, NodeKind};
use crate::syntax::json;

/// Bytes of a document that is looked at.
const LONGEST: usize = 8 << 20;

/// For each text that is an ignore, where it stands, and the part of the document that it speaks of.
#[must_use]
pub fn scopes(bytes: &[u8]) -> Vec<(Span, Span)> {
    let opens = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if bytes.len() > LONGEST || !matches!(opens, Some(b'{' | b'[')) {
        return Vec::new();
    }
    let Ok(document) = json::parse(FileId(0), bytes) else { return Vec::new() };
    let mut found = Vec::new();
    walk(&document.root, document.root.span, &mut found);
    found
}

/// `own` is the node with its key.
fn walk(node: &Node, own: Span, found: &mut Vec<(Span, Span)>) {
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| walk(item, item.span, found)),
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                if value.as_str().is_some_and(|text| text.trim_start().starts_with("gatepost:")) {
                    found.push((value.span, own));
                }
                let both = Span { end: value.span.end, ..key.span };
                // A resource of a template takes no key of anybody's own, but for its metadata.
                let is_metadata = key.as_str().is_some_and(|key| key.eq_ignore_ascii_case("metadata"));
                walk(value, if is_metadata { own } else { both }, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scoped(text: &str) -> Vec<&str> {
        scopes(text.as_bytes()).into_iter().map(|(_, scope)| &text[scope.start as usize..scope.end as usize]).collect()
    }

    #[test]
    fn a_key_speaks_of_the_object_that_it_stands_in() {
        let text = r#"{"a": {"//": "gatepost: ignore[x] r", "key": 1}, "b": 2}"#;
        assert_eq!(scoped(text), [r#""a": {"//": "gatepost: ignore[x] r", "key": 1}"#]);
        let text = r#"[{"note": "gatepost: ignore[x] r", "key": 1}, {"key": 2}]"#;
        assert_eq!(scoped(text), [r#"{"note": "gatepost: ignore[x] r", "key": 1}"#]);
    }

    #[test]
    fn metadata_speaks_of_its_resource() {
        let text = r#"{"Resources": {"B": {"Type": "T", "Metadata": {"why": "gatepost: ignore[x] r"}}}}"#;
        assert_eq!(scoped(text), [r#""B": {"Type": "T", "Metadata": {"why": "gatepost: ignore[x] r"}}"#]);
    }

    #[test]
    fn what_is_no_json_has_none() {
        assert!(scopes(b"{\"a\": \"gatepost: ignore[x] r\"").is_empty());
        assert!(scopes(b"key = 1 # gatepost: ignore[x] r").is_empty());
    }
}
