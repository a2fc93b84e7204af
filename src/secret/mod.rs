//! Secrets in bytes.

pub mod prefilter;
