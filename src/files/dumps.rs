//! Dumps of databases: whose passwords they hold, and the hashes of them, which are guessed at home.

use std::ops::Range;

use super::credentials::{Setting, found};
use super::hashes::is_hash;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::secret::setting::{credential, is_chance, tells};
use crate::subject::Subject;
use crate::syntax::sql;

/// Columns that hold whatever a program puts there.
const LOOSE: &[&str] = &["value", "data", "config", "settings", "meta", "params", "options", "option"];

/// What is put behind a column's name when it holds what was made of the value.
const MADE: &[&str] = &["_hash", "hash", "_digest", "_encrypted", "_crypted", "_enc", "_md5", "_sha1", "_sha256", "_sha512"];

/// The column without what only says how its value was made: `password_hash` is a password.
fn plain(column: &str) -> &str {
    MADE.iter().find_map(|end| column.strip_suffix(end)).filter(|rest| !rest.is_empty()).unwrap_or(column)
}

fn is_password(column: &str) -> bool {
    tells(plain(column))
}

/// Texts of columns that speak of a password, and of what PHP serialized in columns for anything.
pub(super) fn sql(bytes: &[u8]) -> Vec<Setting> {
    let is_loose = |column: &str| column.rsplit('_').next().is_some_and(|last| LOOSE.contains(&last));
    let cells = sql::cells(bytes, &|column| column.is_empty() || is_password(column) || is_loose(column));
    let mut settings = Vec::new();
    for cell in cells {
        let text = &bytes[cell.value.clone()];
        if is_password(&cell.column) {
            let path = format!("{}/{}", cell.table, cell.column);
            settings.push(Setting { key: format!("{}.{}", cell.table, cell.column), path, value: cell.value });
        } else if cell.column.is_empty() {
            // Nobody says what it is: its own shape does.
            settings.extend(is_hash(text).then(|| Setting::new(format!("{}.?", cell.table), cell.value)));
        } else {
            let base = cell.value.start;
            for (key, value) in sql::serialized(text) {
                let key = String::from_utf8_lossy(&text[key]).into_owned();
                if key.len() <= 64 && is_password(&key) {
                    settings.push(Setting::new(key, base + value.start..base + value.end));
                }
            }
        }
    }
    settings
}

/// One finding for a dump with at least one password or hash of one.
pub(super) fn judge(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let real = settings.iter().filter_map(|setting| {
        let part = part(setting, bytes.get(setting.value.clone())?)?;
        Some((setting.key.as_str(), part))
    });
    found(rule, fix, real.collect(), subject)
}

fn part(setting: &Setting, value: &[u8]) -> Option<Range<usize>> {
    if is_hash(value) || is_digest(value) {
        return Some(setting.value.clone());
    }
    // Words of a page: `Please enter your password`.
    let is_text = value.iter().filter(|byte| **byte == b' ').count() > 1 || value.starts_with(b"$") || value.starts_with(b"*");
    let name = plain(setting.path.rsplit('/').next().unwrap_or(&setting.key));
    // A token may be a word of a language or of a parser.
    let is_weak = name.ends_with("token") && !is_chance(&String::from_utf8_lossy(value));
    if is_text || is_weak { None } else { credential(name, value, setting.value.start) }
}

/// MD5, SHA-1, SHA-2 in hexadecimal digits, and what MySQL makes of passwords.
fn is_digest(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"*").unwrap_or(value);
    let is_length = matches!(digits.len(), 40) || matches!(value.len(), 32 | 64 | 128);
    let kinds = digits.iter().collect::<std::collections::BTreeSet<_>>().len();
    is_length && kinds >= 8 && digits.iter().all(u8::is_ascii_hexdigit)
}
