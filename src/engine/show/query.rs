//! What a person asks for: an address, an attribute of one, a kind, a glob.

use std::collections::BTreeSet;

use crate::base::span::Span;
use crate::iac::{Node, Resource, Value};
use crate::rule::raw::nearest;

/// What resources are shown, and what of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Empty for all.
    text: String,
}

/// A step of a path to a part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Item(usize),
}

impl Query {
    #[must_use]
    pub fn new(text: &str) -> Query {
        Query { text: text.trim().to_owned() }
    }

    #[must_use]
    pub fn is_all(&self) -> bool {
        self.text.is_empty()
    }

    /// The resources that are meant, each with the part that is asked for and its path. An address in the root module,
    /// or a kind, is before one that only ends so.
    pub(super) fn choose<'r>(&self, resources: &[&'r Resource]) -> Vec<(&'r Resource, Option<(String, Value)>)> {
        if self.is_all() {
            return resources.iter().map(|resource| (*resource, None)).collect();
        }
        let whole = |is: &dyn Fn(&Resource) -> bool| -> Vec<_> {
            resources.iter().filter(|resource| is(resource)).map(|resource| (*resource, None)).collect()
        };
        let mut chosen = whole(&|r| *r.address == *self.text || *r.plain_address == *self.text || *r.kind == *self.text);
        if chosen.is_empty() && self.text.starts_with("module.") {
            let below = format!("{}.", self.text);
            chosen = whole(&|r| r.address.starts_with(&below) || r.plain_address.starts_with(&below));
        }
        let glob = self.text.contains(['*', '?']);
        if chosen.is_empty() && glob {
            chosen = whole(&|r| matches(&self.text, &r.address) || matches(&self.text, &r.kind));
        }
        if chosen.is_empty() && glob {
            let part = |resource: &&'r Resource| self.globbed(resource).map(|part| (*resource, Some(part)));
            chosen = resources.iter().filter_map(part).collect();
        }
        if chosen.is_empty() {
            let part = |resource: &&'r Resource| {
                let path = self.within(resource)?;
                let value = take(&resource.attrs, &path)?;
                Some((*resource, Some((print(&path), value))))
            };
            chosen = resources.iter().filter_map(part).collect();
        }
        if chosen.is_empty() {
            let end = format!(".{}", self.text);
            chosen = whole(&|r| r.address.ends_with(&end) || r.plain_address.ends_with(&end));
        }
        chosen
    }

    /// The part of a resource that a glob over its address and a path below that ask for: the shortest such path.
    fn globbed(&self, resource: &Resource) -> Option<(String, Value)> {
        let ends = self.text.rmatch_indices(['.', '[']).map(|(at, _)| at);
        let named = ends.filter(|at| {
            let address = &self.text[..*at];
            matches(address, &resource.address) || matches(address, &resource.plain_address)
        });
        named.filter_map(|at| steps(&self.text[at..])).find_map(|path| Some((print(&path), take(&resource.attrs, &path)?)))
    }

    /// The path below a resource that is asked for, if it begins with its address.
    pub(super) fn within(&self, resource: &Resource) -> Option<Vec<Step>> {
        let rest = [&resource.address, &resource.plain_address].into_iter().find_map(|address| self.text.strip_prefix(&**address))?;
        steps(rest)
    }

    /// The names nearest to what was asked for.
    pub(super) fn nearest(&self, names: &BTreeSet<String>) -> Vec<String> {
        let near = nearest(&self.text, names.iter().map(String::as_str));
        let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
        let same_end: Vec<&String> = names.iter().filter(|name| last(name) == last(&self.text)).collect();
        let mut all: Vec<String> = near.into_iter().map(str::to_owned).chain(same_end.into_iter().cloned()).collect();
        let mut seen = BTreeSet::new();
        all.retain(|name| seen.insert(name.clone()));
        all.truncate(3);
        all
    }
}

/// The attributes beside one that is not there, as they are asked for.
pub(super) fn names_beside(resource: &Resource, path: &[Step]) -> Vec<String> {
    let Some((_, above)) = path.split_last() else { return Vec::new() };
    let Some(Node::Map { entries, .. }) = take(&resource.attrs, above).map(|value| value.node) else { return Vec::new() };
    let prefix = if above.is_empty() { String::new() } else { format!("{}.", print(above)) };
    entries.iter().map(|entry| format!("{}.{prefix}{}", resource.address, entry.key)).collect()
}

/// `.versioning[0].enabled`, `.tags["a.b"]`. None where it is no path, or an empty one.
fn steps(text: &str) -> Option<Vec<Step>> {
    let (mut rest, mut steps) = (text, Vec::new());
    while !rest.is_empty() {
        if let Some(named) = rest.strip_prefix("[\"") {
            let (name, after) = named.split_once("\"]")?;
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = after;
        } else {
            let name = rest.strip_prefix('.')?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at(end);
            steps.push(name.parse().map_or_else(|_| Step::Name(name.to_owned()), Step::Item));
            rest = after;
        }
    }
    (!steps.is_empty()).then_some(steps)
}

fn print(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Item(index) => out.extend(["[", &index.to_string(), "]"]),
            Step::Name(name) if name.contains(['.', '[']) => out.extend(["[\"", name, "\"]"]),
            Step::Name(name) if out.is_empty() => out.push_str(name),
            Step::Name(name) => out.extend([".", name]),
        }
    }
    out
}

/// What stands at a path. What is unknown, or open, stands for its parts.
fn take(value: &Value, path: &[Step]) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value.clone()) };
    let found = match (&value.node, step) {
        (Node::Unknown(_), _) => return Some(value.clone()),
        (Node::Choice { cond, then, else_ }, _) => {
            let null = |place: Span| Value::null(place);
            let (then, otherwise) = (take(then, path), take(else_, path));
            if then.is_none() && otherwise.is_none() {
                return None;
            }
            let side = |side: Option<Value>| side.unwrap_or_else(|| null(value.place));
            return Some(Value::choice(cond.clone(), side(then), side(otherwise), value.place).carried(value.via.as_ref()));
        }
        (Node::List { items, .. }, Step::Item(index)) => items.get(*index)?,
        (Node::Map { entries, .. }, Step::Name(name)) => &entries.iter().rev().find(|entry| *entry.key == **name)?.value,
        (Node::Map { entries, .. }, Step::Item(index)) => {
            let name = index.to_string();
            &entries.iter().rev().find(|entry| *entry.key == *name)?.value
        }
        _ => return None,
    };
    take(&found.clone().carried(value.via.as_ref()), rest)
}

/// A glob over a whole name: `*` is any text, `?` any character. Linear but for the last `*` that it goes back to.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut back) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (p, n) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_names_and_indexes() {
        let path = steps(".versioning[0].enabled").expect("a path");
        assert_eq!(path, [Step::Name("versioning".into()), Step::Item(0), Step::Name("enabled".into())]);
        assert_eq!(print(&path), "versioning[0].enabled");
        assert_eq!(steps(".a.0"), Some(vec![Step::Name("a".into()), Step::Item(0)]));
        assert_eq!(print(&steps(".tags[\"a.b\"]").expect("a path")), "tags[\"a.b\"]");
        for none in ["", "x", "[", "[\"a", "[x]"] {
            assert_eq!(steps(none), None, "{none}");
        }
    }

    #[test]
    fn globs_go_over_whole_names() {
        for (pattern, name, wanted) in [
            ("*", "", true),
            ("aws_s3_*", "aws_s3_bucket.b", true),
            ("aws_s3_*", "module.m.aws_s3_bucket.b", false),
            ("*.b[?]", "aws_s3_bucket.b[0]", true),
            ("module.m[\"*\"].*", "module.m[\"k\"].aws_s3_bucket.b", true),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
