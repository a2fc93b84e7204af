//! Secret keys of minisign and of OpenBSD's signify: algorithm, derivation, salt, checksum, key, all of fixed length.
//! Sources: jedisct1.github.io/minisign, "Secret key format"; signify.c of OpenBSD.

use sha2::{Digest as _, Sha512};

use super::armour::decode;
use super::{Candidate, Check, State};

/// Two algorithms and a checksum's, salt, two limits, then number, key and checksum.
const MINISIGN: usize = 2 + 2 + 2 + 32 + 8 + 8 + 8 + 64 + 32;
/// Two algorithms, rounds, salt, checksum, number, key.
const SIGNIFY: usize = 2 + 2 + 4 + 16 + 8 + 8 + 64;

pub(in crate::secret::validate) fn key(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Some(bytes) = decode(value) else { return Check::Reject };
    let state = match (bytes.len(), bytes.get(2..4)) {
        (MINISIGN, Some(b"Sc")) => State::Locked,
        (MINISIGN, Some([0, 0])) => State::Open,
        (SIGNIFY, Some(b"BK")) if bytes[4..8] != [0; 4] => State::Locked,
        // Without a passphrase the checksum is of the key as it stands.
        (SIGNIFY, Some(b"BK")) if Sha512::digest(&bytes[40..])[..8] == bytes[24..32] => State::Open,
        _ => return Check::Reject,
    };
    state.evidence(candidate.secret.clone(), &bytes)
}
