//! Which part of a history is looked at.

use clap::Args as Group;

/// Limits of `--history`.
#[derive(Debug, Default, Group)]
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
}
