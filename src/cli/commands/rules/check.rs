//! `gatepost rules check`: all that is wrong with rules, each fault at its word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::{RuleFile, add, every_file};
use super::wanted;
use crate::base::excerpt::Lines;
use crate::cli::args::{Check, CheckFormat, Color};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::engine::check::{self, Remark, Weight};
use crate::load::lint::{self, Read};
use crate::render::lint::{Diagnostic, Lint, human, json};
use crate::rule::RuleSet;
use crate::rule::def::Item;
use crate::rule::raw::{Raw, RawError, RawKey, RawKind};
use crate::settings::{ALL, Selection};

/// # Errors
/// Where a file could not be read, or a name is nothing's.
pub fn run(check: &Check, color: Color) -> Result<Exit, Fault> {
    let files = every_file(&check.some.dirs.rules)?;
    let mut gathered = Gathered {
        files: &files,
        rules: RuleSet::embedded(),
        items: BTreeMap::new(),
        unsound: BTreeSet::new(),
        found: Vec::new(),
        others: Vec::new(),
    };
    for number in 0..files.len() {
        gathered.read(number, &check.some.names);
    }
    let lint = gathered.lint(&check.some.names)?;
    let mut out = Vec::new();
    let written = match check.format {
        CheckFormat::Human => human(&lint, &output::style(color), &mut out),
        CheckFormat::Json => json(&lint, &mut out),
    };
    written.expect("memory takes everything");
    output::print(&out)?;
    let failed = lint.faults() > 0 || check.strict && lint.warnings() > 0;
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}

/// What the files hold, and what is wrong with it.
struct Gathered<'f> {
    files: &'f [RuleFile],
    rules: RuleSet,
    /// Where each item that has a name stands.
    items: BTreeMap<String, (usize, Raw)>,
    /// Items whose shape is wrong: what is doubtful about the rest of them is not told.
    unsound: BTreeSet<String>,
    /// With the number of the file and the offset in it.
    found: Vec<Told>,
    /// The same of what was not asked about: told where what was asked about is not found.
    others: Vec<Told>,
}

type Told = (Option<(usize, u32)>, Remark);

impl Gathered<'_> {
    fn read(&mut self, number: usize, names: &[String]) {
        let RuleFile { group, bytes, .. } = &self.files[number];
        let reading = lint::read(bytes, group);
        let asked = |read: Option<&Read>| {
            names.is_empty() || names.iter().any(|name| name == group || read.is_some_and(|read| bears(&read.raw, name)))
        };
        if let Some(error) = reading.error {
            let told = if asked(None) { &mut self.found } else { &mut self.others };
            told.push((Some((number, error.at)), Remark::of("", error)));
        }
        for read in reading.items {
            // What rules are made of is told whatever rules are asked about, as they may fail of it.
            let asked = asked(Some(&read)) || !is_rule(&read.raw);
            let Read { raw, errors, item } = read;
            let name = lint::name(&raw).unwrap_or_default().to_owned();
            if let Some((other, _)) = self.items.get(&name)
                && !name.is_empty()
                && !matches!(item, Some(Item::Module(..)))
            {
                let first = &self.files[*other].path;
                let error = RawError::new(raw.at, format!("`{name}` is there twice")).word(&name).help(format!("the other is in {first}"));
                self.found.push((Some((number, raw.at)), Remark::of(&name, error)));
            }
            if !errors.is_empty() {
                self.unsound.insert(name.clone());
            }
            let remarks = errors.into_iter().map(|error| (Some((number, error.at)), Remark::of(&name, error)));
            if asked { &mut self.found } else { &mut self.others }.extend(remarks);
            if asked
                && !self.unsound.contains(&name)
                && let Some((at, count)) = unfilled(&raw)
            {
                let places = if count == 1 { "is left in it".to_owned() } else { format!("is left in {count} places") };
                let error =
                    RawError::new(at, format!("{UNFILLED} {places}")).word(UNFILLED).help("`rules new` wrote it: say what is meant");
                self.found.push((Some((number, at)), Remark { weight: Weight::Warning, ..Remark::of(&name, error) }));
            }
            if let Some(item) = item {
                add(&mut self.rules, item);
            }
            self.items.insert(name, (number, raw));
        }
    }

    fn lint(mut self, names: &[String]) -> Result<Lint, Fault> {
        let wanted = match wanted(&self.rules, names) {
            // What goes by the name may be what cannot be read.
            Err(_) if !self.found.is_empty() || !self.others.is_empty() => {
                self.found.append(&mut self.others);
                Selection::new(&self.rules, &[], &[], &[ALL.to_owned()]).map_err(|unknown| Fault::usage(unknown[0].to_string()))?
            }
            wanted => wanted?,
        };
        let remarks = check::check(&self.rules, &wanted);
        let faulty: BTreeSet<String> = remarks.iter().filter(|r| r.weight == Weight::Fault).map(|r| r.name.clone()).collect();
        for remark in remarks {
            let item = self.items.get(&remark.name);
            // Of what is half a rule only that is told which a word in it shows, and nothing that is doubtful.
            let unsound = self.unsound.contains(&remark.name);
            let shown = remark.at.is_some() || remark.word.is_some();
            if unsound && !shown || remark.weight == Weight::Warning && (unsound || faulty.contains(&remark.name)) {
                continue;
            }
            let place = item.map(|(number, raw)| (*number, remark.at.unwrap_or_else(|| lint::find(raw, &remark.part))));
            // What is built in, and not as a user's, is doubted elsewhere.
            if place.is_some() || remark.weight == Weight::Fault || self.files.is_empty() {
                self.found.push((place, remark));
            }
        }
        self.found.sort_by(|(a, one), (b, other)| (a, one.weight, &one.name).cmp(&(b, other.weight, &other.name)));
        let rules = (0..self.rules.rules().len()).filter(|index| wanted.is_on(*index)).count();
        let diagnostics = self.found.into_iter().map(|(place, remark)| diagnostic(self.files, place, remark)).collect();
        Ok(Lint { rules, diagnostics })
    }
}

fn diagnostic(files: &[RuleFile], place: Option<(usize, u32)>, remark: Remark) -> Diagnostic {
    let file = place.map(|(number, at)| (&files[number], at as usize));
    Diagnostic {
        is_fault: remark.weight == Weight::Fault,
        name: remark.name,
        file: file.map(|(file, _)| file.path.clone()),
        excerpt: file.map(|(file, at)| Lines::new(&file.bytes).excerpt(extent(&file.bytes, at, remark.word.as_deref()))),
        message: remark.message,
        help: remark.help,
    }
}

/// What `rules new` writes where something is to be filled in.
const UNFILLED: &str = "CHANGE-ME";

/// Where an item was first not filled in, and how many of its texts were not.
fn unfilled(raw: &Raw) -> Option<(u32, usize)> {
    let add =
        |all: Option<(u32, usize)>, (at, count)| Some((all.map_or(at, |(first, _)| first), all.map_or(0, |(_, before)| before) + count));
    match &raw.kind {
        RawKind::Text(text) => text.contains(UNFILLED).then_some((raw.at, 1)),
        RawKind::List(items) => items.iter().filter_map(unfilled).fold(None, add),
        RawKind::Map(entries) => {
            let key = |key: &RawKey| key.name.contains(UNFILLED).then_some((key.at, 1));
            entries.iter().flat_map(|(name, value)| key(name).into_iter().chain(unfilled(value))).fold(None, add)
        }
        _ => None,
    }
}

/// Whether an item is a rule, or meant to be one.
fn is_rule(raw: &Raw) -> bool {
    !matches!(&raw.kind, RawKind::Map(entries) if entries.iter().any(|(key, _)| matches!(key.name.as_str(), "view" | "table" | "module")))
}

/// Whether an item goes by a name, or is of a family of that name.
fn bears(raw: &Raw, wanted: &str) -> bool {
    let families = match &raw.kind {
        RawKind::Map(entries) => entries.iter().find(|(key, _)| key.name == "families").and_then(|(_, value)| value.texts().ok()),
        _ => None,
    };
    lint::name(raw) == Some(wanted) || wanted == ALL || families.is_some_and(|all| all.iter().any(|family| family == wanted))
}

/// How far a text may stand behind the place that it is told of.
const NEAR: usize = 4096;

/// The word at an offset: the text that is told, or what stands there up to its end on the line.
fn extent(bytes: &[u8], at: usize, word: Option<&str>) -> Range<usize> {
    let at = at.min(bytes.len());
    let rest = &bytes[at..];
    if let Some(word) = word.filter(|word| !word.is_empty())
        && let Some(found) = memchr::memmem::find(&rest[..rest.len().min(NEAR)], word.as_bytes())
    {
        return at + found..at + found + word.len();
    }
    let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
    let closed = |close: u8| memchr::memchr(close, line.get(1..).unwrap_or_default()).map(|end| end + 2);
    let length = match line.first() {
        Some(quote @ (b'"' | b'\'')) => closed(*quote),
        Some(b'{') => closed(b'}'),
        Some(b'[') => closed(b']'),
        _ => line.iter().enumerate().position(|(index, byte)| {
            let next = line.get(index + 1).copied().unwrap_or(b' ');
            matches!(byte, b',' | b']' | b'}') || matches!(byte, b':') && next == b' ' || *byte == b' ' && next == b'#'
        }),
    };
    let length = length.unwrap_or(line.len());
    at..at + line[..length].trim_ascii_end().len().max(1).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_where_yaml_ends_it() {
        let word = |text: &str, at: usize, word: Option<&str>| text[extent(text.as_bytes(), at, word)].to_owned();
        assert_eq!(word("severity: hgh # so\nx", 10, None), "hgh");
        assert_eq!(word("severity: hgh", 0, None), "severity");
        assert_eq!(word("a: {inn: [x]}", 4, None), "inn");
        assert_eq!(word("m: 'it {is}, so'", 3, None), "'it {is}, so'");
        assert_eq!(word("m: 'it {is}, so'", 3, Some("is")), "is");
        assert_eq!(word("m: [a, b]", 3, None), "[a, b]");
        assert_eq!(word("x", 9, None), "");
        assert_eq!(word("a:\n  b", 0, None), "a");
    }
}
