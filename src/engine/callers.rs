//! Terraform folders that a change does not touch but that call one it does: a module is judged with the values that its
//! callers give. Found by what a `source` must spell, before anything is parsed; too many are no harm, only work.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::{self, Finder};

use crate::iac::gate;
use crate::input::{EntryKind, InputPath, ReadError, Tree};
use crate::policy::Compiled;

/// Adds the callers of `folders`, and theirs. Returns what is to be said of sources that could not be read: a caller
/// among them is not known.
pub fn add(policy: &Compiled, tree: &dyn Tree, folders: &mut BTreeSet<Vec<u8>>) -> Vec<String> {
    let mut called: Vec<Vec<u8>> = folders.iter().filter(|folder| matters(policy, tree, folder)).cloned().collect();
    let mut unread = Vec::new();
    if called.is_empty() {
        return unread;
    }
    let mut others = sources(tree, &mut unread);
    others.retain(|folder, _| !folders.contains(folder));
    while !called.is_empty() {
        let spelt: Vec<Spelling> = called.iter().map(|folder| Spelling::of(folder)).collect();
        let calls = |(folder, texts): &(&Vec<u8>, &Vec<Vec<u8>>)| texts.iter().any(|text| spelt.iter().any(|s| s.stands_in(folder, text)));
        called = others.iter().filter(calls).map(|(folder, _)| folder.clone()).collect();
        for folder in &called {
            others.remove(folder);
            folders.insert(folder.clone());
        }
    }
    unread
}

/// Whether what a folder holds can be judged at all: a kind that a rule looks at, or a call of another local module.
fn matters(policy: &Compiled, tree: &dyn Tree, folder: &[u8]) -> bool {
    let local = |text: &[u8]| [b"\"./".as_slice(), b"\"../", b"\"..\""].iter().any(|start| memmem::find(text, start).is_some());
    let files =
        tree.list(folder).unwrap_or_default().into_iter().filter(|e| e.kind == EntryKind::File && gate::is_terraform(e.path.name()));
    files.filter_map(|e| tree.read(e.path.bytes()).ok()).any(|text| policy.mentions(&text) || local(&text))
}

/// How a `source` that leads to a folder ends.
struct Spelling<'f> {
    folder: &'f [u8],
    name: Option<Finder<'static>>,
}

impl Spelling<'_> {
    fn of(folder: &[u8]) -> Spelling<'_> {
        let name = InputPath::new(folder).name().to_vec();
        let name = (!name.is_empty()).then(|| Finder::new(&[b"/", name.as_slice()].concat()).into_owned());
        Spelling { folder, name }
    }

    /// Whether a file of the folder `from` may call: by the name, or upwards.
    fn stands_in(&self, from: &[u8], text: &[u8]) -> bool {
        let by_name = |name: &Finder<'_>| {
            let ends = |rest: &[u8]| rest.starts_with(b"\"") || rest.starts_with(b"/\"");
            name.find_iter(text).any(|at| ends(&text[at + name.needle().len()..]))
        };
        let below = self.folder.is_empty() || from.strip_prefix(self.folder).is_some_and(|rest| rest.starts_with(b"/"));
        let up = || [b"..\"".as_slice(), b"../\""].iter().any(|end| memmem::find(text, end).is_some());
        self.name.as_ref().is_some_and(by_name) || (below && up())
    }
}

/// The Terraform sources of a tree, by folder.
fn sources(tree: &dyn Tree, unread: &mut Vec<String>) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let mut tell =
        |path: &[u8], error: &ReadError| unread.push(format!("{} may call a module of the change: {error}", InputPath::new(path)));
    let (mut folders, mut left) = (BTreeMap::<Vec<u8>, Vec<Vec<u8>>>::new(), vec![Vec::new()]);
    while let Some(folder) = left.pop() {
        let entries = tree.list(&folder).unwrap_or_else(|error| {
            tell(&folder, &error);
            Vec::new()
        });
        for entry in entries {
            match entry.kind {
                EntryKind::Folder => left.push(entry.path.bytes().to_vec()),
                EntryKind::File if gate::is_terraform(entry.path.name()) => {
                    let text = tree.read(entry.path.bytes()).inspect_err(|error| tell(entry.path.bytes(), error));
                    folders.entry(folder.clone()).or_default().extend(text.ok());
                }
                EntryKind::File | EntryKind::Other => {}
            }
        }
    }
    folders
}
