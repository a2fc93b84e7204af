//! JSON web tokens, and files that hold keys.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::chance::Chance;
use super::{LOWER, keys};

/// Signed with HS256, by a key that nobody knows.
pub(super) fn token(claims: &str, chance: &mut Chance) -> String {
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    format!("{header}.{}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()), BASE64URL_NOPAD.encode(&chance.bytes(32)))
}

/// A user's, good until 2100.
pub(super) fn user(chance: &mut Chance) -> String {
    let claims = format!("{{\"sub\":\"{}\",\"scope\":\"admin\",\"iat\":1790000000,\"exp\":4102444800}}", chance.letters(LOWER, 12));
    token(&claims, chance)
}

pub(super) fn expired(chance: &mut Chance) -> String {
    let claims = format!("{{\"sub\":\"{}\",\"iat\":1600000000,\"exp\":1700000000}}", chance.letters(LOWER, 12));
    token(&claims, chance)
}

pub(super) fn example(chance: &mut Chance) -> String {
    token(r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#, chance)
}

/// Never expires.
pub(super) fn kubernetes(chance: &mut Chance) -> String {
    let name = chance.letters(LOWER, 6);
    let claims = format!(
        "{{\"iss\":\"kubernetes/serviceaccount\",\"kubernetes.io/serviceaccount/namespace\":\"{name}\",\"sub\":\"system:serviceaccount:{name}:deployer\"}}"
    );
    let header = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","kid":""}"#);
    format!("{header}.{}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()), BASE64URL_NOPAD.encode(&chance.bytes(256)))
}

pub(super) fn entra(chance: &mut Chance) -> String {
    let tenant = super::uuid(chance);
    let claims = format!("{{\"aud\":\"https://management.azure.com\",\"iss\":\"https://sts.windows.net/{tenant}/\",\"exp\":4102444800}}");
    let header = BASE64URL_NOPAD.encode(br#"{"typ":"JWT","alg":"RS256","kid":"k"}"#);
    format!("{header}.{}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()), BASE64URL_NOPAD.encode(&chance.bytes(256)))
}

pub(super) fn supabase(role: &str, chance: &mut Chance) -> String {
    let project = chance.letters(LOWER, 20);
    token(&format!("{{\"iss\":\"supabase\",\"ref\":\"{project}\",\"role\":\"{role}\",\"iat\":1790000000,\"exp\":2105576000}}"), chance)
}

/// The key of a service account's file, with `\n` for its line ends.
pub(super) fn service_account_key(chance: &mut Chance) -> String {
    keys::pem("PRIVATE KEY", &keys::ed25519(chance)).replace('\n', "\\n")
}

/// `client-key-data` of a kubeconfig.
pub(super) fn client_key(chance: &mut Chance) -> String {
    BASE64.encode(keys::pem("RSA PRIVATE KEY", &keys::rsa(chance)).as_bytes())
}
