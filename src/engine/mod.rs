//! Wires the rooms: a source's inputs through the rules into a sealed report. Prints nothing, knows no command line.

mod callers;
pub mod check;
mod gather;
mod inside;
mod policies;
mod repository;
mod resources;
pub mod scan;
pub mod selftest;
pub mod show;
mod suppressions;
mod together;
mod trust;
mod windows;

pub use scan::{Engine, RuleFault};
