//! The command line as typed. Nothing here is checked beyond its form.

pub mod examples;
mod first;
mod history;
mod hook;
mod living;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use first::{Doctor, DoctorFormat, Init, InitPart};
pub use history::HistoryLimits;
pub use hook::{Hook, HookCommand, HookInstall, HookKind, HookPlace, HookWhich};
pub use living::{Allow, Baseline, BaselineCommand, Config, ConfigCommand, Import};

use crate::render::show::{SHOW_FORMATS, show_format};
use crate::render::{self, FORMATS};
use crate::settings::size;

/// Finds leaked AWS keys, credentials, credential files and dangerous infrastructure code before they leave.
#[derive(Debug, Parser)]
#[command(
    name = "gatepost",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, 3 incomplete, 4 internal error, 130 interrupted."
)]
pub struct Args {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, what is staged, what a change adds, or a whole history
    Scan(Box<Scan>),
    /// Set a repository up: propose configuration, hook, workflow and baseline as a diff, and write them with --yes
    Init(Init),
    /// Tell what is installed, hooked and configured here, and what is not
    Doctor(Doctor),
    /// List, check and test rules
    Rules(Rules),
    /// Look into infrastructure code as gatepost evaluates it
    Iac(Iac),
    /// Have git run gatepost by itself: before a commit, on its message, before a push
    Hook(Hook),
    /// Accept a finding, with a reason: in the configuration, or beside it
    Allow(Box<Allow>),
    /// Keep what was there before apart from what is new
    Baseline(Box<Baseline>),
    /// Show and check the configuration
    Config(Box<Config>),
    /// Carry over what other tools were told: .gitleaks.toml, .gitleaksignore, .secrets.baseline, .checkov.yaml, .trivyignore
    Import(Import),
    /// Explain a rule: what it finds, why it matters, what to do
    Explain(Explain),
    /// Render a saved JSON report in any format
    Report(ReportArgs),
    /// Compare two saved JSON reports: what is new, what is fixed, how much is unchanged
    Diff(DiffArgs),
    /// Write files that are made from the rules and the command line
    Generate(Generate),
}

impl Command {
    /// As it is typed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Command::Scan(_) => "scan",
            Command::Init(_) => "init",
            Command::Doctor(_) => "doctor",
            Command::Rules(_) => "rules",
            Command::Iac(_) => "iac",
            Command::Hook(_) => "hook",
            Command::Allow(_) => "allow",
            Command::Baseline(_) => "baseline",
            Command::Config(_) => "config",
            Command::Import(_) => "import",
            Command::Explain(_) => "explain",
            Command::Report(_) => "report",
            Command::Diff(_) => "diff",
            Command::Generate(_) => "generate",
        }
    }
}

#[derive(Clone, Debug, Default, Group)]
#[command(after_help = "A name of a rule is its id, a family, a group (the folder under rules/), `iac` or `all`.")]
pub struct Scan {
    /// Files and folders; `-` is standard input; with --diff and --history the repository; with --staged that, or files of
    /// the index [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Scan what is staged (the index against HEAD), for a pre-commit hook
    #[arg(long, conflicts_with_all = ["diff", "history"])]
    pub staged: bool,

    /// Scan what a change adds: BASE, BASE...HEAD (from their merge base) or BASE..HEAD
    #[arg(long, value_name = "RANGE", conflicts_with = "history")]
    pub diff: Option<String>,

    /// Scan every object of the repository's history, reachable or not
    #[arg(long)]
    pub history: bool,

    /// With --history: look through every object in full, also what versions of a file have in common: slower, the same report
    #[arg(long, requires = "history")]
    pub no_delta: bool,

    /// Scan what is pushed, for a pre-push hook: reads git's lines from standard input (or the variables of pre-commit)
    #[arg(long, value_name = "REMOTE", conflicts_with_all = ["staged", "diff", "history"])]
    pub pre_push: Option<String>,

    /// Scan the message of a commit, for a commit-msg hook: the file that git names
    #[arg(long, value_name = "FILE", conflicts_with_all = ["staged", "diff", "history", "pre_push"])]
    pub commit_msg: Option<PathBuf>,

    #[command(flatten)]
    pub limits: HistoryLimits,

    /// The name that standard input is judged as
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,

    /// Leave out what matches a glob (may be repeated)
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Leave out what is excluded or ignored where it is named as a PATH, too: for programs that name changed files
    #[arg(long)]
    pub force_exclude: bool,

    /// Scan ignored files too
    #[arg(long, conflicts_with_all = ["staged", "diff", "history"])]
    pub no_ignore: bool,

    /// Skip larger files: 500k, 20M, 1G [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with_all = ["staged", "diff", "history"])]
    pub max_file_size: Option<u64>,

    /// The folder of the root module that a plan (`terraform show -json`) was made of: places are told in its sources
    #[arg(long, value_name = "DIR", conflicts_with = "history")]
    pub root: Option<PathBuf>,

    /// What goes to standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format_name)]
    pub format: String,

    /// Also write a report to a file (may be repeated)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<Output>,

    /// The lowest severity that fails the run: info, low, medium, high, critical
    /// [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<String>,

    /// Use these rules instead of the default ones: ids, families, groups, `iac`, `all` (`all` and `iac` leave the group
    /// `platform` out: its lists are examples)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Use these rules too; `platform` switches on the rules of that group
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub extend_select: Vec<String>,

    /// Do not use these rules
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// With --diff: let the ignores that the change adds hold, and its changes of configuration and baseline be
    #[arg(long, requires = "diff")]
    pub accept_new_suppressions: bool,

    /// Whose configuration, baseline and rules hold: those of the base, of the head or of the index [default: the base's with
    /// --diff, the index's with --staged, else those on the disk]
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub policy_from: Option<PolicyFrom>,

    /// Use this configuration instead of the repository's .gatepost.yml
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,

    /// The baseline: findings that were there before [default: .gatepost-baseline of the repository]
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub baseline: Option<PathBuf>,

    /// Tell what is in the baseline too
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,

    /// Respect the inline marks and ignore files of other tools too: gitleaks, betterleaks, kingfisher, trufflehog,
    /// detect-secrets, checkov, trivy, tfsec, kics, cfn-nag, cfn-guard
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub honor: Vec<String>,

    /// Use no configuration, no baseline and no enclosing repository
    #[arg(long)]
    pub isolated: bool,

    /// A folder of your own rules (may be repeated)
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    #[command(flatten)]
    pub variables: Values,

    /// What an incomplete scan without findings is: exit 3, or a warning
    /// [default: fail]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub incomplete: Option<Incomplete>,

    /// Threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
}

impl Scan {
    /// Whether a repository's objects are looked at, and not files on the disk.
    #[must_use]
    pub fn is_in_git(&self) -> bool {
        self.staged || self.diff.is_some() || self.history || self.pre_push.is_some() || self.commit_msg.is_some()
    }
}

/// Values for Terraform's variables, from outside of the sources.
#[derive(Clone, Debug, Default, Group)]
pub struct Values {
    /// A file of values for Terraform's variables, for every root module that declares them, relative to what is looked at
    /// (may be repeated; later ones win)
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,

    /// Take values for Terraform's variables from this environment's `TF_VAR_name` too
    #[arg(long)]
    pub tf_env: bool,
}

/// A state of the repository that has a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyFrom {
    Base,
    Head,
    Index,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Incomplete {
    Fail,
    Warn,
}

/// A format and the file it goes to.
#[derive(Clone, Debug)]
pub struct Output {
    pub format: String,
    pub file: PathBuf,
}

#[derive(Debug, Group)]
pub struct Rules {
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List every rule with its severity, families and group
    List(RuleDirs),
    /// Check rules for mistakes, with places
    Check(Check),
    /// Write the file of a new rule, to be filled in
    New(New),
    /// List the views that rules can look at, or tell of one: its attributes and the kinds that have them
    Views(Views),
    /// Run the examples of every rule
    Test(Test),
}

#[derive(Debug, Group)]
pub struct RuleDirs {
    /// A folder of your own rules (may be repeated)
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

#[derive(Debug, Group)]
pub struct SomeRules {
    /// Ids, families or groups [default: every rule]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

    #[command(flatten)]
    pub dirs: RuleDirs,
}

#[derive(Debug, Group)]
#[command(after_help = "Exit codes: 0 no fault, 1 faults (or warnings, with --strict), 2 usage or a file that cannot be read.")]
pub struct Check {
    #[command(flatten)]
    pub some: SomeRules,

    /// Warnings fail the run too
    #[arg(long)]
    pub strict: bool,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = CheckFormat::Human, value_name = "FORMAT")]
    pub format: CheckFormat,
}

#[derive(Debug, Group)]
pub struct New {
    /// The id: lower-case letters, digits and `-`, as in `acme-required-tags`
    #[arg(value_name = "ID")]
    pub id: String,

    /// What it looks at: a view (`gatepost rules views`), kinds of resources (`KIND,KIND`), `files` or `project`
    #[arg(long = "for", value_name = "VIEW", default_value = "s3.acl")]
    pub over: String,

    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub dir: PathBuf,

    #[command(flatten)]
    pub dirs: RuleDirs,
}

#[derive(Debug, Group)]
pub struct Views {
    /// A view [default: all, a line each]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub dirs: RuleDirs,
}

#[derive(Debug, Group)]
#[command(after_help = "Exit codes: 0 every example holds, 1 one does not, 2 usage or a rule that cannot be used.")]
pub struct Test {
    #[command(flatten)]
    pub some: SomeRules,

    /// List the examples that hold too
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// The lines of the file, marked
    Human,
    /// One object, for editors and CI
    Json,
}

#[derive(Debug, Group)]
pub struct Iac {
    #[command(subcommand)]
    pub command: IacCommand,
}

#[derive(Debug, Subcommand)]
pub enum IacCommand {
    /// Show resources as evaluated: every value with its place and its way, and what is unknown and why
    Show(Show),
}

#[derive(Debug, Group)]
#[command(
    after_help = "Exit codes: 0 shown, 2 usage or nothing of that name, 3 incomplete, 4 internal error, 130 interrupted.\nSecrets are masked, as in every output."
)]
pub struct Show {
    /// A resource (`aws_s3_bucket.b`, `module.m[\"k\"].aws_s3_bucket.b`, a logical id), a part of one
    /// (`aws_s3_bucket.b.acl`), a kind (`aws_s3_bucket`), or a glob of these [default: all]
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,

    /// A folder or a file
    #[arg(long = "in", value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// The folder of the root module that a plan (`terraform show -json`) was made of: places are told in its sources
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,

    #[command(flatten)]
    pub variables: Values,

    /// Only the numbers: what was read, what is known, why the rest is not
    #[arg(long)]
    pub summary: bool,

    /// What goes to standard output: human, json
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = show_format_name)]
    pub format: String,

    /// Leave out what matches a glob (may be repeated)
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Evaluate ignored files too
    #[arg(long)]
    pub no_ignore: bool,

    /// Threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
}

#[derive(Debug, Group)]
#[command(after_help = "Exit codes: 0 rendered, whatever is in it, 2 FILE is no report of gatepost.")]
pub struct ReportArgs {
    /// What `--format json` wrote; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What goes to standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format_name)]
    pub format: String,

    /// Also write a report to a file (may be repeated)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<Output>,
}

#[derive(Debug, Group)]
#[command(
    after_help = "Exit codes: 0 nothing new at or above --fail-on, 1 there is, 2 usage or a file that is no report, 3 NEW is incomplete.\nFindings are the same where their fingerprints are, wherever their lines went."
)]
pub struct DiffArgs {
    /// The older JSON report; `-` is standard input
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The newer one
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// What goes to standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format_name)]
    pub format: String,

    /// The lowest severity of a new finding that fails the run: info, low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    pub fail_on: String,
}

#[derive(Debug, Group)]
pub struct Explain {
    /// The rule's id, or an alias
    #[arg(value_name = "RULE")]
    pub rule: String,

    #[command(flatten)]
    pub dirs: RuleDirs,
}

#[derive(Debug, Group)]
pub struct Generate {
    #[command(subcommand)]
    pub what: GenerateWhat,
}

#[derive(Debug, Subcommand)]
pub enum GenerateWhat {
    /// A page for every rule
    Docs {
        /// The folder to write
        #[arg(long, value_name = "DIR", default_value = "docs/rules")]
        to: PathBuf,
    },
    /// A JSON Schema of rule files, for editors, to standard output
    Schema,
    /// A JSON Schema of `.gatepost.yml`, for editors, to standard output
    ConfigSchema,
    /// A JSON Schema of reports, for those who read them, to standard output
    ReportSchema,
    /// Pages for man(1): one for gatepost and one for each command
    Man {
        /// The folder to write
        #[arg(long, value_name = "DIR", default_value = "man")]
        to: PathBuf,
    },
    /// What a shell needs to complete the command line, to standard output
    Completions {
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
}

fn format_name(text: &str) -> Result<String, String> {
    if render::format(text).is_some() {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = FORMATS.iter().map(|f| f.name).collect();
    Err(format!("one of {}", names.join(", ")))
}

fn show_format_name(text: &str) -> Result<String, String> {
    if show_format(text).is_some() {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = SHOW_FORMATS.iter().map(|f| f.name).collect();
    Err(format!("one of {}", names.join(", ")))
}

fn output(text: &str) -> Result<Output, String> {
    let (format, file) = text.split_once('=').ok_or("FORMAT=FILE, as in json=report.json")?;
    if file.is_empty() {
        return Err("a file's name after `=`".to_owned());
    }
    Ok(Output { format: format_name(format)?, file: file.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_tool() {
        use clap::CommandFactory;
        let command = Args::command();
        let scan = command.find_subcommand("scan").expect("there is one");
        let honor = scan.get_arguments().find(|argument| argument.get_id() == "honor").and_then(clap::Arg::get_help).expect("a help");
        let words: Vec<String> = honor.to_string().split([' ', ',', ':', '\n']).map(str::to_owned).collect();
        for tool in crate::settings::TOOLS {
            assert!(words.iter().any(|word| word == tool), "{tool}: {words:?}");
        }
    }
}
