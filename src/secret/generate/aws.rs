//! Access keys of AWS.

use data_encoding::{BASE32, BASE64};

use super::chance::Chance;

/// Base32 over ten bytes: a set bit, 40 bits of account number, and chance.
pub(super) fn key_id(prefix: &str, chance: &mut Chance) -> String {
    let account = chance.below(1_000_000_000_000);
    let head = 1 << 47 | account << 7 | chance.below(1 << 7);
    let mut body = head.to_be_bytes()[2..].to_vec();
    body.extend(chance.bytes(4));
    format!("{prefix}{}", BASE32.encode(&body))
}

pub(super) fn secret(chance: &mut Chance) -> String {
    BASE64.encode(&chance.bytes(30))
}
