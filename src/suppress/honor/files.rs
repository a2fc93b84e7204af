//! Files of other tools that say what they leave out, as entries of an allow list.

use serde_json::Value;

use super::covers;
use crate::base::excerpt::Position;
use crate::base::span::{FileId, offset};
use crate::base::when;
use crate::finding::By;
use crate::input::{ReadError, Tree};
use crate::settings::{Allow, Form, From, Paths, Pattern};
use crate::syntax::document::Node;
use crate::syntax::yaml;

/// What the files of some tools say, and what of it is not understood.
#[derive(Debug, Default)]
pub struct Foreign {
    pub allow: Vec<Allow>,
    pub notes: Vec<String>,
}

/// Whether a name is one of a rule.
type Known<'k> = &'k dyn Fn(&str) -> bool;

/// Reads the files that some tools would find by themselves.
#[must_use]
pub fn read(tree: &dyn Tree, tools: &[&'static str], known: Known<'_>) -> Foreign {
    let mut foreign = Foreign::default();
    for (tool, file) in tools.iter().flat_map(|tool| super::files_of(tool).iter().map(move |file| (*tool, file))) {
        let path = file.name;
        match tree.read(path.as_bytes()) {
            Ok(bytes) => foreign.join(read_one(tool, file.form, path, &bytes, known)),
            Err(ReadError::Missing) => {}
            Err(error) => foreign.notes.push(format!("{path}: {error}: nothing that it leaves out is left out here")),
        }
    }
    foreign
}

/// Reads one file of a tool, wherever it lies. `path` is what it is called.
#[must_use]
pub fn read_one(tool: &'static str, form: Form, path: &str, bytes: &[u8], known: Known<'_>) -> Foreign {
    let mut foreign = Foreign::default();
    File { tool, path, known, line: 1, foreign: &mut foreign }.read(form, &String::from_utf8_lossy(bytes));
    foreign
}

impl Foreign {
    fn join(&mut self, other: Foreign) {
        self.allow.extend(other.allow);
        self.notes.extend(other.notes);
    }
}

/// A file that is read.
struct File<'f> {
    tool: &'static str,
    path: &'f str,
    known: Known<'f>,
    /// The line at hand.
    line: u32,
    foreign: &'f mut Foreign,
}

impl File<'_> {
    fn read(&mut self, form: Form, text: &str) {
        match form {
            Form::Fingerprints => self.lines(text, Self::gitleaks),
            Form::Checks => self.lines(text, Self::trivy),
            Form::Secrets => self.secrets_baseline(text),
            Form::Resources => self.checkov_baseline(text),
            Form::Settings => self.document(text),
        }
    }

    fn lines(&mut self, text: &str, one: fn(&mut Self, &str)) {
        for (number, line) in text.lines().enumerate() {
            self.line = u32::try_from(number + 1).unwrap_or(u32::MAX);
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                one(self, line);
            }
        }
    }

    fn note(&mut self, what: &str) {
        self.foreign.notes.push(format!("{}:{}: {what}", self.path, self.line));
    }

    /// An entry that says nothing yet.
    fn entry(&self) -> Allow {
        let from = From::File { path: self.path.to_owned(), at: Position { line: self.line, column: 1 } };
        Allow {
            by: By::Tool(self.tool),
            fingerprints: Vec::new(),
            rules: Vec::new(),
            paths: None,
            path: None,
            path_matches: None,
            lines: None,
            commit: None,
            sha1: None,
            texts: Vec::new(),
            value: None,
            resource: None,
            reason: format!("in {}", self.path),
            until: None,
            from,
        }
    }

    /// One path, as some write it on Windows too.
    fn only(path: &str) -> Box<str> {
        path.replace('\\', "/").into()
    }

    /// `commit:file:rule:line` or `file:rule:line`.
    fn gitleaks(&mut self, line: &str) {
        let parts: Vec<&str> = line.split(':').collect();
        let (commit, [path, rule, number]) = match parts.as_slice() {
            [path, rule, number] => (None, [*path, *rule, *number]),
            [commit, path, rule, number] => (Some(commit.to_ascii_lowercase()), [*path, *rule, *number]),
            _ => return self.note("not a fingerprint of gitleaks"),
        };
        let Ok(number) = number.parse() else { return self.note("not a fingerprint of gitleaks") };
        // The line says which secret is meant where we call its rule something else.
        let rules = if (self.known)(rule) { covers::all(rule) } else { Vec::new() };
        let path = Some(Self::only(path));
        self.foreign.allow.push(Allow { rules, path, commit, lines: Some(number), ..self.entry() });
    }

    /// `AVD-AWS-0086 exp:2031-05-31`.
    fn trivy(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let Some(id) = words.next().filter(|id| !id.starts_with("CVE-") && !id.starts_with("GHSA-")) else { return };
        let until = words.find_map(|word| word.strip_prefix("exp:"));
        self.rule(id, None, until, None);
    }

    /// A rule, everywhere or in some paths.
    fn rule(&mut self, id: &str, paths: Option<Paths>, until: Option<&str>, reason: Option<String>) {
        let spelt = [id.to_owned(), id.to_ascii_lowercase(), id.to_ascii_uppercase()];
        let Some(rule) = spelt.into_iter().find(|id| (self.known)(id)) else {
            return self.note(&format!("`{id}` is the name of no rule here"));
        };
        let until = match until.map(|day| (when::day(day), day)) {
            Some((Some(number), day)) => Some((number, day.to_owned())),
            Some((None, day)) => return self.note(&format!("`{day}` is no day")),
            None => None,
        };
        let entry = self.entry();
        let reason = reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| entry.reason.clone());
        let rules = std::iter::once(rule).chain(covers::of(id).map(str::to_owned)).collect();
        self.foreign.allow.push(Allow { rules, paths, reason, until, ..entry });
    }

    /// Of detect-secrets: values by their SHA-1, by file.
    fn secrets_baseline(&mut self, text: &str) {
        let Ok(Value::Object(root)) = serde_json::from_str::<Value>(text) else { return self.note("no baseline of detect-secrets") };
        let Some(Value::Object(results)) = root.get("results") else { return };
        for (path, list) in results {
            for item in list.as_array().into_iter().flatten() {
                let Some(digest) = item["hashed_secret"].as_str() else { continue };
                // One that was looked at and is real is not to be left out.
                if item["is_secret"].as_bool() == Some(true) {
                    continue;
                }
                let path = Some(Self::only(path));
                self.foreign.allow.push(Allow { path, sha1: Some(digest.to_ascii_lowercase()), ..self.entry() });
            }
        }
    }

    /// Of checkov: checks by resource, by file.
    fn checkov_baseline(&mut self, text: &str) {
        let Ok(root) = serde_json::from_str::<Value>(text) else { return self.note("no baseline of checkov") };
        for file in root["failed_checks"].as_array().into_iter().flatten() {
            let path = Self::only(file["file"].as_str().unwrap_or_default().trim_start_matches('/'));
            for finding in file["findings"].as_array().into_iter().flatten() {
                let ids = finding["check_ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let rules: Vec<String> = ids.filter(|id| (self.known)(id)).flat_map(covers::all).collect();
                let Some(resource) = finding["resource"].as_str().filter(|_| !rules.is_empty()) else { continue };
                let entry = self.entry();
                self.foreign.allow.push(Allow { rules, resource: Some(resource.to_owned()), path: Some(path.clone()), ..entry });
            }
        }
    }

    /// Configurations: what they switch off.
    fn document(&mut self, text: &str) {
        let Ok(documents) = yaml::parse(FileId(0), text.as_bytes()) else { return self.note("not read: no YAML") };
        let Some(document) = documents.first() else { return };
        let root = &document.root;
        let feeds: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let line_of = |node: &Node| offset(feeds.partition_point(|feed| *feed < node.span.start as usize) + 1);
        match self.tool {
            "checkov" => {
                for (node, id) in texts(root.get("skip-check")) {
                    self.line = line_of(node);
                    self.rule(&id, None, None, None);
                }
                for (node, pattern) in texts(root.get("skip-path")) {
                    self.line = line_of(node);
                    match Pattern::new(&pattern) {
                        Ok(pattern) => self.foreign.allow.push(Allow { path_matches: Some(pattern), ..self.entry() }),
                        Err(_) => self.note(&format!("`{pattern}` is no pattern")),
                    }
                }
            }
            "kics" => {
                for (node, id) in texts(root.get("exclude-queries")) {
                    self.line = line_of(node);
                    self.rule(&id, None, None, None);
                }
                for (node, glob) in texts(root.get("exclude-paths")) {
                    self.line = line_of(node);
                    match Paths::new([glob.as_str()]) {
                        Ok(paths) => self.foreign.allow.push(Allow { paths: Some(paths), ..self.entry() }),
                        Err(_) => self.note(&format!("`{glob}` is no glob")),
                    }
                }
            }
            "tfsec" => {
                for (node, said) in texts(root.get("exclude")) {
                    self.line = line_of(node);
                    let (id, until) = said.split_once(':').map_or((said.as_str(), None), |(id, until)| (id, Some(until)));
                    self.rule(id, None, until, None);
                }
            }
            _ => self.trivy_document(root, &line_of),
        }
    }

    /// `.trivyignore.yaml`.
    fn trivy_document(&mut self, root: &Node, line_of: &dyn Fn(&Node) -> u32) {
        for item in ["misconfigurations", "secrets"].iter().flat_map(|list| root.get(list).map(Node::items).unwrap_or_default()) {
            self.line = line_of(item);
            let text = |key: &str| item.get(key).and_then(Node::as_str).map(std::borrow::Cow::into_owned);
            let Some(id) = text("id") else { continue };
            let globs: Vec<String> = texts(item.get("paths")).into_iter().map(|(_, glob)| format!("/{glob}")).collect();
            let paths = match Paths::new(globs.iter().map(String::as_str)) {
                Ok(paths) => (!globs.is_empty()).then_some(paths),
                Err((glob, why)) => {
                    self.note(&format!("`{glob}` is no glob: {why}"));
                    continue;
                }
            };
            self.rule(&id, paths, text("expired_at").as_deref(), text("statement"));
        }
    }
}

/// Texts of a list, or of one text with commas.
fn texts(node: Option<&Node>) -> Vec<(&Node, String)> {
    let Some(node) = node else { return Vec::new() };
    match node.as_str() {
        Some(text) => text.split(',').map(|part| (node, part.trim().to_owned())).filter(|(_, part)| !part.is_empty()).collect(),
        None => node.items().iter().filter_map(|item| Some((item, item.as_str()?.into_owned()))).collect(),
    }
}
