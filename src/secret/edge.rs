//! Where a word begins and ends in any text: no letter or digit touches it, but for one that ends an escape.

/// Whether something that begins at `at` is not the rest of a word: `x` of `\nx`, `%3Dx` and `\u003dx` is none.
#[must_use]
pub fn begins(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let escape = |start: &[u8], digits: usize| {
        let at = before.len().checked_sub(start.len() + digits);
        at.and_then(|at| before[at..].strip_prefix(start)).is_some_and(|rest| rest.iter().all(u8::is_ascii_hexdigit))
    };
    before.last().is_none_or(|last| !last.is_ascii_alphanumeric())
        || matches!(before, [.., b'\\', b'n' | b'r' | b't'])
        || escape(b"%", 2)
        || escape(b"\\x", 2)
        || escape(b"\\u", 4)
}

/// Where the line of a place begins, or how far back it is looked at.
#[must_use]
pub fn line_start(bytes: &[u8], at: usize, furthest: usize) -> usize {
    let least = at.saturating_sub(furthest);
    memchr::memrchr(b'\n', &bytes[least..at]).map_or(least, |line| least + line + 1)
}

/// Whether a value that begins at `at` is a whole one: not the rest of a name, a path or a host.
#[must_use]
pub fn value_begins(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    begins(bytes, at) && (!matches!(before.last(), Some(b'_' | b'-' | b'.' | b'+' | b'~' | b'/')) || before.ends_with(b"//"))
}

/// Whether a value that ends at `end` is a whole one: no name, path, host, call or padding goes on there.
#[must_use]
pub fn value_ends(bytes: &[u8], end: usize) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    match bytes.get(end) {
        Some(b'_' | b'=' | b'(') => false,
        Some(b'-' | b'+' | b'/' | b'.' | b'~') => !goes_on(bytes.get(end + 1)),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values_have_edges() {
        for text in ["x", " x", "\\nx", "%3Dx", "\\u003dx", "-x"] {
            assert!(begins(text.as_bytes(), text.len() - 1), "{text}");
        }
        assert!(!begins(b"ax", 1) && !begins(b"%gDx", 3));
        assert!(value_begins(b"https://x", 8) && value_begins(b"=x", 1));
        for text in ["a/x", "-x", "_x", "a.x"] {
            assert!(!value_begins(text.as_bytes(), text.len() - 1), "{text}");
        }
        for (text, ends) in
            [("x", true), ("x.", true), ("x\"", true), ("x.y", false), ("x=", false), ("x_", false), ("x(", false), ("x- ", true)]
        {
            assert_eq!(value_ends(text.as_bytes(), 1), ends, "{text}");
        }
    }
}
