//! JSON with places, over bytes or over a [`Text`]: the policy in an escaped string in a template keeps its columns.
//!
//! Strict but for comments. Duplicate keys stay. Not a reader of JSON5.

use jsonc_parser::ast::{ObjectPropName, StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::document::{Document, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node, NodeKind, SyntaxError, offset, utf8};
use crate::base::span::{FileId, Span};
use crate::base::text_map::{HOLE, Provenance, Text};

/// Reads an input.
///
/// # Errors
/// Where it is no JSON, or over a limit.
pub fn parse(file: FileId, bytes: &[u8]) -> Result<Document, SyntaxError> {
    let (body, base) = utf8(file, bytes)?;
    let span = Span::new(file, base..base + offset(body.len()));
    let root = read(&Text::exact(body.as_bytes(), span), span, &STRICT)?;
    Ok(Document { input: file, root })
}

/// Reads the text of an input as templates are read: commas may stand before a closing bracket.
///
/// # Errors
/// Where it is no JSON, or over a limit.
pub fn parse_loose(file: FileId, text: &Text) -> Result<Document, SyntaxError> {
    let whole = text.span(0..text.len()).unwrap_or(Span::new(file, 0..0));
    let root = read(text, whole, &ParseOptions { allow_trailing_commas: true, ..STRICT })?;
    Ok(Document { input: file, root })
}

/// Reads a text, for instance the decoded form of a string. `whole` is where the text stands as a whole: the place of
/// what has none of its own. Unknown parts stay holes, also where they are no part of a string.
///
/// # Errors
/// Where it is no JSON, or over a limit.
pub fn parse_text(text: &Text, whole: Span) -> Result<Node, SyntaxError> {
    if text.len() > MAX_BYTES {
        return Err(SyntaxError::limit(whole, format!("{} bytes; at most {MAX_BYTES} are parsed", text.len())));
    }
    read(text, whole, &STRICT)
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn read(text: &Text, whole: Span, options: &ParseOptions) -> Result<Node, SyntaxError> {
    let mut source = quote_holes(text);
    pair_surrogates(&mut source);
    let reader = Reader { text, whole, nodes: 0 };
    let source = std::str::from_utf8(&source)
        .map_err(|error| SyntaxError::new(reader.span(error.valid_up_to(), error.valid_up_to()), "not UTF-8"))?;
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    let parsed = parse_to_ast(source, &collect, options).map_err(|error| {
        let range = match error.kind() {
            // The parser points at a bracket that was opened; what is missing is missing at the end.
            ParseErrorKind::UnterminatedObject | ParseErrorKind::UnterminatedArray => {
                let end = source.trim_end().len();
                end..end
            }
            _ => error.range().start..error.range().end,
        };
        SyntaxError::new(reader.span(range.start, range.end), format!("not JSON: {}", error.kind()))
    })?;
    let Some(value) = parsed.value else { return Err(SyntaxError::new(whole, "not JSON: nothing is there")) };
    let mut reader = reader;
    reader.node(&value, 0)
}

/// An unknown part that stands where a value is expected, `"Resource": ${x}`, becomes a string of the same three bytes,
/// so that offsets hold; what it was is told by the text's own map.
fn quote_holes(text: &Text) -> Vec<u8> {
    let mut bytes = text.bytes().to_vec();
    if text.holes().next().is_none() {
        return bytes;
    }
    let (mut at, mut inside) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if inside => at += 1,
            b'"' => inside = !inside,
            _ if !inside && bytes[at..].starts_with(HOLE.as_bytes()) => {
                bytes[at..at + HOLE.len()].copy_from_slice(b"\"?\"");
                at += HOLE.len() - 1;
            }
            _ => {}
        }
        at += 1;
    }
    bytes
}

/// Half of a surrogate pair is no character, and the parser would refuse all of the input for it: an escape of as many
/// bytes stands in its place. Values are read from the text itself.
fn pair_surrogates(bytes: &mut [u8]) {
    let unit = |bytes: &[u8], at: usize| -> Option<u32> {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        match unit(bytes, at) {
            Some(0xD800..0xDC00) if matches!(unit(bytes, at + 6), Some(0xDC00..0xE000)) => at += 12,
            Some(0xD800..0xE000) => {
                bytes[at..at + 6].copy_from_slice(b"\\ufffd");
                at += 6;
            }
            _ => at += 2,
        }
    }
}

struct Reader<'a> {
    text: &'a Text,
    whole: Span,
    nodes: usize,
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        let end = end.min(self.text.len());
        self.text.span(start.min(end)..end).unwrap_or(self.whole)
    }

    fn node(&mut self, value: &Value<'_>, depth: usize) -> Result<Node, SyntaxError> {
        let range = value.range();
        let span = self.span(range.start, range.end);
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(SyntaxError::limit(span, format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.nodes > MAX_NODES {
            return Err(SyntaxError::limit(span, format!("more than {MAX_NODES} values")));
        }
        let kind = match value {
            Value::NullKeyword(_) => NodeKind::Null,
            Value::BooleanLit(lit) => NodeKind::Bool(lit.value),
            Value::NumberLit(lit) => {
                let number = lit.value.parse().map_err(|_| SyntaxError::new(span, "not a number"))?;
                NodeKind::Number(number, self.text.slice(range.start..range.end))
            }
            Value::StringLit(lit) => return Ok(self.string(lit)),
            Value::Array(array) => {
                NodeKind::List(array.elements.iter().map(|element| self.node(element, depth + 1)).collect::<Result<_, _>>()?)
            }
            Value::Object(object) => NodeKind::Map(
                object
                    .properties
                    .iter()
                    .map(|property| {
                        let key = match &property.name {
                            ObjectPropName::String(lit) => self.string(lit),
                            ObjectPropName::Word(word) => self.text_node(word.range.start, word.range.end),
                        };
                        Ok((key, self.node(&property.value, depth + 1)?))
                    })
                    .collect::<Result<_, SyntaxError>>()?,
            ),
        };
        Ok(Node { kind, span, tag: None })
    }

    fn text_node(&self, start: usize, end: usize) -> Node {
        Node { kind: NodeKind::Text(self.text.slice(start..end)), span: self.span(start, end), tag: None }
    }

    fn string(&self, lit: &StringLit<'_>) -> Node {
        let (start, end) = (lit.range.start, lit.range.end);
        if self.text.bytes().get(start) != Some(&b'"') {
            // A hole that was quoted above.
            return self.text_node(start, end);
        }
        let inner = start + 1..end.saturating_sub(1).max(start + 1);
        let text = self.decode(inner.clone());
        let (open, close) = (self.span(start, start + 1), self.span(inner.end, end));
        let around = open.cover(close);
        // Content from elsewhere (a default, put in by a template) is pointed at where it stands.
        let here = self.text.provenance(inner.clone()).all(|from| match from {
            Provenance::Exact(span) | Provenance::Within(span) => {
                span.file == around.file && around.start <= span.start && span.end <= around.end
            }
            Provenance::Hole(_) => true,
        });
        let close_by = open.file == close.file && open.start <= close.start;
        let span = if here && close_by { around } else { self.text.span(inner).unwrap_or(open) };
        Node { kind: NodeKind::Text(text), span, tag: None }
    }

    /// The value of a string's inside: runs as they are, each escape within its own span.
    fn decode(&self, inner: std::ops::Range<usize>) -> Text {
        let raw = self.text.bytes();
        let (mut out, mut at) = (Text::new(), inner.start);
        while at < inner.end {
            let run = memchr::memchr(b'\\', &raw[at..inner.end]).map_or(inner.end, |found| at + found);
            out.push_slice(self.text, at..run);
            at = run;
            if at >= inner.end {
                break;
            }
            let (decoded, length) = escape(&raw[at..inner.end]);
            let end = (at + length).min(inner.end);
            let mut utf8 = [0; 4];
            out.push_within(decoded.encode_utf8(&mut utf8).as_bytes(), self.span(at, end));
            at = end;
        }
        out
    }
}

/// The character of an escape sequence at the start of `raw`, and the sequence's length.
fn escape(raw: &[u8]) -> (char, usize) {
    let unit =
        |at: usize| raw.get(at..at + 4).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match raw.get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => {
            let high = unit(2).unwrap_or(0xFFFD);
            if (0xD800..0xDC00).contains(&high)
                && raw.get(6..8) == Some(b"\\u")
                && let Some(low) = unit(8).filter(|low| (0xDC00..0xE000).contains(low))
            {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
        }
        Some(other) => (char::from(*other), 2),
        None => ('\\', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::UnknownId;

    const FILE: FileId = FileId(0);

    fn cut(source: &str, node: &Node) -> String {
        source[node.span.range()].to_owned()
    }

    #[test]
    fn a_policy_in_a_string_keeps_its_columns() {
        let source = r#"{"Policy": "{\"Action\": \"\u00e9*\", \"Resource\": [\"*\"]}"} // why"#;
        let outer = parse(FILE, source.as_bytes()).expect("JSON");
        let policy = outer.root.get("Policy").expect("there");
        let NodeKind::Text(text) = &policy.kind else { panic!("text") };
        let inner = parse_text(text, policy.span).expect("JSON inside");
        assert_eq!(cut(source, inner.get("Action").expect("there")), r#"\"\u00e9*\""#);
        let star = &inner.get("Resource").expect("there").items()[0];
        assert_eq!((star.as_str().as_deref(), cut(source, star).as_str()), (Some("*"), r#"\"*\""#));
    }

    #[test]
    fn duplicate_keys_stay_and_a_byte_order_mark_is_no_content() {
        let document = parse(FILE, "\u{feff}{\"a\": 1, \"a\": 2}".as_bytes()).expect("JSON");
        assert_eq!(document.root.entries().len(), 2);
        assert_eq!(document.root.span.start, 3);
        let NodeKind::Number(number, _) = document.root.get("a").expect("there").kind else { panic!("number") };
        assert!((number - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for bad in ["{'a': 1}", "{a: 1}", "[1, 2,]", "{\"a\" 1}", "", "{\"a\": 1", "[1] x"] {
            assert!(parse(FILE, bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(parse(FILE, b"[1,\n x]").expect_err("bad").at.start, 5);
        for (unclosed, end) in [("{\"a\": {\n  \"b\": 1,\n  \"c\": [2]\n}\n", 30), ("[1,\n {\"a\": 2", 12), ("{\"a\": [1\n", 8)] {
            assert_eq!(parse(FILE, unclosed.as_bytes()).expect_err("unclosed").at.start, end, "{unclosed}");
        }
        assert!(parse(FILE, "[".repeat(100_000).as_bytes()).is_err());
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(parse(FILE, deep.as_bytes()).expect_err("deep").limit);
    }

    #[test]
    fn half_a_surrogate_pair_hides_nothing() {
        let source = r#"{"a": "x\ud800y", "b": "\udc00\ud83d\ude00", "c\ud800": "\\ud800", "d": 1}"#;
        let root = parse(FILE, source.as_bytes()).expect("JSON").root;
        let text = |key: &str| root.get(key).and_then(Node::as_str).map(std::borrow::Cow::into_owned);
        assert_eq!(text("a").as_deref(), Some("x\u{fffd}y"));
        assert_eq!(text("b").as_deref(), Some("\u{fffd}\u{1f600}"));
        assert_eq!(text("c\u{fffd}").as_deref(), Some("\\ud800"));
        assert!(root.get("d").is_some());
    }

    #[test]
    fn a_comma_before_a_bracket_is_read_where_it_may_stand() {
        let text = Text::exact(b"{\"a\": [1, 2,],\n}", Span::new(FILE, 0..16));
        assert_eq!(parse_loose(FILE, &text).expect("JSON").root.get("a").expect("there").items().len(), 2);
        assert!(parse_text(&text, Span::new(FILE, 0..16)).is_err());
    }

    #[test]
    fn a_hole_survives_in_a_string_and_as_a_value() {
        let mut text = Text::exact(b"{\"a\": \"arn:", Span::new(FILE, 0..11));
        text.push_hole(UnknownId(1));
        text.push_exact(b"\", \"b\": ", Span::new(FILE, 20..28));
        text.push_hole(UnknownId(2));
        text.push_exact(b"}", Span::new(FILE, 40..41));
        let node = parse_text(&text, Span::new(FILE, 0..41)).expect("JSON");
        let holes = |key: &str| match &node.get(key).expect("there").kind {
            NodeKind::Text(text) => (text.len(), text.holes().collect::<Vec<_>>()),
            _ => panic!("text"),
        };
        assert_eq!(holes("a"), (4 + HOLE.len(), vec![UnknownId(1)]));
        assert_eq!(holes("b"), (HOLE.len(), vec![UnknownId(2)]));
    }

    proptest::proptest! {
        /// Decoding agrees with the parser's own value, whatever the string holds.
        #[test]
        fn strings_decode_as_the_oracle_does(value in "(?s).{0,40}") {
            let source = serde_json::to_string(&value).expect("a string");
            let document = parse(FILE, source.as_bytes()).expect("JSON");
            proptest::prop_assert_eq!(document.root.as_str().expect("text"), value);
        }
    }
}
