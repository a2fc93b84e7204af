//! Marks and ignore files of other tools, respected where somebody asks for it.

mod covers;
mod extent;
pub mod files;
mod marks;
mod metadata;

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::finding::By;
use crate::settings::{TABLE, ToolFile, tool};
use crate::subject::Subject;
use crate::suppress::ignores::{Cover, Ignore, Names, Of, Until};

/// Whether a content may hold marks of some tools.
#[must_use]
pub fn may_mark(bytes: &[u8], tools: &[&'static str]) -> bool {
    static ALL: OnceLock<(AhoCorasick, Vec<&str>)> = OnceLock::new();
    if tools.is_empty() {
        return false;
    }
    let (all, words) = ALL.get_or_init(|| {
        let mut words: Vec<&str> = TABLE.iter().flat_map(|tool| tool.words).copied().collect();
        words.sort_unstable();
        words.dedup();
        let all = AhoCorasick::builder().ascii_case_insensitive(true).build(&words).expect("a few words");
        (all, words)
    });
    let is_asked = |word: &str| tools.iter().filter_map(|name| tool(name)).any(|tool| tool.words.contains(&word));
    let asked: Vec<bool> = words.iter().map(|word| is_asked(word)).collect();
    all.find_iter(bytes).any(|found| asked[found.pattern().as_usize()])
}

/// Marks of one content that are read.
pub const MOST: usize = 10_000;

/// The marks of some tools in a content, and whether there are more than are read. `was_there` says whether a line of it stood
/// there before the change.
#[must_use]
pub fn read(subject: &Subject<'_>, tools: &[&'static str], names: Names<'_>, was_there: &dyn Fn(&[u8]) -> bool) -> (Vec<Ignore>, bool) {
    let mut found = marks::read(subject, tools, names);
    let mut words = tools.iter().filter_map(|name| tool(name)?.metadata);
    if words.any(|word| memchr::memmem::find(subject.bytes(), word.as_bytes()).is_some()) {
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
pub fn files_of(name: &str) -> &'static [ToolFile] {
    tool(name).map_or(&[], |tool| tool.files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::RuleId;
    use crate::base::span::FileId;
    use crate::input::{Content, ContentId, Focus, InputPath};
    use crate::suppress::ignores::Named;

    /// A mark of each tool, and what its metadata is where it reads some.
    const MARKS: [(&str, &str, &str); 11] = [
        ("gitleaks", "x # gitleaks:allow", ""),
        ("betterleaks", "x # betterleaks:allow", ""),
        ("kingfisher", "# kingfisher:ignore", ""),
        ("trufflehog", "x # trufflehog:ignore", ""),
        ("detect-secrets", "x # pragma: allowlist secret", ""),
        ("checkov", "a {\n# checkov:skip=CKV_1:why\n}", "checkov: {skip: [{id: CKV_1}]}"),
        ("trivy", "# trivy:ignore:AVD-1\na {\n}", ""),
        ("tfsec", "# tfsec:ignore:aws-x\na {\n}", ""),
        ("kics", "# kics-scan ignore-line", ""),
        ("cfn-nag", "", "cfn_nag: {rules_to_suppress: [{id: W1}]}"),
        ("cfn-guard", "", "guard: {SuppressedRules: [X]}"),
    ];

    fn marks(text: &str, tool: &'static str) -> Vec<By> {
        let (path, content) = (InputPath::new(b"a.yml"), Content::whole(ContentId::Number(0), text.as_bytes()));
        let subject = Subject::new(FileId(0), &path, &content, None, &Focus::Whole);
        assert!(may_mark(text.as_bytes(), &[tool]), "{tool}: {text}");
        read(&subject, &[tool], &|_| Named::Rule(RuleId::from("x")), &|_| false).0.into_iter().map(|ignore| ignore.by).collect()
    }

    #[test]
    fn every_tool_of_the_table_is_read() {
        for (tool, (name, mark, metadata)) in TABLE.iter().zip(MARKS) {
            assert_eq!(tool.name, name, "each has its row");
            assert_eq!(tool.metadata.is_some(), !metadata.is_empty(), "{name}");
            assert!(!mark.is_empty() || !metadata.is_empty(), "{name}");
            if !mark.is_empty() {
                assert!(marks(mark, name).contains(&By::Tool(name)), "{name}: {mark}");
            }
            if !metadata.is_empty() {
                let text = format!("Resources:\n  A:\n    Type: T\n    Metadata: {{{metadata}}}\n");
                assert_eq!(marks(&text, name), [By::Tool(name)], "{text}");
            }
        }
        assert!(!may_mark(b"x # gitleaks:allow", &["kics"]), "nobody asked for these");
    }
}
