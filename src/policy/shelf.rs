//! The files of a repository as rules ask of them: `path name size content tracked ignored served`, each looked up only when an answer
//! hangs on it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::path_glob::PathGlob;
use super::serves::handed_out::{self, Servers};
use crate::base::ids::UnknownId;
use crate::base::span::{FileId, Span};
use crate::base::text_map::Text;
use crate::base::truth::Why;
use crate::iac::value::{Entry, MAX_WEIGHT};
use crate::iac::{Reason, Unknowns, Value};
use crate::input::{EntryKind, InputPath, ReadError, Tree};
use crate::syntax::encoding;

/// What a rule may ask of a file.
pub(super) const ATTRIBUTES: [&str; 7] = ["path", "name", "size", "content", "tracked", "ignored", "served"];

/// Bytes of the largest content that rules look at: more is no value.
const MAX_CONTENT: u64 = MAX_WEIGHT as u64 * 16;
/// Bytes that all questions about one repository read.
const MAX_READ: u64 = 2 << 30;
/// Files of one repository that a set may hold.
const MAX_FILES: usize = 1_000_000;
/// Bytes in which a zero says that a file is no text.
const BEGINNING: usize = 8 << 10;

/// The files below one scanned root.
pub struct Repository<'r> {
    pub(super) tree: &'r dyn Tree,
    /// What their paths begin with: `""`, `infra/`.
    pub(super) root: Vec<u8>,
    all: All<'r>,
    git: &'r dyn Git,
    pub(super) unknowns: Unknowns,
    sets: RefCell<BTreeMap<Box<str>, Rc<Found>>>,
    servers: OnceCell<Servers>,
    read: Cell<u64>,
    lazy: Lazy,
}

/// A file that a source met, and its length where that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met {
    pub path: InputPath,
    pub size: Option<u64>,
}

/// Which files there are.
#[derive(Clone, Copy)]
pub enum All<'r> {
    /// These, sorted by path.
    Known(&'r [Met]),
    /// Those of the tree.
    InTree,
    /// Nobody knows: a file was named, and no folder.
    Unknown,
}

/// What git knows of a file. None where nobody can tell.
pub trait Git {
    fn is_tracked(&self, path: &InputPath) -> Option<bool>;
    fn is_ignored(&self, path: &InputPath) -> Option<bool>;
}

/// The files of a set, and why there may be more.
pub(super) struct Found {
    pub all: Vec<Met>,
    pub more: Option<Why>,
}

/// What stands for an attribute that nobody has looked up yet.
struct Lazy {
    size: UnknownId,
    tracked: UnknownId,
    ignored: UnknownId,
    served: UnknownId,
    content: UnknownId,
}

/// What of a file was looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub size: bool,
    pub tracked: bool,
    pub ignored: bool,
    pub served: bool,
    pub content: bool,
}

impl<'r> Repository<'r> {
    #[must_use]
    pub fn new(tree: &'r dyn Tree, root: Vec<u8>, all: All<'r>, git: &'r dyn Git) -> Self {
        let unknowns = Unknowns::default();
        let of = |what: &str| unknowns.intern(Reason::Expression(what.into()));
        let lazy = Lazy {
            size: of("its size"),
            tracked: of("whether git tracks it"),
            ignored: of("whether git ignores it"),
            served: of("what hands it out"),
            content: of("its content"),
        };
        Repository { tree, root, all, git, unknowns, sets: RefCell::default(), servers: OnceCell::new(), read: Cell::new(0), lazy }
    }

    /// The path of a file from the root.
    pub(super) fn below<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        path.strip_prefix(self.root.as_slice()).unwrap_or(path)
    }

    /// The files that a glob means, in the order of their paths.
    pub(super) fn set(&self, glob: &PathGlob) -> Rc<Found> {
        if let Some(known) = self.sets.borrow().get(&glob.text) {
            return known.clone();
        }
        let found = Rc::new(match self.all {
            All::Known(all) => {
                let from = all.partition_point(|met| met.path.bytes() < self.root.as_slice());
                let own = all[from..].iter().take_while(|met| met.path.bytes().starts_with(&self.root));
                Found { all: own.filter(|met| glob.matches(self.below(met.path.bytes()))).cloned().collect(), more: None }
            }
            All::InTree => self.in_tree(glob),
            All::Unknown => Found { all: Vec::new(), more: Some(Why::Open) },
        });
        self.sets.borrow_mut().insert(glob.text.clone(), found.clone());
        found
    }

    fn in_tree(&self, glob: &PathGlob) -> Found {
        let (mut found, mut looked_at) = (Found { all: Vec::new(), more: None }, 0);
        let mut left = vec![self.root.strip_suffix(b"/").unwrap_or(&self.root).to_vec()];
        while let Some(folder) = left.pop() {
            let entries = match self.tree.list(&folder) {
                Ok(entries) => entries,
                Err(ReadError::Missing) => continue,
                Err(_) => {
                    found.more = Some(Why::Open);
                    continue;
                }
            };
            looked_at += entries.len();
            if looked_at > MAX_FILES {
                found.more = Some(Why::Budget);
                break;
            }
            for entry in entries {
                let below = self.below(entry.path.bytes());
                match entry.kind {
                    EntryKind::File if glob.matches(below) => found.all.push(Met { path: entry.path, size: None }),
                    EntryKind::Folder if glob.may_lie_in(&[below, b"/"].concat()) => left.push(entry.path.bytes().to_vec()),
                    _ => {}
                }
            }
        }
        found.all.sort();
        found
    }

    /// Asks a question of a file, first of its name alone, then of whatever else the answer hangs on.
    pub(super) fn ask<A>(&self, file: &Met, why: impl Fn(&A) -> Option<Why>, mut ask: impl FnMut(&Value) -> A) -> (A, Known) {
        let mut known = Known::default();
        loop {
            let answer = ask(&self.value(file, known));
            match self.needed(why(&answer), known) {
                Some(more) => known = more,
                None => return (answer, known),
            }
        }
    }

    /// What is to be looked up for an answer that is not known yet; None where that is not the reason.
    pub(super) fn needed(&self, why: Option<Why>, known: Known) -> Option<Known> {
        let Some(Why::Value(id)) = why else { return None };
        let more = Known {
            size: known.size || id == self.lazy.size,
            tracked: known.tracked || id == self.lazy.tracked,
            ignored: known.ignored || id == self.lazy.ignored,
            served: known.served || id == self.lazy.served,
            content: known.content || id == self.lazy.content,
        };
        (more != known).then_some(more)
    }

    /// A file as a value.
    pub(super) fn value(&self, file: &Met, known: Known) -> Value {
        let place = nowhere();
        let below = self.below(file.path.bytes());
        let name = memchr::memrchr(b'/', below).map_or(below, |at| &below[at + 1..]);
        let text = |bytes: &[u8]| Value::text(Text::within(bytes, place), place);
        let lazy = |id: UnknownId| Value::unknown(id, place);
        #[expect(clippy::cast_precision_loss, reason = "no file is so large that its last bytes matter")]
        let size = |size: u64| Value::number(size as f64, place);
        let attribute = |key: &str, value| Entry { key: key.into(), key_place: place, value };
        let size = match file.size {
            Some(known) => size(known),
            None if !known.size => lazy(self.lazy.size),
            None => self.tree.size(file.path.bytes()).map_or_else(|error| self.refused("size", &error), size),
        };
        let told = |is: Option<bool>, id: UnknownId| is.map_or(lazy(id), |is| Value::bool(is, place));
        let tracked = told(known.tracked.then(|| self.git.is_tracked(&file.path)).flatten(), self.lazy.tracked);
        let ignored = told(known.ignored.then(|| self.git.is_ignored(&file.path)).flatten(), self.lazy.ignored);
        let content = if known.content { self.content(file) } else { lazy(self.lazy.content) };
        let served = if known.served { self.served(below) } else { lazy(self.lazy.served) };
        let entries = vec![
            attribute("path", text(below)),
            attribute("name", text(name)),
            attribute("size", size),
            attribute("tracked", tracked),
            attribute("ignored", ignored),
            attribute("served", served),
            attribute("content", content),
        ];
        Value::map(entries, false, place)
    }

    /// The file of the repository by which another is handed out; nothing where none is known to do so.
    fn served(&self, below: &[u8]) -> Value {
        let servers = self.servers.get_or_init(|| {
            let mut servers = Servers::default();
            let Ok(glob) = PathGlob::parse(handed_out::FILES, 0) else { return servers };
            for file in self.set(&glob).all.iter().take(handed_out::MAX_FILES) {
                let size = file.size.map_or_else(|| self.tree.size(file.path.bytes()), Ok);
                if !size.is_ok_and(|size| size <= handed_out::MAX_SIZE) {
                    continue;
                }
                let Ok(bytes) = self.tree.read(file.path.bytes()) else { continue };
                let path = String::from_utf8_lossy(self.below(file.path.bytes())).into_owned();
                servers.add(&path, &String::from_utf8_lossy(&bytes));
            }
            servers.joined()
        });
        let by = servers.hands_out(&String::from_utf8_lossy(below));
        by.map_or(Value::null(nowhere()), |by| Value::text(Text::within(by.as_bytes(), nowhere()), nowhere()))
    }

    /// What stands in a file, as text; nothing where it is no text.
    fn content(&self, file: &Met) -> Value {
        let unknown = |reason| Value::unknown(self.unknowns.intern(reason), nowhere());
        let size = file.size.map_or_else(|| self.tree.size(file.path.bytes()), Ok);
        match size {
            Ok(size) if size > MAX_CONTENT => {
                return unknown(Reason::Expression(format!("its content, which is larger than {} MiB", MAX_CONTENT >> 20).into()));
            }
            Ok(size) if self.read.get().saturating_add(size) > MAX_READ => return Value::unknown(Unknowns::BUDGET, nowhere()),
            Ok(size) => self.read.set(self.read.get() + size),
            Err(error) => return self.refused("content", &error),
        }
        match self.tree.read(file.path.bytes()) {
            Ok(bytes) => text_of(&bytes).map_or(Value::null(nowhere()), |text| Value::text(text, nowhere())),
            Err(error) => self.refused("content", &error),
        }
    }

    fn refused(&self, what: &str, error: &ReadError) -> Value {
        Value::unknown(self.unknowns.intern(Reason::Expression(format!("its {what}: {error}").into())), nowhere())
    }
}

/// The bytes of a file as text with its places; None where they are none.
pub(super) fn text_of(bytes: &[u8]) -> Option<Text> {
    if let Some(encoding) = encoding::detect(bytes) {
        return Some(encoding::decode_as(encoding, bytes, nowhere().file));
    }
    let is_text = memchr::memchr(0, &bytes[..bytes.len().min(BEGINNING)]).is_none();
    is_text.then(|| Text::exact(bytes, Span::new(nowhere().file, 0..crate::base::span::offset(bytes.len()))))
}

/// Values of files are told by their paths: they stand in no input until there is a finding.
pub(super) fn nowhere() -> Span {
    Span::new(FileId(0), 0..0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(Option<bool>);

    impl Git for Always {
        fn is_tracked(&self, _: &InputPath) -> Option<bool> {
            self.0
        }

        fn is_ignored(&self, _: &InputPath) -> Option<bool> {
            self.0
        }
    }
    use crate::iac::{Memory, Node};

    fn names(found: &Found) -> Vec<String> {
        found.all.iter().map(|met| met.path.to_string()).collect()
    }

    #[test]
    fn a_set_is_the_same_from_a_list_and_from_a_tree() {
        let tree = Memory::of([("docs/CODEOWNERS", ""), ("a/b/c.tf", "x"), ("main.tf", ""), ("infra/a/c.tf", ""), ("infra2/c.tf", "")]);
        let mut all: Vec<Met> = ["docs/CODEOWNERS", "a/b/c.tf", "main.tf", "infra/a/c.tf", "infra2/c.tf"]
            .map(|path| Met { path: InputPath::new(path.as_bytes()), size: None })
            .into();
        all.sort();
        let tracked = Always(None);
        for glob in ["{.github/,docs/,}CODEOWNERS", "**/*.tf", "*.tf", "a/*/*", "none", "a/**"] {
            let glob = PathGlob::parse(glob, 0).expect("a glob");
            for root in ["", "infra/"] {
                let of = |all| names(&Repository::new(&tree, root.as_bytes().to_vec(), all, &tracked).set(&glob));
                assert_eq!(of(All::Known(&all)), of(All::InTree), "{} in {root}", glob.text);
            }
        }
        let below = Repository::new(&tree, b"infra/".to_vec(), All::InTree, &tracked);
        assert_eq!(names(&below.set(&PathGlob::parse("a/*.tf", 0).expect("a glob"))), ["infra/a/c.tf"]);
        let nobody = Repository::new(&tree, Vec::new(), All::Unknown, &tracked);
        assert_eq!(nobody.set(&PathGlob::parse("**", 0).expect("a glob")).more, Some(Why::Open));
    }

    #[test]
    fn bytes_are_text_or_nothing() {
        assert!(text_of(b"\x89PNG\0\0").is_none());
        assert_eq!(text_of(b"\xff\xfea\0b\0").expect("text").to_str(), "ab");
        assert_eq!(text_of(b"a\xffb").expect("text of whatever encoding").len(), 3);
        let tree = Memory::of([("a.bin", "\0\0"), ("a.txt", "hello")]);
        let tracked = Always(Some(true));
        let files = Repository::new(&tree, Vec::new(), All::InTree, &tracked);
        let content = |path: &str| {
            let met = Met { path: InputPath::new(path.as_bytes()), size: None };
            files.content(&met).node
        };
        assert!(matches!(content("a.bin"), Node::Null) && matches!(content("a.txt"), Node::Text(_)));
        assert!(matches!(content("none"), Node::Unknown(_)));
    }
}
