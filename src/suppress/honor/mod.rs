//! Marks and ignore files of other tools, respected where somebody asks for it.

mod covers;
mod extent;
pub mod files;
mod marks;
mod metadata;

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::finding::By;
use crate::subject::Subject;
use crate::suppress::ignores::{Cover, Ignore, Names, Of, Until};

/// What the metadata of a template stands under; of the tools that read some, only checkov's has no word of its own.
const METADATA: &str = "metadata";

/// What marks hold that anybody may respect, in any letter case.
const WORDS: [&str; 13] = [
    "gitleaks:allow",
    "betterleaks:allow",
    "kingfisher:ignore",
    "trufflehog:ignore",
    "pragma:",
    "checkov:skip",
    "bridgecrew:skip",
    "cortex:skip",
    "trivy:",
    "tfsec:",
    "kics-scan",
    "rules_to_suppress",
    "suppressedrules",
];

/// Whether a content may hold marks of some tools.
#[must_use]
pub fn may_mark(bytes: &[u8], tools: &[&'static str]) -> bool {
    static ALL: OnceLock<AhoCorasick> = OnceLock::new();
    if tools.is_empty() {
        return false;
    }
    let all = ALL.get_or_init(|| {
        let words = std::iter::once(METADATA).chain(WORDS);
        AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few words")
    });
    let of_checkov = tools.contains(&"checkov");
    all.find_iter(bytes).any(|found| found.pattern().as_usize() > 0 || of_checkov)
}

/// Marks of one content that are read.
pub const MOST: usize = 10_000;

/// The marks of some tools in a content, and whether there are more than are read. `was_there` says whether a line of it stood
/// there before the change.
#[must_use]
pub fn read(subject: &Subject<'_>, tools: &[&'static str], names: Names<'_>, was_there: &dyn Fn(&[u8]) -> bool) -> (Vec<Ignore>, bool) {
    let mut found = marks::read(subject, tools, names);
    if metadata::WORDS.iter().any(|word| memchr::memmem::find(subject.bytes(), word.as_bytes()).is_some()) {
        found.extend(metadata::read(subject, tools, names));
    }
    let cut = found.len() > MOST;
    found.truncate(MOST);
    let bytes = subject.bytes();
    let ignore = |mark: Mark| {
        let range = mark.at..(mark.at + mark.len).min(bytes.len());
        let span = subject.span(range.clone());
        // A line that moved is none that the change brings.
        let rest = &bytes[mark.at.min(bytes.len())..];
        let line = rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())].trim_ascii_end();
        Ignore {
            by: By::Tool(mark.tool),
            is_new: subject.focus.touches(span.start..span.end) && !was_there(line),
            is_block: false,
            is_prose: false,
            place: subject.place(range),
            cover: mark.cover,
            names: mark.of.into_iter().map(|(name, of)| (name, of, false)).collect(),
            reason: mark.reason,
            until: mark.until,
        }
    };
    (found.into_iter().filter(|mark| !subject.is_early(mark.at)).map(ignore).collect(), cut)
}

/// What a mark says.
struct Mark {
    tool: &'static str,
    /// Where it stands: bytes of the content.
    at: usize,
    len: usize,
    cover: Cover,
    of: Vec<(String, Of)>,
    reason: String,
    until: Option<Until>,
}

/// The files of a tool that say what it leaves out, where it finds them by itself: from the top of the repository.
#[must_use]
pub fn files_of(tool: &str) -> &'static [&'static str] {
    match tool {
        "gitleaks" => &[".gitleaksignore"],
        "betterleaks" => &[".betterleaksignore", ".gitleaksignore"],
        "detect-secrets" => &[".secrets.baseline"],
        "checkov" => &[".checkov.yaml", ".checkov.yml", ".checkov.baseline"],
        "trivy" => &[".trivyignore", ".trivyignore.yaml"],
        "tfsec" => &[".tfsec/config.yml", ".tfsec/config.yaml", ".tfsec/config.json"],
        "kics" => &["kics.config"],
        _ => &[],
    }
}
