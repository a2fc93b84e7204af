//! Values that only their name makes a secret. The pattern finds the name and the value with its quotes; here both are
//! read: what the name says, how they are joined, what the value looks like, and what stands behind it.

use std::ops::Range;

use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::secret::edge::line_start;
use crate::secret::key_name::{Glue, Name, Says, name_before};
use crate::secret::likeness::{Look, is_made_up, is_marked, is_uuid, look};
use crate::secret::setting::{Worth, worth};
use crate::secret::words::Words;

/// How far before a name one of a user may stand: `user = "…"`, then the password.
const USER: usize = 160;

/// How far behind a value its line is read.
const BEHIND: usize = 80;

/// A value without its quotes.
struct Written<'a> {
    value: &'a str,
    range: Range<usize>,
    quoted: bool,
}

/// Under a name that calls it a password.
pub(super) fn password(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    if name.says != Says::Password {
        return Check::Reject;
    }
    let key = &candidate.bytes[name.key.clone()];
    let user = name.glue != Glue::Listed && has_user(candidate.bytes, name.key.start);
    let set = !matches!(name.glue, Glue::Compared | Glue::Blank | Glue::Listed);
    match look(written.value) {
        _ if written.value.as_bytes().eq_ignore_ascii_case(key) => Check::Reject,
        Look::Word if user && written.value.len() >= 6 && (written.quoted || begins_line(candidate.bytes, name.key.start)) => weak(written),
        Look::Nothing | Look::Word => Check::Reject,
        Look::Chosen | Look::Random if is_made_up(written.value) || !set => weak(written),
        Look::Chosen if written.value.len() < 8 && !user => weak(written),
        Look::Chosen | Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
    }
}

/// Under a name that calls it a secret, a token, or a key of a service.
pub(super) fn secret(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    if name.says != Says::Secret {
        return Check::Reject;
    }
    match look(written.value) {
        _ if is_uuid(written.value) => weak(written),
        // JSON in a string of code is an example more often than not.
        Look::Random if is_made_up(written.value) || name.glue == Glue::Compared || candidate.value().starts_with(b"\\") => weak(written),
        Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
        // `NOMKSTREAM`: letters alone are a word of some tongue.
        Look::Chosen if name.glue == Glue::Listed || !written.value.bytes().any(|byte| byte.is_ascii_digit()) => Check::Reject,
        Look::Chosen if written.value.len() >= 10 && written.quoted => weak(written),
        _ => Check::Reject,
    }
}

/// Under a name that may be one of a secret: chance only.
pub(super) fn chance(candidate: &Candidate<'_>) -> Check {
    let Some((name, written)) = read(candidate) else { return Check::Reject };
    let is_secret = name.says == Says::Perhaps && name.glue == Glue::Set && !is_uuid(written.value) && !is_made_up(written.value);
    if is_secret && look(written.value) == Look::Random { weak(written) } else { Check::Reject }
}

/// A password that its place says to be one: an argument of a call, what follows an option.
pub(super) fn given(candidate: &Candidate<'_>) -> Check {
    let Some(written) = unquoted(candidate) else { return Check::Reject };
    match look(written.value) {
        Look::Nothing => Check::Reject,
        Look::Word => {
            if written.quoted {
                weak(written)
            } else {
                Check::Reject
            }
        }
        Look::Chosen | Look::Random if is_made_up(written.value) => weak(written),
        Look::Chosen | Look::Random => Check::Accept(Evidence { secret: Some(written.range), ..Evidence::NONE }),
    }
}

/// What a sentence or a title tells: as weak as it gets.
pub(super) fn mentioned(candidate: &Candidate<'_>) -> Check {
    let Some(written) = unquoted(candidate) else { return Check::Reject };
    if is_told(written.value) { weak(written) } else { Check::Reject }
}

/// What a sentence or an element calls a password is one, however weak, if it is not one of examples or names none.
pub(super) fn is_told(value: &str) -> bool {
    worth(value) != Worth::Nothing && !is_marked(value) && !COMMON.has(&value.to_ascii_lowercase()) && value.len() >= 4
}

/// What everybody writes where any password will do.
static COMMON: Words = Words::new(
    "password passwd pass secret changeme admin root test guest user postgres string true false null none required empty correct wrong invalid valid",
);

fn weak(written: Written<'_>) -> Check {
    Check::Accept(Evidence {
        severity: Some(Severity::Low),
        confidence: Some(Confidence::Low),
        secret: Some(written.range),
        ..Evidence::NONE
    })
}

fn read<'a>(candidate: &Candidate<'a>) -> Option<(Name, Written<'a>)> {
    let written = unquoted(candidate)?;
    let name = name_before(candidate.bytes, candidate.secret.start)?;
    let fits = if name.glue == Glue::Element {
        // `KEY="<API_KEY>" --name="…"` has no element.
        let after = candidate.after();
        after[..after.len().min(BEHIND)].trim_ascii_start().starts_with(b"</")
    } else if written.quoted {
        ends_well(candidate.after())
    } else {
        match name.glue {
            Glue::Flag | Glue::Blank => true,
            Glue::Set => is_bare(candidate, &name),
            Glue::Compared | Glue::Listed | Glue::Element => false,
        }
    };
    fits.then_some((name, written))
}

fn unquoted<'a>(candidate: &Candidate<'a>) -> Option<Written<'a>> {
    let raw = std::str::from_utf8(candidate.value()).ok()?;
    // `b"…"`, `@"…"`
    let prefix = usize::from(matches!(raw.as_bytes(), [b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'L' | b'N' | b'@', b'"' | b'\'', ..]));
    let (raw, start) = (&raw[prefix..], candidate.secret.start + prefix);
    let open = raw.len() - raw.trim_start_matches(['\\', '"', '\'', '`']).len();
    let close = raw.trim_end_matches(['"', '\'', '`']).trim_end_matches('\\').len();
    let quoted = open > 0;
    let value = raw.get(open..if quoted { close.max(open) } else { raw.len() })?;
    // A value within a value: `"'x'"`, `'"x"'`; and padding.
    let inner = value.trim_matches([' ', '"', '\'']);
    let from = start + open + (value.len() - value.trim_start_matches([' ', '"', '\'']).len());
    (!inner.is_empty()).then(|| Written { value: inner, range: from..from + inner.len(), quoted })
}

/// What follows a quoted value: not another piece of it, and no sign that it is a key or a type itself.
fn ends_well(after: &[u8]) -> bool {
    let after = &after[..after.len().min(BEHIND)];
    let rest = after.iter().position(|byte| !matches!(byte, b' ' | b'\t')).map_or(&[][..], |at| &after[at..]);
    let joined =
        matches!(rest, [b'.', b' ' | b'\t' | b'$' | b'"' | b'\'', ..] | [b'|', b' ', ..] | [b'+' | b'%' | b':' | b'?' | b'=' | b'[', ..]);
    !joined
}

/// A setting without quotes: it is all that its line has.
fn is_bare(candidate: &Candidate<'_>, name: &Name) -> bool {
    let value = candidate.value();
    let is_code =
        value.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{' | b';' | b',' | b'\\')) || value.ends_with(b")") || value.ends_with(b"}");
    let after = candidate.after();
    let rest = after[..after.len().min(BEHIND)].split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let rest = rest.trim_ascii();
    let direct = candidate.secret.start == name.key.end + 1;
    let ends = rest.is_empty()
        || rest.starts_with(b"#")
        || rest.starts_with(b"\\")
        || direct && !rest.starts_with(b"=") && !rest.starts_with(b"\"");
    !is_code && ends && (begins_line(candidate.bytes, name.key.start) || direct || is_listed_value(candidate.bytes, name))
}

/// `- name: X`, then `value: …`.
fn is_listed_value(bytes: &[u8], name: &Name) -> bool {
    bytes[..name.key.start].trim_ascii_end().ends_with(b"name:")
}

fn begins_line(bytes: &[u8], key: usize) -> bool {
    let head = bytes[line_start(bytes, key, 80)..key].trim_ascii();
    let known: [&[u8]; 12] = [b"", b"export", b"set", b"ENV", b"ARG", b"-", b"env", b"declare", b"#", b"//", b"- export", b"RUN export"];
    known.contains(&head)
}

/// Whether a user is named before a password.
fn has_user(bytes: &[u8], key: usize) -> bool {
    let before = bytes[key.saturating_sub(USER)..key].to_ascii_lowercase();
    [&b"user"[..], b"login", b"uid", b"email", b"account"].iter().any(|word| {
        memchr::memmem::find_iter(&before, word).any(|at| {
            let rest = &before[at + word.len()..];
            let sign = rest.iter().position(|byte| matches!(byte, b'=' | b':' | b'>' | b','));
            sign.is_some_and(|sign| sign <= 12) && memchr::memchr_iter(b'\n', rest).count() <= 2
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::rule::RuleSet;
    use crate::secret::{Detector, Scratch};

    fn detector() -> Detector {
        let rules = RuleSet::embedded();
        let own = |id: &str| ["password-", "secret-assigned", "high-entropy"].iter().any(|start| id.starts_with(start));
        Detector::new(rules.rules().iter().enumerate().filter(|(_, rule)| own(rule.meta.id.as_str()))).expect("sound")
    }

    /// What is found in a text.
    fn found(detector: &Detector, text: &str) -> Vec<String> {
        detector.sightings(text.as_bytes(), &mut Scratch::default()).into_iter().map(|one| text[one.secret].to_owned()).collect()
    }

    /// Made-up values, in halves.
    const PASSWORD: &str = concat!("kT7#w", "Qz2vLp");
    const TOKEN: &str = concat!("q8Zr2Lw0VbN5xKt7", "Yp1MdHcJ3uTgA6Se");

    #[test]
    fn situations() {
        let detector = detector();
        for text in [
            "password = \"{}\"",
            "password='{}'",
            "\"password\": \"{}\"",
            "{\\\"password\\\":\\\"{}\\\"}",
            "<password>{}</password>",
            "<add key=\"Password\" value=\"{}\"/>",
            "<entry key=\"password\">{}</entry>",
            "  password: {}\n",
            "export DB_PASSWORD={}\n",
            "ENV DB_PASSWORD {}\n",
            "set DB_PASSWORD={}\n",
            "define('DB_PASSWORD', '{}');",
            "'password' => '{}',",
            "$cfg['password'] = '{}';",
            "$password = \"{}\"",
            "var password = `{}`",
            "password := \"{}\"",
            "let password: &str = \"{}\";",
            "const password: string = '{}'",
            "private final String password = \"{}\";",
            "@\"{}\" // password = @\"{}\"",
            "setPassword(\"{}\")",
            "app --password {} run",
            "app --password={} run",
            "- name: DB_PASSWORD\n  value: {}\n",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"{}\"}",
            "spring.datasource.password={}\n",
            "db_pass = \"{}\"",
            "MYSQL_PWD={} mysqldump shop",
            "new NetworkCredential(\"shop\", \"{}\")",
            "sshpass -p {} ssh shop",
            "docker login -u shop -p {} r.acme.io",
            "the password is '{}'",
        ] {
            assert!(found(&detector, &text.replace("{}", PASSWORD)).contains(&PASSWORD.to_owned()), "{text}");
        }
        for text in [
            "api_key = \"{}\"",
            "API_TOKEN={}\n",
            "clientSecret: '{}',",
            "buildConfigField 'String', 'API_KEY', '\"{}\"'",
            "<add key=\"ApiSecret\" value=\"{}\"/>",
            "app.jwt.secret={}\n",
            "accessToken: {}\n",
            "key = \"{}\"",
            "encryptionKey = []byte(\"{}\")",
            "public const API_KEY = '{}';",
            "os.environ['SECRET_KEY'] = '{}'",
            "<string name=\"api_key\">{}</string>",
        ] {
            assert_eq!(found(&detector, &text.replace("{}", TOKEN)), [TOKEN], "{text}");
        }
    }

    #[test]
    fn traps() {
        let detector = detector();
        for text in [
            "password = \"\"",
            "password = None",
            "password = getpass()",
            "password = os.environ['DB_PASSWORD']",
            "password = config.get('db.password')",
            "password: ${DB_PASSWORD}",
            "password: {{ db_password }}",
            "password: !vault |",
            "password: \"Passwort\"",
            "password: \"Mot de passe\"",
            "\"password\": \"Contrase\u{f1}a\"",
            "PASSWORD = \"password\"",
            "password: string;",
            "password?: string",
            "password: str = Field(...)",
            "Password string `json:\"password\"`",
            "type=\"password\" name=\"password\"",
            "<label for=\"password\">Password</label>",
            "<input name=\"password\" placeholder=\"Password1\">",
            "password_field = \"user_password_2\"",
            "passwordHash = \"{h}\"",
            "password_min_length = \"12345678\"",
            "f(user, password, 'ntlm2x9Qz')",
            "has_member('struct passwd', 'pw_gecos2x')",
            "[\"$PWD\" = \"/tmp/x9Qz2v\"]",
            "cd $PWD && ls",
            "if password == confirm_password2:",
            "password = password2",
            "password != other.password3;",
            "password: { type: 'string', format: 'password' }",
            "throw new Error('password: must have 8 letters')",
            "echo 'password = '.$p['x9Qz2v'].\"\";",
            "\"password=\" + p2x9Qz + \"&x\"",
            "token: 'refresh_token'",
            "token = \"X-Auth-Token\"",
            "TOKEN_URL = \"https://acme.io/oauth/token\"",
            "tokenType: 'Bearer'",
            "nextPageToken: \"{t}\"",
            "csrf_token = \"{t}\"",
            "continuation_token: {t}\n",
            "secretName: shop-database-credentials-v2",
            "secretKeyRef:\n  name: shop-secrets\n  key: db-password-2",
            "secret = \"asdfasdfasdfasdfasdfasdfasdf\"",
            "publicKey: \"{t}\"",
            "sort_key = \"{t}\"",
            "cacheKey: '{t}'",
            "primary_key: {t}\n",
            "key: 9e858021-953f-4dd3-8842-f2c782780422",
            "integrity: \"sha512-{t}\"",
            "access_key = var.access_key_2",
            "api_key = settings.STRIPE_API_KEY_V2",
            "apiKey: process.env.STRIPE_KEY_2",
            "apiKeyHeader = \"X-Api-Key\"",
            "secret: process.env['SECRET2']",
            "PASSWORD_REGEX = \"^(?=.*[A-Z])[a-z0-9]{8,}$\"",
            "passwordStrength: 'very-strong-2'",
            "password_file: /run/secrets/db2",
            "token = new Token(\"x\")",
            "const tokens = ['a1b2', 'c3d4']",
            "test_password = \"{p}\"",
            "password = 'secret' if debug else None",
            "password=***",
            "the password is 'password'",
            "the password is required",
            "docker login -u shop -p $TOKEN",
            "mysql -u root -p shop",
            "IDENTIFIED BY 'password'",
            "new NetworkCredential(\"user\", \"password\")",
            "pass: \"1\"",
            "compass: \"{p}\"",
            "bypass = \"{p}\"",
            "tokenizer = \"{t}\"",
            "monkey: \"banana-split\"",
            "enum { PASSWORD = 'password', TOKEN = 'token' }",
            "password.label=Password:",
            "pass: \"var(--bg-pass2-primary)\",",
            "<Login @forget-pwd=\"forgetPwd2Click\" />",
            "access_key: \"A1B2C3D4E5F6G7H8I9J0\"",
            "\"token\": \"NOMKSTREAM\",",
            "--from-literal api-key=\"<SHOP_API_KEY>\" --namespace=\"default2x9\"",
            "'password' => 'required|min:8|confirmed',",
            "options = {'host', 'username', 'password', 'scheme', 'path'}",
            "`ec2_access_key`, `ec2_secret_key2`, and",
            "<input name=\"authenticity_token\" value=\"{t}\">",
            "$rfc2045Token = '/^[\\x21\\x23-\\x27\\x2A]+$/D';",
            "key: \"_setToStartOfDay\",",
            "<i class=\"token\">{t}</i>",
            "$secret->{t}\n",
            "hash_key = \"{uuid}\"",
        ] {
            let full = text
                .replace("{p}", PASSWORD)
                .replace("{t}", TOKEN)
                .replace("{h}", &"0f".repeat(20))
                .replace("{uuid}", "9e858021-953f-4dd3-8842-f2c782780422");
            assert_eq!(found(&detector, &full), [""; 0], "{text}");
        }
    }
}
