//! JSON and YAML files that hold resources: read once, then evaluated by the dialect that they are of.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluated::Evaluated;
use super::{Files, cloudformation, gate, plan, policy_file, serverless, state};
use crate::base::span::{FileId, Span};
use crate::input::{Inputs, Tree};
use crate::syntax::document::{Document, Node, SyntaxError};
use crate::syntax::{document, json, yaml};

/// A dialect: whether a document is of it, by its root; and its evaluation.
struct Dialect {
    /// What a person is told.
    name: &'static str,
    is: fn(&Node) -> bool,
    evaluate: Evaluate,
}

/// Evaluates the resources of a document whose kinds are wanted.
type Evaluate = fn(&Source<'_>, &Document, &dyn Fn(&str) -> bool) -> Vec<Evaluated>;

/// Where a document comes from: for what it names beside itself.
pub(super) struct Source<'a> {
    pub files: &'a Files<'a>,
    pub path: &'a [u8],
}

/// The dialects. A document may be of several: a key of one must not hide another.
const DIALECTS: &[Dialect] = &[
    Dialect { name: "cloudformation", is: cloudformation::is_template, evaluate: cloudformation::evaluate },
    Dialect { name: "serverless", is: serverless::is_service, evaluate: serverless::evaluate },
    Dialect { name: "plan", is: plan::is_plan, evaluate: plan::evaluate },
    Dialect { name: "state", is: state::is_state, evaluate: state::evaluate },
    Dialect { name: "policy", is: policy_file::is_policy, evaluate: policy_file::evaluate },
];

/// Kinds whose resources are written elsewhere or made of others: they may be of any kind.
const OPEN_KINDS: [&[u8]; 4] = [b"AWS::CloudFormation::Stack", b"AWS::Serverless::", b"Fn::ForEach", b"Fn::Transform"];

/// Evaluates a file that was read, its resources of the kinds that are wanted. Empty where it holds none of any dialect;
/// a file may hold several projects.
///
/// # Errors
/// Where it cannot be parsed and says that it is a template.
pub fn evaluate(
    files: &Files<'_>,
    path: &[u8],
    (file, bytes): (FileId, &[u8]),
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Evaluated>, SyntaxError> {
    let parts = evaluate_parts(files, path, (file, bytes), wanted)?;
    Ok(parts.into_iter().map(|part| part.evaluated).collect())
}

/// One project of a file.
pub struct PartOf {
    /// `cloudformation`, `serverless`, `plan`, `state`, `policy`.
    pub dialect: &'static str,
    /// The number of its document, from 1; none in a file of one.
    pub document: Option<usize>,
    pub evaluated: Evaluated,
}

/// The same, each project with its dialect.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_parts(
    files: &Files<'_>,
    path: &[u8],
    (file, bytes): (FileId, &[u8]),
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<PartOf>, SyntaxError> {
    let source = Source { files, path };
    let documents = match parse(file, bytes) {
        Ok(documents) => documents,
        Err(error) if gate::claims_resources(path, bytes) => return Err(explained(error, bytes)),
        Err(_) => return Ok(Vec::new()),
    };
    let several = documents.len() > 1;
    let mut parts = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for dialect in DIALECTS.iter().filter(|dialect| (dialect.is)(&document.root)) {
            let part = |evaluated| PartOf { dialect: dialect.name, document: several.then_some(number + 1), evaluated };
            parts.extend((dialect.evaluate)(&source, document, wanted).into_iter().map(part));
        }
    }
    Ok(parts)
}

/// The documents of a JSON or YAML file.
///
/// # Errors
/// Where it is neither.
pub(super) fn parse(file: FileId, bytes: &[u8]) -> Result<Vec<Document>, SyntaxError> {
    let text = document::text(file, bytes)?;
    let whole = text.span(0..text.len()).unwrap_or(Span::new(file, 0..0));
    if text.bytes().trim_ascii_start().starts_with(b"{") {
        // What YAML's flow style allows and JSON does not is a template all the same.
        json::parse_loose(file, &text).map(|document| vec![document]).or_else(|error| yaml::parse_text(&text, whole).map_err(|_| error))
    } else {
        yaml::parse_text(&text, whole)
    }
}

/// An error that says so where the file is no YAML but something that YAML is made from.
fn explained(error: SyntaxError, bytes: &[u8]) -> SyntaxError {
    let bytes = &*gate::plain(bytes);
    let has = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
    let braces = memchr::memmem::find_iter(bytes, b"{{").any(|at| !bytes[at..].starts_with(b"{{resolve:"));
    if error.limit || !(has(b"{%") || has(b"<%") || braces) {
        return error;
    }
    let message = format!("{}; it is a source that templates are made from: make the template and scan that", error.message);
    SyntaxError { message, ..error }
}

/// Whether a file may hold what a set of words stands for, told without parsing it. `mentions` looks for the words.
#[must_use]
pub fn may_hold(path: &[u8], bytes: &[u8], mentions: &dyn Fn(&[u8]) -> bool) -> bool {
    let plain = gate::plain(bytes);
    mentions(&plain) || gate::looks_like_service(path, &plain) || OPEN_KINDS.iter().any(|kind| memchr::memmem::find(&plain, kind).is_some())
}

/// Of files that may be templates, those that no other one of them calls: what they call is judged with them.
#[must_use]
pub fn roots<'p>(tree: &dyn Tree, paths: &[&'p [u8]], inputs: &Inputs) -> Vec<&'p [u8]> {
    let known: BTreeSet<&'p [u8]> = paths.iter().copied().collect();
    let called: BTreeMap<&[u8], Vec<&'p [u8]>> = paths
        .iter()
        .map(|path| {
            let calls = calls(tree, path, inputs);
            // A template that calls itself is called by nobody.
            (*path, calls.iter().filter(|call| ***call != **path).filter_map(|call| known.get(&**call).copied()).collect())
        })
        .collect();
    let with_caller: BTreeSet<&[u8]> = called.values().flatten().copied().collect();
    let (mut roots, mut reached) = (Vec::new(), BTreeSet::new());
    // Those that call each other in a circle have nobody above them: the first of them is one.
    let (below, above): (Vec<_>, Vec<_>) = paths.iter().copied().partition(|path| with_caller.contains(path));
    for path in above.into_iter().chain(below) {
        if reached.contains(path) {
            continue;
        }
        roots.push(path);
        let mut open = vec![path];
        while let Some(path) = open.pop() {
            if reached.insert(path) {
                open.extend(called.get(path).into_iter().flatten());
            }
        }
    }
    roots.sort_unstable();
    roots
}

/// Templates beside a file that it calls.
fn calls(tree: &dyn Tree, path: &[u8], inputs: &Inputs) -> Vec<Vec<u8>> {
    let files = Files::new(tree, inputs);
    let Ok((file, bytes)) = files.read(path) else { return Vec::new() };
    let plain = gate::plain(&bytes);
    let names_one = [&b"TemplateURL"[..], b"AWS::Serverless::Application"].iter().any(|word| memchr::memmem::find(&plain, word).is_some());
    if !names_one {
        return Vec::new();
    }
    let source = Source { files: &files, path };
    let documents = parse(file, &bytes).unwrap_or_default();
    let templates = documents.iter().filter(|document| cloudformation::is_template(&document.root));
    templates.flat_map(|document| cloudformation::calls(&source, document)).collect()
}
