//! docs/writing-rules.md is real: its rules are checked and tested, its commands run, and print what it says.

#[expect(dead_code, reason = "shared by several tests, each of which uses some of it")]
mod support;

use std::fs;
use std::path::Path;

use support::{gatepost, write};

/// A fenced block, with the line of prose before it.
struct Block {
    language: String,
    before: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md")).expect("the page");
    let (mut blocks, mut open, mut before): (Vec<Block>, Option<Block>, String) = (Vec::new(), None, String::new());
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.to_owned(), before: std::mem::take(&mut before), text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, None) if line.trim().is_empty() => {}
            (None, None) => line.clone_into(&mut before),
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

impl Block {
    /// The file that the prose before it says it is.
    fn file(&self) -> Option<&str> {
        let quoted = self.before.split('`').skip(1).step_by(2).last()?;
        let is_file = quoted.contains('/') && self.before.trim_end().ends_with(':') && !quoted.contains(' ');
        (is_file && self.language != "console").then_some(quoted)
    }
}

/// Writes every file that the page shows.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for block in blocks() {
        if let Some(file) = block.file() {
            write(dir.path(), file, &block.text);
        }
    }
    dir
}

#[test]
fn every_rule_on_the_page_is_in_a_file_or_built_in() {
    let mut rules = 0;
    for block in blocks().iter().filter(|block| block.language == "yaml") {
        assert!(block.text.starts_with("- ") && block.file().is_some(), "{}", block.before);
        rules += block.text.lines().filter(|line| line.starts_with("- id: ")).count();
    }
    assert!(rules >= 8, "{rules}");
}

#[test]
fn the_rules_on_the_page_are_sound_and_their_examples_hold() {
    let dir = folder();
    for rules in ["acme", "platform"] {
        for command in ["check", "test"] {
            let run = gatepost(dir.path(), &["rules", command, "--rules", rules, "user"]);
            assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
            assert!(!run.stdout.contains("warning["), "{}", run.stdout);
        }
    }
}

/// Those of the page that are built in are shown as they are.
#[test]
fn built_in_rules_are_shown_as_they_are() {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/platform");
    let items = |text: &str| -> Vec<String> {
        let starts: Vec<usize> =
            text.match_indices("- id: ").map(|(at, _)| at).filter(|at| *at == 0 || text[..*at].ends_with('\n')).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        starts.iter().zip(ends).map(|(start, end)| text[*start..end].trim_end().to_owned()).collect()
    };
    let mut known = Vec::new();
    for entry in fs::read_dir(built_in).expect("rules/platform") {
        known.extend(items(&fs::read_to_string(entry.expect("an entry").path()).expect("text")));
    }
    let mut shown = 0;
    for block in blocks().iter().filter(|block| block.file().is_some_and(|file| file.starts_with("platform/"))) {
        for item in items(&block.text) {
            assert!(known.contains(&item), "docs/writing-rules.md shows another rule than rules/platform has:\n{item}");
            shown += 1;
        }
    }
    assert!(shown >= 2, "{shown}");
}

#[test]
fn commands_on_the_page_print_what_it_says() {
    let dir = folder();
    let acme = dir.path().join("acme/acme-log-acl.yml");
    let filled = fs::read(&acme).expect("on the page");
    let mut commands = 0;
    for block in blocks().iter().filter(|block| block.language == "console") {
        let mut rest = block.text.as_str();
        while let Some((command, after)) = rest.strip_prefix("$ gatepost ").and_then(|rest| rest.split_once('\n')) {
            let end = after.match_indices("$ gatepost ").map(|(at, _)| at).find(|at| *at == 0 || after[..*at].ends_with('\n'));
            let (expected, next) = after.split_at(end.unwrap_or(after.len()));
            rest = next;
            let is_new = command.starts_with("rules new ");
            if is_new {
                fs::remove_file(&acme).expect("there");
            }
            let run = gatepost(dir.path(), &command.split(' ').collect::<Vec<_>>());
            assert_like(expected, &format!("{}{}", run.stdout, run.stderr), command);
            if is_new {
                fs::write(&acme, &filled).expect("written");
            }
            commands += 1;
        }
        assert!(rest.is_empty(), "{rest}");
    }
    assert!(commands >= 7, "{commands}");
}

/// A line `…` of the page stands for any lines.
fn assert_like(expected: &str, got: &str, command: &str) {
    let mut left = got;
    for (number, part) in expected.split("…\n").enumerate() {
        let at = if number == 0 { left.starts_with(part).then_some(0) } else { left.find(part) };
        let at = at.unwrap_or_else(|| panic!("`gatepost {command}` prints\n{got}\nand the page says\n{expected}"));
        left = &left[at + part.len()..];
    }
    assert!(left.is_empty() || expected.ends_with("…\n"), "`gatepost {command}` prints more:\n{left}");
}
