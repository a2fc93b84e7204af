//! What shells and clients of databases remember: passwords that were given to commands.

use std::ops::Range;

use super::credentials::Setting;
use super::lines::addresses;
use crate::secret::setting::tells;
use crate::syntax::{command, sql};

/// Programs that take a password right behind `-p`.
const JOINED: &[&[u8]] = &[b"mysql", b"mysqldump", b"mysqladmin", b"mysqlimport", b"mariadb", b"mariadb-dump", b"sshpass"];
/// Programs that take one as the word behind `-p`, and those that take `user:password` behind `-u`.
const APART: &[&[u8]] = &[b"sshpass", b"docker", b"podman", b"helm", b"oc", b"mongo", b"mongosh", b"mongodump", b"az", b"smbclient"];
const LOGINS: &[&[u8]] = &[b"curl", b"wget", b"http", b"xh"];

/// Variables, options and statements that carry a password, each under its name.
pub(super) fn history(bytes: &[u8]) -> Vec<Setting> {
    let mut settings = addresses(bytes);
    for words in command::commands(bytes) {
        for at in 0..words.len() {
            settings.extend(assigned(bytes, words[at].clone()).or_else(|| option(bytes, &words, at)));
        }
        settings.extend(told(bytes, &words));
    }
    let accounts = sql::cells(bytes, &|_| false).into_iter();
    settings.extend(accounts.map(|cell| Setting::new("the password of an account".to_owned(), cell.value)));
    settings
}

fn text(bytes: &[u8], range: Range<usize>) -> String {
    String::from_utf8_lossy(&bytes[range]).chars().take(64).collect()
}

fn unquoted(bytes: &[u8], word: Range<usize>) -> Range<usize> {
    let quoted = word.len() >= 2 && matches!(bytes[word.start], b'"' | b'\'') && bytes[word.end - 1] == bytes[word.start];
    if quoted { word.start + 1..word.end - 1 } else { word }
}

/// `NAME=value`, `--name=value`, where the name says that it is a secret.
fn assigned(bytes: &[u8], word: Range<usize>) -> Option<Setting> {
    let equals = word.start + memchr::memchr(b'=', &bytes[word.clone()])?;
    let name = text(bytes, word.start..equals);
    let name = name.trim_start_matches('-');
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    (is_name && tells(name)).then(|| Setting::new(name.to_owned(), unquoted(bytes, equals + 1..word.end)))
}

/// `--password value`, `-pvalue`, `-u user:value`.
fn option(bytes: &[u8], words: &[Range<usize>], at: usize) -> Option<Setting> {
    let word = &bytes[words[at].clone()];
    let next = words.get(at + 1).filter(|next| !bytes[(*next).clone()].starts_with(b"-")).cloned();
    // `sudo mysql`, `ENV=x mysql`: the program stands somewhere before.
    let is_of = |programs: &[&[u8]]| {
        words[..at].iter().any(|before| {
            let name = &bytes[before.clone()];
            programs.contains(&memchr::memrchr(b'/', name).map_or(name, |slash| &name[slash + 1..]))
        })
    };
    if let Some(name) = word.strip_prefix(b"--") {
        let name = String::from_utf8_lossy(name).into_owned();
        return next.filter(|_| tells(&name)).map(|value| Setting::new(name, value));
    }
    match word {
        b"-p" if is_of(APART) => next.map(|value| Setting::new("-p".to_owned(), value)),
        b"-u" | b"--user" if is_of(LOGINS) => {
            let login = next?;
            let colon = login.start + memchr::memchr(b':', &bytes[login.clone()])?;
            Some(Setting::new(text(bytes, login.start..colon), colon + 1..login.end))
        }
        [b'-', b'p', _, ..] if is_of(JOINED) => Some(Setting::new("-p".to_owned(), unquoted(bytes, words[at].start + 2..words[at].end))),
        _ => None,
    }
}

/// `AUTH value` of Redis, `aws configure set NAME value`.
fn told(bytes: &[u8], words: &[Range<usize>]) -> Option<Setting> {
    let word = |at: usize| words.get(at).map(|range| &bytes[range.clone()]);
    if word(0)?.eq_ignore_ascii_case(b"auth") && words.len() <= 3 {
        return Some(Setting::new("AUTH".to_owned(), words.last().filter(|_| words.len() > 1)?.clone()));
    }
    let is_set = word(0) == Some(b"aws") && word(1) == Some(b"configure") && word(2) == Some(b"set");
    let name = words.get(3).filter(|_| is_set).map(|range| text(bytes, range.clone()))?;
    (name.ends_with("secret_access_key") || name.ends_with("session_token")).then(|| Some(Setting::new(name, words.get(4)?.clone())))?
}
