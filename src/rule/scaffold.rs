//! The file of a new rule. A check accepts it; its bad examples fail until somebody says what they are of.

use std::fmt::Write as _;

use super::def::View;
use super::raw::{Raw, RawKind};

/// What a rule is to look at, and what can be said of it.
pub struct Outline {
    /// The view, or the kind.
    pub over: String,
    pub names: Vec<String>,
    pub kinds: Vec<String>,
}

/// Keys of a kind's shape that are no names.
pub const WORDS: [&str; 4] = ["each", "anchor", "only", "document"];

/// Where each name of a view stands in each of its kinds: `AWS::S3::Bucket`, `AccessControl`. `names` are all of them.
pub fn places<'v>(view: &'v View, name: &'v str) -> impl Iterator<Item = (&'v str, String)> {
    view.kinds.iter().filter_map(move |(kind, raw)| Some((kind.as_str(), place(raw, name)?)))
}

fn place(raw: &Raw, name: &str) -> Option<String> {
    let RawKind::Map(entries) = &raw.kind else { return None };
    let of = |key: &str| entries.iter().find(|(known, _)| known.name == key).map(|(_, value)| value);
    let each = of("each").and_then(|each| each.text().ok()).map(|each| format!("{each}.")).unwrap_or_default();
    match of(name).filter(|_| !WORDS.contains(&name)) {
        Some(value) => Some(match path(value) {
            Some(path) if path.starts_with("^.") => path["^.".len()..].to_owned(),
            Some(path) => format!("{each}{path}"),
            None => "(made of it)".to_owned(),
        }),
        // The names of statements are the language's own.
        None => of("document").and_then(path).map(|document| format!("statements of {document}")),
    }
}

/// A path, or those that a name is made of.
fn path(raw: &Raw) -> Option<String> {
    match &raw.kind {
        RawKind::Text(path) => Some(path.clone()),
        RawKind::List(items) => Some(items.iter().map(path).collect::<Option<Vec<_>>>()?.join(", ")),
        RawKind::Map(entries) => match entries.iter().find(|(key, _)| matches!(key.name.as_str(), "path" | "range" | "value")) {
            Some((key, value)) if key.name == "value" => value.text().ok().map(|value| format!("always {value}")),
            Some((_, value)) => path(value),
            None => None,
        },
        RawKind::Bool(_) | RawKind::Int(_) | RawKind::Float(_) | RawKind::Null => None,
    }
}

/// The kind of a parameter of a template, which is no resource.
const PARAMETER: &str = "parameter";

/// How a block of a kind begins in Terraform.
fn opening(kind: &str) -> String {
    match kind.split_once('.') {
        Some(("provider", name)) => format!("provider \"{name}\""),
        Some(("data", kind)) => format!("data \"{kind}\" \"example\""),
        _ if matches!(kind, "variable" | "module") => format!("{kind} \"example\""),
        _ => format!("resource \"{kind}\" \"example\""),
    }
}

/// What every rule begins with.
fn head(id: &str) -> String {
    format!(
        "# Fill in every CHANGE-ME. `gatepost rules check --rules DIR` says what is wrong with this file, and
# `gatepost rules test --rules DIR {id}` runs the examples: the bad ones fail until you have filled them in.
- id: {id}
  families: [{id}]
  title: CHANGE-ME, in a few words
  severity: medium            # info, low, medium, high, critical; medium and above fail a scan
  why: CHANGE-ME. What somebody can do, or what breaks, where this is left as it is.
  fix: CHANGE-ME. What to do about it.
"
    )
}

/// The text of a file with a rule on files, or on which files there are (`project`).
#[must_use]
pub fn of_files(id: &str, about: &str) -> String {
    let (names, where_, message) = match about {
        "files" => (
            "every file; what can be tested of it is path, name, size, content and tracked",
            "{path: CHANGE-ME}   # {glob: '*.pem'}, {regex: '^dumps/'}; {size: {gt: 1000000}}, {content: {contains: x}}",
            "{path} is CHANGE-ME",
        ),
        _ => (
            "what is there or missing: `none: 'files:GLOB'`, `some: 'files:GLOB'`; or of a view, `none: VIEW`",
            "{some: 'files:CHANGE-ME'}",
            "CHANGE-ME",
        ),
    };
    let head = head(id);
    format!(
        "{head}  # {names}
  for: {about}
  where: {where_}
  message: '{message}'
  # What must be found: files by their paths.
  bad:
    - tree: {{what-is-wrong.txt: what is in it}}
  # What must be left alone: what comes closest to being found.
  good:
    - tree: {{what-is-right.txt: what is in it}}
"
    )
}

/// The text of a rule file.
#[must_use]
pub fn text(id: &str, outline: &Outline) -> String {
    let Outline { over, names, kinds } = outline;
    let name = names.first().map_or("change_me", String::as_str);
    let about = match names.as_slice() {
        [] => "a kind of resource: its attributes are the names that can be tested".to_owned(),
        names => format!("a view; it has: {}", names.join(", ")),
    };
    let (cfn, hcl): (Vec<&String>, Vec<&String>) = kinds.iter().partition(|kind| kind.contains("::") || *kind == PARAMETER);
    let (hcl, cfn) = (hcl.first(), cfn.first());
    let head = head(id);
    let mut out = format!(
        "{head}  # {about}
  for: {over}
  # What is wrong with it. A test is a value, or one of {{in: [a, b]}} {{not-in: [a]}} {{glob: 'a*'}} {{unset: true}}
  # {{set: true}} {{lt: 7}} {{contains: x}}; `all:`, `any:` and `not:` put several together.
  where: {{{name}: CHANGE-ME}}
  at: {name}   # what a finding points at
  message: '{{address}} has {name} {{{name}}}'
  # What must be found. `at` is the text that the finding must begin at: here it is missing, so the test fails.
  bad:
"
    );
    out.truncate(out.trim_end().len());
    let example = |out: &mut String, comment: &str, at: &str| {
        if let Some(kind) = hcl {
            let _ = write!(out, "\n    - hcl: |\n        {} {{\n          # {comment}\n        }}{at}", opening(kind));
        }
        if let Some(kind) = cfn {
            let source = match kind.as_str() {
                PARAMETER => format!("Parameters:\n          Example:\n            Type: String   # {comment}"),
                kind => format!("Resources:\n          Example:\n            Type: {kind}\n            Properties: {{}}   # {comment}"),
            };
            let _ = write!(out, "\n    - cfn: |\n        {source}{at}");
        }
    };
    example(&mut out, "what is wrong", "\n      at: CHANGE-ME");
    out.push_str("\n  # What must be left alone: what comes closest to being found.\n  good:");
    example(&mut out, "what is right", "");
    out.push('\n');
    out
}
