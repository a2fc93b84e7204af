//! Globs over the paths of a repository, as a `.gitignore` has them.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Paths that some globs speak of: a folder's speaks of all that is in it.
#[derive(Clone, Debug)]
pub struct Paths(Option<Gitignore>);

impl Paths {
    pub const NONE: Paths = Paths(None);

    /// # Errors
    /// At the first that is no glob: what it is, and why.
    pub fn new<'g>(globs: impl IntoIterator<Item = &'g str>) -> Result<Paths, (String, String)> {
        let mut builder = GitignoreBuilder::new("");
        let mut any = false;
        for glob in globs {
            builder.add_line(None, glob).map_err(|error| (glob.to_owned(), why(error)))?;
            any = true;
        }
        let built = any.then(|| builder.build()).transpose().map_err(|error| (String::new(), why(error)))?;
        Ok(Paths(built))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether a path, relative to the top of the repository, is spoken of.
    #[must_use]
    pub fn holds(&self, path: &[u8], is_folder: bool) -> bool {
        let Some(globs) = &self.0 else { return false };
        let path = String::from_utf8_lossy(path);
        let path = Path::new(&*path);
        // A path that leads out of the repository is none of these.
        !path.has_root() && globs.matched_path_or_any_parents(path, is_folder).is_ignore()
    }
}

/// What is wrong with a glob, without the glob.
fn why(error: ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_a_gitignore() {
        let paths = Paths::new(["vendor/", "*.min.js", "/docs/*.md", "!keep.min.js"]).expect("globs");
        for (path, held) in [
            ("vendor/a/b.py", true),
            ("src/vendor/x", true),
            ("a/b.min.js", true),
            ("keep.min.js", false),
            ("docs/a.md", true),
            ("x/docs/a.md", false),
            ("/etc/passwd.min.js", false),
            ("../a.min.js", true),
        ] {
            assert_eq!(paths.holds(path.as_bytes(), false), held, "{path}");
        }
        assert!(!Paths::NONE.holds(b"a", false));
        assert_eq!(Paths::new(["a/{b"]).expect_err("no glob").0, "a/{b");
    }
}
