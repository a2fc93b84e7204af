//! Keys that spend: base58 with a checksum of four bytes. Sources: the Bitcoin wiki on base58check and the wallet import
//! format; BIP 32 and SLIP 132 for extended keys.

use sha2::{Digest as _, Sha256};

use super::{Candidate, Check, State};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// A key behind its version, and the mark of a compressed public key.
const KEY: usize = 33;
const COMPRESSED: usize = 34;
/// Version, depth, parent, number, chain code, and the key behind a zero.
const EXTENDED: usize = 78;
const EXTENDED_KEY: usize = 45;

/// A private key in the wallet import format.
pub(in crate::secret::validate) fn wif(candidate: &Candidate<'_>) -> Check {
    match payload(candidate) {
        Some(bytes) if bytes.len() == KEY || (bytes.len() == COMPRESSED && bytes[KEY] == 1) => {
            State::Open.evidence(candidate.secret.clone(), &bytes)
        }
        _ => Check::Reject,
    }
}

/// `xprv…` and the like, from which all keys of a wallet come.
pub(in crate::secret::validate) fn extended(candidate: &Candidate<'_>) -> Check {
    match payload(candidate) {
        Some(bytes) if bytes.len() == EXTENDED && bytes[EXTENDED_KEY] == 0 => State::Open.evidence(candidate.secret.clone(), &bytes),
        _ => Check::Reject,
    }
}

/// What the checksum covers, if it is right and nothing more of the alphabet follows.
fn payload(candidate: &Candidate<'_>) -> Option<Vec<u8>> {
    let joined = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if joined(candidate.after().first()) || candidate.value().len() > 120 {
        return None;
    }
    let mut bytes = decode(candidate.value())?;
    let sum = bytes.split_off(bytes.len().checked_sub(4)?);
    (Sha256::digest(Sha256::digest(&bytes)).starts_with(&sum)).then_some(bytes)
}

/// A number in base 58; each leading `1` is a zero byte.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for digit in text {
        let mut carry = DIGITS.iter().position(|d| d == digit)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry.to_le_bytes()[0]);
            carry >>= 8;
        }
    }
    bytes.extend(text.iter().take_while(|digit| **digit == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}
