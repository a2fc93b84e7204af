//! Lines that run gatepost, in workflows and in the files of whoever runs hooks: words, not the languages that they are written in.

use std::collections::BTreeSet;

/// Where the lines stand that run gatepost.
const FOLDERS: [&str; 2] = [WORKFLOWS, ".husky"];
const WORKFLOWS: &str = ".github/workflows";
const FILES: [&str; 9] = [
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    "lefthook.yaml",
    "prek.toml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
];
/// Words of lines that say whether and how.
const WORDS: [&str; 6] = ["gatepost", "GATEPOST_", "accept-new-suppressions", "continue-on-error", "if: false", "stages:"];

pub(super) fn may_run(path: &str) -> bool {
    FILES.contains(&path) || FOLDERS.iter().any(|folder| is_below(path, folder))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The lines that say whether and how it runs: those with one of the words, and of a workflow the whole step that uses it, since
/// what stands under `with:` is how.
pub(super) fn lines<'t>(path: &str, text: &'t str) -> BTreeSet<&'t str> {
    let all: Vec<&str> = text.lines().collect();
    let mut lines: BTreeSet<&str> =
        all.iter().filter(|line| WORDS.iter().any(|word| line.contains(word))).map(|line| line.trim()).collect();
    if is_below(path, WORKFLOWS) {
        for (at, _) in all.iter().enumerate().filter(|(_, line)| line.contains("gatepost") && !line.trim_start().starts_with('#')) {
            lines.extend(step(&all, at));
        }
    }
    lines
}

/// The lines of the item of a list that a line stands in, but for comments.
fn step<'t>(all: &[&'t str], at: usize) -> Vec<&'t str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_item = |line: &str| line.trim_start().starts_with("- ");
    let (before, after) = all.split_at(at);
    let Some((line, after)) = after.split_first() else { return Vec::new() };
    // A line that is no item belongs to the nearest one above that is less indented.
    let (first, depth) = if is_item(line) {
        (at, indent(line))
    } else {
        let above = before.iter().enumerate().rev().find(|(_, above)| is_item(above) && indent(above) < indent(line));
        let Some((first, above)) = above else { return Vec::new() };
        (first, indent(above))
    };
    let inside = |line: &&&str| line.trim().is_empty() || indent(line) > depth;
    let below = after.iter().take_while(inside);
    let told = |line: &&&&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    before.iter().skip(first).chain([line]).chain(below).collect::<Vec<_>>().iter().filter(told).map(|line| line.trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_all_of_its_lines_and_no_other() {
        let text = "\
jobs:
  a:
    steps:
      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
      - name: look
        # why
        uses: OWNER/gatepost@v1

        with:
          mode: auto
          args: |
            --exclude=a
      - run: make
    timeout-minutes: 5
";
        let found = lines(".github/workflows/a.yml", text);
        assert_eq!(found, BTreeSet::from(["- name: look", "uses: OWNER/gatepost@v1", "with:", "mode: auto", "args: |", "--exclude=a"]));
        assert_eq!(lines(".gitlab-ci.yml", text), BTreeSet::from(["uses: OWNER/gatepost@v1"]));
        assert_eq!(lines(".github/workflows/a.yml", "name: gatepost\non: push\n"), BTreeSet::from(["name: gatepost"]));
    }

    #[test]
    fn files_that_run_it() {
        assert!(may_run(".github/workflows/a.yml") && may_run(".husky/pre-commit") && may_run("Jenkinsfile"));
        assert!(!may_run(".github/workflows.md") && !may_run("src/Jenkinsfile"));
    }
}
