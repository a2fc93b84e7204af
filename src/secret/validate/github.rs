//! GitHub tokens carry a checksum: the last six characters are the CRC32 of the thirty before them, in base62.
//! Source: github.blog, "Behind GitHub's new authentication token formats". Since 2026 installation tokens are JSON web
//! tokens behind the prefix: github.blog/changelog/2026-04-24.

use data_encoding::BASE64URL_NOPAD;

use super::{Candidate, Check};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(super) fn checksum(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Some(body) = value.get(4..).filter(|body| body.len() == 36) else { return Check::Reject };
    let (random, sum) = body.split_at(30);
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word(candidate.after().first()) || sum != base62(crc32fast::hash(random)) { Check::Reject } else { Check::PASS }
}

/// The header of the first token in the value is JSON with an `alg`.
pub(super) fn jwt(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let header = memchr::memmem::find(value, b"eyJ").and_then(|at| value[at..].split(|byte| *byte == b'.').next());
    let decoded = header.and_then(|header| BASE64URL_NOPAD.decode(header).ok());
    let json = decoded.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    if json.is_some_and(|json| json.get("alg").is_some_and(serde_json::Value::is_string)) { Check::PASS } else { Check::Reject }
}

/// Six digits, the highest first.
fn base62(mut number: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The token that secretlint publishes in its own tests.
    #[test]
    fn a_published_token_has_its_checksum() {
        let token = concat!("ghp_wWPw5k4aXcaT4fNP", "0UcnZwJUVFk6LO0pINUx");
        let check = |bytes: &[u8]| checksum(&Candidate { bytes, secret: 0..40 });
        assert_eq!(check(token.as_bytes()), Check::PASS);
        assert_eq!(check(token.replace('k', "K").as_bytes()), Check::Reject);
        assert_eq!(check(format!("{token}x").as_bytes()), Check::Reject);
    }
}
