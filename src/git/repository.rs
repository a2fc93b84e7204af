//! Opening a repository, wherever it keeps its parts, so that nothing of it can make us do anything but read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fmt, fs};

use gix::discover::upwards;
use gix::sec::Trust;

use super::error::GitError;
use super::{id_of, oid_of};
use crate::input::{self, ReadError};

/// What git tells a hook about where it runs. A value, so that a test can make one up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GIT_DIR`
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`
    pub index_file: Option<PathBuf>,
}

impl Environment {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Environment { git_dir: path("GIT_DIR"), work_tree: path("GIT_WORK_TREE"), index_file: path("GIT_INDEX_FILE") }
    }
}

/// The largest object that is read: what a span can point into.
pub(super) const MAX_OBJECT: u64 = u32::MAX as u64;

/// Extensions of the repository format that change nothing for a reader, or that `gix` knows.
const KNOWN_EXTENSIONS: &[&str] =
    &["noop", "preciousobjects", "partialclone", "worktreeconfig", "objectformat", "refstorage", "relativeworktrees"];

/// An open repository. Cheap to share between threads.
pub struct Repository {
    shared: gix::ThreadSafeRepository,
    /// Handles that nobody uses just now, with what they have cached.
    handles: Mutex<Vec<gix::Repository>>,
    index_path: PathBuf,
    partial: bool,
    /// The kind of store that the refs are in, where it is one that is not read.
    other_refs: Option<String>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository({})", self.shared.git_dir().display())
    }
}

impl Repository {
    /// Opens the repository that `path` lies in (or is).
    ///
    /// `GIT_DIR` holds where `path` lies in the work tree that it speaks of; a path elsewhere is looked up on its own.
    ///
    /// # Errors
    /// [`GitError::NoRepository`]; or where the repository cannot be read in full, which is never the same as an empty one.
    pub fn open(path: &Path, environment: &Environment) -> Result<Self, GitError> {
        let repository = Self::open_for_objects(path, environment)?;
        match repository.other_refs {
            Some(store) => Err(GitError::Unsupported { what: format!("the ref storage `{store}`") }),
            None => Ok(repository),
        }
    }

    /// The same where only objects are needed: a repository may keep its refs in a way that is not read. Whoever opens it so
    /// asks [`Repository::other_refs`] before any ref.
    ///
    /// # Errors
    /// As [`Repository::open`], but for the refs.
    pub fn open_for_objects(path: &Path, environment: &Environment) -> Result<Self, GitError> {
        let none = || GitError::NoRepository { path: path.display().to_string() };
        let start = fs::canonicalize(path).map_err(|_| none())?;
        let start = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
        let told = environment.git_dir.as_deref().and_then(|dir| told_git_dir(dir, environment.work_tree.as_deref(), start));
        let follows_environment = told.is_some() || environment.git_dir.is_none();
        let git_dir = match told {
            Some(dir) => dir,
            None => discover(start).ok_or_else(none)?,
        };
        // A pipe in the place of a file would be waited for without end.
        for name in ["HEAD", "config", "index", "commondir", "packed-refs", "shallow"] {
            if fs::metadata(git_dir.join(name)).is_ok_and(|found| !found.is_file()) {
                return Err(GitError::unreadable(name, "it is no regular file"));
            }
        }
        let Format { partial, other_refs } = look_at_settings(&git_dir)?;
        let shared = open_isolated(&git_dir)?;
        let index_file = environment.index_file.as_deref().filter(|_| follows_environment);
        let index_path = match (index_file, shared.work_tree.as_deref()) {
            // Git runs its hooks at the top of the work tree.
            (Some(file), Some(top)) => top.join(file),
            (Some(file), None) => file.to_path_buf(),
            (None, _) => git_dir.join("index"),
        };
        Ok(Repository { shared, handles: Mutex::default(), index_path, partial, other_refs })
    }

    /// The top of the work tree; None in a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.shared.work_tree.as_deref()
    }

    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.shared.git_dir()
    }

    /// Where refs and objects are shared between work trees.
    #[must_use]
    pub fn common_dir(&self) -> PathBuf {
        self.local().common_dir().to_path_buf()
    }

    pub(super) fn index_path(&self) -> &Path {
        &self.index_path
    }

    /// True where blobs were left out of the clone on purpose.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// The kind of store that holds the refs, where it is none that can be read: there seem to be no refs then.
    #[must_use]
    pub fn other_refs(&self) -> Option<&str> {
        self.other_refs.as_deref()
    }

    /// The commits at which the history of a shallow clone is cut; empty where it is whole.
    ///
    /// # Errors
    /// Where the list is there and not readable.
    pub fn cuts(&self) -> Result<Vec<input::ObjectId>, GitError> {
        let commits = self.local().shallow_commits().map_err(|e| GitError::unreadable("the list of shallow commits", e))?;
        Ok(commits.map(|all| all.iter().map(|id| id_of(id)).collect()).unwrap_or_default())
    }

    pub(super) fn is_shallow(&self) -> bool {
        self.local().is_shallow().unwrap_or(true)
    }

    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.local().object_hash()
    }

    /// A handle for this thread.
    pub(super) fn local(&self) -> gix::Repository {
        self.shared.to_thread_local()
    }

    /// The commit that HEAD stands for; None before the first commit.
    ///
    /// # Errors
    /// Where HEAD says something that is not there or not readable.
    pub fn head(&self) -> Result<Option<input::ObjectId>, GitError> {
        let local = self.local();
        let head = local.head().map_err(|e| GitError::unreadable("HEAD", e))?;
        if head.is_unborn() {
            return Ok(None);
        }
        let missing = || GitError::Missing { what: "the commit of HEAD".into(), shallow: self.is_shallow() };
        let id = head.into_peeled_id().map_err(|_| missing())?;
        Ok(Some(id_of(&id)))
    }

    /// What an object leads to: the commit, and the tags on the way with what they say.
    ///
    /// # Errors
    /// Where it is not here, or damaged.
    pub fn peeled(&self, id: input::ObjectId) -> Result<Peeled, GitError> {
        let mut peeled = Peeled::default();
        let mut here = id;
        loop {
            let local = self.local();
            let oid = oid_of(here).ok_or_else(|| GitError::unreadable(format!("object {here}"), "not an id"))?;
            let found = local.try_find_object(oid).map_err(|e| GitError::unreadable(format!("object {here}"), e))?;
            let missing = || GitError::Missing { what: format!("object {here}"), shallow: self.is_shallow() };
            let object = found.ok_or_else(missing)?;
            match object.kind {
                gix::objs::Kind::Commit => return Ok(Peeled { commit: Some(here), ..peeled }),
                gix::objs::Kind::Tag if peeled.tags.len() < MAX_TAGS => {
                    let start = super::commit::message_start(&object.data);
                    let target = object.data.strip_prefix(b"object ").and_then(|rest| rest.split(|byte| *byte == b'\n').next());
                    let target = target.and_then(|hex| gix::ObjectId::from_hex(hex).ok()).map(|id| id_of(&id));
                    peeled.tags.push((here, object.data.get(start..).unwrap_or_default().to_vec()));
                    here = target.ok_or_else(|| GitError::unreadable(format!("tag {here}"), "it names no object"))?;
                }
                _ => return Ok(peeled),
            }
        }
    }

    /// A blob's bytes.
    ///
    /// # Errors
    /// Where it is not there (never fetched), no blob, or damaged.
    pub fn blob(&self, id: input::ObjectId) -> Result<Vec<u8>, ReadError> {
        self.object(id, gix::objs::Kind::Blob)
    }

    /// The length of a file's bytes, without those.
    ///
    /// # Errors
    /// Where it is not there (never fetched), or damaged.
    pub fn size(&self, id: input::ObjectId) -> Result<u64, ReadError> {
        let oid = oid_of(id).ok_or(ReadError::Missing)?;
        let found = self.local().try_find_header(oid).map_err(|e| ReadError::Unreadable(format!("object {id}: {e}")))?;
        found.map(|header| header.size()).ok_or(ReadError::Missing)
    }

    /// Reads an object of a kind, with a handle that keeps its caches from call to call.
    pub(super) fn object(&self, id: input::ObjectId, kind: gix::objs::Kind) -> Result<Vec<u8>, ReadError> {
        let idle = || self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let handle = known.unwrap_or_else(|| self.local());
        let read = read_object(&handle, id, kind);
        idle().push(handle);
        read
    }
}

/// What an object leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peeled {
    /// None where it is a blob or a tree in the end.
    pub commit: Option<input::ObjectId>,
    /// The tags on the way, each with its message.
    pub tags: Vec<(input::ObjectId, Vec<u8>)>,
}

/// Tags that point at tags.
const MAX_TAGS: usize = 64;

/// Reads an object of a kind.
pub(super) fn read_object(local: &gix::Repository, id: input::ObjectId, kind: gix::objs::Kind) -> Result<Vec<u8>, ReadError> {
    let oid = oid_of(id).ok_or(ReadError::Missing)?;
    let found = local.try_find_object(oid).map_err(|e| ReadError::Unreadable(format!("object {id}: {e}")))?;
    let object = found.ok_or(ReadError::Missing)?;
    if object.kind != kind {
        return Err(ReadError::Unreadable(format!("object {id} is a {}, not a {kind}", object.kind)));
    }
    Ok(object.detach().data)
}

/// The git folder that the environment names, where `start` lies in the work tree that it speaks of.
fn told_git_dir(dir: &Path, work_tree: Option<&Path>, start: &Path) -> Option<PathBuf> {
    let dir = fs::canonicalize(dir).ok()?;
    let kind = gix::discover::is_git(&dir).ok()?;
    let here = env::current_dir().ok()?;
    let (git_dir, named) = gix::discover::repository::Path::from_dot_git_dir(dir, kind, &here)?.into_repository_and_work_tree_directories();
    let top = work_tree.map(Path::to_path_buf).or(named).unwrap_or(here);
    let inside = fs::canonicalize(top).is_ok_and(|top| start.starts_with(top)) || start.starts_with(&git_dir);
    inside.then_some(git_dir)
}

fn discover(start: &Path) -> Option<PathBuf> {
    let options = upwards::Options { trust: upwards::TrustPolicy::Assume(Trust::Full), ..upwards::Options::default() };
    let (found, _) = gix::discover::upwards_opts(start, options).ok()?;
    Some(found.into_repository_and_work_tree_directories().0)
}

/// What a repository says of its own format.
#[derive(Default)]
struct Format {
    /// It is a partial clone.
    partial: bool,
    other_refs: Option<String>,
}

/// Looks at what the repository says of its own format before anything is read by it: a kind of ref store that `gix` does
/// not know would look like a repository without refs.
fn look_at_settings(git_dir: &Path) -> Result<Format, GitError> {
    let common = match fs::read_to_string(git_dir.join("commondir")) {
        Ok(text) => git_dir.join(text.trim_end()),
        Err(_) => git_dir.to_path_buf(),
    };
    let mut format = Format::default();
    for path in [common.join("config"), git_dir.join("config.worktree")] {
        let Some(mut bytes) = settings_file(&path)? else { continue };
        let unreadable = |e: gix::Error| GitError::unreadable("the repository's configuration", e);
        let metadata = gix::config::file::Metadata::from(gix::config::Source::Local);
        let file =
            gix::config::File::from_bytes_owned(&mut bytes, metadata, gix::config::file::init::Options::default()).map_err(unreadable)?;
        for section in file.sections() {
            let name = section.header().name().to_string().to_ascii_lowercase();
            if name == "remote" {
                format.partial |= section.value("promisor").is_some() || section.value("partialclonefilter").is_some();
            }
            if name != "extensions" || section.header().subsection_name().is_some() {
                continue;
            }
            for key in section.value_names() {
                let key = key.to_ascii_lowercase();
                if key == "refstorage" {
                    let store = section.value("refstorage").map(|v| v.to_string()).unwrap_or_default();
                    // `files` may carry a path, which would hide refs just as well.
                    if store != "files" {
                        format.other_refs = Some(store);
                    }
                }
                format.partial |= key == "partialclone";
                if !KNOWN_EXTENSIONS.contains(&key.as_str()) {
                    return Err(GitError::Unsupported { what: format!("the repository extension `{key}`") });
                }
            }
        }
    }
    Ok(format)
}

fn settings_file(path: &Path) -> Result<Option<Vec<u8>>, GitError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(GitError::unreadable("the repository's configuration", e)),
    }
}

fn open_isolated(git_dir: &Path) -> Result<gix::ThreadSafeRepository, GitError> {
    let limit = format!("gitoxide.objects.allocLimit={MAX_OBJECT}");
    gix::open::Options::isolated()
        // Whose files they are decides nothing: they are only read, and no setting can start a program.
        .with(Trust::Full)
        .filter_config_section(|_| true)
        .open_path_as_is(true)
        .config_overrides([
            // One ref under refs/replace would hide a commit from an audit.
            "core.useReplaceRefs=false",
            // A commit-graph file could say what the commits do not.
            "core.commitGraph=false",
            limit.as_str(),
        ])
        .open(git_dir)
        .map_err(|e| GitError::unreadable("the repository", e))
}
