//! Passwords inside of longer values: `Server=db;User Id=a;Password=b`, `jdbc:mysql://db/x?user=a&password=b`.

use std::ops::Range;

use super::credentials::Setting;
use crate::secret::setting::{Worth, worth};

/// Longer values are no connection.
const MAX_CONNECTION: usize = 4 << 10;

/// What a password is called in one, in lower case.
/// <https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax>,
/// <https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string>
const NAMES: &[&[u8]] = &[b"password", b"pwd", b"accountkey", b"sharedaccesskey", b"sharedsecret", b"secretkey"];

/// The password of a connection. The storage emulator's key is everybody's.
pub(super) fn password(value: &[u8]) -> Option<Range<usize>> {
    if value.len() > MAX_CONNECTION || memchr::memmem::find(value, b"devstoreaccount1").is_some() {
        return None;
    }
    // A password alone is none: what it is for stands beside it.
    let is_alone = memchr::memchr_iter(b'=', value).nth(1).is_none() && memchr::memmem::find(value, b"://").is_none();
    let named = memchr::memchr_iter(b'=', value).filter_map(|sign| {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ';
        let length = value[..sign].iter().rev().take_while(|byte| is_name(byte)).count();
        let name = value[sign - length..sign].trim_ascii().to_ascii_lowercase();
        let ends: &[u8] = match value[..sign - length].last() {
            None | Some(b';') => b";",
            Some(b'?' | b'&') => b"&#",
            Some(b',') => b",",
            _ => return None,
        };
        NAMES.contains(&&*name).then_some((sign + 1, ends))
    });
    // Each may be as long as the value.
    named.take(if is_alone { 0 } else { 4 }).find_map(|(from, ends)| {
        let rest = &value[from..];
        let rest = &rest[..rest.iter().position(|byte| ends.contains(byte) || matches!(byte, b'"' | b'\n')).unwrap_or(rest.len())];
        let part = rest.trim_ascii();
        let start = from + (rest.len() - rest.trim_ascii_start().len());
        let text = String::from_utf8_lossy(part);
        let is_real = worth(&text) == Worth::Secret && !text.starts_with(['%', '$', '@', '#']);
        is_real.then_some(start..start + part.len())
    })
}

/// Settings, with the password in place of the connection that holds it.
pub(super) fn opened(bytes: &[u8], mut settings: Vec<Setting>) -> Vec<Setting> {
    for setting in &mut settings {
        let Some(part) = bytes.get(setting.value.clone()).and_then(password) else { continue };
        setting.value = setting.value.start + part.start..setting.value.start + part.end;
        setting.key.push_str(" password");
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn the_part_that_is_secret() {
        for (value, want) in [
            // gatepost: ignore[connection-string-password] made up for an example
            ("Server=db;User Id=sa;Password=Winter2024!;Encrypt=True", Some("Winter2024!")),
            ("Data Source=db;pwd = Winter2024! ", Some("Winter2024!")),
            ("jdbc:mysql://db/x?user=a&password=Winter2024!&useSSL=false", Some("Winter2024!")),
            // gatepost: ignore[connection-string-password] made up for an example
            ("jdbc:sqlserver://db:1433;user=a;password=Winter2024!", Some("Winter2024!")),
            ("cache:6380,password=Winter2024!,ssl=True", Some("Winter2024!")),
            ("Server=db;Integrated Security=true", None),
            ("Server=db;User Id=sa;Password=", None),
            ("Server=db;User Id=sa;Password=${DB_PASSWORD}", None),
            ("Server=db;User Id=sa;Password=#{password}#", None),
            ("Server=db;User Id=sa;Password=postgres", None),
            ("AccountName=devstoreaccount1;AccountKey=Winter2024!", None),
            ("Password=Winter2024!", None),
        ] {
            assert_eq!(password(value.as_bytes()).map(|part| &value[part]), want, "{value}");
        }
    }
}
