//! What a push hands on: the commits that its heads lead to and the other side does not have, as git tells a hook on standard
//! input (`<local ref> <local id> <remote ref> <remote id>`, one line for each ref).

use std::path::Path;
use std::sync::Arc;

use super::diff::Diff;
use super::{Sink, Source, SourceError};
use crate::git::passed::Steps;
use crate::git::{Environment, GitError, Range, Repository};
use crate::input::ObjectId;

/// A ref that is pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// None where the ref is deleted.
    pub local: Option<ObjectId>,
    /// None where the ref is new there.
    pub remote: Option<ObjectId>,
}

/// Reads what git says to a hook.
///
/// # Errors
/// The number of the first line that is none, from 1.
pub fn updates(text: &str) -> Result<Vec<Update>, usize> {
    let id = |hex: &str| {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok().filter(|bytes| matches!(bytes.len(), 20 | 32))?;
        Some(ObjectId::new(&bytes).filter(|_| bytes.iter().any(|byte| *byte != 0)))
    };
    let update = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, local, _, remote] = words.as_slice() else { return None };
        Some(Update { local: id(local)?, remote: id(remote)? })
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| update(line.trim_end()).ok_or(at + 1)).collect()
}

/// A branch of the repository around `path` of which the other side has nothing.
///
/// # Errors
/// Where it is not here.
pub fn branch(path: &Path, name: &str) -> Result<Update, SourceError> {
    let repository = Repository::open(path, &Environment::of_process())?;
    let range = Range::resolve(&repository, &format!("{name}..{name}"))?;
    Ok(Update { local: Some(range.head), remote: None })
}

/// What is pushed to `remote` from the repository around `path`.
///
/// # Errors
/// Where there is no repository, or an object that is pushed is not here.
pub fn open(path: &Path, remote: &str, updates: &[Update]) -> Result<Box<dyn Source>, SourceError> {
    Ok(open_in(path, remote, updates, &Environment::of_process())?)
}

/// # Errors
/// As [`open`].
pub fn open_in(path: &Path, remote: &str, updates: &[Update], environment: &Environment) -> Result<Box<dyn Source>, GitError> {
    let repository = Arc::new(Repository::open(path, environment)?);
    let (mut heads, mut hidden, mut tags, mut guessed) = (Vec::new(), Vec::new(), Vec::new(), false);
    for update in updates {
        let Some(local) = update.local else { continue };
        let pushed = repository.peeled(local)?;
        tags.extend(pushed.tags);
        let Some(commit) = pushed.commit else {
            return Err(GitError::Unsupported { what: format!("a ref that stands for no commit ({local})") });
        };
        heads.push(commit);
        match update.remote.and_then(|id| repository.peeled(id).ok()?.commit) {
            Some(known) => hidden.push(known),
            None => guessed = true,
        }
    }
    if guessed {
        // Of a ref that is new there, or that somebody else has moved, only this tells what the other side has.
        let prefix = format!("refs/remotes/{remote}/");
        let tips = repository.refs()?.tips.into_iter().filter(|tip| tip.name.starts_with(&prefix));
        hidden.extend(tips.filter_map(|tip| repository.peeled(tip.id).ok()?.commit));
    }
    heads.dedup();
    let Some(first) = heads.first().copied() else { return Ok(Box::new(Nothing)) };
    let base = base_of(&repository, first, &hidden)?;
    Ok(Box::new(Diff::of(repository, base, &heads, &hidden)?.with_tags(tags).of_author()))
}

/// The newest commit that a head leads to and the other side has. None where it has none of them.
fn base_of(repository: &Repository, head: ObjectId, hidden: &[ObjectId]) -> Result<Option<ObjectId>, GitError> {
    let steps = Steps::between(repository, &[head], hidden)?;
    if steps.all.is_empty() {
        return Ok(Some(head));
    }
    let own: std::collections::BTreeSet<ObjectId> = steps.all.iter().map(|step| step.id).collect();
    let border = steps.all.iter().rev().filter(|step| !step.is_cut).flat_map(|step| &step.parents).find(|parent| !own.contains(parent));
    Ok(border.copied())
}

/// A push that hands nothing on: refs are deleted.
struct Nothing;

impl Source for Nothing {
    fn visit(&self, _: &dyn Sink, _: usize) -> Result<(), SourceError> {
        Ok(())
    }

    fn is_change(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_git_writes_them() {
        let (zero, one) = ("0".repeat(40), "1f".repeat(20));
        let text = format!("refs/heads/a {one} refs/heads/a {zero}\n(delete) {zero} refs/heads/b {one}\n\n");
        let id = ObjectId::new(&[0x1f; 20]);
        assert_eq!(updates(&text), Ok(vec![Update { local: id, remote: None }, Update { local: None, remote: id }]));
        assert_eq!(updates(&format!("a {} b {}", "ab".repeat(32), "0".repeat(64))).map(|all| all.len()), Ok(1));
        assert_eq!(updates(""), Ok(Vec::new()));
        for wrong in ["x", "a b c d", &format!("a {one} b"), &format!("a {one} b {one} c"), &format!("a {} b {one}", &one[1..])] {
            assert_eq!(updates(&format!("refs/x {one} refs/x {zero}\n{wrong}\n")), Err(2), "{wrong}");
        }
    }
}
