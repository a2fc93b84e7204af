//! Paths: `policy.Statement[*].Action`, `tags["a.b"]`, `^.name`.

use std::fmt;

use crate::rule::raw::RawError;

#[derive(Clone, Debug)]
pub(super) struct Path {
    /// How many bindings outwards it begins.
    pub up: usize,
    pub steps: Vec<Step>,
    /// Where it stands in its rule's file.
    pub at: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(Box<str>),
    /// Some element.
    Any,
}

impl Path {
    /// # Errors
    /// Where it is no path; `at` is where it stands.
    pub fn parse(text: &str, at: u32) -> Result<Path, RawError> {
        let wrong = |what: &str| RawError::new(at, format!("`{text}` is no path: {what}")).help("a path is `name.name[*][\"key\"]`");
        let (mut up, mut rest) = (0, text);
        while let Some(inner) = rest.strip_prefix("^.") {
            up += 1;
            rest = inner;
        }
        let mut steps = Vec::new();
        let mut first = true;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix("[*]") {
                steps.push(Step::Any);
                rest = inner;
            } else if let Some(inner) = rest.strip_prefix("[\"") {
                let end = inner.find("\"]").ok_or_else(|| wrong("`[\"` is not closed"))?;
                steps.push(Step::Name(inner[..end].into()));
                rest = &inner[end + 2..];
            } else {
                if !first {
                    rest = rest.strip_prefix('.').ok_or_else(|| wrong("a `.` is missing"))?;
                }
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 || rest[..end].contains([' ', ']', '{', '}']) {
                    return Err(wrong("a name is missing"));
                }
                steps.push(Step::Name(rest[..end].into()));
                rest = &rest[end..];
            }
            first = false;
        }
        if steps.is_empty() { Err(wrong("it is empty")) } else { Ok(Path { up, steps, at }) }
    }

    /// The name that it begins with.
    pub fn head(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }
}

/// Wherever it stands.
impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        (self.up, &self.steps) == (other.up, &other.steps)
    }
}

impl Eq for Path {}

impl fmt::Display for Path {
    /// Without `[*]`: how evidence is told apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.steps.iter().filter_map(|step| if let Step::Name(name) = step { Some(&**name) } else { None });
        f.write_str(&names.collect::<Vec<_>>().join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_elements_and_quoted_keys() {
        let path = Path::parse("^.a.b[*][\"c.d\"]", 0).expect("a path");
        assert_eq!((path.up, path.steps.len(), path.to_string().as_str()), (1, 4, "a.b.c.d"));
        for wrong in ["", ".a", "a..b", "a[", "a[0]", "a b", "^.", "a[\"b"] {
            assert!(Path::parse(wrong, 0).is_err(), "{wrong}");
        }
    }
}
