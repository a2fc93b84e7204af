//! Password files of servers: a hash is guessed at home, as often as somebody likes.

use crate::finding::Finding;
use crate::rule::Rule;
use crate::subject::Subject;

use super::credentials::{Setting, found};

/// How hashes begin: crypt(5), and what the Apache server, LDAP and frameworks know besides. With the least length of what follows.
static KINDS: &[(&str, usize)] = &[
    ("$apr1$", 22),
    ("$1$", 22),
    ("$2a$", 53),
    ("$2b$", 53),
    ("$2y$", 53),
    ("$5$", 43),
    ("$6$", 86),
    ("$7$", 43),
    ("$y$", 43),
    ("$gy$", 43),
    ("$argon2", 40),
    ("$P$", 31),
    ("$H$", 31),
    ("$S$", 52),
    ("pbkdf2_sha256$", 40),
    ("bcrypt_sha256$", 50),
    ("{SHA}", 28),
    ("{SSHA}", 32),
];

/// One finding for a file with at least one hash. A locked account has none: `*`, `!`, `!$6$…`.
pub(super) fn judge(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let real = settings.iter().filter(|setting| bytes.get(setting.value.clone()).is_some_and(is_hash));
    found(rule, fix, real.map(|setting| (setting.key.as_str(), setting.value.clone())).collect(), subject)
}

pub(super) fn is_hash(value: &[u8]) -> bool {
    let of_hash = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'+' | b'$' | b'=' | b',' | b'-' | b'_');
    let body = KINDS.iter().find_map(|(start, least)| value.strip_prefix(start.as_bytes()).filter(|body| body.len() >= *least));
    body.is_some_and(|body| {
        body.iter().all(of_hash) && kinds(body) >= 12 && !body.windows(3).any(|three| three == b"..." || three == b"xxx")
    })
}

/// Different bytes: an example repeats one.
fn kinds(body: &[u8]) -> usize {
    let mut seen = [false; 256];
    body.iter().filter(|byte| !std::mem::replace(&mut seen[usize::from(**byte)], true)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;

    #[test]
    fn hashes_and_what_is_none() {
        for template in
            ["$6$salt$q{alnum-85}", "$apr1$a1b2c3d4$q{alnum-21}", "$2y$05$q{alnum-52}", "{SHA}{alnum-27}=", "$y$j9T$salt$q{alnum-42}"]
        {
            let hash = expand(template, 7).expect("generators are known");
            assert!(is_hash(hash.as_bytes()), "{hash}");
            assert!(!is_hash(format!("!{hash}").as_bytes()), "locked");
        }
        for value in ["*", "!", "!!", "x", "", "$6$", "$6$rounds=5000$salt$...", "$1$xxxxxxxx$xxxxxxxxxxxxxxxxxxxxxx", "{SHA}"] {
            assert!(!is_hash(value.as_bytes()), "{value}");
        }
    }
}
