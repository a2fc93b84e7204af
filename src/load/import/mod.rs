//! Configurations of other tools, made into ours; and what of them could not be carried over.

mod gitleaks;
mod pattern;

use std::fmt::Write as _;

use crate::base::span::FileId;
use crate::base::when;
use crate::load::edit::quoted;
use crate::syntax::document::Node;
use crate::syntax::yaml;

/// What comes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Settings, each with the values that it gets.
    pub settings: Vec<(&'static str, Vec<String>)>,
    /// Entries of `allow`: their fields, a line each.
    pub allow: Vec<Vec<String>>,
    /// A file of rules.
    pub rules: String,
    /// What could not be carried over, and why.
    pub left: Vec<String>,
}

/// A file that can be imported.
pub struct Importer {
    pub name: &'static str,
    pub about: &'static str,
    pub read: Read,
}

/// Reads a text; why it cannot be read.
type Read = fn(text: &str, known: Known<'_>) -> Result<Imported, String>;

/// Tells the id of the rule that goes by a name.
type Known<'k> = &'k dyn Fn(&str) -> Option<String>;

/// Configurations. Baselines and lists of fingerprints are imported by what is found where they say.
pub const IMPORTERS: &[Importer] = &[
    Importer { name: ".gitleaks.toml", about: "rules and allow lists", read: gitleaks::read },
    Importer { name: ".betterleaks.toml", about: "rules and allow lists", read: gitleaks::read },
    Importer { name: ".checkov.yaml", about: "checks that are skipped or chosen", read: checkov },
    Importer { name: ".checkov.yml", about: "checks that are skipped or chosen", read: checkov },
    Importer { name: ".trivyignore", about: "checks that are ignored", read: trivyignore },
];

impl Imported {
    fn set(&mut self, name: &'static str, value: String) {
        match self.settings.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) if !values.contains(&value) => values.push(value),
            Some(_) => {}
            None => self.settings.push((name, vec![value])),
        }
    }

    /// Puts another file's beside it.
    pub fn join(&mut self, other: Imported) {
        for (name, values) in other.settings {
            for value in values {
                self.set(name, value);
            }
        }
        self.allow.extend(other.allow);
        self.rules.push_str(&other.rules);
        self.left.extend(other.left);
    }

    /// A configuration that says all of it.
    #[must_use]
    pub fn print(&self) -> String {
        let mut text = String::new();
        for (name, values) in &self.settings {
            let values: Vec<String> = values.iter().map(|value| format!("  - {}\n", quoted(value))).collect();
            let _ = write!(text, "{name}:\n{}", values.concat());
        }
        if !self.allow.is_empty() {
            text.push_str("allow:\n");
        }
        for entry in &self.allow {
            let _ = writeln!(text, "  - {}", entry.join("\n    "));
        }
        text
    }
}

/// Settings of checkov that change nothing of what is found.
const OF_NO_MATTER: [&str; 9] =
    ["branch", "framework", "directory", "file", "output", "quiet", "compact", "download-external-modules", "evaluate-variables"];

fn checkov(text: &str, known: Known<'_>) -> Result<Imported, String> {
    let mut imported = Imported::default();
    let documents = yaml::parse(FileId(0), text.as_bytes()).map_err(|error| error.message)?;
    let Some(document) = documents.first() else { return Ok(imported) };
    for (key, value) in document.root.entries() {
        let key = key.as_str().unwrap_or_default().into_owned();
        for said in texts(value) {
            match key.as_str() {
                "skip-check" | "check" => match known(&said) {
                    Some(rule) => imported.set(if key == "check" { "select" } else { "ignore" }, rule),
                    None => imported.left.push(format!("{key}: {said}: no rule here is for that situation, or it is a pattern")),
                },
                "skip-path" => {
                    imported.allow.push(vec![format!("path-matches: {}", quoted(&said)), "reason: skip-path of .checkov.yaml".to_owned()]);
                }
                "var-file" => imported.set("var-file", said),
                name if OF_NO_MATTER.contains(&name) => {}
                _ => imported.left.push(format!("{key}: {said}: there is nothing like it here")),
            }
        }
    }
    Ok(imported)
}

/// Texts of a list, or of one text with commas.
fn texts(node: &Node) -> Vec<String> {
    match node.as_str() {
        Some(text) => text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
        None if node.items().is_empty() => vec![match &node.kind {
            crate::syntax::document::NodeKind::Bool(value) => value.to_string(),
            _ => "...".to_owned(),
        }],
        None => node.items().iter().filter_map(|item| item.as_str().map(std::borrow::Cow::into_owned)).collect(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one importer of several")]
fn trivyignore(text: &str, known: Known<'_>) -> Result<Imported, String> {
    let mut imported = Imported::default();
    // A comment speaks of the lines that it stands above, up to an empty one or the next comment.
    let (mut said, mut goes_on) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix('#') {
            said = if goes_on { format!("{said} {}", comment.trim()) } else { comment.trim().to_owned() };
            goes_on = true;
            continue;
        }
        goes_on = false;
        let mut words = line.split_whitespace();
        let Some(id) = words.next() else {
            said.clear();
            continue;
        };
        let until = words.find_map(|word| word.strip_prefix("exp:"));
        let rule = [id.to_owned(), id.to_ascii_lowercase(), id.to_ascii_uppercase()].iter().find_map(|id| known(id));
        match (rule, until) {
            (None, _) => imported.left.push(format!("{id}: no rule here is for that")),
            (Some(rule), None) => imported.set("ignore", rule),
            (Some(_), Some(day)) if when::day(day).is_none() => imported.left.push(format!("{id}: `{day}` is no day")),
            (Some(rule), Some(day)) => {
                let reason = if said.is_empty() { "in .trivyignore" } else { &said };
                imported.allow.push(vec![
                    format!("rule: {}", quoted(&rule)),
                    "path: '*'".to_owned(),
                    format!("reason: {}", quoted(reason)),
                    format!("until: {day}"),
                ]);
            }
        }
    }
    Ok(imported)
}
