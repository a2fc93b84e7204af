//! Judging under conditions: once for every way that the open ones can go, as far as an answer asks for them.

use std::sync::Arc;

use crate::base::truth::{Assumption, Truth, Why};
use crate::iac::{Conditions, Node, Value};

/// Ways that are looked at before the answer is unknown.
const MAX_CASES: usize = 64;
/// Values that one question looks at, in all of its cases.
const MAX_STEPS: u32 = 1_000_000;

/// Why an evaluation stopped.
pub(super) enum Stop {
    /// It needs to know how this condition goes.
    Fork(Arc<str>),
    Budget,
}

/// One way the conditions can go.
pub(super) struct Case<'c> {
    conditions: &'c Conditions,
    assumed: Assumption,
    /// What was asked, in order.
    used: Assumption,
    steps: u32,
}

/// A value that made a predicate true, and by what path the rule came to it.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub path: String,
    pub value: Value,
}

/// The answer of one case.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub truth: Truth,
    /// What made it true.
    pub leaves: Vec<Leaf>,
}

pub(super) type Asked = Result<Answer, Stop>;

impl Answer {
    pub fn of(truth: Truth) -> Self {
        Answer { truth, leaves: Vec::new() }
    }

    pub fn and(mut self, other: Answer) -> Self {
        self.leaves.extend(other.leaves);
        Answer { truth: self.truth.and(other.truth), leaves: self.leaves }.cleared()
    }

    pub fn or(self, other: Answer) -> Self {
        let leaves = if self.truth.is_true() { self.leaves } else { other.leaves };
        Answer { truth: self.truth.or(other.truth), leaves }.cleared()
    }

    fn cleared(mut self) -> Self {
        if !self.truth.is_true() {
            self.leaves.clear();
        }
        self
    }
}

impl<'c> Case<'c> {
    pub fn new(conditions: &'c Conditions, assumed: Assumption) -> Self {
        Case { conditions, assumed, used: Assumption::default(), steps: 0 }
    }

    /// How a condition goes.
    pub fn decide(&mut self, condition: &Arc<str>) -> Result<bool, Stop> {
        let holds = self.conditions.decide(&self.assumed, condition).ok_or_else(|| Stop::Fork(condition.clone()))?;
        if self.used.get(condition).is_none() {
            self.used = self.used.with(condition, holds);
        }
        Ok(holds)
    }

    /// The same case from its beginning: what is asked of it alone is seen.
    pub fn fresh(&self) -> Self {
        Case { conditions: self.conditions, assumed: self.assumed.clone(), used: Assumption::default(), steps: self.steps }
    }

    /// What was asked so far.
    pub fn used(&self) -> &Assumption {
        &self.used
    }

    /// Steps that were taken so far.
    pub fn spent(&self) -> u32 {
        self.steps
    }

    /// Whether it is settled how a condition goes.
    pub fn knows(&self, condition: &str) -> bool {
        self.conditions.decide(&self.assumed, condition).is_some()
    }

    /// Whether all of this holds in this case, which is then asked for.
    pub fn holds(&mut self, used: &Assumption) -> bool {
        let known = |assumed: &crate::base::truth::Assumed| self.conditions.decide(&self.assumed, &assumed.condition);
        if !used.0.iter().all(|assumed| known(assumed) == Some(assumed.holds)) {
            return false;
        }
        for assumed in &used.0 {
            if self.used.get(&assumed.condition).is_none() {
                self.used = self.used.with(&assumed.condition, assumed.holds);
            }
        }
        true
    }

    pub fn step(&mut self, cost: u32) -> Result<(), Stop> {
        self.steps = self.steps.saturating_add(cost);
        if self.steps > MAX_STEPS { Err(Stop::Budget) } else { Ok(()) }
    }

    /// A value that is no choice.
    pub fn settle(&mut self, value: &Value) -> Result<Value, Stop> {
        let mut value = value.clone();
        while let Node::Choice { cond, then, else_ } = &value.node {
            self.step(1)?;
            let side = if self.decide(cond)? { then } else { else_ };
            value = side.as_ref().clone().carried(value.via.as_ref());
        }
        Ok(value)
    }
}

/// The answer over all cases.
pub(super) enum Verdict {
    /// In some case.
    True(Proof),
    False,
    Unknown(Why),
}

/// The case in which an answer is yes.
pub(super) struct Proof {
    /// What the answer hangs on.
    pub when: Assumption,
    /// All of the case, with what the answer does not hang on.
    pub case: Assumption,
    pub leaves: Vec<Leaf>,
}

/// Asks a question in every case that it tells apart, beginning with `start`.
pub(super) fn judge(conditions: &Conditions, start: &Assumption, ask: &dyn Fn(&mut Case<'_>) -> Asked) -> Verdict {
    let cases = match cases(conditions, start, ask) {
        Ok(cases) => cases,
        Err(why) => return Verdict::Unknown(why),
    };
    let mut unknown = None;
    for (used, answer) in cases {
        match answer.truth {
            Truth::True { .. } => {
                let mut case = start.clone();
                case.0.extend(used.0.iter().filter(|assumed| start.get(&assumed.condition).is_none()).cloned());
                let when = needed(conditions, start, used, ask);
                return Verdict::True(Proof { when, case, leaves: answer.leaves });
            }
            Truth::Unknown(why) => unknown = unknown.or(Some(why)),
            Truth::False => {}
        }
    }
    unknown.map_or(Verdict::False, Verdict::Unknown)
}

/// Whether a question is answered with yes in every case.
pub(super) fn always(conditions: &Conditions, start: &Assumption, ask: &dyn Fn(&mut Case<'_>) -> Asked) -> bool {
    cases(conditions, start, ask).is_ok_and(|cases| cases.iter().all(|(_, answer)| answer.truth.is_true()))
}

/// The answers in every case that a question tells apart, and what each case is.
///
/// # Errors
/// Where they are too many.
pub(super) fn cases(
    conditions: &Conditions,
    start: &Assumption,
    ask: &dyn Fn(&mut Case<'_>) -> Asked,
) -> Result<Vec<(Assumption, Answer)>, Why> {
    let (mut open, mut done, mut steps) = (vec![start.clone()], Vec::new(), 0);
    while let Some(assumed) = open.pop() {
        if done.len() + open.len() >= MAX_CASES {
            return Err(Why::Budget);
        }
        let mut case = Case::new(conditions, assumed.clone());
        case.steps = steps;
        let answer = ask(&mut case);
        steps = case.steps;
        match answer {
            Ok(answer) => done.push((case.used, answer)),
            Err(Stop::Fork(condition)) => open.extend([assumed.with(&condition, false), assumed.with(&condition, true)]),
            Err(Stop::Budget) => return Err(Why::Budget),
        }
    }
    Ok(done)
}

/// Of what was assumed, what the answer hangs on: where the other side gives it too, it does not.
fn needed(conditions: &Conditions, start: &Assumption, used: Assumption, ask: &dyn Fn(&mut Case<'_>) -> Asked) -> Assumption {
    let mut when = used;
    for assumed in when.clone().0 {
        let mut others = when.clone();
        others.0.retain(|other| other.condition != assumed.condition);
        let mut flipped = Assumption(start.0.iter().chain(&others.0).cloned().collect());
        // What follows from the others says nothing; what defaults settle does.
        let settled = conditions.decide(&Assumption::default(), &assumed.condition).is_some();
        if !settled && conditions.decide(&flipped, &assumed.condition) == Some(assumed.holds) {
            when = others;
            continue;
        }
        if flipped.get(&assumed.condition).is_none() {
            flipped = flipped.with(&assumed.condition, !assumed.holds);
            if always(conditions, &flipped, ask) {
                when = others;
            }
        }
    }
    // What the resource itself hangs on comes first.
    let mut all = start.clone();
    all.0.extend(when.0.into_iter().filter(|assumed| start.get(&assumed.condition).is_none()));
    all
}
