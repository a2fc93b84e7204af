//! Which part of a history is looked at.

use std::path::PathBuf;

use clap::Args as Group;

/// Limits of `--history`.
#[derive(Clone, Debug, Default, Group)]
pub struct HistoryLimits {
    /// With --history: only what refs lead to, not what was left behind
    #[arg(long, requires = "history")]
    pub reachable_only: bool,

    /// With --history: only what commits since then brought: 2025-01-31, or 90d, 12w, 2y ago
    #[arg(long, requires = "history", value_name = "WHEN")]
    pub since: Option<String>,

    /// With --history: only what the newest N commits brought
    #[arg(long, requires = "history", value_name = "N")]
    pub max_commits: Option<usize>,

    /// With --history: memory for what objects are stored as differences from: 200M, 2G [default: 1G]
    #[arg(long, requires = "history", value_name = "SIZE", value_parser = super::size)]
    pub max_memory: Option<u64>,

    /// With --history: more repositories, a path a line (`#` begins a comment; `-` is standard input)
    #[arg(long, requires = "history", value_name = "FILE")]
    pub repos_from: Option<PathBuf>,

    /// With --history: keep in this folder what was looked at and holds nothing, so that the next scan looks at new objects
    /// only
    #[arg(long, requires = "history", value_name = "DIR")]
    pub cache: Option<PathBuf>,
}
