//! Marks and ignore files of other tools, respected where somebody asks for it.

mod covers;
mod extent;
pub mod files;
mod marks;
mod metadata;

use crate::subject::Subject;
use crate::suppress::ignores::{Ignore, Names};

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
    if tools.is_empty() {
        return false;
    }
    let low = bytes.to_ascii_lowercase();
    let metadata = tools.contains(&"checkov") && memchr::memmem::find(&low, b"metadata").is_some();
    metadata || WORDS.iter().any(|word| memchr::memmem::find(&low, word.as_bytes()).is_some())
}

/// The marks of some tools in a content.
#[must_use]
pub fn read(subject: &Subject<'_>, tools: &[&'static str], names: Names<'_>) -> Vec<Ignore> {
    let mut found = marks::read(subject, tools, names);
    if metadata::WORDS.iter().any(|word| memchr::memmem::find(subject.bytes(), word.as_bytes()).is_some()) {
        found.extend(metadata::read(subject, tools, names));
    }
    found
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
