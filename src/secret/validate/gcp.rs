//! Keys of Google: the file of a service account, and API keys.

use super::keys::pem;
use super::{Candidate, Check, Evidence};
use crate::base::ids::Confidence;
use crate::secret::placeholder::is_placeholder;

/// How far the rest of the file may stand from its key, in bytes.
const FILE: usize = 1_000;
/// The address of a service account ends so.
const ACCOUNT: &[u8] = b"gserviceaccount.com";

/// The candidate is the header of the key in the file of a service account; the evidence tells whose it is.
pub(super) fn service_account(candidate: &Candidate<'_>) -> Check {
    let Check::Accept(evidence) = pem::body(candidate) else { return Check::Reject };
    let end = evidence.secret.as_ref().map_or(candidate.secret.end, |secret| secret.end);
    let bytes = candidate.bytes;
    let before = &bytes[candidate.secret.start.saturating_sub(FILE)..candidate.secret.start];
    let after = &bytes[end.min(bytes.len())..bytes.len().min(end + FILE)];
    let email = email(after).or_else(|| email(before));
    let said = [before, after].iter().any(|part| memchr::memmem::find(part, b"service_account").is_some());
    match email {
        Some(email) => Check::Accept(Evidence { note: Some(format!("of {email}")), ..evidence }),
        None if said => Check::Accept(evidence),
        None => Check::Reject,
    }
}

/// The first address of a service account.
fn email(bytes: &[u8]) -> Option<String> {
    let end = memchr::memmem::find(bytes, ACCOUNT)? + ACCOUNT.len();
    let of_email = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'-' | b'_');
    let start = bytes[..end].iter().rposition(|byte| !of_email(byte)).map_or(0, |at| at + 1);
    let email = std::str::from_utf8(&bytes[start..end]).ok()?;
    // The addresses of certificates hold it too, with the sign escaped.
    email.contains('@').then(|| email.to_owned())
}

/// Keys in the documentation of Google and in what it publishes, behind `AIzaSy`.
const DOCUMENTED: [&[u8]; 5] = [b"AnLA7NfeLqu", b"CkEhVjf3pdu", b"DMAScliyLx7", b"D3asb-2pEZV", b"DaGmWKa4JsX"];

/// All keys begin `AIzaSy`; then comes one of four letters, and at the end are two bits that are zero. No page of Google says
/// the latter: what differs there is less sure, not rejected.
pub(super) fn api_key(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let documented = value.strip_prefix(b"AIzaSy").is_none_or(|body| DOCUMENTED.iter().any(|known| body.starts_with(known)));
    if documented
        || is_placeholder(value)
        || joins(candidate.after().first())
        || candidate.before().last().is_some_and(u8::is_ascii_alphanumeric)
    {
        return Check::Reject;
    }
    let begins = matches!(value.get(6), Some(b'A'..=b'D'));
    let ends = value.last().is_some_and(|last| b"AEIMQUYcgkosw048".contains(last));
    let confidence = (!begins || !ends).then_some(Confidence::Low);
    Check::Accept(Evidence { confidence, ..Evidence::NONE })
}
