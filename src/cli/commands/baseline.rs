//! `gatepost baseline create|update|audit`: what was there before, apart from what is new.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, Write as _};
use std::path::{Path, PathBuf};

use super::prepare::{Prepared, prepare};
use super::scan::look;
use crate::base::escape;
use crate::base::ids::Fingerprint;
use crate::cli::args::{self, BaselineCommand, Color, Scan};
use crate::cli::exit::Exit;
use crate::cli::output::{self, Fault};
use crate::finding::State;
use crate::render;
use crate::report::{Counts, Report, SealedFinding};
use crate::rule::Body;
use crate::source::top_of;
use crate::suppress::baseline::{self, Baseline, Entry, Verdict};

/// # Errors
/// Where words are wrong, or the file cannot be read or written.
pub fn run(command: &args::Baseline, color: Color) -> Result<Exit, Fault> {
    match &command.command {
        BaselineCommand::Create { force, scan } => create(&of_all(scan)?, *force),
        BaselineCommand::Update { add, scan } => update(&of_all(scan)?, *add),
        BaselineCommand::Audit { all, scan } => audit(&of_all(scan)?, *all, color),
    }
}

/// The words of a scan of all of the repository, whichever of its folders is at hand.
fn of_all(scan: &Scan) -> Result<Scan, Fault> {
    if !scan.paths.is_empty() || scan.staged || scan.diff.is_some() || scan.pre_push.is_some() {
        return Err(Fault::usage("a baseline is of all of the repository").help("leave the paths, --staged and --diff out"));
    }
    let top = top_of(Path::new("."));
    let is_here = scan.isolated || fs::canonicalize(".").is_ok_and(|here| here == top);
    Ok(Scan { paths: if is_here { Vec::new() } else { vec![top] }, ..scan.clone() })
}

/// The baseline's path on the disk, and what was prepared to look at all of the repository.
fn prepared(scan: &Scan) -> Result<(Prepared, PathBuf), Fault> {
    let prepared = prepare(scan)?;
    let name = prepared.said.one("baseline").map_or(".gatepost-baseline", |said| &said.text);
    let path = if scan.baseline.is_some() { PathBuf::from(name) } else { prepared.top.join(name) };
    Ok((prepared, path))
}

/// The same of one that is there.
fn existing(scan: &Scan) -> Result<(Prepared, PathBuf), Fault> {
    let (prepared, path) = prepared(scan)?;
    if path.exists() {
        return Ok((prepared, path));
    }
    Err(Fault::usage(format!("{} is not there", shown(&prepared, &path))).help("`gatepost baseline create` writes it"))
}

fn create(scan: &Scan, force: bool) -> Result<Exit, Fault> {
    // A file that is named may not be there yet.
    let named = scan.baseline.as_ref().is_some_and(|path| !path.exists());
    let words = Scan { no_baseline: true, baseline: None, ..scan.clone() };
    let (prepared, default) = prepared(&words)?;
    let path = scan.baseline.clone().unwrap_or(default);
    if path.is_symlink() {
        return Err(Fault::usage(format!("{} is a link: nothing is written through it", shown(&prepared, &path))));
    }
    if path.exists() && !force && !named {
        let help = "`gatepost baseline update` takes out what is gone; --force writes it anew";
        return Err(Fault::usage(format!("{} is there already", shown(&prepared, &path))).help(help));
    }
    let report = look(&words, &prepared)?;
    let entries = entries(&prepared, &report);
    write(&path, &entries)?;
    let count = entries.len();
    output::print(format!("{}: {count} {}\n", shown(&prepared, &path), findings(count)).as_bytes())?;
    if prepared.top.join(".git").exists() {
        union(&prepared, &path)?;
    }
    Ok(ended(&report))
}

/// A line for every finding that counts.
fn entries(prepared: &Prepared, report: &Report) -> Entries {
    report.active().filter(|f| is_kept(prepared, f)).map(|f| (f.fingerprint, entry(f, Verdict::Open))).collect()
}

/// The baseline of all of a repository as a text, with how many findings are in it, and whether everything was looked at.
///
/// # Errors
/// As a scan.
pub(super) fn proposed(scan: &Scan) -> Result<(String, usize, bool), Fault> {
    let words = Scan { no_baseline: true, ..scan.clone() };
    let prepared = prepare(&words)?;
    let report = look(&words, &prepared)?;
    let entries = entries(&prepared, &report);
    let count = entries.len();
    Ok((Baseline { entries }.print(), count, !report.is_incomplete()))
}

fn update(scan: &Scan, add: bool) -> Result<Exit, Fault> {
    let (prepared, path) = existing(scan)?;
    let report = look(scan, &prepared)?;
    let old = &prepared.baseline;
    let mut entries = carried(old, &report);
    let mut new = 0;
    for finding in report.active().filter(|f| is_kept(&prepared, f)) {
        new += 1;
        if add {
            entries.insert(finding.fingerprint, entry(finding, Verdict::Open));
        }
    }
    let left = Left::of(&prepared, &report);
    for (print, entry) in &old.entries {
        if left.may_hold(&prepared, entry) && !entries.values().any(|known| known.what == entry.what && known.path == entry.path) {
            entries.insert(*print, entry.clone());
        }
    }
    // After a union merge the lines are in another order, which is nothing to be told of.
    if entries != old.entries {
        write(&path, &entries)?;
    }
    let gone = old.entries.len().saturating_sub(entries.len() - if add { new } else { 0 });
    let what = if add { "added" } else { "not added (--add adds them)" };
    let mut said = format!("{}: {} {}", shown(&prepared, &path), entries.len(), findings(entries.len()));
    let _ = write!(said, ", {gone} taken out");
    if new > 0 {
        let _ = write!(said, ", {new} new {what}");
    }
    said.push('\n');
    output::print(said.as_bytes())?;
    Ok(ended(&report))
}

/// What was not looked at, or not in full: what was known to be there may still be.
enum Left {
    /// Some files, by their paths as baselines have them.
    Files(Vec<String>),
    /// Nobody can say what.
    Anything,
}

impl Left {
    fn of(prepared: &Prepared, report: &Report) -> Left {
        let failed = usize::try_from(report.counts.failed).unwrap_or(usize::MAX);
        if report.interrupted || report.troubles.iter().any(|trouble| trouble.place.is_none()) || failed > report.troubles.len() {
            return Left::Anything;
        }
        let path = |bytes: &[u8]| {
            let below = prepared.source.as_ref().ok().and_then(|source| source.in_repository(bytes));
            baseline::path(&String::from_utf8_lossy(below.as_deref().unwrap_or(bytes)))
        };
        Left::Files(report.troubles.iter().filter_map(|trouble| Some(path(trouble.place.as_ref()?.path.bytes()))).collect())
    }

    fn may_hold(&self, prepared: &Prepared, entry: &Entry) -> bool {
        let Left::Files(files) = self else { return true };
        // A folder's finding is about all that is evaluated with it, wherever that lies.
        let is_folder = entry.path == "." || prepared.top.join(&entry.path).is_dir();
        let holds =
            |file: &String| entry.path.strip_prefix(file.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['!', '/']));
        !files.is_empty() && (is_folder || files.iter().any(holds))
    }
}

/// The entries that are still found, each with what was said of it.
fn carried(old: &Baseline, report: &Report) -> Entries {
    let verdict = |f: &SealedFinding| {
        let same = old.entries.get(&f.fingerprint).or_else(|| old.entries.values().find(|entry| entry.what == f.what));
        same.map_or(Verdict::Open, |entry| entry.verdict)
    };
    let kept = report.findings.iter().filter(|f| f.state == State::Baselined);
    kept.map(|f| (f.fingerprint, entry(f, verdict(f)))).collect()
}

/// By what findings are known by now.
type Entries = BTreeMap<Fingerprint, Entry>;

fn entry(f: &SealedFinding, verdict: Verdict) -> Entry {
    Entry { fingerprint: f.fingerprint, what: f.what, rule: f.rule.to_string(), verdict, path: baseline::path(&f.known_in) }
}

/// What is said of suppressions is mended by taking them out, and is no finding that waits.
fn is_kept(prepared: &Prepared, f: &SealedFinding) -> bool {
    let rules = &prepared.loaded.rules;
    rules.find(f.rule.as_str()).is_none_or(|index| !matches!(rules.rules()[index].body, Body::Suppression(_)))
}

fn write(path: &std::path::Path, entries: &Entries) -> Result<(), Fault> {
    output::save(path, Baseline { entries: entries.clone() }.print().as_bytes())
}

/// The file's path from the top of the repository, where it lies there.
fn shown(prepared: &Prepared, path: &Path) -> String {
    escape::name(&path.strip_prefix(&prepared.top).unwrap_or(path).display().to_string()).into_owned()
}

fn findings(count: usize) -> &'static str {
    if count == 1 { "finding" } else { "findings" }
}

fn ended(report: &Report) -> Exit {
    if report.is_incomplete() {
        output::note("not everything was looked at: what could not be read is not in it");
        return Exit::Incomplete;
    }
    Exit::Clean
}

/// Tells git to keep the lines of both sides where two branches changed the baseline.
fn union(prepared: &Prepared, path: &Path) -> Result<(), Fault> {
    let Some(name) = path.strip_prefix(&prepared.top).ok().and_then(|path| path.to_str()) else { return Ok(()) };
    let attributes = prepared.top.join(".gitattributes");
    if attributes.is_symlink() {
        return Ok(());
    }
    let old = match fs::read_to_string(&attributes) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        // Nothing is lost without it but a little comfort.
        Err(_) => return Ok(()),
    };
    if old.lines().any(|line| line.split_whitespace().next() == Some(name)) || name.contains(char::is_whitespace) {
        return Ok(());
    }
    let feed = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    output::save(&attributes, format!("{old}{feed}{name} merge=union\n").as_bytes())?;
    output::print(format!(".gitattributes: `{} merge=union`, so that branches merge it without conflicts\n", escape::name(name)).as_bytes())
}

/// What somebody may answer.
enum Answer {
    Is(Verdict),
    Skip,
    Back,
    Quit,
}

fn audit(scan: &Scan, all: bool, color: Color) -> Result<Exit, Fault> {
    let (prepared, path) = existing(scan)?;
    let report = look(scan, &prepared)?;
    let mut entries = carried(&prepared.baseline, &report);
    for (print, entry) in &prepared.baseline.entries {
        entries.entry(*print).or_insert_with(|| entry.clone());
    }
    let asked: Vec<&SealedFinding> = report
        .findings
        .iter()
        .filter(|f| f.state == State::Baselined)
        .filter(|f| all || entries.get(&f.fingerprint).is_some_and(|entry| entry.verdict == Verdict::Open))
        .collect();
    let style = output::style(color);
    let (mut at, mut lines) = (0, io::stdin().lock().lines());
    while let Some(finding) = asked.get(at) {
        let one = Report {
            findings: vec![active(finding)],
            troubles: Vec::new(),
            unanswered: Vec::new(),
            counts: Counts::default(),
            notes: Vec::new(),
            rules: report.rules.clone(),
            compared: None,
            interrupted: false,
        };
        let mut text = Vec::new();
        let human = render::format("human").expect("there is one");
        (human.render)(&one, &style, &mut text).map_err(|error| Fault::usage(error.to_string()))?;
        output::print(&text)?;
        output::print(format!("{} of {}: (r)eal, (f)alse alarm, (a)ccepted, (s)kip, (b)ack, (q)uit? ", at + 1, asked.len()).as_bytes())?;
        io::stdout().flush().ok();
        let Some(Ok(line)) = lines.next() else { break };
        let answer = match line.trim() {
            "r" | "real" => Answer::Is(Verdict::Real),
            "f" | "false" => Answer::Is(Verdict::False),
            "a" | "accepted" => Answer::Is(Verdict::Accepted),
            "b" | "back" => Answer::Back,
            "q" | "quit" => Answer::Quit,
            "s" | "skip" | "" => Answer::Skip,
            _ => continue,
        };
        match answer {
            Answer::Is(verdict) => {
                if let Some(entry) = entries.get_mut(&finding.fingerprint) {
                    entry.verdict = verdict;
                }
                at += 1;
            }
            Answer::Skip => at += 1,
            Answer::Back => at = at.saturating_sub(1),
            Answer::Quit => break,
        }
        write(&path, &entries)?;
    }
    let count = |verdict| entries.values().filter(|entry| entry.verdict == verdict).count();
    let counts: Vec<String> = Verdict::ALL.into_iter().map(|verdict| format!("{} {}", count(verdict), verdict.as_str())).collect();
    output::print(format!("\n{}: {}\n", shown(&prepared, &path), counts.join(", ")).as_bytes())?;
    Ok(Exit::Clean)
}

/// The same as if nobody knew it, to be shown.
fn active(finding: &SealedFinding) -> SealedFinding {
    SealedFinding { state: State::Active, ..finding.clone() }
}
