//! Keys of PuTTY and of ssh.com. Sources: the PuTTY manual, appendix C; the key format of ssh.com as PuTTY's and OpenSSH's
//! importers read it.

use super::armour::{Body, decode, lines};
use super::{Candidate, Check, State, following};

/// The most lines of a part: RSA of 16,384 bits has 150.
const MOST_LINES: usize = 300;
/// An Ed25519 key's private part.
const SHORTEST: usize = 20;

/// The candidate is the first line; the evidence widens it to the private part.
pub(in crate::secret::validate) fn key(candidate: &Candidate<'_>) -> Check {
    let bytes = following(candidate);
    let found = if candidate.value().starts_with(b"----") { ssh2(bytes) } else { ppk(bytes) };
    let start = candidate.secret.end;
    found.map_or(Check::Reject, |(state, range, decoded)| state.evidence(start + range.start..start + range.end, &decoded))
}

type Found = (State, std::ops::Range<usize>, Vec<u8>);

/// Named values, two of which say how many lines of base64 follow.
fn ppk(bytes: &[u8]) -> Option<Found> {
    let mut all = lines(bytes);
    let mut state = State::Open;
    while let Some(line) = all.next() {
        let text = &bytes[line];
        let Some(colon) = memchr::memchr(b':', text) else {
            // The rest of the first line, and blank ones between.
            if text.iter().all(u8::is_ascii_graphic) && text.len() < 40 {
                continue;
            }
            return None;
        };
        let (name, value) = (&text[..colon], text[colon + 1..].trim_ascii());
        match name {
            b"Encryption" if value != b"none" => state = State::Locked,
            b"Public-Lines" => {
                all.by_ref().take(count(value)?).for_each(drop);
            }
            b"Private-Lines" => {
                let count = count(value)?;
                let taken: Vec<_> = all.by_ref().take(count).collect();
                let base64: Vec<u8> = taken.iter().flat_map(|line| bytes[line.clone()].iter().copied()).collect();
                let decoded = decode(&base64).filter(|decoded| decoded.len() >= SHORTEST && taken.len() == count)?;
                return Some((state, taken.first()?.start..taken.last()?.end, decoded));
            }
            _ => {}
        }
    }
    None
}

fn count(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|n| (1..=MOST_LINES).contains(n))
}

const MAGIC: [u8; 4] = [0x3F, 0x6F, 0xF9, 0xEB];

/// Magic, size, type, cipher: all behind their lengths.
fn ssh2(bytes: &[u8]) -> Option<Found> {
    let read = Body::read(bytes)?;
    let rest = read.decoded.strip_prefix(&MAGIC)?.get(4..)?;
    let string = |bytes: &'_ [u8]| -> Option<usize> { usize::try_from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?)).ok() };
    let rest = rest.get(4usize.checked_add(string(rest)?)?..)?;
    let cipher = rest.get(4..4usize.checked_add(string(rest)?)?)?;
    let state = if cipher == b"none" { State::Open } else { State::Locked };
    Some((state, read.range, read.decoded))
}
