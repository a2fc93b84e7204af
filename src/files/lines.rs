//! Readers of formats that are lines: which values of a file are settings, passwords or hashes.

use std::ops::Range;

use super::connection::opened;
use super::credentials::Setting;
use crate::secret::setting::{is_chance, url_password};
use crate::syntax::{address, colon, ini as pairs, netrc as words};

fn setting(bytes: &[u8], key: Range<usize>, value: Range<usize>) -> Setting {
    Setting::new(text(bytes, key), value)
}

fn text(bytes: &[u8], range: Range<usize>) -> String {
    String::from_utf8_lossy(&bytes[range]).into_owned()
}

/// Every pair of a key and a value; a list of values is none.
pub(super) fn ini(bytes: &[u8]) -> Vec<Setting> {
    let single = pairs::entries(bytes).into_iter().filter(|entry| !bytes[entry.value.clone()].starts_with(b"["));
    let whole = |entry: pairs::Entry| {
        let (section, key) = (text(bytes, entry.section), text(bytes, entry.key));
        Setting { path: format!("{section}/{key}"), key, value: entry.value }
    };
    opened(bytes, single.map(whole).collect())
}

/// Addresses that carry a login, each under the name of its host. Some servers take a token as the user.
pub(super) fn addresses(bytes: &[u8]) -> Vec<Setting> {
    let logins = address::addresses(bytes).into_iter().filter_map(|range| {
        let address = std::str::from_utf8(&bytes[range.clone()]).ok()?;
        let from = address.find("://")? + 3;
        let end = address[from..].find(['/', '?', '#']).map_or(address.len(), |at| from + at);
        let at = from + address[from..end].rfind('@')?;
        let user = from..address[from..at].find(':').map_or(at, |colon| from + colon);
        let behind = address.get(user.end + 1..at).unwrap_or_default();
        let is_token = matches!(behind, "" | "x-oauth-basic") && user.len() >= 20 && is_chance(&address[user.clone()]);
        let part = if is_token { user } else { url_password(address)? };
        let key = if address[at + 1..end].is_empty() { "the address" } else { &address[at + 1..end] };
        Some(Setting::new(key.to_owned(), range.start + part.start..range.start + part.end))
    });
    logins.collect()
}

/// A login to a line, as git stores them. It encodes what is no letter; who writes the file by hand does not: the last `@`
/// ends the password.
pub(super) fn git_credentials(bytes: &[u8]) -> Vec<Setting> {
    let mut logins = addresses(bytes);
    let mut at = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let start = at;
        at += line.len() + 1;
        let Some(user) = memchr::memmem::find(line, b"://").map(|found| found + 3) else { continue };
        let Some(end) = memchr::memrchr(b'@', line).filter(|end| *end > user) else { continue };
        let Some(colon) = memchr::memchr(b':', &line[user..end]).map(|found| user + found) else { continue };
        let value = start + colon + 1..start + end;
        if !logins.iter().any(|login| login.value.start >= start && login.value.start < at) {
            logins.push(setting(bytes, start + end + 1..start + line.trim_ascii_end().len().max(end + 1), value));
        }
    }
    logins
}

/// Settings of pip, uv and Poetry: addresses with a login, and logins without an address.
pub(super) fn pip(bytes: &[u8]) -> Vec<Setting> {
    let passwords = pairs::entries(bytes).into_iter().filter(|entry| {
        let (section, key) = (&bytes[entry.section.clone()], &bytes[entry.key.clone()]);
        key == b"password" || key == b"token" || section == b"pypi-token"
    });
    addresses(bytes).into_iter().chain(passwords.map(|entry| setting(bytes, entry.key, entry.value))).collect()
}

/// `[github] token`, `[sendemail] smtpPass`, and addresses with a login. A signing key is only named here.
pub(super) fn git_config(bytes: &[u8]) -> Vec<Setting> {
    let tokens = pairs::entries(bytes).into_iter().filter(|entry| {
        let section = bytes[entry.section.clone()].to_ascii_lowercase();
        let is_host = section.starts_with(b"github") || section.starts_with(b"gitlab");
        let key = bytes[entry.key.clone()].to_ascii_lowercase();
        is_host && matches!(&*key, b"token" | b"oauth-token" | b"password")
            || section.starts_with(b"sendemail") && key == b"smtppass"
            || section.starts_with(b"imap") && key == b"pass"
    });
    addresses(bytes).into_iter().chain(tokens.map(|entry| setting(bytes, entry.key, entry.value))).collect()
}

/// What npm and Yarn sign in with: `//host/:_authToken=`, `npmAuthToken:`.
pub(super) fn npmrc(bytes: &[u8]) -> Vec<Setting> {
    let known = |key: &[u8]| {
        let name = memchr::memrchr(b':', key).map_or(key, |at| &key[at + 1..]);
        matches!(name, b"_authToken" | b"_auth" | b"_password" | b"npmAuthToken" | b"npmAuthIdent")
    };
    let tokens = pairs::entries(bytes).into_iter().filter(|entry| known(&bytes[entry.key.clone()]));
    addresses(bytes).into_iter().chain(tokens.map(|entry| setting(bytes, entry.key, entry.value))).collect()
}

/// Passwords by the name of their machine; those of a host that is only an example are none.
pub(super) fn netrc(bytes: &[u8]) -> Vec<Setting> {
    let logins = words::logins(bytes).into_iter().map(|login| {
        let machine = text(bytes, login.machine);
        Setting::new(if machine.is_empty() { "default".to_owned() } else { machine }, login.password)
    });
    logins.filter(|login| !is_example(&login.key)).collect()
}

/// RFC 2606, section 2 and 3.
fn is_example(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    ["example", "example.com", "example.net", "example.org", "test", "invalid"]
        .iter()
        .any(|name| host.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// `password "x"` of mail programs: msmtp, esmtp, fetchmail, Mutt, mailx.
pub(super) fn mail(bytes: &[u8]) -> Vec<Setting> {
    let told = |key: &[u8]| {
        let key = key.to_ascii_lowercase();
        matches!(&*key, b"password" | b"pass" | b"imap_pass" | b"smtp_pass" | b"pop_pass" | b"nntp_pass" | b"smtp-auth-password")
            || key.starts_with(b"password-")
    };
    let passwords = words::neighbours(bytes).into_iter().filter(|(key, _)| told(&bytes[key.clone()]));
    addresses(bytes).into_iter().chain(passwords.map(|(key, value)| setting(bytes, key, value))).collect()
}

/// `host:port:database:user:password`.
pub(super) fn pgpass(bytes: &[u8]) -> Vec<Setting> {
    let records = colon::records(bytes).into_iter().filter(|fields| fields.len() == 5);
    records
        .filter(|fields| {
            let port = &bytes[fields[1].clone()];
            port == b"*" || !port.is_empty() && port.iter().all(u8::is_ascii_digit)
        })
        .map(|fields| {
            let key = format!("{}@{}", text(bytes, fields[3].clone()), text(bytes, fields[0].clone()));
            Setting::new(key, fields[4].clone())
        })
        .collect()
}

/// `server:port=user:TICKET`, as `p4 login` leaves it.
pub(super) fn p4tickets(bytes: &[u8]) -> Vec<Setting> {
    let tickets = pairs::entries(bytes).into_iter().filter_map(|entry| {
        let login = &bytes[entry.value.clone()];
        let at = entry.value.start + memchr::memrchr(b':', login)?;
        let is_ticket = entry.value.end - at > 32 && bytes[at + 1..entry.value.end].iter().all(u8::is_ascii_hexdigit);
        is_ticket.then(|| setting(bytes, entry.value.start..at, at + 1..entry.value.end))
    });
    tickets.collect()
}

/// `ID:SECRET`, or `bucket:ID:SECRET`.
pub(super) fn s3fs(bytes: &[u8]) -> Vec<Setting> {
    let records = colon::records(bytes).into_iter().filter(|fields| (2..=3).contains(&fields.len()));
    records.map(|fields| setting(bytes, fields[0].clone(), fields[fields.len() - 1].clone())).collect()
}

/// `K 8`, `password`, `V 11`, and the password in a line of its own: what Subversion signs in with.
pub(super) fn svn(bytes: &[u8]) -> Vec<Setting> {
    let mut at = 0;
    let lines: Vec<Range<usize>> = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| {
            let range = at..at + line.trim_ascii_end().len();
            at += line.len() + 1;
            range
        })
        .collect();
    let is_key = |line: &Range<usize>| matches!(&bytes[line.clone()], b"password" | b"passphrase");
    let logins = lines.windows(3).filter(|lines| is_key(&lines[0]) && bytes[lines[1].clone()].starts_with(b"V "));
    logins.map(|lines| setting(bytes, lines[0].clone(), lines[2].clone())).collect()
}

/// `password 51:b:…`: encrypted for one user of one machine, who leaves both behind. `password:s:` is plain.
pub(super) fn rdp(bytes: &[u8]) -> Vec<Setting> {
    let passwords = colon::records(bytes).into_iter().filter(|fields| {
        let name = bytes.get(fields[0].clone()).unwrap_or_default().trim_ascii().to_ascii_lowercase();
        fields.len() == 3 && matches!(&*name, b"password 51" | b"password" | b"gatewaypassword")
    });
    passwords.map(|fields| setting(bytes, fields[0].clone(), fields[2].clone())).collect()
}

/// `user:hash`, also with a realm or more fields.
pub(super) fn htpasswd(bytes: &[u8]) -> Vec<Setting> {
    let records = colon::records(bytes).into_iter().filter(|fields| fields.len() >= 2 && !fields[0].is_empty());
    records.map(|fields| setting(bytes, fields[0].clone(), fields[1].clone())).collect()
}

/// `user:hash:` and seven fields more on Linux, eight on BSD.
pub(super) fn shadow(bytes: &[u8]) -> Vec<Setting> {
    let records = colon::records(bytes).into_iter().filter(|fields| (8..=10).contains(&fields.len()) && !fields[0].is_empty());
    records.map(|fields| setting(bytes, fields[0].clone(), fields[1].clone())).collect()
}

/// `host user:password` of Postfix.
pub(super) fn sasl(bytes: &[u8]) -> Vec<Setting> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).scan(0, |start, line| {
        let range = *start..*start + line.len();
        *start = range.end + 1;
        Some(range)
    });
    let login = |line: Range<usize>| {
        let host = bytes[line.clone()].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let rest = &bytes[line.start + host..line.end];
        let from = line.start + host + (rest.len() - rest.trim_ascii_start().len());
        let value = from..from + rest.trim_ascii().len();
        let colon = memchr::memchr(b':', &bytes[value.clone()])?;
        let is_login = host > 0 && bytes[line.start] != b'#' && !is_example(&text(bytes, line.start..line.start + host));
        is_login.then(|| setting(bytes, line.start..line.start + host, value.start + colon + 1..value.end))
    };
    lines.filter_map(login).collect()
}

/// What the console of AWS gives: a table with the secret in a column, or the two lines of a root key.
pub(super) fn aws_console(bytes: &[u8]) -> Vec<Setting> {
    let start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut lines = bytes[start..].split(|byte| *byte == b'\n').scan(start, |at, line| {
        let range = *at..*at + line.len();
        *at = range.end + 1;
        Some(range)
    });
    let cells = |line: Range<usize>| {
        let mut at = line.start;
        let cells = bytes[line].split(|byte| *byte == b',').map(|cell| {
            let inner = cell.trim_ascii();
            let lead = at + (cell.len() - cell.trim_ascii_start().len());
            at += cell.len() + 1;
            let quoted = inner.len() >= 2 && inner.starts_with(b"\"") && inner.ends_with(b"\"");
            if quoted { lead + 1..lead + inner.len() - 1 } else { lead..lead + inner.len() }
        });
        cells.collect::<Vec<_>>()
    };
    let header = lines.next().map(cells).unwrap_or_default();
    let is = |cell: &Range<usize>, name: &str| bytes[cell.clone()].eq_ignore_ascii_case(name.as_bytes());
    let has = |name: &str| header.iter().any(|cell| is(cell, name));
    if !(has("Access key ID") && has("Secret access key") || has("User name") && has("Password") && has("Console login link")) {
        let pairs = pairs::entries(bytes).into_iter().filter(|entry| &bytes[entry.key.clone()] == b"AWSSecretKey");
        return pairs.map(|entry| setting(bytes, entry.key, entry.value)).collect();
    }
    let secret: Vec<usize> = (0..header.len()).filter(|at| is(&header[*at], "Secret access key") || is(&header[*at], "Password")).collect();
    lines
        .flat_map(|line| {
            let cells = cells(line);
            secret.iter().filter_map(|at| Some((*at, cells.get(*at)?.clone()))).collect::<Vec<_>>()
        })
        .map(|(at, value)| setting(bytes, header[at].clone(), value))
        .collect()
}

/// The only line of a file, without blanks around it.
fn only_line(bytes: &[u8]) -> Option<Range<usize>> {
    let line = bytes.trim_ascii();
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let is_one = !line.is_empty() && line.len() <= 1024 && !line.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    is_one.then(|| start..start + line.len())
}

fn the_line(bytes: &[u8], holds: impl Fn(&[u8]) -> bool) -> Vec<Setting> {
    let line = only_line(bytes).filter(|line| holds(&bytes[line.clone()]));
    line.map(|value| Setting::new("its only line".to_owned(), value)).into_iter().collect()
}

/// A file that is a password. What begins like a script, a comment or an encrypted file is none.
pub(super) fn line(bytes: &[u8]) -> Vec<Setting> {
    the_line(bytes, |line| {
        let starts = [&b"#"[..], b"$ANSIBLE_VAULT", b"!", b"/", b"./", b"../", b"~/"];
        let commands = [b'(', b'|', b';', b'='];
        let has_command = line.contains(&b' ') && line.iter().any(|byte| commands.contains(byte) || *byte == b'$');
        let names = [&b"password"[..], b"vault", b"ansible", b"test"];
        let is_name = line.to_ascii_lowercase().split(|byte| !byte.is_ascii_alphanumeric()).any(|word| names.contains(&word));
        line.len() >= 8 && !is_name && !has_command && !starts.iter().any(|start| line.starts_with(start))
    })
}

/// A file that is a token: one word that chance made.
pub(super) fn token(bytes: &[u8]) -> Vec<Setting> {
    the_line(bytes, |line| {
        let of_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        line.len() >= 20 && line.iter().all(of_token) && line.iter().any(u8::is_ascii_digit)
    })
}

/// A file that is a key of 128 bits or more, in lower hexadecimal digits.
pub(super) fn hex_key(bytes: &[u8]) -> Vec<Setting> {
    the_line(bytes, |line| matches!(line.len(), 32 | 64) && line.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// The password of `<auth-user-pass>`, its second line. Keys have a shape of their own.
pub(super) fn openvpn(bytes: &[u8]) -> Vec<Setting> {
    const OPEN: &[u8] = b"<auth-user-pass>";
    let Some(from) = memchr::memmem::find(bytes, OPEN).map(|at| at + OPEN.len()) else { return Vec::new() };
    let Some(end) = memchr::memmem::find(&bytes[from..], b"</auth-user-pass>").map(|at| from + at) else { return Vec::new() };
    let mut at = from;
    let lines = bytes[from..end].split(|byte| *byte == b'\n').filter_map(|line| {
        let start = at + (line.len() - line.trim_ascii_start().len());
        at += line.len() + 1;
        let line = line.trim_ascii();
        (!line.is_empty()).then(|| start..start + line.len())
    });
    lines.skip(1).take(1).map(|value| Setting::new("auth-user-pass".to_owned(), value)).collect()
}
