//! Every object of a database, reachable or not, each once: all packs, all loose files, all alternates.
//!
//! A walk goes through the forest of deltas from its roots with the base at hand, so that each object is decoded once. An
//! object that cannot be decoded is looked for in other packs and among loose files; if nobody has it, the walk says so and
//! goes on. Ids are not checked against contents: git itself does that in `git fsck` only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::error::GitError;
use super::pack::{Decoder, NONE, Pack};
use super::repository::{MAX_OBJECT, Repository};
use super::{id_of, oid_of};
use crate::input::{Carry, Made, ObjectId};

pub use super::pack::Kind;

/// A decoded object.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Below [`Objects::len`]; stays the same for an object while the database is open.
    pub number: u32,
    pub id: ObjectId,
    pub kind: Kind,
    pub bytes: &'a [u8],
    /// Another object that this one is stored as a difference from: its number and bytes. It is walked too.
    pub base: Option<(u32, &'a [u8])>,
    /// What this one has from there, where the visitor left something for those that are made of it.
    pub made: Option<Made<'a>>,
}

/// What a walk says of an object.
#[derive(Debug)]
pub enum Step<'a> {
    Object(Found<'a>),
    Failed {
        number: u32,
        id: ObjectId,
        /// None where not even that can be told.
        kind: Option<Kind>,
        message: String,
    },
}

/// One thread's end of a walk.
pub trait Visitor {
    /// What a thread brings home.
    type Harvest: Send;

    fn step(&mut self, step: Step<'_>);

    /// What the last step leaves for the objects that are made of its own.
    fn carry(&mut self) -> Option<Carry> {
        None
    }

    fn finish(self) -> Self::Harvest;
}

/// Part of the database that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From the folder of objects: `pack/pack-….idx`.
    pub path: String,
    pub message: String,
}

/// A set of numbers of objects.
#[derive(Clone, Debug, Default)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    pub fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.0).flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }
}

impl Extend<u32> for Numbers {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, numbers: I) {
        for number in numbers {
            self.insert(number);
        }
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut all = Numbers::default();
        all.extend(numbers);
        all
    }
}

/// The opened database.
pub struct Objects {
    hash: gix::hash::Kind,
    pub(super) packs: Vec<Pack>,
    /// The number of each pack's first object, and of the first loose one.
    pub(super) starts: Vec<u32>,
    pub(super) loose_stores: Vec<gix::odb::loose::Store>,
    /// Sorted by id; none that a pack has.
    pub(super) loose: Vec<(ObjectId, u32)>,
    /// The kind of each loose object, once it was looked at.
    loose_kinds: Vec<AtomicU8>,
    faults: Vec<Fault>,
    /// Bytes of bases that are held while what hangs on them is walked, over all threads.
    held: usize,
}

/// The same where nobody said.
const HELD: usize = 1 << 30;

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Objects: {} in {} packs, {} loose", self.len(), self.packs.len(), self.loose.len())
    }
}

impl Objects {
    /// Opens every pack and lists every loose object.
    ///
    /// # Errors
    /// Where the list of alternates cannot be followed. A pack that cannot be opened is a [`Fault`] instead.
    pub fn open(repository: &Arc<Repository>) -> Result<Self, GitError> {
        let hash = repository.hash();
        let own = repository.common_dir().join("objects");
        let here = std::env::current_dir().map_err(|e| GitError::unreadable("the current folder", e))?;
        let others = gix::odb::alternate::resolve(own.clone(), &here).map_err(|e| GitError::unreadable("the list of alternates", e))?;
        let (mut packs, mut faults, mut loose_stores, mut loose) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut folders = vec![own];
        folders.extend(others);
        for folder in folders {
            if !folder.is_dir() {
                faults.push(Fault { path: folder.display().to_string(), message: "this folder of objects is not there".into() });
                continue;
            }
            open_packs(&folder.join("pack"), hash, &mut packs, &mut faults);
            let store = u32::try_from(loose_stores.len()).unwrap_or(NONE);
            loose.extend(loose_ids(&folder, hash, &mut faults).into_iter().map(|id| (id, store)));
            let options = gix::odb::loose::Options { alloc_limit_bytes: usize::try_from(MAX_OBJECT).ok(), ..Default::default() };
            loose_stores.push(gix::odb::loose::Store::at_opts(folder, hash, options));
        }
        loose.sort_unstable();
        loose.dedup_by_key(|(id, _)| *id);
        loose.retain(|(id, _)| oid_of(*id).is_some_and(|oid| packs.iter().all(|pack: &Pack| pack.place(&oid).is_none())));
        let mut starts = vec![0u32];
        for pack in &packs {
            starts.push(starts.last().copied().unwrap_or(0).saturating_add(pack.len()));
        }
        let loose_kinds = loose.iter().map(|_| AtomicU8::new(0)).collect();
        Ok(Objects { hash, packs, starts, loose_stores, loose, loose_kinds, faults, held: HELD })
    }

    /// The same with another bound on what is held: chains are decoded anew where it is met.
    #[must_use]
    pub fn holding(self, bytes: usize) -> Self {
        Objects { held: bytes, ..self }
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// What could not be opened.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// One more than the largest number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first_loose() as usize + self.loose.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of an id.
    #[must_use]
    pub fn id_len(&self) -> usize {
        self.hash.len_in_bytes()
    }

    /// The kind of a loose object, if it was looked at before.
    pub(super) fn loose_kind(&self, at: usize) -> Option<Kind> {
        let stored = self.loose_kinds.get(at)?.load(Ordering::Relaxed);
        [Kind::Blob, Kind::Tree, Kind::Commit, Kind::Tag].into_iter().find(|kind| 1 + *kind as u8 == stored)
    }

    pub(super) fn remember_loose_kind(&self, at: usize, kind: Kind) {
        if let Some(slot) = self.loose_kinds.get(at) {
            slot.store(1 + kind as u8, Ordering::Relaxed);
        }
    }

    pub(super) fn first_loose(&self) -> u32 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The number of an object; None where it is not here.
    #[must_use]
    pub fn number(&self, id: &[u8]) -> Option<u32> {
        let oid = gix::oid::try_from_bytes(id).ok()?;
        for (pack, start) in self.packs.iter().zip(&self.starts) {
            if let Some(place) = pack.place(oid) {
                return Some(start + place);
            }
        }
        let at = self.loose.binary_search_by(|(known, _)| known.bytes().cmp(id)).ok()?;
        Some(self.first_loose() + u32::try_from(at).ok()?)
    }

    /// The id of a number; None where no object has it.
    #[must_use]
    pub fn id(&self, number: u32) -> Option<ObjectId> {
        if let Some(at) = number.checked_sub(self.first_loose()) {
            return self.loose.get(at as usize).map(|(id, _)| *id);
        }
        let pack = self.starts.partition_point(|start| *start <= number).checked_sub(1)?;
        Some(id_of(self.packs.get(pack)?.id_at(number - self.starts.get(pack)?)))
    }

    /// Reads one object, from whoever has it whole.
    ///
    /// # Errors
    /// A message where nobody has.
    pub fn read(&self, id: ObjectId) -> Result<(Kind, Vec<u8>), String> {
        self.read_with(id, None, &mut Decoder::default())
    }

    /// As [`Objects::read`], from all but one pack: where a long chain is broken, each object behind the break would decode
    /// all that stands before it.
    pub(super) fn read_with(&self, id: ObjectId, except: Option<usize>, decoder: &mut Decoder) -> Result<(Kind, Vec<u8>), String> {
        let oid = oid_of(id).ok_or("not an id")?;
        let mut why = String::from("it is not in this repository");
        let mut bytes = Vec::new();
        for (_, pack) in self.packs.iter().enumerate().filter(|(at, _)| Some(*at) != except) {
            let Some(node) = pack.place(&oid).map(|place| pack.node_at(place)) else { continue };
            match (pack.forest.kind.get(node as usize).copied().flatten(), pack.decode_alone(node, decoder, &mut bytes)) {
                (Some(kind), Ok(())) => return Ok((kind, bytes)),
                (_, Err(message)) => why = message,
                (None, Ok(())) => {}
            }
        }
        for store in &self.loose_stores {
            match read_loose(store, &oid, &mut bytes) {
                Ok(Some(kind)) => return Ok((kind, bytes)),
                Ok(None) => {}
                Err(message) => why = message,
            }
        }
        Err(why)
    }
}

pub(super) fn read_loose(store: &gix::odb::loose::Store, id: &gix::oid, bytes: &mut Vec<u8>) -> Result<Option<Kind>, String> {
    let Some((size, _)) = store.try_header(id).map_err(|e| e.to_string())? else { return Ok(None) };
    let hex = id.to_hex().to_string();
    let (folder, name) = hex.split_at(2);
    let stored = fs::metadata(store.path().join(folder).join(name)).map_or(0, |file| file.len());
    // As in a pack: a header that lies gets no memory.
    if size > MAX_OBJECT || size > stored.saturating_mul(1032) {
        return Err(format!("it says that it is {size} bytes long"));
    }
    let found = store.try_find(id, bytes).map_err(|e| e.to_string())?;
    Ok(found.map(|data| match data.kind {
        gix::objs::Kind::Blob => Kind::Blob,
        gix::objs::Kind::Tree => Kind::Tree,
        gix::objs::Kind::Commit => Kind::Commit,
        gix::objs::Kind::Tag => Kind::Tag,
    }))
}

fn open_packs(folder: &Path, hash: gix::hash::Kind, packs: &mut Vec<Pack>, faults: &mut Vec<Fault>) {
    let mut fault = |path: &Path, message: String| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        faults.push(Fault { path: format!("pack/{name}"), message });
    };
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
        Err(e) => return fault(folder, e.to_string()),
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in listed {
        match entry {
            Ok(entry) => files.push(entry.path()),
            Err(e) => fault(folder, e.to_string()),
        }
    }
    files.sort();
    for path in &files {
        let is_pack = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pack-"));
        match path.extension().and_then(|e| e.to_str()) {
            Some("idx") => match Pack::open(path, hash) {
                Ok(pack) => packs.push(pack),
                Err(error) => fault(path, error.to_string()),
            },
            Some("pack") if is_pack && !path.with_extension("idx").exists() => {
                fault(path, "this pack has no index, so nothing in it can be found (`git index-pack` makes one)".into());
            }
            _ => {}
        }
    }
}

fn loose_ids(folder: &Path, hash: gix::hash::Kind, faults: &mut Vec<Fault>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for first in 0..=255u8 {
        let name = format!("{first:02x}");
        let listed = match fs::read_dir(folder.join(&name)) {
            Ok(listed) => listed,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => {
                faults.push(Fault { path: name, message: e.to_string() });
                continue;
            }
        };
        for entry in listed {
            match entry {
                Ok(entry) => {
                    let hex = format!("{name}{}", entry.file_name().to_string_lossy());
                    let id = gix::ObjectId::from_hex(hex.as_bytes()).ok().filter(|id| id.kind() == hash);
                    ids.extend(id.map(|id| id_of(&id)));
                }
                Err(e) => faults.push(Fault { path: name.clone(), message: e.to_string() }),
            }
        }
    }
    ids
}
