//! Words of the first minute: what a repository needs, and what it lacks.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};

#[derive(Debug, Group)]
#[command(
    after_help = "Nothing that is there is overwritten. Exit codes: 0 written, or nothing to do; 1 proposed and not written; 2 usage."
)]
pub struct Init {
    /// A folder of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// Write it
    #[arg(long, short)]
    pub yes: bool,

    /// Leave some of it out
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub without: Vec<InitPart>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitPart {
    /// .gatepost.yml
    Config,
    /// Git's hook before a commit
    Hook,
    /// What GitHub runs on a pull request
    Workflow,
    /// What is there already, apart from what is new
    Baseline,
}

#[derive(Debug, Group)]
#[command(after_help = "Exit codes: 0 nothing is wrong, 1 something is; it says what to type next. It runs nothing and asks nobody.")]
pub struct Doctor {
    /// A folder of the repository
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = DoctorFormat::Human, value_name = "FORMAT")]
    pub format: DoctorFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// A line for each thing
    Human,
    /// One object, for programs
    Json,
}
