//! What is piped in, under the name that the caller gives it.

use std::io;

use super::{Bytes, Item, Sink, Source, SourceError};
use crate::input::{ContentId, Focus, Input, InputPath, Origin};

pub struct Stdin {
    input: Input,
}

impl Stdin {
    /// `name` is what the content is judged as: its path counts where a rule looks at paths.
    #[must_use]
    pub fn new(name: Option<&str>) -> Self {
        Stdin { input: Input { path: InputPath::new(name.unwrap_or("<stdin>").as_bytes()), origin: Origin::Stdin } }
    }
}

impl Source for Stdin {
    fn visit(&self, sink: &dyn Sink, _threads: usize) -> Result<(), SourceError> {
        let mut stdin = io::stdin().lock();
        let bytes = Bytes::Stream(&mut stdin);
        sink.worker().take(Item::Content { id: ContentId::Number(0), input: &self.input, bytes, focus: &Focus::Whole });
        Ok(())
    }
}
