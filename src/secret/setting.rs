//! Settings, a key and a value: whether the key speaks of a secret, and which part of the value is one. The same for
//! files of settings, for environments of what is deployed and for scripts.

use std::ops::Range;

use super::entropy::class_changes;
use super::placeholder::{is_gap, is_stand_in};
use super::words::Words;
use crate::base::entropy::shannon;

/// The part of a value that is a credential; `start` is where the value begins.
#[must_use]
pub fn credential(key: &str, value: &[u8], start: usize) -> Option<Range<usize>> {
    // What is no UTF-8 is a password all the same: it is judged as it can be read.
    let text = &*String::from_utf8_lossy(value);
    let words = words(key);
    if is_public(key, &words) || is_reference(text) {
        return None;
    }
    if let Some(password) = url_password(text) {
        return Some(start + stored(value, password.start)..start + stored(value, password.end));
    }
    let told = match telling(&words) {
        Telling::Plainly => !is_name(text) || words.iter().any(|word| word.starts_with("PASS")),
        Telling::Perhaps => looks_random(text),
        Telling::Nothing => false,
    };
    let is_real = told && text.len() >= SHORTEST && !is_stand_in(text) && !is_plain(text) && !text.eq_ignore_ascii_case(key);
    is_real.then_some(start..start + value.len())
}

/// Where a place in the lossy text of some bytes stands in the bytes.
fn stored(bytes: &[u8], at: usize) -> usize {
    let (mut text, mut byte) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        if at <= text + valid {
            return byte + (at - text);
        }
        text += valid + char::REPLACEMENT_CHARACTER.len_utf8();
        byte += valid + chunk.invalid().len();
    }
    byte
}

/// Shorter values protect nothing.
const SHORTEST: usize = 4;

/// The words of a key, in upper case: `dbPassword`, `DB_PASSWORD` and `db.password` are the same.
pub(super) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = 'A';
    for c in key.chars() {
        let hump = before.is_ascii_lowercase() && c.is_ascii_uppercase();
        if !c.is_ascii_alphanumeric() || hump {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().expect("there is always one").push(c.to_ascii_uppercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words of keys whose value is a secret, whatever it looks like.
static SECRET_WORDS: Words = Words::new(
    "\
    PASSWORD PASSWD PASS PWD PASSPHRASE SECRET SECRETS TOKEN APIKEY SECRETKEY ACCESSKEY PRIVATEKEY CREDENTIAL CREDENTIALS AUTHTOKEN \
    CLIENTSECRET",
);
/// Words of keys whose value is a secret if it looks like chance: there are sort keys and cache keys.
static WEAK_WORDS: Words = Words::new("KEY KEYS TOKENS SALT PAT JWT PW");
/// Endings of words without a separator: `DBPASSWORD`, `mypassword`.
static SECRET_ENDS: Words = Words::new("PASSWORD PASSWD SECRET TOKEN APIKEY PASSPHRASE");
/// A key that ends so speaks of something beside the secret.
pub(super) static BESIDE: Words = Words::new(
    "\
    ID IDS NAME NAMES FILE FILENAME PATH DIR HOST PORT TTL EXPIRY EXPIRES EXPIRATION EXPIRE EXP IN AGE LENGTH SIZE ENABLED DISABLED \
    REQUIRED ENABLE ALGORITHM ALGO ALG TYPE HEADER PREFIX SUFFIX COUNT LIMIT TIMEOUT REGION VERSION ISSUER AUDIENCE LIFETIME \
    DURATION MINUTES HOURS DAYS SECONDS MS ROUNDS FIELD COLUMN ARN URI URL ENDPOINT POLICY MODE SOURCE PROVIDER METHOD ALIAS HINT \
    COOKIE BUCKET STORE HEAD ROTATION FORMAT STRATEGY REF INTERVAL PARAM PARAMETER SSM",
);
static PUBLIC_WORDS: Words = Words::new("PUBLIC PUBLISHABLE PUB PUBKEY FINGERPRINT SITEKEY");
/// What these begin is built into pages for everybody.
static PUBLIC_STARTS: Words = Words::new("NEXT_PUBLIC_ VITE_ REACT_APP_ EXPO_PUBLIC_ NUXT_PUBLIC_ GATSBY_ PUBLIC_ VUE_APP_");

/// What a key says of its value.
enum Telling {
    Plainly,
    Perhaps,
    Nothing,
}

fn telling(words: &[String]) -> Telling {
    let Some(last) = words.last() else { return Telling::Nothing };
    let numbered = last.bytes().all(|byte| byte.is_ascii_digit());
    let last = if numbered { words.len().checked_sub(2).map_or(last, |at| &words[at]) } else { last };
    if BESIDE.has(last) {
        return Telling::Nothing;
    }
    if words.iter().any(|word| SECRET_WORDS.has(word) || SECRET_ENDS.end(word)) {
        return Telling::Plainly;
    }
    if words.iter().any(|word| WEAK_WORDS.has(word)) { Telling::Perhaps } else { Telling::Nothing }
}

/// `session_token`, `my-app`: what something is called.
fn is_name(value: &str) -> bool {
    value.len() < 20 && value.contains(['_', '-']) && value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'))
}

fn looks_random(value: &str) -> bool {
    let has = |class: fn(&u8) -> bool| value.bytes().any(|byte| class(&byte));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    value.len() >= 8 && mixed || value.len() >= 20 && shannon(value.as_bytes()) > 3.5
}

pub(super) fn is_public(key: &str, words: &[String]) -> bool {
    PUBLIC_STARTS.begin(key) || words.iter().any(|word| PUBLIC_WORDS.has(word))
}

/// Whether a value only says where the secret is, or holds it encrypted.
fn is_reference(value: &str) -> bool {
    is_shell(value) || is_kept(value.trim())
}

/// What a shell or a tool replaces by something else.
#[must_use]
pub fn is_shell(value: &str) -> bool {
    static STARTS: Words = Words::new("$ % @ ! / ./ ../ ~/");
    let value = value.trim();
    STARTS.begin(value)
}

/// The same for what no shell reads: a password may begin with any sign.
pub(super) fn is_kept(value: &str) -> bool {
    static STARTS: Words = Words::new(
        "{{ {cipher} {vault} < op:// vault: ENC[ ENC( enc: encrypted: arn: ssm: awssm: aws-sm: secretsmanager: ref+ sm:// gcp: azure: keyring: keychain: doppler: infisical: env: file: bw:// classpath: ssh-rsa ssh-ed25519 ecdsa-sha2-",
    );
    let is_shown = value.starts_with("-----BEGIN CERTIFICATE") || value.starts_with("-----BEGIN PUBLIC");
    is_shown || STARTS.begin(value) || value.contains("${") || value.contains("$(") || value.contains("{{") || value.contains("<your")
}

/// Numbers of a port, a switch, a duration, an address, a list of words: nothing to hide.
fn is_plain(value: &str) -> bool {
    let short_number = value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit());
    let duration = value.len() <= 6 && value.trim_end_matches(|c: char| c.is_ascii_alphabetic()).bytes().all(|byte| byte.is_ascii_digit());
    let address = value.contains("://");
    short_number || (duration && value.starts_with(|c: char| c.is_ascii_digit())) || address
}

/// The password of an address that carries one: `postgres://user:password@host/`. A secret webhook has none.
#[must_use]
pub fn url_password(value: &str) -> Option<Range<usize>> {
    let scheme = value.find("://")?;
    let begins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
    if scheme == 0 || !value[..scheme].chars().all(begins) {
        return None;
    }
    let from = scheme + 3;
    let end = value[from..].find(['/', '?', '#']).map_or(value.len(), |at| from + at);
    // A password may itself hold a slash; then the sign stands behind it.
    let at = value[from..end].rfind('@').map(|at| from + at)?;
    let colon = from + value[from..at].find(':')?;
    let (user, password) = (&value[from..colon], &value[colon + 1..at]);
    let is_real = password.len() >= SHORTEST && !is_stand_in(password) && !is_reference(password) && password != user;
    is_real.then_some(colon + 1..at)
}

/// The same where most of what stands under such a key only names a secret, an environment or a script: the key ends
/// with the word that tells, and what is no password looks like chance. A password may begin with any sign that is not
/// put there to be replaced.
#[must_use]
pub fn literal(key: &str, value: &[u8]) -> Option<Range<usize>> {
    let text = &*String::from_utf8_lossy(value);
    let words = words(key);
    if is_public(key, &words) || text.starts_with(['$', '%']) {
        return None;
    }
    if let Some(password) = url_password(text) {
        return Some(stored(value, password.start)..stored(value, password.end));
    }
    let names: Vec<&str> = words.iter().map(|word| unnumbered(word)).filter(|word| !word.is_empty()).collect();
    let (last, before) = names.split_last()?;
    let is_password = PASSWORDS.has(last) || last.ends_with("PASSWORD");
    let is_key = *last == "KEY" && before.last().is_some_and(|word| KEYS.has(word));
    let tells = SECRET_WORDS.has(last) || SECRET_ENDS.end(last) || is_key;
    let is_real = worth(text) == Worth::Secret && !is_plain(text) && !is_path(text) && !text.eq_ignore_ascii_case(key);
    (is_real && (is_password || tells && is_chance(text))).then_some(0..value.len())
}

static PASSWORDS: Words = Words::new("PASSWORD PASSWD PASS PWD PASSPHRASE");
/// What stands before `KEY` where that is a secret.
static KEYS: Words = Words::new("API PRIVATE SECRET ENCRYPTION SIGNING AUTH MASTER ACCESS APP LICENSE SERVICE");

/// Whether a key says that its value is a secret: a variable's or a parameter's name.
#[must_use]
pub fn tells(key: &str) -> bool {
    let words = words(key);
    let Some(last) = words.iter().rev().map(|word| unnumbered(word)).find(|word| !word.is_empty()) else { return false };
    !is_public(key, &words) && (SECRET_WORDS.has(last) || SECRET_ENDS.end(last))
}

/// `password2` is a password.
pub(super) fn unnumbered(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// What a value is worth as the password of something that is made with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// It is none: empty, a gap to be filled in, where the password is kept.
    Nothing,
    /// One that everybody tries first: it works all the same.
    Guessable,
    Secret,
}

/// What a literal is worth under a property that takes a password.
#[must_use]
pub fn worth(value: &str) -> Worth {
    let value = value.trim();
    if value.is_empty() || is_kept(value) || is_gap(value) {
        Worth::Nothing
    } else if value.len() < SHORTEST || is_stand_in(value) {
        Worth::Guessable
    } else {
        Worth::Secret
    }
}

/// `rds/prod/admin`, `my-app/token`: where something is kept, by names.
fn is_path(value: &str) -> bool {
    value.contains('/') && value.split('/').all(|part| part.len() < 20 || part.contains(['-', '_', '.']))
}

/// Made by chance, in whole or in one of its parts: a token, a key.
#[must_use]
pub fn is_chance(value: &str) -> bool {
    let mixed = |part: &str| part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic());
    let part = |part: &str| part.len() >= 8 && mixed(part) && class_changes(part.as_bytes()) >= 3;
    !is_path(value) && value.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '=')).any(part)
        || value.len() >= 20 && !value.contains(['-', '_', '/', '.', ' ', ':']) && shannon(value.as_bytes()) > 3.5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part<'t>(key: &str, value: &'t str) -> Option<&'t str> {
        credential(key, value.as_bytes(), 0).map(|range| &value[range])
    }

    #[test]
    fn real_values_under_telling_keys() {
        for (key, value) in [
            ("DB_PASSWORD", "hunter2x9"),
            ("dbPassword", "correct horse"),
            // gatepost: ignore[jwt-signing-secret] made up for an example
            ("JWT_SECRET", "9f8a7c6d5e4b"),
            // gatepost: ignore[secret-assigned] made up for an example
            ("STRIPE_API_KEY", "sk9f8a7c6d5e"),
            // gatepost: ignore[secret-assigned] made up for an example
            ("APP_KEY", "base64:9f8a7c6d5e=="),
            // gatepost: ignore[password-assigned] made up for an example
            ("MYSQLPASSWORD", "tr0ub4dor&3"),
            // gatepost: ignore[secret-assigned] made up for an example
            ("API_TOKEN_2", "tok9f8a7c6d5e"),
            ("DB_PASSWORD", "correct-horse"),
        ] {
            assert_eq!(part(key, value), Some(value), "{key}");
        }
        // gatepost: ignore[database-address] made up for an example
        assert_eq!(part("DATABASE_URL", "postgres://app:tr0ub4dor&3@db.internal/x"), Some("tr0ub4dor&3"));
        // gatepost: ignore[database-address] made up for an example
        assert_eq!(part("REDIS", "redis://:9f8a7c6d@cache:6379"), Some("9f8a7c6d"));
    }

    #[test]
    fn a_value_that_is_no_utf_8_is_judged_too() {
        let latin = b"p\xe4ssw\xf6rd123x";
        assert_eq!(credential("DB_PASSWORD", latin, 7), Some(7..7 + latin.len()));
        let address = b"postgres://j\xfcrgen:tr\xf60ub4dor@db.internal/x";
        let password = credential("DATABASE_URL", address, 0).expect("a password");
        assert_eq!(&address[password], b"tr\xf60ub4dor");
        assert_eq!(credential("DB_PASSWORD", b"${\xe4}", 0), None);
    }

    #[test]
    fn settings_references_and_stand_ins_are_none() {
        for (key, value) in [
            ("PORT", "8080"),
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD", "changeme"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("DB_PASSWORD", "postgres"),
            ("API_KEY", "op://vault/item/key"),
            ("SSH_KEY", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7"),
            ("CA_KEY", "-----BEGIN CERTIFICATE-----\\nMIIB9f8a7c6d5e"),
            ("API_KEY", "your_api_key_here"),
            ("API_KEY", "<your-key>"),
            ("SECRET", "ENC[AES256_GCM,data:x]"),
            ("TOKEN", "encrypted:BD9f8a7c6d5e"),
            ("NEXT_PUBLIC_API_KEY", "9f8a7c6d5e4b"),
            ("STRIPE_PUBLISHABLE_KEY", "pk9f8a7c6d5e"),
            ("AWS_ACCESS_KEY_ID", "9f8a7c6d5e4b"),
            ("TOKEN_EXPIRES_IN", "3600"),
            ("JWT_EXPIRATION", "15m"),
            ("KEY_FILE", "/etc/key.pem"),
            ("DATABASE_URL", "postgres://localhost/app"),
            ("DATABASE_URL", "postgres://postgres:postgres@localhost/app"),
            ("DATABASE_URL", "postgres://user:password@localhost/app"),
            ("SECRET_KEY", "$(openssl rand -hex 32)"),
            ("MONKEY", "banana-split"),
            ("TOKEN_URL", "https://auth.internal/token"),
            ("SECRETS_PROVIDER", "vault-prod-1"),
            ("API_KEY", "xxxxxxxxxxxxxxxx"),
            ("API_KEY", "null"),
            ("SORT_KEY", "createdAt"),
            ("CACHE_KEY", "users"),
            ("CSRF_TOKEN", "csrf_token"),
            ("SESSION_SECRET", "keyboard cat"),
            ("JWT_SECRET", "my-jwt-secret"),
            ("DB_PASSWORD", "dev_password"),
            ("SECRET_KEY", "test_key"),
            ("SENTRY_DSN", "https://9f8a7c6d5e@o1.ingest.sentry.io/1"),
        ] {
            assert_eq!(part(key, value), None, "{key}={value}");
        }
    }

    #[test]
    fn what_a_program_is_given_is_a_secret_only_where_it_is_no_name_of_one() {
        let part = |key: &str, value: &'static str| literal(key, value.as_bytes()).map(|range| &value[range]);
        for (key, value) in [
            ("DB_PASSWORD", "hunter2x9"),
            ("DatabasePassword", "SomeSortOfPassword"),
            ("STRIPE_API_KEY", "sk9f8a7c6d5e"),
            // gatepost: ignore[secret-assigned] made up for an example
            ("session_token", "9f8a7c6d5e4b3a2f"),
            // gatepost: ignore[jwt-signing-secret] made up for an example
            ("JWT_SECRET", "qhRnTkWpXzLmCvBdJsYg"),
        ] {
            assert_eq!(part(key, value), Some(value), "{key}");
        }
        // gatepost: ignore[database-address] made up for an example
        assert_eq!(part("DATABASE_URL", "postgres://app:tr0ub4dor@db/x"), Some("tr0ub4dor"));
        for (key, value) in [
            ("DB_SECRET", "prod/db/credentials-2"),
            ("DB_PASSWORD", "prod/db/password"),
            ("SECRET_NAME", "9f8a7c6d5e4b"),
            ("DB_PASSWORD_PARAMETER", "db-password-2"),
            ("TOKEN", "my-token-v2"),
            ("KMS_KEY", "9f8a7c6d-5e4b-4a2f-9c1d-0a1b2c3d4e5f"),
            ("PASSWORD_RESET_TEMPLATE", "reset-mail-7"),
            ("DB_PASSWORD", "changeme"),
            ("TABLE_KEY", "createdAt2"),
        ] {
            assert_eq!(part(key, value), None, "{key}={value}");
        }
    }

    #[test]
    fn a_working_password_is_one_however_weak_it_is() {
        for value in ["tr0ub4dor&3", "@skd9f8a!AB", "MainPassword-4"] {
            assert_eq!(worth(value), Worth::Secret, "{value}");
        }
        for value in ["changeme", "Password123!", "admin", "abc"] {
            assert_eq!(worth(value), Worth::Guessable, "{value}");
        }
        for value in
            ["", " ", "<password>", "REPLACE_ME", "your-password-here", "xxxxxxxx", "********", "{{resolve:ssm-secure:x}}", "none", "TODO"]
        {
            assert_eq!(worth(value), Worth::Nothing, "{value}");
        }
    }

    #[test]
    fn names_that_tell() {
        for name in ["db_password", "MasterUserPassword", "github_token", "ClientSecret", "password2"] {
            assert!(tells(name), "{name}");
        }
        for name in ["password_length", "token_ttl", "secret_arn", "key_name", "secret_name", "public_token"] {
            assert!(!tells(name), "{name}");
        }
    }
}
