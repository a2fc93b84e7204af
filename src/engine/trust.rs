//! What a change does to what decides about findings: the configuration, the baseline, ignores, rules, and the lines that run
//! gatepost at all. It does not decide about itself; once merged it would, so a reviewer is told.

mod runs;

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{Found, Gather};
use super::suppressions::is_there;
use crate::base::escape;
use crate::base::excerpt::Position;
use crate::base::ids::Severity;
use crate::base::secret::Secret;
use crate::base::span::FileId;
use crate::finding::{By, Masked, Place};
use crate::input::{InputPath, ReadError, Tree, files_below};
use crate::load::config::{NAME, config};
use crate::secret::Scratch;
use crate::settings::{Config, From, KEYS, Kind, Layer, Said, TOOLS, Trust};
use crate::suppress::baseline::{Baseline, Entry};
use crate::suppress::ignores::{Cover, Ignore, Ignores, blocks_of};
use crate::suppress::told::{Remark, Told};
use crate::syntax::encoding;

/// Remarks of one kind that are told; of more, how many there are.
const MOST: usize = 20;
/// Remarks of all kinds.
const ALL: usize = 100;

/// Folders of rules that are looked into.
const MOST_FOLDERS: usize = 10_000;

impl Gather<'_> {
    /// Tells what a change does to the policy of the repository.
    pub(super) fn policy_changes(&self, found: &mut Found) {
        let source = self.source;
        let (Some(head), true) = (source.head(), source.is_change()) else { return };
        let nothing = crate::source::memory::MemoryTree::default();
        let mut both = Both {
            gather: self,
            base: source.base().unwrap_or(&nothing),
            head,
            touched: source.touched(),
            remarks: Vec::new(),
            texts: BTreeMap::new(),
            more: 0,
        };
        both.configuration();
        both.runs();
        both.ignores(found);
        let (engine, more, mut any) = (self.engine, both.more, false);
        for (remark, path) in both.remarks {
            let Some(mut finding) = engine.remark(remark, &path) else { continue };
            any = true;
            // Who wrote it knows of it; nobody else's run goes by.
            finding.severity =
                if engine.settings.trust == Trust::Author { Severity::Info } else { finding.severity.max(engine.settings.fail_on) };
            // What the message quotes was not looked at, perhaps.
            let mut scratch = Scratch::default();
            let seen = engine.detector.sightings(finding.message.as_bytes(), &mut scratch);
            let masked = seen.into_iter().map(|seen| Secret::new(&finding.message.as_bytes()[seen.secret]));
            let masked: Vec<Masked> = masked.map(|value| Masked { value, keep: (0, 0) }).collect();
            finding.secrets.extend(masked);
            found.findings.push(finding);
        }
        if any && more > 0 {
            found.notes.push(format!("{more} more things that the change does to what judges it are not told one by one"));
        }
    }
}

struct Both<'b> {
    gather: &'b Gather<'b>,
    base: &'b dyn Tree,
    head: &'b dyn Tree,
    /// Sorted.
    touched: Vec<&'b InputPath>,
    remarks: Vec<(Remark, Vec<u8>)>,
    /// Files of which lines were told.
    texts: BTreeMap<String, Option<Vec<u8>>>,
    /// Remarks that are not told.
    more: usize,
}

/// A file of one side.
enum File {
    Absent,
    Text(Vec<u8>),
    /// It is there, and is not what it should be.
    Not(String),
}

fn file(tree: &dyn Tree, path: &str) -> File {
    match tree.read(path.as_bytes()) {
        Ok(bytes) => File::Text(bytes),
        Err(ReadError::Missing) => File::Absent,
        Err(error) => File::Not(error.to_string()),
    }
}

impl Both<'_> {
    fn tell(&mut self, path: &str, line: Option<u32>, message: String) {
        if self.remarks.len() >= ALL {
            self.more += 1;
            return;
        }
        let place = self.place(path, line);
        self.remarks.push((Remark { told: Told::Changed, place, message }, path.as_bytes().to_vec()));
    }

    /// A line of a file as it will be, or the file.
    fn place(&mut self, path: &str, line: Option<u32>) -> Place {
        let file = self.gather.inputs.intern(&self.head.input(path.as_bytes()));
        let Some(line) = line else { return Place::whole(file) };
        let text = self.texts.entry(path.to_owned()).or_insert_with(|| self.head.read(path.as_bytes()).ok());
        text.as_ref().map_or_else(|| Place::whole(file), |text| Place::of_line(file, text, line))
    }

    /// Whether the change touches a file, or one in a folder.
    fn touches(&self, path: &str) -> bool {
        let path = path.as_bytes();
        let from = self.touched.partition_point(|touched| touched.bytes() < path);
        let below = |touched: &[u8]| touched == path || touched.strip_prefix(path).is_some_and(|rest| rest.first() == Some(&b'/'));
        // A neighbour of another name may stand between a folder and what is in it.
        self.touched[from..].iter().take_while(|touched| touched.bytes().starts_with(path)).any(|touched| below(touched.bytes()))
    }

    fn configuration(&mut self) {
        let read = |file: &File| match file {
            File::Absent => Ok(Config::default()),
            File::Text(bytes) => config(NAME, bytes).map_err(|errors| errors[0].to_string()),
            File::Not(why) => Err(format!("{NAME}: {why}")),
        };
        let (was, now) = (file(self.base, NAME), file(self.head, NAME));
        let (old, new) = (read(&was).unwrap_or_default(), read(&now));
        self.other_spellings();
        match new {
            Err(why) if self.touches(NAME) => self.tell(NAME, None, format!("the configuration can no longer be read: {why}")),
            Err(_) => {}
            Ok(new) => {
                if matches!((&was, &now), (File::Text(_), File::Absent)) {
                    self.tell(NAME, None, "the configuration is taken away".to_owned());
                }
                if self.touches(NAME) {
                    self.settings(&old, &new);
                }
                let names = |config: &Config, key: &str| {
                    Layer::defaults().under(config.layer.clone()).all(key).iter().map(|said| said.text.clone()).collect::<BTreeSet<_>>()
                };
                let both = |key: &str| names(&old, key).into_iter().chain(names(&new, key)).collect::<BTreeSet<_>>();
                let names: BTreeSet<String> = both("baseline").iter().map(|name| plain(name)).collect();
                for name in names.iter().filter(|name| self.touches(name)).cloned().collect::<Vec<_>>() {
                    self.baseline(&name);
                }
                for folder in both("rules") {
                    let folder = plain(&folder);
                    if self.touches(&folder) {
                        self.rules(&folder);
                    }
                }
                let mut honored = both("honor");
                honored.extend(self.gather.engine.settings.honor.iter().map(|tool| (*tool).to_owned()));
                if honored.remove("all") {
                    honored.extend(TOOLS.map(str::to_owned));
                }
                for tool in honored {
                    self.honored(&tool);
                }
            }
        }
    }

    /// Where names have no case, another spelling would be read.
    fn other_spellings(&mut self) {
        let names = self.touched.iter().map(|path| path.to_str().into_owned());
        let names: Vec<String> = names.filter(|name| name != NAME && name.eq_ignore_ascii_case(NAME)).collect();
        for name in names.iter().filter(|name| self.head.size(name.as_bytes()).is_ok()) {
            self.tell(name, None, format!("`{name}` would be the configuration where names have no case"));
        }
    }

    /// What the settings of a configuration let through that they did not.
    fn settings(&mut self, old: &Config, new: &Config) {
        let (was, now) = (Layer::defaults().under(old.layer.clone()), Layer::defaults().under(new.layer.clone()));
        for key in KEYS {
            match key.kind {
                Kind::One => self.value(key.name, was.one(key.name), now.one(key.name)),
                Kind::Replace | Kind::Add => self.list(key.name, was.all(key.name), now.all(key.name)),
            }
        }
        let severities = |config: &Config| -> BTreeMap<String, (Severity, Said)> {
            config.severities.iter().map(|(rule, severity)| (rule.text.clone(), (*severity, rule.clone()))).collect()
        };
        let (was, now) = (severities(old), severities(new));
        for (rule, (severity, said)) in &now {
            let before = was.get(rule).map(|(severity, _)| *severity);
            if before.is_none_or(|before| *severity < before) {
                self.tell(NAME, line(said), format!("findings of `{rule}` become {severity}"));
            }
        }
        for rule in was.keys().filter(|rule| !now.contains_key(*rule)) {
            self.tell(NAME, None, format!("findings of `{rule}` get their own severity back"));
        }
        let entries = |config: &Config| config.allow.iter().map(said_of).collect::<BTreeSet<_>>();
        let before = entries(old);
        for entry in new.allow.iter().filter(|entry| !before.contains(&said_of(entry))) {
            let From::File { at: Position { line, .. }, .. } = &entry.from else { continue };
            self.tell(NAME, Some(*line), format!("`allow` gets an entry: {}", entry.reason));
        }
    }

    fn value(&mut self, name: &str, was: Option<&Said>, now: Option<&Said>) {
        let (was, text) = (was.map(|said| said.text.as_str()), now.map(|said| said.text.as_str()));
        let rank = |text: Option<&str>| Severity::ALL.iter().position(|severity| Some(severity.as_str()) == text);
        let looser = match name {
            "fail-on" => rank(text) > rank(was),
            "incomplete" => text == Some("warn") && was != Some("warn"),
            _ => text != was,
        };
        if looser {
            let word = |text: Option<&str>| text.map_or_else(|| "nothing".to_owned(), |text| format!("`{}`", escape::harmless(text)));
            self.tell(NAME, now.and_then(line), format!("`{name}` becomes {} (it was {})", word(text), word(was)));
        }
    }

    fn list(&mut self, name: &str, was: &[Said], now: &[Said]) {
        let texts = |list: &[Said]| list.iter().map(|said| said.text.clone()).collect::<BTreeSet<_>>();
        let (before, after) = (texts(was), texts(now));
        let order = |list: &[Said]| list.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
        // What is taken back in counts by its place.
        if name == "exclude" && order(was) != order(now) && before.union(&after).any(|glob| glob.starts_with('!')) {
            return self.tell(NAME, now.last().and_then(line), "`exclude` is another list, with globs that take back in".to_owned());
        }
        // More of these look at more, and fewer at less.
        let (adds, takes) = match name {
            "extend-select" => (false, true),
            "exclude" | "ignore" | "honor" => (true, false),
            _ => (true, true),
        };
        let added = now.iter().filter(|said| adds && !before.contains(&said.text));
        let added: Vec<(String, Option<u32>)> =
            added.map(|said| (format!("`{name}` gets `{}`", escape::harmless(&said.text)), line(said))).collect();
        for (message, line) in added {
            self.tell(NAME, line, message);
        }
        for gone in before.difference(&after).filter(|_| takes) {
            self.tell(NAME, None, format!("`{name}` loses `{}`", escape::harmless(gone)));
        }
    }

    fn baseline(&mut self, path: &str) {
        let read = |file: File| match file {
            File::Absent => Ok(Baseline::default()),
            File::Text(bytes) => Baseline::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| error.to_string()),
            File::Not(why) => Err(why),
        };
        let (was, now) = (read(file(self.base, path)).unwrap_or_default(), read(file(self.head, path)));
        let now = match now {
            Ok(now) => now,
            Err(why) => return self.tell(path, None, format!("the baseline can no longer be read: {why}")),
        };
        // What only moved with its file is no new finding.
        let gone = was.entries.values().filter(|entry| !now.entries.contains_key(&entry.fingerprint));
        let mut moved: BTreeMap<_, usize> = BTreeMap::new();
        for entry in gone.filter(|entry| !is_there(self.head, &entry.path, &<[u8]>::to_vec)) {
            *moved.entry(entry.what).or_default() += 1;
        }
        let is_known = |entry: &&Entry| {
            let as_it_was = was.entries.get(&entry.fingerprint).is_some_and(|old| old.what == entry.what && old.rule == entry.rule);
            as_it_was || moved.get_mut(&entry.what).is_some_and(|left| std::mem::replace(left, left.saturating_sub(1)) > 0)
        };
        let (_, new): (Vec<&Entry>, Vec<&Entry>) = now.entries.values().partition(is_known);
        if let Some(first) = new.first() {
            let text = self.head.read(path.as_bytes()).unwrap_or_default();
            let start = first.fingerprint.to_string();
            let at = text.split(|byte| *byte == b'\n').position(|line| line.starts_with(start.as_bytes()));
            let at = at.and_then(|at| u32::try_from(at + 1).ok());
            let what = if new.len() == 1 { "a finding".to_owned() } else { format!("{} findings", new.len()) };
            self.tell(path, at, format!("the baseline gets {what}: {} in {}", first.rule, first.path));
        }
    }

    fn rules(&mut self, folder: &str) {
        let files = |tree: &dyn Tree| match files_below(tree, folder.as_bytes(), MOST_FOLDERS) {
            Ok(files) => Ok(files.into_iter().map(|path| path.bytes().to_vec()).collect::<BTreeSet<_>>()),
            Err(ReadError::Missing) => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        };
        let (was, now) = match (files(self.base), files(self.head)) {
            (Ok(was), Ok(now)) => (was, now),
            (Err(error), _) | (_, Err(error)) => {
                return self.tell(folder, None, format!("what the change does to the rules here is not known: {error}"));
            }
        };
        let changed: Vec<&Vec<u8>> = was.union(&now).filter(|path| self.base.read(path).ok() != self.head.read(path).ok()).collect();
        self.more += changed.len().saturating_sub(MOST);
        for path in changed.iter().take(MOST) {
            let what = match (was.contains(*path), now.contains(*path)) {
                (true, false) => "takes rules away",
                (false, true) => "adds rules, which may take the place of others",
                _ => "changes rules",
            };
            let path = String::from_utf8_lossy(path).into_owned();
            self.tell(&path, None, format!("the change {what}"));
        }
    }

    fn honored(&mut self, tool: &str) {
        for path in crate::suppress::honor::files_of(tool).iter().map(|file| file.name) {
            if self.touches(path) {
                self.tell(path, None, format!("what {tool} leaves out is changed, and holds here too"));
            }
        }
    }

    /// Lines that run gatepost and are there no more.
    fn runs(&mut self) {
        let paths: Vec<Vec<u8>> =
            self.touched.iter().filter(|path| runs::may_run(&path.to_str())).map(|path| path.bytes().to_vec()).collect();
        for path in paths {
            let Ok(was) = self.base.read(&path) else { continue };
            let now = self.head.read(&path).unwrap_or_default();
            let name = String::from_utf8_lossy(&path).into_owned();
            let (was, now) = (String::from_utf8_lossy(&was), String::from_utf8_lossy(&now));
            let (was, now) = (runs::lines(&name, &was), runs::lines(&name, &now));
            if !was.iter().any(|line| line.contains("gatepost")) || was == now {
                continue;
            }
            let gone = was.iter().any(|line| !now.contains(line));
            let what = if gone { "a line that runs gatepost is gone or another" } else { "there are more words about how gatepost runs" };
            self.tell(&name, None, what.to_owned());
        }
    }

    /// Ignores that the change adds: what one speaks of may be known today, and another secret tomorrow.
    fn ignores(&mut self, found: &Found) {
        for (file, ignores) in &found.suppressions.files {
            let Some(input) = self.gather.inputs.get(*file) else { continue };
            let new = ignores.all.iter().filter(|ignore| ignore.is_new && !ignore.reason.is_empty() && self.is_told(ignore));
            // One mark may be two tools', and speak of two things.
            let mut marks = BTreeSet::new();
            let new: Vec<&Ignore> = new.filter(|ignore| ignore.by == By::Inline || marks.insert(ignore.place.span)).collect();
            self.more += new.len().saturating_sub(MOST);
            for ignore in new.into_iter().take(MOST) {
                let message = match ignore.by {
                    By::Tool(tool) => format!("the change adds a mark of {tool}: {}", ignore.reason),
                    By::Inline | By::Configuration | By::Other => format!("the change adds ignore[{}]: {}", ignore.listed(), ignore.reason),
                };
                let remark = Remark { told: Told::Changed, place: ignore.place.clone(), message };
                self.remarks.push((remark, input.path.bytes().to_vec()));
            }
            self.widened(&input.path, ignores);
        }
    }

    /// Whoever stages an ignore that is needed knows of it.
    fn is_told(&self, ignore: &Ignore) -> bool {
        self.gather.engine.settings.trust == Trust::Base || ignore.names.iter().all(|(.., used)| !used)
    }

    /// Blocks that were there, and now hold for lines that were there and that no block of theirs held for.
    fn widened(&mut self, path: &InputPath, ignores: &Ignores) {
        let is_block = |ignore: &&Ignore| matches!(ignore.cover, Cover::Lines(first, last) if ignore.is_block && first < last);
        let blocks: Vec<&Ignore> = ignores.all.iter().filter(|ignore| !ignore.is_new && self.is_told(ignore)).filter(is_block).collect();
        if blocks.is_empty() || self.touched.binary_search(&path).is_err() {
            return;
        }
        let (Ok(was), Ok(now)) = (self.base.read(path.bytes()), self.head.read(path.bytes())) else { return };
        let (was, now) = (plain_text(was), plain_text(now));
        let before = blocks_of(&was);
        let mut by_rules: BTreeMap<Vec<&str>, Vec<&Ignore>> = BTreeMap::new();
        for ignore in blocks {
            by_rules.entry(ignore.names.iter().map(|(name, ..)| name.as_str()).collect()).or_default().push(ignore);
        }
        self.more += by_rules.len().saturating_sub(MOST);
        for (names, blocks) in by_rules.iter().take(MOST) {
            let lines = |ignore: &&Ignore| if let Cover::Lines(first, last) = ignore.cover { (first, last) } else { (0, 0) };
            let held: Vec<(u32, u32)> =
                before.iter().filter(|(rules, ..)| rules == names).map(|(_, first, last)| (*first, *last)).collect();
            // How many times a line stood where no such block holds, and does no more.
            let mut open: BTreeMap<&[u8], usize> = BTreeMap::new();
            for (row, _) in rows_of(&was, &held).into_iter().filter(|(row, held)| !held && !row.is_empty()) {
                *open.entry(row).or_default() += 1;
            }
            let now = rows_of(&now, &blocks.iter().map(lines).collect::<Vec<_>>());
            for (row, _) in now.iter().filter(|(_, held)| !held) {
                open.entry(row).and_modify(|left| *left = left.saturating_sub(1));
            }
            for ignore in blocks {
                let (first, last) = lines(ignore);
                let inside = now.get(first as usize..(last as usize).saturating_sub(1)).unwrap_or_default();
                if inside.iter().any(|(row, _)| open.get(row).is_some_and(|left| *left > 0)) {
                    let message = format!("ignore-start[{}] holds for lines that it did not hold for: {}", ignore.listed(), ignore.reason);
                    self.tell(&path.to_str(), Some(last), message);
                }
            }
        }
    }
}

/// A text as UTF-8.
fn plain_text(bytes: Vec<u8>) -> Vec<u8> {
    match encoding::detect(&bytes) {
        Some(encoding) => encoding::decode_as(encoding, &bytes, FileId(0)).bytes().to_vec(),
        None => bytes,
    }
}

/// The lines of a text, each with whether it lies in a block. Blocks are given by their first and last lines, from 1.
fn rows_of<'t>(text: &'t [u8], blocks: &[(u32, u32)]) -> Vec<(&'t [u8], bool)> {
    let rows: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
    let mut depths = vec![0_i32; rows.len() + 2];
    for (first, last) in blocks {
        let last = (*last as usize).min(rows.len());
        depths[(*first as usize).min(last)] += 1;
        depths[last + 1] -= 1;
    }
    let mut depth = 0;
    rows.into_iter()
        .zip(&depths[1..])
        .map(|(row, change)| {
            depth += change;
            (row, depth > 0)
        })
        .collect()
}

fn line(said: &Said) -> Option<u32> {
    match &said.from {
        From::File { at, .. } => Some(at.line),
        _ => None,
    }
}

/// All that an entry of `allow` says but where it stands.
fn said_of(entry: &crate::settings::Allow) -> String {
    let value = entry.value.is_some();
    format!(
        "{:?} {:?} {:?} {value} {:?} {:?} {:?} {:?}",
        entry.fingerprints, entry.rules, entry.texts, entry.resource, entry.reason, entry.until, entry.lines
    )
}

/// A path without what means nothing: `./a//b/` is `a/b`.
fn plain(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}
