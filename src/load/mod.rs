//! A user's rule files: YAML with places, so that a fault has its line and a "did you mean".
//!
//! Built-in rules are read by build.rs with another YAML reader and the same lines of `rule::def`; a test compares both.

pub mod config;
pub mod edit;
pub mod import;
pub mod lint;
pub mod schema;

use crate::base::escape;
use crate::base::excerpt::{Lines, Position};
use crate::base::span::FileId;
use crate::rule::def::{Item, read_file};
use crate::rule::raw::{Raw, RawError, RawKey, RawKind};
use crate::syntax::document::{Node, NodeKind};
use crate::syntax::yaml;

/// A fault in a rule file or a configuration: whoever wrote it is to change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}:{}: {message}", at.line, at.column)]
pub struct FileError {
    pub file: String,
    pub at: Position,
    pub message: String,
    pub help: Option<String>,
}

impl FileError {
    /// A fault at a byte offset of a rule file: also for those found only when a rule is compiled.
    #[must_use]
    pub fn of(file: &str, bytes: &[u8], error: RawError) -> Self {
        let at = Lines::new(bytes).position(error.at as usize);
        FileError { file: file.to_owned(), at, message: error.message, help: error.help }
    }
}

/// Reads a rule file: the rules and views in it. `group` is what its rules belong to.
///
/// # Errors
/// Every fault that was found.
pub fn rules(file: &str, bytes: &[u8], group: &str) -> Result<Vec<Item>, Vec<FileError>> {
    let raw = raw(bytes, Holds::Rules).map_err(|error| vec![FileError::of(file, bytes, error)])?;
    let Some(raw) = raw else { return Ok(Vec::new()) };
    read_file(&raw, group).map_err(|errors| errors.into_iter().map(|error| FileError::of(file, bytes, error)).collect())
}

/// What a file is to hold, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Rules,
    Configuration,
}

/// The data of a file with one document; None where it is empty.
///
/// # Errors
/// Where it is no YAML, or not what rules and settings are made of.
pub fn raw(bytes: &[u8], holds: Holds) -> Result<Option<Raw>, RawError> {
    let documents = yaml::parse(FileId(0), bytes).map_err(|error| RawError::new(error.at.start, error.message))?;
    match documents.as_slice() {
        [] => Ok(None),
        [document] => node(&document.root, holds).map(Some),
        [_, second, ..] => {
            let what = if holds == Holds::Rules { "list of rules" } else { "configuration" };
            Err(RawError::new(second.root.span.start, "a second document").help(format!("one file holds one {what}")))
        }
    }
}

fn node(node: &Node, holds: Holds) -> Result<Raw, RawError> {
    let at = node.span.start;
    if let Some(tag) = &node.tag {
        let what = if holds == Holds::Rules { "rules have" } else { "a configuration has" };
        return Err(RawError::new(at, format!("{what} no tags, and here is `{}`", escape::harmless(tag))));
    }
    let kind = match &node.kind {
        NodeKind::Null => RawKind::Null,
        NodeKind::Bool(value) => RawKind::Bool(*value),
        NodeKind::Number(number, digits) => match digits.to_str().parse() {
            Ok(whole) => RawKind::Int(whole),
            Err(_) => RawKind::Float(*number),
        },
        NodeKind::Text(text) => RawKind::Text(text.to_str().into_owned()),
        NodeKind::List(items) => RawKind::List(items.iter().map(|item| self::node(item, holds)).collect::<Result<_, _>>()?),
        NodeKind::Map(entries) => {
            let mut known = std::collections::HashSet::new();
            let entry = |(key, value): &(Node, Node)| {
                let name = key.as_str().ok_or_else(|| RawError::new(key.span.start, "a key that is no text"))?.into_owned();
                if !known.insert(name.clone()) {
                    return Err(RawError::new(key.span.start, format!("`{}` is there twice", escape::harmless(&name))));
                }
                Ok((RawKey { at: key.span.start, name }, self::node(value, holds)?))
            };
            RawKind::Map(entries.iter().map(entry).collect::<Result<_, RawError>>()?)
        }
    };
    Ok(Raw { at, kind })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use std::path::{Path, PathBuf};

    fn list(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("rules/ is readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                list(&path, files);
            } else if path.extension().is_some_and(|e| e == "yml") {
                files.push(path);
            }
        }
    }

    /// Two YAML readers, one rule.
    #[test]
    fn built_in_rules_read_at_run_time_are_the_embedded_ones() {
        let (mut files, embedded) = (Vec::new(), RuleSet::embedded());
        list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), &mut files);
        let (mut rules, mut views, mut tables, mut modules) = (0, 0, 0, 0);
        for file in files {
            let group = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a group");
            let bytes = std::fs::read(&file).expect("readable");
            for item in super::rules(&file.to_string_lossy(), &bytes, group).expect("sound") {
                match item {
                    Item::Rule(both) => {
                        let index = embedded.find(both.0.meta.id.as_str()).expect("embedded too");
                        assert_eq!(embedded.rules()[index], both.0);
                        assert_eq!(*embedded.page(index), both.1);
                        rules += 1;
                    }
                    Item::View(view) => {
                        assert_eq!(embedded.views().iter().find(|known| known.name == view.name), Some(&view));
                        views += 1;
                    }
                    Item::Table(table) => {
                        assert_eq!(embedded.tables().iter().find(|known| known.name == table.name), Some(&table));
                        tables += 1;
                    }
                    Item::Module(module, hcl) => {
                        let all = embedded.modules();
                        let index = all.all().iter().position(|known| *known == module).expect("embedded too");
                        assert_eq!(all.hcl(index), hcl);
                        modules += 1;
                    }
                }
            }
        }
        assert_eq!((rules, views), (embedded.rules().len(), embedded.views().len()));
        assert_eq!((tables, modules), (embedded.tables().len(), embedded.modules().all().len()));
    }

    #[test]
    fn a_fault_has_its_line_and_a_suggestion() {
        let file = "# öffentlich\n- id: x\n  title: t\n  severty: high\n  why: w\n  fix: f\n  for: k_x\n  where: {a: 1}\n  message: m\n";
        let errors = rules("r.yml", file.as_bytes(), "g").expect_err("a fault");
        assert_eq!(errors[0].to_string(), "r.yml:4:3: unknown field `severty`");
        assert_eq!(errors[0].help.as_deref(), Some("did you mean `severity`?"));
        let file = file.replace("  severty: high\n", "  severity: hgh\n");
        let errors = rules("r.yml", file.as_bytes(), "g").expect_err("a fault");
        assert_eq!((errors[0].at, errors[0].help.as_deref()), (Position { line: 4, column: 13 }, Some("did you mean `high`?")));
    }

    #[test]
    fn what_is_no_rule_file_is_refused_with_its_place() {
        for (file, line) in
            [("a: [", 1), ("- id: !x y\n", 1), ("- a: 1\n  a: 2\n", 2), ("- a\n---\n- b\n", 3), ("- 1: x\n", 1), ("just text\n", 1)]
        {
            let errors = rules("r.yml", file.as_bytes(), "g").expect_err(file);
            assert_eq!(errors[0].at.line, line, "{file}: {errors:?}");
        }
        assert!(rules("r.yml", b"", "g").expect("nothing").is_empty());
    }
}
