//! Infrastructure as code, evaluated: Terraform modules and CloudFormation templates become resources with values that
//! know where they came from. Nothing is judged here.

pub mod cloudformation;
pub mod condition;
pub mod document;
pub mod evaluated;
pub mod files;
pub mod gate;
#[cfg(test)]
mod memory;
mod plan;
mod policy_file;
pub mod resource;
pub mod room;
mod serverless;
mod state;
mod synthetic;
pub mod terraform;
pub mod text;
pub mod unknown;
pub mod value;

pub use condition::Conditions;
pub use evaluated::{Evaluated, Unresolved};
pub use files::Files;
#[cfg(test)]
pub use memory::Memory;
pub use resource::{MAX_INSTANCES, Resource, is_resource};
pub use unknown::{Reason, Unknowns};
pub use value::{Lookup, Node, Value};
