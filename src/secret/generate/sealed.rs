//! Tokens that carry a checksum, or lengths that must agree: npm, GitLab, PyPI, Grafana, Atlassian, Cloudflare.

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use super::chance::Chance;
use super::{ALNUM, github};

pub(super) fn npm(chance: &mut Chance) -> String {
    github::token("npm_", chance)
}

/// For an organization and a user of the first cell.
pub(super) fn gitlab(prefix: &str, chance: &mut Chance) -> String {
    let mut payload = format!("o:{}\nu:{}", base36(1 + chance.below(40)), base36(chance.below(40_000_000))).into_bytes();
    payload.extend(chance.bytes(16));
    payload.push(16);
    let payload = BASE64URL_NOPAD.encode(&payload);
    let sealed = format!("{prefix}{payload}.{:0>2}", base36(payload.len() as u64));
    let sum = base36(u64::from(crc32fast::hash(sealed.as_bytes())));
    format!("{sealed}{sum:0>7}")
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit(u32::try_from(number % 36).unwrap_or(0), 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

pub(super) fn grafana(chance: &mut Chance) -> String {
    let token = format!("glsa_{}", chance.letters(ALNUM, 32));
    let sum = crc32fast::hash(token.as_bytes()).to_le_bytes();
    format!("{token}_{}", HEXLOWER.encode(&sum))
}

/// The bytes behind the prefix end with padding, as those of real tokens do.
pub(super) fn atlassian(prefix: &str, chance: &mut Chance) -> String {
    sealed_in_hex(format!("{prefix}{}", BASE64URL.encode(&chance.bytes(128))))
}

pub(super) fn bitbucket(chance: &mut Chance) -> String {
    sealed_in_hex(format!("ATBB{}", chance.letters(ALNUM, 24)))
}

pub(super) fn trello(chance: &mut Chance) -> String {
    sealed_in_hex(format!("ATTA{}", HEXLOWER.encode(&chance.bytes(32))))
}

pub(super) fn cloudflare(prefix: &str, chance: &mut Chance) -> String {
    let random = chance.letters(ALNUM, 40);
    format!("{prefix}{random}{:08x}", crc32fast::hash(random.as_bytes()))
}

fn sealed_in_hex(token: String) -> String {
    let sum = crc32fast::hash(token.as_bytes()).to_be_bytes();
    token + &HEXUPPER.encode(&sum)
}

/// A macaroon with one caveat.
pub(super) fn pypi(location: &str, chance: &mut Chance) -> String {
    let field = |kind: u8, value: &[u8]| [&[kind, value.len().to_le_bytes()[0]], value].concat();
    let identifier = super::uuid(chance);
    let mut all = vec![2];
    all.extend(field(1, location.as_bytes()));
    all.extend(field(2, identifier.as_bytes()));
    all.push(0);
    all.extend(field(2, format!("[3,\"{}\"]", super::uuid(chance)).as_bytes()));
    all.extend([0, 0]);
    all.extend(field(6, &chance.bytes(32)));
    format!("pypi-{}", BASE64URL_NOPAD.encode(&all))
}

/// A password in base64.
pub(super) fn encoded_password(chance: &mut Chance) -> String {
    BASE64.encode(chance.letters(ALNUM, 21).as_bytes())
}

/// Some bytes in base64, with its padding.
pub(super) fn bytes(length: usize, chance: &mut Chance) -> String {
    BASE64.encode(&chance.bytes(length))
}

/// The same for an address.
pub(super) fn signature(chance: &mut Chance) -> String {
    bytes(32, chance).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// `AIzaSy`, one of four letters, 31 characters, and one whose last two bits are zero.
pub(super) fn google_api_key(chance: &mut Chance) -> String {
    const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (first, last) = (chance.letters(b"ABCD", 1), chance.letters(b"AEIMQUYcgkosw048", 1));
    format!("AIzaSy{first}{}{last}", chance.letters(BASE64URL, 31))
}
