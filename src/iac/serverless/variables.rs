//! Variables of the Serverless Framework, `${self:custom.bucket}`, resolved in the tree of a document: what stands there
//! afterwards has the place of what it was taken from. Not an evaluation: CloudFormation's functions stay as they are.
//!
//! A fallback is taken for what is given from outside (`${opt:stage, 'dev'}`, `${env:X, 'y'}`), as a variable's default
//! is. What lies in a cloud account (`ssm`, `s3`, `cf`, `aws`) is not known, whatever its fallback.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;

use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::finding::{Failure, Place, Trouble};
use crate::iac::document::{Source, parse};
use crate::iac::files::beside;
use crate::iac::{Reason, Unknowns, cloudformation};
use crate::syntax::document::{Node, NodeKind};

/// Nodes and bytes of text that the variables of one service make.
const MAX_MADE: usize = 2 << 20;
/// Variables in variables, those in what they name included; each costs stack.
const MAX_DEPTH: usize = 24;
/// Levels of a document that is taken in, those that variables add included; each costs stack.
const MAX_NESTING: usize = 160;

/// Files that a service takes in.
const MAX_FILES: usize = 64;

/// A service's document and the files that it takes in.
pub(super) struct Variables<'s> {
    source: &'s Source<'s>,
    root: &'s Node,
    pub unknowns: Unknowns,
    made: Cell<usize>,
    nesting: Cell<usize>,
    /// What is being looked for, and what is being resolved: who asks for it again asks in a circle.
    sought: RefCell<Vec<String>>,
    resolving: RefCell<Vec<Span>>,
    /// In the order in which they were asked for; those that are no data are kept as none.
    files: [OnceCell<(Vec<u8>, Option<Node>)>; MAX_FILES],
    pub troubles: RefCell<Vec<Trouble>>,
    /// Of the files, those that are templates of their own.
    pub templates: RefCell<BTreeSet<FileId>>,
}

/// What a variable stands for. A node is none itself, but there may be some in it.
enum Found<'v> {
    Node(Cow<'v, Node>),
    /// Nothing that is known here, and a fallback does not help.
    Unknown(Reason),
    /// Nothing: its fallback holds.
    Nothing,
}

impl<'s> Variables<'s> {
    pub fn new(source: &'s Source<'s>, root: &'s Node) -> Self {
        Variables {
            source,
            root,
            unknowns: Unknowns::default(),
            made: Cell::new(0),
            nesting: Cell::new(0),
            sought: RefCell::default(),
            resolving: RefCell::default(),
            files: [const { OnceCell::new() }; MAX_FILES],
            troubles: RefCell::default(),
            templates: RefCell::default(),
        }
    }

    pub fn is_exhausted(&self) -> bool {
        self.made.get() >= MAX_MADE
    }

    fn may_make(&self, size: usize) -> bool {
        let made = self.made.get().saturating_add(size);
        self.made.set(made);
        made < MAX_MADE
    }

    fn budget(&self, place: Span) -> Node {
        self.made.set(MAX_MADE);
        self.hole(Reason::Budget, place)
    }

    /// A node that nobody knows.
    fn hole(&self, reason: Reason, place: Span) -> Node {
        Node { kind: NodeKind::Text(Text::hole(self.unknowns.intern(reason))), span: place, tag: None }
    }

    /// An entry of the service, `provider.iam`, with everything in it resolved.
    pub fn entry(&self, path: &[&str]) -> Option<Node> {
        let mut node = Cow::Borrowed(self.root);
        for name in path {
            node = self.step(node, name)?;
        }
        let node = self.shallow(node);
        (!matches!(node.kind, NodeKind::Null)).then(|| self.deep(node))
    }

    /// A node with the variables in it resolved, however deep.
    fn resolve(&self, node: &Node) -> Node {
        let nesting = self.nesting.get();
        if nesting >= MAX_NESTING || !self.may_make(1) {
            return self.budget(node.span);
        }
        self.nesting.set(nesting + 1);
        let resolved = match &node.kind {
            NodeKind::Text(text) => self.text(text, node),
            NodeKind::List(items) => Node { kind: NodeKind::List(items.iter().map(|item| self.resolve(item)).collect()), ..bare(node) },
            NodeKind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), self.resolve(value))).collect();
                Node { kind: NodeKind::Map(entries), ..bare(node) }
            }
            _ => node.clone(),
        };
        self.nesting.set(nesting);
        resolved
    }

    /// What was found, with the variables in it resolved: unless that is going on already.
    fn deep(&self, node: Cow<'_, Node>) -> Node {
        let Cow::Borrowed(node) = node else { return node.into_owned() };
        let span = node.span;
        if self.resolving.borrow().contains(&span) {
            return self.hole(Reason::Cycle(self.source.files.slice(span).chars().take(80).collect::<String>().into()), span);
        }
        if self.resolving.borrow().len() >= MAX_DEPTH {
            return self.budget(span);
        }
        self.resolving.borrow_mut().push(span);
        let resolved = self.resolve(node);
        self.resolving.borrow_mut().pop();
        resolved
    }

    /// What a map has under a name, or a list under a number.
    fn step<'v>(&'v self, node: Cow<'v, Node>, name: &str) -> Option<Cow<'v, Node>> {
        let of = |node: &Node| match &node.kind {
            NodeKind::List(items) => name.parse::<usize>().ok().filter(|at| *at < items.len()),
            NodeKind::Map(entries) => entries.iter().rposition(|(key, _)| key.as_str().as_deref() == Some(name)),
            _ => None,
        };
        match self.shallow(node) {
            Cow::Borrowed(node) => {
                if !self.may_make(node.entries().len() / 16 + 1) {
                    return None;
                }
                let at = of(node)?;
                node.items().get(at).or_else(|| node.entries().get(at).map(|(_, value)| value)).map(Cow::Borrowed)
            }
            // What was put together is a text.
            Cow::Owned(_) => None,
        }
    }

    /// What a node that is a variable stands for; any other node itself.
    fn shallow<'v>(&'v self, node: Cow<'v, Node>) -> Cow<'v, Node> {
        let NodeKind::Text(text) = &node.kind else { return node };
        if !is_variable(text.bytes()) {
            return node;
        }
        let range = 2..text.len() - 1;
        self.sought(text, range, node.span)
    }

    fn text(&self, text: &Text, node: &Node) -> Node {
        let bytes = text.bytes();
        let (mut out, mut at) = (Text::new(), 0);
        while let Some(open) = next_variable(bytes, at) {
            let Some(close) = closing(bytes, open) else { break };
            if !self.may_make(close - at) {
                return self.budget(node.span);
            }
            let found = self.deep(self.sought(text, open + 2..close, node.span));
            // All of the text: the variable may be anything.
            if open == 0 && close + 1 == bytes.len() {
                return Node { tag: node.tag.clone().or(found.tag), ..found };
            }
            out.push_slice(text, at..open);
            match &found.kind {
                NodeKind::Text(text) | NodeKind::Number(_, text) if self.may_make(text.len()) => out.push_text(text),
                NodeKind::Bool(value) => out.push_within(if *value { b"true" } else { b"false" }, found.span),
                _ => out.push_hole(self.unknowns.intern(Reason::Expression(written(bytes, open..close + 1).into()))),
            }
            at = close + 1;
        }
        if at == 0 {
            return node.clone();
        }
        out.push_slice(text, at..bytes.len());
        Node { kind: NodeKind::Text(out), ..bare(node) }
    }

    /// What is found under what stands between `${` and `}`, itself no variable.
    fn sought<'v>(&'v self, text: &Text, range: Range<usize>, place: Span) -> Cow<'v, Node> {
        let whole = written(text.bytes(), range.clone());
        if self.sought.borrow().contains(&whole) {
            return Cow::Owned(self.hole(Reason::Cycle(whole.into()), place));
        }
        if self.sought.borrow().len() >= MAX_DEPTH || !self.may_make(whole.len() / 16 + 1) {
            return Cow::Owned(self.budget(place));
        }
        self.sought.borrow_mut().push(whole.clone());
        // Variables inside it first: `${self:custom.${opt:stage}}`.
        let inner = text.slice(range);
        let node = Node { kind: NodeKind::Text(inner.clone()), span: place, tag: None };
        let inner = if next_variable(inner.bytes(), 0).is_some() {
            match self.text(&inner, &node).kind {
                NodeKind::Text(text) | NodeKind::Number(_, text) => text,
                _ => Text::hole(self.unknowns.intern(Reason::Expression(whole.clone().into()))),
            }
        } else {
            inner
        };
        let found = self.first(&inner, place);
        self.sought.borrow_mut().pop();
        match found {
            Found::Node(node) => node,
            Found::Unknown(reason) => Cow::Owned(self.hole(reason, place)),
            Found::Nothing => Cow::Owned(self.hole(Reason::Unset(whole.into()), place)),
        }
    }

    /// The first of several alternatives that stands for something.
    fn first(&self, inner: &Text, place: Span) -> Found<'_> {
        for range in alternatives(inner.bytes()) {
            let part = inner.slice(range);
            if let Some(id) = part.holes().next() {
                return Found::Unknown(self.unknowns.reason(id));
            }
            let here = part.span(0..part.len()).unwrap_or(place);
            match self.one(part.to_str().trim(), here) {
                Found::Nothing => {}
                found => return found,
            }
        }
        Found::Nothing
    }

    fn one(&self, address: &str, place: Span) -> Found<'_> {
        let unknown = || Found::Unknown(Reason::Unset(address.into()));
        if let Some(literal) = literal(address, place) {
            return Found::Node(Cow::Owned(literal));
        }
        if let Some(rest) = address.strip_prefix("file(") {
            let Some((path, rest)) = rest.split_once(')') else { return unknown() };
            return self.file(path.trim(), rest.strip_prefix(':').unwrap_or_default());
        }
        let Some((kind, path)) = address.split_once(':') else { return unknown() };
        match (kind, path) {
            ("self", "provider.stage" | "provider.region") => self.standard(path, place),
            ("self", _) => self.own(self.root, path),
            ("sls", "stage") => self.standard("provider.stage", place),
            ("param", _) => self.own(self.root, &format!("params.default.{path}")),
            // Given from outside, which nobody does here.
            ("opt" | "env", _) => Found::Nothing,
            _ => unknown(),
        }
    }

    /// The stage and the region, which the framework has a word for where nobody says any.
    fn standard(&self, path: &str, place: Span) -> Found<'_> {
        match self.own(self.root, path) {
            Found::Nothing => {
                let word: &[u8] = if path == "provider.stage" { b"dev" } else { b"us-east-1" };
                Found::Node(Cow::Owned(Node { kind: NodeKind::Text(Text::within(word, place)), span: place, tag: None }))
            }
            found => found,
        }
    }

    /// A part of a document, by its path: `custom.bucket.name`.
    fn own<'v>(&'v self, root: &'v Node, path: &str) -> Found<'v> {
        let mut node = Cow::Borrowed(root);
        for name in path.split('.').filter(|name| !name.is_empty()) {
            match self.step(node, name) {
                Some(next) => node = next,
                None => return Found::Nothing,
            }
        }
        let node = self.shallow(node);
        if matches!(node.kind, NodeKind::Null) { Found::Nothing } else { Found::Node(node) }
    }

    /// A file beside the service, or a part of it.
    fn file<'v>(&'v self, path: &str, part: &str) -> Found<'v> {
        let unknown = || Found::Unknown(Reason::Macro(format!("file({path})").into()));
        let folder = memchr::memrchr(b'/', self.source.path).map_or(&b""[..], |at| &self.source.path[..at]);
        let Some(at) = beside(folder, path.as_bytes()) else { return unknown() };
        for slot in &self.files {
            let (known, root) = slot.get_or_init(|| (at.clone(), self.read(&at)));
            if *known == at {
                return match root {
                    Some(root) => self.own(root, part),
                    None if self.source.files.read(&at).is_err() => Found::Nothing,
                    None => unknown(),
                };
            }
        }
        self.made.set(MAX_MADE);
        unknown()
    }

    /// The document of a file, where it is there and is data: a program is not run.
    fn read(&self, path: &[u8]) -> Option<Node> {
        const DATA: [&[u8]; 3] = [b".yml", b".yaml", b".json"];
        if !DATA.iter().any(|end| path.ends_with(end)) {
            return None;
        }
        let (file, bytes) = self.source.files.read(path).ok()?;
        match parse(file, &bytes) {
            Ok(documents) => {
                let root = documents.into_iter().next()?.root;
                if cloudformation::is_template(&root) {
                    self.templates.borrow_mut().insert(file);
                }
                Some(root)
            }
            Err(error) => {
                let places = self.source.files.pin(&BTreeSet::from([error.at]));
                self.troubles.borrow_mut().push(Trouble {
                    place: Some(places.into_values().next().unwrap_or_else(|| Place::whole(file))),
                    kind: if error.limit { Failure::Limit } else { Failure::Unparsed },
                    message: error.message,
                    help: Some("what the service takes from this file is not known".to_owned()),
                });
                None
            }
        }
    }
}

/// A node without its content.
fn bare(node: &Node) -> Node {
    Node { kind: NodeKind::Null, span: node.span, tag: node.tag.clone() }
}

fn written(bytes: &[u8], range: Range<usize>) -> String {
    String::from_utf8_lossy(&bytes[range]).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is one variable and nothing else.
fn is_variable(bytes: &[u8]) -> bool {
    next_variable(bytes, 0) == Some(0) && closing(bytes, 0) == Some(bytes.len() - 1)
}

/// Where the next variable begins. `${AWS::Region}` and `${Name}` are left to CloudFormation.
fn next_variable(bytes: &[u8], from: usize) -> Option<usize> {
    const SOURCES: [&[u8]; 12] =
        [b"self:", b"opt:", b"env:", b"file(", b"ssm:", b"sls:", b"cf:", b"cf(", b"s3:", b"aws:", b"param:", b"git:"];
    let starts = |at: &usize| {
        let inner = bytes[at + 2..].trim_ascii_start();
        SOURCES.iter().any(|source| inner.starts_with(source)) || inner.starts_with(b"ssm(") || inner.starts_with(b"strToBool(")
    };
    memchr::memmem::find_iter(&bytes[from..], b"${").map(|at| at + from).find(starts)
}

/// Where a variable that begins at `${` ends.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(open + 1) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The alternatives of a variable: what stands between commas outside of quotes and brackets.
fn alternatives(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut ranges, mut start, mut quote, mut depth) = (Vec::new(), 0, None, 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        if let Some(open) = quote {
            quote = Some(open).filter(|open| open != byte);
            continue;
        }
        match byte {
            b'\'' | b'"' => quote = Some(*byte),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                ranges.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    ranges.push(start..bytes.len());
    ranges
}

/// A literal as a fallback: `'dev'`, `true`, `3`.
fn literal(word: &str, place: Span) -> Option<Node> {
    let node = |kind| Some(Node { kind, span: place, tag: None });
    for quote in ['\'', '"'] {
        if let Some(inner) = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return node(NodeKind::Text(Text::within(inner.as_bytes(), place)));
        }
    }
    match word {
        "true" | "false" => node(NodeKind::Bool(word == "true")),
        "null" => node(NodeKind::Null),
        _ => {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite())?;
            node(NodeKind::Number(number, Text::within(word.as_bytes(), place)))
        }
    }
}
