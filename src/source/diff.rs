//! What a range of commits changes, as a pull request shows it: one set of files against another. Not commit by commit: a
//! key that came and went inside the range is history's to find.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::changed::Changed;
use super::{Sink, Source, SourceError};
use crate::git::{CommitTree, Environment, Range, Repository, change};
use crate::input::{InputPath, Tree};

pub struct Diff {
    changed: Changed,
    head: CommitTree,
    base: CommitTree,
}

impl fmt::Debug for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Diff({:?}, {:?})", self.base, self.head)
    }
}

impl Diff {
    /// Compares the ends of a range (see [`Range`]) in the repository around `path`.
    ///
    /// # Errors
    /// Where there is no repository, the range makes no sense, or an end or the merge base is not here.
    pub fn open(path: &Path, range: &str) -> Result<Self, SourceError> {
        Self::open_in(path, range, &Environment::of_process())
    }

    /// # Errors
    /// As [`Diff::open`].
    pub fn open_in(path: &Path, range: &str, environment: &Environment) -> Result<Self, SourceError> {
        let repository = Arc::new(Repository::open(path, environment)?);
        let range = Range::resolve(&repository, range)?;
        let base = CommitTree::open(&repository, range.base)?;
        let head = CommitTree::open(&repository, range.head)?;
        let changes = change::between(&repository, base.root(), head.root())?;
        Ok(Diff { changed: Changed::new(repository, changes, head.origin()), head, base })
    }
}

impl Source for Diff {
    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        self.changed.visit(sink, threads);
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(&self.head)
    }

    fn policy(&self, own: bool) -> Option<&dyn Tree> {
        Some(if own { &self.head } else { &self.base })
    }

    fn base(&self) -> Option<&dyn Tree> {
        Some(&self.base)
    }

    fn is_tracked(&self, _path: &InputPath) -> Option<bool> {
        Some(true)
    }

    fn touched(&self) -> Vec<&InputPath> {
        self.changed.touched()
    }

    fn gone(&self) -> Vec<InputPath> {
        self.changed.gone()
    }

    fn was_there(&self, value: &[u8]) -> Option<bool> {
        self.changed.was_there(value)
    }

    fn went(&self, text: &[u8]) -> bool {
        self.changed.went(text)
    }
}
