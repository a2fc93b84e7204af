//! AWS access keys: what an id tells of itself, and what a secret cannot be. Sources: the IAM reference of unique
//! identifiers; awsteele.com/blog/2020/09/26 and the key decoding of Tal Be'ery for the account number.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use data_encoding::{BASE32, BASE64};

mod signed;
pub(super) mod tokens;

use super::{Candidate, Check, Evidence};
use crate::base::entropy::shannon;
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;
use crate::secret::edge::begins;
use crate::secret::entropy::{class_changes, sequential};
use crate::secret::placeholder::is_placeholder;

/// Bodies of ids that stand in documentation and in the tests of other tools.
const DOCUMENTED: &[&str] = &["IOSFODNN7", "I44QH8DHB", "LALEMEL33243OLIA", "DEADBEEFDEADBEEF"];
/// How the documented secret begins, of which there are many variants.
const DOCUMENTED_SECRET: &[u8] = b"wJalrXUtnFEMI";
/// 0.01 % of real ids have less.
const ID_ENTROPY: f32 = 2.95;

/// Accounts of Thinkst, whose keys are made to be stolen: using one raises an alarm.
/// Source: trufflesecurity.com/blog/canaries, and the list that its scanner publishes.
const CANARIES: &[u64] = &[
    52_310_077_262,
    171_436_882_533,
    266_735_846_894,
    534_261_010_715,
    595_918_472_158,
    717_712_589_309,
    730_335_385_048,
    819_147_034_852,
    893_192_397_702,
    992_382_622_183,
];
/// Accounts of others that do the same; from the same list.
const OTHER_CANARIES: &[u64] = &[
    44_858_866_125,
    251_535_659_677,
    344_043_088_457,
    351_906_852_752,
    390_477_818_340,
    426_127_672_474,
    427_150_556_519,
    439_872_796_651,
    445_142_720_921,
    465_867_158_099,
    637_958_123_769,
    693_412_236_332,
    732_624_840_810,
    735_421_457_923,
    959_235_150_393,
    982_842_642_351,
];

pub(super) fn key_id(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Some((prefix, body)) = value.split_at_checked(4) else { return Check::Reject };
    let documented = DOCUMENTED.iter().any(|fake| body.starts_with(fake.as_bytes()));
    if body.len() != 16
        || documented
        || is_placeholder(value)
        || shannon(value) < ID_ENTROPY
        || sequential(body) > 6
        || !stands_alone(candidate)
    {
        return Check::Reject;
    }
    let Ok(decoded) = BASE32.decode(body) else { return Check::Reject };
    let account = account(&decoded);
    let mut evidence = Evidence {
        note: account.map(|number| format!("of account {number:012}")),
        account: account.map(|number| format!("{number:012}")),
        ..Evidence::NONE
    };
    if prefix == b"ASIA" {
        evidence.note = Some(evidence.note.map_or_else(|| "(temporary)".to_owned(), |note| format!("{note} (temporary)")));
        (evidence.severity, evidence.alone) = (Some(Severity::High), Some(Severity::Low));
    }
    let canary = account.and_then(|number| {
        let known = [(CANARIES, "a canary of Thinkst"), (OTHER_CANARIES, "a known canary")];
        known.into_iter().find(|(list, _)| list.contains(&number)).map(|(_, name)| name)
    });
    if let Some(name) = canary {
        evidence.note = evidence.note.map(|note| format!("{note}, {name}: whoever uses it raises an alarm"));
        (evidence.severity, evidence.alone, evidence.confidence) = (Some(Severity::Low), Some(Severity::Low), Some(Confidence::Low));
    }
    if signed::is_signed(candidate) {
        let note = evidence.note.map_or_else(String::new, |note| format!("{note}, "));
        evidence.note = Some(format!("{note}in a signed request"));
        (evidence.alone, evidence.single) = (Some(Severity::Info), true);
    }
    Check::Accept(evidence)
}

/// The number of the account that a key belongs to; older keys do not carry one.
fn account(decoded: &[u8]) -> Option<u64> {
    let first: [u8; 6] = decoded.get(..6)?.try_into().ok()?;
    let bits = first.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let number = (bits & 0x7fff_ffff_ff80) >> 7;
    (bits >> 47 == 1 && number <= 999_999_999_999).then_some(number)
}

/// Whether no letter or digit touches the value.
fn stands_alone(candidate: &Candidate<'_>) -> bool {
    !candidate.after().first().is_some_and(u8::is_ascii_alphanumeric) && begins(candidate.bytes, candidate.secret.start)
}

/// Thresholds that a real secret misses about once in 1,000 times in all (measured over 30 random bytes in base64).
const LEAST_CLASS_CHANGES: usize = 14;
const LEAST_CLASS_CHANGES_WITHOUT_DIGIT: usize = 16;
const MOST_LOWER_PAIRS: usize = 19;
const LONGEST_LOWER_RUN: usize = 11;
const MOST_SLASHES: usize = 4;
const MOST_SEQUENTIAL: usize = 8;

/// How far in front of a secret AWS is spoken of, in bytes.
const SPOKEN: usize = 300;

/// Whether what stands in front of a secret names AWS, or calls it what AWS calls it: other vendors have secret keys too.
pub(super) fn spoken_of(candidate: &Candidate<'_>) -> Check {
    const NAMES: [&str; 10] =
        ["aws", "amazon", "bedrock", "boto", "s3", "secretaccess", "secret_access", "secret-access", "secret access", "secret.access"];
    static WORDS: LazyLock<AhoCorasick> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(NAMES).expect("a few short words"));
    let before = candidate.before();
    let near = &before[before.len().saturating_sub(SPOKEN)..];
    let is_name = |found: aho_corasick::Match| {
        // `s3` is short: it is the name of the service at the beginning of a word, or of a hump.
        let before = found.start().checked_sub(1).map_or(b' ', |at| near[at]);
        found.len() > 2 || !before.is_ascii_alphanumeric() || before.is_ascii_lowercase() && near[found.start()] == b'S'
    };
    if WORDS.find_iter(near).any(is_name) { Check::PASS } else { Check::Reject }
}

pub(super) fn secret(candidate: &Candidate<'_>) -> Check {
    let plain = tokens::unescaped(candidate.value());
    let value = plain.as_slice();
    let joined = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'));
    if value.len() != 40
        || joined(candidate.before().last())
        || joined(candidate.after().first())
        || candidate.after().first() == Some(&b'=')
    {
        return Check::Reject;
    }
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    let slashes = value.iter().filter(|byte| **byte == b'/').count();
    if !secret_is_chance(value)
        || slashes > MOST_SLASHES
        || is_hex
        || value.starts_with(DOCUMENTED_SECRET)
        || is_placeholder(value)
        || is_encoded_text(value)
    {
        return Check::Reject;
    }
    // One secret, however its slashes are written.
    let identity = (value != candidate.value()).then(|| Secret::new(value));
    Check::Accept(Evidence { identity, ..Evidence::NONE })
}

/// Whether base64 comes from chance, not from words.
fn secret_is_chance(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && class_changes(value) >= if has(u8::is_ascii_digit) { LEAST_CLASS_CHANGES } else { LEAST_CLASS_CHANGES_WITHOUT_DIGIT }
        && value.windows(2).filter(|pair| pair.iter().all(u8::is_ascii_lowercase)).count() <= MOST_LOWER_PAIRS
        && value.split(|byte| !byte.is_ascii_lowercase()).all(|run| run.len() <= LONGEST_LOWER_RUN)
        && sequential(value) <= MOST_SEQUENTIAL
}

fn is_encoded_text(value: &[u8]) -> bool {
    let Ok(decoded) = BASE64.decode(value) else { return false };
    let printable = decoded.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')).count();
    printable * 10 >= decoded.len() * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: &str, value: &str, suffix: &str, validator: fn(&Candidate<'_>) -> Check) -> Check {
        let text = format!("{prefix}{value}{suffix}");
        validator(&Candidate { bytes: text.as_bytes(), secret: prefix.len()..prefix.len() + value.len() })
    }

    /// The published example of the decoding.
    #[test]
    fn an_id_tells_its_account() {
        let Check::Accept(evidence) = check("", concat!("ASIAY34F", "ZKBOKMUTVV7A"), "", key_id) else { panic!("rejected") };
        assert_eq!(evidence.note.as_deref(), Some("of account 609629065308 (temporary)"));
        assert_eq!(evidence.alone, Some(Severity::Low));
        let Check::Accept(old) = check("", concat!("AKIAIDQJ", "6PTGDFFWYX7A"), "", key_id) else { panic!("rejected") };
        assert_eq!(old.note, None, "older ids carry no account");
    }

    #[test]
    fn documented_fakes_are_no_keys() {
        for fake in [
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "AKIAI44QH8DHBEXAMPLE",
            "AKIAIOSFODNN7EXAMAAA",
            "AKIAIOSFODNN7SECRETS",
            "AKIALALEMEL33243OLIA",
            "AKIADEADBEEFDEADBEEF",
            "AKIA1234567890ABCDEF",
            "AKIAXXXXXXXXXXXXXXXX",
            "AKIAABCDEFGHIJKLMNOP",
            "AKIAZZZZZZZZZZZZZZZZ",
        ] {
            assert_eq!(check("", fake, "", key_id), Check::Reject, "{fake}");
        }
    }

    #[test]
    fn an_id_stands_alone() {
        let id = concat!("AKIAQ3EG", "RZ2MXKLV5TWB");
        for (before, after) in [("", ""), ("\"", "\""), ("key_", "_x"), ("\\n", "\\n"), ("%3D", "%2F"), ("\\u003d", ":"), ("s3://", ":x")] {
            assert_ne!(check(before, id, after, key_id), Check::Reject, "{before} {after}");
        }
        for (before, after) in [("x", ""), ("", "A"), ("n", ""), ("EUROPE", "LIA"), ("3D", "")] {
            assert_eq!(check(before, id, after, key_id), Check::Reject, "{before} {after}");
        }
    }

    #[test]
    fn a_secret_is_no_hash_path_name_or_text() {
        for other in [
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "com/amazonaws/Services/S3/Model/GetObject",
            "getObjectTaggingRequestMarshaller2Factor",
            "VGhpcyBpcyBqdXN0IHNvbWUgdGV4dCB0byBzaG93",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        ] {
            assert_eq!(check(" ", other, "\n", secret), Check::Reject, "{other}");
        }
        let real = concat!("q8Zr2Lw0/bVN5xKt7Yp1", "MdHcJ3+uTgA6Se9RfQiW");
        assert_eq!(check("=", real, "\n", secret), Check::PASS);
        for (before, after) in [("/", ""), ("", "="), ("", "a"), ("+", "")] {
            assert_eq!(check(before, real, after, secret), Check::Reject, "{before} {after}");
        }
    }

    /// Chance is not taken for a hash, a path or a name.
    #[test]
    fn few_real_values_are_lost() {
        let (mut ids, mut secrets) = (0, 0);
        for seed in 0..20_000 {
            let value = crate::secret::generate::expand("{aws-key-id} {aws-secret}", seed).expect("known");
            let (id, rest) = value.split_at(20);
            ids += usize::from(check("", id, "", key_id) == Check::Reject);
            secrets += usize::from(check(" ", &rest[1..], "", secret) == Check::Reject || shannon(&rest.as_bytes()[1..]) < 4.25);
        }
        assert!(ids <= 20 && secrets <= 40, "lost of 20,000: {ids} ids, {secrets} secrets");
    }
}
