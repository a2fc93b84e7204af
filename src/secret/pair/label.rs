//! What a half is called, as far as it tells which others it belongs to: of `prod.aws.accessKey` and `PROD_AWS_SECRET_KEY`
//! that is `prod`.

use crate::secret::words::Words;

/// How far in front of a value its name may stand, in bytes.
const REACH: usize = 160;

/// Words that every such name may have.
static COMMON: Words = Words::new(
    "\
    aws amazon amzn access key keys id secret secrets token credential credentials accesskey accesskeyid secretkey secretaccesskey \
    keyid accessid awsaccesskeyid awssecretaccesskey awsaccesskey awssecretkey user username login name password passwd pass pwd \
    public private api s3 s3a s3n fs auth my the set setx env export const let var val def string str static final new get \
    getenv environ setdefault default value data tf basic of",
);

/// Words for where something runs: names that differ in them do not belong together.
static PLACES: Words = Words::new(
    "dev devel development test testing qa uat stage staging stg preprod prod production prd live demo sandbox \
    backup old new primary secondary master source src dest destination target read write reader writer admin",
);

/// The words of the name in front of a value that are not those of any key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label(Vec<String>);

impl Label {
    /// The name of the value that begins at `at`; None where nothing names it.
    pub fn of(bytes: &[u8], at: usize, is_value: impl Fn(&[u8]) -> bool) -> Option<Label> {
        let words = name(bytes, at, is_value)?;
        is_credential(&words).then(|| Label(words.into_iter().filter(|word| !is_common(word)).collect()))
    }

    /// Whether it says more than that it is a key.
    pub fn tells(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the two say that they are of different places, or of different numbers.
    pub fn contradicts(&self, other: &Label) -> bool {
        let places = |label: &Label| -> Vec<String> { label.0.iter().filter(|word| is_place(word)).cloned().collect() };
        let (own, others) = (places(self), places(other));
        !own.is_empty() && !others.is_empty() && own != others
    }
}

/// Whether the name of the value that begins at `at` is that of a secret key, of nobody in particular: `prod.secretKey`, but not
/// `client_secret`.
pub(super) fn is_secret_key(bytes: &[u8], at: usize) -> bool {
    let words = name(bytes, at, |_| false).unwrap_or_default();
    words.iter().any(|word| word.starts_with("secret")) && words.iter().all(|word| is_common(word) || is_place(word))
}

/// The words of the name in front of a value, on its line or the one before.
fn name(bytes: &[u8], at: usize, is_value: impl Fn(&[u8]) -> bool) -> Option<Vec<String>> {
    let before = &bytes[at.saturating_sub(REACH).min(at)..at.min(bytes.len())];
    let mut rest = before;
    let mut lines = 0;
    loop {
        let end = rest.iter().rposition(|byte| is_of_name(*byte))? + 1;
        lines += memchr::memchr_iter(b'\n', &rest[end..]).count();
        if lines > 1 {
            return None;
        }
        let start = rest[..end].iter().rposition(|byte| !is_of_name(*byte)).map_or(0, |at| at + 1);
        let name = &rest[start..end];
        if is_value(name) {
            return None;
        }
        let words = words(name);
        if !words.iter().all(|word| PASSED.contains(&word.as_str())) {
            return Some(words);
        }
        rest = &rest[..start];
    }
}

/// What may stand between a name and its value, and is no name.
const PASSED: &[&str] = &["value", "string", "default", "name", "b", "r", "u", "f", "l", "str", "or", "n", "from", "some"];

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// A place, or a number.
fn is_place(word: &str) -> bool {
    PLACES.has(word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_common(word: &str) -> bool {
    COMMON.has(word) && !PLACES.has(word)
}

fn is_credential(words: &[String]) -> bool {
    words
        .iter()
        .any(|word| ["key", "secret", "access", "id", "token", "credentials", "user", "password"].iter().any(|part| word.contains(part)))
}

/// The words of a name, in lower case: parted by signs, and where a capital follows a small letter.
fn words(name: &[u8]) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = b' ';
    for (at, byte) in name.iter().copied().enumerate() {
        let next_small = name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let begins = byte.is_ascii_uppercase() && (last.is_ascii_lowercase() || last.is_ascii_uppercase() && next_small);
        if !byte.is_ascii_alphanumeric() || begins {
            all.push(String::new());
        }
        if byte.is_ascii_alphanumeric()
            && let Some(word) = all.last_mut()
        {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        last = byte;
    }
    all.retain(|word| !word.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Option<Vec<String>> {
        Label::of(text.as_bytes(), text.len(), |name| name == b"IIII").map(|label| label.0)
    }

    #[test]
    fn what_is_left_of_names() {
        for (text, left) in [
            ("prod.aws.accessKey=", "prod"),
            ("PROD_AWS_SECRET_ACCESS_KEY: '", "prod"),
            ("<name>fs.s3a.bucket.logs.access.key</name>\n  <value>", "bucket logs"),
            ("fs.s3a.bucket.logs.access.key=", "bucket logs"),
            ("\"accessKeyId\": \"", ""),
            ("AWS_ACCESS_KEY_ID_2=", "2"),
            ("- name: BACKUP_AWS_KEY\n  value: ", "backup"),
        ] {
            let words = label(text).map(|words| words.join(" "));
            assert_eq!(words.as_deref(), Some(left), "{text}");
        }
        assert_eq!(label("new BasicAWSCredentials(\"IIII\", \""), None);
        assert_eq!(label("key\n\n\n"), None);
    }

    #[test]
    fn places_and_numbers_contradict() {
        let of = |text: &str| Label::of(text.as_bytes(), text.len(), |_| false).expect("a name");
        assert!(of("prod_access_key=").contradicts(&of("dev_secret_key=")));
        assert!(of("access_key_1=").contradicts(&of("secret_key_2=")));
        assert!(!of("prod_access_key=").contradicts(&of("secret_key=")));
        assert!(!of("s3_prod_key=").contradicts(&of("prodSecret=")));
    }
}
