//! One file, compressed: gzip, bzip2, xz, Zstandard. Several streams behind each other are one file.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use super::budget::Measured;
use super::{Kind, Opener, Packed, member_path};
use crate::input::InputPath;

/// Memory that a decoder of xz may ask for, in KiB; a window of Zstandard, in bytes.
const XZ_MEMORY: u32 = 65 << 10;
const ZSTD_WINDOW: u64 = 32 << 20;

pub(super) fn open(opener: &mut Opener<'_>, kind: Kind, path: &InputPath, packed: Packed<'_>) {
    let read = Cell::new(0);
    let mut packed = BufReader::new(Measured { reader: packed.reader(), read: &read });
    // An archive that is compressed as a whole is one container to whoever looks at it.
    let mut reader = decoder(kind, packed.by_ref());
    let mut start = vec![0; super::PEEK];
    let (length, fault) = fill(&mut reader, &mut start);
    start.truncate(length);
    let mut all = start.as_slice().chain(Rest { reader, fault });
    let is_archive = super::kind(&start) == Some(Kind::Tar);
    let inner = if is_archive { path.clone() } else { member_path(path, &stem(path.name())) };
    // What ended the budget is told already.
    let _ = opener.member(&inner, &mut all, weight(kind), Some(&read));
}

/// What a byte costs to unpack, by that of the fastest.
fn weight(kind: Kind) -> u64 {
    match kind {
        Kind::Bzip2 => 4,
        Kind::Xz => 2,
        _ => 1,
    }
}

fn decoder<'r>(kind: Kind, packed: &'r mut (dyn BufRead + 'r)) -> Box<dyn Read + 'r> {
    match kind {
        Kind::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        Kind::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(packed, true, XZ_MEMORY)),
        Kind::Zstd => Box::new(Frames { packed: Some(packed), decoder: ruzstd::decoding::FrameDecoder::new(), is_open: false }),
        _ => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
    }
}

/// What is compressed inside of another container by itself: an entry of a zip file.
pub(super) fn entry<'r>(kind: Kind, packed: &'r mut (dyn BufRead + 'r)) -> (Box<dyn Read + 'r>, u64) {
    (decoder(kind, packed), weight(kind))
}

/// Reads until there is no room, nothing left, or a fault.
fn fill(reader: &mut dyn Read, into: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while length < into.len() {
        match reader.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}

/// What follows a start that was read ahead: the fault that it ended in, or more.
struct Rest<R> {
    reader: R,
    fault: Option<io::Error>,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.reader.read(into),
        }
    }
}

/// `dump.sql` of `dump.sql.gz`: rules that go by a name go by this one.
fn stem(name: &[u8]) -> Vec<u8> {
    const ENDS: [(&[u8], &[u8]); 8] = [
        (b".gz", b""),
        (b".bz2", b""),
        (b".xz", b""),
        (b".zst", b""),
        (b".tgz", b".tar"),
        (b".tbz2", b".tar"),
        (b".txz", b".tar"),
        (b".tzst", b".tar"),
    ];
    let lower = name.to_ascii_lowercase();
    let end = ENDS.iter().find(|(end, _)| lower.ends_with(end) && lower.len() > end.len());
    end.map_or_else(|| b"content".to_vec(), |(end, instead)| [&name[..name.len() - end.len()], instead].concat())
}

/// The frames of Zstandard, one behind the other.
struct Frames<'r> {
    packed: Option<&'r mut (dyn BufRead + 'r)>,
    decoder: ruzstd::decoding::FrameDecoder,
    is_open: bool,
}

impl Read for Frames<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy;
        use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
        let Some(packed) = self.packed.as_mut() else { return Ok(0) };
        loop {
            if self.is_open {
                while self.decoder.can_collect() < into.len().min(1 << 16) && !self.decoder.is_finished() {
                    let strategy = BlockDecodingStrategy::UptoBytes(1 << 16);
                    self.decoder.decode_blocks(&mut *packed, strategy).map_err(io::Error::other)?;
                }
                let read = self.decoder.read(into)?;
                if read > 0 || into.is_empty() {
                    return Ok(read);
                }
                self.is_open = false;
            }
            if packed.fill_buf()?.is_empty() {
                self.packed = None;
                return Ok(0);
            }
            self.decoder.set_max_window_size(ZSTD_WINDOW);
            match self.decoder.reset(&mut *packed) {
                Ok(()) => self.is_open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut packed.take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}
