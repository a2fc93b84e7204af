//! Chance that is the same everywhere and every time.

/// SplitMix64: small, and the same everywhere.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn from(name: &str, seed: u64) -> Self {
        let mixed = name.bytes().fold(seed ^ 0x6761_7465_706f_7374, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Chance(mixed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub(super) fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next().to_le_bytes()[7]).collect()
    }

    pub(super) fn letters(&mut self, alphabet: &[u8], n: usize) -> String {
        let letter = |c: &mut Self| alphabet[usize::try_from(c.below(alphabet.len() as u64)).unwrap_or(0)];
        (0..n).map(|_| char::from(letter(self))).collect()
    }
}
