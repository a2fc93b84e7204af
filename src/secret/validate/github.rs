//! Tokens of GitHub. Since 2026 installation tokens are JSON web tokens behind the prefix:
//! github.blog/changelog/2026-04-24.

use data_encoding::BASE64URL_NOPAD;

use super::base62::is_sealed;
use super::{Candidate, Check, Evidence};
use crate::base::ids::Severity;

/// What each prefix stands for.
const KINDS: [(&[u8], &str); 4] = [
    (b"gho_", "of an OAuth app"),
    (b"ghu_", "of a GitHub App for a user"),
    (b"ghs_", "of a GitHub App, for an hour"),
    (b"ghr_", "to refresh another"),
];

pub(super) fn checksum(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word(candidate.after().first()) || !value.get(4..).is_some_and(is_sealed) {
        return Check::Reject;
    }
    let kind = KINDS.iter().find(|(prefix, _)| value.starts_with(prefix));
    let short = value.starts_with(b"ghs_").then_some(Severity::High);
    Check::Accept(Evidence { note: kind.map(|(_, what)| (*what).to_owned()), severity: short, ..Evidence::NONE })
}

/// The header of the first token in the value is JSON with an `alg`.
pub(super) fn jwt(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let header = memchr::memmem::find(value, b"eyJ").and_then(|at| value[at..].split(|byte| *byte == b'.').next());
    let decoded = header.and_then(|header| BASE64URL_NOPAD.decode(header).ok());
    let json = decoded.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    if json.is_some_and(|json| json.get("alg").is_some_and(serde_json::Value::is_string)) { Check::PASS } else { Check::Reject }
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
