//! The examples of every rule, run through the engine: a `bad` one must give a finding of its rule, at its place; a
//! `good` one none.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::check::settings;
use super::scan::{Engine, RuleFault};
use crate::base::excerpt::{Lines, Position};
use crate::base::ids::RuleId;
use crate::input::{ContentId, Entry, EntryKind, Focus, Input, InputPath, Origin, ReadError, Tree};
use crate::report::{Report, SealedFinding};
use crate::rule::def::{Example, ExampleSource};
use crate::rule::{Body, Rule, RuleSet};
use crate::secret::generate;
use crate::settings::Selection;
use crate::source::{Bytes, Item, Sink, Source, SourceError};

/// What made values of generated examples are made from: each example runs with all of them.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// How the examples fared.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rules that were tried.
    pub rules: usize,
    pub run: usize,
    pub failures: Vec<Failed>,
}

/// An example that does not show what it should.
#[derive(Debug)]
pub struct Failed {
    pub rule: RuleId,
    /// `bad 2`: which list, and which in it, from 1.
    pub example: String,
    pub expected: String,
    pub got: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, example {}: expected {}, got {}", self.rule, self.example, self.expected, self.got)
    }
}

/// Runs every example of the rules that are wanted.
///
/// # Errors
/// Where a rule cannot be compiled.
pub fn run(rules: &RuleSet, wanted: &Selection) -> Result<Outcome, RuleFault> {
    let mut outcome = Outcome::default();
    for (index, rule) in rules.rules().iter().enumerate().filter(|(index, _)| wanted.is_on(*index)) {
        outcome.rules += 1;
        let settings = settings(rules, Some(rule.meta.id.as_str()));
        let engine = Engine::new(rules, &settings)?;
        let page = rules.page(index);
        for (list, examples) in [("bad", &page.bad), ("good", &page.good)] {
            for (number, example) in examples.iter().enumerate() {
                outcome.run += 1;
                let tried = SEEDS.map(|seed| one(&engine, rule, example, list == "bad", seed));
                if let Some(Err((expected, got))) = tried.into_iter().find(Result::is_err) {
                    let example = format!("{list} {}", number + 1);
                    outcome.failures.push(Failed { rule: rule.meta.id.clone(), example, expected, got });
                }
            }
        }
    }
    Ok(outcome)
}

fn one(engine: &Engine<'_>, rule: &Rule, example: &Example, bad: bool, seed: u64) -> Result<(), (String, String)> {
    let expand =
        |text: &str| generate::expand(text, seed).map_err(|error| ("an example that can be generated".to_owned(), error.to_string()));
    let files = files(rule, example, &expand)?;
    let memory = Memory { files };
    let (stop, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    let report = engine.run(&memory, &stop, &seen).map_err(|error| ("a scan".to_owned(), error.to_string()))?;
    let own: Vec<_> = report.findings.iter().filter(|f| f.rule == rule.meta.id).collect();
    match (bad, own.as_slice()) {
        (true, []) => Err(("a finding".to_owned(), nothing(&report))),
        (false, [first, ..]) => Err(("none".to_owned(), told(first))),
        (true, found) => match &example.at {
            Some(at) => place(&memory, &expand(at)?, found),
            None => Ok(()),
        },
        (false, []) => Ok(()),
    }
}

fn nothing(report: &Report) -> String {
    report.troubles.first().map_or_else(|| "none".to_owned(), |t| format!("none ({})", t.message))
}

fn told(f: &SealedFinding) -> String {
    format!("{} at {}:{}:{}", f.message, f.primary.path, f.primary.start.line, f.primary.start.column)
}

/// One of the findings must begin where the text of `at` first stands.
fn place(memory: &Memory, at: &str, found: &[&SealedFinding]) -> Result<(), (String, String)> {
    let wanted = memory.files.iter().find_map(|(path, bytes)| {
        let offset = memchr::memmem::find(bytes, at.as_bytes())?;
        Some((path, Lines::new(bytes).position(offset)))
    });
    let Some((path, Position { line, column })) = wanted else {
        return Err((format!("`{at}` in the example"), "no such text".to_owned()));
    };
    if found.iter().any(|f| &f.primary.path == path && f.primary.start == Position { line, column }) {
        return Ok(());
    }
    Err((format!("a finding at {path}:{line}:{column}"), told(found[0])))
}

type Expand<'a> = dyn Fn(&str) -> Result<String, (String, String)> + 'a;

fn files(rule: &Rule, example: &Example, expand: &Expand<'_>) -> Result<BTreeMap<InputPath, Vec<u8>>, (String, String)> {
    let named = |default: &str| InputPath::new(example.name.as_deref().unwrap_or(default).as_bytes());
    let one = |path: InputPath, text: String| Ok(BTreeMap::from([(path, text.into_bytes())]));
    match &example.source {
        ExampleSource::Text { text, generated } => {
            let text = if *generated { expand(text)? } else { text.clone() };
            let default = match &rule.body {
                // A file rule looks at names: the first that is no pattern serves where the example gives none.
                Body::File(file) => file.names.iter().find(|n| !n.contains('*')).map_or("example.txt", String::as_str),
                Body::Secret(_) | Body::Policy(_) => "example.txt",
            };
            one(named(default), text)
        }
        ExampleSource::Hcl(text) => one(named("main.tf"), expand(text)?),
        ExampleSource::Cfn(text) => one(named("template.yml"), expand(text)?),
        ExampleSource::Tree(files) => {
            files.iter().map(|(path, text)| Ok((InputPath::new(path.as_bytes()), expand(text)?.into_bytes()))).collect()
        }
    }
}

/// A few files in memory.
struct Memory {
    files: BTreeMap<InputPath, Vec<u8>>,
}

impl Source for Memory {
    fn visit(&self, sink: &dyn Sink, _threads: usize) -> Result<(), SourceError> {
        let mut worker = sink.worker();
        for (number, (path, bytes)) in self.files.iter().enumerate() {
            let (id, input) = (ContentId::Number(number as u64), self.input(path.bytes()));
            worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(bytes), focus: &Focus::Whole });
        }
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(self)
    }

    fn is_tracked(&self, _path: &InputPath) -> Option<bool> {
        Some(true)
    }
}

impl Tree for Memory {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let mut entries: Vec<Entry> = Vec::new();
        for path in self.files.keys() {
            let below = match folder {
                b"" | b"." => Some(path.bytes()),
                _ => path.bytes().strip_prefix(folder).and_then(|rest| rest.strip_prefix(b"/")),
            };
            let Some(below) = below else { continue };
            let (name, kind) = match memchr::memchr(b'/', below) {
                Some(end) => (&below[..end], EntryKind::Folder),
                None => (below, EntryKind::File),
            };
            let path = InputPath::new(&path.bytes()[..path.bytes().len() - below.len() + name.len()]);
            entries.push(Entry { path, kind });
        }
        entries.dedup();
        Ok(entries)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.files.get(&InputPath::new(path)).cloned().ok_or(ReadError::Missing)
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::File }
    }
}
