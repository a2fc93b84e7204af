//! What people have said about findings, applied to those of a run; and what is to be said of it in return.

use super::gather::{Found, Gather};
use super::resources;
use super::scan::Engine;
use crate::base::excerpt::Position;
use crate::finding::{Change, Finding, Identity, Place, fingerprint};
use crate::input::{Content, ContentId, Focus, Input, InputPath, Origin, Tree};
use crate::rule::{Body, Rule};
use crate::settings::Trust;
use crate::source::ends_a_line;
use crate::subject::Subject;
use crate::suppress::allow::{self, About, AllowList};
use crate::suppress::honor;
use crate::suppress::ignores::{How, Ignores, REMARKS, names_of};
use crate::suppress::pragma;
use crate::suppress::told::{Remark, Told};

impl Engine<'_> {
    /// Whether a content may hold an ignore: one search.
    pub(super) fn may_ignore(&self, bytes: &[u8]) -> bool {
        memchr::memmem::find(bytes, pragma::MARK).is_some() || honor::may_mark(bytes, &self.settings.honor)
    }

    /// The ignores of a subject. `was_there`: whether a line of it stood there before the change.
    pub(super) fn ignores_of(&self, subject: &Subject<'_>, was_there: &dyn Fn(&[u8]) -> bool) -> Ignores {
        let names = names_of(self.rules, |index| self.settings.selection.is_on(index));
        let mut ignores = Ignores::of(subject, &names, was_there);
        if !self.settings.honor.is_empty() {
            let (marks, cut) = honor::read(subject, &self.settings.honor, &names, was_there);
            ignores.all.extend(marks);
            ignores.marks_cut = cut;
        }
        ignores
    }

    /// A finding on a suppression, where a rule that is asked for tells of such.
    pub(super) fn remark(&self, remark: Remark, path: &[u8]) -> Option<Finding> {
        let tells = |(_, rule): &(usize, &Rule)| rule.body == Body::Suppression(remark.told);
        let all = || self.rules.rules().iter().enumerate().find(tells);
        // Whoever selects a few rules did not mean a change to decide about itself.
        let found = if remark.told == Told::Changed && self.settings.trust == Trust::Base {
            all()
        } else {
            self.settings.selection.selected(self.rules).find(tells)
        };
        let (index, Rule { meta, .. }) = found?;
        let group = fingerprint("suppression", &[meta.id.as_str().as_bytes(), remark.message.as_bytes()]);
        let identity = Identity::new(group, path);
        Some(Finding {
            families: meta.families.clone().into(),
            fix: Some(resources::fix(self.rules.page(index), None)),
            ..Finding::new(meta.id.clone(), (meta.severity, meta.confidence), remark.message, remark.place, identity)
        })
    }
}

/// Whether a path, as a baseline has it, is in a tree, which may spell paths in another way. What lies in a container is there
/// while that is.
pub(super) fn is_there(tree: &dyn Tree, path: &str, spelt: &dyn Fn(&[u8]) -> Vec<u8>) -> bool {
    let own = spelt(if path == "." { b"" } else { path.as_bytes() });
    let is_file = |path: &[u8]| tree.size(&spelt(path)).is_ok();
    tree.size(&own).is_ok() || tree.list(&own).is_ok() || path.match_indices('!').any(|(end, _)| is_file(&path.as_bytes()[..end]))
}

impl Gather<'_> {
    /// The ignores of an input that is at hand.
    pub(super) fn read_ignores(&self, input: &Input, subject: &Subject<'_>) -> Ignores {
        let source = self.source;
        let changes = source.is_change();
        let old = std::cell::OnceCell::new();
        // A line that moved within its file, or with it, is none that the change brings.
        let was_there = |line: &[u8]| {
            let stood = || old.get_or_init(|| source.base().and_then(|base| base.read(input.path.bytes()).ok())).as_deref();
            changes && (stood().is_some_and(|old: &[u8]| ends_a_line(old, line)) || source.went(line))
        };
        let mut ignores = self.engine.ignores_of(subject, &was_there);
        let path = input.path.bytes();
        let in_folder = || self.roots().iter().any(|root| path.starts_with(root));
        ignores.complete = *subject.focus == Focus::Whole && !changes && source.head().is_some() && in_folder();
        ignores
    }

    /// Inline ignores, held against findings.
    pub(super) fn suppress(&self, found: &mut Found) {
        let engine = self.engine;
        self.read_neighbours(found);
        let mut suppressions = std::mem::take(&mut found.suppressions);
        suppressions.settle();
        let how = How { today: engine.settings.today, trust: engine.settings.trust, is_news: &|finding| self.is_news(finding) };
        for finding in &mut found.findings {
            suppressions.suppress(finding, &how);
        }
        for (file, ignores) in &suppressions.files {
            let Some(input) = self.inputs.get(*file) else { continue };
            if ignores.is_cut() {
                found.notes.push(format!("{}: only the first {} inline ignores are read", input.path, pragma::MOST));
            }
            if ignores.marks_cut {
                found.notes.push(format!("{}: only the first {} marks of other tools are read", input.path, honor::MOST));
            }
            let remarks = ignores.remarks(engine.settings.today);
            if remarks.len() >= REMARKS {
                found.notes.push(format!("{}: of what there is to say of its ignores, {REMARKS} things are told", input.path));
            }
            found.findings.extend(remarks.into_iter().filter_map(|remark| engine.remark(remark, input.path.bytes())));
        }
        found.suppressions = suppressions;
    }

    /// Gives findings the severities that somebody gave to their rules. What its rule lowers is not raised again.
    pub(super) fn weigh(&self, findings: &mut [Finding]) {
        let severities = &self.engine.settings.severities;
        if severities.is_empty() {
            return;
        }
        for finding in findings {
            let Some(given) = severities.get(&finding.rule) else { continue };
            let own = self.engine.rules.find(finding.rule.as_str()).map(|index| self.engine.rules.rules()[index].meta.severity);
            let lowered = own.is_some_and(|own| finding.severity < own);
            finding.severity = if lowered { finding.severity.min(*given) } else { *given };
        }
    }

    /// The allow list and the baseline, held against what is left.
    pub(super) fn accept(&self, found: &mut Found) {
        let engine = self.engine;
        let settings = engine.settings;
        let mut allow = AllowList::new(&settings.allow, settings.today);
        if !settings.allow.is_empty() {
            for finding in &mut found.findings {
                let rule = finding.rule.clone();
                let bears = |name: &str| engine.rules.find(name).is_some_and(|index| engine.rules.rules()[index].meta.id == rule);
                let input = self.inputs.get(finding.primary.file);
                let path = input.as_ref().map_or(&[][..], |input| input.path.bytes());
                let from_top = self.source.in_repository(path);
                let commit = input.as_ref().and_then(|input| match input.origin {
                    Origin::Commit { id, .. } => Some(id.to_string()),
                    _ => None,
                });
                let about = About { path: from_top.as_deref().unwrap_or(path), bears: &bears, commit: commit.as_deref() };
                allow.suppress(finding, &about);
            }
        }
        let from_top =
            |root: &Vec<u8>| self.source.in_repository(root.strip_suffix(b"/").unwrap_or(root)).is_none_or(|path| path.is_empty());
        let complete = !self.source.is_change() && self.source.head().is_some() && self.roots().iter().any(from_top);
        for allow::Said { path, at, reason, ended } in allow.said(complete) {
            let (told, message) = match ended {
                Some(day) => (Told::Expired, format!("an entry of `allow` held until {day}: {reason}")),
                None => (Told::Unused, format!("an entry of `allow` is not needed, as nothing is found that it speaks of: {reason}")),
            };
            let place = self.place_in(path.as_bytes(), at);
            found.findings.extend(engine.remark(Remark { told, place, message }, path.as_bytes()));
        }
        if let Some(baseline) = engine.baseline {
            let is_there = |path: &str| self.is_there(path);
            let needed = baseline.mark(&mut found.findings, &is_there);
            let left = baseline.entries.len() - needed.len();
            if complete && left > 0 {
                let what = if left == 1 { "finding of the baseline is" } else { "findings of the baseline are" };
                found.notes.push(format!("{left} {what} no longer there: `gatepost baseline update` takes them out"));
            }
        }
    }

    /// Whether a path, as a baseline has it, is still there.
    fn is_there(&self, path: &str) -> bool {
        let Some(head) = self.source.policy(true).or_else(|| self.source.head()) else { return true };
        is_there(head, path, &|path| self.source.spelt_here(path))
    }

    /// A line of a file of the repository.
    fn place_in(&self, path: &[u8], at: Position) -> Place {
        let Some(head) = self.source.policy(false) else {
            return Place::whole(self.inputs.intern(&Input { path: InputPath::new(path), origin: Origin::File }));
        };
        let spelt = self.source.spelt_here(path);
        let file = self.inputs.intern(&head.input(&spelt));
        head.read(&spelt).map_or_else(|_| Place::whole(file), |bytes| Place::of_line(file, &bytes, at.line))
    }

    /// What is evaluated reaches into files that were not asked about: what stands there counts too.
    fn read_neighbours(&self, found: &mut Found) {
        let Some(head) = self.source.resources() else { return };
        let mut files: Vec<_> = found
            .findings
            .iter()
            .filter(|finding| !finding.owners.is_empty())
            .flat_map(|finding| std::iter::once(&finding.primary).chain(finding.owners.iter().flat_map(|owner| &owner.places)))
            .map(|place| place.file)
            .filter(|file| !found.suppressions.files.contains_key(file))
            .collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let Some(input) = self.inputs.get(file).filter(|input| input.path.container().is_none()) else { continue };
            let Some(bytes) = head.read(input.path.bytes()).ok().filter(|bytes| self.engine.may_ignore(bytes)) else { continue };
            let content = Content::whole(ContentId::Number(0), &bytes);
            // None of its lines is new.
            let focus = if self.source.is_change() { Focus::Ranges(Vec::new()) } else { Focus::Whole };
            let subject = Subject::new(file, &input.path, &content, None, &focus);
            let mut ignores = self.read_ignores(&input, &subject);
            ignores.complete = false;
            found.suppressions.add(file, ignores);
        }
    }

    /// Whether a finding shows a value that was not there before the change.
    fn is_news(&self, finding: &Finding) -> bool {
        if finding.resource.is_some() || finding.secrets.is_empty() {
            return finding.change == Some(Change::New);
        }
        // What cannot be told is news.
        finding.secrets.iter().any(|secret| self.source.was_there(secret.value.expose()) != Some(true))
    }
}
