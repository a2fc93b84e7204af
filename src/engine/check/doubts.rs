//! What a rule may say and its author most likely did not mean.

use std::collections::BTreeSet;

use super::{Remark, Weight};
use crate::finding::Dialect;
use crate::rule::def::{Body, Example, ExampleSource, Page, PolicyBody};
use crate::rule::raw::{Raw, RawKind, nearest};
use crate::rule::{Rule, RuleSet, families};

/// What is doubtful about a rule.
pub fn rule(rules: &RuleSet, rule: &Rule, page: &Page) -> Vec<Remark> {
    let id = rule.meta.id.as_str();
    let doubt = |part: &str, message: String| Remark::new(Weight::Warning, id, part, message);
    let mut remarks: Vec<Remark> = Vec::new();
    for (number, family) in rule.meta.families.iter().enumerate() {
        // Rules of many providers share a family, and say beside it of whom they speak: `[other, acme]`.
        let is_provider = rule.meta.families.len() > 1 && id.split('-').next() == family.split('-').next();
        if is_provider || families::all().any(|known| known == family) || families::is_own(family) {
            continue;
        }
        let remark = doubt(&format!("families.{number}"), format!("`{family}` is no known family"));
        remarks.push(match nearest(family, families::all()) {
            Some(near) => remark.help(format!("did you mean `{near}`?")),
            None => remark.help("a family of your own begins with a word of your own: `acme-tags`"),
        });
    }
    if rule.meta.families.is_empty() {
        remarks.push(doubt("", "has no family".to_owned()).help("`families: [acme-tags]`: what findings of several rules are compared by"));
    }
    let blank = |text: &str| text.trim().is_empty();
    let texts = [("why", &page.why, "says nothing of why it matters"), ("fix", &page.fix, "says nothing of what to do")];
    remarks.extend(texts.into_iter().filter(|(_, text, _)| blank(text)).map(|(part, _, message)| doubt(part, message.to_owned())));
    let lists = [("references", &page.references), ("controls", &page.controls)];
    for (part, list) in lists {
        let empty = list.iter().position(|text| blank(text));
        remarks.extend(empty.map(|number| doubt(&format!("{part}.{number}"), format!("an empty text among `{part}`"))));
    }
    for (number, address) in page.references.iter().enumerate().filter(|(_, text)| !blank(text) && !text.starts_with("https://")) {
        let remark = doubt(&format!("references.{number}"), format!("`{address}` is no `https://` address"));
        remarks.push(remark.help("a reference is a page that people can open"));
    }
    let told = |example: &Example| example.at.is_some() || example.severity.is_some() || example.message.is_some();
    if let Some(number) = page.good.iter().position(told) {
        let message = "`at`, `severity` and `message` tell of a finding, and a good example has none".to_owned();
        remarks.push(doubt(&format!("good.{number}"), message));
    }
    if let Body::Policy(body) = &rule.body {
        remarks.extend(examples(rules, id, body, page));
    }
    remarks
}

/// Examples that prove less than they could.
fn examples(rules: &RuleSet, id: &str, body: &PolicyBody, page: &Page) -> Vec<Remark> {
    let doubt = |part: String, message: String| Remark::new(Weight::Warning, id, &part, message);
    let mut remarks = Vec::new();
    for (number, example) in page.bad.iter().enumerate() {
        if example.at.is_none() && dialect(example).is_some() {
            let remark = doubt(format!("bad.{number}"), "a bad example without `at`: a finding anywhere in it would do".to_owned());
            remarks.push(remark.help("`at: TEXT` is the text that the finding must begin at"));
        }
    }
    // A rule whose fix is shown in one dialect alone is about what is written in that one.
    let fixed = match (&page.snippets.hcl, &page.snippets.cfn) {
        (Some(_), None) => Some(Dialect::Hcl.as_str()),
        (None, Some(_)) => Some(Dialect::Cfn.as_str()),
        _ => None,
    };
    let wanted = kinds(rules, body).map(Dialect::of_kind).map(Dialect::as_str);
    let wanted: BTreeSet<&str> = wanted.filter(|dialect| fixed.is_none_or(|fixed| fixed == *dialect)).collect();
    for (list, examples) in [("bad", &page.bad), ("good", &page.good)] {
        // Where there is none at all, or one of several files, something else is said, or nothing.
        if examples.iter().any(|example| dialect(example).is_none()) {
            continue;
        }
        let given: BTreeSet<&str> = examples.iter().filter_map(dialect).collect();
        if let (Some(missing), false) = (wanted.difference(&given).next(), given.is_empty()) {
            let message = format!("no `{missing}` example among `{list}`, though what it looks at has kinds of that dialect");
            remarks.push(doubt(list.to_owned(), message));
        }
    }
    remarks
}

fn dialect(example: &Example) -> Option<&'static str> {
    match example.source {
        ExampleSource::Hcl(_) => Some(Dialect::Hcl.as_str()),
        ExampleSource::Cfn(_) => Some(Dialect::Cfn.as_str()),
        ExampleSource::Text { .. } | ExampleSource::Bytes(_) | ExampleSource::Tree(_) => None,
    }
}

/// The kinds of resources that a rule is about.
fn kinds<'r>(rules: &'r RuleSet, body: &'r PolicyBody) -> impl Iterator<Item = &'r str> {
    body.over.iter().flat_map(move |over| -> Box<dyn Iterator<Item = &'r str>> {
        match rules.views().iter().find(|view| view.name == *over) {
            Some(view) => Box::new(view.kinds.iter().map(|(kind, _)| kind.as_str())),
            None => Box::new(std::iter::once(over.as_str()).filter(|over| !matches!(*over, "project" | "files"))),
        }
    })
}

/// Views that no rule and no other view names.
pub fn unused_views(rules: &RuleSet) -> Vec<Remark> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for rule in rules.rules() {
        let Body::Policy(body) = &rule.body else { continue };
        named.extend(body.over.iter().map(String::as_str));
        let lower = body.lower.as_ref().map(|lower| &lower.where_);
        [body.when.as_ref(), Some(&body.where_), lower, body.unknown.as_ref()].into_iter().flatten().for_each(|raw| texts(raw, &mut named));
    }
    rules.views().iter().flat_map(|view| &view.kinds).for_each(|(_, shape)| texts(shape, &mut named));
    let unused = rules.views().iter().filter(|view| !named.contains(view.name.as_str()));
    unused.map(|view| Remark::new(Weight::Warning, &view.name, "view", format!("no rule uses the view `{}`", view.name))).collect()
}

/// Every text and every key of rule data.
fn texts<'r>(raw: &'r Raw, out: &mut BTreeSet<&'r str>) {
    match &raw.kind {
        RawKind::Text(text) => drop(out.insert(text)),
        RawKind::List(items) => items.iter().for_each(|item| texts(item, out)),
        RawKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            out.insert(&key.name);
            texts(value, out);
        }),
        _ => {}
    }
}
