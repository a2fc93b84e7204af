//! Tar archives, read from their start to their end.

use std::io::Read;

use tar::EntryType;

use super::{MAX_PATH, Opener, Packed, Why, member_path};
use crate::input::InputPath;

pub(super) fn open(opener: &mut Opener<'_>, path: &InputPath, packed: Packed<'_>) -> Result<(), Why> {
    let mut archive = tar::Archive::new(packed.reader());
    archive.set_ignore_zeros(true);
    let damaged = |error: std::io::Error| Why::of(&error);
    // Names that are too long for a header stand in an entry of their own; of theirs only a path's length is held.
    let mut named: Option<Vec<u8>> = None;
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let name = beginning(&mut entry, MAX_PATH as u64)?;
                named = Some(name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
            }
            EntryType::XHeader => named = pax_path(&beginning(&mut entry, MAX_HEADER)?),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let name = named.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                // The bytes of an archive were paid for where they came from.
                if opener.member(&member_path(path, &name), &mut entry, 0, None).is_err() {
                    return Ok(());
                }
            }
            _ => named = None,
        }
    }
    Ok(())
}

/// Bytes of an extended header that are looked through.
const MAX_HEADER: u64 = 64 << 10;

fn beginning(entry: &mut impl Read, most: u64) -> Result<Vec<u8>, Why> {
    let mut bytes = Vec::new();
    entry.take(most).read_to_end(&mut bytes).map_err(|error| Why::of(&error))?;
    Ok(bytes)
}

/// The path among records `LENGTH KEY=VALUE` of POSIX, a line each.
fn pax_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes;
    while let Some(blank) = memchr::memchr(b' ', rest) {
        let length: usize = std::str::from_utf8(&rest[..blank]).ok()?.parse().ok()?;
        let record = rest.get(blank + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(path.strip_suffix(b"\n").unwrap_or(path).to_vec());
        }
        rest = &rest[length..];
    }
    None
}
