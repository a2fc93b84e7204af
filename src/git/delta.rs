//! A packed delta: how an object differs from its base, as copies from the base and bytes of its own.

use super::repository::MAX_OBJECT;
use crate::input::Copied;

/// Builds an object from its base. `out` is overwritten, and so are `copies`: what it has from there, neighbours put together.
///
/// # Errors
/// Where the delta is not one for this base, or promises what it does not keep.
pub(super) fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>, copies: &mut Vec<Copied>) -> Result<(), &'static str> {
    copies.clear();
    let mut reader = Reader { rest: delta };
    if reader.length()? != base.len() as u64 {
        return Err("a delta is for another base");
    }
    let length = reader.length()?;
    let length = usize::try_from(length).ok().filter(|_| length <= MAX_OBJECT).ok_or("an object is too large")?;
    out.clear();
    out.try_reserve_exact(length).map_err(|_| "an object is too large for the memory")?;
    while let Some(op) = reader.byte() {
        let piece = match op {
            0 => return Err("a delta has an instruction that does not exist"),
            1..=0x7f => reader.take(usize::from(op))?,
            _ => {
                let (offset, size) = reader.copy(op)?;
                let end = offset.checked_add(size).ok_or("a delta copies too much")?;
                let piece = base.get(offset..end).ok_or("a delta copies from behind its base")?;
                note(copies, out.len(), offset, size);
                piece
            }
        };
        if out.len() + piece.len() > length {
            return Err("a delta gives more than it promises");
        }
        out.extend_from_slice(piece);
    }
    if out.len() == length { Ok(()) } else { Err("a delta gives less than it promises") }
}

/// Objects are shorter than 4 GiB; of a longer one nothing is noted, and nothing inherited.
fn note(copies: &mut Vec<Copied>, to: usize, from: usize, length: usize) {
    let number = |n: usize| u32::try_from(n).ok();
    let (Some(to), Some(from), Some(length)) = (number(to), number(from), number(length)) else { return };
    match copies.last_mut() {
        Some(last) if last.to + last.length == to && last.from + last.length == from => last.length += length,
        _ => copies.push(Copied { to, from, length }),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("a delta is cut")?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number, seven bits a byte, the lowest first.
    fn length(&mut self) -> Result<u64, &'static str> {
        let mut length = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte().ok_or("a delta is cut")?;
            length |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err("a delta has an endless number")
    }

    /// The offset and the size of a copy: each bit of the instruction says whether a byte of them follows.
    fn copy(&mut self, op: u8) -> Result<(usize, usize), &'static str> {
        let (mut offset, mut size) = (0usize, 0usize);
        for bit in 0..4 {
            if op >> bit & 1 == 1 {
                offset |= usize::from(self.byte().ok_or("a delta is cut")?) << (8 * bit);
            }
        }
        for bit in 0..3 {
            if op >> (4 + bit) & 1 == 1 {
                size |= usize::from(self.byte().ok_or("a delta is cut")?) << (8 * bit);
            }
        }
        Ok((offset, if size == 0 { 0x1_0000 } else { size }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, &'static str> {
        let mut out = vec![1, 2, 3];
        apply(base, delta, &mut out, &mut Vec::new()).map(|()| out)
    }

    #[test]
    fn copies_and_insertions() {
        assert_eq!(applied(b"hello world", &[11, 8, 0x91, 6, 5, 3, b'!', b'!', b'!']).expect("sound"), b"world!!!");
        let base = vec![7u8; 0x1_0000];
        assert_eq!(applied(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80]).expect("sound"), base, "no size is 64 KiB");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let wrong: [&[u8]; 7] = [
            &[2, 1, 0x91, 0, 1],
            &[3, 9, 0x91, 1, 9],
            &[3, 1, 0],
            &[3, 1, 2, b'x'],
            &[3, 1, 2, b'x', b'y'],
            &[3, 5, 1, b'x'],
            &[0x83, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
        ];
        for delta in wrong {
            assert!(applied(b"abc", delta).is_err(), "{delta:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_delta_ends(delta in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
            let _ = applied(b"some base", &delta);
            let framed = [&[9u8, 20][..], &delta].concat();
            if let Ok(out) = applied(b"some base", &framed) {
                proptest::prop_assert_eq!(out.len(), 20);
            }
        }
    }
}
