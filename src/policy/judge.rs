//! From rules and resources to findings.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, MAX_LABELS};
use super::eval::{Env, World};
use super::links::Links;
use super::project;
use super::subjects::{Asked, Known, Shared};
use super::told::Told;
use super::verdict::{Answer, Case, Verdict, judge};
use super::{Breach, Compiled, Judged, Policy, Question};
use crate::base::ids::Fingerprint;
use crate::base::span::{FileId, Span};
use crate::base::truth::{Assumed, Assumption, Truth, Why};
use crate::finding::{Failure, Label, Owner, Place, Trouble, Unanswered};
use crate::iac::evaluated::Sensitive;
use crate::iac::terraform::Terraform;
use crate::iac::{Evaluated, Files, MAX_INSTANCES, Reason, Resource, document, room};
use crate::input::{Inputs, Tree};
use crate::settings::Variables;

/// Resources of all root modules of a run: a module that a thousand roots call has a thousand times its resources.
const MAX_RESOURCES: usize = 100_000;

/// What is broken: a rule, by whom, at which place.
type Broken = (usize, Fingerprint, Span);

impl Compiled {
    /// Judges Terraform: `folders` are those that hold sources. One that others call is judged with their values, one
    /// that nobody calls on its own.
    #[must_use]
    pub fn judge_terraform(&self, tree: &dyn Tree, folders: &BTreeSet<Vec<u8>>, inputs: &Inputs, variables: &Variables) -> Judged {
        if self.is_empty() {
            return Judged::default();
        }
        room::with(|| self.terraform(tree, folders, inputs, variables))
    }

    fn terraform(&self, tree: &dyn Tree, folders: &BTreeSet<Vec<u8>>, inputs: &Inputs, variables: &Variables) -> Judged {
        let mut judged = Judged::default();
        let files = Files::new(tree, inputs);
        let terraform = Terraform::new(&files, variables).with_modules(&self.modules);
        let kinds = &self.plan.kinds;
        // Most modules have no resource that a rule looks at: they are parsed only if one does.
        let known: RefCell<BTreeMap<Vec<u8>, bool>> = RefCell::default();
        let mentions = |folder: &Vec<u8>| {
            *known.borrow_mut().entry(folder.clone()).or_insert_with(|| self.any_project || terraform.mentions(folder, &self.words))
        };
        if !folders.iter().any(mentions) {
            return judged;
        }
        let (mut drafts, mut needed, mut resources) = (Vec::new(), BTreeSet::new(), 0);
        let mut root = |root: &Vec<u8>, judged: &mut Judged| {
            let own = terraform.folders(root);
            if !own.iter().any(mentions) {
                return;
            }
            needed.extend(own);
            if resources > MAX_RESOURCES {
                judged.tell_once(cut(None, "every module beyond some hundred thousand resources"));
                return;
            }
            let variants = terraform.evaluate(root, &|kind| kinds.contains(kind));
            resources += variants.iter().map(|evaluated| evaluated.resources.len()).sum::<usize>();
            let whole = self.asks_projects().then(|| project::main_file(&files, root));
            drafts.extend(self.variants(&variants, root, whole, judged));
        };
        let roots = terraform.roots(folders);
        for folder in &roots {
            root(folder, &mut judged);
        }
        // What is called, but by nobody who makes an instance of it, is not there; unless it can stand on its own.
        let roots: BTreeSet<Vec<u8>> = roots.into_iter().collect();
        let left: Vec<&Vec<u8>> = folders.difference(&roots).filter(|folder| !terraform.is_made(folder)).collect();
        for folder in left.into_iter().filter(|folder| mentions(folder)) {
            if terraform.has_providers(folder) {
                root(folder, &mut judged);
            } else {
                let path = String::from_utf8_lossy(folder);
                judged.notes.push(format!("no call makes an instance of the module {path}: it was not judged"));
            }
        }
        judged.troubles.extend(terraform.troubles(&needed));
        pin(&files, drafts, &mut judged);
        judged
    }

    /// Judges files that may hold resources: a template that others call is judged with their values, one that nobody
    /// calls on its own.
    #[must_use]
    pub fn judge_documents(&self, tree: &dyn Tree, paths: &[&[u8]], inputs: &Inputs, plan_root: Option<&[u8]>) -> Judged {
        let mut judged = Judged::default();
        if !self.is_empty() {
            for path in document::roots(tree, paths, inputs) {
                judged.add(self.judge_document(tree, path, inputs, plan_root));
            }
        }
        judged
    }

    /// Judges a file that may hold a CloudFormation template. One that holds none has no findings and is no trouble.
    #[must_use]
    pub fn judge_template(&self, tree: &dyn Tree, path: &[u8], inputs: &Inputs) -> Judged {
        self.judge_document(tree, path, inputs, None)
    }

    /// Judges a file that may hold resources in one document: a template, a service, a plan, a state. A plan is told in
    /// the sources of the root module in the folder `plan_root`, if one is given.
    #[must_use]
    pub fn judge_document(&self, tree: &dyn Tree, path: &[u8], inputs: &Inputs, plan_root: Option<&[u8]>) -> Judged {
        let mut judged = Judged::default();
        if self.is_empty() {
            return judged;
        }
        let files = Files::new(tree, inputs).with_plan_root(plan_root);
        let trouble = |place, kind, message: String| Trouble { place: Some(place), kind, message, help: None };
        let (file, bytes) = match files.read(path) {
            Ok(read) => read,
            Err(error) => {
                judged.troubles.push(trouble(Place::whole(files.file(path)), Failure::Unreadable, error.to_string()));
                return judged;
            }
        };
        // A template without any resource that a rule looks at is not parsed.
        if !document::may_hold(path, &bytes, &|plain| self.mentions(plain)) {
            return judged;
        }
        let kinds = &self.plan.kinds;
        match document::evaluate(&files, path, (file, &bytes), &|kind| kinds.contains(kind)) {
            Ok(projects) => {
                let mut drafts = Vec::new();
                for evaluated in &projects {
                    let whole = evaluated.header.unwrap_or(Span::new(file, 0..0));
                    self.project(evaluated, Some(file), Some(whole), path, &mut judged, &mut drafts);
                }
                pin(&files, drafts, &mut judged);
            }
            Err(error) => {
                let places = files.pin(&BTreeSet::from([error.at]));
                let place = places.into_values().next().unwrap_or_else(|| Place::whole(file));
                let kind = if error.limit { Failure::Limit } else { Failure::Unparsed };
                let help = Some("nothing in this template was judged".to_owned());
                judged.troubles.push(Trouble { help, ..trouble(place, kind, error.message) });
            }
        }
        judged
    }

    /// Judges a project under every setting of its variables that there is. What all of them break is told once, what
    /// some do with the name of these.
    fn variants(&self, variants: &[Evaluated], root: &[u8], whole: Option<Span>, judged: &mut Judged) -> Vec<Draft> {
        let mut found: BTreeMap<Broken, (Draft, Vec<&str>)> = BTreeMap::new();
        let (mut order, mut unanswered): (Vec<Broken>, BTreeMap<Question, usize>) = (Vec::new(), BTreeMap::new());
        for evaluated in variants {
            let (mut of_this, mut drafts) = (Judged::default(), Vec::new());
            self.project(evaluated, None, whole, root, &mut of_this, &mut drafts);
            of_this.troubles.into_iter().for_each(|trouble| judged.tell_once(trouble));
            judged.notes.append(&mut of_this.notes);
            judged.steps += of_this.steps;
            let mut counts: BTreeMap<Question, usize> = BTreeMap::new();
            of_this.questions.into_iter().for_each(|question| *counts.entry(question).or_default() += 1);
            for (question, count) in counts {
                let most = unanswered.entry(question).or_default();
                *most = count.max(*most);
            }
            for draft in drafts {
                let key = (draft.rule, draft.finding.fingerprint(), draft.primary);
                let name = evaluated.variant.as_deref().unwrap_or_default();
                match found.entry(key) {
                    Entry::Vacant(entry) => {
                        order.push(key);
                        entry.insert((draft, vec![name]));
                    }
                    Entry::Occupied(mut entry) => entry.get_mut().1.push(name),
                }
            }
        }
        judged.questions.extend(unanswered.into_iter().flat_map(|(question, count)| std::iter::repeat_n(question, count)));
        let told = order.iter().filter_map(|key| found.remove(key)).map(|(mut draft, names)| {
            if names.len() < variants.len() {
                draft.finding.message.push_str(", ");
                draft.finding.message.push_str(&names.join(" and "));
            }
            draft
        });
        told.collect()
    }

    /// `file` is the project's only one, if it has but one; `path` is that, or a root module's folder. `whole` is where the
    /// project as a whole stands, if a rule asks for that.
    fn project(
        &self,
        evaluated: &Evaluated,
        file: Option<FileId>,
        whole: Option<Span>,
        path: &[u8],
        judged: &mut Judged,
        drafts: &mut Vec<Draft>,
    ) {
        let Evaluated { resources, unknowns, conditions, .. } = evaluated;
        evaluated.troubles.iter().for_each(|trouble| judged.tell_once(trouble.clone()));
        judged.notes.extend(evaluated.notes.iter().cloned());
        let whole = whole.map(|place| project::whole(path, place));
        let world = World {
            compiled: self,
            resources,
            unknowns,
            conditions,
            links: Links::default(),
            told: Told::default(),
            project: Some(evaluated),
            files: None,
            steps: Cell::new(0),
            instances: Shared::default(),
        };
        let (mut seen, first, asked): (BTreeMap<_, usize>, usize, usize) = (BTreeMap::new(), drafts.len(), judged.questions.len());
        'resources: for resource in world.resources.iter().chain(&whole) {
            // What defaults switch off does not exist.
            let is_off = |assumed: &Assumed| conditions.decide(&Assumption::default(), &assumed.condition) == Some(!assumed.holds);
            if resource.when.0.iter().any(is_off) {
                continue;
            }
            for turn in self.plan.turns(&resource.kind) {
                let Some(known) = Known::new(&world, &turn.over, resource) else { continue };
                let mut all = known.all();
                if let Ok(all) = &mut all
                    && all.len() > MAX_INSTANCES
                {
                    judged.tell_once(cut(Some(Place::whole(resource.header.file)), &resource.address));
                    all.truncate(MAX_INSTANCES);
                }
                for rule in turn.rules.iter().map(|rule| &self.rules[*rule]) {
                    if world.is_spent() {
                        judged.questions.push(Question::limit(rule, resource));
                        break 'resources;
                    }
                    let Ok(all) = &all else {
                        judged.questions.push(Question::limit(rule, resource));
                        continue;
                    };
                    for found in rule.judge(&world, &known, all, resource, path, judged) {
                        match seen.entry((found.rule, found.finding.fingerprint(), found.primary)) {
                            Entry::Vacant(entry) => {
                                entry.insert(drafts.len());
                                drafts.push(found);
                            }
                            Entry::Occupied(entry) => drafts[*entry.get()].join(found),
                        }
                    }
                }
            }
        }
        judged.steps += world.steps.get();
        let sensitive = Sensitive::in_order(evaluated.sensitive.iter().cloned().chain(world.told.take()).collect());
        for Draft { finding, primary, related, concealed, .. } in &mut drafts[first..] {
            let places = || std::iter::once(*primary).chain(related.iter().map(|(place, _)| *place));
            let mut near: BTreeSet<usize> = places().flat_map(|place| Sensitive::near(&sensitive, place)).collect();
            near.extend(Sensitive::named(&sensitive, &finding.message));
            finding.secrets.extend(near.into_iter().map(|number| sensitive[number].masked.clone()));
            *concealed = world.told.concealed(places());
        }
        merge_secrets(drafts, first);
        // Where a rule met the limit, its place says more.
        if evaluated.exhausted && !judged.questions[asked..].iter().any(|question| question.limit) {
            let what = if file.is_some() { "template" } else { "module" };
            judged.tell_once(cut(file.map(Place::whole), &format!("the {what} {}", String::from_utf8_lossy(path))));
        }
        // Of a project that is too much, one place is enough.
        let mut told = false;
        let mut number = 0;
        judged.questions.retain(|question| {
            number += 1;
            number <= asked || !question.limit || !std::mem::replace(&mut told, true)
        });
    }
}

impl Policy {
    /// Of each of what it is about in one resource, `all`.
    fn judge<'w>(
        &'w self,
        world: &World<'w>,
        known: &Known<'_, 'w>,
        all: &[Asked],
        resource: &'w Resource,
        path: &[u8],
        judged: &mut Judged,
    ) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for asked in all.iter().copied() {
            let answer = |case: &mut Case<'_>| {
                let subjects = known.of(case)?;
                let Some(subject) = asked.among(&subjects) else {
                    let more = subjects.more.filter(|_| matches!(asked, Asked::More));
                    return Ok(Answer::of(more.map_or(Truth::False, Truth::Unknown)));
                };
                let env = Env::of(subject);
                if let Some(when) = &self.when
                    && !world.ask(case, when, &env)?.truth.is_true()
                {
                    return Ok(Answer::of(Truth::False));
                }
                world.ask(case, &self.where_, &env)
            };
            let ask = |case: &mut Case<'_>| world.counted(case, answer);
            match judge(world.conditions, &resource.when, &ask) {
                Verdict::True(proof) => drafts.extend(self.drafts(world, known, asked, &proof, path)),
                Verdict::False => {}
                // What is kept among secrets is not meant to be known here.
                Verdict::Unknown(Why::Value(id)) if world.unknowns.reason(id).is_kept_secret() => {}
                Verdict::Unknown(why) => {
                    if let Some(draft) = self.perhaps(world, known, resource, asked, why, path) {
                        drafts.push(draft);
                        continue;
                    }
                    let reason = match why {
                        Why::Value(id) => Some(world.unknowns.reason(id)),
                        Why::Open => None,
                        Why::Budget => Some(Reason::Budget),
                    };
                    judged.questions.push(Question {
                        rule: self.id().clone(),
                        resource: resource.address.clone(),
                        header: resource.header,
                        limit: reason == Some(Reason::Budget),
                        why: reason.map_or_else(|| "a list or a map that may hold more".to_owned(), |reason| reason.to_string()),
                    });
                }
            }
        }
        drafts
    }
}

/// One secret at one place is one finding, the gravest of what is said of it: a default that several resources use is told
/// with one of them, and with the families of all.
fn merge_secrets(drafts: &mut Vec<Draft>, first: usize) {
    let mut own: Vec<Option<Draft>> = drafts.split_off(first).into_iter().map(Some).collect();
    let mut at: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    for (number, draft) in own.iter().enumerate() {
        let Some(draft) = draft.as_ref().filter(|draft| draft.concealed.contains(&draft.primary)) else { continue };
        at.entry(draft.primary).or_default().push(number);
    }
    for mut same in at.into_values() {
        // What uses it says more than what declares it; of equals, the first.
        same.sort_by_key(|number| own[*number].as_ref().map(|draft| (draft.declared, Reverse(draft.finding.severity))));
        let mut same = same.into_iter().filter_map(|number| own[number].take().map(|draft| (number, draft)));
        let Some((number, mut kept)) = same.next() else { continue };
        let mut families: BTreeSet<String> = kept.finding.families.iter().cloned().collect();
        for (_, other) in same {
            families.extend(other.finding.families.iter().cloned());
            if other.declared {
                continue;
            }
            kept.finding.severity = kept.finding.severity.max(other.finding.severity);
            let header = other.related.into_iter().find(|(_, text)| Some(text) == other.finding.resource.as_ref());
            if let Some(header) = header.filter(|header| kept.related.len() < MAX_LABELS && !kept.related.contains(header)) {
                kept.related.push(header);
            }
        }
        if families.len() > kept.finding.families.len() {
            kept.finding.families = families.into_iter().collect::<Vec<_>>().into();
        }
        own[number] = Some(kept);
    }
    drafts.extend(own.into_iter().flatten());
}

/// Of what is named, not everything was looked at.
fn cut(place: Option<Place>, what: &str) -> Trouble {
    Trouble {
        place,
        kind: Failure::Limit,
        message: format!("{what} takes too much to evaluate"),
        help: Some("it was judged as far as it is known".to_owned()),
    }
}

impl Judged {
    fn tell_once(&mut self, trouble: Trouble) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}

/// Pins the lines of all places, each file counted once.
fn pin(files: &Files<'_>, drafts: Vec<Draft>, judged: &mut Judged) {
    // A second place is one line: a call over a page is told by where it begins.
    let first_line = |span: Span| {
        let line = files.slice(span).find('\n').and_then(|end| u32::try_from(end).ok());
        line.map_or(span, |end| Span { end: span.start + end, ..span })
    };
    let first: BTreeMap<Span, Span> = drafts.iter().flat_map(|draft| &draft.related).map(|(span, _)| (*span, first_line(*span))).collect();
    let questions = std::mem::take(&mut judged.questions);
    let headers = questions.iter().map(|question| question.header);
    let owners = drafts.iter().flat_map(|draft| &draft.owners).flat_map(|(_, places)| places).map(|span| first_line(*span));
    let spans = drafts.iter().map(|draft| draft.primary).chain(first.values().copied()).chain(headers).chain(owners).collect();
    let places = files.pin(&spans);
    let place = |span: &Span| places.get(span).cloned().unwrap_or_else(|| Place::whole(span.file));
    for Draft { rule, dialect, mut finding, primary, related, owners, concealed, .. } in drafts {
        let place = |span: &Span, shown: &Span| {
            let place = place(shown);
            if concealed.contains(span) { place.concealed((0, 0)) } else { place }
        };
        finding.primary = place(&primary, &primary);
        finding.related = related
            .into_iter()
            .map(|(span, text)| Label { place: place(&span, first.get(&span).unwrap_or(&span)), text, repeats: false })
            .collect();
        let owner = |(address, spans): (String, Vec<Span>)| Owner {
            address,
            places: spans.iter().map(|span| places.get(&first_line(*span)).cloned().unwrap_or_else(|| Place::whole(span.file))).collect(),
        };
        finding.owners = owners.into_iter().map(owner).collect();
        judged.findings.push(Breach { rule, dialect, finding });
    }
    for Question { rule, resource, header, why, limit } in questions {
        let place = place(&header);
        if limit {
            judged.tell_once(cut(Some(place), &resource));
        } else {
            judged.unknown.push(Unanswered { rule, resource: resource.into(), place, why });
        }
    }
}
