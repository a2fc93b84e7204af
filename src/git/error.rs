//! What can go wrong with a repository as a whole. Not what goes wrong with one object: that is the object's own trouble.

/// Why a repository could not be read. Each says what to do in [`GitError::help`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// The person named a place that is no repository.
    #[error("{path} is not inside a git repository")]
    NoRepository { path: String },
    /// The range that was typed has no meaning.
    #[error("`{text}` is not a range")]
    NoRange { text: String },
    /// The repository keeps its refs or objects in a way that this version cannot read.
    #[error("the repository uses {what}, which this version of gatepost does not read")]
    Unsupported { what: String },
    /// Something that the whole answer hangs on is damaged or forbidden.
    #[error("{what} cannot be read: {why}")]
    Unreadable { what: String, why: String },
    /// A commit or a tree that was asked for is not in the repository.
    #[error("{what} is not in this repository")]
    Missing { what: String, shallow: bool },
    /// A name that stands for no commit.
    #[error("`{name}` names no commit of this repository")]
    UnknownRevision { name: String, shallow: bool },
    /// Two commits have no history in common, as far as this repository tells.
    #[error("{one} and {two} have no common ancestor in this repository")]
    NoMergeBase { one: String, two: String, shallow: bool },
}

const DEEPEN: &str =
    "the clone is shallow; fetch the history (`fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`, or `git fetch --deepen=N`)";

impl GitError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            GitError::NoRepository { .. } => "name a folder inside a repository, or scan the files with `gatepost scan PATH`",
            GitError::NoRange { .. } => "write BASE, BASE...HEAD (from their merge base) or BASE..HEAD (directly)",
            GitError::Unsupported { .. } => {
                "clone it into a repository with plain ref files (`git clone --ref-format=files`) and scan that"
            }
            GitError::Unreadable { .. } => "`git fsck` tells more",
            GitError::Missing { shallow: true, .. }
            | GitError::UnknownRevision { shallow: true, .. }
            | GitError::NoMergeBase { shallow: true, .. } => DEEPEN,
            GitError::Missing { .. } => "fetch it (`git fetch origin`), or clone without --filter",
            GitError::UnknownRevision { .. } => "check the spelling; a branch of the server is `origin/NAME` after `git fetch origin`",
            GitError::NoMergeBase { .. } => "write BASE..HEAD to compare the two directly",
        }
    }

    /// True where the person who typed the command is to change it.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, GitError::NoRepository { .. } | GitError::NoRange { .. })
    }

    pub(super) fn unreadable(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        GitError::Unreadable { what: what.into(), why: why.to_string() }
    }
}
