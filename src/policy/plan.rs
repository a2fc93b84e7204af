//! Which rules are asked of a resource, told by its kind before a project is looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::views::{self, AnchorSource, Shape};
use super::{Asked, Over, Policy};

#[derive(Default)]
pub(super) struct Plan {
    turns: HashMap<Box<str>, Vec<Turn>>,
    /// The kinds of resources that some rule looks at, itself or through a view.
    pub kinds: BTreeSet<Box<str>>,
    /// How resources of a kind name themselves: a view that says so of each way, and the kind.
    naming: HashMap<Box<str>, Vec<Arc<str>>>,
}

/// Rules about the same instances of a resource.
pub(super) struct Turn {
    pub over: Over,
    /// By their place among the compiled rules.
    pub rules: Vec<usize>,
}

impl Plan {
    pub fn new(rules: &[Policy], views: &BTreeMap<Arc<str>, views::Compiled>) -> Plan {
        let mut plan = Plan::default();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for (number, rule) in rules.iter().enumerate() {
            if !matches!(rule.asked, Asked::Resources | Asked::Project) {
                continue;
            }
            for over in &rule.over {
                match over {
                    Over::Kind(kind) => {
                        if rule.asked == Asked::Resources {
                            plan.kinds.insert(kind.clone());
                        }
                        plan.take(kind, over, number);
                    }
                    Over::View(view) => {
                        used.insert(view);
                        let kinds = views.get(view).into_iter().flat_map(|view| view.kinds.keys());
                        kinds.for_each(|kind| plan.take(kind, over, number));
                    }
                }
            }
            rule.predicates().for_each(|predicate| predicate.views(&mut used));
        }
        for view in used.iter().filter_map(|view| views.get(*view)) {
            plan.kinds.extend(view.kinds.keys().cloned());
            plan.kinds.extend(view.carriers.kinds.iter().cloned());
        }
        plan.name(views);
        plan
    }

    fn take(&mut self, kind: &str, over: &Over, rule: usize) {
        let turns = self.turns.entry(kind.into()).or_default();
        match turns.iter_mut().find(|turn| turn.over == *over) {
            Some(turn) => turn.rules.push(rule),
            None => turns.push(Turn { over: over.clone(), rules: vec![rule] }),
        }
    }

    fn name(&mut self, views: &BTreeMap<Arc<str>, views::Compiled>) {
        for (view, shapes) in views {
            let own = |shape: &Shape| shape.anchor.contains(&AnchorSource::Own) && shape.anchor.len() > 1;
            for (kind, shape) in shapes.kinds.iter().filter(|(kind, shape)| self.kinds.contains(*kind) && own(shape)) {
                let known = self.naming.entry(kind.clone()).or_default();
                let same = |known: &Arc<str>| {
                    views.get(known).and_then(|known| known.kinds.get(kind)).is_some_and(|known| known.anchor == shape.anchor)
                };
                if !known.iter().any(same) {
                    known.push(view.clone());
                }
            }
        }
    }

    /// What is asked of a resource of a kind.
    pub fn turns(&self, kind: &str) -> &[Turn] {
        self.turns.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Views that tell the names of a resource of a kind.
    pub fn naming(&self, kind: &str) -> &[Arc<str>] {
        self.naming.get(kind).map_or(&[], Vec::as_slice)
    }
}
