//! shim
use crate::rule::def::Item;
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct RuleError {
    pub help: Option<String>,
}
pub fn rules(_n: &str, _b: &[u8], _g: &str) -> Result<Vec<Item>, Vec<RuleError>> {
    Err(vec![])
}
