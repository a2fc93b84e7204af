//! Resources as evaluated, without judging them: the window into the evaluator. Nothing leaves but through
//! [`Shown::seal`](crate::report::shown::Shown::seal).

mod draft;
mod query;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::base::span::FileId;
use crate::finding::{Failure, Masked, Place, Trouble};
use crate::iac::document::PartOf;
use crate::iac::gate::{self, Part};
use crate::iac::terraform::Terraform;
use crate::iac::{Evaluated, Files, Resource, document, is_resource};
use crate::input::{Content, ContentId, Focus, Input, InputPath, Inputs, Window};
use crate::report::shown::{FileCounts, Shown, ShownDraft, ShownProject};
use crate::rule::RuleSet;
use crate::secret::{Detector, Scratch};
use crate::settings::Variables;
use crate::source::{Bytes, Item, Sink, Source, SourceError, Worker};
use crate::subject::Subject;
use crate::syntax::{encoding, hcl};

use draft::Drafting;
pub use query::Query;
use tally::Tally;

/// What is wanted.
pub struct Request<'r> {
    pub query: Query,
    pub variables: &'r Variables,
    /// The folder of the root module that plans were made of.
    pub plan_root: Option<&'r [u8]>,
    /// Less than the folder that it is asked from: there may be callers elsewhere.
    pub within: bool,
    /// Only the numbers: no resource is kept.
    pub summary: bool,
    pub threads: usize,
}

/// What came of it.
pub struct Outcome {
    pub shown: Shown,
    /// Whether the query named something that is there.
    pub matched: bool,
    pub interrupted: bool,
}

/// Evaluates what a source holds. `rules` tell what is a secret.
///
/// # Errors
/// Where what was asked for makes no sense.
pub fn show(
    rules: &RuleSet,
    request: &Request<'_>,
    source: &dyn Source,
    stop: &AtomicBool,
    seen: &AtomicU64,
) -> Result<Outcome, SourceError> {
    let inputs = Inputs::new();
    let collect = Collect { inputs: &inputs, stop, seen, found: Mutex::default() };
    source.visit(&collect, request.threads)?;
    let Collected { candidates, troubles } = collect.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut run = Run {
        rules,
        request,
        detector: detector(rules),
        draft: ShownDraft { troubles, ..ShownDraft::default() },
        tally: Tally::default(),
        drafting: Drafting::default(),
        scanned: BTreeSet::new(),
        counted: BTreeSet::new(),
        matched: false,
        near: BTreeSet::new(),
    };
    if let Some(tree) = source.head() {
        let files = Files::new(tree, &inputs);
        let touched: BTreeSet<FileId> = candidates.keys().map(|path| files.file(path.bytes())).collect();
        run.terraform(&files, &candidates, &touched, stop);
        let templates = candidates.iter().filter(|(_, kind)| **kind == gate::Candidate::Template);
        let templates: Vec<&[u8]> = templates.map(|(path, _)| path.bytes()).collect();
        let asked: BTreeSet<&[u8]> = templates.iter().copied().collect();
        for path in document::roots(tree, &templates, &inputs).into_iter().map(InputPath::new) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            // Each with a memory of its own: one template has nothing to do with the next.
            run.document(&Files::new(tree, &inputs).with_plan_root(request.plan_root), &path, &asked);
        }
    }
    let Run { mut draft, tally, matched, near, .. } = run;
    tally.into_summary(&mut draft.summary);
    draft.inputs = inputs.into_table();
    let matched = matched || request.query.is_all();
    if !matched {
        draft.near = request.query.nearest(&near);
    }
    Ok(Outcome { shown: Shown::seal(draft), matched, interrupted: stop.load(Ordering::Relaxed) })
}

/// Every rule on secrets, whatever is asked for elsewhere: their values are masked.
fn detector(rules: &RuleSet) -> Detector {
    Detector::new(rules.rules().iter().enumerate()).expect("the built-in rules name validators that are there: a test holds them to it")
}

/// Files worth evaluating, as a walk meets them.
struct Collect<'a> {
    inputs: &'a Inputs,
    stop: &'a AtomicBool,
    seen: &'a AtomicU64,
    found: Mutex<Collected>,
}

#[derive(Default)]
struct Collected {
    candidates: BTreeMap<InputPath, gate::Candidate>,
    troubles: Vec<Trouble>,
}

impl Sink for Collect<'_> {
    fn worker(&self) -> Box<dyn Worker + Send + '_> {
        Box::new(Hand { collect: self })
    }

    fn wants_name(&self, _: &[u8]) -> bool {
        false
    }

    fn count_scanned(&self, _: u64) {}

    fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Bytes by which a file that is not read whole is told from a template.
const BEGINNING: u64 = 1 << 20;

struct Hand<'a> {
    collect: &'a Collect<'a>,
}

impl Hand<'_> {
    fn with(&self, add: impl FnOnce(&mut Collected)) {
        add(&mut self.collect.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn trouble(&self, input: &Input, kind: Failure, message: String, help: Option<String>) {
        let place = Some(Place::whole(self.collect.inputs.intern(input)));
        self.with(|found| found.troubles.push(Trouble { place, kind, message, help }));
    }
}

impl Worker for Hand<'_> {
    fn take(&mut self, item: Item<'_>) {
        self.collect.seen.fetch_add(1, Ordering::Relaxed);
        match item {
            Item::Content { input, bytes: Bytes::Whole(bytes), .. } => {
                if let Some(candidate) = gate::candidate(input.path.bytes(), bytes) {
                    self.with(|found| found.candidates.extend([(input.path.clone(), candidate)]));
                }
            }
            Item::Content { input, bytes: bytes @ (Bytes::File(_) | Bytes::Stream(_)), .. } => {
                let mut beginning = Vec::new();
                let read = match bytes {
                    Bytes::Whole(_) => Ok(0),
                    Bytes::File(file) => file.take(BEGINNING).read_to_end(&mut beginning),
                    Bytes::Stream(stream) => stream.take(BEGINNING).read_to_end(&mut beginning),
                };
                if let Err(error) = read {
                    return self.trouble(input, Failure::Unreadable, error.to_string(), None);
                }
                if gate::candidate(input.path.bytes(), &beginning).is_some() {
                    let help = Some("leave it out with --exclude".to_owned());
                    self.trouble(input, Failure::Limit, "too large to be evaluated".to_owned(), help);
                }
            }
            Item::Skipped { .. } => {}
            Item::Failed { input, kind, message, help } => self.trouble(input, kind, message, help),
        }
    }

    fn scan(&mut self, _: &Content<'_>) -> bool {
        false
    }
}

struct Run<'r> {
    rules: &'r RuleSet,
    request: &'r Request<'r>,
    detector: Detector,
    draft: ShownDraft,
    tally: Tally,
    drafting: Drafting,
    /// Files whose secrets are known.
    scanned: BTreeSet<FileId>,
    /// Templates that others call and that count already.
    counted: BTreeSet<FileId>,
    matched: bool,
    /// Addresses and kinds that were met, as far as a near name may be wanted.
    near: BTreeSet<String>,
}

/// Names that are remembered for "did you mean".
const MAX_NEAR: usize = 20_000;

impl Run<'_> {
    fn terraform(
        &mut self,
        files: &Files<'_>,
        candidates: &BTreeMap<InputPath, gate::Candidate>,
        touched: &BTreeSet<FileId>,
        stop: &AtomicBool,
    ) {
        let sources: Vec<&InputPath> =
            candidates.iter().filter(|(_, kind)| **kind == gate::Candidate::Terraform).map(|(path, _)| path).collect();
        let folders: BTreeSet<Vec<u8>> = sources.iter().map(|path| path.parent().to_vec()).collect();
        if folders.is_empty() {
            return;
        }
        let terraform = Terraform::new(files, self.request.variables).with_modules(self.rules.modules());
        for root in terraform.roots(&folders) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            // Values alone are no module.
            if !files.list(&root).is_ok_and(|entries| entries.iter().any(|entry| declares(entry.path.name()))) {
                continue;
            }
            self.draft.summary.roots += 1;
            let path = InputPath::new(if root.is_empty() { b"." } else { &root });
            for evaluated in terraform.evaluate(&root, &is_resource) {
                self.project(files, &path, Some("terraform"), &evaluated, Some(touched));
            }
        }
        let own: BTreeSet<Vec<u8>> = folders.iter().flat_map(|folder| terraform.folders(folder)).collect();
        let troubles = terraform.troubles(&own);
        let broken: BTreeSet<FileId> = troubles.iter().filter_map(|trouble| trouble.place.as_ref()).map(|place| place.file).collect();
        let known = files.known();
        for path in sources {
            let file = files.file(path.bytes());
            // Values that nobody asks for were not read.
            if matches!(gate::part(path.name()), Some(Part::Settings | Part::Automatic) | None) && !known.contains(&file) {
                continue;
            }
            count(&mut self.draft.summary.files, broken.contains(&file), || holds_something(files, file));
        }
        for trouble in troubles {
            self.tell(trouble);
        }
        self.secrets(files);
    }

    /// One of `templates` that no other calls.
    fn document(&mut self, files: &Files<'_>, path: &InputPath, templates: &BTreeSet<&[u8]>) {
        let (file, bytes) = match files.read(path.bytes()) {
            Ok(read) => read,
            Err(error) => {
                self.draft.summary.files.failed += 1;
                let place = Some(Place::whole(files.file(path.bytes())));
                return self.tell(Trouble { place, kind: Failure::Unreadable, message: error.to_string(), help: None });
            }
        };
        match document::evaluate_parts(files, path.bytes(), (file, &bytes), &is_resource) {
            Ok(parts) if parts.is_empty() => {}
            Ok(parts) => {
                let troubles = || parts.iter().flat_map(|part| &part.evaluated.troubles);
                let broken = troubles().any(|t| t.place.as_ref().is_none_or(|p| p.file == file));
                count(&mut self.draft.summary.files, broken, || true);
                // Templates that it calls are judged with it.
                for called in files.known().into_iter().filter(|known| *known != file) {
                    let is_asked = files.input(called).is_some_and(|input| templates.contains(input.path.bytes()));
                    if is_asked && self.counted.insert(called) {
                        let broken = troubles().any(|t| t.place.as_ref().is_some_and(|p| p.file == called));
                        count(&mut self.draft.summary.files, broken, || false);
                    }
                }
                let summary = &mut self.draft.summary;
                let (mut plan, mut state, mut template) = (false, false, false);
                for part in &parts {
                    match part.dialect {
                        "plan" => plan = true,
                        "state" => state = true,
                        _ => template = true,
                    }
                }
                summary.plans += u64::from(plan);
                summary.states += u64::from(state);
                summary.templates += u64::from(template);
                for PartOf { dialect, document, mut evaluated } in parts {
                    let document = document.map(|number| format!("document {number}"));
                    let about: Vec<&str> = document.as_deref().into_iter().chain(evaluated.variant.as_deref()).collect();
                    evaluated.variant = (!about.is_empty()).then(|| about.join(", ").into());
                    self.project(files, path, Some(dialect), &evaluated, None);
                }
            }
            Err(error) => {
                self.secrets(files);
                self.draft.summary.files.failed += 1;
                let place = files.pin(&BTreeSet::from([error.at])).into_values().next();
                let kind = if error.limit { Failure::Limit } else { Failure::Unparsed };
                let help = Some("nothing in this file was evaluated".to_owned());
                self.tell(Trouble { place: Some(place.unwrap_or_else(|| Place::whole(file))), kind, message: error.message, help });
            }
        }
    }

    fn tell(&mut self, trouble: Trouble) {
        if !self.draft.troubles.contains(&trouble) {
            self.draft.troubles.push(trouble);
        }
    }

    /// Of a project, what was asked for: with `touched`, what has to do with these files.
    fn project(
        &mut self,
        files: &Files<'_>,
        path: &InputPath,
        dialect: Option<&'static str>,
        evaluated: &Evaluated,
        touched: Option<&BTreeSet<FileId>>,
    ) {
        evaluated.troubles.iter().for_each(|trouble| self.tell(trouble.clone()));
        if evaluated.exhausted {
            let message = format!("{path} takes too much to evaluate");
            let help = Some("it is shown as far as it is known".to_owned());
            self.tell(Trouble { place: None, kind: Failure::Limit, message, help });
        }
        let asked = |resource: &Resource| {
            let places = std::iter::once(resource.header).chain(resource.trace.iter().map(|call| call.place));
            touched.is_none_or(|touched| places.into_iter().any(|place| touched.contains(&place.file)))
        };
        let resources: Vec<&Resource> = evaluated.resources.iter().filter(|resource| asked(resource)).collect();
        self.remember(&resources);
        self.secrets(files);
        let chosen = self.request.query.choose(&resources);
        self.matched |= !chosen.is_empty();
        if !self.request.query.is_all() && chosen.is_empty() {
            return;
        }
        let unset = self.tally.unset();
        for (resource, part) in &chosen {
            self.tally.resource(resource, part.as_ref().map_or(&resource.attrs, |(_, value)| value), evaluated);
        }
        self.tally.settle(files);
        if self.tally.is_spent() {
            let message = format!("{path} has more values than are counted");
            self.tell(Trouble {
                place: None,
                kind: Failure::Limit,
                message,
                help: Some("ask for less: an address, or a folder".to_owned()),
            });
        }
        let mut notes = evaluated.notes.clone();
        if self.request.within && touched.is_some() && self.tally.unset() > unset {
            notes.push(format!("{path} is shown alone: callers outside of what was asked for are not looked at"));
        }
        let calls = evaluated.unresolved.iter().filter(|call| touched.is_none_or(|touched| touched.contains(&call.place.file)));
        let modules = draft::modules(files, calls);
        self.tally.left_open(&notes, &modules);
        if self.request.summary || chosen.is_empty() && notes.is_empty() && modules.is_empty() {
            return;
        }
        let resources = self.drafting.resources(files, evaluated, &chosen);
        self.computed(&resources);
        self.draft.secrets.extend(evaluated.sensitive.iter().map(|sensitive| sensitive.masked.clone()));
        if self.drafting.is_spent() {
            let message = "there are more values than are shown".to_owned();
            self.tell(Trouble {
                place: None,
                kind: Failure::Limit,
                message,
                help: Some("ask for less: an address, or --summary".to_owned()),
            });
        }
        let variant = evaluated.variant.as_deref().map(str::to_owned);
        self.draft.projects.push(ShownProject { path: path.clone(), dialect, variant, notes, modules, resources });
    }

    fn remember(&mut self, resources: &[&Resource]) {
        if self.request.query.is_all() || self.near.len() > MAX_NEAR {
            return;
        }
        for resource in resources {
            self.near.extend([resource.address.to_string(), resource.kind.to_string()]);
            if let Some(path) = self.request.query.within(resource) {
                self.near.extend(query::names_beside(resource, &path));
            }
        }
    }

    /// The secrets of the files that were read since the last time.
    fn secrets(&mut self, files: &Files<'_>) {
        let new: Vec<FileId> = files.known().difference(&self.scanned).copied().collect();
        for file in new {
            self.scanned.insert(file);
            let Some(bytes) = files.bytes(file) else { continue };
            self.scan(file, &bytes);
        }
    }

    /// The secrets that evaluation has put together, with the names of their attributes before them.
    fn computed(&mut self, resources: &[crate::report::shown::ShownResource]) {
        let mut text = String::new();
        for resource in resources {
            draft::texts(resource, &mut text);
        }
        self.scan(FileId(u32::MAX), text.as_bytes());
    }

    fn scan(&mut self, file: FileId, bytes: &[u8]) {
        let decoded = encoding::detect(bytes).map(|encoding| encoding::decode_as(encoding, bytes, file));
        let matches = self.detector.scan(decoded.as_ref().map_or(bytes, |text| text.bytes()), &mut Scratch::default());
        if matches.is_empty() {
            return;
        }
        let content = Content { id: ContentId::Number(0), bytes, window: Window::WHOLE };
        let path = InputPath::new(b"");
        let subject = Subject::new(file, &path, &content, decoded.as_ref(), &Focus::Whole);
        let (findings, _) = self.detector.judge(self.rules, &matches, &subject);
        let known: BTreeSet<&[u8]> = self.draft.secrets.iter().map(|masked| masked.value.expose()).collect();
        let new: Vec<Masked> =
            findings.into_iter().flat_map(|finding| finding.secrets).filter(|masked| !known.contains(masked.value.expose())).collect();
        self.draft.secrets.extend(new);
    }
}

/// Whether a file makes its folder a module.
fn declares(name: &[u8]) -> bool {
    matches!(gate::part(name), Some(Part::Source | Part::Override | Part::Terragrunt))
}

fn count(files: &mut FileCounts, broken: bool, holds_something: impl FnOnce() -> bool) {
    match (broken, broken && holds_something()) {
        (false, _) => files.parsed += 1,
        (true, true) => files.partial += 1,
        (true, false) => files.failed += 1,
    }
}

/// Whether anything could be read of a file of Terraform that is not whole.
fn holds_something(files: &Files<'_>, file: FileId) -> bool {
    files.bytes(file).is_some_and(|bytes| {
        let body = hcl::parse(file, &bytes).body;
        !body.blocks.is_empty() || !body.attributes.is_empty()
    })
}
