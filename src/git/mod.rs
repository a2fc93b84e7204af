//! Git, read in this process: the only user of `gix`. Not a wrapper around the `git` program, which is never started: a
//! repository's own settings can make it execute commands.
//!
//! Everything here reads. Nothing fetches, nothing writes, no program named by a configuration runs.

pub mod attribution;
mod author;
mod bones;
pub mod bundle;
pub mod change;
pub mod commit;
mod delta;
pub mod entry;
pub mod error;
pub mod index;
pub mod line;
pub mod object;
mod own_files;
mod pack;
pub mod passed;
pub mod range;
mod reach;
pub mod refs;
pub mod repository;
mod select;
pub mod settings;
pub mod skeleton;
pub mod trail;
mod walk;

pub use attribution::{Holder, Question, attribute};
pub use author::Authors;
pub use change::{Change, ChangedBlob, Changes};
pub use commit::CommitTree;
pub use error::GitError;
pub use index::{Index, IndexTree, Tracked};
pub use line::added_lines;
pub use object::Objects;
pub use own_files::{OwnFile, OwnFiles};
pub use range::Range;
pub use refs::Refs;
pub use repository::{Environment, Repository};
pub use select::Limits;
pub use skeleton::Skeleton;

use crate::input;

/// The id as the rest of the house spells it.
fn id_of(id: &gix::oid) -> input::ObjectId {
    input::ObjectId::new(id.as_bytes()).expect("git knows ids of 20 and of 32 bytes")
}

/// The id as `gix` spells it. None where the length is no hash's.
fn oid_of(id: input::ObjectId) -> Option<gix::ObjectId> {
    gix::ObjectId::try_from(id.bytes()).ok()
}
