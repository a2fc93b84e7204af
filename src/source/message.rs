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
        let cleaning = Cleaning::of(&repository, &bytes);
        // A policy that cannot be read is none: more is told, not less.
        let policy = Index::read(&repository).ok().map(|index| IndexTree::new(Arc::clone(&repository), Arc::new(index)));
        let input = Input { path: InputPath::new(&to_bytes(file)), origin: Origin::File };
        Ok(Message { input, text: cleaned(&bytes, &cleaning), policy })
    }
}

impl Cleaning {
    /// What the repository's settings and git's environment say of a message.
    fn of(repository: &Repository, text: &[u8]) -> Self {
        let setting = |key: &str| repository.setting("core", key).map(|(value, _)| value);
        let comment = setting("commentString").or_else(|| setting("commentChar")).filter(|sign| !sign.is_empty());
        let comment = match comment.as_deref() {
            // Git takes a sign that no line of the message began with; the last comment has it.
            Some("auto") => automatic(text),
            Some(sign) => sign.as_bytes().to_vec(),
            None => b"#".to_vec(),
        };
        let cleanup = repository.setting("commit", "cleanup").map(|(value, _)| value);
        // So git tells its hooks that no editor was opened.
        let edited = std::env::var("GIT_EDITOR").map_or(true, |editor| editor != ":");
        let takes_comments = match cleanup.as_deref() {
            Some("verbatim" | "whitespace" | "scissors") => false,
            Some("strip") => true,
            _ => edited,
        };
        Cleaning { comment, takes_comments }
    }
}

fn automatic(text: &[u8]) -> Vec<u8> {
    let last = text.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty());
    last.and_then(<[u8]>::first).filter(|byte| b"#;@!$%^&|:".contains(byte)).map_or_else(|| b"#".to_vec(), |sign| vec![*sign])
}

/// A message without what git takes out of it.
#[must_use]
pub fn cleaned(text: &[u8], cleaning: &Cleaning) -> Vec<u8> {
    let scissors = [&cleaning.comment, SCISSORS.as_bytes()].concat();
    let mut kept = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        if bare == scissors {
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

    #[test]
    fn what_git_takes_out_is_not_looked_at() {
        let text = b"subject\n\n# a comment\nbody # not one\n# ------------------------ >8 ------------------------\ndiff --git\n+key\n";
        let clean = |comment: &str, takes_comments: bool| {
            let cleaning = Cleaning { comment: comment.as_bytes().to_vec(), takes_comments };
            String::from_utf8(cleaned(text, &cleaning)).expect("UTF-8")
        };
        assert_eq!(clean("#", true), "subject\n\n\nbody # not one\n");
        assert_eq!(clean("#", false), "subject\n\n# a comment\nbody # not one\n", "a message that was typed keeps its comments");
        assert!(clean(";", true).ends_with("+key\n"), "the sign is another");
        assert_eq!(automatic(b"# kept\n\n; a comment\n; another\n"), b";");
        assert_eq!(automatic(b"plain\n"), b"#");
    }
}
