//! Tokens of npm are sealed as GitHub's are. Source: github.blog, "Announcing npm's new access token format".

use super::base62::is_sealed;
use super::{Candidate, Check};

pub(super) fn checksum(candidate: &Candidate<'_>) -> Check {
    let body = candidate.value().strip_prefix(b"npm_");
    let word = candidate.after().first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if !word && body.is_some_and(is_sealed) { Check::PASS } else { Check::Reject }
}
