//! Lists of words, as they are written: one text with a blank between two of them.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

/// Words to compare with. What they are asked by is made on the first question.
pub struct Words {
    text: &'static str,
    by_length: OnceLock<Vec<Vec<&'static str>>>,
    within: OnceLock<AhoCorasick>,
}

impl Words {
    /// `text` has one blank between two words, and none elsewhere.
    #[must_use]
    pub const fn new(text: &'static str) -> Words {
        Words { text, by_length: OnceLock::new(), within: OnceLock::new() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split(' ')
    }

    /// Whether a word is one of them.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        let by_length = self.by_length.get_or_init(|| {
            let longest = self.iter().map(str::len).max().unwrap_or(0);
            let mut all = vec![Vec::new(); longest + 1];
            self.iter().for_each(|word| all[word.len()].push(word));
            all
        });
        by_length.get(word.len()).is_some_and(|same| same.contains(&word))
    }

    /// Whether a value begins with one of them.
    #[must_use]
    pub fn begin(&self, value: &str) -> bool {
        self.iter().any(|word| value.starts_with(word))
    }

    /// Whether a value ends with one of them.
    #[must_use]
    pub fn end(&self, value: &str) -> bool {
        self.iter().any(|word| value.ends_with(word))
    }

    /// Whether a value holds one of them, whatever the case of either.
    #[must_use]
    pub fn are_in(&self, value: &[u8]) -> bool {
        let build = || AhoCorasick::builder().ascii_case_insensitive(true).build(self.iter()).expect("a few short words");
        self.within.get_or_init(build).is_match(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_or_where_they_are_asked_for() {
        static LIST: Words = Words::new("ab abc d");
        assert!(LIST.has("ab") && LIST.has("d"));
        assert!(!LIST.has("") && !LIST.has("b") && !LIST.has("ab abc") && !LIST.has("abcd"));
        assert!(LIST.begin("about") && !LIST.begin("bad") && LIST.end("bad") && !LIST.end("bac"));
        assert!(LIST.are_in(b"xxABxx") && !LIST.are_in(b"xyz"));
    }
}
