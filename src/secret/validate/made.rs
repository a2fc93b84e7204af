//! Values that a machine made, told from words, calls and variables: for shapes that leave room for those.

use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::secret::likeness::is_marked;
use crate::secret::placeholder::{is_placeholder, is_stand_in};
use crate::secret::setting;

/// Upper and lower case and digits, or hexadecimal digits alone: names have one case or no digit. A value made by chance of 24
/// characters lacks a digit once in 60 times.
pub(super) fn mixed(candidate: &Candidate<'_>) -> Check {
    if is_mixed(candidate.value()) { Check::PASS } else { Check::Reject }
}

fn is_mixed(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    let hex = value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let letters = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    has(u8::is_ascii_digit) && (hex || letters) && !is_placeholder(value)
}

/// Tokens that rules of their own tell, as they begin.
const TOLD: [&[u8]; 9] = [b"npm_", b"ghp_", b"gho_", b"ghs_", b"github_pat_", b"glpat-", b"eyJ", b"glcbt-", b"gldt-"];

/// What signs in to a package registry.
pub(super) fn registry_token(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let told = TOLD.iter().any(|start| value.starts_with(start));
    // `process.env.NPM_TOKEN`
    let member = value.windows(4).any(|four| four.eq_ignore_ascii_case(b"env.") || four.eq_ignore_ascii_case(b".env"));
    let kinds = (0..=u8::MAX).filter(|byte| value.contains(byte)).count();
    let line = candidate.before().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = &line[line.len().saturating_sub(200)..];
    // Hosts that are nobody's, RFC 2606, and one's own.
    let nowhere = [&b"example."[..], b"localhost", b"127.0.0.1"].iter().any(|host| memchr::memmem::find(line, host).is_some());
    if told || nowhere || member || kinds < 8 || !is_mixed(value) { Check::Reject } else { Check::PASS }
}

/// A token of Slack: parts with hyphens between, the last made by chance.
pub(super) fn slack(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let last = value.rsplit(|byte| *byte == b'-').next().unwrap_or(value);
    let zeros = memchr::memmem::find(value, b"00000000").is_some();
    let kinds = (0..=u8::MAX).filter(|byte| last.contains(byte)).count();
    if zeros || kinds < 8 || is_placeholder(value) || is_placeholder(last) || is_word(last) { Check::Reject } else { Check::PASS }
}

/// What a person typed where a token is to stand.
fn is_word(value: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(value).to_ascii_lowercase();
    ["token", "secret", "webhook", "your", "here", "fake", "abcdef"].iter().any(|word| lower.contains(word))
}

/// Keys in the documentation of Stripe, behind their prefix.
const DOCUMENTED: [&[u8]; 6] = [b"4eC39HqL", b"BQokikJO", b"tR3PYbcV", b"26PHem9A", b"VePHdqKT", b"Ho24N7La"];

pub(super) fn stripe(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let body = value.rsplit(|byte| *byte == b'_').next().unwrap_or(value);
    // `key_` in base64: WorkOS begins its own so.
    let documented = body.starts_with(b"a2V5Xz") || DOCUMENTED.iter().any(|known| body.starts_with(known));
    if documented || is_word(body) || !is_mixed(body) { Check::Reject } else { Check::PASS }
}

/// Root tokens of Vault have 24 characters, those of a service or a batch 80 and more.
pub(super) fn vault(candidate: &Candidate<'_>) -> Check {
    let body = candidate.value().get(4..).unwrap_or_default();
    if (body.len() == 24 || body.len() >= 80) && is_mixed(body) { Check::PASS } else { Check::Reject }
}

/// The secret that tokens are signed with. One that is a word protects nothing, but is often a developer's own.
pub(super) fn signing_secret(candidate: &Candidate<'_>) -> Check {
    const KEY: &str = "JWT_SECRET";
    let value = candidate.value();
    let text = String::from_utf8_lossy(value);
    let quoted = candidate.before().last().is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let code = text.contains(['(', '[']) && !quoted || text.contains("process.env") || text.contains("os.environ") || text.contains("::");
    let key = text.starts_with("-----BEGIN") || text.ends_with(".pem") || text.ends_with(".key");
    if code || key || is_marked(&text) || is_stand_in(&text) || is_placeholder(value) || setting::credential(KEY, value, 0).is_none() {
        return Check::Reject;
    }
    if setting::is_chance(&text) {
        return Check::PASS;
    }
    let sentence = text.contains(' ');
    if !quoted || sentence || value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.')) {
        return Check::Reject;
    }
    Check::Accept(Evidence {
        note: Some("(a word)".to_owned()),
        severity: Some(Severity::Low),
        confidence: Some(Confidence::Low),
        ..Evidence::NONE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(value: &str, validator: fn(&Candidate<'_>) -> Check) -> bool {
        validator(&Candidate { bytes: value.as_bytes(), secret: 0..value.len() }) != Check::Reject
    }

    #[test]
    fn names_and_calls_are_not_made_by_chance() {
        for word in ["get_gitlab_token_now", "config2_gitlab_token", "GITLAB_TOKEN_NUMBER1", "xxxxxxxxxxxxxxxxxx1A"] {
            assert!(!is(word, mixed), "{word}");
        }
        for value in ["q8Zr2Lw0VbN5xKt7Yp1M", "9f8a7c6d5e4b3a2f1d0c", "9f8a7c6d-5e4b-4a2f-9c1d-0a1b2c3d4e5f"] {
            assert!(is(value, mixed), "{value}");
        }
        assert!(!is("process.env.NPM_TOKEN_2b", registry_token));
        assert!(!is("00000000-0000-0000-0000-000000000000", registry_token));
    }

    #[test]
    fn a_signing_secret_may_be_anything_but_a_reference() {
        let check = |text: &str| {
            let at = 1..text.len() - 1;
            signing_secret(&Candidate { bytes: text.as_bytes(), secret: at })
        };
        assert_eq!(check("\"9f8a7c6d5e4b3a2f1d0c9f8a7c6d5e4b\""), Check::PASS);
        assert!(matches!(check("\"development#product\""), Check::Accept(evidence) if evidence.severity == Some(Severity::Low)));
        for text in ["\"${JWT_SECRET}\"", "\"your-secret-key\"", " getSecret('JWT') ", "\"process.env.JWT_SECRET\"", "\"keys/private.pem\""]
        {
            assert_eq!(check(text), Check::Reject, "{text}");
        }
    }
}
