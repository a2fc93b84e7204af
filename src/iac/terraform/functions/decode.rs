//! Encodings back into values, with the places of what they stand in.

use std::io::Read;

use super::encode::Set;
use super::{Call, Failure, Outcome, Table, text};
use crate::base::text_map::Text;
use crate::iac::Value;
use crate::iac::text::{base64_room, from_base64, push_unit};
use crate::iac::value::Entry;
use crate::syntax::document::{self, NodeKind};
use crate::syntax::{json, yaml};

/// The longest text that is unpacked or read, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Bytes of memory that a byte of a document may take, as nodes and then as values.
const TREE: usize = 64;

pub(super) const TABLE: Table = &[
    ("base64decode", |call| {
        let decoded = decoded(call)?;
        text::str(&decoded)?;
        Ok(call.made(decoded, 0))
    }),
    ("base64gunzip", |call| {
        let packed = call.known(0)?;
        call.room(packed.len())?;
        let packed = data_encoding::BASE64.decode(packed.bytes()).map_err(|_| Failure::Failed)?;
        // A kilobyte may hold a megabyte: what is read is what there is room for.
        call.room(packed.len().saturating_mul(8))?;
        let mut unpacked = Vec::new();
        let most = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX);
        flate2::read::GzDecoder::new(&*packed).take(most + 1).read_to_end(&mut unpacked).map_err(|_| Failure::Failed)?;
        if unpacked.len() > MAX_TEXT {
            return Err(Failure::Budget);
        }
        call.room(unpacked.len())?;
        let unpacked = String::from_utf8(unpacked).map_err(|_| Failure::Failed)?;
        Ok(call.computed(&unpacked, 0))
    }),
    ("csvdecode", csvdecode),
    ("jsondecode", |call| {
        let text = document_text(call)?;
        let argument = call.argument(0)?;
        let node = json::parse_text(&text, argument.place).map_err(|error| unread(call, &error, &text))?;
        Ok(Value::from_node(&node).carried(argument.via.as_ref()))
    }),
    ("textdecodebase64", |call| {
        let (decoded, set) = (decoded(call)?, Set::named(&call.word(1)?)?);
        let place = call.argument(0)?.place;
        let wide = |unit: fn([u8; 2]) -> u16| {
            let units = decoded.bytes().chunks(2).map(|pair| pair.try_into().map(unit).map_err(|_| Failure::Failed));
            let units: Vec<u16> = units.collect::<Outcome<_>>()?;
            let (mut out, mut at) = (Text::new(), 0);
            for c in char::decode_utf16(units) {
                let c = c.map_err(|_| Failure::Failed)?;
                let end = at + c.len_utf16() * 2;
                push_unit(&mut out, c.to_string().as_bytes(), &decoded, at..end, place);
                at = end;
            }
            Ok(out)
        };
        let text = match set {
            Set::Utf16Le => wide(u16::from_le_bytes)?,
            Set::Utf16Be => wide(u16::from_be_bytes)?,
            Set::Latin1 => {
                let mut out = Text::new();
                for (at, byte) in decoded.bytes().iter().enumerate() {
                    push_unit(&mut out, char::from(*byte).to_string().as_bytes(), &decoded, at..at + 1, place);
                }
                out
            }
            Set::Ascii if !decoded.bytes().is_ascii() => return Err(Failure::Failed),
            Set::Utf8 | Set::Ascii => decoded,
        };
        text::str(&text)?;
        Ok(call.made(text, 0))
    }),
    ("urldecode", |call| {
        let encoded = call.known(0)?;
        call.room(encoded.len().saturating_mul(2))?;
        let (bytes, place) = (encoded.bytes(), call.argument(0)?.place);
        let (mut out, mut at, mut run) = (Text::new(), 0, 0);
        while let Some(byte) = bytes.get(at) {
            let (byte, length) = match byte {
                b'+' => (b' ', 1),
                b'%' => {
                    let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok()).ok_or(Failure::Failed)?;
                    (u8::from_str_radix(hex, 16).map_err(|_| Failure::Failed)?, 3)
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            out.push_slice(&encoded, run..at);
            push_unit(&mut out, &[byte], &encoded, at..at + length, place);
            at += length;
            run = at;
        }
        out.push_slice(&encoded, run..bytes.len());
        text::str(&out)?;
        Ok(call.made(out, 0))
    }),
    ("yamldecode", |call| {
        let text = document_text(call)?;
        let argument = call.argument(0)?;
        let mut documents = yaml::parse_text(&text, argument.place).map_err(|error| unread(call, &error, &text))?;
        let Some(document) = documents.pop() else { return Ok(Value::null(argument.place)) };
        if !documents.is_empty() || !all_known(&document.root) {
            return Err(Failure::Failed);
        }
        // Aliases make more of it than its text shows.
        let value = Value::from_node(&document.root);
        call.make(value.weight() as usize)?;
        Ok(value.carried(argument.via.as_ref()))
    }),
];

/// The bytes of an argument in base64, with places.
fn decoded(call: &Call<'_>) -> Outcome<Text> {
    let encoded = call.known(0)?;
    call.room(base64_room(encoded.len()))?;
    from_base64(&encoded, call.argument(0)?.place).ok_or(Failure::Failed)
}

fn document_text<'c>(call: &'c Call<'_>) -> Outcome<std::borrow::Cow<'c, Text>> {
    let text = call.text(0)?;
    call.room(text.len().saturating_mul(TREE))?;
    Ok(text)
}

/// A text that cannot be read: what is unknown of it may be what is missing.
fn unread(call: &Call<'_>, error: &document::SyntaxError, text: &Text) -> Failure {
    match (error.limit, text.holes().next()) {
        // A bomb: as much was read as a document may hold.
        (true, _) => {
            call.terraform.steps_for(document::MAX_NODES * 4);
            Failure::Budget
        }
        (_, Some(_)) => Failure::Unknown,
        _ => Failure::Failed,
    }
}

/// Whether all tags of a document are among those that Terraform knows.
fn all_known(node: &document::Node) -> bool {
    let tag = |tag: &str| tag.strip_prefix("!!").is_some_and(|tag| KNOWN.contains(&tag));
    node.tag.as_deref().is_none_or(tag)
        && match &node.kind {
            NodeKind::List(items) => items.iter().all(all_known),
            NodeKind::Map(entries) => entries.iter().all(|(key, value)| all_known(key) && all_known(value)),
            _ => true,
        }
}

const KNOWN: [&str; 9] = ["str", "float", "int", "bool", "map", "seq", "null", "timestamp", "binary"];

/// The first line names the fields of the others.
fn csvdecode(call: &Call<'_>) -> Outcome {
    let text = call.known(0)?;
    call.room(text.len().saturating_mul(TREE))?;
    let place = call.argument(0)?.place;
    let mut rows = records(&text)?.into_iter();
    let header = rows.next().ok_or(Failure::Failed)?;
    let names: Vec<_> = header.iter().map(|name| (name.to_str().into(), name.span(0..name.len()).unwrap_or(place))).collect();
    let mut items = Vec::new();
    for row in rows {
        if row.len() != names.len() {
            return Err(Failure::Failed);
        }
        call.make(row.len().saturating_mul(2))?;
        let entry = |((key, key_place), field): (&(std::sync::Arc<str>, _), Text)| {
            let span = field.span(0..field.len()).unwrap_or(place);
            Entry { key: key.clone(), key_place: *key_place, value: Value::text(field, span) }
        };
        let entries: Vec<Entry> = names.iter().zip(row).map(entry).collect();
        let here = entries.first().map_or(place, |entry| entry.value.place);
        items.push(Value::map(entries, false, here));
    }
    call.items(items, false)
}

/// The records of RFC 4180: fields between commas, quoted ones with everything in them but a lone quote.
fn records(text: &Text) -> Outcome<Vec<Vec<Text>>> {
    let bytes = text.bytes();
    let (mut rows, mut row, mut at) = (Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        let mut field = Text::new();
        if row.is_empty() && (bytes[at..].starts_with(b"\n") || bytes[at..].starts_with(b"\r\n")) {
            // An empty line is no record.
            at += 1 + usize::from(bytes[at] == b'\r');
            continue;
        }
        if bytes[at] == b'"' {
            at += 1;
            loop {
                let end = memchr::memchr(b'"', &bytes[at..]).map(|found| at + found).ok_or(Failure::Failed)?;
                let doubled = bytes.get(end + 1) == Some(&b'"');
                field.push_slice(text, at..end + usize::from(doubled));
                at = end + 1 + usize::from(doubled);
                if !doubled {
                    break;
                }
            }
        } else {
            let end = memchr::memchr2(b',', b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            let stop = if end > at && bytes.get(end) != Some(&b',') && bytes[end - 1] == b'\r' { end - 1 } else { end };
            if memchr::memchr(b'"', &bytes[at..stop]).is_some() {
                return Err(Failure::Failed);
            }
            field.push_slice(text, at..stop);
            at = stop;
        }
        row.push(field);
        let rest = &bytes[at..];
        if rest.starts_with(b",") {
            at += 1;
            // A comma at the end of all has an empty field behind it.
            if at < bytes.len() {
                continue;
            }
            row.push(Text::new());
        } else if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            at += 1 + usize::from(rest.starts_with(b"\r"));
        } else if !rest.is_empty() {
            return Err(Failure::Failed);
        }
        rows.push(std::mem::take(&mut row));
    }
    Ok(rows)
}
