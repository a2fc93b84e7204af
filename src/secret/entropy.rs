//! How much a value looks like chance. Not a verdict: rules and validators set the limits.

/// Shannon entropy of a value over its own bytes, in bits per byte.
#[must_use]
pub fn shannon(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "values are shorter than 2^23 bytes")]
    let (total, number) = (value.len() as f32, |n: u32| n as f32);
    counts.iter().filter(|n| **n > 0).map(|n| -(number(*n) / total) * (number(*n) / total).log2()).sum()
}

/// Neighbours that are of different classes (upper case, lower case, digit, other): few in words, many in chance.
#[must_use]
pub fn class_changes(value: &[u8]) -> usize {
    value.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count()
}

fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Neighbours that count up, count down or repeat, as in `abcdef`, `54321` and `xxxx`.
#[must_use]
pub fn sequential(value: &[u8]) -> usize {
    value.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_of_known_values() {
        assert!(shannon(b"").abs() < f32::EPSILON && shannon(b"aaaa").abs() < f32::EPSILON);
        assert!((shannon(b"abab") - 1.0).abs() < 1e-6 && (shannon(b"abcdefgh") - 3.0).abs() < 1e-6);
    }

    #[test]
    fn words_change_class_seldom() {
        assert_eq!(class_changes(b"getObjectRequest"), 4);
        assert_eq!(sequential(b"abcdXX9"), 4);
    }
}
