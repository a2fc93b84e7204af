//! Shannon's entropy of bytes, over their own frequencies. Not a verdict: who asks sets the limits.

/// Entropy of a whole value, in bits.
#[must_use]
pub fn bits(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let total = length(value);
    counts.iter().filter(|n| **n > 0).map(|n| -number(*n) * (number(*n) / total).log2()).sum()
}

/// Entropy of a value in bits per byte; none of an empty one.
#[must_use]
pub fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() { 0.0 } else { bits(value) / length(value) }
}

#[expect(clippy::cast_precision_loss, reason = "values are shorter than 2^23 bytes")]
fn length(value: &[u8]) -> f32 {
    value.len() as f32
}

#[expect(clippy::cast_precision_loss, reason = "no byte stands more often than there are bytes")]
fn number(n: u32) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_of_known_values() {
        assert!(shannon(b"").abs() < f32::EPSILON && shannon(b"aaaa").abs() < f32::EPSILON);
        assert!((shannon(b"abab") - 1.0).abs() < 1e-6 && (shannon(b"abcdefgh") - 3.0).abs() < 1e-6);
        assert!(bits(b"").abs() < f32::EPSILON && (bits(b"abcdefghabcdefgh") - 48.0).abs() < 1e-4);
    }
}
