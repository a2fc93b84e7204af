//! Predicates over resources, in three-valued truth, with the places that made them true.

use std::cell::Cell;
use std::fmt;

use std::sync::Arc;

use super::Compiled;
use super::compare::{compared, tested};
use super::links::{Links, refers};
use super::named;
use super::path::{Path, Step};
use super::path_glob::PathGlob;
use super::predicate::{Predicate, Set, Test};
use super::quantify::How;
use super::secrets;
use super::shelf::{Known, Repository};
use super::statements::Part;
use super::subjects::Shared;
use super::told;
use super::verdict::{Answer, Asked, Case, Leaf, Stop};
use super::views::{Instances, Shape};
use super::walk::{Walked, walk};
use crate::base::ids::UnknownId;
use crate::base::text_map::Text;
use crate::base::truth::{Truth, Why};
use crate::iac::{Conditions, Evaluated, Reason, Resource, Unknowns, Value};

/// Bindings in bindings.
const MAX_BINDINGS: usize = 4;
/// Values that all questions about one project look at.
const MAX_STEPS: u64 = 20_000_000;

/// All that predicates of one project can see.
pub(super) struct World<'w> {
    pub compiled: &'w Compiled,
    pub resources: &'w [Resource],
    pub unknowns: &'w Unknowns,
    pub conditions: &'w Conditions,
    pub links: Links<'w>,
    pub told: told::Told,
    /// The project that the resources are of.
    pub project: Option<&'w Evaluated>,
    /// The files that sets of files are made of.
    pub files: Option<&'w Repository<'w>>,
    /// Values that were looked at so far.
    pub steps: Cell<u64>,
    /// The instances of views that were made so far.
    pub instances: Shared<'w>,
}

/// What a predicate is about: a resource, an instance of a view, an element of a list.
#[derive(Clone)]
pub(super) struct Subject<'w> {
    pub resource: &'w Resource,
    pub base: Value,
    pub shape: Option<&'w Shape>,
}

/// A path from the outermost subject.
#[derive(Clone, Copy)]
pub(super) struct Way<'p> {
    prefix: &'p str,
    steps: &'p [Step],
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.steps.iter().filter_map(|step| if let Step::Name(name) = step { Some(&**name) } else { None });
        let all = std::iter::once(self.prefix).filter(|prefix| !prefix.is_empty()).chain(names);
        f.write_str(&all.collect::<Vec<_>>().join("."))
    }
}

/// A subject under its name, within others.
pub(super) struct Env<'e, 'w> {
    pub subject: &'e Subject<'w>,
    name: Option<&'e str>,
    /// The path from the outermost subject.
    prefix: String,
    up: Option<&'e Env<'e, 'w>>,
}

impl Subject<'_> {
    /// Itself as what made something true: an element where it stands, an instance at its resource's header.
    fn leaf(&self, at: &str) -> Leaf {
        let header = self.resource.header;
        let address = || Value::text(Text::within(self.resource.address.as_bytes(), header), header);
        Leaf { path: at.to_owned(), value: if self.shape.is_some() { address() } else { self.base.clone() } }
    }
}

impl<'e, 'w> Env<'e, 'w> {
    pub fn of(subject: &'e Subject<'w>) -> Self {
        Env { subject, name: None, prefix: String::new(), up: None }
    }

    /// The nearest statement of a policy outwards, and the path to it.
    pub fn statement(&self) -> Option<(&'e Subject<'w>, &str)> {
        let is_one = |env: &&Self| env.subject.shape.is_some_and(|shape| matches!(shape.instances, Instances::Document(_)));
        std::iter::successors(Some(self), |env| env.up).find(is_one).map(|env| (env.subject, env.prefix.as_str()))
    }

    /// Bindings around it.
    fn depth(&self) -> usize {
        std::iter::successors(self.up, |env| env.up).count()
    }

    /// What a path finds from where a predicate stands, and which path that is.
    pub fn walk<'p>(&'p self, case: &mut Case<'_>, path: &'p Path) -> Result<(Walked, Way<'p>), Stop> {
        let (mut env, mut steps) = (self, path.steps.as_slice());
        for _ in 0..path.up {
            env = env.up.unwrap_or(env);
        }
        let mut named = Some(env);
        while let Some(frame) = named {
            if frame.name.is_some() && frame.name == path.head() {
                (env, steps) = (frame, &steps[1..]);
                break;
            }
            named = frame.up;
        }
        let at = Way { prefix: &env.prefix, steps };
        let walked = match env.subject.shape {
            Some(shape) => shape.walk(case, env.subject, steps)?,
            None => walk(case, &env.subject.base, steps)?,
        };
        Ok((walked, at))
    }
}

impl<'w> World<'w> {
    /// A world of files and nothing else.
    pub fn of_files(compiled: &'w Compiled, files: &'w Repository<'w>, conditions: &'w Conditions) -> Self {
        let (unknowns, links) = (&files.unknowns, Links::default());
        World {
            compiled,
            resources: &[],
            unknowns,
            conditions,
            links,
            told: told::Told::default(),
            project: None,
            files: Some(files),
            steps: Cell::new(0),
            instances: Shared::default(),
        }
    }

    /// Counts what a question looks at among all that is asked about the project, whoever asks; once that is too much,
    /// nothing more is asked.
    ///
    /// # Errors
    /// As the question, and where it is too much.
    pub fn counted(&self, case: &mut Case<'_>, ask: impl FnOnce(&mut Case<'_>) -> Asked) -> Asked {
        if self.is_spent() {
            return Err(Stop::Budget);
        }
        let before = case.spent();
        let answer = ask(case);
        self.steps.set(self.steps.get() + u64::from(case.spent() - before));
        answer
    }

    /// Whether nothing more is asked about the project.
    pub fn is_spent(&self) -> bool {
        self.steps.get() > MAX_STEPS
    }

    pub fn ask(&self, case: &mut Case<'_>, predicate: &'w Predicate, env: &Env<'_, 'w>) -> Asked {
        case.step(1)?;
        match predicate {
            Predicate::All(parts) => {
                let mut all = Answer::of(Truth::TRUE);
                for part in parts {
                    all = all.and(self.ask(case, part, env)?);
                    if all.truth == Truth::False {
                        break;
                    }
                }
                Ok(all)
            }
            Predicate::Any(parts) => {
                let mut any = Answer::of(Truth::False);
                for part in parts {
                    any = any.or(self.ask(case, part, env)?);
                    if any.truth.is_true() {
                        break;
                    }
                }
                Ok(any)
            }
            Predicate::Not(part) => Ok(Answer::of(!self.ask(case, part, env)?.truth)),
            Predicate::Test(path, test) => {
                let (mut walked, at) = env.walk(case, path)?;
                if let Test::Ref(view) = test {
                    return refers(self, case, walked, view, at);
                }
                if !walked.nameless.is_empty() {
                    self.shape(&mut walked);
                }
                let is_choice = || matches!(path.steps.first(), Some(Step::Name(name)) if Part::is_choice(name));
                if let (Test::Set | Test::Unset, Some(Why::Value(id))) = (test, walked.unknown)
                    && self.is_something(id, env.subject.resource)
                    && !is_choice()
                {
                    return Ok(Answer::of((matches!(test, Test::Set)).into()));
                }
                match test {
                    Test::CompareWith(comparison, path) => {
                        let (with, _) = env.walk(case, path)?;
                        Ok(compared(*comparison, walked, with, at))
                    }
                    Test::Secret(families) => secrets::tested(self, case, families, &walked, &at.to_string()),
                    Test::Regex(_) => {
                        let length = |value: &Value| value.as_text().map_or(0, |text| text.len() / 64);
                        let length = walked.found.iter().map(length).sum::<usize>();
                        case.step(u32::try_from(length).unwrap_or(u32::MAX))?;
                        Ok(tested(test, walked, at))
                    }
                    _ => Ok(tested(test, walked, at)),
                }
            }
            Predicate::Quantified { quantifier, set, name, where_ } => {
                self.over(case, How::Quantified(*quantifier), set, (name.as_deref(), where_.as_deref()), env)
            }
            Predicate::Count { count, set, name, where_ } => {
                self.over(case, How::Counted(*count), set, (name.as_deref(), where_.as_deref()), env)
            }
            Predicate::Named(named) => named::ask(self, case, named, env),
            Predicate::Linked { quantifier, view, where_ } => self.linked(case, How::Quantified(*quantifier), view, where_.as_deref(), env),
        }
    }

    /// What holds of a set.
    fn over(&self, case: &mut Case<'_>, how: How, set: &Set, named: (Option<&str>, Option<&'w Predicate>), env: &Env<'_, 'w>) -> Asked {
        let (elements, at) = match set {
            Set::Path(path) => env.elements(case, path)?,
            Set::View(view) => (self.of_view(case, view)?, view.to_string()),
            Set::Linked(view) => return self.linked(case, how, view, named.1, env),
            Set::Files(glob) => return self.over_files(case, how, glob, named, env),
        };
        how.over(case, elements.all, elements.more, |case, subject| self.element(case, &subject, &at, named, env))
    }

    /// What holds of one element of a set.
    fn element(
        &self,
        case: &mut Case<'_>,
        subject: &Subject<'w>,
        at: &str,
        (name, where_): (Option<&str>, Option<&'w Predicate>),
        env: &Env<'_, 'w>,
    ) -> Asked {
        case.step(1)?;
        let Some(where_) = where_ else { return Ok(Answer { truth: Truth::TRUE, leaves: vec![subject.leaf(at)] }) };
        if env.depth() >= MAX_BINDINGS {
            return Ok(Answer::of(Truth::Unknown(Why::Budget)));
        }
        self.ask(case, where_, &Env { subject, name, prefix: at.to_owned(), up: Some(env) })
    }

    /// What holds of the files that a glob means.
    fn over_files(
        &self,
        case: &mut Case<'_>,
        how: How,
        glob: &PathGlob,
        (name, where_): (Option<&str>, Option<&'w Predicate>),
        env: &Env<'_, 'w>,
    ) -> Asked {
        let Some(files) = self.files else { return Ok(Answer::of(Truth::Unknown(Why::Open))) };
        let set = files.set(glob);
        how.over(case, set.all.iter().collect(), set.more, |case, file| {
            // It is made anew for each question.
            case.step(4)?;
            let Some(where_) = where_ else { return Ok(Answer::of(Truth::TRUE)) };
            let mut known = Known::default();
            loop {
                let subject = Subject { resource: env.subject.resource, base: files.value(file, known), shape: None };
                let inner = Env { subject: &subject, name, prefix: "files".to_owned(), up: Some(env) };
                let answer = self.ask(case, where_, &inner)?;
                let why = if let Truth::Unknown(why) = answer.truth { Some(why) } else { None };
                match files.needed(why, known) {
                    Some(more) => known = more,
                    None => return Ok(answer),
                }
            }
        })
    }

    /// Which ARN another resource's is, is not known; that it is one, is: no `*`.
    fn shape(&self, walked: &mut Walked) {
        let is_arn = |id: UnknownId| match self.unknowns.reason(id) {
            Reason::Reference { attribute, .. } => attribute.to_ascii_lowercase().ends_with("arn"),
            _ => false,
        };
        let (arns, others): (Vec<_>, Vec<_>) = walked.nameless.drain(..).partition(|(id, _)| is_arn(*id));
        walked.unknown = walked.beside.or(others.first().map(|(id, _)| Why::Value(*id)));
        walked.nameless = others;
        walked.found.extend(arns.into_iter().map(|(id, place)| {
            let mut text = Text::within(b"arn:", place);
            text.push_hole(id);
            Value::text(text, place)
        }));
    }

    /// Whether a value that is not known is there all the same: what another resource gives, declared or not, and a
    /// parameter, which cannot be null as a variable can.
    fn is_something(&self, id: UnknownId, resource: &Resource) -> bool {
        match self.unknowns.reason(id) {
            Reason::Reference { .. } | Reason::Refused(_) => true,
            reason @ Reason::Unset(_) => resource.kind.contains("::") || reason.undeclared().is_some(),
            _ => false,
        }
    }

    fn linked(&self, case: &mut Case<'_>, how: How, view: &Arc<str>, where_: Option<&'w Predicate>, env: &Env<'_, 'w>) -> Asked {
        let (near, more) = self.links.near(self, case, env.subject, view)?;
        how.over(case, near, more, |case, (subject, sure)| {
            let sure = if sure { Truth::TRUE } else { Truth::Unknown(Why::Open) };
            let Some(where_) = where_ else { return Ok(Answer::of(sure)) };
            let inner = Env { subject: &subject, name: None, prefix: format!("{view}"), up: Some(env) };
            Ok(Answer::of(sure).and(self.ask(case, where_, &inner)?))
        })
    }
}
