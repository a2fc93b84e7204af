//! What SARIF tells of rules: those that results name, each once.

use std::fmt::Write as _;

use super::level;
use super::wire::{Configuration, Help, Rule, RuleProperties, Text};
use crate::base::escape;
use crate::base::ids::{Confidence, RuleId, Severity};
use crate::render::HOME;
use crate::report::RuleInfo;
use crate::rule::doc;

/// GitHub takes no longer description.
const LONGEST: usize = 1024;
/// GitHub shows ten tags, and takes twenty.
const TAGS: usize = 10;

/// `severity` and `confidence` are those of a finding, for a rule of which no more is known.
pub fn rule(id: &RuleId, info: Option<&RuleInfo>, severity: Severity, confidence: Confidence) -> Rule {
    let (severity, confidence) = info.map_or((severity, confidence), |info| (info.severity, info.confidence));
    let title = info.map_or_else(|| id.as_str(), |info| &info.title);
    let families = info.into_iter().flat_map(|info| [&info.group].into_iter().chain(&info.families));
    let mut tags = vec!["security".to_owned()];
    for tag in families.map(|tag| clean(tag)).filter(|tag| !tag.is_empty()) {
        if tags.len() < TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Rule {
        id: clean(id.as_str()),
        name: pascal(id.as_str()),
        short_description: Text::new(sentence(title)),
        full_description: Text::new(sentence(info.map_or(title, |info| &info.why))),
        help: help(id, title, info),
        help_uri: info.into_iter().flat_map(|info| &info.references).find(|uri| is_uri(uri)).map_or(HOME, |uri| uri).to_owned(),
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags,
            precision: match confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            // GitHub: critical above 9, high from 7, medium from 4, low from 0.1.
            security_severity: match severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.0",
                Severity::Info => "0.5",
            },
        },
    }
}

fn help(id: &RuleId, title: &str, info: Option<&RuleInfo>) -> Help {
    let Some(info) = info else { return Help { text: sentence(title), markdown: doc::prose(&sentence(title)) } };
    let explain = format!("gatepost explain {}", clean(id.as_str()));
    let mut text = format!("{}\n\nWhat to do: {}\n\nMore: {explain}\n", lines(&info.why), lines(&info.fix));
    let mut markdown =
        format!("{}\n\n**What to do:** {}\n\nMore: `{}`\n", doc::prose(&info.why), doc::prose(&info.fix), explain.replace('`', "'"));
    for (name, items) in [("References", &info.references), ("Controls", &info.controls)] {
        if items.is_empty() {
            continue;
        }
        let _ = write!(text, "\n{name}:\n");
        let _ = write!(markdown, "\n**{name}**\n\n");
        for item in items {
            let _ = writeln!(text, "- {}", clean(item));
            let _ = writeln!(markdown, "- {}", doc::prose(&item.replace('\n', " ")));
        }
    }
    Help { text, markdown }
}

/// `aws-access-key` as `AwsAccessKey`. SARIF wants no name that is but the id again: `jwt` is `JwtRule`.
fn pascal(id: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    id.split(|c: char| !c.is_ascii_alphanumeric()).map(part).collect::<String>()
        + if id.bytes().all(|b| b.is_ascii_alphanumeric()) { "Rule" } else { "" }
}

fn clean(text: &str) -> String {
    escape::name(text).into_owned()
}

fn lines(text: &str) -> String {
    text.trim_end().split('\n').map(escape::line).collect::<Vec<_>>().join("\n")
}

/// One line that ends with a full stop, and is as long as it may be.
fn sentence(text: &str) -> String {
    let mut text = clean(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if text.chars().count() >= LONGEST {
        text = text.chars().take(LONGEST - 2).chain(['…']).collect();
    }
    if !text.ends_with(['.', '!', '?', '…']) {
        text.push('.');
    }
    text
}

fn is_uri(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte);
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_in_one_word() {
        assert_eq!((pascal("aws-access-key").as_str(), pascal("jwt").as_str()), ("AwsAccessKey", "JwtRule"));
    }

    #[test]
    fn a_description_is_short_and_a_sentence() {
        let long = sentence(&"word ".repeat(1000));
        assert!(long.chars().count() <= LONGEST && long.ends_with('…'));
        assert_eq!(sentence("a\n b"), "a b.");
    }

    #[test]
    fn only_a_uri_is_one() {
        assert!(is_uri("https://docs.aws.amazon.com/a#b"));
        assert!(!is_uri("https://") && !is_uri("javascript:x") && !is_uri("https://a b") && !is_uri("https:///x"));
    }
}
