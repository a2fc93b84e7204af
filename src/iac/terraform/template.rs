//! Templates: texts put together, each part with its own place; what is not known leaves a hole.

use super::Terraform;
use super::expr::Scope;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::value::in_order;
use crate::iac::{Node, Reason, Value, text};
use crate::syntax::hcl::Part;

/// The longest text that is made, in bytes.
const MAX_TEXT: usize = 1 << 20;

impl Terraform<'_> {
    pub(super) fn template(&self, parts: &[Part], place: Span, scope: &Scope) -> Value {
        match parts {
            [] => Value::text(Text::new(), place),
            [Part::Literal(text)] => Value::text(text.clone(), place),
            // A string that is one interpolation has its value, whatever that is.
            [Part::Interpolation(inner)] => self.eval(inner, scope),
            parts => {
                let values: Vec<Value> = parts.iter().map(|part| self.part(part, place, scope)).collect();
                self.distribute(&values, place, &|values| self.joined(values, place))
            }
        }
    }

    fn part(&self, part: &Part, place: Span, scope: &Scope) -> Value {
        match part {
            Part::Literal(text) => Value::text(text.clone(), place),
            Part::Interpolation(inner) => self.eval(inner, scope),
            Part::If { condition, then, otherwise } => {
                let side = |parts: &[Part]| self.enter(|| self.template(parts, place, scope)).unwrap_or_else(|| Self::budget(place));
                let condition_value = self.eval(condition, scope);
                match (condition_value.as_bool(), &condition_value.node) {
                    (Some(true), _) => side(then),
                    (Some(false), _) => side(otherwise),
                    (None, Node::Unknown(id)) => Value::choice(self.condition(*id, condition.span), side(then), side(otherwise), place),
                    (None, _) => self.unknown(Reason::Expression(self.written(condition.span).into()), place),
                }
            }
            Part::For { key, value, collection, body } => {
                let collection = self.eval(collection, scope);
                let pairs: Vec<(Value, Value)> = match &collection.node {
                    #[expect(clippy::cast_precision_loss, reason = "an index of a list")]
                    Node::List { items, open: false } => {
                        items.iter().enumerate().map(|(n, item)| (Value::number(n as f64, item.place), item.clone())).collect()
                    }
                    Node::Map { entries, open: false } => in_order(entries)
                        .into_iter()
                        .map(|e| (Value::text(Text::within(e.key.as_bytes(), e.key_place), e.key_place), e.value.clone()))
                        .collect(),
                    _ => return self.unknown(Reason::Expression("for".into()), place),
                };
                let values = pairs.into_iter().filter(|_| self.step()).map(|(at, item)| {
                    let mut names = vec![(value.clone(), item)];
                    names.extend(key.clone().map(|key| (key, at)));
                    let inner = scope.bind(names);
                    self.enter(|| self.template(body, place, &inner)).unwrap_or_else(|| Self::budget(place))
                });
                let values: Vec<Value> = values.collect();
                self.distribute(&values, place, &|values| self.joined(values, place))
            }
        }
    }

    /// Texts one after the other. What is no text is a hole.
    pub(super) fn joined(&self, values: &[Value], place: Span) -> Value {
        let hole = |value: &Value| self.unknowns.intern(Reason::Expression(self.written(value.place).into()));
        text::join(values, place, MAX_TEXT, &|bytes| self.may_make(bytes), &hole)
    }
}
