//! What a path says about the secrets in it: a key in a test or a handbook is less likely to open anything.

use crate::base::ids::Confidence;
use crate::input::InputPath;

/// What a path is for, where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Test,
    Documentation,
}

/// Words of a folder's or a file's name: `integration-tests`, `test_boto.py`, `values.test.yaml`.
const TEST_WORDS: &[&str] =
    &["example", "examples", "fixture", "fixtures", "mock", "mocks", "sample", "samples", "test", "testdata", "testing", "tests"];
const TEST_FOLDERS: &[&str] = &["spec", "specs"];
const DOCUMENTS: &[&str] = &[".md", ".mdx", ".rst", ".adoc", ".asciidoc"];

impl Context {
    #[must_use]
    pub fn of(path: &InputPath) -> Option<Context> {
        let lower = path.to_str().to_ascii_lowercase();
        let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let is_test = |part: &str| part.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| TEST_WORDS.contains(&word));
        let is_spec = name.contains(".spec.") || name.contains("_spec.") || folders.split('/').any(|part| TEST_FOLDERS.contains(&part));
        if is_spec || lower.split('/').any(is_test) {
            return Some(Context::Test);
        }
        DOCUMENTS.iter().any(|end| name.ends_with(end)).then_some(Context::Documentation)
    }

    /// What a message adds.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Context::Test => "in a test or an example",
            Context::Documentation => "in documentation",
        }
    }
}

/// One step less sure.
#[must_use]
pub fn lowered(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_say_what_they_are_for() {
        let of = |path: &str| Context::of(&InputPath::new(path.as_bytes()));
        for path in [
            "tests/a.py",
            "a/Fixtures/b/c.json",
            "src/a_test.go",
            "a.spec.ts",
            "test_boto.py",
            "integration-tests/x.key",
            "ci/test-values.yaml",
        ] {
            assert_eq!(of(path), Some(Context::Test), "{path}");
        }
        assert_eq!(of("docs/README.md"), Some(Context::Documentation));
        for path in ["src/latest/a.py", "contest.py", "README", "attest/a.tf"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
