//! Resources of a run: which inputs hold them, judged once all inputs are known, as they will be and as they were.

use std::collections::{BTreeMap, BTreeSet};

use super::callers;
use super::gather::Found;
use super::scan::Engine;
use crate::base::span::FileId;
use crate::finding::{Change, Finding, Fix, Trouble};
use crate::iac::gate::Candidate;
use crate::input::{Content, ContentId, Focus, InputPath, Inputs, Tree};
use crate::policy::{Compiled, Judged, Unanswered, commonest};
use crate::source::Source;
use crate::subject::Subject;

/// Reasons that are named of all for which a question has no answer.
const REASONS: usize = 5;

/// Inputs that hold resources, perhaps.
pub type Candidates = BTreeMap<InputPath, Candidate>;

/// Judges the candidates of a source, and adds what comes of it to what was found.
pub fn judge(engine: &Engine<'_>, policy: &Compiled, source: &dyn Source, inputs: &Inputs, found: &mut Found) {
    let candidates = std::mem::take(&mut found.candidates);
    if candidates.is_empty() {
        return;
    }
    let Some(head) = source.head() else {
        let what = "input may hold resources, and rules on resources need files side by side: scan a tree for them";
        found.notes.extend(told(candidates.len(), what, &what.replace("input", "inputs")));
        return;
    };
    let (is_change, mut notes) = (source.is_change(), Vec::new());
    let now = all(engine, policy, head, &candidates, is_change, inputs, &mut notes);
    let before: BTreeSet<_> = match source.base() {
        Some(base) => {
            let then = all(engine, policy, base, &candidates, true, &Inputs::new(), &mut Vec::new());
            then.findings.into_iter().map(|(_, f)| f.fingerprint).collect()
        }
        None => BTreeSet::new(),
    };
    let touched: BTreeSet<FileId> = candidates.keys().map(|path| inputs.intern(&head.input(path.bytes()))).collect();
    // What a change does to a neighbour counts; a neighbour that was not asked about does not.
    let asked = |f: &Finding| {
        is_change || std::iter::once(&f.primary).chain(f.related.iter().map(|l| &l.place)).any(|place| touched.contains(&place.file))
    };
    let findings = now.findings.into_iter().map(|(rule, mut finding)| {
        finding.fix.get_or_insert_with(|| Fix { text: engine.rules.page(rule).fix.clone(), commands: Vec::new() });
        finding.change = is_change.then_some(Change::New);
        finding
    });
    let (old, mut new): (Vec<Finding>, Vec<Finding>) = findings.filter(asked).partition(|f| before.contains(&f.fingerprint));
    ignore(engine, head, inputs, &mut new, &mut found.notes);
    found.findings.append(&mut new);
    found.notes.append(&mut notes);
    found.notes.extend(now.notes);
    found.notes.extend(told(
        old.len(),
        "finding was in these resources before the change and is not shown",
        "findings were in these resources before the change and are not shown",
    ));
    found.notes.extend(unanswered(&now.unknown));
    fail(now.troubles, &touched, found);
}

/// How many questions have no answer, and what would most often have to be known.
fn unanswered(unknown: &[Unanswered]) -> Option<String> {
    let count = told(unknown.len(), "question about a resource has no answer", "questions about resources have no answer")?;
    let reasons = commonest(unknown, REASONS);
    let named: usize = reasons.iter().map(|(_, count)| count).sum();
    let mut names: Vec<String> =
        reasons.iter().map(|(why, count)| if *count == 1 { (*why).to_owned() } else { format!("{why} ({count})") }).collect();
    if named < unknown.len() {
        names.push("and others".to_owned());
    }
    Some(format!("{count}, for want of {}", names.join(", ")))
}

fn told(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

/// Judges candidates in a tree, Terraform by folder and templates one by one.
fn all(
    engine: &Engine<'_>,
    policy: &Compiled,
    tree: &dyn Tree,
    candidates: &Candidates,
    is_change: bool,
    inputs: &Inputs,
    notes: &mut Vec<String>,
) -> Judged {
    let mut judged = Judged::default();
    let of = |kind: Candidate| candidates.iter().filter(move |(_, k)| **k == kind).map(|(path, _)| path);
    let mut folders: BTreeSet<Vec<u8>> = of(Candidate::Terraform).map(|path| path.parent().to_vec()).collect();
    if is_change {
        notes.extend(callers::add(policy, tree, &mut folders));
    }
    if !folders.is_empty() {
        judged.add(policy.judge_terraform(tree, &folders, inputs, &engine.settings.variables));
    }
    let templates: Vec<&[u8]> = of(Candidate::Template).map(InputPath::bytes).collect();
    judged.add(policy.judge_documents(tree, &templates, inputs, engine.settings.plan_root.as_deref()));
    judged
}

/// Inline ignores: the files of findings are read again, which only few are.
fn ignore(engine: &Engine<'_>, head: &dyn Tree, inputs: &Inputs, findings: &mut [Finding], notes: &mut Vec<String>) {
    if !engine.settings.inline_ignores {
        return;
    }
    findings.sort_by_key(|f| f.primary.file);
    for of_file in findings.chunk_by_mut(|a, b| a.primary.file == b.primary.file) {
        let file = of_file[0].primary.file;
        let Some(input) = inputs.get(file) else { continue };
        let Ok(bytes) = head.read(input.path.bytes()) else { continue };
        let content = Content::whole(ContentId::Number(0), &bytes);
        let subject = Subject::new(file, &input.path, &content, None, &Focus::Whole);
        notes.extend(engine.ignore(&subject, of_file, false));
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
