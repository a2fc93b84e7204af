//! Credentials in the files of Kubernetes.

use data_encoding::BASE64;

use super::keys::pem;
use super::{Candidate, Check, Evidence};
use crate::secret::placeholder::is_placeholder;

/// `client-key-data` of a kubeconfig: a private key in PEM, in base64 once more.
pub(super) fn client_key(candidate: &Candidate<'_>) -> Check {
    let Ok(decoded) = BASE64.decode(candidate.value()) else { return Check::Reject };
    let Some(start) = memchr::memmem::find(&decoded, b"-----BEGIN ") else { return Check::Reject };
    let Some(length) = memchr::memmem::find(&decoded[start..], b"KEY-----") else { return Check::Reject };
    match pem::body(&Candidate { bytes: &decoded, secret: start..start + length + 8 }) {
        // Its place is in what was decoded; the whole value is told.
        Check::Accept(evidence) => Check::Accept(Evidence { secret: None, ..evidence }),
        Check::Reject => Check::Reject,
    }
}

/// Tokens that stand in the handbook of kubeadm.
const DOCUMENTED: [&[u8]; 4] =
    [b"07401b.f395accd246ae52d", b"abcdef.0123456789abcdef", b"abcdef.1234567890abcdef", b"783bde.3f89s0fje9f38fhf"];

/// `id.secret`, with which a node joins a cluster.
pub(super) fn bootstrap_token(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    // `config.getrefreshtoken1` is a member of something; of 28 random secrets one has a digit at most.
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let distinct = value.iter().collect::<std::collections::BTreeSet<_>>().len();
    if DOCUMENTED.iter().any(|known| known.ends_with(value)) || is_placeholder(value) || distinct < 8 || digits < 2 {
        Check::Reject
    } else {
        Check::PASS
    }
}
