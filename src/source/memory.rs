//! A few files in memory as a [`Tree`]: an example of a rule, or what lies in a container.

use std::collections::BTreeMap;

use crate::input::{Entry, EntryKind, Input, InputPath, Origin, ReadError, Tree};

#[derive(Default)]
pub struct MemoryTree {
    pub files: BTreeMap<InputPath, Vec<u8>>,
    /// The container that the files lie in.
    pub container: Option<Input>,
}

impl Tree for MemoryTree {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let mut entries: Vec<Entry> = Vec::new();
        for path in self.files.keys() {
            let below = match folder {
                b"" | b"." => Some(path.bytes()),
                _ => path.bytes().strip_prefix(folder).and_then(|rest| rest.strip_prefix(b"/")),
            };
            let Some(below) = below else { continue };
            let (name, kind) = match memchr::memchr(b'/', below) {
                Some(end) => (&below[..end], EntryKind::Folder),
                None => (below, EntryKind::File),
            };
            let path = InputPath::new(&path.bytes()[..path.bytes().len() - below.len() + name.len()]);
            entries.push(Entry { path, kind });
        }
        entries.dedup();
        Ok(entries)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.files.get(&InputPath::new(path)).cloned().ok_or(ReadError::Missing)
    }

    fn input(&self, path: &[u8]) -> Input {
        match &self.container {
            Some(outer) => Input { path: outer.path.member(path), origin: outer.origin.clone() },
            None => Input { path: InputPath::new(path), origin: Origin::File },
        }
    }
}
