//! Keys of Azure. Those of the last years carry a mark of four characters and a Marvin32 checksum under a seed that tells
//! the service; older ones are 64 or 32 random bytes in base64. Source: microsoft/security-utilities
//! (`IdentifiableMetadata`, `IdentifiableSecrets`, `AdoLegacyPat`), which the services make and know their keys by.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};

use super::base62::base62;
use super::marvin::marvin32;
use super::{Candidate, Check, Evidence};
use crate::base::ids::Severity;
use crate::secret::placeholder::is_placeholder;

/// A kind of key that carries a mark in front of its checksum.
struct Marked {
    mark: &'static [u8; 4],
    /// In bytes, when decoded.
    length: usize,
    seeds: &'static [u64],
    /// What it opens.
    what: &'static str,
}

/// A seed is the name of what the key is for, in eight letters.
const fn seed(name: [u8; 8]) -> u64 {
    u64::from_be_bytes(name)
}

const MESSAGING: &[u64] = &[seed(*b"Send0000"), seed(*b"Manage00"), seed(*b"Listen00"), seed(*b"System00"), seed(*b"Unknown0")];
const COSMOS: &[u64] = &[
    seed(*b"MastRW00"),
    seed(*b"MastRO00"),
    seed(*b"SysAll00"),
    seed(*b"SystRW00"),
    seed(*b"SystRO00"),
    seed(*b"Resour00"),
    seed(*b"Encryp00"),
];
const API_MANAGEMENT: &[u64] = &[seed(*b"Tenant00"), seed(*b"IoTHub00"), seed(*b"Gatewy00"), seed(*b"GitKey00")];
const FUNCTIONS: &[u64] = &[seed(*b"Functi00"), seed(*b"Master00"), seed(*b"System00")];
const IOT: &[u64] = &[seed(*b"IoTHub00"), seed(*b"DpsKey00"), seed(*b"Device00")];
const SEARCH: &[u64] = &[seed(*b"Query000"), seed(*b"PAdmin00")];

const MARKED: &[Marked] = &[
    Marked { mark: b"+ASt", length: 64, seeds: &[seed(*b"Default0")], what: "of a storage account" },
    Marked { mark: b"ACDb", length: 64, seeds: COSMOS, what: "of Cosmos DB" },
    Marked { mark: b"+ABa", length: 64, seeds: &[seed(*b"AbAcct00")], what: "of a Batch account" },
    Marked { mark: b"+AMC", length: 64, seeds: &[seed(*b"Classic0")], what: "of a Machine Learning web service" },
    Marked { mark: b"APIM", length: 64, seeds: API_MANAGEMENT, what: "of API Management" },
    Marked { mark: b"+ASb", length: 32, seeds: MESSAGING, what: "of Service Bus" },
    Marked { mark: b"+AEh", length: 32, seeds: MESSAGING, what: "of Event Hubs" },
    Marked { mark: b"+ARm", length: 32, seeds: MESSAGING, what: "of Relay" },
    Marked { mark: b"AIoT", length: 32, seeds: IOT, what: "of IoT Hub" },
    Marked { mark: b"AzFu", length: 40, seeds: FUNCTIONS, what: "of Functions" },
    Marked { mark: b"AzSe", length: 39, seeds: SEARCH, what: "of AI Search" },
    Marked { mark: b"+ACR", length: 39, seeds: &[seed(*b"ACRDflt0")], what: "of a Container Registry" },
];

/// How the base64 of a marked key ends: six characters of checksum, and the padding.
const SUM: usize = 6;

/// A key with a mark and its checksum.
pub(super) fn marked(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    if is_joined(candidate) || is_placeholder(value) {
        return Check::Reject;
    }
    match MARKED.iter().find(|kind| kind.is(value)) {
        Some(kind) => Check::Accept(Evidence { note: Some(kind.what.to_owned()), ..Evidence::NONE }),
        None => Check::Reject,
    }
}

impl Marked {
    /// Whether the mark stands where it belongs.
    fn bears(&self, value: &[u8]) -> bool {
        let body = value.trim_suffix_of(b'=');
        let at = body.len().checked_sub(SUM + self.mark.len());
        at.is_some_and(|at| body[at..].starts_with(self.mark))
    }

    fn is(&self, value: &[u8]) -> bool {
        let Some(bytes) = self.bears(value).then(|| decoded(value)).flatten().filter(|bytes| bytes.len() == self.length) else {
            return false;
        };
        let (body, sum) = bytes.split_at(bytes.len() - 4);
        self.seeds.iter().any(|seed| marvin32(body, *seed).to_le_bytes() == sum)
    }
}

/// Whether base64 goes on in front or behind.
fn is_joined(candidate: &Candidate<'_>) -> bool {
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    let equals = candidate.after().first() == Some(&b'=');
    joins(candidate.before().last()) || joins(candidate.after().first()) || equals
}

/// Base64 of either alphabet, padded or not.
fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().find_map(|encoding| encoding.decode(value).ok())
}

/// What no byte of this kind stands at the end of.
trait TrimSuffix {
    fn trim_suffix_of(&self, byte: u8) -> &Self;
}

impl TrimSuffix for [u8] {
    fn trim_suffix_of(&self, byte: u8) -> &[u8] {
        let end = self.iter().rposition(|b| *b != byte).map_or(0, |at| at + 1);
        &self[..end]
    }
}

/// The services that put their name into a common annotated key.
const PROVIDERS: [(&[u8], &str); 9] = [
    (b"AZDO", "of Azure DevOps"),
    (b"AZAC", "of App Configuration"),
    (b"AZFR", "of Fluid Relay"),
    (b"AZEG", "of Event Grid"),
    (b"AZMR", "of Mixed Reality"),
    (b"AZMP", "of Azure Maps"),
    (b"AZCS", "of Communication Services"),
    (b"ACOG", "of AI services"),
    (b"MSQL", "of SQL"),
];
/// Where the provider's name stands, and what is hashed.
const PROVIDER: usize = 76;
const HASHED: usize = 80;

/// A common annotated security key: `JQQJ99` in its midst, the provider at 76, then the checksum in base62, cut to four
/// characters in the short form.
pub(super) fn annotated(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_'));
    if word(candidate.before().last()) || word(candidate.after().first()) || is_placeholder(value) || !is_annotated(value) {
        return Check::Reject;
    }
    let provider = value[PROVIDER..HASHED].to_ascii_uppercase();
    let known = PROVIDERS.iter().find(|(name, _)| *name == provider);
    Check::Accept(Evidence { note: known.map(|(_, what)| (*what).to_owned()), ..Evidence::NONE })
}

fn is_annotated(value: &[u8]) -> bool {
    let Some((hashed, sum)) = value.trim_suffix_of(b'=').split_at_checked(HASHED) else { return false };
    let bytes = BASE64.decode(hashed);
    matches!(sum.len(), 4 | 6) && bytes.is_ok_and(|bytes| is_sum(sum, marvin32(&bytes, seed(*b"Default0"))))
}

/// Base62 with the zeros behind (Azure DevOps), or base64 (AI services); the last of six characters has room for two bits only.
fn is_sum(sum: &[u8], full: u32) -> bool {
    let digits = base62(full.swap_bytes());
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let mut aligned = [&digits[zeros..], &digits[..zeros]].concat();
    if let Some(last) = aligned.last_mut() {
        *last = match *last {
            b'A'..=b'P' => b'A',
            b'Q'..=b'Z' | b'a'..=b'f' => b'Q',
            b'g'..=b'v' => b'g',
            _ => b'w',
        };
    }
    aligned.starts_with(sum) || BASE64_NOPAD.encode(&full.to_le_bytes()).as_bytes().starts_with(sum)
}

/// The alphabet of application passwords, in the order of its numbers.
const PASSWORD: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// The secret of an application in Entra: `8Q~` is sealed by its last three characters, `7Q~` is not.
pub(super) fn client_secret(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'~'));
    if joins(candidate.before().last()) || joins(candidate.after().first()) || is_placeholder(value) {
        return Check::Reject;
    }
    if is_sealed(value) { Check::PASS } else { Check::Reject }
}

fn is_sealed(value: &[u8]) -> bool {
    match (value.get(3), value.len()) {
        (Some(b'7'), 37) => true,
        (Some(b'8'), 40) => {
            let (body, sum) = value.split_at(37);
            let mut number = marvin32(body, seed(*b"AadPwd00"));
            let mut digits = [b'a'; 6];
            for digit in digits.iter_mut().rev() {
                *digit = PASSWORD[(number % 66) as usize];
                number /= 66;
            }
            digits.starts_with(sum)
        }
        _ => false,
    }
}

/// What the checksums of users' and of applications' tokens are mixed with.
const DEVOPS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];
/// Where among the 32 bytes the checksum stands, its lowest byte first.
const SCATTERED: [usize; 4] = [22, 8, 7, 2];

/// A personal access token of Azure DevOps as they were until 2024: 32 bytes in base32, four of them a checksum.
pub(super) fn devops(candidate: &Candidate<'_>) -> Check {
    let upper = candidate.value().to_ascii_uppercase();
    let Some(bytes) = BASE32_NOPAD.decode(&upper).ok().filter(|bytes| bytes.len() == 32) else { return Check::Reject };
    let sum = u32::from_le_bytes(SCATTERED.map(|at| bytes[at]));
    let rest: Vec<u8> = bytes.iter().enumerate().filter(|(at, _)| !SCATTERED.contains(at)).map(|(_, byte)| *byte).collect();
    let crc = crc32fast::hash(&rest);
    if DEVOPS.iter().any(|magic| crc ^ magic == sum) { Check::PASS } else { Check::Reject }
}

/// How the keys of the emulators begin, which everybody has.
const EMULATORS: [&[u8]; 2] = [b"Eby8vdM02xNOcqFlqUwJPLlmEtl", b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJ"];

/// 64 or 32 random bytes in base64. One that bears a mark has its checksum too.
pub(super) fn random(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let Ok(bytes) = BASE64.decode(value) else { return Check::Reject };
    let is_known = EMULATORS.iter().any(|known| value.starts_with(known));
    let text = bytes.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n')).count() * 10 >= bytes.len() * 8;
    let broken = MARKED.iter().any(|kind| kind.length == bytes.len() && kind.bears(value) && !kind.is(value));
    if is_joined(candidate) || is_known || text || broken || is_placeholder(value) || !matches!(bytes.len(), 32 | 64) {
        Check::Reject
    } else {
        Check::PASS
    }
}

/// How far a shared access signature may stand from the rest of its query, in bytes.
pub const QUERY: usize = 700;
/// A day before this program was written.
const WRITTEN: &str = "2026-11-21";
const WRITTEN_SECONDS: u64 = 1_795_219_200;

/// The signature of a shared access signature: 32 bytes in base64, in a query that says for what (`sv`, `sr`, `se`, …) and
/// until when.
pub(super) fn shared_access(candidate: &Candidate<'_>) -> Check {
    let plain = unescaped(candidate.value());
    if is_placeholder(&plain) || decoded(&plain).is_none_or(|bytes| bytes.len() != 32) {
        return Check::Reject;
    }
    let of_query =
        |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b'(' | b')' | b'{' | b'}');
    let before = candidate.before();
    let near = &before[before.len().saturating_sub(QUERY)..];
    let start = near.iter().rposition(|byte| !of_query(byte)).map_or(0, |at| at + 1);
    let after = candidate.after();
    let far = &after[..after.len().min(QUERY)];
    let end = far.iter().position(|byte| !of_query(byte)).unwrap_or(far.len());
    let query = [&near[start..], b"&", &far[..end]].concat();
    let (version, expiry) = (parameter(&query, b"sv"), parameter(&query, b"se"));
    let is_query = version.is_some() && parameter(&query, b"sp").is_some()
        || parameter(&query, b"skn").is_some()
        || parameter(&query, b"si").is_some();
    if !is_query || version.is_none() && expiry.is_none() {
        return Check::Reject;
    }
    let expired = expiry.and_then(|expiry| {
        let text = String::from_utf8_lossy(&unescaped(expiry)).into_owned();
        let seconds = text.parse::<u64>().ok().filter(|seconds| *seconds < WRITTEN_SECONDS).map(|_| String::new());
        seconds.or_else(|| text.get(..10).filter(|day| day.contains('-') && *day < WRITTEN).map(|day| format!(" {day}")))
    });
    match expired {
        Some(day) => Check::Accept(Evidence { note: Some(format!("(expired{day})")), severity: Some(Severity::Low), ..Evidence::NONE }),
        None => Check::PASS,
    }
}

/// The value of a parameter of a query.
fn parameter<'q>(query: &'q [u8], name: &[u8]) -> Option<&'q [u8]> {
    query.split(|byte| matches!(byte, b'&' | b'?' | b';')).find_map(|part| part.strip_prefix(name)?.strip_prefix(b"="))
}

/// `%2B` is a plus.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(escape.unwrap_or(*byte));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test keys that Microsoft publishes are one letter over and over, then mark and checksum.
    #[test]
    fn published_checksums() {
        let is = |value: &str| MARKED.iter().any(|marked| marked.is(value.as_bytes()));
        for (mark, length, sum) in [
            ("+ASt", 76, "5mnCaw=="),
            ("+ABa", 76, "13FZVQ=="),
            ("+AMC", 76, "FNqWyA=="),
            ("ACDb", 76, "OpqrYA=="),
            ("+ASb", 33, "HpHeAI="),
            ("AIoT", 33, "Oumzco="),
        ] {
            assert!(is(&format!("{}{mark}{sum}", "a".repeat(length))), "{mark}");
            assert!(!is(&format!("{}b{mark}{sum}", "a".repeat(length - 1))), "{mark}");
        }
        assert!(is_sealed(format!("{}8Q~{}blP", "z".repeat(3), "z".repeat(31)).as_bytes()));
        assert!(!is_sealed(format!("{}8Q~{}blQ", "z".repeat(3), "z".repeat(31)).as_bytes()));
    }

    #[test]
    fn a_signature_needs_its_query_and_may_have_expired() {
        let signature = crate::secret::generate::expand("{base64-43}", 1).expect("known");
        let signature = signature.replace('+', "%2B").replace('/', "%2F") + "%3D";
        let note = |before: &str, after: &str| {
            let text = format!("{before}{signature}{after}");
            let check = shared_access(&Candidate { bytes: text.as_bytes(), secret: before.len()..before.len() + signature.len() });
            match check {
                Check::Reject => None,
                Check::Accept(evidence) => Some(evidence.note.unwrap_or_default()),
            }
        };
        let url = "https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&se=";
        assert_eq!(note(&format!("{url}2023-01-01T00:00:00Z&sig="), "\""), Some("(expired 2023-01-01)".to_owned()));
        assert_eq!(note(&format!("{url}2099-01-01T00%3A00%3A00Z&sig="), "\""), Some(String::new()));
        assert_eq!(note("?sig=", "&sv=2022-11-02&sp=r&se=2020-01-01 x"), Some("(expired 2020-01-01)".to_owned()));
        assert_eq!(note("SharedAccessSignature sr=a&sig=", "&se=1500000000&skn=send"), Some("(expired)".to_owned()));
        assert_eq!(note("https://a/?sv=2022-11-02&sp=r\" + \"&sig=", ""), None);
        assert_eq!(note("https://a/?v=1&sig=", ""), None);
    }
}
