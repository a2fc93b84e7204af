//! A rule's page, for `docs/rules/` and for `gatepost explain`: the same blocks, as Markdown and as plain text.
//!
//! Nothing here is generated from a pattern. Examples that are made at run time stand as their template, so that no page
//! holds text that looks like a key.

use std::fmt::Write as _;

use super::blob::RuleSet;
use super::def::{Body, Example, ExampleSource, Page, Rule, Told};
use crate::base::escape;

/// A piece of a page.
enum Block {
    Heading(String),
    Prose(String),
    /// A name and what stands for it; code where the flag is set.
    Facts(Vec<(&'static str, String, bool)>),
    List(Vec<String>),
    Code {
        language: &'static str,
        caption: Option<String>,
        text: String,
    },
}

/// A rule's page as Markdown.
#[must_use]
pub fn page(rule: &Rule, page: &Page) -> String {
    let mut out = format!("# {}\n", prose(&rule.meta.title));
    for block in blocks(rule, page) {
        out.push('\n');
        match block {
            Block::Heading(text) => push(&mut out, "## ", &prose(&text)),
            Block::Prose(text) => push(&mut out, "", &prose(&text)),
            Block::Facts(facts) => {
                out.push_str("| | |\n|---|---|\n");
                for (name, value, code) in facts {
                    let _ = writeln!(out, "| {name} | {} |", if code { code_cell(&value) } else { cell(&value) });
                }
            }
            Block::List(items) => items.iter().for_each(|item| push(&mut out, "- ", &prose(item))),
            Block::Code { language, caption, text } => {
                if let Some(caption) = caption {
                    let _ = writeln!(out, "{}:\n", code_cell(&caption));
                }
                let fence = fence(&text);
                let _ = writeln!(out, "{fence}{language}\n{}\n{fence}", clean(&text));
            }
        }
    }
    out
}

/// A rule's page as text for a terminal.
#[must_use]
pub fn text(rule: &Rule, page: &Page) -> String {
    let mut out = format!("{}\n", clean(&rule.meta.title));
    let mut headed = false;
    for block in blocks(rule, page) {
        if !std::mem::replace(&mut headed, matches!(block, Block::Heading(_))) {
            out.push('\n');
        }
        match block {
            Block::Heading(text) => push(&mut out, "", &format!("{}:", clean(&text))),
            Block::Prose(text) => text.lines().for_each(|line| push(&mut out, "  ", &clean(line))),
            Block::Facts(facts) => facts.iter().for_each(|(name, value, _)| push(&mut out, &format!("  {name:<11} "), &clean(value))),
            Block::List(items) => items.iter().for_each(|item| push(&mut out, "  - ", &clean(item))),
            Block::Code { caption, text, .. } => {
                if let Some(caption) = caption {
                    let _ = writeln!(out, "  {}:", clean(&caption));
                }
                text.trim_end().lines().for_each(|line| push(&mut out, "    ", &clean(line)));
            }
        }
    }
    out
}

/// The table of all rules, for `docs/rules/README.md`: by group, then by id, each with a link to `ID.md`.
#[must_use]
pub fn index(rules: &RuleSet) -> String {
    let mut sorted: Vec<&Rule> = rules.rules().iter().collect();
    sorted.sort_by(|a, b| (&a.meta.group, &a.meta.id).cmp(&(&b.meta.group, &b.meta.id)));
    let mut out = "# Rules\n\nMade by `gatepost generate docs` from the files in `rules/`.\n".to_owned();
    let mut group = None;
    for rule in sorted {
        let meta = &rule.meta;
        if group != Some(&meta.group) {
            group = Some(&meta.group);
            let _ = writeln!(out, "\n## {}\n\n| rule | severity | what it finds |\n|---|---|---|", prose(&meta.group));
        }
        let off = if meta.default_on { "" } else { " (off by default)" };
        let _ = writeln!(out, "| [{id}]({id}.md) | {} | {}{off} |", meta.severity, cell(&meta.title), id = meta.id);
    }
    out
}

fn blocks(rule: &Rule, page: &Page) -> Vec<Block> {
    let mut blocks = vec![Block::Facts(facts(rule, page)), heading("Why it matters"), Block::Prose(page.why.clone())];
    blocks.extend([heading("What to do"), Block::Prose(page.fix.clone())]);
    let source = |language, caption: &str, text: &Option<String>| {
        text.as_ref().map(|text| Block::Code { language, caption: Some(caption.to_owned()), text: text.clone() })
    };
    blocks.extend(source("hcl", "Terraform", &page.snippets.hcl));
    blocks.extend(source("yaml", "CloudFormation", &page.snippets.cfn));
    blocks.extend([heading("What it looks for"), Block::Facts(looks_for(&rule.body))]);
    for (title, examples) in [("Found", &page.bad), ("Not found", &page.good)] {
        if !examples.is_empty() {
            blocks.push(heading(title));
            blocks.extend(examples.iter().flat_map(code));
        }
    }
    for (title, items) in [("References", &page.references), ("Controls", &page.controls)] {
        if !items.is_empty() {
            blocks.extend([heading(title), Block::List(items.clone())]);
        }
    }
    blocks.extend(ignoring(rule));
    blocks
}

/// What can be done about a finding that is to stay.
fn ignoring(rule: &Rule) -> Vec<Block> {
    let prose = |text: &str| Block::Prose(text.to_owned());
    let ignore = match rule.body {
        // What a change does to what judges it is not for the change to judge.
        Body::Suppression(Told::Changed) => {
            let text = "Nothing in the repository ignores it. Whoever reviews the change accepts it:";
            return vec![heading("To accept it"), prose(text), code_of("gatepost scan --diff BASE --accept-new-suppressions")];
        }
        Body::Suppression(_) => {
            let text = "It is about a comment or an entry, so no comment ignores it: mend that, or take it out. To be told of none, in `.gatepost.yml`:";
            return vec![heading("To ignore one"), prose(text), code_of(&format!("ignore: [{}]", rule.meta.id))];
        }
        _ => format!("gatepost: ignore[{}] why this one may stand", rule.meta.id),
    };
    vec![heading("To ignore one"), prose("In a comment on its line, or alone on the line before:"), code_of(&ignore)]
}

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn code_of(text: &str) -> Block {
    Block::Code { language: "", caption: None, text: text.to_owned() }
}

fn facts(rule: &Rule, page: &Page) -> Vec<(&'static str, String, bool)> {
    let meta = &rule.meta;
    let mut facts = vec![("rule", meta.id.to_string(), true), ("group", meta.group.clone(), false)];
    facts.extend([("severity", meta.severity.to_string(), false), ("confidence", meta.confidence.to_string(), false)]);
    let lists = [("families", &meta.families), ("also called", &meta.aliases)];
    facts.extend(lists.into_iter().filter(|(_, all)| !all.is_empty()).map(|(name, all)| (name, all.join(", "), false)));
    facts.push(("default", if meta.default_on { "on" } else { "off" }.to_owned(), false));
    facts.extend(page.since.iter().map(|since| ("since", since.clone(), false)));
    facts
}

fn looks_for(body: &Body) -> Vec<(&'static str, String, bool)> {
    let mut facts: Vec<(&'static str, String, bool)> = Vec::new();
    match body {
        Body::Secret(secret) => {
            let (called, words) = if secret.named.is_empty() { ("keywords", &secret.keywords) } else { ("named", &secret.named) };
            facts.extend([(called, words.join(", "), true), ("pattern", secret.pattern.clone(), true)]);
            facts.extend((!secret.validate.is_empty()).then(|| ("checked by", secret.validate.join(", "), true)));
            facts.extend(secret.entropy.map(|bits| ("entropy", format!("at least {bits} bits a byte"), false)));
            facts.extend(secret.pair.as_ref().map(|pair| ("paired with", pair.with.to_string(), true)));
        }
        Body::File(file) => {
            facts.push(("names", file.names.join(", "), true));
            facts.extend((!file.except.is_empty()).then(|| ("except", file.except.join(", "), true)));
            facts.push(("read as", file.reader.clone(), true));
            facts.extend((!file.keys.is_empty()).then(|| ("keys", file.keys.join(", "), true)));
            facts.push(("judged by", file.judge.clone(), true));
        }
        Body::Policy(policy) => {
            facts.extend([("looks at", policy.over.join(", "), true), ("says", policy.message.clone(), true)]);
            let lower = policy.lower.as_ref().map(|lower| format!("{}: {}", lower.severity, lower.message));
            facts.extend(lower.map(|lower| ("or, lowered", lower, true)));
        }
        Body::Suppression(told) => facts.push(("tells of suppressions that are", told.as_str().to_owned(), true)),
    }
    facts
}

fn code(example: &Example) -> Vec<Block> {
    let one = |language, caption: Option<&String>, text: &String| Block::Code { language, caption: caption.cloned(), text: text.clone() };
    match &example.source {
        ExampleSource::Text { text, .. } => vec![one("", example.name.as_ref(), text)],
        ExampleSource::Bytes(bytes) => vec![one("", example.name.as_ref(), &digits(bytes))],
        ExampleSource::Hcl(text) => vec![one("hcl", example.name.as_ref(), text)],
        ExampleSource::Cfn(text) => vec![one("yaml", example.name.as_ref(), text)],
        ExampleSource::Tree(files) => files.iter().map(|(path, text)| one("", Some(path), text)).collect(),
    }
}

/// Bytes as pairs of digits, four of them together.
fn digits(bytes: &[u8]) -> String {
    bytes.chunks(4).map(|four| data_encoding::HEXLOWER.encode(four)).collect::<Vec<_>>().join(" ")
}

fn push(out: &mut String, before: &str, line: &str) {
    out.push_str(format!("{before}{line}").trim_end());
    out.push('\n');
}

/// Lines without trailing blanks, and without what could repaint a terminal: a user's rules are printed too.
fn clean(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(|line| escape::line(line.trim_end())).collect();
    lines.join("\n")
}

/// Text as Markdown that renders as itself: no HTML, and nobody is mentioned. What stands between backticks is code already.
#[must_use]
pub fn prose(text: &str) -> String {
    let text = clean(text);
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(i, part)| if i % 2 == 1 { part.to_owned() } else { part.replace('<', "&lt;").replace('@', "&#64;") });
    parts.collect::<Vec<_>>().join("`")
}

fn cell(text: &str) -> String {
    prose(&text.replace('\n', " ")).replace('|', "\\|")
}

/// Code in a cell of a table, in as many backticks as it needs.
fn code_cell(text: &str) -> String {
    let text = clean(&text.replace('\n', " ")).replace('|', "\\|");
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    format!("{ticks} {text} {ticks}")
}

fn fence(text: &str) -> String {
    "`".repeat((longest_run(text) + 1).max(3))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{Confidence, RuleId, Severity};
    use crate::rule::def::{FileBody, RuleMeta, Snippets};

    fn rule() -> (Rule, Page) {
        let meta = RuleMeta {
            id: RuleId::from("some-rule"),
            group: "files".to_owned(),
            families: vec!["f".to_owned()],
            title: "A | title <b> @all".to_owned(),
            severity: Severity::High,
            confidence: Confidence::Medium,
            default_on: false,
            aliases: vec!["old-name".to_owned()],
        };
        let body = FileBody {
            names: vec![".env".to_owned()],
            except: vec![],
            reader: "dotenv".to_owned(),
            keys: vec![],
            judge: "values".to_owned(),
        };
        let example = |source| Example { source, name: None, at: None, severity: None, message: None };
        let page = Page {
            why: "Because.\nTwice.".to_owned(),
            fix: "Rotate it.".to_owned(),
            snippets: Snippets::default(),
            references: vec!["https://example.com/".to_owned()],
            controls: vec![],
            since: Some("0.1.0".to_owned()),
            bad: vec![
                example(ExampleSource::Text { text: "KEY={aws-key-id}".to_owned(), generated: true }),
                example(ExampleSource::Tree(vec![("a/.env".to_owned(), "x=```\u{1b}[2J\n".to_owned())])),
            ],
            good: vec![example(ExampleSource::Hcl("a = 1 \n".to_owned()))],
        };
        (Rule { meta, body: Body::File(body) }, page)
    }

    #[test]
    fn a_page_says_all_there_is_and_generates_nothing() {
        let (rule, fields) = rule();
        let page = page(&rule, &fields);
        for part in
            ["# A | title &lt;b> &#64;all\n", "| rule | `some-rule` |", "Because.\nTwice.", "## What to do", "\n```hcl\na = 1\n```\n"]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(page.contains("\n```\nKEY={aws-key-id}\n```\n"), "a generated example stands as its template: {page}");
        assert!(page.contains("`a/.env`:\n\n````\nx=```\\u{1b}[2J\n````\n"), "a longer fence, and no escapes: {page}");
        assert!(!page.contains("## Controls"));
    }

    #[test]
    fn a_terminal_gets_the_same_without_marks() {
        let (rule, fields) = rule();
        let text = text(&rule, &fields);
        for part in ["A | title <b> @all\n", "  rule        some-rule\n", "    KEY={aws-key-id}\n", "  a/.env:\n    x=```\\u{1b}[2J\n"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("## ") && !text.contains('\u{1b}'));
    }

    #[test]
    fn the_index_names_every_rule_once() {
        let mut rules = RuleSet::embedded();
        let (rule, page) = rule();
        rules.add(rule, page);
        let index = index(&rules);
        for rule in rules.rules() {
            assert_eq!(index.matches(&format!("]({}.md)", rule.meta.id)).count(), 1, "{}", rule.meta.id);
        }
        assert!(index.contains("| [some-rule](some-rule.md) | high | A \\| title &lt;b> &#64;all (off by default) |"), "{index}");
    }

    #[test]
    fn every_built_in_rule_has_a_page() {
        let rules = RuleSet::embedded();
        for (at, rule) in rules.rules().iter().enumerate() {
            for printed in [page(rule, rules.page(at)), text(rule, rules.page(at))] {
                assert!(printed.contains(rule.meta.id.as_str()) && printed.lines().count() > 15, "{printed}");
                assert!(printed.lines().all(|line| line == line.trim_end()), "{printed}");
            }
        }
    }
}
