//! Which of many patterns may mean a path, told by its name without asking each: a repository has tens of thousands of paths and
//! there are hundreds of names of credential files. Not whether one does: [`Glob::matches`] says that.

use std::collections::HashMap;

use super::glob::Glob;

/// Patterns by what their last part says plainly; each number is the caller's.
#[derive(Default)]
pub struct NameIndex {
    by_name: HashMap<Vec<u8>, Vec<usize>>,
    by_extension: HashMap<Vec<u8>, Vec<usize>>,
    by_beginning: HashMap<[u8; BEGINNING], Vec<usize>>,
    /// Those that say nothing plainly.
    others: Vec<usize>,
}

/// So many first bytes of a name are compared.
const BEGINNING: usize = 3;

impl NameIndex {
    /// Adds a pattern under a number; numbers come in order.
    pub fn add(&mut self, number: usize, glob: &Glob) {
        for pattern in glob.alternatives() {
            let last = pattern.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let is_open = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'{');
            // A double star goes over several parts: the last one of a path says nothing then.
            let spans = last.windows(2).any(|pair| pair == b"**");
            let slots = match (last.iter().position(is_open), last.iter().rposition(is_open)) {
                _ if spans => &mut self.others,
                (None, _) => self.by_name.entry(last.to_vec()).or_default(),
                (_, Some(open)) if last[open..].contains(&b'.') => self.by_extension.entry(extension(last).to_vec()).or_default(),
                (Some(open), _) if open >= BEGINNING => {
                    self.by_beginning.entry(last[..BEGINNING].try_into().expect("so many bytes")).or_default()
                }
                _ => &mut self.others,
            };
            if slots.last() != Some(&number) {
                slots.push(number);
            }
        }
    }

    /// The numbers of patterns that may mean a path, in order.
    #[must_use]
    pub fn candidates(&self, path: &[u8]) -> Vec<usize> {
        let name = path[memchr::memrchr(b'/', path).map_or(0, |at| at + 1)..].to_ascii_lowercase();
        let beginning = name.first_chunk().and_then(|first| self.by_beginning.get(first));
        let lists = [self.by_name.get(&name), self.by_extension.get(extension(&name)), beginning, Some(&self.others)];
        let mut all: Vec<usize> = lists.into_iter().flatten().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// What follows the last dot of a name.
fn extension(name: &[u8]) -> &[u8] {
    memchr::memrchr(b'.', name).map_or(&[], |dot| &name[dot + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(patterns: &[&str]) -> (Vec<Glob>, NameIndex) {
        let globs: Vec<Glob> = patterns.iter().map(|pattern| Glob::new(pattern)).collect();
        let mut index = NameIndex::default();
        globs.iter().enumerate().for_each(|(number, glob)| index.add(number, glob));
        (globs, index)
    }

    #[test]
    fn few_patterns_are_asked() {
        let (_, index) = index(&[".env", ".env.*", "*.{pem,key}", ".aws/credentials", "*secret*", "id_rsa*"]);
        let asked = |path: &str| index.candidates(path.as_bytes());
        assert_eq!(asked("src/main.rs"), [4], "only what is open at both ends");
        assert_eq!(asked("a/.ENV"), [0, 1, 4]);
        assert_eq!(asked("x/server.PEM"), [2, 4]);
        assert_eq!(asked("home/credentials"), [3, 4]);
        assert_eq!(asked("id_rsa_old"), [4, 5]);
    }

    proptest! {
        /// What a pattern means is always asked of it.
        #[test]
        fn nothing_is_lost(patterns in prop::collection::vec("(a|\\.|\\*|\\?|/|aaa){1,7}", 1..6), path in "(a|A|\\.|/|aaa){0,7}") {
            let (globs, index) = index(&patterns.iter().map(String::as_str).collect::<Vec<_>>());
            let candidates = index.candidates(path.as_bytes());
            for (number, glob) in globs.iter().enumerate() {
                prop_assert!(!glob.matches(path.as_bytes()) || candidates.contains(&number), "{:?} {}", patterns, path);
            }
        }
    }
}
