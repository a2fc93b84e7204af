//! `some`, `every`, `none` and `count`, over what may have more elements for an unknown reason.

use super::predicate::{Comparison, Count, Quantifier};
use super::verdict::{Answer, Asked, Case};
use crate::base::truth::{Truth, Why};

/// What is asked of a set.
#[derive(Clone, Copy)]
pub(super) enum How {
    Quantified(Quantifier),
    Counted(Count),
}

impl How {
    pub fn over<T>(self, case: &mut Case<'_>, elements: Vec<T>, unknown: Option<Why>, ask: impl FnMut(&mut Case<'_>, T) -> Asked) -> Asked {
        match self {
            How::Quantified(quantifier) => quantify(case, quantifier, elements, unknown, ask),
            How::Counted(count) => self::count(case, count, elements, unknown, ask),
        }
    }
}

fn quantify<T>(
    case: &mut Case<'_>,
    quantifier: Quantifier,
    elements: Vec<T>,
    unknown: Option<Why>,
    mut ask: impl FnMut(&mut Case<'_>, T) -> Asked,
) -> Asked {
    let more = unknown.map(Truth::Unknown);
    if quantifier == Quantifier::Every {
        let mut every = Answer::of(more.unwrap_or(Truth::TRUE));
        for element in elements {
            every = every.and(ask(case, element)?);
            if every.truth == Truth::False {
                break;
            }
        }
        return Ok(every);
    }
    let mut some = Answer::of(Truth::False);
    for element in elements {
        some = some.or(ask(case, element)?);
        if some.truth.is_true() {
            break;
        }
    }
    let some = some.or(Answer::of(more.unwrap_or(Truth::False)));
    Ok(if quantifier == Quantifier::None { Answer::of(!some.truth) } else { some })
}

/// How many elements there are, as far as that is known.
fn count<T>(
    case: &mut Case<'_>,
    count: Count,
    elements: Vec<T>,
    unknown: Option<Why>,
    mut ask: impl FnMut(&mut Case<'_>, T) -> Asked,
) -> Asked {
    let (mut sure, mut perhaps, mut why, mut leaves) = (0, 0, unknown, Vec::new());
    for element in elements {
        let answer = ask(case, element)?;
        match answer.truth {
            Truth::True { .. } => {
                sure += 1;
                leaves.extend(answer.leaves);
            }
            Truth::Unknown(reason) => {
                perhaps += 1;
                why = why.or(Some(reason));
            }
            Truth::False => {}
        }
    }
    let least: usize = sure;
    let most = if unknown.is_some() { usize::MAX } else { least + perhaps };
    let (always, never) = match count.comparison {
        Comparison::GreaterOrEqual => (least >= count.number, most < count.number),
        Comparison::LessOrEqual => (most <= count.number, least > count.number),
        _ => (least == count.number && most == count.number, least > count.number || most < count.number),
    };
    Ok(match (always, never, why) {
        (true, ..) => Answer { truth: Truth::TRUE, leaves },
        (_, false, Some(why)) => Answer::of(Truth::Unknown(why)),
        _ => Answer::of(Truth::False),
    })
}
