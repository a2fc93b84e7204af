//! The name that stands before a value, and whether it calls the value a secret: `db.password = "…"`,
//! `<property name="apiKey" value="…"/>`, `--token …`. It must end with the word that tells: a `password_field` is none.

use std::ops::Range;

use super::edge::line_start;
use super::setting::{is_public, unnumbered, words};
use super::words::Words;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Password,
    Secret,
    /// A key or a salt, of which most are no secret.
    Perhaps,
}

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glue {
    /// `=`, `:`, `=>`, a call's bracket or comma, an attribute.
    Set,
    /// `==`, `!=`: what is compared with.
    Compared,
    /// `<password>…`
    Element,
    /// A blank, after an option of a command.
    Flag,
    /// A blank, after `ENV` or the like.
    Blank,
    /// A comma, where the name is not the first of its list: `(7, 'password', '…')`, and `['user', 'password', 'host']`.
    Listed,
}

/// A name and how it is joined to the value behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub key: Range<usize>,
    pub says: Says,
    pub glue: Glue,
}

/// How far a name may begin before its value.
pub const FURTHEST: usize = 150;
/// Names between a name and its value: `String`, `value`, `new`.
const BETWEEN: usize = 4;
static BETWEEN_WORDS: Words = Words::new(
    "\
    value val string str new char final const byte bytes b u r l n t text content type valueof fromstring object any to_string s \
    secure securestring is plain optional default x xsd xsi varchar set to as var tostring system",
);

/// Neutral ends: `PASSWORD_PROD` is a password.
static NEUTRAL: Words = Words::new(
    "ENV VALUE VAL STR STRING PROD PRODUCTION STAGING LIVE DEFAULT PLAIN PLAINTEXT RAW CLEARTEXT HEX BASE64 B64 BYTES CURRENT NEW OLD DEV LOCAL BASE",
);
static PASSWORDS: Words = Words::new("PASSWORD PASSWORDS PASSWD PASS PWD PASSPHRASE PASSWORT KENNWORT PW PSWD PASSWRD USERPWD PASSCODE");
static SECRETS: Words = Words::new(
    "SECRET SECRETS TOKEN APIKEY SECRETKEY ACCESSKEY PRIVATEKEY CREDENTIAL CREDENTIALS AUTHTOKEN CLIENTSECRET AUTHKEY APPKEY APISECRET",
);
static PASSWORD_ENDS: Words = Words::new("PASSWORD PASSWD PASSPHRASE PASSWORT");
static SECRET_ENDS: Words = Words::new("SECRET TOKEN APIKEY");
/// What stands before `KEY` where that is a secret.
static KEYS: Words = Words::new(
    "\
    API PRIVATE SECRET ENCRYPTION SIGNING AUTH MASTER ACCESS APP LICENSE SERVICE ACCOUNT ADMIN SUBSCRIPTION SHARED CONSUMER JWT HMAC \
    CRYPT CIPHER CRYPTO AES DEPLOY DECRYPTION AUTHORIZATION AUTHENTICATION APPLICATION",
);
static PERHAPS: Words = Words::new("KEY KEYS SALT PAT JWT AUTH CRED CREDS SEED AUTHORIZATION PEPPER");
/// Tokens, keys and passes of another kind.
static OTHERWISE: Words = Words::new(
    "\
    VERIFICATION AUTHENTICITY ANONYMOUS CSRF XSRF PAGE NEXT PREV CONTINUATION CANCELLATION CANCEL LEXER PARSER SYNTAX SORT CACHE PRIMARY FOREIGN PARTITION HOT SHORTCUT \
    TRANSLATION IDEMPOTENCY OBJECT STORAGE ROUTING MAP INDEX COLUMN LABEL LOCALE MESSAGE ANNOTATION FIELD PUSHDOWN PAGINATION CURSOR \
    SYNC RESUME CHECKPOINT ERROR HEADER PLACEHOLDER TEST FAKE MOCK DUMMY EXAMPLE SAMPLE INVALID WRONG EXPECTED BAD ENCRYPTED HASHED \
    SEALED WRAPPED CONDITION COMPILER OPERATOR KEYWORD NODE TRACKING BREADCRUMB FORGOT FORGET RESET SHOW HIDE TOGGLE CONFIRM REQUIRED MASKED",
);

/// Calls that make or fetch what they are called after: `RandomPassword("label")`, `getSecret("name")`.
static FETCHES: Words = Words::new("GET FETCH LOAD READ LOOKUP FIND RESOLVE RETRIEVE GEN");
static MAKES: Words = Words::new("RANDOM RAND GENERATE GENERATED GENERATOR");

/// Whether the arguments of a call are no secret but say which, or how it is to be made.
fn is_made_there(name: &str) -> bool {
    let words = words(name.rsplit('.').next().unwrap_or(name));
    words.first().is_some_and(|first| FETCHES.has(first)) || words.iter().any(|word| MAKES.has(word))
}

/// What a name says, where it tells.
#[must_use]
pub fn says(key: &str) -> Option<Says> {
    let words = words(key);
    // The shell's own.
    if matches!(key, "PWD" | "OLDPWD" | "pwd") {
        return None;
    }
    if is_public(key, &words) || words.iter().any(|word| OTHERWISE.has(word)) {
        return None;
    }
    let mut names: Vec<&str> = words.iter().map(|word| unnumbered(word)).filter(|word| !word.is_empty()).collect();
    while names.len() > 1 && names.last().is_some_and(|last| NEUTRAL.has(last)) {
        names.pop();
    }
    let (last, before) = names.split_last()?;
    if PASSWORDS.has(last) || PASSWORD_ENDS.end(last) {
        return Some(Says::Password);
    }
    let is_key = *last == "KEY" && before.last().is_some_and(|word| KEYS.has(word));
    if is_key || SECRETS.has(last) || SECRET_ENDS.end(last) {
        return Some(Says::Secret);
    }
    PERHAPS.has(last).then_some(Says::Perhaps)
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name of the value that begins at `at`, its quote included.
#[must_use]
pub fn name_before(bytes: &[u8], at: usize) -> Option<Name> {
    let least = at.saturating_sub(FURTHEST);
    let mut end = at;
    for _ in 0..=BETWEEN {
        end = least + bytes[least..end].iter().rposition(|byte| is_key_byte(*byte) && *byte != b'-')? + 1;
        let start = bytes[least..end].iter().rposition(|byte| !is_key_byte(*byte)).map_or(least, |before| least + before + 1);
        let start = start + bytes[start..end].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let word = std::str::from_utf8(&bytes[start..end]).ok()?;
        if let Some(says) = says(word) {
            let glue = glue(bytes, start, end..at).filter(|_| bytes[end..at].first() != Some(&b'(') || !is_made_there(word))?;
            return Some(Name { key: start..end, says, glue });
        }
        let last = word.rsplit(['.', '-']).next().unwrap_or(word);
        if !BETWEEN_WORDS.has(&last.to_ascii_lowercase()) {
            return None;
        }
        end = start;
    }
    None
}

fn glue(bytes: &[u8], start: usize, between: Range<usize>) -> Option<Glue> {
    let text = &bytes[between.clone()];
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    if has(b"==") || has(b"!=") {
        return Some(Glue::Compared);
    }
    let blank = text.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    if blank {
        let head = bytes[line_start(bytes, start, FURTHEST)..start].trim_ascii_start();
        let option = head.ends_with(b"-") || head.ends_with(b"--");
        let is_set = head.eq_ignore_ascii_case(b"env ") || head.eq_ignore_ascii_case(b"set ") || head.eq_ignore_ascii_case(b"setenv ");
        return if option { Some(Glue::Flag) } else { is_set.then_some(Glue::Blank) };
    }
    // An argument that names the next one is quoted itself: `define('PASSWORD', …)`, not `f(password, …)`.
    let is_quote = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let opened = is_quote(start.checked_sub(1).and_then(|at| bytes.get(at)));
    let is_named = opened && is_quote(text.iter().find(|byte| **byte != b'\\'));
    if !is_named && has(b",") && !has(b"=") && !has(b":") {
        return None;
    }
    // `token->value` reads one, and `<i class="token">` is coloured text.
    // So is `@forget-pwd="…"` the name of an event, and `:password="…"` that of a variable.
    let bound = text.starts_with(b"=\"") && (bytes[..start].ends_with(b" @") || bytes[..start].ends_with(b" :"));
    if bound || text.starts_with(b"->") || bytes[..start].ends_with(b"class=\"") {
        return None;
    }
    let head =
        bytes[..start].strip_suffix(b"\"").or_else(|| bytes[..start].strip_suffix(b"'")).or_else(|| bytes[..start].strip_suffix(b"`"));
    if is_named && has(b",") && head.is_some_and(|head| head[head.len().saturating_sub(FURTHEST)..].trim_ascii_end().ends_with(b",")) {
        return Some(Glue::Listed);
    }
    let element = text.first() == Some(&b'>') || has(b"\">") || has(b"'>");
    Some(if element { Glue::Element } else { Glue::Set })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_say() {
        for name in
            ["db_password", "spring.datasource.password", "dbPass", "MYSQL_PWD", "password2", "PASSWORD_PROD", "keyPassphrase", "passwd"]
        {
            assert_eq!(says(name), Some(Says::Password), "{name}");
        }
        for name in
            ["client_secret", "API_KEY", "apiKey", "accessToken", "jwt-secret", "ENCRYPTION_KEY", "secrets", "MYAPPSECRET", "x-api-key"]
        {
            assert_eq!(says(name), Some(Says::Secret), "{name}");
        }
        for name in ["key", "salt", "hash_key"] {
            assert_eq!(says(name), Some(Says::Perhaps), "{name}");
        }
        for name in [
            "password_field",
            "PASSWORD_LENGTH",
            "token_url",
            "TOKEN_TTL",
            "nextPageToken",
            "csrf_token",
            "sort_key",
            "public_key",
            "compass",
            "NEXT_PUBLIC_API_KEY",
            "passwordLabel",
            "secretName",
            "secret_arn",
            "monkey",
            "test_password",
            "tokenizer",
            "password_hash",
            "X-Auth-Token-Header",
            "VerificationToken",
            "anonymous_user_password",
        ] {
            assert_eq!(says(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_read_from_what_stands_before() {
        let read = |text: &str| name_before(text.as_bytes(), text.len()).map(|name| (text[name.key].to_owned(), name.glue));
        for (text, key, glue) in [
            ("db_password = ", "db_password", Glue::Set),
            ("\"apiKey\": ", "apiKey", Glue::Set),
            ("define('DB_PASSWORD', ", "DB_PASSWORD", Glue::Set),
            ("<password>", "password", Glue::Element),
            ("<property name=\"db.password\" value=", "db.password", Glue::Set),
            ("<entry key=\"password\">", "password", Glue::Element),
            ("mysql --password ", "password", Glue::Flag),
            ("ENV DB_PASSWORD ", "DB_PASSWORD", Glue::Blank),
            ("- name: DB_PASSWORD\n  value: ", "DB_PASSWORD", Glue::Set),
            ("if password == ", "password", Glue::Compared),
            ("const token: string = ", "token", Glue::Set),
            ("$config['secret'] = ", "secret", Glue::Set),
            ("['user', 'password', ", "password", Glue::Listed),
            ("{ :password => ", "password", Glue::Set),
            ("[('password', ", "password", Glue::Set),
        ] {
            assert_eq!(read(text), Some((key.to_owned(), glue)), "{text}");
        }
        for text in [
            "f(user, password, ",
            "has('struct passwd', ",
            "[ \"$PWD\" = ",
            "the password ",
            "password field = ",
            "",
            "= ",
            "password_hint = ",
            "new random.RandomPassword(",
            "generate_token(",
            "vault.getSecret(",
            "$secret->",
            "<i class=\"token\">",
            "<login @lost-pwd=\"",
            "<login :password=\"",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
