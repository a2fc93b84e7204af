//! Views: one shape over every kind of resource that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::eval::{Env, Subject, World};
use super::names::Names;
use super::parse::{self, literal};
use super::path::{Path, Step};
use super::predicate::{Literal, Predicate};
use super::project::Carriers;
use super::sets::Elements;
use super::statements::{self, Documents, Part};
use super::verdict::{Case, Stop};
use super::walk::{Ends, Walked, elements, walk};
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::base::truth::Truth;
use crate::iac::{Resource, Value};
use crate::rule::def::{Table, View};
use crate::rule::raw::{Fields, Raw, RawError, RawKind};

#[derive(Debug)]
pub(super) struct Compiled {
    pub kinds: BTreeMap<Box<str>, Shape>,
    /// All names of all kinds.
    pub names: BTreeSet<Box<str>>,
    /// What else may carry it: kinds whose instances are not looked into, and names of modules.
    pub carriers: Carriers,
}

/// How one kind of resource has the view's shape.
#[derive(Debug)]
pub(super) struct Shape {
    pub instances: Instances,
    pub anchor: Vec<AnchorSource>,
    pub names: BTreeMap<Box<str>, Named>,
    /// Of those, only the instances of which this holds.
    pub only: Option<Predicate>,
}

/// What of a resource the view's instances are.
#[derive(Debug)]
pub(super) enum Instances {
    /// There is one: the resource.
    Whole,
    /// The elements of this.
    Each(Path),
    /// The statements of these.
    Document(Documents),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum AnchorSource {
    /// The resource itself.
    Own,
    Attribute(Path),
}

/// What a name of a view stands for.
#[derive(Debug)]
pub(super) struct Named {
    source: Source,
    /// What values are called in the view.
    map: Vec<(Box<str>, Box<str>)>,
    /// What the provider takes where nothing is said.
    default: Option<Literal>,
}

#[derive(Debug)]
enum Source {
    /// What stands at any of these, from the instance, or with `^.` from the resource.
    Paths(Vec<Path>),
    /// The numbers between what stands at the two.
    Range(Path, Path),
    /// The same in every instance.
    Constant(Literal),
    /// This of a statement of a policy.
    Statement(Part),
    /// Nothing: the kind lacks it.
    Lacking,
}

/// # Errors
/// Where a shape is not as it should be.
pub(super) fn compile(view: &View, tables: &[Table]) -> Result<Compiled, RawError> {
    let given = view.default.as_ref().map_or(Ok(&[][..]), Raw::map)?;
    let defaults = given.iter().map(|(key, value)| Ok((key.name.as_str().into(), literal(value)?)));
    let defaults = defaults.collect::<Result<BTreeMap<Box<str>, Literal>, RawError>>()?;
    let mut compiled = Compiled { kinds: BTreeMap::new(), names: BTreeSet::new(), carriers: Carriers::of(&view.carriers) };
    let mut limits = Vec::new();
    for (kind, raw) in &view.kinds {
        let (shape, only) = shape(raw)?;
        limits.extend(only.map(|only| (kind.as_str(), only)));
        compiled.names.extend(shape.names.keys().cloned());
        compiled.kinds.insert(kind.as_str().into(), shape);
    }
    if let Some((key, _)) = given.iter().find(|(key, _)| !compiled.names.contains(key.name.as_str())) {
        return Err(RawError::new(key.at, format!("a default for `{}`, which no kind has", key.name)));
    }
    compiled.kinds.values_mut().for_each(|shape| shape.take(&defaults));
    for (kind, raw) in limits {
        let only = only(view, raw, &compiled, tables)?;
        if let Some(shape) = compiled.kinds.get_mut(kind) {
            shape.only = Some(only);
        }
    }
    Ok(compiled)
}

/// The predicate that limits a kind, over the view's names: it looks at nothing but the instance.
fn only(view: &View, raw: &Raw, compiled: &Compiled, tables: &[Table]) -> Result<Predicate, RawError> {
    let none: BTreeMap<Arc<str>, Compiled> = BTreeMap::new();
    let names: Vec<Box<str>> = compiled.names.iter().cloned().collect();
    let mut bound = Names::new(&none, tables);
    bound.bind(names.iter().map(|name| &**name));
    parse::predicate(raw, &bound).map_err(|error| match error.help {
        Some(_) => error,
        None => error.help(format!("`only` looks at the names of `{}` and at no other resource", view.name)),
    })
}

fn shape(raw: &Raw) -> Result<(Shape, Option<&Raw>), RawError> {
    let mut shape = Shape { instances: Instances::Whole, anchor: Vec::new(), names: BTreeMap::new(), only: None };
    let mut only = None;
    for (key, value) in raw.map()? {
        match key.name.as_str() {
            "each" | "document" if !matches!(shape.instances, Instances::Whole) => {
                return Err(RawError::new(key.at, "instances are told by `each` or by `document`, not by both"));
            }
            "each" => shape.instances = Instances::Each(Path::parse(value.text()?, value.at)?),
            "document" => shape.instances = Instances::Document(statements::parse(value)?),
            "only" => only = Some(value),
            "anchor" => shape.anchor = anchors(value)?,
            name => drop(shape.names.insert(name.into(), named(value)?)),
        }
    }
    if matches!(shape.instances, Instances::Document(_)) {
        for (name, part) in Part::all() {
            let named = Named { source: Source::Statement(part), map: Vec::new(), default: None };
            shape.names.entry(name.into()).or_insert(named);
        }
    }
    Ok((shape, only))
}

fn anchors(raw: &Raw) -> Result<Vec<AnchorSource>, RawError> {
    let one = |text: &String| match text.as_str() {
        "self" => Ok(AnchorSource::Own),
        path => Path::parse(path, raw.at).map(AnchorSource::Attribute),
    };
    raw.texts()?.iter().map(one).collect()
}

fn named(raw: &Raw) -> Result<Named, RawError> {
    if let RawKind::Text(_) = &raw.kind {
        return Ok(Named { source: Source::Paths(vec![attribute(raw)?]), map: Vec::new(), default: None });
    }
    let mut fields = Fields::of(raw)?;
    let source = match (fields.take("path"), fields.take("range"), fields.take("value")) {
        (Some(one), None, None) if matches!(one.kind, RawKind::Text(_)) => Source::Paths(vec![attribute(one)?]),
        (Some(several), None, None) => Source::Paths(several.list()?.iter().map(attribute).collect::<Result<_, _>>()?),
        (None, Some(range), None) => match range.list()? {
            [from, to] => Source::Range(attribute(from)?, attribute(to)?),
            _ => return Err(range.expected("two paths: where it begins and where it ends")),
        },
        (None, None, Some(value)) => Source::Constant(literal(value)?),
        (one, two, three) => {
            if one.or(two).or(three).is_none() {
                let _ = fields.take("map");
                fields.done()?;
            }
            return Err(RawError::new(raw.at, "a name of a view is one of `path`, `range` and `value`"));
        }
    };
    let map = match fields.take("map") {
        Some(map) => {
            map.map()?.iter().map(|(key, value)| Ok((key.name.as_str().into(), literal(value)?.text))).collect::<Result<_, RawError>>()?
        }
        None => Vec::new(),
    };
    let default = fields.take("default").map(literal).transpose()?;
    fields.done()?;
    Ok(Named { source, map, default })
}

/// A path from an instance, or with `^.` from its resource.
fn attribute(raw: &Raw) -> Result<Path, RawError> {
    let path = Path::parse(raw.text()?, raw.at)?;
    if path.up > 1 { Err(RawError::new(raw.at, "around an instance there is its resource, and nothing more")) } else { Ok(path) }
}

impl Shape {
    /// The view's defaults, where a kind has none of its own; also for names that it lacks.
    fn take(&mut self, defaults: &BTreeMap<Box<str>, Literal>) {
        for (name, default) in defaults {
            let lacking = || Named { source: Source::Lacking, map: Vec::new(), default: None };
            let named = self.names.entry(name.clone()).or_insert_with(lacking);
            named.default.get_or_insert_with(|| default.clone());
        }
    }

    /// What stands at a path that begins with one of the view's names.
    pub fn walk(&self, case: &mut Case<'_>, subject: &Subject<'_>, steps: &[Step]) -> Result<Walked, Stop> {
        let named = steps.first().and_then(|step| if let Step::Name(name) = step { self.names.get(name) } else { None });
        let Some(named) = named else { return Ok(Walked { absent: vec![subject.resource.header], ..Walked::default() }) };
        let mut walked = named.walk(case, subject, &steps[1..])?;
        named.translate(&mut walked, subject);
        Ok(walked)
    }
}

impl Compiled {
    /// Whether a name is always there: the provider takes something where nothing is said.
    pub fn always_has(&self, name: &str) -> bool {
        let has = |shape: &Shape| {
            shape.names.get(name).is_some_and(|named| named.default.is_some() || matches!(named.source, Source::Constant(_)))
        };
        self.kinds.values().all(has)
    }
}

impl Named {
    fn walk(&self, case: &mut Case<'_>, subject: &Subject<'_>, more: &[Step]) -> Result<Walked, Stop> {
        let mut at = |path: &Path| {
            let base = if path.up > 0 { &subject.resource.attrs } else { &subject.base };
            if more.is_empty() {
                return walk(case, base, &path.steps);
            }
            let steps: Vec<Step> = path.steps.iter().chain(more).cloned().collect();
            walk(case, base, &steps)
        };
        match &self.source {
            Source::Paths(paths) => {
                let mut all = Walked::default();
                for path in paths {
                    all.add(at(path)?);
                }
                Ok(all)
            }
            Source::Range(from, to) => {
                let (from, to) = (at(from)?, at(to)?);
                let ends = Ends::of(&from, &to);
                let mut both = from;
                both.add(to);
                Ok(Walked { ends: Some(Box::new(ends)), ..both })
            }
            Source::Constant(literal) => Ok(Walked { found: vec![said(literal, subject.resource.header)], ..Walked::default() }),
            Source::Statement(part) => {
                let value = statements::part(case, &subject.base, *part)?;
                walk(case, &value, more)
            }
            Source::Lacking => Ok(Walked { absent: vec![subject.resource.header], ..Walked::default() }),
        }
    }

    /// Values as the view calls them, and the provider's default where nothing is said.
    fn translate(&self, walked: &mut Walked, subject: &Subject<'_>) {
        for value in &mut walked.found {
            if self.map.is_empty() {
                break;
            }
            let text = value.as_text().map(std::borrow::Cow::into_owned);
            if let Some((_, to)) = text.and_then(|text| self.map.iter().find(|(from, _)| **from == *text)) {
                *value = Value::text(Text::within(to.as_bytes(), value.place), value.place).carried(value.via.as_ref());
            }
        }
        if let Some(default) = &self.default
            && walked.found.is_empty()
            && walked.unknown.is_none()
        {
            let header = walked.absent.first().copied().unwrap_or(subject.resource.header);
            walked.found.push(said(default, header));
        }
    }
}

/// What a view says by itself, at the header.
fn said(literal: &Literal, header: Span) -> Value {
    Value::text(Text::within(literal.text.as_bytes(), header), header)
}

/// The instances of a view in a resource that has its shape, made once.
pub(super) fn instances<'w>(
    world: &World<'w>,
    case: &mut Case<'_>,
    shape: &'w Shape,
    resource: &'w Resource,
) -> Result<Rc<Elements<'w>>, Stop> {
    let made = world.instances.cases(shape, resource).of(case, |case| instances_in(world, case, shape, resource))?;
    case.step(u32::try_from(made.all.len()).unwrap_or(u32::MAX))?;
    Ok(made)
}

/// The same, made anew.
pub(super) fn instances_in<'w>(
    world: &World<'w>,
    case: &mut Case<'_>,
    shape: &'w Shape,
    resource: &'w Resource,
) -> Result<Elements<'w>, Stop> {
    let (bases, mut more) = match &shape.instances {
        Instances::Whole => (vec![resource.attrs.clone()], None),
        Instances::Each(each) => {
            let walked = walk(case, &resource.attrs, &each.steps)?;
            elements(case, walked)?
        }
        Instances::Document(documents) => statements::of(case, world.unknowns, documents, resource)?,
    };
    let mut all = Vec::with_capacity(bases.len());
    for base in bases {
        let subject = Subject { resource, base, shape: Some(shape) };
        if let Some(only) = &shape.only {
            match world.ask(case, only, &Env::of(&subject))?.truth {
                Truth::True { .. } => {}
                Truth::False => continue,
                Truth::Unknown(why) => {
                    more = more.or(Some(why));
                    continue;
                }
            }
        }
        all.push(subject);
    }
    Ok(Elements::new(all, more))
}
