//! Rules on the files of the repository itself: asked once all inputs are known. Each file that was asked about is judged,
//! and which files there are is asked of all of them.

use std::collections::BTreeSet;

use super::gather::Found;
use super::scan::Engine;
use crate::finding::{Change, Finding};
use crate::input::{InputPath, Inputs, Tree};
use crate::policy::{All, Breach, Compiled, Git, Judged, Met, Repository};
use crate::source::Source;

/// Judges the files that a source met, and adds what comes of it to what was found.
pub fn judge(engine: &Engine<'_>, source: &dyn Source, inputs: &Inputs, found: &mut Found) {
    if !engine.policies.asks_files {
        return;
    }
    let policy = engine.policies.of_files();
    if !policy.asks_files() {
        return;
    }
    let mut files = std::mem::take(&mut found.files);
    files.sort();
    files.dedup_by(|a, b| a.path == b.path);
    let Some(head) = source.head() else {
        found.notes.push("rules on the files of the repository are not asked of a history: scan a tree for them".to_owned());
        return;
    };
    let is_change = source.is_change();
    let all = if is_change { All::InTree } else { All::Known(&files) };
    let asked = Asked { policy, source, all, files: &files };
    let now = asked.judge(head, inputs);
    let before: BTreeSet<_> = match source.base() {
        Some(base) if !now.findings.is_empty() => {
            let told: BTreeSet<InputPath> =
                now.findings.iter().filter_map(|breach| inputs.get(breach.finding.primary.file)).map(|input| input.path).collect();
            // Of the files as they were, those that are told of now.
            let files: Vec<Met> =
                told.into_iter().filter_map(|path| Some(Met { size: Some(base.size(path.bytes()).ok()?), path })).collect();
            let asked = Asked { files: &files, ..asked };
            asked.judge(base, &Inputs::new()).findings.into_iter().map(|breach| breach.finding.fingerprint()).collect()
        }
        _ => BTreeSet::new(),
    };
    let (old, new): (Vec<Breach>, Vec<Breach>) =
        now.findings.into_iter().partition(|breach| before.contains(&breach.finding.fingerprint()));
    let new = new.into_iter().map(|Breach { rule, mut finding, .. }| {
        finding.fix.get_or_insert_with(|| super::resources::fix(engine.rules.page(rule), None));
        finding.change = is_change.then_some(Change::New);
        finding
    });
    let mut new: Vec<Finding> = new.collect();
    found.findings.append(&mut new);
    found.notes.extend(super::resources::told(
        old.len(),
        "finding on the repository's files was there before the change and is not shown",
        "findings on the repository's files were there before the change and are not shown",
    ));
    if !now.unknown.is_empty() {
        let first = &now.unknown[0];
        let (count, why) = (now.unknown.len(), &first.why);
        let questions = if count == 1 { "question about a file has" } else { "questions about files have" };
        found.notes.push(format!("{count} {questions} no answer here: {} of {}, {why}", first.rule, first.resource));
    }
    found.unanswered.extend(now.unknown);
    found.troubles.extend(now.troubles);
}

/// What a source knows of git.
struct OfSource<'a>(&'a dyn Source);

impl Git for OfSource<'_> {
    fn is_tracked(&self, path: &InputPath) -> Option<bool> {
        self.0.is_tracked(path)
    }

    fn is_ignored(&self, path: &InputPath) -> Option<bool> {
        self.0.is_ignored(path)
    }
}

/// What is to be judged.
#[derive(Clone, Copy)]
struct Asked<'a> {
    policy: &'a Compiled,
    source: &'a dyn Source,
    all: All<'a>,
    files: &'a [Met],
}

impl Asked<'_> {
    fn judge(&self, tree: &dyn Tree, inputs: &Inputs) -> Judged {
        let mut judged = Judged::default();
        let git = OfSource(self.source);
        let mut left: Vec<Met> = self.files.to_vec();
        // A folder that lies in another one is asked first: its files are judged from there.
        let mut roots = self.source.roots();
        roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        roots.dedup();
        for root in roots {
            let repository = Repository::new(tree, root.clone(), self.all, &git);
            let own: Vec<Met> = left.extract_if(.., |met| is_below(&met.path, &root)).collect();
            judged.add(self.policy.judge_files(&repository, &own, inputs));
            judged.add(self.policy.judge_repository(&repository, inputs));
        }
        // What was named by itself, or piped in: nobody knows what lies beside it.
        let alone = Repository::new(tree, Vec::new(), All::Unknown, &git);
        judged.add(self.policy.judge_files(&alone, &left, inputs));
        judged
    }
}

/// Whether a path lies in a folder, which is written with a `/` at its end, or is the one that the run stands in.
fn is_below(path: &InputPath, root: &[u8]) -> bool {
    let path = path.bytes();
    if root.is_empty() { !path.starts_with(b"/") && !path.starts_with(b"../") } else { path.starts_with(root) }
}
