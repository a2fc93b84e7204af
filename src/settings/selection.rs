//! Which rules a run looks for: names to indices.

use crate::base::escape;
use crate::rule::raw::nearest;
use crate::rule::{Body, Rule, RuleSet};

/// Which rules are on, by index in the [`RuleSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    on: Vec<bool>,
}

/// A name that is no rule, family or group: whoever typed it is to change it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no rule, family or group", escape::harmless(name))]
pub struct UnknownName {
    pub name: String,
    pub help: String,
}

/// All rules that judge resources, whatever their folder.
pub const IAC: &str = "iac";
/// Every rule, those that are off by default too.
pub const ALL: &str = "all";
/// The group of rules whose lists (of regions, of tags) are examples: `all` and `iac` do not switch them on, for what they
/// find is nobody's verdict until somebody asks for them.
const EXAMPLES: &str = "platform";

impl Selection {
    /// `select` replaces the default set where it names anything, `extend` adds to it, `ignore` takes away. Each name
    /// is a rule's id or alias, or else a family, a group, `iac` or `all`, which switch on no rule of the platform group.
    ///
    /// # Errors
    /// At the names that nothing bears.
    pub fn new(rules: &RuleSet, select: &[String], extend: &[String], ignore: &[String]) -> Result<Selection, Vec<UnknownName>> {
        let mut unknown = Vec::new();
        let mut on: Vec<bool> = rules.rules().iter().map(|r| select.is_empty() && r.meta.default_on).collect();
        for (names, state) in [(select, true), (extend, true), (ignore, false)] {
            for name in names {
                let (mut any, one) = (false, rules.find(name));
                for (index, slot) in on.iter_mut().enumerate() {
                    if bears(rules, index, name, one) && !(state && is_example(rules, index, name)) {
                        (*slot, any) = (state, true);
                    }
                }
                if !any && name != ALL && name != IAC {
                    unknown.push(self::unknown(rules, name));
                }
            }
        }
        if unknown.is_empty() { Ok(Selection { on }) } else { Err(unknown) }
    }

    /// The rules that go by some names, or where there is none every rule; examples too, whatever the name.
    ///
    /// # Errors
    /// At the first name that nothing bears.
    pub fn of(rules: &RuleSet, names: &[String]) -> Result<Selection, UnknownName> {
        let known = Selection::new(rules, names, &[], &[]).map_err(|mut unknown| unknown.swap_remove(0))?;
        let ones: Vec<_> = names.iter().map(|name| (name, rules.find(name))).collect();
        let all = (0..known.on.len()).map(|index| names.is_empty() || ones.iter().any(|(name, one)| bears(rules, index, name, *one)));
        Ok(Selection { on: all.collect() })
    }

    #[must_use]
    pub fn is_on(&self, index: usize) -> bool {
        self.on.get(index).copied().unwrap_or(false)
    }

    /// Those of some rules that are on, each with its index.
    pub fn selected<'r>(&self, rules: &'r RuleSet) -> impl Iterator<Item = (usize, &'r Rule)> + use<'_, 'r> {
        rules.rules().iter().enumerate().filter(|(index, _)| self.is_on(*index))
    }
}

/// `one` is the rule whose id or alias the name is.
fn bears(rules: &RuleSet, index: usize, name: &str, one: Option<usize>) -> bool {
    let rule = &rules.rules()[index];
    let meta = &rule.meta;
    // An id is that rule alone, though a family of several is called the same.
    if let Some(named) = one {
        return named == index;
    }
    name == ALL || (name == IAC && matches!(rule.body, Body::Policy(_))) || meta.group == name || meta.families.iter().any(|n| n == name)
}

/// Whether a rule, named only along with all others, is an example of ours. One that somebody has on is theirs.
fn is_example(rules: &RuleSet, index: usize, name: &str) -> bool {
    let meta = &rules.rules()[index].meta;
    matches!(name, ALL | IAC) && meta.group == EXAMPLES && !meta.default_on
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
    fn all_rules_are_without_the_examples_of_a_platform() {
        let mut rules = RuleSet::embedded();
        let regions = rules.find("region-not-allowed").expect("a built-in rule");
        let on = |rules: &RuleSet, select: &[&str], extend: &[&str], ignore: &[&str]| {
            Selection::new(rules, &names(select), &names(extend), &names(ignore)).expect("known names").is_on(regions)
        };
        assert!(!on(&rules, &["all"], &[], &[]) && !on(&rules, &["iac"], &[], &[]) && !on(&rules, &[], &["all", "iac"], &[]));
        assert!(on(&rules, &["platform"], &[], &[]) && on(&rules, &["all", "region-not-allowed"], &[], &[]));
        assert!(on(&rules, &["all"], &["platform-region"], &[]), "its family");
        assert!(!on(&rules, &["platform"], &[], &["iac"]), "what is taken away is all");
        assert!(Selection::of(&rules, &[]).expect("all").is_on(regions));
        assert!(Selection::of(&rules, &names(&["iac"])).expect("known").is_on(regions));
        let (mut own, page) = (rules.rules()[regions].clone(), rules.page(regions).clone());
        own.meta.default_on = true;
        rules.add(own, page);
        assert!(on(&rules, &["all"], &[], &[]), "a list of somebody's own is no example");
    }

    #[test]
    fn an_unknown_name_is_told_what_it_may_have_meant() {
        let error = Selection::new(&RuleSet::embedded(), &names(&["github-tokn"]), &[], &[]).expect_err("no such rule").remove(0);
        assert_eq!(error.help, "did you mean `github-token`?");
    }
}
