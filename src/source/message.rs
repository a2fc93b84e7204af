//! The message of a commit that is being made, as git will keep it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::disk::to_bytes;
use super::{About, Bytes, Item, Sink, Source, SourceError};
use crate::finding::{Change, Fix};
use crate::git::{Environment, Index, IndexTree, Repository};
use crate::input::{ContentId, Focus, Input, InputPath, Origin, Tree};

/// What git writes behind a comment sign above the changes that it shows in an editor.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

pub struct Message {
    input: Input,
    /// Each line that git takes out is empty here, so that lines keep their numbers.
    text: Vec<u8>,
    policy: Option<IndexTree>,
}

/// How a message is cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaning {
    /// What a comment begins with.
    pub comment: Vec<u8>,
    /// Comments are taken out: a person has written it in an editor.
    pub takes_comments: bool,
    /// What follows the scissors is: an editor showed it there.
    pub cuts: bool,
}

impl Message {
    /// Reads the file that git gives a commit-msg hook. `root` lies in the repository.
    ///
    /// # Errors
    /// Where the file cannot be read, or there is no repository.
    pub fn open(root: &Path, file: &Path) -> Result<Self, SourceError> {
        let bytes = fs::read(file).map_err(|error| SourceError::Usage {
            message: format!("--commit-msg {}: {error}", file.display()),
            help: "give the file that git gives a commit-msg hook: `gatepost scan --commit-msg \"$1\"`".to_owned(),
        })?;
        let repository = Arc::new(Repository::open(root, &Environment::of_process())?);
        let cleaning = Cleaning::of(&repository, &bytes)?;
        // A policy that cannot be read is none: more is told, not less.
        let policy = Index::read(&repository).ok().map(|index| IndexTree::new(Arc::clone(&repository), Arc::new(index)));
        let input = Input { path: InputPath::new(&to_bytes(file)), origin: Origin::File };
        Ok(Message { input, text: cleaned(&bytes, &cleaning), policy })
    }
}

impl Cleaning {
    /// What the repository's settings and git's environment say of a message.
    fn of(repository: &Repository, text: &[u8]) -> Result<Self, SourceError> {
        // Two names of one setting; an empty one says nothing.
        let comment =
            repository.setting("core", &["commentChar", "commentString"])?.map(|(value, _)| value).filter(|sign| !sign.is_empty());
        let comment = match comment.as_deref() {
            // Git takes a sign that no line of the message began with; the last comment has it.
            Some(auto) if auto.eq_ignore_ascii_case("auto") => automatic(text),
            Some(sign) => sign.as_bytes().to_vec(),
            None => b"#".to_vec(),
        };
        let cleanup = repository.setting("commit", &["cleanup"])?.map(|(value, _)| value);
        // So git tells its hooks that no editor was opened.
        let edited = std::env::var("GIT_EDITOR").map_or(true, |editor| editor != ":");
        let takes_comments = match cleanup.as_deref() {
            Some("verbatim" | "whitespace" | "scissors") => false,
            Some("strip") => true,
            _ => edited,
        };
        Ok(Cleaning { comment, takes_comments, cuts: edited })
    }
}

/// The sign of git's scissors, or of the lines at the end, where git writes its own.
fn automatic(text: &[u8]) -> Vec<u8> {
    let lines = || text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let cut = lines().find_map(|line| line.first().filter(|_| line[1..].trim_ascii_end() == SCISSORS.as_bytes()));
    let sign = cut.or_else(|| lines().next_back().and_then(<[u8]>::first)).filter(|byte| b"#;@!$%^&|:".contains(byte));
    sign.map_or_else(|| b"#".to_vec(), |sign| vec![*sign])
}

/// A message without what git takes out of it.
#[must_use]
pub fn cleaned(text: &[u8], cleaning: &Cleaning) -> Vec<u8> {
    let scissors = [&cleaning.comment, SCISSORS.as_bytes()].concat();
    let mut kept = Vec::with_capacity(text.len());
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        // Git writes a comment of its own below them. Without it somebody typed that line, and what follows is kept, perhaps.
        let is_gits = lines.peek().is_some_and(|next| next.starts_with(&cleaning.comment));
        if cleaning.cuts && is_gits && line.trim_ascii_end() == scissors {
            break;
        }
        if cleaning.takes_comments && line.starts_with(&cleaning.comment) {
            kept.push(b'\n');
        } else {
            kept.extend_from_slice(line);
        }
    }
    kept
}

impl Source for Message {
    fn visit(&self, sink: &dyn Sink, _threads: usize) -> Result<(), SourceError> {
        let item = Item::Content { id: ContentId::Number(0), input: &self.input, bytes: Bytes::Whole(&self.text), focus: &Focus::Whole };
        sink.worker().take(item);
        Ok(())
    }

    fn policy(&self, _own: bool) -> Option<&dyn Tree> {
        self.policy.as_ref().map(|tree| tree as &dyn Tree)
    }

    fn is_change(&self) -> bool {
        true
    }

    fn is_evaluated(&self, _input: &Input) -> bool {
        false
    }

    /// Nothing of a message that is being made was there.
    fn was_there(&self, _value: &[u8]) -> Option<bool> {
        Some(false)
    }

    fn advice(&self, about: &About<'_>) -> Option<Fix> {
        (about.is_secret && about.change == Change::New).then(|| Fix {
            text: "The commit is not made: nothing has leaked. Say it without the value; git keeps the message in that file.".to_owned(),
            ..Fix::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUT: &str = "# ------------------------ >8 ------------------------\n";

    fn clean(text: &str, comment: &str, takes_comments: bool, cuts: bool) -> String {
        let cleaning = Cleaning { comment: comment.as_bytes().to_vec(), takes_comments, cuts };
        String::from_utf8(cleaned(text.as_bytes(), &cleaning)).expect("UTF-8")
    }

    #[test]
    fn what_git_takes_out_is_not_looked_at() {
        let text = format!("subject\n\n# a comment\nbody # not one\n{CUT}# Do not\ndiff --git\n+key\n");
        assert_eq!(clean(&text, "#", true, true), "subject\n\n\nbody # not one\n");
        assert_eq!(clean(&text, "#", false, true), "subject\n\n# a comment\nbody # not one\n", "the setting keeps comments");
        assert_eq!(clean(&text, "#", false, false), text, "a message that was typed is kept as it is");
        assert!(clean(&text, ";", true, true).ends_with("+key\n"), "the sign is another");
        let typed = format!("subject\n{CUT}key\n");
        assert_eq!(clean(&typed, "#", true, true), "subject\n\nkey\n", "scissors that are not git's");
    }

    #[test]
    fn the_sign_that_git_chose_is_found() {
        assert_eq!(automatic(b"# kept\n\n; a comment\n; another\n"), b";");
        assert_eq!(automatic(format!("# kept\n{}; Do not\n+diff\n", CUT.replace('#', ";")).as_bytes()), b";");
        assert_eq!(automatic(b"plain\n"), b"#");
    }
}
