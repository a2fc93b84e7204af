//! A lint of rules: what can be said of them before they meet any input.

use super::scan::{Engine, RuleFault};
use crate::base::ids::Severity;
use crate::iac::terraform;
use crate::rule::{Body, RuleSet};
use crate::settings::{Incomplete, Selection, Settings, Variables};

/// Settings under which a single rule, or all of them, are on.
pub(super) fn settings(rules: &RuleSet, only: Option<&str>) -> Settings {
    let names = [only.unwrap_or(crate::settings::ALL).to_owned()];
    let selection = Selection::new(rules, &names, &[], &[]).expect("`all`, or the id of a rule that is there");
    Settings {
        selection,
        fail_on: Severity::Info,
        incomplete: Incomplete::Fail,
        inline_ignores: false,
        threads: 1,
        variables: Variables::default(),
        plan_root: None,
    }
}

/// Every fault of the rules that are wanted, and of all modules.
#[must_use]
pub fn check(rules: &RuleSet, wanted: &Selection) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    for (index, rule) in rules.rules().iter().enumerate().filter(|(index, _)| wanted.is_on(*index)) {
        let id = &rule.meta.id;
        let mut fault = |message: &str| {
            faults.push(RuleFault { name: id.as_str().to_owned(), at: None, message: format!("rule {id}: {message}"), help: None });
        };
        let page = rules.page(index);
        if page.bad.is_empty() {
            fault("has no `bad` example: nothing shows that it finds anything");
        }
        if page.good.is_empty() {
            fault("has no `good` example: nothing shows what it leaves alone");
        }
        if let Body::Secret(body) = &rule.body
            && let Some(pair) = &body.pair
            && rules.find(pair.with.as_str()).is_none()
        {
            fault(&format!("pairs with `{}`, which is no rule", pair.with));
        }
        let settings = settings(rules, Some(id.as_str()));
        match Engine::new(rules, &settings) {
            Err(found) => faults.push(found),
            Ok(engine) => faults.extend(engine.detector.check().iter().map(RuleFault::of)),
        }
    }
    for (index, module) in rules.modules().all().iter().enumerate() {
        let of = |message: String| RuleFault {
            name: module.name.clone(),
            at: None,
            message: format!("module {}: {message}", module.name),
            help: None,
        };
        faults.extend(terraform::faults(rules.modules().hcl(index)).into_iter().map(of));
    }
    faults
}
