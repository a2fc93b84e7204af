//! Intrinsic functions, in their long form and as tags.

use super::template::Template;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::{Entry, key_of};
use crate::iac::{Lookup, Node, Reason, Unknowns, Value, text};
use crate::syntax::document::{self, NodeKind};

/// How the reason begins for which zones are not known.
const ZONES: &str = "Fn::GetAZs";
/// Keys of a map that a key nobody knows may be.
const MAX_KEYS: usize = 16;

/// The function that a node calls, and its argument: for a tag, the node itself.
pub(super) fn call(node: &document::Node) -> Option<(&str, &document::Node)> {
    if let Some(tag) = node.tag.as_deref() {
        return long(tag).map(|function| (function, node));
    }
    match node.entries() {
        [(key, argument)] => match &key.kind {
            NodeKind::Text(text) => {
                let key = std::str::from_utf8(text.bytes()).ok()?;
                let condition = key == "Condition" && argument.as_str().is_some();
                let function = key.starts_with("Fn::") && !super::foreach::is_loop(key);
                (key == "Ref" || condition || function).then_some((key, argument))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The long name of a tag.
fn long(tag: &str) -> Option<&'static str> {
    const TAGS: [(&str, &str); 20] = [
        ("!Ref", "Ref"),
        ("!Condition", "Condition"),
        ("!Sub", "Fn::Sub"),
        ("!If", "Fn::If"),
        ("!Join", "Fn::Join"),
        ("!GetAtt", "Fn::GetAtt"),
        ("!Select", "Fn::Select"),
        ("!Split", "Fn::Split"),
        ("!FindInMap", "Fn::FindInMap"),
        ("!Base64", "Fn::Base64"),
        ("!Equals", "Fn::Equals"),
        ("!Not", "Fn::Not"),
        ("!And", "Fn::And"),
        ("!Or", "Fn::Or"),
        ("!ImportValue", "Fn::ImportValue"),
        ("!GetAZs", "Fn::GetAZs"),
        ("!Cidr", "Fn::Cidr"),
        ("!Transform", "Fn::Transform"),
        ("!ToJsonString", "Fn::ToJsonString"),
        ("!Length", "Fn::Length"),
    ];
    TAGS.iter().find(|(short, _)| *short == tag).map(|(_, long)| *long)
}

/// Whether a tag names a function that is not known: neither one of CloudFormation's nor one of YAML's own.
pub(super) fn is_foreign(tag: &str) -> bool {
    tag.len() > 1 && !tag.starts_with("!!") && long(tag).is_none()
}

/// Bytes of a text that keeps its places in base64: user data is shorter.
const MAX_PLACED: usize = 64 << 10;

impl Template<'_> {
    /// The value of a node that calls a function; None for every other node.
    pub fn intrinsic(&self, node: &document::Node) -> Option<Value> {
        if let Some(tag) = node.tag.as_deref().filter(|tag| is_foreign(tag)) {
            return Some(self.unknown(Reason::Function(tag.into()), node.span));
        }
        let (function, argument) = call(node)?;
        let place = node.span;
        let unknown = || self.unknown(Reason::Function(function.into()), place);
        let value = match function {
            // As an entry of a map, `Condition` is a name of IAM's.
            "Condition" if node.tag.is_none() => return None,
            "Ref" => self.name(argument).map(|name| self.refer(&name, place)),
            "Fn::Sub" => self.sub(argument, place),
            "Fn::If" => self.either(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::GetAtt" => self.attribute(argument, place),
            "Fn::Select" => self.select(argument, place),
            "Fn::Split" => self.split(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Base64" => Some(self.base64(&self.inner(node, argument), place)),
            "Fn::Length" => Some(self.length(&self.inner(node, argument), place)),
            "Fn::ToJsonString" => Some(self.json(&self.inner(node, argument), place)),
            "Fn::Cidr" => self.cidr(argument, place),
            "Fn::ImportValue" => {
                let name = self.inner(node, argument).print();
                Some(self.unknown(Reason::Expression(format!("{function} {name}").into()), place))
            }
            // The zones of a region: what they are called differs from account to account.
            "Fn::GetAZs" => {
                let region = self.inner(node, argument).as_text().map(|region| format!(" {region}")).unwrap_or_default();
                Some(self.unknown(Reason::Dynamic(format!("{ZONES}{}", region.trim_end()).into()), place))
            }
            "Fn::Transform" => {
                let name = argument.get("Name").and_then(|name| self.name(name)).unwrap_or_else(|| function.to_owned());
                Some(self.unknown(Reason::Macro(name.into()), place))
            }
            _ => None,
        };
        Some(value.unwrap_or_else(unknown))
    }

    /// The argument of a function that may itself call one; of a tag, what is tagged.
    fn inner(&self, node: &document::Node, argument: &document::Node) -> Value {
        if node.tag.is_some() { self.plain(argument) } else { self.value(argument) }
    }

    fn either(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [condition, then, otherwise] = argument.items() else { return None };
        let name = self.name(condition)?;
        let logic = self.named(&name);
        if self.is_circle(&logic) {
            return Some(self.unknown(Reason::Cycle(self.own(&name).into()), place));
        }
        Some(Self::choose(&logic, self.value(then), self.value(otherwise), place))
    }

    fn attribute(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let (address, attribute) = match argument.items() {
            [resource, attribute] => (self.name(resource)?, self.value(attribute).as_text()?.into_owned()),
            _ => self.name(argument)?.split_once('.').map(|(address, attribute)| (address.to_owned(), attribute.to_owned()))?,
        };
        Some(self.attribute_of(&address, &attribute, place))
    }

    /// An attribute of a resource: what the template itself sets, else a reference.
    pub fn attribute_of(&self, address: &str, attribute: &str, place: Span) -> Value {
        let reason = Reason::Reference { address: self.own(address).into(), attribute: attribute.into() };
        let key = (Box::from(address), Box::from(attribute));
        let known = self.attributes.borrow().get(&key).cloned();
        let value = known.unwrap_or_else(|| {
            // Who asks again while it is evaluated asks in a circle.
            let circle = self.unknown(Reason::Cycle(reason.to_string().into()), place);
            self.attributes.borrow_mut().insert(key.clone(), Some(circle));
            let value = self.set(address, attribute, place);
            self.attributes.borrow_mut().insert(key, value.clone());
            value
        });
        match value {
            Some(Value { node: Node::Unknown(id), .. }) => Value::unknown(id, place),
            Some(value) => {
                let id = self.project.unknowns.intern(reason);
                value.through(place, &format!("used here as {address}.{attribute}")).known_as(id)
            }
            None => self.unknown(reason, place),
        }
    }

    /// What the template sets an attribute to: an output of a nested stack, or a property of the same name.
    fn set(&self, address: &str, attribute: &str, place: Span) -> Option<Value> {
        let declared = self.section("Resources", address)?;
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            return self.output(declared, output, place);
        }
        if attribute == "Arn" {
            return None;
        }
        let property = declared.node.get("Properties")?.get(attribute)?;
        let value = self.within(&declared.scope, || self.value(property));
        match value.node {
            Node::Text(_) | Node::Number(_) | Node::Bool(_) => Some(value),
            Node::Unknown(id) if matches!(self.project.unknowns.reason(id), Reason::Cycle(_)) => Some(value),
            _ => None,
        }
    }

    fn join(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [separator, list] = argument.items() else { return None };
        let NodeKind::Text(text) = &separator.kind else { return None };
        let separator = &Value::text(self.written(text).into_owned(), separator.span);
        let list = self.value(list);
        Some(self.spread(&[list], place, &|values| match &values[0].node {
            Node::List { items, open: false } => self.spread(items, place, &|items| self.joined(items, Some(separator), place)),
            _ => self.because(&values[0], "Fn::Join", place),
        }))
    }

    /// Texts one after the other; what is no text is a hole, what has no value is not there.
    pub fn joined(&self, parts: &[Value], separator: Option<&Value>, place: Span) -> Value {
        if self.spend(parts.len()).is_none() {
            return Value::unknown(Unknowns::BUDGET, place);
        }
        let mut between = Vec::with_capacity(parts.len() * 2);
        for part in parts.iter().filter(|part| !matches!(part.node, Node::Null)) {
            between.extend(separator.filter(|_| !between.is_empty()).cloned());
            between.push(part.clone());
        }
        let hole = |_: &Value| self.project.unknowns.intern(Reason::Function("Fn::Join".into()));
        let value = text::join(&between, place, usize::MAX, &|bytes| self.spend(bytes).is_some(), &hole);
        let Node::Text(text) = &value.node else { return value };
        // A dynamic reference may have been put together.
        match self.dynamic(text) {
            Some(text) => Value::text(text, place).carried(value.via.as_ref()),
            None => value,
        }
    }

    /// What is not known because an argument is not: by the argument's reason, unless that is a resource.
    fn because(&self, argument: &Value, function: &str, place: Span) -> Value {
        let id = match &argument.node {
            Node::Unknown(id) if !matches!(self.project.unknowns.reason(*id), Reason::Reference { .. }) => {
                return Value::unknown(*id, place);
            }
            Node::Unknown(id) => Some(*id),
            Node::Text(text) => text.holes().next(),
            _ => None,
        };
        let name = function.into();
        match id.map(|id| self.project.unknowns.reason(id)) {
            Some(Reason::FunctionOf { of, .. }) => self.unknown(Reason::FunctionOf { name, of }, place),
            Some(of) => self.unknown(Reason::FunctionOf { name, of: of.to_string().into() }, place),
            None => self.unknown(Reason::Function(name), place),
        }
    }

    fn select(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [index, list] = argument.items() else { return None };
        Some(self.spread(&[self.value(index), self.value(list)], place, &|values| {
            let at = values[0].as_number().filter(|n| *n >= 0.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index that does not fit is not there")]
            let at = at.map(|n| n as usize);
            match (&values[1].node, at) {
                (Node::List { items, .. }, Some(at)) if at < items.len() => items[at].clone().carried(values[1].via.as_ref()),
                (Node::List { items, open: false }, Some(at)) => {
                    self.unknown(Reason::Refused(format!("index {at} of {} items", items.len()).into()), place)
                }
                (_, None) => self.because(&values[0], "Fn::Select", place),
                (Node::Unknown(id), Some(at)) => match self.project.unknowns.reason(*id) {
                    Reason::Dynamic(zones) if zones.starts_with(ZONES) => {
                        self.unknown(Reason::Dynamic(format!("{zones}[{at}]").into()), place)
                    }
                    _ => self.because(&values[1], "Fn::Select", place),
                },
                _ => self.because(&values[1], "Fn::Select", place),
            }
        }))
    }

    fn split(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [separator, whole] = argument.items() else { return None };
        let separator = self.name(separator)?;
        Some(self.spread(&[self.value(whole)], place, &|values| {
            let parts = text::split(&values[0], separator.as_bytes(), false, place, &|bytes| self.spend(bytes).is_some());
            parts.map_or_else(|| self.because(&values[0], "Fn::Split", place), |parts| parts.carried(values[0].via.as_ref()))
        }))
    }

    fn find_in_map(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [map, first, second, rest @ ..] = argument.items() else { return None };
        let default = rest.first().and_then(|options| options.get("DefaultValue")).map(|default| self.value(default));
        let keys = [self.value(map), self.value(first), self.value(second)];
        Some(self.spread(&keys, place, &|keys| {
            let Some(name) = keys[0].as_text() else { return self.because(&keys[0], "Fn::FindInMap", place) };
            let Some(declared) = self.section("Mappings", &name) else {
                let reason = Reason::Refused(format!("no mapping {name}").into());
                let macros = Reason::Macro("Fn::Transform".into());
                return self.unknown(if self.may_have_more("Mappings") { macros } else { reason }, place);
            };
            self.looked_up(&self.mapping(declared.node), &keys[1..], default.as_ref(), place)
        }))
    }

    /// A map of a template's own, in which nothing is called.
    fn mapping(&self, node: &document::Node) -> Value {
        let value = Value::from_node(node);
        if self.spend(value.weight() as usize).is_none() {
            return Value::unknown(Unknowns::BUDGET, node.span);
        }
        match &value.node {
            Node::Map { entries, .. } if entries.iter().any(|entry| *entry.key == *"Fn::Transform") => {
                let entries: Vec<Entry> = entries.iter().filter(|entry| *entry.key != *"Fn::Transform").cloned().collect();
                Value::map(entries, true, node.span)
            }
            _ => value,
        }
    }

    /// What stands under keys, one in the other. Of a key that is not known, what stands under each that it may be.
    fn looked_up(&self, map: &Value, keys: &[Value], default: Option<&Value>, place: Span) -> Value {
        let Some((key, rest)) = keys.split_first() else { return map.clone() };
        let missing = || {
            let reason = || Reason::Refused(format!("no key {} in the mapping", key.print()).into());
            default.cloned().unwrap_or_else(|| self.unknown(reason(), place))
        };
        let Node::Map { entries, open } = &map.node else { return missing() };
        if let Some(name) = key.as_text() {
            return match map.lookup(&name) {
                Lookup::Found(value) => self.looked_up(value, rest, default, place),
                Lookup::Absent(_) => missing(),
                Lookup::Unknown(_) => self.unknown(Reason::Macro("Fn::Transform".into()), place),
            };
        }
        let Node::Unknown(id) = key.node else { return self.because(key, "Fn::FindInMap", place) };
        let values: Vec<Value> = entries.iter().map(|entry| self.looked_up(&entry.value, rest, default, place)).collect();
        let all = default.into_iter().chain(&values);
        let mut printed: Vec<String> = all.map(Value::print).collect();
        printed.dedup();
        let parameter = self.project.unknowns.reason(id).to_string();
        match values.as_slice() {
            [one, ..] if printed.len() == 1 && !*open => one.clone(),
            [first, ..] if values.len() <= MAX_KEYS && !*open => {
                let last = default.unwrap_or_else(|| values.last().unwrap_or(first));
                entries.iter().zip(&values).rev().fold(last.clone(), |rest, (entry, value)| {
                    if value.print() == rest.print() {
                        return rest;
                    }
                    Value::choice(self.question(&parameter, &entry.key).into(), value.clone(), rest, place)
                })
            }
            _ => Value::unknown(id, place),
        }
    }

    fn base64(&self, value: &Value, place: Span) -> Value {
        self.spread(std::slice::from_ref(value), place, &|values| {
            let Node::Text(text) = &values[0].node else { return self.because(&values[0], "Fn::Base64", place) };
            if text.len() <= MAX_PLACED || text.holes().next().is_some() {
                if self.spend(text::base64_room(text.len())).is_none() {
                    return Value::unknown(Unknowns::BUDGET, place);
                }
                return Value::text(text::to_base64(text, place), place).carried(values[0].via.as_ref());
            }
            if self.spend(text.len()).is_none() {
                return Value::unknown(Unknowns::BUDGET, place);
            }
            let encoded = data_encoding::BASE64.encode(text.bytes());
            Value::text(Text::within(encoded.as_bytes(), place), place).carried(values[0].via.as_ref())
        })
    }

    fn length(&self, value: &Value, place: Span) -> Value {
        self.spread(std::slice::from_ref(value), place, &|values| match &values[0].node {
            Node::List { items, open: false } => self.spread(items, place, &|items| {
                let count = items.iter().filter(|item| !matches!(item.node, Node::Null)).count();
                Value::number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)), place)
            }),
            _ => self.because(&values[0], "Fn::Length", place),
        })
    }

    /// `[block, count, bits]`: the first `count` blocks in a block whose hosts have so many bits.
    fn cidr(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [block, count, rest @ ..] = argument.items() else { return None };
        let bits = rest.first().map_or_else(|| Value::number(8.0, place), |bits| self.value(bits));
        Some(self.spread(&[self.value(block), self.value(count), bits], place, &|values| {
            let blocks = values[0].as_text().zip(values[1].as_number().zip(values[2].as_number()));
            match blocks.and_then(|(block, (count, bits))| super::cidr::blocks(&block, count, bits)) {
                Some(blocks) => {
                    let text = |block: String| Value::text(Text::within(block.as_bytes(), place), place).carried(values[0].via.as_ref());
                    Value::list(blocks.into_iter().map(text).collect(), false, place)
                }
                None => values.iter().find(|value| matches!(value.node, Node::Unknown(_))).map_or_else(
                    || self.unknown(Reason::Function("Fn::Cidr".into()), place),
                    |value| self.because(value, "Fn::Cidr", place),
                ),
            }
        }))
    }
}

/// Whether a node is a macro among other entries of a map.
pub(super) fn has_macro(node: &document::Node) -> bool {
    node.entries().iter().any(|(key, _)| *key_of(key) == *"Fn::Transform")
}

/// Whether a macro stands somewhere in a node.
pub(super) fn holds_macro(node: &document::Node) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.tag.as_deref() == Some("!Transform") || has_macro(node) {
            return true;
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|(_, value)| value));
    }
    false
}
