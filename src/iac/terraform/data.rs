//! Data sources: what is known of them without asking anybody.

use super::Terraform;
use super::expr::Scope;
use crate::base::span::Span;
use crate::iac::{Reason, Value};

impl Terraform<'_> {
    /// The value of `data.kind.name`: an object, or an unknown that names it.
    pub(super) fn data(&self, kind: &str, name: &str, place: Span, scope: &Scope) -> Value {
        let address = format!("{}data.{kind}.{name}", scope.instance.prefix);
        self.unknown(Reason::Reference { address: address.into(), attribute: "".into() }, place)
    }
}
