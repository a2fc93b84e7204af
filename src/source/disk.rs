//! Files on disk as a [`Tree`], for evaluations that read beside what they were given.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::input::{Entry, EntryKind, Input, InputPath, Origin, ReadError, Tree};

/// Folders on disk. Paths are as typed or found below what was typed; nothing outside these folders is read, through
/// `..` or through a link.
pub struct DiskTree {
    roots: Vec<PathBuf>,
}

/// A folder on disk as a tree of its own: paths are from there.
pub struct Rooted {
    root: Vec<u8>,
    tree: DiskTree,
}

impl Rooted {
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Rooted { root: to_bytes(&root), tree: DiskTree::new(vec![root]) }
    }

    fn below(&self, path: &[u8]) -> Vec<u8> {
        if path.is_empty() { self.root.clone() } else { [self.root.as_slice(), b"/", path].concat() }
    }
}

impl Tree for Rooted {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let entries = self.tree.list(&self.below(folder))?;
        let start = self.root.len() + 1;
        Ok(entries
            .into_iter()
            .map(|entry| Entry { path: InputPath::new(entry.path.bytes().get(start..).unwrap_or_default()), ..entry })
            .collect())
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.tree.read(&self.below(path))
    }

    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        self.tree.size(&self.below(path))
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::File }
    }
}

/// The largest file that an evaluation reads, in bytes.
const LARGEST: u64 = 64 << 20;

impl DiskTree {
    #[must_use]
    pub fn new(roots: Vec<PathBuf>) -> Self {
        DiskTree { roots }
    }

    /// The path on disk, if it lies in a root and no link leads out.
    fn inside(&self, path: &[u8]) -> Result<PathBuf, ReadError> {
        let path = if path.is_empty() { PathBuf::from(".") } else { to_path(path) };
        let real = fs::canonicalize(&path).map_err(|error| missing(&error))?;
        let held = self.roots.iter().filter_map(|root| fs::canonicalize(root).ok()).any(|root| real.starts_with(root));
        if held { Ok(real) } else { Err(ReadError::Outside) }
    }
}

fn missing(error: &std::io::Error) -> ReadError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Unreadable(error.to_string()),
    }
}

impl Tree for DiskTree {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let real = self.inside(folder)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(real).map_err(|error| missing(&error))? {
            let entry = entry.map_err(|error| missing(&error))?;
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => EntryKind::Folder,
                Ok(kind) if kind.is_file() => EntryKind::File,
                Ok(_) | Err(_) => EntryKind::Other,
            };
            let name = to_bytes(Path::new(&entry.file_name()));
            let path = if folder.is_empty() { name } else { [folder, b"/", &name].concat() };
            entries.push(Entry { path: InputPath::new(&path), kind });
        }
        entries.sort();
        Ok(entries)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        let given = to_path(path);
        let link = fs::symlink_metadata(&given).map_err(|error| missing(&error))?;
        if !link.is_file() {
            return Err(ReadError::Outside);
        }
        if link.len() > LARGEST {
            return Err(ReadError::Unreadable(format!("larger than {} MiB", LARGEST >> 20)));
        }
        fs::read(self.inside(path)?).map_err(|error| missing(&error))
    }

    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        let file = fs::symlink_metadata(self.inside(path)?).map_err(|error| missing(&error))?;
        if file.is_file() { Ok(file.len()) } else { Err(ReadError::Outside) }
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::File }
    }
}

/// A path as bytes with `/` between its parts, without a leading `./`.
#[must_use]
pub fn to_bytes(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => {
                bytes.push(b'/');
                continue;
            }
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {}
        }
        if !bytes.is_empty() && !bytes.ends_with(b"/") {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(part.as_os_str().as_encoded_bytes());
    }
    if bytes.is_empty() { b".".to_vec() } else { bytes }
}

/// The path of bytes made by [`to_bytes`].
#[must_use]
pub fn to_path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_read() {
        let temp = tempfile::tempdir().expect("a folder");
        let (inside, outside) = (temp.path().join("in"), temp.path().join("out.txt"));
        fs::create_dir(&inside).expect("made");
        fs::write(inside.join("a.tf"), "a").expect("written");
        fs::write(&outside, "canary").expect("written");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&outside, inside.join("link.tf")).expect("linked");
        let tree = DiskTree::new(vec![inside.clone()]);
        let at = |name: &str| tree.read(&to_bytes(&inside.join(name)));
        assert_eq!(at("a.tf"), Ok(b"a".to_vec()));
        assert_eq!(at("../out.txt"), Err(ReadError::Outside));
        #[cfg(unix)]
        assert_eq!(at("link.tf"), Err(ReadError::Outside));
        assert_eq!(at("none.tf"), Err(ReadError::Missing));
        let size = |name: &str| tree.size(&to_bytes(&inside.join(name)));
        assert_eq!((size("a.tf"), size("../out.txt"), size("none.tf")), (Ok(1), Err(ReadError::Outside), Err(ReadError::Missing)));
        let names: Vec<_> =
            tree.list(&to_bytes(&inside)).expect("a folder").into_iter().map(|e| (e.path.name().to_vec(), e.kind)).collect();
        assert_eq!(names[0], (b"a.tf".to_vec(), EntryKind::File));
    }

    #[test]
    fn paths_lose_their_dot() {
        assert_eq!(to_bytes(Path::new("./a/./b")), b"a/b");
        assert_eq!(to_bytes(Path::new("/x/y")), b"/x/y");
        assert_eq!(to_bytes(Path::new("../y")), b"../y");
        assert_eq!(to_bytes(Path::new(".")), b".");
    }
}
