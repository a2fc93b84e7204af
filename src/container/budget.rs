//! What opening a container may cost: bytes that come out of it, in all and for each of its own, and entries.

use std::cell::Cell;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that may come out of any container.
const ALLOWANCE: u64 = 256 << 20;
/// Bytes that may come out for each of a large one's own, beyond that.
const SHARE: u64 = 40;
/// Bytes that may come out of a small container whatever its size, and for each of its own beyond that.
const FLOOR: u64 = 16 << 20;
const RATIO: u64 = 100;
/// The same of one compressed stream: text packs to a tenth, seldom to a hundredth.
const STREAM_FLOOR: u64 = 4 << 20;
const STREAM_RATIO: u64 = 200;
/// Streams that are left for it, before the container is.
const MAX_SWOLLEN: u64 = 4;
/// Entries, those of containers inside included.
const MAX_ENTRIES: u64 = 100_000;

/// One container's, with all that lies in it.
pub struct Budget<'s> {
    /// Work: bytes by what they cost to unpack.
    work: Cell<u64>,
    bytes: Cell<u64>,
    most_bytes: u64,
    entries: Cell<u64>,
    swollen: Cell<u64>,
    why: Cell<Option<End>>,
    stop: &'s AtomicBool,
}

#[derive(Clone, Copy)]
enum End {
    Bytes(u64),
    Swollen,
    Entries,
    Stopped,
}

impl<'s> Budget<'s> {
    /// `size` is the container's own, in bytes, where it is known; once `stop` is true the budget is spent.
    #[must_use]
    pub fn new(size: Option<u64>, stop: &'s AtomicBool) -> Self {
        let most_bytes = size.map_or(u64::MAX, |size| FLOOR.saturating_add(size.saturating_mul(RATIO)));
        Budget {
            work: Cell::new(ALLOWANCE.saturating_add(size.unwrap_or(0).saturating_mul(SHARE))),
            bytes: Cell::new(most_bytes),
            most_bytes,
            entries: Cell::new(MAX_ENTRIES),
            swollen: Cell::new(MAX_SWOLLEN),
            why: Cell::new(None),
            stop,
        }
    }

    /// Why nothing more is unpacked, once that is so.
    #[must_use]
    pub fn spent(&self) -> Option<String> {
        self.why.get().map(|end| match end {
            End::Bytes(bytes) => format!("{} MiB came out of it, no more is unpacked", bytes >> 20),
            End::Swollen => format!("it unpacks to more than {STREAM_RATIO} times its size"),
            End::Entries => format!("more than {MAX_ENTRIES} entries"),
            End::Stopped => "interrupted".to_owned(),
        })
    }

    /// Takes an entry. False where there is none left.
    pub(super) fn entry(&self) -> bool {
        match self.entries.get().checked_sub(1) {
            Some(left) => self.entries.set(left),
            None => self.end(End::Entries),
        }
        self.why.get().is_none()
    }

    /// Takes bytes. False where there are not that many left.
    pub(super) fn take(&self, bytes: u64, weight: u64) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            self.end(End::Stopped);
        }
        let work = bytes.saturating_mul(weight);
        match (self.work.get().checked_sub(work), self.bytes.get().checked_sub(bytes)) {
            (Some(work), Some(bytes)) => {
                self.work.set(work);
                self.bytes.set(bytes);
            }
            _ => self.end(End::Bytes(self.most_bytes - self.bytes.get())),
        }
        self.why.get().is_none()
    }

    fn end(&self, why: End) {
        self.why.set(Some(self.why.get().unwrap_or(why)));
    }

    /// A reader whose bytes are taken from the budget; it fails where that is spent, or where far more comes out than
    /// `packed` bytes can hold.
    pub(super) fn counted<'r>(&'r self, reader: &'r mut dyn Read, weight: u64, packed: Option<&'r Cell<u64>>) -> Counted<'r> {
        Counted { reader, budget: self, weight, packed, unpacked: 0 }
    }
}

pub(super) struct Counted<'r> {
    reader: &'r mut dyn Read,
    budget: &'r Budget<'r>,
    weight: u64,
    /// Bytes that were read of what is compressed.
    packed: Option<&'r Cell<u64>>,
    unpacked: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.unpacked += read as u64;
        if !self.budget.take(read as u64, self.weight) {
            return Err(io::Error::other("the limit of a container is met"));
        }
        let most = self.packed.map_or(u64::MAX, |packed| STREAM_FLOOR + packed.get().saturating_mul(STREAM_RATIO));
        if self.unpacked > most {
            match self.budget.swollen.get().checked_sub(1) {
                Some(left) => self.budget.swollen.set(left),
                None => self.budget.end(End::Swollen),
            }
            return Err(io::Error::other(Swollen));
        }
        Ok(read)
    }
}

/// Far more comes out than went in.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {STREAM_RATIO} times its size")]
pub(super) struct Swollen;

/// A reader that counts what is read of it.
pub(super) struct Measured<'c, R> {
    pub reader: R,
    pub read: &'c Cell<u64>,
}

impl<R: Read> Read for Measured<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}
