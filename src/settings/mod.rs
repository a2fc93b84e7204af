//! What a run is to do, validated: the raw words of a command line become this once, and nothing fails late.

mod allow;
mod layers;
mod paths;
mod pattern;
mod selection;
mod tools;

use std::collections::BTreeMap;

use crate::base::ids::{RuleId, Severity};

pub use allow::Allow;
pub use layers::{Config, From, KEYS, Key, Kind, Layer, Said, severity, size};
pub use paths::Paths;
pub use pattern::Pattern;
pub use selection::{ALL, IAC, Selection, UnknownName};
pub use tools::{Form, TABLE, TOOLS, Tool, ToolFile, tool, tools};

/// What an incomplete scan without findings ends as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    Fail,
    Warn,
}

/// Whose suppressions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Everybody's: files are looked at as they are.
    All,
    /// The author's: what is staged is judged by what it says itself, but for a value that came to stand where another was
    /// ignored.
    Author,
    /// Only what was there before: a change does not decide about itself.
    Base,
}

/// A run's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub selection: Selection,
    pub fail_on: Severity,
    pub incomplete: Incomplete,
    /// Whose word counts where a change brings its own suppressions.
    pub trust: Trust,
    /// The day of the run, in days since 1970: suppressions have a last one.
    pub today: i64,
    /// Severities that somebody gave to rules.
    pub severities: BTreeMap<RuleId, Severity>,
    /// What is not looked at, below the top of the repository.
    pub exclude: Paths,
    pub allow: Vec<Allow>,
    pub honor: Vec<&'static str>,
    /// What is to be said whatever is found.
    pub notes: Vec<String>,
    pub threads: usize,
    pub variables: Variables,
    /// The folder, as the tree names it, of the root module that plans were made of.
    pub plan_root: Option<Vec<u8>>,
}

/// What a person says of Terraform's variables beyond what stands in the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// Paths in the tree of var files, which hold for every root module that declares what they set. Later ones win.
    pub files: Vec<Vec<u8>>,
    /// Values by name, as an environment holds them: text, read as the variable's type wants it.
    pub values: BTreeMap<Box<str>, Box<str>>,
}
