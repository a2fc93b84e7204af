//! One pack: which object stands where, and which is stored as a difference from which. Not a cache: callers walk the
//! forest of differences from its roots, or pay for one object at a time.

use std::path::Path;

use gix::odb::pack;

use super::delta;
use super::error::GitError;
use super::repository::MAX_OBJECT;
use crate::input::Copied;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Blob,
    Tree,
    Commit,
    Tag,
}

/// No node.
pub(super) const NONE: u32 = u32::MAX;

pub(super) struct Pack {
    index: pack::index::File,
    data: pack::data::File,
    pub forest: Forest,
}

/// The objects of a pack in the order of their offsets, each a node; an object's base is its parent.
pub(super) struct Forest {
    offsets: Vec<u64>,
    /// The place in the index (which is sorted by id) of each node, and the other way round.
    place: Vec<u32>,
    node: Vec<u32>,
    pub parent: Vec<u32>,
    /// Children of node n: `children[first[n]..first[n + 1]]`.
    first: Vec<u32>,
    children: Vec<u32>,
    /// None where no base at the end of the chain can be reached.
    pub kind: Vec<Option<Kind>>,
}

impl Forest {
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    pub fn children(&self, node: u32) -> &[u32] {
        let at = |n: usize| self.first.get(n).map_or(0, |f| *f as usize);
        self.children.get(at(node as usize)..at(node as usize + 1)).unwrap_or_default()
    }

    pub fn roots(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.parent).zip(&self.kind).filter(|((_, parent), kind)| **parent == NONE && kind.is_some()).map(|((n, _), _)| n)
    }
}

/// Inflates; one for each thread.
#[derive(Default)]
pub(super) struct Decoder {
    inflate: gix::zlib::Inflate,
    delta: Vec<u8>,
    /// What the last object that was made of another one has from there.
    pub copies: Vec<Copied>,
}

impl Pack {
    /// Opens a pack by its `.idx` file, with the `.pack` beside it.
    pub fn open(index: &Path, hash: gix::hash::Kind) -> Result<Self, GitError> {
        let what = || format!("the pack {}", index.file_stem().unwrap_or_default().to_string_lossy());
        let data = pack::data::File::at(index.with_extension("pack"), hash).map_err(|e| GitError::unreadable(what(), e))?;
        let index = pack::index::File::at(index, hash).map_err(|e| GitError::unreadable(what(), e))?;
        let forest = grow(&index, &data);
        Ok(Pack { index, data, forest })
    }

    pub fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// The place of an object in the order of ids.
    pub fn place(&self, id: &gix::oid) -> Option<u32> {
        self.index.lookup(id)
    }

    /// The id at a place below [`Pack::len`].
    pub fn id_at(&self, place: u32) -> &gix::oid {
        self.index.oid_at_index(place)
    }

    pub fn place_of(&self, node: u32) -> u32 {
        self.forest.place.get(node as usize).copied().unwrap_or(NONE)
    }

    pub fn node_at(&self, place: u32) -> u32 {
        self.forest.node.get(place as usize).copied().unwrap_or(NONE)
    }

    /// Inflates what is stored for a node: the object, or its delta.
    fn inflate(&self, node: u32, inflate: &mut gix::zlib::Inflate, out: &mut Vec<u8>) -> Result<(), String> {
        let offset = self.forest.offsets.get(node as usize).copied().ok_or("no such object")?;
        let entry = self.data.entry(offset).map_err(|e| e.to_string())?;
        let size = entry.decompressed_size;
        // Deflate packs at most 1,032 bytes into one: a header that says more lies, and gets no memory.
        let stored = (self.data.data_len() as u64).saturating_sub(entry.data_offset);
        if size > MAX_OBJECT || size > stored.saturating_mul(1032) {
            return Err(format!("it says that it is {size} bytes long"));
        }
        let size = usize::try_from(size).map_err(|e| e.to_string())?;
        out.clear();
        out.try_reserve_exact(size).map_err(|e| e.to_string())?;
        out.resize(size, 0);
        self.data.decompress_entry(&entry, inflate, out).map(|_| ()).map_err(|e| e.to_string())
    }

    /// The object at a node, from its base (None for a root).
    pub fn decode(&self, node: u32, base: Option<&[u8]>, decoder: &mut Decoder, out: &mut Vec<u8>) -> Result<(), String> {
        let Some(base) = base else {
            decoder.copies.clear();
            return self.inflate(node, &mut decoder.inflate, out);
        };
        let mut own = std::mem::take(&mut decoder.delta);
        let done =
            self.inflate(node, &mut decoder.inflate, &mut own).and_then(|()| Ok(delta::apply(base, &own, out, &mut decoder.copies)?));
        decoder.delta = own;
        done
    }

    /// The object at a node, with nothing at hand: the whole chain of bases is decoded.
    pub fn decode_alone(&self, node: u32, decoder: &mut Decoder, out: &mut Vec<u8>) -> Result<(), String> {
        let mut chain = vec![node];
        // A kind is known only where the chain ends.
        if self.forest.kind.get(node as usize).copied().flatten().is_none() {
            return Err("its base is missing".into());
        }
        while let Some(parent) = chain.last().and_then(|n| self.forest.parent.get(*n as usize)).copied().filter(|p| *p != NONE) {
            chain.push(parent);
        }
        let mut base: Option<Vec<u8>> = None;
        let mut next = Vec::new();
        while let Some(node) = chain.pop() {
            self.decode(node, base.as_deref(), decoder, &mut next)?;
            let spare = base.replace(std::mem::take(&mut next)).unwrap_or_default();
            next = spare;
        }
        *out = base.unwrap_or_default();
        Ok(())
    }
}

/// Reads every header once.
fn grow(index: &pack::index::File, data: &pack::data::File) -> Forest {
    use pack::data::entry::Header;

    let mut order: Vec<(u64, u32)> = (0..index.num_objects()).map(|place| (index.pack_offset_at_index(place), place)).collect();
    order.sort_unstable();
    let (offsets, place): (Vec<u64>, Vec<u32>) = order.into_iter().unzip();
    let mut node = vec![NONE; place.len()];
    for (n, place) in (0u32..).zip(&place) {
        if let Some(slot) = node.get_mut(*place as usize) {
            *slot = n;
        }
    }
    let at_offset = |offset: u64| offsets.binary_search(&offset).ok().and_then(|n| u32::try_from(n).ok());
    let mut parent = vec![NONE; place.len()];
    let mut kind = vec![None; place.len()];
    let mut count = vec![0u32; place.len() + 1];
    let mut reached: Vec<u32> = Vec::new();
    for (n, offset) in offsets.iter().enumerate() {
        let Ok(entry) = data.entry(*offset) else { continue };
        let base = match entry.header {
            Header::Blob => Err(Kind::Blob),
            Header::Tree => Err(Kind::Tree),
            Header::Commit => Err(Kind::Commit),
            Header::Tag => Err(Kind::Tag),
            Header::OfsDelta { base_distance } => Ok(entry.checked_base_pack_offset(base_distance).and_then(at_offset)),
            Header::RefDelta { base_id } => Ok(index.lookup(base_id).and_then(|place| node.get(place as usize).copied())),
        };
        match base {
            Err(own) => {
                kind[n] = Some(own);
                reached.extend(u32::try_from(n));
            }
            Ok(Some(base)) => {
                parent[n] = base;
                count[base as usize] += 1;
            }
            Ok(None) => {}
        }
    }
    // Counts become the places where each node's children begin.
    let mut sum = 0;
    for slot in &mut count {
        sum += std::mem::replace(slot, sum);
    }
    let first = count;
    let mut fill = first.clone();
    let mut children = vec![NONE; sum as usize];
    for (n, parent) in (0u32..).zip(&parent).filter(|(_, parent)| **parent != NONE) {
        let slot = &mut fill[*parent as usize];
        children[*slot as usize] = n;
        *slot += 1;
    }
    let mut forest = Forest { offsets, place, node, parent, first, children, kind };
    // What is not reached from a whole object hangs on a missing base, or on itself.
    while let Some(n) = reached.pop() {
        let own = forest.kind[n as usize];
        let range = forest.first[n as usize] as usize..forest.first[n as usize + 1] as usize;
        for child in range {
            let child = forest.children[child];
            forest.kind[child as usize] = own;
            reached.push(child);
        }
    }
    forest
}
