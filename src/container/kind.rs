//! What a container is, by the bytes that it begins with.

/// Formats that are opened, and those that are only known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Also jar, war, apk, whl, nupkg, docx, xlsx, odt.
    Zip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Sqlite,
    /// A git bundle.
    Bundle,
    SevenZip,
    /// LZMA without a frame, as `.lzma` files are.
    Lzma,
    Rar,
}

/// Bytes of a start that say which kind it is.
pub const PEEK: usize = 512;

/// The kind of what begins with these bytes, at least [`PEEK`] of them or all there are.
#[must_use]
pub fn kind(start: &[u8]) -> Option<Kind> {
    match start {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', ..] => Some(Kind::Zip),
        // Deflate, and no flag that RFC 1952 reserves.
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Some(Kind::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Kind::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Kind::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        // lzma-file-format.txt: properties, a dictionary of a power of two, a length or none.
        [0x5d, 0, 0, _, _, length @ ..] if length.starts_with(&[0xff; 8]) || length.get(4..8) == Some(&[0; 4]) => Some(Kind::Lzma),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Kind::SevenZip),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some(Kind::Rar),
        _ if start.starts_with(b"SQLite format 3\0") => Some(Kind::Sqlite),
        _ if start.starts_with(b"# v2 git bundle\n") || start.starts_with(b"# v3 git bundle\n") => Some(Kind::Bundle),
        _ => is_tar(start).then_some(Kind::Tar),
    }
}

/// The kind of what ends as these bytes do: a program or a script may have an archive behind it.
#[must_use]
pub fn kind_at_end(bytes: &[u8]) -> Option<Kind> {
    let end = bytes.get(bytes.len().checked_sub(22)?..)?;
    (end.starts_with(b"PK\x05\x06") && end.ends_with(b"\0\0")).then_some(Kind::Zip)
}

/// A header of tar sums its own bytes, its sum taken as blanks: that tells it also where no `ustar` stands in it.
fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..512) else { return false };
    let digits = header[148..156].trim_ascii_start();
    let length = digits.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let text = std::str::from_utf8(&digits[..length]).unwrap_or_default();
    let Ok(sum) = u32::from_str_radix(text, 8) else { return false };
    let outside: u32 = header[..148].iter().chain(&header[156..]).copied().map(u32::from).sum();
    outside + 8 * u32::from(b' ') == sum
}
