//! A range of commits as a person writes it: `BASE`, `BASE...HEAD`, `BASE..HEAD`.

use gix::bstr::BStr;

use super::error::GitError;
use super::repository::Repository;
use super::{id_of, oid_of};
use crate::input::ObjectId;

/// Two commits to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub base: ObjectId,
    pub head: ObjectId,
    /// What this leads to is no part of the range: the base as it was written, where `base` is the merge base.
    pub hidden: ObjectId,
}

impl Range {
    /// `BASE` and `BASE...HEAD` begin at the merge base, as a pull request does; `BASE..HEAD` begins at `BASE`. An end that
    /// is left out is `HEAD`.
    ///
    /// # Errors
    /// Where an end names no commit that is here, or the merge base is not here: never an empty range instead.
    pub fn resolve(repository: &Repository, text: &str) -> Result<Self, GitError> {
        let (base, head, direct) = parse(text).ok_or_else(|| GitError::NoRange { text: text.to_owned() })?;
        let (one, two) = (commit(repository, base)?, commit(repository, head)?);
        if direct {
            return Ok(Range { base: one, head: two, hidden: one });
        }
        let shallow = repository.is_shallow();
        let none = || GitError::NoMergeBase { one: base.to_owned(), two: head.to_owned(), shallow };
        let (Some(a), Some(b)) = (oid_of(one), oid_of(two)) else { return Err(none()) };
        match repository.local().merge_base(a, b) {
            Ok(Some(id)) => Ok(Range { base: id_of(&id), head: two, hidden: one }),
            Ok(None) => Err(none()),
            Err(_) if shallow => Err(none()),
            Err(e) => Err(GitError::unreadable(format!("the history between {base} and {head}"), e)),
        }
    }
}

/// Base, head, and whether they are compared directly.
fn parse(text: &str) -> Option<(&str, &str, bool)> {
    // An end that is left out after the dots is HEAD. A base that is left out is a variable that somebody forgot to set.
    let or_head = |name| if str::is_empty(name) { "HEAD" } else { name };
    let (base, head, direct) = if let Some((base, head)) = text.split_once("...") {
        (base, head, false)
    } else if let Some((base, head)) = text.split_once("..") {
        (base, head, true)
    } else {
        (text, "HEAD", false)
    };
    let sound = !base.trim().is_empty() && !head.contains("..") && !head.starts_with('.');
    sound.then_some((base, or_head(head), direct))
}

fn commit(repository: &Repository, name: &str) -> Result<ObjectId, GitError> {
    let unknown = || GitError::UnknownRevision { name: name.to_owned(), shallow: repository.is_shallow() };
    let local = repository.local();
    let id = local.rev_parse_single(BStr::new(name)).map_err(|_| unknown())?;
    let commit = id.object().map_err(|_| unknown())?.peel_to_commit().map_err(|_| unknown())?;
    Ok(id_of(&commit.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ways_to_write_a_range() {
        assert_eq!(parse("main"), Some(("main", "HEAD", false)));
        assert_eq!(parse("main...topic"), Some(("main", "topic", false)));
        assert_eq!(parse("main..topic"), Some(("main", "topic", true)));
        assert_eq!(parse("main..."), Some(("main", "HEAD", false)));
        for wrong in ["", " ", "a....b", "a...b..c", "..topic", "...HEAD", ".."] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
