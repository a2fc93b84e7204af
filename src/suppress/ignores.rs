//! Inline ignores applied to findings, and what is to be said of ignores that do not hold.
//!
//! An ignore holds for its own line, and for the next one when it stands alone on its line; several of them may stand
//! above each other; `ignore-start` holds up to its `ignore-end`; in JSON it holds for the object it stands in. Only a rule
//! that it names is ignored: there is no way to ignore everything. `rule-id@1a2b3c4d` names one value alone, so that another
//! that comes to stand there is told.

mod blocks;

use std::collections::{BTreeMap, HashSet};

use crate::base::ids::RuleId;
use crate::base::span::{FileId, offset};
use crate::base::when;
use crate::finding::{By, Finding, Place, State};
use crate::rule::RuleSet;
use crate::settings::Trust;
use crate::subject::Subject;
use crate::suppress::json;
use crate::suppress::pragma::{self, Reach};
use crate::suppress::told::{Remark, Told};

pub use blocks::blocks_of;
use blocks::{Bound, blocks, bound};

/// What a name in an ignore stands for in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A rule (by its id or an alias) that this run looks for.
    Rule(RuleId),
    /// A rule that this run was told not to look for: nothing can be said about the ignore.
    Off,
    /// No rule at all.
    Unknown,
}

/// How names in ignores are read: ids and aliases alike.
pub type Names<'n> = &'n dyn Fn(&str) -> Named;

/// Names as the rules of a run have them; `on` says whether the rule at an index of [`RuleSet::rules`] is looked for.
pub fn names_of<'r>(rules: &'r RuleSet, on: impl Fn(usize) -> bool + 'r) -> impl Fn(&str) -> Named + 'r {
    move |name| match rules.find(name) {
        Some(at) if on(at) => Named::Rule(rules.rules()[at].meta.id.clone()),
        Some(_) => Named::Off,
        None => Named::Unknown,
    }
}

/// Which findings an ignore speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    Named(Named),
    /// A rule, for one value: the first digits of what its findings are known by.
    Value(Named, String),
    /// Any secret, as the marks of tools that look for nothing else say.
    Secrets,
    /// Anything about a resource.
    Resources,
}

impl Of {
    fn speaks_of(&self, finding: &Finding) -> bool {
        match self {
            Of::Named(Named::Rule(rule)) => *rule == finding.rule,
            Of::Value(Named::Rule(rule), value) => *rule == finding.rule && tag(finding).starts_with(value.as_str()),
            Of::Named(_) | Of::Value(..) => false,
            Of::Secrets => !finding.secrets.is_empty() && finding.resource.is_none(),
            Of::Resources => finding.resource.is_some(),
        }
    }
}

/// Digits of a value's tag.
pub const TAG: usize = 8;

/// What an ignore of one value alone writes behind the rule: `aws-access-key@1a2b3c4d`.
#[must_use]
pub fn tag(finding: &Finding) -> String {
    let mut digits = finding.identity.what.to_string();
    digits.drain(..2);
    digits
}

/// The part of an input that an ignore speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// From line to line, both included.
    Lines(u32, u32),
    /// What touches any of these lines.
    Touched(u32, u32),
    /// What begins in the line or the next one, or ends in it or the one before.
    Near(u32),
    /// What ends in the line, before a byte.
    Before(u32, u32),
    /// From byte to byte.
    Bytes(u32, u32),
    Nothing,
}

impl Cover {
    fn holds(self, place: &Place) -> bool {
        match self {
            // What is about all of an input stands at its beginning.
            Cover::Lines(first, last) => {
                let line = place.excerpt.as_ref().map_or(1, |excerpt| excerpt.start.line);
                first <= line && line <= last
            }
            Cover::Touched(first, last) => place.excerpt.as_ref().is_some_and(|e| e.start.line <= last && first <= e.end.line),
            Cover::Near(line) => place.excerpt.as_ref().is_some_and(|e| {
                let (start, end) = (e.start.line, e.end.line);
                start == line || start == line.saturating_add(1) || end == line || end.saturating_add(1) == line
            }),
            Cover::Before(line, at) => {
                place.excerpt.as_ref().is_some_and(|e| e.end.line == line) && place.span.is_some_and(|span| span.end <= at)
            }
            Cover::Bytes(start, end) => place.span.is_some_and(|span| start <= span.start && span.start < end),
            Cover::Nothing => false,
        }
    }
}

/// One ignore, of ours or another tool's.
#[derive(Clone, Debug)]
pub struct Ignore {
    pub by: By,
    /// Where it is written.
    pub place: Place,
    pub cover: Cover,
    /// What it names, as written, and whether that was needed.
    pub names: Vec<(String, Of, bool)>,
    pub reason: String,
    /// Its last day.
    pub until: Option<Until>,
    /// It came with the change that is looked at.
    pub is_new: bool,
    /// It holds up to an end of its own.
    pub is_block: bool,
    /// It stands in a text that may only write about ignores: nothing is said of it.
    pub is_prose: bool,
}

/// The last day of a suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// In days since 1970.
    Day(i64, String),
    /// What was written is no day.
    Never(String),
}

impl Until {
    #[must_use]
    pub fn of(text: String) -> Until {
        match when::day(&text) {
            Some(day) => Until::Day(day, text),
            None => Until::Never(text),
        }
    }

    #[must_use]
    pub fn is_over(&self, today: i64) -> bool {
        matches!(self, Until::Day(day, _) if *day < today)
    }
}

impl Ignore {
    /// What it names, as written.
    #[must_use]
    pub fn listed(&self) -> String {
        self.names.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Whether it may hold at all.
    fn is_sound(&self, today: i64) -> bool {
        let over = match &self.until {
            None => false,
            Some(until @ Until::Day(..)) => until.is_over(today),
            Some(Until::Never(_)) => true,
        };
        !self.reason.is_empty() && !over
    }
}

/// The ignores of one input.
#[derive(Clone, Debug, Default)]
pub struct Ignores {
    pub all: Vec<Ignore>,
    /// Every line of the input is judged by every rule: what nothing needs can be told.
    pub complete: bool,
    /// There are more than are read.
    cut: bool,
    /// The same of the marks of other tools.
    pub marks_cut: bool,
    /// Where blocks begin and end.
    bounds: Vec<Bound>,
}

impl Ignores {
    /// The ignores of a content. `was_there` says whether a line of it stood there before the change.
    #[must_use]
    pub fn of(subject: &Subject<'_>, names: Names<'_>, was_there: &dyn Fn(&[u8]) -> bool) -> Ignores {
        let bytes = subject.bytes();
        let found = pragma::find(bytes, subject.content.window.position.line);
        let cut = found.len() >= pragma::MOST;
        let name = subject.path.name().to_ascii_lowercase();
        let is_prose = PROSE.iter().any(|end| name.ends_with(end.as_bytes()));
        let scopes = if found.is_empty() { Vec::new() } else { json::scopes(bytes) };
        let mut all: Vec<Ignore> = Vec::new();
        // The last line that the ignore below speaks of, and its own, where it stands alone: from the last one up.
        let mut below: Option<(u32, u32)> = None;
        let mut bounds: Vec<Bound> = Vec::new();
        for pragma in found.iter().rev() {
            let line = pragma.line;
            // What stands early in the overlap was seen whole by the window before, and its line too.
            if subject.is_early(pragma.offset) {
                continue;
            }
            bounds.extend(bound(pragma, subject.span(pragma.offset..pragma.offset + pragma::MARK.len()).start));
            if pragma.reach == Reach::End {
                continue;
            }
            let offset = offset(pragma.offset);
            let scope = scopes.iter().find(|(text, _)| text.start <= offset && offset < text.end).map(|(_, scope)| *scope);
            let cover = match (pragma.reach, scope) {
                // Its end may lie in another window.
                (Reach::Start, _) => Cover::Nothing,
                (_, Some(scope)) => {
                    let scope = subject.span(scope.start as usize..scope.end as usize);
                    Cover::Bytes(scope.start, scope.end)
                }
                _ if pragma.alone => {
                    let next = line.saturating_add(1);
                    let last = below.filter(|(at, _)| *at <= next).map_or(next, |(_, last)| last);
                    below = Some((line, last));
                    Cover::Lines(line, last)
                }
                _ => {
                    below = None;
                    Cover::Lines(line, line)
                }
            };
            let end = bytes[pragma.offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| pragma.offset + end);
            let text = bytes[pragma.offset..end].trim_ascii_end();
            let range = pragma.offset..pragma.offset + text.len().min(MARK);
            let span = subject.span(range.clone());
            let is_new = subject.focus.touches(span.start..span.end);
            all.push(Ignore {
                by: By::Inline,
                place: subject.place(range),
                cover,
                names: pragma.rules.iter().map(|name| (name.clone(), of(name, names), false)).collect(),
                reason: pragma.reason.clone(),
                until: pragma.until.clone().map(Until::of),
                is_new: is_new && !was_there(text),
                is_block: pragma.reach == Reach::Start,
                is_prose: is_prose && !bytes[..pragma.offset].trim_ascii_end().ends_with(b"<!--"),
            });
        }
        all.reverse();
        bounds.reverse();
        let mut ignores = Ignores { all, complete: false, cut, marks_cut: false, bounds };
        ignores.settle();
        ignores
    }

    /// Gives blocks their ends.
    fn settle(&mut self) {
        if self.bounds.is_empty() {
            return;
        }
        self.bounds.sort_unstable();
        self.bounds.dedup();
        let blocks = blocks(&self.bounds);
        let starts: BTreeMap<u32, u32> = self.bounds.iter().filter(|bound| !bound.ends).map(|start| (start.at, start.line)).collect();
        for ignore in self.all.iter_mut().filter(|ignore| ignore.by == By::Inline) {
            let Some((at, line)) = ignore.place.span.and_then(|span| starts.get_key_value(&span.start)) else { continue };
            ignore.cover = blocks.get(at).map_or(Cover::Nothing, |last| Cover::Lines(*line, *last));
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.bounds.is_empty()
    }

    /// Adds those of another part of the same input.
    pub fn join(&mut self, other: Ignores) {
        self.complete &= other.complete;
        self.cut |= other.cut;
        self.marks_cut |= other.marks_cut;
        let key = |ignore: &Ignore| (ignore.place.span.map(|span| span.start), ignore.by);
        let again: HashSet<_> = other.all.iter().map(key).collect();
        // Windows overlap: the later one shows what the end of the earlier one may have cut.
        self.all.retain(|known| !again.contains(&key(known)));
        self.all.extend(other.all);
        self.bounds.extend(other.bounds);
    }

    /// The first ignore that holds for a finding at a place. All that name it there are needed.
    fn at(&mut self, place: &Place, finding: &Finding, today: i64) -> Option<Ignore> {
        let mut first = None;
        for ignore in self.all.iter_mut().filter(|ignore| ignore.cover.holds(place)) {
            let mut speaks = false;
            for (_, of, used) in &mut ignore.names {
                if of.speaks_of(finding) {
                    (*used, speaks) = (true, true);
                }
            }
            if speaks && ignore.is_sound(today) && first.is_none() {
                first = Some(ignore.clone());
            }
        }
        first
    }

    /// What is to be said of them, once all findings were held against them.
    #[must_use]
    pub fn remarks(&self, today: i64) -> Vec<Remark> {
        let ours = self.all.iter().filter(|ignore| ignore.by == By::Inline && !ignore.is_prose);
        ours.flat_map(|ignore| ignore.remarks(self.complete, today)).take(REMARKS).collect()
    }

    /// Whether more were written than are read.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }
}

/// How the names of texts end that people read.
const PROSE: [&str; 6] = [".md", ".markdown", ".mdx", ".rst", ".adoc", ".html"];

/// Remarks on one input: a hostile one has an ignore of a million names.
pub const REMARKS: usize = 100;
/// Bytes of a mark that are shown.
const MARK: usize = 120;

/// What a name in an ignore speaks of.
fn of(name: &str, names: Names<'_>) -> Of {
    match name.split_once('@') {
        Some((rule, tag)) if tag.len() >= TAG && tag.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Of::Value(names(rule), tag.to_ascii_lowercase())
        }
        _ => Of::Named(names(name)),
    }
}

impl Ignore {
    fn remarks(&self, complete: bool, today: i64) -> Vec<Remark> {
        let listed = self.listed();
        let remark = |told, message: String| Remark { told, place: self.place.clone(), message };
        if self.names.is_empty() {
            let message = "the ignore names no rule: write `gatepost: ignore[rule-id] reason`".to_owned();
            return vec![remark(Told::Invalid, message)];
        }
        if self.reason.is_empty() {
            return vec![remark(Told::Invalid, format!("ignore[{listed}] does not hold without a reason after it"))];
        }
        match &self.until {
            Some(Until::Never(text)) => {
                return vec![remark(Told::Invalid, format!("ignore[{listed}] does not hold: `{text}` is no day, as 2031-05-31 is"))];
            }
            Some(until @ Until::Day(_, text)) if until.is_over(today) => {
                return vec![remark(Told::Expired, format!("ignore[{listed}] held until {text}"))];
            }
            _ => {}
        }
        if self.cover == Cover::Nothing {
            return vec![remark(Told::Invalid, format!("ignore-start[{listed}] does not hold: no `gatepost: ignore-end` follows it"))];
        }
        let fault = |(name, of, used): &(String, Of, bool)| match of {
            Of::Named(Named::Unknown) | Of::Value(Named::Unknown, _) => {
                Some(remark(Told::Invalid, format!("ignore[{name}] names no rule that there is")))
            }
            Of::Named(Named::Rule(_)) | Of::Value(Named::Rule(_), _) if complete && !used => {
                Some(remark(Told::Unused, format!("ignore[{name}] is not needed: nothing is found there")))
            }
            _ => None,
        };
        self.names.iter().filter_map(fault).collect()
    }
}

/// How ignores are taken in a run.
pub struct How<'h> {
    /// In days since 1970.
    pub today: i64,
    pub trust: Trust,
    /// Whether a finding shows a value that the change brings.
    pub is_news: &'h dyn Fn(&Finding) -> bool,
}

/// The ignores of all inputs.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    pub files: BTreeMap<FileId, Ignores>,
}

impl Suppressions {
    /// Gives blocks their ends, once all parts of every input are there.
    pub fn settle(&mut self) {
        self.files.values_mut().for_each(Ignores::settle);
    }

    pub fn add(&mut self, file: FileId, ignores: Ignores) {
        match self.files.get_mut(&file) {
            Some(known) => known.join(ignores),
            None => drop(self.files.insert(file, ignores)),
        }
    }

    /// Suppresses a finding if ignores speak of all that it is about: each of its places, or each instance of its resource.
    pub fn suppress(&mut self, finding: &mut Finding, how: &How<'_>) {
        if finding.state != State::Active {
            return;
        }
        let Some(held) = self.held(finding, how.today) else { return };
        let news = || (how.is_news)(finding);
        let first = match how.trust {
            Trust::All => &held[0],
            // A secret that came to stand where another was ignored is nobody's decision yet.
            Trust::Author => match held.iter().find(|ignore| ignore.is_new) {
                Some(new) => new,
                None if (finding.resource.is_none() || finding.primary.conceal.is_some()) && news() => {
                    return finding.message.push_str(FOR_ANOTHER);
                }
                None => &held[0],
            },
            Trust::Base => {
                if held.iter().any(|ignore| ignore.is_new) {
                    finding.suppressed_here = true;
                    return;
                }
                if news() {
                    return finding.message.push_str(FOR_ANOTHER);
                }
                &held[0]
            }
        };
        finding.state = State::Suppressed { by: first.by, reason: first.reason.clone() };
    }

    /// The ignores that together speak of a finding; never an empty list.
    fn held(&mut self, finding: &mut Finding, today: i64) -> Option<Vec<Ignore>> {
        let repeats = finding.related.iter().filter(|label| label.repeats).map(|label| &label.place);
        let places: Vec<Place> = std::iter::once(&finding.primary).chain(repeats).cloned().collect();
        let of_places: Vec<Ignore> = places.iter().filter_map(|place| self.at(place, finding, today)).collect();
        // One line's ignore does not speak for another line.
        if of_places.len() == places.len() {
            return Some(of_places);
        }
        let owners = std::mem::take(&mut finding.owners);
        let of_owners: Vec<Option<Ignore>> =
            owners.iter().map(|owner| owner.places.iter().find_map(|place| self.at(place, finding, today))).collect();
        let left = of_owners.iter().position(Option::is_none);
        finding.owners = owners;
        match left {
            None if !finding.owners.is_empty() => Some(of_owners.into_iter().flatten().collect()),
            // Of several instances, the first that nobody spoke of is told.
            Some(left) if of_owners.iter().any(Option::is_some) && finding.resource.is_some() => {
                finding.resource = Some(finding.owners[left].address.clone());
                None
            }
            _ => None,
        }
    }

    fn at(&mut self, place: &Place, finding: &Finding, today: i64) -> Option<Ignore> {
        self.files.get_mut(&place.file)?.at(place, finding, today)
    }
}

/// What is said where an ignore was there before the value.
const FOR_ANOTHER: &str = "; the ignore that stands here was written for another value";

#[cfg(test)]
mod tests;
