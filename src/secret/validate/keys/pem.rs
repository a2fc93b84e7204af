//! Private keys in PEM armour, and what is in OpenSSH's. A header alone is no key, and neither is the elided one of a
//! handbook: the body must decode, and be as long as its own lengths say.

use super::armour::Body;
use super::der::{SHORTEST, sequence};
use super::{Candidate, Check, State, following, framed, openpgp};

/// Less ciphertext than this is no key.
const SHORTEST_ENCRYPTED: usize = 64;

/// The candidate is the header; the evidence widens it to header and body.
pub(in crate::secret::validate) fn body(candidate: &Candidate<'_>) -> Check {
    let header = candidate.value();
    let text = following(candidate);
    let has = |word: &[u8]| memchr::memmem::find(header, word).is_some();
    let read = Body::read(text);
    let found = if has(b"PGP") {
        read.and_then(|read| Some((openpgp::key(&read.decoded, read.checksum.as_deref())?, read)))
    } else if has(b"COSIGN") || has(b"SIGSTORE") {
        read.and_then(|read| Some((boxed(&read.decoded)?, read)))
    } else {
        let judged = |read: Body| Some((key(&read, has(b"ENCRYPTED"))?, read));
        let plain = read.and_then(judged);
        // Signs in front of each line make noise of a body, and noise passes for ciphertext.
        if plain.as_ref().is_some_and(|(state, _)| *state == State::Open) {
            plain
        } else {
            let framed = framed::read(text).and_then(judged);
            let is_better = |(state, _): &(State, Body)| plain.is_none() || *state == State::Open;
            if framed.as_ref().is_some_and(is_better) { framed } else { plain }
        }
    };
    let Some((state, read)) = found else { return Check::Reject };
    let start = candidate.secret.end;
    state.evidence(start + read.range.start..start + read.range.end, &read.decoded)
}

/// A key in DER or in OpenSSH's own format, whatever its header says: `locked` is what the first line calls it.
fn key(body: &Body, locked: bool) -> Option<State> {
    // `MIICWgIBAAKBgAAAA…`: somebody filled it with nothing.
    if body.decoded.iter().filter(|byte| **byte == 0).count() * 2 > body.decoded.len() {
        return None;
    }
    if let Some(rest) = body.decoded.strip_prefix(b"openssh-key-v1\0") {
        return openssh(rest);
    }
    match sequence(&body.decoded) {
        // A version number comes first in every private key.
        Some(([0x02, 0x01, 0..=3, ..], state)) => Some(state),
        Some(([0x30, ..], _)) if locked => Some(State::Locked),
        _ => (body.encrypted && body.decoded.len() >= SHORTEST_ENCRYPTED).then_some(State::Locked),
    }
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

/// A key of Sigstore: JSON that says how its ciphertext is locked.
fn boxed(decoded: &[u8]) -> Option<State> {
    let json = serde_json::from_slice::<serde_json::Value>(decoded).ok()?;
    json.get("ciphertext").is_some_and(serde_json::Value::is_string).then_some(State::Locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{Confidence, Severity};
    use crate::base::secret::Secret;
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
            each("@\n").replace("KEY-----\nMII", "KEY----- x\nMII"),
            each("// @\n"),
            each("# @\n"),
            key.replace('\n', "&#10;"),
            key.replace('\n', "&#13;&#10;"),
            key.replace('\n', "%0A"),
            format!("key={}", key.replace('/', "%2F").replace('+', "%2b").replace('\n', "%0a")),
            format!("{{\"key\": \"{}\"}}", key.replace('/', "\\/").replace('\n', "\\n")),
            format!("{{\"key\": \"{}\"}}", key.replace('+', "\\u002B").replace('=', "\\u003d").replace('\n', "\\u000a")),
            format!("\"{{\\\"key\\\": \\\"{}\\\"}}\"", key.replace('/', "\\\\\\/").replace('\n', "\\\\n")),
            key.replace('\n', " "),
            key.replace("-----END RSA PRIVATE KEY-----", ""),
        ];
        for spelling in spellings {
            assert!(identity(&spelling) == want, "{}", &spelling[..60]);
        }
    }

    #[test]
    fn every_kind_is_read() {
        for kind in ["pem-rsa", "pem-ec", "pem-pkcs8", "pem-pkcs8-rsa", "pem-pkcs8-ec", "pem-dsa", "openssh-key"] {
            let key = expand(&format!("{{{kind}}}"), 9).expect("known");
            let Check::Accept(evidence) = check(&key) else { panic!("{kind}") };
            assert_eq!(evidence.severity, None, "{kind}");
            let secret = &key[evidence.secret.expect("a body")];
            assert!(!secret.contains("-----") && key.contains(&format!("\n{secret}\n-----END")), "{kind}");
        }
    }

    /// What stands before and behind every line of a key, header and footer among them.
    const FRAMES: [(&str, &str); 37] = [
        ("+", "\n"),
        ("-", "\n"),
        (" ", "\n"),
        ("+", "\r\n"),
        ("//", "\n"),
        ("// ", "\n"),
        ("# ", "\n"),
        (";", "\n"),
        ("-- ", "\n"),
        ("REM ", "\n"),
        ("!", "\n"),
        ("> ", "\n"),
        ("# ", " \n"),
        ("\u{a0}", "\n"),
        ("sb.append(\"", "\\n\");\n"),
        ("key += \"", "\\n\"\n"),
        ("key+=\"", "\"\n"),
        ("key+='", "'\r\n"),
        ("echo \"", "\"\n"),
        ("echo ", " >> ~/.ssh/id_rsa\n"),
        ("  - \"", "\"\n"),
        ("['", "',\n"),
        ("\"", "\" & vbCrLf & _\n"),
        ("    \"", "\", \n"),
        ("", "<br/>\n"),
        ("", "<br>"),
        ("<l>", "</l>\n"),
        ("<l>", "</l>"),
        ("", "|"),
        ("", ","),
        ("", ", "),
        ("", "\r"),
        ("", "\0\n"),
        ("", "\u{200b}\n"),
        ("", "/n"),
        ("", "^\n"),
        ("", "\\n\\\n"),
    ];

    #[test]
    fn whatever_all_lines_stand_in_is_none_of_the_key() {
        for kind in ["pem-rsa", "pem-ec", "pem-pkcs8", "pem-pkcs8-rsa", "pem-pkcs8-ec", "openssh-key"] {
            for seed in 0..8 {
                let key = expand(&format!("{{{kind}}}"), seed).expect("known");
                let want = identity(&key);
                assert!(want.is_some());
                for (before, behind) in FRAMES {
                    let text = key.lines().map(|line| format!("{before}{line}{behind}")).collect::<Vec<_>>().concat();
                    assert!(identity(&text) == want, "{kind} {seed} {before:?} {behind:?}");
                }
                let numbered = key.lines().enumerate().map(|(i, line)| format!("{:>2} {line}\n", i + 1)).collect::<Vec<_>>().concat();
                assert!(identity(&numbered) == want, "{kind} {seed} numbered");
                let indexed = key.lines().enumerate().map(|(i, line)| format!("k[{i}] = \"{line}\";\n")).collect::<Vec<_>>().concat();
                assert!(identity(&indexed) == want, "{kind} {seed} indexed");
            }
        }
    }

    #[test]
    fn a_key_that_its_frame_elides_is_none() {
        let key = expand("{pem-rsa}", 5).expect("known");
        let lines: Vec<&str> = key.lines().collect();
        let last = lines.len() - 1;
        for (before, behind) in FRAMES {
            let frame = |lines: &[&str]| lines.iter().map(|line| format!("{before}{line}{behind}")).collect::<Vec<_>>().concat();
            for kept in [
                [&lines[..2], &["..."], &lines[last - 1..]].concat(),
                [&lines[..8], &["..."], &lines[20..]].concat(),
                [&lines[..2], &lines[last..]].concat(),
                vec![lines[0], "MIIEowIBAAKCAQEA...", lines[last]],
                vec![lines[0], lines[last]],
            ] {
                assert_eq!(check(&frame(&kept)), Check::Reject, "{before:?} {behind:?} {}", kept.len());
            }
        }
    }

    #[test]
    fn the_body_says_whether_it_is_locked_and_not_its_headers() {
        for kind in ["pem-rsa", "pem-ec", "pem-pkcs8", "pem-pkcs8-rsa", "openssh-key"] {
            let key = expand(&format!("{{{kind}}}"), 6).expect("known");
            let want = identity(&key);
            let (head, body) = key.split_once('\n').expect("lines");
            let label = head.trim_matches('-').strip_prefix("BEGIN ").expect("a label");
            let mut texts = vec![
                format!("{head}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n{body}"),
                format!("{head}\nComment: not ENCRYPTED\n{body}"),
                format!("+{head}\n+Comment: not ENCRYPTED\n+{}", body.replace('\n', "\n+")),
                key.replace(label, "ENCRYPTED PRIVATE KEY"),
                format!("{head} x\n{body}"),
            ];
            if label.len() < "OPENSSH PRIVATE KEY".len() {
                texts.push(key.replace(label, &format!("ENCRYPTED {label}")));
            }
            for text in texts {
                let Check::Accept(evidence) = check(&text) else { panic!("{kind}: {}", &text[..60]) };
                assert!(evidence.severity.is_none() && evidence.identity == want, "{kind}: {}", &text[..60]);
            }
        }
    }

    #[test]
    fn what_is_locked_stays_so_in_any_frame() {
        for kind in ["pem-locked", "pem-pkcs8-locked", "openssh-key-locked"] {
            let key = expand(&format!("{{{kind}}}"), 4).expect("known");
            for (before, behind) in [("+", "\n"), ("echo \"", "\"\n"), ("sb.append(\"", "\\n\");\n")] {
                let text = key.lines().map(|line| format!("{before}{line}{behind}")).collect::<Vec<_>>().concat();
                let Check::Accept(evidence) = check(&text) else { panic!("{kind} {before}") };
                assert_eq!(evidence.severity, Some(Severity::Low), "{kind} {before}");
            }
        }
    }

    #[test]
    fn a_key_of_zeros_is_none() {
        let text = format!("-----BEGIN RSA PRIVATE KEY-----\nMIICWgIBAAKBg{}\n-----END RSA PRIVATE KEY-----\n", "A".repeat(799));
        assert_eq!(check(&text), Check::Reject);
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
    fn what_a_passphrase_locks_is_low() {
        for kind in ["pem-locked", "pem-pkcs8-locked", "openssh-key-locked", "pgp-key-locked"] {
            let Check::Accept(evidence) = check(&expand(&format!("{{{kind}}}"), 4).expect("known")) else { panic!("{kind}") };
            assert_eq!(evidence.severity, Some(Severity::Low), "{kind}");
            assert!(evidence.note.is_some_and(|note| note.contains("encrypted")), "{kind}");
        }
        let Check::Accept(open) = check(&expand("{pgp-key}", 4).expect("known")) else { panic!("rejected") };
        assert_eq!(open.severity, None);
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

    proptest::proptest! {
        #[test]
        fn any_body_is_judged(body in "[A-Za-z0-9+/=\\\\\n\"' .,:-]{0,200}") {
            check(&format!("-----BEGIN PRIVATE KEY-----{body}"));
        }
    }
}
