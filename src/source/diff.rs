//! What a range of commits changes: one set of files against another, as a pull request shows it, and beside that what the
//! commits on the way had and neither end shows. A key that came and went inside the range has been handed on all the same.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::changed::Changed;
use super::on_the_way::OnTheWay;
use super::{About, Sink, Source, SourceError};
use crate::finding::{Change, Fix};
use crate::git::passed::Steps;
use crate::git::{CommitTree, Environment, GitError, Range, Repository, change};
use crate::input::{Input, InputPath, ObjectId, Origin, Tree};

pub struct Diff {
    changed: Changed,
    head: CommitTree,
    /// None where nothing was there before.
    base: Option<CommitTree>,
    way: OnTheWay,
    /// Whose policy holds where nobody asks for the head's.
    trusts_author: bool,
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
        let Range { base, head, hidden } = Range::resolve(&repository, range)?;
        Ok(Self::of(repository, Some(base), &[head], &[hidden, base])?)
    }

    /// Everything that some heads have and nothing hidden does; the first head is compared with `base`.
    pub(super) fn of(
        repository: Arc<Repository>,
        base: Option<ObjectId>,
        heads: &[ObjectId],
        hidden: &[ObjectId],
    ) -> Result<Self, GitError> {
        let head = heads.first().copied().ok_or_else(|| GitError::NoRange { text: String::new() })?;
        let base = base.map(|base| CommitTree::open(&repository, base)).transpose()?;
        let head = CommitTree::open(&repository, head)?;
        let changes = match &base {
            Some(base) => change::between(&repository, base.root(), head.root())?,
            None => change::all_of(&repository, head.root())?,
        };
        let steps = Steps::between(&repository, heads, hidden)?;
        let way = OnTheWay::new(&repository, steps, base.as_ref(), &head)?;
        let changed = Changed::new(repository, changes, head.origin()).beside(way.stood_before(base.as_ref()));
        Ok(Diff { changed, head, base, way, trusts_author: false })
    }

    /// The ends changed about, with nothing on the way.
    fn back(&self) -> Option<Diff> {
        let (base, repository) = (self.base.as_ref()?, self.changed.repository());
        let open = |tree: &CommitTree| CommitTree::open(repository, tree.id()).ok();
        let (head, base) = (open(base)?, open(&self.head)?);
        // Both ends were read, so this cannot fail; what it would tell is left out if it does.
        let changes = change::between(repository, base.root(), head.root()).ok()?;
        let way = OnTheWay::new(repository, Steps::default(), Some(&base), &head).ok()?;
        let changed = Changed::new(Arc::clone(repository), changes, head.origin());
        Some(Diff { changed, head, base: Some(base), way, trusts_author: true })
    }

    /// The same with tags that go along, each with what it says.
    pub(super) fn with_tags(mut self, tags: Vec<(ObjectId, Vec<u8>)>) -> Self {
        self.way.tags = tags;
        self
    }

    /// The same under the head's policy: whoever asks has made the change.
    pub(super) fn of_author(self) -> Self {
        Diff { trusts_author: true, ..self }
    }
}

impl Source for Diff {
    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        self.changed.visit(sink, threads);
        self.way.visit(sink, threads);
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(&self.head)
    }

    fn is_evaluated(&self, input: &Input) -> bool {
        input.origin == self.head.origin()
    }

    fn is_passed(&self, input: &Input) -> bool {
        matches!(input.origin, Origin::Commit { .. }) && input.origin != self.head.origin()
    }

    fn reversed(&self) -> Option<Box<dyn Source>> {
        // Whoever pushes knows what was fixed.
        if self.trusts_author {
            return None;
        }
        self.back().map(|back| Box::new(back) as Box<dyn Source>)
    }

    fn policy(&self, own: bool) -> Option<&dyn Tree> {
        match &self.base {
            Some(base) if !own && !self.trusts_author => Some(base),
            _ => Some(&self.head),
        }
    }

    fn base(&self) -> Option<&dyn Tree> {
        self.base.as_ref().map(|base| base as &dyn Tree)
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

    fn only_moved(&self, value: &[u8]) -> bool {
        self.changed.only_moved(value)
    }

    fn went(&self, text: &[u8]) -> bool {
        self.changed.went(text)
    }

    fn advice(&self, about: &About<'_>) -> Option<Fix> {
        let says = about.is_secret && about.change == Change::New;
        if says && self.is_passed(about.input) { self.way.advice(about.input) } else { None }
    }
}
