//! Values that somebody wrote to be replaced: not secrets, whatever their shape.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::entropy::sequential;

/// Words that say so; no vendor's alphabet makes them by chance often (the shortest: once in 80,000 key ids).
const WORDS: &[&[u8]] = &[
    b"EXAMPLE",
    b"PLACEHOLDER",
    b"REPLACE",
    b"CHANGEME",
    b"REDACTED",
    b"DUMMY",
    b"INSERT",
    b"YOURKEY",
    b"YOURSECRET",
    b"YOURACCESS",
    b"YOURTOKEN",
    b"YOURAWS",
    b"SAMPLEKEY",
    b"FAKEKEY",
    b"TESTKEY",
    b"ACCESSKEY",
    b"SECRETKEY",
    b"NOTAREAL",
    b"NOTREAL",
    b"MASKED",
    b"XXXX",
    b"FOOBAR",
];

/// Whether a value says of itself that it is none, or only counts.
#[must_use]
pub fn is_placeholder(value: &[u8]) -> bool {
    static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| parts(WORDS));
    if PARTS.is_match(value) {
        return true;
    }
    value.len() >= 8 && sequential(value) * 2 >= value.len()
}

/// Whole values that a person means to replace, in lower case, and without digits at the end.
const STAND_INS: &str = "\
    admin apikey bar baz blank change changeit changeme change_me changethis default demo dev development disabled dummy empty \
    enabled example false fake foo foobar fixme guest hidden homestead insecure key local localhost masked minio minioadmin mock \
    mypassword mysecret mysql n/a na nil no none null off on pass passw0rd password passwd placeholder postgres postgresql private \
    pwd rabbitmq redacted redis replace replaceme replace_me root sample sandbox secret secretkey supersecret tbd temp test testing \
    testpass testpassword todo token true undefined unset user username value verysecret xxx yes your yourpassword";

/// Words between stand-ins: `my-dev-password`, `the_app_secret`.
const FILLERS: &str = "a api app auth db in jwt my production session super the this very";

/// Parts of values that a person means to replace.
const TELLING: &str = "\
    example placeholder changeme change_me change-me replace_me replace-me replaceme replace_with replace-with your_ your- my_secret \
    my-secret my_password my-password insert_ insert- put_your put-your dummy redacted xxxx **** .... to_be_ to-be- not_a_real \
    not-a-real not_real fake_ fake- _here -here some_ some- generate_ generate- enter_ enter- dev-only django-insecure dev_only";

/// Whole values that stand for none at all, in lower case.
const NOTHING: &str = "\
    blank disabled dummy empty enabled false fixme hidden ignored ignore managed masked mock n/a na nil no none null off on placeholder \
    redacted replace replaced replaceme replace_me tbd todo true undefined unset unused user username value yes";

/// Parts of values that nobody means to be deployed.
const GAPS: &str = "\
    placeholder replace_me replace-me replaceme replace_with replace-with your_ your- insert_ insert- put_your put-your redacted xxxx \
    **** .... to_be_ to-be- not_a_real not-a-real not_real -here _here enter_ enter- generate_ generate- not_used not-used ignored";

/// Whether a value only marks a gap. A password that everybody knows is none: it opens what it was set for.
#[must_use]
pub fn is_gap(value: &str) -> bool {
    static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| parts(GAPS.split(' ')));
    let lower = value.trim().to_ascii_lowercase();
    is_listed(lower.trim_matches(|c: char| !c.is_ascii_alphanumeric()), NOTHING) || PARTS.is_match(&lower)
}

/// Whether a word is one of a list, which has blanks between its words.
#[must_use]
pub fn is_listed(word: &str, list: &str) -> bool {
    let list = list.as_bytes();
    let is_border = |at: Option<usize>| at.and_then(|at| list.get(at)).is_none_or(|byte| *byte == b' ');
    let found = memchr::memmem::find_iter(list, word.as_bytes());
    !word.is_empty() && !word.contains(' ') && found.into_iter().any(|at| is_border(at.checked_sub(1)) && is_border(Some(at + word.len())))
}

/// Looks for several words at once, whatever their case.
pub(super) fn parts<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> AhoCorasick {
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words")
}

/// Whether a setting's value is one to be replaced, or nothing to hide: for files whose keys say what is secret.
#[must_use]
pub fn is_stand_in(value: &str) -> bool {
    static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| parts(TELLING.split(' ')));
    let lower = value.trim().to_ascii_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '#' | '.' | '_' | '-'));
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric()).map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    is_listed(word, STAND_INS)
        || (!parts.is_empty() && parts.iter().all(|part| is_listed(part, STAND_INS) || is_listed(part, FILLERS)))
        || lower == "keyboard cat"
        || distinct.len() <= 3
        || PARTS.is_match(&lower)
        || (lower.len() >= 6 && sequential(lower.as_bytes()) * 4 >= lower.len() * 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_or_says_so_is_a_placeholder() {
        for value in ["AKIAIOSFODNN7EXAMPLE", "AKIAXXXXXXXXXXXXXXXX", "abcdefghijklmnopqrstuvwxyz0123456789ABCD", "YourAwsSecretGoesHere"] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["q8Zr2Lw0VbN5xKt7Yp1MdHc", "hunter2"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn stand_ins_are_whole_words_or_telling_parts() {
        for value in ["changeme", "Password123!", "your_key_here", "xxxxxxxx", "", "  ", "1234567890", "00000000", "sk-xxxxxxxxxxxx"] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in ["hunter2", "correct horse battery", "tr0ub4dor&3", "9f8a7c6d5e", "839201947561"] {
            assert!(!is_stand_in(value), "{value}");
        }
    }
}
