//! What the refs of a repository stand for, and which of them is named first.

use std::fs;

use super::error::GitError;
use super::id_of;
use super::repository::Repository;
use crate::finding::precedence;
use crate::input::ObjectId;

/// A ref and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// `HEAD`, `refs/heads/main`; `worktrees/NAME/HEAD` of a linked work tree that is on no branch.
    pub name: String,
    /// What the ref holds: a tag is not followed here.
    pub id: ObjectId,
}

/// All refs of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    /// HEAD, then branches, branches of remotes, tags, and the rest, each by name.
    pub tips: Vec<Tip>,
    /// Refs that cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
}

impl Repository {
    /// Every ref.
    ///
    /// # Errors
    /// Where the store of refs cannot be read at all.
    pub fn refs(&self) -> Result<Refs, GitError> {
        let local = self.local();
        let mut refs = Refs::default();
        let store = |error: &dyn std::fmt::Display| GitError::unreadable("the refs", error);
        let platform = local.references().map_err(|e| store(&e))?;
        for found in platform.all().map_err(|e| store(&e))? {
            match found {
                // A symbolic one stands for another, which is listed too.
                Ok(found) => match found.target() {
                    gix::refs::TargetRef::Object(id) => {
                        refs.tips.push(Tip { name: found.name().as_bstr().to_string(), id: id_of(id) });
                    }
                    gix::refs::TargetRef::Symbolic(_) => {}
                },
                Err(error) => refs.unreadable.push((String::new(), error.to_string())),
            }
        }
        match self.head() {
            Ok(Some(id)) => refs.tips.push(Tip { name: "HEAD".to_owned(), id }),
            Ok(None) => {}
            Err(error) => refs.unreadable.push(("HEAD".to_owned(), error.to_string())),
        }
        refs.tips.extend(self.heads_of_work_trees());
        refs.tips.sort_by(|a, b| (precedence(&a.name), &a.name).cmp(&(precedence(&b.name), &b.name)));
        Ok(refs)
    }

    /// Where linked work trees stand that are on no branch.
    fn heads_of_work_trees(&self) -> Vec<Tip> {
        let Ok(listed) = fs::read_dir(self.common_dir().join("worktrees")) else { return Vec::new() };
        let tip = |folder: fs::DirEntry| {
            let file = folder.path().join("HEAD");
            let is_small = fs::symlink_metadata(&file).is_ok_and(|found| found.is_file() && found.len() < 1024);
            let text = if is_small { fs::read(&file).ok()? } else { return None };
            let id = gix::ObjectId::from_hex(text.trim_ascii_end()).ok()?;
            Some(Tip { name: format!("worktrees/{}/HEAD", folder.file_name().to_string_lossy()), id: id_of(&id) })
        };
        listed.flatten().filter_map(tip).collect()
    }
}
