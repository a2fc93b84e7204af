//! What the commits of a range had on their way: blobs that neither end shows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::change::{self, Change, ChangedBlob, Changes, Now};
use super::commit::Header;
use super::error::GitError;
use super::repository::Repository;
use super::{id_of, oid_of};
use crate::input::{InputPath, ObjectId};

/// A commit of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: ObjectId,
    /// The committer's time in seconds since 1970.
    pub when: i64,
    pub root: ObjectId,
    pub parents: Vec<ObjectId>,
    /// What it says.
    pub message: Vec<u8>,
    /// Its parents are known not to be here.
    pub is_cut: bool,
}

/// The commits of a range, from the oldest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    pub all: Vec<Step>,
    /// There are more than are looked at.
    pub more: bool,
    /// The heads whose ends nobody compares: of these all that they have is looked at, where what came before is not here.
    pub others: Vec<ObjectId>,
}

/// A blob that a commit brought, at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    pub path: InputPath,
    pub blob: ChangedBlob,
    /// What stood there in each parent.
    pub was: Vec<Option<ChangedBlob>>,
    /// Which of the steps.
    pub step: usize,
}

/// Commits that are looked at: the newest of a range that has more.
const MAX_STEPS: usize = 50_000;
/// Blobs on the way.
const MAX_PASSED: usize = 1_000_000;

impl Steps {
    /// The commits that some heads lead to and nothing hidden does.
    ///
    /// # Errors
    /// Where a commit is damaged, or missing in a repository that is not shallow.
    pub fn between(repository: &Repository, heads: &[ObjectId], hidden: &[ObjectId]) -> Result<Self, GitError> {
        let local = repository.local();
        let ids = |all: &[ObjectId]| all.iter().filter_map(|id| oid_of(*id)).collect::<Vec<_>>();
        let cuts: HashSet<ObjectId> = repository.cuts()?.into_iter().collect();
        let unreadable = |error: &dyn std::fmt::Display| GitError::unreadable("the commits of the range", error);
        let walk = local.rev_walk(ids(heads)).with_hidden(ids(hidden)).all().map_err(|e| unreadable(&e))?;
        let mut steps = Steps { others: heads.iter().skip(1).copied().collect(), ..Steps::default() };
        for found in walk {
            let id = id_of(&found.map_err(|e| unreadable(&e))?.id);
            if steps.all.len() >= MAX_STEPS {
                steps.more = true;
                break;
            }
            let bytes = repository.object(id, gix::objs::Kind::Commit).map_err(|e| unreadable(&e))?;
            let header = Header::parse(&bytes).ok_or_else(|| GitError::unreadable(format!("commit {id}"), "it names no tree"))?;
            let message = bytes.get(header.message..).unwrap_or_default().to_vec();
            steps.all.push(Step { id, when: header.when, root: header.tree, parents: header.parents, message, is_cut: cuts.contains(&id) });
        }
        steps.all.sort_by_key(|step| (step.when, step.id));
        Ok(steps)
    }

    /// The blobs that commits brought, each once, by the oldest commit that did: in a merge, what differs from every parent.
    /// Not what `known` says is looked at already.
    ///
    /// # Errors
    /// Where a tree is missing or damaged, or there is more than anybody reads.
    pub fn passed(&self, repository: &Repository, known: &dyn Fn(&InputPath, ChangedBlob) -> bool) -> Result<Way, GitError> {
        let mut way = Way::default();
        let mut seen: HashSet<(InputPath, ObjectId)> = HashSet::new();
        for (number, step) in self.all.iter().enumerate().filter(|(_, step)| !step.is_cut || self.others.contains(&step.id)) {
            for (path, (blob, was)) in way.brought(repository, step)? {
                if !known(&path, blob) && seen.insert((path.clone(), blob.id)) {
                    way.passed.push(Passed { path, blob, was, step: number });
                }
            }
            if way.passed.len() + way.left.len() > MAX_PASSED {
                return Err(GitError::Unsupported { what: "a range that changes more files than can be looked at".into() });
            }
        }
        Ok(way)
    }
}

/// What was there between two ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub passed: Vec<Passed>,
    /// Paths where something stood that a commit changed or took away.
    pub left: BTreeSet<InputPath>,
}

type Brought = BTreeMap<InputPath, (ChangedBlob, Vec<Option<ChangedBlob>>)>;

impl Way {
    /// What a commit has that none of its parents has at that path.
    fn brought(&mut self, repository: &Repository, step: &Step) -> Result<Brought, GitError> {
        let Some((first, others)) = step.parents.split_first().filter(|_| !step.is_cut) else {
            return Ok(self.blobs(change::all_of(repository, step.root)?));
        };
        let mut brought = self.blobs(change::between(repository, root_of(repository, *first)?, step.root)?);
        for parent in others {
            let differs = self.blobs(change::between(repository, root_of(repository, *parent)?, step.root)?);
            brought.retain(|path, (_, was)| differs.get(path).map(|(_, other)| was.extend(other.iter().copied())).is_some());
        }
        Ok(brought)
    }

    fn blobs(&mut self, changes: Changes) -> Brought {
        self.left.extend(changes.iter().filter(|change| change.was.is_some()).map(|change| change.path.clone()));
        let blob = |change: Change| match change.now {
            Now::Blob(blob) => Some((change.path, (blob, vec![change.was]))),
            Now::Gone | Now::Submodule | Now::Conflict => None,
        };
        changes.into_iter().filter_map(blob).collect()
    }
}

fn root_of(repository: &Repository, commit: ObjectId) -> Result<ObjectId, GitError> {
    super::CommitTree::root_of(repository, commit)
}
