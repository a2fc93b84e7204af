//! Rules on resources: compiled from data, judged in three-valued truth, with the places that made them true.
//!
//! The only room that knows the predicate language. It reads no files but those of the project it judges.

mod asked;
mod compare;
mod cover;
mod doubts;
mod draft;
mod eval;
mod glob;
mod judge;
mod links;
mod message;
mod named;
mod names;
mod parse;
mod path;
mod path_glob;
mod pattern;
mod plan;
mod possible;
mod predicate;
mod project;
mod quantify;
mod repository;
mod secrets;
mod serves;
mod sets;
mod shelf;
mod statements;
mod subjects;
mod told;
mod verdict;
mod views;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::ids::RuleId;
use crate::base::ids::Severity;
use crate::base::span::Span;
use crate::finding::{Dialect, Finding, Trouble, Unanswered};
use crate::iac::resource::word;
use crate::iac::{Reason, Resource, is_resource};
use crate::rule::def::{Body, PolicyBody, Table, View};
use crate::rule::raw::{RawError, nearest};
use crate::rule::{RemoteModules, Rule, RuleMeta};

use aho_corasick::AhoCorasick;

use asked::Asked;
use message::Message;
use names::Names;
use path::Path;
use plan::Plan;
use possible::Possible;
use predicate::{Predicate, Test};
use views::Shape;

pub use secrets::Secrets;
pub use shelf::{All, Git, Met, Repository};

/// All policy rules of a run, ready to judge.
pub struct Compiled {
    rules: Vec<Policy>,
    views: BTreeMap<Arc<str>, views::Compiled>,
    plan: Plan,
    /// The kinds of resources that some rule looks at, and the modules that make them, to be found in bytes.
    words: AhoCorasick,
    /// Some rule is asked of projects that hold none of these.
    any_project: bool,
    modules: Arc<RemoteModules>,
    /// For the test `secret`.
    secrets: Option<Secrets>,
    warnings: Vec<PolicyError>,
}

/// A fault in a rule or in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The rule's id or the view's name.
    pub name: String,
    pub error: RawError,
}

/// A rule that is broken.
#[derive(Debug)]
pub struct Breach {
    /// The rule, by the caller's index.
    pub rule: usize,
    /// What the resource is written in, if it is about one.
    pub dialect: Option<Dialect>,
    pub finding: Finding,
}

/// What judging a project gave.
#[derive(Default)]
pub struct Judged {
    pub findings: Vec<Breach>,
    pub troubles: Vec<Trouble>,
    /// Questions that the source does not answer.
    pub unknown: Vec<Unanswered>,
    /// What was left open on purpose and is worth a word.
    pub notes: Vec<String>,
    /// Questions that have no place yet.
    questions: Vec<Question>,
    /// Values that questions looked at.
    steps: u64,
}

impl Judged {
    /// What comes of other resources.
    pub fn add(&mut self, other: Judged) {
        self.findings.extend(other.findings);
        self.troubles.extend(other.troubles);
        self.unknown.extend(other.unknown);
        self.notes.extend(other.notes);
        self.steps += other.steps;
    }
}

/// A question that was asked of a resource and has no answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    rule: RuleId,
    resource: Box<str>,
    header: Span,
    why: String,
    /// It has one, but not within the evaluator's limits.
    limit: bool,
}

impl Question {
    /// There is no answer within the evaluator's limits.
    fn limit(rule: &Policy, resource: &Resource) -> Question {
        Question {
            rule: rule.id().clone(),
            resource: resource.address.clone(),
            header: resource.header,
            why: Reason::Budget.to_string(),
            limit: true,
        }
    }
}

/// What would most often have to be known, the commonest first: the first question that hangs on each, and how many do.
#[must_use]
pub fn commonest(unknown: &[Unanswered], most: usize) -> Vec<(&Unanswered, usize)> {
    let mut counts: BTreeMap<&str, (&Unanswered, usize)> = BTreeMap::new();
    for question in unknown {
        counts.entry(&question.why).or_insert((question, 0)).1 += 1;
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(most);
    counts
}

struct Policy {
    /// The caller's index.
    index: usize,
    meta: RuleMeta,
    families: Arc<[String]>,
    asked: Asked,
    over: Vec<Over>,
    when: Option<Predicate>,
    where_: Predicate,
    at: Option<Path>,
    message: Message,
    lower: Option<Lower>,
    /// Where what is not known is worth a word.
    possible: Vec<Possible>,
}

struct Lower {
    where_: Predicate,
    severity: Severity,
    message: Message,
}

/// What a rule is about.
#[derive(Clone, PartialEq, Eq)]
enum Over {
    View(Arc<str>),
    Kind(Box<str>),
}

impl Compiled {
    /// Compiles the policy rules among `rules`; the others are passed over.
    ///
    /// # Errors
    /// Every fault, with the name of the rule or the view that has it.
    pub fn new<'r>(
        rules: impl IntoIterator<Item = (usize, &'r Rule)>,
        views: &[View],
        tables: &[Table],
    ) -> Result<Compiled, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let mut keep = |name: &str, error: RawError| errors.push(PolicyError { name: name.to_owned(), error });
        let mut compiled = BTreeMap::new();
        for view in views {
            match views::compile(view, tables) {
                Ok(shapes) => drop(compiled.insert(Arc::from(view.name.as_str()), shapes)),
                Err(error) => keep(&view.name, error),
            }
        }
        let (mut policies, mut warnings) = (Vec::new(), Vec::new());
        for (index, rule) in rules {
            let Body::Policy(body) = &rule.body else { continue };
            let mut doubts = Vec::new();
            match policy(index, &rule.meta, body, Names::new(&compiled, tables), &mut doubts) {
                Ok(policy) => policies.push(policy),
                Err(error) => keep(rule.meta.id.as_str(), error),
            }
            warnings.extend(doubts.into_iter().map(|error| PolicyError { name: rule.meta.id.as_str().to_owned(), error }));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let plan = Plan::new(&policies, &compiled);
        let words = words(plan.kinds.iter().map(|kind| word(kind)))?;
        let any_project = policies.iter().any(Policy::is_of_any_project);
        Ok(Compiled { rules: policies, views: compiled, plan, words, any_project, modules: Arc::default(), warnings, secrets: None })
    }

    /// The same, with what is known of modules that are in no tree.
    ///
    /// # Errors
    /// Where their names are too many to be searched for.
    pub fn with_modules(self, modules: &Arc<RemoteModules>) -> Result<Compiled, Vec<PolicyError>> {
        let kinds = &self.plan.kinds;
        let named = modules.words(&|kind| kinds.contains(kind));
        let words = words(kinds.iter().map(|kind| word(kind).to_owned()).chain(named))?;
        Ok(Compiled { words, modules: modules.clone(), ..self })
    }

    /// The same, with the rules on secrets that the test `secret` asks for.
    #[must_use]
    pub fn with_secrets(self, secrets: Secrets) -> Compiled {
        Compiled { secrets: Some(secrets), ..self }
    }

    /// What rules say and their authors may not have meant.
    #[must_use]
    pub fn warnings(&self) -> &[PolicyError] {
        &self.warnings
    }

    /// What is wrong with rules and views though each is sound by itself: patterns that are too large, which costs time to
    /// tell, and families that no rule on secrets among `rules` is of.
    #[must_use]
    pub fn faults(&self, rules: &[Rule]) -> Vec<PolicyError> {
        let secret = rules.iter().filter(|rule| matches!(rule.body, Body::Secret(_)));
        let known: BTreeSet<&str> = secret.flat_map(|rule| &rule.meta.families).map(String::as_str).collect();
        let fault = |test: &Test| match test {
            Test::Regex(pattern) => pattern.fault(),
            Test::Secret(families) => families.fault(&known),
            _ => None,
        };
        let mut faults = Vec::new();
        let mut look = |name: &str, predicate: &Predicate| {
            let mut tests = Vec::new();
            predicate.tests(&mut tests);
            faults.extend(tests.into_iter().filter_map(fault).map(|error| PolicyError { name: name.to_owned(), error }));
        };
        for (name, view) in &self.views {
            view.kinds.values().filter_map(|shape| shape.only.as_ref()).for_each(|only| look(name, only));
        }
        for rule in &self.rules {
            rule.predicates().for_each(|predicate| look(rule.id().as_str(), predicate));
        }
        faults
    }

    /// Whether there is nothing to judge, and so nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether some bytes name a kind of resource that a rule looks at. A rule on what is missing looks at any.
    #[must_use]
    pub fn mentions(&self, bytes: &[u8]) -> bool {
        self.any_project || self.words.is_match(bytes)
    }

    /// The names that instances of a view have; None where there is no such view.
    #[must_use]
    pub fn names(&self, view: &str) -> Option<Vec<&str>> {
        Some(self.views.get(view)?.names.iter().map(|name| &**name).collect())
    }

    fn shape(&self, view: &str, kind: &str) -> Option<&Shape> {
        self.views.get(view)?.kinds.get(kind)
    }
}

fn words<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Result<AhoCorasick, Vec<PolicyError>> {
    AhoCorasick::new(words).map_err(|error| vec![PolicyError { name: "all rules".to_owned(), error: RawError::new(0, error.to_string()) }])
}

fn policy(index: usize, meta: &RuleMeta, body: &PolicyBody, mut names: Names<'_>, doubts: &mut Vec<RawError>) -> Result<Policy, RawError> {
    let asked = Asked::of(body, &mut names)?;
    let named = if asked == Asked::Resources { body.over.as_slice() } else { &[] };
    let mut over = named.iter().map(|over| self::over(over, body, names.views)).collect::<Result<Vec<_>, _>>()?;
    if asked == Asked::Project {
        over.push(Over::Kind(project::KIND.into()));
    }
    for over in &over {
        match over {
            Over::View(view) => names.bind_view(view),
            Over::Kind(kind) if **kind == *project::KIND => {}
            Over::Kind(_) => names.bind_any(),
        }
    }
    let when = body.when.as_ref().map(|raw| parse::predicate(raw, &names)).transpose()?;
    let where_ = parse::predicate(&body.where_, &names)?;
    doubts::of_absence(when.as_ref(), &where_, &names, doubts);
    let possible = body.unknown.as_ref().map_or(Ok(Vec::new()), |raw| possible::parse(raw, &names))?;
    let at = body
        .at
        .as_deref()
        .map(|at| Path::parse(at, body.where_.at).and_then(|path| names.check(&path, body.where_.at).map(|()| path)))
        .transpose()
        .map_err(|error| error.field("at"))?;
    let lower = body.lower.as_ref().map(|lower| {
        Ok::<_, RawError>(Lower {
            where_: parse::predicate(&lower.where_, &names)?,
            severity: lower.severity,
            message: Message::parse(&lower.message, lower.where_.at, &names).map_err(|error| error.field("lower.message"))?,
        })
    });
    let lower = lower.transpose()?;
    let predicates: Vec<&Predicate> = when.iter().chain([&where_]).chain(lower.iter().map(|lower| &lower.where_)).collect();
    Ok(Policy {
        index,
        meta: meta.clone(),
        families: meta.families.clone().into(),
        asked: asked.settled(&predicates, body.where_.at)?,
        over,
        when,
        where_,
        at,
        possible,
        message: Message::parse(&body.message, body.where_.at, &names).map_err(|error| error.field("message"))?,
        lower,
    })
}

fn over(name: &str, body: &PolicyBody, views: &BTreeMap<Arc<str>, views::Compiled>) -> Result<Over, RawError> {
    if let Some((view, _)) = views.get_key_value(name) {
        return Ok(Over::View(view.clone()));
    }
    if name.contains("::") || name.contains('_') && !name.contains('.') || !is_resource(name) {
        return Ok(Over::Kind(name.into()));
    }
    let error = RawError::new(body.where_.at, format!("`{name}` is no view and no kind of resource")).field("for").word(name);
    Err(match nearest(name, views.keys().map(|view| &**view)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    })
}

impl Policy {
    fn id(&self) -> &RuleId {
        &self.meta.id
    }

    /// All that it asks.
    fn predicates(&self) -> impl Iterator<Item = &Predicate> {
        self.when.iter().chain([&self.where_]).chain(self.lower.iter().map(|lower| &lower.where_))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_dialects;
#[cfg(test)]
mod tests_documents;
#[cfg(test)]
mod tests_instances;
#[cfg(test)]
mod tests_project;
#[cfg(test)]
mod tests_semantics;
#[cfg(test)]
mod tests_situations;
#[cfg(test)]
mod tests_stacks;
#[cfg(test)]
mod tests_statements;
#[cfg(test)]
mod tests_told;
#[cfg(test)]
mod tests_views;
