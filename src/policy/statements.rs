//! The statements of policy documents, as instances of a view: `document: PATH`. What a document is, and its statements'
//! elements by the names that views give them.

use super::path::Path;
use super::verdict::{Case, Stop};
use super::walk::{read, walk};
use crate::base::text_map::Text;
use crate::base::truth::Why;
use crate::iac::value::Entry;
use crate::iac::{Lookup, Node, Reason, Resource, Unknowns, Value};
use crate::iam::policy::Element;
use crate::iam::public::Statement;
use crate::iam::{action, resource};
use crate::rule::raw::{Raw, RawError};

/// Where a kind of resource holds its policy documents.
#[derive(Debug)]
pub(super) struct Documents {
    path: Path,
}

/// What a name of a statement stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Element(Element),
    /// Of its resources, those that are as good as every one.
    WideResource,
    /// Of its actions, those that are all of a service: `s3:*`.
    WholeService,
    /// Of its actions, those that a policy can limit to a resource.
    RestrictableAction,
    /// Of these, those that change something, as far as their verb tells.
    WriteAction,
    /// Of these, those that something else hangs on.
    HarmfulAction,
}

impl Part {
    /// Whether a part of this name holds what of an element is such: an unknown one of it may be, or not be there.
    pub fn is_choice(name: &str) -> bool {
        Part::all().any(|(known, part)| known == name && !matches!(part, Part::Element(_)))
    }

    /// Every part by its name.
    pub fn all() -> impl Iterator<Item = (&'static str, Part)> {
        let computed = [
            ("wide_resource", Part::WideResource),
            ("whole_service", Part::WholeService),
            ("restrictable_action", Part::RestrictableAction),
            ("write_action", Part::WriteAction),
            ("harmful_action", Part::HarmfulAction),
        ];
        Element::ALL.into_iter().map(|element| (element.name(), Part::Element(element))).chain(computed)
    }
}

/// An instance is a map of its statement and of those in the same document that may deny.
const STATEMENT: &str = "statement";
const BESIDE: &str = "beside";
/// Statements of one document that are asked what they deny: more have no place in a policy that AWS takes.
const MAX_BESIDE: usize = 200;
/// Documents in documents: a list of policies, each with a list of statements.
const MAX_NESTED: usize = 4;

/// # Errors
/// Where it is no path to documents.
pub(super) fn parse(raw: &Raw) -> Result<Documents, RawError> {
    Ok(Documents { path: Path::parse(raw.text()?, raw.at)? })
}

/// The statements of a resource's documents, each an instance; and why there may be more.
pub(super) fn of(
    case: &mut Case<'_>,
    unknowns: &Unknowns,
    documents: &Documents,
    resource: &Resource,
) -> Result<(Vec<Value>, Option<Why>), Stop> {
    let walked = walk(case, &resource.attrs, &documents.path.steps)?;
    let (mut all, mut why) = (Vec::new(), walked.unknown);
    for document in walked.found {
        for (statements, more) in self::documents(case, &document, MAX_NESTED)? {
            why = why.or(more);
            let statements: Vec<Value> = statements.iter().map(|statement| known(unknowns, statement)).collect();
            // What a statement is judged with is what may be denied.
            let denied = statements.iter().filter(|statement| !is_allow(statement)).cloned().collect();
            let beside = Value::list(denied, more.is_some(), document.place);
            let entry = |key: &str, value: Value| Entry { key: key.into(), key_place: document.place, value };
            all.extend(statements.into_iter().map(|statement| {
                let place = statement.place;
                Value::map(vec![entry(STATEMENT, statement), entry(BESIDE, beside.clone())], false, place)
            }));
        }
    }
    Ok((all, why))
}

fn is_allow(statement: &Value) -> bool {
    matches!(statement.lookup("Effect"), Lookup::Found(effect) if effect.as_text().as_deref() == Some("Allow"))
}

/// A document's statements, and why there may be more.
type Listed = (Vec<Value>, Option<Why>);

/// A document as text, as a map, as a statement alone, or a list of any of them: the statements of each.
fn documents(case: &mut Case<'_>, value: &Value, left: usize) -> Result<Vec<Listed>, Stop> {
    let value = case.settle(value)?;
    let value = read(case, &value)?.unwrap_or(value);
    case.step(1)?;
    match &value.node {
        Node::Map { .. } => match value.lookup("Statement") {
            Lookup::Found(statements) => Ok(vec![listed(case, &statements.clone().carried(value.via.as_ref()))?]),
            Lookup::Unknown(why) => Ok(vec![(Vec::new(), Some(why))]),
            Lookup::Absent(_) if matches!(value.lookup("Effect"), Lookup::Found(_)) => Ok(vec![(vec![value], None)]),
            Lookup::Absent(_) => Ok(Vec::new()),
        },
        Node::List { items, open } if left > 0 => {
            let (mut all, mut alone) = (Vec::new(), (Vec::new(), open.then_some(Why::Open)));
            for item in items.iter() {
                for (statements, more) in documents(case, &item.clone().carried(value.via.as_ref()), left - 1)? {
                    // Statements without a document around them are one.
                    if matches!(&item.node, Node::Map { .. }) && matches!(item.lookup("Statement"), Lookup::Absent(_)) {
                        alone.0.extend(statements);
                    } else {
                        all.push((statements, more));
                    }
                }
            }
            if !alone.0.is_empty() || alone.1.is_some() {
                all.push(alone);
            }
            Ok(all)
        }
        Node::Unknown(id) => Ok(vec![(Vec::new(), Some(Why::Value(*id)))]),
        // Text with something unknown in it may be a document once that is known.
        Node::Text(text) => Ok(text.holes().next().map(|hole| (Vec::new(), Some(Why::Value(hole)))).into_iter().collect()),
        _ => Ok(Vec::new()),
    }
}

/// One statement, or a list of them.
fn listed(case: &mut Case<'_>, value: &Value) -> Result<Listed, Stop> {
    let value = case.settle(value)?;
    let value = read(case, &value)?.unwrap_or(value);
    match &value.node {
        Node::List { items, open } => {
            let (mut all, mut more) = (Vec::with_capacity(items.len()), open.then_some(Why::Open));
            for item in items.iter() {
                case.step(1)?;
                let item = case.settle(&item.clone().carried(value.via.as_ref()))?;
                match &item.node {
                    Node::Map { .. } => all.push(item),
                    Node::Unknown(id) => more = more.or(Some(Why::Value(*id))),
                    // What a loop gives in a list is a list in it.
                    Node::List { items, open } => {
                        more = more.or(open.then_some(Why::Open));
                        all.extend(items.iter().filter(|item| matches!(item.node, Node::Map { .. })).cloned());
                    }
                    _ => {}
                }
            }
            Ok((all, more))
        }
        Node::Map { .. } => Ok((vec![value], None)),
        Node::Unknown(id) => Ok((Vec::new(), Some(Why::Value(*id)))),
        _ => Ok((Vec::new(), None)),
    }
}

/// What a name of a statement stands for; Null where it has no such thing.
pub(super) fn part(case: &mut Case<'_>, instance: &Value, part: Part) -> Result<Value, Stop> {
    let statement = match (instance.lookup(STATEMENT), &instance.node) {
        (Lookup::Found(statement), _) => statement,
        // Too heavy for a value.
        (_, Node::Unknown(_)) => return Ok(instance.clone()),
        _ => return Ok(Value::null(instance.place)),
    };
    let found = match part {
        Part::Element(which) => element(case, statement, which)?,
        Part::WideResource | Part::WholeService | Part::RestrictableAction | Part::WriteAction | Part::HarmfulAction => {
            let actions = element(case, statement, Element::Action)?;
            match part {
                Part::WideResource => element(case, statement, Element::Resource)?.map(|list| wide(&list, actions.as_ref())),
                Part::WholeService => {
                    actions.map(|list| kept(&list, |name| action::is_whole_service(name) && action::is_restrictable(name)))
                }
                Part::WriteAction => actions.map(|list| kept(&list, is_write)),
                Part::HarmfulAction => actions.map(|list| kept(&list, |name| is_write(name) && !action::is_harmless(name))),
                _ => actions.map(|list| kept(&list, action::is_restrictable)),
            }
        }
    };
    Ok(found.unwrap_or_else(|| Value::null(statement.place)))
}

fn is_write(name: &str) -> bool {
    action::writes(name) && action::is_restrictable(name)
}

/// Of resources, those that are as good as every one of a service that the actions are of.
fn wide(resources: &Value, actions: Option<&Value>) -> Value {
    let mut services: Vec<Box<str>> = Vec::new();
    if let Some(Node::List { items, .. }) = actions.map(|actions| &actions.node) {
        let named = items.iter().filter_map(|item| item.as_text().and_then(|text| action::service(&text).map(Box::from)));
        services.extend(named);
        services.sort_unstable();
        services.dedup();
    }
    let every = |name: &str| {
        resource::is_every(name, None) || name.starts_with("arn:") && services.iter().any(|service| resource::is_every(name, Some(service)))
    };
    kept(resources, every)
}

/// The items of a list that are such; nothing where none is, and unknown where only what is not known may be.
fn kept(list: &Value, is_such: impl Fn(&str) -> bool) -> Value {
    let Node::List { items, open } = &list.node else { return list.clone() };
    let such = |item: &&Value| match &item.node {
        Node::Text(text) => is_such(&text.to_str()),
        Node::Unknown(_) => true,
        _ => false,
    };
    let mut kept: Vec<Value> = items.iter().filter(such).cloned().collect();
    if kept.iter().all(|item| matches!(item.node, Node::Unknown(_))) {
        return match kept.pop() {
            Some(unknown) => unknown,
            None if *open => Value::list(Vec::new(), true, list.place),
            None => Value::null(list.place),
        };
    }
    kept.retain(|item| !matches!(item.node, Node::Unknown(_)));
    Value::list(kept, *open, list.place).carried(list.via.as_ref())
}

/// An element of a statement in the normal form.
fn element(case: &mut Case<'_>, statement: &Value, which: Element) -> Result<Option<Value>, Stop> {
    case.step(1)?;
    match statement.lookup(which.key()) {
        Lookup::Found(value) => {
            let value = settled(case, value)?.carried(statement.via.as_ref());
            Ok(Some(which.normal(&value)).filter(|value| !matches!(value.node, Node::Null)))
        }
        Lookup::Absent(_) => Ok(None),
        // A list of nobody knows what.
        Lookup::Unknown(_) => Ok(Some(Value::list(Vec::new(), true, statement.place))),
    }
}

/// A value without choices, and without items that are null.
fn settled(case: &mut Case<'_>, value: &Value) -> Result<Value, Stop> {
    let value = case.settle(value)?;
    let made = match &value.node {
        Node::List { items, open } => {
            case.step(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
            let mut all = Vec::with_capacity(items.len());
            for item in items.iter() {
                let item = settled(case, item)?;
                match &item.node {
                    Node::Null => {}
                    // A list in a list, as a choice between lists gives it, is its items.
                    Node::List { items, open: false } => all.extend(items.iter().cloned()),
                    _ => all.push(item),
                }
            }
            Value::list(all, *open, value.place)
        }
        Node::Map { entries, open } => {
            case.step(u32::try_from(entries.len()).unwrap_or(u32::MAX))?;
            let entries = entries.iter().map(|entry| Ok(Entry { value: settled(case, &entry.value)?, ..entry.clone() }));
            Value::map(entries.collect::<Result<_, Stop>>()?, *open, value.place)
        }
        _ => return Ok(value),
    };
    Ok(made.carried(value.via.as_ref()))
}

/// The same value; what another resource gives is known to be one thing of its own, whatever it is: no wildcard.
fn known(unknowns: &Unknowns, value: &Value) -> Value {
    let each = |values: &[Value]| values.iter().map(|value| known(unknowns, value)).collect::<Vec<_>>();
    let made = match &value.node {
        Node::List { items, open } => Value::list(each(items), *open, value.place),
        Node::Map { entries, open } => {
            let entries = entries.iter().map(|entry| Entry { value: known(unknowns, &entry.value), ..entry.clone() });
            Value::map(entries.collect(), *open, value.place)
        }
        Node::Choice { cond, then, else_ } => Value::choice(cond.clone(), known(unknowns, then), known(unknowns, else_), value.place),
        Node::Unknown(id) if is_one_thing(&unknowns.reason(*id)) => {
            let mut text = Text::within(b"arn:", value.place);
            text.push_hole(*id);
            Value::text(text, value.place)
        }
        _ => return value.clone(),
    };
    made.like(value)
}

fn is_one_thing(reason: &Reason) -> bool {
    let Reason::Reference { address, attribute } = reason else { return false };
    let attribute = attribute.to_ascii_lowercase();
    !(address.starts_with("data.") || address.contains(".data.")) || attribute.ends_with("arn") || attribute.ends_with("id")
}

/// The statement that an instance is, all of it.
pub(super) fn statement(case: &mut Case<'_>, instance: &Value) -> Result<Statement, Stop> {
    match instance.lookup(STATEMENT) {
        Lookup::Found(value) => Statement::read(|which| element(case, value, which)),
        _ => Ok(Statement::default()),
    }
}

/// The statements of the same document that may deny.
pub(super) fn beside(instance: &Value) -> &[Value] {
    // What is not known of the document is no statement that anybody wrote.
    match instance.lookup(BESIDE) {
        Lookup::Found(Value { node: Node::List { items, .. }, .. }) => &items[..items.len().min(MAX_BESIDE)],
        _ => &[],
    }
}

/// One of those.
pub(super) fn read_beside(case: &mut Case<'_>, value: &Value) -> Result<Statement, Stop> {
    Statement::read(|which| element(case, value, which))
}
