//! What may be written in place of a value, where that is certain: a review offers it for one click.
//!
//! The source beside a fix shows a resource as it should be. Where a finding marks a literal behind a name, and that source
//! gives the same name another literal of the same kind, once, that is what belongs there. Anything else (a reference, a
//! name that stands there twice, a secret) is for a person.

use crate::report::SealedFinding;

/// The text that takes the place of what the finding marks.
pub fn of(f: &SealedFinding) -> Option<String> {
    if f.credential || f.primary.path.outermost().is_some() {
        return None;
    }
    let excerpt = f.primary.excerpt.as_deref()?;
    let snippet = f.fix.as_ref()?.snippet.as_ref()?;
    let (value, before) = (excerpt.text.get(excerpt.label.clone())?, excerpt.text.get(..excerpt.label.start)?);
    let kind = Kind::of(value)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    if line_start == 0 && excerpt.first.column > 1 {
        return None;
    }
    // All of a value, not a part of it: what follows is a blank, a comment or the end of the line.
    let after = excerpt.text.get(excerpt.label.end..)?;
    let rest = after.split('\n').next().unwrap_or_default().trim();
    if !(rest.is_empty() || rest.starts_with('#') || rest.starts_with("//")) {
        return None;
    }
    let name = name(&before[line_start..])?;
    // Which port is right, and what somebody calls something, is nobody's to guess.
    let lower = name.to_ascii_lowercase();
    if lower.ends_with("name") || kind == Kind::Number && lower.contains("port") {
        return None;
    }
    let mut said = snippet.text.lines().filter_map(setting).filter(|(other, _)| *other == name);
    let (_, better) = said.next()?;
    (said.next().is_none() && Kind::of(better) == Some(kind) && better != value).then(|| better.to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// In quotes, and one word of a few: `"public-read"`. What has digits or points may be a name, a range or a version, which
    /// the source beside the fix only gives an example of.
    Word,
    Number,
    Bool,
}

impl Kind {
    fn of(value: &str) -> Option<Kind> {
        let word = |quote: char| {
            let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
            let is_word = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
            is_word.then_some(Kind::Word)
        };
        match value {
            "true" | "false" => Some(Kind::Bool),
            _ if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => Some(Kind::Number),
            _ => word('"').or_else(|| word('\'')),
        }
    }
}

/// The name in `  name = ` or `  name: `, alone on its line.
fn name(before: &str) -> Option<&str> {
    let before = before.trim();
    let name = before.strip_suffix('=').or_else(|| before.strip_suffix(':'))?.trim_end();
    is_name(name).then_some(name)
}

/// A line that gives a name a value.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" = ").or_else(|| line.split_once(": ")).or_else(|| line.split_once('='))?;
    let (name, value) = (name.trim(), value.trim());
    let value = value.split(" #").next().unwrap_or_default().trim();
    (is_name(name)).then_some((name, value))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{Sketch, place};
    use super::*;
    use crate::base::ids::Severity;
    use crate::finding::{Dialect, Fix, Snippet};
    use crate::input::Origin;

    fn suggested(text: &str, marked: &str, fix: &str) -> Option<String> {
        let mut sketch = Sketch::default();
        let file = sketch.input(b"a.tf", Origin::File);
        let found = sketch.finding("r", Severity::High, "m", place(file, text, marked, 0));
        let snippet = Snippet { dialect: Dialect::Hcl, text: fix.to_owned() };
        found.fix = Some(Fix { text: String::new(), snippet: Some(snippet), commands: Vec::new() });
        of(&sketch.seal().findings[0])
    }

    #[test]
    fn a_literal_of_the_same_name_and_kind_takes_its_place() {
        for (text, marked, fix, better) in [
            ("  publicly_accessible = true\n", "true", "resource \"a\" \"b\" {\n  publicly_accessible = false\n}", Some("false")),
            ("  acl   = \"public-read\"  # x\n", "\"public-read\"", "  acl = \"private\"", Some("\"private\"")),
            ("  MinimumLength: 6\n", "6", "Properties:\n  MinimumLength: 14", Some("14")),
            ("  acl = var.acl\n", "var.acl", "  acl = \"private\"", None),
            ("  acl = \"public-read\"\n", "\"public-read\"", "  acl = var.acl", None),
            ("  acl = \"public-read\"\n", "\"public-read\"", "  acl = \"private\"\n  acl = \"other\"", None),
            ("  cidrs = [\"0.0.0.0/0\", \"::/0\"]\n", "\"0.0.0.0/0\"", "  cidrs = [\"10.0.0.0/8\"]", None),
            ("  x = true ? 1 : 2\n", "true", "  x = false", None),
            ("  acl = \"private\"\n", "\"private\"", "  acl = \"private\"", None),
            ("  user_name = \"root\"\n", "\"root\"", "  user_name = \"admin\"", None),
            // Another language is no fix of an old version of one.
            ("  runtime = \"nodejs12.x\"\n", "\"nodejs12.x\"", "  runtime = \"python3.13\"", None),
        ] {
            assert_eq!(suggested(text, marked, fix).as_deref(), better, "{text}");
        }
    }
}
