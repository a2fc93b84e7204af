//! Private keys, whatever wrote them. A name or a header alone is no key, and neither is the elided one of a handbook: the
//! body must decode, and be what its format says.

mod armour;
pub(super) mod bech32;
pub(super) mod coin;
pub(super) mod der;
mod framed;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;
    use crate::secret::validate::find;

    const VALUES: u64 = 1_000;

    /// A key as it is made, its validator, where the candidate of its rule ends, and whether half of a key is none.
    const KINDS: &[(&str, &str, &str, bool)] = &[
        ("pem-rsa", "pem-body", "KEY-----", true),
        ("pem-ec", "pem-body", "KEY-----", true),
        ("pem-dsa", "pem-body", "KEY-----", true),
        ("pem-pkcs8", "pem-body", "KEY-----", true),
        ("pem-pkcs8-rsa", "pem-body", "KEY-----", true),
        ("pem-pkcs8-ec", "pem-body", "KEY-----", true),
        ("pem-pkcs8-locked", "pem-body", "KEY-----", false),
        ("pem-locked", "pem-body", "KEY-----", false),
        ("openssh-key", "pem-body", "KEY-----", true),
        ("openssh-key-locked", "pem-body", "KEY-----", true),
        ("pgp-key", "pem-body", "BLOCK-----", true),
        ("pgp-key-locked", "pem-body", "BLOCK-----", true),
        ("ppk-v2", "putty-body", "ssh-ed25519", true),
        ("ppk-v3", "putty-body", "ssh-ed25519", true),
        ("ppk-v3-locked", "putty-body", "ssh-ed25519", true),
        ("ssh2-key", "putty-body", "KEY ----", false),
        ("ssh2-key-locked", "putty-body", "KEY ----", false),
        ("openvpn-key", "openvpn-body", "V1-----", true),
        ("jwk-rsa", "jwk", "kty\":\"RSA", true),
        ("jwk-ec", "jwk", "kty\": \"EC", true),
        ("jwk-okp", "jwk", "kty\": \"OKP", false),
        ("xml-rsa", "xml-key", "RSAKeyValue>", true),
    ];

    fn accepts(validator: &str, text: &str, head: &str) -> bool {
        let end = text.find(head).expect("the head") + head.len();
        let start = if validator == "jwk" { end - head.len() } else { 0 };
        find(validator).expect("a validator").check(&Candidate { bytes: text.as_bytes(), secret: start..end }) != Check::Reject
    }

    #[test]
    fn a_thousand_keys_of_each_kind_are_keys_and_halves_are_not() {
        for (generator, validator, head, halves) in KINDS {
            for seed in 0..VALUES {
                let text = expand(&format!("{{{generator}}}"), seed).expect("a generator");
                assert!(accepts(validator, &text, head), "{generator} {seed}");
                assert!(!halves || !accepts(validator, &text[..text.len() / 2], head), "{generator} {seed}: half of it");
            }
        }
    }
}
