//! What a path, and what stands around a secret, say about it: a key in a test, a handbook or a comment is less likely to
//! open anything.

use super::comment;
use super::edge::line_start;
use crate::base::ids::Confidence;
use crate::input::InputPath;

/// What a place is for, where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Test,
    /// A sample, a demonstration, what is to be copied: somebody runs it as it stands.
    Example,
    Documentation,
    Comment,
}

/// Words of a folder's or a file's name: `integration-tests`, `test_boto.py`, `dockerTest`, `values.test.yaml`.
const TEST_WORDS: &[&str] = &[
    "benchmark",
    "benchmarks",
    "cassette",
    "cassettes",
    "conftest",
    "cypress",
    "e2e",
    "fake",
    "fakes",
    "fixture",
    "fixtures",
    "jest",
    "mock",
    "mocks",
    "phpunit",
    "pytest",
    "stories",
    "stub",
    "stubs",
    "test",
    "testcase",
    "testcases",
    "testdata",
    "tester",
    "testing",
    "testlib",
    "tests",
    "testsuite",
    "testutil",
    "testutils",
];
/// The same of what is shown and run.
const EXAMPLE_WORDS: &[&str] =
    &["demo", "demos", "example", "examples", "playground", "quickstart", "quickstarts", "sample", "samples", "tutorial", "tutorials"];
const TEST_FOLDERS: &[&str] = &["spec", "specs", "__snapshots__"];
/// Ends of names that a machine is to fill in or copy.
const TEMPLATES: &[&str] = &[".dist", ".template", ".tmpl", ".tpl", ".j2", ".erb", ".in", ".default", ".defaults", ".snap"];
const DOCUMENTS: &[&str] = &[".md", ".mdx", ".rst", ".adoc", ".asciidoc", ".markdown", ".org", ".pod", ".texi", ".1", ".5", ".8"];
const DOCUMENT_FOLDERS: &[&str] = &["doc", "docs", "documentation", "man", "guide", "guides", "manual"];
const DOCUMENT_NAMES: &[&str] = &["readme", "changelog", "changes", "history", "news", "contributing"];

impl Context {
    #[must_use]
    pub fn of(path: &InputPath) -> Option<Context> {
        let text = path.to_str();
        let lower = text.to_ascii_lowercase();
        let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let is_spec = name.contains(".spec.") || name.contains("_spec.") || folders.split('/').any(|part| TEST_FOLDERS.contains(&part));
        if is_spec || text.split('/').any(|part| has_word(part, TEST_WORDS)) {
            return Some(Context::Test);
        }
        if text.split('/').any(|part| has_word(part, EXAMPLE_WORDS)) || TEMPLATES.iter().any(|end| name.ends_with(end)) {
            return Some(Context::Example);
        }
        let stem = name.split('.').next().unwrap_or_default();
        let is_document = DOCUMENTS.iter().any(|end| name.ends_with(end))
            || folders.split('/').any(|part| DOCUMENT_FOLDERS.contains(&part))
            || DOCUMENT_NAMES.contains(&stem);
        is_document.then_some(Context::Documentation)
    }

    /// What a place in a file is for: what the path says, or else what surrounds the place.
    #[must_use]
    pub fn at(path: &InputPath, bytes: &[u8], place: usize) -> Option<Context> {
        Context::of(path)
            .or_else(|| comment::holds(&path.to_str(), bytes, place).then_some(Context::Comment))
            .or_else(|| (is_example_field(bytes, place) || is_by_example(bytes, place)).then_some(Context::Example))
    }

    /// What a message adds.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Context::Test | Context::Example => "in a test or an example",
            Context::Documentation => "in documentation",
            Context::Comment => "in a comment",
        }
    }
}

/// Whether the field of a value is called an example, as in the description of an interface: `example: …`.
#[must_use]
pub fn is_example_field(bytes: &[u8], place: usize) -> bool {
    const NAMES: [&[u8]; 4] = [b"example", b"examples", b"x-example", b"placeholder"];
    const FURTHEST: usize = 120;
    let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'-';
    let head = bytes[line_start(bytes, place, FURTHEST)..place].to_ascii_lowercase();
    // `- "example": "…`, with more of the value before the place; `@Schema(example = "…`, `placeholder="…`
    let begin = head.iter().position(u8::is_ascii_alphabetic).unwrap_or(head.len());
    let begins = NAMES.iter().any(|name| {
        head[begin..].strip_prefix(*name).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":") || rest.starts_with(b"\":"))
    });
    let end = head.iter().rposition(|byte| !matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'=' | b':')).map_or(0, |at| at + 1);
    let is_set = head[end..].iter().any(|byte| matches!(byte, b'=' | b':'));
    begins || is_set && NAMES.iter().any(|name| head[..end].strip_suffix(*name).is_some_and(|rest| rest.last().is_none_or(is_sign)))
}

/// Whether the line of a place, or one beside it, speaks of a host that RFC 2606 keeps for examples.
fn is_by_example(bytes: &[u8], place: usize) -> bool {
    const HOSTS: [&[u8]; 4] = [b"example.com", b"example.org", b"example.net", b"ExampleObject("];
    const FURTHEST: usize = 160;
    let before = &bytes[place.saturating_sub(FURTHEST)..place];
    let after = &bytes[place..bytes.len().min(place + FURTHEST)];
    let from = memchr::memrchr_iter(b'\n', before).nth(1).unwrap_or(0);
    let to = memchr::memchr_iter(b'\n', after).nth(1).unwrap_or(after.len());
    HOSTS.iter().any(|host| [&before[from..], &after[..to]].iter().any(|text| memchr::memmem::find(text, host).is_some()))
}

/// Whether a part of a path has one of some words, humps of camelCase told apart.
fn has_word(part: &str, words: &[&str]) -> bool {
    let (mut word, mut before) = (String::new(), ' ');
    for c in part.chars().chain(std::iter::once(' ')) {
        let hump = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if hump || !c.is_ascii_alphanumeric() {
            if words.contains(&word.as_str()) {
                return true;
            }
            word.clear();
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    false
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
    fn hosts_of_examples_stand_beside_what_is_made_up() {
        let at = |text: &str| Context::at(&InputPath::new(b"run.sh"), text.as_bytes(), text.find("KEY").expect("a place"));
        for text in ["MAIL=you@example.com \\\nKEY=1 \\\n", "KEY=1 \\\nrun -d '*.example.com'", "curl -u KEY https://api.example.org/"] {
            assert_eq!(at(text), Some(Context::Example), "{text}");
        }
        for text in
            ["  example: KEY", "\"example\": \"KEY\"", "- example: 'v1:KEY'", "@Schema(example = \"KEY\")", "<input placeholder=\"KEY\">"]
        {
            assert_eq!(at(text), Some(Context::Example), "{text}");
            assert!(is_example_field(text.as_bytes(), text.find("KEY").expect("a place")), "{text}");
        }
        for text in ["counterexample: KEY", "see the example KEY", "KEY=1\nrun shop.io", "a@example.com\n\n\n\nKEY=1"] {
            assert_eq!(at(text), None, "{text}");
        }
    }

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
            "src/UserTest.java",
            "src/dockerTest/A.java",
            "spec/models/a.rb",
            "web/__tests__/a.js",
            "conftest.py",
            "cypress/x.ts",
            "vcr_cassettes/a.yml",
            "src/Button.stories.tsx",
            "phpunit.xml",
        ] {
            assert_eq!(of(path), Some(Context::Test), "{path}");
        }
        for path in ["config.yml.dist", ".env.example", "samples/a.py", "src/DemoApp.java"] {
            assert_eq!(of(path), Some(Context::Example), "{path}");
        }
        assert_eq!(of("docs/README.md"), Some(Context::Documentation));
        for path in ["docs/conf.py", "README", "man/a.1"] {
            assert_eq!(of(path), Some(Context::Documentation), "{path}");
        }
        for path in ["src/latest/a.py", "contest.py", "attest/a.tf", "src/Latest.java", "protest/x.go"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
