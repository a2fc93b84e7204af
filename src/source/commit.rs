//! Single states of a repository, and where it begins on the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SourceError;
use crate::git::{CommitTree, Environment, Index, IndexTree, Repository};
use crate::input::Tree;

/// The files of HEAD.
///
/// # Errors
/// Where there is no repository, or it cannot be read.
pub fn head(path: &Path) -> Result<Box<dyn Tree>, SourceError> {
    let repository = Arc::new(Repository::open(path, &Environment::of_process())?);
    let id = repository.head()?.ok_or_else(|| SourceError::Usage {
        message: "nothing was committed yet, so HEAD has no policy".to_owned(),
        help: "leave --policy-from out".to_owned(),
    })?;
    Ok(Box::new(CommitTree::open(&repository, id)?))
}

/// The files of the index.
///
/// # Errors
/// As [`head`].
pub fn index(path: &Path) -> Result<Box<dyn Tree>, SourceError> {
    let repository = Arc::new(Repository::open(path, &Environment::of_process())?);
    let index = Arc::new(Index::read(&repository)?);
    Ok(Box::new(IndexTree::new(repository, index)))
}

/// The top of the repository that a path lies in: the nearest folder with a `.git`. The folder itself where there is none.
#[must_use]
pub fn top_of(path: &Path) -> PathBuf {
    let folder = if path.is_dir() { path } else { path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")) };
    let Ok(real) = std::fs::canonicalize(folder) else { return folder.to_owned() };
    let top = real.ancestors().find(|folder| folder.join(".git").exists());
    top.map_or_else(|| real.clone(), Path::to_owned)
}
