//! Values into encodings: base64, JSON, YAML, what URLs and other character sets want.

use std::io::Write;

use super::{Call, Failure, Outcome, Table, printed, text};
use crate::base::text_map::Text;
use crate::iac::Node;
use crate::iac::text::{base64_room, push_unit, to_base64};

pub(super) const TABLE: Table = &[
    ("base64encode", |call| {
        let text = call.text(0)?;
        call.room(base64_room(text.len()))?;
        Ok(call.made(to_base64(&text, call.argument(0)?.place), 0))
    }),
    // What another compressor makes of it differs in bytes, not in what it holds.
    ("base64gzip", |call| {
        let text = call.known(0)?;
        call.room(base64_room(text.len()))?;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let packed = encoder.write_all(text.bytes()).and_then(|()| encoder.finish()).map_err(|_| Failure::Unknown)?;
        Ok(call.computed(&data_encoding::BASE64.encode(&packed), 0))
    }),
    ("jsonencode", |call| {
        let value = call.argument(0)?;
        // Alone, an unknown value is unknown: no part of its JSON is certain.
        if matches!(value.node, Node::Unknown(_)) {
            return Err(Failure::Unknown);
        }
        call.room(printed::room(value))?;
        let mut text = Text::new();
        printed::json(call, value, &mut text);
        Ok(crate::iac::Value::text(text, call.place))
    }),
    ("textencodebase64", |call| {
        let (text, set) = (call.known(0)?, call.word(1)?);
        let place = call.argument(0)?.place;
        call.room(base64_room(text.len()).saturating_mul(2))?;
        let encoded = match Set::named(&set)? {
            Set::Utf8 => text.into_owned(),
            set => {
                let mut out = Text::new();
                for (at, c) in text::str(&text)?.char_indices() {
                    push_unit(&mut out, &set.encode(c)?, &text, at..at + c.len_utf8(), place);
                }
                out
            }
        };
        Ok(call.made(to_base64(&encoded, place), 0))
    }),
    ("urlencode", |call| {
        let text = call.known(0)?;
        call.room(text.len().saturating_mul(4))?;
        let encoded = text::rewritten(&text, call.argument(0)?.place, |c, out| match c {
            ' ' => out.push('+'),
            _ if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~') => out.push(c),
            _ => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    out.push('%');
                    out.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
                }
            }
        })?;
        Ok(call.made(encoded, 0))
    }),
    ("yamlencode", |call| {
        let value = call.argument(0)?;
        if matches!(value.node, Node::Unknown(_)) {
            return Err(Failure::Unknown);
        }
        // Every line is indented by its depth.
        call.room(printed::room(value).saturating_mul(2))?;
        let mut text = Text::new();
        printed::yaml(call, value, &mut text);
        Ok(crate::iac::Value::text(text, call.place))
    }),
];

/// Character sets that are read and written, by their registered names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Utf8,
    Utf16Le,
    Utf16Be,
    Latin1,
    Ascii,
}

impl Set {
    pub fn named(name: &str) -> Outcome<Set> {
        match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Ok(Set::Utf8),
            "UTF-16LE" => Ok(Set::Utf16Le),
            "UTF-16BE" => Ok(Set::Utf16Be),
            "ISO-8859-1" | "LATIN1" => Ok(Set::Latin1),
            "US-ASCII" => Ok(Set::Ascii),
            _ => Err(Failure::Unknown),
        }
    }

    fn encode(self, c: char) -> Outcome<Vec<u8>> {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units);
        Ok(match self {
            Set::Utf8 => c.to_string().into_bytes(),
            Set::Utf16Le => units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            Set::Utf16Be => units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            Set::Latin1 => vec![u8::try_from(u32::from(c)).map_err(|_| Failure::Failed)?],
            Set::Ascii if c.is_ascii() => vec![u8::try_from(u32::from(c)).map_err(|_| Failure::Failed)?],
            Set::Ascii => return Err(Failure::Failed),
        })
    }
}

/// The call's argument in base64, for those that encode bytes without places.
pub(super) fn base64(call: &Call<'_>, bytes: &[u8], of: usize) -> Outcome {
    call.room(base64_room(bytes.len()))?;
    Ok(call.computed(&data_encoding::BASE64.encode(bytes), of))
}
