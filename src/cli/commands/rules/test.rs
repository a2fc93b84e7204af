//! `gatepost rules test`: the examples of rules, what was expected of each and what came.

use std::collections::BTreeMap;

use super::super::{Loaded, load_rules};
use super::wanted;
use crate::base::excerpt::Lines;
use crate::cli::args::{Color, Test};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::engine::selftest::{self, Said, Tried};
use crate::load::lint;
use crate::render::examples::{Line, Shown, Trial, human};
use crate::rule::def::{Example, ExampleSource};

/// # Errors
/// Where rules could not be read or used.
pub fn run(test: &Test, color: Color) -> Result<Exit, Fault> {
    let loaded = load_rules(&test.some.dirs.rules, None, &[])?;
    let rules = &loaded.rules;
    let outcome = selftest::run(rules, &wanted(rules, &test.some.names)?).map_err(|fault| loaded.fault(&fault))?;
    let (run, failed) = (outcome.tried.len(), outcome.tried.iter().filter(|tried| tried.failure.is_some()).count());
    let mut places = Places { loaded: &loaded, files: BTreeMap::new() };
    let shown = outcome.tried.into_iter().filter(|tried| test.verbose || tried.failure.is_some());
    let shown = shown.map(|tried| places.shown(tried)).collect();
    let trial = Trial { rules: outcome.rules, passed: run - failed, failed, shown };
    let mut out = Vec::new();
    human(&trial, &output::style(color), &mut out).expect("memory takes everything");
    output::print(&out)?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}

/// Where examples stand in the files of a user's rules.
struct Places<'l> {
    loaded: &'l Loaded,
    /// By rule: its file's text and what was read of it.
    files: BTreeMap<String, (Vec<u8>, lint::Reading)>,
}

impl Places<'_> {
    fn shown(&mut self, tried: Tried) -> Shown {
        let Tried { rule, list, number, failure } = tried;
        let of = |said: Vec<Said>| said.into_iter().map(|said| Line { text: said.text, line: said.line }).collect();
        let place = self.place(rule.as_str(), list, number);
        let dialect = self.example(rule.as_str(), list, number).map(kind).unwrap_or_default();
        let example = format!("{rule}, {list} {}{dialect}", number + 1);
        Shown { example, place, failure: failure.map(|failure| (of(failure.expected), of(failure.got))) }
    }

    fn example(&self, rule: &str, list: &str, number: usize) -> Option<&Example> {
        let page = self.loaded.rules.page(self.loaded.rules.find(rule)?);
        if list == "bad" { &page.bad } else { &page.good }.get(number)
    }

    /// `own/acme.yml:12:7`
    fn place(&mut self, rule: &str, list: &str, number: usize) -> Option<String> {
        let file = self.loaded.files.get(rule)?;
        let read = self.files.entry(rule.to_owned()).or_insert_with(|| {
            let bytes = file.bytes.clone();
            let reading = lint::read(&bytes, "");
            (bytes, reading)
        });
        let (bytes, reading) = read;
        let item = reading.items.iter().find(|read| lint::name(&read.raw) == Some(rule))?;
        let at = Lines::new(bytes).position(lint::find(&item.raw, &format!("{list}.{number}")) as usize);
        Some(format!("{}:{}:{}", file.path, at.line, at.column))
    }
}

fn kind(example: &Example) -> &'static str {
    match example.source {
        ExampleSource::Text { .. } | ExampleSource::Bytes(_) => "",
        ExampleSource::Hcl(_) => " (hcl)",
        ExampleSource::Cfn(_) => " (cfn)",
        ExampleSource::Tree(_) => " (tree)",
    }
}
