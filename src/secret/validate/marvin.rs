//! Marvin32, the hash that Microsoft seals its keys with. Source: SymCrypt, lib/marvin32.c.

/// Of some bytes under a seed: both halves of the state, folded into one.
#[must_use]
pub fn marvin32(bytes: &[u8], seed: u64) -> u32 {
    let mut state = (low(seed), low(seed >> 32));
    let (words, rest) = bytes.split_at(bytes.len() - bytes.len() % 4);
    for word in words.chunks_exact(4) {
        state = mixed(state, little(word));
    }
    // What is left over, and a bit that says where it ends.
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *to = *from;
    }
    let (a, b) = mixed(mixed(state, little(&last)), 0);
    a ^ b
}

fn mixed((a, b): (u32, u32), word: u32) -> (u32, u32) {
    let a = a.wrapping_add(word);
    let b = b ^ a;
    let a = a.rotate_left(20).wrapping_add(b);
    let b = b.rotate_left(9) ^ a;
    let a = a.rotate_left(27).wrapping_add(b);
    (a, b.rotate_left(19))
}

fn little(four: &[u8]) -> u32 {
    four.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[expect(clippy::cast_possible_truncation, reason = "the point of it")]
fn low(seed: u64) -> u32 {
    seed as u32
}
