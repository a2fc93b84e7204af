//! Rules as data: what a rule is, where the built-in ones come from, and their pages.
//!
//! Nothing here matches or evaluates: compiled forms live in `secret`, `files` and `policy`.

pub mod blob;
pub mod def;
pub mod doc;
pub mod families;
pub mod names;
pub mod outline;
pub mod raw;
pub mod remote;
pub mod repair;
pub mod scaffold;
pub mod schema;
pub mod table;

pub use blob::RuleSet;
pub use def::{Body, Rule, RuleMeta};
pub use remote::RemoteModules;
