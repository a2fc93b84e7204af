//! Settings with credentials in them: which keys speak of a secret, and which values are one.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::base::secret::Secret;
use crate::finding::{Finding, Label, Masked, group_of};
use crate::rule::Rule;
use crate::secret::context::Context;
use crate::secret::setting::{Worth, credential, is_chance, literal, worth};
use crate::subject::Subject;
use crate::syntax::{dotenv, systemd};

/// A key and its literal value, wherever a reader found them. Ranges are bytes of what was read.
pub(super) struct Setting {
    /// What the value is called: the last name on the way to it.
    pub key: String,
    /// The way to it, `users/user/token`; its key where there is none.
    pub path: String,
    pub value: Range<usize>,
}

impl Setting {
    pub fn new(key: String, value: Range<usize>) -> Setting {
        Setting { path: key.clone(), key, value }
    }
}

pub(super) fn read_dotenv(bytes: &[u8]) -> Vec<Setting> {
    settings(bytes, dotenv::entries(bytes))
}

pub(super) fn read_systemd(bytes: &[u8]) -> Vec<Setting> {
    settings(bytes, systemd::environment(bytes))
}

fn settings(bytes: &[u8], entries: Vec<dotenv::Entry>) -> Vec<Setting> {
    let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
    entries.into_iter().map(|entry| Setting::new(text(entry.key), entry.value)).collect()
}

/// Characters of the shortest value that is no example of one.
const SHORTEST_CHANCE: usize = 16;

/// Places that a finding shows of one key.
const OF_A_KEY: usize = 3;

/// Keys that a message names, and places that a finding shows.
const SHOWN: usize = 10;

/// One finding for a file that sets at least one credential: its key says so.
pub(super) fn judge(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let real = settings.iter().filter_map(|setting| {
        Some((setting.key.as_str(), credential(&setting.key, bytes.get(setting.value.clone())?, setting.value.start)?))
    });
    found(rule, fix, real.collect(), subject)
}

/// The same where values are shown to be replaced: only one that was made by chance is anybody's.
pub(super) fn judge_chance(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let real = settings.iter().filter_map(|setting| {
        let part = credential(&setting.key, bytes.get(setting.value.clone())?, setting.value.start)?;
        let value = std::str::from_utf8(bytes.get(part.clone())?).ok()?;
        (value.len() >= SHORTEST_CHANCE && is_chance(value)).then_some((setting.key.as_str(), part))
    });
    found(rule, fix, real.collect(), subject)
}

/// The same for scripts, where most of what stands under such a key only names a secret.
pub(super) fn judge_literals(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let real = settings.iter().filter_map(|setting| {
        let start = setting.value.start;
        let part = literal(&setting.key, bytes.get(setting.value.clone())?)?;
        Some((setting.key.as_str(), start + part.start..start + part.end))
    });
    found(rule, fix, real.collect(), subject)
}

/// The same where the format says which values are passwords, whatever their keys are called.
pub(super) fn judge_passwords(rule: &Rule, fix: &str, settings: &[Setting], subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    let is_real = |value: &[u8]| {
        let text = &*String::from_utf8_lossy(value);
        worth(text) == Worth::Secret && !is_expanded(text)
    };
    let real = settings.iter().filter(|setting| bytes.get(setting.value.clone()).is_some_and(is_real));
    found(rule, fix, real.map(|setting| (setting.key.as_str(), setting.value.clone())).collect(), subject)
}

/// `$PASSWORD`, `%PASSWORD%`, `` `pass show x` ``: a password may begin with any sign, but is no name then.
fn is_expanded(value: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let percent = value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    value.starts_with('`')
        || value.strip_prefix('$').is_some_and(is_name)
        || percent.is_some_and(|name| is_name(name) || name.starts_with("env("))
}

/// One finding for all credentials of a file. The first that the change touches is the place.
pub(super) fn found(rule: &Rule, fix: &str, mut real: Vec<(&str, Range<usize>)>, subject: &Subject<'_>) -> Option<Finding> {
    let bytes = subject.bytes();
    if !real.iter().any(|(_, range)| subject.in_focus(range.clone())) {
        return None;
    }
    let whole: Vec<u8> = real.iter().flat_map(|(key, range)| [key.as_bytes(), b"=", &bytes[range.clone()], b"\n"].concat()).collect();
    let group = group_of(&rule.meta.id, &Secret::new(&whole));
    real.sort_by_key(|(_, range)| (!subject.in_focus(range.clone()), range.start));
    let ((_, primary), others) = real.split_first()?;
    let context = Context::of(subject.path);
    let mut message = format!("{}: {}", rule.meta.title, names(&real));
    if let Some(context) = context {
        message.push_str(", ");
        message.push_str(context.as_str());
    }
    // The rows of a table are alike: a few of them say so.
    let mut seen: HashMap<&str, usize> = HashMap::from([(real[0].0, 1)]);
    let mut shown: Vec<&(&str, Range<usize>)> = Vec::new();
    for other in others {
        let count = seen.entry(other.0).or_default();
        *count += 1;
        if *count <= OF_A_KEY && shown.len() < SHOWN {
            shown.push(other);
        }
    }
    let related = shown.into_iter().map(|(key, range)| Label {
        place: subject.place(range.clone()).concealed((0, 0)),
        text: format!("the value of {key}"),
        repeats: true,
    });
    Some(Finding {
        related: related.collect(),
        secrets: real.iter().map(|(_, range)| Masked { value: Secret::new(&bytes[range.clone()]), keep: (0, 0) }).collect(),
        ..super::finding(rule, fix, message, subject.place(primary.clone()).concealed((0, 0)), group, subject)
    })
}

fn names(real: &[(&str, Range<usize>)]) -> String {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let keys: Vec<&str> = real.iter().map(|(key, _)| *key).filter(|key| seen.insert(key)).collect();
    let more = keys.len().saturating_sub(SHOWN);
    let shown = keys.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
