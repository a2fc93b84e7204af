//! Keys of Azure with their checksums.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL};

use super::ALNUM;
use super::chance::Chance;
use crate::secret::validate::base62::base62;
use crate::secret::validate::marvin::marvin32;

/// Random bytes, a mark of three bytes that shows as four characters, and the checksum. `seed` is a name of eight letters.
pub(super) fn marked(mark: &str, length: usize, seed: [u8; 8], chance: &mut Chance) -> String {
    let random = BASE64.encode(&chance.bytes(length));
    let kept = (length * 8).div_ceil(6) - 6 - mark.len();
    // What follows the mark is replaced; the letters keep it decodable.
    let padded = format!("{}{mark}AAAAAA{}", &random[..kept], &"=="[..(3 - length % 3) % 3]);
    let mut bytes = BASE64.decode(padded.as_bytes()).expect("base64 of whole characters");
    let body = bytes.len() - 4;
    let sum = marvin32(&bytes[..body], u64::from_be_bytes(seed)).to_le_bytes();
    bytes[body..].copy_from_slice(&sum);
    BASE64.encode(&bytes)
}

/// The same in the alphabet for addresses.
pub(super) fn function(chance: &mut Chance) -> String {
    let standard = marked("AzFu", 40, *b"Functi00", chance);
    BASE64URL.encode(&BASE64.decode(standard.as_bytes()).expect("it was encoded so"))
}

/// 84 characters with `JQQJ99` in their midst, made in some month of 2025, for some provider.
pub(super) fn annotated(provider: &str, chance: &mut Chance) -> String {
    let month = char::from(b"ABCDEFGHIJKL"[usize::try_from(chance.below(12)).unwrap_or(0)]);
    let body = format!("{}JQQJ99B{month}{}{}{provider}", chance.letters(ALNUM, 52), chance.letters(ALNUM, 12), "AAAA");
    let full = marvin32(&BASE64.decode(body.as_bytes()).expect("80 characters"), u64::from_be_bytes(*b"Default0"));
    // Azure DevOps writes the checksum in base62, the others in base64.
    if provider != "AZDO" {
        return format!("{body}{}", &BASE64.encode(&full.to_le_bytes())[..4]);
    }
    let digits = String::from_utf8_lossy(&base62(full.swap_bytes())).trim_start_matches('0').to_owned();
    format!("{body}{:0<4}", &digits[..digits.len().min(4)])
}

/// Sealed by three characters of its own alphabet.
pub(super) fn client_secret(chance: &mut Chance) -> String {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
    let body = format!("{}8Q~{}", chance.letters(&ALPHABET[..62], 3), chance.letters(ALPHABET, 31));
    let sum = marvin32(body.as_bytes(), u64::from_be_bytes(*b"AadPwd00"));
    let digit = |place: u32| char::from(ALPHABET[(sum / 66u32.pow(place) % 66) as usize]);
    format!("{body}{}{}{}", digit(5), digit(4), digit(3))
}

/// 32 bytes in base32; the checksum's four stand at places of their own.
pub(super) fn devops(chance: &mut Chance) -> String {
    let mut bytes = chance.bytes(32);
    let places = [22, 8, 7, 2];
    let rest: Vec<u8> = bytes.iter().enumerate().filter(|(at, _)| !places.contains(at)).map(|(_, byte)| *byte).collect();
    let sum = (crc32fast::hash(&rest) ^ 0xE0B9_692D).to_le_bytes();
    for (place, byte) in places.into_iter().zip(sum) {
        bytes[place] = byte;
    }
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}
