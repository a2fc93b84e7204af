//! JSON web tokens: what they say of themselves. They are common in tests and in documentation, and most of those have
//! expired, are signed with a word, or are the example of jwt.io. Source: RFC 7519, RFC 7515, RFC 7518.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::address::suffixes;
use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::base::when;
use crate::secret::words::Words;

/// A day before this program was written, in seconds since 1970. What had expired then has expired whenever it is found, and
/// a report does not hang on the clock.
const WRITTEN: f64 = 1_795_219_200.0;
/// What lives no longer than this has expired when somebody reads it in a repository, in seconds.
const SHORT: f64 = 86_400.0;

/// Secrets of handbooks and of jwt.io: what is signed with one is nobody's token.
const WORDS: [&str; 16] = [
    "",
    "secret",
    "secretkey",
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "your-secret-key",
    "your_secret_key",
    "mysecret",
    "my-secret",
    "password",
    "test",
    "key",
    "changeme",
    "secret123",
];

/// A token that is whole: the signature is as long as its algorithm makes it.
struct Token {
    alg: String,
    claims: Map<String, Value>,
    /// What is signed, and with what.
    signed: Vec<u8>,
    signature: Vec<u8>,
}

/// Whose token it is, where others must be told otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Issuer {
    Azure,
    Kubernetes,
    Supabase,
    Other,
}

/// A token that no other rule is about.
pub(super) fn other(candidate: &Candidate<'_>) -> Check {
    of(candidate, Issuer::Other)
}

/// An access or identity token of Microsoft Entra.
pub(super) fn azure(candidate: &Candidate<'_>) -> Check {
    of(candidate, Issuer::Azure)
}

/// The token of a Kubernetes service account.
pub(super) fn kubernetes(candidate: &Candidate<'_>) -> Check {
    of(candidate, Issuer::Kubernetes)
}

/// A Supabase key that skips row level security. The one for `anon` is public.
pub(super) fn supabase(candidate: &Candidate<'_>) -> Check {
    of(candidate, Issuer::Supabase)
}

fn of(candidate: &Candidate<'_>, issuer: Issuer) -> Check {
    let more = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    // Five parts are an encrypted token; a dot alone ends a sentence.
    let goes_on = match candidate.after() {
        [b'.', rest @ ..] => more(rest.first()),
        after => more(after.first()),
    };
    if goes_on || more(candidate.before().last()) && !is_escape(candidate.before()) {
        return Check::Reject;
    }
    match Token::read(candidate.value()) {
        Some(token) if token.issuer() == issuer && !token.is_example() => Check::Accept(token.evidence(issuer)),
        _ => Check::Reject,
    }
}

/// `\n`, `%3D`, `%20`: what stands in front ends there.
fn is_escape(before: &[u8]) -> bool {
    matches!(before, [.., b'\\', b'n' | b'r' | b't'])
        || matches!(before, [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

impl Token {
    fn read(value: &[u8]) -> Option<Token> {
        let mut parts = value.split(|byte| *byte == b'.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let read = |part: &[u8]| {
            let bytes = BASE64URL_NOPAD.decode(part).ok()?;
            match serde_json::from_slice(&bytes).ok()? {
                Value::Object(object) => Some(object),
                _ => None,
            }
        };
        let alg = read(header)?.get("alg")?.as_str()?.to_owned();
        let signature = BASE64URL_NOPAD.decode(signature).ok()?;
        let signed = value[..header.len() + 1 + claims.len()].to_vec();
        is_signature(&alg, signature.len()).then_some(())?;
        Some(Token { alg, claims: read(claims)?, signed, signature })
    }

    fn text(&self, claim: &str) -> &str {
        self.claims.get(claim).and_then(Value::as_str).unwrap_or_default()
    }

    fn time(&self, claim: &str) -> Option<f64> {
        self.claims.get(claim).and_then(Value::as_f64)
    }

    fn issuer(&self) -> Issuer {
        let issuer = self.text("iss");
        if issuer.starts_with("https://sts.windows.net/") || issuer.starts_with("https://login.microsoftonline.") {
            Issuer::Azure
        } else if issuer == "kubernetes/serviceaccount" || self.claims.contains_key("kubernetes.io") {
            Issuer::Kubernetes
        } else if issuer.starts_with("supabase") {
            Issuer::Supabase
        } else {
            Issuer::Other
        }
    }

    /// The example of jwt.io in its many variants, keys of a local Supabase, and those for everybody.
    fn is_example(&self) -> bool {
        let names = ["name", "given_name", "username", "preferred_username", "user"];
        let doe = names.iter().any(|name| matches!(self.text(name), "John Doe" | "Jane Doe" | "johndoe" | "john.doe" | "John"));
        let is_public = self.issuer() == Issuer::Supabase && (self.text("iss") == "supabase-demo" || self.text("role") != "service_role");
        self.text("sub") == "1234567890" || doe || is_public || self.claims.is_empty()
    }

    fn evidence(&self, issuer: Issuer) -> Evidence {
        let low = |note: String| Evidence { note: Some(note), severity: Some(Severity::Low), ..Evidence::NONE };
        let expires = self.time("exp");
        let since = self.time("iat").or_else(|| self.time("nbf")).or_else(|| self.time("auth_time"));
        if self.alg == "none" {
            return low("(not signed)".to_owned());
        }
        if let Some(word) = self.word() {
            return low(format!("(signed with the secret `{word}`, which everybody knows)"));
        }
        match (expires, since) {
            (Some(expires), _) if expires < WRITTEN => low(format!("(expired{})", day(expires))),
            (Some(expires), Some(since)) if expires - since <= SHORT => low("(lives for a day at most)".to_owned()),
            _ if self.is_for_documentation() => Evidence { confidence: Some(Confidence::Low), ..low("(of an example's host)".to_owned()) },
            (Some(expires), _) => Evidence { note: Some(format!("(good until{})", day(expires))), ..Evidence::NONE },
            (None, _) if issuer == Issuer::Kubernetes => {
                Evidence { note: Some(format!("of {} (never expires)", self.account())), ..Evidence::NONE }
            }
            (None, _) => Evidence { note: Some("(never expires)".to_owned()), ..Evidence::NONE },
        }
    }

    /// Which service account: `namespace/name`.
    fn account(&self) -> String {
        let sub = self.text("sub").trim_start_matches("system:serviceaccount:").replace(':', "/");
        if sub.is_empty() { "a service account".to_owned() } else { sub }
    }

    /// A host of [`NOBODYS`].
    fn is_for_documentation(&self) -> bool {
        ["iss", "aud", "sub", "email"].iter().any(|claim| {
            let host = self.text(claim).trim_start_matches("https://").trim_start_matches("http://");
            let host = host.split(['/', ':']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            suffixes(host).any(|end| NOBODYS.has(end))
        })
    }

    /// The word that a token of HS256 is signed with, if it is a known one.
    fn word(&self) -> Option<&'static str> {
        let is_it = |word: &&&str| self.alg == "HS256" && hmac(word.as_bytes(), &self.signed)[..] == self.signature[..];
        WORDS.iter().find(is_it).copied()
    }
}

/// The lengths of RFC 7518 and RFC 8037, in bytes; RSA keys have 1024 bits at least.
fn is_signature(alg: &str, length: usize) -> bool {
    match alg {
        "none" => length == 0,
        "HS256" => length == 32,
        "HS384" => length == 48,
        "HS512" | "ES256" | "ES256K" => length == 64,
        "ES384" => length == 96,
        "ES512" => length == 132,
        "EdDSA" | "Ed25519" => matches!(length, 64 | 114),
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => length >= 128 && length.is_multiple_of(32),
        _ => length >= 32,
    }
}

/// HMAC-SHA256, RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut padded = [0; BLOCK];
    for (to, from) in padded.iter_mut().zip(key) {
        *to = *from;
    }
    let under = |mask: u8, message: &[u8]| Sha256::new().chain_update(padded.map(|byte| byte ^ mask)).chain_update(message).finalize();
    under(0x5c, &under(0x36, message)).into()
}

/// Hosts that are kept for documentation and tests, RFC 2606, and what stands for them.
static NOBODYS: Words = Words::new("example.com example.org example.net localhost test.com test example");

/// The first second of the year 10000.
const TOO_LATE: i64 = 253_402_300_800;

/// ` 2018-01-18`, or nothing where it is no date of the years 1970 to 9999.
fn day(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a day is told, and what is no time is none")]
    let seconds = seconds.floor() as i64;
    if (0..TOO_LATE).contains(&seconds) { format!(" {}", when::date(seconds)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_as_its_day() {
        for (seconds, text) in [
            (0.0, " 1970-01-01"),
            (951_782_400.0, " 2000-02-29"),
            (951_868_800.0, " 2000-03-01"),
            (1_516_239_022.5, " 2018-01-18"),
            (4_102_444_799.0, " 2099-12-31"),
            (253_402_300_799.0, " 9999-12-31"),
            (253_402_300_800.0, ""),
            (-1.0, ""),
            (f64::NAN, " 1970-01-01"),
        ] {
            assert_eq!(day(seconds), text, "{seconds}");
        }
    }

    fn token(header: &str, claims: &str, key: &str) -> String {
        let signed = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(claims.as_bytes()));
        let signature = BASE64URL_NOPAD.encode(&hmac(key.as_bytes(), signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn check(value: &str, validator: fn(&Candidate<'_>) -> Check) -> Check {
        validator(&Candidate { bytes: value.as_bytes(), secret: 0..value.len() })
    }

    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
    /// Nobody's.
    // gatepost: ignore[high-entropy-value] made up for an example
    const KEY: &str = "kq3Zt7Yw0vLs9Xb2";

    fn note(value: &str, validator: fn(&Candidate<'_>) -> Check) -> (String, Option<Severity>) {
        match check(value, validator) {
            Check::Accept(evidence) => (evidence.note.unwrap_or_default(), evidence.severity),
            Check::Reject => panic!("rejected"),
        }
    }

    #[test]
    fn the_example_of_the_handbook_is_nobodys() {
        for claims in [
            r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
            r#"{"sub":"1234567890","name":"Jane Roe","admin":true}"#,
            r#"{"sub":"42","name":"John Doe"}"#,
            "{}",
        ] {
            for key in ["your-256-bit-secret", KEY] {
                assert_eq!(check(&token(HS256, claims, key), other), Check::Reject, "{claims}");
            }
        }
    }

    #[test]
    fn what_no_longer_opens_anything_is_said_so() {
        let low = Some(Severity::Low);
        let claims = |claims: &str| note(&token(HS256, claims, KEY), other);
        assert_eq!(claims(r#"{"sub":"42","exp":1516239022}"#), ("(expired 2018-01-18)".to_owned(), low));
        assert_eq!(claims(r#"{"sub":"42","iat":4102444800,"exp":4102448400}"#), ("(lives for a day at most)".to_owned(), low));
        assert_eq!(claims(r#"{"sub":"42","iat":1700000000,"exp":4102444800}"#), ("(good until 2100-01-01)".to_owned(), None));
        assert_eq!(claims(r#"{"sub":"42"}"#), ("(never expires)".to_owned(), None));
        assert_eq!(claims(r#"{"iss":"https://auth.example.com/","sub":"42"}"#).1, low);
        let word = note(&token(HS256, r#"{"sub":"42"}"#, "secret"), other);
        assert_eq!(word, ("(signed with the secret `secret`, which everybody knows)".to_owned(), low));
        let unsigned = token(r#"{"alg":"none"}"#, r#"{"sub":"42"}"#, KEY);
        let unsigned = &unsigned[..=unsigned.rfind('.').expect("three parts")];
        assert_eq!(note(unsigned, other), ("(not signed)".to_owned(), low));
    }

    #[test]
    fn each_is_told_by_the_rule_that_knows_it() {
        let kubernetes_token =
            token(HS256, r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:kube-system:deployer"}"#, KEY);
        assert_eq!(note(&kubernetes_token, kubernetes).0, "of kube-system/deployer (never expires)");
        assert_eq!(check(&kubernetes_token, other), Check::Reject);
        let of = |role: &str| token(HS256, &format!(r#"{{"iss":"supabase","ref":"x","role":"{role}","exp":4102444800}}"#), KEY);
        assert_ne!(check(&of("service_role"), supabase), Check::Reject);
        assert_eq!(check(&of("anon"), supabase), Check::Reject);
        assert_eq!(check(&of("anon"), other), Check::Reject);
        let entra = token(HS256, r#"{"iss":"https://sts.windows.net/0/","exp":4102444800}"#, KEY);
        assert_ne!(check(&entra, azure), Check::Reject);
        assert_eq!(check(&entra, other), Check::Reject);
    }

    #[test]
    fn a_signature_is_as_long_as_its_algorithm_makes_it() {
        let whole = token(HS256, r#"{"sub":"42"}"#, KEY);
        assert_ne!(check(&whole, other), Check::Reject);
        assert_eq!(check(&whole[..whole.len() - 4], other), Check::Reject);
        assert_eq!(check(&token(r#"{"alg":"RS256"}"#, r#"{"sub":"42"}"#, KEY), other), Check::Reject);
        assert_eq!(check(&token(r#"{"typ":"JWT"}"#, r#"{"sub":"42"}"#, KEY), other), Check::Reject);
        for after in ["x", "-", ".eyJhIjoxfQ"] {
            let text = format!("{whole}{after}");
            let candidate = Candidate { bytes: text.as_bytes(), secret: 0..whole.len() };
            assert_eq!(other(&candidate), Check::Reject, "{after}");
        }
    }

    /// The key and the message of RFC 4231, case 2.
    #[test]
    fn the_published_hmac() {
        let hex = data_encoding::HEXLOWER.encode(&hmac(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
