//! How long something stood in a repository's history, and who brought it.

use crate::input::ObjectId;

/// A commit that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub commit: ObjectId,
    /// The committer's time in seconds since 1970.
    pub when: i64,
    /// `Name <mail>`, as the repository's mailmap has it. None where the commit does not say.
    pub author: Option<String>,
}

impl Sighting {
    fn age(&self) -> (i64, ObjectId) {
        (self.when, self.commit)
    }
}

/// The commits between which something stood in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    pub first: Sighting,
    /// The newest commit that has it; not the one that took it away.
    pub last: Sighting,
    /// The ref that a person looks at first of those whose commit has it: `HEAD`, `refs/heads/main`. None where none has.
    pub still_in: Option<String>,
    /// When it ended, in seconds since 1970: the time of `last`, or of the scan where it is still in a ref.
    pub until: i64,
}

impl Exposure {
    /// Whole days from the first commit to the end.
    #[must_use]
    pub fn days(&self) -> u64 {
        u64::try_from(self.until.saturating_sub(self.first.when) / 86_400).unwrap_or(0)
    }

    /// Takes in another place of the same thing.
    pub fn join(&mut self, other: &Exposure) {
        if other.first.age() < self.first.age() {
            self.first = other.first.clone();
        }
        if other.last.age() > self.last.age() {
            self.last = other.last.clone();
        }
        self.until = self.until.max(other.until);
        self.still_in = match (self.still_in.take(), other.still_in.clone()) {
            (Some(own), Some(other)) => Some(if (precedence(&other), &other) < (precedence(&own), &own) { other } else { own }),
            (own, other) => own.or(other),
        };
    }
}

/// Refs by who looks at them first: what is checked out, branches, those of remotes, tags, the rest.
#[must_use]
pub fn precedence(name: &str) -> u8 {
    match name {
        "HEAD" => 0,
        _ if name.starts_with("refs/heads/") => 1,
        _ if name.starts_with("refs/remotes/") => 2,
        _ if name.starts_with("refs/tags/") => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(first: i64, last: i64, still_in: Option<&str>) -> Exposure {
        let sighting =
            |when: i64| Sighting { commit: ObjectId::new(&when.to_be_bytes()).expect("short"), when, author: Some(format!("A{when}")) };
        Exposure { first: sighting(first), last: sighting(last), still_in: still_in.map(str::to_owned), until: last }
    }

    #[test]
    fn two_places_make_the_longer_time() {
        let mut both = seen(5, 86_405, Some("refs/tags/v1"));
        both.join(&seen(3, 4, Some("refs/heads/main")));
        assert_eq!((both.first.when, both.last.when, both.still_in.as_deref()), (3, 86_405, Some("refs/heads/main")));
        both.join(&seen(9, 259_210, None));
        assert_eq!((both.still_in.as_deref(), both.days()), (Some("refs/heads/main"), 3));
        assert_eq!(both.first.author.as_deref(), Some("A3"));
    }
}
