//! Words of the commands that live with findings: what may stand, what was there before, what holds here.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand};

use super::Scan;

#[derive(Debug, Group)]
#[command(after_help = "The fingerprint is the `id` that a report shows beside a finding; its first ten digits are enough.")]
pub struct Allow {
    /// What the finding is known by
    #[arg(value_name = "FINGERPRINT")]
    pub fingerprint: String,

    /// Why it may stand, for whoever reads it next
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// The last day on which it may, as 2031-05-31
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,

    /// Write a comment above the finding instead of an entry of the configuration
    #[arg(long)]
    pub inline: bool,
}

#[derive(Debug, Group)]
pub struct Baseline {
    #[command(subcommand)]
    pub command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Write a line for every finding that is there now
    Create {
        /// Write it though there is one already
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        scan: Scan,
    },
    /// Take out what is no longer found, and move what moved; what is new is told, not added
    Update {
        /// Add what is new
        #[arg(long)]
        add: bool,
        #[command(flatten)]
        scan: Scan,
    },
    /// Go through it finding by finding, and say of each what it is
    Audit {
        /// Ask again of what was answered before
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        scan: Scan,
    },
}

#[derive(Debug, Group)]
pub struct Config {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show every setting, and where it comes from: the words here are those of `scan`
    Show(Box<Scan>),
    /// Check a configuration for mistakes, with places
    Check {
        /// The file [default: .gatepost.yml at the top of the repository]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Group)]
#[command(
    after_help = "It writes .gatepost.yml, gatepost-rules/ and .gatepost-baseline where they are not there, and tells what could not be carried over."
)]
pub struct Import {
    /// Files to import [default: those that are known, at the top of the repository]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}
