//! What the next commit would change: blobs of the index, never files of the work tree.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::changed::Changed;
use super::{About, Sink, Source, SourceError, answer};
use crate::base::escape;
use crate::finding::{Change, Fix};
use crate::git::trail::Trail;
use crate::git::{CommitTree, Environment, Index, IndexTree, Repository, change};
use crate::input::{InputPath, Origin, Tree};

pub struct Staged {
    changed: Changed,
    head: IndexTree,
    base: Option<CommitTree>,
    /// How often the history was asked since when something stands there.
    asked: AtomicUsize,
}

/// Findings whose history is asked: a hook must not take minutes.
const MOST_ASKED: usize = 8;

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Staged({:?})", self.head)
    }
}

impl Staged {
    /// Compares the index of the repository around `path` with HEAD, or with nothing before the first commit. Reads the
    /// environment that git gives a hook.
    ///
    /// # Errors
    /// Where there is no repository or no index, or the comparison cannot be made in full.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        Self::open_in(path, &Environment::of_process())
    }

    /// # Errors
    /// As [`Staged::open`].
    pub fn open_in(path: &Path, environment: &Environment) -> Result<Self, SourceError> {
        let repository = Arc::new(Repository::open(path, environment)?);
        if repository.work_tree().is_none() && environment.index_file.is_none() {
            return Err(SourceError::Usage {
                message: "a bare repository has no index, so nothing is staged".into(),
                help: "compare commits with `gatepost scan --diff BASE..HEAD`, or scan all of it with --history".into(),
            });
        }
        let index = Arc::new(Index::read(&repository)?);
        let base = repository.head()?.map(|id| CommitTree::open(&repository, id)).transpose()?;
        let changes = change::staged(&repository, &index, base.as_ref().map(CommitTree::root))?;
        let head = IndexTree::new(Arc::clone(&repository), index);
        Ok(Staged { changed: Changed::new(repository, changes, Origin::Staged), head, base, asked: AtomicUsize::new(0) })
    }
}

impl Staged {
    /// The same for some paths from the top of the repository, files or folders. None of them: everything.
    #[must_use]
    pub fn only(mut self, paths: &[Vec<u8>]) -> Self {
        if !paths.is_empty() {
            let is_below = |path: &[u8], folder: &[u8]| {
                folder.is_empty()
                    || folder == b"."
                    || path.strip_prefix(folder).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'))
            };
            self.changed.keep(&|path: &InputPath| paths.iter().any(|folder| is_below(path.bytes(), folder)));
        }
        self
    }

    /// What to do about what HEAD has already: since when, and whether anybody else has it.
    fn committed(&self, about: &About<'_>) -> Fix {
        let may_ask = self.asked.fetch_add(1, Ordering::Relaxed) < MOST_ASKED;
        let known = self.base.as_ref().filter(|_| may_ask).and_then(|base| {
            let (path, value) = self.changed.where_it_was(about.values)?;
            let has = |bytes: &[u8]| memchr::memmem::find(bytes, &value).is_some();
            Trail::follow(self.changed.repository(), base.id(), path.bytes(), &has).ok()?
        });
        known.map_or_else(
            || Fix {
                text: "It, or part of it, is in HEAD already: rotate it first, removing it does not take it back.".to_owned(),
                ..Fix::default()
            },
            |trail| answer::committed(&trail),
        )
    }
}

impl Source for Staged {
    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        self.changed.visit(sink, threads);
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(&self.head)
    }

    fn base(&self) -> Option<&dyn Tree> {
        self.base.as_ref().map(|tree| tree as &dyn Tree)
    }

    fn is_change(&self) -> bool {
        true
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

    fn advice(&self, about: &About<'_>) -> Option<Fix> {
        if !about.is_secret {
            return None;
        }
        let unstage = if self.base.is_some() { "git restore --staged --" } else { "git rm --cached --" };
        Some(match about.change {
            Change::New => Fix {
                text: "It is only staged: nothing has leaked. Unstage it, and keep it out of the repository.".to_owned(),
                commands: vec![format!("{unstage} {}", escape::word(&[b":/", about.input.path.bytes()].concat()))],
                ..Fix::default()
            },
            Change::Existing | Change::Fixed => self.committed(about),
        })
    }
}
