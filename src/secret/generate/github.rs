//! Tokens of GitHub.

use data_encoding::BASE64URL_NOPAD;

use super::ALNUM;
use super::chance::Chance;

pub(super) fn token(prefix: &str, chance: &mut Chance) -> String {
    let random = chance.letters(ALNUM, 30);
    let mut sum = crc32fast::hash(random.as_bytes());
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALNUM[(sum % 62) as usize];
        sum /= 62;
    }
    format!("{prefix}{random}{}", String::from_utf8_lossy(&digits))
}

pub(super) fn installation(chance: &mut Chance) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let payload = format!("{{\"iss\":\"{}\",\"jti\":\"{}\"}}", chance.below(1 << 20), chance.letters(ALNUM, 60));
    let signature = BASE64URL_NOPAD.encode(&chance.bytes(256));
    format!("ghs_{}_{header}.{}.{signature}", chance.below(10_000_000), BASE64URL_NOPAD.encode(payload.as_bytes()))
}

pub(super) fn fine_grained(chance: &mut Chance) -> String {
    format!("github_pat_11{}_{}", chance.letters(ALNUM, 20), chance.letters(ALNUM, 59))
}
