//! One JSON object: projects with their resources, troubles, counts. A value is an object with one of `value`, `list`,
//! `map`, `choice` and `unknown`, with its `place` and, where it came from elsewhere, its `via`.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::Serializer as JsonSerializer;

use super::super::json::harmless::Harmless;
use crate::base::excerpt::Position;
use crate::input::InputPath;
use crate::render::{Style, path_text};
use crate::report::SealedTrouble;
use crate::report::shown::{Part, Shown, ShownModule, ShownNode, ShownProject, ShownResource, ShownValue, Spot, Summary};

/// # Errors
/// What `out` says.
pub fn render(shown: &Shown, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let report = ShownV1 {
        schema_version: 1,
        projects: shown.projects.iter().map(Project).collect(),
        unknown: UnknownV1::of(&shown.summary),
        counts: CountsV1::of(&shown.summary),
        troubles: shown.troubles.iter().map(TroubleV1::of).collect(),
        complete: shown.troubles.is_empty(),
    };
    report.serialize(&mut JsonSerializer::with_formatter(&mut *out, Harmless))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct ShownV1<'a> {
    schema_version: u32,
    projects: Vec<Project<'a>>,
    unknown: UnknownV1<'a>,
    counts: CountsV1,
    troubles: Vec<TroubleV1<'a>>,
    /// False where something that should have been evaluated was not.
    complete: bool,
}

/// Why values are not known.
#[derive(Serialize)]
struct UnknownV1<'a> {
    /// How many, by the kind of their reason.
    kinds: &'a std::collections::BTreeMap<&'static str, u64>,
    /// The commonest reasons, at most ten.
    commonest: Vec<ReasonV1<'a>>,
}

#[derive(Serialize)]
struct ReasonV1<'a> {
    reason: &'a str,
    kind: &'a str,
    count: u64,
    /// One place where it is so.
    place: Place<'a>,
}

#[derive(Serialize)]
struct CountsV1 {
    roots: u64,
    templates: u64,
    plans: u64,
    states: u64,
    files: FilesV1,
    resources: u64,
    /// Things that are left open on purpose.
    notes: u64,
    modules_absent: u64,
    modules_known_in_part: u64,
    values: ValuesV1,
}

#[derive(Serialize)]
struct FilesV1 {
    parsed: u64,
    partial: u64,
    failed: u64,
}

#[derive(Serialize)]
struct ValuesV1 {
    all: u64,
    known: u64,
    /// Texts of which some part is unknown.
    partial: u64,
    unknown: u64,
    /// Of all, in percent.
    unknown_percent: String,
    /// Lists and maps that may hold more.
    open: u64,
    choices: u64,
}

#[derive(Serialize)]
struct TroubleV1<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<TroublePlace<'a>>,
    kind: &'static str,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct TroublePlace<'a> {
    path: std::borrow::Cow<'a, str>,
    line: u32,
    column: u32,
}

impl<'a> UnknownV1<'a> {
    fn of(summary: &'a Summary) -> Self {
        let one =
            |r: &'a crate::report::shown::ReasonCount| ReasonV1 { reason: &r.reason, kind: r.kind, count: r.count, place: Place(&r.place) };
        UnknownV1 { kinds: &summary.kinds, commonest: summary.reasons.iter().map(one).collect() }
    }
}

impl CountsV1 {
    fn of(summary: &Summary) -> Self {
        let values = summary.values;
        CountsV1 {
            roots: summary.roots,
            templates: summary.templates,
            plans: summary.plans,
            states: summary.states,
            files: FilesV1 { parsed: summary.files.parsed, partial: summary.files.partial, failed: summary.files.failed },
            resources: summary.resources,
            notes: summary.notes,
            modules_absent: summary.absent,
            modules_known_in_part: summary.mapped,
            values: ValuesV1 {
                all: values.all(),
                known: values.known,
                partial: values.partial,
                unknown: values.unknown,
                unknown_percent: super::percent(values.share(values.unknown)),
                open: values.open,
                choices: values.choices,
            },
        }
    }
}

impl<'a> TroubleV1<'a> {
    fn of(trouble: &'a SealedTrouble) -> Self {
        let place = trouble.place.as_ref().map(|place| TroublePlace {
            path: place.path.to_str(),
            line: place.start.line,
            column: place.start.column,
        });
        TroubleV1 { place, kind: trouble.kind.as_str(), message: &trouble.message, help: trouble.help.as_deref() }
    }
}

struct Project<'a>(&'a ShownProject);

impl Serialize for Project<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        path(&mut map, &self.0.path)?;
        if let Some(dialect) = self.0.dialect {
            map.serialize_entry("dialect", dialect)?;
        }
        map.serialize_entry("variant", &self.0.variant)?;
        map.serialize_entry("notes", &self.0.notes)?;
        map.serialize_entry("modules", &self.0.modules.iter().map(Module).collect::<Vec<_>>())?;
        map.serialize_entry("resources", &self.0.resources.iter().map(Resource).collect::<Vec<_>>())?;
        map.end()
    }
}

/// A module that is not in the tree.
struct Module<'a>(&'a ShownModule);

impl Serialize for Module<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("address", &self.0.address)?;
        map.serialize_entry("source", &self.0.source)?;
        map.serialize_entry("known_in_part", &self.0.mapped)?;
        map.serialize_entry("place", &Place(&self.0.call))?;
        map.end()
    }
}

fn path<M: SerializeMap>(map: &mut M, path: &InputPath) -> Result<(), M::Error> {
    let (text, base64) = path_text(path);
    map.serialize_entry("path", &text)?;
    if let Some(base64) = base64 {
        map.serialize_entry("path_base64", &base64)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct PositionV1 {
    line: u32,
    column: u32,
}

impl PositionV1 {
    fn of(at: Position) -> Self {
        PositionV1 { line: at.line, column: at.column }
    }
}

struct Resource<'a>(&'a ShownResource);

impl Serialize for Resource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct WhenV1<'a> {
            condition: &'a str,
            holds: bool,
        }
        let resource = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("address", &resource.address)?;
        map.serialize_entry("kind", &resource.kind)?;
        path(&mut map, &resource.header.path)?;
        map.serialize_entry("start", &PositionV1::of(resource.header.at))?;
        let when: Vec<_> = resource.when.iter().map(|(condition, holds)| WhenV1 { condition, holds: *holds }).collect();
        map.serialize_entry("when", &when)?;
        map.serialize_entry("trace", &Steps(&resource.trace, "address"))?;
        match &resource.whole {
            Some(whole) => map.serialize_entry("whole", &Value(whole))?,
            None => map.serialize_entry("attributes", &Entries(&resource.attributes))?,
        }
        if resource.open {
            map.serialize_entry("open", &true)?;
        }
        map.end()
    }
}

struct Place<'a>(&'a Spot);

impl Serialize for Place<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        path(&mut map, &self.0.path)?;
        map.serialize_entry("line", &self.0.at.line)?;
        map.serialize_entry("column", &self.0.at.column)?;
        map.end()
    }
}

/// Steps with their places; the text's name is the second.
struct Steps<'a>(&'a [(String, Spot)], &'static str);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(text, spot)| Step { text, spot, name: self.1 }))
    }
}

struct Step<'a> {
    text: &'a str,
    spot: &'a Spot,
    name: &'static str,
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.name, self.text)?;
        path(&mut map, &self.spot.path)?;
        map.serialize_entry("line", &self.spot.at.line)?;
        map.serialize_entry("column", &self.spot.at.column)?;
        map.end()
    }
}

struct Entries<'a>(&'a [(String, ShownValue)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Value(value))))
    }
}

struct Value<'a>(&'a ShownValue);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        node(&mut map, &self.0.node)?;
        map.serialize_entry("place", &Place(&self.0.place))?;
        if !self.0.via.is_empty() {
            map.serialize_entry("via", &Steps(&self.0.via, "text"))?;
        }
        map.end()
    }
}

fn node<M: SerializeMap>(map: &mut M, node: &ShownNode) -> Result<(), M::Error> {
    match node {
        ShownNode::Null => map.serialize_entry("value", &()),
        ShownNode::Bool(value) => map.serialize_entry("value", value),
        ShownNode::Number(number) => map.serialize_entry("value", &Number(*number)),
        ShownNode::Text { parts, cut } => {
            map.serialize_entry("value", &text(parts))?;
            let holes: Vec<&str> =
                parts.iter().filter_map(|part| if let Part::Hole(reason) = part { Some(&**reason) } else { None }).collect();
            if !holes.is_empty() {
                map.serialize_entry("holes", &holes)?;
            }
            more(map, "cut", *cut)
        }
        ShownNode::List { items, open, more: rest } => {
            map.serialize_entry("list", &items.iter().map(Value).collect::<Vec<_>>())?;
            is_open(map, *open)?;
            more(map, "more", *rest)
        }
        ShownNode::Map { entries, open, more: rest } => {
            map.serialize_entry("map", &Entries(entries))?;
            is_open(map, *open)?;
            more(map, "more", *rest)
        }
        ShownNode::Choice { condition, then, else_ } => {
            #[derive(Serialize)]
            struct ChoiceV1<'a> {
                condition: &'a str,
                then: Value<'a>,
                #[serde(rename = "else")]
                else_: Value<'a>,
            }
            map.serialize_entry("choice", &ChoiceV1 { condition, then: Value(then), else_: Value(else_) })
        }
        ShownNode::Unknown { kind, reason } => {
            #[derive(Serialize)]
            struct WhyV1<'a> {
                kind: &'a str,
                reason: &'a str,
            }
            map.serialize_entry("unknown", &WhyV1 { kind, reason })
        }
        ShownNode::Cut => map.serialize_entry("not_shown", &true),
    }
}

/// A number as a person writes it: `80`, not `80.0`.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that 64 bits hold")]
        if self.0.fract() == 0.0 && self.0.abs() < EXACT {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

fn is_open<M: SerializeMap>(map: &mut M, open: bool) -> Result<(), M::Error> {
    if open { map.serialize_entry("open", &true) } else { Ok(()) }
}

fn more<M: SerializeMap>(map: &mut M, name: &str, count: usize) -> Result<(), M::Error> {
    if count > 0 { map.serialize_entry(name, &count) } else { Ok(()) }
}

/// A text with its holes as `${reason}`.
fn text(parts: &[Part]) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Known(known) => out.push_str(known),
            Part::Hole(reason) => out.extend(["${", reason, "}"]),
        }
    }
    out
}
