//! Numbers. They are floats here, where Terraform has 512 bits: what a float does not hold exactly is unknown where it
//! would show.

use super::{Call, Failure, Outcome, Table, refused};
use crate::iac::Value;

pub(super) const TABLE: Table = &[
    ("abs", |call| call.numeral(call.number(0)?.abs())),
    ("ceil", |call| call.numeral(call.number(0)?.ceil())),
    ("floor", |call| call.numeral(call.number(0)?.floor())),
    ("log", |call| call.numeral(call.number(0)?.ln() / call.number(1)?.ln())),
    ("max", |call| extreme(call, f64::max)),
    ("min", |call| extreme(call, f64::min)),
    ("parseint", parseint),
    ("pow", |call| call.numeral(call.number(0)?.powf(call.number(1)?))),
    ("range", range),
    ("signum", |call| {
        let number = call.number(0)?;
        call.numeral(if number == 0.0 { 0.0 } else { number.signum() })
    }),
    ("sum", |call| {
        let items = call.whole_list(0)?;
        if items.is_empty() {
            return Err(Failure::Failed);
        }
        call.numeral(numbers(&items)?.into_iter().sum())
    }),
];

/// Numbers of a `range`, at most, as Terraform has it.
const MAX_RANGE: usize = 1024;

fn numbers(values: &[Value]) -> Outcome<Vec<f64>> {
    values.iter().map(|value| value.as_number().ok_or_else(|| refused(value))).collect()
}

fn extreme(call: &Call<'_>, pick: fn(f64, f64) -> f64) -> Outcome {
    let picked = numbers(call.arguments)?.into_iter().reduce(pick).ok_or(Failure::Failed)?;
    call.numeral(picked)
}

/// Digits up to base 36 are letters of either case; above it, capitals are what follows the small letters.
fn parseint(call: &Call<'_>) -> Outcome {
    let (written, base) = (call.word(0)?, call.integer(1)?);
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)).ok_or(Failure::Failed)?;
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, written.strip_prefix('+').unwrap_or(&written)),
    };
    let digit = |c: char| match c {
        'A'..='Z' if base > 36 => Some(c as u32 - 'A' as u32 + 36),
        _ => c.to_digit(36),
    };
    let mut number: f64 = 0.0;
    for c in digits.chars() {
        let digit = digit(c).filter(|digit| *digit < base).ok_or(Failure::Failed)?;
        number = number * f64::from(base) + f64::from(digit);
    }
    if digits.is_empty() {
        return Err(Failure::Failed);
    }
    super::whole(number).ok_or(Failure::Unknown)?;
    call.numeral(sign * number)
}

fn range(call: &Call<'_>) -> Outcome {
    let given = numbers(call.arguments)?;
    let (start, limit, step) = match given.as_slice() {
        [limit] => (0.0, *limit, None),
        [start, limit] => (*start, *limit, None),
        [start, limit, step] => (*start, *limit, Some(*step)),
        _ => return Err(Failure::Failed),
    };
    let step = step.unwrap_or(if limit < start { -1.0 } else { 1.0 });
    // Steps that lead away from the limit are refused, but for a limit that is met at once.
    if start < limit && step <= 0.0 || start > limit && step >= 0.0 {
        return Err(Failure::Failed);
    }
    let mut items = Vec::new();
    let mut number = start;
    while if step > 0.0 { number < limit } else { number > limit } {
        // A step that is lost beside the number does not lead on: the longest list ends that as well.
        if items.len() == MAX_RANGE {
            return Err(Failure::Failed);
        }
        items.push(Value::number(number, call.place));
        number += step;
    }
    call.items(items, false)
}
