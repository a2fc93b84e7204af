//! Credentials of AWS besides access keys: session tokens, Bedrock keys, SES SMTP passwords, CodeCommit passwords, AppSync
//! keys. Each is read as far as it tells something of itself.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::super::{Candidate, Check, Evidence};
use super::{secret_is_chance, signed};
use crate::base::entropy::shannon;
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;
use crate::secret::placeholder::is_placeholder;

/// How far a validator looks around; the rules say it as their `reach`.
const AROUND: usize = 400;

/// What the start of a session token decodes to, from the newest form to the oldest.
const TOKEN_STARTS: &[&[u8]] = &[b"\x21\x0a\x09origin_ec", b"\x17\x0a\x06er/aws", b"\x15\x0a\x06er/aws"];
const OLD_TOKEN_STARTS: &[&[u8]] = &[b"\x15\x0a\x03aws", b"\x01\x0a\x03aws"];
/// The least that follows the start: a signature alone is longer.
const SHORTEST_TOKEN: usize = 100;

/// A token from the Security Token Service. One in a signed address is there to be passed on, and opens nothing alone.
pub(in super::super) fn session_token(candidate: &Candidate<'_>) -> Check {
    let plain = unescaped(candidate.value());
    let body: Vec<u8> = plain.iter().copied().filter(|byte| *byte != b'=').collect();
    let Ok(decoded) = BASE64_NOPAD.decode(&body[..body.len() / 4 * 4]) else { return Check::Reject };
    let starts = |list: &[&[u8]]| list.iter().any(|start| decoded.starts_with(start));
    let says_so = [b"EXAMPLE".as_slice(), b"example", b"TOKEN"].iter().any(|word| memchr::memmem::find(&plain, word).is_some());
    let repeats = decoded.windows(12).skip(1).take(AROUND).any(|window| decoded.starts_with(window));
    if decoded.len() < SHORTEST_TOKEN
        || !(starts(TOKEN_STARTS) || starts(OLD_TOKEN_STARTS))
        || says_so
        || repeats
        || shannon(&decoded[16..]) < 4.5
    {
        return Check::Reject;
    }
    let mut evidence = Evidence { note: Some("(temporary)".to_owned()), identity: Some(Secret::new(&plain)), ..Evidence::NONE };
    if signed::names_a_token(candidate.before()) {
        evidence.note = Some("(temporary), in a signed address".to_owned());
        evidence.severity = Some(Severity::Info);
    }
    Check::Accept(evidence)
}

/// How the text begins that a long-term key of Bedrock is the base64 of.
const BEDROCK_USER: &[u8] = b"BedrockAPIKey-";

/// A long-term key: base64 of `USER-at-ACCOUNT:SECRET`.
pub(in super::super) fn bedrock(candidate: &Candidate<'_>) -> Check {
    let body = candidate.value().get(4..).unwrap_or_default();
    let body: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'=').collect();
    let Ok(text) = BASE64_NOPAD.decode(&body[..body.len() / 4 * 4]) else { return Check::Reject };
    if !text.starts_with(BEDROCK_USER) || shannon(&text[BEDROCK_USER.len()..]) < 3.5 || says_example(&text) {
        return Check::Reject;
    }
    let user = text.split(|byte| *byte == b':').next().unwrap_or_default();
    Check::Accept(of_account(account_behind(user)))
}

/// A short-term key: base64 of a signed address.
pub(in super::super) fn bedrock_short(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Some(body) = value.strip_prefix(b"bedrock-api-key-") else { return Check::Reject };
    let body: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'=').collect();
    let Ok(text) = BASE64_NOPAD.decode(&body[..body.len() / 4 * 4]) else { return Check::Reject };
    let is_signed = memchr::memmem::find(&text, b"X-Amz-").is_some();
    if is_signed && !says_example(&text) {
        Check::Accept(Evidence { note: Some("(temporary, 12 hours at most)".to_owned()), ..Evidence::NONE })
    } else {
        Check::Reject
    }
}

fn of_account(account: Option<&str>) -> Evidence {
    Evidence { note: account.map(|account| format!("of account {account}")), account: account.map(str::to_owned), ..Evidence::NONE }
}

/// The digits behind the last `-at-`, if they are an account's number.
fn account_behind(user: &[u8]) -> Option<&str> {
    let at = memchr::memmem::rfind(user, b"-at-")? + 4;
    let digits = user.get(at..at + 12)?;
    digits.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(digits).ok())?
}

fn says_example(text: &[u8]) -> bool {
    memchr::memmem::find(&text.to_ascii_uppercase(), b"EXAMPLE").is_some()
}

/// Base64 of a version byte and 32 bytes of a signature; the older version needs its name beside it, for a point of an
/// elliptic curve looks the same.
pub(in super::super) fn ses_smtp(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'));
    let version = BASE64.decode(value).ok().and_then(|decoded| decoded.first().copied());
    let is_one = matches!(version, Some(4 | 2)) && value.len() == 44;
    let (before, after) = (candidate.before().last(), candidate.after().first());
    if !is_one || !secret_is_chance(value) || is_placeholder(value) || joins(before) || joins(after) || after == Some(&b'=') {
        return Check::Reject;
    }
    Check::PASS
}

/// Only the version in use, for a value that has no name beside it.
pub(in super::super) fn ses_smtp_bare(candidate: &Candidate<'_>) -> Check {
    if candidate.value().starts_with(b"B") { ses_smtp(candidate) } else { Check::Reject }
}

/// 32 random bytes as base64, behind the user name that tells the account.
pub(in super::super) fn codecommit(candidate: &Candidate<'_>) -> Check {
    let plain = unescaped(candidate.value());
    let Ok(decoded) = BASE64.decode(&plain) else { return Check::Reject };
    if decoded.len() != 32 || is_placeholder(&plain) || says_example(&plain) || !secret_is_chance(&plain) {
        return Check::Reject;
    }
    let before = candidate.before();
    let near = &before[before.len().saturating_sub(AROUND)..];
    Check::Accept(Evidence { identity: Some(Secret::new(&plain)), ..of_account(account_behind(near)) })
}

/// What speaks of an API key of AppSync where one stands.
const APPSYNC_WORDS: &[&[u8]] = &[b"appsync", b"graphql", b"api_key", b"apikey", b"api-key", b"api key"];

pub(in super::super) fn appsync(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let body = value.get(4..).unwrap_or_default();
    let (start, end) = (candidate.secret.start, candidate.secret.end);
    let near = &candidate.bytes[start.saturating_sub(AROUND)..end.saturating_add(AROUND).min(candidate.bytes.len())];
    let near = near.to_ascii_lowercase();
    let is_named = APPSYNC_WORDS.iter().any(|word| memchr::memmem::find(&near, word).is_some());
    let is_chance = body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_lowercase) && shannon(body) >= 3.3;
    if is_chance && !is_placeholder(value) && is_named {
        Check::Accept(Evidence { confidence: Some(Confidence::High), ..Evidence::NONE })
    } else {
        Check::Reject
    }
}

/// The bytes that a value stands for where a slash, a plus or an equals sign in it is escaped: `\/`, `%2F`, `\u002b`.
pub(super) fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    let hex = |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
    while let Some((first, more)) = rest.split_first() {
        let (byte, used) = match (first, more) {
            (b'%', [a, b, ..]) => (hex(&[*a, *b]), 3),
            (b'\\', [b'u', b'0', b'0', a, b, ..]) => (hex(&[*a, *b]), 6),
            (b'\\', [b'x', a, b, ..]) => (hex(&[*a, *b]), 4),
            (b'\\', [b'/', ..]) => (Some(b'/'), 2),
            (b'\\', [b'\\', b'/', ..]) => (Some(b'/'), 3),
            _ => (Some(*first), 1),
        };
        out.push(byte.unwrap_or(*first));
        rest = &rest[if byte.is_some() { used } else { 1 }..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;

    fn accepts(template: &str, seed: u64, before: &str, validator: fn(&Candidate<'_>) -> Check) -> bool {
        let value = expand(template, seed).expect("known");
        let text = format!("{before}{value}\"");
        validator(&Candidate { bytes: text.as_bytes(), secret: before.len()..before.len() + value.len() }) != Check::Reject
    }

    #[test]
    fn made_values_are_accepted() {
        for (template, before, validator) in [
            ("{aws-session-token}", "\"", session_token as fn(&Candidate<'_>) -> Check),
            ("{aws-bedrock-key}", "\"", bedrock),
            ("{aws-bedrock-short-key}", "\"", bedrock_short),
            ("{aws-ses-smtp-password}", "\"", ses_smtp),
            ("{aws-codecommit-password}", "\"", codecommit),
            ("{aws-appsync-key}", "appsync \"", appsync),
        ] {
            let lost = (0..1000).filter(|seed| !accepts(template, *seed, before, validator)).count();
            assert!(lost <= 2, "{template}: {lost} of 1000 lost");
        }
    }

    #[test]
    fn what_is_like_them_is_not() {
        let lost =
            |template: &str, validator: fn(&Candidate<'_>) -> Check| (0..1000).filter(|s| accepts(template, *s, "\"", validator)).count();
        assert_eq!(lost("{base64-400}", session_token), 0);
        assert_eq!(lost("ABSK{base64-132}", bedrock), 0);
        assert!(lost("{base64-44}", ses_smtp) < 60, "two first bytes of 256");
        assert_eq!(lost("{hex-44}", ses_smtp), 0);
        assert_eq!(lost("{aws-appsync-key}", appsync), 0, "nothing speaks of it");
    }

    #[test]
    fn an_account_is_read_from_a_user_name() {
        assert_eq!(account_behind(b"bob-at-123456789012"), Some("123456789012"));
        assert_eq!(account_behind(b"look-at-me"), None);
        assert_eq!(unescaped(br"a\/b%2Fc%2bd\u002Fe\\/f%zz"), b"a/b/c+d/e/f%zz");
    }
}
