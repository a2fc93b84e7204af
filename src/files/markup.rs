//! Readers of XML: texts and attributes under their names, and passwords inside of connection strings.

use std::ops::Range;

use super::credentials::Setting;
use crate::syntax::xml::{Attribute, Event, Reader};

/// Texts and attributes, `settings/servers/server/password` and `add/@value`. A `key` or a `name` beside a value is what
/// it is called: `<add key="x" value="…"/>`, `<entry key="x">…</entry>`, `<key>x</key><string>…</string>`. What stands
/// between braces is encrypted, or a name.
pub(super) fn xml(bytes: &[u8]) -> Vec<Setting> {
    let mut all = read(bytes);
    all.retain(|setting| !is_replaced(&bytes[setting.value.clone()]));
    all
}

/// What Maven and Jenkins encrypt with a key that lies beside it: `{…}` in base64, without the braces.
pub(super) fn sealed_xml(bytes: &[u8]) -> Vec<Setting> {
    let mut all = read(bytes);
    all.retain_mut(|setting| {
        let value = &bytes[setting.value.clone()];
        let Some(inner) = value.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")) else { return false };
        setting.value = setting.value.start + 1..setting.value.end - 1;
        inner.len() >= 20 && inner.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    });
    all
}

/// `<Pass>` as it stands, or in base64: then it is judged by what it decodes to.
/// <https://wiki.filezilla-project.org/Client_Configuration>
pub(super) fn filezilla(bytes: &[u8]) -> Vec<Setting> {
    let mut reader = Reader::new(bytes);
    let (mut all, mut is_packed, mut is_sealed) = (Vec::new(), false, false);
    while let Some(event) = reader.next() {
        match event {
            Event::Open(attributes) => {
                let encoding = attributes.iter().find(|attribute| &bytes[attribute.name.clone()] == b"encoding");
                let encoding = encoding.map_or(&b""[..], |attribute| &bytes[attribute.value.clone()]);
                (is_packed, is_sealed) = (encoding == b"base64", encoding == b"crypt");
            }
            Event::Text(value) if reader.way().last() == Some(b"Pass") && !is_sealed => {
                let plain = if is_packed { data_encoding::BASE64.decode(&bytes[value.clone()]).unwrap_or_default() } else { Vec::new() };
                let is_real = crate::secret::setting::worth(&String::from_utf8_lossy(&plain)) == crate::secret::setting::Worth::Secret;
                if !is_packed || is_real {
                    all.push(Setting::new("Pass".to_owned(), value));
                }
            }
            Event::Text(_) => {}
        }
    }
    all
}

fn read(bytes: &[u8]) -> Vec<Setting> {
    let mut all = Vec::new();
    let mut reader = Reader::new(bytes);
    // What the element is called, and what the text of a `<key>` calls the next one.
    let (mut called, mut next): (Option<Range<usize>>, Option<Range<usize>>) = (None, None);
    while let Some(event) = reader.next() {
        let way = way(&reader);
        match event {
            Event::Open(attributes) => {
                called = find(bytes, &attributes, &["key", "name"]);
                let value = find(bytes, &attributes, &["value", "connectionString"]);
                for attribute in attributes {
                    let name = text(bytes, attribute.name);
                    let path = format!("{}/@{name}", parent(&way).1);
                    let (key, path) = match called.clone().filter(|_| value.as_ref() == Some(&attribute.value)) {
                        Some(called) => {
                            let called = text(bytes, called);
                            let path = format!("{}/{called}", parent(&way).0);
                            (called, path)
                        }
                        None => (if is_cipher_key(&name) { "machine encryption key".to_owned() } else { name }, path),
                    };
                    push(bytes, key, path, attribute.value, &mut all);
                }
            }
            Event::Text(value) => {
                let (folder, _) = parent(&way);
                let name = way.rsplit('/').next().unwrap_or_default();
                if name == "key" {
                    next = Some(value);
                    continue;
                }
                let (key, path) = match next.take().or_else(|| called.take()) {
                    Some(called) => {
                        let called = text(bytes, called);
                        let path = format!("{folder}/{called}");
                        (called, path)
                    }
                    None => (name.to_owned(), way.clone()),
                };
                push(bytes, key, path, value, &mut all);
            }
        }
    }
    all
}

fn push(bytes: &[u8], key: String, path: String, value: Range<usize>, all: &mut Vec<Setting>) {
    let before = all.len();
    for (name, range) in parts(bytes, value.clone()) {
        let name = text(bytes, name);
        all.push(Setting { path: format!("{path}/{name}"), key: name, value: range });
    }
    let stored = &bytes[value.clone()];
    if all.len() == before && !is_entity(stored) && !stored.starts_with(b"AutoGenerate") {
        all.push(Setting { key, path, value });
    }
}

/// `validationKey` and `decryptionKey` of ASP.NET sign and encrypt what browsers send back.
fn is_cipher_key(name: &str) -> bool {
    matches!(name, "validationKey" | "decryptionKey")
}

/// The secrets of a connection string, `Server=x;Password=y;`, or of an address, `?user=x&amp;password=y`.
/// <https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax>
fn parts(bytes: &[u8], value: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let stored = &bytes[value.clone()];
    let mut found = Vec::new();
    if stored.len() > MAX_CONNECTION || !stored.iter().any(|byte| matches!(byte, b';' | b'?')) {
        return found;
    }
    let mut start = 0;
    while start < stored.len() {
        let mut end = start;
        let mut quote: &[u8] = b"";
        while end < stored.len() {
            let rest = &stored[end..];
            let length = entity(rest);
            if !quote.is_empty() {
                end += if rest.starts_with(quote) { quote.len() } else { 1 };
                if rest.starts_with(quote) {
                    quote = b"";
                }
            } else if let Some(open) = [&b"=&quot;"[..], b"='", b"=\""].into_iter().find(|open| rest.starts_with(open)) {
                quote = &open[1..];
                end += open.len();
            } else if matches!(rest[0], b';' | b'?') || rest.starts_with(b"&amp;") && names_a_part(&rest[5..]) {
                break;
            } else {
                end += length.max(1);
            }
        }
        let part = &stored[start..end];
        if let Some(equals) = memchr::memchr(b'=', part) {
            let from = value.start + start;
            let name = trimmed(bytes, from..from + equals);
            let inner = unquoted(bytes, trimmed(bytes, from + equals + 1..from + part.len()));
            if is_secret(&bytes[name.clone()]) && !inner.is_empty() {
                found.push((name, inner));
            }
        }
        let rest = &stored[end.min(stored.len())..];
        start = end + if rest.starts_with(b"&amp;") { 5 } else { 1 };
    }
    found
}

const MAX_CONNECTION: usize = 4096;

fn is_secret(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(&*name, b"password" | b"pwd" | b"accountkey" | b"sharedaccesskey" | b"jet oledb:database password" | b"sslpassword")
}

/// A sign of its own ends no part: `&amp;` may stand in a password.
fn entity(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'&') {
        return 1;
    }
    let length = rest[1..].iter().take(8).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    if length > 0 && rest.get(length + 1) == Some(&b';') { length + 2 } else { 1 }
}

fn names_a_part(rest: &[u8]) -> bool {
    let length = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    length > 1 && rest.get(length) == Some(&b'=')
}

/// `&password;`: what a declaration says.
fn is_entity(value: &[u8]) -> bool {
    let name = value.strip_prefix(b"&").and_then(|rest| rest.strip_suffix(b";"));
    name.is_some_and(|name| {
        !name.is_empty()
            && name[0].is_ascii_alphabetic()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    })
}

/// `{…}`, `#{…}`, `__NAME__`, `[%NAME%]`, `@NAME@`: another tool writes the value there.
fn is_replaced(value: &[u8]) -> bool {
    [
        (&b"{"[..], &b"}"[..]),
        (b"#{", b"}"),
        (b"__", b"__"),
        (b"[", b"]"),
        (b"@", b"@"),
        (b"%", b"%"),
        (b"(", b")"),
        (b"&lt;", b"&gt;"),
        (b"|", b"|"),
    ]
    .iter()
    .any(|(open, close)| value.starts_with(open) && value.ends_with(close))
}

fn find(bytes: &[u8], attributes: &[Attribute], names: &[&str]) -> Option<Range<usize>> {
    let is = |attribute: &&Attribute| names.iter().any(|name| bytes[attribute.name.clone()].eq_ignore_ascii_case(name.as_bytes()));
    attributes.iter().find(is).map(|attribute| attribute.value.clone())
}

/// The way to an element, shortened to its last names.
fn way(reader: &Reader<'_>) -> String {
    let names: Vec<&[u8]> = reader.way().collect();
    let kept = names.get(names.len().saturating_sub(MAX_NAMES)..).unwrap_or_default();
    kept.iter().map(|name| text_of(name)).collect::<Vec<_>>().join("/")
}

/// Names on the way to a value that are kept.
const MAX_NAMES: usize = 8;
/// Bytes of a name that are kept: a million values may stand below one long name.
const MAX_KEY: usize = 64;

/// The way to the element around, and the way itself.
fn parent(way: &str) -> (&str, &str) {
    (way.rsplit_once('/').map_or("", |(folder, _)| folder), way)
}

fn text(bytes: &[u8], range: Range<usize>) -> String {
    text_of(&bytes[range])
}

fn text_of(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(MAX_KEY)]).into_owned()
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let inner = &bytes[range.clone()];
    let start = range.start + (inner.len() - inner.trim_ascii_start().len());
    start..start + inner.trim_ascii().len()
}

fn unquoted(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let inner = &bytes[range.clone()];
    let quotes = [&b"&quot;"[..], b"'", b"\""];
    let quote = quotes.into_iter().find(|quote| inner.len() >= 2 * quote.len() && inner.starts_with(quote) && inner.ends_with(quote));
    let length = quote.map_or(0, <[u8]>::len);
    range.start + length..range.end - length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triples(text: &str) -> Vec<(String, String, &str)> {
        xml(text.as_bytes()).into_iter().map(|s| (s.key, s.path, &text[s.value])).collect()
    }

    #[test]
    fn values_are_called_by_what_stands_beside_them() {
        let text = "<a><add key='k' value='v'/><entry key=\"e\">w</entry><b>x</b><b c='y'/><dict><key>p</key><string>q</string></dict><s>{AQA=}</s></a>";
        let found = triples(text);
        let has = |key: &str, path: &str, value: &str| found.contains(&(key.to_owned(), path.to_owned(), value));
        assert!(
            has("k", "a/k", "v") && has("e", "a/e", "w") && has("b", "a/b", "x") && has("c", "a/b/@c", "y") && has("p", "a/dict/p", "q")
        );
        assert!(!found.iter().any(|(key, ..)| key == "s"));
    }

    #[test]
    fn only_the_password_of_a_connection_is_the_value() {
        let of = |value: &str| {
            let text = format!("<add name=\"D\" connectionString=\"{value}\"/>");
            xml(text.as_bytes()).into_iter().filter(|s| is_secret(s.key.as_bytes())).map(|s| text[s.value].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("Server=a;User Id=b;Password=c&amp;d;X=1"), ["c&amp;d"]);
        assert_eq!(of("Server=a;Pwd=&quot;c;d&quot;;X=1"), ["c;d"]);
        assert_eq!(of("jdbc:mysql://h/d?user=a&amp;password=b&amp;ssl=1"), ["b"]);
        assert_eq!(of("Server=a;Integrated Security=true;AttachDbFilename=|DataDirectory|x.mdf"), [""; 0]);
    }
}
