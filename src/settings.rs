//! What a run is to do, validated: the raw words of a command line become this once, and nothing fails late.

use std::collections::BTreeMap;

use crate::base::ids::Severity;
use crate::rule::raw::nearest;
use crate::rule::{Body, RuleSet};

/// Which rules are on, by index in the [`RuleSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    on: Vec<bool>,
}

/// A name that is no rule, family or group: whoever typed it is to change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no rule, family or group")]
pub struct UnknownName {
    pub name: String,
    pub help: String,
}

/// All rules that judge resources, whatever their folder.
pub const IAC: &str = "iac";
/// Every rule, those that are off by default too.
pub const ALL: &str = "all";

impl Selection {
    /// `select` replaces the default set where it names anything, `extend` adds to it, `ignore` takes away. Each name
    /// is a rule's id or alias, or else a family, a group, `iac` or `all`.
    ///
    /// # Errors
    /// At the first name that nothing bears.
    pub fn new(rules: &RuleSet, select: &[String], extend: &[String], ignore: &[String]) -> Result<Selection, UnknownName> {
        let mut on: Vec<bool> = rules.rules().iter().map(|r| select.is_empty() && r.meta.default_on).collect();
        for (names, state) in [(select, true), (extend, true), (ignore, false)] {
            for name in names {
                let mut any = false;
                for (index, slot) in on.iter_mut().enumerate() {
                    if bears(rules, index, name) {
                        (*slot, any) = (state, true);
                    }
                }
                if !any && name != ALL && name != IAC {
                    return Err(unknown(rules, name));
                }
            }
        }
        Ok(Selection { on })
    }

    #[must_use]
    pub fn is_on(&self, index: usize) -> bool {
        self.on.get(index).copied().unwrap_or(false)
    }
}

fn bears(rules: &RuleSet, index: usize, name: &str) -> bool {
    let rule = &rules.rules()[index];
    let meta = &rule.meta;
    // An id is that rule alone, though a family of several is called the same.
    if let Some(named) = rules.find(name) {
        return named == index;
    }
    name == ALL || (name == IAC && matches!(rule.body, Body::Policy(_))) || meta.group == name || meta.families.iter().any(|n| n == name)
}

fn unknown(rules: &RuleSet, name: &str) -> UnknownName {
    let metas = rules.rules().iter().map(|r| &r.meta);
    let names =
        metas.flat_map(|m| [m.id.as_str(), m.group.as_str()].into_iter().chain(m.families.iter().chain(&m.aliases).map(String::as_str)));
    let help = match nearest(name, names.chain([ALL, IAC])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`gatepost rules list` shows every rule with its families and group".to_owned(),
    };
    UnknownName { name: name.to_owned(), help }
}

/// What an incomplete scan without findings ends as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    Fail,
    Warn,
}

/// A run's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub selection: Selection,
    pub fail_on: Severity,
    pub incomplete: Incomplete,
    /// Whether inline ignores hold. They do not where the change that is judged could bring its own.
    pub inline_ignores: bool,
    pub threads: usize,
    pub variables: Variables,
    /// The folder, as the tree names it, of the root module that plans were made of.
    pub plan_root: Option<Vec<u8>>,
}

/// What a person says of Terraform's variables beyond what stands in the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// Paths in the tree of var files, which hold for every root module that declares what they set. Later ones win.
    pub files: Vec<Vec<u8>>,
    /// Values by name, as an environment holds them: text, read as the variable's type wants it.
    pub values: BTreeMap<Box<str>, Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn select_replaces_extend_adds_ignore_takes_away() {
        let rules = RuleSet::embedded();
        let index = |id: &str| rules.find(id).expect("a built-in rule");
        let on = |select: &[&str], extend: &[&str], ignore: &[&str]| {
            Selection::new(&rules, &names(select), &names(extend), &names(ignore)).expect("known names")
        };
        let github = index("github-token");
        assert!(on(&[], &[], &[]).is_on(github));
        assert!(!on(&[], &[], &["github"]).is_on(github), "a family");
        assert!(on(&["secrets"], &[], &[]).is_on(github), "a group");
        assert!(!on(&["iac"], &[], &[]).is_on(github));
        assert!(on(&["iac"], &["github-token"], &[]).is_on(github));
        assert!(on(&["all"], &[], &[]).is_on(github));
    }

    #[test]
    fn an_unknown_name_is_told_what_it_may_have_meant() {
        let error = Selection::new(&RuleSet::embedded(), &names(&["github-tokn"]), &[], &[]).expect_err("no such rule");
        assert_eq!(error.help, "did you mean `github-token`?");
    }
}
