//! Text cut, joined and rewritten. What is passed through keeps its places and its holes.

use std::borrow::Cow;
use std::ops::Range;

use super::{Call, Failure, Outcome, Table, text};
use crate::base::text_map::Text;
use crate::iac::text::{hole, last_hole, split};
use crate::iac::{Node, Value};

pub(super) const TABLE: Table = &[
    ("chomp", |call| cut(call, |text| 0..text.trim_end_matches(['\n', '\r']).len())),
    ("endswith", endswith),
    ("indent", indent),
    ("join", join),
    ("lower", |call| cased(call, |c, out| out.extend(c.to_lowercase()))),
    ("split", |call| {
        let separator = call.word(0)?;
        let whole = call.argument(1)?;
        let converted = match text::of(whole)? {
            Cow::Borrowed(_) => whole.clone(),
            Cow::Owned(text) => call.made(text, 1),
        };
        if separator.is_empty() {
            return letters(call, &converted);
        }
        split(&converted, separator.as_bytes(), false, call.place, &|bytes| call.terraform.may_make(bytes)).ok_or(Failure::Unknown)
    }),
    ("startswith", startswith),
    ("strcontains", |call| {
        let (text, wanted) = (call.text(0)?, call.word(1)?);
        if memchr::memmem::find(text.bytes(), wanted.as_bytes()).is_some() {
            return call.truth(true);
        }
        if text.holes().next().is_some() { Err(Failure::Unknown) } else { call.truth(false) }
    }),
    ("strrev", |call| {
        let text = call.known(0)?;
        call.room(text.len() * 8)?;
        let mut out = Text::new();
        for character in text::characters(text::str(&text)?)?.into_iter().rev() {
            out.push_slice(&text, character);
        }
        Ok(call.made(out, 0))
    }),
    ("substr", substr),
    ("title", |call| {
        let text = call.text(0)?;
        call.room(text.len())?;
        let mut within = false;
        let titled = text::rewritten(&text, call.argument(0)?.place, |c, out| {
            if within {
                out.push(c);
            } else {
                out.extend(c.to_uppercase());
            }
            within = !separates(c);
        })?;
        Ok(call.made(titled, 0))
    }),
    ("trim", |call| {
        let set = call.word(1)?;
        let text = call.text(0)?;
        let all = text::str(&text)?;
        let inner = all.trim_start_matches(|c| set.contains(c));
        let start = all.len() - inner.len();
        let length = inner.trim_end_matches(|c| set.contains(c)).len();
        Ok(call.made(text.slice(start..start + length), 0))
    }),
    ("trimprefix", |call| {
        let prefix = call.word(1)?;
        let text = call.text(0)?;
        let at = if begins(&text, &prefix)? { prefix.len() } else { 0 };
        Ok(call.made(text.slice(at..text.len()), 0))
    }),
    ("trimspace", |call| {
        cut(call, |text| {
            let start = text.len() - text.trim_start().len();
            start..start + text.trim().len()
        })
    }),
    ("trimsuffix", |call| {
        let suffix = call.word(1)?;
        let text = call.text(0)?;
        let end = text.len() - if ends(&text, &suffix)? { suffix.len() } else { 0 };
        Ok(call.made(text.slice(0..end), 0))
    }),
    ("upper", |call| cased(call, |c, out| out.extend(c.to_uppercase()))),
];

fn cut(call: &Call<'_>, bounds: fn(&str) -> Range<usize>) -> Outcome {
    let text = call.text(0)?;
    let range = bounds(text::str(&text)?);
    Ok(call.made(text.slice(range), 0))
}

fn cased(call: &Call<'_>, rewrite: fn(char, &mut String)) -> Outcome {
    let text = call.text(0)?;
    call.room(text.len())?;
    Ok(call.made(text::rewritten(&text, call.argument(0)?.place, rewrite)?, 0))
}

/// Whether a text begins so, as far as what is known of it tells.
fn begins(text: &Text, prefix: &str) -> Outcome<bool> {
    let known = hole(text).map_or(text.len(), |(at, _)| at);
    let (bytes, prefix) = (&text.bytes()[..known], prefix.as_bytes());
    if bytes.starts_with(prefix) {
        return Ok(true);
    }
    if known < text.len() && prefix.starts_with(bytes) { Err(Failure::Unknown) } else { Ok(false) }
}

fn ends(text: &Text, suffix: &str) -> Outcome<bool> {
    let known = last_hole(text).unwrap_or(0);
    let (bytes, suffix) = (&text.bytes()[known..], suffix.as_bytes());
    if bytes.ends_with(suffix) {
        return Ok(true);
    }
    if known > 0 && suffix.ends_with(bytes) { Err(Failure::Unknown) } else { Ok(false) }
}

fn startswith(call: &Call<'_>) -> Outcome {
    let known = begins(&*call.text(0)?, &call.word(1)?)?;
    call.truth(known)
}

fn endswith(call: &Call<'_>) -> Outcome {
    let known = ends(&*call.text(0)?, &call.word(1)?)?;
    call.truth(known)
}

/// Every line but the first begins with so many more spaces.
fn indent(call: &Call<'_>) -> Outcome {
    let (spaces, text) = (call.integer(0)?, call.text(1)?);
    let spaces = usize::try_from(spaces).map_err(|_| Failure::Failed)?;
    let lines = memchr::memchr_iter(b'\n', text.bytes()).count();
    call.room(lines.saturating_mul(spaces.saturating_add(64)).saturating_add(text.len()))?;
    let (mut out, mut from) = (Text::new(), 0);
    let (blank, place) = (" ".repeat(if lines > 0 { spaces } else { 0 }), call.argument(1)?.place);
    for end in memchr::memchr_iter(b'\n', text.bytes()) {
        out.push_slice(&text, from..end + 1);
        out.push_within(blank.as_bytes(), text.span(end..end + 1).unwrap_or(place));
        from = end + 1;
    }
    out.push_slice(&text, from..text.len());
    Ok(call.made(out, 1))
}

/// All items of the lists, with the separator between them.
fn join(call: &Call<'_>) -> Outcome {
    let separator = call.argument(0)?;
    text::of(separator)?;
    let mut parts = Vec::new();
    for at in 1..call.arguments.len() {
        let (items, open) = call.list(at)?;
        call.make(items.len())?;
        if open {
            // One that stands for all: the text is made of these and nothing else.
            return match (items.as_slice(), call.arguments.len()) {
                ([item @ Value { node: Node::Unknown(_), .. }], 2) => Ok(item.clone()),
                _ => Err(Failure::Unknown),
            };
        }
        for item in items {
            if matches!(item.node, Node::List { .. } | Node::Map { .. } | Node::Null) {
                return Err(Failure::Failed);
            }
            if !parts.is_empty() {
                parts.push(separator.clone());
            }
            parts.push(item);
        }
    }
    Ok(call.terraform.joined(&parts, call.place))
}

/// Each character for itself, as a separator that is empty splits.
fn letters(call: &Call<'_>, whole: &Value) -> Outcome {
    let Node::Text(text) = &whole.node else { return Err(Failure::Unknown) };
    if text.holes().next().is_some() {
        return Err(Failure::Unknown);
    }
    let all = text::str(text)?;
    call.make(all.len().saturating_mul(2))?;
    let letter = |(at, c): (usize, char)| Value::text(text.slice(at..at + c.len_utf8()), text.span(at..at + 1).unwrap_or(whole.place));
    call.items(all.char_indices().map(letter).collect(), false)
}

/// A negative offset counts from the end; a negative length goes to it.
fn substr(call: &Call<'_>) -> Outcome {
    let (text, offset, length) = (call.text(0)?, call.integer(1)?, call.integer(2)?);
    call.room(text.len().saturating_mul(4))?;
    // Of a text with an unknown part, what is before it can be counted.
    let known = hole(&text).map_or(text.len(), |(at, _)| at);
    let open = known < text.len();
    let characters = text::characters(text::str(&text)?.get(..known).ok_or(Failure::Unknown)?)?;
    let count = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { count.saturating_add(offset).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    if open && (offset < 0 || length < 0 || offset.saturating_add(length) > count) {
        return Err(Failure::Unknown);
    }
    let at = |number: i64| {
        let character = usize::try_from(number).ok().and_then(|number| characters.get(number));
        character.map_or(known, |range| range.start)
    };
    Ok(call.made(text.slice(at(start)..at(end).max(at(start))), 0))
}

/// What stands between words.
fn separates(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { !c.is_alphanumeric() && c.is_whitespace() }
}
