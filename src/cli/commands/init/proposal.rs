//! A file that is to be written: as a diff that `git apply` would take, or onto the disk.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::base::escape;
use crate::cli::commands::hook::{self, Change};
use crate::cli::output::Fault;

/// Lines of a new file that are shown; a baseline of an old repository has thousands.
const SHOWN: usize = 60;
/// Lines around what is changed.
const AROUND: usize = 3;

pub struct Proposal {
    file: PathBuf,
    /// From the top of the repository.
    name: String,
    before: Option<Vec<u8>>,
    after: Vec<u8>,
    is_hook: bool,
}

impl Proposal {
    /// A file that is not there.
    ///
    /// # Errors
    /// Where a folder on the way to it is a link, or no folder.
    pub fn new(top: &Path, name: &str, after: Vec<u8>) -> Result<Proposal, Fault> {
        let mut folder = top.to_path_buf();
        for part in Path::new(name).parent().into_iter().flat_map(Path::components) {
            let Component::Normal(part) = part else { continue };
            folder.push(part);
            if fs::symlink_metadata(&folder).is_ok_and(|found| !found.is_dir()) {
                let shown = escape::name(&folder.strip_prefix(top).unwrap_or(&folder).display().to_string()).into_owned();
                return Err(Fault::usage(format!("{shown} is a link or no folder: nothing is written through it"))
                    .help("leave that out with `--without`, or write the file by hand"));
            }
        }
        Ok(Proposal { file: top.join(name), name: name.to_owned(), before: None, after, is_hook: false })
    }

    pub fn hook(top: &Path, change: Change) -> Proposal {
        let name = change.file.strip_prefix(top).unwrap_or(&change.file).display().to_string();
        Proposal { name, file: change.file, before: change.before, after: change.after, is_hook: true }
    }

    pub fn shown(&self) -> String {
        escape::name(&self.name).into_owned()
    }

    /// # Errors
    /// Where it came to be there in the meantime, or cannot be written.
    pub fn write(&self) -> Result<(), Fault> {
        if self.is_hook {
            return hook::save(&self.file, &self.after, self.before.is_none());
        }
        let fault =
            |error: std::io::Error| Fault::usage(format!("{}: {error}", self.shown())).help("`gatepost init` tells what is there now");
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(fault)?;
        }
        // Through no link, over no file.
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.file).map_err(fault)?;
        file.write_all(&self.after).map_err(fault)
    }

    /// A unified diff; the end of a long new file is told as a number.
    pub fn diff(&self) -> String {
        let (before, after) = (lines(self.before.as_deref().unwrap_or_default()), lines(&self.after));
        let name = self.shown();
        let old = if self.before.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
        let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
        let rest = before.len().min(after.len()) - same;
        let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let start = same.saturating_sub(AROUND);
        let ends = [before.len(), after.len()].map(|all| (all - tail + AROUND.min(tail)).min(all));
        let range = |end: usize| if end == start { format!("{start},0") } else { format!("{},{}", start + 1, end - start) };
        let mut out = vec![format!("--- {old}"), format!("+++ b/{name}"), format!("@@ -{} +{} @@", range(ends[0]), range(ends[1]))];
        let shown = |sign: char, line: &String| format!("{sign}{}", escape::line(line));
        out.extend(after[start..same].iter().map(|line| shown(' ', line)));
        out.extend(before[same..before.len() - tail].iter().map(|line| shown('-', line)));
        let new = &after[same..after.len() - tail];
        out.extend(new.iter().take(SHOWN).map(|line| shown('+', line)));
        if new.len() > SHOWN {
            out.push(format!("# and {} more lines", new.len() - SHOWN));
        }
        out.extend(after[after.len() - tail..ends[1]].iter().map(|line| shown(' ', line)));
        let lines: Vec<_> = out.iter().map(|line| escape::log_line(line).into_owned() + "\n").collect();
        lines.concat() + "\n"
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: Option<&str>, after: &str) -> String {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Proposal { file: "x".into(), name: "x".to_owned(), before: before.map(bytes), after: bytes(after), is_hook: false }.diff()
    }

    #[test]
    fn a_new_file_is_all_lines_and_a_changed_one_what_came() {
        assert_eq!(of(None, "a\nb\n"), "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n\n");
        let old = "#!/bin/sh\none\ntwo\nthree\nfour\n";
        let new = "#!/bin/sh\nours\none\ntwo\nthree\nfour\n";
        assert_eq!(of(Some(old), new), "--- a/x\n+++ b/x\n@@ -1,4 +1,5 @@\n #!/bin/sh\n+ours\n one\n two\n three\n\n");
    }
}
