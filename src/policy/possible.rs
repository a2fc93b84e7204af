//! What is worth a word though it is not known: `unknown: {PATH | VIEW: possible}`.

use std::sync::Arc;

use super::eval::{Env, Subject, World};
use super::names::Names;
use super::path::Path;
use super::verdict::{Case, Leaf, Stop};
use crate::base::truth::Why;
use crate::iac::{Node, Value};
use crate::rule::raw::{Raw, RawError};

/// Where what is not known may be what a rule looks for.
#[derive(Debug)]
pub(super) enum Possible {
    /// The value at a path.
    Path(Path),
    /// Whether there are other instances of a view, or which.
    View(Arc<str>),
}

/// # Errors
/// Where it names neither an attribute nor a view.
pub(super) fn parse(raw: &Raw, names: &Names<'_>) -> Result<Vec<Possible>, RawError> {
    let one = |(key, value): &(crate::rule::raw::RawKey, Raw)| {
        if value.text()? != "possible" {
            return Err(RawError::new(value.at, "what is not known is `possible`, or nothing is said of it"));
        }
        let path = Path::parse(&key.name, key.at)?;
        if let (Some((view, _)), false) = (names.views.get_key_value(key.name.as_str()), names.binds(&path)) {
            return Ok(Possible::View(view.clone()));
        }
        names.check(&path, key.at)?;
        Ok(Possible::Path(path))
    };
    raw.map()?.iter().map(one).collect()
}

impl Possible {
    /// What is not known there, if that is why there is no answer.
    pub fn holds<'w>(&self, world: &World<'w>, case: &mut Case<'_>, subject: &Subject<'w>, why: Why) -> Result<Option<Leaf>, Stop> {
        match self {
            Possible::Path(path) => {
                let env = Env::of(subject);
                let (walked, at) = env.walk(case, path)?;
                let leaf = |value: Value| Some(Leaf { path: at.to_string(), value });
                if let Some((id, place)) = walked.nameless.iter().find(|(id, _)| why == Why::Value(*id)) {
                    return Ok(leaf(Value::unknown(*id, *place)));
                }
                if let Some(value) = walked.found.iter().find(|value| is_open(value, why)) {
                    return Ok(leaf(value.clone()));
                }
                let header = subject.resource.header;
                let place = || walked.found.first().map_or(header, |value| value.place);
                Ok(if walked.unknown == Some(why) { leaf(Value::list(walked.found.clone(), true, place())) } else { None })
            }
            Possible::View(view) => {
                let (near, more) = world.links.near(world, case, subject, view)?;
                let open = more == Some(why) || why == Why::Open && near.iter().any(|(_, sure)| !sure);
                let open = open || world.of_view(case, view)?.more == Some(why);
                let header = subject.resource.header;
                Ok(open.then(|| Leaf { path: view.to_string(), value: Value::list(Vec::new(), true, header) }))
            }
        }
    }
}

/// Whether some of a value is not known for a reason.
fn is_open(value: &Value, why: Why) -> bool {
    match &value.node {
        Node::Unknown(id) => why == Why::Value(*id),
        Node::Text(text) => text.holes().any(|id| why == Why::Value(id)),
        Node::List { items, open } => *open && why == Why::Open || items.iter().any(|item| is_open(item, why)),
        Node::Map { open, .. } => *open && why == Why::Open,
        _ => false,
    }
}
