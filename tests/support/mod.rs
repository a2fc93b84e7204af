//! What the integration tests share: the binary, scratch folders, keys made on the spot.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {} {}", self.stdout, self.stderr))
    }
}

/// The program in a folder, with an environment that no machine changes.
pub fn gatepost(folder: &Path, args: &[&str]) -> Run {
    finish(command(folder, args).output().expect("the binary runs"))
}

pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
    command.current_dir(folder).args(args);
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GITHUB_ACTIONS", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8");
    command
}

pub fn finish(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Git in a scratch repository, each call a minute after the one before; the tests use it, gatepost never does.
pub fn git(folder: &Path, args: &[&str]) -> String {
    static CLOCK: AtomicU64 = AtomicU64::new(1_700_000_000);
    let now = format!("{} +0000", CLOCK.fetch_add(60, Ordering::Relaxed));
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", &now)
        .env("GIT_COMMITTER_DATE", &now)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A value of a generator.
pub fn made(generator: &str, seed: u64) -> String {
    gatepost::secret::generate::expand(&format!("{{{generator}}}"), seed).expect("a generator")
}

/// An AWS credentials file.
pub fn credentials(seed: u64) -> String {
    format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", made("aws-key-id", seed), made("aws-secret", seed))
}

pub fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(&path, bytes).expect("written");
    path
}

/// Findings of a JSON report as `rule path:line:column`.
pub fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|f| {
            format!(
                "{} {}:{}:{}",
                f["rule"].as_str().expect("a rule"),
                f["path"].as_str().expect("a path"),
                f["start"]["line"],
                f["start"]["column"]
            )
        })
        .collect()
}

/// A fixture's bytes: `%%name%%` becomes a made value, the same name the same value everywhere in a case, and `%%=text%%`
/// that text. Written so, what a rule looks for does not stand in this repository.
pub fn expanded(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let part = |(index, part): (usize, &str)| match part.strip_prefix('=') {
        _ if index % 2 == 0 => part.to_owned(),
        Some(literal) => literal.to_owned(),
        None => made(part, 0),
    };
    text.split("%%").enumerate().map(part).collect::<String>().into_bytes()
}
