//! Findings that were there before: one line for each, by what it is known by, without line numbers and dates, so that edits,
//! renames and merges leave the file alone. Another value at the same place is another finding.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use crate::base::escape;
use crate::base::ids::Fingerprint;
use crate::finding::{Finding, State};

/// The first line of a baseline.
const HEAD: &str = "# gatepost baseline 1: findings that were here before. `gatepost baseline update` writes it.";

/// What somebody who looked at a finding said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nobody has looked.
    Open,
    /// It is what it looks like: it is to be mended.
    Real,
    /// It is none.
    False,
    /// It is one, and may stand.
    Accepted,
}

impl Verdict {
    pub const ALL: [Verdict; 4] = [Verdict::Open, Verdict::Real, Verdict::False, Verdict::Accepted];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Open => "open",
            Verdict::Real => "real",
            Verdict::False => "false",
            Verdict::Accepted => "accepted",
        }
    }
}

/// A finding that was there before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub fingerprint: Fingerprint,
    /// The same wherever it is.
    pub what: Fingerprint,
    pub rule: String,
    pub verdict: Verdict,
    /// As reports print it.
    pub path: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry { fingerprint, what, rule, verdict, path } = self;
        write!(f, "{fingerprint} {what} {rule} {} {path}", verdict.as_str())
    }
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BaselineError {
    pub line: usize,
    pub message: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By fingerprint: two branches that both added to it give the same file in either order.
    pub entries: BTreeMap<Fingerprint, Entry>,
}

impl Baseline {
    /// Reads a baseline, in any order of its lines.
    ///
    /// # Errors
    /// At the first line that is no entry.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let mut entries = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |message| BaselineError { line: number + 1, message };
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
                return Err(fault("an unresolved merge conflict: keep the lines of both sides"));
            }
            let entry = entry(line).ok_or_else(|| fault("not a line of a baseline: `gatepost baseline update` writes it anew"))?;
            entries.insert(entry.fingerprint, entry);
        }
        Ok(Baseline { entries })
    }

    #[must_use]
    pub fn print(&self) -> String {
        let mut text = format!("{HEAD}\n");
        for entry in self.entries.values() {
            let _ = writeln!(text, "{entry}");
        }
        text
    }

    /// Marks the findings that were there before. One that went with its file (`is_there` tells whether a path is still there)
    /// is carried along; a copy is not. Returns the entries that were needed, each with the fingerprint that it has now.
    pub fn mark(&self, findings: &mut [Finding], is_there: &dyn Fn(&str) -> bool) -> BTreeMap<Fingerprint, Fingerprint> {
        let mut needed = BTreeMap::new();
        if self.entries.is_empty() {
            return needed;
        }
        for finding in findings.iter_mut().filter(|finding| finding.state == State::Active) {
            let print = finding.fingerprint();
            if self.entries.get(&print).is_some_and(|entry| entry.what == finding.identity.what) {
                finding.state = State::Baselined;
                needed.insert(print, print);
            }
        }
        let new: BTreeSet<Fingerprint> = findings.iter().filter(|f| f.state == State::Active).map(|f| f.identity.what).collect();
        let mut gone: BTreeMap<Fingerprint, Vec<Fingerprint>> = BTreeMap::new();
        let left = self.entries.values().filter(|entry| !needed.contains_key(&entry.fingerprint) && new.contains(&entry.what));
        for entry in left.filter(|entry| !is_there(&entry.path)) {
            gone.entry(entry.what).or_default().push(entry.fingerprint);
        }
        for finding in findings.iter_mut().filter(|finding| finding.state == State::Active) {
            let Some(old) = gone.get_mut(&finding.identity.what).and_then(Vec::pop) else { continue };
            finding.state = State::Baselined;
            needed.insert(old, finding.fingerprint());
        }
        needed
    }
}

fn entry(line: &str) -> Option<Entry> {
    let mut parts = line.splitn(5, ' ');
    let fingerprint = Fingerprint::parse(parts.next()?)?;
    let what = Fingerprint::parse(parts.next()?)?;
    let rule = parts.next()?.to_owned();
    let verdict = parts.next()?;
    let verdict = Verdict::ALL.into_iter().find(|known| known.as_str() == verdict)?;
    Some(Entry { fingerprint, what, rule, verdict, path: parts.next()?.to_owned() })
}

/// A path as a baseline has it: one line, whatever is in it.
#[must_use]
pub fn path(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { escape::name(path).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{Confidence, RuleId, Severity};
    use crate::base::span::FileId;
    use crate::finding::{Identity, Place, fingerprint};

    fn finding(value: &str, path: &str) -> Finding {
        let what = fingerprint("test", &[value.as_bytes()]);
        let identity = Identity::new(what, path.as_bytes());
        Finding::new(RuleId::from("some-rule"), (Severity::High, Confidence::High), "", Place::whole(FileId(0)), identity)
    }

    fn of(findings: &[Finding]) -> Baseline {
        let entry = |f: &Finding| Entry {
            fingerprint: f.fingerprint(),
            what: f.identity.what,
            rule: f.rule.to_string(),
            verdict: Verdict::Open,
            path: path(&String::from_utf8_lossy(&f.identity.path)),
        };
        Baseline { entries: findings.iter().map(|f| (f.fingerprint(), entry(f))).collect() }
    }

    /// Which of some findings are in the baseline, where these paths are there.
    fn marked(baseline: &Baseline, findings: &[(&str, &str)], there: &[&str]) -> Vec<bool> {
        let mut findings: Vec<Finding> = findings.iter().map(|(value, path)| finding(value, path)).collect();
        baseline.mark(&mut findings, &|path| there.contains(&path));
        findings.iter().map(|finding| finding.state == State::Baselined).collect()
    }

    #[test]
    fn a_line_is_read_as_it_is_printed_in_any_order() {
        let baseline = of(&[finding("one", "a b.py"), finding("two", "x\ny"), finding("three", "")]);
        let text = baseline.print();
        assert_eq!(text.lines().count(), 4);
        assert_eq!(Baseline::parse(&text), Ok(baseline.clone()));
        let turned: Vec<&str> = text.lines().rev().chain(text.lines()).collect();
        assert_eq!(Baseline::parse(&turned.join("\r\n")), Ok(baseline), "twice and turned round, as a union merge may leave it");
        assert_eq!(Baseline::parse("\n<<<<<<< ours\n").expect_err("a conflict").line, 2);
        assert!(Baseline::parse("rule path\n").is_err());
    }

    #[test]
    fn another_value_at_the_same_place_is_told() {
        let baseline = of(&[finding("one", "a.py")]);
        assert_eq!(marked(&baseline, &[("one", "a.py"), ("two", "a.py")], &["a.py"]), [true, false]);
    }

    #[test]
    fn a_rename_carries_it_along_and_a_copy_does_not() {
        let baseline = of(&[finding("one", "a.py")]);
        assert_eq!(marked(&baseline, &[("one", "b.py")], &["b.py"]), [true]);
        assert_eq!(marked(&baseline, &[("one", "a.py"), ("one", "b.py")], &["a.py", "b.py"]), [true, false]);
        assert_eq!(marked(&baseline, &[("one", "b.py")], &["a.py", "b.py"]), [false], "the old file is still there");
        assert_eq!(marked(&baseline, &[("one", "b.py"), ("one", "c.py")], &["b.py", "c.py"]), [true, false], "one file became one");
    }
}
