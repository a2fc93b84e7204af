//! Resources of a run: which inputs hold them, judged once all inputs are known, as they will be and as they were.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::callers;
use super::gather::Found;
use super::scan::Engine;
use crate::base::span::{FileId, Span};
use crate::finding::{Change, Dialect, Finding, Fix, Identity, Place, Snippet, Trouble, Unanswered};
use crate::iac::gate::{self, Candidate};
use crate::input::{InputPath, Inputs, Tree};
use crate::policy::{Breach, Compiled, Judged, commonest};
use crate::rule::def::Page;
use crate::source::Source;
use crate::source::memory::MemoryTree;

/// Inputs that hold resources, perhaps.
pub type Candidates = BTreeMap<InputPath, Candidate>;

/// Judges the candidates of a source, and adds what comes of it to what was found.
pub fn judge(engine: &Engine<'_>, source: &dyn Source, inputs: &Inputs, found: &mut Found) {
    if !engine.policies.asks_resources {
        return;
    }
    let candidates = std::mem::take(&mut found.candidates);
    // A module is another without a file that it had.
    let gone: BTreeSet<Vec<u8>> =
        source.gone().iter().filter(|path| gate::is_terraform(path.name())).map(|path| path.parent().to_vec()).collect();
    if candidates.is_empty() && gone.is_empty() {
        return;
    }
    let Some(head) = source.resources() else {
        let what = "input may hold resources, and rules on resources need files side by side: scan a tree for them";
        found.notes.extend(told(candidates.len(), what, &what.replace("input", "inputs")));
        return;
    };
    let (policy, is_change) = (engine.policies.get(), source.is_change());
    let mut asked = Asked::of(&candidates);
    asked.folders.extend(gone);
    let mut tree = callers::Remembered::new(head);
    let mut notes =
        if is_change { callers::add(policy, &mut tree, source.base(), &mut asked.folders, engine.settings.threads) } else { Vec::new() };
    let now = asked.judge(engine, policy, &tree, inputs);
    // What a finding is compared with is looked for only where there is one. Callers that the change took the call from
    // are among the folders that it touches.
    let before: BTreeSet<_> = match source.base() {
        Some(base) if !now.findings.is_empty() => {
            asked.judge(engine, policy, base, &Inputs::new()).findings.into_iter().map(|breach| breach.finding.fingerprint()).collect()
        }
        _ => BTreeSet::new(),
    };
    let touched: BTreeSet<FileId> = candidates.keys().map(|path| inputs.intern(&head.input(path.bytes()))).collect();
    // What a change does to a neighbour counts; a neighbour that was not asked about does not.
    let is_asked = |f: &Finding| {
        is_change || std::iter::once(&f.primary).chain(f.related.iter().map(|l| &l.place)).any(|place| touched.contains(&place.file))
    };
    let findings = now.findings.into_iter().map(|Breach { rule, dialect, mut finding }| {
        finding.fix.get_or_insert_with(|| fix(engine.rules.page(rule), dialect));
        finding.change = is_change.then_some(Change::New);
        finding
    });
    let (old, mut new): (Vec<Finding>, Vec<Finding>) = findings.filter(is_asked).partition(|f| before.contains(&f.fingerprint()));
    found.findings.append(&mut new);
    found.notes.append(&mut notes);
    found.notes.extend(now.notes);
    found.notes.extend(told(
        old.len(),
        "finding was in these resources before the change and is not shown",
        "findings were in these resources before the change and are not shown",
    ));
    found.notes.extend(unanswered(&now.unknown, inputs));
    found.unanswered.extend(now.unknown);
    fail(now.troubles, &touched, found);
}

/// Judges what lies in a container by itself. Whether all of it could be judged.
pub fn judge_packed(engine: &Engine<'_>, tree: &MemoryTree, candidates: &Candidates, inputs: &Inputs, found: &mut Found) -> bool {
    let judged = Asked::of(candidates).judge(engine, engine.policies.get(), tree, inputs);
    let with_fix = |Breach { rule, dialect, mut finding }: Breach| {
        finding.fix.get_or_insert_with(|| fix(engine.rules.page(rule), dialect));
        // The same module in two containers is no two versions of one file.
        let container = tree.container.as_ref().map_or(&[][..], |outer| outer.path.bytes());
        finding.identity = Identity::new(finding.group, container);
        finding
    };
    let mut findings: Vec<Finding> = judged.findings.into_iter().map(with_fix).collect();
    found.findings.append(&mut findings);
    found.notes.extend(judged.notes);
    found.unanswered.extend(judged.unknown);
    let is_complete = judged.troubles.is_empty();
    found.troubles.extend(judged.troubles);
    is_complete
}

/// What a rule says to do, with its source in the dialect of the resource.
pub(super) fn fix(page: &Page, dialect: Option<Dialect>) -> Fix {
    let snippet = dialect.and_then(|dialect| {
        let text = match dialect {
            Dialect::Hcl => page.snippets.hcl.clone(),
            Dialect::Cfn => page.snippets.cfn.clone(),
        };
        Some(Snippet { dialect, text: text? })
    });
    Fix { text: page.fix.clone(), snippet, commands: Vec::new() }
}

pub(super) fn told(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

/// Reasons that a note names.
const MOST_REASONS: usize = 3;

/// `12 questions about resources have no answer here: var.acl (8, main.tf:3:1), ...`.
fn unanswered(questions: &[Unanswered], inputs: &Inputs) -> Option<String> {
    let count = told(questions.len(), "question about a resource has no answer here", "questions about resources have no answer here")?;
    let place = |place: &Place| {
        let path = inputs.get(place.file).map_or_else(String::new, |input| input.path.to_string());
        place.excerpt.as_ref().map_or(path.clone(), |excerpt| format!("{path}:{}:{}", excerpt.start.line, excerpt.start.column))
    };
    let all = commonest(questions, questions.len());
    let named = all.iter().take(MOST_REASONS).map(|(first, count)| format!("{} ({count}, {})", short(&first.why), place(&first.place)));
    let more = if all.len() > MOST_REASONS { ", ..." } else { "" };
    Some(format!("{count}: {}{more}; `gatepost iac show --summary` tells all", named.collect::<Vec<_>>().join(", ")))
}

/// Characters of a reason in a note.
const MAX_REASON: usize = 80;

fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is to be judged: Terraform by folder, templates one by one.
struct Asked {
    folders: BTreeSet<Vec<u8>>,
    templates: Vec<InputPath>,
}

fn place(breach: &Breach) -> (usize, FileId, Option<Span>) {
    (breach.rule, breach.finding.primary.file, breach.finding.primary.span)
}

impl Asked {
    fn of(candidates: &Candidates) -> Asked {
        let of = |kind: Candidate| candidates.iter().filter(move |(_, k)| **k == kind).map(|(path, _)| path);
        Asked {
            folders: of(Candidate::Terraform).map(|path| path.parent().to_vec()).collect(),
            templates: of(Candidate::Template).cloned().collect(),
        }
    }

    fn judge(&self, engine: &Engine<'_>, policy: &Compiled, tree: &dyn Tree, inputs: &Inputs) -> Judged {
        let mut judged = Judged::default();
        if !self.folders.is_empty() {
            judged.add(policy.judge_terraform(tree, &self.folders, inputs, &engine.settings.variables));
        }
        let templates: Vec<&[u8]> = self.templates.iter().map(InputPath::bytes).collect();
        let mut documents = policy.judge_documents(tree, &templates, inputs, engine.settings.plan_root.as_deref());
        // A policy that a module reads from a file of its own is told with the resource that takes it.
        let told: HashSet<(usize, FileId, Option<Span>)> = judged.findings.iter().map(place).collect();
        documents.findings.retain(|breach| !told.contains(&place(breach)));
        judged.add(documents);
        judged
    }
}

/// Inputs that could not be judged in full are failed, not scanned. A broken neighbour of what was asked about is worth a
/// word, and no failure.
fn fail(troubles: Vec<Trouble>, touched: &BTreeSet<FileId>, found: &mut Found) {
    let mut failed = BTreeSet::new();
    for trouble in troubles {
        match trouble.place.as_ref().map(|p| p.file) {
            Some(file) if !touched.contains(&file) => found.notes.push(format!("beside what was asked for: {trouble}")),
            file => {
                failed.extend(file);
                found.troubles.push(trouble);
            }
        }
    }
    let failed = failed.len() as u64;
    found.counts.scanned = found.counts.scanned.saturating_sub(failed);
    found.counts.failed += failed;
}
