//! Intrinsic functions, in their long form and as tags.

use super::template::Template;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::distribute;
use crate::iac::{Node, Reason, Unknowns, Value, text};
use crate::syntax::document::{self, NodeKind};

/// The function that a node calls, and its argument: for a tag, the node itself.
pub(super) fn call(node: &document::Node) -> Option<(&str, &document::Node)> {
    if let Some(tag) = node.tag.as_deref() {
        return long(tag).map(|function| (function, node));
    }
    match node.entries() {
        [(key, argument)] => match &key.kind {
            NodeKind::Text(text) => {
                let key = std::str::from_utf8(text.bytes()).ok()?;
                (key == "Ref" || key == "Condition" && argument.as_str().is_some() || key.starts_with("Fn::")).then_some((key, argument))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The long name of a tag.
fn long(tag: &str) -> Option<&'static str> {
    const TAGS: [(&str, &str); 21] = [
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
        ("!ForEach", "Fn::ForEach"),
    ];
    TAGS.iter().find(|(short, _)| *short == tag).map(|(_, long)| *long)
}

impl Template<'_> {
    /// The value of a node that calls a function; None for every other node.
    pub fn intrinsic(&self, node: &document::Node) -> Option<Value> {
        let (function, argument) = call(node)?;
        let place = node.span;
        let unknown = || self.unknown(Reason::Function(function.into()), place);
        let value = match function {
            // As an entry of a map, `Condition` is a name of IAM's.
            "Condition" if node.tag.is_none() => return None,
            "Ref" => argument.as_str().map(|name| self.refer(&name, place)),
            "Fn::Sub" => self.sub(argument, place),
            "Fn::If" => self.either(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::GetAtt" => self.attribute(argument, place),
            "Fn::Select" => self.select(argument),
            "Fn::Split" => self.split(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument),
            "Fn::Base64" => self.base64(node, argument, place),
            _ => None,
        };
        Some(value.unwrap_or_else(unknown))
    }

    /// The argument of a function that may itself call one; of a tag, what is tagged.
    fn inner(&self, argument: &document::Node) -> Value {
        match &argument.kind {
            NodeKind::Text(text) if argument.tag.is_some() => Value::text(text.clone(), argument.span),
            _ => self.value(argument),
        }
    }

    fn refer(&self, name: &str, place: Span) -> Value {
        if name == "AWS::NoValue" {
            return Value::null(place);
        }
        if let Some(parameter) = self.section("Parameters", name) {
            let Some(default) = parameter.get("Default") else { return self.unknown(Reason::Unset(name.into()), place) };
            let list = parameter.get("Type").and_then(document::Node::as_str).is_some_and(|kind| kind.contains("List"));
            let length = (default.span.end - default.span.start) as usize;
            if self.spend(length).is_none() {
                return Value::unknown(Unknowns::BUDGET, place);
            }
            let value = Value::from_node(default);
            // The default of a list: `a, b`.
            let items = if list { text::split(&value, b",", true, value.place, &|bytes| self.spend(bytes).is_some()) } else { None };
            let value = items.unwrap_or(value);
            return value.through(place, &format!("used here as {name}"));
        }
        if self.section("Resources", name).is_some() {
            return self.unknown(Reason::Reference { address: name.into(), attribute: "Ref".into() }, place);
        }
        self.unknown(Reason::Unset(name.into()), place)
    }

    fn either(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [condition, then, otherwise] = argument.items() else { return None };
        let logic = self.named(&condition.as_str()?);
        Some(Self::choose(&logic, self.value(then), self.value(otherwise), place))
    }

    fn attribute(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let (address, attribute): (Box<str>, Box<str>) = match argument.items() {
            [resource, attribute] => (resource.as_str()?.into(), attribute.as_str()?.into()),
            _ => argument.as_str()?.split_once('.').map(|(address, attribute)| (address.into(), attribute.into()))?,
        };
        Some(self.unknown(Reason::Reference { address, attribute }, place))
    }

    fn sub(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let (template, names) = match argument.items() {
            [template, names] => (template, Some(names)),
            [template] => (template, None),
            _ => (argument, None),
        };
        let NodeKind::Text(text) = &template.kind else { return None };
        let (bytes, mut parts, mut at) = (text.bytes(), Vec::new(), 0);
        while let Some(open) = memchr::memmem::find(&bytes[at..], b"${").map(|found| at + found) {
            let Some(close) = memchr::memchr(b'}', &bytes[open..]).map(|found| open + found) else { break };
            let name = String::from_utf8_lossy(&bytes[open + 2..close]).trim().to_owned();
            if name.starts_with('!') {
                // `${!Literal}` is `${Literal}`.
                parts.push(Value::text(text.slice(at..open + 2), template.span));
                at = open + 3;
                continue;
            }
            parts.push(Value::text(text.slice(at..open), template.span));
            let here = text.span(open..close + 1).unwrap_or(template.span);
            let own = match names {
                Some(names) => self.spend(names.entries().len()).and_then(|()| names.get(&name)),
                None => None,
            };
            let own = own.map(|value| self.value(value));
            parts.push(own.unwrap_or_else(|| match name.split_once('.') {
                Some((address, attribute)) => {
                    self.unknown(Reason::Reference { address: address.into(), attribute: attribute.into() }, here)
                }
                None => self.refer(&name, here),
            }));
            at = close + 1;
        }
        parts.push(Value::text(text.slice(at..bytes.len()), template.span));
        Some(distribute(&parts, place, &|parts| self.joined(parts, None, place)))
    }

    fn join(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [separator, list] = argument.items() else { return None };
        let NodeKind::Text(text) = &separator.kind else { return None };
        let separator = &Value::text(text.clone(), separator.span);
        let list = self.value(list);
        Some(distribute(&[list], place, &|values| match &values[0].node {
            Node::List { items, open: false } => distribute(items, place, &|items| self.joined(items, Some(separator), place)),
            _ => self.unknown(Reason::Function("Fn::Join".into()), place),
        }))
    }

    /// Texts one after the other; what is no text is a hole, what has no value is not there.
    fn joined(&self, parts: &[Value], separator: Option<&Value>, place: Span) -> Value {
        if self.spend(parts.len()).is_none() {
            return Value::unknown(Unknowns::BUDGET, place);
        }
        let mut between = Vec::with_capacity(parts.len() * 2);
        for part in parts.iter().filter(|part| !matches!(part.node, Node::Null)) {
            between.extend(separator.filter(|_| !between.is_empty()).cloned());
            between.push(part.clone());
        }
        let hole = |_: &Value| self.unknowns.intern(Reason::Function("Fn::Join".into()));
        text::join(&between, place, usize::MAX, &|bytes| self.spend(bytes).is_some(), &hole)
    }

    fn select(&self, argument: &document::Node) -> Option<Value> {
        let [index, list] = argument.items() else { return None };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index that does not fit is not there")]
        let at = self.value(index).as_number().filter(|n| *n >= 0.0)? as usize;
        let list = self.value(list);
        match &list.node {
            Node::List { items, .. } => items.get(at).map(|item| item.clone().carried(list.via.as_ref())),
            _ => None,
        }
    }

    fn split(&self, argument: &document::Node, place: Span) -> Option<Value> {
        let [separator, whole] = argument.items() else { return None };
        text::split(&self.value(whole), separator.as_str()?.as_bytes(), false, place, &|bytes| self.spend(bytes).is_some())
    }

    fn find_in_map(&self, argument: &document::Node) -> Option<Value> {
        let [map, first, second, ..] = argument.items() else { return None };
        let map = self.section("Mappings", &self.value(map).as_text()?)?;
        let (first, second) = (self.value(first), self.value(second));
        self.spend(map.entries().len())?;
        let inner = map.get(&first.as_text()?)?;
        self.spend(inner.entries().len())?;
        let value = Value::from_node(inner.get(&second.as_text()?)?);
        self.spend(value.weight() as usize)?;
        Some(value)
    }

    fn base64(&self, node: &document::Node, argument: &document::Node, place: Span) -> Option<Value> {
        let value = if node.tag.is_some() { self.inner(argument) } else { self.value(argument) };
        let Node::Text(text) = &value.node else { return None };
        if text.holes().next().is_some() {
            return None;
        }
        self.spend(text.len())?;
        let encoded = data_encoding::BASE64.encode(text.bytes());
        Some(Value::text(Text::within(encoded.as_bytes(), place), place))
    }
}
