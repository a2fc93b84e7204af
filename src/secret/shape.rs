//! What has the shape of a credential, real or made up: a documented example is one, and so is what somebody typed to
//! be replaced. It says where a real one is going to stand.

use std::ops::Range;

use super::placeholder::is_placeholder;

/// Access key ids of users and of sessions, and what follows their prefix.
const KEY_ID_STARTS: [&[u8]; 2] = [b"AKIA", b"ASIA"];
const KEY_ID: usize = 20;
/// A secret access key.
const SECRET_KEY: usize = 40;
/// The longest name of a kind of key: `ENCRYPTED`, `OPENSSH`.
const LONGEST_KIND: usize = 40;

/// The places of such in a text.
#[must_use]
pub fn shapes(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> =
        runs(bytes).filter(|run| is_key_id(&bytes[run.clone()]) || is_secret_key(&bytes[run.clone()])).collect();
    found.extend(headers(bytes));
    found.sort_by_key(|range| range.start);
    found
}

/// Longest pieces of what keys are made of.
fn runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(is_of_key)?;
        at = bytes[start..].iter().position(|byte| !is_of_key(byte)).map_or(bytes.len(), |length| start + length);
        Some(start..at)
    })
}

fn is_key_id(run: &[u8]) -> bool {
    run.len() == KEY_ID
        && KEY_ID_STARTS.iter().any(|start| run.starts_with(start))
        && run.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Only what says of itself that it is none: digests and ids of commits are as long.
fn is_secret_key(run: &[u8]) -> bool {
    run.len() == SECRET_KEY && run.iter().any(u8::is_ascii_digit) && is_placeholder(run)
}

/// First lines of private keys, whatever follows them.
fn headers(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const END: &[u8] = b"PRIVATE KEY-----";
    memchr::memmem::find_iter(bytes, BEGIN).filter_map(|start| {
        let kind = start + BEGIN.len();
        let limit = bytes.len().min(kind + LONGEST_KIND + END.len());
        let end = kind + memchr::memmem::find(&bytes[kind..limit], END)?;
        let is_kind = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
        bytes[kind..end].iter().all(is_kind).then_some(start..end + END.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        shapes(text.as_bytes()).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn examples_and_made_up_values_have_the_shape() {
        let secret = format!("wJalrXUtnFEMI/K7MDENG/bPxRfiCY{}", "EXAMPLEKEY");
        assert_eq!(found("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE # a"), ["AKIAIOSFODNN7EXAMPLE"]);
        assert_eq!(found(&format!("AWS_SECRET_ACCESS_KEY={secret}\n")), [&*secret]);
        let digits = "1234567890".repeat(4);
        assert_eq!(found(&format!("{digits}$")), [&*digits]);
        let header = format!("-----BEGIN {}PRIVATE KEY-----", "RSA ");
        assert_eq!(found(&format!("{header}\nsomeKey")), [&*header]);
    }

    #[test]
    fn what_is_longer_or_random_has_not() {
        for text in [
            "AKIAIOSFODNN7EXAMPLES",
            "akiaiosfodnn7example",
            "x/AKIAIOSFODNN7EXAMPLE",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN lower PRIVATE KEY-----",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert_eq!(found(&"1234567890".repeat(8)), [""; 0]);
    }
}
