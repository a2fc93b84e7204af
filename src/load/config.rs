//! The configuration of a repository, `.gatepost.yml`: read with places, all faults at once.

use std::collections::BTreeMap;

use super::{FileError, raw};
use crate::base::excerpt::{Lines, Position};
use crate::base::ids::Severity;
use crate::base::when;
use crate::finding::By;
use crate::rule::raw::{Raw, RawError, RawKey, RawKind, nearest};
use crate::settings::{Allow, Config, From, KEYS, Kind, Paths, Pattern, Said};

/// The file's name, at the top of a repository.
pub const NAME: &str = ".gatepost.yml";

/// Reads a configuration. `file` is what faults and values call it.
///
/// # Errors
/// Every fault that was found.
pub fn config(file: &str, bytes: &[u8]) -> Result<Config, Vec<FileError>> {
    let fault = |error: RawError| FileError::of(file, bytes, error);
    let Some(root) = raw(bytes).map_err(|error| vec![fault(error)])? else { return Ok(Config::default()) };
    let mut reader = Reader { file, lines: Lines::new(bytes), config: Config::default(), errors: Vec::new() };
    match &root.kind {
        RawKind::Map(entries) => entries.iter().for_each(|(key, value)| reader.entry(key, value)),
        // A file of comments alone says nothing.
        RawKind::Null => {}
        _ => reader.errors.push(root.expected("settings, one a line")),
    }
    let Reader { config, errors, .. } = reader;
    if errors.is_empty() { Ok(config) } else { Err(errors.into_iter().map(fault).collect()) }
}

struct Reader<'r> {
    file: &'r str,
    lines: Lines<'r>,
    config: Config,
    errors: Vec<RawError>,
}

impl Reader<'_> {
    fn entry(&mut self, key: &RawKey, value: &Raw) {
        let read = match key.name.as_str() {
            "severities" => self.severities(value),
            "allow" => self.allow_list(value),
            name => match KEYS.iter().find(|known| known.name == name) {
                Some(known) => self.setting(known.name, known.kind, value),
                None => Err(unknown("setting", key, KEYS.iter().map(|key| key.name).chain(["severities", "allow"]))),
            },
        };
        self.errors.extend(read.err());
    }

    fn from(&self, at: u32) -> From {
        let at: Position = self.lines.position(at as usize);
        From::File { path: self.file.to_owned(), at }
    }

    fn said(&self, raw: &Raw) -> Result<Said, RawError> {
        Ok(Said { text: scalar(raw)?, from: self.from(raw.at) })
    }

    fn setting(&mut self, name: &'static str, kind: Kind, value: &Raw) -> Result<(), RawError> {
        let said = match (&value.kind, kind) {
            (RawKind::Null, _) => return Ok(()),
            (RawKind::List(_), Kind::One) => return Err(value.expected("one value")),
            (RawKind::List(items), _) => items.iter().map(|item| self.said(item)).collect::<Result<Vec<_>, _>>()?,
            _ => vec![self.said(value)?],
        };
        check(name, value, &said)?;
        self.config.layer.0.insert(name, said);
        Ok(())
    }

    fn severities(&mut self, value: &Raw) -> Result<(), RawError> {
        for (key, severity) in value.map()? {
            let text = severity.text()?;
            let known = Severity::ALL.into_iter().find(|known| known.as_str() == text);
            let known = known.ok_or_else(|| no_severity(severity.at, text))?;
            let said = Said { text: key.name.clone(), from: self.from(key.at) };
            self.config.severities.push((said, known));
        }
        Ok(())
    }

    fn allow_list(&mut self, value: &Raw) -> Result<(), RawError> {
        let items = match &value.kind {
            RawKind::Null => &[][..],
            _ => value.list()?,
        };
        for item in items {
            match self.allow(item) {
                Ok(allow) => self.config.allow.push(allow),
                Err(error) => self.errors.push(error),
            }
        }
        Ok(())
    }

    fn allow(&self, item: &Raw) -> Result<Allow, RawError> {
        let fields: BTreeMap<&str, &Raw> = item.map()?.iter().map(|(key, value)| (key.name.as_str(), value)).collect();
        if let Some((key, _)) = item.map()?.iter().find(|(key, _)| !FIELDS.contains(&key.name.as_str())) {
            return Err(unknown("field", key, FIELDS.iter().copied()));
        }
        let texts = |name: &str| fields.get(name).map_or(Ok(Vec::new()), |raw| raw.texts());
        let text = |name: &str| fields.get(name).map(|raw| Ok((raw.at, scalar(raw)?))).transpose();
        let fingerprints = texts("fingerprint")?;
        for (number, one) in fingerprints.iter().enumerate() {
            let at = match &fields["fingerprint"].kind {
                RawKind::List(items) => items[number].at,
                _ => fields["fingerprint"].at,
            };
            if !(SHORTEST..=32).contains(&one.len()) || !one.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                let help =
                    format!("{SHORTEST} to 32 digits, 0-9 and a-f, as reports print them; in quotes where there is no letter among them");
                return Err(RawError::new(at, format!("`{one}` is no fingerprint")).help(help));
            }
        }
        let paths = texts("path")?;
        let paths = (!paths.is_empty()).then(|| Paths::new(paths.iter().map(String::as_str))).transpose();
        let paths = paths.map_err(|(glob, why)| RawError::new(fields["path"].at, format!("`{glob}` is no glob: {why}")))?;
        let pattern = |(at, pattern): (u32, String)| {
            let built = Pattern::new(&pattern);
            built.map_err(|error| RawError::new(at, format!("`{pattern}` is no pattern: {error}")))
        };
        let value = text("value")?.map(pattern).transpose()?;
        let path_matches = text("path-matches")?.map(pattern).transpose()?;
        let resource = text("resource")?.map(|(_, glob)| glob);
        let rules = texts("rule")?;
        if fingerprints.is_empty() && paths.is_none() && path_matches.is_none() && value.is_none() && resource.is_none() {
            let help = "say what is allowed by `fingerprint`, `path`, `value` or `resource`; to switch a rule off, name it under `ignore`";
            return Err(RawError::new(item.at, "an entry of `allow` that would allow everything").help(help));
        }
        let Some((_, reason)) = text("reason")?.filter(|(_, reason)| reason.chars().any(char::is_alphanumeric)) else {
            return Err(RawError::new(item.at, "`reason` is missing").help("say why this may stand, for whoever reads it next"));
        };
        let day = |(at, text): (u32, String)| {
            let day = when::day(&text).ok_or_else(|| RawError::new(at, format!("`{text}` is no day, as 2031-05-31 is")))?;
            Ok((day, text))
        };
        let until = text("until")?.map(day).transpose()?;
        let texts = ["path", "path-matches", "value"]
            .iter()
            .filter_map(|name| Some((name, fields.get(name)?.texts().ok()?)))
            .flat_map(|(name, texts)| texts.into_iter().map(move |text| format!("{name}: {text}")))
            .collect();
        let (path, lines, commit, sha1) = (None, None, None, None);
        let from = self.from(item.at);
        let by = By::Configuration;
        Ok(Allow { by, fingerprints, rules, paths, path, path_matches, lines, commit, sha1, texts, value, resource, reason, until, from })
    }
}

/// The fields of an entry of `allow`.
pub const FIELDS: [&str; 8] = ["fingerprint", "rule", "path", "path-matches", "value", "resource", "reason", "until"];

/// Digits that a fingerprint has at least.
pub const SHORTEST: usize = 10;

/// What is wrong with a value whoever says it, as far as that can be told of one.
fn check(name: &str, value: &Raw, said: &[Said]) -> Result<(), RawError> {
    let Some(first) = said.first() else { return Ok(()) };
    match name {
        "fail-on" if !Severity::ALL.iter().any(|known| known.as_str() == first.text) => Err(no_severity(value.at, &first.text)),
        "incomplete" if !matches!(first.text.as_str(), "fail" | "warn") => {
            Err(RawError::new(value.at, format!("`{}` is none of fail, warn", first.text)))
        }
        _ => Ok(()),
    }
}

fn no_severity(at: u32, text: &str) -> RawError {
    let names = Severity::ALL.map(Severity::as_str);
    let error = RawError::new(at, format!("`{text}` is no severity"));
    match nearest(text, names) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("one of {}", names.join(", "))),
    }
}

fn unknown<'n>(what: &str, key: &RawKey, known: impl Iterator<Item = &'n str> + Clone) -> RawError {
    let error = RawError::new(key.at, format!("unknown {what} `{}`", key.name));
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
            ("{value: '(', reason: r}", "is no pattern"),
            ("{value: '(a{1000}){1000}', reason: r}", "is no pattern"),
            ("{path: a, resaon: r}", "unknown field `resaon`"),
            ("{rule: aws, reason: r}", "would allow everything"),
        ] {
            let found = faults(&format!("allow:\n  - {entry}\n"));
            assert!(found[0].0.contains(said), "{entry}: {found:?}");
        }
    }
}
