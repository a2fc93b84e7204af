//! What a person has said about a finding: it is known, and why it may stand.

pub mod allow;
pub mod baseline;
pub mod comments;
pub mod honor;
pub mod ignores;
mod json;
pub mod pragma;
pub mod told;
