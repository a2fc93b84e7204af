//! Files whose contents nobody reads here, keys and passwords behind a password, memory, known by how they begin: names alone
//! accuse nobody.

use super::credentials::Setting;
use crate::base::secret::Secret;
use crate::finding::{Finding, Place, group_of};
use crate::rule::Rule;
use crate::secret::context::Context;
use crate::subject::Subject;

/// How each kind begins, and what it is called.
static BEGINNINGS: &[(&[u8], &str)] = &[
    // https://keepass.info/help/kb/kdbx.html: the second four bytes are the version of the format.
    (&[0x03, 0xD9, 0xA2, 0x9A, 0x65, 0xFB, 0x4B, 0xB5], "KeePass 1 database"),
    (&[0x03, 0xD9, 0xA2, 0x9A, 0x66, 0xFB, 0x4B, 0xB5], "KeePass 2 database"),
    (&[0x03, 0xD9, 0xA2, 0x9A, 0x67, 0xFB, 0x4B, 0xB5], "KeePass 2 database"),
    (b"PWS3", "Password Safe database"),
    (b"KWALLET\n\r\0\r\n", "KDE wallet"),
    (b"kych", "macOS keychain"),
    // JavaKeyStore: magic, then version 1 or 2.
    (&[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0], "Java keystore"),
    (&[0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0], "Java keystore (JCEKS)"),
    // https://otr.cypherpunks.ca: an S-expression, as libgcrypt writes it; so do GnuPG's agent and its older form.
    (b"(privkeys", "OTR keys of a chat program"),
    (b"(11:private-key", "GnuPG private key"),
    (b"(21:protected-private-key", "GnuPG private key, locked"),
    (b"(20:shadowed-private-key", "GnuPG private key, on a card"),
    // What stood in the memory of a program when it was written, and what went over a network.
    (b"JAVA PROFILE 1.", "heap of a Java program"),
    (b"MDMP", "memory of a Windows program"),
    (&[0xD4, 0xC3, 0xB2, 0xA1], "capture of a network"),
    (&[0xA1, 0xB2, 0xC3, 0xD4], "capture of a network"),
    (&[0x0A, 0x0D, 0x0D, 0x0A], "capture of a network"),
];

/// Nothing in it is read.
pub(super) fn read_nothing(_: &[u8]) -> Vec<Setting> {
    Vec::new()
}

pub(super) fn judge(rule: &Rule, fix: &str, _: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    finding(rule, fix, subject, kind(subject.content.bytes)?)
}

/// Where no other file is called so: one that is not empty.
pub(super) fn judge_named(rule: &Rule, fix: &str, _: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.path.to_str().rsplit('/').next().unwrap_or_default().to_owned();
    if subject.content.bytes.len() < LEAST { None } else { finding(rule, fix, subject, &kind) }
}

/// Bytes of the smallest file that may hold a key.
const LEAST: usize = 16;

fn finding(rule: &Rule, fix: &str, subject: &Subject<'_>, kind: &str) -> Option<Finding> {
    if subject.content.window.offset > 0 || !subject.in_focus(0..subject.bytes().len()) {
        return None;
    }
    let bytes = subject.content.bytes;
    let context = Context::of(subject.path);
    let group = group_of(&rule.meta.id, &Secret::new(bytes));
    let place = context.map(|context| format!(", {}", context.as_str())).unwrap_or_default();
    let message = format!("{}: {kind}{place}", rule.meta.title);
    Some(super::finding(rule, fix, message, Place::whole(subject.file), group, subject))
}

/// What a file is, by its beginning.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    let known = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, kind)| *kind);
    known
        .or_else(|| is_pkcs12(bytes).then_some("PKCS#12 file"))
        .or_else(|| is_core(bytes).then_some("memory of a program"))
        .or_else(|| pgp(bytes))
}

/// A secret-key packet of OpenPGP, in the old or the new form, of version 3 to 6 (RFC 9580, sections 4.2 and 5.5.3); GnuPG's
/// own form of it, where names stand before the expression.
fn pgp(bytes: &[u8]) -> Option<&'static str> {
    let version = match bytes {
        [0x94, _, version, ..] | [0x95, _, _, version, ..] | [0xC5, 0..=191, version, ..] | [0xC5, 192..=223, _, version, ..] => *version,
        _ => 0,
    };
    let beginning = &bytes[..bytes.len().min(4096)];
    let named = |kind: &[u8]| beginning.starts_with(b"Created:") && memchr::memmem::find(beginning, kind).is_some();
    match version {
        3..=6 => Some("OpenPGP secret keys"),
        _ if named(b"Key: (private-key") => Some("GnuPG private key"),
        _ if named(b"Key: (protected-private-key") => Some("GnuPG private key, locked"),
        _ => None,
    }
}

/// An ELF file of type 4, `ET_CORE`, in either order of bytes (elf(5)).
fn is_core(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF") && matches!(bytes.get(16..18), Some([4, 0] | [0, 4]))
}

/// `SEQUENCE { INTEGER 3, SEQUENCE { OBJECT IDENTIFIER pkcs7 …` (RFC 7292, section 4).
fn is_pkcs12(bytes: &[u8]) -> bool {
    let Some((0x30, rest)) = bytes.split_first().map(|(first, rest)| (*first, rest)) else { return false };
    // The length: in one byte below 128, or of as many bytes as its low bits say; 0x80 leaves it open.
    let skipped = match rest.first() {
        Some(length @ 0x81..=0x84) => 1 + usize::from(length & 0x7F),
        Some(0..=0x80) => 1,
        _ => return false,
    };
    let pkcs7 = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
    let inner = rest.get(skipped..).unwrap_or_default();
    inner.starts_with(&[0x02, 0x01, 0x03, 0x30]) && memchr::memmem::find(&inner[..inner.len().min(32)], &pkcs7).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_beginning() {
        let p12 = [
            &[0x30, 0x82, 0x09, 0x51, 0x02, 0x01, 0x03, 0x30, 0x82, 0x09, 0x17, 0x06, 0x09][..],
            &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1],
        ];
        assert_eq!(kind(&p12.concat()), Some("PKCS#12 file"));
        // A certificate is a sequence too.
        assert_eq!(kind(&[0x30, 0x82, 0x03, 0x21, 0x30, 0x82, 0x02, 0x09, 0xA0, 3, 2, 1, 2]), None);
        assert_eq!(kind(&[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2]), Some("Java keystore"));
        assert_eq!(kind(&[0xFE, 0xED, 0xFA, 0xCE, 0, 0, 0, 2]), None, "a program of macOS");
        for broken in [&[][..], &[0x30], &[0x30, 0x84], &[0x30, 0x82, 1]] {
            assert_eq!(kind(broken), None);
        }
    }
}
