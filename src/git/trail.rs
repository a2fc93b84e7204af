//! Since when something stands in a file, from a commit back, and whether anybody else has it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::commit::CommitTree;
use super::error::GitError;
use super::passed::{Step, Steps};
use super::repository::Repository;
use crate::input::ObjectId;

/// The commits that have something, from a commit back without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// The oldest of them.
    pub first: ObjectId,
    /// Its committer's time, in seconds since 1970.
    pub when: i64,
    /// Nothing came before the oldest.
    pub is_root: bool,
    pub commits: usize,
    /// There may be more: the clone, or what is looked at, ends before the beginning.
    pub is_cut: bool,
    /// A branch of a remote that has one of them, as this repository last saw it.
    pub upstream: Option<String>,
}

/// Commits that are asked.
const MAX_COMMITS: usize = 2000;
/// Branches of remotes that are asked by name.
const MAX_NAMED: usize = 16;

impl Trail {
    /// Follows a path from `head` back, for as long as the blob there `has` it. None where it has not in `head`.
    ///
    /// # Errors
    /// Where a commit cannot be read.
    pub fn follow(
        repository: &Arc<Repository>,
        head: ObjectId,
        path: &[u8],
        has: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Option<Trail>, GitError> {
        let cuts: HashSet<ObjectId> = repository.cuts()?.into_iter().collect();
        let mut known: HashMap<ObjectId, bool> = HashMap::new();
        let (mut seen, mut todo): (HashSet<ObjectId>, Vec<ObjectId>) = (HashSet::new(), vec![head]);
        let (mut having, mut is_cut) = (Vec::new(), false);
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            if seen.len() > MAX_COMMITS {
                is_cut = true;
                break;
            }
            let tree = CommitTree::open(repository, id)?;
            let Some(blob) = tree.blob_at(path) else { continue };
            let holds = *known.entry(blob).or_insert_with(|| repository.blob(blob).is_ok_and(|bytes| has(&bytes)));
            if !holds {
                continue;
            }
            having.push((tree.when(), id, tree.parents().is_empty()));
            if cuts.contains(&id) {
                is_cut = true;
            } else {
                todo.extend(tree.parents());
            }
        }
        let Some((when, first, is_root)) = having.iter().min().copied() else { return Ok(None) };
        let ids: HashSet<ObjectId> = having.iter().map(|(_, id, _)| *id).collect();
        let upstream = upstream(repository, head, &ids, first)?;
        Ok(Some(Trail { first, when, is_root, commits: having.len(), is_cut, upstream }))
    }
}

/// A branch of a remote that has one of some commits, all of which `head` leads to.
fn upstream(repository: &Repository, head: ObjectId, having: &HashSet<ObjectId>, first: ObjectId) -> Result<Option<String>, GitError> {
    let tips: Vec<_> = repository.refs()?.tips.into_iter().filter(|tip| tip.name.starts_with("refs/remotes/")).collect();
    if tips.is_empty() {
        return Ok(None);
    }
    let remote: Vec<ObjectId> = tips.iter().map(|tip| tip.id).collect();
    let own: HashSet<ObjectId> = Steps::between(repository, &[head], &remote)?.all.into_iter().map(|step: Step| step.id).collect();
    if having.iter().all(|id| own.contains(id)) {
        return Ok(None);
    }
    let has_first = |id: ObjectId| Steps::between(repository, &[first], &[id]).is_ok_and(|steps| steps.all.is_empty());
    let named = tips.iter().take(MAX_NAMED).find(|tip| has_first(tip.id)).or(tips.first());
    Ok(named.map(|tip| tip.name.trim_start_matches("refs/remotes/").to_owned()))
}

/// Whether a branch of a remote leads to a commit, as this repository last saw it, and which.
///
/// # Errors
/// Where refs or commits cannot be read.
pub fn upstream_of(repository: &Repository, commit: ObjectId) -> Result<Option<String>, GitError> {
    upstream(repository, commit, &HashSet::from([commit]), commit)
}
