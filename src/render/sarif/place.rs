//! Places as SARIF has them: a URI that is valid whatever the bytes of the path are, and a region.

use std::fmt::Write as _;

use super::wire::{Artifact, Location, Physical, Region, Text};
use super::{Flavor, message};
use crate::base::excerpt::Position;
use crate::report::SealedPlace;

/// What paths are relative to, by the name that GitHub and others know it by.
pub const BASE: &str = "%SRCROOT%";

pub fn location(place: &SealedPlace, flavor: Flavor) -> Location {
    // What is in a container is no file of a repository, and GitHub shows only those.
    let outer = place.path.outermost().filter(|_| flavor == Flavor::GitHub);
    let region = if outer.is_some() { Region::START } else { region(place, flavor) };
    let artifact_location = artifact(outer.unwrap_or_else(|| place.path.bytes()));
    Location { id: None, physical: Physical { artifact_location, region }, message: None }
}

pub fn told(place: &SealedPlace, flavor: Flavor, text: &str) -> Location {
    Location { message: Some(message(text)), ..location(place, flavor) }
}

impl Region {
    /// Where there is no place within an input.
    const START: Region = Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1, snippet: None };
}

fn region(place: &SealedPlace, flavor: Flavor) -> Region {
    let (start, mut end) = (place.start, place.end.max(place.start));
    let label = place.excerpt.as_deref().and_then(|excerpt| excerpt.text.get(excerpt.label.clone())).unwrap_or_default();
    // An alert shows in a pull request only where the change has all of its lines.
    if flavor == Flavor::GitHub && end.line > start.line {
        let first = label.lines().next().unwrap_or_default();
        end = first.chars().fold(start, Position::after);
    }
    let snippet = (flavor == Flavor::Full && !label.is_empty()).then(|| Text::new(label));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column, snippet }
}

fn artifact(path: &[u8]) -> Artifact {
    let drive = matches!(path, [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    match path {
        [b'/', ..] => Artifact { uri: format!("file://{}", encoded(path)), uri_base_id: None },
        _ if drive => Artifact { uri: format!("file:///{}:{}", char::from(path[0]), encoded(&path[2..])), uri_base_id: None },
        _ => Artifact { uri: encoded(path.strip_prefix(b"./").unwrap_or(path)), uri_base_id: Some(BASE) },
    }
}

/// A path of RFC 3986: a colon could end a scheme, and all that is no `pchar` is written as its bytes.
fn encoded(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'\\' if cfg!(windows) => out.push('/'),
            byte if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@/".contains(byte) => out.push(char::from(*byte)),
            byte => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_a_uri() {
        let uri = |path: &[u8]| artifact(path).uri;
        assert_eq!(uri(b"a b/[id].tf"), "a%20b/%5Bid%5D.tf");
        assert_eq!(uri(b"caf\xe9/\xff.env"), "caf%E9/%FF.env");
        assert_eq!(uri(b"a.zip!b/c.env"), "a.zip!b/c.env");
        assert_eq!(uri(b"./x:y%z#?"), "x%3Ay%25z%23%3F");
        assert_eq!(uri(b"<stdin>"), "%3Cstdin%3E");
        assert_eq!(artifact(b"a").uri_base_id, Some(BASE));
        for (path, whole) in [("/tmp/a b", "file:///tmp/a%20b"), ("C:/a b", "file:///C:/a%20b")] {
            assert_eq!((artifact(path.as_bytes()).uri.as_str(), artifact(path.as_bytes()).uri_base_id), (whole, None));
        }
    }
}
