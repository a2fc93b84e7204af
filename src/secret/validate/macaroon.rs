//! Macaroons of PyPI: a binary of fields that say their lengths. Nobody can check its signature but PyPI; that everything
//! is there, and for whom it is, can be seen. Source: the format of libmacaroons, version 2; pypi.org/help#apitoken.

use data_encoding::BASE64URL_NOPAD;

use super::{Candidate, Check, Evidence};
use crate::base::ids::Severity;

const VERSION: u8 = 2;
const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;
/// An HMAC-SHA256.
const SIGNATURE_LENGTH: usize = 32;

pub(super) fn pypi(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let decoded = value.strip_prefix(b"pypi-").and_then(|body| BASE64URL_NOPAD.decode(body).ok());
    match decoded.as_deref().and_then(location) {
        Some(b"pypi.org") => Check::PASS,
        Some(b"test.pypi.org") => {
            Check::Accept(Evidence { note: Some("of TestPyPI".to_owned()), severity: Some(Severity::Low), ..Evidence::NONE })
        }
        _ => Check::Reject,
    }
}

/// Whom a macaroon is for; None where it is not whole.
fn location(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&[VERSION])?;
    let location = field(&mut rest, LOCATION)?;
    field(&mut rest, IDENTIFIER)?;
    rest = rest.strip_prefix(&[END])?;
    // Caveats, each closed; an empty one closes them all.
    while *rest.first()? != END {
        if rest.first() == Some(&LOCATION) {
            field(&mut rest, LOCATION)?;
        }
        field(&mut rest, IDENTIFIER)?;
        rest = rest.strip_prefix(&[END])?;
    }
    rest = &rest[1..];
    let signature = field(&mut rest, SIGNATURE)?;
    (signature.len() == SIGNATURE_LENGTH && rest.is_empty()).then_some(location)
}

/// The field of this kind that comes next. Lengths are written seven bits at a time, the lowest first.
fn field<'b>(rest: &mut &'b [u8], kind: u8) -> Option<&'b [u8]> {
    let mut after = rest.strip_prefix(&[kind])?;
    let (mut length, mut shift) = (0usize, 0);
    loop {
        let (byte, more) = after.split_first()?;
        after = more;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
        if shift > 14 {
            return None;
        }
    }
    let (value, more) = after.split_at_checked(length)?;
    *rest = more;
    Some(value)
}
