//! Principals: who a statement speaks of.

use super::{Held, items};
use crate::base::truth::{Truth, Why};
use crate::iac::{Lookup, Node, Value};

/// Whether an id of some type stands for everyone. A wildcard within an ARN is not valid and stands for nobody.
#[must_use]
pub fn is_everyone(kind: &str, id: &str) -> bool {
    id == "*" && matches!(kind, "*" | "AWS" | "Service" | "Federated" | "CanonicalUser")
}

/// Whether a statement speaks of everyone; all but some are everyone too.
#[must_use]
pub fn everyone<'v>(principal: Option<&'v Value>, not_principal: Option<&'v Value>) -> Held<'v> {
    let named = one_of(principal, &is_everyone);
    match not_principal {
        Some(all_but) if !named.truth.is_true() => {
            let (names, open) = items(all_but);
            let nobody = names.iter().fold(open, |nobody, name| nobody.or(is(name, &is_everyone)));
            let free = !nobody;
            Held { by: free.is_true().then_some(all_but), truth: named.truth.or(free) }
        }
        _ => named,
    }
}

/// Whether one of the principals, `{type, id}` in the normal form, is such a one; the id is kept.
pub fn one_of<'v>(principal: Option<&'v Value>, is_such: &dyn Fn(&str, &str) -> bool) -> Held<'v> {
    let mut held = Held::some(principal, |item| is(item, is_such));
    if let Some(Lookup::Found(id)) = held.by.map(|by| by.lookup("id")) {
        held.by = Some(id);
    }
    held
}

fn is(item: &Value, is_such: &dyn Fn(&str, &str) -> bool) -> Truth {
    let (Lookup::Found(kind), Lookup::Found(id)) = (item.lookup("type"), item.lookup("id")) else { return Truth::False };
    match (kind.as_text(), &id.node) {
        (_, Node::Unknown(id)) => Truth::Unknown(Why::Value(*id)),
        (Some(kind), _) => id.as_text().is_some_and(|id| is_such(&kind, &id)).into(),
        (None, _) => Truth::False,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_star_alone_is_everyone() {
        for (kind, id, everyone) in [
            ("*", "*", true),
            ("AWS", "*", true),
            ("Service", "*", true),
            ("AWS", "arn:aws:iam::*:root", false),
            ("AWS", "123456789012", false),
            ("Service", "*.amazonaws.com", false),
        ] {
            assert_eq!(is_everyone(kind, id), everyone, "{kind} {id}");
        }
    }
}
