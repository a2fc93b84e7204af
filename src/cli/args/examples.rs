//! What `--help` teaches with: lines to copy for every command. A test has the command line take each of them.

use clap::{Command, CommandFactory};

use super::Args;

/// Lines, and what each does, for a command by its words.
type Examples = (&'static [&'static str], &'static [(&'static str, &'static str)]);

pub const EXAMPLES: &[Examples] = &[
    (
        &[],
        &[
            ("gatepost scan", "the files here"),
            ("gatepost hook install", "before every commit"),
            ("gatepost scan --diff origin/main", "what a branch adds"),
            ("gatepost scan --history --output html=audit.html", "everything that ever was here, as a page"),
            ("gatepost init", "set all of it up, proposed as a diff"),
        ],
    ),
    (
        &["scan"],
        &[
            ("gatepost scan", "the files here"),
            ("gatepost scan --staged", "what is about to be committed"),
            ("gatepost scan --diff origin/main", "what this branch adds, each of its commits"),
            ("gatepost scan --history --format inventory", "what to rotate, since when, by whom"),
            ("gatepost scan --select iam,s3 --fail-on high infra", "some rules, one folder"),
            ("gatepost scan --output sarif=r.sarif --output html=r.html", "reports besides"),
        ],
    ),
    (
        &["init"],
        &[
            ("gatepost init", "what it would write, as a diff"),
            ("gatepost init --yes", "write it"),
            ("gatepost init --yes --without baseline,workflow", "some of it"),
        ],
    ),
    (
        &["doctor"],
        &[("gatepost doctor", "what is right here, and what to type next"), ("gatepost doctor --format json", "for a bug report")],
    ),
    (&["rules", "list"], &[("gatepost rules list", "a line for each rule"), ("gatepost rules list --rules my-rules", "with your own")]),
    (
        &["rules", "check"],
        &[("gatepost rules check --rules my-rules", "mistakes, with places"), ("gatepost rules check --strict --format json", "for CI")],
    ),
    (&["rules", "new"], &[("gatepost rules new acme-tags --for s3.bucket --dir my-rules", "a rule to be filled in")]),
    (&["rules", "views"], &[("gatepost rules views", "all shapes"), ("gatepost rules views s3.acl", "one, with its attributes")]),
    (
        &["rules", "test"],
        &[("gatepost rules test --rules my-rules", "every example"), ("gatepost rules test aws-access-key --verbose", "one rule's")],
    ),
    (
        &["iac", "show"],
        &[
            ("gatepost iac show aws_s3_bucket.site", "what a resource is made with, and where from"),
            ("gatepost iac show --summary", "what is known, and why the rest is not"),
        ],
    ),
    (
        &["hook", "install"],
        &[
            ("gatepost hook install", "before each commit"),
            ("gatepost hook install --all", "on the message and before a push, too"),
            ("gatepost hook install --type pre-push", "before a push alone"),
        ],
    ),
    (&["hook", "uninstall"], &[("gatepost hook uninstall --all", "every byte as it was")]),
    (&["hook", "status"], &[("gatepost hook status", "which hooks run it, and whose the others are")]),
    (
        &["allow"],
        &[
            ("gatepost allow 015c037bf340 --reason 'a test account' --until 2031-05-31", "in .gatepost.yml"),
            ("gatepost allow 015c037bf340 --reason 'a test account' --inline", "a comment above it"),
        ],
    ),
    (&["baseline", "create"], &[("gatepost baseline create", "what is there now is known; only what is new fails")]),
    (
        &["baseline", "update"],
        &[("gatepost baseline update", "take out what is gone"), ("gatepost baseline update --add", "and add what is new")],
    ),
    (&["baseline", "audit"], &[("gatepost baseline audit", "say of each what it is")]),
    (
        &["config", "show"],
        &[
            ("gatepost config show", "every setting, and where it was said"),
            ("gatepost config show --fail-on low", "as a scan with these words"),
        ],
    ),
    (&["config", "check"], &[("gatepost config check", "mistakes, with places")]),
    (&["import"], &[("gatepost import", "what other tools were told here"), ("gatepost import .gitleaks.toml", "one file")]),
    (&["explain"], &[("gatepost explain aws-access-key", "what it finds, why it matters, what to do")]),
    (
        &["report"],
        &[
            ("gatepost report report.json --format html --output csv=report.csv", "a page, and a table besides"),
            ("gatepost report report.json --format sarif-github", "for GitHub code scanning"),
        ],
    ),
    (&["diff"], &[("gatepost diff old.json new.json", "what is new, fixed and unchanged")]),
    (&["generate", "docs"], &[("gatepost generate docs --to docs/rules", "a page for each rule")]),
    (&["generate", "schema"], &[("gatepost generate schema", "for an editor of rules")]),
    (&["generate", "config-schema"], &[("gatepost generate config-schema", "for an editor of .gatepost.yml")]),
    (&["generate", "report-schema"], &[("gatepost generate report-schema", "for readers of reports")]),
    (&["generate", "man"], &[("gatepost generate man --to man", "pages for man")]),
    (&["generate", "completions"], &[("gatepost generate completions bash", "to be sourced by a shell")]),
];

/// The command line with its examples: for help and pages. What is typed is read without them.
#[must_use]
pub fn command() -> Command {
    EXAMPLES.iter().fold(Args::command(), |command, (words, lines)| add(command, words, lines))
}

fn add(command: Command, words: &[&'static str], lines: &[(&str, &str)]) -> Command {
    if let [first, rest @ ..] = words {
        return command.mut_subcommand(first, |inner| add(inner, rest, lines));
    }
    let wide = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0).min(60);
    let lines: Vec<_> = lines.iter().map(|(line, does)| format!("  {line:wide$}  # {does}")).collect();
    let more = command.get_after_help().map(|more| format!("\n\n{more}")).unwrap_or_default();
    command.after_help(format!("Examples:\n{}{more}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Words as a shell takes them apart, with quotes of one kind.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        parts
            .flat_map(|(at, part)| if at % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() })
            .collect()
    }

    #[test]
    fn every_example_is_taken() {
        for (path, lines) in EXAMPLES {
            for (line, _) in *lines {
                let words = words(line);
                if let Err(error) = Args::try_parse_from(&words) {
                    panic!("{line}: {error}");
                }
                assert!(path.iter().zip(&words[1..]).all(|(own, word)| own == word), "{line} is no example of {path:?}");
            }
        }
    }

    #[test]
    fn every_command_has_some() {
        fn walk(command: &Command, way: &str) {
            let subcommands: Vec<_> = command.get_subcommands().filter(|inner| inner.get_name() != "help").collect();
            if subcommands.is_empty() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Examples:\n  gatepost "), "{way}: {help}");
            }
            for inner in subcommands {
                walk(inner, &format!("{way} {}", inner.get_name()));
            }
        }
        walk(&command(), "gatepost");
    }
}
