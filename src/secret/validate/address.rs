//! Passwords in addresses and in what signs in with a user's name: `scheme://user:password@host`, `Server=…;Password=…`,
//! `Authorization: Basic`, `curl -u user:password`.

use std::ops::Range;

use data_encoding::{BASE64, BASE64_NOPAD};

use super::assigned::is_told;
use super::{Candidate, Check, Evidence};
use crate::base::ids::{Confidence, Severity};
use crate::base::secret::Secret;
use crate::secret::edge::line_start;
use crate::secret::likeness::{Look, is_made_up, is_marked, is_random, look};
use crate::secret::placeholder::is_gap;
use crate::secret::words::Words;

/// Users and passwords that pairs of examples are made of.
static DEFAULTS: Words = Words::new(
    "\
    user username usr login name pass password passwd pwd pw pswd secret root admin guest test tester demo foo bar baz me my you your someone \
    somebody joe john jane bob alice dbuser dbpass dbpassword dbpasswd myuser mypass mypassword userid userpass token apikey key \
    api_key x-access-token oauth2 access_token oauth2accesstoken p u a b c d x y z p4ss pa55 tiger manager change_on_install welcome usr1 user1 pass1 credentials creds",
);

/// `scheme://user:password@host`: the group is the password, the user stands before its colon.
pub(super) fn url(candidate: &Candidate<'_>) -> Check {
    let (Ok(password), Some(user), Some(host)) = (std::str::from_utf8(candidate.value()), user_before(candidate), host_after(candidate))
    else {
        return Check::Reject;
    };
    // `http://host:80/a@b` has no user.
    if password.split(['/', '?']).next().is_some_and(|port| port.len() < password.len() && port.bytes().all(|b| b.is_ascii_digit())) {
        return Check::Reject;
    }
    judge(user, password, Some(host))
}

/// The same where the user alone is the secret: `https://token@host`.
pub(super) fn url_token(candidate: &Candidate<'_>) -> Check {
    let (Ok(token), Some(host)) = (std::str::from_utf8(candidate.value()), host_after(candidate)) else { return Check::Reject };
    // An address for reports of errors holds a key that everybody may know.
    if !is_random(token) || is_made_up(token) || host.contains("sentry") || reach(host) == Reach::Nowhere {
        return Check::Reject;
    }
    Check::Accept(limited(reach(host)))
}

/// A password beside a server and a user, as drivers read them.
pub(super) fn connection(candidate: &Candidate<'_>) -> Check {
    let Ok(raw) = std::str::from_utf8(candidate.value()) else { return Check::Reject };
    let password = raw.trim_matches(['"', '\'', ' ']);
    let line = line_before(candidate);
    // Settings of a chart are joined by commas too: `--set db.user=shop,db.password=…`.
    let key = line.trim_end_matches('=').trim_end_matches(|c: char| c.is_ascii_alphabetic());
    // `pwd=self.pwd)`, `password=db_password,`
    let variable = password.trim_end_matches([')', ',']).to_ascii_lowercase();
    let is_variable = ["password", "passwd", "pwd"].iter().any(|end| variable.ends_with(end));
    if is_variable || line.contains("--set ") || key.ends_with(['.', '_']) || !is_alone(&line) {
        return Check::Reject;
    }
    let host = ["server=", "data source=", "host=", "addr=", "address=", "endpoint=", "jdbc:"].iter().find_map(|key| {
        let at = line.rfind(key)? + key.len();
        let rest = line[at..].trim_start();
        let rest = rest.split_once("//").filter(|_| *key == "jdbc:").map_or(rest, |(_, rest)| rest);
        rest.split([';', ',', ' ', '?', '/', '\\', '"']).next()
    });
    let user = ["user id=", "userid=", "uid=", "username=", "user="].iter().find_map(|key| {
        let at = line.rfind(key)? + key.len();
        line[at..].trim_start().split([';', ',', ' ', '&', '"']).next()
    });
    judge(user.unwrap_or_default(), password, host)
}

/// Whether a line ends with the name of a password that is no part of a longer name.
fn is_alone(line: &str) -> bool {
    let name = line.trim_end_matches('=');
    let name = &name[name.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len()..];
    matches!(name, "password" | "pwd" | "passwd")
}

/// `user:password` in base64, as HTTP sends it.
pub(super) fn basic(candidate: &Candidate<'_>) -> Check {
    let value = candidate.value();
    let body = value.iter().rposition(|byte| *byte != b'=').map_or(value, |end| &value[..=end]);
    let decoded = BASE64.decode(value).ok().or_else(|| BASE64_NOPAD.decode(body).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| text.split_once(':'))
    else {
        return Check::Reject;
    };
    if user.chars().chain(password.chars()).any(char::is_control) || is_published(user, password) {
        return Check::Reject;
    }
    let Check::Accept(evidence) = pair(user, password, None) else { return Check::Reject };
    Check::Accept(Evidence { identity: Some(Secret::new(password.as_bytes())), ..evidence })
}

/// The examples of RFC 7617.
fn is_published(user: &str, password: &str) -> bool {
    user.eq_ignore_ascii_case("aladdin") || user == "test" && password.starts_with("123")
}

/// `user:password` after `-u`, quoted in whole, in parts or not at all.
pub(super) fn login(candidate: &Candidate<'_>) -> Check {
    let Ok(raw) = std::str::from_utf8(candidate.value()) else { return Check::Reject };
    let (open, close) = (raw.len() - raw.trim_start_matches(['"', '\'', '\\']).len(), raw.trim_end_matches(['"', '\'', '\\']).len());
    let text = raw.get(open..close.max(open)).unwrap_or_default();
    let Some(colon) = text.find(':') else { return Check::Reject };
    let (user, rest) = (&text[..colon], &text[colon + 1..]);
    let bare = |part: &str| part.trim_matches(['"', '\'', '{', '}', '\\']).to_owned();
    let padding = rest.len() - rest.trim_start_matches(['"', '\'']).len();
    let (user, password) = (bare(user), rest[padding..].trim_end_matches(['"', '\'']));
    let from = candidate.secret.start + open + colon + 1 + padding;
    let (secret, check) = if bare(password).is_empty() {
        // The user of some services is the key, and there is no password.
        let start = candidate.secret.start + open;
        (start..start + colon, token(&user))
    } else {
        let host = line_after(candidate);
        (from..from + password.len(), pair(&user, &bare(password), host.as_deref()))
    };
    match check {
        Check::Accept(evidence) => Check::Accept(Evidence { secret: Some(secret), ..evidence }),
        Check::Reject => Check::Reject,
    }
}

/// What a header of authorization holds.
pub(super) fn header(candidate: &Candidate<'_>) -> Check {
    let Ok(value) = std::str::from_utf8(candidate.value()) else { return Check::Reject };
    let before = candidate.before();
    let scheme = before[before.len().saturating_sub(8)..].to_ascii_lowercase();
    // A web token tells of itself what it is: its own rule reads it.
    // So does a signed request, whose parts are no secrets.
    let signed = memchr::memmem::find(&before[before.len().saturating_sub(40)..], b"AWS4-").is_some() || value.starts_with("AWS4-");
    let is_read = signed || value.starts_with("x-") || scheme.ends_with(b"basic ") || value.starts_with("eyJ") && value.contains('.');
    if is_read || is_marked(value) || !is_random(value) || is_made_up(value) { Check::Reject } else { Check::PASS }
}

fn token(value: &str) -> Check {
    if look(value) < Look::Chosen || is_made_up(value) { Check::Reject } else { weak() }
}

fn judge(user: &str, password: &str, host: Option<&str>) -> Check {
    if password.len() < 3 || password.contains("${") || password.contains("$(") { Check::Reject } else { pair(user, password, host) }
}

fn pair(user: &str, password: &str, host: Option<&str>) -> Check {
    let lower = password.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let reach = host.map_or(Reach::World, reach);
    if password.eq_ignore_ascii_case(user)
        || DEFAULTS.has(stem)
        || is_gap(password)
        || reach == Reach::Nowhere
        || is_marked(user)
        || user.starts_with(['$', '<', '%', '{', '['])
        || user.chars().any(char::is_whitespace)
        || password.starts_with(['$', '%', '@'])
        || user.contains('"')
        || password.contains(['"', '`'])
        || is_marked(password)
        || password.bytes().any(|byte| byte.is_ascii_whitespace())
    {
        return Check::Reject;
    }
    let decoded = percent(password);
    match look(&decoded) {
        // A word may be the password of a real server, not one of an example's.
        Look::Nothing
            if reach == Reach::World
                && decoded.len() >= 5
                && decoded.bytes().all(|b| b.is_ascii_alphanumeric())
                && !is_made_up(&decoded) =>
        {
            weak()
        }
        Look::Nothing => Check::Reject,
        Look::Word if reach == Reach::Near && is_made_up(&decoded) && !decoded.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Check::Reject
        }
        Look::Word => weak(),
        Look::Chosen | Look::Random if is_made_up(&decoded) => weak(),
        Look::Chosen | Look::Random => Check::Accept(limited(reach)),
    }
}

fn percent(value: &str) -> String {
    [("%40", "@"), ("%3A", ":"), ("%3a", ":"), ("%2F", "/"), ("%2f", "/"), ("%23", "#"), ("%21", "!"), ("%24", "$"), ("%25", "%")]
        .iter()
        .fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Who can reach a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// It is one of examples.
    Nowhere,
    /// This machine, or the others of one composition.
    Near,
    World,
}

/// Names that are kept for examples, RFC 2606, and those that people write in their place.
static NOBODYS: Words = Words::new(
    "\
    example test invalid example.com example.org example.net example.edu hostname domain.com domain.tld foo.com bar.com acme.com \
    yourdomain.com mydomain.com company.com corp.com somewhere.com server.com host.com hostname.com site.com mysite.com \
    myserver.com mycompany.com",
);
/// Names of this machine and of those around it.
static LOCALS: Words = Words::new("localhost local localdomain lan");
/// First parts of names that are nobody's.
static HOSTS: Words = Words::new("host hostname server myserver yourserver example my-host myhost somehost your-host remotehost proxyhost");

/// A host's name, and what is left of it without its first parts.
pub(super) fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    let rest = name.match_indices('.').map(|(at, _)| &name[at + 1..]);
    std::iter::once(name).chain(rest)
}

fn reach(host: &str) -> Reach {
    let lower = host.trim_matches(['"', '\'']).trim_start_matches("tcp:").to_ascii_lowercase();
    let name = lower.split([':', '/', ',', '?']).next().unwrap_or_default();
    let first = name.split('.').next().unwrap_or_default();
    if is_marked(&lower) || name.starts_with(['$', '<', '%', '{', '[']) && !name.starts_with("[:") {
        return Reach::Nowhere;
    }
    if suffixes(name).any(|end| NOBODYS.has(end)) || HOSTS.has(first) || name.is_empty() || name.contains("example") {
        return Reach::Nowhere;
    }
    let is_local = suffixes(name).any(|end| LOCALS.has(end))
        || name.starts_with("127.")
        || name == "0.0.0.0"
        || name.starts_with("[:")
        || name.starts_with("host.docker");
    if is_local || !name.contains('.') { Reach::Near } else { Reach::World }
}

fn limited(reach: Reach) -> Evidence {
    if reach == Reach::World {
        Evidence::NONE
    } else {
        Evidence { severity: Some(Severity::Low), confidence: Some(Confidence::Low), ..Evidence::NONE }
    }
}

fn weak() -> Check {
    Check::Accept(Evidence { severity: Some(Severity::Low), confidence: Some(Confidence::Low), ..Evidence::NONE })
}

fn user_before<'a>(candidate: &Candidate<'a>) -> Option<&'a str> {
    let before = candidate.before();
    let least = before.len().saturating_sub(200);
    let near = before[least..].strip_suffix(b":")?;
    let start = memchr::memmem::rfind(near, b"//").map(|at| at + 2)?;
    std::str::from_utf8(&near[start..]).ok()
}

fn host_after<'a>(candidate: &Candidate<'a>) -> Option<&'a str> {
    let after = candidate.after();
    let at = after.iter().take(40).position(|byte| *byte == b'@')? + 1;
    let rest = &after[at..];
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'?' | b'#' | b'>' | b')' | b';' | b'\\' | b'|')
    };
    let end = rest.iter().take(200).position(ends).unwrap_or(rest.len().min(200));
    std::str::from_utf8(&rest[..end]).ok()
}

/// What stands before on the same line, in small letters and without blanks around its signs.
fn line_before(candidate: &Candidate<'_>) -> String {
    let before = candidate.before();
    let line = String::from_utf8_lossy(&before[line_start(before, before.len(), 300)..]).to_ascii_lowercase();
    line.replace(" = ", "=").replace("= ", "=").replace(" =", "=")
}

/// The host of the first address behind, where a command goes.
fn line_after(candidate: &Candidate<'_>) -> Option<String> {
    let after = candidate.after();
    let near = &after[..after.len().min(120)];
    let at = memchr::memmem::find(near, b"://")? + 3;
    let line: Range<usize> = at..near.len();
    let host = near[line].iter().take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'')).copied().collect();
    String::from_utf8(host).ok()
}

/// What drivers read without a scheme: `user:password@tcp(host)`, and `user/password@` behind `jdbc:oracle:thin:`.
pub(super) fn driver(candidate: &Candidate<'_>) -> Check {
    let Ok(text) = std::str::from_utf8(candidate.value()) else { return Check::Reject };
    let (user, range, host) = if let Some(password) = text.strip_suffix('@') {
        let host = String::from_utf8_lossy(&candidate.after()[..candidate.after().len().min(100)]).into_owned();
        let host = host.trim_start_matches("//").split([':', '/', '"', '\'']).next().unwrap_or_default().to_owned();
        (String::new(), 0..password.len(), host)
    } else {
        let Some((user, rest)) = text.split_once(':') else { return Check::Reject };
        let (Some(at), Some(open)) = (rest.rfind('@'), text.rfind('(')) else { return Check::Reject };
        let from = user.len() + 1;
        (user.to_owned(), from..from + at, text[open + 1..].trim_end_matches(')').to_owned())
    };
    let secret = candidate.secret.start + range.start..candidate.secret.start + range.end;
    match pair(&user, &text[range], Some(&host)) {
        Check::Accept(evidence) => Check::Accept(Evidence { secret: Some(secret), ..evidence }),
        Check::Reject => Check::Reject,
    }
}

/// A password in base64, where its element says so.
pub(super) fn encoded(candidate: &Candidate<'_>) -> Check {
    let decoded = BASE64.decode(candidate.value()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(password) = decoded.filter(|text| !text.chars().any(char::is_control)) else { return Check::Reject };
    match look(&password) {
        Look::Chosen | Look::Random => Check::PASS,
        Look::Nothing | Look::Word if is_told(&password) => weak(),
        Look::Nothing | Look::Word => Check::Reject,
    }
}
