//! OpenPGP packets, as far as telling whether a secret key is in them and whether a passphrase locks it. Source: RFC 9580.

use super::State;

/// What a block of packets holds. None where no secret is in it: some are published with a stub in its place.
pub(super) fn key(decoded: &[u8], checksum: Option<&[u8]>) -> Option<State> {
    if checksum.is_some_and(|sum| sum != &crc24(decoded).to_be_bytes()[1..]) {
        return None;
    }
    let mut rest = decoded;
    let mut best = None;
    let mut first = true;
    while let Some((tag, body, more)) = packet(rest) {
        match tag {
            SECRET_KEY | SECRET_SUBKEY => match secret(body) {
                Some(State::Open) => return Some(State::Open),
                found => best = best.or(found),
            },
            _ if first => return None,
            _ => {}
        }
        (rest, first) = (more, false);
    }
    best
}

const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;

/// Tag, body and what follows (4.2). A length in parts is none that keys have.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let big = |bytes: &[u8]| bytes.iter().fold(0usize, |number, byte| number << 8 | usize::from(*byte));
    let (tag, length, rest) = match first {
        0xC0..=0xFF => {
            let (length, used) = match *rest.first()? {
                short @ 0..=191 => (usize::from(short), 1),
                high @ 192..=223 => ((usize::from(high) - 192) * 256 + usize::from(*rest.get(1)?) + 192, 2),
                255 => (big(rest.get(1..5)?), 5),
                _ => return None,
            };
            (first & 0x3F, length, rest.get(used..)?)
        }
        0x80..=0xBF => {
            let used = match first & 3 {
                3 => return Some((first >> 2 & 0xF, rest, &[])),
                kind => 1usize << kind,
            };
            (first >> 2 & 0xF, big(rest.get(..used)?), rest.get(used..)?)
        }
        _ => return None,
    };
    let (body, more) = rest.split_at_checked(length)?;
    Some((tag, body, more))
}

/// Whether a secret key is in a packet, and locked (5.5.3).
fn secret(body: &[u8]) -> Option<State> {
    let version = *body.first()?;
    let (algorithm, material) = match version {
        2 | 3 => (*body.get(7)?, body.get(8..)?),
        4 => (*body.get(5)?, body.get(6..)?),
        5 | 6 => (*body.get(5)?, body.get(10..)?),
        _ => return None,
    };
    let rest = behind_public(algorithm, material)?;
    let (usage, rest) = rest.split_first()?;
    // In version 6, and before it in 5, the length of what follows.
    let rest = if version >= 5 && *usage != 0 { rest.get(1..)? } else { rest };
    match usage {
        0 => (rest.len() >= SHORTEST).then_some(State::Open),
        253..=255 => {
            let specifier = rest.get(if *usage == 253 { 2 } else { 1 }..)?;
            let specifier = if version == 6 { specifier.get(1..)? } else { specifier };
            // An extension of GnuPG: the secret is elsewhere, or on a card.
            let elsewhere = specifier.first() == Some(&101) && specifier.get(2..5) == Some(b"GNU");
            (!elsewhere && rest.len() >= SHORTEST).then_some(State::Locked)
        }
        _ => (rest.len() >= SHORTEST).then_some(State::Locked),
    }
}

/// No secret is shorter: what there is of it was cut off.
const SHORTEST: usize = 20;

/// What follows the public part of a key (5.5.5).
fn behind_public(algorithm: u8, material: &[u8]) -> Option<&[u8]> {
    let mut rest = material;
    let short = |rest: &mut &[u8]| -> Option<()> {
        let length = usize::from(*rest.first()?);
        *rest = rest.get(1 + length..)?;
        Some(())
    };
    let (curve, numbers, kdf, fixed) = match algorithm {
        1..=3 => (false, 2, false, 0),
        16 | 20 => (false, 3, false, 0),
        17 => (false, 4, false, 0),
        18 => (true, 1, true, 0),
        19 | 22 => (true, 1, false, 0),
        25 | 27 => (false, 0, false, 32),
        26 => (false, 0, false, 56),
        28 => (false, 0, false, 57),
        _ => return None,
    };
    if curve {
        short(&mut rest)?;
    }
    for _ in 0..numbers {
        let bits = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        rest = rest.get(2 + bits.div_ceil(8)..)?;
    }
    if kdf {
        short(&mut rest)?;
    }
    rest.get(fixed..)
}

/// Of an armour (6.1.1).
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc: u32 = 0x00B7_04CE;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    crc & 0x00FF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9580: the value of the empty input is the initial one; "123456789" gives the published check value.
    #[test]
    fn crc24_has_its_published_value() {
        assert_eq!(crc24(b""), 0x00B7_04CE);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    /// A version 4 Ed25519 key as GnuPG writes it, with its secret part to choose.
    fn ed25519(tag: u8, secret: &[u8]) -> Vec<u8> {
        let oid = [9, 0x2B, 6, 1, 4, 1, 0xDA, 0x47, 0x0F, 1];
        let body = [&[4, 0, 0, 0, 1, 22][..], &oid, &[1, 7], &[0x40; 33], secret].concat();
        [&[0xC0 | tag, u8::try_from(body.len()).expect("short")][..], &body].concat()
    }

    #[test]
    fn what_locks_a_secret_is_told_from_what_is_none() {
        let open = [&[0, 1, 0][..], &[7; 34]].concat();
        let locked = [&[254, 7, 3, 8][..], &[7; 60]].concat();
        let stub = [254, 0, 101, 0, b'G', b'N', b'U', 1];
        assert_eq!(key(&ed25519(5, &open), None), Some(State::Open));
        assert_eq!(key(&ed25519(5, &locked), None), Some(State::Locked));
        assert_eq!(key(&ed25519(5, &stub), None), None);
        assert_eq!(key(&[ed25519(5, &stub), ed25519(7, &open)].concat(), None), Some(State::Open), "a subkey's");
        assert_eq!(key(&ed25519(6, &open), None), None, "a public key");
        let sound = ed25519(5, &open);
        assert_eq!(key(&sound, Some(&crc24(&sound).to_be_bytes()[1..])), Some(State::Open));
        assert_eq!(key(&sound, Some(&[0; 3])), None);
    }

    proptest::proptest! {
        #[test]
        fn any_packets_are_judged(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            key(&bytes, None);
        }
    }
}
