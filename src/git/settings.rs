//! What git was told, as far as hooks need to know: by the repository, by the person, by the machine. Read only: nothing that
//! a setting names is run, and git is not asked.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::repository::Repository;

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The repository's own configuration.
    Repository,
    /// A configuration that holds for every repository of the person or the machine.
    Everywhere,
}

/// Where git looks for hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksFolder {
    pub path: PathBuf,
    /// `core.hooksPath` as it was said, and by whom. None where nobody did.
    pub said: Option<(String, Scope)>,
}

/// A hook that a configuration names (`hook.<name>.command`), in versions of git that know such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredHook {
    pub name: String,
    pub events: Vec<String>,
    pub command: String,
}

impl Repository {
    /// The configuration files, the one that decides first.
    fn settings(&self) -> Vec<(Scope, gix::config::File)> {
        let common = self.common_dir();
        let own = [self.git_dir().join("config.worktree"), common.join("config")];
        let own = own.into_iter().map(|path| (Scope::Repository, path));
        let all = own.chain(everywhere().into_iter().map(|path| (Scope::Everywhere, path)));
        all.filter_map(|(scope, path)| Some((scope, read(&path)?))).collect()
    }

    /// A setting, and who said it. An empty one is said too.
    #[must_use]
    pub fn setting(&self, section: &str, key: &str) -> Option<(String, Scope)> {
        let value = |file: &gix::config::File| {
            let plain = |found: &gix::config::file::SectionRef<'_>| {
                let header = found.header();
                header.subsection_name().is_none() && header.name().eq_ignore_ascii_case(section.as_bytes())
            };
            file.sections().filter(plain).filter_map(|found| Some(found.value(key)?.to_string())).last()
        };
        self.settings().into_iter().find_map(|(scope, file)| Some((value(&file)?, scope)))
    }

    /// Where hooks are looked for.
    #[must_use]
    pub fn hooks_folder(&self) -> HooksFolder {
        let said = self.setting("core", "hooksPath").filter(|(value, _)| !value.is_empty());
        let path = match &said {
            Some((value, _)) => match (value.strip_prefix("~/"), env::var_os("HOME")) {
                (Some(below), Some(home)) => Path::new(&home).join(below),
                // Git runs its hooks at the top of the work tree.
                _ => self.work_tree().unwrap_or(self.git_dir()).join(value),
            },
            None => self.common_dir().join("hooks"),
        };
        HooksFolder { path, said }
    }

    /// Hooks that a configuration names.
    #[must_use]
    pub fn configured_hooks(&self) -> Vec<ConfiguredHook> {
        let mut hooks = Vec::new();
        for (_, file) in self.settings() {
            for section in file.sections().filter(|section| section.header().name().eq_ignore_ascii_case(b"hook")) {
                let Some(name) = section.header().subsection_name().map(ToString::to_string) else { continue };
                let events = section.values("event").iter().map(ToString::to_string).collect();
                let command = section.value("command").map(|value| value.to_string()).unwrap_or_default();
                hooks.push(ConfiguredHook { name, events, command });
            }
        }
        hooks
    }
}

/// The configuration files of the person and the machine, the one that decides first.
fn everywhere() -> Vec<PathBuf> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from);
    let mut files = Vec::new();
    if let Some(global) = path("GIT_CONFIG_GLOBAL") {
        files.push(global);
    } else {
        files.extend(path("HOME").map(|home| home.join(".gitconfig")));
        let folder = path("XDG_CONFIG_HOME").or_else(|| path("HOME").map(|home| home.join(".config")));
        files.extend(folder.map(|folder| folder.join("git/config")));
    }
    let is_off = env::var("GIT_CONFIG_NOSYSTEM").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no" | "off"));
    if !is_off {
        files.push(path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig")));
    }
    files
}

fn read(path: &Path) -> Option<gix::config::File> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = fs::read(path).ok()?;
    let metadata = gix::config::file::Metadata::from(gix::config::Source::Local);
    gix::config::File::from_bytes_owned(&mut bytes, metadata, gix::config::file::init::Options::default()).ok()
}
