//! Hooks of git.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum};

#[derive(Debug, Group)]
pub struct Hook {
    #[command(subcommand)]
    pub command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Have git run gatepost before a commit; a hook that is there stays
    Install(HookInstall),
    /// Take gatepost out of the hooks again, byte for byte
    Uninstall(HookWhich),
    /// Tell which hooks run gatepost, and whose the others are
    Status(HookPlace),
}

#[derive(Debug, Group)]
#[command(after_help = "Exit codes: 0 installed, 2 not installed: what stands in the way, or what to write where, is said.")]
pub struct HookInstall {
    #[command(flatten)]
    pub which: HookWhich,

    /// Write git's own hook though a manager of hooks is used here
    #[arg(long)]
    pub plain: bool,

    /// Write to the folder of hooks that holds for every repository (`core.hooksPath` of your own configuration)
    #[arg(long)]
    pub global: bool,
}

#[derive(Debug, Group)]
pub struct HookWhich {
    /// Which hooks
    #[arg(long = "type", value_enum, value_delimiter = ',', value_name = "TYPE", default_value = "pre-commit")]
    pub kinds: Vec<HookKind>,

    /// All of them
    #[arg(long, conflicts_with = "kinds")]
    pub all: bool,

    #[command(flatten)]
    pub place: HookPlace,
}

#[derive(Debug, Group)]
pub struct HookPlace {
    /// A folder of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
}

/// When git runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum HookKind {
    /// What is staged
    PreCommit,
    /// What the message says
    CommitMsg,
    /// The commits that are pushed
    PrePush,
}

impl HookKind {
    pub const ALL: [HookKind; 3] = [HookKind::PreCommit, HookKind::CommitMsg, HookKind::PrePush];

    /// The file that git looks for.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            HookKind::PreCommit => "pre-commit",
            HookKind::CommitMsg => "commit-msg",
            HookKind::PrePush => "pre-push",
        }
    }

    /// What it runs, in a shell.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            HookKind::PreCommit => "gatepost scan --staged",
            HookKind::CommitMsg => "gatepost scan --commit-msg \"$1\"",
            HookKind::PrePush => "gatepost scan --pre-push \"$1\"",
        }
    }
}

impl HookWhich {
    /// The hooks that were asked for, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<HookKind> {
        let mut kinds = if self.all { HookKind::ALL.to_vec() } else { self.kinds.clone() };
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}
