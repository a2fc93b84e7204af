//! What the workers of a run find, brought together. Every input is counted exactly once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::inside::Resources;
use super::repository;
use super::resources::{self, Candidates};
use super::scan::Engine;
use super::together::together;
use super::windows::{self, Stop};
use crate::base::span::FileId;
use crate::container::{self, Packed};
use crate::files::Wanted;
use crate::finding::{Change, Failure, Finding, Place, Skip, Trouble, Unanswered};
use crate::iac::gate;
use crate::input::{Carry, Content, ContentId, Focus, Input, InputPath, Inputs, Made, Origin, Window};
use crate::policy::Met;
use crate::report::{Counts, Draft};
use crate::secret::{ContentMatches, Scratch};
use crate::source::{About, Bytes, Item, Sink, Source, Worker};
use crate::subject::Subject;
use crate::suppress::ignores::Suppressions;
use crate::syntax::encoding::{self, Encoding};

/// Bytes of the longest input that is read as a whole because a rule wants all of it.
const LARGEST_WHOLE: u64 = 64 << 20;

/// The sink of a run.
pub struct Gather<'e> {
    pub(super) engine: &'e Engine<'e>,
    pub(super) source: &'e dyn Source,
    pub(super) stop: &'e AtomicBool,
    seen: &'e AtomicU64,
    pub(super) inputs: Inputs,
    found: Mutex<Found>,
    /// Matches of contents that were scanned before they had a name.
    known: Mutex<HashMap<ContentId, ContentMatches>>,
    /// The folders that are looked at, once somebody asks: the source asks the disk.
    roots: OnceLock<Vec<Vec<u8>>>,
}

/// What was found so far.
#[derive(Default)]
pub struct Found {
    pub findings: Vec<Finding>,
    /// Of rules that were not asked for: masked, not told.
    pub hidden: Vec<Finding>,
    pub troubles: Vec<Trouble>,
    pub unanswered: Vec<Unanswered>,
    pub counts: Counts,
    pub notes: Vec<String>,
    pub candidates: Candidates,
    pub suppressions: Suppressions,
    /// All files, where a rule asks for them.
    pub files: Vec<Met>,
}

impl Found {
    fn add(&mut self, other: Found) {
        self.findings.extend(other.findings);
        self.hidden.extend(other.hidden);
        self.troubles.extend(other.troubles);
        self.unanswered.extend(other.unanswered);
        self.counts.add(&other.counts);
        self.notes.extend(other.notes);
        self.candidates.extend(other.candidates);
        for (file, ignores) in other.suppressions.files {
            self.suppressions.add(file, ignores);
        }
        self.files.extend(other.files);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A worker's fault is contained in `judge`; what it had found before is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'e> Gather<'e> {
    pub fn new(engine: &'e Engine<'e>, source: &'e dyn Source, stop: &'e AtomicBool, seen: &'e AtomicU64) -> Self {
        let (inputs, found, known) = (Inputs::new(), Mutex::default(), Mutex::default());
        Gather { engine, source, stop, seen, inputs, found, known, roots: OnceLock::new() }
    }

    /// Evaluates resources, tells what a change has to do with each finding, and hands everything over.
    pub fn finish(self) -> Draft {
        let mut found = std::mem::take(&mut *lock(&self.found));
        let interrupted = self.stop.load(Ordering::SeqCst);
        if !interrupted {
            resources::judge(self.engine, self.source, &self.inputs, &mut found);
            repository::judge(self.engine, self.source, &self.inputs, &mut found);
        }
        for finding in &mut found.findings {
            if let Some(path) = self.source.in_repository(&finding.identity.path) {
                finding.identity.path = path.into();
            }
        }
        self.leave_out_passed(&mut found);
        self.suppress(&mut found);
        found.findings = together(std::mem::take(&mut found.findings));
        self.weigh(&mut found.findings);
        self.accept(&mut found);
        // Nothing that the repository says of itself speaks of these.
        if !interrupted {
            self.policy_changes(&mut found);
        }
        found.notes.extend(self.engine.settings.notes.iter().cloned());
        if self.source.is_change() {
            // The first are told more of: which these are must not depend on threads.
            let place = |f: &Finding| (self.inputs.get(f.primary.file), f.primary.span, f.rule.as_str().to_owned(), f.fingerprint());
            found.findings.sort_by_cached_key(place);
        }
        for finding in &mut found.findings {
            self.relate(finding);
            self.expose(finding);
        }
        self.leave_out_moved(&mut found);
        Draft {
            inputs: self.inputs.into_table(),
            findings: found.findings,
            hidden: found.hidden,
            troubles: found.troubles,
            unanswered: found.unanswered,
            counts: found.counts,
            notes: found.notes,
            rules: BTreeMap::new(),
            interrupted,
        }
    }

    fn is_passed(&self, finding: &Finding) -> bool {
        self.inputs.get(finding.primary.file).is_some_and(|input| self.source.is_passed(&input))
    }

    /// What a commit on the way had and an end still has is told there.
    fn leave_out_passed(&self, found: &mut Found) {
        let is_passed = |finding: &Finding| self.is_passed(finding);
        let there: HashSet<_> = found.findings.iter().filter(|finding| !is_passed(finding)).map(|finding| finding.group).collect();
        let (out, kept) =
            std::mem::take(&mut found.findings).into_iter().partition(|finding| there.contains(&finding.group) && is_passed(finding));
        found.findings = kept;
        // What they hold is masked all the same.
        found.hidden.extend::<Vec<Finding>>(out);
    }

    /// What the base had already, and the change or a commit on the way only moved about, is no news.
    fn leave_out_moved(&self, found: &mut Found) {
        let every = |finding: &Finding, holds: &dyn Fn(&[u8]) -> bool| finding.secrets.iter().all(|secret| holds(secret.value.expose()));
        let is_old = |finding: &mut Finding| {
            let existing = finding.change == Some(Change::Existing) && finding.is_credential();
            existing
                && if self.is_passed(finding) {
                    every(finding, &|value| self.source.was_there(value) == Some(true))
                } else {
                    every(finding, &|value| self.source.only_moved(value))
                }
        };
        let old: Vec<Finding> = found.findings.extract_if(.., is_old).collect();
        let moved = old.iter().filter(|finding| !self.is_passed(finding)).count();
        found.notes.extend(resources::told(
            moved,
            "credential was there before the change, which only moves it, and is not shown",
            "credentials were there before the change, which only moves them, and are not shown",
        ));
        found.hidden.extend(old);
    }

    /// Whether the value is new with the change, and what to do in either case.
    fn relate(&self, finding: &mut Finding) {
        let input = self.inputs.get(finding.primary.file);
        // The bytes of a container do not show what was in it.
        if finding.change.is_none() && input.as_ref().is_some_and(|input| input.path.container().is_none()) {
            let there: Vec<bool> = finding.secrets.iter().filter_map(|s| self.source.was_there(s.value.expose())).collect();
            if !there.is_empty() {
                finding.change = Some(if there.contains(&true) { Change::Existing } else { Change::New });
            }
        }
        let is_secret = finding.is_credential();
        let values: Vec<&[u8]> = finding.secrets.iter().map(|secret| secret.value.expose()).collect();
        if let (Some(change), Some(fix), Some(input)) = (finding.change, &mut finding.fix, input)
            && let Some(advice) = self.source.advice(&About { input: &input, change, is_secret, values: &values })
        {
            // What has not leaked needs none of the rule's own advice.
            fix.text = if change == Change::New { advice.text } else { format!("{} {}", advice.text, fix.text) };
            fix.commands.extend(advice.commands);
        }
    }
}

impl Gather<'_> {
    /// Since when it stands there; what a ref still has is exposed to this day.
    fn expose(&self, finding: &mut Finding) {
        let Some(mut exposure) = self.inputs.get(finding.primary.file).and_then(|input| self.source.exposure(&input)) else { return };
        if exposure.still_in.is_some() {
            exposure.until = exposure.until.max(self.engine.settings.today.saturating_mul(86_400));
        }
        finding.exposure = Some(Box::new(exposure));
    }

    pub(super) fn roots(&self) -> &[Vec<u8>] {
        self.roots.get_or_init(|| self.source.roots())
    }

    /// Whether somebody said that an input is not to be looked at.
    fn is_excluded(&self, input: &Input) -> bool {
        let exclude = &self.engine.settings.exclude;
        if exclude.is_empty() {
            return false;
        }
        let path = input.path.bytes();
        let from_top = self.source.in_repository(path);
        // The message of a commit has no path.
        !matches!(input.origin, Origin::Message { .. } | Origin::Root) && exclude.holds(from_top.as_deref().unwrap_or(path), false)
    }
}

impl Sink for Gather<'_> {
    fn worker(&self) -> Box<dyn Worker + Send + '_> {
        Box::new(Hand { gather: self, scratch: Scratch::default(), found: Found::default(), limited: false, packed: Resources::default() })
    }

    fn wants_name(&self, path: &[u8]) -> bool {
        self.engine.files.wants(path) > Wanted::Nothing
    }

    fn avoids(&self, path: &[u8]) -> bool {
        self.is_excluded(&Input { path: InputPath::new(path), origin: Origin::File })
    }

    fn note(&self, text: String) {
        lock(&self.found).notes.push(text);
    }

    fn key(&self) -> Option<[u8; 32]> {
        self.engine.key()
    }

    fn asks_resources(&self) -> bool {
        self.engine.policies.asks_resources
    }

    fn count_scanned(&self, bytes: u64) {
        self.seen.fetch_add(1, Ordering::Relaxed);
        let counts = &mut lock(&self.found).counts;
        counts.scanned += 1;
        counts.bytes += bytes;
    }

    fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// One thread's worker: it keeps what it found until it is dropped.
pub(super) struct Hand<'g> {
    pub(super) gather: &'g Gather<'g>,
    scratch: Scratch,
    pub(super) found: Found,
    /// The input at hand could not be judged by every rule.
    pub(super) limited: bool,
    /// What the container at hand holds for rules on resources.
    pub(super) packed: Resources,
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        lock(&self.gather.found).add(std::mem::take(&mut self.found));
    }
}

impl Worker for Hand<'_> {
    fn take(&mut self, item: Item<'_>) {
        self.gather.seen.fetch_add(1, Ordering::Relaxed);
        if let Item::Content { input, .. } | Item::Failed { input, .. } = &item
            && self.gather.is_excluded(input)
        {
            return self.skipped(Skip::Excluded);
        }
        match item {
            Item::Content { id, input, bytes, focus } => self.content(id, input, bytes, focus),
            Item::Skipped { skip, input } => {
                self.found.files.extend(
                    input.filter(|_| self.gather.engine.policies.asks_files).map(|input| Met { path: input.path.clone(), size: None }),
                );
                self.skipped(skip);
            }
            Item::Failed { input, kind, message, help } => self.failed(input, kind, message, help),
        }
    }

    fn scan(&mut self, content: &Content<'_>) -> bool {
        let matches = self.matches(content.bytes, encoding::detect(content.bytes));
        self.keep(content, matches)
    }

    fn scan_made(&mut self, content: &Content<'_>, made: Option<Made<'_>>) -> (bool, Option<Carry>) {
        // What is decoded first has other places.
        if encoding::detect(content.bytes).is_some() {
            return (self.scan(content), None);
        }
        let (matches, carry) = self.gather.engine.detector.scan_made(content.bytes, made, &mut self.scratch);
        (self.keep(content, matches), Some(carry))
    }

    fn also(&mut self, content: &Content<'_>, input: &Input) {
        if self.gather.is_excluded(input) {
            return;
        }
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let file = self.gather.inputs.intern(input);
            let decoded = encoding::detect(content.bytes).map(|e| encoding::decode_as(e, content.bytes, file));
            let subject = Subject::new(file, &input.path, content, decoded.as_ref(), &Focus::Whole);
            let mut findings = Vec::new();
            self.by_name(&subject, &mut findings);
            self.found.findings.extend(findings);
        }));
        if judged.is_err() {
            self.failed(input, Failure::Internal, "a fault of gatepost's own; please report it".to_owned(), None);
        }
    }

    fn resource(&mut self, input: &Input, bytes: &[u8]) {
        let policies = &self.gather.engine.policies;
        if !policies.asks_resources || self.gather.is_excluded(input) {
            return;
        }
        if let Some(candidate) = gate::candidate(input.path.bytes(), bytes) {
            policies.prepare();
            self.found.candidates.insert(input.path.clone(), candidate);
        }
    }
}

impl Hand<'_> {
    /// Keeps the matches of a content that has no name yet. Whether it needs one.
    fn keep(&mut self, content: &Content<'_>, matches: ContentMatches) -> bool {
        let any = !matches.is_empty();
        // What lies in a container is looked at once it has a name.
        if container::kind(content.bytes).or_else(|| container::kind_at_end(content.bytes)).is_some() {
            return true;
        }
        if any {
            lock(&self.gather.known).insert(content.id, matches);
        }
        any
    }

    fn skipped(&mut self, skip: Skip) {
        *self.found.counts.skipped.entry(skip).or_default() += 1;
    }

    fn failed(&mut self, input: &Input, kind: Failure, message: String, help: Option<String>) {
        self.found.counts.failed += 1;
        let place = Some(Place::whole(self.gather.inputs.intern(input)));
        self.found.troubles.push(Trouble { place, kind, message, help });
    }

    fn content(&mut self, id: ContentId, input: &Input, bytes: Bytes<'_>, focus: &Focus) {
        self.limited = false;
        let judged = catch_unwind(AssertUnwindSafe(|| match bytes {
            Bytes::Whole(bytes) => {
                let outer = self.found.findings.len();
                self.whole(id, input, bytes, focus);
                self.inside(input, Packed::Held(bytes), outer);
                Ok(bytes.len() as u64)
            }
            Bytes::File(file) => {
                let outer = self.found.findings.len();
                let read = self.windows(id, input, file, focus)?;
                self.inside(input, Packed::File(file), outer);
                Ok(read)
            }
            Bytes::Stream(stream) => self.stream(id, input, stream, focus),
        }));
        if self.gather.engine.policies.asks_files && self.gather.source.is_evaluated(input) {
            let size = if let Ok(Ok(size)) = judged { Some(size) } else { None };
            self.found.files.push(Met { path: input.path.clone(), size });
        }
        match judged {
            Ok(Ok(bytes)) => {
                self.found.counts.scanned += u64::from(!self.limited);
                self.found.counts.failed += u64::from(self.limited);
                self.found.counts.bytes += bytes;
            }
            Ok(Err(Stop::Io(error))) => self.failed(input, Failure::Unreadable, error.to_string(), None),
            Ok(Err(Stop::Interrupted)) => self.failed(input, Failure::Limit, "interrupted before its end".to_owned(), None),
            Ok(Err(Stop::TooLong)) => {
                let help = "split it; what lies beyond was not looked at".to_owned();
                self.failed(input, Failure::Limit, format!("longer than {} bytes", windows::LONGEST), Some(help));
            }
            Err(_) => self.failed(input, Failure::Internal, "a fault of gatepost's own; please report it".to_owned(), None),
        }
    }

    /// An input that is in memory.
    pub(super) fn whole(&mut self, id: ContentId, input: &Input, bytes: &[u8], focus: &Focus) {
        let mark = self.found.findings.len();
        let wanted = self.gather.engine.files.wants(input.path.inner());
        self.judge(&Content::whole(id, bytes), input, focus, encoding::detect(bytes), wanted);
        self.once(mark);
    }

    /// An input that is read in windows. Rules that want all of it see it first, where it is not too long for that.
    pub(super) fn windows(&mut self, id: ContentId, input: &Input, reader: &mut dyn Read, focus: &Focus) -> Result<u64, Stop> {
        let mark = self.found.findings.len();
        let mut wanted = self.gather.engine.files.wants(input.path.inner());
        let mut start = Vec::new();
        if wanted == Wanted::Whole {
            (&mut *reader).take(LARGEST_WHOLE + 1).read_to_end(&mut start).map_err(Stop::Io)?;
            if start.len() as u64 <= LARGEST_WHOLE {
                let content = Content::whole(id, &start);
                let file = self.gather.inputs.intern(input);
                let decoded = encoding::detect(&start).map(|e| encoding::decode_as(e, &start, file));
                let subject = Subject::new(file, &input.path, &content, decoded.as_ref(), focus);
                let mut findings = Vec::new();
                self.by_name(&subject, &mut findings);
                self.found.findings.extend(findings);
                wanted = Wanted::Nothing;
            }
        }
        let mut reader = start.as_slice().chain(reader);
        let (mut encoding, stop) = (None, self.gather.stop);
        let read = windows::each(&mut reader, stop, |bytes, window| {
            if window.offset == 0 {
                encoding = encoding::detect(bytes);
            }
            self.judge(&Content { id, bytes, window }, input, focus, encoding, wanted);
        });
        self.leave_out_cut(mark);
        self.once(mark);
        read
    }

    /// A thing that several windows of one input show is one finding: the gravest, for a window's end may have cut a
    /// pair in two.
    fn once(&mut self, mark: usize) {
        let mut own = self.found.findings.split_off(mark);
        own.sort_by_key(|f| (std::cmp::Reverse(f.severity), f.primary.span));
        let mut seen = HashSet::new();
        own.retain(|f| seen.insert((f.rule.clone(), f.group)));
        self.found.findings.append(&mut own);
    }

    /// What a window's end cut is told whole by the next one; the part that was read as something else is not told.
    fn leave_out_cut(&mut self, mark: usize) {
        let mut own = self.found.findings.split_off(mark);
        let mut ends: HashMap<u32, u32> = HashMap::new();
        let places = own.iter().flat_map(|f| std::iter::once(&f.primary).chain(f.related.iter().map(|label| &label.place)));
        for span in places.filter_map(|place| place.span) {
            let end = ends.entry(span.start).or_default();
            *end = (*end).max(span.end);
        }
        let is_cut = |f: &mut Finding| f.primary.span.is_some_and(|span| ends.get(&span.start).is_some_and(|end| *end > span.end));
        let cut: Vec<Finding> = own.extract_if(.., is_cut).collect();
        if let Some(first) = own.first_mut() {
            // Its half of a value is masked all the same.
            first.secrets.extend(cut.into_iter().flat_map(|finding| finding.secrets));
        }
        self.found.findings.append(&mut own);
    }

    /// The input counts as failed, though what was found in it is told.
    fn limit(&mut self, file: FileId, message: String, help: &str) {
        self.incomplete(file, Failure::Limit, message, help);
    }

    /// The same for any reason.
    pub(super) fn incomplete(&mut self, file: FileId, kind: Failure, message: String, help: &str) {
        self.limited = true;
        self.found.troubles.push(Trouble { place: Some(Place::whole(file)), kind, message, help: Some(help.to_owned()) });
    }

    fn matches(&mut self, bytes: &[u8], encoding: Option<Encoding>) -> ContentMatches {
        match encoding.map(|e| encoding::decode_as(e, bytes, FileId(0))) {
            Some(text) => self.gather.engine.detector.scan(text.bytes(), &mut self.scratch),
            None => self.gather.engine.detector.scan(bytes, &mut self.scratch),
        }
    }

    /// `wanted`: what rules on its name are to see of it here.
    fn judge(&mut self, content: &Content<'_>, input: &Input, focus: &Focus, encoding: Option<Encoding>, wanted: Wanted) {
        let engine = self.gather.engine;
        let policies = &engine.policies;
        let candidate = if policies.asks_resources && self.gather.source.is_evaluated(input) {
            gate::candidate(input.path.inner(), content.bytes)
        } else {
            None
        };
        if content.window == Window::WHOLE {
            if candidate.is_some() {
                policies.prepare();
            }
            if let Some(candidate) = candidate {
                self.candidate(input, content.bytes, candidate);
            }
        } else if content.window.offset == 0 && (wanted == Wanted::Whole || candidate.is_some()) {
            let message = "too large to be judged as a whole: only secrets were looked for".to_owned();
            self.limit(self.gather.inputs.intern(input), message, "split it, or leave it out with --exclude");
        }
        let known = match content.id {
            ContentId::Object(_) => lock(&self.gather.known).remove(&content.id),
            ContentId::Number(_) => None,
        };
        let matches = known.unwrap_or_else(|| self.matches(content.bytes, encoding));
        let marked = encoding.is_some() || engine.may_ignore(content.bytes);
        if matches.is_empty() && wanted == Wanted::Nothing && !marked {
            return;
        }
        let file = self.gather.inputs.intern(input);
        let decoded = encoding.map(|e| encoding::decode_as(e, content.bytes, file));
        let subject = Subject::new(file, &input.path, content, decoded.as_ref(), focus);
        if matches.limited {
            self.limit(
                file,
                "more of it is encoded, or only looks like a secret, than is looked at".to_owned(),
                "split it, or leave it out with --exclude",
            );
        }
        let (mut findings, more) = engine.detector.judge(engine.rules, &matches, &subject);
        self.found.hidden.extend(findings.extract_if(.., |f| !engine.tells(&f.rule)));
        if more > 0 {
            self.limit(file, format!("{more} more findings in this input are not told"), "look at the ones that are, and scan again");
        }
        if wanted > Wanted::Nothing {
            self.by_name(&subject, &mut findings);
        }
        if marked {
            let ignores = self.gather.read_ignores(input, &subject);
            if !ignores.is_empty() {
                self.found.suppressions.add(file, ignores);
            }
        }
        self.found.findings.extend(findings);
    }

    /// What rules on its name say of a content, beside what was found in it.
    fn by_name(&mut self, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
        let engine = self.gather.engine;
        let judged = engine.files.judge(engine.rules, subject);
        for finding in judged.findings {
            // A rule tells one thing of a file, however many windows show it.
            let told = self.found.findings.iter_mut().find(|told| told.rule == finding.rule && told.primary.file == finding.primary.file);
            match told.filter(|_| subject.content.window.offset > 0) {
                // What another finding of this window shows of it is masked.
                Some(told) if !findings.is_empty() => told.secrets.extend(finding.secrets),
                Some(_) => {}
                None => findings.push(finding),
            }
        }
        if let Some(unread) = judged.unread {
            let kind = if unread.limit { Failure::Limit } else { Failure::Unparsed };
            self.incomplete(subject.file, kind, unread.message, "mend it, or leave it out with --exclude");
        }
    }
}
