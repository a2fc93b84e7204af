//! `gatepost hook`: git's hooks, installed beside what is there, taken out again, told of.

mod block;
pub(super) mod managers;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::escape;
use crate::cli::args::{Hook, HookCommand, HookInstall, HookKind, HookPlace, HookWhich};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::git::settings::{HooksFolder, Scope};
use crate::git::{Environment, GitError, Repository};
use block::BlockError;

/// # Errors
/// Where there is no repository, or a hook cannot be read or written.
pub fn run(hook: &Hook) -> Result<Exit, Fault> {
    match &hook.command {
        HookCommand::Install(install) => self::install(install),
        HookCommand::Uninstall(which) => uninstall(which),
        HookCommand::Status(place) => status(place),
    }
}

fn print(lines: &[String]) -> Result<(), Fault> {
    output::print(format!("{}\n", lines.join("\n")).as_bytes())
}

/// A repository and its hooks.
pub(super) struct Place {
    pub repository: Repository,
    pub folder: HooksFolder,
    pub top: PathBuf,
}

impl Place {
    /// # Errors
    /// Where there is no repository, or its configuration cannot be read.
    pub fn open(path: &Path) -> Result<Place, Fault> {
        let fault = |error: GitError| Fault::usage(error.to_string()).help(error.help());
        let repository = Repository::open_for_objects(path, &Environment::of_process()).map_err(fault)?;
        let folder = repository.hooks_folder().map_err(fault)?;
        let top = repository.work_tree().unwrap_or(repository.git_dir()).to_path_buf();
        Ok(Place { repository, folder, top })
    }

    fn file(&self, kind: HookKind) -> PathBuf {
        self.folder.path.join(kind.file())
    }

    /// A path for a person: from the top of the repository, where it lies there.
    pub fn shown(&self, path: &Path) -> String {
        escape::name(&path.strip_prefix(&self.top).unwrap_or(path).display().to_string()).into_owned()
    }
}

/// What stands where a hook would.
enum There {
    Nothing,
    File(Vec<u8>),
    /// A link, a folder, a device.
    Other,
}

fn there(file: &Path) -> Result<There, Fault> {
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_file() => Ok(There::File(fs::read(file).map_err(|error| unreadable(file, &error))?)),
        Ok(_) => Ok(There::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(There::Nothing),
        Err(error) => Err(unreadable(file, &error)),
    }
}

fn unreadable(file: &Path, error: &io::Error) -> Fault {
    Fault::usage(format!("{}: {error}", file.display()))
}

/// What installing comes to.
pub(super) enum Plan {
    /// Programs that write the hooks themselves are to run gatepost.
    Managed(Vec<managers::Used>),
    Write(Vec<Change>),
}

/// A hook's file, before and after.
pub(super) struct Change {
    pub file: PathBuf,
    pub before: Option<Vec<u8>>,
    pub after: Vec<u8>,
}

/// What installing would write: all of it or nothing.
///
/// # Errors
/// Where something stands in the way.
pub(super) fn plan(place: &Place, install: &HookInstall) -> Result<Plan, Fault> {
    let used = managers::used(&place.top);
    if !used.is_empty() && !install.plain {
        return Ok(Plan::Managed(used));
    }
    if let Some((value, Scope::Everywhere)) = place.folder.said.as_ref().filter(|_| !install.global) {
        return Err(Fault::usage(format!("core.hooksPath is {} for every repository", escape::name(value))).help(
            "`gatepost hook install --global` writes the hook there, for all of them; `git config core.hooksPath .git/hooks` gives this \
             repository its own",
        ));
    }
    if place.folder.path.exists() && !place.folder.path.is_dir() {
        let what = format!("{} is no folder, so git runs no hooks here", place.shown(&place.folder.path));
        return Err(Fault::usage(what).help("`git config --show-origin core.hooksPath` tells who says so"));
    }
    let mut changes = Vec::new();
    for kind in install.which.kinds() {
        let file = place.file(kind);
        let before = hook_before(place, &file, kind)?;
        let after = block::put(before.as_deref(), kind).map_err(|error| in_the_way(place, &file, kind, &error.to_string()))?;
        changes.push(Change { file, before, after });
    }
    Ok(Plan::Write(changes))
}

fn install(install: &HookInstall) -> Result<Exit, Fault> {
    let place = Place::open(&install.which.place.path)?;
    let kinds = install.which.kinds();
    let changes = match plan(&place, install)? {
        Plan::Managed(used) => return tell_managers(&place, &used, &kinds),
        Plan::Write(changes) => changes,
    };
    let mut lines = Vec::new();
    for Change { file, before, after } in changes {
        if before.as_ref() == Some(&after) {
            lines.push(format!("{}: is installed already", place.shown(&file)));
            continue;
        }
        save(&file, &after, before.is_none())?;
        lines.push(format!("{}: installed{}", place.shown(&file), if before.is_some() { ", before what was there" } else { "" }));
    }
    if place.folder.said.is_some()
        && place.folder.path.starts_with(&place.top)
        && !place.folder.path.starts_with(place.repository.git_dir())
    {
        lines.push("note: the folder lies in the work tree: commit it, and the hook is everybody's".to_owned());
    }
    if !on_path() {
        lines.push("note: no `gatepost` is on PATH now; the hook fails until there is one".to_owned());
    }
    lines.push(by_configuration(&kinds));
    print(&lines)?;
    Ok(Exit::Clean)
}

/// Those who manage the hooks are to run gatepost, and their files are their owner's to write.
fn tell_managers(place: &Place, used: &[managers::Used], kinds: &[HookKind]) -> Result<Exit, Fault> {
    let runs = |kind: HookKind| used.iter().any(|used| used.runs(kind));
    let missing: Vec<HookKind> = kinds.iter().copied().filter(|kind| !runs(*kind)).collect();
    let mut lines = Vec::new();
    for used in used {
        let (name, file) = (used.manager.name, place.shown(&used.file));
        for kind in kinds.iter().filter(|kind| used.runs(**kind)) {
            lines.push(format!("{}: {name} runs gatepost ({file})", kind.file()));
        }
        if !missing.is_empty() {
            lines.push(format!("{name} manages the hooks here ({file}). Add:\n"));
            lines.extend(missing.iter().map(|kind| (used.manager.lines)(*kind)));
        }
    }
    if !missing.is_empty() {
        lines.push("Nothing was written. `gatepost hook install --plain` writes git's own hook all the same.".to_owned());
    }
    print(&lines)?;
    Ok(if missing.is_empty() { Exit::Clean } else { Exit::Usage })
}

/// The same without a file, in versions of git that know such.
fn by_configuration(kinds: &[HookKind]) -> String {
    let mut lines = vec![
        "\nwithout a file, in a git whose `git help config` tells of `hook.<name>.command` (2.47 does not, and ignores these lines):"
            .to_owned(),
    ];
    for kind in kinds {
        // Git adds the hook's own arguments.
        let command = match kind {
            HookKind::PreCommit => "gatepost scan --staged",
            HookKind::CommitMsg => "gatepost scan --commit-msg",
            HookKind::PrePush => "sh -c '\\''gatepost scan --pre-push \"$1\"'\\'' gatepost",
        };
        let name = format!("hook.gatepost-{}", kind.file());
        lines.push(format!("  git config {name}.event {}\n  git config {name}.command '{command}'", kind.file()));
    }
    lines.join("\n")
}

/// The hook that is there, if our lines can go into it.
fn hook_before(place: &Place, file: &Path, kind: HookKind) -> Result<Option<Vec<u8>>, Fault> {
    match there(file)? {
        There::Nothing => Ok(None),
        There::Other => Err(in_the_way(place, file, kind, "it is a link or no file")),
        There::File(bytes) => {
            if let Some(manager) = managers::maker(&bytes).filter(|_| !block::is_in(&bytes)) {
                let why = format!("{} has made it, and would write it anew", manager.name);
                return Err(in_the_way(place, file, kind, &why));
            }
            if !is_executable(file) {
                return Err(in_the_way(place, file, kind, "it is not executable, so git does not run it: make it so, or move it away"));
            }
            Ok(Some(bytes))
        }
    }
}

fn in_the_way(place: &Place, file: &Path, kind: HookKind, why: &str) -> Fault {
    Fault::usage(format!("{} is there, and was left as it is: {why}", place.shown(file)))
        .help(format!("have it run `{}`, and fail where that fails", kind.command()))
}

fn uninstall(which: &HookWhich) -> Result<Exit, Fault> {
    let place = Place::open(&which.place.path)?;
    let mut lines = Vec::new();
    for kind in which.kinds() {
        let file = place.file(kind);
        let There::File(bytes) = there(&file)? else {
            lines.push(format!("{}: gatepost is not in it", place.shown(&file)));
            continue;
        };
        if !block::is_in(&bytes) && block::take_out(&bytes).is_ok() {
            lines.push(format!("{}: gatepost is not in it", place.shown(&file)));
            continue;
        }
        let broken = |error: BlockError| Fault::usage(format!("{}: {error}", place.shown(&file))).help("take gatepost's lines out by hand");
        match block::take_out(&bytes).map_err(broken)? {
            Some(rest) => save(&file, &rest, false)?,
            None => fs::remove_file(&file).map_err(|error| unreadable(&file, &error))?,
        }
        lines.push(format!("{}: uninstalled", place.shown(&file)));
    }
    print(&lines)?;
    Ok(Exit::Clean)
}

/// What git does at a hook.
pub(super) struct State {
    pub kind: HookKind,
    /// Whether gatepost is run, as far as anybody can tell without running it.
    pub runs: bool,
    /// A line for each thing that has to do with it.
    pub said: Vec<String>,
}

/// What git does at each of its hooks.
///
/// # Errors
/// Where a hook or the configuration cannot be read.
pub(super) fn states(place: &Place) -> Result<Vec<State>, Fault> {
    let configured = place.repository.configured_hooks().map_err(|error| Fault::usage(error.to_string()).help(error.help()))?;
    let used = managers::used(&place.top);
    let mut states = Vec::new();
    for kind in HookKind::ALL {
        let file = place.file(kind);
        let shown = place.shown(&file);
        let mut runs = used.iter().any(|used| used.runs(kind));
        let first = match there(&file)? {
            There::Nothing => "none".to_owned(),
            There::Other => format!("{shown} is a link or no file"),
            There::File(bytes) if block::is_in(&bytes) && !is_executable(&file) => format!("gatepost, but {shown} is not executable"),
            There::File(bytes) if block::is_in(&bytes) => {
                runs = true;
                format!("gatepost ({shown})")
            }
            There::File(bytes) => {
                let names = memchr::memmem::find(&bytes, b"gatepost").is_some();
                runs |= names && is_executable(&file);
                match (managers::maker(&bytes), names) {
                    (Some(manager), _) => format!("made by {} ({shown})", manager.name),
                    (None, true) => format!("somebody's own, which names gatepost ({shown})"),
                    (None, false) => format!("somebody's own, without gatepost ({shown})"),
                }
            }
        };
        let mut said = vec![first];
        for hook in configured.iter().filter(|hook| hook.events.iter().any(|event| event == kind.file())) {
            runs |= hook.command.contains("gatepost");
            let what = if hook.command.contains("gatepost") { "gatepost" } else { "another command" };
            said.push(format!("{what} by hook.{}.command, in versions of git that know such", escape::name(&hook.name)));
        }
        states.push(State { kind, runs, said });
    }
    Ok(states)
}

fn status(place: &HookPlace) -> Result<Exit, Fault> {
    let place = Place::open(&place.path)?;
    let (mut lines, mut any) = (Vec::new(), false);
    for state in states(&place)? {
        any |= state.runs;
        for (number, said) in state.said.iter().enumerate() {
            let name = if number == 0 { state.kind.file() } else { "" };
            lines.push(format!("{name:<11} {said}"));
        }
    }
    for used in managers::used(&place.top) {
        let runs: Vec<_> = HookKind::ALL.into_iter().filter(|kind| used.runs(*kind)).map(HookKind::file).collect();
        let with = if runs.is_empty() { "without gatepost".to_owned() } else { format!("which runs gatepost at {}", runs.join(", ")) };
        lines.push(format!("{:<11} {} ({}), {with}", "manager", used.manager.name, place.shown(&used.file)));
    }
    if let Some((value, scope)) = &place.folder.said {
        let of = if *scope == Scope::Everywhere { " for every repository" } else { "" };
        lines.push(format!("{:<11} core.hooksPath is {}{of}", "folder", escape::name(value)));
    }
    let path = if on_path() { "is on PATH" } else { "is not on PATH: hooks that call it fail" };
    lines.push(format!("{:<11} {path}", "gatepost"));
    if !any {
        lines.push("\n`gatepost hook install` has git run it before each commit".to_owned());
    }
    print(&lines)?;
    Ok(if any { Exit::Clean } else { Exit::Findings })
}

fn on_path() -> bool {
    let name = format!("gatepost{}", std::env::consts::EXE_SUFFIX);
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(&name).is_file()))
}

/// Writes a hook in one step, as executable as it was; a new one is for everybody.
pub(super) fn save(file: &Path, bytes: &[u8], is_new: bool) -> Result<(), Fault> {
    let fault = |error: io::Error| unreadable(file, &error);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(fault)?;
    }
    let beside = file.with_extension(format!("{}.tmp", std::process::id()));
    let written = fs::write(&beside, bytes)
        .and_then(|()| if is_new { make_executable(&beside) } else { fs::set_permissions(&beside, fs::metadata(file)?.permissions()) });
    written.and_then(|()| fs::rename(&beside, file)).map_err(|error| {
        // What is half written is nobody's.
        drop(fs::remove_file(&beside));
        fault(error)
    })
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
