//! Private keys, whatever wrote them. A name or a header alone is no key, and neither is the elided one of a handbook: the
//! body must decode, and be what its format says.

mod armour;
pub(super) mod bech32;
pub(super) mod coin;
pub(super) mod der;
pub(super) mod jwk;
mod known;
pub(super) mod openpgp;
pub(super) mod pem;
pub(super) mod putty;
pub(super) mod raw;
pub(super) mod signing;

use std::ops::Range;

use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;

/// How far behind its first line a key is looked for: RSA of 16,384 bits has 12,500 bytes.
pub const REACH: usize = 14_000;

/// How much of a key is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// Of no use without its passphrase.
    Locked,
    /// Most of it is there.
    Cut,
}

impl State {
    /// What is to be said of the key at some place, which is this in one spelling for all.
    fn evidence(self, secret: Range<usize>, identity: &[u8]) -> Check {
        let mut evidence = Evidence { secret: Some(secret), identity: Some(Secret::new(identity)), ..Evidence::NONE };
        match self {
            State::Open => {}
            State::Locked => {
                evidence.note = Some("(encrypted, locked by a passphrase)".to_owned());
                (evidence.severity, evidence.confidence) = (Some(Severity::Low), Some(Confidence::Medium));
            }
            State::Cut => {
                evidence.note = Some("(incomplete, and the rest can often be computed)".to_owned());
                evidence.confidence = Some(Confidence::Medium);
            }
        }
        if known::is_known(identity) {
            evidence.note = Some("(a well-known key, published for tests)".to_owned());
            (evidence.severity, evidence.confidence) = (Some(Severity::Low), Some(Confidence::Low));
        }
        Check::Accept(evidence)
    }
}

/// What follows the candidate, as far as a key goes.
fn following<'a>(candidate: &Candidate<'a>) -> &'a [u8] {
    let after = candidate.after();
    &after[..after.len().min(REACH)]
}
