//! Private keys in DER, and those whose base64 stands without the header that PEM gives it: by how they begin they are
//! known all the same. Sources: RFC 8017 A.1.2 (RSA), RFC 5958 (PKCS #8), RFC 5915 (EC), RFC 8410 (Ed25519).

use super::armour::{decode, is_base64, lines, unescaped};
use super::{Candidate, Check, State, following, framed};

/// The shortest DER of a private key: Ed25519 has 48 bytes.
pub(super) const SHORTEST: usize = 40;
/// A key that lost a part must be at least this long.
const LONG: usize = 400;

/// What is in a DER sequence that is as long as it says, or nearly: of an RSA key, half is enough to find the rest, so a
/// key that lost a line is a key. The elided ones of handbooks have a line or two.
pub(super) fn sequence(der: &[u8]) -> Option<(&[u8], State)> {
    let (tag, rest) = der.split_first()?;
    let (length, content) = length(rest)?;
    let state = if content.len() == length { State::Open } else { State::Cut };
    let is_there = state == State::Open || (content.len() >= LONG && (length * 3 / 4..=length).contains(&content.len()));
    (*tag == 0x30 && der.len() >= SHORTEST && is_there).then_some((content, state))
}

/// A length of two bytes at most, and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some(match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        _ => return None,
    })
}

/// How far in front of a body the header stands that makes it another rule's.
const HEADER: usize = 80;

/// What may stand around the lines of a key, besides seven times its own length.
const AROUND: usize = 2048;

/// A sequence with two bytes of length is written so, two characters further on its version.
const HEAD: usize = 6;

/// The candidate is what every key has at its begin or six characters behind it; the evidence is the whole of the key.
pub(in crate::secret::validate) fn headless(candidate: &Candidate<'_>) -> Check {
    let is_head = candidate.value().starts_with(b"MI") || candidate.value().starts_with(b"MC") || candidate.value().starts_with(b"MH");
    let Some(start) = candidate.secret.start.checked_sub(if is_head { 0 } else { HEAD }) else { return Check::Reject };
    let before = &candidate.bytes[..start];
    let near = &before[before.len().saturating_sub(HEADER)..];
    // What an escape ends with is no part of a key.
    let joined = near.last().is_some_and(|byte| is_base64(*byte) && *byte != b'=');
    let escape = matches!(near, [.., b'\\', b'n' | b'r' | b't']);
    // Nor is what marks a line of a patch, or a comment.
    let line = near.iter().rposition(|byte| *byte == b'\n').map_or(near, |end| &near[end + 1..]);
    let marked = matches!(line, b"+" | b"//");
    if (joined && !escape && !marked) || memchr::memmem::rfind(near, b"KEY-----").is_some() {
        return Check::Reject;
    }
    let whole = Candidate { bytes: candidate.bytes, secret: start..start };
    let text = following(&whole);
    // A flood of heads is not read to its end at each of them.
    let text = announced(text.get(..8).unwrap_or_default()).map_or(text, |(size, _)| &text[..text.len().min(size * 8 + AROUND)]);
    // Behind a mark no line goes on as a whole one does.
    let key = if marked { framed_key(text) } else { whole_key(text).or_else(|| framed_key(text)) };
    match key {
        Some((der, end)) => State::Open.evidence(start..start + end, &der),
        None => Check::Reject,
    }
}

/// The key that some text begins with, over one line or many, and where its text ends. It ends where its own length says.
fn whole_key(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut base64 = Vec::new();
    for line in lines(text) {
        let bytes = &text[line.clone()];
        // Escapes are of letters, digits and these two.
        let run = bytes.iter().take_while(|byte| is_base64(**byte) || matches!(byte, b'\\' | b'%')).count();
        let plain = unescaped(&bytes[..run]);
        base64.extend_from_slice(&plain);
        let (size, _) = announced(base64.get(..8)?)?;
        let needed = (size * 4).div_ceil(3);
        if base64.len() >= needed {
            let (own, rest) = base64.split_at(needed);
            let der = decode(own)?;
            let content = announced(own.get(..8)?)?.1;
            let ends = rest.len() <= 2 && rest.iter().all(|byte| *byte == b'=');
            return (ends && der.len() == size && size >= SHORTEST && der.get(content..)?.starts_with(&[0x02, 0x01]))
                .then_some((der, line.start + run));
        }
        if run < bytes.len() {
            return None;
        }
    }
    None
}

/// The key that some text begins with where every line stands in something else.
fn framed_key(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let read = framed::is_head(text).then(|| framed::read(text))??;
    let is_key = matches!(sequence(&read.decoded), Some(([0x02, 0x01, ..], State::Open)));
    is_key.then_some((read.decoded, read.range.end))
}

/// How long the sequence is that begins with these characters, and its head alone.
pub(super) fn announced(base64: &[u8]) -> Option<(usize, usize)> {
    let head = decode(base64)?;
    let (tag, rest) = head.split_first()?;
    let (length, content) = length(rest)?;
    let header = head.len() - content.len();
    (*tag == 0x30).then_some((header + length, header))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;

    fn check(text: &str, body: &str) -> Check {
        let start = text.find(&body[..16]).expect("the body");
        let skip = if body.starts_with("MII") { HEAD } else { 0 };
        headless(&Candidate { bytes: text.as_bytes(), secret: start + skip..start + 16 })
    }

    #[test]
    fn a_body_is_a_key_without_its_header() {
        for kind in ["pem-rsa", "pem-ec", "pem-pkcs8", "pem-pkcs8-rsa", "pem-dsa"] {
            let key = expand(&format!("{{{kind}}}"), 3).expect("known");
            let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
            let body = lines.concat();
            let Check::Accept(evidence) = check(&format!("PRIVATE_KEY={body}\nOTHER=1\n"), &body) else { panic!("{kind}") };
            assert_eq!(evidence.secret, Some(12..12 + body.len()), "{kind}");
            for text in
                [format!("key: |\n  {}\n", lines.join("\n  ")), format!("{{\"key\":\"\\n{body}\"}}"), format!("'{}'", lines.join("\\n"))]
            {
                assert!(matches!(check(&text, &body), Check::Accept(_)), "{kind}");
            }
            for mark in ["+", "//"] {
                let text = lines.iter().map(|line| format!("{mark}{line}\n")).collect::<Vec<_>>().concat();
                assert!(matches!(check(&text, &body), Check::Accept(_)), "{kind} behind {mark}");
            }
            for (before, behind) in [("key += \"", "\"\n"), ("sb.append(\"", "\\n\");\n"), ("", "|")] {
                let text = lines.iter().map(|line| format!("{before}{line}{behind}")).collect::<Vec<_>>().concat();
                assert!(matches!(check(&text, &body), Check::Accept(_)), "{kind} in {before} and {behind}");
            }
            assert_eq!(check(&key, &body), Check::Reject, "{kind} has its header");
            assert_eq!(check(&format!("A{body}"), &body), Check::Reject, "{kind} begins elsewhere");
            assert_eq!(check(&body[..body.len() - 8], &body), Check::Reject, "{kind} is cut");
        }
    }
}
