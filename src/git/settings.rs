//! What git was told, as far as hooks need to know: by the repository, by the person, by the machine. Read only: nothing that
//! a setting names is run, and git is not asked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gix::config::Source;
use gix::sec::Trust;

use super::error::GitError;
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
    /// The same repository with every setting that git would see: files that others include, variables of the environment.
    fn with_settings(&self) -> Result<gix::Repository, GitError> {
        let options = gix::open::Options::default()
            .permissions(gix::open::Permissions::all())
            .with(Trust::Full)
            .filter_config_section(|_| true)
            .open_path_as_is(true);
        let opened = options.open(self.git_dir()).map_err(|error| GitError::unreadable("git's configuration", error))?;
        Ok(opened.to_thread_local())
    }

    /// A setting, and who said it: of several names for one thing, the one that was said last. An empty one is said too.
    ///
    /// # Errors
    /// Where the configuration cannot be read.
    pub fn setting(&self, section: &str, keys: &[&str]) -> Result<Option<(String, Scope)>, GitError> {
        Ok(setting(self.with_settings()?.config_snapshot().plumbing(), section, keys))
    }

    /// Where it fetches from, as its configuration says; a password in an address is left out.
    ///
    /// # Errors
    /// Where the configuration cannot be read.
    pub fn remotes(&self) -> Result<Vec<String>, GitError> {
        let opened = self.with_settings()?;
        let names = opened.remote_names();
        let url = |name: &gix::bstr::BStr| {
            let remote = opened.find_remote(name).ok()?;
            let mut url = remote.url(gix::remote::Direction::Fetch)?.clone();
            url.set_password(None);
            Some(url.to_bstring().to_string())
        };
        Ok(names.iter().filter_map(|name| url(name.as_ref())).collect())
    }

    /// Where hooks are looked for.
    ///
    /// # Errors
    /// Where the configuration cannot be read.
    pub fn hooks_folder(&self) -> Result<HooksFolder, GitError> {
        let opened = self.with_settings()?;
        let settings = opened.config_snapshot();
        let said = setting(settings.plumbing(), "core", &["hooksPath"]).filter(|(value, _)| !value.is_empty());
        let path = match &said {
            // `~` and `~name` are homes.
            Some((value, _)) => {
                let path = settings.trusted_path("core.hooksPath").map_err(|error| GitError::unreadable("core.hooksPath", error))?;
                // Git runs its hooks at the top of the work tree.
                self.work_tree().unwrap_or(self.git_dir()).join(path.unwrap_or_else(|| value.into()))
            }
            None => self.common_dir().join("hooks"),
        };
        Ok(HooksFolder { path, said })
    }

    /// Hooks that a configuration names and has not switched off.
    ///
    /// # Errors
    /// Where the configuration cannot be read.
    pub fn configured_hooks(&self) -> Result<Vec<ConfiguredHook>, GitError> {
        let opened = self.with_settings()?;
        let settings = opened.config_snapshot();
        // Parts of one hook may stand in several files; what is said last holds.
        let mut hooks: BTreeMap<String, (ConfiguredHook, bool)> = BTreeMap::new();
        for section in settings.plumbing().sections().filter(|section| section.header().name().eq_ignore_ascii_case(b"hook")) {
            let Some(name) = section.header().subsection_name().map(ToString::to_string) else { continue };
            let new = || (ConfiguredHook { name: name.clone(), events: Vec::new(), command: String::new() }, true);
            let (hook, is_on) = hooks.entry(name.clone()).or_insert_with(new);
            hook.events.extend(section.values("event").iter().map(ToString::to_string));
            if let Some(command) = section.value("command") {
                hook.command = command.to_string();
            }
            if let Some(value) = section.value("enabled") {
                *is_on = !matches!(value.to_string().to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0");
            }
        }
        Ok(hooks.into_values().filter(|(_, is_on)| *is_on).map(|(hook, _)| hook).collect())
    }
}

fn setting(file: &gix::config::File, section: &str, keys: &[&str]) -> Option<(String, Scope)> {
    let mut said = None;
    for found in file.sections() {
        let header = found.header();
        if header.subsection_name().is_some() || !header.name().eq_ignore_ascii_case(section.as_bytes()) {
            continue;
        }
        let scope = match found.meta().source {
            Source::Local | Source::Worktree => Scope::Repository,
            _ => Scope::Everywhere,
        };
        let names = found.value_names().filter(|name| keys.iter().any(|key| name.eq_ignore_ascii_case(key)));
        if let Some(value) = names.last().and_then(|name| found.value(&*name)) {
            said = Some((value.to_string(), scope));
        }
    }
    said
}
