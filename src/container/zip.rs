//! Zip archives, by their directory: names that are there twice are two members.

use std::cell::Cell;
use std::io::{BufReader, Read};

use rawzip::{CompressionMethod, ZipArchive};

use super::budget::Measured;
use super::{Kind, Opener, Packed, Spent, Why, compressed, member_path};
use crate::input::InputPath;

pub(super) fn open(opener: &mut Opener<'_>, path: &InputPath, packed: Packed<'_>) -> Result<(), Why> {
    let damaged = |error: rawzip::Error| Why::Damaged(error.to_string());
    let packed = packed.seekable().map_err(|error| Why::Limit(error.to_string()))?;
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_seekable(packed, &mut buffer).map_err(damaged)?;
    let (mut entries, mut seen) = (archive.entries(&mut buffer), 0);
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        seen += 1;
        if entry.is_dir() {
            continue;
        }
        let inner = member_path(path, entry.file_path().as_bytes());
        if entry.flags().is_encrypted() {
            opener.left(&inner, Why::Encrypted);
            continue;
        }
        match archive.get_entry(entry.wayfinder()) {
            Ok(found) => {
                if member(opener, &inner, entry.compression_method(), found.reader()).is_err() {
                    return Ok(());
                }
            }
            Err(error) => opener.left(&inner, damaged(error)),
        }
    }
    if seen < archive.entries_hint() {
        return Err(Why::Damaged(format!("its directory lists {} entries and holds {seen}", archive.entries_hint())));
    }
    Ok(())
}

fn member(opener: &mut Opener<'_>, path: &InputPath, method: CompressionMethod, packed: impl Read) -> Result<(), Spent> {
    let read = Cell::new(0);
    let mut packed = BufReader::new(Measured { reader: packed, read: &read });
    let kind = match method {
        CompressionMethod::STORE => return opener.member(path, &mut packed, 1, None),
        CompressionMethod::DEFLATE => {
            return opener.member(path, &mut flate2::bufread::DeflateDecoder::new(packed), 1, Some(&read));
        }
        CompressionMethod::BZIP2 => Kind::Bzip2,
        CompressionMethod::ZSTD => Kind::Zstd,
        CompressionMethod::XZ => Kind::Xz,
        other => {
            opener.left(path, Why::Unknown(format!("compressed in a way that is not read (method {})", other.as_u16())));
            return Ok(());
        }
    };
    let (mut reader, weight) = compressed::entry(kind, &mut packed);
    opener.member(path, &mut reader, weight, Some(&read))
}
