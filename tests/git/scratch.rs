//! A repository in a temporary folder, made by the `git` program: nobody's settings, fixed names and dates.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct Scratch {
    _folder: TempDir,
    pub path: PathBuf,
    clock: Cell<u64>,
}

impl Scratch {
    /// A repository with a work tree and no commit.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same, with more arguments for `git init`.
    pub fn with(arguments: &[&str]) -> Self {
        let scratch = Self::empty();
        scratch.git(&[&["init", "-q", "-b", "main"], arguments].concat());
        scratch
    }

    /// A clone of another one, by the transport that a server would use.
    pub fn clone_of(other: &Path, arguments: &[&str]) -> Self {
        let scratch = Self::empty();
        let url = format!("file://{}", other.display());
        let serves = "uploadpack.allowFilter";
        scratch.git(&["-C", &other.to_string_lossy(), "config", serves, "true"]);
        scratch.git(&[&["clone", "-q"], arguments, &[&url, "."]].concat());
        scratch
    }

    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = fs::canonicalize(folder.path()).expect("it is there").join("repo");
        fs::create_dir(&path).expect("a folder");
        Scratch { _folder: folder, path, clock: Cell::new(1_700_000_000) }
    }

    /// Runs git here and returns what it printed, without the last line end.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, &[])
    }

    pub fn git_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let (out, ok) = self.try_git(arguments, environment);
        assert!(ok, "git {arguments:?}: {out}");
        out
    }

    pub fn try_git(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (String, bool) {
        let date = format!("{} +0000", self.clock.get());
        let mut command = Command::new("git");
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"] {
            command.env_remove(name);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")]);
        command.env("GIT_NO_LAZY_FETCH", "1").envs(environment.iter().copied());
        let settings = ["protocol.file.allow=always", "gc.auto=0", "advice.detachedHead=false"];
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let output = command.args(arguments).current_dir(&self.path).output().expect("git runs");
        let text = if output.status.success() { output.stdout } else { output.stderr };
        (String::from_utf8_lossy(&text).trim_end().to_owned(), output.status.success())
    }

    /// For what needs a pipe.
    pub fn shell(&self, line: &str) -> String {
        let output = Command::new("sh").args(["-c", line]).current_dir(&self.path).output().expect("a shell");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes a file of the work tree.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Stages everything.
    pub fn add(&self) {
        self.git(&["add", "-A"]);
    }

    /// Writes a file, stages everything and commits it, one minute after the last commit. Returns the commit's id.
    pub fn commit(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        self.add();
        self.commit_staged(&format!("change {name}"))
    }

    pub fn commit_staged(&self, message: &str) -> String {
        self.tick();
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Later commits are a minute later.
    pub fn tick(&self) {
        self.clock.set(self.clock.get() + 60);
    }
}
