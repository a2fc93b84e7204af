//! What is piped in, under the name that the caller gives it.

use std::io::{self, Read};
use std::sync::OnceLock;

use super::{Bytes, Item, Sink, Source, SourceError, WHOLE};
use crate::finding::Failure;
use crate::input::{ContentId, Entry, EntryKind, Focus, Input, InputPath, Origin, ReadError, Tree};

pub struct Stdin {
    input: Input,
    /// What was read, where it was little enough to be judged as a file.
    bytes: OnceLock<Vec<u8>>,
}

impl Stdin {
    /// `name` is what the content is judged as: its path counts where a rule looks at paths.
    #[must_use]
    pub fn new(name: Option<&str>) -> Self {
        let path = InputPath::new(name.unwrap_or("<stdin>").as_bytes());
        Stdin { input: Input { path, origin: Origin::Stdin }, bytes: OnceLock::new() }
    }
}

impl Source for Stdin {
    fn visit(&self, sink: &dyn Sink, _threads: usize) -> Result<(), SourceError> {
        let (id, input, focus) = (ContentId::Number(0), &self.input, &Focus::Whole);
        let mut worker = sink.worker();
        let (mut stdin, mut start) = (io::stdin().lock(), Vec::new());
        if let Err(error) = (&mut stdin).take(WHOLE + 1).read_to_end(&mut start) {
            worker.take(Item::Failed { input, kind: Failure::Unreadable, message: error.to_string(), help: None });
        } else if start.len() as u64 > WHOLE {
            let mut all = start.as_slice().chain(stdin);
            worker.take(Item::Content { id, input, bytes: Bytes::Stream(&mut all), focus });
        } else {
            let bytes = Bytes::Whole(self.bytes.get_or_init(|| start));
            worker.take(Item::Content { id, input, bytes, focus });
        }
        Ok(())
    }

    fn head(&self) -> Option<&dyn Tree> {
        Some(self)
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// The one file that there is.
impl Tree for Stdin {
    fn list(&self, folder: &[u8]) -> Result<Vec<Entry>, ReadError> {
        let own = Entry { path: self.input.path.clone(), kind: EntryKind::File };
        if self.input.path.parent() == folder { Ok(vec![own]) } else { Err(ReadError::Missing) }
    }

    fn read(&self, path: &[u8]) -> Result<Vec<u8>, ReadError> {
        if path != self.input.path.bytes() {
            return Err(ReadError::Missing);
        }
        self.bytes.get().cloned().ok_or_else(|| ReadError::Unreadable("it was not kept".to_owned()))
    }

    fn input(&self, path: &[u8]) -> Input {
        Input { path: InputPath::new(path), origin: Origin::Stdin }
    }
}
