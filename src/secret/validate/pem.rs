//! Private keys in PEM armour. A header alone is no key, and neither is the elided one of a handbook: the body must
//! decode, and be as long as its own lengths say. Keys are also read from strings with `\n` in them, from
//! concatenations over lines, and behind comment signs.

use std::ops::Range;

use data_encoding::{BASE64_NOPAD, Encoding, Specification};

use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;

/// How far behind the header a key is looked for: RSA of 16,384 bits has 12,500 bytes.
pub const REACH: usize = 14_000;
/// The shortest DER of a private key: Ed25519 has 48 bytes.
const SHORTEST: usize = 40;
/// A key that lost a part must be at least this long.
const LONG: usize = 400;
/// Less ciphertext than this is no key.
const SHORTEST_ENCRYPTED: usize = 64;

/// The candidate is the header; the evidence widens it to header and body.
pub(super) fn body(candidate: &Candidate<'_>) -> Check {
    let header = candidate.value();
    let after = candidate.after();
    let Some(read) = Body::read(&after[..after.len().min(REACH)]) else { return Check::Reject };
    let has = |word: &[u8]| memchr::memmem::find(header, word).is_some();
    let Some(state) = (if has(b"PGP") { pgp(&read) } else { key(&read, has(b"ENCRYPTED")) }) else { return Check::Reject };
    let start = candidate.secret.end;
    let mut evidence = Evidence {
        secret: Some(start + read.range.start..start + read.range.end),
        identity: Some(Secret::new(&read.decoded)),
        ..Evidence::NONE
    };
    match state {
        State::Open => {}
        State::Locked => {
            evidence.note = Some("(locked by a passphrase)".to_owned());
            evidence.severity = Some(Severity::Low);
            evidence.confidence = Some(Confidence::Medium);
        }
        State::Cut => {
            evidence.note = Some("(incomplete, and the rest can often be computed)".to_owned());
            evidence.confidence = Some(Confidence::Medium);
        }
    }
    Check::Accept(evidence)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Locked,
    /// Most of it is there.
    Cut,
}

/// What stands between header and footer.
struct Body {
    decoded: Vec<u8>,
    /// From the first to the last base64 character, from the end of the header on.
    range: Range<usize>,
    /// A line of the old format says that it is encrypted.
    encrypted: bool,
    /// The checksum line of PGP.
    checksum: Option<Vec<u8>>,
}

impl Body {
    /// None where it is elided, or no base64.
    fn read(bytes: &[u8]) -> Option<Body> {
        let mut base64 = Vec::new();
        let (mut encrypted, mut checksum) = (false, None);
        let mut range: Option<Range<usize>> = None;
        for line in lines(bytes) {
            let text = &bytes[line.clone()];
            if text.starts_with(b"-----") {
                break;
            }
            if text.is_empty() || text == b"+" {
                continue;
            }
            if text.len() == 5 && text[0] == b'=' && !base64.is_empty() {
                checksum = decode(&text[1..]);
                continue;
            }
            if text.iter().all(|byte| is_base64(*byte)) {
                base64.extend_from_slice(text);
                range = Some(range.map_or(line.start, |r| r.start)..line.end);
                continue;
            }
            if base64.is_empty() && memchr::memchr(b':', text).is_some() {
                encrypted |= memchr::memmem::find(text, b"ENCRYPTED").is_some();
                continue;
            }
            // What is no base64 ends a key that has no footer, and breaks an elided one: its lengths will tell.
            break;
        }
        Some(Body { decoded: decode(&base64)?, range: range?, encrypted, checksum })
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Lines, also those that are written as escapes, each without what a language puts around it.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        if start >= bytes.len() {
            return None;
        }
        let rest = &bytes[start..];
        let (length, width) = end_of_line(rest);
        at = start + length + width;
        Some(trim(bytes, start..start + length))
    })
}

/// Where a line ends, and how many bytes end it.
fn end_of_line(rest: &[u8]) -> (usize, usize) {
    let mut plain = true;
    for (i, byte) in rest.iter().enumerate() {
        match byte {
            b'\n' => return (i, 1),
            b'\\' => {
                let slashes = rest[i..].iter().take(8).take_while(|byte| **byte == b'\\').count();
                if matches!(rest.get(i + slashes), Some(b'n' | b'r')) {
                    return (i, slashes + 1);
                }
            }
            b'&' if rest[i..].starts_with(b"&#10;") || rest[i..].starts_with(b"&#xA;") || rest[i..].starts_with(b"&#xa;") => return (i, 5),
            b'%' if rest[i..].starts_with(b"%0A") || rest[i..].starts_with(b"%0D") => return (i, 3),
            // A footer ends the line that it stands on.
            b'-' if i > 0 && rest[i..].starts_with(b"-----") => return (i, 0),
            // Some join the lines of a key with blanks.
            b' ' if i >= 60 && plain => return (i, 1),
            _ => {}
        }
        plain &= is_base64(*byte) || (i == 0 && *byte == b' ');
    }
    (rest.len(), 0)
}

fn trim(bytes: &[u8], mut line: Range<usize>) -> Range<usize> {
    loop {
        let text = &bytes[line.clone()];
        line.start += match text {
            [b'/', b'/', b' ', ..] => 3,
            [b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'#' | b'*' | b'>' | b'|' | b'.' | b',' | b'(', ..]
            | [b'+', b' ' | b'"' | b'\'', ..] => 1,
            _ => break,
        };
    }
    loop {
        let text = &bytes[line.clone()];
        line.end -= match text {
            [.., b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'.' | b')' | b'&']
            | [.., b' ' | b'"' | b'\'', b'+'] => 1,
            _ => break,
        };
    }
    line
}

/// Base64 with or without padding, whatever its unused bits are.
fn decode(base64: &[u8]) -> Option<Vec<u8>> {
    let end = base64.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    // A lone character at the end carries no byte: one was lost.
    let end = if end % 4 == 1 { end - 1 } else { end };
    lenient().decode(&base64[..end]).ok()
}

fn lenient() -> Encoding {
    let mut specification: Specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64_NOPAD)
}

/// A key in DER or in OpenSSH's own format, whatever its header says.
fn key(body: &Body, locked: bool) -> Option<State> {
    if let Some(rest) = body.decoded.strip_prefix(b"openssh-key-v1\0") {
        return openssh(rest);
    }
    if body.encrypted {
        return (body.decoded.len() >= SHORTEST_ENCRYPTED).then_some(State::Locked);
    }
    let (content, state) = sequence(&body.decoded)?;
    match content {
        [0x30, ..] if locked => Some(State::Locked),
        // A version number comes first in every private key.
        [0x02, 0x01, 0..=3, ..] if !locked => Some(state),
        _ => None,
    }
}

/// What is in a DER sequence that is as long as it says, or nearly: of an RSA key, half is enough to find the rest, so a
/// key that lost a line is a key. The elided ones of handbooks have a line or two.
fn sequence(der: &[u8]) -> Option<(&[u8], State)> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, content) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        _ => return None,
    };
    let state = if content.len() == length { State::Open } else { State::Cut };
    let is_there = state == State::Open || (content.len() >= LONG && (length * 3 / 4..=length).contains(&content.len()));
    (*tag == 0x30 && der.len() >= SHORTEST && is_there).then_some((content, state))
}

/// Cipher, key derivation, public and private part, each with its length.
fn openssh(rest: &[u8]) -> Option<State> {
    let (cipher, rest) = string(rest)?;
    let (_derivation, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (count, mut rest) = number(rest)?;
    for _ in 0..count.min(8) {
        rest = string(rest)?.1;
    }
    let (private, _) = string(rest)?;
    let state = if cipher == b"none" { State::Open } else { State::Locked };
    (private.len() >= SHORTEST).then_some(state)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_at_checked(4)?;
    Some((u32::from_be_bytes(number.try_into().ok()?), rest))
}

fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// A secret key packet first, and the armour's checksum right where there is one (RFC 9580, 6.1).
fn pgp(body: &Body) -> Option<State> {
    let first = *body.decoded.first()?;
    let is_secret_key = matches!(first, 0x94..=0x97 | 0xC5);
    let sum_holds = body.checksum.as_ref().is_none_or(|sum| sum.as_slice() == &crc24(&body.decoded).to_be_bytes()[1..]);
    (is_secret_key && sum_holds && body.decoded.len() >= SHORTEST_ENCRYPTED).then_some(State::Open)
}

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
    use crate::secret::generate::expand;

    fn check(text: &str) -> Check {
        let end = text.find("KEY-----").or_else(|| text.find("BLOCK-----")).expect("a header");
        let end = end + text[end..].find("-----").expect("its end") + 5;
        body(&Candidate { bytes: text.as_bytes(), secret: text[..end].rfind("-----BEGIN").expect("its start")..end })
    }

    fn identity(text: &str) -> Option<Secret> {
        match check(text) {
            Check::Accept(evidence) => evidence.identity,
            Check::Reject => None,
        }
    }

    #[test]
    fn the_same_key_in_every_spelling() {
        let key = expand("{pem-rsa}", 5).expect("known");
        let want = identity(&key);
        assert!(want.is_some());
        let each = |line: &str| key.lines().map(|l| line.replace('@', l)).collect::<String>();
        let spellings = [
            key.replace('\n', "\r\n"),
            format!("{{\"key\": \"{}\"}}", key.replace('\n', "\\n")),
            format!("{{\"key\": \"{}\"}}", key.replace('\n', "\\r\\n")),
            format!("\"{{\\\"key\\\": \\\"{}\\\"}}\"", key.replace('\n', "\\\\n")),
            format!("key: |\n    {}", key.replace('\n', "\n    ")),
            each("  \"@\\n\" +\n"),
            each("    '@',\n"),
            each("// @\n"),
            each("# @\n"),
            key.replace('\n', "&#10;"),
            key.replace('\n', "%0A"),
            key.replace('\n', " "),
            key.replace("-----END RSA PRIVATE KEY-----", ""),
        ];
        for spelling in spellings {
            assert!(identity(&spelling) == want, "{}", &spelling[..60]);
        }
    }

    #[test]
    fn every_kind_is_read() {
        for kind in ["pem-rsa", "pem-ec", "pem-pkcs8", "openssh-key"] {
            let key = expand(&format!("{{{kind}}}"), 9).expect("known");
            let Check::Accept(evidence) = check(&key) else { panic!("{kind}") };
            assert_eq!(evidence.severity, None, "{kind}");
            let secret = &key[evidence.secret.expect("a body")];
            assert!(!secret.contains("-----") && key.contains(&format!("\n{secret}\n-----END")), "{kind}");
        }
    }

    #[test]
    fn elided_and_empty_keys_are_none() {
        let key = expand("{pem-rsa}", 5).expect("known");
        let lines: Vec<&str> = key.lines().collect();
        let elided = [
            format!("{}\n{}\n...\n{}\n{}", lines[0], lines[1], lines[lines.len() - 2], lines[lines.len() - 1]),
            format!("{}\n{}\n{}", lines[0], lines[1], lines[lines.len() - 1]),
            format!("{}\n\n{}", lines[0], lines[lines.len() - 1]),
            format!("{} ... {}", lines[0], lines[lines.len() - 1]),
            "-----BEGIN PRIVATE KEY-----\nxxx\n-----END PRIVATE KEY-----\n".to_owned(),
            "-----BEGIN PRIVATE KEY-----\nYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\n-----END PRIVATE KEY-----\n".to_owned(),
        ];
        for text in elided {
            assert_eq!(check(&text), Check::Reject, "{}", &text[..40]);
        }
    }

    #[test]
    fn a_key_that_lost_a_line_is_one() {
        let key = expand("{pem-rsa}", 5).expect("known");
        let lines: Vec<&str> = key.lines().collect();
        let cut = [&lines[..7], &lines[8..]].concat().join("\n");
        let Check::Accept(evidence) = check(&cut) else { panic!("rejected") };
        assert_eq!(evidence.confidence, Some(Confidence::Medium));
        let half = [&lines[..lines.len() / 2], &lines[lines.len() - 1..]].concat().join("\n");
        assert_eq!(check(&half), Check::Reject);
    }

    #[test]
    fn a_passphrase_lowers() {
        let body = expand("{base64-64}", 1).expect("known");
        let text = format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n{body}\n{body}\n-----END RSA PRIVATE KEY-----"
        );
        let Check::Accept(evidence) = check(&text) else { panic!("rejected") };
        assert_eq!(evidence.severity, Some(Severity::Low));
    }

    /// RFC 9580: the value of the empty input is the initial one; "123456789" gives the published check value.
    #[test]
    fn crc24_has_its_published_value() {
        assert_eq!(crc24(b""), 0x00B7_04CE);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_judged(body in "[A-Za-z0-9+/=\\\\\n\"' .,:-]{0,200}") {
            check(&format!("-----BEGIN PRIVATE KEY-----{body}"));
        }
    }
}
