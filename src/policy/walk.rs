//! Following a path through a value. Lists are looked through; text that holds JSON is read, its places kept.

use super::path::Step;
use super::verdict::{Case, Stop};
use crate::base::ids::UnknownId;
use crate::base::span::Span;
use crate::base::truth::Why;
use crate::iac::{Lookup, Node, Value};
use crate::syntax::json;

/// What stands at the end of a path.
#[derive(Default)]
pub(super) struct Walked {
    /// No choice and no null among them.
    pub found: Vec<Value>,
    /// Headers of what it is absent from.
    pub absent: Vec<Span>,
    /// Why there may be more.
    pub unknown: Option<Why>,
    /// What stands there, but is not known; it is a part of why there may be more.
    pub nameless: Vec<(UnknownId, Span)>,
    /// Why there may be more than that.
    pub beside: Option<Why>,
    /// Of a range: where it begins and ends. Both stand among what was found, too.
    pub ends: Option<Box<Ends>>,
}

pub(super) fn walk(case: &mut Case<'_>, value: &Value, steps: &[Step]) -> Result<Walked, Stop> {
    let mut walked = Walked::default();
    let mut here = vec![value.clone()];
    for step in steps {
        let mut next = Vec::new();
        for value in here {
            case.step(1)?;
            let value = case.settle(&value)?;
            match step {
                Step::Name(name) => named(case, &value, name, &mut next, &mut walked)?,
                Step::Any => match &value.node {
                    Node::List { items, open } => {
                        case.step(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
                        next.extend(items.iter().map(|item| item.clone().carried(value.via.as_ref())));
                        walked.more(open.then_some(Why::Open));
                    }
                    // One is as good as a list of one.
                    _ => next.push(value),
                },
            }
        }
        here = next;
    }
    for value in here {
        let value = settled(case, &value)?;
        match &value.node {
            Node::Null => walked.absent.push(value.place),
            Node::Unknown(id) => {
                walked.unknown = walked.unknown.or(Some(Why::Value(*id)));
                walked.nameless.push((*id, value.place));
            }
            _ => walked.found.push(value),
        }
    }
    Ok(walked)
}

/// A value that is no choice, nor holds one as an item; items without a value are none.
fn settled(case: &mut Case<'_>, value: &Value) -> Result<Value, Stop> {
    let value = case.settle(value)?;
    match &value.node {
        Node::List { items, open } if items.iter().any(|item| matches!(item.node, Node::Choice { .. } | Node::Null)) => {
            case.step(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
            let items = items.iter().map(|item| case.settle(item)).collect::<Result<Vec<_>, _>>()?;
            let there = items.into_iter().filter(|item| !matches!(item.node, Node::Null)).collect();
            Ok(Value::list(there, *open, value.place).carried(value.via.as_ref()))
        }
        _ => Ok(value),
    }
}

/// The ends of ranges of numbers.
#[derive(Default)]
pub(super) struct Ends {
    pub pairs: Vec<(End, End)>,
    /// Why it is not known which end belongs to which.
    pub unclear: Option<Why>,
}

/// One end of a range.
pub(super) enum End {
    Known(Value),
    Unknown(Why),
    Absent,
}

impl Ends {
    pub fn of(from: &Walked, to: &Walked) -> Ends {
        let one = |walked: &Walked| match (walked.found.as_slice(), walked.unknown) {
            ([], None) => Some(End::Absent),
            ([], Some(why)) => Some(End::Unknown(why)),
            ([value], None) => Some(End::Known(value.clone())),
            _ => None,
        };
        if let (Some(from), Some(to)) = (one(from), one(to)) {
            return Ends { pairs: vec![(from, to)], unclear: None };
        }
        if from.found.len() != to.found.len() || from.unknown.or(to.unknown).is_some() {
            return Ends { pairs: Vec::new(), unclear: Some(Why::Open) };
        }
        let known = |value: &Value| End::Known(value.clone());
        Ends { pairs: from.found.iter().map(known).zip(to.found.iter().map(known)).collect(), unclear: None }
    }
}

impl Walked {
    /// What stands at another path.
    pub fn add(&mut self, other: Walked) {
        self.found.extend(other.found);
        self.absent.extend(other.absent);
        self.unknown = self.unknown.or(other.unknown);
        self.nameless.extend(other.nameless);
        self.beside = self.beside.or(other.beside);
    }

    fn more(&mut self, why: Option<Why>) {
        self.unknown = self.unknown.or(why);
        self.beside = self.beside.or(why);
    }
}

fn named(case: &mut Case<'_>, value: &Value, name: &str, next: &mut Vec<Value>, walked: &mut Walked) -> Result<(), Stop> {
    // Blocks are lists of maps: a name is looked for in each.
    let items = match &value.node {
        Node::List { items, open } => {
            walked.more(open.then_some(Why::Open));
            case.step(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
            items.iter().map(|item| case.settle(&item.clone().carried(value.via.as_ref()))).collect::<Result<Vec<_>, _>>()?
        }
        _ => vec![value.clone()],
    };
    for item in items {
        let read = self::read(case, &item)?;
        if let (None, Node::Text(text)) = (&read, &item.node)
            && let Some(hole) = text.holes().next()
        {
            // What fills the hole may make JSON of it.
            walked.more(Some(Why::Value(hole)));
            continue;
        }
        let map = read.as_ref().unwrap_or(&item);
        match map.lookup(name) {
            Lookup::Found(found) => next.push(found.clone().carried(map.via.as_ref())),
            Lookup::Absent(place) => walked.absent.push(place),
            Lookup::Unknown(why) => walked.more(Some(why)),
        }
    }
    Ok(())
}

/// The mark of an encoding, as it stands before a text.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The JSON that a text holds, if it does. What is cut off by a hole, or is no JSON, is unknown to its reader: the text stays.
pub(super) fn read(case: &mut Case<'_>, value: &Value) -> Result<Option<Value>, Stop> {
    let Node::Text(text) = &value.node else { return Ok(None) };
    // A mark at the start must not blind the reader.
    let marked = text.bytes().starts_with(BOM).then(|| text.slice(BOM.len()..text.len()));
    let text = marked.as_ref().unwrap_or(text);
    let first = text.bytes().iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'{' | b'[')) {
        return Ok(None);
    }
    case.step(u32::try_from(text.len() / 16).unwrap_or(u32::MAX).saturating_add(1))?;
    // Where a comma is too many, what it says is no less meant.
    let loose = |_| json::parse_loose(value.place.file, text).map(|document| document.root);
    let parsed = match json::parse_text(text, value.place).or_else(loose) {
        // What is too deep to be read holds what nobody has looked at.
        Err(error) if error.limit => return Err(Stop::Budget),
        parsed => parsed.ok(),
    };
    Ok(parsed.map(|node| Value::from_node(&node).through(value.place, "put together here").carried(value.via.as_ref())))
}

/// The elements of what a path found: items of lists, and what is no list as one.
pub(super) fn elements(case: &mut Case<'_>, walked: Walked) -> Result<(Vec<Value>, Option<Why>), Stop> {
    let (mut elements, mut unknown) = (Vec::new(), walked.unknown);
    for found in walked.found {
        let found = read(case, &found)?.unwrap_or(found);
        match &found.node {
            Node::List { items, open } => {
                if *open {
                    unknown = unknown.or(Some(Why::Open));
                }
                for item in items.iter() {
                    case.step(1)?;
                    let item = case.settle(&item.clone().carried(found.via.as_ref()))?;
                    match &item.node {
                        Node::Null => {}
                        Node::Unknown(id) => unknown = unknown.or(Some(Why::Value(*id))),
                        _ => elements.push(item),
                    }
                }
            }
            _ => elements.push(found),
        }
    }
    Ok((elements, unknown))
}
