//! A lint of rules: what can be said of them before they meet any input.

mod doubts;
mod kinds;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::Severity;
use crate::files::Files;
use crate::iac::terraform;
use crate::rule::def::{Page, Told};
use crate::rule::raw::{RawError, nearest};
use crate::rule::{Body, Rule, RuleSet};
use crate::secret::Detector;
use crate::settings::{Incomplete, Paths, Selection, Settings, Trust, Variables};

/// Settings under which a single rule, or all of them, are on.
pub(super) fn settings(rules: &RuleSet, only: Option<&str>) -> Settings {
    let names: Vec<String> = only.into_iter().map(str::to_owned).collect();
    let selection = Selection::of(rules, &names).expect("no name, or the id of a rule that is there");
    Settings {
        selection,
        fail_on: Severity::Info,
        incomplete: Incomplete::Fail,
        trust: Trust::All,
        // The first day of 2020: examples have days on either side of it.
        today: 18_262,
        severities: BTreeMap::new(),
        exclude: Paths::NONE,
        allow: Vec::new(),
        honor: Vec::new(),
        notes: Vec::new(),
        threads: 1,
        variables: Variables::default(),
        plan_root: None,
    }
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The rule cannot be used, or nothing shows what it does.
    Fault,
    /// It can, and is most likely not what was meant.
    Warning,
}

/// What is to be said of a rule, a view or a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub weight: Weight,
    /// The id of the rule, or the name of the view or the module.
    pub name: String,
    /// Where in its file, as a byte offset, if that is known.
    pub at: Option<u32>,
    /// Else the part of the item that it is about: `families.1`, `lower.message`.
    pub part: String,
    /// What is wrong is the first such text from there on.
    pub word: Option<String>,
    pub message: String,
    pub help: Option<String>,
}

impl Remark {
    fn new(weight: Weight, name: &str, part: &str, message: impl Into<String>) -> Remark {
        let message = message.into();
        Remark { weight, name: name.to_owned(), at: None, part: part.to_owned(), word: None, message, help: None }
    }

    fn help(self, help: impl Into<String>) -> Remark {
        Remark { help: Some(help.into()), ..self }
    }

    /// A fault in rule data.
    #[must_use]
    pub fn of(name: &str, error: RawError) -> Remark {
        let RawError { at, message, help, field, word, .. } = error;
        let part = field.unwrap_or_default().to_owned();
        let at = Some(at).filter(|_| part.is_empty());
        Remark { weight: Weight::Fault, name: name.to_owned(), at, part, word, message, help }
    }
}

/// Everything that is wrong with the rules that are wanted, with the views and with the modules; then what most likely is.
#[must_use]
pub fn check(rules: &RuleSet, wanted: &Selection) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let (mut views, mut broken) = (Vec::new(), BTreeSet::new());
    for view in rules.views() {
        let faults = shape::view(view, rules.tables(), rules.rules());
        if faults.is_empty() {
            views.push(view.clone());
        } else {
            broken.insert(view.name.as_str());
        }
        remarks.extend(faults);
    }
    for (index, rule) in wanted.selected(rules) {
        remarks.extend(examples(rule, rules.page(index)));
        match &rule.body {
            Body::Policy(body) => remarks.extend(shape::policy(rule, body, (&views, rules.tables()), rules.rules(), &broken)),
            Body::Secret(_) | Body::File(_) | Body::Suppression(_) => remarks.extend(by_text(rules, rule)),
        }
        remarks.extend(doubts::rule(rules, rule, rules.page(index)));
    }
    remarks.extend(kinds::unheard_of(rules, wanted));
    remarks.extend(rules.views().iter().flat_map(kinds::misspelt_words));
    for (index, module) in rules.modules().all().iter().enumerate() {
        let faults = terraform::faults(rules.modules().hcl(index)).into_iter();
        remarks.extend(faults.map(|message| Remark::new(Weight::Fault, &module.name, "hcl", message)));
    }
    let all = (0..rules.rules().len()).all(|index| wanted.is_on(index));
    if all {
        remarks.extend(doubts::unused_views(rules));
    }
    remarks
}

/// Nothing is a rule that nothing shows to find and to leave alone something.
fn examples(rule: &Rule, page: &Page) -> Vec<Remark> {
    let lists = [
        ("bad", &page.bad, "has no `bad` example: nothing shows that it finds anything"),
        ("good", &page.good, "has no `good` example: nothing shows what it leaves alone"),
    ];
    // It takes two states of a repository to show it: tests/trust.rs does.
    if matches!(rule.body, Body::Suppression(Told::Changed)) {
        return Vec::new();
    }
    let id = rule.meta.id.as_str();
    let none = lists.into_iter().filter(|(_, examples, _)| examples.is_empty());
    none.map(|(list, _, message)| Remark::new(Weight::Fault, id, list, message)).collect()
}

/// A rule on text or on files.
fn by_text(rules: &RuleSet, rule: &Rule) -> Vec<Remark> {
    let id = rule.meta.id.as_str();
    let fault = |part: &str, message: String| Remark::new(Weight::Fault, id, part, message);
    let mut remarks = Vec::new();
    if let Body::Secret(body) = &rule.body
        && let Some(pair) = &body.pair
        && let Some(pair) = std::iter::once(pair).chain(&pair.also).find(|pair| rules.find(pair.with.as_str()).is_none())
    {
        let near = nearest(pair.with.as_str(), rules.rules().iter().map(|rule| rule.meta.id.as_str()));
        let remark = fault("secret.pair.with", format!("pairs with `{}`, which is no rule", pair.with));
        remarks.push(Remark { help: near.map(|near| format!("did you mean `{near}`?")), ..remark });
    }
    match &rule.body {
        // Alone: to compile all others for each would be quadratic in the rules.
        Body::Secret(_) => {
            let faults = match Detector::new([(0, rule)]) {
                Err(error) => vec![error],
                Ok(detector) => detector.check(|_| true),
            };
            remarks.extend(faults.iter().map(|error| Remark { help: Some(error.help()), ..fault(error.field(), error.to_string()) }));
        }
        _ => remarks.extend(Files::new([(0, rule)]).err().map(|error| fault("file", error.to_string()))),
    }
    remarks
}
