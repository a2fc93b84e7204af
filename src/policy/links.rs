//! What belongs together: resources that are about the same thing, by reference or by its literal name.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::eval::Way;
use super::eval::{Subject, World};
use super::path::Path;
use super::verdict::{Answer, Asked, Case, Leaf, Stop};
use super::views::{AnchorSource, Shape, instances};
use super::walk::{Walked, walk};
use crate::base::ids::UnknownId;
use crate::base::text_map::HOLE;
use crate::base::truth::{Assumption, Truth, Why};
use crate::iac::{Node, Reason, Resource, Unknowns, Value};

/// What a resource is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Anchor {
    Address(Box<str>),
    /// The name that the thing goes by.
    Name(Box<str>),
    /// A name that is not known, but the same wherever it is made of the same: what it is made of, holes in their order.
    Made(Box<[u8]>, Vec<UnknownId>),
}

/// What is known of an anchor.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    pub known: BTreeSet<Anchor>,
    /// True where it may be anything.
    pub open: bool,
}

impl Anchors {
    fn addresses(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter_map(|anchor| if let Anchor::Address(address) = anchor { Some(&**address) } else { None })
    }
}

/// Instances that are about the same thing, and whether that is certain; and why there may be more.
type Near<'w> = (Vec<(Subject<'w>, bool)>, Option<Why>);

/// An index of one project: who is about what. It is made as far as somebody asks.
#[derive(Default)]
pub(super) struct Links<'w> {
    views: RefCell<BTreeMap<Box<str>, Rc<Members<'w>>>>,
    of_kinds: RefCell<BTreeMap<Box<str>, Shaped<'w>>>,
    names: OnceCell<Names>,
    /// The kinds of resources by the stems of their addresses.
    kinds: OnceCell<BTreeMap<&'w str, &'w str>>,
}

/// The resources of a view's kinds, in their order.
type Shaped<'w> = Rc<[(&'w Resource, &'w Shape)]>;

/// What it costs to tell whether a resource is about the same thing.
const NEAR: u32 = 6;

/// The names that an address goes by.
type Names = BTreeMap<Box<str>, BTreeSet<Box<str>>>;

/// The resources that a view's instances come from.
#[derive(Default)]
struct Members<'w> {
    all: Vec<&'w Resource>,
    /// By number in `all`, under what they are about.
    by_anchor: BTreeMap<Anchor, BTreeSet<usize>>,
    /// The same, under its stem: all instances of a block.
    by_stem: BTreeMap<Anchor, BTreeSet<usize>>,
    /// Those of which it is not known without an assumption, or not at all.
    unsure: BTreeSet<usize>,
    /// Of these, those that have an address of their own: by kind, and by address without the instance.
    unsure_own: BTreeMap<Box<str>, BTreeMap<Box<str>, Vec<usize>>>,
}

impl Members<'_> {
    /// Those that may be about the same thing, by number. One instance of a thousand is that one, and whatever nobody knows
    /// the instance of: the others are not asked.
    fn about(&self, anchor: &Anchor) -> Vec<usize> {
        let numbers = |found: Option<&BTreeSet<usize>>| found.into_iter().flatten().copied().collect::<Vec<_>>();
        match anchor {
            Anchor::Address(address) if plain(address).len() < address.len() && !address.ends_with("[*]") => {
                let stem = plain(address);
                let all = [address.clone(), stem.into(), format!("{stem}[*]").into()];
                all.into_iter().flat_map(|address| numbers(self.by_anchor.get(&Anchor::Address(address)))).collect()
            }
            other => numbers(self.by_stem.get(&stem(other))),
        }
    }
}

/// What a resource as a whole is about, as far as that hangs on no condition.
fn plainly<'w>(world: &World<'w>, resource: &'w Resource, shape: &'w Shape) -> Option<Anchors> {
    let mut case = Case::new(world.conditions, Assumption::default());
    let subject = Subject { resource, base: resource.attrs.clone(), shape: Some(shape) };
    anchors(&mut case, &subject, shape, world.unknowns).ok()
}

impl<'w> Links<'w> {
    fn members(&self, world: &World<'w>, view: &str) -> Rc<Members<'w>> {
        if let Some(members) = self.views.borrow().get(view) {
            return members.clone();
        }
        let mut members = Members::default();
        for resource in world.resources {
            let Some(shape) = world.compiled.shape(view, &resource.kind) else { continue };
            let anchors = plainly(world, resource, shape).map(|anchors| self.complete(world, anchors)).filter(|anchors| !anchors.open);
            let number = members.all.len();
            members.all.push(resource);
            let Some(anchors) = anchors else {
                if shape.anchor.iter().any(|source| matches!(source, AnchorSource::Own)) {
                    let own = members.unsure_own.entry(resource.kind.clone()).or_default();
                    own.entry(plain(&resource.address).into()).or_default().push(number);
                } else {
                    members.unsure.insert(number);
                }
                continue;
            };
            for anchor in &anchors.known {
                members.by_anchor.entry(anchor.clone()).or_default().insert(number);
                members.by_stem.entry(stem(anchor)).or_default().insert(number);
            }
        }
        let members = Rc::new(members);
        self.views.borrow_mut().insert(view.into(), members.clone());
        members
    }

    /// The resources that a view has instances in, looked for once: each of a thousand may ask for all.
    pub fn of_kinds(&self, world: &World<'w>, view: &str) -> Shaped<'w> {
        if let Some(known) = self.of_kinds.borrow().get(view) {
            return known.clone();
        }
        let compiled = world.compiled;
        let shaped = |resource: &'w Resource| Some((resource, compiled.shape(view, &resource.kind)?));
        let shaped: Shaped<'w> = world.resources.iter().filter_map(shaped).collect();
        self.of_kinds.borrow_mut().insert(view.into(), shaped.clone());
        shaped
    }

    fn names(&self, world: &World<'w>) -> &Names {
        self.names.get_or_init(|| {
            let mut names = Names::new();
            for resource in world.resources {
                let shapes =
                    world.compiled.plan.naming(&resource.kind).iter().filter_map(|view| world.compiled.shape(view, &resource.kind));
                let anchors = shapes.filter_map(|shape| plainly(world, resource, shape)).flat_map(|anchors| anchors.known);
                for anchor in anchors {
                    if let Anchor::Name(name) = anchor {
                        names.entry(resource.address.clone()).or_default().insert(name);
                    }
                }
            }
            names
        })
    }

    /// The instances of a view that are about the same thing, and whether that is certain; and why there may be more.
    pub fn near(&self, world: &World<'w>, case: &mut Case<'_>, subject: &Subject<'w>, view: &str) -> Result<Near<'w>, Stop> {
        let own = match subject.shape {
            Some(shape) => anchors(case, subject, shape, world.unknowns)?,
            None => Anchors { known: BTreeSet::from([Anchor::Address(subject.resource.address.clone())]), open: false },
        };
        self.near_to(world, case, own, view)
    }

    /// The same for whatever is about this.
    fn near_to(&self, world: &World<'w>, case: &mut Case<'_>, own: Anchors, view: &str) -> Result<Near<'w>, Stop> {
        let own = self.complete(world, own);
        let members = self.members(world, view);
        let numbers: BTreeSet<usize> = if own.open {
            (0..members.all.len()).collect()
        } else {
            let known = own.known.iter().flat_map(|anchor| members.about(anchor));
            known.chain(members.unsure.iter().copied()).chain(self.unsure_own(world, &own, &members)).collect()
        };
        let (mut near, mut more) = (Vec::new(), None);
        for resource in numbers.into_iter().filter_map(|number| members.all.get(number).copied()) {
            case.step(NEAR)?;
            let Some(shape) = world.compiled.shape(view, &resource.kind) else { continue };
            if !exists(case, resource)? {
                continue;
            }
            let theirs = instances(world, case, shape, resource)?;
            if theirs.more.is_some() && more.is_none() {
                // What is not known of it counts only where it is about the same thing.
                let whole = Subject { resource, base: resource.attrs.clone(), shape: Some(shape) };
                let about = self.complete(world, anchors(case, &whole, shape, world.unknowns)?);
                more = theirs.more.filter(|_| self.same(world, &own, &about) != Some(false));
            }
            for instance in &theirs.all {
                let theirs = self.complete(world, anchors(case, instance, shape, world.unknowns)?);
                match self.same(world, &own, &theirs) {
                    Some(true) => near.push((instance.clone(), true)),
                    None => near.push((instance.clone(), false)),
                    Some(false) => {}
                }
            }
        }
        Ok((near, more))
    }

    /// Of those whose names are not sure but whose addresses are, those that this may be: what has an address of the same
    /// kind is that one and no other.
    fn unsure_own(&self, world: &World<'w>, own: &Anchors, members: &Members<'w>) -> Vec<usize> {
        let mut all = Vec::new();
        for (kind, by_address) in &members.unsure_own {
            let mine: Vec<&str> = own.addresses().filter(|address| self.kind(world, address) == Some(&**kind)).map(plain).collect();
            if mine.is_empty() {
                all.extend(by_address.values().flatten().copied());
            } else {
                all.extend(mine.iter().filter_map(|address| by_address.get(*address)).flatten().copied());
            }
        }
        all
    }

    /// The kind of the resource with an address, if there is one.
    fn kind(&self, world: &World<'w>, address: &str) -> Option<&'w str> {
        let kinds = self.kinds.get_or_init(|| world.resources.iter().map(|resource| (plain(&resource.address), &*resource.kind)).collect());
        kinds.get(plain(address)).copied()
    }

    /// Whether two anchors are the same thing; None where that is not known.
    fn same(&self, world: &World<'w>, one: &Anchors, other: &Anchors) -> Option<bool> {
        let mut shared = one.known.intersection(&other.known).peekable();
        let by_name = shared.peek().is_some();
        if shared.any(|anchor| matches!(anchor, Anchor::Address(_))) || by_name && !self.apart(world, one, other) {
            return Some(true);
        }
        if one.open || other.open || vague(one, other) { None } else { Some(false) }
    }

    /// Whether two anchors are two things of one kind that are called the same: buckets of two accounts. A name beside an
    /// address may belong to what only has another kind, as a data source and its resource.
    fn apart(&self, world: &World<'w>, one: &Anchors, other: &Anchors) -> bool {
        let kinds: Vec<&str> = one.addresses().filter_map(|address| self.kind(world, address)).collect();
        other.addresses().filter_map(|address| self.kind(world, address)).any(|kind| kinds.contains(&kind)) && !vague(one, other)
    }

    /// The names of addresses, as far as the project tells them.
    fn complete(&self, world: &World<'w>, mut anchors: Anchors) -> Anchors {
        for anchor in anchors.known.clone() {
            match anchor {
                Anchor::Address(address) => {
                    anchors.known.extend(self.names(world).get(&address).into_iter().flatten().cloned().map(Anchor::Name));
                }
                // Whoever is meant by an address has its name beside it: they meet there.
                Anchor::Name(_) | Anchor::Made(..) => {}
            }
        }
        anchors
    }
}

/// An anchor without the instance that it may name.
fn stem(anchor: &Anchor) -> Anchor {
    match anchor {
        Anchor::Address(address) => Anchor::Address(plain(address).into()),
        other => other.clone(),
    }
}

/// An address without the instance that it may name.
fn plain(address: &str) -> &str {
    if address.ends_with(']') { &address[..address.rfind('[').unwrap_or(address.len())] } else { address }
}

/// Whether a resource exists in a case.
pub(super) fn exists(case: &mut Case<'_>, resource: &Resource) -> Result<bool, Stop> {
    for assumed in &resource.when.0 {
        if case.decide(&assumed.condition.as_ref().into())? != assumed.holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether one of some addresses may be one of the others.
fn vague(one: &Anchors, other: &Anchors) -> bool {
    one.addresses().any(|one| other.addresses().any(|other| may_be(one, other) || may_be(other, one)))
}

/// Whether an address of some instance may be the other address.
fn may_be(address: &str, other: &str) -> bool {
    let stem = address.strip_suffix("[*]").unwrap_or(address);
    other.strip_prefix(stem).is_some_and(|rest| rest.starts_with('['))
}

/// What an instance of a view is about.
pub(super) fn anchors(case: &mut Case<'_>, subject: &Subject<'_>, shape: &Shape, unknowns: &Unknowns) -> Result<Anchors, Stop> {
    let mut anchors = Anchors::default();
    for source in &shape.anchor {
        match source {
            AnchorSource::Own => drop(anchors.known.insert(Anchor::Address(subject.resource.address.clone()))),
            AnchorSource::Attribute(path) => attribute(case, &subject.resource.attrs, path, unknowns, &mut anchors)?,
        }
    }
    if shape.anchor.iter().any(|source| matches!(source, AnchorSource::Own)) {
        // It has an address, whatever its name is.
        anchors.open = false;
    }
    Ok(anchors)
}

/// Whether it stands for one value, the same each time; a function or an expression may not.
fn is_one(reason: &Reason) -> bool {
    matches!(reason, Reason::Unset(_) | Reason::Reference { .. })
}

fn attribute(case: &mut Case<'_>, attrs: &Value, path: &Path, unknowns: &Unknowns, anchors: &mut Anchors) -> Result<(), Stop> {
    meant(walk(case, attrs, &path.steps)?, unknowns, anchors);
    Ok(())
}

/// Whether what stands at a path is a reference to an instance of a view, or its name; of a list, some item.
pub(super) fn refers(world: &World<'_>, case: &mut Case<'_>, walked: Walked, view: &str, at: Way<'_>) -> Asked {
    let single = |value: Value| Walked { found: vec![value], ..Walked::default() };
    let nameless = |(id, place)| {
        let walked = Walked { unknown: Some(Why::Value(id)), ..Walked::default() };
        (walked, Value::unknown(id, place))
    };
    let mut answer = Answer::of(walked.beside.map_or(Truth::False, Truth::Unknown));
    let items = |value: Value| match &value.node {
        Node::List { items, open: false } => items.iter().map(|item| item.clone().carried(value.via.as_ref())).collect(),
        _ => vec![value],
    };
    let found = walked.found.into_iter().flat_map(items).map(|value| (single(value.clone()), value));
    for (one, value) in found.chain(walked.nameless.into_iter().map(nameless)) {
        let mut own = Anchors::default();
        let why = one.unknown.unwrap_or(Why::Open);
        meant(one, world.unknowns, &mut own);
        let (near, more) = world.links.near_to(world, case, own.clone(), view)?;
        if near.iter().any(|(_, sure)| *sure) {
            return Ok(Answer { truth: Truth::TRUE, leaves: vec![Leaf { path: at.to_string(), value }] });
        }
        if own.open || !near.is_empty() || more.is_some() {
            answer = answer.or(Answer::of(Truth::Unknown(why)));
        }
    }
    Ok(answer)
}

/// What stands at a path, as what somebody is about.
fn meant(walked: Walked, unknowns: &Unknowns, anchors: &mut Anchors) {
    for value in walked.found {
        // What it is an attribute of says more than its text.
        let of = value.of.map(|of| unknowns.reason(of));
        let referred =
            if let Some(Reason::Reference { address, .. }) = of { anchors.known.insert(Anchor::Address(address)) } else { false };
        match &value.node {
            Node::Text(text) if referred && text.holes().next().is_some() => {}
            Node::Text(text) if text.holes().next().is_some() => {
                anchors.open = true;
                if text.holes().all(|id| is_one(&unknowns.reason(id))) {
                    anchors.known.insert(Anchor::Made(text.bytes().into(), text.holes().collect()));
                }
            }
            _ => match value.as_text() {
                Some(name) => drop(anchors.known.insert(Anchor::Name(name.into()))),
                None => anchors.open = true,
            },
        }
    }
    match walked.unknown {
        Some(Why::Value(id)) => match unknowns.reason(id) {
            Reason::Reference { address, .. } => drop(anchors.known.insert(Anchor::Address(address))),
            // Nobody declares it: it is nobody else's.
            Reason::Refused(_) => drop(anchors.known.insert(Anchor::Made(HOLE.as_bytes().into(), vec![id]))),
            reason => {
                if let Some(address) = reason.undeclared() {
                    anchors.known.insert(Anchor::Address(address.into()));
                } else {
                    anchors.open = true;
                    if is_one(&reason) {
                        anchors.known.insert(Anchor::Made(HOLE.as_bytes().into(), vec![id]));
                    }
                }
            }
        },
        Some(_) => anchors.open = true,
        None => {}
    }
}
