//! The ground floor: small types that know nothing of git, of rules or of files on a disk.

pub mod entropy;
pub mod escape;
pub mod excerpt;
pub mod ids;
pub mod secret;
pub mod span;
pub mod text_map;
pub mod truth;
pub mod when;
