//! Readers of what tools record and are told, where a credential stands in a list or inside of another text: notebooks,
//! captures of the network, the servers of AI tools.

use std::ops::Range;

use super::Unread;
use super::credentials::Setting;
use super::documents::{self, cut, pairs, place, told_pairs, whole};
use crate::base::span::FileId;
use crate::base::text_map::Text;
use crate::secret::setting::{credential, is_chance, literal, tells};
use crate::syntax::document::{Node, NodeKind};
use crate::syntax::{json, loose};

/// Bytes of a name.
const MAX_KEY: usize = 64;

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[], Node::items)
}

/// A part of a text, as a setting of the file that the text stands in.
fn part(key: &str, text: &Text, range: Range<usize>) -> Option<Setting> {
    Some(Setting::new(cut(key, MAX_KEY).to_owned(), text.span(range)?.range()))
}

/// What a notebook's code assigns, and what its outputs print, between quotes.
/// <https://nbformat.readthedocs.io/en/latest/format_description.html>
pub(super) fn notebook(bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
    let Some(document) = whole(bytes)? else { return Ok(told_pairs(bytes)) };
    let mut found = Vec::new();
    let sheets = items(&document.root, "worksheets").iter().flat_map(|sheet| items(sheet, "cells"));
    for cell in items(&document.root, "cells").iter().chain(sheets) {
        let is_code = cell.get("cell_type").and_then(Node::as_str).is_some_and(|kind| kind == "code");
        if !is_code {
            continue;
        }
        let source = cell.get("source").or_else(|| cell.get("input"));
        let outputs = items(cell, "outputs")
            .iter()
            .flat_map(|output| [output.get("text"), output.get("data").and_then(|data| data.get("text/plain"))].into_iter().flatten());
        source.into_iter().chain(outputs).for_each(|lines| quoted(&joined(lines), &mut found));
    }
    Ok(found)
}

/// Lines that a notebook keeps as a list, as one text.
fn joined(lines: &Node) -> Text {
    let mut whole = Text::new();
    for line in std::iter::once(lines).chain(lines.items()) {
        if let NodeKind::Text(text) = &line.kind {
            whole.push_text(text);
        }
    }
    whole
}

fn quoted(text: &Text, found: &mut Vec<Setting>) {
    let bytes = text.bytes();
    for pair in loose::pairs(bytes) {
        let is_quoted = pair.value.start > 0 && matches!(bytes[pair.value.start - 1], b'"' | b'\'');
        if is_quoted {
            found.extend(part(&String::from_utf8_lossy(&bytes[pair.key]), text, pair.value));
        }
    }
}

/// What a capture of a browser signed in with: headers, cookies, forms and the tokens of answers.
/// <http://www.softwareishard.com/blog/har-12-spec/>
pub(super) fn har(bytes: &[u8]) -> Result<Vec<Setting>, Unread> {
    let Some(document) = whole(bytes)? else { return Ok(told_pairs(bytes)) };
    let mut found = Vec::new();
    for entry in document.root.get("log").map_or(&[][..], |log| items(log, "entries")) {
        for message in [entry.get("request"), entry.get("response")].into_iter().flatten() {
            for (name, value) in named(message, "headers") {
                header(&name, value, &mut found);
            }
            for (name, value) in named(message, "cookies") {
                if is_session(&name, value.bytes()) {
                    found.extend(part(&format!("cookie {name}"), value, 0..value.len()));
                }
            }
            let form = message.get("postData");
            for (name, value) in named(message, "queryString").chain(form.into_iter().flat_map(|form| named(form, "params"))) {
                found.extend(literal(&name, value.bytes()).and_then(|range| part(&name, value, range)));
            }
            body(form.and_then(|form| form.get("text")), &mut found);
            body(message.get("content").filter(|content| is_json(content)).and_then(|content| content.get("text")), &mut found);
        }
    }
    Ok(found)
}

fn named<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (String, &'n Text)> {
    items(node, key).iter().filter_map(|item| match (item.get("name")?.as_str()?, &item.get("value")?.kind) {
        (name, NodeKind::Text(value)) if !is_forgery_check(&name) => Some((cut(&name, MAX_KEY).to_owned(), value)),
        _ => None,
    })
}

/// What a page is asked for against forged requests opens nothing without its session.
fn is_forgery_check(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["csrf", "xsrf", "recaptcha", "authenticity"].iter().any(|part| name.contains(part))
}

fn is_json(content: &Node) -> bool {
    content.get("mimeType").and_then(Node::as_str).is_some_and(|kind| kind.contains("json"))
}

fn header(name: &str, value: &Text, found: &mut Vec<Setting>) {
    let bytes = value.bytes();
    match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => {
            let from = memchr::memchr(b' ', bytes).map_or(0, |blank| blank + 1);
            let is_signature = bytes.starts_with(b"AWS4-") || bytes.starts_with(b"Digest ");
            let is_real = !is_signature && is_chance(&String::from_utf8_lossy(&bytes[from..]));
            found.extend(part(name, value, from..bytes.len()).filter(|_| is_real));
        }
        "cookie" | "set-cookie" => {
            let mut at = 0;
            // Behind the first of a `Set-Cookie` stand only its attributes.
            for pair in bytes.split(|byte| *byte == b';') {
                let start = at + (pair.len() - pair.trim_ascii_start().len());
                at += pair.len() + 1;
                let pair = pair.trim_ascii();
                let Some(sign) = memchr::memchr(b'=', pair) else { continue };
                let cookie = String::from_utf8_lossy(&pair[..sign]);
                if is_session(&cookie, &pair[sign + 1..]) {
                    found.extend(part(&format!("cookie {}", cut(&cookie, MAX_KEY)), value, start + sign + 1..start + pair.len()));
                }
            }
        }
        _ => found.extend(literal(name, bytes).and_then(|range| part(name, value, range))),
    }
}

/// Whether a cookie signs in: it is called so, and chance made it.
fn is_session(name: &str, value: &[u8]) -> bool {
    const PARTS: &[&str] = &["sess", "auth", "token", "jwt", "login", "remember"];
    let lower = name.to_ascii_lowercase();
    let is_named =
        PARTS.iter().any(|part| lower.contains(part)) || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "sid");
    is_named && !is_forgery_check(&lower) && value.len() >= 16 && is_chance(&String::from_utf8_lossy(value))
}

/// A form (`a=b&c=d`) or JSON.
fn body(node: Option<&Node>, found: &mut Vec<Setting>) {
    let Some(Node { kind: NodeKind::Text(text), .. }) = node else { return };
    let bytes = text.bytes();
    let is_form = !bytes.trim_ascii_start().starts_with(b"{") && !bytes.trim_ascii_start().starts_with(b"[");
    let mut tell = |key: &[u8], value: Range<usize>| {
        let key = String::from_utf8_lossy(key);
        let real = literal(&key, &bytes[value.clone()]).filter(|_| !is_forgery_check(&key));
        found.extend(real.and_then(|real| part(&key, text, value.start + real.start..value.start + real.end)));
    };
    if !is_form {
        for pair in loose::pairs(bytes) {
            tell(&bytes[pair.key], pair.value);
        }
        return;
    }
    let mut at = 0;
    for field in bytes.split(|byte| *byte == b'&') {
        let start = at;
        at += field.len() + 1;
        if let Some(sign) = memchr::memchr(b'=', field) {
            tell(&field[..sign], start + sign + 1..start + field.len());
        }
    }
}

/// What an AI tool starts its servers with: their environment, their headers and what their commands are given.
/// <https://modelcontextprotocol.io/docs/develop/connect-local-servers>
pub(super) fn mcp(bytes: &[u8]) -> Vec<Setting> {
    let mut found = documents::json(bytes);
    for setting in found.iter_mut().filter(|setting| setting.key.eq_ignore_ascii_case("authorization")) {
        let scheme = memchr::memchr(b' ', &bytes[setting.value.clone()]).map_or(0, |blank| blank + 1);
        setting.value.start += scheme;
        setting.key.push_str(" token");
    }
    let Ok(document) = json::parse(FileId(0), bytes) else { return pairs(bytes) };
    arguments(&document.root, &mut found);
    found
}

/// `["--api-key", "x"]`, `["--token=x"]`. As deep as the parser lets a document be.
fn arguments(node: &Node, found: &mut Vec<Setting>) {
    node.entries().iter().for_each(|(_, value)| arguments(value, found));
    let is_secret = |flag: &str| tells(flag) || flag.to_ascii_lowercase().ends_with("key");
    let mut flag: Option<String> = None;
    for item in node.items() {
        let NodeKind::Text(text) = &item.kind else {
            arguments(item, found);
            flag = None;
            continue;
        };
        let word = text.to_str();
        let before = flag.take();
        if let Some((name, value)) = word
            .split_once('=')
            .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) && is_secret(name))
        {
            let from = name.len() + 1;
            let real = credential(name, value.as_bytes(), from);
            found.extend(real.and_then(|range| part(name.trim_start_matches('-'), text, range)));
        } else if word.starts_with("--") {
            flag = Some(word.into_owned()).filter(|name| is_secret(name));
        } else if let Some(name) = before {
            found.extend(place(text).map(|value| Setting::new(cut(name.trim_start_matches('-'), MAX_KEY).to_owned(), value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Vec<Setting>, text: &str) -> Vec<(String, String)> {
        found.into_iter().map(|setting| (setting.key, text[setting.value].to_owned())).collect()
    }

    #[test]
    fn code_and_what_it_printed() {
        let text = r##"{"cells": [
            {"cell_type": "code", "source": ["os.environ[\"A\"] = \"x1\"\n", "f(b='x2', c=d)\n", "# e = 'x3'\n"],
             "outputs": [{"data": {"text/plain": "{'g': 'x4'}", "image/png": "h='x5'"}}]},
            {"cell_type": "markdown", "source": "i = 'x6'"}]}"##;
        let found = told(notebook(text.as_bytes()).expect("read"), text);
        let want = [("A", "x1"), ("b", "x2"), ("g", "x4")];
        assert_eq!(found.iter().map(|(key, value)| (&**key, &**value)).collect::<Vec<_>>(), want);
    }

    #[test]
    fn cookies_that_sign_in_and_others() {
        // gatepost: ignore[secret-assigned] made up for an example
        let text = r#"{"log": {"entries": [{"request": {"headers": [
            {"name": "Cookie", "value": "theme=9f8a7c6d5e4b3a2f1c; PHPSESSID=a9f8a7c6d5e4b3a2f1c; csrf_token=b9f8a7c6d5e4b3a2f1c"},
            {"name": "Authorization", "value": "AWS4-HMAC-SHA256 Signature=9f8a7c6d5e4b3a2f1c"}]}}]}}"#;
        let found = told(har(text.as_bytes()).expect("read"), text);
        assert_eq!(found, [("cookie PHPSESSID".to_owned(), "a9f8a7c6d5e4b3a2f1c".to_owned())]);
    }

    #[test]
    fn flags_and_headers_of_servers() {
        let text =
            r#"{"a": {"args": ["--api-key", "x1", "--verbose", "x2", "--token=9f8a7c6d5e4b"], "headers": {"Authorization": "Bearer x3"}}}"#;
        let found = told(mcp(text.as_bytes()), text);
        for want in [("api-key", "x1"), ("--token", "9f8a7c6d5e4b"), ("Authorization token", "x3")] {
            let is_there =
                found.iter().any(|(key, value)| (key.trim_start_matches('-'), &**value) == (want.0.trim_start_matches('-'), want.1));
            assert!(is_there, "{want:?}: {found:?}");
        }
    }

    /// Work is what the bytes are, however they repeat.
    #[test]
    fn hostile_files_end() {
        let fields = "password=&".repeat(100_000);
        let text = format!(
            "{{\"log\":{{\"entries\":[{{\"request\":{{\"postData\":{{\"text\":\"{fields}\"}},\"headers\":[{{\"name\":\"Cookie\",\"value\":\"{fields}\"}}]}}}}]}}}}"
        );
        assert!(har(text.as_bytes()).expect("read").is_empty());
        let lines = "\"a = \\\"b\\\"\\n\",".repeat(50_000);
        let text = format!("{{\"cells\":[{{\"cell_type\":\"code\",\"source\":[{lines}\"\"]}}]}}");
        assert_eq!(notebook(text.as_bytes()).expect("read").len(), 50_000);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(har(deep.as_bytes()).is_ok() && notebook(deep.as_bytes()).is_ok() && mcp(deep.as_bytes()).is_empty());
    }
}
