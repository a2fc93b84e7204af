//! A tree in memory: tests judge what is written in them as if it lay on a disk.

use std::collections::BTreeMap;

use crate::input::{Entry, EntryKind, Input, InputPath, Origin, ReadError, Tree};

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<Vec<u8>, Vec<u8>>);

impl Memory {
    #[must_use]
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        Memory(files.into_iter().map(|(path, text)| (path.as_bytes().to_vec(), text.as_bytes().to_vec())).collect())
    }

    /// With one more file, whatever its bytes are.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: &[u8]) -> Self {
        self.0.insert(path.as_bytes().to_vec(), bytes.to_vec());
        self
    }
}

impl Tree for Memory {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let mut entries = BTreeMap::new();
        for path in self.0.keys() {
            let rest = if folder.is_empty() { Some(&path[..]) } else { path.strip_prefix(folder).and_then(|rest| rest.strip_prefix(b"/")) };
            let Some(rest) = rest else { continue };
            let (end, kind) = memchr::memchr(b'/', rest).map_or((rest.len(), EntryKind::File), |end| (end, EntryKind::Folder));
            entries.insert(path[..path.len() - rest.len() + end].to_vec(), kind);
        }
        if entries.is_empty() && !folder.is_empty() {
            return Err(ReadError::Missing);
        }
        Ok(entries.into_iter().map(|(path, kind)| Entry { path: InputPath::new(&path), kind }).collect())
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::Missing)
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::File }
    }
}
