//! The body of a key whose lines stand in something that no list foretells: the signs of a patch, the numbers of a listing,
//! the calls of a program, tags, separators. Whatever it is, it stands between all lines alike.

use std::ops::Range;

use super::armour::{Body, decode, is_base64, spelled_end};
use super::der::announced;

/// How far behind the header a body begins.
const FAR: usize = 512;
/// The most that stands between two lines.
const GAP: usize = 160;
/// A key is told by its first characters.
const HEAD: usize = 16;
/// The signs of base64 that stand in front of a line, and are none of it.
const GLUE: usize = 3;
/// An encrypted body has no head. The vector in front of it has 32 characters at most.
const LONG: usize = 48;
/// How the first line of OpenSSH's format begins.
const OPENSSH: &[u8] = b"b3BlbnNzaC1rZXkt";

/// Reads on while what stands between two lines is what stood between the first two. An elided key ends where it is elided.
pub(super) fn read(bytes: &[u8]) -> Option<Body> {
    let bytes = &bytes[..memchr::memmem::find(bytes, b"-----").unwrap_or(bytes.len())];
    let first = first_line(bytes)?;
    let encrypted = memchr::memmem::find(&bytes[..first.start], b"ENCRYPTED").is_some();
    let mut base64 = unslashed(&bytes[first.clone()]);
    let needed = announced(base64.get(..HEAD)?).map_or(usize::MAX, |(size, _)| (size * 4).div_ceil(3));
    let frame = frame(bytes, &first);
    let mut end = first.end;
    while base64.len() < needed && base64.last() != Some(&b'=') {
        let Some(start) = pass(bytes, end, frame) else { break };
        let length = length(&bytes[start..]);
        // Where another key begins this one has ended: no line is read for two of them.
        if length == 0 || length > first.len() || is_head(&bytes[start..start + length]) {
            break;
        }
        end = start + length;
        base64.extend_from_slice(&bytes[start..end]);
        if length < first.len() {
            break;
        }
    }
    Some(Body { decoded: decode(&base64)?, range: first.start..end, encrypted, checksum: None })
}

/// The first line of a key, or of what is said to be encrypted.
fn first_line(bytes: &[u8]) -> Option<Range<usize>> {
    let mut long = None;
    let mut at = 0;
    while let Some(run) = next_run(bytes, at).filter(|run| run.start <= FAR) {
        at = run.end;
        let text = &bytes[run.clone()];
        let glue = text.iter().take(GLUE).take_while(|byte| matches!(byte, b'+' | b'/')).count();
        let slashed = if text.starts_with(b"/n") { 2 } else { glue };
        if let Some(skip) = [0, glue, slashed].into_iter().find(|skip| is_head(&text[*skip..])) {
            return Some(run.start + skip..run.end);
        }
        if long.is_none() && run.len() >= LONG {
            long = Some(run);
        }
    }
    long.filter(|run| memchr::memmem::find(&bytes[..run.start], b"ENCRYPTED").is_some())
}

/// Whether a private key begins so: with a version, with what encrypts it, or with the name of its format.
pub(super) fn is_head(text: &[u8]) -> bool {
    let Some(head) = text.get(..HEAD) else { return false };
    if head == OPENSSH {
        return true;
    }
    let content = announced(head).and_then(|(_, start)| decode(head)?.get(start..).map(<[u8]>::to_vec));
    content.is_some_and(|content| matches!(*content, [0x02, 0x01, ..] | [0x30, ..]))
}

/// What stands between two lines: as between the first two, or else as between the header and the first.
fn frame<'a>(bytes: &'a [u8], first: &Range<usize>) -> &'a [u8] {
    let mut at = first.end;
    while let Some(run) = next_run(bytes, at).filter(|run| run.start - first.end <= GAP) {
        at = run.end;
        let Some(extra) = run.len().checked_sub(first.len()) else { continue };
        let start = run.start + extra;
        if extra <= GLUE && bytes[run.start..start].iter().all(|byte| matches!(byte, b'+' | b'/')) {
            return &bytes[first.end..start];
        }
        break;
    }
    &bytes[first.start.saturating_sub(GAP)..first.start]
}

/// Where a line begins behind what stands between lines: its numbers count on, and its blanks are as many as they are.
fn pass(bytes: &[u8], from: usize, frame: &[u8]) -> Option<usize> {
    let blanks = |text: &[u8]| text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut at, mut rest) = (from, frame);
    loop {
        at += blanks(&bytes[at..]);
        rest = &rest[blanks(rest)..];
        let Some((first, more)) = rest.split_first() else { return Some(at) };
        let number = digits(rest);
        if number > 0 {
            at += Some(digits(&bytes[at..])).filter(|count| *count > 0)?;
            rest = &rest[number..];
        } else {
            if bytes.get(at) != Some(first) {
                return None;
            }
            (at, rest) = (at + 1, more);
        }
    }
}

/// The next run of base64. The `n` of a written line end is none of it.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        let first = *rest.first()?;
        if let Some(width) = spelled_end(rest) {
            at += width;
        } else if is_base64(first) && first != b'=' {
            return Some(at..at + length(rest));
        } else {
            at += 1;
        }
    }
}

/// How long the run is that some text begins with: the padding ends it.
fn length(text: &[u8]) -> usize {
    let plain = text.iter().take_while(|byte| is_base64(**byte) && **byte != b'=').count();
    plain + text[plain..].iter().take(2).take_while(|byte| **byte == b'=').count()
}

/// Some join the lines with `/n` for `\n`, which is base64 all the same: it stands behind each line, at even distances.
fn unslashed(run: &[u8]) -> Vec<u8> {
    let joint = b"/n";
    let mut widths = memchr::memmem::find_iter(&run[..run.len().min(96)], joint).filter(|at| *at >= LONG);
    let is_width = |width: &usize| run.chunks_exact(width + joint.len()).all(|line| line.ends_with(joint));
    let Some(width) = widths.find(is_width) else { return run.to_vec() };
    let lines = run.chunks(width + joint.len()).map(|line| line.strip_suffix(joint).unwrap_or(line));
    lines.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::generate::expand;

    #[test]
    fn a_key_ends_where_the_next_begins() {
        let key = expand("{pem-rsa}", 3).expect("known");
        let line = key.lines().nth(1).expect("a line");
        let text = format!("+{line}\n").repeat(100);
        let read = read(text.as_bytes()).expect("a body");
        assert_eq!(read.range, 1..1 + line.len());
    }
}
