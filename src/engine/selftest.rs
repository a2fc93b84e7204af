//! The examples of every rule, run through the engine: a `bad` one must give a finding of its rule, at its place; a
//! `good` one none.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::check::settings;
use super::scan::{Engine, RuleFault, detector};
use crate::base::excerpt::{Lines, Position};
use crate::base::ids::RuleId;
use crate::input::{ContentId, Focus, InputPath, Tree};
use crate::report::{Report, SealedFinding};
use crate::rule::def::{Example, ExampleSource};
use crate::rule::{Body, Rule, RuleSet};
use crate::secret::generate;
use crate::settings::Selection;
use crate::source::memory::MemoryTree;
use crate::source::{Bytes, Item, Sink, Source, SourceError};

/// What made values of generated examples are made from: each example runs with all of them.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// How the examples fared.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rules that were tried.
    pub rules: usize,
    pub tried: Vec<Tried>,
}

/// An example, and how it fared.
#[derive(Debug)]
pub struct Tried {
    pub rule: RuleId,
    /// `bad` or `good`.
    pub list: &'static str,
    /// Which in its list, from 0.
    pub number: usize,
    pub failure: Option<Failure>,
}

/// An example does not show what it should.
#[derive(Debug, Default)]
pub struct Failure {
    pub expected: Vec<Said>,
    pub got: Vec<Said>,
}

/// A line of what was expected, or of what came.
#[derive(Debug)]
pub struct Said {
    pub text: String,
    /// The line of the example that it is about, with its number, where it can be shown.
    pub line: Option<(u32, String)>,
}

impl Said {
    fn only(text: impl Into<String>) -> Said {
        Said { text: text.into(), line: None }
    }
}

impl Failure {
    fn of(expected: impl Into<String>, got: impl Into<String>) -> Failure {
        Failure { expected: vec![Said::only(expected)], got: vec![Said::only(got)] }
    }
}

/// Runs every example of the rules that are wanted.
///
/// # Errors
/// Where a rule cannot be compiled.
pub fn run(rules: &RuleSet, wanted: &Selection) -> Result<Outcome, RuleFault> {
    let mut outcome = Outcome::default();
    let detector = detector(rules)?;
    for (index, rule) in wanted.selected(rules) {
        outcome.rules += 1;
        let settings = settings(rules, Some(rule.meta.id.as_str()));
        let engine = Engine::with(rules, &settings, detector.clone())?;
        let page = rules.page(index);
        for (list, examples) in [("bad", &page.bad), ("good", &page.good)] {
            for (number, example) in examples.iter().enumerate() {
                // What is not generated is the same for every seed.
                let seeds = if is_generated(example) { &SEEDS[..] } else { &SEEDS[..1] };
                let failure = seeds.iter().find_map(|seed| one(&engine, rule, example, list == "bad", *seed).err());
                outcome.tried.push(Tried { rule: rule.meta.id.clone(), list, number, failure });
            }
        }
    }
    Ok(outcome)
}

fn is_generated(example: &Example) -> bool {
    let differs = |text: &str| generate::expand(text, SEEDS[0]) != generate::expand(text, SEEDS[1]);
    match &example.source {
        ExampleSource::Text { generated, .. } => *generated,
        ExampleSource::Tree(files) => files.iter().any(|(_, text)| differs(text)),
        ExampleSource::Bytes(_) | ExampleSource::Hcl(_) | ExampleSource::Cfn(_) => false,
    }
}

fn one(engine: &Engine<'_>, rule: &Rule, example: &Example, bad: bool, seed: u64) -> Result<(), Failure> {
    let expand =
        |text: &str| generate::expand(text, seed).map_err(|error| Failure::of("an example that can be generated", error.to_string()));
    let files = files(rule, example, &expand)?;
    let memory = Memory(MemoryTree { files, container: None });
    let (stop, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    let report = engine.run(&memory, &stop, &seen).map_err(|error| Failure::of("a scan", error.to_string()))?;
    let own: Vec<_> = report.findings.iter().filter(|f| f.rule == rule.meta.id).collect();
    if !bad {
        let got = || own.iter().map(|f| found(f)).collect();
        return if own.is_empty() { Ok(()) } else { Err(Failure { expected: vec![Said::only("no finding")], got: got() }) };
    }
    let wanted = Wanted::of(example, &memory, &expand)?;
    if own.iter().any(|f| wanted.is_met(f)) {
        return Ok(());
    }
    let mut got: Vec<Said> = own.iter().map(|f| found(f)).collect();
    if got.is_empty() {
        got = nothing(rule, &report);
    }
    Err(Failure { expected: vec![wanted.said()], got })
}

/// What the finding of a bad example must be.
struct Wanted<'e> {
    example: &'e Example,
    place: Option<(InputPath, Position)>,
    line: Option<(u32, String)>,
}

impl<'e> Wanted<'e> {
    /// A finding must begin where the text of `at` first stands.
    fn of(example: &'e Example, memory: &Memory, expand: &Expand<'_>) -> Result<Wanted<'e>, Failure> {
        let Some(at) = &example.at else { return Ok(Wanted { example, place: None, line: None }) };
        let at = expand(at)?;
        let stands = memory.0.files.iter().find_map(|(path, bytes)| Some((path, bytes, memchr::memmem::find(bytes, at.as_bytes())?)));
        let Some((path, bytes, offset)) = stands else {
            return Err(Failure::of(format!("the text `{}` in the example", example.at.as_deref().unwrap_or_default()), "no such text"));
        };
        let start = Lines::new(bytes).position(offset);
        // A line that may hold a secret is not shown.
        let line = match example.source {
            ExampleSource::Text { .. } | ExampleSource::Bytes(_) => None,
            _ => Some((start.line, row(bytes, offset))),
        };
        Ok(Wanted { example, place: Some((path.clone(), start)), line })
    }

    fn is_met(&self, f: &SealedFinding) -> bool {
        let Example { severity, message, .. } = self.example;
        self.place.as_ref().is_none_or(|(path, start)| f.primary.path == *path && f.primary.start == *start)
            && severity.is_none_or(|severity| f.severity == severity)
            && message.as_ref().is_none_or(|message| f.message == *message)
    }

    fn said(self) -> Said {
        let severity = self.example.severity.map_or_else(|| "a finding".to_owned(), |severity| severity.to_string());
        let place = self.place.map(|(path, Position { line, column })| format!(" at {path}:{line}:{column}")).unwrap_or_default();
        let message = self.example.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        Said { text: format!("{severity}{place}{message}"), line: self.line }
    }
}

/// The line that holds an offset.
fn row(bytes: &[u8], offset: usize) -> String {
    let start = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at);
    String::from_utf8_lossy(&bytes[start..end]).trim_end().to_owned()
}

fn found(f: &SealedFinding) -> Said {
    let Position { line, column } = f.primary.start;
    let text = format!("{} at {}:{line}:{column}: {}", f.severity, f.primary.path, f.message);
    let rows = f.primary.excerpt.as_ref().and_then(|excerpt| {
        let row = excerpt.text.split('\n').nth((excerpt.start.line - excerpt.first.line) as usize)?;
        Some((line, row.trim_end().to_owned()))
    });
    Said { text, line: rows }
}

/// Why there is no finding, as far as the report tells.
fn nothing(rule: &Rule, report: &Report) -> Vec<Said> {
    let questions = report.unanswered.iter().filter(|question| question.rule == rule.meta.id);
    let mut said: Vec<Said> = questions
        .map(|question| Said::only(format!("no answer for {}: {} is not known", question.resource, question.why)))
        .chain(report.troubles.iter().map(|trouble| Said::only(format!("no finding: {}", trouble.message))))
        .collect();
    if said.is_empty() {
        said.push(Said::only("no finding"));
    }
    said
}

type Expand<'a> = dyn Fn(&str) -> Result<String, Failure> + 'a;

fn files(rule: &Rule, example: &Example, expand: &Expand<'_>) -> Result<BTreeMap<InputPath, Vec<u8>>, Failure> {
    let named = |default: &str| InputPath::new(example.name.as_deref().unwrap_or(default).as_bytes());
    let one = |path: InputPath, text: String| Ok(BTreeMap::from([(path, text.into_bytes())]));
    match &example.source {
        ExampleSource::Text { text, generated } => {
            let text = if *generated { expand(text)? } else { text.clone() };
            let default = match &rule.body {
                // A file rule looks at names: the first that is no pattern serves where the example gives none.
                Body::File(file) => file.names.iter().find(|n| !n.contains('*')).map_or("example.txt", String::as_str),
                Body::Secret(_) | Body::Policy(_) | Body::Suppression(_) => "example.txt",
            };
            one(named(default), text)
        }
        ExampleSource::Bytes(bytes) => Ok(BTreeMap::from([(named("example.bin"), bytes.clone())])),
        ExampleSource::Hcl(text) => one(named("main.tf"), expand(text)?),
        ExampleSource::Cfn(text) => one(named("template.yml"), expand(text)?),
        ExampleSource::Tree(files) => {
            files.iter().map(|(path, text)| Ok((InputPath::new(path.as_bytes()), expand(text)?.into_bytes()))).collect()
        }
    }
}

/// The files of an example, all of them tracked.
struct Memory(MemoryTree);

impl Source for Memory {
    fn visit(&self, sink: &dyn Sink, _threads: usize) -> Result<(), SourceError> {
        let mut worker = sink.worker();
        for (number, (path, bytes)) in self.0.files.iter().enumerate() {
            let (id, input) = (ContentId::Number(number as u64), self.0.input(path.bytes()));
            worker.take(Item::Content { id, input: &input, bytes: Bytes::Whole(bytes), focus: &Focus::Whole });
        }
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(&self.0)
    }

    fn is_tracked(&self, _path: &InputPath) -> Option<bool> {
        Some(true)
    }
}
