//! What a person has said about a finding: it is known, and why it may stand. Not a baseline yet.

pub mod filter;
pub mod pragma;
