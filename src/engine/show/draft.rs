//! Evaluated values in the form in which they are shown: names for reasons, lines for spans, bounds for what is large.

use std::collections::{BTreeMap, BTreeSet};

use super::tally;
use crate::base::excerpt::{Lines, Position};
use crate::base::span::{FileId, Span};
use crate::base::text_map::{HOLE, Text};
use crate::base::truth::{Assumed, Assumption};
use crate::iac::files::Characters;
use crate::iac::{Conditions, Evaluated, Files, Node, Resource, Unknowns, Unresolved, Value};
use crate::input::InputPath;
use crate::report::shown::{MAX_TEXT, Part, ShownModule, ShownNode, ShownResource, ShownValue, Spot, head};

/// Values of all resources together that are shown.
const MAX_VALUES: usize = 200_000;
/// Items of one list or map that are shown.
const MAX_ITEMS: usize = 1000;
/// Values in values that are shown: more than policies nest, fewer than parsers of JSON take.
const MAX_DEPTH: usize = 40;
/// Bytes of one text in a draft: a secret that begins in what is shown is known by its beginning.
const DRAFTED: usize = MAX_TEXT + (8 << 10);
/// What stands for a value that is marked as sensitive; how long that is is nobody's business.
const STARS: &str = "********";
/// Bytes of texts together.
const MAX_TEXTS: usize = 256 << 20;

/// A resource that is shown, and what of it, where it is but a part.
pub(super) type Chosen<'r> = (&'r Resource, Option<(String, Value)>);

/// How much has been drafted in a run.
#[derive(Default)]
pub(super) struct Drafting {
    values: usize,
    texts: usize,
}

impl Drafting {
    pub fn is_spent(&self) -> bool {
        self.values >= MAX_VALUES || self.texts >= MAX_TEXTS
    }

    /// Resources of one project.
    pub fn resources(&mut self, files: &Files<'_>, evaluated: &Evaluated, chosen: &[Chosen<'_>]) -> Vec<ShownResource> {
        let mut spans = Spans { files: BTreeSet::new(), left: MAX_VALUES, items: MAX_ITEMS };
        for (resource, part) in chosen {
            spans.files.insert(resource.header.file);
            spans.files.extend(resource.trace.iter().map(|call| call.place.file));
            spans.items = most_items(part.is_some());
            spans.value(part.as_ref().map_or(&resource.attrs, |(_, value)| value));
        }
        let known: BTreeMap<FileId, Characters> =
            spans.files.iter().filter_map(|file| Some((*file, Characters::of(&files.bytes(*file)?)))).collect();
        let lines = known.iter().map(|(file, text)| (*file, (tally::path(files, *file), text, Lines::new(text.text())))).collect();
        let hidden = evaluated.sensitive.iter().map(|sensitive| sensitive.place).collect();
        let mut pen = Pen {
            files,
            unknowns: &evaluated.unknowns,
            conditions: &evaluated.conditions,
            assumed: Assumption::default(),
            items: MAX_ITEMS,
            hidden,
            lines,
            drafting: self,
        };
        let mut shown: Vec<_> = chosen.iter().map(|(resource, part)| pen.resource(resource, part.as_ref())).collect();
        shown.sort_by(|a, b| (&a.header, &a.address).cmp(&(&b.header, &b.address)));
        shown
    }
}

/// The files that values stand in.
struct Spans {
    files: BTreeSet<FileId>,
    left: usize,
    /// Items of one list or map.
    items: usize,
}

/// Items of one list or map that are shown; of what is asked for, all.
fn most_items(part: bool) -> usize {
    if part { usize::MAX } else { MAX_ITEMS }
}

impl Spans {
    fn value(&mut self, value: &Value) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        self.files.insert(value.place.file);
        self.files.extend(value.way().iter().map(|via| via.place.file));
        match &value.node {
            Node::List { items, .. } => items.iter().take(self.items).for_each(|item| self.value(item)),
            Node::Map { entries, .. } => entries.iter().take(self.items).for_each(|entry| self.value(&entry.value)),
            Node::Choice { then, else_, .. } => {
                self.value(then);
                self.value(else_);
            }
            _ => {}
        }
    }
}

struct Pen<'p> {
    files: &'p Files<'p>,
    unknowns: &'p Unknowns,
    conditions: &'p Conditions,
    /// What holds where a value stands.
    assumed: Assumption,
    /// Items of one list or map.
    items: usize,
    /// Places of what is marked as sensitive: what stands there is not shown, however short it is.
    hidden: BTreeSet<Span>,
    lines: BTreeMap<FileId, (InputPath, &'p Characters, Lines<'p>)>,
    drafting: &'p mut Drafting,
}

impl Pen<'_> {
    fn spot(&self, span: Span) -> Spot {
        match self.lines.get(&span.file) {
            Some((path, text, lines)) => Spot { path: path.clone(), at: lines.position(text.offset(span.start)) },
            None => Spot { path: tally::path(self.files, span.file), at: Position::START },
        }
    }

    fn resource(&mut self, resource: &Resource, part: Option<&(String, Value)>) -> ShownResource {
        let mut shown = ShownResource {
            address: resource.address.to_string(),
            kind: resource.kind.to_string(),
            header: self.spot(resource.header),
            when: resource.when.0.iter().map(|assumed| (assumed.condition.to_string(), assumed.holds)).collect(),
            trace: resource.trace.iter().map(|call| (call.address.to_string(), self.spot(call.place))).collect(),
            part: part.is_some(),
            attributes: Vec::new(),
            open: false,
            whole: None,
        };
        self.assumed.clone_from(&resource.when);
        self.items = most_items(part.is_some());
        if let Some((path, value)) = part {
            shown.attributes.push((path.clone(), self.value(value, 0)));
            return shown;
        }
        let whole = self.value(&resource.attrs, 0);
        match whole.node {
            ShownNode::Map { entries, open, more: 0 } => (shown.attributes, shown.open) = (entries, open),
            _ => shown.whole = Some(whole),
        }
        shown
    }

    fn value(&mut self, value: &Value, depth: usize) -> ShownValue {
        // What other conditions decide is not open here.
        if let Some(value) = folded(value, self.conditions, &self.assumed) {
            return self.value(&value, depth);
        }
        let via = value.way().iter().map(|via| (via.text.to_string(), self.spot(via.place))).collect();
        ShownValue { node: self.node(value, depth), place: self.spot(value.place), via }
    }

    fn node(&mut self, value: &Value, depth: usize) -> ShownNode {
        self.drafting.values += 1;
        if depth > MAX_DEPTH || self.drafting.is_spent() {
            return ShownNode::Cut;
        }
        let is_plain = matches!(value.node, Node::Bool(_) | Node::Number(_) | Node::Text(_));
        if is_plain && self.hidden.contains(&value.place) {
            return ShownNode::Text { parts: vec![Part::Known(STARS.to_owned())], cut: 0 };
        }
        match &value.node {
            Node::Null => ShownNode::Null,
            Node::Bool(value) => ShownNode::Bool(*value),
            Node::Number(number) => ShownNode::Number(*number),
            Node::Text(text) => self.text(text),
            Node::List { items, open } => ShownNode::List {
                items: items.iter().take(self.items).map(|item| self.value(item, depth + 1)).collect(),
                open: *open,
                more: items.len().saturating_sub(self.items),
            },
            Node::Map { entries, open } => {
                // Of a key that is there twice, the last one holds; it stands where the first did.
                let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
                let mut keys = Vec::new();
                for entry in entries.iter() {
                    if last.insert(&entry.key, &entry.value).is_none() {
                        keys.push(&*entry.key);
                    }
                }
                ShownNode::Map {
                    entries: keys.iter().take(self.items).map(|key| ((*key).to_owned(), self.value(last[key], depth + 1))).collect(),
                    open: *open,
                    more: keys.len().saturating_sub(self.items),
                }
            }
            Node::Choice { cond, then, else_ } => ShownNode::Choice {
                condition: cond.to_string(),
                then: Box::new(self.side(cond, true, then, depth)),
                else_: Box::new(self.side(cond, false, else_, depth)),
            },
            Node::Unknown(id) => {
                let reason = self.unknowns.reason(*id);
                ShownNode::Unknown { kind: reason.kind(), reason: reason.to_string() }
            }
        }
    }

    /// A side of a choice, with what holds on it.
    fn side(&mut self, condition: &str, holds: bool, value: &Value, depth: usize) -> ShownValue {
        self.assumed.0.push(Assumed { condition: condition.into(), holds });
        let shown = self.value(value, depth + 1);
        self.assumed.0.pop();
        shown
    }

    /// A text with stars for what came from places that are marked as sensitive, whatever was made of it; none where
    /// nothing did.
    fn starred(&self, text: &Text) -> Option<Vec<u8>> {
        let covers = |span: Span| {
            let last = Span { end: u32::MAX, ..span };
            self.hidden.range(..=last).next_back().is_some_and(|place| place.file == span.file && place.end >= span.end)
        };
        let mut bytes: Option<Vec<u8>> = None;
        if !self.hidden.is_empty() {
            for (range, _) in text.known().filter(|(_, span)| covers(*span)) {
                bytes.get_or_insert_with(|| text.bytes().to_vec())[range].fill(b'*');
            }
        }
        bytes
    }

    fn text(&mut self, text: &Text) -> ShownNode {
        let starred = self.starred(text);
        let whole = starred.as_ref().map_or_else(|| text.to_str(), |bytes| String::from_utf8_lossy(bytes));
        let drafted = head(&whole, DRAFTED);
        self.drafting.texts += drafted.len();
        let mut parts = Vec::new();
        let mut holes = text.holes();
        for (number, known) in drafted.split(HOLE).enumerate() {
            if number > 0 {
                // A character of the source that looks like a hole is none.
                parts
                    .push(holes.next().map_or_else(|| Part::Known(HOLE.to_owned()), |id| Part::Hole(self.unknowns.reason(id).to_string())));
            }
            if !known.is_empty() {
                parts.push(Part::Known(known.to_owned()));
            }
        }
        ShownNode::Text { parts, cut: whole.len() - drafted.len() }
    }
}

/// Calls of modules that are not in the tree, each file's lines counted once.
pub(super) fn modules<'u>(files: &Files<'_>, calls: impl Iterator<Item = &'u Unresolved>) -> Vec<ShownModule> {
    let calls: Vec<&Unresolved> = calls.collect();
    let places = files.pin(&calls.iter().map(|call| Span { end: call.place.start, ..call.place }).collect());
    let at = |call: &Unresolved| places.get(&Span { end: call.place.start, ..call.place }).and_then(|place| place.excerpt.as_ref());
    let shown = |call: &&Unresolved| ShownModule {
        address: call.address.to_string(),
        source: call.source.to_string(),
        call: Spot { path: tally::path(files, call.place.file), at: at(call).map_or(Position::START, |excerpt| excerpt.start) },
        mapped: call.mapped,
    };
    calls.iter().map(shown).collect()
}

/// The side of a choice that holds under an assumption, and of the choice which that is; none where a value is left open.
pub(super) fn folded(value: &Value, conditions: &Conditions, assumed: &Assumption) -> Option<Value> {
    let mut found: Option<Value> = None;
    while let Node::Choice { cond, then, else_ } = &found.as_ref().unwrap_or(value).node {
        let Some(holds) = conditions.decide(assumed, cond) else { break };
        let side = if holds { then } else { else_ };
        found = Some((**side).clone().carried(found.as_ref().unwrap_or(value).via.as_ref()));
    }
    found
}

/// Appends the known texts of a resource, each behind its name, as a file of settings would hold them.
pub(super) fn texts(resource: &ShownResource, out: &mut String) {
    for (name, value) in &resource.attributes {
        below(name, value, out);
    }
    if let Some(whole) = &resource.whole {
        below("", whole, out);
    }
}

fn below(name: &str, value: &ShownValue, out: &mut String) {
    match &value.node {
        ShownNode::Text { parts, .. } => {
            for part in parts {
                if let Part::Known(text) = part {
                    out.extend([name, " = \"", text, "\"\n"]);
                }
            }
        }
        ShownNode::List { items, .. } => items.iter().for_each(|item| below(name, item, out)),
        ShownNode::Map { entries, .. } => entries.iter().for_each(|(key, value)| below(key, value, out)),
        ShownNode::Choice { then, else_, .. } => {
            below(name, then, out);
            below(name, else_, out);
        }
        _ => {}
    }
}
