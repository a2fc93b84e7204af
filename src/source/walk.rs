//! Files on disk: a parallel walk that follows no link, reads no ignore file from outside, and never lets an ignore
//! rule hide what git tracks.

mod ignored;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::disk::{DiskTree, to_bytes, to_path};
use super::{Bytes, Item, Sink, Source, SourceError, WHOLE, Worker};
use crate::finding::{Failure, Skip};
use crate::input::{ContentId, Focus, Input, InputPath, Origin, Tree};
use crate::settings::Paths;

use ignored::{Ignored, Verdict};
pub use ignored::{Tracking, is_ignored};

/// What of the disk is looked at.
pub struct WalkOptions {
    /// As typed: folders or files.
    pub paths: Vec<PathBuf>,
    /// Globs, over the path below the folder that was typed.
    pub exclude: Vec<String>,
    /// Globs over the path from the top of the repository.
    pub exclude_from_top: Paths,
    /// False: ignore files hold for what git does not track.
    pub no_ignore: bool,
    /// The user's own limit, in bytes.
    pub max_file_size: Option<u64>,
    /// Folders that may be read too, though they are not looked at.
    pub beside: Vec<PathBuf>,
    /// What is left out of folders is left out where it is typed by itself, too.
    pub force_exclude: bool,
}

/// A walk over folders and files.
pub struct Walk {
    roots: Vec<Root>,
    exclude: Paths,
    max_file_size: Option<u64>,
    tree: DiskTree,
    /// Numbers for contents.
    next: AtomicU64,
}

struct Forced {
    /// From the top of the repository, or as the file was typed.
    exclude: Paths,
    ignored: Option<Ignored>,
}

struct Root {
    path: PathBuf,
    exclude: Override,
    ignored: Option<Ignored>,
    /// Of a file that was typed: what its folder leaves out, where that counts.
    forced: Option<Forced>,
    /// Where the folder lies from the top of its repository, with a `/` behind it, or empty.
    from_top: Vec<u8>,
}

impl Walk {
    /// `tracked` tells what git tracks around a path, None outside a repository (or where it is not to be asked).
    ///
    /// # Errors
    /// Where a path is not there, or a glob is none.
    pub fn new(options: WalkOptions, mut tracked: impl FnMut(&Path) -> Option<Tracking>) -> Result<Walk, SourceError> {
        let mut roots = Vec::new();
        for path in options.paths {
            let metadata = fs::metadata(&path)
                .map_err(|error| usage(&path, &error.to_string(), "give a file or folder that is there and readable"))?;
            if !metadata.is_dir() && !metadata.is_file() {
                return Err(usage(&path, "not a file or folder", "pipe it in: `gatepost scan -`"));
            }
            let exclude = excluded(&path, &options.exclude)?;
            let mut ignored =
                |folder: &Path| if options.no_ignore { None } else { tracked(folder).map(|tracked| Ignored::new(folder, tracked)) };
            let forced = if options.force_exclude && metadata.is_file() {
                // That each is a glob was asked above.
                let exclude = Paths::new(options.exclude.iter().map(String::as_str)).unwrap_or(Paths::NONE);
                Some(Forced { exclude, ignored: ignored(&parent(&path)) })
            } else {
                None
            };
            let ignored = ignored(&path);
            let from_top = from_top(&path);
            roots.push(Root { path, exclude, ignored, forced, from_top });
        }
        if let Some(missing) = options.beside.iter().find(|path| !path.is_dir()) {
            return Err(usage(missing, "not a folder", "give the folder of the root module that the plan was made of"));
        }
        // A file is judged with its folder, as what is in it may speak of its neighbours.
        let folder = |r: &Root| if r.path.is_dir() { r.path.clone() } else { parent(&r.path) };
        let tree = DiskTree::new(roots.iter().map(folder).chain(options.beside).collect());
        Ok(Walk { roots, exclude: options.exclude_from_top, max_file_size: options.max_file_size, tree, next: AtomicU64::new(0) })
    }
}

/// Globs over the paths below a folder.
fn excluded(folder: &Path, globs: &[String]) -> Result<Override, SourceError> {
    let mut exclude = OverrideBuilder::new(folder);
    for glob in globs {
        // An override's `!` means "leave out".
        exclude.add(&format!("!{glob}")).map_err(|error| SourceError::Usage {
            message: format!("`{glob}` is no glob: {error}"),
            help: "`--exclude` takes globs as in a .gitignore: `*.min.js`, `vendor/**`".to_owned(),
        })?;
    }
    exclude.build().map_err(|error| usage(folder, &error.to_string(), "simplify the globs of --exclude"))
}

/// What the paths of the files of a folder that was typed begin with, from the top of its repository. Of a file, those beside it.
fn from_top(typed: &Path) -> Vec<u8> {
    let folder = if typed.is_dir() { typed.to_owned() } else { parent(typed) };
    let Ok(real) = fs::canonicalize(&folder) else { return Vec::new() };
    let below = real.strip_prefix(super::top_of(&folder)).map(to_bytes).unwrap_or_default();
    if below.is_empty() || below == b"." { Vec::new() } else { [below.as_slice(), b"/"].concat() }
}

/// The folder of a file, `.` where its path names none.
fn parent(file: &Path) -> PathBuf {
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn usage(path: &Path, what: &str, help: &str) -> SourceError {
    SourceError::Usage { message: format!("{}: {what}", path.display()), help: help.to_owned() }
}

impl Source for Walk {
    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError> {
        for root in &self.roots {
            self.visit_root(root, sink, threads);
        }
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(&self.tree)
    }

    fn in_repository(&self, path: &[u8]) -> Option<Vec<u8>> {
        let held = self.roots.iter().filter_map(|root| root.inside(path));
        held.min_by_key(Vec::len)
    }

    fn spelt_here(&self, path: &[u8]) -> Vec<u8> {
        let spelt = |root: &Root| {
            let folder = if root.path.is_dir() { root.path.clone() } else { parent(&root.path) };
            Some([prefix(to_bytes(&folder)).as_slice(), path.strip_prefix(root.from_top.as_slice())?].concat())
        };
        // What no folder that was typed holds is looked for on the disk.
        let elsewhere = || self.roots.first().map(|root| [to_bytes(&super::top_of(&root.path)).as_slice(), b"/", path].concat());
        self.roots.iter().find_map(spelt).or_else(elsewhere).unwrap_or_else(|| path.to_vec())
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        let folders = self.roots.iter().filter(|root| root.path.is_dir());
        folders.map(|root| prefix(to_bytes(&root.path))).collect()
    }

    fn is_tracked(&self, path: &InputPath) -> Option<bool> {
        let path = to_path(path.bytes());
        let held = self.roots.iter().filter_map(|root| Some((root, root.below(&path)?)));
        let (root, below) = held.min_by_key(|(_, below)| below.components().count())?;
        root.ignored.as_ref().map(|ignored| ignored.is_tracked(below))
    }
}

impl Walk {
    fn visit_root(&self, root: &Root, sink: &dyn Sink, threads: usize) {
        let mut builder = WalkBuilder::new(&root.path);
        builder.standard_filters(false).follow_links(false).threads(threads);
        builder.build_parallel().run(|| {
            let mut reader = Reader { walk: self, worker: sink.worker(), buffer: Vec::new() };
            Box::new(move |entry| {
                if sink.is_interrupted() {
                    return WalkState::Quit;
                }
                match entry.as_ref().map(|entry| (root.enter(entry, &self.exclude), entry)) {
                    Ok((Step::In, entry)) if entry.file_type().is_some_and(|t| t.is_dir()) => {}
                    Ok((Step::In, entry)) => reader.read(entry),
                    Ok((Step::Silent, _)) => return WalkState::Skip,
                    Ok((Step::Out(skip), _)) => {
                        reader.worker.take(Item::Skipped { skip, input: None });
                        return WalkState::Skip;
                    }
                    Err(error) => reader.failed(error),
                }
                WalkState::Continue
            })
        });
    }
}

/// Whether an entry is looked at.
enum Step {
    In,
    Out(Skip),
    /// Not an input at all: a repository's own database.
    Silent,
}

/// What the paths of the files of a folder begin with.
fn prefix(folder: Vec<u8>) -> Vec<u8> {
    match folder.as_slice() {
        b"." => Vec::new(),
        b"/" => folder,
        _ => [folder.as_slice(), b"/"].concat(),
    }
}

impl Root {
    /// The path of a file in this folder from there.
    fn below<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let own = to_bytes(&self.path);
        if own == b"." && path.is_relative() { Some(path) } else { path.strip_prefix(to_path(&own)).ok() }
    }

    /// A path, as this walk spells it, from the top of the repository.
    fn inside(&self, path: &[u8]) -> Option<Vec<u8>> {
        let typed = if self.path.is_dir() { self.path.clone() } else { parent(&self.path) };
        let own = to_bytes(&typed);
        let below: &[u8] = match own.as_slice() {
            b"." => path.strip_prefix(b"./").unwrap_or(path),
            own if path == own => b"",
            own => path.strip_prefix(own)?.strip_prefix(b"/")?,
        };
        let mut inside = [self.from_top.as_slice(), below].concat();
        // The folder itself has no slash behind it.
        if below.is_empty() {
            inside.pop();
        }
        Some(inside)
    }

    fn enter(&self, entry: &DirEntry, exclude: &Paths) -> Step {
        let folder = entry.file_type().is_some_and(|t| t.is_dir());
        if entry.depth() == 0 {
            return self.forced.as_ref().map_or(Step::In, |forced| self.enter_forced(forced, entry, exclude));
        }
        if entry.file_name() == ".git" {
            return Step::Silent;
        }
        if self.exclude.matched(entry.path(), folder).is_ignore() {
            return Step::Out(Skip::Excluded);
        }
        if self.inside(&to_bytes(entry.path())).is_some_and(|path| exclude.holds(&path, folder)) {
            return Step::Out(Skip::Excluded);
        }
        match self.ignored.as_ref().map(|i| i.verdict(entry.path(), folder)) {
            Some(Verdict::Ignored) => Step::Out(Skip::Ignored),
            Some(Verdict::Submodule) => Step::Out(Skip::Submodule),
            Some(Verdict::Scan) | None => Step::In,
        }
    }
}

impl Root {
    /// The same for a file that was typed by itself.
    fn enter_forced(&self, forced: &Forced, entry: &DirEntry, exclude: &Paths) -> Step {
        let path = entry.path();
        let typed = to_bytes(path);
        let from_top = self.inside(&typed);
        let typed = typed.strip_prefix(b"./").unwrap_or(&typed);
        if forced.exclude.holds(typed, false)
            || from_top.is_some_and(|path| exclude.holds(&path, false) || forced.exclude.holds(&path, false))
        {
            return Step::Out(Skip::Excluded);
        }
        match forced.ignored.as_ref().map(|ignored| ignored.verdict(path, false)) {
            Some(Verdict::Ignored) => Step::Out(Skip::Ignored),
            Some(Verdict::Submodule | Verdict::Scan) | None => Step::In,
        }
    }
}

/// One thread's reader, with its buffer.
struct Reader<'a> {
    walk: &'a Walk,
    worker: Box<dyn Worker + Send + 'a>,
    buffer: Vec<u8>,
}

impl Reader<'_> {
    fn read(&mut self, entry: &DirEntry) {
        let kind = entry.file_type();
        // A path that was typed is followed; a link that was met is not.
        let link = entry.depth() > 0 && kind.is_some_and(|t| t.is_symlink());
        if link {
            return self.worker.take(Item::Skipped { skip: Skip::Link, input: None });
        }
        if entry.depth() > 0 && !kind.is_some_and(|t| t.is_file()) {
            return self.worker.take(Item::Skipped { skip: Skip::Special, input: None });
        }
        let input = Input { path: InputPath::new(&to_bytes(entry.path())), origin: Origin::File };
        if let Err(error) = self.read_file(entry.path(), &input) {
            let item = Item::Failed { input: &input, kind: Failure::Unreadable, message: error.to_string(), help: None };
            self.worker.take(item);
        }
    }

    fn read_file(&mut self, path: &Path, input: &Input) -> std::io::Result<()> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            self.worker.take(Item::Skipped { skip: Skip::Special, input: None });
            return Ok(());
        }
        if self.walk.max_file_size.is_some_and(|limit| metadata.len() > limit) {
            self.worker.take(Item::Skipped { skip: Skip::TooLargeForUser, input: Some(input) });
            return Ok(());
        }
        let id = ContentId::Number(self.walk.next.fetch_add(1, Ordering::Relaxed));
        let bytes = if metadata.len() > WHOLE {
            Bytes::File(&mut file)
        } else {
            self.buffer.clear();
            // A file that grows while it is read is read to the end it has.
            self.buffer.reserve(usize::try_from(metadata.len()).unwrap_or(0) + 1);
            file.read_to_end(&mut self.buffer)?;
            Bytes::Whole(&self.buffer)
        };
        self.worker.take(Item::Content { id, input, bytes, focus: &Focus::Whole });
        Ok(())
    }

    fn failed(&mut self, error: &ignore::Error) {
        let path = blamed(error).map_or_else(|| b".".to_vec(), to_bytes);
        let input = Input { path: InputPath::new(&path), origin: Origin::File };
        let message = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        self.worker.take(Item::Failed { input: &input, kind: Failure::Unreadable, message, help: None });
    }
}

/// The path that an error of the walker is about.
fn blamed(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => blamed(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}
