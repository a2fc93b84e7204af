//! `.gitleaks.toml`: rules become a file of rules, allow lists entries of `allow`.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::pattern::bounded;
use super::{Imported, Known};
use crate::load;
use crate::load::edit::quoted;
use crate::rule::names::SHORTEST;

/// # Errors
/// Where it is no TOML.
pub fn read(text: &str, known: Known<'_>) -> Result<Imported, String> {
    let root: Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    // Its reader does not tell letter cases of keys apart.
    let root = lowered(root);
    let mut imported = Imported::default();
    if let Some(extend) = root.get("extend").and_then(Value::as_table) {
        for id in texts(extend.get("disabledrules")) {
            match known(&id) {
                Some(rule) => imported.set("ignore", rule),
                None => imported.left.push(format!("extend.disabledRules: {id}: no rule here goes by that name")),
            }
        }
        if let Some(path) = extend.get("path").and_then(Value::as_str) {
            imported.left.push(format!("extend.path: import {path} as well"));
        }
    }
    for rule in tables(root.get("rules")) {
        self::rule(rule, known, &mut imported);
    }
    let lists = tables(root.get("allowlists")).into_iter().chain(root.get("allowlist").and_then(Value::as_table));
    for list in lists {
        let rules = texts(list.get("targetrules"));
        allow(list, &rules, "allowlist", known, &mut imported);
    }
    Ok(imported)
}

fn rule(rule: &Table, known: Known<'_>, imported: &mut Imported) {
    let Some(id) = rule.get("id").and_then(Value::as_str) else { return imported.left.push("a rule without an id".to_owned()) };
    for list in tables(rule.get("allowlists")).into_iter().chain(rule.get("allowlist").and_then(Value::as_table)) {
        allow(list, &[id.to_owned()], &format!("rule {id}, allowlist"), known, imported);
    }
    let Some(pattern) = rule.get("regex").and_then(Value::as_str) else {
        if rule.contains_key("path") {
            imported.left.push(format!("rule {id}: it looks at paths alone; a rule with `for: files` does that here"));
        }
        return;
    };
    match written(id, pattern, rule, &mut imported.left) {
        Ok(text) => imported.rules.push_str(&text),
        Err(why) => imported.left.push(format!("rule {id}: {why}")),
    }
    for (key, why) in
        [("path", "it is looked for in every file"), ("tags", "there are no tags"), ("required", "it is found without the others")]
    {
        if rule.contains_key(key) {
            imported.left.push(format!("rule {id}: {key}: {why}"));
        }
    }
}

/// A rule of ours.
fn written(id: &str, pattern: &str, rule: &Table, left: &mut Vec<String>) -> Result<String, String> {
    let group = rule.get("secretgroup").and_then(Value::as_integer).and_then(|group| u32::try_from(group).ok());
    let pattern = bounded(pattern, group)?;
    let (keywords, short): (Vec<String>, Vec<String>) = texts(rule.get("keywords")).into_iter().partition(|word| word.len() >= SHORTEST);
    if keywords.is_empty() {
        return Err(format!("it has no keyword of {SHORTEST} letters or more, by which its place is found"));
    }
    if !short.is_empty() {
        left.push(format!("rule {id}: what only has the keyword {}: too short to look for", short.join(", ")));
    }
    let own: String = id.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    // An id begins with a letter.
    let own = if own.starts_with(|c: char| c.is_ascii_digit()) { format!("rule-{own}") } else { own };
    let title = rule.get("description").and_then(Value::as_str).filter(|said| !said.trim().is_empty()).unwrap_or(id);
    let keywords: Vec<String> = keywords.iter().map(|word| quoted(word)).collect();
    let mut text = format!(
        "- id: {}\n  title: {}\n  severity: high\n  why: It was written for gitleaks; say here what somebody who finds it can do.\n  \
         fix: Make it worthless where it was given out; then take it out.\n  secret:\n    keywords: [{}]\n    pattern: {}\n",
        own.trim_matches('-'),
        quoted(title.trim()),
        keywords.join(", "),
        quoted(&pattern),
    );
    let entropy = rule
        .get("entropy")
        .and_then(|value| value.as_float().or_else(|| value.as_integer().map(|whole| f64::from(i32::try_from(whole).unwrap_or(0)))));
    if let Some(entropy) = entropy.filter(|entropy| *entropy > 0.0) {
        let _ = writeln!(text, "    entropy: {entropy}");
    }
    load::rules("", text.as_bytes(), "imported").map_err(|errors| errors[0].message.clone())?;
    Ok(text)
}

fn allow(list: &Table, rules: &[String], what: &str, known: Known<'_>, imported: &mut Imported) {
    let said = list.get("description").and_then(Value::as_str).filter(|said| said.chars().any(char::is_alphanumeric));
    let reason = format!("reason: {}", quoted(said.unwrap_or("in .gitleaks.toml")));
    let names: Vec<String> = rules.iter().map(|id| known(id).unwrap_or_else(|| id.clone())).collect();
    let rule = (!names.is_empty()).then(|| format!("rule: [{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")));
    let either = |patterns: &[String]| patterns.iter().map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|");
    let (paths, regexes, words) = (texts(list.get("paths")), texts(list.get("regexes")), texts(list.get("stopwords")));
    let target = list.get("regextarget").and_then(Value::as_str).unwrap_or_default();
    let path = (!paths.is_empty()).then(|| format!("path-matches: {}", quoted(&either(&paths))));
    let mut values = Vec::new();
    if target == "line" && !regexes.is_empty() {
        imported.left.push(format!("{what}: regexTarget = \"line\": only values are matched here, not lines"));
    } else if !regexes.is_empty() {
        if target == "match" {
            imported.left.push(format!("{what}: regexTarget = \"match\": its patterns are matched against the value alone"));
        }
        values.push(format!("value: {}", quoted(&either(&regexes))));
    }
    if !words.is_empty() {
        let words: Vec<String> = words.iter().map(|word| regex_syntax::escape(word)).collect();
        values.push(format!("value: {}", quoted(&format!("(?i){}", either(&words)))));
    }
    if list.contains_key("commits") {
        imported.left.push(format!("{what}: commits: allow what is found in them by `gatepost allow FINGERPRINT`"));
    }
    let mut add = |fields: Vec<Option<String>>| {
        let entry: Vec<String> = rule.clone().into_iter().chain(fields.into_iter().flatten()).chain([reason.clone()]).collect();
        let text = format!(
            "allow:
  - {}
",
            entry.join(
                "
    "
            )
        );
        match load::config::config("", text.as_bytes()) {
            Ok(_) => imported.allow.push(entry),
            Err(errors) => imported.left.push(format!("{what}: {}", errors[0].message)),
        }
    };
    let all = list.get("condition").and_then(Value::as_str).is_some_and(|word| word.eq_ignore_ascii_case("and") || word == "&&");
    if all {
        match values.len() {
            0 if path.is_some() => add(vec![path]),
            0 => {}
            1 => add(vec![path, values.pop()]),
            _ => imported.left.push(format!("{what}: condition = \"AND\" over patterns and stopwords at once")),
        }
        return;
    }
    if path.is_some() {
        add(vec![path]);
    }
    for value in values {
        add(vec![Some(value)]);
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn tables(value: Option<&Value>) -> Vec<&Table> {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_table).collect()
}

/// The same with keys in small letters, at every level.
fn lowered(table: Table) -> Table {
    let value = |value: Value| match value {
        Value::Table(table) => Value::Table(lowered(table)),
        Value::Array(items) => Value::Array(
            items.into_iter().map(|item| if let Value::Table(table) = item { Value::Table(lowered(table)) } else { item }).collect(),
        ),
        other => other,
    };
    table.into_iter().map(|(key, of)| (key.to_ascii_lowercase(), value(of))).collect()
}
