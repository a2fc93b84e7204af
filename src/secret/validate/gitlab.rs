//! Routable tokens of GitLab: a prefix, a payload that says whose they are, its length and a CRC32 over all before it.
//! Source: GitLab's design of routable tokens, and `Authn::TokenField::Generator::RoutableToken`.

use data_encoding::BASE64URL_NOPAD;

use super::{Candidate, Check};
use crate::secret::placeholder::is_placeholder;

/// How long the length is, and how long the checksum, in base 36.
const LENGTH: usize = 2;
const SUM: usize = 7;
/// Keys of the routing part: cell, group, organization, project, user.
const ROUTES: &[u8] = b"cgopu";

/// `PREFIX-PAYLOAD.LLCCCCCCC`, and since 2025 also `PREFIX-PAYLOAD.01.LLCCCCCCC`. The second form is not described as fully:
/// its length and its payload are held against each other.
pub(super) fn routable(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let parts: Vec<&[u8]> = value.split(|byte| *byte == b'.').collect();
    let (&[head, tail] | &[head, _, tail]) = &parts[..] else { return Check::Reject };
    let Some((length, sum)) = tail.split_at_checked(LENGTH).filter(|(_, sum)| sum.len() == SUM) else { return Check::Reject };
    let Some(length) = base36(length).and_then(|n| usize::try_from(n).ok()) else { return Check::Reject };
    let sealed = base36(sum) == Some(u64::from(crc32fast::hash(&value[..value.len() - SUM])));
    let payload = head.len().checked_sub(length).and_then(|at| BASE64URL_NOPAD.decode(&head[at..]).ok());
    let known = if parts.len() == 2 { sealed } else { payload.is_some_and(|payload| is_routed(&payload)) };
    if known && !is_placeholder(head) { Check::PASS } else { Check::Reject }
}

/// Sixteen random bytes, lines like `o:1`, and a byte that says how long those are.
fn is_routed(payload: &[u8]) -> bool {
    let Some((length, rest)) = payload.split_last() else { return false };
    let Some(at) = rest.len().checked_sub(usize::from(*length)) else { return false };
    let line = |line: &[u8]| matches!(line, [key, b':', id @ ..] if ROUTES.contains(key) && !id.is_empty() && id.iter().all(u8::is_ascii_alphanumeric));
    at == 16 && rest[at..].split(|byte| *byte == b'\n').all(line)
}

fn base36(digits: &[u8]) -> Option<u64> {
    let lower = digits.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    lower.then(|| std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 36).ok())).flatten()
}
