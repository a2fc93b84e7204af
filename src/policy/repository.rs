//! Rules on the files of a repository itself: on each of them (`for: files`), and on which there are (`for: project` with
//! sets of files). Not on what credential files hold: that is `files`.

use std::cell::Cell;
use std::ops::Range;

use super::eval::{Env, Subject, World};
use super::shelf::{Known, Met, Repository, nowhere, text_of};
use super::verdict::{Answer, Case, Stop};
use super::{Asked, Breach, Compiled, Judged, Policy};
use crate::base::excerpt::Lines;
use crate::base::ids::Severity;
use crate::base::text_map::Text;
use crate::base::truth::{Assumption, Truth, Why};
use crate::finding::{Failure, Finding, Identity, Place, Trouble, Unanswered, fingerprint};
use crate::iac::{Conditions, Reason, Resource, Value};
use crate::input::{Input, InputPath, Inputs, Origin};

/// Values that all questions about one repository look at.
const MAX_STEPS: u64 = 20_000_000;

/// What a rule says of a subject.
enum Said {
    Clean,
    Broken {
        severity: Severity,
        message: String,
        /// The text that made it so, where it was looked for in text.
        content: Option<Value>,
        /// Where the directive stands that serves something, in the file's text.
        serves: Option<Range<usize>>,
    },
    Open(Why),
    /// Whether the rule applies is not known.
    Aside(Why),
}

impl Said {
    fn why(&self) -> Option<Why> {
        match self {
            Said::Open(why) | Said::Aside(why) => Some(*why),
            Said::Clean | Said::Broken { .. } => None,
        }
    }
}

impl Compiled {
    /// Whether a rule looks at resources.
    #[must_use]
    pub fn asks_resources(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.asked, Asked::Resources | Asked::Project))
    }

    /// Whether a rule looks at projects as a whole.
    #[must_use]
    pub fn asks_projects(&self) -> bool {
        self.rules.iter().any(|rule| rule.asked == Asked::Project)
    }

    /// Whether a rule looks at the files of a repository.
    #[must_use]
    pub fn asks_files(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.asked, Asked::Files | Asked::Repository))
    }

    /// Judges files by the rules on files.
    #[must_use]
    pub fn judge_files(&self, repository: &Repository<'_>, files: &[Met], inputs: &Inputs) -> Judged {
        let (mut judged, steps) = (Judged::default(), Cell::new(0));
        for rule in self.rules.iter().filter(|rule| rule.asked == Asked::Files) {
            for file in files {
                if rule.where_.is_ruled_out(repository.below(file.path.bytes())) {
                    continue;
                }
                let place = || Place::whole(inputs.intern(&repository.tree.input(file.path.bytes())));
                let said = rule.on_file(self, repository, file, &steps);
                let matched = match &said {
                    Said::Broken { serves: Some(range), .. } => pinned(repository, file, place().file, range.clone()),
                    Said::Broken { content: Some(content), .. } if rule.points_into_content() => {
                        rule.matched(content).and_then(|range| pinned(repository, file, place().file, range))
                    }
                    _ => None,
                };
                rule.tell(said, repository, &file.path, || matched.clone().unwrap_or_else(place), &mut judged);
                if steps.get() > MAX_STEPS {
                    judged.troubles.push(cut(rule));
                    return judged;
                }
            }
        }
        judged
    }

    /// Judges which files there are.
    #[must_use]
    pub fn judge_repository(&self, repository: &Repository<'_>, inputs: &Inputs) -> Judged {
        let (mut judged, steps) = (Judged::default(), Cell::new(0));
        let root = repository.root.strip_suffix(b"/").filter(|root| !root.is_empty()).unwrap_or(b".");
        let path = InputPath::new(root);
        for rule in self.rules.iter().filter(|rule| rule.asked == Asked::Repository) {
            let nothing = Value::map(Vec::new(), false, nowhere());
            let said = rule.says(self, repository, &path, &nothing, &steps);
            let place = || Place::whole(inputs.intern(&Input { path: path.clone(), origin: Origin::Root }));
            rule.tell(said, repository, &path, place, &mut judged);
            if steps.get() > MAX_STEPS {
                judged.troubles.push(cut(rule));
                break;
            }
        }
        judged
    }
}

impl Policy {
    fn on_file(&self, compiled: &Compiled, repository: &Repository<'_>, file: &Met, steps: &Cell<u64>) -> Said {
        let below = InputPath::new(repository.below(file.path.bytes()));
        let ask = |value: &Value| self.says(compiled, repository, &below, value, steps);
        let (said, known) = repository.ask(file, Said::why, ask);
        // What a message names is looked up, but for what stands in the file.
        let all = Known { size: true, tracked: true, ignored: true, ..known };
        match said {
            Said::Broken { .. } if all != known => ask(&repository.value(file, all)),
            said => said,
        }
    }

    fn says(&self, compiled: &Compiled, repository: &Repository<'_>, path: &InputPath, attrs: &Value, steps: &Cell<u64>) -> Said {
        let address: Box<str> = path.to_str().into();
        let resource = Resource {
            plain_address: address.clone(),
            address,
            kind: "file".into(),
            attrs: attrs.clone(),
            header: nowhere(),
            key: None,
            trace: Vec::new(),
            when: Assumption::default(),
        };
        let conditions = Conditions::default();
        let world = World::of_files(compiled, repository, &conditions);
        let subject = Subject { resource: &resource, base: attrs.clone(), shape: None };
        let mut case = Case::new(&conditions, Assumption::default());
        let said = self.says_in(&world, &mut case, &Env::of(&subject)).unwrap_or(Said::Open(Why::Budget));
        steps.set(steps.get() + u64::from(case.spent()));
        said
    }

    fn says_in<'w>(&'w self, world: &World<'w>, case: &mut Case<'_>, env: &Env<'_, 'w>) -> Result<Said, Stop> {
        if let Some(when) = &self.when {
            match world.ask(case, when, env)?.truth {
                Truth::True { .. } => {}
                Truth::False => return Ok(Said::Clean),
                Truth::Unknown(why) => return Ok(Said::Aside(why)),
            }
        }
        let Answer { truth, leaves } = world.ask(case, &self.where_, env)?;
        match truth {
            Truth::True { .. } => {}
            Truth::False => return Ok(Said::Clean),
            Truth::Unknown(why) => return Ok(Said::Open(why)),
        }
        world.told.tell(&leaves);
        let mut weighs = (self.meta.severity, &self.message);
        if let Some(lower) = &self.lower
            && world.ask(case, &lower.where_, env)?.truth.is_true()
        {
            weighs = (lower.severity, &lower.message);
        }
        let message = weighs.1.print(world, case, env, &leaves)?;
        let serves = leaves.iter().find(|leaf| leaf.path == "serves").map(|leaf| leaf.value.place.range());
        let content = leaves.into_iter().find(|leaf| leaf.path == "content").map(|leaf| leaf.value);
        Ok(Said::Broken { severity: weighs.0, message, content, serves })
    }

    fn points_into_content(&self) -> bool {
        self.at.as_ref().is_some_and(|at| at.to_string() == "content")
    }

    /// Where what the rule looks for in a content stands.
    fn matched(&self, content: &Value) -> Option<Range<usize>> {
        let text = content.as_text()?;
        self.where_.found_in(&text)
    }

    fn tell(&self, said: Said, repository: &Repository<'_>, path: &InputPath, place: impl Fn() -> Place, judged: &mut Judged) {
        let (severity, message) = match said {
            Said::Clean | Said::Aside(_) => return,
            Said::Open(why) => {
                let why = match why {
                    Why::Value(id) => repository.unknowns.reason(id).to_string(),
                    Why::Open => "which files there are".to_owned(),
                    Why::Budget => Reason::Budget.to_string(),
                };
                judged.unknown.push(Unanswered { rule: self.id().clone(), resource: path.to_string(), place: place(), why });
                return;
            }
            Said::Broken { severity, message, .. } => (severity, message),
        };
        let group = fingerprint("file-rule", &[self.id().as_str().as_bytes()]);
        let identity = Identity::new(group, path.bytes());
        let finding = Finding {
            families: self.families.clone(),
            ..Finding::new(self.id().clone(), (severity, self.meta.confidence), message, place(), identity)
        };
        judged.findings.push(Breach { rule: self.index, dialect: None, finding });
    }
}

/// A range of a file's text with its lines.
fn pinned(repository: &Repository<'_>, file: &Met, number: crate::base::span::FileId, range: Range<usize>) -> Option<Place> {
    let bytes = repository.tree.read(file.path.bytes()).ok()?;
    let text: Text = text_of(&bytes)?;
    let stored = text.span(range.clone())?;
    let excerpt = Lines::new(text.bytes()).excerpt(range);
    Some(Place::pinned(crate::base::span::Span { file: number, ..stored }, excerpt))
}

/// Not every file was asked about.
fn cut(rule: &Policy) -> Trouble {
    Trouble {
        place: None,
        kind: Failure::Limit,
        message: format!("the files of this repository take too much to be judged: rule {} was cut short", rule.id()),
        help: Some("ask for fewer files in its `where`, or leave it out with --ignore".to_owned()),
    }
}
