//! Fixtures, whose secrets are made when they are written out.

use crate::support::made;

/// A fixture's bytes: `%%name%%` becomes a made value, the same name the same value everywhere in a case, and `%%=text%%`
/// that text. Written so, what a rule looks for does not stand in this repository.
pub fn expanded(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let part = |(index, part): (usize, &str)| match part.strip_prefix('=') {
        _ if index % 2 == 0 => part.to_owned(),
        Some(literal) => literal.to_owned(),
        None => made(part, 0),
    };
    text.split("%%").enumerate().map(part).collect::<String>().into_bytes()
}
