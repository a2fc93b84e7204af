//! How much the order of a value's bytes looks like chance; how often each stands in it is
//! [`shannon`](crate::base::entropy::shannon). Not a verdict: validators set the limits.

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
    fn words_change_class_seldom() {
        assert_eq!(class_changes(b"getObjectRequest"), 4);
        assert_eq!(sequential(b"abcdXX9"), 4);
    }
}
