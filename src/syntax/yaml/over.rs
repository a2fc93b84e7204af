//! YAML over a text: read as if it were a file, then every span of that file is looked up in the text's own map.

use super::parse;
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::syntax::document::{Document, Node, NodeKind, SyntaxError};

/// What the text is called while it is read; no input has this number.
const READ: FileId = FileId(u32::MAX);

/// Reads all documents of a text, for instance of a decoded string. `whole` is where the text stands as a whole: the
/// place of what has none of its own. Unknown parts stay holes.
///
/// # Errors
/// Where it is no YAML, or over a limit.
pub fn parse_text(text: &Text, whole: Span) -> Result<Vec<Document>, SyntaxError> {
    let place = |span: Span| text.span(span.range()).unwrap_or(whole);
    let documents = parse(READ, text.bytes()).map_err(|error| SyntaxError { at: place(error.at), ..error })?;
    let onto = |document: Document| Document { input: whole.file, root: moved(document.root, text, whole) };
    Ok(documents.into_iter().map(onto).collect())
}

/// A node whose spans are ranges of a text, with the places that those have. The reader bounds the depth.
fn moved(node: Node, text: &Text, whole: Span) -> Node {
    let kind = match node.kind {
        NodeKind::Text(own) => NodeKind::Text(own.over(text, whole)),
        NodeKind::Number(number, own) => NodeKind::Number(number, own.over(text, whole)),
        NodeKind::List(items) => NodeKind::List(items.into_iter().map(|item| moved(item, text, whole)).collect()),
        NodeKind::Map(entries) => {
            NodeKind::Map(entries.into_iter().map(|(key, value)| (moved(key, text, whole), moved(value, text, whole))).collect())
        }
        other => other,
    };
    Node { kind, span: text.span(node.span.range()).unwrap_or(whole), tag: node.tag }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::UnknownId;

    #[test]
    fn places_and_holes_are_those_of_the_text() {
        let at = |start, end| Span::new(FileId(3), start..end);
        let mut text = Text::exact(b"a: [x, 'y z']\nb: ", at(100, 117));
        text.push_hole(UnknownId(7));
        text.push_exact(b"-t\n", at(130, 133));
        let documents = parse_text(&text, at(90, 140)).expect("YAML");
        let root = &documents[0].root;
        let y = &root.get("a").expect("a").items()[1];
        let NodeKind::Text(own) = &y.kind else { panic!("text") };
        assert_eq!((y.span, own.span(2..3)), (at(107, 112), Some(at(110, 111))));
        let NodeKind::Text(b) = &root.get("b").expect("b").kind else { panic!("text") };
        assert_eq!(b.holes().collect::<Vec<_>>(), [UnknownId(7)]);
        assert_eq!(b.span(3..5), Some(at(130, 132)));
        assert!(parse_text(&Text::exact(b"a: [", at(0, 4)), at(0, 4)).is_err());
    }
}
