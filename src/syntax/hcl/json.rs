//! Terraform's JSON form, as the same tree: blocks by the nesting of their labels, strings as templates.
//!
//! Which attribute of a resource is a block is for its provider to say, and nobody asks it here: objects and lists stay
//! attributes, and whoever looks at a block of its kind takes either. Only what Terraform itself reads is made blocks.

use super::{Attribute, Block, Body, Expr, ExprKind, Parsed, Part, parse_template};
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::syntax::document::{Node, NodeKind, SyntaxError};
use crate::syntax::json;

/// A kind of block, by what is read of it.
struct Kind {
    name: &'static str,
    labels: usize,
    inside: &'static [Kind],
    strings: Strings,
}

/// How strings inside are read.
#[derive(Clone, Copy, PartialEq)]
enum Strings {
    Templates,
    /// As they are.
    Literal,
    /// Those of these attributes as they are.
    LiteralIn(&'static [&'static str]),
}

const fn kind(name: &'static str, labels: usize, strings: Strings) -> Kind {
    Kind { name, labels, inside: &[], strings }
}

const META: Strings =
    Strings::LiteralIn(&["depends_on", "provider", "ignore_changes", "replace_triggered_by", "providers", "source", "version"]);
const LIFECYCLE: Kind = Kind {
    name: "lifecycle",
    labels: 0,
    inside: &[kind("precondition", 0, Strings::Templates), kind("postcondition", 0, Strings::Templates)],
    strings: META,
};
static RESOURCE: [Kind; 4] = [LIFECYCLE, kind("connection", 0, Strings::Templates), kind("provisioner", 1, Strings::Templates), dynamic()];
const DYNAMIC: &str = "dynamic";
const fn dynamic() -> Kind {
    Kind { name: DYNAMIC, labels: 1, inside: &CONTENT, strings: Strings::LiteralIn(&["iterator"]) }
}
static CONTENT: [Kind; 1] = [Kind { name: "content", labels: 0, inside: &NESTED, strings: Strings::Templates }];
/// What a block of a provider's may hold.
static NESTED: [Kind; 1] = [dynamic()];

/// What a source may hold.
static KINDS: [Kind; 15] = [
    Kind { name: "resource", labels: 2, inside: &RESOURCE, strings: META },
    Kind { name: "data", labels: 2, inside: &RESOURCE, strings: META },
    Kind { name: "ephemeral", labels: 2, inside: &RESOURCE, strings: META },
    Kind { name: "module", labels: 1, inside: &[], strings: META },
    Kind {
        name: "variable",
        labels: 1,
        inside: &[kind("validation", 0, Strings::Templates)],
        strings: Strings::LiteralIn(&["type", "default", "description"]),
    },
    Kind {
        name: "output",
        labels: 1,
        inside: &[kind("precondition", 0, Strings::Templates)],
        strings: Strings::LiteralIn(&["depends_on", "description"]),
    },
    kind("provider", 1, Strings::LiteralIn(&["alias", "version"])),
    kind("locals", 0, Strings::Templates),
    Kind {
        name: "terraform",
        labels: 0,
        inside: &[
            kind("backend", 1, Strings::Literal),
            kind("cloud", 0, Strings::Literal),
            kind("required_providers", 0, Strings::Literal),
        ],
        strings: Strings::Literal,
    },
    kind("moved", 0, Strings::Literal),
    kind("import", 0, Strings::LiteralIn(&["to", "provider"])),
    Kind { name: "removed", labels: 0, inside: &[LIFECYCLE], strings: Strings::Literal },
    Kind { name: "check", labels: 1, inside: &[kind("assert", 0, Strings::Templates)], strings: Strings::Templates },
    // Terragrunt's.
    kind("include", 1, Strings::Templates),
    kind("dependency", 1, Strings::Templates),
];

/// Reads a `.tf.json` file.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> Parsed {
    read(file, bytes, |reader, root| reader.body(root, &KINDS, Strings::Templates))
}

/// Reads a `.tfvars.json` file: its strings are no templates.
#[must_use]
pub fn parse_settings(file: FileId, bytes: &[u8]) -> Parsed {
    read(file, bytes, |reader, root| reader.body(root, &[], Strings::Literal))
}

fn read(file: FileId, bytes: &[u8], body: impl FnOnce(&mut Reader, &Node) -> Body) -> Parsed {
    if let Some(refused) = super::wide(file, bytes) {
        return refused;
    }
    match json::parse(file, bytes) {
        Ok(document) => {
            let mut reader = Reader { broken: Vec::new() };
            let body = body(&mut reader, &document.root);
            Parsed { body, broken: reader.broken }
        }
        Err(error) => Parsed { body: Body::default(), broken: vec![error] },
    }
}

/// Objects nest no deeper than the JSON reader lets them.
struct Reader {
    broken: Vec<SyntaxError>,
}

impl Reader {
    fn wrong(&mut self, at: Span, message: &str) {
        self.broken.push(SyntaxError::new(at, message));
    }

    /// The items of an object, or of all objects of a list.
    fn body(&mut self, node: &Node, kinds: &[Kind], strings: Strings) -> Body {
        let mut body = Body::default();
        self.add(node, kinds, strings, &mut body);
        body
    }

    fn add(&mut self, node: &Node, kinds: &[Kind], strings: Strings, body: &mut Body) {
        match &node.kind {
            NodeKind::Map(entries) => {
                for (key, value) in entries {
                    let name = key.as_str().unwrap_or_default();
                    if name == "//" {
                        continue;
                    }
                    match kinds.iter().find(|kind| kind.name == name) {
                        Some(kind) => self.blocks(kind, key, &mut Vec::new(), value, body),
                        None if kinds.iter().any(|kind| kind.name == DYNAMIC) && holds_dynamic(value) => {
                            self.nested(&name, key, value, strings, body);
                        }
                        None => body.attributes.push(Attribute {
                            value: self.attribute(&name, value, strings),
                            name: name.into(),
                            name_span: key.span,
                        }),
                    }
                }
            }
            NodeKind::List(items) => items.iter().for_each(|item| self.add(item, kinds, strings, body)),
            NodeKind::Null => {}
            _ => self.wrong(node.span, "expected an object, or a list of objects"),
        }
    }

    /// The blocks of a kind, their labels one object within the other.
    fn blocks(&mut self, kind: &Kind, header: &Node, labels: &mut Vec<Box<str>>, value: &Node, body: &mut Body) {
        match &value.kind {
            NodeKind::List(items) => items.iter().for_each(|item| self.blocks(kind, header, labels, item, body)),
            NodeKind::Null => {}
            NodeKind::Map(entries) if labels.len() < kind.labels => {
                for (label, value) in entries {
                    let name = label.as_str().unwrap_or_default();
                    if name == "//" {
                        continue;
                    }
                    labels.push(name.into());
                    // What is pointed at is the innermost label.
                    self.blocks(kind, label, labels, value, body);
                    labels.pop();
                }
            }
            NodeKind::Map(_) => body.blocks.push(Block {
                kind: kind.name.into(),
                labels: labels.as_slice().into(),
                header: header.span,
                body: self.body(value, kind.inside, kind.strings),
            }),
            _ => self.wrong(value.span, &format!("expected an object for this `{}`, or a list of objects", kind.name)),
        }
    }

    /// The blocks of a name that a provider gave, told from attributes by the `dynamic` in them.
    fn nested(&mut self, name: &str, header: &Node, value: &Node, strings: Strings, body: &mut Body) {
        match &value.kind {
            NodeKind::List(items) => items.iter().for_each(|item| self.nested(name, header, item, strings, body)),
            _ => body.blocks.push(Block {
                kind: name.into(),
                labels: Vec::new(),
                header: header.span,
                body: self.body(value, &NESTED, strings),
            }),
        }
    }

    fn attribute(&mut self, name: &str, value: &Node, strings: Strings) -> Expr {
        let literal = match strings {
            Strings::Templates => false,
            Strings::Literal => true,
            Strings::LiteralIn(names) => names.contains(&name),
        };
        // A name is what it says, here as in HCL: `"iterator": "each"`.
        if name == "iterator"
            && literal
            && let Some(word) = value.as_str()
        {
            return Expr { kind: ExprKind::Reference(word.into(), Vec::new()), span: value.span };
        }
        self.expr(value, literal)
    }

    fn expr(&mut self, node: &Node, literal: bool) -> Expr {
        let span = node.span;
        let kind = match &node.kind {
            NodeKind::Null => ExprKind::Null,
            NodeKind::Bool(value) => ExprKind::Bool(*value),
            NodeKind::Number(number, _) => ExprKind::Number(*number),
            NodeKind::Text(text) => self.text(text, span, literal),
            NodeKind::List(items) => ExprKind::List(items.iter().map(|item| self.expr(item, literal)).collect()),
            NodeKind::Map(entries) => {
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries.iter().filter(|(key, _)| key.as_str().as_deref() != Some("//")) {
                    pairs.push((self.expr(key, literal), self.expr(value, literal)));
                }
                ExprKind::Object(pairs)
            }
        };
        Expr { kind, span }
    }

    fn text(&mut self, text: &Text, span: Span, literal: bool) -> ExprKind {
        let plain = || ExprKind::Template(vec![Part::Literal(text.clone())]);
        let marked = |mark: &[u8]| memchr::memmem::find(text.bytes(), mark).is_some();
        if literal || !marked(b"${") && !marked(b"%{") {
            return plain();
        }
        match parse_template(text, span) {
            Ok(parts) => ExprKind::Template(parts),
            Err(error) => {
                self.broken.push(error);
                plain()
            }
        }
    }
}

/// Whether this is a block, or a list of blocks, with a `dynamic` one in it, however deep.
fn holds_dynamic(value: &Node) -> bool {
    match &value.kind {
        NodeKind::Map(entries) => entries.iter().any(|(key, value)| {
            let is_dynamic = || key.as_str().as_deref() == Some(DYNAMIC) && matches!(value.kind, NodeKind::Map(_) | NodeKind::List(_));
            is_dynamic() || holds_dynamic(value)
        }),
        NodeKind::List(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item.kind, NodeKind::Map(_))) && items.iter().any(holds_dynamic)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    fn sound(source: &str) -> Body {
        let Parsed { body, broken } = parse(FILE, source.as_bytes());
        assert_eq!(broken, []);
        body
    }

    fn headers(body: &Body) -> Vec<String> {
        body.blocks.iter().map(|block| format!("{} {}", block.kind, block.labels.join(" "))).collect()
    }

    #[test]
    fn labels_nest_as_objects_or_as_lists_of_them() {
        let source = r#"{"//": "why", "resource": {"aws_s3_bucket": {"a": {}, "b": [{"bucket": "x"}, {"//": 1}]}},
            "locals": [{"x": 1}, {"y": 2}], "terraform": {"backend": {"s3": {"key": "${k}"}}}, "variable": [{"v": {}}, {"w": null}]}"#;
        let body = sound(source);
        let found = [
            "resource aws_s3_bucket a",
            "resource aws_s3_bucket b",
            "resource aws_s3_bucket b",
            "locals ",
            "locals ",
            "terraform ",
            "variable v",
        ];
        assert_eq!(headers(&body), found);
        assert_eq!(&source[body.blocks[1].header.range()], "\"b\"");
        assert_eq!(headers(&body.blocks[5].body), ["backend s3"]);
        assert_eq!(body.blocks[2].body, Body::default());
    }

    #[test]
    fn strings_are_templates_with_their_places_and_names_are_not() {
        let source = r#"{"resource": {"r": {"x": {"v": "a\n${ b.c }", "w": "${d[\"k\"]}", "depends_on": ["a.b"],
            "dynamic": {"rule": {"for_each": "${var.r}", "iterator": "it", "content": {"p": "${it.value}"}}}}}},
            "variable": {"v": {"type": "list(string)", "default": "${x}"}}}"#;
        let body = sound(source);
        let [value, word, _] = body.blocks[0].body.attributes.as_slice() else { panic!("three") };
        let ExprKind::Template(parts) = &value.value.kind else { panic!("template") };
        let [Part::Literal(_), Part::Interpolation(inner)] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(&source[inner.span.range()], "b.c");
        let ExprKind::Template(parts) = &word.value.kind else { panic!("template") };
        let [Part::Interpolation(inner)] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(&source[inner.span.range()], r#"d[\"k\"]"#);
        let dynamic = &body.blocks[0].body.blocks[0];
        assert_eq!((&*dynamic.kind, &*dynamic.labels[0], dynamic.body.blocks("content").count()), ("dynamic", "rule", 1));
        assert!(matches!(&dynamic.body.attribute("iterator").expect("there").value.kind, ExprKind::Reference(name, _) if &**name == "it"));
        let default = &body.blocks[1].body.attribute("default").expect("there").value;
        assert_eq!(default.literal().expect("a literal").to_str(), "${x}");
    }

    #[test]
    fn a_dynamic_block_makes_blocks_of_those_around_it() {
        let source = r#"{"resource": {"r": {"x": {"tags": {"a": {"b": 1}}, "rule": [{"n": 1, "dynamic": {"more": {"for_each": [1], "content":
            {"in": {"dynamic": {"most": {"for_each": [2], "content": {}}}}}}}}]}}}}"#;
        let body = sound(source);
        let resource = &body.blocks[0].body;
        assert_eq!((headers(resource), resource.attributes.len()), (vec!["rule ".to_owned()], 1));
        assert_eq!(headers(&resource.blocks[0].body), ["dynamic more"]);
        assert_eq!(headers(&resource.blocks[0].body.blocks[0].body.blocks[0].body), ["in "]);
    }

    #[test]
    fn settings_are_literals() {
        let source = r#"{"a": "${x}", "b": [1, {"c": null}]}"#;
        let Parsed { body, broken } = parse_settings(FILE, source.as_bytes());
        assert_eq!((broken.len(), body.attributes.len()), (0, 2));
        let a = &body.attributes[0];
        assert_eq!((&*a.name, a.value.literal().expect("a literal").to_str().as_ref(), a.value.span.start), ("a", "${x}", 6));
    }

    #[test]
    fn what_is_no_block_is_told_and_the_rest_is_read() {
        let source = r#"{"resource": {"r": {"a": "x", "b": {"v": "${"}}}, "locals": 1}"#;
        let Parsed { body, broken } = parse(FILE, source.as_bytes());
        assert_eq!(headers(&body), ["resource r b"]);
        let told: Vec<&str> = broken.iter().map(|error| &source[error.at.range()]).collect();
        assert_eq!((told[0], told[2]), ("\"x\"", "1"));
        assert!(!parse(FILE, b"{").broken.is_empty() && !parse(FILE, b"[1]").broken.is_empty());
    }
}
