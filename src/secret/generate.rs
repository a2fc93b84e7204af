//! Values with the shape of a credential, for examples and tests. Written from what vendors publish, never from a
//! rule's pattern, so that an example proves the pattern. None opens anything: they come from a seed.

use std::fmt::Write as _;

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD, HEXLOWER};

/// A template names a generator that there is none of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no generator is called `{0}`")]
pub struct UnknownGenerator(pub String);

/// A generator as templates call it.
pub struct Generator {
    pub name: &'static str,
    make: fn(&mut Chance) -> String,
}

/// The longest text that only fills a file, in bytes.
const LONGEST_FILLER: usize = 12 << 20;

/// Every generator, besides `hex-N`, `base64-N` and `alnum-N`, which give N random characters, and `filler-N`, which gives N
/// times the same one.
pub static GENERATORS: &[Generator] = &[
    Generator { name: "aws-key-id", make: |c| aws_key_id("AKIA", c) },
    Generator { name: "aws-temp-key-id", make: |c| aws_key_id("ASIA", c) },
    Generator { name: "aws-secret", make: aws_secret },
    Generator { name: "github-token", make: |c| github("ghp_", c) },
    Generator { name: "github-app-token", make: |c| github("ghs_", c) },
    Generator { name: "github-installation-token", make: github_jwt },
    Generator { name: "github-pat", make: github_pat },
    Generator { name: "pem-rsa", make: |c| pem("RSA PRIVATE KEY", &rsa(c)) },
    Generator { name: "pem-rsa-line", make: |c| pem("RSA PRIVATE KEY", &rsa(c)).replace('\n', "\\n") },
    Generator { name: "pem-ec", make: |c| pem("EC PRIVATE KEY", &ec(c)) },
    Generator { name: "pem-pkcs8", make: |c| pem("PRIVATE KEY", &ed25519(c)) },
    Generator { name: "openssh-key", make: |c| pem("OPENSSH PRIVATE KEY", &openssh(c)) },
];

/// Replaces every `{name}` of a template by a value; `{name:2}` is another value of the same kind. The same seed gives
/// the same text. `${name}` is somebody's variable and stays.
///
/// # Errors
/// Where a name in braces is no generator's.
pub fn expand(template: &str, seed: u64) -> Result<String, UnknownGenerator> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, braced) = rest.split_at(open);
        out.push_str(before);
        if let Some(name) = placeholder(braced).filter(|_| !before.ends_with('$')) {
            out.push_str(&value(name, seed)?);
            rest = &braced[name.len() + 2..];
        } else {
            out.push('{');
            rest = &braced[1..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The name at the start of `{name}…`, if it is one.
fn placeholder(braced: &str) -> Option<&str> {
    let name = &braced[1..braced.find('}')?];
    let kind = name.split(':').next()?;
    let shape = kind.starts_with(|c: char| c.is_ascii_lowercase()) && kind.contains('-');
    (shape && kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')).then_some(name)
}

fn value(name: &str, seed: u64) -> Result<String, UnknownGenerator> {
    let mut chance = Chance::from(name, seed);
    let kind = name.split(':').next().unwrap_or(name);
    if let Some(generator) = GENERATORS.iter().find(|g| g.name == kind) {
        return Ok((generator.make)(&mut chance));
    }
    let sized = kind.rsplit_once('-').and_then(|(kind, length)| Some((kind, length.parse::<usize>().ok()?)));
    if let Some(("filler", n)) = sized
        && n <= LONGEST_FILLER
    {
        return Ok("x".repeat(n));
    }
    match sized.filter(|(_, n)| *n <= 4096) {
        Some(("hex", n)) => Ok(HEXLOWER.encode(&chance.bytes(n))[..n].to_owned()),
        Some(("base64", n)) => Ok(BASE64.encode(&chance.bytes(n))[..n].to_owned()),
        Some(("alnum", n)) => Ok(chance.letters(ALNUM, n)),
        _ => Err(UnknownGenerator(kind.to_owned())),
    }
}

const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// SplitMix64: small, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn from(name: &str, seed: u64) -> Self {
        let mixed = name.bytes().fold(seed ^ 0x6761_7465_706f_7374, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Chance(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next().to_le_bytes()[7]).collect()
    }

    fn letters(&mut self, alphabet: &[u8], n: usize) -> String {
        let letter = |c: &mut Self| alphabet[usize::try_from(c.below(alphabet.len() as u64)).unwrap_or(0)];
        (0..n).map(|_| char::from(letter(self))).collect()
    }
}

/// Base32 over ten bytes: a set bit, 40 bits of account number, and chance.
fn aws_key_id(prefix: &str, chance: &mut Chance) -> String {
    let account = chance.below(1_000_000_000_000);
    let head = 1 << 47 | account << 7 | chance.below(1 << 7);
    let mut body = head.to_be_bytes()[2..].to_vec();
    body.extend(chance.bytes(4));
    format!("{prefix}{}", BASE32.encode(&body))
}

fn aws_secret(chance: &mut Chance) -> String {
    BASE64.encode(&chance.bytes(30))
}

fn github(prefix: &str, chance: &mut Chance) -> String {
    let random = chance.letters(ALNUM, 30);
    let mut sum = crc32fast::hash(random.as_bytes());
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALNUM[(sum % 62) as usize];
        sum /= 62;
    }
    format!("{prefix}{random}{}", String::from_utf8_lossy(&digits))
}

fn github_jwt(chance: &mut Chance) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#);
    let payload = format!("{{\"iss\":\"{}\",\"jti\":\"{}\"}}", chance.below(1 << 20), chance.letters(ALNUM, 60));
    let signature = BASE64URL_NOPAD.encode(&chance.bytes(256));
    format!("ghs_{}_{header}.{}.{signature}", chance.below(10_000_000), BASE64URL_NOPAD.encode(payload.as_bytes()))
}

fn github_pat(chance: &mut Chance) -> String {
    format!("github_pat_11{}_{}", chance.letters(ALNUM, 20), chance.letters(ALNUM, 59))
}

fn pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    let base64 = BASE64.encode(der);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        let _ = writeln!(out, "{line}");
        rest = more;
    }
    let _ = write!(out, "-----END {label}-----");
    out
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        0..=0x7f => out.push(length[7]),
        0x80..=0xff => out.extend([0x81, length[7]]),
        _ => out.extend([0x82, length[6], length[7]]),
    }
    out.extend_from_slice(content);
    out
}

fn integer(bytes: usize, chance: &mut Chance) -> Vec<u8> {
    let mut number = chance.bytes(bytes);
    number[0] = number[0] & 0x7f | 0x40;
    der(0x02, &number)
}

fn rsa(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 0];
    all.extend(integer(256, chance));
    all.extend([0x02, 3, 1, 0, 1]);
    for bytes in [256, 128, 128, 128, 128, 128] {
        all.extend(integer(bytes, chance));
    }
    der(0x30, &all)
}

fn ec(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 1];
    all.extend(der(0x04, &chance.bytes(32)));
    all.extend(der(0xA0, &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]));
    all.extend(der(0xA1, &der(0x03, &[&[0, 4][..], &chance.bytes(64)].concat())));
    der(0x30, &all)
}

fn ed25519(chance: &mut Chance) -> Vec<u8> {
    let mut all = vec![0x02, 1, 0];
    all.extend(der(0x30, &[0x06, 3, 0x2b, 0x65, 0x70]));
    all.extend(der(0x04, &der(0x04, &chance.bytes(32))));
    der(0x30, &all)
}

fn openssh(chance: &mut Chance) -> Vec<u8> {
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes(), bytes].concat();
    let (public, seed, check) = (chance.bytes(32), chance.bytes(32), chance.bytes(4));
    let public_key = [string(b"ssh-ed25519"), string(&public)].concat();
    let pair = [seed, public].concat();
    let private = [check.clone(), check, public_key.clone(), string(&pair), string(b"me@host"), vec![1]].concat();
    let mut all = b"openssh-key-v1\0".to_vec();
    for part in [string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1], string(&public_key), string(&private)] {
        all.extend(part);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_value_and_another_number_another() {
        let text = expand("{hex-8} {hex-8} {hex-8:2} ${hex-8} {\"a\": {x}}", 3).expect("known");
        let parts: Vec<&str> = text.split(' ').collect();
        assert_eq!(parts[0], parts[1]);
        assert_ne!(parts[0], parts[2]);
        assert_eq!(parts[3..], ["${hex-8}", "{\"a\":", "{x}}"]);
        assert_eq!(expand("{hex-8} {hex-8} {hex-8:2} ${hex-8} {\"a\": {x}}", 3), Ok(text));
        assert_ne!(expand("{hex-8}", 3), expand("{hex-8}", 4));
    }

    #[test]
    fn an_unknown_generator_is_named() {
        assert_eq!(expand("a {no-such} b", 0), Err(UnknownGenerator("no-such".to_owned())));
    }

    #[test]
    fn values_have_their_published_shapes() {
        let length = |template: &str| expand(template, 7).expect("known").len();
        assert_eq!((length("{aws-key-id}"), length("{aws-secret}"), length("{github-token}")), (20, 40, 40));
        assert_eq!(length("{github-pat}"), 93);
        assert!(expand("{pem-rsa}", 7).expect("known").lines().all(|line| line.len() <= 64));
        for generator in GENERATORS {
            assert!(generator.name.contains('-'));
        }
    }
}
