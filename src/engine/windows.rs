//! A long input in overlapping windows, so that memory is bounded and nothing is cut in two.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::excerpt::{Position, advance};
use crate::base::span;
use crate::input::Window;

/// New bytes of a window.
pub const STEP: usize = 4 << 20;
/// Bytes that a window repeats from the one before: more than the longest match with its surroundings. A multiple of
/// four, so that wide encodings stay aligned.
pub const OVERLAP: usize = 128 << 10;
/// The longest input: spans have 32 bits.
pub const LONGEST: u64 = u32::MAX as u64;

/// Why reading in windows ended early.
#[derive(Debug)]
pub enum Stop {
    Io(io::Error),
    /// Over [`LONGEST`].
    TooLong,
    Interrupted,
}

/// Reads to the end and shows every window. Returns the number of bytes read.
///
/// # Errors
/// Where reading fails or the input is too long; the windows before that were shown.
pub fn each(reader: &mut dyn Read, stop: &AtomicBool, mut show: impl FnMut(&[u8], Window)) -> Result<u64, Stop> {
    let mut buffer: Vec<u8> = Vec::new();
    let (mut offset, mut overlap, mut position) = (0u64, 0usize, Position::START);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let had = buffer.len();
        let want = u64::try_from(STEP).unwrap_or(u64::MAX);
        (&mut *reader).take(want).read_to_end(&mut buffer).map_err(Stop::Io)?;
        let last = buffer.len() < had + STEP;
        let end = offset + buffer.len() as u64;
        if end > LONGEST {
            return Err(Stop::TooLong);
        }
        let start = u32::try_from(offset).map_err(|_| Stop::TooLong)?;
        let window = Window { offset: start, position, overlap: span::offset(overlap), last };
        show(&buffer, window);
        if last {
            return Ok(end);
        }
        let keep = buffer.len().min(OVERLAP);
        let gone = buffer.len() - keep;
        // A character that the seam cuts is not put together again: what follows in its line is up to three columns off.
        position = advance(position, &buffer[..gone]);
        offset += gone as u64;
        overlap = keep;
        buffer.drain(..gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_shown_and_the_seams_overlap() {
        let bytes: Vec<u8> = (b'a'..=b'z').chain([b'\n']).cycle().take(STEP * 2 + 12_345).collect();
        let mut shown = 0;
        let mut windows = Vec::new();
        let end = each(&mut &bytes[..], &AtomicBool::new(false), |part, window| {
            let start = window.offset as usize;
            assert_eq!(part, &bytes[start..start + part.len()]);
            assert!(start + window.overlap as usize >= shown || shown == 0);
            assert_eq!(start + window.overlap as usize, shown, "new bytes begin where the last window ended");
            shown = start + part.len();
            let before = &bytes[..start];
            assert_eq!(window.position, advance(Position::START, before));
            windows.push((window, part.len()));
        });
        assert_eq!(end.expect("read"), bytes.len() as u64);
        assert_eq!(shown, bytes.len());
        assert_eq!(windows.len(), 3);
        assert!(windows[2].0.last && !windows[1].0.last);
    }

    #[test]
    fn an_input_of_exactly_one_step_ends() {
        let bytes = vec![b'x'; STEP];
        let mut count = 0;
        assert_eq!(each(&mut &bytes[..], &AtomicBool::new(false), |_, _| count += 1).expect("read"), STEP as u64);
        assert!(count <= 2);
    }
}
