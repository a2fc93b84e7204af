//! A git bundle in memory: a list of refs with a pack behind it that has no index. Each object is decoded once, from the
//! roots of the forest of differences. <https://git-scm.com/docs/gitformat-bundle>

use std::collections::HashMap;

use gix::odb::pack::data::entry::Header;

use super::delta;
use super::entry::{Mode, TreeEntries};
use super::pack::Kind;
use super::repository::MAX_OBJECT;

/// Something in a bundle.
pub enum Part<'a> {
    /// A file, or what a commit or a tag says, called by its id.
    Object { path: &'a [u8], bytes: &'a [u8] },
    /// An object that is stored as a difference from one that is not here.
    Missing,
}

/// The entries of a bundle's pack.
pub struct Bundle<'a> {
    pack: &'a [u8],
    hash: gix::hash::Kind,
    entries: Vec<Entry>,
}

struct Entry {
    kind: Option<Kind>,
    /// The difference of another entry, by its number or by the id of its object.
    base: Option<Base>,
    data: usize,
    size: usize,
}

enum Base {
    Entry(usize),
    Object(gix::ObjectId),
}

/// Takes bytes that are to be unpacked from a budget. False where there are not that many left.
pub type Take<'t> = &'t dyn Fn(u64) -> bool;

const SPENT: &str = "the limit of a container is met";

impl<'a> Bundle<'a> {
    /// Reads the header of every entry, which takes unpacking all of them once.
    ///
    /// # Errors
    /// Where it is no bundle, or a damaged one.
    pub fn open(bytes: &'a [u8], take: Take<'_>) -> Result<Bundle<'a>, String> {
        let (pack, hash) = pack(bytes).ok_or("no pack behind its refs")?;
        let count = pack.get(8..12).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes).ok_or("a pack without a header")?;
        let mut entries = Vec::new();
        let mut at_offset = HashMap::new();
        let (mut inflate, mut out) = (gix::zlib::Inflate::default(), Vec::new());
        let mut at = 12;
        for number in 0..count as usize {
            let rest = pack.get(at..).filter(|rest| rest.len() > hash.len_in_bytes()).ok_or("a pack that is cut")?;
            let entry = gix::odb::pack::data::Entry::from_bytes(rest, at as u64, hash).map_err(|error| error.to_string())?;
            let data = usize::try_from(entry.data_offset).map_err(|error| error.to_string())?;
            let size = size(entry.decompressed_size, pack.len().saturating_sub(data))?;
            if !take(size as u64) {
                return Err(SPENT.to_owned());
            }
            let (kind, base) = match entry.header {
                Header::Blob => (Some(Kind::Blob), None),
                Header::Tree => (Some(Kind::Tree), None),
                Header::Commit => (Some(Kind::Commit), None),
                Header::Tag => (Some(Kind::Tag), None),
                Header::OfsDelta { base_distance } => {
                    let offset = entry.checked_base_pack_offset(base_distance);
                    (None, offset.and_then(|offset| at_offset.get(&offset).copied()).map(Base::Entry))
                }
                Header::RefDelta { base_id } => (None, Some(Base::Object(base_id))),
            };
            out.clear();
            // One byte more, so that the end of the stream is read as well.
            out.resize(size + 1, 0);
            inflate.reset();
            let (_, read, _) = inflate.once(pack.get(data..).unwrap_or_default(), &mut out).map_err(|error| error.to_string())?;
            at_offset.insert(at as u64, number);
            entries.push(Entry { kind, base, data, size });
            at = data + read;
        }
        Ok(Bundle { pack, hash, entries })
    }

    /// Shows every object that is a file, a commit or a tag, files after the trees that name them. Ends early where `see`
    /// says so.
    ///
    /// # Errors
    /// Where an entry cannot be unpacked.
    pub fn parts(&self, take: Take<'_>, see: &mut dyn FnMut(Part<'_>) -> bool) -> Result<(), String> {
        let mut names = Names::default();
        let mut walk =
            Walk { bundle: self, take, ids: HashMap::new(), children: self.children(), is_done: vec![false; self.entries.len()] };
        // What is stored as a difference by its base's id hangs on no entry until that id is known.
        walk.all(
            &mut |kind, id, bytes| {
                match kind {
                    Kind::Tree => names.tree(id, bytes, self.hash.len_in_bytes()),
                    Kind::Commit => names.commit(bytes),
                    Kind::Blob | Kind::Tag => {}
                }
                true
            },
            false,
        )?;
        names.resolve();
        walk.is_done.fill(false);
        walk.all(
            &mut |kind, id, bytes| match kind {
                Kind::Tree => true,
                Kind::Blob => see(Part::Object { path: names.of(id).unwrap_or(id.to_string().as_bytes()), bytes }),
                Kind::Commit | Kind::Tag => see(Part::Object { path: id.to_string().as_bytes(), bytes }),
            },
            true,
        )?;
        for _ in walk.is_done.iter().filter(|done| !**done) {
            if !see(Part::Missing) {
                break;
            }
        }
        Ok(())
    }

    /// The entries that are differences from each entry.
    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.entries.len()];
        for (number, entry) in self.entries.iter().enumerate() {
            if let Some(Base::Entry(base)) = entry.base {
                children[base].push(number);
            }
        }
        children
    }

    fn unpack(&self, number: usize, inflate: &mut gix::zlib::Inflate) -> Result<Vec<u8>, String> {
        let entry = &self.entries[number];
        let mut out = vec![0; entry.size];
        inflate.reset();
        inflate.once(&self.pack[entry.data..], &mut out).map_err(|error| error.to_string())?;
        Ok(out)
    }
}

/// The pack of a bundle, and what its objects are called by.
fn pack(bytes: &[u8]) -> Option<(&[u8], gix::hash::Kind)> {
    let head = bytes.len().min(MAX_REFS);
    let end = if bytes.starts_with(b"# v") { memchr::memmem::find(&bytes[..head], b"\n\n")? + 2 } else { return None };
    let is_sha256 = memchr::memmem::find(&bytes[..end], b"\n@object-format=sha256\n").is_some();
    let hash = if is_sha256 { gix::hash::Kind::Sha256 } else { gix::hash::Kind::Sha1 };
    bytes.get(end..).filter(|pack| pack.starts_with(b"PACK")).map(|pack| (pack, hash))
}

/// Bytes of a bundle's list of refs that are looked through.
const MAX_REFS: usize = 16 << 20;

/// Deflate packs at most 1,032 bytes into one: a header that says more lies, and gets no memory.
fn size(told: u64, stored: usize) -> Result<usize, String> {
    let is_possible = told <= MAX_OBJECT && told <= (stored as u64).saturating_mul(1032);
    usize::try_from(told).ok().filter(|_| is_possible).ok_or_else(|| format!("an entry says that it is {told} bytes long"))
}

type See<'s> = &'s mut dyn FnMut(Kind, gix::ObjectId, &[u8]) -> bool;

struct Walk<'b, 'a> {
    bundle: &'b Bundle<'a>,
    take: Take<'b>,
    /// Entries by the ids of their objects, as far as these are known.
    ids: HashMap<gix::ObjectId, usize>,
    children: Vec<Vec<usize>>,
    is_done: Vec<bool>,
}

/// Bytes of bases that are held at a time.
const MAX_BASES: usize = 128 << 20;

impl Walk<'_, '_> {
    /// Every object with its id; without `all`, only what hangs on no file.
    fn all(&mut self, see: See<'_>, all: bool) -> Result<(), String> {
        let roots: Vec<usize> = (0..self.bundle.entries.len()).filter(|number| self.bundle.entries[*number].kind.is_some()).collect();
        for root in roots {
            let kind = self.bundle.entries[root].kind;
            if !all && kind == Some(Kind::Blob) {
                continue;
            }
            if !self.below(root, kind.unwrap_or(Kind::Blob), see)? {
                return Ok(());
            }
        }
        // A base that is named by its id may come after what hangs on it.
        let mut before = None;
        loop {
            let waiting: Vec<(usize, usize)> = (0..self.bundle.entries.len())
                .filter(|number| !self.is_done[*number])
                .filter_map(|number| match self.bundle.entries[number].base {
                    Some(Base::Object(id)) => Some((number, *self.ids.get(&id)?)),
                    _ => None,
                })
                .collect();
            let known: Vec<usize> = waiting.iter().map(|(_, base)| *base).collect();
            // Those that hang on files are left where files are not asked for.
            let done = self.is_done.iter().filter(|done| **done).count();
            if waiting.is_empty() || before == Some(done) {
                return Ok(());
            }
            before = Some(done);
            for (number, base) in waiting {
                self.children[base].push(number);
            }
            for base in known {
                if !self.again(base, see, all)? {
                    return Ok(());
                }
            }
        }
    }

    /// The children of an entry that was walked before they were known.
    fn again(&mut self, number: usize, see: See<'_>, all: bool) -> Result<bool, String> {
        let mut root = number;
        while let Some(Base::Entry(base)) = self.bundle.entries[root].base {
            root = base;
        }
        let Some(kind) = self.bundle.entries[root].kind else { return Ok(true) };
        if !all && kind == Kind::Blob { Ok(true) } else { self.below(root, kind, see) }
    }

    /// An entry and all differences from it, each shown once.
    fn below(&mut self, root: usize, kind: Kind, see: See<'_>) -> Result<bool, String> {
        let (mut inflate, mut delta) = (gix::zlib::Inflate::default(), Vec::new());
        let mut held = 0;
        let mut stack: Vec<(Vec<u8>, usize, usize)> = Vec::new();
        let mut next = Some((root, self.bundle.unpack(root, &mut inflate)?));
        loop {
            if let Some((number, object)) = next.take() {
                held += object.len();
                if held > MAX_BASES {
                    return Err("objects that hang on each other are too large".to_owned());
                }
                if !std::mem::replace(&mut self.is_done[number], true) {
                    let name = match kind {
                        Kind::Blob => gix::objs::Kind::Blob,
                        Kind::Tree => gix::objs::Kind::Tree,
                        Kind::Commit => gix::objs::Kind::Commit,
                        Kind::Tag => gix::objs::Kind::Tag,
                    };
                    let id = gix::objs::compute_hash(self.bundle.hash, name, &object).map_err(|error| error.to_string())?;
                    self.ids.insert(id, number);
                    if !see(kind, id, &object) {
                        return Ok(false);
                    }
                }
                stack.push((object, number, 0));
            }
            let Some((object, number, at)) = stack.last_mut() else { return Ok(true) };
            let Some(child) = self.children[*number].get(*at).copied() else {
                held -= object.len();
                stack.pop();
                continue;
            };
            *at += 1;
            delta.clear();
            delta.extend(self.bundle.unpack(child, &mut inflate)?);
            let mut out = Vec::new();
            delta::apply(object, &delta, &mut out, &mut Vec::new())?;
            if !(self.take)(out.len() as u64) {
                return Err(SPENT.to_owned());
            }
            next = Some((child, out));
        }
    }
}

/// The paths of files, by the trees of commits.
#[derive(Default)]
struct Names {
    roots: Vec<gix::ObjectId>,
    trees: HashMap<gix::ObjectId, Vec<(Mode, Vec<u8>, gix::ObjectId)>>,
    paths: HashMap<gix::ObjectId, Vec<u8>>,
}

impl Names {
    fn tree(&mut self, id: gix::ObjectId, bytes: &[u8], id_len: usize) {
        let entries = TreeEntries::new(bytes, id_len).map_while(Result::ok);
        let owned = entries.filter_map(|entry| Some((entry.mode, entry.name.to_vec(), gix::ObjectId::try_from(entry.id).ok()?)));
        self.trees.insert(id, owned.collect());
    }

    fn commit(&mut self, bytes: &[u8]) {
        let tree = bytes.strip_prefix(b"tree ").and_then(|rest| rest.split(|byte| *byte == b'\n').next());
        self.roots.extend(tree.and_then(|hex| gix::ObjectId::from_hex(hex).ok()));
    }

    /// Each tree is gone through once, below the first path that it is found at.
    fn resolve(&mut self) {
        let mut left: Vec<(gix::ObjectId, Vec<u8>)> = self.roots.drain(..).map(|root| (root, Vec::new())).collect();
        while let Some((tree, path)) = left.pop() {
            for (mode, name, id) in self.trees.remove(&tree).unwrap_or_default() {
                let path = if path.is_empty() { name } else { [path.as_slice(), b"/", &name].concat() };
                if mode == Mode::Tree && path.len() < MAX_PATH {
                    left.push((id, path));
                } else if mode.is_blob() {
                    self.paths.entry(id).or_insert(path);
                }
            }
        }
    }

    fn of(&self, id: gix::ObjectId) -> Option<&[u8]> {
        self.paths.get(&id).map(Vec::as_slice)
    }
}

/// Bytes of a path of folders in each other.
const MAX_PATH: usize = 4096;
