//! Private keys as JSON web keys and as XML signatures have them: named numbers, of which one is the private one.
//! Sources: RFC 7517, RFC 7518 section 6, RFC 8037; RFC 4050 and the `RSA.ToXmlString` of .NET.

use std::ops::Range;

use data_encoding::BASE64URL_NOPAD;

use super::armour::decode;
use super::{Candidate, Check, State, following};

/// How far from its kind the private number of a key stands at most: RSA of 16,384 bits has six numbers of 1,400 characters.
const REACH: usize = 6_000;

/// The candidate is the member `kty`; the evidence is the private number in the same object.
pub(in crate::secret::validate) fn json(candidate: &Candidate<'_>) -> Check {
    let kind = candidate.value();
    let is = |name: &[u8]| kind.ends_with(name);
    let (name, lengths): (&[u8], Range<usize>) = if is(b"oct") {
        (b"k", 22..700)
    } else if is(b"RSA") {
        (b"d", 86..2_800)
    } else {
        (b"d", 42..90)
    };
    let object = object(candidate);
    let text = &candidate.bytes[object.clone()];
    let Some(value) = member(text, name) else { return Check::Reject };
    let base64 = &text[value.clone()];
    let Some(bytes) = lengths.contains(&base64.len()).then(|| BASE64URL_NOPAD.decode(base64).ok()).flatten() else { return Check::Reject };
    if distinct(&bytes) < 12 {
        return Check::Reject;
    }
    State::Open.evidence(object.start + value.start..object.start + value.end, &bytes)
}

fn distinct(bytes: &[u8]) -> usize {
    let mut all = bytes.to_vec();
    all.sort_unstable();
    all.dedup();
    all.len()
}

/// What stands between the braces around the candidate: a key holds no other object before its private number.
fn object(candidate: &Candidate<'_>) -> Range<usize> {
    let before = candidate.before();
    let near = before.len().saturating_sub(REACH);
    let start = memchr::memrchr2(b'{', b'}', &before[near..]).map_or(near, |at| near + at + 1);
    let after = candidate.after();
    let after = &after[..after.len().min(REACH)];
    let end = memchr::memchr2(b'{', b'}', after).unwrap_or(after.len());
    start..candidate.secret.end + end
}

/// The string that a name has in the text of an object, whatever quotes stand around either.
fn member(text: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\');
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    memchr::memmem::find_iter(text, name).find_map(|at| {
        let skip = |at: usize, of: &dyn Fn(&u8) -> bool| at + text[at..].iter().take(16).take_while(|byte| of(byte)).count();
        if at > 0 && is_word(&text[at - 1]) {
            return None;
        }
        let colon = skip(skip(at + name.len(), &is_quote), &u8::is_ascii_whitespace);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let quote = skip(colon + 1, &u8::is_ascii_whitespace);
        let start = skip(quote, &is_quote);
        let end = start + text[start..].iter().take_while(|byte| is_word(byte)).count();
        (start > quote && text.get(end).is_some_and(is_quote)).then_some(start..end)
    })
}

/// The candidate is the element's start; the evidence is its private number: `D` of RSA, `X` of DSA.
pub(in crate::secret::validate) fn xml(candidate: &Candidate<'_>) -> Check {
    let after = following(candidate);
    let end = memchr::memmem::find(after, b"KeyValue").unwrap_or(after.len());
    let element = &after[..end];
    let has = |word: &[u8]| memchr::memmem::find(candidate.value(), word).is_some();
    let name: &[u8] = if has(b"DSA") { b"X" } else { b"D" };
    let Some((range, number)) = child(element, name) else { return Check::Reject };
    let shortest = if has(b"DSA") { 16 } else { 64 };
    if number.len() < shortest || distinct(&number) < 12 {
        return Check::Reject;
    }
    let start = candidate.secret.end;
    State::Open.evidence(start + range.start..start + range.end, &number)
}

/// The base64 that a child holds, between brackets or what stands for them in a string.
fn child(element: &[u8], name: &[u8]) -> Option<(Range<usize>, Vec<u8>)> {
    const BRACKETS: [(&[u8], &[u8]); 3] = [(b"<", b">"), (b"&lt;", b"&gt;"), (b"\\u003c", b"\\u003e")];
    BRACKETS.iter().find_map(|(open, close)| {
        let tag = [*open, name, *close].concat();
        let start = memchr::memmem::find(element, &tag)? + tag.len();
        let end = start + memchr::memmem::find(&element[start..], open)?;
        let base64: Vec<u8> = element[start..end].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Some((start..end, decode(&base64)?))
    })
}
