//! Settings with credentials in them: which keys speak of a secret, and which values are one.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::base::entropy::shannon;
use crate::base::secret::Secret;
use crate::finding::{Finding, Fix, Label, Masked, State, fingerprint_in, group_of};
use crate::rule::Rule;
use crate::secret::context::{Context, lowered};
use crate::secret::placeholder::{is_listed, is_stand_in};
use crate::subject::Subject;
use crate::syntax::dotenv;

/// A key and its literal value, wherever a reader found them. Ranges are bytes of what was read.
pub(super) struct Setting {
    pub key: String,
    pub value: Range<usize>,
}

pub(super) fn read_dotenv(bytes: &[u8]) -> Vec<Setting> {
    let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    dotenv::entries(bytes).into_iter().map(|entry| Setting { key: text(entry.key), value: entry.value }).collect()
}

/// Keys that a message names, and places that a finding shows.
const SHOWN: usize = 10;

/// One finding for a file that sets at least one credential. The first that the change touches is the place.
pub(super) fn judge(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let mut real: Vec<(&str, Range<usize>)> = settings
        .iter()
        .filter_map(|setting| {
            Some((setting.key.as_str(), credential(&setting.key, bytes.get(setting.value.clone())?, setting.value.start)?))
        })
        .collect();
    if !real.iter().any(|(_, range)| subject.in_focus(range.clone())) {
        return None;
    }
    let whole: Vec<u8> = real.iter().flat_map(|(key, range)| [key.as_bytes(), b"=", &bytes[range.clone()], b"\n"].concat()).collect();
    let group = group_of(&rule.meta.id, &Secret::new(&whole));
    real.sort_by_key(|(_, range)| (!subject.in_focus(range.clone()), range.start));
    let ((_, primary), others) = real.split_first()?;
    let context = Context::of(subject.path);
    let mut message = format!("{}: {}", rule.meta.title, names(&real));
    if let Some(context) = context {
        message.push_str(", ");
        message.push_str(context.as_str());
    }
    let related = others.iter().take(SHOWN).map(|(key, range)| Label {
        place: subject.place(range.clone()).concealed((0, 0)),
        text: format!("the value of {key}"),
        repeats: true,
    });
    Some(Finding {
        rule: rule.meta.id.clone(),
        families: Arc::from(rule.meta.families.clone()),
        severity: rule.meta.severity,
        confidence: if context.is_some() { lowered(rule.meta.confidence) } else { rule.meta.confidence },
        message,
        primary: subject.place(primary.clone()).concealed((0, 0)),
        related: related.collect(),
        resource: None,
        fix: Some(Fix { text: fix.to_owned(), ..Fix::default() }),
        fingerprint: fingerprint_in(group, subject.path.bytes()),
        group,
        state: State::Active,
        suppressed_here: false,
        change: None,
        secrets: real.iter().map(|(_, range)| Masked { value: Secret::new(&bytes[range.clone()]), keep: (0, 0) }).collect(),
    })
}

fn names(real: &[(&str, Range<usize>)]) -> String {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let keys: Vec<&str> = real.iter().map(|(key, _)| *key).filter(|key| seen.insert(key)).collect();
    let more = keys.len().saturating_sub(SHOWN);
    let shown = keys.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The part of a value that is a credential; `start` is where the value begins.
fn credential(key: &str, value: &[u8], start: usize) -> Option<Range<usize>> {
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
fn words(key: &str) -> Vec<String> {
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
const SECRET_WORDS: &str = "\
    PASSWORD PASSWD PASS PWD PASSPHRASE SECRET SECRETS TOKEN APIKEY SECRETKEY ACCESSKEY PRIVATEKEY CREDENTIAL CREDENTIALS AUTHTOKEN \
    CLIENTSECRET";
/// Words of keys whose value is a secret if it looks like chance: there are sort keys and cache keys.
const WEAK_WORDS: &str = "KEY KEYS TOKENS SALT PAT JWT PW";
/// Endings of words without a separator: `DBPASSWORD`, `mypassword`.
const SECRET_ENDS: &str = "PASSWORD PASSWD SECRET TOKEN APIKEY PASSPHRASE";
/// A key that ends so speaks of something beside the secret.
const BESIDE: &str = "\
    ID IDS NAME NAMES FILE FILENAME PATH DIR HOST PORT TTL EXPIRY EXPIRES EXPIRATION EXPIRE EXP IN AGE LENGTH SIZE ENABLED DISABLED \
    REQUIRED ENABLE ALGORITHM ALGO ALG TYPE HEADER PREFIX SUFFIX COUNT LIMIT TIMEOUT REGION VERSION ISSUER AUDIENCE LIFETIME \
    DURATION MINUTES HOURS DAYS SECONDS MS ROUNDS FIELD COLUMN ARN URI URL ENDPOINT POLICY MODE SOURCE PROVIDER METHOD ALIAS HINT \
    COOKIE BUCKET ROTATION FORMAT STRATEGY REF INTERVAL";
const PUBLIC_WORDS: &str = "PUBLIC PUBLISHABLE PUB PUBKEY FINGERPRINT SITEKEY";
/// What these begin is built into pages for everybody.
const PUBLIC_STARTS: &str = "NEXT_PUBLIC_ VITE_ REACT_APP_ EXPO_PUBLIC_ NUXT_PUBLIC_ GATSBY_ PUBLIC_ VUE_APP_";

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
    if is_listed(last, BESIDE) {
        return Telling::Nothing;
    }
    let ends = |word: &str| SECRET_ENDS.split(' ').any(|end| word.ends_with(end));
    if words.iter().any(|word| is_listed(word, SECRET_WORDS) || ends(word)) {
        return Telling::Plainly;
    }
    if words.iter().any(|word| is_listed(word, WEAK_WORDS)) { Telling::Perhaps } else { Telling::Nothing }
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

fn is_public(key: &str, words: &[String]) -> bool {
    PUBLIC_STARTS.split(' ').any(|start| key.starts_with(start)) || words.iter().any(|word| is_listed(word, PUBLIC_WORDS))
}

/// Whether a value only says where the secret is, or holds it encrypted.
fn is_reference(value: &str) -> bool {
    const STARTS: &str = "$ % {{ < op:// vault: ENC[ enc: encrypted: arn: ssm: awssm: aws-sm: secretsmanager: ref+ sm:// gcp: azure: keyring: keychain: doppler: infisical: env: file: @ ! / ./ ../ ~/ bw://";
    let value = value.trim();
    STARTS.split(' ').any(|start| value.starts_with(start))
        || value.contains("${")
        || value.contains("$(")
        || value.contains("{{")
        || value.contains("<your")
}

/// Numbers of a port, a switch, a duration, an address, a list of words: nothing to hide.
fn is_plain(value: &str) -> bool {
    let short_number = value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit());
    let duration = value.len() <= 6 && value.trim_end_matches(|c: char| c.is_ascii_alphabetic()).bytes().all(|byte| byte.is_ascii_digit());
    let address = value.contains("://");
    short_number || (duration && value.starts_with(|c: char| c.is_ascii_digit())) || address
}

/// The password of an address that carries one: `postgres://user:password@host/`. A secret webhook has none.
fn url_password(value: &str) -> Option<Range<usize>> {
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
            ("JWT_SECRET", "9f8a7c6d5e4b"),
            ("STRIPE_API_KEY", "sk9f8a7c6d5e"),
            ("APP_KEY", "base64:9f8a7c6d5e=="),
            ("MYSQLPASSWORD", "tr0ub4dor&3"),
            ("API_TOKEN_2", "tok9f8a7c6d5e"),
            ("DB_PASSWORD", "correct-horse"),
        ] {
            assert_eq!(part(key, value), Some(value), "{key}");
        }
        assert_eq!(part("DATABASE_URL", "postgres://app:tr0ub4dor&3@db.internal/x"), Some("tr0ub4dor&3"));
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
}
