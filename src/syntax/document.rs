//! The spanned tree that JSON and YAML are read into. Not a value: nothing is resolved but YAML's own aliases.

use super::encoding;
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;

/// A document of an input; a YAML file may hold several.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub input: FileId,
    pub root: Node,
}

/// A node and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    /// Quotes and tag included; for text put together from far-apart places, where its content stands.
    pub span: Span,
    /// A YAML tag as it is written, `!Sub`.
    pub tag: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    Null,
    Bool(bool),
    /// The number, and its digits as they are written: an account number may begin with a zero.
    Number(f64, Text),
    Text(Text),
    List(Vec<Node>),
    /// In source order; a key that is written twice is here twice.
    Map(Vec<(Node, Node)>),
}

/// Depth of a document: above it, it is refused.
pub const MAX_DEPTH: usize = 128;

/// Nodes of a document, those that aliases repeat included.
pub const MAX_NODES: usize = 1_000_000;

/// Aliases of a document that are expanded.
pub const MAX_ALIASES: usize = 10_000;

/// Bytes of an input that is parsed.
pub const MAX_BYTES: usize = 32 << 20;

/// Why an input was not parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    pub at: Span,
    pub message: String,
    /// True where a limit of ours was met, not a fault of the input's.
    pub limit: bool,
}

impl SyntaxError {
    #[must_use]
    pub fn new(at: Span, message: impl Into<String>) -> Self {
        SyntaxError { at, message: message.into(), limit: false }
    }

    #[must_use]
    pub fn limit(at: Span, message: impl Into<String>) -> Self {
        SyntaxError { at, message: message.into(), limit: true }
    }
}

impl Node {
    /// The text of a text node that is written out in full.
    #[must_use]
    pub fn as_str(&self) -> Option<std::borrow::Cow<'_, str>> {
        match &self.kind {
            NodeKind::Text(text) => Some(text.to_str()),
            _ => None,
        }
    }

    #[must_use]
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }

    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => &[],
        }
    }

    /// The last entry of a key, as most readers take it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The last entry of a key, with the key's own node.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries().iter().rev().find(|(k, _)| k.as_str().as_deref() == Some(key)).map(|(k, v)| (k, v))
    }
}

/// The input as UTF-8, a byte order mark left out, with the offset of its first byte.
///
/// # Errors
/// Where it is no UTF-8 or longer than [`MAX_BYTES`].
pub fn utf8(file: FileId, bytes: &[u8]) -> Result<(&str, u32), SyntaxError> {
    if bytes.len() > MAX_BYTES {
        let message = format!("{} bytes; at most {MAX_BYTES} are parsed", bytes.len());
        return Err(SyntaxError::limit(Span::new(file, 0..0), message));
    }
    let (body, base) = bytes.strip_prefix(b"\xef\xbb\xbf").map_or((bytes, 0), |body| (body, 3));
    let text = std::str::from_utf8(body).map_err(|error| {
        let at = offset(error.valid_up_to()) + base;
        SyntaxError::new(Span::new(file, at..at), "not UTF-8")
    })?;
    Ok((text, base))
}

/// The input as UTF-8 with its places, whatever encoding it is stored in; a byte order mark is left out.
///
/// # Errors
/// Where it is in no encoding that is read, or longer than [`MAX_BYTES`].
pub fn text(file: FileId, bytes: &[u8]) -> Result<Text, SyntaxError> {
    match encoding::detect(bytes) {
        Some(encoding) if bytes.len() <= MAX_BYTES => Ok(encoding::decode_as(encoding, bytes, file)),
        _ => {
            let (body, base) = utf8(file, bytes)?;
            Ok(Text::exact(body.as_bytes(), Span::new(file, base..base + offset(body.len()))))
        }
    }
}

/// An offset in an input that [`utf8`] accepted.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
