//! Identities of age: bech32 with a checksum, whose name says what they are. Sources: c2sp.org/age, BIP 173.

use super::{Candidate, Check, State, known};
use crate::base::ids::{Confidence, Severity};
use crate::secret::validate::Evidence;

const LETTERS: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
/// Different ones in a key; fewer of 58 random ones, or of the 32 that a plugin writes, are rarer than once in a thousand keys.
const LEAST_LETTERS: usize = 13;
const POLYNOMIALS: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];

/// `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…` and `AGE-PLUGIN-NAME-1…`.
pub(in crate::secret::validate) fn age(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let more = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    // The example of the specification is one byte again and again.
    let mut letters = value.get(16..).unwrap_or_default().to_vec();
    letters.sort_unstable();
    letters.dedup();
    if !is_sound(value) || more(candidate.after().first()) || letters.len() < LEAST_LETTERS {
        return Check::Reject;
    }
    if value.starts_with(b"AGE-PLUGIN-") {
        let note = Some("of a plugin: it may only point at a device".to_owned());
        return Check::Accept(Evidence { note, severity: Some(Severity::Low), confidence: Some(Confidence::Medium), ..Evidence::NONE });
    }
    if known::is_known(value) { State::Open.evidence(candidate.secret.clone(), value) } else { Check::PASS }
}

/// Whether the checksum over name and data is right.
fn is_sound(value: &[u8]) -> bool {
    let Some(one) = memchr::memrchr(b'1', value) else { return false };
    let (name, data) = (&value[..one], &value[one + 1..]);
    let five = |byte: &u8| LETTERS.iter().position(|letter| letter == byte).and_then(|at| u32::try_from(at).ok());
    let Some(data) = data.iter().map(five).collect::<Option<Vec<u32>>>() else { return false };
    // Names are in lower case for the checksum.
    let name: Vec<u32> = name.iter().map(|byte| u32::from(byte.to_ascii_lowercase())).collect();
    let high = name.iter().map(|byte| byte >> 5);
    let low = name.iter().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(data.iter().copied());
    data.len() > 6 && all.fold(1, step) == 1
}

fn step(sum: u32, value: u32) -> u32 {
    let top = sum >> 25;
    let next = (sum & 0x01FF_FFFF) << 5 ^ value;
    POLYNOMIALS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(next, |sum, (_, polynomial)| sum ^ polynomial)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The valid examples of BIP 173 in upper case, and an invalid one.
    #[test]
    fn published_checksums_hold() {
        assert!(is_sound(b"ABCDEF1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXW"));
        assert!(!is_sound(b"ABCDEF1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LMQQQXQ"));
    }
}
