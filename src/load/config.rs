//! The configuration of a repository, `.gatepost.yml`: read with places, all faults at once.

use std::collections::BTreeMap;

use super::{FileError, Holds, raw};
use crate::base::escape;
use crate::base::excerpt::{Lines, Position};
use crate::base::ids::Severity;
use crate::base::when;
use crate::finding::By;
use crate::rule::raw::{Raw, RawError, RawKey, RawKind, nearest};
use crate::settings::{self, Allow, Config, From, KEYS, Kind, Paths, Pattern, Said};

/// The file's name, at the top of a repository.
pub const NAME: &str = ".gatepost.yml";

/// Reads a configuration. `file` is what faults and values call it.
///
/// # Errors
/// Every fault that was found.
pub fn config(file: &str, bytes: &[u8]) -> Result<Config, Vec<FileError>> {
    let (config, errors) = read(file, bytes);
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

/// The same, with what of it is sound beside its faults: to be looked at further, not to be used.
#[must_use]
pub fn read(file: &str, bytes: &[u8]) -> (Config, Vec<FileError>) {
    let mut reader = Reader { file, lines: Lines::new(bytes), config: Config::default(), errors: Vec::new() };
    match raw(bytes, Holds::Configuration) {
        Ok(root) => match root.as_ref().map(|root| &root.kind) {
            Some(RawKind::Map(entries)) => entries.iter().for_each(|(key, value)| reader.entry(key, value)),
            // A file of comments alone says nothing.
            None | Some(RawKind::Null) => {}
            Some(_) => reader.errors.extend(root.map(|root| root.expected("settings, one a line"))),
        },
        Err(error) => reader.errors.push(error),
    }
    let Reader { config, errors, .. } = reader;
    (config, errors.into_iter().map(|error| FileError::of(file, bytes, error)).collect())
}

struct Reader<'r> {
    file: &'r str,
    lines: Lines<'r>,
    config: Config,
    errors: Vec<RawError>,
}

impl Reader<'_> {
    fn entry(&mut self, key: &RawKey, value: &Raw) {
        match key.name.as_str() {
            "severities" => self.severities(value),
            "allow" => self.allow_list(value),
            name => match KEYS.iter().find(|known| known.name == name) {
                Some(known) => self.setting(known.name, known.kind, value),
                None => self.errors.push(unknown("setting", key, KEYS.iter().map(|key| key.name).chain(["severities", "allow"]))),
            },
        }
    }

    fn from(&self, at: u32) -> From {
        let at: Position = self.lines.position(at as usize);
        From::File { path: self.file.to_owned(), at }
    }

    /// What was read, or a fault more.
    fn sound<T>(&mut self, read: Result<T, RawError>) -> Option<T> {
        read.map_err(|error| self.errors.push(error)).ok()
    }

    fn setting(&mut self, name: &'static str, kind: Kind, value: &Raw) {
        let items = match (&value.kind, kind) {
            (RawKind::Null, _) => return,
            (RawKind::List(_), Kind::One) => return self.errors.push(value.expected("one value")),
            (RawKind::List(items), _) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let mut said = Vec::new();
        for item in items {
            let from = self.from(item.at);
            let one = scalar(item).and_then(|text| check(name, item, &text).map(|()| Said { text, from }));
            said.extend(self.sound(one));
        }
        self.config.layer.0.insert(name, said);
    }

    fn severities(&mut self, value: &Raw) {
        let Some(entries) = self.sound(value.map()) else { return };
        for (key, severity) in entries {
            let known = severity.text().and_then(|text| self::severity(severity.at, text));
            let said = Said { text: key.name.clone(), from: self.from(key.at) };
            if let Some(known) = self.sound(known) {
                self.config.severities.push((said, known));
            }
        }
    }

    fn allow_list(&mut self, value: &Raw) {
        let items = match &value.kind {
            RawKind::Null => return,
            _ => value.list(),
        };
        for item in self.sound(items).unwrap_or_default() {
            let before = self.errors.len();
            let allow = self.allow(item);
            if self.errors.len() == before {
                self.config.allow.extend(allow);
            }
        }
    }

    fn allow(&mut self, item: &Raw) -> Option<Allow> {
        let entries = self.sound(item.map())?;
        let fields: BTreeMap<&str, &Raw> = entries.iter().map(|(key, value)| (key.name.as_str(), value)).collect();
        let unknown_fields = entries.iter().filter(|(key, _)| !FIELDS.contains(&key.name.as_str()));
        self.errors.extend(unknown_fields.map(|(key, _)| unknown("field", key, FIELDS.iter().copied())));
        let mut texts = |name: &str| fields.get(name).and_then(|raw| self.sound(raw.texts())).unwrap_or_default();
        let [fingerprints, paths, rules] = ["fingerprint", "path", "rule"].map(&mut texts);
        let mut text = |name: &str| {
            let raw = fields.get(name)?;
            Some((raw.at, self.sound(scalar(raw))?))
        };
        let [value, path_matches, resource, reason, until] = ["value", "path-matches", "resource", "reason", "until"].map(&mut text);
        let speaks_of = ["fingerprint", "path", "path-matches", "value", "resource"];
        let is_empty = |raw: &Raw| matches!(&raw.kind, RawKind::List(items) if items.is_empty());
        if !speaks_of.iter().any(|name| fields.get(name).is_some_and(|raw| !is_empty(raw))) {
            let help = "say what is allowed by `fingerprint`, `path`, `value` or `resource`; to switch a rule off, name it under `ignore`";
            self.errors.push(RawError::new(item.at, "an entry of `allow` that would allow everything").help(help));
        }
        for (number, one) in fingerprints.iter().enumerate() {
            let at = match &fields["fingerprint"].kind {
                RawKind::List(items) => items[number].at,
                _ => fields["fingerprint"].at,
            };
            if !(SHORTEST..=32).contains(&one.len()) || !one.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                let help =
                    format!("{SHORTEST} to 32 digits, 0-9 and a-f, as reports print them; in quotes where there is no letter among them");
                self.errors.push(RawError::new(at, format!("`{}` is no fingerprint", escape::harmless(one))).help(help));
            }
        }
        // What patterns say is what values are like: it is not repeated.
        let mut pattern = |name: &str, said: &Option<(u32, String)>| {
            let (at, text) = said.as_ref()?;
            let built = Pattern::new(text).map_err(|(why, help)| RawError::new(*at, format!("`{name}` is {why}")).help(help));
            self.sound(built)
        };
        let (by_value, by_path) = (pattern("value", &value), pattern("path-matches", &path_matches));
        let globs = (!paths.is_empty()).then(|| Paths::new(paths.iter().map(String::as_str)));
        let no_glob =
            |(glob, why): (String, String)| RawError::new(fields["path"].at, format!("`{}` is no glob: {why}", escape::harmless(&glob)));
        let globs = globs.and_then(|globs| self.sound(globs.map_err(no_glob)));
        let reason = reason.map(|(_, reason)| reason).filter(|reason| reason.chars().any(char::is_alphanumeric));
        if reason.is_none() {
            self.errors.push(RawError::new(item.at, "`reason` is missing").help("say why this may stand, for whoever reads it next"));
        }
        let until = until.and_then(|(at, text)| {
            let wrong = || RawError::new(at, format!("`{}` is no day, as 2031-05-31 is", escape::harmless(&text)));
            Some((self.sound(when::day(&text).ok_or_else(wrong))?, text))
        });
        let patterns = [("path-matches", path_matches), ("value", value)];
        let patterns = patterns.into_iter().filter_map(|(name, said)| Some(format!("{name}: {}", said?.1)));
        Some(Allow {
            by: By::Configuration,
            fingerprints,
            rules,
            texts: paths.iter().map(|path| format!("path: {path}")).chain(patterns).collect(),
            paths: globs,
            path: None,
            path_matches: by_path,
            lines: None,
            commit: None,
            sha1: None,
            value: by_value,
            resource: resource.map(|(_, glob)| glob),
            reason: reason?,
            until,
            from: self.from(item.at),
        })
    }
}

/// The fields of an entry of `allow`.
pub const FIELDS: [&str; 8] = ["fingerprint", "rule", "path", "path-matches", "value", "resource", "reason", "until"];

/// Digits that a fingerprint has at least.
pub const SHORTEST: usize = 10;

/// What is wrong with a value whoever says it, as far as that can be told of one.
fn check(name: &str, value: &Raw, text: &str) -> Result<(), RawError> {
    match name {
        "fail-on" => severity(value.at, text).map(drop),
        "incomplete" if !matches!(text, "fail" | "warn") => {
            Err(RawError::new(value.at, format!("`{}` is none of fail, warn", escape::harmless(text))))
        }
        "max-file-size" => settings::size(text)
            .map(drop)
            .map_err(|wanted| RawError::new(value.at, format!("`{}` is no size", escape::harmless(text))).help(wanted)),
        "exclude" => Paths::new([text]).map(drop).map_err(|(_, why)| {
            let help = "`exclude` takes globs as in a .gitignore: `*.min.js`, `vendor/**`";
            RawError::new(value.at, format!("`{}` is no glob: {why}", escape::harmless(text))).help(help)
        }),
        "honor" => settings::tools(&[text.to_owned()]).map(drop).map_err(|(name, help)| {
            RawError::new(value.at, format!("`{}` is no tool whose marks are known", escape::harmless(&name))).help(help)
        }),
        _ => Ok(()),
    }
}

fn severity(at: u32, text: &str) -> Result<Severity, RawError> {
    settings::severity(text).map_err(|(wrong, help)| RawError::new(at, wrong).help(help))
}

fn unknown<'n>(what: &str, key: &RawKey, known: impl Iterator<Item = &'n str> + Clone) -> RawError {
    let error = RawError::new(key.at, format!("unknown {what} `{}`", escape::harmless(&key.name)));
    match nearest(&key.name, known.clone()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("known: {}", known.collect::<Vec<_>>().join(", "))),
    }
}

/// A value that is no list and no map, as text.
fn scalar(raw: &Raw) -> Result<String, RawError> {
    match &raw.kind {
        RawKind::Text(text) => Ok(text.clone()),
        RawKind::Int(number) => Ok(number.to_string()),
        RawKind::Bool(value) => Ok(value.to_string()),
        _ => Err(raw.expected("text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, Option<String>)> {
        config("c.yml", text.as_bytes()).expect_err("faults").into_iter().map(|error| (error.to_string(), error.help)).collect()
    }

    #[test]
    fn values_keep_their_places() {
        let text = "# ours\nfail-on: high\nexclude:\n  - vendor/**\n  - '*.min.js'\nselect: aws\nseverities:\n  github-token: low\n";
        let config = config("c.yml", text.as_bytes()).expect("sound");
        let at = |line, column| From::File { path: "c.yml".to_owned(), at: Position { line, column } };
        assert_eq!(config.layer.one("fail-on").expect("said").from, at(2, 10));
        let exclude: Vec<_> = config.layer.all("exclude").iter().map(|said| (said.text.as_str(), said.from.clone())).collect();
        assert_eq!(exclude, [("vendor/**", at(4, 5)), ("*.min.js", at(5, 5))]);
        assert_eq!(config.layer.texts("select"), ["aws"]);
        assert_eq!((config.severities[0].0.text.as_str(), config.severities[0].1), ("github-token", Severity::Low));
        for empty in ["", "# nothing\n", "exclude:\n", "allow: []\n"] {
            assert!(super::config("c.yml", empty.as_bytes()).is_ok(), "{empty:?}");
        }
    }

    #[test]
    fn every_fault_has_its_place_and_a_hint() {
        let text = "fail-onn: high\nincomplete: maybe\nfail-on: hihg\nexclude: {a: b}\nseverities: {x: hgh}\nallow:\n  - reason: r\n  - fingerprint: 0123456789\n";
        let found = faults(text);
        let lines: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
        assert_eq!(
            lines,
            [
                "c.yml:1:1: unknown setting `fail-onn`",
                "c.yml:2:13: `maybe` is none of fail, warn",
                "c.yml:3:10: `hihg` is no severity",
                "c.yml:4:10: expected text, got a map",
                "c.yml:5:17: `hgh` is no severity",
                "c.yml:7:5: an entry of `allow` that would allow everything",
                "c.yml:8:18: expected text or a list of texts, got a number",
                "c.yml:8:5: `reason` is missing",
            ]
        );
        assert_eq!(found[0].1.as_deref(), Some("did you mean `fail-on`?"));
        assert_eq!(found[2].1.as_deref(), Some("did you mean `high`?"));
    }

    #[test]
    fn an_entry_says_what_why_and_until_when() {
        let print = "01".repeat(16);
        let text = format!(
            "allow:\n  - {{fingerprint: '{print}', reason: a test account, until: 2031-05-31}}\n  - {{rule: aws, path: 'tests/**', value: '^AKIA', reason: made up}}\n"
        );
        let config = config("c.yml", text.as_bytes()).expect("sound");
        assert_eq!(config.allow[0].until.as_ref().map(|(_, text)| text.as_str()), Some("2031-05-31"));
        assert!(config.allow[1].paths.as_ref().is_some_and(|paths| paths.holds(b"tests/a/b.py", false)));
        for (entry, said) in [
            ("{fingerprint: 'xyz', reason: r}", "`xyz` is no fingerprint"),
            ("{path: a, reason: '--'}", "`reason` is missing"),
            ("{path: a, reason: r, until: soon}", "`soon` is no day, as 2031-05-31 is"),
            ("{value: '(', reason: r}", "`value` is no regular expression: unclosed group"),
            ("{value: '(a{1000}){1000}', reason: r}", "`value` is a pattern that is too large"),
            ("{path: a, resaon: r}", "unknown field `resaon`"),
            ("{rule: aws, reason: r}", "would allow everything"),
        ] {
            let found = faults(&format!("allow:\n  - {entry}\n"));
            assert!(found[0].0.contains(said), "{entry}: {found:?}");
        }
    }
}
