//! Templates: texts put together, each part with its own place; what is not known leaves a hole.

use super::Terraform;
use super::elements::Elements;
use super::expr::Scope;
use crate::base::span::Span;
use crate::base::text_map::Text;
use crate::iac::{Reason, Value, text};
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
                let condition = self.decided(condition, scope);
                self.branch(&condition, place, &mut |holds| {
                    let parts = if holds { then } else { otherwise };
                    self.enter(|| self.template(parts, place, scope)).unwrap_or_else(|| Self::budget(place))
                })
            }
            Part::For { key, value, collection, body } => {
                let collection = self.eval(collection, scope);
                let rounds = |collection: &Value| {
                    let Some(Elements { all, open }) = self.elements(collection) else {
                        return self.unknown(Reason::Expression(self.written(collection.place).into()), place);
                    };
                    let looked_at = all.into_iter().filter(|_| self.step());
                    let mut values: Vec<Value> = looked_at
                        .map(|(at, item)| {
                            let mut names = vec![(value.clone(), item)];
                            names.extend(key.clone().map(|key| (key, at)));
                            let inner = scope.bind(names);
                            self.enter(|| self.template(body, place, &inner)).unwrap_or_else(|| Self::budget(place))
                        })
                        .collect();
                    if open {
                        values.push(self.unknown(self.rest_of(collection), place));
                    }
                    self.distribute(&values, place, &|values| self.joined(values, place))
                };
                self.distribute(&[collection], place, &|values| rounds(&values[0]))
            }
        }
    }

    /// Texts one after the other. What is no text is a hole.
    pub(super) fn joined(&self, values: &[Value], place: Span) -> Value {
        let hole = |value: &Value| self.unknowns.intern(Reason::Expression(self.written(value.place).into()));
        text::join(values, place, MAX_TEXT, &|bytes| self.may_make(bytes), &hole)
    }
}
