//! Secrets in bytes: from a keyword (candidate) over a pattern and its checks ([`SecretMatch`]) to a
//! finding, in two phases. Scanning knows bytes alone and is done once for each content; judging knows path and focus.

mod comment;
pub mod context;
pub mod decode;
pub mod detect;
pub mod edge;
pub mod entropy;
pub mod generate;
mod judge;
pub mod key_name;
mod layers;
pub mod likeness;
mod made;
pub mod named_value;
mod noise;
mod pair;
mod partners;
mod pattern;
pub mod placeholder;
pub mod prefilter;
mod printed;
pub mod proof;
mod scan;
pub mod script;
pub mod setting;
pub mod shape;
mod slot;
pub mod validate;
mod words;

pub use detect::{ContentMatches, Detector, Scratch, SecretMatch};
pub use judge::{Sighting, masked};
pub use noise::is_invented;
pub use slot::DetectorError;
