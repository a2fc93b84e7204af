//! Where content comes from. A source names inputs and hands out bytes; it judges nothing.

mod answer;
mod changed;
pub mod commit;
pub mod diff;
pub mod disk;
pub mod history;
pub mod memory;
pub mod message;
mod on_the_way;
pub mod pushed;
pub mod staged;
pub mod stdin;
pub mod walk;

use std::io::Read;

pub use changed::ends_a_line;
pub use commit::top_of;

use crate::finding::{Change, Exposure, Failure, Fix, Skip};
use crate::input::{Carry, Content, ContentId, Focus, Input, InputPath, Made, ObjectId, Origin, ReadSeek, Tree};

/// Inputs up to this size, in bytes, are read whole, larger ones in windows.
pub const WHOLE: u64 = 16 << 20;

/// The bytes of an input: in memory, or to be read in windows because they are many.
pub enum Bytes<'a> {
    Whole(&'a [u8]),
    File(&'a mut dyn ReadSeek),
    Stream(&'a mut dyn Read),
}

/// What a source says of one input. Every input gets exactly one.
pub enum Item<'a> {
    Content {
        id: ContentId,
        input: &'a Input,
        bytes: Bytes<'a>,
        focus: &'a Focus,
    },
    /// `input` is told where rules on names and sizes are asked of it all the same.
    Skipped {
        skip: Skip,
        input: Option<&'a Input>,
    },
    Failed {
        input: &'a Input,
        kind: Failure,
        message: String,
        help: Option<String>,
    },
}

/// One thread's end of a [`Sink`].
pub trait Worker {
    /// Takes an input with its name: it is scanned, judged and counted.
    fn take(&mut self, item: Item<'_>);

    /// Scans a content whose name is not known yet. True where anything in it needs a judgement: the source then
    /// finds a name for it and hands it to [`Worker::take`]. Nothing is counted here.
    fn scan(&mut self, content: &Content<'_>) -> bool;

    /// The same of a content that may be made of another one that was scanned so: the answer is the same, and found sooner.
    /// What is left for those that are made of this one.
    fn scan_made(&mut self, content: &Content<'_>, _made: Option<Made<'_>>) -> (bool, Option<Carry>) {
        (self.scan(content), None)
    }

    /// Another name of a content that was taken: only rules on names look at it once more. Nothing is counted here.
    fn also(&mut self, _content: &Content<'_>, _input: &Input) {}

    /// A file of [`Source::resources`] that was looked at under another name, or needs no judgement: whether it holds
    /// resources is all that is asked. Nothing is counted here.
    fn resource(&mut self, _input: &Input, _bytes: &[u8]) {}
}

/// The message of a commit or a tag as an input.
fn said_by(what: &str, id: ObjectId) -> Input {
    let hex = id.to_string();
    let path = format!("{what} {} message", hex.get(..12).unwrap_or(&hex));
    Input { path: InputPath::new(path.as_bytes()), origin: Origin::Message { id } }
}

/// Who takes what a source finds.
pub trait Sink: Sync {
    /// A worker for the calling thread.
    fn worker(&self) -> Box<dyn Worker + Send + '_>;

    /// Whether a rule looks at inputs because of this path, whatever is in them.
    fn wants_name(&self, path: &[u8]) -> bool;

    /// Whether somebody said that an input of this path is not to be looked at.
    fn avoids(&self, _path: &[u8]) -> bool {
        false
    }

    /// Whether rules on resources are asked for.
    fn asks_resources(&self) -> bool {
        false
    }

    /// What the answer of [`Worker::scan`] depends on beside the content. None where nobody may rely on an earlier one.
    fn key(&self) -> Option<[u8; 32]> {
        None
    }

    /// A content that was scanned, needs no judgement, and so has no name: counted, with its length in bytes.
    fn count_scanned(&self, bytes: u64);

    /// What else a reader must know.
    fn note(&self, _text: String) {}

    /// True once the run is to end early.
    fn is_interrupted(&self) -> bool;
}

/// Why a source could not give all of its inputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// What was asked for does not make sense here: the person who typed the command is to change it.
    #[error("{message}")]
    Usage { message: String, help: String },
    /// The repository does not have what is needed: never an empty scan, always incomplete.
    #[error("{message}")]
    Incomplete { message: String, help: String },
}

/// A finding, as far as a source can say what to do about it.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    pub input: &'a Input,
    pub change: Change,
    /// Whether it is about a credential.
    pub is_secret: bool,
    /// The values that it holds.
    pub values: &'a [&'a [u8]],
}

pub trait Source: Sync {
    /// Hands every input to the sink, from up to `threads` threads.
    ///
    /// # Errors
    /// Where not all inputs could be had; what was handed over stays.
    fn visit(&self, sink: &dyn Sink, threads: usize) -> Result<(), SourceError>;

    /// The files as they will be.
    fn head(&self) -> Option<&dyn Tree> {
        None
    }

    /// The files that rules on resources are asked of, side by side.
    fn resources(&self) -> Option<&dyn Tree> {
        self.head()
    }

    /// How long an input stood in the history that was looked at. None where no history was.
    fn exposure(&self, _input: &Input) -> Option<Exposure> {
        None
    }

    /// The files whose policy (configuration, baseline, rules) holds: the base's where a range is looked at, unless the change's
    /// own is asked for.
    fn policy(&self, _own: bool) -> Option<&dyn Tree> {
        self.head()
    }

    /// A path of this source from the top of the repository, where it is written from elsewhere.
    fn in_repository(&self, path: &[u8]) -> Option<Vec<u8>> {
        let _ = path;
        None
    }

    /// A path from the top of the repository, as this source spells it.
    fn spelt_here(&self, path: &[u8]) -> Vec<u8> {
        path.to_vec()
    }

    /// The files as they were, where a change is looked at.
    fn base(&self) -> Option<&dyn Tree> {
        None
    }

    /// The change taken back: what it would bring is what the change fixes. None where nobody asks for that.
    fn reversed(&self) -> Option<Box<dyn Source>> {
        None
    }

    /// What the paths of the files of each scanned folder begin with: `""`, `infra/`. None for what is no folder.
    fn roots(&self) -> Vec<Vec<u8>> {
        vec![Vec::new()]
    }

    /// Whether rules on resources and on the files of the repository are asked of an input.
    fn is_evaluated(&self, _input: &Input) -> bool {
        true
    }

    /// Whether an input was there on the way only: neither as it was nor as it will be.
    fn is_passed(&self, _input: &Input) -> bool {
        false
    }

    /// Whether git tracks a file. None where nobody knows.
    fn is_tracked(&self, _path: &InputPath) -> Option<bool> {
        None
    }

    /// Whether the `.gitignore` files beside a file hide it, tracked or not. None where nobody knows.
    fn is_ignored(&self, path: &InputPath) -> Option<bool> {
        self.head().map(|tree| walk::is_ignored(tree, path.bytes()))
    }

    /// Whether it is a change that is looked at, and not files as they are. A first commit is one without a base.
    fn is_change(&self) -> bool {
        self.base().is_some()
    }

    /// The paths that the change touches, sorted.
    fn touched(&self) -> Vec<&InputPath> {
        Vec::new()
    }

    /// The files that the change takes away.
    fn gone(&self) -> Vec<InputPath> {
        Vec::new()
    }

    /// Whether a value already stands in the files that the change touches, as they were. None where no change is
    /// looked at.
    fn was_there(&self, _value: &[u8]) -> Option<bool> {
        None
    }

    /// Whether a value that was there has only moved with the change: it stands in no more files than before.
    fn only_moved(&self, _value: &[u8]) -> bool {
        false
    }

    /// Whether a text stood in a file that the change takes away.
    fn went(&self, _text: &[u8]) -> bool {
        false
    }

    /// What to do about a finding of this source: instead of the rule's own advice where the finding is new, before it
    /// where it is not.
    fn advice(&self, _about: &About<'_>) -> Option<Fix> {
        None
    }
}
