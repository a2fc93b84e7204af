//! The allow list of the configuration, held against findings.

use crate::base::excerpt::Position;
use crate::finding::{By, Finding, State};
use crate::settings::{Allow, From};

/// The entries of a run, and which of them were needed.
#[derive(Debug)]
pub struct AllowList<'a> {
    entries: Vec<(&'a Allow, bool)>,
    today: i64,
}

/// What an entry may ask of a finding beside what it says itself.
pub struct About<'a> {
    /// Of its file, from the top of the repository.
    pub path: &'a [u8],
    /// Whether its rule goes by a name.
    pub bears: &'a dyn Fn(&str) -> bool,
    /// The commit that holds the file, where a history is looked at.
    pub commit: Option<&'a str>,
}

/// An entry of which there is something to say, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// The file that it is in.
    pub path: &'a str,
    pub at: Position,
    pub reason: &'a str,
    /// Its last day, where that is over; it is not needed otherwise.
    pub ended: Option<&'a str>,
}

impl<'a> AllowList<'a> {
    #[must_use]
    pub fn new(entries: &'a [Allow], today: i64) -> Self {
        AllowList { entries: entries.iter().map(|entry| (entry, false)).collect(), today }
    }

    /// Suppresses a finding that an entry speaks of.
    pub fn suppress(&mut self, finding: &mut Finding, about: &About<'_>) {
        if finding.state != State::Active {
            return;
        }
        let today = self.today;
        let (print, group) = (finding.fingerprint().to_string(), finding.group.to_string());
        for (entry, used) in &mut self.entries {
            if entry.commit.as_deref().is_some_and(|of| about.commit != Some(of)) || !speaks_of(entry, finding, [&print, &group], about) {
                continue;
            }
            *used = true;
            if !is_over(entry, today) {
                finding.state = State::Suppressed { by: entry.by, reason: entry.reason.clone() };
                return;
            }
        }
    }

    /// What has ended and, where `complete` (everything was looked at), what nothing needs.
    #[must_use]
    pub fn said(&self, complete: bool) -> Vec<Said<'a>> {
        let said = |(entry, used): &(&'a Allow, bool)| {
            let From::File { path, at } = &entry.from else { return None };
            let ended = entry.until.as_ref().filter(|_| is_over(entry, self.today)).map(|(_, day)| day.as_str());
            let tells = entry.by == By::Configuration && (ended.is_some() || complete && !used);
            tells.then_some(Said { path, at: *at, reason: &entry.reason, ended })
        };
        self.entries.iter().filter_map(said).collect()
    }
}

fn is_over(entry: &Allow, today: i64) -> bool {
    entry.until.as_ref().is_some_and(|(day, _)| *day < today)
}

fn speaks_of(entry: &Allow, finding: &Finding, prints: [&str; 2], about: &About<'_>) -> bool {
    let any = |list: &[String], is: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(is);
    // What costs least first: a list may have thousands of entries, each held against every finding.
    entry.path.as_ref().is_none_or(|path| path.as_bytes() == about.path)
        && entry.lines.is_none_or(|line| finding.primary.excerpt.as_ref().is_some_and(|excerpt| excerpt.start.line == line))
        && any(&entry.fingerprints, &|start| prints.iter().any(|print| print.starts_with(start.as_str())))
        && any(&entry.rules, &|name| (about.bears)(name) || finding.families.iter().any(|family| family == name))
        && entry.paths.as_ref().is_none_or(|paths| paths.holds(about.path, false))
        && entry.path_matches.as_ref().is_none_or(|pattern| pattern.is_in(about.path))
        && entry.sha1.as_ref().is_none_or(|digest| finding.secrets.iter().any(|secret| sha1_of(secret.value.expose()) == *digest))
        && entry.value.as_ref().is_none_or(|value| finding.secrets.iter().any(|secret| value.is_in(secret.value.expose())))
        && entry.resource.as_ref().is_none_or(|glob| finding.resource.as_ref().is_some_and(|address| is_like(glob, address)))
}

fn sha1_of(value: &[u8]) -> String {
    use sha1::Digest as _;
    data_encoding::HEXLOWER.encode(&sha1::Sha1::digest(value))
}

/// Whether an address is as a glob says: `*` is any part of it.
fn is_like(glob: &str, address: &str) -> bool {
    let mut parts = glob.split('*');
    let Some(mut rest) = parts.next().and_then(|first| address.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_is_any_part_of_an_address() {
        for (glob, address, like) in [
            ("aws_s3_bucket.b", "aws_s3_bucket.b", true),
            ("aws_s3_bucket.b", "aws_s3_bucket.bb", false),
            ("aws_s3_bucket.*", "aws_s3_bucket.b", true),
            ("module.*.aws_s3_bucket.*", "module.a[\"k\"].aws_s3_bucket.b", true),
            ("*.b", "aws_s3_bucket.b", true),
            ("*", "x", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(is_like(glob, address), like, "{glob} {address}");
        }
    }
}
