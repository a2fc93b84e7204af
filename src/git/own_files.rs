//! The files that git keeps beside its objects: configuration with addresses, reflogs, hooks, messages that were begun, what
//! Git LFS has fetched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::repository::Repository;

/// A file of git's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnFile {
    /// From the folder of the repository on, with `/` between its parts.
    pub path: Vec<u8>,
    pub place: PathBuf,
}

/// What was found beside the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnFiles {
    /// By path.
    pub files: Vec<OwnFile>,
    /// Repositories in the repository: submodules, by path. They have a history of their own.
    pub nested: Vec<OwnFile>,
    /// Folders that cannot be listed, and why.
    pub unreadable: Vec<(OwnFile, String)>,
}

/// Files that only name objects, or are read as what they are.
const NO_TEXT: &[&[u8]] = &[b"index", b"index.lock"];

impl Repository {
    /// Lists the files of git's own. Links are not followed.
    #[must_use]
    pub fn own_files(&self) -> OwnFiles {
        let top = self.common_dir();
        // In a work tree everybody calls it so; a bare repository is its own folder.
        let prefix: &[u8] = if top.file_name().is_some_and(|name| name == ".git") { b".git/" } else { b"" };
        let mut own = OwnFiles::default();
        let mut folders = vec![OwnFile { path: prefix.to_vec(), place: top.clone() }];
        while let Some(folder) = folders.pop() {
            if folder.place != top && is_repository(&folder.place) {
                own.nested.push(folder);
                continue;
            }
            if let Err(error) = list(&folder, &mut folders, &mut own.files) {
                own.unreadable.push((folder, error.to_string()));
            }
        }
        own.files.sort();
        own.nested.sort();
        own.unreadable.sort();
        own
    }
}

fn is_repository(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir()
}

fn list(folder: &OwnFile, folders: &mut Vec<OwnFile>, files: &mut Vec<OwnFile>) -> io::Result<()> {
    let below = folder.path.strip_prefix(b".git/").unwrap_or(&folder.path);
    for entry in fs::read_dir(&folder.place)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let name = name.as_encoded_bytes();
        let path = [&folder.path, name].concat();
        if kind.is_dir() {
            // Objects are walked as such, and refs hold nothing but their names; what lies beside packs is text.
            let is_passed = below.is_empty() && name == b"refs" || below == b"objects/" && name != b"info";
            if !is_passed {
                folders.push(OwnFile { path: [&path[..], b"/"].concat(), place: entry.path() });
            }
        } else if kind.is_file() {
            let is_sample = below == b"hooks/" && name.ends_with(b".sample");
            let is_passed =
                NO_TEXT.contains(&name) || name.starts_with(b"sharedindex.") || is_sample || below == b"objects/info/commit-graphs/";
            if !is_passed {
                files.push(OwnFile { path, place: entry.path() });
            }
        }
    }
    Ok(())
}
