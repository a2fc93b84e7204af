//! Every fault of a rule on resources and of a view: compiled again and again, each time without what was wrong.

use std::collections::BTreeSet;

use super::{Remark, Weight};
use crate::policy::{Compiled, PolicyError};
use crate::rule::Rule;
use crate::rule::def::{Body, PolicyBody, Table, View};
use crate::rule::raw::{Raw, RawError, RawKind};
use crate::rule::repair::{nothing, take_out};

/// Faults of one rule or view that are told.
const MOST_FAULTS: usize = 50;

/// Every fault of a view.
pub fn view(view: &View, tables: &[Table], rules: &[Rule]) -> Vec<Remark> {
    let mut left = view.clone();
    let mut compile = |error: Option<&RawError>| {
        let take = |error: &RawError| {
            left.kinds.iter_mut().any(|(_, shape)| take_out(shape, error.at))
                || left.default.as_mut().is_some_and(|default| take_out(default, error.at))
        };
        error.is_none_or(take).then(|| Compiled::new([], std::slice::from_ref(&left), tables).err())
    };
    let mut remarks = every(&view.name, &mut compile);
    if let ([], Ok(compiled)) = (remarks.as_slice(), Compiled::new([], std::slice::from_ref(view), tables)) {
        remarks.extend(compiled.faults(rules).into_iter().map(|fault| Remark::of(&fault.name, fault.error)));
    }
    remarks
}

/// Every fault of a rule, or where there is none what it says and may not mean; not that it uses a view that has faults of
/// its own.
pub fn policy(
    rule: &Rule,
    body: &PolicyBody,
    (views, tables): (&[View], &[Table]),
    rules: &[Rule],
    broken: &BTreeSet<&str>,
) -> Vec<Remark> {
    let mut left = body.clone();
    let mut compile = |error: Option<&RawError>| {
        if !error.is_none_or(|error| without(&mut left, error)) {
            return None;
        }
        let rule = Rule { meta: rule.meta.clone(), body: Body::Policy(left.clone()) };
        Some(Compiled::new([(0, &rule)], views, tables).err())
    };
    let mut remarks = every(rule.meta.id.as_str(), &mut compile);
    if let ([], Ok(compiled)) = (remarks.as_slice(), Compiled::new([(0, rule)], views, tables)) {
        let id = rule.meta.id.as_str();
        let faults = compiled.faults(rules).into_iter().filter(|fault| fault.name == id);
        let faults: Vec<Remark> = faults.map(|fault| Remark::of(id, fault.error)).collect();
        if !faults.is_empty() {
            return faults;
        }
        let doubts =
            compiled.warnings().iter().map(|doubt| Remark { weight: Weight::Warning, ..Remark::of(&doubt.name, doubt.error.clone()) });
        return doubts.collect();
    }
    remarks.retain(|remark| remark.word.as_ref().is_none_or(|word| !broken.contains(word.as_str())));
    remarks
}

/// Takes out what an error is about, if there is one (None where it cannot), and says what is wrong with the rest.
type Compile<'c> = dyn FnMut(Option<&RawError>) -> Option<Option<Vec<PolicyError>>> + 'c;

/// Every fault of what `compile` compiles.
fn every(name: &str, compile: &mut Compile<'_>) -> Vec<Remark> {
    let mut errors: Vec<RawError> = Vec::new();
    while errors.len() < MOST_FAULTS {
        let Some(Some(found)) = compile(errors.last()) else { break };
        let Some(PolicyError { error, .. }) = found.into_iter().next() else { break };
        // What the same place says again is not to be had out of the way.
        if errors.contains(&error) || error.at == u32::MAX && error.field.is_none() {
            break;
        }
        errors.push(error);
    }
    errors.into_iter().map(|error| Remark::of(name, error)).collect()
}

fn without(body: &mut PolicyBody, error: &RawError) -> bool {
    match error.field {
        Some("message") => body.message = String::new(),
        Some("lower.message") => body.lower.iter_mut().for_each(|lower| lower.message = String::new()),
        Some("at") => body.at = None,
        Some("for") => {
            body.over.retain(|over| Some(over) != error.word.as_ref());
            // Nothing can be said of names that are nobody's.
            return !body.over.is_empty();
        }
        _ => {
            let parts = [body.when.as_mut(), Some(&mut body.where_), body.lower.as_mut().map(|lower| &mut lower.where_)];
            let mut parts = parts.into_iter().flatten();
            if error.at != 0 && parts.any(|part| is_in(part, error)) {
                return true;
            }
            return body.unknown.take_if(|unknown| error.at != 0 && unknown.at <= error.at).is_some();
        }
    }
    true
}

/// Takes out what is wrong, if it is in a predicate; one of which nothing is left gives way to one that says nothing.
fn is_in(part: &mut Raw, error: &RawError) -> bool {
    let found = take_out(part, error.at);
    let whole = part.at == error.at && !found || matches!(&part.kind, RawKind::Map(entries) if entries.is_empty());
    if whole {
        *part = nothing();
    }
    found || whole
}
