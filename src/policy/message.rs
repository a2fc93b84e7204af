//! Messages: `ACL {acl} makes {anchor} public`.

use super::eval::{Env, World};
use super::links::{Anchor, anchors};
use super::names::Names;
use super::path::{Path, Step};
use super::verdict::{Case, Leaf, Stop};
use super::walk::End;
use crate::base::truth::Why;
use crate::iac::{Node, Value};
use crate::rule::raw::RawError;

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// What stands for a value that is not there.
const NOT_SET: &str = "(not set)";

pub(super) struct Message(Vec<Part>);

enum Part {
    Text(Box<str>),
    /// What the resource is about, or else its address.
    Anchor,
    Address,
    Value(Path),
}

impl Message {
    /// # Errors
    /// Where a name in braces is bound to nothing.
    pub fn parse(text: &str, at: u32, names: &Names<'_>) -> Result<Message, RawError> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map(|close| open + close);
            let close = close.ok_or_else(|| RawError::new(at, format!("`{{` is not closed in the message `{text}`")))?;
            parts.push(Part::Text(rest[..open].into()));
            parts.push(match &rest[open + 1..close] {
                "anchor" => Part::Anchor,
                "address" => Part::Address,
                path => {
                    let known = |parsed| names.check_or(&parsed, at, &["anchor", "address"]).map(|()| parsed);
                    let parsed = Path::parse(path, at).and_then(known).map_err(|error| match error.help {
                        None => error.help("a message here has no names but `{address}`"),
                        Some(_) => error,
                    });
                    Part::Value(parsed.map_err(|error| error.word(path))?)
                }
            });
            rest = &rest[close + 1..];
        }
        parts.push(Part::Text(rest.into()));
        Ok(Message(parts))
    }

    /// The message for one case. What made it true is preferred to what else stands there.
    pub fn print<'w>(&self, world: &World<'w>, case: &mut Case<'_>, env: &Env<'_, 'w>, leaves: &[Leaf]) -> Result<String, Stop> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Address => out.push_str(&env.subject.resource.address),
                Part::Anchor => out.push_str(&anchor(world, case, env)?),
                Part::Value(path) => out.push_str(&value(world, case, env, path, leaves)?),
            }
        }
        Ok(out)
    }
}

fn value<'w>(world: &World<'w>, case: &mut Case<'_>, env: &Env<'_, 'w>, path: &Path, leaves: &[Leaf]) -> Result<String, Stop> {
    let (walked, _) = env.walk(case, path)?;
    if let Some(ends) = &walked.ends {
        return Ok(cut(&ends.pairs.iter().map(|(from, to)| range(world, from, to)).collect::<Vec<_>>().join(", ")));
    }
    let name = path.to_string();
    let mut values: Vec<String> = leaves.iter().filter(|leaf| leaf.path == name).map(|leaf| shown(world, &leaf.value)).collect();
    if values.is_empty() {
        values = walked.found.iter().map(|value| world.printed(value)).collect();
        if values.is_empty() {
            values.push(match walked.unknown {
                Some(Why::Value(id)) => world.unknowns.reason(id).to_string(),
                Some(_) => "…".to_owned(),
                None => everything_but(world, case, env, path)?.unwrap_or_else(|| NOT_SET.to_owned()),
            });
        }
    }
    values.dedup();
    Ok(cut(&values.join(", ")))
}

/// A statement that names no actions, resources or principals may name those that it is not about.
fn everything_but<'w>(world: &World<'w>, case: &mut Case<'_>, env: &Env<'_, 'w>, path: &Path) -> Result<Option<String>, Stop> {
    let Some(name) = path.steps.iter().rposition(|step| matches!(step, Step::Name(_))) else { return Ok(None) };
    let Step::Name(word) = &path.steps[name] else { return Ok(None) };
    if env.statement().is_none() || !matches!(&**word, "action" | "resource" | "principal") {
        return Ok(None);
    }
    let mut other = path.clone();
    other.steps[name] = Step::Name(format!("not_{word}").into());
    let (walked, _) = env.walk(case, &other)?;
    let values: Vec<String> = walked.found.iter().map(|value| world.printed(value)).collect();
    Ok((!values.is_empty()).then(|| format!("everything but {}", values.join(", "))))
}

/// A value, or why it is not known.
fn shown(world: &World<'_>, value: &Value) -> String {
    match value.node {
        Node::Unknown(id) => world.unknowns.reason(id).to_string(),
        _ => world.printed(value),
    }
}

/// `22`, `0-65535`.
fn range(world: &World<'_>, from: &End, to: &End) -> String {
    let end = |end: &End| match end {
        End::Known(value) => world.printed(value),
        End::Unknown(Why::Value(id)) => world.unknowns.reason(*id).to_string(),
        End::Unknown(_) => "…".to_owned(),
        End::Absent => NOT_SET.to_owned(),
    };
    match (from, to) {
        // One end alone is the port that was meant, or not all of it.
        (_, End::Absent) => end(from),
        (End::Absent, _) => end(to),
        _ => {
            let (from, to) = (end(from), end(to));
            if from == to { from } else { format!("{from}-{to}") }
        }
    }
}

fn anchor<'w>(world: &World<'w>, case: &mut Case<'_>, env: &Env<'_, 'w>) -> Result<String, Stop> {
    let subject = env.subject;
    let known = match subject.shape {
        Some(shape) => anchors(case, subject, shape, world.unknowns)?.known,
        None => std::collections::BTreeSet::new(),
    };
    // An address says more than a name.
    Ok(match known.first() {
        Some(Anchor::Address(address)) => cut_address(address),
        Some(Anchor::Name(name)) => cut(name),
        Some(Anchor::Made(..)) | None => subject.resource.address.to_string(),
    })
}

/// An address of about as many: what is left out is of the modules that lead to it, never of its kind and name.
fn cut_address(address: &str) -> String {
    let length = address.chars().count();
    if length <= SHOWN {
        return address.to_owned();
    }
    let brackets = |part: &str| part.matches('[').count() == part.matches(']').count();
    let dots: Vec<usize> = address.match_indices('.').map(|(at, _)| at).filter(|at| brackets(&address[at + 1..])).collect();
    // Kind and name; before them whole steps, as many as there is room for.
    let own = dots.len().saturating_sub(2);
    let room = |at: &&usize| address[**at..].chars().count() < SHOWN;
    let from = dots.iter().take(own).find(room).or_else(|| dots.get(own));
    from.map_or_else(|| address.to_owned(), |from| format!("…{}", &address[*from..]))
}

/// One line of at most [`SHOWN`] characters.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    line.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_address_kind_and_name_stay() {
        let long = |key: &str| format!("module.l1[\"{key}\"].module.l2.module.l3[0].aws_s3_bucket.logs[\"a.b\"]");
        assert_eq!(cut_address(&long(&"x".repeat(60))), "….module.l2.module.l3[0].aws_s3_bucket.logs[\"a.b\"]");
        let name = "n".repeat(70);
        assert_eq!(cut_address(&format!("module.a.aws_s3_bucket.{name}")), format!("….aws_s3_bucket.{name}"));
        assert_eq!(cut_address("module.a.aws_s3_bucket.b"), "module.a.aws_s3_bucket.b");
    }

    #[test]
    fn a_long_value_is_cut_to_sixty_characters_on_one_line() {
        assert_eq!(cut("a\n  b"), "a b");
        assert_eq!(cut(&"é".repeat(61)).chars().count(), 60);
        assert_eq!(cut(&"é".repeat(60)).chars().count(), 60);
    }
}
