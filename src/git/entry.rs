//! The entries of a tree object, straight from its bytes. Not a check of the tree: a name may be anything but NUL.

use std::cmp::Ordering;

/// What a tree or an index says an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    File,
    /// A symbolic link: a blob that holds the target's path.
    Link,
    Submodule,
    Tree,
}

impl Mode {
    /// From the number that git stores; what git does not know is a file, so that it is looked at.
    #[must_use]
    pub fn from_bits(bits: u32) -> Self {
        match bits & 0o170_000 {
            0o040_000 => Mode::Tree,
            0o120_000 => Mode::Link,
            0o160_000 => Mode::Submodule,
            _ => Mode::File,
        }
    }

    /// True where the id is a blob's.
    #[must_use]
    pub fn is_blob(self) -> bool {
        matches!(self, Mode::File | Mode::Link)
    }
}

/// One line of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry<'a> {
    pub mode: Mode,
    pub name: &'a [u8],
    /// 20 or 32 bytes.
    pub id: &'a [u8],
}

/// Reads a tree from its start, or from any entry's start. An `Err(())` is the last item: the rest makes no sense.
#[derive(Clone, Debug)]
pub struct TreeEntries<'a> {
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> TreeEntries<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8], id_len: usize) -> Self {
        TreeEntries { rest: bytes, id_len }
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Steps over the next entry where it is byte for byte `entry`.
    pub(super) fn skip_same(&mut self, entry: &[u8]) -> bool {
        let same = self.rest.strip_prefix(entry);
        self.rest = same.unwrap_or(self.rest);
        same.is_some()
    }

    fn entry(&mut self) -> Option<TreeEntry<'a>> {
        // Almost always `100644 ` or `40000 `.
        let space = match self.rest {
            [b'1', _, _, _, _, _, b' ', ..] => 6,
            [b'4', _, _, _, _, b' ', ..] => 5,
            rest => rest.iter().take(8).position(|b| *b == b' ')?,
        };
        let (digits, rest) = self.rest.split_at(space);
        let bits = digits.iter().try_fold(0u32, |n, b| matches!(b, b'0'..=b'7').then(|| n << 3 | u32::from(b - b'0')))?;
        let rest = rest.get(1..)?;
        let nul = memchr::memchr(0, rest)?;
        let (name, rest) = rest.split_at(nul);
        let id = rest.get(1..=self.id_len)?;
        self.rest = rest.get(self.id_len + 1..)?;
        Some(TreeEntry { mode: Mode::from_bits(bits), name, id })
    }
}

/// The tree stops making sense here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<'a> Iterator for TreeEntries<'a> {
    type Item = Result<TreeEntry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry().ok_or(Malformed);
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// Git's order of names inside a tree: a folder sorts as if its name ended in `/`, which is the order of full paths.
#[must_use]
pub fn compare(a: &[u8], a_is_folder: bool, b: &[u8], b_is_folder: bool) -> Ordering {
    let common = a.len().min(b.len());
    let (Some(a_head), Some(b_head)) = (a.get(..common), b.get(..common)) else { return a.cmp(b) };
    let after = |name: &[u8], folder: bool| name.get(common).copied().or(folder.then_some(b'/'));
    a_head.cmp(b_head).then_with(|| after(a, a_is_folder).cmp(&after(b, b_is_folder))).then_with(|| a.len().cmp(&b.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mode: &str, name: &str, id: u8) -> Vec<u8> {
        let mut line = format!("{mode} {name}\0").into_bytes();
        line.extend([id; 20]);
        line
    }

    #[test]
    fn a_tree_reads_line_by_line() {
        let tree = [line("100644", "a b", 1), line("40000", "dir", 2), line("120000", "l", 3), line("160000", "s", 4)].concat();
        let modes: Vec<_> = TreeEntries::new(&tree, 20).map(|e| e.expect("sound").mode).collect();
        assert_eq!(modes, [Mode::File, Mode::Tree, Mode::Link, Mode::Submodule]);
        assert_eq!(TreeEntries::new(&tree, 20).next().expect("one").expect("sound").name, b"a b");
    }

    #[test]
    fn a_damaged_tree_ends_with_an_error_once() {
        let mut tree = line("100644", "a", 1);
        tree.extend(b"100644 cut\0short");
        let read: Vec<_> = TreeEntries::new(&tree, 20).collect();
        assert_eq!(read.len(), 2);
        assert!(read[0].is_ok());
        assert_eq!(read[1], Err(Malformed));
    }

    #[test]
    fn folders_sort_as_their_paths_do() {
        assert_eq!(compare(b"a", true, b"a.b", false), Ordering::Greater, "a/x comes after a.b");
        assert_eq!(compare(b"a", false, b"a.b", false), Ordering::Less);
        assert_eq!(compare(b"a", true, b"a", false), Ordering::Greater);
        assert_eq!(compare(b"ab", false, b"ab", false), Ordering::Equal);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_to_the_end(bytes in proptest::collection::vec(0u8..64, 0..200)) {
            proptest::prop_assert!(TreeEntries::new(&bytes, 20).count() <= bytes.len());
        }

        #[test]
        fn the_order_is_that_of_names_with_a_slash(a in "[a.0]{1,3}", b in "[a.0]{1,3}", x: bool, y: bool) {
            let full = |name: &str, folder: bool| format!("{name}{}", if folder { "/" } else { "" });
            proptest::prop_assert_eq!(compare(a.as_bytes(), x, b.as_bytes(), y), full(&a, x).cmp(&full(&b, y)));
        }
    }
}
