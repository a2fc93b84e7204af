//! A configuration with an entry more: its text is kept as it is, comments and all.

use super::config::config;
use super::{Holds, raw};
use crate::rule::raw::RawKind;

/// Adds an entry to the allow list. `entry` is its fields, a line each, without indentation. None where the text is written in
/// a way that cannot be added to safely.
#[must_use]
pub fn add_allow(text: &str, entry: &[String]) -> Option<String> {
    let before = config("", text.as_bytes()).ok()?.allow.len();
    let root = raw(text.as_bytes(), Holds::Configuration).ok()?;
    let entries = match root.as_ref().map(|root| &root.kind) {
        None | Some(RawKind::Null) => &[][..],
        Some(RawKind::Map(entries)) => entries,
        Some(_) => return None,
    };
    let feed = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let new = match entries.iter().position(|(key, _)| key.name == "allow") {
        None => format!("{text}{feed}{}allow:\n{}", if text.trim().is_empty() { "" } else { "\n" }, item("  ", entry)),
        Some(number) => {
            let (key, value) = &entries[number];
            // Up to the next key, or the end.
            let end = entries.get(number + 1).map_or(text.len(), |(next, _)| next.at as usize);
            let own = text.get(key.at as usize..end)?;
            // What stands between two settings belongs to the second.
            let kept = own.trim_end();
            let last = kept.rfind('\n').map_or(0, |at| at + 1);
            let kept = if number + 1 < entries.len() && kept[last..].starts_with('#') {
                let lines: Vec<&str> = kept.split_inclusive('\n').collect();
                let comments = lines.iter().rev().take_while(|line| line.starts_with('#') || line.trim().is_empty()).map(|line| line.len());
                kept[..kept.len() - comments.sum::<usize>()].trim_end()
            } else {
                kept
            };
            let at = key.at as usize + kept.len();
            let indent = match &value.kind {
                RawKind::List(items) if !items.is_empty() => {
                    let start = text[..items[0].at as usize].rfind('\n')? + 1;
                    let line = &text[start..items[0].at as usize];
                    line.trim_start().starts_with('-').then(|| &line[..line.len() - line.trim_start().len()])?
                }
                RawKind::Null => "  ",
                _ => return None,
            };
            format!("{}\n{}{}", &text[..at], item(indent, entry), text[at..].strip_prefix('\n').unwrap_or(&text[at..]))
        }
    };
    let after = config("", new.as_bytes()).ok()?;
    (after.allow.len() == before + 1).then_some(new)
}

fn item(indent: &str, entry: &[String]) -> String {
    let lines = entry.iter().enumerate().map(|(number, line)| format!("{indent}{}{line}\n", if number == 0 { "- " } else { "  " }));
    lines.collect()
}

/// Text as YAML reads it back whatever is in it, but for what cannot be printed.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", plain.trim().replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Vec<String> {
        vec!["fingerprint: '0123456789' # a rule".to_owned(), format!("reason: {}", quoted("it's a: test # no"))]
    }

    #[test]
    fn an_entry_is_added_and_all_else_stays() {
        for text in [
            "",
            "# nothing yet\n",
            "fail-on: high",
            "allow:\nfail-on: high\n",
            "allow:\n  - {path: a, reason: r}\n",
            "allow:\n- path: a # why\n  reason: r\n\n# the rest\nfail-on: high\n",
            "fail-on: high\nallow:\n    - path: a\n      reason: r\n# the end\n",
        ] {
            let new = add_allow(text, &entry()).unwrap_or_else(|| panic!("{text:?}"));
            for line in text.lines() {
                assert!(new.lines().any(|new| new == line), "{line:?} in {new:?}");
            }
            let read = config("", new.as_bytes()).expect("sound");
            let added = read.allow.iter().find(|allow| allow.fingerprints == ["0123456789"]).expect("added");
            assert_eq!(added.reason, "it's a: test # no");
        }
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        assert_eq!(add_allow("allow: [{path: a, reason: r}]\n", &entry()), None);
        assert_eq!(add_allow("fail-onn: x\n", &entry()), None);
    }
}
