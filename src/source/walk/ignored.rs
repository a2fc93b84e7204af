//! What ignore files hide, unless git tracks it.
//!
//! The walker's own ignore rules cannot be used: they say nothing of what they leave out, and know nothing of git's
//! index. Only `.gitignore` files below the repository's top count, and its `info/exclude`; no global ones.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::git::{Environment, Repository, Tracked};
use crate::input::Tree;
use crate::source::disk::{to_bytes, to_path};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Scan,
    Ignored,
    Submodule,
}

/// What git tracks in a work tree.
pub struct Tracking {
    tracked: Tracked,
    /// The folder that holds the work tree.
    top: PathBuf,
    exclude: PathBuf,
}

impl Tracking {
    /// The work tree around a path. None where there is none, and where what it tracks cannot be read: then no ignore
    /// rule counts, and more is scanned, not less.
    #[must_use]
    pub fn around(path: &Path) -> Option<Tracking> {
        let repository = Repository::open(path, &Environment::default()).ok()?;
        let top = repository.work_tree()?.to_owned();
        let exclude = repository.common_dir().join("info/exclude");
        let tracked = Tracked::of(&repository).ok()?;
        Some(Tracking { tracked, top, exclude })
    }
}

/// Whether the `.gitignore` files of the folders around a file hide it, the innermost that speaks of it deciding.
#[must_use]
pub fn is_ignored(tree: &dyn Tree, path: &[u8]) -> bool {
    let folders = std::iter::once(0).chain(memchr::memchr_iter(b'/', path).map(|at| at + 1));
    let speaks = |start: usize| {
        let rules = tree.read(&[&path[..start], b".gitignore"].concat()).ok()?;
        let mut builder = GitignoreBuilder::new("");
        for line in String::from_utf8_lossy(&rules).lines() {
            // A line that makes no sense hides nothing, as in git.
            let _ = builder.add_line(None, line);
        }
        let below = to_path(&path[start..]);
        let rules = builder.build().ok()?;
        let found = rules.matched_path_or_any_parents(below, false);
        (!found.is_none()).then(|| found.is_ignore())
    };
    let starts: Vec<usize> = folders.filter(|start| path.get(*start).is_some_and(|byte| *byte != b'/')).collect();
    starts.into_iter().rev().find_map(speaks).unwrap_or(false)
}

pub struct Ignored {
    tracking: Tracking,
    /// The folder that was typed, and the same folder as a path below the repository's top.
    typed: PathBuf,
    below_top: PathBuf,
    folders: RwLock<HashMap<PathBuf, Arc<Folder>>>,
}

/// A folder's rules, with those of the folders around it.
struct Folder {
    rules: Gitignore,
    parent: Option<Arc<Folder>>,
    /// The folder itself is ignored: only what is tracked below it counts.
    hidden: bool,
}

impl Ignored {
    pub fn new(typed: &Path, tracking: Tracking) -> Self {
        let real = std::fs::canonicalize(typed).unwrap_or_else(|_| typed.to_owned());
        let top = std::fs::canonicalize(&tracking.top).unwrap_or_else(|_| tracking.top.clone());
        let below_top = real.strip_prefix(&top).unwrap_or(Path::new("")).to_owned();
        let this = Ignored { tracking, typed: typed.to_owned(), below_top, folders: RwLock::default() };
        this.seed(&top);
        this
    }

    pub fn verdict(&self, path: &Path, is_folder: bool) -> Verdict {
        let below = self.below_top(path);
        let name = to_bytes(&below);
        if is_folder && self.tracking.tracked.is_submodule(&name) {
            return Verdict::Submodule;
        }
        let Some(parent) = below.parent() else { return Verdict::Scan };
        let folder = self.folder(parent);
        let hidden = folder.hidden || folder.hides(&below, is_folder);
        if !hidden {
            return Verdict::Scan;
        }
        let tracked = if is_folder { self.tracking.tracked.any_under(&name) } else { self.tracking.tracked.contains(&name) };
        if tracked { Verdict::Scan } else { Verdict::Ignored }
    }

    /// Whether git tracks a file, by its path below the folder that was typed.
    pub fn is_tracked(&self, below: &Path) -> bool {
        self.tracking.tracked.contains(&to_bytes(&self.below_top.join(below)))
    }

    fn below_top(&self, path: &Path) -> PathBuf {
        self.below_top.join(path.strip_prefix(&self.typed).unwrap_or(path))
    }

    /// The top's own rules: `.gitignore` there, and `info/exclude`.
    fn seed(&self, top: &Path) {
        let mut builder = GitignoreBuilder::new("");
        add_rules(&mut builder, &self.tracking.exclude);
        add_rules(&mut builder, &top.join(".gitignore"));
        let rules = builder.build().unwrap_or_else(|_| Gitignore::empty());
        self.keep(PathBuf::new(), Folder { rules, parent: None, hidden: false });
    }

    fn folder(&self, below: &Path) -> Arc<Folder> {
        if let Some(known) = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(below) {
            return known.clone();
        }
        // Not met yet: its parents first. As deep as the path, which the file system bounds.
        let Some(up) = below.parent() else {
            return self.keep(below.to_owned(), Folder { rules: Gitignore::empty(), parent: None, hidden: false });
        };
        let parent = self.folder(up);
        let mut builder = GitignoreBuilder::new(below);
        add_rules(&mut builder, &self.on_disk(below).join(".gitignore"));
        let rules = builder.build().unwrap_or_else(|_| Gitignore::empty());
        let hidden = parent.hidden || parent.hides(below, true);
        self.keep(below.to_owned(), Folder { rules, parent: Some(parent), hidden })
    }

    fn on_disk(&self, below: &Path) -> PathBuf {
        self.tracking.top.join(below)
    }

    fn keep(&self, below: PathBuf, folder: Folder) -> Arc<Folder> {
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        folders.entry(below).or_insert_with(|| Arc::new(folder)).clone()
    }
}

impl Folder {
    /// The innermost rule that speaks of the path decides.
    fn hides(&self, below: &Path, is_folder: bool) -> bool {
        let mut folder = Some(self);
        while let Some(this) = folder {
            match this.rules.matched(below, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => folder = this.parent.as_deref(),
            }
        }
        false
    }
}

/// Adds an ignore file's rules; a link is not followed.
fn add_rules(builder: &mut GitignoreBuilder, file: &Path) {
    if file.symlink_metadata().is_ok_and(|m| m.is_file()) {
        // A line that is no glob hides nothing: more is scanned, not less.
        drop(builder.add(file));
    }
}
