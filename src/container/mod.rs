//! Containers opened in memory: archives, compressed files, databases, bundles, and what of these lies in each other.
//! Known by what is in them, never by a name; nothing is written anywhere.
//!
//! Whoever packed them may mean harm: depth, entries and the bytes that come out are limited ([`Budget`]), and whatever is
//! not looked at is told ([`Event::Left`]).

mod budget;
mod bundle;
mod compressed;
mod kind;
mod sqlite;
mod tarball;
mod zip;

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use crate::finding::Failure;
use crate::input::{InputPath, ReadSeek};

pub use budget::Budget;
pub use kind::{Kind, PEEK, kind, kind_at_end};

/// Bytes of a member that are held; of a longer one only windows are shown.
pub const HELD: usize = 16 << 20;

/// Bytes that are held of a container which cannot be read from its start to its end alone.
const HELD_AS_WHOLE: usize = 64 << 20;

/// Containers in each other that are opened; a compressed archive is two.
const MAX_DEPTH: usize = 6;

/// Bytes of a member's path that are kept.
const MAX_PATH: usize = 1024;

/// A container's own bytes.
pub enum Packed<'a> {
    Held(&'a [u8]),
    File(&'a mut dyn ReadSeek),
    Stream(&'a mut dyn Read),
}

/// What lies in a container, or why something in it was not looked at.
pub enum Event<'a> {
    Member { path: &'a InputPath, bytes: Unpacked<'a> },
    Left { path: &'a InputPath, why: Why },
}

/// The bytes of a member.
pub enum Unpacked<'a> {
    Held(&'a [u8]),
    /// Longer than [`HELD`]. Reading fails where the member is damaged or the budget is spent.
    Stream(&'a mut dyn Read),
}

/// Why something was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    Damaged(String),
    Encrypted,
    /// Packed in a way that is not read.
    Unknown(String),
    Limit(String),
}

impl Why {
    /// Why a member could not be read to its end.
    #[must_use]
    pub fn of(error: &io::Error) -> Why {
        let is_swollen = matches!(error.get_ref(), Some(inner) if inner.is::<budget::Swollen>());
        if is_swollen { Why::Limit(error.to_string()) } else { Why::Damaged(error.to_string()) }
    }

    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Why::Damaged(_) | Why::Encrypted | Why::Unknown(_) => Failure::Unreadable,
            Why::Limit(_) => Failure::Limit,
        }
    }

    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Why::Damaged(what) => format!("damaged, what lies behind was not looked at: {what}"),
            Why::Encrypted => "encrypted, not looked at".to_owned(),
            Why::Unknown(what) => format!("not looked at: {what}"),
            Why::Limit(what) => format!("not looked at in full: {what}"),
        }
    }
}

/// Opens a container of this kind and shows what lies in it, containers in there opened as well.
pub fn open(kind: Kind, path: &InputPath, packed: Packed<'_>, budget: &Budget<'_>, see: &mut dyn FnMut(Event<'_>)) {
    Opener { budget, see, depth: 0, is_spent: false }.open(kind, path, packed);
}

struct Opener<'o> {
    budget: &'o Budget<'o>,
    see: &'o mut dyn FnMut(Event<'_>),
    depth: usize,
    /// The end of the budget was told.
    is_spent: bool,
}

/// Nothing more is to be shown: the budget is spent.
struct Spent;

impl Opener<'_> {
    fn open(&mut self, kind: Kind, path: &InputPath, packed: Packed<'_>) {
        if self.depth == MAX_DEPTH {
            return self.left(path, Why::Limit(format!("more than {MAX_DEPTH} containers in each other")));
        }
        self.depth += 1;
        let ended = match kind {
            Kind::Zip => zip::open(self, path, packed),
            Kind::Tar => tarball::open(self, path, packed),
            Kind::Gzip | Kind::Bzip2 | Kind::Xz | Kind::Zstd => {
                compressed::open(self, kind, path, packed);
                Ok(())
            }
            Kind::Sqlite => sqlite::open(self, path, packed),
            Kind::Bundle => bundle::open(self, path, packed),
            Kind::SevenZip => Err(Why::Unknown("a 7z archive".to_owned())),
            Kind::Lzma => Err(Why::Unknown("an LZMA stream of the old form".to_owned())),
            Kind::Rar => Err(Why::Unknown("a RAR archive".to_owned())),
        };
        self.depth -= 1;
        if let Err(why) = ended {
            self.left(path, why);
        }
    }

    /// Tells that something was not looked at; of a spent budget once.
    fn left(&mut self, path: &InputPath, why: Why) {
        if let Some(limit) = self.budget.spent() {
            if !std::mem::replace(&mut self.is_spent, true) {
                (self.see)(Event::Left { path, why: Why::Limit(limit) });
            }
            return;
        }
        (self.see)(Event::Left { path, why });
    }

    /// A member, read from where its bytes are unpacked. `weight` is what a byte of it costs, `packed` counts the bytes
    /// that they come out of.
    fn member(&mut self, path: &InputPath, reader: &mut dyn Read, weight: u64, packed: Option<&Cell<u64>>) -> Result<(), Spent> {
        let budget = self.budget;
        if !budget.entry() {
            self.left(path, Why::Limit(String::new()));
            return Err(Spent);
        }
        let mut counted = budget.counted(reader, weight, packed);
        let mut held = Vec::new();
        let read = (&mut counted).take(HELD as u64 + 1).read_to_end(&mut held);
        if read.is_ok() && held.len() > HELD {
            self.long(path, &held, &mut counted);
        } else {
            // Of what is damaged, the part before that is looked at.
            self.held(path, &held);
        }
        if let Err(error) = read {
            self.left(path, Why::of(&error));
        }
        if budget.spent().is_some() {
            self.left(path, Why::Limit(String::new()));
            return Err(Spent);
        }
        Ok(())
    }

    /// A member that is in memory.
    fn held(&mut self, path: &InputPath, bytes: &[u8]) {
        (self.see)(Event::Member { path, bytes: Unpacked::Held(bytes) });
        if let Some(kind) = kind(bytes).or_else(|| kind_at_end(bytes)) {
            self.open(kind, path, Packed::Held(bytes));
        }
    }

    fn long(&mut self, path: &InputPath, start: &[u8], rest: &mut dyn Read) {
        match kind(start) {
            None => {
                let mut all = Cursor::new(start).chain(rest);
                (self.see)(Event::Member { path, bytes: Unpacked::Stream(&mut all) });
            }
            Some(kind @ (Kind::Zip | Kind::Sqlite | Kind::Bundle)) => {
                let mut whole = start.to_vec();
                match rest.take((HELD_AS_WHOLE - HELD) as u64).read_to_end(&mut whole) {
                    Ok(_) if whole.len() <= HELD_AS_WHOLE => self.open(kind, path, Packed::Held(&whole)),
                    Ok(_) => self.left(path, Why::Limit(format!("longer than {} MiB", HELD_AS_WHOLE >> 20))),
                    Err(error) => self.left(path, Why::of(&error)),
                }
            }
            Some(kind) => self.open(kind, path, Packed::Stream(&mut Cursor::new(start).chain(rest))),
        }
    }
}

impl<'a> Packed<'a> {
    /// As bytes to be read from the start to the end.
    fn reader(self) -> Box<dyn Read + 'a> {
        match self {
            Packed::Held(bytes) => Box::new(bytes),
            Packed::File(file) => Box::new(file),
            Packed::Stream(stream) => Box::new(stream),
        }
    }

    /// As bytes to be read from any place.
    fn seekable(self) -> io::Result<Box<dyn ReadSeek + 'a>> {
        Ok(match self {
            Packed::Held(bytes) => Box::new(Cursor::new(bytes)),
            Packed::File(file) => Box::new(file),
            Packed::Stream(stream) => {
                let mut whole = Vec::new();
                stream.take(HELD_AS_WHOLE as u64 + 1).read_to_end(&mut whole)?;
                if whole.len() > HELD_AS_WHOLE {
                    return Err(io::Error::other(format!("longer than {} MiB, and not in a file", HELD_AS_WHOLE >> 20)));
                }
                Box::new(Cursor::new(whole))
            }
        })
    }
}

/// The path of a member, as far as it is kept.
fn member_path(outer: &InputPath, name: &[u8]) -> InputPath {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    outer.member(&name[..name.len().min(MAX_PATH)])
}

#[cfg(test)]
mod tests;
