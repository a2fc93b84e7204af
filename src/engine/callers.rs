//! Terraform folders that a change does not touch but that call one it does: a module is judged with the values that its
//! callers give. Found by the paths that sources spell, without parsing; too many are no harm, only work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memmem;

use crate::iac::files::local;
use crate::iac::gate::{self, Part};
use crate::input::{Entry, EntryKind, Input, InputPath, ReadError, Tree};
use crate::policy::Compiled;

/// A tree that gives the sources of callers from memory: they were read to find them.
pub struct Remembered<'t> {
    tree: &'t dyn Tree,
    texts: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl<'t> Remembered<'t> {
    #[must_use]
    pub fn new(tree: &'t dyn Tree) -> Self {
        Remembered { tree, texts: BTreeMap::new() }
    }
}

impl Tree for Remembered<'_> {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        self.tree.list(folder)
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        self.texts.get(path).map_or_else(|| self.tree.read(path), |text| Ok(text.clone()))
    }

    fn size(&self, path: &[u8]) -> Result<u64, ReadError> {
        self.tree.size(path)
    }

    fn input(&self, path: &[u8]) -> Input {
        self.tree.input(path)
    }
}

/// Adds the callers of `folders`, and theirs. `base` is the tree before the change, if there was one. Returns what is to
/// be said of sources that could not be read: a caller among them is not known.
pub fn add(
    policy: &Compiled,
    tree: &mut Remembered<'_>,
    base: Option<&dyn Tree>,
    folders: &mut BTreeSet<Vec<u8>>,
    threads: usize,
) -> Vec<String> {
    let (mut called, mut wanted) = (Vec::new(), vec![Part::Terragrunt]);
    for folder in folders.iter() {
        if matters(policy, tree, folder) {
            let is_root = is_root(tree, base, folder);
            if !is_root && wanted.len() == 1 {
                wanted.extend([Part::Source, Part::Override]);
            }
            called.push((folder.clone(), is_root));
        }
    }
    if called.is_empty() {
        return Vec::new();
    }
    let Found { calls, texts, unread } = search(tree.tree, folders, &wanted, threads);
    while let Some((folder, is_root)) = called.pop() {
        for (caller, part) in [ANY, &folder].iter().filter_map(|target| calls.get(*target)).flatten() {
            // A backend is in modules that Terragrunt calls, too.
            if (!is_root || *part == Part::Terragrunt) && folders.insert(caller.clone()) {
                called.push((caller.clone(), false));
            }
        }
    }
    tree.texts.extend(texts.into_iter().filter(|(path, _)| folders.contains(InputPath::new(path).parent())));
    unread
}

/// Whether what a folder holds can be judged at all: a kind that a rule looks at, or a call of another local module. Its
/// sources are remembered.
fn matters(policy: &Compiled, tree: &mut Remembered<'_>, folder: &[u8]) -> bool {
    let entries = tree.list(folder).unwrap_or_default();
    let mut matters = false;
    for entry in entries.iter().filter(|entry| is_source(entry)) {
        let Ok(text) = tree.read(entry.path.bytes()) else { continue };
        matters = matters || policy.mentions(&text) || targets(&entry.path, &text).next().is_some();
        tree.texts.insert(entry.path.bytes().to_vec(), text);
    }
    matters
}

/// Whether a folder is a root module by what it holds, now and before the change: nobody gives it values but its own
/// files. One that only the change makes such may have callers that it hides from.
fn is_root(head: &dyn Tree, base: Option<&dyn Tree>, folder: &[u8]) -> bool {
    let of = |tree: &dyn Tree| match tree.list(folder) {
        Ok(entries) => declares_root(tree, &entries),
        // What was not there was not called either.
        Err(error) => error == ReadError::Missing,
    };
    of(head) && base.is_none_or(of)
}

/// A backend, or values for variables that are read without being asked for.
fn declares_root(tree: &dyn Tree, entries: &[Entry]) -> bool {
    let files = || entries.iter().filter(|entry| entry.kind == EntryKind::File);
    let automatic = |entry: &Entry| gate::part(entry.path.name()) == Some(Part::Automatic);
    let backend = |entry: &Entry| is_source(entry) && tree.read(entry.path.bytes()).is_ok_and(|text| has_backend(&text));
    files().any(automatic) || files().any(backend)
}

/// Whether a line begins as a block of a backend does.
fn has_backend(text: &[u8]) -> bool {
    let begins = |line: &[u8]| {
        let line = line.trim_ascii_start();
        let rest = [b"backend".as_slice(), b"cloud"].iter().find_map(|word| line.strip_prefix(*word)).map(<[u8]>::trim_ascii_start);
        rest.is_some_and(|rest| rest.starts_with(b"\"") || rest.starts_with(b"{"))
    };
    memmem::find(text, b"terraform").is_some() && text.split(|b| *b == b'\n').any(begins)
}

fn is_source(entry: &Entry) -> bool {
    is_of(entry, &[Part::Source, Part::Override, Part::Terragrunt])
}

fn is_of(entry: &Entry, parts: &[Part]) -> bool {
    entry.kind == EntryKind::File && gate::part(entry.path.name()).is_some_and(|part| parts.contains(&part))
}

/// The name under which sources stand that spell paths in escapes: they may call any folder.
const ANY: &[u8] = b"*";

/// Who calls whom, and the sources of those that call anybody.
#[derive(Default)]
struct Found {
    /// Callers by what they call, and in what kind of file they do.
    calls: BTreeMap<Vec<u8>, Vec<(Vec<u8>, Part)>>,
    texts: BTreeMap<Vec<u8>, Vec<u8>>,
    unread: Vec<String>,
}

/// Reads every source of these kinds in a tree that is in none of these folders, once each.
fn search(tree: &dyn Tree, but: &BTreeSet<Vec<u8>>, wanted: &[Part], threads: usize) -> Found {
    let mut unread = Vec::new();
    let sources = sources(tree, but, wanted, &mut unread);
    let found = Mutex::new(Found { unread, ..Found::default() });
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(path) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
            let text = tree.read(path.bytes());
            let targets: BTreeSet<Vec<u8>> = text.as_deref().map(|text| targets(path, text).collect()).unwrap_or_default();
            if text.is_ok() && targets.is_empty() {
                continue;
            }
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match text {
                Ok(text) => {
                    let part = gate::part(path.name()).unwrap_or(Part::Source);
                    for target in targets {
                        found.calls.entry(target).or_default().push((path.parent().to_vec(), part));
                    }
                    found.texts.insert(path.bytes().to_vec(), text);
                }
                Err(error) => found.unread.push(told(path, &error)),
            }
        }
    };
    // Starting a thread costs more than a few small files.
    std::thread::scope(|scope| {
        for _ in 1..threads.min(sources.len() / 64) {
            scope.spawn(work);
        }
        work();
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn told(path: &InputPath, error: &ReadError) -> String {
    format!("{path} may call a module of the change: {error}")
}

/// The sources of a tree that are in none of these folders.
fn sources(tree: &dyn Tree, but: &BTreeSet<Vec<u8>>, wanted: &[Part], unread: &mut Vec<String>) -> Vec<InputPath> {
    let (mut sources, mut left) = (Vec::new(), vec![Vec::new()]);
    while let Some(folder) = left.pop() {
        let entries = tree.list(&folder).unwrap_or_else(|error| {
            unread.push(told(&InputPath::new(&folder), &error));
            Vec::new()
        });
        for entry in entries {
            if entry.kind == EntryKind::Folder {
                left.push(entry.path.bytes().to_vec());
            } else if is_of(&entry, wanted) && !but.contains(&folder) {
                sources.push(entry.path);
            }
        }
    }
    sources
}

/// The longest path that a source spells.
const LONGEST: usize = 4096;

/// The folders that a file may call: what its quoted texts that begin as local paths do lead to.
fn targets<'t>(path: &'t InputPath, text: &'t [u8]) -> impl Iterator<Item = Vec<u8>> + 't {
    let folder = path.parent();
    let terragrunt = gate::part(path.name()) == Some(Part::Terragrunt);
    let calls = terragrunt || memmem::find(text, b"module").is_some();
    let quoted = move |at: usize| {
        let rest = &text[at + 1..];
        let end = memchr::memchr2(b'"', b'\n', &rest[..rest.len().min(LONGEST)])?;
        let source = &rest[..end];
        let from = [(b"${get_repo_root()}".as_slice(), &b""[..]), (b"${get_terragrunt_dir()}", folder)];
        match from.iter().find_map(|(start, from)| Some((source.strip_prefix(*start)?, *from))) {
            Some((path, from)) => local(from, &[b"./", path].concat()),
            None => local(folder, source),
        }
    };
    let starts = memmem::find_iter(text, b"\".").chain(memmem::find_iter(text, b"\"${get_"));
    let escaped = [b"\\u002".as_slice(), b"\\U0000002", b"\\/"].iter().any(|escape| memmem::find(text, escape).is_some());
    starts.filter_map(quoted).chain(escaped.then(|| ANY.to_vec())).filter(move |_| calls)
}

#[cfg(test)]
mod tests;
