//! Base64 too short to be told from a word by itself, where it says what it is: behind `Basic`, and in the manifest of a
//! Secret of Kubernetes.

use std::ops::Range;

use data_encoding::BASE64;

use super::{Coding, Piece, span};
use crate::base::text_map::Text;

/// What stands in front of such, in any case.
pub const WORDS: &[&str] = &["basic ", "kind: secret", "\"kind\": \"secret\"", "\"kind\":\"secret\""];

/// The longest manifest that is looked at: the cluster takes none over a mebibyte.
const MANIFEST: usize = 1 << 20;
/// Fewer letters hide nothing.
const SHORTEST: usize = 8;

/// Pieces at the places of such words. They may lie over others.
pub(super) fn pieces(bytes: &[u8], places: &[u32], found: &mut Vec<Piece>) {
    let mut done = 0;
    for place in places.iter().map(|place| *place as usize) {
        if bytes[place..].first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'b')) {
            let start = place + WORDS[0].len();
            let start = start + bytes[start..].iter().take(8).take_while(|byte| **byte == b' ').count();
            found.extend(piece(bytes, letters(bytes, start)).filter(|piece| piece.text.bytes().contains(&b':')));
        } else if place >= done {
            done = manifest(bytes, place, found);
        }
    }
}

/// Every value of a manifest that is base64 and nothing else. Returns where it ends.
fn manifest(bytes: &[u8], place: usize, found: &mut Vec<Piece>) -> usize {
    let before = &bytes[place.saturating_sub(MANIFEST)..place];
    let start = place - before.len() + memchr::memmem::rfind(before, b"\n---").unwrap_or(0);
    let behind = &bytes[place..bytes.len().min(place + MANIFEST)];
    let end = place + memchr::memmem::find(behind, b"\n---").unwrap_or(behind.len());
    for colon in memchr::memchr_iter(b':', &bytes[start..end]).map(|at| start + at) {
        let rest = &bytes[colon + 1..end];
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        let quote = rest.get(blanks).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let value = letters(bytes, colon + 1 + blanks + usize::from(quote.is_some()));
        let is_whole = match (quote, bytes.get(value.end)) {
            (Some(quote), next) => next == Some(&quote),
            (None, next) => blanks > 0 && next.is_none_or(|next| matches!(next, b'\n' | b'\r' | b' ')),
        };
        found.extend(piece(bytes, value).filter(|_| is_whole));
    }
    end
}

/// The letters of base64 from a place on, with what fills the last group.
fn letters(bytes: &[u8], start: usize) -> Range<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    let letters = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count();
    let filling = rest[letters..].iter().take(2).take_while(|byte| **byte == b'=').count();
    start..start + letters + filling
}

fn piece(bytes: &[u8], range: Range<usize>) -> Option<Piece> {
    let decoded = BASE64.decode(bytes.get(range.clone())?).ok().filter(|_| range.len() >= SHORTEST)?;
    if !decoded.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')) {
        return None;
    }
    let mut text = Text::new();
    let whole = decoded.len() / 3;
    let (groups, rest) = (range.start..range.start + 4 * whole, range.start + 4 * whole..range.end);
    text.push_run(&decoded[..3 * whole], span(groups), 3, 4);
    text.push_within(&decoded[3 * whole..], span(rest));
    Some(Piece { range, coding: Coding::Base64, text })
}
