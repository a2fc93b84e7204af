//! The examples of a rule, run: each bad one must give a finding of the rule where it says, no good one may.

use super::generate::{UnknownGenerator, expand};
use crate::finding::Finding;
use crate::rule::RuleSet;
use crate::rule::def::{Example, ExampleSource};

/// The seeds that generated examples are tried with.
pub const SEEDS: std::ops::Range<u64> = 1..6;

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExampleFault {
    #[error("{0}")]
    Generator(#[from] UnknownGenerator),
    #[error("bad example {0} gives no finding of the rule")]
    Silent(usize),
    #[error("bad example {number} is found at `{found}`, not at `{wanted}`")]
    Elsewhere { number: usize, found: String, wanted: String },
    #[error("good example {0} gives a finding of the rule")]
    Loud(usize),
    #[error("a rule needs a bad and a good example")]
    Missing,
}

/// A text example, ready to be looked at: its path, its bytes, and the text that a finding must point at.
pub struct Staged {
    pub path: String,
    pub text: String,
    pub at: Option<String>,
}

/// The example with its generated values; None where it is no text.
///
/// # Errors
/// Where it names a generator that there is none of.
pub fn stage(example: &Example, seed: u64) -> Result<Option<Staged>, UnknownGenerator> {
    let ExampleSource::Text { text, generated } = &example.source else { return Ok(None) };
    let fill = |text: &String| if *generated { expand(text, seed) } else { Ok(text.clone()) };
    Ok(Some(Staged {
        path: example.name.clone().unwrap_or_else(|| "example.txt".to_owned()),
        text: fill(text)?,
        at: example.at.as_ref().map(fill).transpose()?,
    }))
}

/// Runs the text examples of the rule at an index. `look` is the whole of what is being tested: a path and bytes in,
/// findings out. Examples are numbered from 1.
#[must_use]
pub fn run(rules: &RuleSet, index: usize, look: &dyn Fn(&str, &[u8]) -> Vec<Finding>) -> Vec<ExampleFault> {
    let (page, Some(rule)) = (rules.page(index), rules.rules().get(index)) else { return Vec::new() };
    let mut faults = Vec::new();
    if page.bad.is_empty() || page.good.is_empty() {
        faults.push(ExampleFault::Missing);
    }
    for (is_bad, number, example) in
        page.bad.iter().enumerate().map(|(n, e)| (true, n + 1, e)).chain(page.good.iter().enumerate().map(|(n, e)| (false, n + 1, e)))
    {
        for seed in SEEDS {
            let staged = match stage(example, seed) {
                Ok(Some(staged)) => staged,
                Ok(None) => break,
                Err(error) => {
                    faults.push(error.into());
                    break;
                }
            };
            let found: Vec<_> = look(&staged.path, staged.text.as_bytes()).into_iter().filter(|f| f.rule == rule.meta.id).collect();
            let fault = if is_bad { bad(number, &found, staged.at) } else { (!found.is_empty()).then_some(ExampleFault::Loud(number)) };
            if let Some(fault) = fault {
                faults.push(fault);
                break;
            }
        }
    }
    faults
}

fn bad(number: usize, found: &[Finding], wanted: Option<String>) -> Option<ExampleFault> {
    let pointed: Vec<_> = found.iter().map(|f| f.primary.excerpt.as_ref().map_or("", |e| &e.text[e.label.clone()])).collect();
    let first = pointed.first();
    match (first, wanted) {
        (None, _) => Some(ExampleFault::Silent(number)),
        (Some(_), None) => None,
        (Some(_), Some(wanted)) if pointed.contains(&wanted.as_str()) => None,
        (Some(first), Some(wanted)) => Some(ExampleFault::Elsewhere { number, found: (*first).to_owned(), wanted }),
    }
}
