//! Whether a policy is public: at first as AWS says it (L1), and whether a Deny beside it undoes that (L2).

use super::pattern::Pattern;
use super::policy::Element;
use super::{Held, condition, items, principal};
use crate::base::truth::Truth;
use crate::iac::{Node, Value};

/// The elements of a statement, without choices, in the normal form; None where one is absent.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    elements: [Option<Value>; Element::ALL.len()],
}

impl Statement {
    /// Takes each element as it is given.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn read<E>(mut element: impl FnMut(Element) -> Result<Option<Value>, E>) -> Result<Statement, E> {
        let mut statement = Statement::default();
        for (place, which) in statement.elements.iter_mut().zip(Element::ALL) {
            *place = element(which)?;
        }
        Ok(statement)
    }

    #[must_use]
    pub fn get(&self, element: Element) -> Option<&Value> {
        self.elements[element as usize].as_ref()
    }

    /// Whether its effect is this, exactly as it is written.
    #[must_use]
    pub fn has_effect(&self, effect: &str) -> Truth {
        match self.get(Element::Effect).map(|value| &value.node) {
            Some(Node::Unknown(id)) => Truth::Unknown(crate::base::truth::Why::Value(*id)),
            Some(Node::Text(text)) => (text.bytes() == effect.as_bytes()).into(),
            _ => Truth::False,
        }
    }
}

/// Whether a statement lets everyone in, and no condition says who: with the principal that does.
#[must_use]
pub fn lets_everyone_in(statement: &Statement) -> Held<'_> {
    let everyone = principal::everyone(statement.get(Element::Principal), statement.get(Element::NotPrincipal));
    let truth = statement.has_effect("Allow").and(everyone.truth).and(!condition::limits(statement.get(Element::Condition)));
    Held { by: everyone.by.filter(|_| truth.is_true()), truth }
}

/// Whether a Deny of the same policy takes back all that a statement allows to everyone: it speaks of everyone, of the
/// same actions and resources, and its condition, if it has one, spares only those whom it names.
#[must_use]
pub fn is_undone_by(allow: &Statement, deny: &Statement) -> Truth {
    let all = principal::everyone(deny.get(Element::Principal), None).truth;
    let covered = |element, fold| covered(allow.get(element), deny.get(element), fold);
    let truth = deny.has_effect("Deny").and(all);
    if truth == Truth::False || allow.get(Element::NotAction).is_some() || allow.get(Element::NotResource).is_some() {
        return Truth::False;
    }
    truth
        .and(covered(Element::Action, true).into())
        .and(covered(Element::Resource, false).into())
        .and(condition::turns_others_away(deny.get(Element::Condition)))
}

/// Whether each of one list is covered by something of the other, or is the same text.
fn covered(list: Option<&Value>, by: Option<&Value>, fold: bool) -> bool {
    let (Some(list), Some(by)) = (list, by) else { return list.is_none() };
    let pattern = |bytes: &[u8]| if fold { Pattern::folded(bytes) } else { Pattern::of(bytes) };
    let ((all, open), (by, _)) = (items(list), items(by));
    let by: Vec<_> =
        by.iter().filter_map(|by| if let Node::Text(text) = &by.node { Some((text, pattern(text.bytes()))) } else { None }).collect();
    open == Truth::False
        && all.iter().all(|item| match &item.node {
            Node::Text(text) => {
                let own = pattern(text.bytes());
                let same = |other: &crate::base::text_map::Text| other.bytes() == text.bytes() && other.holes().eq(text.holes());
                by.iter().any(|(text, pattern)| same(text) || pattern.covers(&own) == Some(true))
            }
            _ => false,
        })
}
