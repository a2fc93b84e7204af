//! Values with the shape of a credential, for examples and tests. Written from what vendors publish, never from a
//! rule's pattern, so that an example proves the pattern. None opens anything: they come from a seed.

mod aws;
mod azure;
mod chance;
mod github;
mod identity;
mod jwt;
mod keys;
mod login;
mod sealed;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

use chance::Chance;

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

/// Every generator, besides those of N random characters (`hex-N`, `hexupper-N`, `base64-N`, `base64url-N`, `alnum-N`, `digits-N`,
/// `upper-N`, `lower-N`, `upperalnum-N`, `loweralnum-N`), `uuid-4`, and `filler-N`, which gives N times the same character.
pub static GENERATORS: &[Generator] = &[
    Generator { name: "aws-key-id", make: |c| aws::key_id("AKIA", c) },
    Generator { name: "aws-temp-key-id", make: |c| aws::key_id("ASIA", c) },
    Generator { name: "aws-secret", make: aws::secret },
    Generator { name: "basic-auth", make: login::basic },
    Generator { name: "encoded-password", make: login::encoded },
    Generator { name: "azure-batch-key", make: |c| azure::marked("+ABa", 64, *b"AbAcct00", c) },
    Generator { name: "azure-client-secret", make: azure::client_secret },
    Generator { name: "azure-cosmos-key", make: |c| azure::marked("ACDb", 64, *b"MastRW00", c) },
    Generator { name: "azure-devops-new-token", make: |c| azure::annotated("AZDO", c) },
    Generator { name: "azure-devops-token", make: azure::devops },
    Generator { name: "azure-event-hub-key", make: |c| azure::marked("+AEh", 32, *b"Listen00", c) },
    Generator { name: "azure-function-key", make: azure::function },
    Generator { name: "azure-iot-key", make: |c| azure::marked("AIoT", 32, *b"IoTHub00", c) },
    Generator { name: "azure-openai-key", make: |c| azure::annotated("ACOG", c) },
    Generator { name: "azure-registry-key", make: |c| azure::marked("+ACR", 39, *b"ACRDflt0", c) },
    Generator { name: "azure-search-key", make: |c| azure::marked("AzSe", 39, *b"PAdmin00", c) },
    Generator { name: "azure-service-bus-key", make: |c| azure::marked("+ASb", 32, *b"Manage00", c) },
    Generator { name: "azure-storage-key", make: |c| azure::marked("+ASt", 64, *b"Default0", c) },
    Generator { name: "base64-key-32", make: |c| sealed::bytes(32, c) },
    Generator { name: "base64-key-64", make: |c| sealed::bytes(64, c) },
    Generator { name: "base64-text", make: sealed::encoded_password },
    Generator { name: "atlassian-token", make: |c| sealed::atlassian("ATATT3xFfGF0", c) },
    Generator { name: "atlassian-repository-token", make: |c| sealed::atlassian("ATCTT3xFfGN0", c) },
    Generator { name: "bitbucket-app-password", make: sealed::bitbucket },
    Generator { name: "trello-token", make: sealed::trello },
    Generator { name: "cloudflare-token", make: |c| sealed::cloudflare("cfut_", c) },
    Generator { name: "cloudflare-account-token", make: |c| sealed::cloudflare("cfat_", c) },
    Generator { name: "cloudflare-global-key", make: |c| sealed::cloudflare("cfk_", c) },
    Generator { name: "aws-session-token", make: aws::session_token },
    Generator { name: "aws-ses-smtp-password", make: |c| aws::smtp_password(4, c) },
    Generator { name: "aws-old-ses-smtp-password", make: |c| aws::smtp_password(2, c) },
    Generator { name: "aws-bedrock-key", make: aws::bedrock_key },
    Generator { name: "aws-bedrock-short-key", make: aws::bedrock_short_key },
    Generator { name: "aws-codecommit-user", make: aws::codecommit_user },
    Generator { name: "aws-codecommit-password", make: |c| BASE64.encode(&c.bytes(32)) },
    Generator { name: "aws-appsync-key", make: |c| format!("da2-{}", c.letters(&[DIGITS, LOWER].concat(), 26)) },
    Generator { name: "aws-mws-token", make: |c| format!("amzn.mws.{}", uuid(c)) },
    Generator { name: "github-token", make: |c| github::token("ghp_", c) },
    Generator { name: "github-app-token", make: |c| github::token("ghs_", c) },
    Generator { name: "github-installation-token", make: github::installation },
    Generator { name: "github-pat", make: github::fine_grained },
    Generator { name: "gitlab-routable-token", make: |c| sealed::gitlab("glpat-", c) },
    Generator { name: "google-api-key", make: sealed::google_api_key },
    Generator { name: "google-service-account-key", make: jwt::service_account_key },
    Generator { name: "grafana-token", make: sealed::grafana },
    Generator { name: "jwt-entra", make: jwt::entra },
    Generator { name: "jwt-example", make: jwt::example },
    Generator { name: "jwt-expired", make: jwt::expired },
    Generator { name: "jwt-kubernetes", make: jwt::kubernetes },
    Generator { name: "jwt-supabase-anon", make: |c| jwt::supabase("anon", c) },
    Generator { name: "jwt-supabase-service", make: |c| jwt::supabase("service_role", c) },
    Generator { name: "jwt-user", make: jwt::user },
    Generator { name: "kubernetes-client-key", make: jwt::client_key },
    Generator { name: "npm-token", make: sealed::npm },
    Generator { name: "pem-rsa", make: |c| keys::pem("RSA PRIVATE KEY", &keys::rsa(c)) },
    Generator { name: "pem-rsa-line", make: |c| keys::pem("RSA PRIVATE KEY", &keys::rsa(c)).replace('\n', "\\n") },
    Generator { name: "pem-ec", make: |c| keys::pem("EC PRIVATE KEY", &keys::ec(c)) },
    Generator { name: "pem-pkcs8", make: |c| keys::pem("PRIVATE KEY", &keys::ed25519(c)) },
    Generator { name: "pem-pkcs8-rsa", make: |c| keys::pem("PRIVATE KEY", &keys::pkcs8_rsa(c)) },
    Generator { name: "pem-pkcs8-ec", make: |c| keys::pem("PRIVATE KEY", &keys::pkcs8_ec(c)) },
    Generator { name: "pem-dsa", make: |c| keys::pem("DSA PRIVATE KEY", &keys::dsa(c)) },
    Generator { name: "pem-locked", make: keys::pem_locked },
    Generator { name: "pem-pkcs8-locked", make: keys::pkcs8_locked },
    Generator { name: "der-rsa", make: |c| BASE64.encode(&keys::rsa(c)) },
    Generator { name: "der-pkcs8-rsa", make: |c| BASE64.encode(&keys::pkcs8_rsa(c)) },
    Generator { name: "der-pkcs8-ec", make: |c| BASE64.encode(&keys::pkcs8_ec(c)) },
    Generator { name: "der-pkcs8-ed25519", make: |c| BASE64.encode(&keys::ed25519(c)) },
    Generator { name: "pypi-test-token", make: |c| sealed::pypi("test.pypi.org", c) },
    Generator { name: "pypi-token", make: |c| sealed::pypi("pypi.org", c) },
    Generator { name: "sas-signature", make: sealed::signature },
    Generator { name: "openssh-key", make: |c| keys::pem("OPENSSH PRIVATE KEY", &keys::openssh(c)) },
    Generator { name: "openssh-key-locked", make: |c| keys::pem("OPENSSH PRIVATE KEY", &keys::openssh_locked(c)) },
    Generator { name: "ppk-v2", make: |c| keys::ppk(2, false, c) },
    Generator { name: "ppk-v3", make: |c| keys::ppk(3, false, c) },
    Generator { name: "ppk-v3-locked", make: |c| keys::ppk(3, true, c) },
    Generator { name: "ssh2-key", make: |c| keys::ssh2(false, c) },
    Generator { name: "ssh2-key-locked", make: |c| keys::ssh2(true, c) },
    Generator { name: "pgp-key", make: |c| identity::pgp(false, c) },
    Generator { name: "pgp-key-locked", make: |c| identity::pgp(true, c) },
    Generator { name: "age-key", make: |c| identity::age("AGE-SECRET-KEY-", 32, c) },
    Generator { name: "age-pq-key", make: |c| identity::age("AGE-SECRET-KEY-PQ-", 32, c) },
    Generator { name: "age-plugin-key", make: |c| identity::age("AGE-PLUGIN-YUBIKEY-", 16, c) },
    Generator { name: "minisign-key", make: |c| identity::minisign(false, c) },
    Generator { name: "minisign-key-locked", make: |c| identity::minisign(true, c) },
    Generator { name: "signify-key", make: |c| identity::signify(false, c) },
    Generator { name: "signify-key-locked", make: |c| identity::signify(true, c) },
    Generator { name: "jwk-rsa", make: identity::jwk_rsa },
    Generator { name: "jwk-ec", make: identity::jwk_ec },
    Generator { name: "jwk-okp", make: identity::jwk_okp },
    Generator { name: "xml-rsa", make: identity::xml_rsa },
    Generator { name: "wireguard-key", make: identity::wireguard },
    Generator { name: "openvpn-key", make: identity::openvpn },
    Generator { name: "bitcoin-wif", make: identity::wif },
    Generator { name: "bitcoin-xprv", make: identity::xprv },
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
        Some(("hexupper", n)) => Ok(HEXUPPER.encode(&chance.bytes(n))[..n].to_owned()),
        Some(("base64", n)) => Ok(BASE64.encode(&chance.bytes(n))[..n].to_owned()),
        Some(("base64url", n)) => Ok(BASE64URL.encode(&chance.bytes(n))[..n].to_owned()),
        Some(("alnum", n)) => Ok(chance.letters(ALNUM, n)),
        Some(("digits", n)) => Ok(chance.letters(DIGITS, n)),
        Some(("upper", n)) => Ok(chance.letters(UPPER, n)),
        Some(("lower", n)) => Ok(chance.letters(LOWER, n)),
        Some(("upperalnum", n)) => Ok(chance.letters(&[DIGITS, UPPER].concat(), n)),
        Some(("loweralnum", n)) => Ok(chance.letters(&[DIGITS, LOWER].concat(), n)),
        Some(("uuid", 4)) => Ok(uuid(&mut chance)),
        _ => Err(UnknownGenerator(kind.to_owned())),
    }
}

const DIGITS: &[u8] = b"0123456789";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A random one, version 4 of RFC 9562.
fn uuid(chance: &mut Chance) -> String {
    let hex = HEXLOWER.encode(&chance.bytes(16));
    let variant = ["8", "9", "a", "b"][usize::try_from(chance.below(4)).unwrap_or(0)];
    format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
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
        let of = |template: &str, class: fn(char) -> bool| {
            let value = expand(template, 7).expect("known");
            assert!(value.len() == 24 && value.chars().all(class), "{template}");
        };
        of("{digits-24}", |c| c.is_ascii_digit());
        of("{lower-24}", |c| c.is_ascii_lowercase());
        of("{upper-24}", |c| c.is_ascii_uppercase());
        of("{hexupper-24}", |c| c.is_ascii_hexdigit() && !c.is_ascii_lowercase());
        of("{loweralnum-24}", |c| c.is_ascii_digit() || c.is_ascii_lowercase());
        of("{upperalnum-24}", |c| c.is_ascii_digit() || c.is_ascii_uppercase());
        of("{base64url-24}", |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let uuid = expand("{uuid-4}", 7).expect("known");
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'4'));
        for generator in GENERATORS {
            assert!(generator.name.contains('-'));
        }
    }
}
