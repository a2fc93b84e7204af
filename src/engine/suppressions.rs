//! What people have said about findings, applied to those of a run; and what is to be said of it in return.

use super::gather::{Found, Gather};
use super::resources;
use super::scan::Engine;
use crate::finding::{Change, Finding, Identity, State, fingerprint};
use crate::input::{Content, ContentId, Focus, Input};
use crate::rule::{Body, Rule};
use crate::subject::Subject;
use crate::suppress::ignores::{How, Ignores, names_of};
use crate::suppress::pragma;
use crate::suppress::told::Remark;

impl Engine<'_> {
    /// Whether a content may hold an ignore: one search.
    pub(super) fn may_ignore(&self, bytes: &[u8]) -> bool {
        memchr::memmem::find(bytes, pragma::MARK).is_some()
    }

    /// The ignores of a subject. `was_there`: whether a line of it stood there before the change.
    pub(super) fn ignores_of(&self, subject: &Subject<'_>, was_there: &dyn Fn(&[u8]) -> bool) -> Ignores {
        let names = names_of(self.rules, |index| self.settings.selection.is_on(index));
        Ignores::of(subject, &names, was_there)
    }

    /// A finding on a suppression, where a rule that is asked for tells of such.
    pub(super) fn remark(&self, remark: Remark, path: &[u8]) -> Option<Finding> {
        let tells = |(_, rule): &(usize, &Rule)| rule.body == Body::Suppression(remark.told);
        let (index, Rule { meta, .. }) = self.settings.selection.selected(self.rules).find(tells)?;
        let group = fingerprint("suppression", &[meta.id.as_str().as_bytes(), remark.message.as_bytes()]);
        Some(Finding {
            rule: meta.id.clone(),
            families: meta.families.clone().into(),
            severity: meta.severity,
            confidence: meta.confidence,
            message: remark.message,
            primary: remark.place,
            related: Vec::new(),
            resource: None,
            fix: Some(resources::fix(self.rules.page(index), None)),
            identity: Identity::new(group, path),
            group,
            owners: Vec::new(),
            state: State::Active,
            suppressed_here: false,
            change: None,
            secrets: Vec::new(),
        })
    }
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
            changes && (stood().is_some_and(|old: &[u8]| memchr::memmem::find(old, line).is_some()) || source.went(line))
        };
        let mut ignores = self.engine.ignores_of(subject, &was_there);
        let path = input.path.bytes();
        let in_folder = || source.roots().iter().any(|root| path.starts_with(root));
        ignores.complete = *subject.focus == Focus::Whole && !changes && source.head().is_some() && in_folder();
        ignores
    }

    /// Inline ignores, held against findings.
    pub(super) fn suppress(&self, found: &mut Found) {
        let engine = self.engine;
        self.read_neighbours(found);
        let mut suppressions = std::mem::take(&mut found.suppressions);
        let how = How { today: engine.settings.today, trust: engine.settings.trust, is_news: &|finding| self.is_news(finding) };
        for finding in &mut found.findings {
            suppressions.suppress(finding, &how);
        }
        for (file, ignores) in &suppressions.files {
            let Some(input) = self.inputs.get(*file) else { continue };
            if ignores.is_cut() {
                found.notes.push(format!("{}: only the first {} inline ignores are read", input.path, pragma::MOST));
            }
            let remarks = ignores.remarks(engine.settings.today);
            found.findings.extend(remarks.into_iter().filter_map(|remark| engine.remark(remark, input.path.bytes())));
        }
        found.suppressions = suppressions;
    }

    /// What is evaluated reaches into files that were not asked about: what stands there counts too.
    fn read_neighbours(&self, found: &mut Found) {
        let Some(head) = self.source.head() else { return };
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
        finding.secrets.iter().any(|secret| self.source.was_there(secret.value.expose()) == Some(false))
    }
}
