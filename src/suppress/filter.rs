//! Inline ignores applied to findings, and what is to be said of ignores that do not hold.
//!
//! An ignore holds for its own line, and for the next one when it stands alone on its line; several of them may stand
//! above each other. Only a rule that it names is ignored: there is no way to ignore everything.

use crate::base::ids::RuleId;
use crate::finding::{Finding, State};
use crate::input::InputPath;
use crate::rule::RuleSet;
use crate::suppress::pragma::{self, Pragma};

/// Notes about one input; more are only counted.
const NOTES: usize = 10;

/// What a name in an ignore stands for in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A rule (by its id or an alias) that this run looks for.
    Rule(RuleId),
    /// A rule that this run was told not to look for: nothing can be said about the ignore.
    Off,
    /// No rule at all.
    Unknown,
}

/// How names in ignores are read: ids and aliases alike.
pub type Names<'n> = &'n dyn Fn(&str) -> Named;

/// Names as the rules of a run have them; `on` says whether the rule at an index of [`RuleSet::rules`] is looked for.
pub fn names_of<'r>(rules: &'r RuleSet, on: impl Fn(usize) -> bool + 'r) -> impl Fn(&str) -> Named + 'r {
    move |name| match rules.find(name) {
        Some(at) if on(at) => Named::Rule(rules.rules()[at].meta.id.clone()),
        Some(_) => Named::Off,
        None => Named::Unknown,
    }
}

/// The inline ignores of one input.
#[derive(Clone, Debug, Default)]
pub struct Ignores {
    all: Vec<Ignore>,
}

#[derive(Clone, Debug)]
struct Ignore {
    pragma: Pragma,
    /// The last line that it speaks of.
    last: u32,
    rules: Vec<Use>,
}

/// A name in an ignore, and whether it was needed.
#[derive(Clone, Debug)]
struct Use {
    named: Named,
    used: bool,
}

impl Ignores {
    /// The ignores of a content whose first line has the number `first_line`. Costs one search where there are none.
    #[must_use]
    pub fn of(bytes: &[u8], first_line: u32, names: Names<'_>) -> Ignores {
        let mut all: Vec<Ignore> = Vec::new();
        // From the last one up, so that ignores above each other all reach the line below them.
        for pragma in pragma::find(bytes, first_line).into_iter().rev() {
            let next = pragma.line.saturating_add(1);
            let below = all.last().filter(|below| below.pragma.alone && below.pragma.line <= next).map(|below| below.last);
            let last = if pragma.alone { below.unwrap_or(next) } else { pragma.line };
            let rules = pragma.rules.iter().map(|rule| Use { named: names(rule), used: false }).collect();
            all.push(Ignore { pragma, last, rules });
        }
        all.reverse();
        Ignores { all }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Suppresses the findings of this input that an ignore with a reason names. May be called again with more of them.
    pub fn apply<'f>(&mut self, findings: impl IntoIterator<Item = &'f mut Finding>) {
        for finding in findings {
            // Without an excerpt a finding is about the whole input, and stands on no line.
            let repeats = finding.related.iter().filter(|label| label.repeats).map(|label| &label.place);
            let places: Vec<_> = std::iter::once(&finding.primary).chain(repeats).collect();
            let lines: Vec<_> = places.iter().filter_map(|place| place.excerpt.as_ref()).map(|e| e.start.line).collect();
            let reasons: Vec<_> = lines.iter().filter_map(|line| self.reason(*line, &finding.rule)).collect();
            // One line's ignore does not speak for another line.
            if reasons.len() == places.len() && finding.state == State::Active {
                finding.state = State::Suppressed { reason: reasons.into_iter().next().unwrap_or_default() };
            }
        }
    }

    /// The reason for which a rule is ignored on a line; None where it is not, or for no reason.
    fn reason(&mut self, line: u32, id: &RuleId) -> Option<String> {
        // Both `line` and `last` only grow from one ignore to the next.
        let from = self.all.partition_point(|ignore| ignore.last < line);
        let mut reason = None;
        for ignore in self.all[from..].iter_mut().take_while(|ignore| ignore.pragma.line <= line) {
            let speaks = |rule: &&mut Use| matches!(&rule.named, Named::Rule(named) if named == id);
            let Some(rule) = ignore.rules.iter_mut().find(speaks) else { continue };
            rule.used = true;
            if !ignore.pragma.reason.is_empty() {
                reason.get_or_insert_with(|| ignore.pragma.reason.clone());
            }
        }
        reason
    }

    /// What is to be said of them, after the last [`Ignores::apply`]: those without a reason, of unknown rules, and,
    /// where `all_judged` (every line of the input, in one piece), those that nothing needed.
    #[must_use]
    pub fn notes(&self, path: &InputPath, all_judged: bool) -> Vec<String> {
        let (mut notes, mut more) = (Vec::new(), 0_u32);
        for ignore in &self.all {
            for fault in ignore.faults(all_judged) {
                if notes.len() < NOTES {
                    notes.push(format!("{path}:{}: {fault}", ignore.pragma.line));
                } else {
                    more += 1;
                }
            }
        }
        if more > 0 {
            notes.push(format!("{path}: {more} more inline ignores do not hold or are not needed"));
        }
        if self.all.len() >= pragma::MOST {
            notes.push(format!("{path}: only the first {} inline ignores are read", pragma::MOST));
        }
        notes
    }
}

impl Ignore {
    fn faults(&self, all_judged: bool) -> Vec<String> {
        let Pragma { rules, reason, .. } = &self.pragma;
        if rules.is_empty() {
            return vec!["the inline ignore names no rule: write `gatepost: ignore[rule-id] reason`".to_owned()];
        }
        if reason.is_empty() {
            return vec![format!("ignore[{}] does not hold without a reason after it", rules.join(", "))];
        }
        let fault = |(name, rule): (&String, &Use)| match rule.named {
            Named::Unknown => Some(format!("ignore[{name}] names no rule that there is")),
            Named::Rule(_) if all_judged && !rule.used => Some(format!("ignore[{name}] is not needed: nothing is found there")),
            Named::Rule(_) | Named::Off => None,
        };
        rules.iter().zip(&self.rules).filter_map(fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::excerpt::Lines;
    use crate::base::ids::{Confidence, Severity};
    use crate::base::span::{FileId, Span};
    use crate::finding::{Identity, Place, fingerprint};

    fn names(name: &str) -> Named {
        match name {
            "some-rule" | "old-name" => Named::Rule(RuleId::from("some-rule")),
            "off-rule" => Named::Off,
            _ => Named::Unknown,
        }
    }

    /// A finding at each `KEY` of a text.
    fn findings(text: &str, rule: &str) -> Vec<Finding> {
        let lines = Lines::new(text.as_bytes());
        let one = |at: usize| Finding {
            rule: RuleId::from(rule),
            families: Arc::from([]),
            severity: Severity::High,
            confidence: Confidence::High,
            message: String::new(),
            primary: Place::pinned(Span::new(FileId(0), 0..0), lines.excerpt(at..at + 3)),
            related: Vec::new(),
            resource: None,
            fix: None,
            identity: Identity::new(fingerprint("test", &[]), b""),
            owners: Vec::new(),
            group: fingerprint("test", &[]),
            state: State::Active,
            suppressed_here: false,
            change: None,
            secrets: Vec::new(),
        };
        text.match_indices("KEY").map(|(at, _)| one(at)).collect()
    }

    /// The lines whose findings are suppressed, and the notes.
    fn run(text: &str) -> (Vec<u32>, Vec<String>) {
        let mut ignores = Ignores::of(text.as_bytes(), 1, &names);
        let mut all = findings(text, "some-rule");
        ignores.apply(&mut all);
        let suppressed = all.iter().filter(|f| f.state != State::Active).filter_map(|f| f.primary.excerpt.as_ref()).map(|e| e.start.line);
        (suppressed.collect(), ignores.notes(&InputPath::new(b"a.env"), true))
    }

    #[test]
    fn names_are_those_of_the_rules() {
        let rules = RuleSet::embedded();
        let first = rules.rules()[0].meta.id.clone();
        assert_eq!(names_of(&rules, |_| true)(first.as_str()), Named::Rule(first.clone()));
        assert_eq!(names_of(&rules, |_| false)(first.as_str()), Named::Off);
        assert_eq!(names_of(&rules, |_| true)("no-such-rule"), Named::Unknown);
    }

    #[test]
    fn an_ignore_holds_on_its_line_and_alone_on_the_next() {
        assert_eq!(
            run("KEY # gatepost: ignore[some-rule] for a test
KEY
"),
            (vec![1], vec![])
        );
        assert_eq!(
            run("KEY
# gatepost: ignore[some-rule] for a test
KEY
KEY
"),
            (vec![3], vec![])
        );
        assert_eq!(
            run("// gatepost: ignore[old-name] by its alias
KEY
"),
            (vec![2], vec![])
        );
    }

    #[test]
    fn the_reason_goes_into_the_report() {
        let text = "KEY # gatepost: ignore[some-rule] for a test";
        let mut all = findings(text, "some-rule");
        Ignores::of(text.as_bytes(), 1, &names).apply(&mut all);
        assert_eq!(all[0].state, State::Suppressed { reason: "for a test".to_owned() });
    }

    #[test]
    fn ignores_above_each_other_reach_the_line_below_them() {
        let text = "# gatepost: ignore[some-rule] one
# gatepost: ignore[off-rule] two

# gatepost: ignore[some-rule] a
# gatepost: ignore[off-rule] b
KEY
KEY
";
        let (lines, notes) = run(text);
        assert_eq!(lines, [6]);
        assert_eq!(notes, ["a.env:1: ignore[some-rule] is not needed: nothing is found there"]);
        assert_eq!(
            run("# gatepost: ignore[off-rule] x # gatepost: ignore[some-rule] y
KEY
"),
            (vec![2], vec![])
        );
    }

    #[test]
    fn what_does_not_hold_is_said() {
        let (lines, notes) = run("KEY # gatepost: ignore[some-rule]
KEY # gatepost: ignore[sone-rule] x
KEY # gatepost: ignore me
");
        assert_eq!(lines, Vec::<u32>::new());
        assert_eq!(
            notes,
            [
                "a.env:1: ignore[some-rule] does not hold without a reason after it",
                "a.env:2: ignore[sone-rule] names no rule that there is",
                "a.env:3: the inline ignore names no rule: write `gatepost: ignore[rule-id] reason`",
            ]
        );
    }

    #[test]
    fn another_rule_s_finding_stays() {
        let text = "KEY # gatepost: ignore[some-rule] x
";
        let mut all = findings(text, "other-rule");
        let mut ignores = Ignores::of(text.as_bytes(), 1, &names);
        ignores.apply(&mut all);
        assert_eq!(all[0].state, State::Active);
        assert_eq!(ignores.notes(&InputPath::new(b"x"), true).len(), 1);
        assert_eq!(ignores.notes(&InputPath::new(b"x"), false), Vec::<String>::new(), "a finding may lie out of focus");
    }

    #[test]
    fn a_thousand_useless_ignores_are_told_in_a_few_lines() {
        let (_, notes) = run(&"# gatepost: ignore[x] y
"
        .repeat(5000));
        assert_eq!(notes.len(), NOTES + 2);
        assert_eq!(notes[NOTES], format!("a.env: {} more inline ignores do not hold or are not needed", pragma::MOST - NOTES));
    }

    #[test]
    fn every_ignore_and_every_finding_on_one_line_is_no_quadratic_trap() {
        let text = "KEY gatepost: ignore[some-rule] x ".repeat(10_000);
        assert_eq!(run(&text).0.len(), 10_000);
    }
}
