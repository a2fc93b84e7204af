//! Users and passwords in base64, as HTTP and programs of transfers write them. Source: RFC 7617; FileZilla's site manager.

use data_encoding::BASE64;

use super::ALNUM;
use super::chance::Chance;

pub(super) fn basic(chance: &mut Chance) -> String {
    BASE64.encode(format!("deploy:{}", chance.letters(ALNUM, 16)).as_bytes())
}

pub(super) fn encoded(chance: &mut Chance) -> String {
    BASE64.encode(chance.letters(ALNUM, 12).as_bytes())
}
