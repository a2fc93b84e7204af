//! Tokens that end with the CRC32 of their random part in base62: GitHub's, and npm's after their model.
//! Source: github.blog, "Behind GitHub's new authentication token formats".

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The highest digit first, with zeros in front up to six.
#[must_use]
pub fn base62(mut number: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits
}

/// Whether thirty characters are followed by their checksum, and by nothing else.
#[must_use]
pub fn is_sealed(body: &[u8]) -> bool {
    let Some((random, sum)) = body.split_at_checked(30) else { return false };
    sum == base62(crc32fast::hash(random))
}
