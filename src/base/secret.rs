//! A value that must not leave. Printing one prints a redaction, so that a `{:?}` in a log or a panic is harmless.

use std::fmt;

/// The bytes of a matched secret. [`Secret::expose`] is the only way in, and easy to search for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        Secret(value.into())
    }

    /// The value itself. Callers compare, hash or validate it; nobody prints it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[secret of {} bytes]", self.0.len())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_the_value() {
        let secret = Secret::new(b"hunter2hunter2");
        for printed in [format!("{secret:?}"), format!("{secret}"), serde_json::to_string(&secret).expect("a string")] {
            assert!(!printed.contains("hunter2"), "{printed}");
            assert!(printed.contains("14 bytes"), "{printed}");
        }
    }
}
